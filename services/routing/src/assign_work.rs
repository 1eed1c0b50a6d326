//! Assigns work items now, because somebody asks: one, or many in a surge. The assigner does the same by itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use phidia_domain::{Kind, Rejection, work_item::WorkItem};
use phidia_runtime::{failure::Failure, telemetry::TraceParent};
use tracing::Instrument as _;

use crate::{
    Routing,
    caller::{Sender, forbidden, scope},
    decide::Unplaced,
    desk::{Desk, is_contended},
    reference::Reference,
    round::{Round, decided_elsewhere, is_outdated},
    store::{application, assignment, item},
    work::{Assignment, Item, Origin, State},
};

/// How many work items one call may name.
pub(crate) const MOST: usize = 500;

/// How many are decided and written together; others come to the desk in between.
const AT_ONCE: usize = 100;

/// What became of each work item that was asked for.
pub(crate) type Outcomes = BTreeMap<WorkItem, Result<Assignment, Rejection>>;

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
        let mut outcomes = self.assign_all(sender, vec![work_item]).await?;
        Ok(outcomes.remove(&work_item).unwrap_or_else(|| Err(unknown(work_item)))?)
    }

    /// The decisions on work items, each answered as if it had been asked for alone. Those that have none yet are decided
    /// one after another, and written some at once.
    ///
    /// # Errors
    /// `UNAVAILABLE` when nothing can be decided or written now: what was written by then stays, and asking again
    /// finds it.
    pub(crate) async fn assign_all(
        self: &Arc<Self>,
        sender: Sender,
        mut asked: Vec<WorkItem>,
    ) -> Result<Outcomes, Failure> {
        let mut named = BTreeSet::new();
        asked.retain(|work_item| named.insert(*work_item));
        let unit = scope(&sender.caller)?;
        // On a task of its own: a caller who gives up must not leave a reservation half done.
        let routing = Arc::clone(self);
        let task = async move {
            let mut outcomes = Outcomes::new();
            for some in asked.chunks(AT_ONCE) {
                outcomes.extend(match routing.assign_now(&sender, some).await {
                    Err(failure) if is_outdated(&failure) => routing.assign_now(&sender, some).await?,
                    done => done?,
                });
            }
            Ok::<_, Failure>(outcomes)
        };
        let mut outcomes = tokio::spawn(task.in_current_span()).await.map_err(Failure::broken)??;
        for outcome in outcomes.values_mut() {
            let elsewhere =
                outcome.as_ref().is_ok_and(|decision| unit.is_some_and(|unit| unit != decision.unit));
            if elsewhere {
                *outcome = Err(forbidden("OTHER_UNIT", "the work item lies at another unit"));
            }
        }
        Ok(outcomes)
    }

    async fn assign_now(&self, sender: &Sender, asked: &[WorkItem]) -> Result<Outcomes, Failure> {
        let mut desk = self.desk_for_caller().await?;
        let today = self.versions.active().await?;
        let (today, conn) = (&today.value, self.db.read());
        let ids = asked.iter().map(|work_item| work_item.application);
        let items = item::of_applications(conn, today.code(), ids).await?;
        let mut items: BTreeMap<_, _> = items.into_iter().map(|item| (item.work_item, item)).collect();
        let (mut outcomes, mut assigned, mut waiting) = (Outcomes::new(), Vec::new(), Vec::new());
        for work_item in asked {
            let Some(found) = items.remove(work_item) else {
                outcomes.insert(*work_item, Err(unknown(*work_item)));
                continue;
            };
            match found.state {
                State::Waiting | State::Unassignable => waiting.push(found),
                State::Assigned | State::Done => assigned.push(*work_item),
                State::Released => {
                    outcomes.insert(*work_item, Err(released(conn, today, &found).await?));
                }
            }
        }
        if !waiting.is_empty() {
            assigned.extend(self.decide_all(&mut desk, today, sender, waiting, &mut outcomes).await?);
        }
        let ids = assigned.iter().map(|work_item| work_item.application);
        let mut decisions = assignment::of_applications(conn, today.code(), ids).await?;
        for work_item in assigned {
            outcomes.insert(work_item, decisions.remove(&work_item).ok_or_else(decided_elsewhere));
        }
        Ok(outcomes)
    }

    /// Decides what waits, and writes it; answers what has its unit by then.
    async fn decide_all(
        &self,
        desk: &mut Desk,
        today: &Reference,
        sender: &Sender,
        waiting: Vec<Item>,
        outcomes: &mut Outcomes,
    ) -> Result<Vec<WorkItem>, Failure> {
        let ids = waiting.iter().map(|item| item.work_item.application);
        let applications = application::find_all(self.db.read(), today.code(), ids).await?;
        self.ready(desk, today.code()).await?;
        let (actor, now) = (sender.caller.actor(), self.business.now());
        let (mut round, mut assigned, mut stopped) = (Round::default(), Vec::new(), None);
        let mut waiting = waiting.into_iter();
        for mut item in waiting.by_ref() {
            let work_item = item.work_item;
            let Some(application) = applications.get(&work_item.application) else {
                outcomes.insert(work_item, Err(unknown(work_item)));
                continue;
            };
            TraceParent::link_to(&item.origin.traceparent);
            item.origin = Origin { event: item.origin.event, traceparent: sender.traceparent.clone() };
            match self.assign(desk, today, application, item, None, &actor, now, &mut round).await {
                Ok(None) => assigned.push(work_item),
                Ok(Some(unplaced)) => {
                    outcomes.insert(work_item, Err(unassignable(work_item, &unplaced)));
                }
                // So fast does the load change only where many want this one's units.
                Err(failure) if is_contended(&failure) => {
                    outcomes.insert(work_item, Err(failure.rejection().cloned().ok_or(failure)?));
                }
                Err(failure) => {
                    stopped = Some((work_item, failure));
                    break;
                }
            }
        }
        // What was reserved before something failed is written nevertheless.
        let settled = round.settle(self, desk, today.code()).await;
        if stopped.is_some() || settled.is_err() {
            desk.forget();
        }
        settled?;
        if let Some((work_item, failure)) = stopped {
            let refusal = failure.rejection().cloned().ok_or(failure)?;
            // It would be the same with those behind it.
            let rest = waiting.map(|item| item.work_item);
            outcomes.extend([work_item].into_iter().chain(rest).map(|item| (item, Err(refusal.clone()))));
        }
        Ok(assigned)
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
    let message = format!("no unit can take {work_item} at present: {}", unplaced.reason());
    let rejection = Rejection::new(Kind::Precondition, unplaced.reason(), message);
    let filtered = unplaced.finding().into_iter().flat_map(|found| &found.filtered);
    filtered.fold(rejection, |rejection, (refused, count)| rejection.with(refused.name(), count))
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
