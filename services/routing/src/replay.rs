//! Makes recorded decisions again, and holds the log of decisions against its chain of hashes.

use std::sync::Arc;

use phidia_domain::{
    Kind, Rejection,
    id::AssignmentId,
    route::{self, Explanation},
};
use phidia_runtime::{failure::Failure, versions::Versioned};
use serde::Serialize;

use crate::{
    Routing,
    decide::Unplaced,
    reference::Reference,
    store::{
        application,
        decision::{self, Link},
        item,
        record::{self, Record},
    },
    work::{Outcome, Refusal},
};

/// Links that are looked at in one go.
const BATCH: u64 = 500;

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

/// A decision with its place in the log.
pub(crate) struct Logged {
    /// None: it has no place yet.
    pub(crate) link: Option<Link>,
    /// None: it is gone, or cannot be read.
    pub(crate) outcome: Option<Outcome>,
}

/// A part of the log.
pub(crate) struct Log {
    pub(crate) today: Arc<Versioned<Reference>>,
    pub(crate) logged: Vec<Logged>,
}

/// What became of a walk along the chain.
pub(crate) struct Walk {
    /// The last position that holds.
    pub(crate) verified_to: i64,
    /// Where it breaks first, and why.
    pub(crate) broken: Option<(i64, &'static str)>,
    /// Position and hash of the last link.
    pub(crate) end: (i64, Vec<u8>),
    /// How many decisions have no place yet.
    pub(crate) unlinked: u64,
}

impl Routing {
    /// Makes a decision again, with the policy, the province and the registry of its day and what was known of
    /// the load.
    ///
    /// # Errors
    /// `NOT_FOUND` for a decision that there is not, or a kept step that is not counted in yet;
    /// `FAILED_PRECONDITION` for one that cannot be read any more.
    pub(crate) async fn replay(&self, id: AssignmentId) -> Result<Replay, Failure> {
        let today = self.versions.active().await?;
        let link = decision::find(self.db.read(), today.value.code(), id).await?;
        let record = record::of_ids(self.db.read(), &[id]).await?.remove(&id).ok_or_else(unknown)?;
        let outcome = record.outcome().map_err(|failure| unreadable(&failure))?;
        let (replayed, differences) = match &outcome {
            Outcome::Assigned(found) => {
                self.assigned_again(&found.counted.as_ref().ok_or_else(unknown)?.explanation).await?
            }
            Outcome::Refused(found) => self.refused_again(found).await?,
        };
        let recorded = Logged { link, outcome: Some(outcome) };
        Ok(Replay { recorded, replayed, differences, today: Arc::clone(&today) })
    }

    async fn assigned_again(&self, recorded: &Explanation) -> Result<(Replayed, Vec<String>), Failure> {
        let then = self.versions.back_at(recorded.province_version, recorded.registry_revision).await?;
        let policy = self.policies.at(recorded.policy_version).await?;
        let Reference { province, roster, .. } = &then.value;
        Ok(match route::replay(&policy, province, roster, recorded) {
            Ok(replayed) => {
                let differences = differences(recorded, &replayed)?;
                (Replayed::Assigned(Box::new(replayed)), differences)
            }
            Err(route::Unplaced { why, filtered }) => {
                let unplaced = Unplaced { reason: why.reason(), filtered, finding: None };
                (Replayed::Refused(unplaced), vec!["chosen".to_owned()])
            }
        })
    }

    async fn refused_again(&self, recorded: &Refusal) -> Result<(Replayed, Vec<String>), Failure> {
        let then = self.versions.back_at(recorded.province_version, recorded.registry_revision).await?;
        let Some(finding) = &recorded.finding else {
            let again = self.unasked_again(&then.value, recorded).await?;
            let same = again.is_some_and(|reason| reason == recorded.reason);
            let differences = if same { Vec::new() } else { vec!["why".to_owned()] };
            return Ok((
                again.map_or(Replayed::Possible, |reason| Replayed::Refused(reason.into())),
                differences,
            ));
        };
        let policy = self.policies.at(finding.policy_version).await?;
        Ok(match finding.again(&policy, &then.value.province, &then.value.roster) {
            Some(again) => {
                let differences = differences(finding, &again)?;
                (Replayed::Refused(again.into()), differences)
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
        Ok(self.request(then, &application, &item, None).await?.err())
    }

    /// A page of the log in its order, from behind a position.
    pub(crate) async fn log(&self, after: i64, size: u64) -> Result<Log, Failure> {
        let today = self.versions.active().await?;
        let records = self.records(today.value.code(), after, size).await?;
        let logged = records.into_iter().map(|(link, record)| {
            let outcome = record.and_then(|record| record.outcome().ok());
            Logged { link: Some(link), outcome }
        });
        Ok(Log { today: Arc::clone(&today), logged: logged.collect() })
    }

    /// Walks along the chain from behind a position, up to `most` links.
    pub(crate) async fn verify(&self, after: i64, most: u64) -> Result<Walk, Failure> {
        let today = self.versions.active().await?;
        let code = today.value.code();
        let unlinked = decision::unlinked(self.db.read(), code).await?;
        let end = decision::end(self.db.read(), code).await?;
        let mut previous = match after {
            0 => Vec::new(),
            after => match decision::page(self.db.read(), code, after - 1, 1).await?.pop() {
                Some(link) if link.position == after => link.hash,
                _ => return Err(no_such_position().into()),
            },
        };
        let mut walk = Walk { verified_to: after, broken: None, end, unlinked };
        let mut left = most;
        while left > 0 {
            let records = self.records(code, walk.verified_to, left.min(BATCH)).await?;
            if records.is_empty() {
                break;
            }
            for (link, record) in records {
                left -= 1;
                let next = walk.verified_to + 1;
                match holds(code, next, &previous, &link, record.as_ref())? {
                    Ok(()) => (previous, walk.verified_to) = (link.hash, next),
                    Err(why) => {
                        walk.broken = Some((next, why));
                        return Ok(walk);
                    }
                }
            }
        }
        let (last, hash) = &walk.end;
        // Decisions that were linked meanwhile are behind the end that was read first.
        if left > 0 && (walk.verified_to < *last || (walk.verified_to == *last && previous != *hash)) {
            walk.broken = Some((walk.verified_to + 1, "the log ends before its end"));
        }
        Ok(walk)
    }

    /// Links with their decisions; a link whose decision is gone stands alone.
    async fn records(
        &self,
        code: &str,
        after: i64,
        size: u64,
    ) -> Result<Vec<(Link, Option<Record>)>, Failure> {
        let links = decision::page(self.db.read(), code, after, size).await?;
        let ids: Vec<AssignmentId> = links.iter().map(|link| link.decision).collect();
        let mut records = record::of_ids(self.db.read(), &ids).await?;
        Ok(links
            .into_iter()
            .map(|link| {
                let record = records.remove(&link.decision);
                (link, record)
            })
            .collect())
    }
}

/// Whether a link holds, or why it does not.
fn holds(
    code: &str,
    position: i64,
    previous: &[u8],
    link: &Link,
    record: Option<&Record>,
) -> Result<Result<(), &'static str>, Failure> {
    if link.position != position {
        return Ok(Err("a link is missing"));
    }
    let Some(record) = record else { return Ok(Err("its decision is gone")) };
    let holds = link.hash_behind(code, previous, record)? == link.hash;
    Ok(if holds { Ok(()) } else { Err("it was changed") })
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

fn no_such_position() -> Rejection {
    Rejection::new(Kind::Invalid, "OUT_OF_RANGE", "the log has no such position")
        .violating("after_position", "a position of the log, or 0")
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
