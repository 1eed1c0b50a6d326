//! `phidia route`.

use clap::{Subcommand, ValueEnum};

#[derive(Subcommand)]
pub(crate) enum Route {
    /// Why an application's work is where it is.
    Explain {
        /// `app_…`.
        application_id: String,
    },
    /// Where an application would go if it were handed in now; nothing is reserved.
    Preview {
        /// Code of the procedure.
        #[arg(long)]
        procedure: String,
        /// Official code of the unit that would receive it.
        #[arg(long = "at", value_name = "CODE")]
        received_at: String,
        /// A place, as for `application submit`; repeatable.
        #[arg(long = "place", value_name = "KEY=CODE")]
        places: Vec<String>,
        /// Official code of a unit that must not take it, because it has a conflict of interest; repeatable.
        #[arg(long = "not-at", value_name = "CODE")]
        not_at: Vec<String>,
    },
    /// Work that cannot be assigned at present, with its reason.
    Dispatch,
    /// Work items in the order in which they came, the first thousand.
    List {
        /// Only those that stand so.
        #[arg(long, value_enum)]
        state: Option<WorkStateName>,
    },
    /// Assign work items now.
    Assign {
        /// `application/step/attempt`; up to 500 of them.
        #[arg(required = true)]
        work_items: Vec<String>,
    },
    /// Send a work item that nobody has begun to another unit, or one that no unit could take to where it belongs.
    Reassign {
        /// `application/step/attempt`.
        work_item: String,
        /// Official code of the unit; by default whichever the policy finds better than the present one.
        #[arg(long = "to", value_name = "CODE", default_value = "", hide_default_value = true)]
        unit: String,
        /// Why, for the record and for those who lose and gain it.
        #[arg(long)]
        reason: String,
        /// The fence that its worklist shows.
        #[arg(long, default_value_t = 0)]
        fence: u64,
    },
    /// Take a work item that nobody has begun from its unit and route it again.
    Release {
        /// `application/step/attempt`.
        work_item: String,
        /// Why, for the record.
        #[arg(long)]
        reason: String,
    },
    /// The log of decisions, in its order.
    Log {
        /// Only those behind this position.
        #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..))]
        after: i64,
        /// At most so many.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i32).range(1..=500))]
        limit: i32,
    },
    /// Make a recorded decision again and compare.
    Replay {
        /// `asg_…`, as `route explain` and `route log` show it.
        decision: String,
    },
    /// Hold the log of decisions against its chain of hashes.
    Verify,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum WorkStateName {
    /// Waits for its decision.
    Waiting,
    /// No unit can take it at present.
    Unassignable,
    /// Has its unit.
    Assigned,
    /// Done.
    Done,
    /// Was taken back, or moved on.
    Released,
}
