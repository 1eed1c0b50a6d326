//! Those who move work that nobody has begun: a dispatcher takes it back, to have it routed again, and a supervisor of the
//! unit that has it sends it elsewhere. Both are often too late by a moment: then the officer who took it up keeps it.

use std::time::Duration;

use harness::{
    client::Client,
    province::{ALPHA, BETA, CODE, GAMMA},
};
use phidia_domain::id::UnitId;
use phidia_proto::routing::v1::{
    ListWorkRequest, ReassignWorkRequest, ReleaseWorkRequest, WorkRecord, WorkState,
    routing_service_client::RoutingServiceClient,
};
use tokio::sync::watch;

use crate::{
    history::{Item, What},
    office::{self, Fate},
    recorder::Recorder,
};

/// How often they look.
const LOOK: Duration = Duration::from_millis(100);
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// Moves work until `closed` says true: of chosen applications, the first attempt at any step.
pub(crate) async fn work(recorder: Recorder, routing: String, mut closed: watch::Receiver<bool>) {
    let dispatch = Dispatch {
        recorder,
        dispatcher: Client::operator(&routing),
        supervisors: [ALPHA, BETA, GAMMA]
            .map(|unit| (UnitId::of(CODE, unit).to_string(), Client::supervisor(&routing, unit))),
    };
    while !*closed.borrow() {
        // No answer is no work.
        let listed = tokio::time::timeout(PATIENCE, dispatch.assigned()).await;
        for record in listed.ok().flatten().unwrap_or_default() {
            if *closed.borrow() {
                return;
            }
            dispatch.see_to(record).await;
        }
        let _ = tokio::time::timeout(LOOK, closed.wait_for(|closed| *closed)).await;
    }
}

struct Dispatch {
    recorder: Recorder,
    dispatcher: Client,
    /// By the id of their unit.
    supervisors: [(String, Client); 3],
}

impl Dispatch {
    async fn assigned(&self) -> Option<Vec<WorkRecord>> {
        let request =
            ListWorkRequest { page_size: 1_000, state: WorkState::Assigned.into(), ..Default::default() };
        let mut routing = RoutingServiceClient::new(self.dispatcher.peer());
        Some(routing.list_work(request).await.ok()?.into_inner().records)
    }

    async fn see_to(&self, record: WorkRecord) {
        let item = Item::of(record.work_item.as_ref());
        if item.attempt > 1 {
            return;
        }
        match office::fate(&item.application) {
            Fate::Released => self.release(&item).await,
            Fate::Sent => {
                let at = record.decision.map(|decision| decision.unit_id).unwrap_or_default();
                self.send(item, &at).await;
            }
            Fate::Granted
            | Fate::Refused
            | Fate::Supplemented
            | Fate::Unanswered
            | Fate::Kept
            | Fate::Left => {}
        }
    }

    /// What is refused was begun, and what is not answered may have happened: both are as well.
    async fn release(&self, item: &Item) {
        let request = ReleaseWorkRequest { work_item: Some(item.wire()), reason: "thử lại".into() };
        let mut routing = RoutingServiceClient::new(self.dispatcher.peer());
        let _ = tokio::time::timeout(PATIENCE, routing.release_work(request)).await;
    }

    /// To Beta, and what is there to Alpha: at both is somebody for everything.
    async fn send(&self, item: Item, at: &str) {
        let Some((_, supervisor)) = self.supervisors.iter().find(|(unit, _)| unit == at) else { return };
        let to = if at == UnitId::of(CODE, BETA).to_string() { ALPHA } else { BETA };
        let request = ReassignWorkRequest {
            work_item: Some(item.wire()),
            unit_code: to.into(),
            reason: "quá tải".into(),
            expected_fence: 0,
        };
        let mut routing = RoutingServiceClient::new(supervisor.peer());
        let send = async {
            let sent = routing.reassign_work(request).await?.into_inner();
            Ok(Item::of(sent.work_item.as_ref()))
        };
        let what = |answer| What::Send { item: item.clone(), answer };
        self.recorder.call(what, send).await;
    }
}
