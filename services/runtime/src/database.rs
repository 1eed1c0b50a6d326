//! The store of a service: SQLite when embedded, PostgreSQL in a cluster, behind one way to read and one
//! way to write.

mod fault;
mod postgres;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use jiff::Timestamp;
use phidia_domain::{Kind, Rejection};
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, DbBackend,
    IsolationLevel, TransactionTrait as _,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous as Synchronous},
};
use sea_orm_migration::MigratorTrait;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::Instrument as _;

use crate::failure::Failure;
pub(crate) use fault::{is_away, is_contended};
use writer::Writer;

/// How long a connection waits for another process that writes to the same SQLite file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Statements that a SQLite connection keeps prepared: more than a service has, or each is parsed anew.
const STATEMENTS: usize = 512;
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// The name of every process over a SQLite file: there is one at a time.
const ALONE: &str = "alone";
/// How long a transaction of PostgreSQL may take. The server ends its statements earlier; this is for a line that
/// went dead without a word.
const LONGEST_TRANSACTION: Duration = Duration::from_secs(40);
/// Connections that callers do not get.
const KEPT_BACK: u32 = 2;

/// How safe a SQLite commit is when the power goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SqliteSynchronous {
    /// What was answered is on the disk.
    #[default]
    Full,
    /// The file stays whole; the last answers may be lost.
    Normal,
}

/// Where the store is.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `sqlite:<path>` or `postgres://…`; secret, because it may hold a password.
    #[serde(skip_serializing)]
    pub url: SecretString,
    /// Connections of the pool (SQLite: of the reading pool; there is one more that writes).
    pub max_connections: u32,
    /// The schema of PostgreSQL that the service has to itself; made when it is missing. Empty: whatever the
    /// role's search path says.
    pub schema: String,
    /// How safe a SQLite commit is.
    pub sqlite_synchronous: SqliteSynchronous,
    /// For how many seconds in all a migration of PostgreSQL pauses for others that work on what it changes, before it gives
    /// up. Longer than any report takes.
    pub migration_pauses_seconds: u64,
    /// The name of this process among the replicas that share the store ([`Database::replica`]); empty: none.
    /// Not told per store, but once for the process.
    #[serde(skip)]
    pub replica: String,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self {
            url: SecretString::default(),
            max_connections: 8,
            schema: String::new(),
            sqlite_synchronous: SqliteSynchronous::Full,
            migration_pauses_seconds: 180,
            replica: String::new(),
        }
    }
}

impl DatabaseConfig {
    /// Whether it is PostgreSQL, which replicas share.
    pub fn is_shared(&self) -> bool {
        let url = self.url.expose_secret();
        url.starts_with("postgres:") || url.starts_with("postgresql:")
    }

    /// The SQLite file at `path`, with the defaults.
    pub fn sqlite(path: &Path) -> Self {
        Self { url: format!("sqlite:{}", path.display()).into(), ..Self::default() }
    }
}

/// An open store. Clones are the same store.
#[derive(Clone, Debug)]
pub struct Database {
    read: DatabaseConnection,
    /// The one writing connection of SQLite; with PostgreSQL the same pool as `read`.
    write: DatabaseConnection,
    /// SQLite's.
    writer: Option<Writer>,
    /// PostgreSQL's.
    schema: String,
    migration_pauses: Duration,
    replica: Arc<str>,
    /// How many callers may write to PostgreSQL at a time.
    callers: Option<Arc<Semaphore>>,
    commits: Arc<AtomicU64>,
}

