//! The laws of the board, which every form of it must keep: test support, never called by a service.
//!
//! No law waits for time to pass: a lease of zero is due at once, one of an hour is not.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use phidia_domain::{
    id::{ApplicationId, Id, UnitId},
    route::{Bid, Load, LoadKey, SharedLoad, Snapshot},
    work_item::WorkItem,
};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{Board, BoardError, Entry, Reservation, Reserve};

/// The province that a law plays in.
const HERE: &str = "37";
/// A province beside it.
const THERE: &str = "38";
const HOUR: Duration = Duration::from_secs(3600);

/// Plays every law, each over an empty board that `make` gives.
///
/// # Errors
///
/// What the board answered where it should have obeyed.
///
/// # Panics
///
/// Where a law is broken.
pub async fn conformance<B, F>(make: F) -> Result<(), BoardError>
where
    B: Board + 'static,
    F: AsyncFn() -> B,
{
    nothing_is_known_before_it_is_built(&make().await).await?;
    the_first_bid_that_fits_gets_it(&make().await).await?;
    a_bid_over_a_cap_is_passed_over(&make().await).await?;
    borrowed_work_is_counted_as_such(&make().await).await?;
    asking_again_changes_nothing(&make().await).await?;
    a_due_lease_is_named_and_gives_nothing_back(&make().await).await?;
    the_store_has_the_last_word(&make().await).await?;
    forced_work_is_counted(&make().await).await?;
    a_release_gives_back_once(&make().await).await?;
    another_epoch_is_refused(&make().await).await?;
    a_rebuild_knows_what_the_store_knows(&make().await).await?;
    provinces_are_apart(&make().await).await?;
    many_at_once_never_pass_a_ceiling(Arc::new(make().await)).await?;
    many_at_once_never_pass_a_cap(Arc::new(make().await)).await?;
    load_is_conserved(Arc::new(make().await)).await
}

async fn nothing_is_known_before_it_is_built(board: &impl Board) -> Result<(), BoardError> {
    let not_built = |error: Option<BoardError>| assert!(matches!(error, Some(BoardError::NotBuilt)));
    not_built(board.snapshot(HERE).await.err());
    not_built(board.reserve(reserve(1, 1, 10, &[(A, 0)])).await.err());
    not_built(board.confirm(HERE, 1, item(1), unit(A), load(10)).await.err());
    not_built(board.place(HERE, 1, item(1), unit(A), load(10)).await.err());
    not_built(board.release(HERE, item(1)).await.err());
    not_built(board.due_leases(HERE, 10).await.err());
    not_built(board.leases(HERE, 10).await.err());
    board.rebuild(HERE, 1, Vec::new(), 0).await?;
    assert_eq!(board.snapshot(HERE).await?, snapshot(1, 0, []));
    Ok(())
}

async fn the_first_bid_that_fits_gets_it(board: &impl Board) -> Result<(), BoardError> {
    board.rebuild(HERE, 1, Vec::new(), 0).await?;
    let first = board.reserve(reserve(1, 1, 10, &[(A, 0), (B, 0)])).await?;
    assert_eq!(first, Reservation { unit: unit(A), epoch: 1, sequence: 1 });
    // The ceiling is compared with what is queued before, on whatever day it is due.
    let other_day = Load { key: LoadKey { due_day: Some(9), ..load(0).key }, ..load(5) };
    let ask = Reserve { key: other_day.key.clone(), ..reserve(1, 2, 5, &[(A, 10)]) };
    let second = board.reserve(ask).await?;
    assert_eq!(second, Reservation { unit: unit(A), epoch: 1, sequence: 2 });
    let third = board.reserve(reserve(1, 3, 20, &[(A, 14), (B, 0)])).await?;
    assert_eq!(third, Reservation { unit: unit(B), epoch: 1, sequence: 3 });
    // Another pool has its own ceiling.
    let pool = Load { key: LoadKey { level: 3, ..load(0).key }, ..load(7) };
    let fourth = board.reserve(Reserve { key: pool.key.clone(), ..reserve(1, 4, 7, &[(A, 0)]) }).await?;
    assert_eq!(fourth.unit, unit(A));
    // Nobody fits; a fourth bid is not looked at; nothing has changed.
    let outbid = board.reserve(reserve(1, 5, 10, &[(A, 14), (B, 19), (A, 0), (C, 0)])).await;
    let fresh = match outbid {
        Err(BoardError::Outbid { fresh }) => *fresh,
        other => panic!("expected Outbid, got {other:?}"),
    };
    let all = snapshot(1, 4, [(A, load(10)), (A, other_day), (A, pool), (B, load(20))]);
    assert_eq!(fresh, all);
    assert_eq!(board.snapshot(HERE).await?, all);
    // An idle unit that was bid for is named too, so that the caller forgets what it believed.
    match board.reserve(reserve(1, 5, 10, &[(C, -1)])).await {
        Err(BoardError::Outbid { fresh }) => {
            assert_eq!(fresh.units, [(unit(C), SharedLoad::default())].into())
        }
        other => panic!("expected Outbid, got {other:?}"),
    }
    Ok(())
}

