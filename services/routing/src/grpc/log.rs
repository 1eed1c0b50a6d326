//! From the log of decisions to messages.

use phidia_proto::{
    convert,
    routing::v1::{Decision, LoggedDecision, ReplayDecisionResponse, VerifyDecisionsResponse},
};

use super::answer;
use crate::{
    decide::Unplaced,
    log::{Logged, Walk},
    reference::Reference,
    replay::{Replay, Replayed},
    work::Outcome,
};

/// A decision with its place in the log.
pub(super) fn logged(today: &Reference, logged: &Logged) -> LoggedDecision {
    let Logged { link, outcome } = logged;
    let link = link.as_ref();
    let place = LoggedDecision {
        position: link.map(|link| link.position).unwrap_or_default(),
        work_item: outcome.as_ref().map(|outcome| convert::wire_work_item(outcome.work_item())),
        hash: link.map(|link| link.hash.clone()).unwrap_or_default(),
        ..LoggedDecision::default()
    };
    match outcome {
        None => place,
        Some(Outcome::Assigned(found)) => {
            let made_over = found.counted.as_ref().map(|counted| &counted.explanation);
            LoggedDecision {
                decision: Some(answer::decision(today, found, true)),
                province_version: made_over.map(|it| it.province_version).unwrap_or_default(),
                registry_revision: made_over.map(|it| it.registry_revision).unwrap_or_default(),
                retries: made_over.map(|it| it.retries).unwrap_or_default(),
                request_json: made_over
                    .and_then(|it| serde_json::to_string(&it.request).ok())
                    .unwrap_or_default(),
                ..place
            }
        }
        Some(Outcome::Refused(refusal)) => LoggedDecision {
            decision: Some(answer::refused(today, refusal)),
            province_version: refusal.province_version,
            registry_revision: refusal.registry_revision,
            request_json: (refusal.finding.as_ref())
                .and_then(|found| serde_json::to_string(&found.request).ok())
                .unwrap_or_default(),
            unassignable_reason: refusal.reason.clone(),
            ..place
        },
    }
}

/// A decision made again.
pub(super) fn replay(replay: &Replay) -> ReplayDecisionResponse {
    let today = &replay.today.value;
    let (replayed, reason) = match &replay.replayed {
        Replayed::Assigned(replayed) => (Some(answer::explained(today, replayed, true)), ""),
        Replayed::Refused(unplaced) => (Some(unplaced_again(today, unplaced)), unplaced.reason()),
        Replayed::Possible => (None, ""),
    };
    ReplayDecisionResponse {
        recorded: Some(logged(today, &replay.recorded)),
        replayed,
        same: replay.differences.is_empty(),
        differences: replay.differences.clone(),
        replayed_unassignable_reason: reason.to_owned(),
    }
}

/// How far the chain holds.
pub(super) fn walk(walk: Walk) -> VerifyDecisionsResponse {
    let (broken_at, broken_reason) = walk.broken.unwrap_or_default();
    let (last_position, last_hash) = walk.end;
    VerifyDecisionsResponse {
        verified_to: walk.verified_to,
        last_position,
        last_hash,
        broken_at,
        broken_reason: broken_reason.to_owned(),
        unlinked: walk.unlinked,
    }
}

fn unplaced_again(today: &Reference, unplaced: &Unplaced) -> Decision {
    unplaced.finding().map(|found| answer::finding(today, found)).unwrap_or_default()
}
