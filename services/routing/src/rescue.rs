//! Every now and then, by business time, what nobody has begun and will be late is moved to where it will be on time.
//! What is to be moved says the policy (`phidia_domain::route::rescue`); how it is moved is `move_work`.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use jiff::{SignedDuration, Timestamp};
use phidia_domain::{
    route::{self, Ground, Spent, Unstarted},
    work_item::WorkItem,
};
use phidia_runtime::{failure::Failure, versions::Versioned};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::{
    Routing,
    desk::unavailable,
    move_work::{Moving, Tried},
    reference::Reference,
    store::{application, assignment, hint, item, moves},
    work::{Assignment, Item, Move, State},
};

/// How many work items are looked at, those that are due first.
pub(crate) const MOST: u64 = 5_000;
/// How many at once.
const SOME: usize = 500;
/// How many hints are looked at together.
const MOST_HINTS: u64 = 500;

impl Routing {
    /// One look; answers how many work items it has moved. What was rescued since one look ago counts towards the
    /// budget: whoever begins anew, or on another replica, does not begin with a full one.
    pub(crate) async fn rescue(
        &self,
        every: SignedDuration,
        stop: &CancellationToken,
    ) -> Result<usize, Failure> {
        let today = self.versions.active().await?;
        let (conn, code) = (self.db.read(), today.value.code());
        let items = item::unstarted(conn, code, self.business.now(), MOST).await?;
        if u64::try_from(items.len()).is_ok_and(|count| count == MOST) {
            tracing::warn!(
                MOST,
                "more waits than one look for rescues can take in: what is due later is left out"
            );
        }
        self.rescue_of(&today, items, every, stop).await
    }

    /// A look at what processing has hinted at; answers how many work items it has moved. All gates and budgets are those of every
    /// look. A hint is looked at once: what it led to nothing for is looked at in the rounds like everything else.
    pub(crate) async fn rescue_hinted(
        &self,
        every: SignedDuration,
        stop: &CancellationToken,
    ) -> Result<usize, Failure> {
        let today = self.versions.active().await?;
        let (conn, code) = (self.db.read(), today.value.code());
        let hints = hint::list(conn, code, MOST_HINTS).await?;
        if hints.is_empty() {
            return Ok(0);
        }
        let applications = hints.iter().map(|(application, _)| *application);
        let mut items = item::of_applications(conn, code, applications).await?;
        items.retain(|item| {
            let WorkItem { application, step, .. } = item.work_item;
            item.state == State::Assigned && !item.begun && hints.contains(&(application, step))
        });
        let moved = self.rescue_of(&today, items, every, stop).await?;
        if stop.is_cancelled() {
            // Perhaps nobody has looked: another replica does.
            return Ok(moved);
        }
        let code = code.to_owned();
        self.db.write(move |tx| Box::pin(async move { hint::remove(tx, &code, &hints).await })).await?;
        Ok(moved)
    }

