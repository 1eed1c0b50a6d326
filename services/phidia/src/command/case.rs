//! `phidia case`.

use std::path::PathBuf;

use clap::Subcommand;

use super::CaseResult;

#[derive(Subcommand)]
pub(crate) enum Case {
    /// What is to be done at a unit, most urgent first.
    Worklist {
        /// Official code of the unit; yours by default.
        #[arg(long = "unit", value_name = "CODE", default_value = "", hide_default_value = true)]
        unit: String,
        /// Also what you are not competent for and what others hold, or have laid down.
        #[arg(long)]
        all: bool,
        /// Instead of what is to be done, what you have laid down: it waits for its citizen or for other offices.
        #[arg(long)]
        waiting: bool,
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
    /// Say that you are still at it: you have it until a later day.
    Renew {
        /// `application/step/attempt`, as the worklist shows it.
        work_item: String,
        /// The fence that the claim gave.
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
        fence: u64,
    },
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
        /// Go on with this step, of those that may follow (`case show`, `province process`); by default the usual one.
        #[arg(long = "next-step", value_name = "NUMBER", default_value_t = 0, hide_default_value = true)]
        next_step: u32,
        /// Issue this file as the result, where this was the last step: a PDF, by its name. Otherwise see `result issue`.
        #[arg(long, value_name = "FILE")]
        result: Option<PathBuf>,
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
    /// Take many work items up, each on its own.
    ClaimAll {
        /// `application/step/attempt:fence`, as the worklist shows them.
        #[arg(required = true, value_name = "WORK_ITEM:FENCE")]
        work_items: Vec<String>,
    },
    /// End many steps that you hold, each on its own.
    CompleteAll {
        /// `application/step/attempt:fence`, as the claims gave them.
        #[arg(required = true, value_name = "WORK_ITEM:FENCE")]
        work_items: Vec<String>,
    },
    /// Send a step that you hold back to an earlier one, to be corrected.
    SendBack {
        /// `application/step/attempt`, as the worklist shows it.
        work_item: String,
        /// The fence that the claim gave.
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
        fence: u64,
        /// The step that is to be corrected.
        #[arg(long = "to-step", value_name = "NUMBER")]
        to_step: u32,
        /// What is to be corrected, for whoever does.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Ask the citizen to pay something before the case goes on. The clock stands still until they have.
    Payment {
        /// `application/step/attempt`, as the worklist shows it.
        work_item: String,
        /// The fence that the claim gave.
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
        fence: u64,
        /// How much, in đồng.
        #[arg(long = "amount", value_name = "DONG", value_parser = clap::value_parser!(i64).range(1..))]
        amount_dong: i64,
        /// What for, for the citizen.
        #[arg(long = "for", value_name = "PURPOSE")]
        purpose: String,
    },
    /// What happens to cases, line by line, until you stop it.
    Watch {
        /// Official code of the unit; yours by default, or the whole province for who is at none.
        #[arg(long = "unit", value_name = "CODE", default_value = "", hide_default_value = true)]
        unit: String,
        /// Go on behind what this token says was told; by default from now on.
        #[arg(long = "since", value_name = "TOKEN", default_value = "", hide_default_value = true)]
        since: String,
    },
    /// Give the citizen a new appointment before the due date, with an apology: once. The due date stays.
    Postpone {
        /// `case_…` or `app_…`.
        id: String,
        /// The new appointment: local time of the province, `2026-11-27T10:00`, or an instant with its offset.
        #[arg(long = "to", value_name = "WHEN")]
        to: String,
        /// Why, for the citizen.
        #[arg(long, value_name = "REASON")]
        because: String,
    },
    /// Open a case again that was granted or refused, by a decision: it goes on at a step that was done, and its time counts anew.
    Reopen {
        /// `case_…` or `app_…`.
        id: String,
        /// The decision by which it is so, for the citizen too.
        #[arg(long, value_name = "TEXT")]
        decision: String,
        /// Why, for whoever does it again; it rests sealed.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// The step that is to be done again; by default the one that ended the case.
        #[arg(long = "to-step", value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
        to_step: Option<u32>,
    },
    /// What becomes of a result once it is decided.
    #[command(subcommand)]
    Result(CaseResult),
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
        /// Also what has happened to them: what, when, and by whom.
        #[arg(long)]
        trail: bool,
    },
}
