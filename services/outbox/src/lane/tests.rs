use phidia_runtime::{
    database::{Database, DatabaseConfig},
    ids::Ids,
};
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;

struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        crate::migrations()
    }
}

#[test]
fn lanes_are_stable_and_even() {
    let id = |n: u128| ApplicationId::from_uuid(Uuid::from_u128(n));
    assert_eq!(of(id(0)), 34);
    let mut counts = [0_u32; 64];
    for n in 0..6_400 {
        counts[usize::try_from(of(id(n * 0x9e37_79b9_7f4a_7c15))).unwrap()] += 1;
    }
    assert!(counts.iter().all(|count| (50..200).contains(count)), "{counts:?}");
}

async fn outbox(folder: &TempDir) -> Outbox {
    let db = Database::open(&DatabaseConfig::sqlite(&folder.path().join("it.db"))).await.unwrap();
    db.migrate::<Migrator>().await.unwrap();
    Outbox::new("source", db, Ids::random())
}

#[tokio::test]
async fn a_relay_that_begins_takes_over_what_its_name_holds() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = outbox(&folder).await;
    let of = |holder: &str| {
        Leases::new(outbox.clone(), "subscriber", holder.to_owned(), Duration::from_secs(3600))
    };
    let (mut old, mut other, mut new) = (of("a"), of("b"), of("a"));
    old.seed().await.unwrap();
    old.keep(64, true).await.unwrap();
    other.keep(64, true).await.unwrap();
    assert_eq!((old.held().len(), other.held().len()), (64, 0));
    new.keep(64, true).await.unwrap();
    assert!(new.held().len() == 64 && new.held().values().all(|held| held.fence == 2), "{new:?}");
    // The old one lives: it moves nothing, keeps nothing, and takes nothing back.
    let advance = old.advance(7);
    let failure = outbox.database().write(move |tx| Box::pin(advance.run(tx))).await.unwrap_err();
    assert_eq!(failure.rejection().unwrap().reason, "LANE_LOST");
    old.keep(64, false).await.unwrap();
    assert_eq!(old.held().len(), 0);
    // Nor does it give back what is not its own any more.
    old.release().await.unwrap();
    new.keep(64, false).await.unwrap();
    assert_eq!(new.held().len(), 64);
}

#[tokio::test]
async fn who_slept_past_its_lease_moves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = outbox(&folder).await;
    let of = |holder: &str, term| Leases::new(outbox.clone(), "subscriber", holder.to_owned(), term);
    let advance = async |leases: &Leases, position| {
        let advance = leases.advance(position);
        outbox.database().write(move |tx| Box::pin(advance.run(tx))).await
    };
    let (mut sleeper, mut other) = (of("sleeper", Duration::ZERO), of("other", Duration::from_secs(60)));
    sleeper.seed().await.unwrap();
    sleeper.keep(64, false).await.unwrap();
    assert_eq!(sleeper.held().len(), 64);
    // Its lease has passed, but nobody noticed: it is still the holder.
    advance(&sleeper, 7).await.unwrap();
    sleeper.advanced(7);

    // A deadline, not a wait: the clock has to tick once.
    while other.held().len() < 10 {
        other.keep(10, false).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert!(other.held().values().all(|held| *held == Held { fence: 2, position: 7 }), "{other:?}");
    // One lane lost is enough: nothing of the batch may be stored.
    let failure = advance(&sleeper, 9).await.unwrap_err();
    assert_eq!(failure.rejection().unwrap().reason, "LANE_LOST");
    advance(&other, 8).await.unwrap();
    // It keeps what it still has, where its cursors were.
    sleeper.keep(0, false).await.unwrap();
    assert_eq!(sleeper.held().len(), 54);
    assert!(sleeper.held().values().all(|held| *held == Held { fence: 1, position: 7 }), "{sleeper:?}");
    advance(&sleeper, 9).await.unwrap();
    // Cursors never go back.
    advance(&sleeper, 3).await.unwrap();
    sleeper.keep(0, false).await.unwrap();
    assert!(sleeper.held().values().all(|held| held.position == 9), "{sleeper:?}");
    // What is given back is free at once.
    other.release().await.unwrap();
    let mut third = of("third", Duration::from_secs(60));
    while third.held().len() < 64 {
        third.keep(64, false).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(third.held().values().filter(|held| held.fence == 3 && held.position == 8).count(), 10);
    assert_eq!(third.held().values().filter(|held| held.fence == 2 && held.position == 9).count(), 54);
}
