//! The province as decisions are made over it: the documents of a version, and the live facts on top.
//!
//! The history of the live facts is in the store; each replica folds it into memory and reads on from where it
//! was, at once when it changes something itself or a decision was refused for it
//! ([`REGISTRY_CHANGED`]), and every second for what other replicas change.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;
use phidia_domain::registry::Registry;
use phidia_runtime::{
    clock::BusinessClock,
    database::Database,
    failure::Failure,
    reference::Documents,
    versions::{Phase, Versioned, Versions},
};
use sea_orm::ConnectionTrait;
use tokio::sync::watch;

use crate::{reference::Reference, store::registry};

/// Why a decision is not written: the live facts that it was made over have changed meanwhile.
pub(crate) const REGISTRY_CHANGED: &str = "REGISTRY_CHANGED";

/// How long a replica may go on with the live facts that it knows, when another one changes them. What it
/// decides meanwhile is refused by the store.
const KNOWN_FOR: Duration = Duration::from_secs(1);

/// All versions of the documents, and the live facts.
pub(crate) struct References {
    db: Database,
    documents: Versions<Reference>,
    business: BusinessClock,
    known: Mutex<Known>,
    /// Grows when what is known may no longer be so.
    outdated: AtomicU64,
}

/// What was read and compiled last.
#[derive(Default)]
struct Known {
    registry: Arc<Registry>,
    compiled: Option<Compiled>,
}

#[derive(Clone)]
struct Compiled {
    active: Arc<Versioned<Reference>>,
    since: Instant,
    /// [`References::outdated`] before it was read.
    outdated: u64,
}

impl References {
    pub(crate) fn new(db: Database, business: BusinessClock) -> Self {
        let documents = Versions::new(db.clone());
        Self { db, documents, business, known: Mutex::default(), outdated: AtomicU64::new(0) }
    }

    /// The active version with the live facts.
    ///
    /// # Errors
    /// `UNAVAILABLE` when there is no version yet.
    pub(crate) async fn active(&self) -> Result<Arc<Versioned<Reference>>, Failure> {
        let documents = self.documents.active().await?;
        let outdated = self.outdated.load(Ordering::SeqCst);
        let compiled = self.lock().compiled.clone().filter(|known| known.active.version == documents.version);
        if let Some(known) = &compiled
            && known.outdated == outdated
            && known.since.elapsed() < KNOWN_FOR
        {
            return Ok(Arc::clone(&known.active));
        }
        let since = Instant::now();
        let registry = self.caught_up(self.db.read(), documents.value.code()).await?;
        let active = match compiled.filter(|known| known.active.value.revision() == registry.revision) {
            Some(known) => known.active,
            None => over(&documents, Arc::clone(&registry), Some(self.business.now()))?,
        };
        let mut known = self.lock();
        // Whoever began to read earlier may come back later.
        if known.registry.revision <= registry.revision {
            known.registry = registry;
            known.compiled = Some(Compiled { active: Arc::clone(&active), since, outdated });
        }
        Ok(active)
    }

    /// The active version as its documents have it, without the live facts.
    ///
    /// # Errors
    /// `UNAVAILABLE` when there is no version yet.
    pub(crate) async fn planned(&self) -> Result<Arc<Versioned<Reference>>, Failure> {
        self.documents.active().await
    }

    /// A version as its documents have it: what is settled on the day of acceptance.
    ///
    /// # Errors
    /// `UNAVAILABLE` when it is not known here.
    pub(crate) async fn at(&self, version: i64) -> Result<Arc<Versioned<Reference>>, Failure> {
        self.documents.at(version).await
    }

    /// A version with the live facts of a revision: what a decision was made over that names both. Later
    /// revisions than the last one are that one.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the version is not known here.
    pub(crate) async fn back_at(
        &self,
        version: i64,
        revision: i64,
    ) -> Result<Arc<Versioned<Reference>>, Failure> {
        let documents = self.documents.at(version).await?;
        let mut registry = Registry::default();
        registry::catch_up(self.db.read(), documents.value.code(), &mut registry, Some(revision)).await?;
        over(&documents, Arc::new(registry), None)
    }

    /// The live facts as they are for `conn`.
    pub(crate) async fn caught_up<C: ConnectionTrait>(
        &self,
        conn: &C,
        province: &str,
    ) -> Result<Arc<Registry>, Failure> {
        let known = Arc::clone(&self.lock().registry);
        if registry::revision(conn, province).await? == known.revision {
            return Ok(known);
        }
        let mut registry = Registry::clone(&known);
        registry::catch_up(conn, province, &mut registry, None).await?;
        Ok(Arc::new(registry))
    }

    /// The live facts may be others than those that are known.
    pub(crate) fn outdate(&self) {
        self.outdated.fetch_add(1, Ordering::SeqCst);
    }

    /// Checks documents, and answers with what they say.
    ///
    /// # Errors
    /// One violation per fault.
    pub(crate) fn validate(&self, documents: &Documents) -> Result<Reference, Failure> {
        self.documents.validate(documents)
    }

    /// Goes through one phase of an import.
    ///
    /// # Errors
    /// Those of [`Versions::install`].
    pub(crate) async fn install(&self, phase: Phase) -> Result<(), Failure> {
        self.documents.install(phase).await
    }

    /// Moves whenever another version becomes the active one, as far as this process has noticed.
    pub(crate) fn changes(&self) -> watch::Receiver<i64> {
        self.documents.changes()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A version of the documents with live facts; see [`Reference::with`].
fn over(
    documents: &Versioned<Reference>,
    registry: Arc<Registry>,
    since: Option<Timestamp>,
) -> Result<Arc<Versioned<Reference>>, Failure> {
    let Versioned { version, digest, value } = documents;
    // They were checked before they were written.
    let value =
        value.with(*version, registry, since).map_err(|refusal| Failure::broken(refusal.to_string()))?;
    Ok(Arc::new(Versioned { version: *version, digest: digest.clone(), value }))
}

impl fmt::Debug for References {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("References").field("documents", &self.documents).finish_non_exhaustive()
    }
}
