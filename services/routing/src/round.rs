//! What one pass over the agenda came to, and how it is made to last.
//!
//! 1. One transaction: decisions, states, events. Unique per work item and per (province, epoch, sequence):
//!    where somebody else was first, theirs stands.
//! 2. The leases become permanent on the board.
//! 3. One transaction: the entries of the agenda go, and it is noted how long the decisions took.
//!
//! Whatever dies in between, the entries are still on the agenda, and each step, done again, changes nothing.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use phidia_board::BoardError;
use phidia_domain::{Kind, Rejection, work_item::WorkItem};
use phidia_outbox::{Facts, NewEvent};
use phidia_proto::{
    convert,
    events::v1::{WorkUnassignable, event::Fact},
};
use phidia_runtime::{failure::Failure, metrics::Counter};
use sea_orm::DatabaseTransaction;
use tracing::{Instrument as _, Span};

use crate::{
    Routing,
    desk::{Desk, unavailable},
    references::REGISTRY_CHANGED,
    store::{agenda, assignment, decision, epoch, is_given_twice, is_taken, item, lent, refusal},
    work::{Assignment, Counted, Item, Refusal, State},
};

pub(crate) static ASSIGNMENTS: Counter =
    Counter::new("phidia.assignments", "{work_item}", "Work items that got their unit.");
static UNASSIGNABLE: Counter =
    Counter::new("phidia.unassignable", "{decision}", "Decisions that found no unit.");

const UNDECIDED: [State; 2] = [State::Waiting, State::Unassignable];

/// What is to be made to last.
#[derive(Debug, Default)]
pub(crate) struct Round {
    pub(crate) decided: Vec<Arc<Decided>>,
    pub(crate) refused: Vec<Arc<Unassigned>>,
    pub(crate) kept: Vec<Kept>,
    /// Decisions that the store has already, and the board perhaps not.
    pub(crate) again: Vec<(Assignment, i64)>,
    /// Positions of the agenda that are done.
    pub(crate) done: Vec<i64>,
}

/// A decision whose load is reserved.
#[derive(Debug)]
pub(crate) struct Decided {
    pub(crate) item: Item,
    pub(crate) assignment: Assignment,
    /// The revision of the registry that it was made over; none: it holds whatever has changed since, for processing
    /// has moved it already.
    pub(crate) revision: Option<i64>,
    /// What it tells.
    pub(crate) facts: Vec<Fact>,
    pub(crate) actor: String,
    /// When it was first looked at.
    pub(crate) since: Instant,
    /// Its entry on the agenda, if that is where it came from.
    pub(crate) position: Option<i64>,
    /// Its part of the trace, which lasts until the decision does.
    pub(crate) span: Span,
}

/// A work item that no unit can take.
#[derive(Debug)]
pub(crate) struct Unassigned {
    pub(crate) item: Item,
    pub(crate) refusal: Refusal,
    pub(crate) reason: &'static str,
    pub(crate) actor: String,
}

/// A kept step that is counted in now.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) assignment: Assignment,
    pub(crate) counted: Counted,
    pub(crate) micros: i64,
}

impl Round {
    /// Makes it last; answers how many entries of the agenda are closed by it.
    pub(crate) async fn settle(
        mut self,
        routing: &Routing,
        desk: &mut Desk,
        province: &str,
    ) -> Result<usize, Failure> {
        let done = self.done.len();
        let decided = self.write(routing, desk, province).await?;
        let mut took = Vec::with_capacity(decided.len());
        let mut closed = Vec::with_capacity(decided.len() + self.again.len());
        // A board that does not confirm one is not asked about the others: it would be waited for each time.
        let mut confirms = true;
        for decision in &decided {
            let confirmed = confirm(desk, province, &decision.assignment).instrument(decision.span.clone());
            confirms = confirms && confirmed.await;
            if confirms {
                closed.extend(decision.position);
            }
            took.push((decision.assignment.id, micros(decision.since)));
        }
        for (assignment, position) in std::mem::take(&mut self.again) {
            confirms = confirms && confirm(desk, province, &assignment).await;
            if confirms {
                closed.push(position);
            }
        }
        let done = done + closed.len();
        if closed.is_empty() && took.is_empty() {
            return Ok(done);
        }
        routing
            .db
            .write(move |tx| {
                Box::pin(async move {
                    agenda::done(tx, &closed).await?;
                    assignment::measure(tx, &took).await
                })
            })
            .await?;
        Ok(done)
    }

