//! Idempotent answers and reference documents, in a migrated store.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use phidia_runtime::{
    database::{Database, DatabaseConfig},
    idempotency::{self, Claim},
    reference::{self, Activated, Documents},
};
use sea_orm_migration::{MigrationTrait, MigratorTrait};

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        reference::migrations().into_iter().chain([idempotency::migration()]).collect()
    }
}

async fn open() -> (tempfile::TempDir, Database) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&DatabaseConfig::sqlite(&folder.path().join("x.db"))).await.unwrap();
    database.migrate::<Migrator>().await.unwrap();
    database.migrate::<Migrator>().await.unwrap();
    (folder, database)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[tokio::test]
async fn the_same_request_gets_the_same_answer_for_its_time() {
    let (_folder, database) = open().await;
    the_same_request(&database).await;
}

#[tokio::test]
async fn reference_documents_go_forward_one_active_at_a_time() {
    let (_folder, database) = open().await;
    reference_documents(&database).await;
}

async fn the_same_request(database: &Database) {
    let now = at("2026-11-23T01:00:00Z");
    let until = now + SignedDuration::try_from(idempotency::KEPT_FOR).unwrap();
    let claim = Claim::new("service/portal", "/x/Submit", "key-1").unwrap();
    let print = idempotency::fingerprint(&("a", 1)).unwrap();
    let (kept, printed) = (claim.clone(), print.clone());
    database
        .write(move |tx| {
            Box::pin(async move {
                assert_eq!(idempotency::find(tx, &kept, &printed, now).await?, None);
                idempotency::keep(tx, &kept, &printed, vec![1, 2], until).await
            })
        })
        .await
        .unwrap();

    let read = database.read();
    assert_eq!(idempotency::find(read, &claim, &print, now).await.unwrap(), Some(vec![1, 2]));
    let other = idempotency::fingerprint(&("a", 2)).unwrap();
    let reused = idempotency::find(read, &claim, &other, now).await.unwrap_err();
    assert_eq!(reused.rejection().unwrap().reason, "IDEMPOTENCY_KEY_REUSED");
    let another = Claim::new("service/other", "/x/Submit", "key-1").unwrap();
    assert_eq!(idempotency::find(read, &another, &other, now).await.unwrap(), None);

    let (kept, printed) = (claim.clone(), other.clone());
    let raced = database
        .write(move |tx| Box::pin(async move { idempotency::keep(tx, &kept, &printed, vec![], until).await }))
        .await
        .unwrap_err();
    assert_eq!(raced.rejection().unwrap().reason, "IDEMPOTENCY_RACE");

    let expired = claim.clone();
    database
        .write(move |tx| {
            Box::pin(async move {
                assert_eq!(idempotency::prune(tx, now).await?, 0);
                assert_eq!(idempotency::find(tx, &expired, &other, until).await?, None);
                idempotency::keep(tx, &expired, &other, vec![3], until).await?;
                assert_eq!(idempotency::prune(tx, until).await?, 1);
                Ok(())
            })
        })
        .await
        .unwrap();
    for bad in ["", "a b", "á", &"x".repeat(129)] {
        assert!(Claim::new("c", "r", bad).is_err());
    }
}

async fn reference_documents(database: &Database) {
    let now = at("2026-11-23T01:00:00Z");
    let docs = |text: &str| -> Documents { BTreeMap::from([("a.csv".to_owned(), text.into())]) };
    let (one, two) = (docs("one"), docs("two"));
    assert_ne!(reference::digest(&one), reference::digest(&two));
    assert_eq!(reference::newest(database.read()).await.unwrap(), None);

    let (first, second) = (one.clone(), two.clone());
    database
        .write(move |tx| {
            Box::pin(async move {
                reference::stage(tx, 1, &first, now).await?;
                reference::stage(tx, 1, &first, now).await?;
                let reused = reference::stage(tx, 1, &second, now).await.unwrap_err();
                assert_eq!(reused.rejection().unwrap().reason, "REFERENCE_VERSION_REUSED");
                assert_eq!(reference::active(tx).await?, None);
                reference::stage(tx, 2, &second, now).await?;
                reference::activate(tx, 1, None, now, Some("operator/o")).await?;
                reference::activate(tx, 2, None, now, None).await?;
                reference::activate(tx, 2, None, now, None).await?;
                let back = reference::activate(tx, 1, None, now, None).await.unwrap_err();
                assert_eq!(back.rejection().unwrap().reason, "REFERENCE_GOES_FORWARD");
                assert!(reference::activate(tx, 3, None, now, None).await.is_err());
                Ok(())
            })
        })
        .await
        .unwrap();

    let read = database.read();
    let newest = Some((2, reference::digest(&two)));
    assert_eq!(reference::active(read).await.unwrap(), newest);
    assert_eq!(reference::newest(read).await.unwrap(), newest);
    let was =
        |version, active, by: Option<&str>| Activated { version, active, at: now, by: by.map(str::to_owned) };
    let (second, first) = (was(2, true, None), was(1, false, Some("operator/o")));
    assert_eq!(reference::history(read, None, 2).await.unwrap(), [second.clone(), first.clone()]);
    assert_eq!(reference::history(read, None, 1).await.unwrap(), [second]);
    assert_eq!(reference::history(read, Some(2), 9).await.unwrap(), [first]);
    assert_eq!(reference::load(read, 1).await.unwrap(), Some(one));
    assert_eq!(reference::load(read, 3).await.unwrap(), None);
}

/// The same on PostgreSQL, where there is one: `PHIDIA_TEST_POSTGRES=postgres://user@host/database`, which
/// must be empty.
#[tokio::test]
async fn postgres_stores_the_same() {
    let Ok(url) = std::env::var("PHIDIA_TEST_POSTGRES") else {
        eprintln!("skipped: PHIDIA_TEST_POSTGRES is not set");
        return;
    };
    let config = DatabaseConfig { url: url.into(), ..DatabaseConfig::default() };
    let database = Database::open(&config).await.unwrap();
    database.migrate::<Migrator>().await.unwrap();
    the_same_request(&database).await;
    reference_documents(&database).await;
    let panicked =
        database.write(|_| -> futures::future::BoxFuture<'_, Result<(), _>> { panic!("on purpose") });
    assert!(panicked.await.is_err());
    database.close().await.unwrap();
}
