//! A board that counts otherwise than the store is noticed and mended, and one that is only at work is not.

use std::time::Duration;

use phidia_board::Reserve;
use phidia_domain::route::{Bid, Load, LoadKey};
use tempfile::tempdir;

use crate::{
    facts::completed,
    harness::{Office, item, until},
    province::{COPY, unit},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_board_that_drifts_is_built_anew() {
    let folder = tempdir().unwrap();
    let office = Office::that_compares(folder.path(), 20).await;
    office.submit(1..4, COPY, "1").await;
    office.balanced().await;
    let board = &office.board.inner;
    let epoch = async || board.snapshot("37").await.unwrap().epoch;
    let mended = async |before: i64| {
        until(async || epoch().await > before).await;
        office.balanced().await;
    };

    // It counts something that nobody decided.
    let key = LoadKey { field: "Chứng thực".to_owned(), level: 2, due_day: None };
    let before = epoch().await;
    let stray = Load { key, minutes: 17, borrowed: false };
    board.place("37", before, item(99, 1), unit("2"), stray).await.unwrap();
    mended(before).await;

    // It lacks something.
    let before = epoch().await;
    board.release("37", item(1, 1)).await.unwrap();
    mended(before).await;

    // It takes for borrowed what is the unit's own: only those minutes differ.
    let before = epoch().await;
    let seen = board.snapshot("37").await.unwrap();
    let (at, load) = seen.units.iter().find(|(_, load)| load.borrowed_minutes == 0).unwrap();
    let decided = async |number| office.decision(item(number, 1)).await.unit_id == at.to_string();
    let number = if decided(1).await { 1 } else { 2 };
    let key = load.queued.keys().next().unwrap().clone();
    let other = Load { key, minutes: 120, borrowed: true };
    board.confirm("37", before, item(number, 1), *at, other).await.unwrap();
    mended(before).await;
    let seen = board.snapshot("37").await.unwrap();
    assert_eq!(seen.units[at].borrowed_minutes, 0);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_at_work_does_not_drift() {
    let folder = tempdir().unwrap();
    let office = Office::that_compares(folder.path(), 5).await;
    office.submit(0..1, COPY, "1").await;
    office.balanced().await;
    let before = office.board.inner.snapshot("37").await.unwrap().epoch;
    // Whoever made it has not come back yet.
    let key = LoadKey { field: "Chứng thực".to_owned(), level: 2, due_day: None };
    let reserved = Reserve {
        province: "37".to_owned(),
        epoch: before,
        work_item: item(77, 1),
        key,
        minutes: 500,
        bids: vec![Bid::always(unit("2"), true)],
        lease: Duration::from_secs(600),
    };
    office.board.inner.reserve(reserved).await.unwrap();
    for number in (1..61).step_by(3) {
        office.submit(number..number + 3, COPY, "1").await;
        let at = office.decision(item(number, 1)).await.unit_id;
        let code = ["1", "2"].into_iter().find(|code| unit(code).to_string() == at).unwrap();
        office.apply(item(number, 1), completed(item(number, 1), code)).await;
    }
    let after = office.board.inner.snapshot("37").await.unwrap();
    assert_eq!(after.epoch, before);
    office.board.inner.release("37", item(77, 1)).await.unwrap();
    office.balanced().await;
    office.close().await;
}