impl Database {
    /// Opens the store; a SQLite file is created with its folder.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a URL that is neither a SQLite file's nor PostgreSQL's, `UNAVAILABLE` or
    /// Broken when it cannot be opened.
    pub async fn open(config: &DatabaseConfig) -> Result<Self, Failure> {
        let url = config.url.expose_secret();
        let commits = Arc::default();
        let migration_pauses = Duration::from_secs(config.migration_pauses_seconds);
        if config.is_shared() {
            let pool = connect(postgres::options(config)).await?;
            return Ok(Self {
                read: pool.clone(),
                write: pool,
                writer: None,
                schema: config.schema.clone(),
                migration_pauses,
                replica: config.replica.as_str().into(),
                callers: Some(Arc::new(Semaphore::new(callers(config.max_connections)))),
                commits,
            });
        }
        let path = sqlite_path(url)?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(Failure::broken)?;
        }
        let synchronous = match config.sqlite_synchronous {
            SqliteSynchronous::Full => Synchronous::Full,
            SqliteSynchronous::Normal => Synchronous::Normal,
        };
        // Opened first: it creates the file and sets its journal, which the readers then find.
        let mut one = sqlite_options(1);
        let file = path.clone();
        one.map_sqlx_sqlite_opts(move |options| {
            options
                .filename(&file)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(synchronous)
                .foreign_keys(true)
                .busy_timeout(BUSY_TIMEOUT)
                .statement_cache_capacity(STATEMENTS)
        });
        let write = connect(one).await?;
        let mut many = sqlite_options(config.max_connections);
        many.map_sqlx_sqlite_opts(move |options| {
            // Not opened read-only: a reader may have to make the shared-memory file of the journal.
            options
                .filename(&path)
                .pragma("query_only", "ON")
                .busy_timeout(BUSY_TIMEOUT)
                .statement_cache_capacity(STATEMENTS)
        });
        let read = connect(many).await?;
        let writer = Writer::start(write.clone(), Arc::clone(&commits));
        let (schema, replica) = (String::new(), ALONE.into());
        Ok(Self {
            read,
            write,
            writer: Some(writer),
            schema,
            migration_pauses,
            replica,
            callers: None,
            commits,
        })
    }

    /// Which engine it is.
    pub fn backend(&self) -> DbBackend {
        self.read.get_database_backend()
    }

    /// Whether other processes may work on the same store: replicas share a database of PostgreSQL, and a
    /// SQLite file belongs to one process.
    pub fn is_shared(&self) -> bool {
        self.writer.is_none()
    }

    /// The name under which this process holds leases in the store; empty: it has none. Whoever is started under
    /// the name of one that died goes on with what that one held, at once. A name that two have at a time is
    /// a mistake that costs time, no more: what a lease guards has fences and unique keys.
    pub fn replica(&self) -> &str {
        &self.replica
    }

    /// For reading. On SQLite this connection refuses to write.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// For reading with several statements that all see the same state. It ends when it is dropped.
    ///
    /// # Errors
    /// `UNAVAILABLE` where the store does not answer.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, Failure> {
        Ok(match self.backend() {
            DbBackend::Postgres => {
                let isolation = Some(IsolationLevel::RepeatableRead);
                self.read.begin_with_config(isolation, Some(AccessMode::ReadOnly)).await?
            }
            // SQLite knows no other isolation.
            _ => self.read.begin().await?,
        })
    }

    /// How many transactions were committed by [`Self::write`]: on SQLite fewer than there were works,
    /// when they came together.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Leave to write, for who acts for a caller: to be held until the transaction is over. Callers wait here,
    /// where one who gives up leaves the queue and nothing is done for nobody; and however many they are,
    /// connections are left for what keeps leases and cursors. SQLite has its own queue.
    pub async fn admit(&self) -> Option<OwnedSemaphorePermit> {
        // It is never closed.
        Arc::clone(self.callers.as_ref()?).acquire_owned().await.ok()
    }

    /// Runs `work` in a transaction and answers when it is committed. When `work` fails or panics, nothing
    /// of it stays. It runs to its end even if the caller no longer waits.
    ///
    /// On SQLite works queue behind one writer, and those that wait together share one commit: a work
    /// must neither wait for anything but the store nor call `write` itself.
    ///
    /// # Errors
    /// What `work` fails with; Broken when it panicked or when the commit failed; `UNAVAILABLE` when the
    /// store is closed or does not answer.
    pub async fn write<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t DatabaseTransaction) -> BoxFuture<'t, Result<T, Failure>> + Send + 'static,
    {
        if let Some(writer) = &self.writer {
            return writer.write(work).await;
        }
        let (pool, commits) = (self.write.clone(), Arc::clone(&self.commits));
        let alone = async move {
            let transaction = pool.begin().await?;
            let done = work(&transaction).await?;
            transaction.commit().await?;
            commits.fetch_add(1, Ordering::Relaxed);
            Ok(done)
        };
        let bounded = async {
            tokio::time::timeout(LONGEST_TRANSACTION, alone).await.unwrap_or_else(|_| {
                let message = "the store did not answer; what was asked may have been done";
                Err(Rejection::new(Kind::Unavailable, "STORE_UNAVAILABLE", message).into())
            })
        };
        // On a task of its own: it is not left half done, and its panic is a failure.
        tokio::spawn(bounded.in_current_span()).await.unwrap_or_else(|error| Err(Failure::broken(error)))
    }

    /// Brings the schema up to date, on the writing connection. Replicas that start together wait for each
    /// other. On PostgreSQL others may be at work meanwhile: a migration lets them go first.
    ///
    /// # Errors
    /// Broken when a migration fails; `UNAVAILABLE` (`SCHEMA_IN_USE`) when others did not let it through.
    pub async fn migrate<M: MigratorTrait>(&self) -> Result<(), Failure> {
        if self.writer.is_some() {
            return Ok(M::up(&self.write, None).await?);
        }
        postgres::migrate::<M>(&self.write, &self.schema, self.migration_pauses).await
    }

    /// Closes the store after the works that are queued. Later ones are `UNAVAILABLE`.
    ///
    /// # Errors
    /// Broken when a connection does not close.
    pub async fn close(&self) -> Result<(), Failure> {
        if let Some(writer) = &self.writer {
            writer.close().await;
        }
        self.read.close_by_ref().await?;
        Ok(self.write.close_by_ref().await?)
    }
}

