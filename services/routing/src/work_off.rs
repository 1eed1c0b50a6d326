//! Works off the agenda, strictly in the order of arrival.
//!
//! The order is the point. Decisions, kept steps and given-back load change the board one after another as
//! they arrived, however they fall into passes: so a decision sees exactly the load of what arrived before
//! it, and the same arrivals give the same decisions.
//!
//! When does routing rest? A work item that can be tried is WAITING, and stops to be only in the transaction
//! that also tells the event. What is behind it on the agenda (load that is still to be given back) comes
//! before whatever arrives later, so nobody has to wait for it.

use std::{collections::BTreeMap, time::Instant};

use jiff::Timestamp;
use phidia_domain::{id::ApplicationId, route, work_item::WorkItem};
use phidia_runtime::{failure::Failure, telemetry::TraceParent};
use tracing::Instrument as _;

use crate::{
    ACTOR, Routing, announce,
    decide::{Choice, Unplaced},
    desk::{Desk, unavailable},
    reference::Reference,
    round::{Decided, Kept, Round, Unassigned, micros},
    store::{agenda, application, assignment, item},
    work::{Action, Application, Assignment, Counted, Entry, Item, Refusal, State},
};

/// What the entries of a pass are about.
struct Papers {
    applications: BTreeMap<ApplicationId, Application>,
    items: BTreeMap<WorkItem, Item>,
    assignments: BTreeMap<WorkItem, Assignment>,
}

/// What a pass over the agenda left there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pass {
    /// Nothing, when it was read.
    Clear,
    /// Something that can be done at once.
    More,
    /// All that it read: the board confirms nothing.
    Unconfirmed,
}

impl Routing {
    /// One pass.
    pub(crate) async fn work_off(&self) -> Result<Pass, Failure> {
        let mut desk = self.desk.lock().await;
        let today = self.versions.active().await?;
        let today = &today.value;
        self.ready(&mut desk, today.code()).await?;
        // A registry that does not keep still must not keep every pass from being written: a short one comes in between.
        let batch = self.batch.checked_shr(desk.outrun).unwrap_or_default().max(1);
        let entries = agenda::first(self.db.read(), today.code(), batch).await?;
        let Some(last) = entries.last().map(|entry| entry.position) else { return Ok(Pass::Clear) };
        let read = entries.len();
        let mut papers = self.papers(today.code(), &entries).await?;
        let mut round = Round::default();
        let mut stopped = Ok(());
        for entry in entries {
            stopped = self.take(&mut desk, today, entry, &mut papers, &mut round).await;
            if stopped.is_err() {
                break;
            }
        }
        // What was reserved before something failed is written nevertheless.
        let settled = round.settle(self, &mut desk, today.code()).await;
        desk.outrun = match &settled {
            Err(failure) if crate::round::is_outdated(failure) && batch > 1 => desk.outrun + 1,
            Err(_) => desk.outrun,
            Ok(_) => desk.outrun.saturating_sub(1),
        };
        if stopped.is_err() || settled.is_err() {
            desk.unsure_through = desk.unsure_through.max(last);
            desk.forget();
        }
        stopped?;
        Ok(match settled? {
            0 => Pass::Unconfirmed,
            // Whoever has put something on the agenda since has woken us for it.
            closed if closed == read && u64::try_from(read).is_ok_and(|read| read < batch) => Pass::Clear,
            _ => Pass::More,
        })
    }

    async fn papers(&self, province: &str, entries: &[Entry]) -> Result<Papers, Failure> {
        let conn = self.db.read();
        let of = |action: fn(Action) -> bool| {
            entries
                .iter()
                .filter(move |entry| action(entry.action))
                .map(|entry| entry.work_item.application)
                .collect::<Vec<_>>()
        };
        let placing = of(|action| action != Action::Release);
        let assigned = of(|_| true);
        let items = item::of_applications(conn, province, placing.iter().copied()).await?;
        Ok(Papers {
            applications: application::find_all(conn, province, placing).await?,
            items: items.into_iter().map(|item| (item.work_item, item)).collect(),
            assignments: assignment::legible(conn, province, assigned).await?,
        })
    }

    /// Does one entry on the board, and puts what is to be written into the round.
    async fn take(
        &self,
        desk: &mut Desk,
        today: &Reference,
        entry: Entry,
        papers: &mut Papers,
        round: &mut Round,
    ) -> Result<(), Failure> {
        let Entry { position, work_item, action } = entry;
        match action {
            Action::Release => {
                let sure = position > desk.unsure_through;
                let held = papers.assignments.get(&work_item).filter(|_| sure);
                let held = held.and_then(|held| Some((held.unit, &held.counted.as_ref()?.load)));
                desk.release(today.code(), work_item, held).await.map_err(unavailable)?;
                round.done.push(position);
                Ok(())
            }
            Action::Decide => {
                let application = papers.applications.get(&work_item.application);
                let (Some(item), Some(application)) = (papers.items.get(&work_item), application) else {
                    dangling(entry, round);
                    return Ok(());
                };
                match item.state {
                    State::Waiting => {
                        let item = item.clone();
                        let now = self.business.now();
                        self.assign(desk, today, application, item, Some(position), ACTOR, now, round)
                            .await?;
                    }
                    State::Assigned => match papers.assignments.get(&work_item) {
                        Some(theirs) if theirs.open => round.again.push((theirs.clone(), position)),
                        _ => round.done.push(position),
                    },
                    State::Unassignable | State::Done | State::Released => round.done.push(position),
                }
                Ok(())
            }
            Action::Place => {
                let since = Instant::now();
                let application = papers.applications.get(&work_item.application);
                let (Some(item), Some(application), Some(kept)) =
                    (papers.items.get(&work_item), application, papers.assignments.get_mut(&work_item))
                else {
                    dangling(entry, round);
                    return Ok(());
                };
                if !kept.open {
                    // Done, or taken back, before it came to the board.
                } else if let Some(counted) = &kept.counted {
                    // Counted before: taken up again after a release, or done twice.
                    let placed = desk.place(today.code(), work_item, kept.unit, &counted.load).await;
                    placed.map_err(unavailable)?;
                } else if let Some(counted) = self.keep(desk, today, application, item, kept).await? {
                    kept.counted = Some(counted.clone());
                    let micros = micros(since);
                    round.kept.push(Kept { assignment: kept.clone(), counted, micros });
                }
                round.done.push(position);
                Ok(())
            }
        }
    }

