//! The log of decisions, page by page, and held against its chain of hashes.

use std::sync::Arc;

use phidia_domain::{Kind, Rejection, id::AssignmentId};
use phidia_runtime::{failure::Failure, versions::Versioned};

use crate::{
    Routing,
    reference::Reference,
    store::{
        decision::{self, Link},
        record::{self, Record},
    },
    work::Outcome,
};

/// Links that are looked at in one go.
const BATCH: u64 = 500;

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
    /// Where it breaks first, and why, `UPPER_SNAKE_CASE`.
    pub(crate) broken: Option<(i64, &'static str)>,
    /// Position and hash of the last link.
    pub(crate) end: (i64, Vec<u8>),
    /// How many decisions have no place yet.
    pub(crate) unlinked: u64,
}

impl Routing {
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
            1.. => match decision::page(self.db.read(), code, after - 1, 1).await?.pop() {
                Some(link) if link.position == after => link.hash,
                _ => return Err(no_such_position().into()),
            },
            _ => return Err(no_such_position().into()),
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
            walk.broken = Some((walk.verified_to + 1, "CUT_OFF"));
        } else if left > 0 && decision::outside(self.db.read(), code).await? > 0 {
            walk.broken = Some((walk.verified_to + 1, "DECISION_OUTSIDE"));
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
        return Ok(Err("LINK_MISSING"));
    }
    let Some(record) = record else { return Ok(Err("DECISION_GONE")) };
    let holds = link.hash_behind(code, previous, record)? == link.hash;
    Ok(if holds { Ok(()) } else { Err("DECISION_CHANGED") })
}

fn no_such_position() -> Rejection {
    Rejection::new(Kind::Invalid, "OUT_OF_RANGE", "the log has no such position")
        .violating("after_position", "a position of the log, or 0")
}