async fn a_bid_over_a_cap_is_passed_over(board: &impl Board) -> Result<(), BoardError> {
    board.rebuild(HERE, 1, Vec::new(), 0).await?;
    board.place(HERE, 1, item(1), unit(A), load(10)).await?;
    board.place(HERE, 1, item(2), unit(A), borrowed(20)).await?;
    // Whatever pool they are for.
    let pool = LoadKey { field: "Đất đai".to_owned(), ..load(0).key };
    let mut number = 2;
    for (items, most_borrowed, won) in [
        (1, None, C),
        (2, None, A),
        (u32::MAX, Some(19), C),
        (u32::MAX, Some(20), A),
        (u32::MAX, Some(-1), C),
        (1, Some(20), C),
    ] {
        number += 1;
        let bid = |name| Bid {
            most_open_items: items,
            borrowed_ceiling_minutes: most_borrowed,
            ..Bid::always(unit(name), false)
        };
        let bids = vec![bid(A), Bid::always(unit(C), false)];
        let ask = Reserve { key: pool.clone(), bids, ..reserve(1, number, 1, &[]) };
        assert_eq!(board.reserve(ask).await?.unit, unit(won), "{items} {most_borrowed:?}");
        board.release(HERE, item(number)).await?;
    }
    // Nobody is under all of its caps.
    let idle = Bid { borrowed_ceiling_minutes: Some(-1), ..Bid::always(unit(B), true) };
    let full = Bid { most_open_items: 1, ..Bid::always(unit(A), false) };
    let outbid = board.reserve(Reserve { bids: vec![idle, full], ..reserve(1, 9, 1, &[]) }).await;
    let Err(BoardError::Outbid { fresh }) = outbid else { panic!("expected Outbid, got {outbid:?}") };
    let mut expected = snapshot(1, 0, [(A, load(10)), (A, borrowed(20))]).units;
    expected.insert(unit(B), SharedLoad::default());
    assert_eq!(fresh.units, expected);
    Ok(())
}

async fn borrowed_work_is_counted_as_such(board: &impl Board) -> Result<(), BoardError> {
    board.rebuild(HERE, 1, vec![Entry { load: borrowed(5), ..entry(9, B, 5) }], 0).await?;
    let held = async || Ok::<_, BoardError>(board.snapshot(HERE).await?.units);
    let sums = |held: &[(u8, Load)]| snapshot(1, 0, held.iter().cloned()).units;
    assert_eq!(held().await?, sums(&[(B, borrowed(5))]));
    // The bid that wins says which it is; the one before it is home, and full.
    let bids = vec![Bid { most_open_items: 0, ..Bid::always(unit(B), false) }, Bid::always(unit(A), true)];
    let ask = Reserve { bids, lease: Duration::ZERO, ..reserve(1, 1, 10, &[]) };
    let first = board.reserve(ask).await?;
    assert_eq!(held().await?, sums(&[(A, borrowed(10)), (B, borrowed(5))]));
    assert_eq!(board.due_leases(HERE, 10).await?.pop().map(|lease| lease.load), Some(borrowed(10)));
    // Confirmed as what it is, nothing changes; as the unit's own, it is counted anew.
    board.confirm(HERE, 1, item(1), unit(A), borrowed(10)).await?;
    assert_eq!(board.snapshot(HERE).await?.sequence, first.sequence);
    board.confirm(HERE, 1, item(1), unit(A), load(10)).await?;
    assert_eq!(held().await?, sums(&[(A, load(10)), (B, borrowed(5))]));
    // It goes home from where it was borrowed.
    board.confirm(HERE, 1, item(9), unit(C), load(5)).await?;
    assert_eq!(held().await?, sums(&[(A, load(10)), (C, load(5))]));
    board.place(HERE, 1, item(9), unit(A), borrowed(5)).await?;
    board.release(HERE, item(1)).await?;
    assert_eq!(held().await?, sums(&[(A, borrowed(5))]));
    board.release(HERE, item(9)).await?;
    assert_eq!(held().await?, BTreeMap::new());
    Ok(())
}

