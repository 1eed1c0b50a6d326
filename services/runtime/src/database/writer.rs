//! The one writer of a SQLite file. Many writing connections back off from each other for seconds; one
//! that takes what is queued into one transaction pays for one commit instead of many.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use futures::{FutureExt as _, future::BoxFuture};
use phidia_domain::{Kind, Rejection};
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait as _,
};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};
use tracing::{Instrument as _, Span};

use crate::failure::Failure;

/// How many works share a commit at most: one that fails late should not keep hundreds waiting.
const BATCH: usize = 64;
/// How many works may wait; more wait in their callers.
const QUEUE: usize = 1024;

type Job = Box<dyn for<'t> FnOnce(&'t DatabaseTransaction) -> BoxFuture<'t, Done> + Send>;

type Tell = Box<dyn FnOnce(Result<(), NotCommitted>) + Send>;

/// A work that ran: whether its savepoint is kept, and who is told once the commit is known.
struct Done {
    keep: bool,
    tell: Tell,
}

enum Message {
    Work(Job),
    Close(oneshot::Sender<()>),
}

/// All works of a transaction get the same fault.
#[derive(Clone, Debug, Error)]
#[error("the transaction was not committed")]
struct NotCommitted(#[source] Arc<DbErr>);

#[derive(Clone, Debug)]
pub(super) struct Writer(mpsc::Sender<Message>);

impl Writer {
    pub(super) fn start(connection: DatabaseConnection, commits: Arc<AtomicU64>) -> Self {
        let (sender, queue) = mpsc::channel(QUEUE);
        tokio::spawn(run(connection, commits, queue));
        Self(sender)
    }

    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t DatabaseTransaction) -> BoxFuture<'t, Result<T, Failure>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let span = Span::current();
        let job: Job = Box::new(move |transaction| {
            Box::pin(async move {
                // The call is inside too: a work may panic before it has made its future.
                let outcome =
                    AssertUnwindSafe(async { work(transaction).await }).catch_unwind().instrument(span).await;
                let outcome =
                    outcome.unwrap_or_else(|_| Err(Failure::broken("a work of the store panicked")));
                Done {
                    keep: outcome.is_ok(),
                    tell: Box::new(move |committed| {
                        // A work that failed keeps its own reason. Nobody waiting any more is no fault.
                        let _ = answer
                            .send(outcome.and_then(|done| committed.map(|()| done).map_err(Failure::broken)));
                    }),
                }
            })
        });
        self.0.send(Message::Work(job)).await.map_err(|_| closed())?;
        // Dropped unanswered: its transaction failed before it ran, or the writer is gone.
        answered.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Ends the writer after what is queued.
    pub(super) async fn close(&self) {
        let (done, ended) = oneshot::channel();
        if self.0.send(Message::Close(done)).await.is_ok() {
            let _ = ended.await;
        }
    }
}

fn closed() -> Failure {
    Rejection::new(Kind::Unavailable, "STORE_UNAVAILABLE", "the store takes no work now").into()
}

async fn run(connection: DatabaseConnection, commits: Arc<AtomicU64>, mut queue: mpsc::Receiver<Message>) {
    let mut messages = Vec::with_capacity(BATCH);
    let mut closing = Vec::new();
    // Takes what is there and does not wait for more: alone, a work is as fast as without a queue.
    while queue.recv_many(&mut messages, BATCH).await > 0 {
        let mut jobs = Vec::with_capacity(messages.len());
        for message in messages.drain(..) {
            match message {
                Message::Work(job) => jobs.push(job),
                Message::Close(done) => {
                    queue.close();
                    closing.push(done);
                }
            }
        }
        if jobs.is_empty() {
            continue;
        }
        let mut ran = Vec::with_capacity(jobs.len());
        let committed = match transaction(&connection, jobs, &mut ran).await {
            Ok(()) => {
                commits.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, works = ran.len(), "a transaction was not committed");
                Err(NotCommitted(Arc::new(error)))
            }
        };
        for tell in ran {
            tell(committed.clone());
        }
    }
    for done in closing {
        let _ = done.send(());
    }
}

/// Runs `jobs` in one transaction, each in a savepoint of its own. Those that ran are in `ran`, also when
/// this fails: then none of them stayed.
async fn transaction(
    connection: &DatabaseConnection,
    jobs: Vec<Job>,
    ran: &mut Vec<Tell>,
) -> Result<(), DbErr> {
    // Immediate: a transaction that begins by reading and then must wait to write fails at once in WAL.
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    let transaction = connection.begin_with_options(options).await?;
    let mut jobs = jobs;
    if jobs.len() == 1 {
        // Nothing else could fall with it: the transaction is its savepoint.
        if let Some(job) = jobs.pop() {
            let done = job(&transaction).await;
            ran.push(done.tell);
            return if done.keep { transaction.commit().await } else { transaction.rollback().await };
        }
    }
    for job in jobs {
        let savepoint = transaction.begin().await?;
        let done = job(&savepoint).await;
        ran.push(done.tell);
        if done.keep {
            savepoint.commit().await?;
        } else {
            savepoint.rollback().await?;
        }
    }
    transaction.commit().await
}
