//! A schema is migrated while others work on it: they come first. Here and not at the runtime's own tests, for the harness that
//! has a real PostgreSQL is built on the runtime.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use phidia_runtime::{
    database::{Database, DatabaseConfig},
    failure::Failure,
};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, Statement, TransactionTrait as _};
use sea_orm_migration::prelude::*;
use tokio::task::JoinHandle;

use crate::{
    Postgres,
    harness::{Engine as _, until},
};

/// Statements that are one migration.
struct Step(&'static str, &'static str);

impl MigrationName for Step {
    fn name(&self) -> &str {
        self.0
    }
}

#[allow(elided_lifetimes_in_paths)]
#[async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(self.1).await.map(drop)
    }
}

/// The version that is at work.
struct Before;

impl MigratorTrait for Before {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Step(
            "1",
            "CREATE TABLE cases (n INT); CREATE TABLE notes (n INT); CREATE TABLE marks (n INT)",
        ))]
    }
}

/// The one that it is upgraded to.
struct After;

impl MigratorTrait for After {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = Before::migrations();
        all.push(Box::new(Step("2", "ALTER TABLE notes ADD COLUMN m INT")));
        all.push(Box::new(Step(
            "3",
            "ALTER TABLE cases ADD COLUMN m INT; ALTER TABLE marks ADD COLUMN m INT",
        )));
        all
    }
}

async fn open(pauses: u64) -> Database {
    let config = DatabaseConfig { migration_pauses_seconds: pauses, ..Postgres::new().config("upgraded") };
    let database = Database::open(&config).await.unwrap();
    database.migrate::<Before>().await.unwrap();
    database
}

/// A transaction that has done this, and is in no hurry.
async fn busy(database: &Database, with: &str) -> DatabaseTransaction {
    let open = database.read().begin().await.unwrap();
    open.execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = 0").await.unwrap();
    open.execute_unprepared(with).await.unwrap();
    open
}

fn upgrade(database: &Database) -> JoinHandle<Result<(), Failure>> {
    let database = database.clone();
    tokio::spawn(async move { database.migrate::<After>().await })
}

async fn ask(database: &Database, sql: &str) -> bool {
    let row = database.read().query_one_raw(Statement::from_string(database.backend(), sql)).await.unwrap();
    row.unwrap().try_get_by_index(0).unwrap()
}

async fn has(database: &Database, table: &str, column: &str) -> bool {
    let columns = "SELECT count(*) > 0 FROM information_schema.columns WHERE table_schema = current_schema()";
    ask(database, &format!("{columns} AND table_name = '{table}' AND column_name = '{column}'")).await
}

async fn write(database: &Database, sql: &'static str) {
    database.write(move |tx| Box::pin(async move { Ok(tx.execute_unprepared(sql).await?) })).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_in_working_hours_keeps_nobody_from_work_for_long() {
    let database = open(60).await;
    let report = busy(&database, "SELECT n FROM cases").await;
    let upgraded = upgrade(&database);

    // Sooner or later a writer stands behind the migration, and gets through while the report goes on.
    let stood = async {
        loop {
            let asked = Instant::now();
            write(&database, "INSERT INTO cases VALUES (1)").await;
            if asked.elapsed() > Duration::from_millis(300) {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), stood)
        .await
        .expect("a writer stood behind the migration, and nobody else");
    assert!(!upgraded.is_finished(), "it changed a table that a report was reading");
    assert!(has(&database, "notes", "m").await, "the migration before it is not through yet");

    report.rollback().await.unwrap();
    upgraded.await.unwrap().unwrap();
    assert!(has(&database, "cases", "m").await && has(&database, "marks", "m").await);
    database.migrate::<After>().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_that_never_gets_through_says_so_and_goes_on_later() {
    let database = open(1).await;
    let backup = busy(&database, "SELECT n FROM cases").await;
    let answered = tokio::time::timeout(Duration::from_secs(30), upgrade(&database)).await;
    let refused = answered.expect("it gives up").unwrap().unwrap_err();
    assert_eq!(refused.rejection().unwrap().reason, "SCHEMA_IN_USE");
    assert!(has(&database, "notes", "m").await && !has(&database, "cases", "m").await);
    backup.rollback().await.unwrap();
    upgrade(&database).await.unwrap().unwrap();
    assert!(has(&database, "cases", "m").await && has(&database, "marks", "m").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_that_meets_a_writer_crosswise_lets_them_go_first() {
    let database = open(60).await;
    let writer = busy(&database, "INSERT INTO marks VALUES (1)").await;
    let upgraded = upgrade(&database);
    let holds = "SELECT count(*) > 0 FROM pg_locks WHERE relation = 'cases'::regclass AND granted \
        AND mode = 'AccessExclusiveLock'";
    until("the migration has changed one of two tables", async || ask(&database, holds).await).await;
    writer.execute_unprepared("INSERT INTO cases VALUES (1)").await.unwrap();
    writer.commit().await.unwrap();
    upgraded.await.unwrap().unwrap();
    assert!(has(&database, "cases", "m").await && has(&database, "marks", "m").await);
    assert!(ask(&database, "SELECT count(*) = 1 FROM cases").await);
}
