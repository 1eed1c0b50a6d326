//! Simulations for a caller: a quarter of the active province, what was really decided, or the cases that are open
//! now. Nothing is stored.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use phidia_domain::{Kind, Rejection, policy::document, route::Policy};
use phidia_runtime::{failure::Failure, versions::Versioned};
use tokio::{sync::OwnedSemaphorePermit, task::spawn_blocking};

use crate::{
    Routing,
    desk::unavailable,
    reference::Reference,
    simulate::{
        Experiment, Interrupted, Report, Simulator,
        live::{Forecast, Unbegun, forecast},
        trace::{Decided, Decisions, Trace},
    },
    store::{application, assignment, decision, item},
    work::Outcome,
};

/// How many applications are played for a caller at most, all runs together: a whole quarter at load 1.3, once under either
/// policy.
const MOST_APPLICATIONS: u64 = 700_000;
/// How many decisions of the log are played for a caller at most: under two policies no more than that.
const MOST_DECISIONS: i64 = 100_000;
/// Decisions that are read in one go.
const BATCH: i64 = 500;
/// After how many steps a caller is told.
const TOLD_EVERY: u64 = 1_000;

/// The right to play, which one caller has at a time. It is given back when nobody holds it any more: neither who listens nor
/// what reckons on a thread of its own, which nobody can call off.
pub(crate) type Stage = Arc<OwnedSemaphorePermit>;

/// What would become of the open cases.
pub(crate) struct Foreseen {
    pub(crate) today: Arc<Versioned<Reference>>,
    pub(crate) policy: Policy,
    /// Work items that are begun.
    pub(crate) begun: usize,
    pub(crate) forecasts: Vec<Forecast>,
}

impl Routing {
    /// The policy of a document; the one that decides, when it is empty.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` with every fault.
    pub(crate) fn policy_of(&self, field: &str, text: &str) -> Result<Option<Policy>, Rejection> {
        let read = |text| document::read(text).map_err(|faults| document::refusal(&faults).under(field));
        Some(text).filter(|text| !text.is_empty()).map(read).transpose()
    }

    /// What a policy is compared with: that of a document, or everything at home, when it is empty.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` with every fault.
    pub(crate) fn against(&self, field: &str, text: &str) -> Result<Policy, Rejection> {
        Ok(self.policy_of(field, text)?.unwrap_or_else(Policy::home_only))
    }

    /// The right to play, which one caller has at a time.
    ///
    /// # Errors
    /// `RESOURCE_EXHAUSTED` while another one has it.
    pub(crate) fn stage(&self) -> Result<Stage, Rejection> {
        Arc::clone(&self.stage).try_acquire_owned().map(Stage::new).map_err(|_| {
            Rejection::new(Kind::Exhausted, "SIMULATION_RUNNING", "another simulation is being played here")
        })
    }

    /// Gets a quarter of the active province ready to be played.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for what cannot be played, `RESOURCE_EXHAUSTED` for more than is played for anybody.
    pub(crate) async fn simulator(
        &self,
        experiment: Experiment,
        demand: BTreeMap<String, Vec<u8>>,
    ) -> Result<Simulator, Failure> {
        let today = self.versions.active().await?;
        let simulator = Simulator::new(&today.value.province, &demand, experiment)
            .map_err(|refusal| refusal.under("quarter"))?;
        if simulator.applications() > MOST_APPLICATIONS {
            let message = format!("at most {MOST_APPLICATIONS} applications are played, all runs together");
            return Err(Rejection::new(Kind::Exhausted, "SIMULATION_TOO_LARGE", message).into());
        }
        Ok(simulator)
    }

    /// Gets what was decided behind a position of the log ready to be played.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a position below 0, `FAILED_PRECONDITION` when there is nothing behind it,
    /// `RESOURCE_EXHAUSTED` for more than is played for anybody.
    pub(crate) async fn trace(&self, after: i64, seed: u64, stage: &Stage) -> Result<Trace, Failure> {
        let today = self.versions.active().await?;
        let (last, _) = decision::end(self.db.read(), today.value.code()).await?;
        check_length(after, last)?;
        let (mut position, mut decisions) = (after, Decisions::default());
        while position < last {
            // Both are above 0.
            let size = BATCH.min(last - position).unsigned_abs();
            let logged = self.log(position, size).await?.logged;
            let Some(end) = logged.last().and_then(|last| last.link.as_ref()) else { break };
            position = end.position;
            // What found no unit, or can no longer be read, has nothing to be played.
            let counted = logged.into_iter().filter_map(|logged| match logged.outcome {
                Some(Outcome::Assigned(assignment)) => assignment.counted,
                Some(Outcome::Refused(_)) | None => None,
            });
            counted.map(|counted| (counted.epoch, counted.explanation)).for_each(|(epoch, explanation)| {
                decisions.add(Decided {
                    at: explanation.decided_at,
                    request: explanation.request,
                    epoch,
                    chosen: explanation.chosen,
                });
            });
        }
        let trace = reckon(stage, move || {
            let Reference { province, registry, .. } = &today.value;
            Trace::new(province, Arc::clone(registry), decisions, seed)
        });
        Ok(trace.await??)
    }

