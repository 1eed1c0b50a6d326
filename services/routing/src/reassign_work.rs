//! A supervisor or an operator sends a work item that nobody has begun elsewhere: to the unit that they name, or to
//! whichever the policy finds better than the present one.

use std::{sync::Arc, time::Instant};

use phidia_domain::{
    Kind, Rejection,
    application::check_text,
    id::UnitId,
    route::{self, Ground, Order, Plan, Policy, Request, Snapshot},
    work_item::WorkItem,
};
use phidia_runtime::{failure::Failure, telemetry::TraceParent};
use tracing::{Instrument as _, Span};

use crate::{
    Routing, announce,
    assign_work::unknown,
    caller::{Sender, forbidden, scope},
    desk::{Bidding, Desk, unavailable},
    move_work::Moving,
    reference::Reference,
    release_work::{not_releasable, old_attempt, present},
    request::{HOME_ABOLISHED, PLACE_MISSING},
    round::{Decided, Round, decided_elsewhere, is_outdated, micros},
    store::{application, assignment, item},
    work::{Application, Assignment, Counted, Item, Origin, State},
};

/// How often it is decided anew because the board moved on.
const ATTEMPTS: usize = 4;

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Reassign {
    /// With the attempt that is believed to be the present one.
    pub(crate) work_item: WorkItem,
    /// Official code of the unit; empty: whichever is better.
    pub(crate) unit_code: String,
    /// Why, for the record.
    pub(crate) reason: String,
    /// The fence that the work item is believed to have; 0: nobody has ever taken it up.
    pub(crate) expected_fence: u64,
}

impl Routing {
    /// Moves it; answers with the decision that stands.
    ///
    /// # Errors
    /// A violation of `reason`; `NOT_FOUND` for an unknown work item or unit; `PERMISSION_DENIED` for a supervisor of a
    /// unit that does not have it; `ABORTED` for an old attempt, and for an old fence with the present holder;
    /// `FAILED_PRECONDITION` when it is done, is there already, is best where it is, or when no plan can be made;
    /// `UNAVAILABLE` when the board or processing is away.
    pub(crate) async fn reassign_work(
        self: &Arc<Self>,
        sender: Sender,
        asked: Reassign,
    ) -> Result<Assignment, Failure> {
        check_text("reason", &asked.reason, 1, 500)?;
        // On a task of its own: a caller who gives up must not leave a move half done.
        let routing = Arc::clone(self);
        let task = async move {
            match routing.reassign(&sender, &asked).await {
                Err(failure) if is_outdated(&failure) => routing.reassign(&sender, &asked).await,
                done => done,
            }
        };
        tokio::spawn(task.in_current_span()).await.map_err(Failure::broken)?
    }

    async fn reassign(&self, sender: &Sender, asked: &Reassign) -> Result<Assignment, Failure> {
        let since = Instant::now();
        let only = scope(&sender.caller)?;
        let today = self.versions.active().await?;
        let today = &today.value;
        let at = match asked.unit_code.as_str() {
            "" => None,
            code => Some(today.province.unit_by_code(code).map(|unit| unit.id).ok_or_else(|| {
                Rejection::not_found("UNKNOWN_UNIT", "no unit of the province has this code")
            })?),
        };
        let WorkItem { application, step, .. } = asked.work_item;
        let conn = self.db.read();
        let attempts = item::of_step(conn, today.code(), application, step).await?;
        let present = present(&attempts, asked.work_item)?.clone();
        let held = assignment::find(conn, today.code(), present.work_item).await?;
        let application = application::find(conn, today.code(), application).await?;
        let application = application.ok_or_else(|| unknown(asked.work_item))?;
        // What nobody has is the business of who received it.
        let whose = held.as_ref().map_or(application.received_at, |held| held.unit);
        if only.is_some_and(|own| own != whose) {
            return Err(forbidden("OTHER_UNIT", "the work item lies at another unit").into());
        }
        if present.work_item != asked.work_item {
            let at = held.as_ref().and_then(|held| today.unit_code(held.unit));
            return Err(old_attempt(present.work_item, at).into());
        }
        TraceParent::link_to(&present.origin.traceparent);
        match (present.state, held, at) {
            (State::Done, _, _) => Err(not_releasable(&present).into()),
            (State::Assigned, Some(held), Some(at)) if held.unit == at => {
                Err(Rejection::new(Kind::Precondition, "THERE_ALREADY", "it is at this unit already").into())
            }
            (State::Assigned, Some(held), at) => {
                let to = self.next_attempt(today.code(), present.work_item).await?;
                let moving = Moving {
                    item: present,
                    held,
                    to,
                    expected_fence: asked.expected_fence,
                    revision: today.revision(),
                    traceparent: sender.traceparent.clone(),
                    since,
                };
                self.send(today, sender, asked, &application, moving, at).await
            }
            (State::Waiting | State::Unassignable, _, Some(at)) => {
                self.dispatch(today, sender, asked, &application, present, at, since).await
            }
            (_, _, _) => {
                let message = "it has no unit yet; name the one that it is to go to";
                Err(Rejection::new(Kind::Precondition, "WORK_NOT_ASSIGNED", message).into())
            }
        }
    }