async fn asking_again_changes_nothing(board: &impl Board) -> Result<(), BoardError> {
    board.rebuild(HERE, 1, Vec::new(), 0).await?;
    let first = board.reserve(reserve(1, 1, 10, &[(A, 0)])).await?;
    let after = board.snapshot(HERE).await?;
    assert_eq!(board.reserve(reserve(1, 1, 10, &[(A, 0)])).await?, first);
    assert_eq!(board.reserve(reserve(1, 1, 99, &[(B, 0)])).await?, first);
    for _ in 0..2 {
        board.confirm(HERE, 1, item(1), unit(A), load(10)).await?;
        assert_eq!(board.reserve(reserve(1, 1, 10, &[(B, 0)])).await?, first);
        assert_eq!(board.place(HERE, 1, item(1), unit(A), load(10)).await?, first.sequence);
    }
    assert_eq!(board.snapshot(HERE).await?, after);
    // The next attempt is another work item.
    let next = Reserve { work_item: item(1).next_attempt(), ..reserve(1, 1, 10, &[(B, 0)]) };
    assert_eq!(board.reserve(next).await?.unit, unit(B));
    Ok(())
}

async fn a_due_lease_is_named_and_gives_nothing_back(board: &impl Board) -> Result<(), BoardError> {
    board.rebuild(HERE, 1, Vec::new(), 0).await?;
    let due =
        |number, minutes| Reserve { lease: Duration::ZERO, ..reserve(1, number, minutes, &[(A, 1000)]) };
    let first = board.reserve(due(1, 10)).await?;
    board.reserve(due(2, 20)).await?;
    board.reserve(reserve(1, 3, 30, &[(A, 1000)])).await?;
    let before = board.snapshot(HERE).await?;
    let leases = board.due_leases(HERE, 10).await?;
    let items: BTreeSet<_> = leases.iter().map(|lease| lease.work_item).collect();
    assert_eq!(items, [item(1), item(2)].into());
    let all: Vec<_> = board.leases(HERE, 10).await?.into_iter().map(|lease| lease.work_item).collect();
    assert_eq!((all.len(), all[2]), (3, item(3)));
    assert_eq!(board.leases(HERE, 2).await?.len(), 2);
    assert_eq!(board.due_leases(HERE, 1).await?.len(), 1);
    assert_eq!(board.due_leases(HERE, 10).await?, leases);
    assert_eq!(board.snapshot(HERE).await?, before);
    let lease = leases.iter().find(|lease| lease.work_item == item(1));
    let told = lease.map(|lease| (lease.unit, &lease.load, lease.epoch, lease.sequence));
    assert_eq!(told, Some((unit(A), &load(10), 1, first.sequence)));
    // The store knows the first and not the second.
    board.confirm(HERE, 1, item(1), unit(A), load(10)).await?;
    board.release(HERE, item(2)).await?;
    assert_eq!(board.due_leases(HERE, 10).await?, []);
    assert_eq!(board.snapshot(HERE).await?.units, snapshot(1, 0, [(A, load(10)), (A, load(30))]).units);
    Ok(())
}

async fn the_store_has_the_last_word(board: &impl Board) -> Result<(), BoardError> {
    board.rebuild(HERE, 1, Vec::new(), 0).await?;
    // A lease was given back before its confirm came: the load is counted in again.
    let reserved = board.reserve(Reserve { lease: Duration::ZERO, ..reserve(1, 1, 10, &[(A, 0)]) }).await?;
    board.release(HERE, item(1)).await?;
    board.confirm(HERE, 1, item(1), unit(A), load(10)).await?;
    let again = board.snapshot(HERE).await?;
    assert_eq!(again.units, snapshot(1, 0, [(A, load(10))]).units);
    assert!(again.sequence > reserved.sequence);
    assert_eq!(board.due_leases(HERE, 10).await?, []);
    // Somebody else reserved it elsewhere meanwhile: it moves, and is not counted twice.
    board.reserve(Reserve { lease: Duration::ZERO, ..reserve(1, 2, 20, &[(B, 0)]) }).await?;
    board.confirm(HERE, 1, item(2), unit(C), load(25)).await?;
    assert_eq!(board.snapshot(HERE).await?.units, snapshot(1, 0, [(A, load(10)), (C, load(25))]).units);
    assert_eq!(board.due_leases(HERE, 10).await?, []);
    Ok(())
}

