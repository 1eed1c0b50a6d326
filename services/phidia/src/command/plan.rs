//! `phidia plan`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Subcommand)]
pub(crate) enum Plan {
    /// Bring a plan in: what is new is added, what is otherwise is amended, what the file leaves out stays. All of it, or nothing.
    Import {
        /// CSV in UTF-8 with the columns code, area_vi, area_en, task_vi, task_en, owner, due.
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
    },
    /// The tasks in the order of the plan, and how many are in which state.
    List(ListTasks),
    /// Say how far a task has come.
    Set(SetTask),
    /// All that has happened to a task, oldest first.
    History {
        /// Its code.
        #[arg(value_name = "CODE")]
        task: String,
        /// The page behind an answer (its next page token).
        #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
        page: String,
    },
}

#[derive(Args)]
pub(crate) struct ListTasks {
    /// Only this area, by its Vietnamese name.
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) area: String,
    /// Only those in this state.
    #[arg(long)]
    pub(crate) state: Option<TaskStateName>,
    /// Only what is not done, and whose last day is over.
    #[arg(long)]
    pub(crate) overdue: bool,
    /// The local day by which that is judged; today by default.
    #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
    pub(crate) day: String,
    /// Print CSV for everybody to use.
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
}

#[derive(Args)]
pub(crate) struct SetTask {
    /// Its code.
    #[arg(value_name = "CODE")]
    pub(crate) task: String,
    /// How far it has come.
    #[arg(long)]
    pub(crate) state: TaskStateName,
    /// What there is to say of it; needed where it is given up, or goes back.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) note: String,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum TaskStateName {
    NotBegun,
    UnderWay,
    Done,
    GivenUp,
}
