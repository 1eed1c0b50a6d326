//! The outbox of a service, and the one way to change its state.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures::future::BoxFuture;
use phidia_runtime::{clock::RealClock, database::Database, failure::Failure, ids::Ids};
use sea_orm::DatabaseTransaction;
use tokio::sync::watch;
use tracing::Instrument as _;

use crate::{append, facts::Facts, rest::Rest};

/// The outbox of one service. Clones are the same outbox.
#[derive(Clone, Debug)]
pub struct Outbox {
    source: &'static str,
    db: Database,
    ids: Ids,
    clock: RealClock,
    /// Counts commits that brought events: relays of this process wait for it.
    wake: Arc<watch::Sender<u64>>,
    /// How many hold the wakes back.
    gathering: Arc<AtomicUsize>,
    rest: Arc<Rest>,
}

impl Outbox {
    /// The outbox of the service called `source`, kept in the service's own database.
    pub fn new(source: &'static str, db: Database, ids: Ids) -> Self {
        Self {
            source,
            db,
            ids,
            clock: RealClock,
            wake: Arc::new(watch::Sender::new(0)),
            gathering: Arc::default(),
            rest: Arc::default(),
        }
    }

    /// THE way to change state. What `work` writes and the facts that it tells are committed in one
    /// transaction, or nothing is; after the commit the relays of this process are woken. A work that
    /// tells nothing costs nothing more than its own statements.
    ///
    /// `work` may not keep references to what is outside it (it may be run by the database's one writer):
    /// move clones in. It has no effects but through `tx` and `facts`.
    ///
    /// # Errors
    /// What `work` fails with; otherwise the store's fault.
    pub async fn write<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t DatabaseTransaction, &'t mut Facts) -> BoxFuture<'t, Result<T, Failure>>
            + Send
            + 'static,
    {
        let admitted = self.db.admit().await;
        let outbox = self.clone();
        let writing = self.rest.writing();
        // On a task of its own: a caller who goes away must not keep the relays from being woken.
        let written = async move {
            let _while_it_lasts = (writing, admitted);
            let (source, ids, clock) = (outbox.source, outbox.ids.clone(), outbox.clock);
            let (value, told) = outbox
                .db
                .write(move |tx| {
                    Box::pin(async move {
                        let mut facts = Facts::new(source, ids);
                        let value = work(tx, &mut facts).await?;
                        let told = append::append(tx, source, clock.now(), facts).await?;
                        Ok::<_, Failure>((value, told))
                    })
                })
                .await?;
            if told {
                outbox.wake();
            }
            Ok(value)
        };
        let written = tokio::spawn(written.in_current_span());
        written.await.map_err(Failure::broken)?
    }

    /// The service that tells.
    pub fn source(&self) -> &'static str {
        self.source
    }

    /// The database that this outbox is kept in.
    pub fn database(&self) -> &Database {
        &self.db
    }

    pub(crate) fn clock(&self) -> RealClock {
        self.clock
    }

    pub(crate) fn wake(&self) {
        self.wake.send_if_modified(|count| {
            *count = count.wrapping_add(1);
            self.gathering.load(Ordering::SeqCst) == 0
        });
    }

    /// While what it answers with is held, commits wake no relay of this process; when it is dropped, they are
    /// woken at once. So what is known to come together goes out together, in few batches instead of many.
    /// A relay that is not waiting for a wake may hand things over earlier: nothing may rest on it.
    pub fn gather(&self) -> Gathering {
        self.gathering.fetch_add(1, Ordering::SeqCst);
        Gathering(self.clone())
    }

    pub(crate) fn rest(&self) -> &Arc<Rest> {
        &self.rest
    }

    /// How often relays were woken so far.
    pub(crate) fn wakes(&self) -> u64 {
        *self.wake.borrow()
    }

    pub(crate) fn woken(&self) -> watch::Receiver<u64> {
        self.wake.subscribe()
    }
}

/// Holds the wakes of an outbox back: [`Outbox::gather`].
#[derive(Debug)]
pub struct Gathering(Outbox);

impl Drop for Gathering {
    fn drop(&mut self) {
        self.0.gathering.fetch_sub(1, Ordering::SeqCst);
        // Counts nothing: it tells those who wait what was counted meanwhile.
        self.0.wake.send_modify(|_| {});
    }
}
