//! Many reservers at two replicas, over one Redis.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use phidia_board::{Board as _, BoardError, Reserve};
use phidia_domain::{
    id::UnitId,
    route::{Bid, Load, SharedLoad},
};
use tokio::task::JoinSet;

use crate::{
    redis_server::RedisServer,
    work::{HERE, board, item, load, reserve, unit},
};

const TASKS: u32 = 16;
const ITEMS_EACH: u32 = 60;
const UNITS: u32 = 20;
/// In minutes; each work item takes ten.
const CEILING: i64 = 290;

/// Each task sees to work items of its own and, halfway, to those of the next task, which does the same: so
/// each is asked for twice, at both replicas. There is less room than work.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_ceiling_is_passed_and_no_load_is_lost() {
    let server = RedisServer::start();
    let replicas = [Arc::new(board(&server)), Arc::new(board(&server))];
    replicas[0].rebuild(HERE, 1, Vec::new(), 0).await.unwrap();
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let board = Arc::clone(&replicas[task as usize % 2]);
        tasks.spawn(async move {
            let mut places = Vec::new();
            for step in 0..ITEMS_EACH {
                let number = (task * ITEMS_EACH + step + ITEMS_EACH / 2) % (TASKS * ITEMS_EACH);
                for number in [task * ITEMS_EACH + step, number] {
                    let bid = |unit| Bid { ceiling_minutes: CEILING, ..Bid::always(unit, false) };
                    let bids = (0..3).map(|next| bid(unit((number * 7 + next) % UNITS))).collect();
                    let ask = Reserve { bids, ..reserve(item(number.into()), Duration::ZERO) };
                    match board.reserve(ask).await {
                        Ok(place) => places.push((number, place.unit, place.sequence)),
                        Err(BoardError::Outbid { .. }) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            }
            places
        });
    }
    let mut places: BTreeMap<u32, BTreeSet<(UnitId, i64)>> = BTreeMap::new();
    for (number, unit, sequence) in tasks.join_all().await.into_iter().flatten() {
        places.entry(number).or_default().insert((unit, sequence));
    }

    // Nobody was given two places, no number was given twice.
    assert!(places.values().all(|places| places.len() == 1), "{places:?}");
    let numbers: BTreeSet<_> = places.values().flatten().map(|(_, sequence)| *sequence).collect();
    assert_eq!(numbers, (1..=i64::try_from(places.len()).unwrap()).collect());
    // Every unit is as full as it may be and no fuller, and both replicas see the same.
    let seen = replicas[0].snapshot(HERE).await.unwrap();
    assert_eq!(replicas[1].snapshot(HERE).await.unwrap(), seen);
    let room = u32::try_from(CEILING / 10 + 1).unwrap();
    assert_eq!(seen.units.len(), UNITS as usize);
    for (unit, load) in &seen.units {
        assert_eq!((load.open_items, load.total_minutes()), (room, CEILING + 10), "{unit}");
    }
    let held: u32 = seen.units.values().map(|load| load.open_items).sum();
    assert_eq!(held, u32::try_from(places.len()).unwrap());

    // Half is confirmed at the other replica than the one that asks for due leases, half is given back.
    let due = replicas[0].due_leases(HERE, 1000).await.unwrap();
    assert_eq!(due.len(), places.len());
    let mut tasks = JoinSet::new();
    for (number, lease) in due.into_iter().enumerate() {
        let board = Arc::clone(&replicas[number % 2]);
        tasks.spawn(async move {
            if number % 4 < 2 {
                board.confirm(HERE, 1, lease.work_item, lease.unit, lease.load).await
            } else {
                board.release(HERE, lease.work_item).await
            }
        });
    }
    tasks.join_all().await.into_iter().collect::<Result<(), _>>().unwrap();
    let seen = replicas[1].snapshot(HERE).await.unwrap();
    let left: u32 = seen.units.values().map(|load| load.open_items).sum();
    let minutes: i64 = seen.units.values().map(|load| load.total_minutes()).sum();
    assert_eq!((left, minutes), (held / 2, i64::from(held / 2 * load(10).minutes)));
    assert!(replicas[1].due_leases(HERE, 1000).await.unwrap().is_empty());
}

/// Replicas at once, each over a view of its own that is out of date: caps on open work items and on what is
/// borrowed hold at every moment, also while work is done and moved, and in the end the sums are those of what is held.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_cap_is_passed_at_any_moment() {
    const REPLICAS: u32 = 8;
    const ITEMS: u32 = 150;
    const AT: u32 = 5;
    const MOST_ITEMS: u32 = 12;
    const MOST_BORROWED: i64 = 60;

    let server = RedisServer::start();
    let replicas: Vec<_> = (0..REPLICAS).map(|_| Arc::new(board(&server))).collect();
    replicas[0].rebuild(HERE, 1, Vec::new(), 0).await.unwrap();
    let mut tasks = JoinSet::new();
    for (replica, board) in (0..).zip(&replicas) {
        let board = Arc::clone(board);
        tasks.spawn(async move {
            let mut held = Vec::new();
            for number in (0..ITEMS).map(|step| replica * ITEMS + step) {
                let bid = |next| Bid {
                    most_open_items: MOST_ITEMS - 1,
                    borrowed_ceiling_minutes: (next > 0).then_some(MOST_BORROWED - 10),
                    ..Bid::always(unit((number + next) % AT), next > 0)
                };
                let bids = (0..3).map(bid).collect();
                let work_item = item(number.into());
                match board.reserve(Reserve { bids, ..reserve(work_item, Duration::from_secs(60)) }).await {
                    Ok(place) => {
                        let borrowed = place.unit != unit(number % AT);
                        held.push((work_item, place.unit, Load { borrowed, ..load(10) }));
                    }
                    Err(BoardError::Outbid { fresh }) => {
                        assert!(fresh.units.len() == 3 && !fresh.units.values().any(over), "{fresh:?}");
                        let Some((done, ..)) = held.pop() else { continue };
                        board.release(HERE, done).await.unwrap();
                    }
                    Err(error) => panic!("{error}"),
                }
                let seen = board.snapshot(HERE).await.unwrap();
                assert!(!seen.units.values().any(over), "{seen:?}");
                if let Some((work_item, at, load)) = held.last().cloned() {
                    board.confirm(HERE, 1, work_item, at, load).await.unwrap();
                }
            }
            held
        });
    }
    fn over(unit: &SharedLoad) -> bool {
        unit.open_items > MOST_ITEMS || unit.borrowed_minutes > MOST_BORROWED
    }
    let mut sums = BTreeMap::<_, SharedLoad>::new();
    for (_, unit, load) in tasks.join_all().await.into_iter().flatten() {
        sums.entry(unit).or_default().add(&load);
    }
    assert!(sums.values().any(|unit| unit.open_items == MOST_ITEMS), "{sums:?}");
    assert!(sums.values().any(|unit| unit.borrowed_minutes > 0), "{sums:?}");
    for replica in &replicas {
        assert_eq!(replica.snapshot(HERE).await.unwrap().units, sums);
    }
}
