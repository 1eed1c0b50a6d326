//! Takes a work item that nobody has begun from its unit, to be routed again as the next attempt.

use std::sync::Arc;

use jiff::Timestamp;
use phidia_domain::{Kind, Rejection, application::check_text, work_item::WorkItem};
use phidia_runtime::{failure::Failure, telemetry::TraceParent};
use sea_orm::DatabaseTransaction;

use crate::{
    Routing,
    assign_work::unknown,
    caller::{Sender, forbidden, scope},
    move_work::on_its_way,
    store::{agenda, assignment, item, moves},
    work::{Action, Item, Origin, PAUSED, State},
};

impl Routing {
    /// Takes it back; answers with the next attempt, which waits.
    ///
    /// # Errors
    /// `NOT_FOUND`; `ABORTED` with the present attempt when it is not this one; `FAILED_PRECONDITION` when it
    /// is begun, done, or has no unit; `UNAVAILABLE` while it is being moved; `PERMISSION_DENIED` for a supervisor of another unit; a violation of
    /// `reason`.
    pub(crate) async fn release_work(
        &self,
        sender: Sender,
        work_item: WorkItem,
        reason: String,
    ) -> Result<WorkItem, Failure> {
        check_text("reason", &reason, 1, 500)?;
        let only = scope(&sender.caller)?;
        let today = self.versions.active().await?;
        let (code, now) = (today.value.code().to_owned(), self.business.now());
        let named = Arc::clone(&today);
        let next = self
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let attempts = item::of_step(tx, &code, work_item.application, work_item.step).await?;
                    let present = present(&attempts, work_item)?;
                    let decision = assignment::find(tx, &code, present.work_item).await?;
                    let at = decision.as_ref().and_then(|found| named.value.unit_code(found.unit));
                    if present.work_item != work_item {
                        return Err(old_attempt(present.work_item, at).into());
                    }
                    let unit = decision.filter(|_| present.state == State::Assigned).map(|found| found.unit);
                    let unit = unit.ok_or_else(|| not_releasable(present))?;
                    if only.is_some_and(|own| own != unit) {
                        return Err(forbidden("OTHER_UNIT", "the work item lies at another unit").into());
                    }
                    if present.begun {
                        return Err(begun().into());
                    }
                    let origin = Origin { event: None, traceparent: sender.traceparent };
                    match take_back(tx, &code, present, &attempts, &reason, now, origin).await? {
                        Some(next) => Ok(next),
                        None if moves::of_step(tx, &code, work_item).await?.1 => Err(on_its_way()),
                        None => match item::find(tx, &code, work_item).await? {
                            Some(item) if item.begun => Err(begun().into()),
                            _ => Err(changed_meanwhile(work_item)),
                        },
                    }
                })
            })
            .await?;
        tracing::info!(%work_item, %next, role = sender.caller.role.as_str(), "released");
        self.wake.notify_one();
        Ok(next)
    }
}

/// The attempt that counts, of all at the step of a work item. Where each was taken back, its case was stopped.
///
/// # Errors
/// `UNKNOWN_WORK_ITEM`, `CASE_STOPPED`.
pub(crate) fn present(attempts: &[Item], asked: WorkItem) -> Result<&Item, Rejection> {
    attempts.iter().rfind(|item| item.state != State::Released).ok_or_else(|| match attempts {
        [] => unknown(asked),
        _ => {
            let message = "its case has ended without a decision";
            Rejection::new(Kind::Precondition, "CASE_STOPPED", message)
        }
    })
}

/// Takes back what stands as `present` among all `attempts` at its step; answers with the next attempt, which
/// waits, or with none when it is begun or not assigned any more, or on its way to another unit.
pub(crate) async fn take_back(
    tx: &DatabaseTransaction,
    province: &str,
    present: &Item,
    attempts: &[Item],
    reason: &str,
    now: Timestamp,
    origin: Origin,
) -> Result<Option<WorkItem>, Failure> {
    let work_item = present.work_item;
    let arrived = [present.arrived];
    if !item::release(tx, present.arrived, reason).await? {
        return Ok(None);
    }
    // After the row is ours: a move that begins meanwhile waits for it, and finds it taken back.
    let (moved, is_moving) = moves::of_step(tx, province, work_item).await?;
    if is_moving {
        item::turn(tx, &arrived, &[State::Released], State::Assigned, Some("")).await?;
        return Ok(None);
    }
    TraceParent::link_to(&present.origin.traceparent);
    assignment::set_open(tx, province, work_item, false).await?;
    agenda::add(tx, province, work_item, Action::Release).await?;

    // Beyond every attempt that there ever was, also one that was taken back itself.
    let last = attempts.last().map_or(work_item, |item| item.work_item);
    let next = WorkItem { attempt: last.attempt.max(moved), ..last }.next_attempt();
    item::add(tx, province, next, State::Waiting, present.previous, now, origin).await?;
    agenda::add(tx, province, next, Action::Decide).await?;
    Ok(Some(next))
}

/// `at`: official code of the unit that has the present attempt, if one does.
pub(crate) fn old_attempt(present: WorkItem, at: Option<&str>) -> Rejection {
    let message = match at {
        Some(at) => format!("the present attempt is {}, at unit {at}", present.attempt),
        None => format!("the present attempt is {}, which has no unit yet", present.attempt),
    };
    let refusal = Rejection::new(Kind::Conflict, "OLD_ATTEMPT", message).with("attempt", present.attempt);
    match at {
        Some(at) => refusal.with("unit_code", at),
        None => refusal,
    }
}

/// Somebody else took it back between our look and our write: whoever asks again hears of the present attempt.
fn changed_meanwhile(work_item: WorkItem) -> Failure {
    let message = format!("{work_item} has just changed; look again");
    Rejection::new(Kind::Conflict, "CHANGED_MEANWHILE", message).into()
}

fn begun() -> Rejection {
    Rejection::new(Kind::Precondition, "WORK_BEGUN", "an officer has taken it up; it stays where it is")
}

/// What is done cannot be moved, and what has no unit cannot be taken from it.
pub(crate) fn not_releasable(present: &Item) -> Rejection {
    let paused = PAUSED.into_iter().find(|(reason, _)| *reason == present.reason);
    if let (State::Done, Some((reason, message))) = (present.state, paused) {
        return Rejection::new(Kind::Precondition, reason, message);
    }
    match present.state {
        State::Done => Rejection::new(Kind::Precondition, "WORK_DONE", "it is done"),
        State::Waiting | State::Unassignable | State::Assigned | State::Released => Rejection::new(
            Kind::Precondition,
            "WORK_NOT_ASSIGNED",
            "it has no unit that it could be taken from",
        ),
    }
}
