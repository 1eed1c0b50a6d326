//! Makes recorded decisions again, and compares.

use std::sync::Arc;

use phidia_domain::{
    Kind, Rejection,
    id::AssignmentId,
    route::{self, Edition, Explanation},
};
use phidia_runtime::{failure::Failure, versions::Versioned};
use serde::Serialize;

use crate::{
    Routing,
    decide::Unplaced,
    log::Logged,
    reference::Reference,
    request::VERSION_NOT_HERE,
    store::{application, decision, item, record},
    work::{Assignment, Outcome, Refusal},
};

/// A decision as it was recorded, and as it comes out again.
pub(crate) struct Replay {
    pub(crate) recorded: Logged,
    pub(crate) replayed: Replayed,
    /// The parts in which both differ, by name.
    pub(crate) differences: Vec<String>,
    pub(crate) today: Arc<Versioned<Reference>>,
}

/// What a decision comes to that is made again.
pub(crate) enum Replayed {
    /// A unit.
    Assigned(Box<Explanation>),
    /// No unit could take it.
    Refused(Unplaced),
    /// A refusal was recorded, and some unit could take it.
    Possible,
}

impl Routing {
    /// Makes a decision again, with the policy, the province and the registry of its day and what was known of
    /// the load.
    ///
    /// # Errors
    /// `NOT_FOUND` for a decision that there is not, or a kept step that is not counted in yet;
    /// `FAILED_PRECONDITION` for one that cannot be read any more, or was made by rules that are newer than these.
    pub(crate) async fn replay(&self, id: AssignmentId) -> Result<Replay, Failure> {
        let today = self.versions.active().await?;
        let link = decision::find(self.db.read(), today.value.code(), id).await?;
        let record = record::of_ids(self.db.read(), &[id]).await?.remove(&id).ok_or_else(unknown)?;
        let outcome = record.outcome().map_err(|failure| unreadable(&failure))?;
        let (replayed, differences) = match &outcome {
            Outcome::Assigned(found) => {
                let explanation = &found.counted.as_ref().ok_or_else(unknown)?.explanation;
                self.assigned_again(found, explanation).await?
            }
            Outcome::Refused(found) => self.refused_again(found).await?,
        };
        let recorded = Logged { link, outcome: Some(outcome) };
        Ok(Replay { recorded, replayed, differences, today: Arc::clone(&today) })
    }

    async fn assigned_again(
        &self,
        assignment: &Assignment,
        recorded: &Explanation,
    ) -> Result<(Replayed, Vec<String>), Failure> {
        is_known(recorded.edition)?;
        let then = self.versions.back_at(recorded.province_version, recorded.registry_revision).await?;
        let policy = self.policies.at(recorded.policy_version).await?;
        let Reference { province, roster, .. } = &then.value;
        Ok(match route::replay(&policy, province, roster, recorded) {
            Ok(replayed) => {
                let mut differences = differences(recorded, &replayed)?;
                // What stands beside it says the same once more.
                let beside = (assignment.unit, assignment.ground);
                if beside != (replayed.chosen, replayed.ground) {
                    differences.push("assignment".to_owned());
                }
                (Replayed::Assigned(Box::new(replayed)), differences)
            }
            Err(found) => (Replayed::Refused(Unplaced::Refused(found)), vec!["chosen".to_owned()]),
        })
    }

    async fn refused_again(&self, recorded: &Refusal) -> Result<(Replayed, Vec<String>), Failure> {
        let then = self.versions.back_at(recorded.province_version, recorded.registry_revision).await?;
        let Some(finding) = &recorded.finding else {
            let again = self.unasked_again(&then.value, recorded).await?;
            let same = again.is_some_and(|reason| reason == recorded.reason);
            let differences = if same { Vec::new() } else { vec!["why".to_owned()] };
            return Ok((
                again.map_or(Replayed::Possible, |reason| Replayed::Refused(Unplaced::NotAsked(reason))),
                differences,
            ));
        };
        is_known(finding.edition)?;
        let policy = self.policies.at(finding.policy_version).await?;
        Ok(match finding.again(&policy, &then.value.province, &then.value.roster) {
            Some(again) => {
                let mut differences = differences(finding, &again)?;
                let beside = (recorded.reason.as_str(), recorded.decided_at, recorded.work_item);
                if beside != (again.why.reason(), again.decided_at, again.request.work_item) {
                    differences.push("refusal".to_owned());
                }
                (Replayed::Refused(Unplaced::Refused(again.into())), differences)
            }
            None => (Replayed::Possible, vec!["why".to_owned()]),
        })
    }

    /// Why the policy could not be asked; none: it could.
    async fn unasked_again(
        &self,
        then: &Reference,
        recorded: &Refusal,
    ) -> Result<Option<&'static str>, Failure> {
        let (conn, work_item) = (self.db.read(), recorded.work_item);
        let item = item::find(conn, then.code(), work_item).await?.ok_or_else(unknown)?;
        let application = application::find(conn, then.code(), work_item.application).await?;
        let application = application.ok_or_else(unknown)?;
        if application.province_version > recorded.province_version {
            // It has come since, perhaps.
            return Ok(Some(VERSION_NOT_HERE));
        }
        Ok(self.request(then, &application, &item, None).await?.err())
    }
}

/// Refuses what was decided by rules that this version does not know yet.
fn is_known(edition: Edition) -> Result<(), Rejection> {
    if edition <= Edition::CURRENT {
        return Ok(());
    }
    let (made, known) = (edition.number(), Edition::CURRENT.number());
    let message = format!("it was made by edition {made} of the rules, and this version knows {known}");
    Err(Rejection::new(Kind::Precondition, "NEWER_RULES", message))
}

/// The names of the parts in which two records differ.
fn differences<T: Serialize>(recorded: &T, replayed: &T) -> Result<Vec<String>, Failure> {
    let parts = |record: &T| serde_json::to_value(record).map_err(Failure::broken);
    let (recorded, replayed) = (parts(recorded)?, parts(replayed)?);
    let names = recorded.as_object().into_iter().chain(replayed.as_object()).flat_map(|parts| parts.keys());
    let mut differing: Vec<String> =
        names.filter(|name| recorded.get(*name) != replayed.get(*name)).cloned().collect();
    differing.sort_unstable();
    differing.dedup();
    Ok(differing)
}

fn unknown() -> Rejection {
    Rejection::not_found("UNKNOWN_DECISION", "there is no such decision")
}

/// Where the log breaks by it, tells a walk along the chain.
fn unreadable(failure: &Failure) -> Rejection {
    tracing::error!(%failure, "a recorded decision cannot be read any more");
    let message = "what was recorded cannot be read any more; somebody has changed it";
    Rejection::new(Kind::Precondition, "DECISION_UNREADABLE", message)
}
