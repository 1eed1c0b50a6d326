//! What PostgreSQL is told once for every connection.

use std::time::Duration;

use phidia_domain::{Kind, Rejection};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, TransactionTrait as _,
};
use sea_orm_migration::MigratorTrait;
use secrecy::ExposeSecret as _;

use super::{DatabaseConfig, fault::is_locked_out};
use crate::failure::Failure;

/// Limits that PostgreSQL keeps for us, so that no process that stopped or lost its line holds up the others.
///
/// A transaction of ours waits for nothing but the store: one that is idle belongs to a process that is
/// stalled, and keeps row locks and the horizon of all relays
/// (<https://www.postgresql.org/docs/15/runtime-config-client.html>).
const LIMITS: [(&str, &str); 6] = [
    ("statement_timeout", "30s"),
    ("lock_timeout", "5s"),
    ("idle_in_transaction_session_timeout", "3s"),
    ("tcp_keepalives_idle", "5"),
    ("tcp_keepalives_interval", "2"),
    ("tcp_keepalives_count", "3"),
];
/// How long a connection may be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a migration stands in the queue of a table: whoever comes after it, to read or to write, waits behind it.
const GIVES_WAY: &str = "1s";
/// Between two tries of a migration that gave way, doubled each time up to the longest: others have the table for most of
/// the time.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// Held while a schema is migrated: any number that nobody else in the database uses.
const MIGRATING: i32 = 0x7068_6964;

/// For [`super::alone`]: likewise.
const ALONE: i32 = 0x7068_6965;

pub(super) fn options(config: &DatabaseConfig) -> ConnectOptions {
    let mut options = super::options(config.url.expose_secret(), config.max_connections);
    options.connect_timeout(CONNECT_TIMEOUT);
    if !config.schema.is_empty() {
        options.set_schema_search_path(&config.schema);
    }
    options.map_sqlx_postgres_opts(|options| options.application_name("phidia").options(LIMITS));
    options
}

/// Makes the schema if it is missing and migrates it, with all others held off. Each migration is a transaction of its own,
/// so that those that are through stay so. One that needs a table that others work on gives way to them, and tries again
/// until it has paused for so long in all.
///
/// # Errors
/// `UNAVAILABLE` (`SCHEMA_IN_USE`) when it did not get what it needs; those of the store.
pub(super) async fn migrate<M: MigratorTrait>(
    connection: &DatabaseConnection,
    schema: &str,
    longest: Duration,
) -> Result<(), Failure> {
    let (mut paused, mut pause) = (Duration::ZERO, FIRST_PAUSE);
    loop {
        match migrate_once::<M>(connection, schema).await {
            Ok(true) => return Ok(()),
            Ok(false) => (paused, pause) = (Duration::ZERO, FIRST_PAUSE),
            Err(error) if !is_locked_out(&error) => return Err(error.into()),
            Err(_) if paused + pause > longest => {
                let message = "others work on what the next migration changes; those before it are through. \
                    Run it again when no long report or backup runs";
                return Err(Rejection::new(Kind::Unavailable, "SCHEMA_IN_USE", message).into());
            }
            Err(error) => {
                tracing::warn!(%error, schema, again_in = ?pause, "a migration gives way to others");
                tokio::time::sleep(pause).await;
                paused += pause;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Makes the next migration; true: there is none.
async fn migrate_once<M: MigratorTrait>(
    connection: &DatabaseConnection,
    schema: &str,
) -> Result<bool, DbErr> {
    let alone = connection.begin().await?;
    // Another replica's migration may take its time, and so may what this one reckons between two statements.
    let unlimited = ["lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"];
    let unlimited = unlimited.map(|limit| format!("SET LOCAL {limit} = 0"));
    alone.execute_unprepared(&unlimited.join("; ")).await?;
    let lock = "SELECT pg_advisory_xact_lock($1, hashtext($2))";
    let values = [MIGRATING.into(), schema.into()];
    alone.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, lock, values)).await?;
    alone.execute_unprepared(&format!("SET LOCAL lock_timeout = '{GIVES_WAY}'")).await?;
    if !schema.is_empty() {
        let name = schema.replace('"', "\"\"");
        alone.execute_unprepared(&format!("CREATE SCHEMA IF NOT EXISTS \"{name}\"")).await?;
    }
    let none_left = M::get_pending_migrations(&alone).await?.is_empty();
    if !none_left {
        M::up(&alone, Some(1)).await?;
    }
    alone.commit().await?;
    Ok(none_left)
}

/// Waits until nobody else's transaction has this key, and has it until the end of this one.
pub(super) async fn alone<C: ConnectionTrait>(tx: &C, key: &str) -> Result<(), DbErr> {
    let lock = "SELECT pg_advisory_xact_lock($1, hashtext($2))";
    let values = [ALONE.into(), key.into()];
    tx.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, lock, values)).await?;
    Ok(())
}
