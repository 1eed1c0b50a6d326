//! `phidia officer`.

use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub(crate) enum Officer {
    /// Officers by staff code: of a unit, or who master a field.
    List {
        /// Official code of their unit.
        #[arg(long = "unit", value_name = "CODE", default_value = "", hide_default_value = true)]
        unit: String,
        /// Field that they master, its Vietnamese name.
        #[arg(long, default_value = "", hide_default_value = true)]
        field: String,
        /// At this level or better.
        #[arg(long, default_value_t = 0, hide_default_value = true, requires = "field")]
        level: u32,
    },
    /// Have an officer absent on some days.
    Absent(OfficerAbsence),
    /// Have an officer present on some days after all.
    Present(OfficerDays),
    /// Have an officer there for a part of a day only.
    Hours(OfficerHours),
    /// What officers work beyond the legal hours, and what compensatory leave they take and are owed (Decree 118/2025, Art. 11).
    Overtime(OfficerOvertime),
    /// What was changed of an officer, the newest first.
    History {
        /// Staff code.
        code: String,
    },
}

#[derive(Args)]
pub(crate) struct OfficerDays {
    /// Staff code.
    pub(crate) code: String,
    /// The first day, `2026-12-01`.
    #[arg(value_name = "FROM")]
    pub(crate) from: String,
    /// The last day; by default the first alone.
    #[arg(value_name = "TO", default_value = "", hide_default_value = true)]
    pub(crate) to: String,
    /// Why, for the record; no diagnosis.
    #[arg(long)]
    pub(crate) reason: String,
}

#[derive(Args)]
pub(crate) struct OfficerAbsence {
    #[command(flatten)]
    pub(crate) on: OfficerDays,
    /// It is compensatory leave; without it, what was noted as leave is none any more.
    #[arg(long)]
    pub(crate) compensatory: bool,
}

#[derive(Args)]
pub(crate) struct OfficerHours {
    /// Staff code.
    pub(crate) code: String,
    /// The day, `2026-12-01`; also one that is over, to put right what was worked on it.
    #[arg(value_name = "DAY")]
    pub(crate) day: String,
    /// When they are there, `07:30-11:30`; repeatable, in order. While their unit is closed nobody is.
    #[arg(value_name = "FROM-UNTIL", required_unless_present = "as_planned")]
    pub(crate) hours: Vec<String>,
    /// They are there whenever their unit is open again.
    #[arg(long, conflicts_with = "hours")]
    pub(crate) as_planned: bool,
    /// The rest of the day is compensatory leave.
    #[arg(long, conflicts_with = "as_planned")]
    pub(crate) compensatory: bool,
    /// Why, for the record; no diagnosis.
    #[arg(long)]
    pub(crate) reason: String,
}

#[derive(Args)]
pub(crate) struct OfficerOvertime {
    /// Official code of their unit.
    #[arg(long = "unit", value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) unit: String,
    /// Only the officer with this staff code, day by day.
    #[arg(long = "staff", value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) staff: String,
    /// Days, the first and the last included: 2026, 2026-H1, 2026-Q4, 2026-11, 2026-11-23 or 2026-10-01..2026-12-31; by default
    /// the quarter of today.
    #[arg(
        long,
        visible_aliases = ["quarter", "month", "year"],
        value_name = "PERIOD",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) period: String,
    /// Go on after the page that ended with this token.
    #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
    pub(crate) after: String,
}
