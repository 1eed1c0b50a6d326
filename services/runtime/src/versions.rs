//! Reference documents of a service as values: parsed once per version, kept as long as the process lives.
//!
//! Every service keeps the same documents under the same versions; a record pins the version of its day
//! and is judged by that one ever after.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use phidia_domain::{Kind, Rejection};
use tokio::sync::watch;

use crate::{
    clock::RealClock,
    database::Database,
    failure::Failure,
    reference::{self, Documents},
};

/// How long a replica may go on with what it knew to be active, when another replica activates a version.
const ACTIVE_KNOWN_FOR: Duration = Duration::from_secs(1);

/// A value made of reference documents.
pub trait Reference: for<'d> TryFrom<&'d Documents, Error = Rejection> + Send + Sync + 'static {}

impl<D> Reference for D where D: for<'d> TryFrom<&'d Documents, Error = Rejection> + Send + Sync + 'static {}

/// One version of the documents.
#[derive(Debug)]
pub struct Versioned<D> {
    /// Counts from 1.
    pub version: i64,
    /// SHA-256 of the documents.
    pub digest: String,
    /// What they say.
    pub value: D,
}

/// A phase of an import that goes over several services: all validate, then all stage, then all activate.
#[derive(Debug)]
pub enum Phase {
    /// Check the documents; store nothing.
    Validate(Documents),
    /// Store the documents under the version; change nothing else.
    Stage(i64, Documents),
    /// Make the staged version the active one.
    Activate(i64),
}

/// All versions that a service knows. Clones share what was parsed.
#[derive(Debug)]
pub struct Versions<D> {
    db: Database,
    parsed: Arc<Mutex<Parsed<D>>>,
    activated: Arc<watch::Sender<i64>>,
}

#[derive(Debug)]
struct Parsed<D> {
    by_version: BTreeMap<i64, Arc<Versioned<D>>>,
    active: Option<(i64, Instant)>,
}

impl<D> Clone for Versions<D> {
    fn clone(&self) -> Self {
        Self { db: self.db.clone(), parsed: self.parsed.clone(), activated: self.activated.clone() }
    }
}

impl<D: Reference> Versions<D> {
    /// The versions kept in a service's database.
    pub fn new(db: Database) -> Self {
        let parsed = Parsed { by_version: BTreeMap::new(), active: None };
        Self { db, parsed: Arc::new(Mutex::new(parsed)), activated: Arc::new(watch::Sender::new(0)) }
    }

    /// Goes through one phase. Each may be repeated.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` with one violation per fault in the documents; `ALREADY_EXISTS` for a version that
    /// has others; `FAILED_PRECONDITION` for one that is not staged, or older than the active one.
    pub async fn install(&self, phase: Phase) -> Result<(), Failure> {
        match phase {
            Phase::Validate(documents) => self.validate(&documents).map(drop),
            Phase::Stage(version, documents) => self.stage(counted(version)?, documents).await,
            Phase::Activate(version) => self
                .activate(counted(version)?, None, None)
                .await
                .map_err(|failure| not_staged(failure, version)),
        }
    }

    /// What the documents say, without keeping them.
    ///
    /// # Errors
    /// The refusal of the documents.
    pub fn validate(&self, documents: &Documents) -> Result<D, Failure> {
        Ok(D::try_from(documents)?)
    }

    /// Keeps valid documents under a version; nothing else changes. Again the same: nothing happens.
    ///
    /// # Errors
    /// The refusal of the documents; `ALREADY_EXISTS` when the version has other documents.
    pub async fn stage(&self, version: i64, documents: Documents) -> Result<(), Failure> {
        let value = self.validate(&documents)?;
        let staged = Versioned { version, digest: reference::digest(&documents), value };
        let now = RealClock.now();
        self.db
            .write(move |tx| Box::pin(async move { reference::stage(tx, version, &documents, now).await }))
            .await?;
        self.lock().by_version.insert(version, Arc::new(staged));
        Ok(())
    }

