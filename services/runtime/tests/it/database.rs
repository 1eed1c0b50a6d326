//! Many writers, good and bad, on one SQLite file.

use std::{path::Path, sync::Arc};

use futures::future::join_all;
use phidia_domain::{Kind, Rejection};
use phidia_runtime::{
    database::{Database, DatabaseConfig},
    failure::Failure,
};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbBackend, Statement};
use tokio_util::sync::CancellationToken;

async fn open(path: &Path) -> Database {
    let database = Database::open(&DatabaseConfig::sqlite(path)).await.unwrap();
    let sql = "CREATE TABLE IF NOT EXISTS n (n INTEGER PRIMARY KEY)";
    database.write(move |tx| Box::pin(async move { Ok(tx.execute_unprepared(sql).await?) })).await.unwrap();
    database
}

async fn insert(tx: &DatabaseTransaction, n: usize) -> Result<usize, Failure> {
    tx.execute_unprepared(&format!("INSERT INTO n VALUES ({n})")).await?;
    Ok(n)
}

async fn all(database: &Database) -> Vec<usize> {
    let select = Statement::from_string(DbBackend::Sqlite, "SELECT n FROM n ORDER BY n");
    let rows = database.read().query_all_raw(select).await.unwrap();
    rows.iter().map(|row| usize::try_from(row.try_get::<i64>("", "n").unwrap()).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exactly_the_successful_works_stay() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made/on the way.db");
    let database = open(&path).await;
    let before = database.commits();
    let writes = join_all((0..500).map(|n| {
        let database = database.clone();
        async move {
            tokio::spawn(async move {
                database
                    .write(move |tx| {
                        assert!(n % 10 != 3, "on purpose: before there is a future");
                        Box::pin(async move {
                            let n = insert(tx, n).await?;
                            assert!(n % 10 != 5, "on purpose");
                            if n % 10 == 7 {
                                return Err(Rejection::new(Kind::Precondition, "SEVEN", "seven").into());
                            }
                            if n % 10 == 9 {
                                insert(tx, n).await?; // The same key again.
                            }
                            Ok(n)
                        })
                    })
                    .await
            })
            .await
            .unwrap()
        }
    }));
    let answers = writes.await;
    let kept: Vec<usize> = (0..500).filter(|n| ![3, 5, 7, 9].contains(&(n % 10))).collect();
    assert_eq!(answers.iter().filter_map(|answer| answer.as_ref().ok().copied()).collect::<Vec<_>>(), kept);
    assert_eq!(answers[7].as_ref().unwrap_err().rejection().unwrap().reason, "SEVEN");
    assert!(answers[5].as_ref().unwrap_err().is_transient());
    assert_eq!(all(&database).await, kept);
    let commits = database.commits() - before;
    assert!((1..250).contains(&commits), "{commits} commits for 500 works");

    database.close().await.unwrap();
    let late = database.write(|tx| Box::pin(insert(tx, 1000))).await.unwrap_err();
    assert_eq!(late.rejection().unwrap().kind, Kind::Unavailable);
    assert_eq!(all(&open(&path).await).await, kept);
}

#[tokio::test]
async fn only_what_is_queued_is_grouped() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(&folder.path().join("x.db")).await;
    let before = database.commits();
    // One that holds the writer while others queue up.
    let (running, release) = (CancellationToken::new(), Arc::new(tokio::sync::Notify::new()));
    let first = tokio::spawn({
        let (database, running, release) = (database.clone(), running.clone(), Arc::clone(&release));
        async move {
            let work = database.write(move |tx| {
                Box::pin(async move {
                    running.cancel();
                    release.notified().await;
                    insert(tx, 0).await
                })
            });
            work.await
        }
    });
    running.cancelled().await;
    let others = (1..=64).map(|n| database.write(move |tx| Box::pin(insert(tx, n))));
    let (_, others) = tokio::join!(async { release.notify_one() }, async {
        // All are queued in the first poll of this join, before the writer runs again.
        join_all(others).await
    });
    assert_eq!(first.await.unwrap().unwrap(), 0);
    assert!(others.iter().all(Result::is_ok));
    assert_eq!(database.commits() - before, 2);
}

#[tokio::test]
async fn a_work_runs_to_its_end_without_its_caller() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(&folder.path().join("x.db")).await;
    let (running, release) = (CancellationToken::new(), CancellationToken::new());
    let caller = tokio::spawn({
        let (database, running, release) = (database.clone(), running.clone(), release.clone());
        async move {
            let work = database.write(move |tx| {
                Box::pin(async move {
                    running.cancel();
                    release.cancelled().await;
                    insert(tx, 1).await
                })
            });
            work.await
        }
    });
    running.cancelled().await;
    caller.abort();
    release.cancel();
    database.write(|tx| Box::pin(insert(tx, 2))).await.unwrap();
    assert_eq!(all(&database).await, [1, 2]);
}

#[tokio::test]
async fn readers_cannot_write_and_foreign_keys_hold() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(&folder.path().join("x.db")).await;
    assert!(database.read().execute_unprepared("INSERT INTO n VALUES (1)").await.is_err());
    let broken = database.write(|tx| {
        Box::pin(async move {
            tx.execute_unprepared("CREATE TABLE m (n INTEGER REFERENCES n(n))").await?;
            Ok(tx.execute_unprepared("INSERT INTO m VALUES (1)").await?)
        })
    });
    assert!(broken.await.is_err());
    assert_eq!(all(&database).await, [0_usize; 0]);
}
