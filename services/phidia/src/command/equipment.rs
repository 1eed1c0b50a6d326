//! `phidia equipment`.

use clap::{Args, Subcommand, ValueEnum};

#[derive(Subcommand)]
pub(crate) enum Equipment {
    /// Put a piece into the register.
    Add {
        /// Under which the centre has it in its books.
        asset_number: String,
        /// What it is.
        #[arg(long)]
        kind: EquipmentKindName,
        /// Official code of the centre; your unit by default.
        #[arg(long = "at", value_name = "CODE", default_value = "", hide_default_value = true)]
        unit: String,
        /// As people call it. Not who uses it.
        #[arg(long = "called", value_name = "NAME", default_value = "", hide_default_value = true)]
        name: String,
        /// Reception point at which it stands; the main one by default.
        #[arg(long, default_value = "", hide_default_value = true)]
        point: String,
    },
    /// Say how a piece is, where it stands or what it is called. What is not named stays as it is.
    Set(SetEquipment),
    /// The register of a centre, or of all.
    List {
        /// Official code of the centre; all that you may see by default.
        #[arg(long = "at", value_name = "CODE", default_value = "", hide_default_value = true)]
        unit: String,
        /// Only of this kind.
        #[arg(long)]
        kind: Option<EquipmentKindName>,
        /// Only in this state; all that have not left the register by default.
        #[arg(long)]
        state: Option<EquipmentStateName>,
        /// The page behind an answer (its next page token).
        #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
        page: String,
    },
    /// All that was changed of a piece, oldest first.
    History {
        /// `eqp_…`.
        equipment: String,
    },
}

#[derive(Args)]
pub(crate) struct SetEquipment {
    /// `eqp_…`.
    pub(crate) equipment: String,
    /// How it is.
    #[arg(long)]
    pub(crate) state: Option<EquipmentStateName>,
    /// Since when it is so, local time or an instant; now by default.
    #[arg(long, value_name = "INSTANT")]
    pub(crate) since: Option<String>,
    /// As people call it.
    #[arg(long = "called", value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Reception point at which it stands.
    #[arg(long)]
    pub(crate) point: Option<String>,
    /// What there is to say of it. No names of persons.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) note: String,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum EquipmentKindName {
    Counter,
    Pc,
    Scanner,
    Printer,
    QueueMachine,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum EquipmentStateName {
    Working,
    Broken,
    AwayForRepair,
    Retired,
}