fn callers(connections: u32) -> usize {
    usize::try_from(connections.saturating_sub(KEPT_BACK).max(1)).unwrap_or(1)
}

/// Has whoever else asks for the same key wait until this transaction ends, on whichever replica: for what is to be
/// done once at a time where there is no row yet that could be locked. SQLite has one writer anyway.
pub async fn alone(tx: &DatabaseTransaction, key: &str) -> Result<(), Failure> {
    match tx.get_database_backend() {
        DbBackend::Postgres => Ok(postgres::alone(tx, key).await?),
        _ => Ok(()),
    }
}

/// An instant as it is stored: whole microseconds.
pub fn to_db(at: Timestamp) -> DateTime<Utc> {
    // All of jiff's years are chrono's too.
    DateTime::from_timestamp_micros(at.as_microsecond()).unwrap_or_default()
}

/// An instant as it was stored. What no [`Timestamp`] reaches becomes the nearest one.
pub fn from_db(at: DateTime<Utc>) -> Timestamp {
    let micros = at.timestamp_micros();
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

async fn connect(options: ConnectOptions) -> Result<DatabaseConnection, Failure> {
    Ok(sea_orm::Database::connect(options).await?)
}

fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections.max(1))
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // Statements may carry personal data.
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    options
}

/// The path is set by the driver's own option, so that no character in it is taken for a part of a URL.
fn sqlite_options(connections: u32) -> ConnectOptions {
    let mut options = options("sqlite:file", connections);
    // A connection to a file does not age; opening one costs more than keeping it.
    options.min_connections(1).idle_timeout(None).max_lifetime(None).test_before_acquire(false);
    options
}

fn sqlite_path(url: &str) -> Result<PathBuf, Failure> {
    let path = url.strip_prefix("sqlite:").map(|rest| rest.strip_prefix("//").unwrap_or(rest));
    let path = path.map(|path| path.split_once('?').map_or(path, |(path, _)| path));
    match path {
        Some(path) if !path.is_empty() && !path.contains(":memory:") && !url.contains("mode=memory") => {
            Ok(PathBuf::from(path))
        }
        _ => Err(Rejection::invalid(
            "MALFORMED_DATABASE_URL",
            "database.url",
            "expected sqlite:<path> (a file) or postgres://…",
        )
        .into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_stored_to_the_microsecond() {
        for text in ["2026-11-23T01:00:00.123456Z", "1969-12-31T23:59:59.999999Z", "2026-11-23T01:00:00Z"] {
            let at: Timestamp = text.parse().unwrap();
            assert_eq!(from_db(to_db(at)), at);
        }
        for at in [Timestamp::MIN, Timestamp::MAX] {
            assert_eq!(from_db(to_db(at)).as_microsecond(), at.as_microsecond());
        }
    }

    #[test]
    fn only_files_are_opened() {
        assert_eq!(sqlite_path("sqlite:///tmp/a b.db?mode=rwc").unwrap(), Path::new("/tmp/a b.db"));
        assert_eq!(sqlite_path("sqlite:data/x.db").unwrap(), Path::new("data/x.db"));
        for url in ["", "sqlite:", "sqlite::memory:", "sqlite://x?mode=memory", "mysql://x"] {
            assert!(sqlite_path(url).is_err(), "{url}");
        }
    }
}
