//! What PostgreSQL is told once for every connection.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, TransactionTrait as _,
};
use sea_orm_migration::MigratorTrait;
use secrecy::ExposeSecret as _;

use super::DatabaseConfig;

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

/// Makes the schema if it is missing and migrates it, in one transaction that holds all others off.
pub(super) async fn migrate<M: MigratorTrait>(
    connection: &DatabaseConnection,
    schema: &str,
) -> Result<(), DbErr> {
    let alone = connection.begin().await?;
    // Another replica's migration may take its time, and so may what this one reckons between two statements.
    let unlimited = ["lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"];
    let unlimited = unlimited.map(|limit| format!("SET LOCAL {limit} = 0"));
    alone.execute_unprepared(&unlimited.join("; ")).await?;
    let lock = "SELECT pg_advisory_xact_lock($1, hashtext($2))";
    let values = [MIGRATING.into(), schema.into()];
    alone.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, lock, values)).await?;
    if !schema.is_empty() {
        let name = schema.replace('"', "\"\"");
        alone.execute_unprepared(&format!("CREATE SCHEMA IF NOT EXISTS \"{name}\"")).await?;
    }
    M::up(&alone, None).await?;
    alone.commit().await
}

/// Waits until nobody else's transaction has this key, and has it until the end of this one.
pub(super) async fn alone<C: ConnectionTrait>(tx: &C, key: &str) -> Result<(), DbErr> {
    let lock = "SELECT pg_advisory_xact_lock($1, hashtext($2))";
    let values = [ALONE.into(), key.into()];
    tx.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, lock, values)).await?;
    Ok(())
}
