//! `phidia case`.

use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Case {
    /// What is to be done at a unit, most urgent first.
    Worklist {
        /// Official code of the unit; yours by default.
        #[arg(long = "unit", value_name = "CODE", default_value = "", hide_default_value = true)]
        unit: String,
        /// Also what you are not competent for and what others hold.
        #[arg(long)]
        all: bool,
    },
    /// Take a work item up.
    Claim {
        /// `application/step/attempt`, as the worklist shows it.
        work_item: String,
        /// The fence that the worklist shows.
        #[arg(long, default_value_t = 0)]
        fence: u64,
    },
    /// Take up whatever is the next of what you are competent for, or see what you have in hand.
    Next,
    /// Give back what you hold, or, as a supervisor, what an officer of your unit holds: it lies in the worklist again.
    Return {
        /// `application/step/attempt`, as the worklist shows it.
        work_item: String,
        /// The fence that the worklist shows.
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
        fence: u64,
    },
    /// As a supervisor, give work to an officer of your unit, whoever holds it: one work item, or all that another one holds.
    HandOver {
        /// `application/step/attempt`, as the worklist shows it.
        #[arg(required_unless_present = "from", conflicts_with = "from")]
        work_item: Option<String>,
        /// The fence that the worklist shows.
        #[arg(long, default_value_t = 0, conflicts_with = "from")]
        fence: u64,
        /// Staff code of the officer whose work it all is.
        #[arg(long, value_name = "CODE")]
        from: Option<String>,
        /// Staff code of the officer who is to have it.
        #[arg(long, value_name = "CODE")]
        to: String,
    },
    /// End a step that you hold.
    Complete {
        /// `application/step/attempt`, as the worklist shows it.
        work_item: String,
        /// The fence that the claim gave.
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
        fence: u64,
        /// Refuse the application for this reason instead of approving it.
        #[arg(long, value_name = "REASON")]
        refuse: Option<String>,
    },
    /// Ask the citizen to supplement the dossier: once, with all reasons. The clock stands still until they have.
    Supplement {
        /// `application/step/attempt`, as the worklist shows it.
        work_item: String,
        /// The fence that the claim gave.
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
        fence: u64,
        /// What is missing or wrong, for the citizen; repeatable.
        #[arg(long = "ask", value_name = "REASON", required = true)]
        reasons: Vec<String>,
    },
    /// Print who had a dossier when as PDF (form 06 of Circular 03/2025/TT-VPCP).
    ControlSlip {
        /// `case_…` or `app_…`.
        id: String,
        /// The file to write; `-`: to the standard output.
        #[arg(long, value_name = "FILE")]
        out: String,
    },
    /// One case with its work items.
    Show {
        /// `case_…` or `app_…`.
        id: String,
    },
}
