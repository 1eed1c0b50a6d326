//! What an officer is given when they ask for the next one, alone and among many.
#![allow(clippy::print_stdout, reason = "the measurement prints what it saw")]

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use ::harness::postgres_server::{Durability, PostgresServer};
use phidia_domain::{Kind, id::ApplicationId};
use phidia_proto::{
    convert,
    processing::v1::{CaseWorkItem, ClaimNextWorkItemRequest, InstallPhase, Turn},
};
use phidia_runtime::{clock::Clock as _, database::DatabaseConfig, status};
use tokio::task::JoinSet;

use crate::{
    harness::{MONDAY, Office, application, at, submission, supervisor},
    province::{self, BIRTH, COPY},
};

/// Officers who ask at once.
const CROWD: usize = 200;

impl Office {
    /// One with more officers, and copies in a green corridor.
    async fn crowded(self, officers: usize) -> Self {
        for phase in [InstallPhase::Stage, InstallPhase::Activate] {
            self.install_files(phase, 1, province::with_officers(officers)).await.unwrap();
        }
        self
    }

    /// Work at unit 1, due at an instant on this Monday or an earlier one, handed in so many minutes ago.
    async fn wait_for(&self, number: u128, procedure: &str, due_at: &str, waited: i64) {
        let mut fact = submission(procedure);
        fact.due_at = Some(convert::wire_timestamp(at(due_at)));
        let submitted_at = self.clock.now() - jiff::SignedDuration::from_mins(waited);
        fact.submitted_at = Some(convert::wire_timestamp(submitted_at));
        self.open_case(number, fact, "1").await;
    }
}

fn of(item: &CaseWorkItem) -> ApplicationId {
    convert::work_item(item.work_item.clone(), "work_item").unwrap().application
}

#[tokio::test(flavor = "multi_thread")]
async fn one_thing_after_the_other_the_most_urgent_first() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    assert_eq!(office.next("1-01").await, None);
    // 12:30 is due later than 10:30, whoever came first.
    office.wait_for(1, BIRTH, "2026-11-23T05:30:00Z", 500).await;
    office.wait_for(2, BIRTH, "2026-11-23T03:30:00Z", 10).await;
    let (item, turn) = office.next("1-01").await.unwrap();
    assert_eq!((of(&item), turn, item.fence), (application(2), Turn::Urgent, 1));
    // Whoever asks again has not seen the answer, or has not finished.
    assert_eq!(office.next("1-01").await.unwrap(), (item.clone(), Turn::InHand));
    // Another is not given the same, and whoever is not competent nothing.
    assert_eq!(of(&office.next("1-02").await.unwrap().0), application(1));
    assert_eq!(office.next("1-03").await, None);
    assert_eq!(office.next("2-01").await, None);
    office.done("1-01", &item).await;
    // Its second step stays at the unit, for whoever masters it.
    let (item, turn) = office.next("1-01").await.unwrap();
    assert_eq!((of(&item), turn), (application(2), Turn::Urgent));
    assert_eq!(item.work_item.unwrap().step, 2);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_late_has_every_fourth_turn_and_a_green_corridor_two_of_three() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::without_province(folder.path()).await.crowded(1).await;
    for number in 0..8 {
        office.wait_for(number, COPY, "2026-11-23T09:00:00Z", 10).await;
        office.wait_for(10 + number, BIRTH, "2026-11-23T08:00:00Z", 10).await;
    }
    // Overdue, and one for neither of whose steps, of 30 and 8 minutes, there is time enough.
    office.wait_for(20, BIRTH, "2026-11-20T09:00:00Z", 7000).await;
    office.wait_for(21, BIRTH, "2026-11-23T01:05:00Z", 6000).await;
    let mut turns = Vec::new();
    for second in 0..12 {
        office.clock.set(at(MONDAY) + jiff::SignedDuration::from_secs(second));
        let (item, turn) = office.next("1-100").await.unwrap();
        let number = u128::from_str_radix(of(&item).to_string().trim_start_matches("app_"), 16).unwrap();
        turns.push((number, turn));
        office.done("1-100", &item).await;
    }
    let four = [Turn::Green, Turn::Green, Turn::Urgent, Turn::LateTurn];
    assert_eq!(turns.iter().map(|(_, turn)| *turn).collect::<Vec<_>>(), four.repeat(3), "{turns:?}");
    // Of those the oldest first: both its steps, and then the other.
    assert_eq!([turns[3].0, turns[7].0, turns[11].0], [20, 20, 21]);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_officers_are_given_work() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let mut client = office.client(supervisor(Some("1")));
    let refusal = client.claim_next_work_item(ClaimNextWorkItemRequest {}).await.unwrap_err();
    assert_eq!(status::from_status(&refusal).kind, Kind::Forbidden);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_hundred_who_ask_at_once_each_is_given_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let office = Arc::new(Office::without_province(folder.path()).await.crowded(CROWD).await);
    let count = CROWD as u128;
    open(&office, 0..count).await;
    let held = all_ask(&office).await;
    // As much as there is, no two the same, and nobody went without.
    let of_each: BTreeMap<_, _> = held.iter().map(|(officer, item)| (of(item), officer)).collect();
    assert_eq!((held.len(), of_each.len()), (CROWD, CROWD));
    // What is in hand is nobody else's, and stays so.
    let again: BTreeMap<_, _> = all_ask(&office).await.into_iter().collect();
    assert!(held.iter().all(|(officer, item)| again[officer] == *item));
    let office = Arc::into_inner(office).unwrap();
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_officer_who_asks_many_times_at_once_has_one_thing_in_hand() {
    let folder = tempfile::tempdir().unwrap();
    let office = Arc::new(Office::without_province(folder.path()).await.crowded(1).await);
    open(&office, 0..20).await;
    let officer = province::crowd(1).next().unwrap();
    let mut asking = JoinSet::new();
    for _ in 0..20 {
        let (office, officer) = (Arc::clone(&office), officer.clone());
        asking.spawn(async move { office.next(&officer).await.map(|(item, _)| of(&item)) });
    }
    let given: std::collections::BTreeSet<_> = asking.join_all().await.into_iter().collect();
    assert_eq!(given.len(), 1, "{given:?}");
    Arc::into_inner(office).unwrap().close().await;
}

