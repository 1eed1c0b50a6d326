//! `phidia report`.

use clap::{Args, Subcommand, ValueEnum};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Report {
    #[command(flatten)]
    pub(crate) figures: ReportFigures,
    #[command(subcommand)]
    pub(crate) verb: Option<ReportVerb>,
}

#[derive(Subcommand)]
pub(crate) enum ReportVerb {
    /// The cases behind a figure, oldest first: the selection that names a line of a report, and the figure, name its cell.
    Cases(ReportCases),
    /// Point by point: by days, weeks or months.
    Trend(ReportTrend),
    /// Boundary-free work: who received it, and who works on it.
    Matrix(ReportMatrix),
    /// The index of Decision 766/QĐ-TTg as far as it can be measured, and the places of the commune centres.
    Index(ReportIndex),
    /// How far the conversion to full online services has come, by the catalogue: each share with its base.
    Online(ReportOnline),
    /// How many internal processes were made simpler, by the catalogue: steps and time before and after.
    Simplified(ReportSimplified),
}

/// Which cases a report is about.
#[derive(Args)]
pub(crate) struct ReportOf {
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
    /// Only what the unit with this official code received.
    #[arg(long = "at", value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) received_at: String,
    /// Only what the unit with this official code works on; `-`: what no unit has yet.
    #[arg(
        long = "worked-at",
        value_name = "CODE",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    pub(crate) worked_at: String,
    /// Only this field, by its Vietnamese name.
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) field: String,
    /// Only the procedure with this code.
    #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) procedure: String,
    /// Only what the officer with this staff code works on; `-`: what nobody has taken up.
    #[arg(
        long = "staff",
        value_name = "CODE",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    pub(crate) staff: String,
}

#[derive(Args)]
pub(crate) struct ReportFigures {
    #[command(flatten)]
    pub(crate) of: ReportOf,
    /// By what it is divided.
    #[arg(long)]
    pub(crate) by: Option<DimensionName>,
    /// Print CSV for everybody to use.
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
}

#[derive(Args)]
pub(crate) struct ReportCases {
    /// The figure.
    #[arg(default_value = "all")]
    pub(crate) figure: FigureName,
    #[command(flatten)]
    pub(crate) of: ReportOf,
    /// At most so many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i32).range(1..=500))]
    pub(crate) limit: i32,
    /// Go on after the page that ended with this token.
    #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
    pub(crate) after: String,
}

#[derive(Args)]
pub(crate) struct ReportTrend {
    #[command(flatten)]
    pub(crate) of: ReportOf,
    /// How long a point is; without a period the last 30 days, 13 weeks or 12 months are shown.
    #[arg(long, default_value = "day")]
    pub(crate) by: IntervalName,
}

#[derive(Args)]
pub(crate) struct ReportMatrix {
    #[command(flatten)]
    pub(crate) of: ReportOf,
    /// Print the cells as CSV for everybody to use.
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
}

#[derive(Args)]
pub(crate) struct ReportIndex {
    #[command(flatten)]
    pub(crate) of: ReportOf,
    /// Whose cases they are: of the unit that received them, or that works on them.
    #[arg(long, default_value = "worked")]
    pub(crate) by: SideName,
}

#[derive(Args)]
pub(crate) struct ReportOnline {
    /// The day whose procedures in force are counted; today by default.
    #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
    pub(crate) day: String,
    /// Also what has become a full online service since this version of the province's reference facts.
    #[arg(long = "since-version", value_name = "VERSION", value_parser = clap::value_parser!(i64).range(1..))]
    pub(crate) since_version: Option<i64>,
}

#[derive(Args)]
pub(crate) struct ReportSimplified {
    /// The day whose processes are counted; today by default.
    #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
    pub(crate) day: String,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DimensionName {
    /// The unit that received the application.
    Received,
    /// The unit that works on it.
    Worked,
    Field,
    Procedure,
    /// Not for everybody: neither in CSV nor in JSON.
    Officer,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum IntervalName {
    Day,
    /// From Monday on.
    Week,
    Month,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum SideName {
    Received,
    Worked,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum FigureName {
    All,
    Received,
    CarriedOver,
    Finished,
    FinishedEarly,
    FinishedOnTime,
    FinishedLate,
    FinishedUndated,
    Granted,
    Refused,
    Withdrawn,
    Lapsed,
    Running,
    RunningInTerm,
    RunningOverdue,
    RunningUndated,
    Waiting,
    Supplemented,
    /// What criterion 2.1 of Decision 766/QĐ-TTg looks at.
    Judged,
    /// What is on time by its rule.
    JudgedOnTime,
    ReceivedDirect,
    ReceivedOnline,
    ReceivedByPost,
    /// Received, and nobody has told how.
    ReceivedUnstated,
    /// Received with all papers as digital files.
    ReceivedDigitised,
    /// Received with some on paper only.
    ReceivedUndigitised,
    /// Received, and nobody has told whether they were digitised.
    ReceivedDigitisedUnstated,
    /// Granted or refused, and issued as a file.
    IssuedElectronically,
    /// Ended, and rated by whoever has the receipt.
    Rated,
    Satisfied,
    Dissatisfied,
    /// Ended, and all that was paid was paid online.
    PaidOnline,
    /// Ended, and some was paid otherwise.
    PaidOtherwise,
}