    /// Moves what has its unit.
    async fn send(
        &self,
        today: &Reference,
        sender: &Sender,
        asked: &Reassign,
        application: &Application,
        moving: Moving,
        at: Option<UnitId>,
    ) -> Result<Assignment, Failure> {
        let code = today.code();
        let next = Item { work_item: moving.to, ..moving.item.clone() };
        let (request, home_known) = self.asked_for(today, application, &next, at).await?;
        let (from, by) = (moving.held.unit, sender.caller.actor());
        for _ in 0..ATTEMPTS {
            let mut desk = self.desk_for_caller().await?;
            self.ready(&mut desk, code).await?;
            let policy = self.policies.active().await?;
            let mut view = desk.view(code).await.map_err(unavailable)?.clone();
            // Seen from the work item, what it adds itself is no load of others.
            if let (Some(unit), Some(counted)) = (view.units.get_mut(&from), &moving.held.counted) {
                unit.remove(&counted.load);
            }
            let plan = match at {
                Some(at) => {
                    let order = order(at, Some(from), &by, asked, home_known);
                    self.ordered(&policy, today, &view, &request, order)?
                }
                None => self.better(&policy, today, &view, &request, &by, asked, from)?,
            };
            if let Some(open) = self.set_out(&mut desk, code, &moving, &plan).await? {
                drop(desk);
                return self.carry_out(today, open).await;
            }
        }
        Err(unavailable(phidia_board::BoardError::Outbid { fresh: Box::default() }))
    }

    /// Sends by hand what no unit could take: its attempt has been nowhere, so that nobody has to give it up.
    #[expect(clippy::too_many_arguments, reason = "all that a decision rests on, and where it goes")]
    async fn dispatch(
        &self,
        today: &Reference,
        sender: &Sender,
        asked: &Reassign,
        application: &Application,
        mut item: Item,
        at: UnitId,
        since: Instant,
    ) -> Result<Assignment, Failure> {
        let code = today.code();
        let (request, home_known) = self.asked_for(today, application, &item, Some(at)).await?;
        let (now, by) = (self.business.now(), sender.caller.actor());
        let work_item = item.work_item;
        item.origin = Origin { event: item.origin.event, traceparent: sender.traceparent.clone() };
        let taken_back = self.taken_back(code, work_item).await?;
        let mut desk = self.desk_for_caller().await?;
        self.ready(&mut desk, code).await?;
        let policy = self.policies.active().await?;
        let view = desk.view(code).await.map_err(unavailable)?.clone();
        let plan = self.ordered(&policy, today, &view, &request, order(at, None, &by, asked, home_known))?;
        let won = self.reserve_by_hand(&mut desk, code, work_item, &plan).await?;
        let assignment = Assignment {
            id: self.ids.mint(now),
            work_item,
            unit: won.unit,
            ground: Ground::Overridden,
            decided_at: now,
            decided_in_micros: micros(since),
            open: true,
            counted: Some(Counted {
                load: plan.load_at(won.unit),
                explanation: plan.explanation,
                epoch: won.epoch,
                sequence: won.sequence,
            }),
        };
        let decided = Decided {
            item,
            revision: Some(today.revision()),
            facts: announce::facts(today, &assignment, taken_back.as_ref()),
            assignment,
            actor: by,
            since,
            position: None,
            span: Span::none(),
        };
        let id = decided.assignment.id;
        let round = Round { decided: vec![decided.into()], ..Round::default() };
        let settled = round.settle(self, &mut desk, code).await;
        if settled.is_err() {
            desk.forget();
        }
        settled?;
        let standing = self.decided(today, work_item).await?;
        if standing.id != id {
            return Err(decided_elsewhere().into());
        }
        Ok(standing)
    }

