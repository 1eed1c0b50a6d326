//! Publishes a policy: read strictly, proved over the active province, and only then the next version.

use std::sync::Arc;

use phidia_domain::{
    Kind, Rejection,
    application::check_text,
    caller::Caller,
    policy::document::{read, refusal},
};
use phidia_runtime::failure::Failure;

use crate::{
    Routing,
    policies::{Published, digest},
    store::policy,
};

/// A document to be published.
#[derive(Clone, Debug)]
pub(crate) struct Publication {
    /// TOML.
    pub(crate) document: String,
    /// Why.
    pub(crate) reason: String,
    /// The version that is believed to hold.
    pub(crate) expected: u32,
    /// Whether steps may be left without anybody.
    pub(crate) allow_uncovered: bool,
}

impl Routing {
    /// Makes a document the policy that holds; answers with it, and whether it did not hold before.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` with each fault at its place, or for a step that is left without anybody; `ABORTED` when
    /// another version holds than the expected one; `UNAVAILABLE` without a province.
    pub(crate) async fn publish_policy(
        &self,
        caller: &Caller,
        publication: Publication,
    ) -> Result<(Published, bool), Failure> {
        let Publication { document, reason, expected, allow_uncovered } = publication;
        check_text("reason", &reason, 1, 500)?;
        let name = read(&document).map_err(|faults| refusal(&faults))?.name;
        let now = self.business.now();
        let today = self.versions.active().await?;
        if !allow_uncovered {
            let day = today.value.province.clock.local_date(now);
            let province = Arc::clone(&today);
            self.judge(move || province.value.check_covered(day)).await?;
        }

        let new = Published {
            version: expected.saturating_add(1),
            name,
            digest: digest(&document),
            document,
            published_at: now,
            published_by: format!("{}/{}", caller.role.as_str(), caller.name),
            reason,
        };
        let (published, changed) = self
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let active = policy::active(tx).await?;
                    let holds = policy::find(tx, active).await?.filter(|holds| holds.digest == new.digest);
                    if let Some(holds) = holds {
                        return Ok((holds, false));
                    }
                    // Of two who expect the same one, the version has room for one.
                    if active != expected || !policy::add(tx, new.clone()).await? {
                        return Err(moved_on(active).into());
                    }
                    Ok((new, true))
                })
            })
            .await?;
        self.policies.note_active(published.version);
        if changed {
            let Published { version, name, .. } = &published;
            tracing::info!(version, name, role = caller.role.as_str(), "a policy was published");
        }
        Ok((published, changed))
    }
}

fn moved_on(active: u32) -> Rejection {
    let message = format!("version {active} of the policy holds");
    Rejection::new(Kind::Conflict, "POLICY_MOVED_ON", message).with("version", active)
}