async fn forced_work_is_counted(board: &impl Board) -> Result<(), BoardError> {
    board.rebuild(HERE, 1, Vec::new(), 0).await?;
    let sequence = board.place(HERE, 1, item(1), unit(A), load(10)).await?;
    assert_eq!(board.snapshot(HERE).await?, snapshot(1, sequence, [(A, load(10))]));
    assert_eq!(board.place(HERE, 1, item(1), unit(A), load(10)).await?, sequence);
    assert_eq!(board.due_leases(HERE, 10).await?, []);
    let next = board.reserve(reserve(1, 2, 10, &[(A, 9), (B, 0)])).await?;
    assert_eq!((next.unit, next.sequence), (unit(B), sequence + 1));
    Ok(())
}

async fn a_release_gives_back_once(board: &impl Board) -> Result<(), BoardError> {
    board.rebuild(HERE, 1, Vec::new(), 0).await?;
    board.place(HERE, 1, item(1), unit(A), load(10)).await?;
    board.place(HERE, 1, item(2), unit(A), load(10)).await?;
    board.release(HERE, item(1)).await?;
    let after = board.snapshot(HERE).await?;
    assert_eq!(after.units, snapshot(1, 0, [(A, load(10))]).units);
    assert!(after.sequence > 2);
    board.release(HERE, item(1)).await?;
    board.release(HERE, item(3)).await?;
    assert_eq!(board.snapshot(HERE).await?, after);
    // A unit and a queue without work leave nothing behind.
    board.release(HERE, item(2)).await?;
    assert_eq!(board.snapshot(HERE).await?.units, BTreeMap::new());
    Ok(())
}

async fn another_epoch_is_refused(board: &impl Board) -> Result<(), BoardError> {
    board.rebuild(HERE, 5, Vec::new(), 70).await?;
    let stale = |error: Option<BoardError>| {
        assert!(matches!(error, Some(BoardError::StaleEpoch { current: 5 })), "{error:?}");
    };
    for epoch in [4, 6] {
        stale(board.reserve(reserve(epoch, 1, 10, &[(A, 0)])).await.err());
        stale(board.confirm(HERE, epoch, item(1), unit(A), load(10)).await.err());
        stale(board.place(HERE, epoch, item(1), unit(A), load(10)).await.err());
    }
    for epoch in [4, 5] {
        stale(board.rebuild(HERE, epoch, vec![entry(1, A, 10)], 0).await.err());
    }
    assert_eq!(board.snapshot(HERE).await?, snapshot(5, 70, []));
    Ok(())
}

async fn a_rebuild_knows_what_the_store_knows(board: &impl Board) -> Result<(), BoardError> {
    board.rebuild(HERE, 1, Vec::new(), 0).await?;
    board.place(HERE, 1, item(1), unit(A), load(10)).await?;
    board.reserve(Reserve { lease: Duration::ZERO, ..reserve(1, 2, 20, &[(A, 1000)]) }).await?;
    board.rebuild(HERE, 2, vec![entry(1, A, 10), entry(3, B, 30)], 40).await?;
    assert_eq!(board.snapshot(HERE).await?, snapshot(2, 40, [(A, load(10)), (B, load(30))]));
    assert_eq!(board.due_leases(HERE, 10).await?, []);
    // What was rebuilt is confirmed; what was not can be reserved anew; the sequence goes on.
    assert_eq!(board.reserve(reserve(2, 3, 30, &[(A, 1000)])).await?.unit, unit(B));
    let reserved = board.reserve(reserve(2, 2, 20, &[(A, 10)])).await?;
    assert_eq!(reserved, Reservation { unit: unit(A), epoch: 2, sequence: 41 });
    board.release(HERE, item(1)).await?;
    assert_eq!(board.snapshot(HERE).await?.units, snapshot(2, 0, [(A, load(20)), (B, load(30))]).units);
    Ok(())
}