    /// Makes a staged version the active one, and notes `by` whom (`role/name`); only forward, and where it was made
    /// `over` another one, only as long as that is active.
    ///
    /// # Errors
    /// `NOT_FOUND` when it is not staged; `FAILED_PRECONDITION` when a later one is active; `ABORTED` when it was
    /// made over another one than the active one.
    pub async fn activate(&self, version: i64, over: Option<i64>, by: Option<String>) -> Result<(), Failure> {
        // Parsed before it counts: no request must wait for that.
        self.at(version).await?;
        let now = RealClock.now();
        self.db
            .write(move |tx| {
                Box::pin(async move { reference::activate(tx, version, over, now, by.as_deref()).await })
            })
            .await?;
        self.note_active(version);
        Ok(())
    }

    /// The active version.
    ///
    /// # Errors
    /// `UNAVAILABLE` when there is none yet.
    pub async fn active(&self) -> Result<Arc<Versioned<D>>, Failure> {
        let known = {
            let parsed = self.lock();
            parsed
                .active
                .filter(|(_, since)| since.elapsed() < ACTIVE_KNOWN_FOR)
                .and_then(|(version, _)| parsed.by_version.get(&version).cloned())
        };
        match known {
            Some(known) => Ok(known),
            None => self.latest().await,
        }
    }

    /// The version that is active in the store at this moment.
    ///
    /// # Errors
    /// `UNAVAILABLE` when there is none yet.
    pub async fn latest(&self) -> Result<Arc<Versioned<D>>, Failure> {
        let Some((version, _)) = reference::active(self.db.read()).await? else {
            let message = "no reference facts have been imported yet";
            return Err(Rejection::new(Kind::Unavailable, "NO_PROVINCE", message).into());
        };
        let active = self.at(version).await?;
        self.note_active(version);
        Ok(active)
    }

    /// A version that was staged, active or not.
    ///
    /// # Errors
    /// `UNAVAILABLE` when it is not known here: an import reaches one service before another.
    pub async fn at(&self, version: i64) -> Result<Arc<Versioned<D>>, Failure> {
        if let Some(known) = self.lock().by_version.get(&version) {
            return Ok(known.clone());
        }
        let documents = self.documents(version).await?;
        let value = self.validate(&documents).map_err(|refusal| Failure::broken(refusal.to_string()))?;
        let loaded = Arc::new(Versioned { version, digest: reference::digest(&documents), value });
        self.lock().by_version.insert(version, loaded.clone());
        Ok(loaded)
    }

    /// The documents of a version, as they were staged.
    ///
    /// # Errors
    /// `UNAVAILABLE` when it is not known here.
    pub async fn documents(&self, version: i64) -> Result<Documents, Failure> {
        let documents = reference::load(self.db.read(), version).await?;
        documents.ok_or_else(|| not_here(version).into())
    }

    /// The newest version that was staged; 0 when none was.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn newest(&self) -> Result<i64, Failure> {
        Ok(reference::newest(self.db.read()).await?.map_or(0, |(version, _)| version))
    }

    /// Moves whenever another version becomes the active one, as far as this process has noticed.
    pub fn changes(&self) -> watch::Receiver<i64> {
        self.activated.subscribe()
    }

    fn note_active(&self, version: i64) {
        self.lock().active = Some((version, Instant::now()));
        self.activated.send_if_modified(|active| std::mem::replace(active, version) != version);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Parsed<D>> {
        self.parsed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn not_here(version: i64) -> Rejection {
    let message = format!("version {version} of the reference facts is not here yet");
    Rejection::new(Kind::Unavailable, "VERSION_NOT_HERE", message)
}

fn counted(version: i64) -> Result<i64, Rejection> {
    if version > 0 {
        Ok(version)
    } else {
        Err(Rejection::invalid("OUT_OF_RANGE", "version", "counts from 1"))
    }
}

/// A version that is not here yet is worth waiting for to everybody but the one who was to stage it.
fn not_staged(failure: Failure, version: i64) -> Failure {
    match failure.rejection().map(|rejection| rejection.reason.as_str()) {
        Some("VERSION_NOT_HERE" | "REFERENCE_NOT_STAGED") => {
            let message = format!("version {version} is not staged");
            Rejection::new(Kind::Precondition, "REFERENCE_NOT_STAGED", message).into()
        }
        _ => failure,
    }
}
