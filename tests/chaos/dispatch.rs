//! A dispatcher who takes work back that nobody has begun, to have it routed again – and is often too late by a
//! moment: then the officer who took it up keeps it.

use std::time::Duration;

use harness::client::Client;
use phidia_proto::routing::v1::{
    ListWorkRequest, ReleaseWorkRequest, WorkState, routing_service_client::RoutingServiceClient,
};
use tokio::sync::watch;

use crate::{
    history::Item,
    office::{self, Fate},
};

/// How often the dispatcher looks.
const LOOK: Duration = Duration::from_millis(100);
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// Takes back until `closed` says true: of chosen applications, the first attempt at any step.
pub(crate) async fn release(routing: String, mut closed: watch::Receiver<bool>) {
    let dispatcher = Client::operator(&routing);
    while !*closed.borrow() {
        // What is refused was begun, and what is not answered may have happened: both are as well.
        let _ = tokio::time::timeout(PATIENCE, once(&dispatcher)).await;
        let _ = tokio::time::timeout(LOOK, closed.wait_for(|closed| *closed)).await;
    }
}

async fn once(dispatcher: &Client) -> Option<()> {
    let mut routing = RoutingServiceClient::new(dispatcher.peer());
    let request =
        ListWorkRequest { page_size: 1_000, state: WorkState::Assigned.into(), ..Default::default() };
    let records = routing.list_work(request).await.ok()?.into_inner().records;
    for record in records {
        let item = Item::of(record.work_item.as_ref());
        if item.attempt == 1 && office::fate(&item.application) == Fate::Released {
            let request = ReleaseWorkRequest { work_item: record.work_item, reason: "thử lại".into() };
            let _ = routing.release_work(request).await;
        }
    }
    Some(())
}
