//! The policies of the province, as documents with versions. Version 1 is what the configuration began with;
//! each later one was published (`publish_policy`). The newest holds, and every one can be read again: a
//! decision names the version that it was made by.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use phidia_domain::{Rejection, policy::document, route::Policy};
use phidia_runtime::{database::Database, failure::Failure, reference};

use crate::{ACTOR, store::policy};

/// How long a replica may go on with what it knew to hold, when another replica publishes a version.
const ACTIVE_KNOWN_FOR: Duration = Duration::from_secs(1);

/// One version as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Published {
    pub(crate) version: u32,
    /// The policy's.
    pub(crate) name: String,
    /// TOML.
    pub(crate) document: String,
    /// SHA-256 of the document.
    pub(crate) digest: String,
    pub(crate) published_at: Timestamp,
    /// Role and name.
    pub(crate) published_by: String,
    pub(crate) reason: String,
}

/// All versions; each is read once.
#[derive(Debug)]
pub(crate) struct Policies {
    db: Database,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    by_version: BTreeMap<u32, Arc<Policy>>,
    active: Option<(u32, Instant)>,
}

impl Policies {
    /// Those of this store; in one that has none yet, `first` becomes version 1.
    pub(crate) async fn open(db: Database, first: &Policy, now: Timestamp) -> Result<Self, Failure> {
        let text = document::write(first);
        let first = Published {
            version: 1,
            name: first.name.clone(),
            digest: digest(&text),
            document: text,
            published_at: now,
            published_by: ACTOR.to_owned(),
            reason: "the configuration begins with it".to_owned(),
        };
        // Replicas that start together add the same one.
        db.write(move |tx| Box::pin(async move { policy::add(tx, first).await })).await?;
        Ok(Self { db, known: Mutex::default() })
    }

    /// The one that holds.
    pub(crate) async fn active(&self) -> Result<Arc<Policy>, Failure> {
        let known = {
            let known = self.lock();
            let active = known.active.filter(|(_, since)| since.elapsed() < ACTIVE_KNOWN_FOR);
            active.and_then(|(version, _)| known.by_version.get(&version).cloned())
        };
        if let Some(known) = known {
            return Ok(known);
        }
        let active = self.at(policy::active(self.db.read()).await?).await?;
        self.note_active(active.version);
        Ok(active)
    }

    /// Any version that there ever was.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub(crate) async fn at(&self, version: u32) -> Result<Arc<Policy>, Failure> {
        if let Some(known) = self.lock().by_version.get(&version) {
            return Ok(Arc::clone(known));
        }
        let found = self.published(version).await?;
        let read = document::read(&found.document)
            .map_err(|faults| Failure::broken(document::refusal(&faults).to_string()))?;
        let policy = Arc::new(Policy { version, ..read });
        self.lock().by_version.insert(version, Arc::clone(&policy));
        Ok(policy)
    }

    /// A version as it is kept, and whether it holds; none is named: the one that does.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub(crate) async fn get(&self, version: Option<u32>) -> Result<(Published, bool), Failure> {
        let active = policy::active(self.db.read()).await?;
        let version = version.unwrap_or(active);
        Ok((self.published(version).await?, version == active))
    }

    /// A page of the versions before `before`, newest first, each with whether it holds.
    pub(crate) async fn page(&self, before: u32, size: u64) -> Result<Vec<(Published, bool)>, Failure> {
        let page = policy::page(self.db.read(), before, size).await?;
        let active = policy::active(self.db.read()).await?;
        let with = |published: Published| {
            let holds = published.version == active;
            (published, holds)
        };
        Ok(page.into_iter().map(with).collect())
    }

    /// This process need not wait until it looks again. What it knew already is never older.
    pub(crate) fn note_active(&self, version: u32) {
        let mut known = self.lock();
        let newest = known.active.map_or(version, |(known, _)| known.max(version));
        known.active = Some((newest, Instant::now()));
    }

    async fn published(&self, version: u32) -> Result<Published, Failure> {
        let found = policy::find(self.db.read(), version).await?;
        let message = format!("there is no version {version} of the policy");
        Ok(found.ok_or_else(|| Rejection::not_found("UNKNOWN_POLICY", message))?)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The SHA-256 of a document.
pub(crate) fn digest(text: &str) -> String {
    reference::digest(&BTreeMap::from([("policy.toml".to_owned(), text.as_bytes().to_vec())]))
}