    /// Moves those of some work items that nobody has begun which are to be rescued.
    async fn rescue_of(
        &self,
        today: &Arc<Versioned<Reference>>,
        items: Vec<Item>,
        every: SignedDuration,
        stop: &CancellationToken,
    ) -> Result<usize, Failure> {
        let (code, now) = (today.value.code(), self.business.now());
        let unstarted = self.unstarted(&today.value, items).await?;
        if unstarted.is_empty() {
            return Ok(0);
        }
        let mut spent = Spent::default();
        let since = now.saturating_sub(every).unwrap_or(Timestamp::MIN);
        for (from, to) in moves::rescued_since(self.db.read(), code, since).await? {
            spent.note(from, to);
        }
        let view = {
            let mut desk = self.desk.lock().await;
            self.ready(&mut desk, code).await?;
            desk.view(code).await.map_err(unavailable)?.clone()
        };
        let (policy, reference) = (self.policies.active().await?, Arc::clone(today));
        let (mut held, unstarted): (BTreeMap<_, _>, Vec<_>) = unstarted
            .into_iter()
            .map(|(item, held, unstarted)| ((unstarted.work_item, (item, held)), unstarted))
            .unzip();
        // As many predictions as there are work items: not on a thread that others wait for, nor on one that a process
        // waits for that ends. What it reckons is nobody's loss.
        let (tell, found) = oneshot::channel();
        std::thread::spawn(move || {
            let Reference { province, roster, .. } = &reference.value;
            tell.send(route::rescue(&policy, province, roster, &view, &unstarted, spent, now))
        });
        let found = tokio::select! {
            found = found => found.map_err(Failure::broken)?,
            () = stop.cancelled() => return Ok(0),
        };
        let mut moved = 0;
        for rescue in found {
            if stop.is_cancelled() {
                break;
            }
            let Some((item, held)) = held.remove(&rescue.work_item) else { continue };
            match self.relieve(today, item, held, &rescue.plan).await {
                Ok(true) => moved += 1,
                // Its place is taken, or processing does not know it yet.
                Ok(false) => {}
                // Begun, or moved by somebody, since it was looked at: it stays as it is.
                Err(failure) if !failure.is_transient() => {
                    tracing::debug!(work_item = %rescue.work_item, %failure, "not rescued");
                }
                Err(failure) => return Err(failure),
            }
        }
        if moved > 0 {
            tracing::info!(moved, "rescued what would have been late");
        }
        Ok(moved)
    }

    /// Moves one; whether it is there.
    async fn relieve(
        &self,
        today: &Versioned<Reference>,
        item: Item,
        held: Assignment,
        plan: &route::Plan,
    ) -> Result<bool, Failure> {
        let code = today.value.code();
        let to = self.next_attempt(code, item.work_item).await?;
        let traceparent = item.origin.traceparent.clone();
        let (revision, since) = (today.value.revision(), Instant::now());
        let expected_fence = item.fence;
        let moving = Moving { item, held, to, expected_fence, revision, traceparent, since };
        let open: Option<Move> = {
            let mut desk = self.desk.lock().await;
            self.set_out(&mut desk, code, &moving, plan).await?
        };
        let Some(open) = open else { return Ok(false) };
        Ok(matches!(self.try_out(&today.value, &open).await?, Tried::Arrived(_)))
    }

    /// Work items with what the rescue asks about them.
    async fn unstarted(
        &self,
        today: &Reference,
        items: Vec<Item>,
    ) -> Result<Vec<(Item, Assignment, Unstarted)>, Failure> {
        let (conn, code) = (self.db.read(), today.code());
        let moving = moves::under_way(conn, code).await?;
        let mut all = Vec::with_capacity(items.len());
        for some in items.chunks(SOME) {
            let ids = || some.iter().map(|item| item.work_item.application);
            let applications = application::find_all(conn, code, ids()).await?;
            let mut decisions = assignment::of_applications(conn, code, ids()).await?;
            let rescued = moves::rescued_from(conn, code, ids()).await?;
            // What is on its way already is not rescued.
            for item in some.iter().filter(|item| !moving.contains(&item.work_item)) {
                let Some(held) = decisions.remove(&item.work_item).filter(|held| held.open) else { continue };
                let Some(application) = applications.get(&item.work_item.application) else { continue };
                // A kept step that is not on the board yet is looked at the next time.
                let Some(load) = held.counted.as_ref().map(|counted| counted.load.clone()) else { continue };
                let next = Item { work_item: item.work_item.next_attempt(), ..item.clone() };
                let Ok(request) = self.request(today, application, &next, None).await? else { continue };
                let first = WorkItem { attempt: 1, ..item.work_item };
                let unstarted = Unstarted {
                    work_item: item.work_item,
                    request,
                    at: held.unit,
                    load,
                    overridden: held.ground == Ground::Overridden,
                    rescued_from: rescued.get(&first).cloned().unwrap_or_default(),
                };
                all.push((item.clone(), held, unstarted));
            }
        }
        Ok(all)
    }
}
