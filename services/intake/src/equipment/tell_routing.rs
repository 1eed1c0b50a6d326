//! Routing is told how many can work at once at a unit: durably, each unit's newest figure, until routing has it.

use std::time::Duration;

use phidia_proto::routing::v1::{SetUnitWorkplacesRequest, registry_service_client::RegistryServiceClient};
use phidia_runtime::{failure::Failure, peer::Peer, service::Worker};
use tokio_util::sync::CancellationToken;

use crate::{Intake, store::equipment};

/// How often it is looked for what is to be told, in real time.
const EVERY: Duration = Duration::from_secs(1);
/// How long it is waited when routing is away.
const PAUSE: Duration = Duration::from_secs(5);

/// Tells routing, until it is stopped.
pub(crate) fn worker(intake: Intake, routing: Peer) -> Worker {
    Worker::new("tell routing of workplaces", move |stop| async move {
        let mut wait = EVERY;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
            wait = EVERY;
            if let Err(failure) = tell(&intake, &routing, &stop).await {
                tracing::debug!(%failure, "routing can't be told of workplaces now");
                wait = PAUSE;
            }
        }
    })
}

async fn tell(intake: &Intake, routing: &Peer, stop: &CancellationToken) -> Result<(), Failure> {
    let today = intake.versions.active().await?;
    let province = &today.value.code;
    for untold in equipment::untold(intake.outbox.database().read(), province).await? {
        if stop.is_cancelled() {
            break;
        }
        // A unit that the province has no more works nowhere.
        if let Some(unit) = today.value.units.get(&untold.unit) {
            let request = SetUnitWorkplacesRequest {
                unit_code: unit.code.clone(),
                workplaces: untold.places,
                reason: "equipment register".to_owned(),
                register_revision: Some(untold.revision),
                expected_revision: None,
            };
            let mut registry = RegistryServiceClient::new(routing.clone());
            let told = registry.set_unit_workplaces(request).await;
            told.map_err(|status| phidia_runtime::status::from_status(&status))?;
        }
        let (province, unit, revision) = (province.clone(), untold.unit, untold.revision);
        intake
            .outbox
            .database()
            .write(move |tx| {
                Box::pin(async move { equipment::mark_told(tx, &province, unit, revision).await })
            })
            .await?;
    }
    Ok(())
}
