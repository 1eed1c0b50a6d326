//! A transition that is not allowed is refused with how things stand, and with what is allowed then: for other systems the names of the
//! RPCs, for people a sentence.

use super::{Held, Stage, State};
use crate::rejection::{Kind, Rejection};

impl State {
    /// The RPCs that move a case on which stands so, or give out what came of it.
    pub fn allowed(self) -> &'static [&'static str] {
        match self {
            Self::AwaitingUnit => &["PostponeAppointment", "WithdrawApplication"],
            Self::Queued => {
                &["ClaimWorkItem", "HandOverWorkItem", "PostponeAppointment", "WithdrawApplication"]
            }
            Self::InProgress => &[
                "CompleteStep",
                "SendBackStep",
                "RequestSupplement",
                "RequestPayment",
                "ReferCase",
                "ReturnWorkItem",
                "HandOverWorkItem",
                "PostponeAppointment",
                "WithdrawApplication",
            ],
            Self::AwaitingSupplement => &["SupplementApplication", "WithdrawApplication"],
            Self::AwaitingPayment => &["RecordPayment", "WithdrawApplication"],
            Self::Referred => {
                &["AnswerReferral", "RecallReferral", "PostponeAppointment", "WithdrawApplication"]
            }
            Self::Granted | Self::Refused => {
                &["IssueResult", "SignResult", "HandOverResult", "ReopenCase", "RateApplication"]
            }
            Self::Withdrawn | Self::Lapsed => &["RateApplication"],
        }
    }

    /// What a case that stands so is refused with: its `state` and what is `allowed` as metadata.
    pub(super) fn refuses(self, reason: &str, message: impl Into<String>) -> Rejection {
        refusal(reason, message, self.as_str(), self.allowed())
    }
}

impl Held {
    /// What a work item that stands so is refused with: likewise.
    pub(super) fn refuses(&self, reason: &str, message: impl Into<String>) -> Rejection {
        let (state, allowed): (_, &[&str]) = match self.stage {
            Stage::Open if self.holder.is_some() => return State::InProgress.refuses(reason, message),
            Stage::Open => return State::Queued.refuses(reason, message),
            Stage::Paused => (
                "paused",
                &[
                    "SupplementApplication",
                    "RecordPayment",
                    "AnswerReferral",
                    "RecallReferral",
                    "WithdrawApplication",
                ],
            ),
            Stage::Done(_) => ("done", &[]),
            Stage::Superseded => ("moved", &[]),
            Stage::Stopped => ("stopped", &[]),
            Stage::SentBack => ("sent_back", &[]),
        };
        refusal(reason, message, state, allowed)
    }
}

fn refusal(reason: &str, message: impl Into<String>, state: &str, allowed: &[&str]) -> Rejection {
    let refusal = Rejection::new(Kind::Precondition, reason, message);
    refusal.with("state", state).with("allowed", allowed.join(","))
}