    /// What a policy would do to the work that is open now.
    ///
    /// # Errors
    /// `UNAVAILABLE` when no province is active or the board is away.
    pub(crate) async fn foresee(&self, policy: Policy, stage: &Stage) -> Result<Foreseen, Failure> {
        let today = self.versions.active().await?;
        let code = today.value.code();
        let conn = self.db.read();
        let snapshot = self.board.snapshot(code).await.map_err(unavailable)?;
        let open = assignment::open(conn, code).await?;
        let about: BTreeSet<_> = open.iter().map(|(work_item, ..)| work_item.application).collect();
        let applications = application::find_all(conn, code, about.iter().copied()).await?;
        let items = item::of_applications(conn, code, about).await?;
        let items: BTreeMap<_, _> = items.into_iter().map(|item| (item.work_item, item)).collect();
        let (mut begun, mut unbegun) = (0, Vec::new());
        for (work_item, at, load) in open {
            let application = applications.get(&work_item.application);
            let (Some(item), Some(application)) = (items.get(&work_item), application) else { continue };
            match self.request(&today.value, application, item, Some(at)).await? {
                Ok(request) if !item.begun => unbegun.push(Unbegun { request, at, load }),
                _ => begun += 1,
            }
        }
        let now = self.business.now();
        let (known, dials) = (Arc::clone(&today), policy.clone());
        let forecasts = reckon(stage, move || {
            forecast(&dials, &known.value.province, &known.value.roster, snapshot, unbegun, now)
        });
        let forecasts = forecasts.await?;
        Ok(Foreseen { today: Arc::clone(&today), policy, begun, forecasts })
    }
}

/// Reckons on a thread of its own, which goes on to its end also where the caller has left: until then it holds the stage.
async fn reckon<T: Send + 'static>(
    stage: &Stage,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    let stage = Stage::clone(stage);
    let reckoned = spawn_blocking(move || {
        let _stage = stage;
        work()
    });
    reckoned.await.map_err(Failure::broken)
}

/// Refuses what is too long to be played.
fn check_length(after: i64, last: i64) -> Result<(), Rejection> {
    if after < 0 {
        let expected = "a position of the log, or 0";
        return Err(Rejection::invalid("OUT_OF_RANGE", "trace.after_position", expected));
    }
    let (length, earliest) = (last.saturating_sub(after), last.saturating_sub(MOST_DECISIONS));
    if length > MOST_DECISIONS {
        let message = format!(
            "the log has {length} decisions behind position {after}, and at most {MOST_DECISIONS} are played: \
             begin behind position {earliest}"
        );
        return Err(Rejection::new(Kind::Exhausted, "TRACE_TOO_LONG", message));
    }
    Ok(())
}

/// What is played for a caller.
pub(crate) enum Playable {
    /// A quarter.
    Quarter(Simulator),
    /// What was really decided.
    Trace(Trace),
}

impl Playable {
    /// How many applications are played in all.
    pub(crate) fn applications(&self) -> u64 {
        match self {
            Self::Quarter(simulator) => simulator.applications(),
            Self::Trace(trace) => trace.applications(),
        }
    }

    /// Plays on one thread; `told` is told of the steps that have ended, and says whether anybody listens.
    pub(crate) fn play(
        &self,
        policy: &Policy,
        against: &Policy,
        told: &(dyn Fn(u64) -> bool + Sync),
    ) -> Result<Report, Interrupted> {
        let steps = AtomicU64::new(0);
        let goes_on = || {
            let steps = steps.fetch_add(1, Ordering::Relaxed) + 1;
            !steps.is_multiple_of(TOLD_EVERY) || told(steps)
        };
        match self {
            Self::Quarter(simulator) => simulator.compare(policy, against, NonZero::<usize>::MIN, &goes_on),
            Self::Trace(trace) => trace.compare(policy, against, &goes_on),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Duration};

    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn what_reckons_holds_the_stage_when_its_caller_has_left() {
        let free = Arc::new(Semaphore::new(1));
        let stage = Stage::new(Arc::clone(&free).try_acquire_owned().unwrap());
        let ((began, has_begun), (end, may_end)) = (mpsc::channel(), mpsc::channel::<()>());
        let caller = tokio::spawn(async move {
            let work = move || {
                began.send(()).unwrap();
                may_end.recv().unwrap();
            };
            reckon(&stage, work).await
        });
        spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        assert_eq!(free.available_permits(), 0, "another one may reckon while this one still does");
        end.send(()).unwrap();
        let given_back = tokio::time::timeout(Duration::from_secs(10), free.acquire()).await;
        drop(given_back.expect("the stage is given back").unwrap());
    }

    #[test]
    fn a_log_is_played_up_to_a_bound_that_is_named() {
        for (after, last) in [(0, 0), (0, MOST_DECISIONS), (7, MOST_DECISIONS + 7), (9, 3), (i64::MAX, 1)] {
            assert_eq!(check_length(after, last), Ok(()), "{after} {last}");
        }
        let refusal = check_length(5, MOST_DECISIONS + 6).unwrap_err();
        assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Exhausted, "TRACE_TOO_LONG"));
        let told =
            "has 100001 decisions behind position 5, and at most 100000 are played: begin behind position 6";
        assert!(refusal.message.contains(told), "{}", refusal.message);
        assert_eq!(check_length(-1, 3).unwrap_err().violations[0].field, "trace.after_position");
    }
}
