//! What nobody has begun leaves a unit in emergency, and a unit where nobody masters it any more: taken back there, and
//! routed again. What the law binds to the unit, and what nobody else would take at present, stays.

use jiff::Timestamp;
use phidia_domain::{
    id::UnitId,
    registry::{Availability, Change, Registry, Replan},
    route::{self, Ground, Load, LoadKey, Snapshot},
    work_item::WorkItem,
};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::{
    Routing,
    desk::unavailable,
    reference::Reference,
    release_work::take_back,
    store::{application, assignment, epoch, item},
    work::{Origin, State},
};

/// How much is looked at, and at most taken back, in one transaction.
const BATCH: u64 = 200;

/// Why it leaves its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The unit is in emergency.
    Emergency,
    /// Nobody there masters it any more: officers left, or master less than when it came.
    NobodyAble,
}

impl Cause {
    const ALL: [Self; 2] = [Self::Emergency, Self::NobodyAble];

    /// The cause by whose name something was taken back, and not in somebody's own words.
    pub(crate) fn parse(reason: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.reason() == reason)
    }

    /// The stable name, as it stands with what was taken back.
    fn reason(self) -> &'static str {
        match self {
            Self::Emergency => "UNIT_IN_EMERGENCY",
            Self::NobodyAble => "NOBODY_ABLE_THERE",
        }
    }
}

/// What can leave a unit.
#[derive(Debug, Default)]
pub(crate) struct Leaving {
    /// Some of it.
    pub(crate) items: Vec<WorkItem>,
    /// What these, and those before them, will add to the others, who may take no more than they can.
    pub(crate) taking: Vec<(UnitId, Load)>,
    /// Behind what the next of it is, if there is more to look at.
    next: Option<i64>,
}

impl Routing {
    /// For every unit in emergency, and every one with work that nobody there masters: what can leave it by now. Answers how
    /// much that was.
    pub(crate) async fn leave_units(&self) -> Result<usize, Failure> {
        let today = self.versions.active().await?;
        let Reference { registry, roster, .. } = &today.value;
        let mut released = 0;
        for (unit, standing) in &registry.standings {
            if standing.availability == Availability::Emergency {
                released += self.leave_unit(*unit, Vec::new(), Cause::Emergency).await?;
            }
        }
        let board = self.board.snapshot(today.value.code()).await.map_err(unavailable)?;
        for (unit, load) in &board.units {
            let is_stranded = |key: &LoadKey| roster.competent_officers(*unit, &key.field, key.level) == 0;
            if load.queued.keys().any(is_stranded) {
                released += self.leave_unit(*unit, Vec::new(), Cause::NobodyAble).await?;
            }
        }
        Ok(released)
    }

    /// What can leave a unit for this reason, batch by batch, when others are `taking` already what is on its way.
    pub(crate) async fn leave_unit(
        &self,
        unit: UnitId,
        taking: Vec<(UnitId, Load)>,
        cause: Cause,
    ) -> Result<usize, Failure> {
        let today = self.versions.active().await?;
        let today = &today.value;
        let (revision, now) = (today.revision(), self.business.now());
        let mut leaving = Leaving { taking, next: Some(0), ..Leaving::default() };
        let mut released = 0;
        while let Some(after) = leaving.next {
            leaving = self.leaving(today, unit, after, leaving.taking, cause).await?;
            let items = std::mem::take(&mut leaving.items);
            if items.is_empty() {
                continue;
            }
            let code = today.code().to_owned();
            let done = self.db.write(move |tx| {
                Box::pin(async move {
                    // The emergency may be over, or others may have closed.
                    if epoch::hold(tx, &code).await?.1 != revision {
                        return Ok(None);
                    }
                    release(tx, &code, &items, cause, now, &Origin::default()).await.map(Some)
                })
            });
            match done.await? {
                Some(done) => released += done,
                None => {
                    self.versions.outdate();
                    break;
                }
            }
            self.wake.notify_one();
        }
        Ok(released)
    }