    /// Writes everything at once; where somebody else was first, one by one. Answers with the decisions
    /// that are ours.
    async fn write(
        &mut self,
        routing: &Routing,
        desk: &mut Desk,
        province: &str,
    ) -> Result<Vec<Arc<Decided>>, Failure> {
        let (decided, refused) = (std::mem::take(&mut self.decided), std::mem::take(&mut self.refused));
        let rest = (std::mem::take(&mut self.kept), std::mem::take(&mut self.done));
        if decided.is_empty() && refused.is_empty() && rest.0.is_empty() && rest.1.is_empty() {
            return Ok(decided);
        }
        let rest = Arc::new(rest);
        let all = Batch { decided: decided.clone(), refused: refused.clone(), rest: Some(Arc::clone(&rest)) };
        match all.write(routing, province).await {
            Err(failure) if lost(&failure) => {}
            Err(failure) if is_outdated(&failure) => {
                // Reserved for what is no longer so: decided anew, it must not be found there.
                for decision in &decided {
                    desk.release(province, decision.item.work_item, None).await.map_err(unavailable)?;
                }
                return Err(failure);
            }
            Err(failure) if is_given_twice(&failure) => {
                for kept in &rest.0 {
                    let work_item = kept.assignment.work_item;
                    desk.release(province, work_item, None).await.map_err(unavailable)?;
                }
                return Err(failure);
            }
            written => return written.map(|()| decided),
        }
        let mut ours = Vec::with_capacity(decided.len());
        for decision in decided {
            let alone = Batch { decided: vec![Arc::clone(&decision)], ..Batch::default() };
            match alone.write(routing, province).await {
                Ok(()) => ours.push(decision),
                Err(failure) if lost(&failure) => yield_to(routing, desk, province, &decision).await?,
                Err(failure) => return Err(failure),
            }
        }
        for unassigned in refused {
            let alone = Batch { refused: vec![unassigned], ..Batch::default() };
            match alone.write(routing, province).await {
                Err(failure) if lost(&failure) => {}
                written => written?,
            }
        }
        // Last: the entries of what was refused may go only once that is written, or it would wait for good.
        Batch { rest: Some(rest), ..Batch::default() }.write(routing, province).await?;
        Ok(ours)
    }
}

/// What goes into one transaction.
#[derive(Debug, Default)]
struct Batch {
    decided: Vec<Arc<Decided>>,
    refused: Vec<Arc<Unassigned>>,
    rest: Option<Arc<(Vec<Kept>, Vec<i64>)>>,
}

impl Batch {
    async fn write(self, routing: &Routing, province: &str) -> Result<(), Failure> {
        let province = province.to_owned();
        let (decided, refused) = (self.decided.clone(), self.refused.clone());
        let written = routing
            .outbox
            .write(move |tx, facts| Box::pin(async move { self.run(tx, facts, &province).await }))
            .await;
        if written.as_ref().is_err_and(is_outdated) {
            routing.versions.outdate();
        }
        written?;
        for decision in decided {
            ASSIGNMENTS.add(1, &[("ground", decision.assignment.ground.name())]);
        }
        for unassigned in refused {
            UNASSIGNABLE.add(1, &[("reason", unassigned.reason)]);
        }
        Ok(())
    }

    async fn run(&self, tx: &DatabaseTransaction, facts: &mut Facts, province: &str) -> Result<(), Failure> {
        let rows = (self.decided.iter())
            .map(|decision| assignment::row(province, &decision.assignment))
            .collect::<Result<Vec<_>, _>>()?;
        let reserved =
            self.decided.iter().filter_map(|decision| Some(decision.assignment.counted.as_ref()?.epoch));
        let kept = self.rest.iter().flat_map(|rest| rest.0.iter().map(|kept| kept.counted.epoch));
        let newest = reserved.chain(kept).max();
        if newest.is_some() || !self.refused.is_empty() {
            let (epoch, revision) = epoch::hold(tx, province).await?;
            if newest.is_some_and(|newest| newest != epoch) {
                // A board that is being built may not know of it any more: decided anew, it will.
                return Err(unavailable(BoardError::NotBuilt));
            }
            let mut over = (self.decided.iter().filter_map(|decided| decided.revision))
                .chain(self.refused.iter().map(|unassigned| unassigned.refusal.registry_revision));
            if over.any(|over| over != revision) {
                return Err(outdated());
            }
        }
        if let Err(error) = assignment::add(tx, rows).await {
            return Err(if is_taken(&error) { taken() } else { error.into() });
        }
        let made: Vec<_> = (self.decided.iter())
            .filter_map(|decided| Some((&decided.assignment, decided.assignment.counted.as_ref()?)))
            .collect();
        decision::note(tx, province, made.iter().map(|(assignment, _)| assignment.id)).await?;
        lent::add(tx, province, &made).await?;
        let arrived: Vec<_> = self.decided.iter().map(|decision| decision.item.arrived).collect();
        if item::turn(tx, &arrived, &UNDECIDED, State::Assigned, Some("")).await? != arrived.len() {
            return Err(taken());
        }
        for event in self.decided.iter().flat_map(|decision| decision.events(province)) {
            facts.tell(event);
        }

        let mut by_reason = BTreeMap::<&str, Vec<i64>>::new();
        for unassigned in &self.refused {
            by_reason.entry(unassigned.reason).or_default().push(unassigned.item.arrived);
        }
        for (reason, arrived) in by_reason {
            let turned = item::turn(tx, &arrived, &UNDECIDED, State::Unassignable, Some(reason)).await?;
            if turned != arrived.len() {
                return Err(taken());
            }
        }
        // Told and logged once per reason: it is tried again every minute.
        let first: Vec<_> =
            (self.refused.iter()).filter(|unassigned| unassigned.item.reason != unassigned.reason).collect();
        let refusals: Vec<_> = first.iter().map(|unassigned| &unassigned.refusal).collect();
        refusal::add(tx, province, &refusals).await?;
        decision::note(tx, province, refusals.iter().map(|refusal| refusal.id)).await?;
        for unassigned in first {
            facts.tell(unassigned.event(province));
        }

        if let Some((kept, done)) = self.rest.as_deref() {
            for Kept { assignment, counted, micros } in kept {
                if !assignment::count(tx, assignment.id, assignment.unit, counted, *micros).await? {
                    return Err(taken());
                }
            }
            decision::note(tx, province, kept.iter().map(|kept| kept.assignment.id)).await?;
            agenda::done(tx, done).await?;
        }
        Ok(())
    }
}

