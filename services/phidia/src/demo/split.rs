//! The day on a house whose services run in processes of their own. In test builds only
//! (`services/decisions/0013-rehearsals.md`).

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use futures::future::try_join_all;
use jiff::Timestamp;
use phidia_domain::{
    caller::{Caller, Role},
    route::Policy,
};
use phidia_proto::events::v1::{GetRestRequest, outbox_service_client::OutboxServiceClient};
use phidia_runtime::{clock::file::Course, peer::Peer};

use super::house::House;
use crate::config::{Given, Settings};

/// What a house is led by when its services are elsewhere.
pub(super) struct Split {
    /// The clock file that all its services follow.
    clock: PathBuf,
    outboxes: Vec<OutboxServiceClient<Peer>>,
}

/// The house of this configuration, which its services run by too.
///
/// # Errors
/// When they could not come to the figures of this seed and this policy.
pub(super) fn house(config: &Path, seed: u64, policy: &Policy) -> anyhow::Result<House<'static>> {
    let settings = Settings::load(Given { file: Some(config), ..Given::default() })?;
    let (file, is) = (config.display(), &settings.routing.policy);
    ensure!(is == policy, "{file}: routing.policy is {}, and {} is to be played", is.name, policy.name);
    ensure!(
        settings.routing.rescue_seconds == 0,
        "{file}: routing.rescue_seconds is to be 0, as in one process"
    );
    ensure!(
        settings.routing.retry_seconds == 0,
        "{file}: routing.retry_seconds is to be 0, as in one process"
    );
    ensure!(
        settings.processing.look_millis == 0,
        "{file}: processing.look_millis is to be 0, as in one process"
    );
    let Some(rehearsal) = settings.rehearsal else {
        bail!("{file}: rehearsal.clock is missing: business time could not be moved")
    };
    ensure!(rehearsal.seed == Some(seed), "{file}: rehearsal.seed is to be that of the day, {seed}");
    let operator = || Caller { role: Role::Operator, name: "demo".to_owned(), unit: None, officer: None };
    let peer = |url: &str| Peer::remote(url, operator(), settings.token.as_ref());
    let peers = &settings.peers;
    let peers =
        [peer(&peers.intake)?, peer(&peers.routing)?, peer(&peers.processing)?, peer(&peers.notification)?];
    let outboxes = peers.iter().cloned().map(OutboxServiceClient::new).collect();
    Ok(House::split(peers, Split { clock: rehearsal.clock, outboxes }))
}

impl Split {
    pub(super) fn set(&self, now: Timestamp) -> anyhow::Result<()> {
        let written = Course::standing_at(now).write(&self.clock);
        written.with_context(|| format!("{} can't be written", self.clock.display()))
    }

    /// How much each service has told so far, if nothing is on its way out of any of them. Between two such looks
    /// that are the same nothing was on its way at all.
    pub(super) async fn told_at_rest(&self) -> anyhow::Result<Option<Vec<u64>>> {
        let looks = self.outboxes.iter().cloned().map(|mut outbox| async move {
            let look = outbox.get_rest(GetRestRequest {}).await?.into_inner();
            anyhow::Ok(look.at_rest.then_some(look.told))
        });
        Ok(try_join_all(looks).await?.into_iter().collect())
    }
}
