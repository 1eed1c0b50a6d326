//! What routing says that it holds.

use std::sync::atomic::Ordering;

use phidia_domain::{
    conservation::{Drift, Place},
    route::{Load, LoadKey},
};
use phidia_outbox::conservation::BoardBalance;
use phidia_runtime::failure::Failure;
use tempfile::tempdir;

use crate::{
    facts::{completed, finished, ready},
    harness::{Office, item, until},
    province::{COPY, LAND, unit},
};

#[tokio::test(flavor = "multi_thread")]
async fn every_application_that_is_not_completed_is_held_once() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..4, COPY, "1").await;
    office.submit(4..5, LAND, "1").await;
    office.rest().await;
    let held = async || {
        let mut all = Vec::new();
        loop {
            let page = office.holder.page(all.last().map(|(id, _, _)| *id), 2).await.unwrap();
            let end = page.len() < 2;
            all.extend(page.into_iter().map(|held| (held.application, held.place, held.reason)));
            if end {
                return all;
            }
        }
    };
    let assigned = |number| (item(number, 1).application, Place::Assigned, String::new());
    let waiting = (item(4, 1).application, Place::Waiting, "NOBODY_COMPETENT".to_owned());
    assert_eq!(held().await, [assigned(1), assigned(2), assigned(3), waiting.clone()]);

    // Between two steps it is still assigned, and says why it waits; once completed it is not held.
    office.apply(item(1, 1), completed(item(1, 1), "1")).await;
    assert_eq!(held().await[0], assigned(1));
    office.apply(item(1, 2), ready(item(1, 2), "1", true)).await;
    office.apply(item(1, 2), completed(item(1, 2), "1")).await;
    office.apply(item(1, 2), finished()).await;
    assert_eq!(held().await, [assigned(2), assigned(3), waiting.clone()]);
    // Its next step waits; that its case is open does not change.
    office.board.away.store(1, Ordering::SeqCst);
    office.apply(item(2, 1), completed(item(2, 1), "1")).await;
    office.apply(item(2, 2), ready(item(2, 2), "1", false)).await;
    assert_eq!(held().await, [assigned(2), assigned(3), waiting]);
    office.board.away.store(0, Ordering::SeqCst);
    office.balanced().await;
    assert_eq!((office.holder.service(), office.holder.outbox().source()), ("routing", "routing"));
    until(async || office.holder.outbox().positions().await.unwrap().iter().all(|at| at.outstanding == 0))
        .await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_is_held_against_the_open_decisions() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let board = async || -> Result<BoardBalance, Failure> { Ok(office.holder.board().await?.unwrap()) };
    let even = async |open_items| {
        until(async || {
            board().await.is_ok_and(|balance| balance == BoardBalance { open_items, drifts: Vec::new() })
        })
        .await;
    };
    let reason = async || board().await.err().and_then(|failure| Some(failure.rejection()?.reason.clone()));
    office.submit(1..4, COPY, "1").await;
    office.rest().await;
    even(3).await;

    // It counts something that nobody decided.
    let key = LoadKey { field: "Chứng thực".to_owned(), level: 2, due_day: None };
    let (stray, load) = (item(99, 1), Load { key, minutes: 17, borrowed: true });
    let before = office.board.inner.snapshot("37").await.unwrap();
    let stored_items = before.units.get(&unit("1")).map_or(0, |unit| unit.open_items);
    office.board.inner.place("37", before.epoch, stray, unit("1"), load).await.unwrap();
    let drift = Drift {
        unit: unit("1"),
        stored_items,
        board_items: stored_items + 1,
        minutes: 17,
        borrowed_minutes: 17,
    };
    assert_eq!(board().await.unwrap().drifts, [drift]);
    office.board.inner.release("37", stray).await.unwrap();
    even(3).await;

    // It lacks something.
    let open = item(1, 1);
    office.board.inner.release("37", open).await.unwrap();
    let drifts = board().await.unwrap().drifts;
    assert_eq!(drifts.iter().map(|drift| drift.minutes).collect::<Vec<_>>(), [120]);
    office.apply(open, completed(open, "1")).await;
    even(2).await;

    // While something is on its way, or the board is away, there is nothing to compare.
    office.board.confirms.store(u32::MAX, Ordering::SeqCst);
    office.submit(5..6, COPY, "1").await;
    until(async || reason().await.as_deref() == Some("BOARD_AT_WORK")).await;
    office.board.confirms.store(0, Ordering::SeqCst);
    even(3).await;
    office.board.away.store(1, Ordering::SeqCst);
    assert_eq!(reason().await.as_deref(), Some("BOARD_AWAY"));
    office.close().await;
}
