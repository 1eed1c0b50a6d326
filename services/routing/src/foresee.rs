//! Simulations for a caller: a quarter of the active province, or the cases that are open now. Nothing is stored.

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
    },
    store::{application, assignment, item},
};

/// How many applications are played for a caller at most, all runs together.
const MOST_APPLICATIONS: u64 = 200_000;
/// After how many steps a caller is told.
const TOLD_EVERY: u64 = 1_000;

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

    /// The right to play, which one caller has at a time.
    ///
    /// # Errors
    /// `RESOURCE_EXHAUSTED` while another one has it.
    pub(crate) fn stage(&self) -> Result<OwnedSemaphorePermit, Rejection> {
        Arc::clone(&self.stage).try_acquire_owned().map_err(|_| {
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
        let simulator = Simulator::new(&today.value.province, &demand, experiment)?;
        if simulator.applications() > MOST_APPLICATIONS {
            let message = format!("at most {MOST_APPLICATIONS} applications are played, all runs together");
            return Err(Rejection::new(Kind::Exhausted, "SIMULATION_TOO_LARGE", message).into());
        }
        Ok(simulator)
    }

    /// What a policy would do to the work that is open now.
    ///
    /// # Errors
    /// `UNAVAILABLE` when no province is active or the board is away.
    pub(crate) async fn foresee(&self, policy: Policy) -> Result<Foreseen, Failure> {
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
        let forecasts = spawn_blocking(move || {
            forecast(&dials, &known.value.province, &known.value.roster, snapshot, unbegun, now)
        });
        let forecasts = forecasts.await.map_err(Failure::broken)?;
        Ok(Foreseen { today: Arc::clone(&today), policy, begun, forecasts })
    }
}

/// Plays on one thread; `told` is told of the steps that have ended, and says whether anybody listens.
pub(crate) fn play(
    simulator: &Simulator,
    policy: &Policy,
    against: &Policy,
    told: &(dyn Fn(u64) -> bool + Sync),
) -> Result<Report, Interrupted> {
    let steps = AtomicU64::new(0);
    simulator.compare(policy, against, NonZero::<usize>::MIN, &|| {
        let steps = steps.fetch_add(1, Ordering::Relaxed) + 1;
        !steps.is_multiple_of(TOLD_EVERY) || told(steps)
    })
}