    /// Finds a unit for a work item that has none.
    #[expect(clippy::too_many_arguments, reason = "all that a decision rests on, and where it goes")]
    pub(crate) async fn assign(
        &self,
        desk: &mut Desk,
        today: &Reference,
        application: &Application,
        mut item: Item,
        position: Option<i64>,
        actor: &str,
        now: Timestamp,
        round: &mut Round,
    ) -> Result<Option<Unplaced>, Failure> {
        let since = Instant::now();
        let span = tracing::debug_span!(
            "assign",
            otel.kind = "internal",
            phidia.application.id = %item.work_item.application,
            phidia.work_item = %item.work_item,
        );
        if let Some(place) = TraceParent::pick_up(&item.origin.traceparent, &span) {
            item.origin.traceparent = place;
        }
        // Before anything is reserved: what the store does not answer then leaves nothing behind on the board.
        let taken_back = self.taken_back(today.code(), item.work_item).await?;
        let choice = match self.request(today, application, &item, None).instrument(span.clone()).await? {
            Ok(request) => self.decide(desk, today, &request, now).instrument(span.clone()).await?,
            Err(reason) => Choice::Unplaced(Unplaced::NotAsked(reason)),
        };
        let actor = actor.to_owned();
        match choice {
            Choice::Placed(unit, counted) => {
                let assignment = Assignment {
                    id: self.ids.mint(now),
                    work_item: item.work_item,
                    unit,
                    ground: counted.explanation.ground,
                    decided_at: now,
                    decided_in_micros: micros(since),
                    open: true,
                    counted: Some(*counted),
                };
                let facts = announce::facts(today, &assignment, taken_back.as_ref());
                let revision = Some(today.revision());
                let decided = Decided { item, assignment, revision, facts, actor, since, position, span };
                round.decided.push(decided.into());
                Ok(None)
            }
            Choice::Unplaced(unplaced) => {
                round.done.extend(position);
                let refusal = self.refusal(today, item.work_item, &unplaced, now);
                let reason = unplaced.reason();
                round.refused.push(Unassigned { item, refusal, reason, actor }.into());
                Ok(Some(unplaced))
            }
        }
    }

    fn refusal(
        &self,
        today: &Reference,
        work_item: WorkItem,
        unplaced: &Unplaced,
        now: Timestamp,
    ) -> Refusal {
        Refusal {
            id: self.ids.mint(now),
            work_item,
            reason: unplaced.reason().to_owned(),
            decided_at: now,
            province_version: today.version(),
            registry_revision: today.revision(),
            finding: unplaced.finding().cloned(),
        }
    }

    /// Counts in a step that goes on where the one before was done, as of the moment that it was kept.
    async fn keep(
        &self,
        desk: &mut Desk,
        today: &Reference,
        application: &Application,
        item: &Item,
        kept: &Assignment,
    ) -> Result<Option<Counted>, Failure> {
        let (unit, at) = (kept.unit, kept.decided_at);
        let mut request = self.request(today, application, item, None).await?;
        if request.is_err() {
            // It goes on where it is, also where nobody knows any more whose it would be.
            request = self.request(today, application, item, Some(unit)).await?;
        }
        let request = match request {
            Ok(request) => request,
            Err(reason) => {
                tracing::warn!(work_item = %item.work_item, reason, "a kept step cannot be counted in");
                return Ok(None);
            }
        };
        let view = desk.view(today.code()).await.map_err(unavailable)?;
        let policy = self.policies.active().await?;
        // It may have been kept yesterday, and is counted in by who was there then.
        let (province, roster) = (&today.province, today.roster_as_of(at));
        let Ok(plan) = route::keep(&policy, province, roster, view, &request, unit, at) else {
            tracing::warn!(work_item = %item.work_item, %unit, "a kept step has no working time left");
            return Ok(None);
        };
        let load = plan.load_at(unit);
        let placed = desk.place(today.code(), item.work_item, unit, &load).await;
        let (epoch, sequence) = placed.map_err(unavailable)?;
        Ok(Some(Counted { explanation: plan.explanation, load, epoch, sequence }))
    }
}

/// An entry without its rows: they are written together, so this is a fault. It must not stop the others.
fn dangling(entry: Entry, round: &mut Round) {
    tracing::error!(position = entry.position, work_item = %entry.work_item, "an entry of the agenda lacks its rows");
    round.done.push(entry.position);
}