async fn provinces_are_apart(board: &impl Board) -> Result<(), BoardError> {
    board.rebuild(HERE, 1, Vec::new(), 0).await?;
    board.rebuild(THERE, 7, Vec::new(), 3).await?;
    board.place(HERE, 1, item(1), unit(A), load(10)).await?;
    board.place(THERE, 7, item(1), unit(B), load(20)).await?;
    board.release(HERE, item(1)).await?;
    assert_eq!(board.snapshot(HERE).await?.units, BTreeMap::new());
    assert_eq!(board.snapshot(THERE).await?, snapshot(7, 4, [(B, load(20))]));
    Ok(())
}

/// A herd: all replicas saw the same idle units.
async fn many_at_once_never_pass_a_ceiling<B: Board + 'static>(board: Arc<B>) -> Result<(), BoardError> {
    board.rebuild(HERE, 1, Vec::new(), 0).await?;
    let mut tasks = JoinSet::new();
    for number in 0..100 {
        let board = Arc::clone(&board);
        // Two replicas ask for each work item.
        let work_item = number / 2;
        tasks.spawn(async move {
            tokio::task::yield_now().await;
            let answer = board.reserve(reserve(1, work_item, 10, &[(A, 90), (B, 90), (C, 90)])).await;
            (work_item, answer)
        });
    }
    let mut places: BTreeMap<u32, BTreeSet<(UnitId, i64)>> = BTreeMap::new();
    let mut outbid = 0;
    for (work_item, answer) in tasks.join_all().await {
        match answer {
            Ok(place) => drop(places.entry(work_item).or_default().insert((place.unit, place.sequence))),
            Err(BoardError::Outbid { .. }) => outbid += 1,
            Err(other) => return Err(other),
        }
    }
    // Room for ten at each of three units; both replicas got the same answer.
    assert_eq!((places.len(), outbid), (30, 40));
    assert!(places.values().all(|places| places.len() == 1));
    let sequences: BTreeSet<_> = places.values().flatten().map(|(_, sequence)| *sequence).collect();
    assert_eq!(sequences, (1..=30).collect());
    let totals: Vec<_> =
        board.snapshot(HERE).await?.units.values().map(|load| load.total_minutes()).collect();
    assert_eq!(totals, [100, 100, 100]);
    Ok(())
}