impl Decided {
    /// Its facts, as they are told.
    pub(crate) fn events(&self, province: &str) -> Vec<NewEvent> {
        let tells =
            |fact: &Fact| event(province, &self.item, self.assignment.decided_at, &self.actor, fact.clone());
        self.facts.iter().map(tells).collect()
    }
}

impl Unassigned {
    fn event(&self, province: &str) -> NewEvent {
        let fact = Fact::WorkUnassignable(WorkUnassignable {
            work_item: Some(convert::wire_work_item(self.item.work_item)),
            reason: self.reason.to_owned(),
        });
        event(province, &self.item, self.refusal.decided_at, &self.actor, fact)
    }
}

fn event(province: &str, item: &Item, at: jiff::Timestamp, actor: &str, fact: Fact) -> NewEvent {
    NewEvent {
        province: province.to_owned(),
        application: item.work_item.application,
        occurred_at: at,
        actor: actor.to_owned(),
        cause: item.origin.event,
        traceparent: item.origin.traceparent.clone(),
        fact,
    }
}

/// Makes a decision permanent on the board; answers whether that is done. What is not is still on the
/// agenda, or its lease falls due: either way it is asked for again.
async fn confirm(desk: &mut Desk, province: &str, assignment: &Assignment) -> bool {
    let Some(Counted { load, epoch, .. }) = &assignment.counted else { return true };
    let Assignment { work_item, unit, .. } = assignment;
    match desk.confirm(province, *epoch, *work_item, *unit, load).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%work_item, %error, "not confirmed on the board yet");
            false
        }
    }
}

/// Somebody else decided, or the work item waits no more: the board follows the store.
async fn yield_to(
    routing: &Routing,
    desk: &mut Desk,
    province: &str,
    decision: &Decided,
) -> Result<(), Failure> {
    let work_item: WorkItem = decision.item.work_item;
    let theirs = assignment::find(routing.db.read(), province, work_item).await?;
    match theirs.filter(|theirs| theirs.open) {
        Some(theirs) => {
            confirm(desk, province, &theirs).await;
        }
        None => desk.release(province, work_item, None).await.map_err(crate::desk::unavailable)?,
    }
    desk.forget();
    tracing::debug!(%work_item, "somebody else was first");
    Ok(())
}

fn taken() -> Failure {
    decided_elsewhere().into()
}

/// Somebody else decided at the same time.
pub(crate) fn decided_elsewhere() -> Rejection {
    let message = "somebody else decided on this work item at the same time; ask again";
    Rejection::new(Kind::Conflict, "DECIDED_ELSEWHERE", message)
}

/// What was decided is about a registry that has changed meanwhile.
pub(crate) fn outdated() -> Failure {
    let message = "the registry has changed meanwhile";
    Rejection::new(Kind::Unavailable, REGISTRY_CHANGED, message).into()
}

/// Whether it is to be decided anew, over the live facts as they are by now.
pub(crate) fn is_outdated(failure: &Failure) -> bool {
    failure.rejection().is_some_and(|rejection| rejection.reason == REGISTRY_CHANGED)
}

fn lost(failure: &Failure) -> bool {
    failure.rejection().is_some_and(|rejection| rejection.kind == Kind::Conflict)
}

/// Whole microseconds since then.
pub(crate) fn micros(since: Instant) -> i64 {
    i64::try_from(since.elapsed().as_micros()).unwrap_or(i64::MAX)
}
