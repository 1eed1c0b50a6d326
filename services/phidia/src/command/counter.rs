//! `phidia counter`.

use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub(crate) enum Counter {
    /// Sit down at a counter; as a supervisor, say who does.
    Open {
        /// Its number.
        counter: u32,
        /// Reception point; the main one by default.
        #[arg(long, default_value = "", hide_default_value = true)]
        point: String,
        /// Staff code of who sits down; as an officer: you.
        #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
        staff: String,
    },
    /// Close a counter: who is served there is done, who was called there has their place again.
    Close {
        /// Its number.
        counter: u32,
        /// Reception point; the main one by default.
        #[arg(long, default_value = "", hide_default_value = true)]
        point: String,
    },
    /// Set a counter up, amend it, or take it away.
    Set(SetCounter),
    /// Set a kind of business up, amend it, or take it away.
    Kind(SetKind),
    /// The hall as it is now: kinds of business with who waits, and counters.
    List {
        /// Official code of the centre; your unit by default.
        #[arg(long = "at", value_name = "CODE", default_value = "", hide_default_value = true)]
        unit: String,
        /// Reception point; the main one by default.
        #[arg(long, default_value = "", hide_default_value = true)]
        point: String,
    },
}

#[derive(Args)]
pub(crate) struct SetCounter {
    /// Its number, 1 to 99.
    pub(crate) counter: u32,
    /// Official code of the centre; your unit by default.
    #[arg(long = "at", value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) unit: String,
    /// Reception point; the main one by default.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) point: String,
    /// Its name in Vietnamese.
    #[arg(long = "called", value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) name: String,
    /// Its name in English.
    #[arg(long = "called-en", value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) name_en: String,
    /// Letter of a kind of business that it serves; repeatable; none: all.
    #[arg(long = "kind", value_name = "LETTER")]
    pub(crate) kinds: Vec<String>,
    /// Take it away.
    #[arg(long, conflicts_with_all = ["name", "name_en", "kinds"])]
    pub(crate) remove: bool,
}

#[derive(Args)]
pub(crate) struct SetKind {
    /// Its letter, A to Z.
    #[arg(value_name = "LETTER")]
    pub(crate) kind: String,
    /// Official code of the centre; your unit by default.
    #[arg(long = "at", value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) unit: String,
    /// Reception point; the main one by default.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) point: String,
    /// Its name in Vietnamese.
    #[arg(
        long = "called",
        value_name = "NAME",
        default_value = "",
        hide_default_value = true,
        required_unless_present = "remove"
    )]
    pub(crate) name: String,
    /// Its name in English.
    #[arg(
        long = "called-en",
        value_name = "NAME",
        default_value = "",
        hide_default_value = true,
        required_unless_present = "remove"
    )]
    pub(crate) name_en: String,
    /// Procedure field, by its Vietnamese name, of which an officer must master one; repeatable; none: whoever sits there does it.
    #[arg(long = "field", value_name = "NAME")]
    pub(crate) fields: Vec<String>,
    /// It is for all fields that no other kind names.
    #[arg(long, conflicts_with = "fields")]
    pub(crate) rest: bool,
    /// Papers are handed in, which are scanned.
    #[arg(long)]
    pub(crate) papers: bool,
    /// How many minutes it usually takes.
    #[arg(long, default_value_t = 10)]
    pub(crate) minutes: u32,
    /// Take it away.
    #[arg(long)]
    pub(crate) remove: bool,
}
