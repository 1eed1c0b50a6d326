//! `phidia referral`.

use clap::{Subcommand, ValueEnum};

#[derive(Subcommand)]
pub(crate) enum Referral {
    /// Ask other units during a step that you hold; it is laid down until they have answered. The clock runs on.
    Ask {
        /// `application/step/attempt`, as the worklist shows it.
        work_item: String,
        /// The fence that the claim gave.
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
        fence: u64,
        /// What they are asked for.
        #[arg(long, value_enum)]
        kind: ReferralKind,
        /// Official code of a unit that is asked; repeatable.
        #[arg(long = "to", value_name = "CODE", required = true)]
        units: Vec<String>,
        /// The question.
        #[arg(long, value_name = "TEXT")]
        question: String,
        /// Working days that an agency is given; a verification has its three.
        #[arg(long, value_name = "DAYS", default_value_t = 0, hide_default_value = true)]
        days: u32,
    },
    /// What your unit is asked, by when the answer is due.
    List {
        /// Official code of the unit; yours by default.
        #[arg(long = "unit", value_name = "CODE", default_value = "", hide_default_value = true)]
        unit: String,
        /// What the unit has asked others, instead.
        #[arg(long)]
        asked: bool,
        /// Also what has ended.
        #[arg(long)]
        all: bool,
    },
    /// Say that your unit has a question.
    Acknowledge {
        /// `ref_…`.
        id: String,
    },
    /// Answer a question to your unit.
    Answer {
        /// `ref_…`.
        id: String,
        /// The answer.
        #[arg(long, value_name = "TEXT")]
        answer: String,
    },
    /// Take back a question of your unit; without another open one the case goes on.
    Recall {
        /// `ref_…`.
        id: String,
    },
}

/// What another office is asked for.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ReferralKind {
    /// To verify something, within three working days.
    Verification,
    /// For its part of the work.
    Agency,
}
