//! Whatever gets lost, nothing is lost or doubled: the board always comes back to what is assigned.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use phidia_board::{Board as _, Reserve};
use phidia_domain::{
    Kind,
    route::{Bid, LoadKey},
    work_item::WorkItem,
};
use phidia_proto::routing::v1::WorkState;
use tempfile::tempdir;

use crate::{
    facts::{completed, ready},
    flaky::Flaky,
    harness::{Office, item, until},
    province::{self, COPY, LAND, unit},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_builds_the_board_to_exactly_the_open_load() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(0..12, COPY, "1").await;
    office.submit(20..21, LAND, "1").await;
    office.rest().await;
    let at = office.decision(item(3, 1)).await;
    let code = ["1", "2"].into_iter().find(|code| unit(code).to_string() == at.unit_id).unwrap();
    office.apply(item(3, 1), completed(item(3, 1), code)).await;
    office.apply(item(3, 2), ready(item(3, 2), code, true)).await;
    office.balanced().await;
    let before = office.units().await.unwrap();

    let office = office.restart(folder.path()).await;
    until(async || office.units().await.is_ok()).await;
    office.balanced().await;
    assert_eq!(office.units().await.unwrap(), before);
    // A new epoch, and it goes on.
    office.submit(30..31, COPY, "1").await;
    assert_eq!(office.decision(item(30, 1)).await.epoch, 2);
    office.balanced().await;
    // It may just be tried again.
    until(async || office.list(WorkState::Unassignable).await.len() == 1).await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_nobody_can_read_any_more_stands_in_nobodys_way() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..3, COPY, "1").await;
    office.balanced().await;
    let at = office.decision(item(1, 1)).await.unit_id;
    let code = ["1", "2"].into_iter().find(|code| unit(code).to_string() == at).unwrap();
    office.tamper("UPDATE assignment SET explanation = '{' WHERE board_sequence = 1").await;
    // Its load goes, and what is behind it on the agenda is decided.
    office.apply(item(1, 1), completed(item(1, 1), code)).await;
    office.submit(3..6, COPY, "1").await;
    until(async || office.list(WorkState::Assigned).await.len() == 4).await;
    let items = async || office.units().await.unwrap().iter().map(|unit| unit.open_items).sum::<u32>();
    until(async || items().await == 4).await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_before_there_is_a_province_waits_for_it() {
    let folder = tempdir().unwrap();
    let office = Office::without_province(folder.path(), Flaky::new()).await;
    office.submit(1..3, COPY, "1").await;
    assert_eq!(office.units().await.unwrap_err().kind, Kind::Unavailable);
    office.install(1, province::files()).await;
    until(async || office.list(WorkState::Assigned).await.len() == 2).await;
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_the_board_that_gets_lost_doubles_nothing() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(0..1, COPY, "1").await;
    office.rest().await;
    office.board.reserves.store(3, Ordering::SeqCst);
    office.board.confirms.store(3, Ordering::SeqCst);
    office.submit(1..20, COPY, "1").await;
    office.balanced().await;
    assert_eq!(office.list(WorkState::Assigned).await.len(), 19 + 1);
    until(async || office.board.confirms.load(Ordering::SeqCst) == 0).await;
    // Whatever was not confirmed at once was confirmed later: nothing falls due.
    until(async || {
        office.board.later(60);
        tokio::time::sleep(Duration::from_millis(20)).await;
        office.board.inner.due_leases("37", 10).await.unwrap().is_empty()
    })
    .await;
    office.balanced().await;
    until(async || office.told.by("processing").len() == 20).await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reservation_that_nobody_wrote_falls_due_and_is_given_back() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(0..1, COPY, "1").await;
    office.rest().await;
    let key = LoadKey { field: "Chứng thực".to_owned(), level: 2, due_day: None };
    let reserve = |work_item: WorkItem| Reserve {
        province: "37".to_owned(),
        epoch: 1,
        work_item,
        key: key.clone(),
        minutes: 500,
        bids: vec![Bid::always(unit("2"), true)],
        lease: Duration::from_secs(30),
    };
    // One replica died between reserve and commit; another one wrote nothing and its work item still waits.
    office.board.reserve(reserve(item(77, 1))).await.unwrap();
    office.board.reserve(reserve(item(1, 1))).await.unwrap();
    office.submit(1..2, COPY, "1").await;
    office.rest().await;
    assert_eq!(office.units().await.unwrap().iter().map(|unit| unit.open_items).sum::<u32>(), 3);
    office.board.later(60);
    office.balanced().await;
    assert_eq!(office.units().await.unwrap().iter().map(|unit| unit.open_items).sum::<u32>(), 2);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_confirmed_after_another_replica_gave_it_back_is_given_back_again() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(0..1, COPY, "1").await;
    office.balanced().await;
    let (asleep, wake, done) = office.board.sleep_before_confirm();
    office.submit(1..2, COPY, "1").await;
    asleep.await.unwrap();
    // The decision is written: another replica confirms it, an officer finishes it, its load is given back.
    let at = office.decision(item(1, 1)).await;
    let code = ["1", "2"].into_iter().find(|code| unit(code).to_string() == at.unit_id).unwrap();
    office.apply(item(1, 1), completed(item(1, 1), code)).await;
    office.board.inner.release("37", item(1, 1)).await.unwrap();
    office.clear_the_agenda().await;
    wake.send(()).unwrap();
    done.await.unwrap();
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agenda_that_cannot_be_closed_is_tried_with_pauses_and_leases_are_settled_beside_it() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(0..1, COPY, "1").await;
    office.balanced().await;
    let key = LoadKey { field: "Chứng thực".to_owned(), level: 2, due_day: None };
    let bids = vec![Bid::always(unit("2"), true)];
    // Due before the one that cannot be confirmed, which would stop those behind it.
    let (province, lease) = ("37".to_owned(), Duration::from_secs(1));
    let lost = Reserve { province, epoch: 1, work_item: item(77, 1), key, minutes: 500, bids, lease };
    office.board.reserve(lost).await.unwrap();
    office.board.confirms.store(u32::MAX, Ordering::SeqCst);
    let tries = || u32::MAX - office.board.confirms.load(Ordering::SeqCst);
    office.submit(1..2, COPY, "1").await;
    until(async || tries() > 0).await;

    let (since, before) = (Instant::now(), tries());
    office.board.later(60);
    until(async || office.units().await.unwrap().iter().map(|unit| unit.open_items).sum::<u32>() == 2).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    // A pause is 25 ms at least from the fourth on; a lease that falls due asks too, twice in a second.
    let most = 10 + since.elapsed().as_millis() / 20;
    assert!(u128::from(tries() - before) <= most, "{} tries, {most} at most", tries() - before);
    office.board.confirms.store(0, Ordering::SeqCst);
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_board_is_away_nothing_is_decided_and_nothing_lost() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(0..1, COPY, "1").await;
    office.rest().await;
    office.board.away.store(1, Ordering::SeqCst);
    office.submit(1..9, COPY, "1").await;
    office.apply(item(0, 1), completed(item(0, 1), "1")).await;
    // The desk believes its view for a moment, but the board takes nothing.
    let refusal = office.assign(item(4, 1)).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Unavailable, "BOARD_AWAY"));
    assert_eq!(office.list(WorkState::Waiting).await.len(), 8);
    assert_eq!(office.units().await.unwrap_err().kind, Kind::Unavailable);
    office.board.away.store(0, Ordering::SeqCst);
    office.balanced().await;
    assert_eq!(office.list(WorkState::Assigned).await.len(), 8);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_that_was_set_back_is_built_anew() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(0..5, COPY, "1").await;
    office.balanced().await;
    office.board.rebuild("37", 8, Vec::new(), 0).await.unwrap();
    assert!(office.units().await.unwrap().iter().all(|unit| unit.open_items == 0));
    office.submit(5..9, COPY, "1").await;
    office.balanced().await;
    assert_eq!(office.board.snapshot("37").await.unwrap().epoch, 9);
    office.submit(9..10, COPY, "1").await;
    assert_eq!(office.decision(item(9, 1)).await.epoch, 9);
    office.close().await;
}