/// The same herd, at units that take ten work items each, and at which no more than 35 minutes may have been borrowed
/// before another one is.
async fn many_at_once_never_pass_a_cap<B: Board + 'static>(board: Arc<B>) -> Result<(), BoardError> {
    board.rebuild(HERE, 1, Vec::new(), 0).await?;
    let mut tasks = JoinSet::new();
    for number in 0..60u32 {
        let board = Arc::clone(&board);
        tasks.spawn(async move {
            tokio::task::yield_now().await;
            let bid = |name, borrowed: Option<i64>| Bid {
                most_open_items: 9,
                borrowed_ceiling_minutes: borrowed,
                ..Bid::always(unit(name), false)
            };
            // Two thirds are at home in A and may go to B; the others are at home in C and nowhere else.
            let bids = match number % 3 {
                0 => vec![bid(C, None)],
                _ => vec![bid(A, None), bid(B, Some(35))],
            };
            match board.reserve(Reserve { bids, ..reserve(1, number, 10, &[]) }).await {
                Ok(place) => Ok(Some(place.unit)),
                Err(BoardError::Outbid { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        });
    }
    let mut places = BTreeMap::<_, u32>::new();
    for place in tasks.join_all().await {
        *places.entry(place?).or_default() += 1;
    }
    assert_eq!(places, [(None, 36), (Some(unit(A)), 10), (Some(unit(B)), 4), (Some(unit(C)), 10)].into());
    let held = [A; 10].map(|at| (at, load(10))).into_iter().chain([B; 4].map(|at| (at, borrowed(10))));
    let held = held.chain([C; 10].map(|at| (at, load(10))));
    assert_eq!(board.snapshot(HERE).await?.units, snapshot(1, 0, held).units);
    Ok(())
}

/// Whatever many tasks do at once, the sums are those of what is held in the end.
async fn load_is_conserved<B: Board + 'static>(board: Arc<B>) -> Result<(), BoardError> {
    board.rebuild(HERE, 1, Vec::new(), 0).await?;
    let mut tasks = JoinSet::new();
    for number in 0..120u32 {
        let board = Arc::clone(&board);
        tasks.spawn(async move { live(&*board, number).await });
    }
    let mut held = Vec::new();
    for outcome in tasks.join_all().await {
        held.extend(outcome?);
    }
    let board_has = board.snapshot(HERE).await?;
    assert_eq!(board_has.units, snapshot(1, 0, held).units);
    assert_eq!(board.due_leases(HERE, 1000).await?, []);
    Ok(())
}

/// One of six lives of a work item; answers with what it holds in the end.
async fn live(board: &impl Board, number: u32) -> Result<Option<(u8, Load)>, BoardError> {
    let is_borrowed = number % 12 < 6;
    let load = Load { borrowed: is_borrowed, ..load(1 + number % 7) };
    let pause = tokio::task::yield_now;
    if number % 6 == 5 {
        board.place(HERE, 1, item(number), unit(C), load.clone()).await?;
        return Ok(Some((C, load)));
    }
    let lease = if number.is_multiple_of(2) { HOUR } else { Duration::ZERO };
    let bids = vec![Bid::always(unit(A), is_borrowed)];
    let ask = Reserve { bids, lease, ..reserve(1, number, load.minutes, &[]) };
    board.reserve(ask.clone()).await?;
    pause().await;
    match number % 6 {
        // Reserved twice and confirmed twice.
        0 => {
            board.confirm(HERE, 1, item(number), unit(A), load.clone()).await?;
            board.reserve(ask).await?;
            board.confirm(HERE, 1, item(number), unit(A), load.clone()).await?;
            Ok(Some((A, load)))
        }
        // Given up.
        1 => board.release(HERE, item(number)).await.map(|()| None),
        // Done.
        2 => {
            board.confirm(HERE, 1, item(number), unit(A), load).await?;
            pause().await;
            board.release(HERE, item(number)).await.map(|()| None)
        }
        // Given back and then confirmed after all.
        3 => {
            board.release(HERE, item(number)).await?;
            pause().await;
            board.confirm(HERE, 1, item(number), unit(A), load.clone()).await?;
            Ok(Some((A, load)))
        }
        // Decided otherwise by the store.
        _ => {
            board.confirm(HERE, 1, item(number), unit(B), load.clone()).await?;
            Ok(Some((B, load)))
        }
    }
}

const A: u8 = b'A';
const B: u8 = b'B';
const C: u8 = b'C';

fn unit(name: u8) -> UnitId {
    UnitId::of(HERE, &char::from(name).to_string())
}

fn item(number: u32) -> WorkItem {
    WorkItem::first(ApplicationId::from_uuid(Uuid::from_u128(number.into())), 1)
}

fn load(minutes: u32) -> Load {
    let key = LoadKey { field: "Hộ tịch".to_owned(), level: 2, due_day: Some(20_780) };
    Load { key, minutes, borrowed: false }
}

fn borrowed(minutes: u32) -> Load {
    Load { borrowed: true, ..load(minutes) }
}

fn entry(number: u32, at: u8, minutes: u32) -> Entry {
    Entry { work_item: item(number), unit: unit(at), load: load(minutes) }
}

/// Work item `number` asks for `minutes` with these bids, for an hour.
fn reserve(epoch: i64, number: u32, minutes: u32, bids: &[(u8, i64)]) -> Reserve {
    let bid = |(name, ceiling_minutes): &(u8, i64)| Bid {
        ceiling_minutes: *ceiling_minutes,
        ..Bid::always(unit(*name), false)
    };
    Reserve {
        province: HERE.to_owned(),
        epoch,
        work_item: item(number),
        key: load(minutes).key,
        minutes,
        bids: bids.iter().map(bid).collect(),
        lease: HOUR,
    }
}

/// A board that holds just this.
fn snapshot(epoch: i64, sequence: i64, held: impl IntoIterator<Item = (u8, Load)>) -> Snapshot {
    let mut snapshot = Snapshot { epoch, sequence, ..Snapshot::default() };
    for (at, load) in held {
        snapshot.units.entry(unit(at)).or_default().add(&load);
    }
    snapshot
}
