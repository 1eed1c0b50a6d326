//! Makes recorded decisions again, and holds the log of decisions against its chain of hashes.

use std::sync::Arc;

use phidia_domain::{
    Kind, Rejection,
    id::AssignmentId,
    route::{self, Explanation},
};
use phidia_runtime::{failure::Failure, versions::Versioned};

use crate::{
    Routing,
    reference::Reference,
    store::{
        assignment,
        decision::{self, Link},
    },
    work::Assignment,
};

/// Links that are looked at in one go.
const BATCH: u64 = 500;

/// A decision as it was recorded, and as it comes out again.
pub(crate) struct Replay {
    pub(crate) recorded: Logged,
    /// None: made again, no unit could take it.
    pub(crate) replayed: Option<Explanation>,
    /// The parts of the explanation in which both differ, by name.
    pub(crate) differences: Vec<String>,
    pub(crate) today: Arc<Versioned<Reference>>,
}

/// A link with its decision.
pub(crate) struct Logged {
    pub(crate) link: Link,
    pub(crate) decision: Assignment,
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
}

impl Routing {
    /// Makes a decision again, with the policy, the province and the registry of its day and what was known of
    /// the load.
    ///
    /// # Errors
    /// `NOT_FOUND` for a decision that is not in the log: there is none, or it is a kept step that is not
    /// counted in yet.
    pub(crate) async fn replay(&self, id: AssignmentId) -> Result<Replay, Failure> {
        let today = self.versions.active().await?;
        let code = today.value.code();
        let unknown = || Rejection::not_found("UNKNOWN_DECISION", "the log has no such decision");
        let link = decision::find(self.db.read(), code, id).await?.ok_or_else(unknown)?;
        let found = assignment::of_ids(self.db.read(), &[id]).await?.pop().ok_or_else(unknown)?;
        let recorded = found.counted.as_ref().ok_or_else(unknown)?.explanation.clone();
        let Explanation { province_version, registry_revision, policy_version, .. } = recorded;
        let then = self.versions.back_at(province_version, registry_revision).await?;
        let policy = self.policies.at(policy_version).await?;
        let replayed = route::replay(&policy, &then.value.province, &then.value.roster, &recorded).ok();
        let differences = match &replayed {
            Some(replayed) => differences(&recorded, replayed)?,
            None => vec!["chosen".to_owned()],
        };
        Ok(Replay {
            recorded: Logged { link, decision: found },
            replayed,
            differences,
            today: Arc::clone(&today),
        })
    }

    /// A page of the log in its order, from behind a position.
    pub(crate) async fn log(&self, after: i64, size: u64) -> Result<Log, Failure> {
        let today = self.versions.active().await?;
        let logged = self.logged(today.value.code(), after, size).await?;
        Ok(Log { today: Arc::clone(&today), logged: logged.into_iter().filter_map(Result::ok).collect() })
    }

    /// Walks along the chain from behind a position, up to `most` links.
    pub(crate) async fn verify(&self, after: i64, most: u64) -> Result<Walk, Failure> {
        let today = self.versions.active().await?;
        let code = today.value.code();
        let end = decision::end(self.db.read(), code).await?;
        let mut previous = match after {
            0 => Vec::new(),
            after => match decision::page(self.db.read(), code, after - 1, 1).await?.pop() {
                Some(link) if link.position == after => link.hash,
                _ => return Err(no_such_position().into()),
            },
        };
        let mut walk = Walk { verified_to: after, broken: None, end };
        let mut left = most;
        while left > 0 {
            let links = self.logged(code, walk.verified_to, left.min(BATCH)).await?;
            if links.is_empty() {
                break;
            }
            for logged in links {
                left -= 1;
                let next = walk.verified_to + 1;
                match holds(code, next, &previous, logged)? {
                    Ok(hash) => (previous, walk.verified_to) = (hash, next),
                    Err(why) => {
                        walk.broken = Some((next, why));
                        return Ok(walk);
                    }
                }
            }
        }
        let (last, hash) = &walk.end;
        // Decisions that were made meanwhile are behind the end that was read first.
        if left > 0 && (walk.verified_to < *last || (walk.verified_to == *last && previous != *hash)) {
            walk.broken = Some((walk.verified_to + 1, "the log ends before its end"));
        }
        Ok(walk)
    }

    /// Links with their decisions; a link whose decision is gone stands alone.
    async fn logged(&self, code: &str, after: i64, size: u64) -> Result<Vec<Result<Logged, Link>>, Failure> {
        let links = decision::page(self.db.read(), code, after, size).await?;
        let ids: Vec<AssignmentId> = links.iter().map(|link| link.assignment).collect();
        let mut decisions: std::collections::BTreeMap<AssignmentId, Assignment> =
            (assignment::of_ids(self.db.read(), &ids).await?.into_iter())
                .map(|found| (found.id, found))
                .collect();
        Ok(links
            .into_iter()
            .map(|link| match decisions.remove(&link.assignment) {
                Some(decision) => Ok(Logged { link, decision }),
                None => Err(link),
            })
            .collect())
    }
}

/// The hash of a link that holds, or why it does not.
fn holds(
    code: &str,
    position: i64,
    previous: &[u8],
    logged: Result<Logged, Link>,
) -> Result<Result<Vec<u8>, &'static str>, Failure> {
    let Ok(Logged { link, decision }) = logged else { return Ok(Err("its decision is gone")) };
    if link.position != position {
        return Ok(Err("a link is missing"));
    }
    let Some(counted) = decision.counted.as_ref() else { return Ok(Err("its decision is gone")) };
    let hash = link.hash_behind(code, previous, &decision, counted)?;
    Ok(if hash == link.hash { Ok(hash) } else { Err("it was changed") })
}

/// The names of the parts in which two explanations differ.
fn differences(recorded: &Explanation, replayed: &Explanation) -> Result<Vec<String>, Failure> {
    let parts = |explanation: &Explanation| serde_json::to_value(explanation).map_err(Failure::broken);
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
