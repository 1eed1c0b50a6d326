//! Tells notification the hours of the province and the addresses of its units, and nothing else of it. A province is brought in also where notification is away: it is
//! told as soon as it is there.

use std::time::Duration;

use phidia_domain::{
    Kind,
    province::{Office, Province},
};
use phidia_proto::notification::v1::{
    InstallPhase, InstallProvinceRequest, office_service_client::OfficeServiceClient,
};
use phidia_runtime::{failure::Failure, peer::Peer, service::Worker, versions::Versions};

/// How often it is looked for what another replica has brought in, and for notification where it was away; real time.
const EVERY: Duration = Duration::from_secs(5);

/// Tells each version that becomes the active one, and the one that is when the process begins.
pub(crate) fn worker(versions: Versions<Province>, notification: Peer) -> Worker {
    Worker::new("tell-hours", move |stop| async move {
        let mut office = OfficeServiceClient::new(notification);
        let (mut changes, mut told, mut refused) = (versions.changes(), 0, String::new());
        loop {
            match tell(&versions, &mut office, told).await {
                Ok(version) => told = version,
                Err(failure) if failure.is_transient() => {
                    tracing::debug!(%failure, "notification does not know the hours of the province yet");
                }
                // It will be the same in five seconds: somebody has to look, and need not be told each time.
                Err(failure) => {
                    let why = failure.to_string();
                    if why != refused {
                        tracing::warn!(%failure, "notification does not take the hours of the province");
                        refused = why;
                    }
                }
            }
            tokio::select! {
                () = stop.cancelled() => break,
                Ok(()) = changes.changed() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    })
}

/// Tells the active version, unless that was told; answers which one it is.
async fn tell(
    versions: &Versions<Province>,
    office: &mut OfficeServiceClient<Peer>,
    told: i64,
) -> Result<i64, Failure> {
    let version = versions.latest().await?.version;
    if version == told {
        return Ok(told);
    }
    let mut files = versions.documents(version).await?;
    files.retain(|name, _| Office::reads(name));
    for (phase, files) in [(InstallPhase::Stage, files), (InstallPhase::Activate, Default::default())] {
        let request = InstallProvinceRequest { phase: phase.into(), version, files };
        if let Err(status) = office.install_province(request).await {
            let failure = Failure::from(status);
            // It is ahead, or knows another province by this number: that is not ours to mend.
            let is_ahead = failure
                .rejection()
                .is_some_and(|refusal| matches!(refusal.kind, Kind::Precondition | Kind::AlreadyExists));
            if !is_ahead {
                return Err(failure);
            }
            tracing::warn!(version, %failure, "notification keeps other hours");
            break;
        }
    }
    Ok(version)
}