    async fn reserve_by_hand(
        &self,
        desk: &mut Desk,
        code: &str,
        work_item: WorkItem,
        plan: &Plan,
    ) -> Result<phidia_board::Reservation, Failure> {
        for _ in 0..ATTEMPTS {
            match desk.reserve(code, work_item, plan).await.map_err(unavailable)? {
                Bidding::Won(won) if won.unit == plan.explanation.chosen => return Ok(won),
                // An earlier reservation that was never written.
                Bidding::Won(_) => desk.release(code, work_item, None).await.map_err(unavailable)?,
                Bidding::Lost => {}
            }
        }
        Err(unavailable(phidia_board::BoardError::Outbid { fresh: Box::default() }))
    }

    /// What the policy is asked, and whether the home in it is known: where none is, it is what a person has named.
    async fn asked_for(
        &self,
        today: &Reference,
        application: &Application,
        item: &Item,
        at: Option<UnitId>,
    ) -> Result<(Request, bool), Failure> {
        let cannot =
            |reason| Rejection::new(Kind::Precondition, reason, "the policy cannot be asked about it");
        match (self.request(today, application, item, None).await?, at) {
            (Ok(request), _) => Ok((request, true)),
            (Err(PLACE_MISSING | HOME_ABOLISHED), Some(at)) => {
                let request = self.request(today, application, item, Some(at)).await?;
                Ok((request.map_err(cannot)?, false))
            }
            (Err(reason), _) => Err(cannot(reason).into()),
        }
    }

    fn ordered(
        &self,
        policy: &Policy,
        today: &Reference,
        view: &Snapshot,
        request: &Request,
        order: Order<'_>,
    ) -> Result<Plan, Rejection> {
        let Reference { province, roster, .. } = today;
        let now = self.business.now();
        route::dispatch(policy, province, roster, view, request, order, now).map_err(|unplaced| {
            let message = "nobody could say when it would be finished there";
            Rejection::new(Kind::Precondition, unplaced.why.reason(), message)
        })
    }

    /// Another unit, if the policy finds one better than the present one.
    #[expect(clippy::too_many_arguments, reason = "all that a decision rests on, and who asks for it")]
    fn better(
        &self,
        policy: &Policy,
        today: &Reference,
        view: &Snapshot,
        request: &Request,
        by: &str,
        asked: &Reassign,
        from: UnitId,
    ) -> Result<Plan, Rejection> {
        let Reference { province, roster, .. } = today;
        let decided = route::decide(policy, province, roster, view, request, self.business.now());
        let mut plan = decided.map_err(|unplaced| {
            let message = "no unit can take it at present";
            Rejection::new(Kind::Precondition, unplaced.why.reason(), message)
        })?;
        let score = |unit| plan.explanation.candidate(unit).map(|candidate| candidate.score);
        let chosen = plan.explanation.chosen;
        let gains = score(from).is_none_or(|here| score(chosen).is_some_and(|there| there < here));
        if chosen == from || !(gains || chosen == request.home) {
            let message = "it is best where it is; name a unit to send it there nevertheless";
            return Err(Rejection::new(Kind::Precondition, "BEST_WHERE_IT_IS", message));
        }
        // Those behind the present unit are no better than it.
        let ahead = plan.bids.iter().position(|bid| bid.unit == from).unwrap_or(plan.bids.len());
        plan.bids.truncate(ahead);
        plan.explanation.moved = Some(route::Moved {
            from: Some(from),
            by: by.to_owned(),
            reason: asked.reason.clone(),
            against: Vec::new(),
            instead: None,
        });
        Ok(plan)
    }
}

fn order<'o>(
    at: UnitId,
    from: Option<UnitId>,
    by: &'o str,
    asked: &'o Reassign,
    home_known: bool,
) -> Order<'o> {
    Order { at, ground: Ground::Overridden, from, by, reason: &asked.reason, home_known }
}
