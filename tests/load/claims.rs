//! A crowd of officers who ask one worklist of the split house at once, beside the one statement that it takes at the
//! least: to pass by what others are about to have.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use harness::{
    client::{Client, application},
    province::{self, ALPHA, ANYWHERE},
    wait::PATIENCE,
};
use phidia_proto::processing::v1::{
    CaseWorkItem, ClaimNextWorkItemRequest, case_service_client::CaseServiceClient,
};
use tokio::task::JoinSet;

use crate::{house::House, say, yardstick};

const CROWD: usize = 200;
/// How often all of them ask.
const ROUNDS: usize = 5;
/// Clients of `pgbench`, and connections that processing may have.
const CLIENTS: usize = 16;

/// Nothing is asserted but that each is given their own, and nothing twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement that wants the machine to itself: README.md"]
async fn two_hundred_officers_beside_skip_locked() {
    let count = CROWD * ROUNDS;
    let mut house = House::with_stores_only();
    // Before the services run, who look for work also when there is none.
    let bare = yardstick::claims(&house.postgres, CLIENTS, count);
    let folder = tempfile::tempdir().unwrap();
    province::write(folder.path(), &province::crowded(CROWD));
    house.open(folder.path());
    hand_in(&house, count).await;

    let officers: BTreeMap<_, _> = province::crowd(CROWD)
        .map(|code| (code.clone(), Client::officer(house.processing(), ALPHA, &code)))
        .collect();
    // Connections are made and statements prepared before anything is measured: of their own work, as they see it.
    let mut listing = JoinSet::new();
    officers
        .values()
        .cloned()
        .for_each(|officer| drop(listing.spawn(async move { officer.worklist().await.len() })));
    listing.join_all().await;
    let (mut took, mut given) = (Duration::ZERO, BTreeSet::new());
    for _ in 0..ROUNDS {
        let since = Instant::now();
        let held = all_ask(&officers).await;
        took += since.elapsed();
        assert_eq!(held.len(), CROWD, "somebody went without");
        for (code, item) in held {
            let key = item.work_item.as_ref().unwrap();
            assert!(given.insert(key.application_id.clone()), "two were given {item:?}");
            officers[&code].complete(&item).await.unwrap();
        }
    }
    let claims = count as f64 / took.as_secs_f64();
    say("| `pgbench`: claims/s | split house: claims/s | ratio |\n|--:|--:|--:|");
    say(&format!("| {bare:.0} | {claims:.0} | {:.2} |", claims / bare));
}

/// Has so many cases wait at the crowd's unit.
async fn hand_in(house: &House, count: usize) {
    let mut coming = JoinSet::new();
    for counter in 0..CLIENTS {
        let intake = Client::system(house.intake());
        coming.spawn(async move {
            for number in (counter..count).step_by(CLIENTS) {
                intake.submit(application(&number.to_string(), ANYWHERE)).await.unwrap();
            }
        });
    }
    coming.join_all().await;
    let since = Instant::now();
    while house.count_opened() < count {
        assert!(since.elapsed() < PATIENCE * 10, "{} came to their case", house.count_opened());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// All of them at once; who was given what.
async fn all_ask(officers: &BTreeMap<String, Client>) -> Vec<(String, CaseWorkItem)> {
    let mut asking = JoinSet::new();
    for (code, officer) in officers {
        let (code, mut cases) = (code.clone(), CaseServiceClient::new(officer.peer()));
        asking.spawn(async move {
            let answer = cases.claim_next_work_item(ClaimNextWorkItemRequest {}).await.unwrap();
            answer.into_inner().work_item.map(|item| (code, item))
        });
    }
    asking.join_all().await.into_iter().flatten().collect()
}