/// What it costs beside the least that it takes: one statement that passes by what others are about to have.
/// services/processing/README.md says how to measure, and what was seen.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement that wants the machine to itself"]
async fn claims_beside_pgbench() {
    const ROUNDS: u128 = 10;
    const CLIENTS: usize = 16;
    let count = CROWD as u128 * ROUNDS;
    let postgres = PostgresServer::start(Durability::Power);
    let url = postgres.new_database();
    let store = DatabaseConfig { url: url.into(), max_connections: 16, ..DatabaseConfig::default() };
    let office = Arc::new(Office::over(&store).await.crowded(CROWD).await);
    open(&office, 0..count).await;
    let mut took = Duration::ZERO;
    for _ in 0..ROUNDS {
        let since = Instant::now();
        let held = all_ask(&office).await;
        took += since.elapsed();
        assert_eq!(held.len(), CROWD);
        for (officer, item) in held {
            office.done(&officer, &item).await;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let claims = count as f64 / took.as_secs_f64();
    Arc::into_inner(office).unwrap().close().await;

    postgres.url("yardstick");
    postgres.sql(
        "yardstick",
        "create table work (id bigint primary key, urgent_by timestamptz not null, officer bigint);
         create index on work (urgent_by) where officer is null",
    );
    let fill = format!(
        "insert into work select number, now() + number * interval '1 minute' from generate_series(1, {count}) number"
    );
    postgres.sql("yardstick", &fill);
    let script = "update work set officer = :client_id where id = (select id from work where officer is null \
                  order by urgent_by limit 1 for update skip locked);";
    let each = (count / CLIENTS as u128).to_string();
    let (bare, _) = postgres.pgbench("yardstick", script, CLIENTS, ["-t", &each]);
    println!("| `pgbench`: claims/s | claims/s | ratio |\n|--:|--:|--:|");
    println!("| {bare:.0} | {claims:.0} | {:.2} |", claims / bare);
}

/// Cases that nobody has begun, all due on the same day.
async fn open(office: &Office, numbers: std::ops::Range<u128>) {
    for number in numbers {
        office.wait_for(number, COPY, "2026-11-23T09:00:00Z", 10).await;
    }
}

/// All of the crowd ask at once; who was given what.
async fn all_ask(office: &Arc<Office>) -> Vec<(String, CaseWorkItem)> {
    let mut asking = JoinSet::new();
    for officer in province::crowd(CROWD) {
        let office = Arc::clone(office);
        asking.spawn(async move { office.next(&officer).await.map(|(item, _)| (officer, item)) });
    }
    asking.join_all().await.into_iter().flatten().collect()
}