    /// What will leave a unit by a change that has not been made yet: the first of it, to go in the same
    /// transaction. When the board is away, the change must not wait for it: then nothing.
    pub(crate) async fn would_leave(
        &self,
        planned: &Reference,
        known: &Reference,
        change: &Change,
    ) -> Leaving {
        let Replan::LeaveUnit(unit) = known.registry.replan(change, &planned.province) else {
            return Leaving::default();
        };
        let mut registry = Registry::clone(&known.registry);
        registry.apply(change);
        let leaving = async {
            let planned = planned.with(known.version(), registry.into(), Some(self.business.now()))?;
            self.leaving(&planned, unit, 0, Vec::new(), Cause::Emergency).await
        };
        match leaving.await {
            Ok(leaving) => leaving,
            Err(failure) => {
                tracing::warn!(%unit, %failure, "what can leave the unit is not known now");
                Leaving::default()
            }
        }
    }

    /// Of one batch from behind `after`: what another unit would get. What is on its way and on the board already
    /// counts twice: rather something stays until it is looked at again than that nobody can take it.
    async fn leaving(
        &self,
        today: &Reference,
        unit: UnitId,
        after: i64,
        mut taking: Vec<(UnitId, Load)>,
        cause: Cause,
    ) -> Result<Leaving, Failure> {
        let code = today.code();
        let items = item::unbegun_at(self.db.read(), code, unit, after, BATCH).await?;
        if items.is_empty() {
            return Ok(Leaving { taking, ..Leaving::default() });
        }
        let full = u64::try_from(items.len()).is_ok_and(|read| read == BATCH);
        let next = items.last().filter(|_| full).map(|item| item.arrived);
        let ids = items.iter().map(|item| item.work_item.application);
        let applications = application::find_all(self.db.read(), code, ids).await?;
        let seen = self.board.snapshot(code).await.map_err(unavailable)?;
        let mut view = Snapshot { lent: self.lent(code).await?, ..seen };
        for (taker, load) in &taking {
            view.units.entry(*taker).or_default().add(load);
        }
        let policy = self.policies.active().await?;
        let now = self.business.now();
        let Reference { province, roster, .. } = today;
        let mut leaving = Vec::new();
        for item in items {
            let Some(application) = applications.get(&item.work_item.application) else { continue };
            let Ok(request) = self.request(today, application, &item, None).await? else { continue };
            if cause == Cause::NobodyAble {
                if roster.competent_officers(unit, &request.field, request.level) > 0 {
                    continue;
                }
                // What a person has sent where nobody can do it, they have their reasons for.
                let held = assignment::find(self.db.read(), code, item.work_item).await?;
                if held.is_none_or(|held| held.ground == Ground::Overridden) {
                    continue;
                }
            }
            let plan = route::decide(&policy, province, roster, &view, &request, now);
            if let Ok(plan) = plan
                && plan.explanation.chosen != unit
            {
                // What comes after it finds it there.
                let chosen = plan.explanation.chosen;
                let load = plan.load_at(chosen);
                view.units.entry(chosen).or_default().add(&load);
                taking.push((chosen, load));
                leaving.push(item.work_item);
            }
        }
        Ok(Leaving { items: leaving, taking, next })
    }
}

/// Takes back those of the work items that still stand and that nobody has begun; answers how many.
pub(crate) async fn release(
    tx: &DatabaseTransaction,
    province: &str,
    leaving: &[WorkItem],
    cause: Cause,
    now: Timestamp,
    origin: &Origin,
) -> Result<usize, Failure> {
    let mut released = 0;
    for work_item in leaving {
        let attempts = item::of_step(tx, province, work_item.application, work_item.step).await?;
        let present = attempts.iter().rfind(|item| item.state != State::Released);
        let Some(present) = present.filter(|item| item.work_item == *work_item && !item.begun) else {
            continue;
        };
        let next = take_back(tx, province, present, &attempts, cause.reason(), now, origin.clone()).await?;
        released += usize::from(next.is_some());
    }
    Ok(released)
}
