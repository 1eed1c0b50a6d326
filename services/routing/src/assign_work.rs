//! Assigns a work item now, because somebody asks. The assigner does the same by itself.

use std::sync::Arc;

use phidia_domain::{Kind, Rejection, work_item::WorkItem};
use phidia_runtime::{failure::Failure, telemetry::TraceParent};
use tracing::Instrument as _;

use crate::{
    Routing,
    caller::{Sender, scope},
    decide::Unplaced,
    reference::Reference,
    round::{Round, is_outdated},
    store::{application, assignment, item},
    work::{Assignment, Item, Origin, State},
};

impl Routing {
    /// The decision on a work item; it is made if there is none yet.
    ///
    /// # Errors
    /// `NOT_FOUND`; `FAILED_PRECONDITION` with the reason when no unit can take it, or when it was released;
    /// `UNAVAILABLE` when the board is away; `PERMISSION_DENIED` for what lies at another unit.
    pub(crate) async fn assign_work(
        self: &Arc<Self>,
        sender: Sender,
        work_item: WorkItem,
    ) -> Result<Assignment, Failure> {
        let unit = scope(&sender.caller)?;
        // On a task of its own: a caller who gives up must not leave a reservation half done.
        let routing = Arc::clone(self);
        let task = async move {
            match routing.assign_now(&sender, work_item).await {
                Err(failure) if is_outdated(&failure) => routing.assign_now(&sender, work_item).await,
                done => done,
            }
        };
        let task = tokio::spawn(task.in_current_span());
        let decision = task.await.map_err(Failure::broken)??;
        match unit {
            Some(unit) if unit != decision.unit => {
                Err(crate::caller::forbidden("OTHER_UNIT", "the work item lies at another unit").into())
            }
            _ => Ok(decision),
        }
    }

    async fn assign_now(&self, sender: &Sender, work_item: WorkItem) -> Result<Assignment, Failure> {
        let mut desk = self.desk.lock().await;
        let today = self.versions.active().await?;
        let today = &today.value;
        let conn = self.db.read();
        let found = item::find(conn, today.code(), work_item).await?;
        let mut found = found.ok_or_else(|| unknown(work_item))?;
        match found.state {
            State::Waiting | State::Unassignable => {}
            State::Assigned | State::Done => return self.decided(today, work_item).await,
            State::Released => return Err(released(conn, today, &found).await?.into()),
        }
        let application = application::find(conn, today.code(), work_item.application).await?;
        let application = application.ok_or_else(|| unknown(work_item))?;
        self.ready(&mut desk, today.code()).await?;
        TraceParent::link_to(&found.origin.traceparent);
        found.origin = Origin { event: found.origin.event, traceparent: sender.traceparent.clone() };
        let mut round = Round::default();
        let (actor, now) = (sender.caller.actor(), self.business.now());
        let unplaced =
            self.assign(&mut desk, today, &application, found, None, &actor, now, &mut round).await;
        let settled = round.settle(self, &mut desk, today.code()).await;
        if unplaced.is_err() || settled.is_err() {
            desk.forget();
        }
        settled?;
        match unplaced? {
            Some(unplaced) => Err(unassignable(work_item, &unplaced).into()),
            None => self.decided(today, work_item).await,
        }
    }

    pub(crate) async fn decided(
        &self,
        today: &Reference,
        work_item: WorkItem,
    ) -> Result<Assignment, Failure> {
        let found = assignment::find(self.db.read(), today.code(), work_item).await?;
        found.ok_or_else(|| Failure::broken(format!("{work_item} is assigned without a decision")))
    }
}

/// There is no such work item.
pub(crate) fn unknown(work_item: WorkItem) -> Rejection {
    Rejection::not_found("UNKNOWN_WORK_ITEM", format!("there is no work item {work_item}"))
}

fn unassignable(work_item: WorkItem, unplaced: &Unplaced) -> Rejection {
    let message = format!("no unit can take {work_item} at present: {}", unplaced.reason);
    let rejection = Rejection::new(Kind::Precondition, unplaced.reason, message);
    unplaced
        .filtered
        .iter()
        .fold(rejection, |rejection, (refused, count)| rejection.with(refused.name(), count))
}

async fn released(
    conn: &sea_orm::DatabaseConnection,
    today: &Reference,
    found: &Item,
) -> Result<Rejection, Failure> {
    let WorkItem { application, step, .. } = found.work_item;
    let attempts = item::of_step(conn, today.code(), application, step).await?;
    let present = attempts.iter().rfind(|item| item.state != State::Released).unwrap_or(found);
    let message = format!("{} was taken back; the present attempt is another", found.work_item);
    Ok(Rejection::new(Kind::Precondition, "WORK_RELEASED", message)
        .with("attempt", present.work_item.attempt))
}
