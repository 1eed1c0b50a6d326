//! Routing is told how many can work at once at a unit: durably, each unit's newest figure, until routing has it.

use std::time::Duration;

use phidia_domain::Kind;
use phidia_proto::routing::v1::{SetUnitWorkplacesRequest, registry_service_client::RegistryServiceClient};
use phidia_runtime::{failure::Failure, peer::Peer, service::Worker};
use tokio_util::sync::CancellationToken;

use crate::{Intake, store::equipment};

/// How often it is looked for what is to be told, in real time.
const EVERY: Duration = Duration::from_secs(1);
/// How long it is waited when routing is away …
const PAUSE: Duration = Duration::from_secs(5);
/// … and when it has refused something.
const LONG_PAUSE: Duration = Duration::from_secs(60);

/// Tells routing, until it is stopped.
pub(crate) fn worker(intake: Intake, routing: Peer) -> Worker {
    Worker::new("tell routing of workplaces", move |stop| async move {
        let mut wait = EVERY;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
            wait = match tell(&intake, &routing, &stop).await {
                Ok(true) => EVERY,
                Ok(false) => LONG_PAUSE,
                Err(failure) => {
                    tracing::debug!(%failure, "routing can't be told of workplaces now");
                    PAUSE
                }
            };
        }
    })
}

/// Tells all that is untold; whether routing took all of it.
async fn tell(intake: &Intake, routing: &Peer, stop: &CancellationToken) -> Result<bool, Failure> {
    let mut is_whole = true;
    let today = intake.versions.active().await?;
    let province = &today.value.code;
    for untold in equipment::untold(intake.outbox.database().read(), province).await? {
        if stop.is_cancelled() {
            break;
        }
        // A unit that the province has no more works nowhere; it is told once it is there again.
        let Some(unit) = today.value.units.get(&untold.unit) else { continue };
        let request = SetUnitWorkplacesRequest {
            unit_code: unit.code.clone(),
            workplaces: untold.places,
            reason: "equipment register".to_owned(),
            register_revision: Some(untold.revision),
            expected_revision: None,
        };
        let mut registry = RegistryServiceClient::new(routing.clone());
        if let Err(status) = registry.set_unit_workplaces(request).await {
            let refusal = phidia_runtime::status::from_status(&status);
            if matches!(refusal.kind, Kind::Unavailable | Kind::Deadline) {
                return Err(refusal.into());
            }
            // What routing does not want of one unit keeps none of the others from being told.
            tracing::warn!(unit = %untold.unit, %refusal, "routing was not told of workplaces");
            is_whole = false;
            continue;
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
    Ok(is_whole)
}
