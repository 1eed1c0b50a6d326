//! Many reservers at two replicas, over one Redis.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use phidia_board::{Board as _, BoardError, Reserve};
use phidia_domain::{id::UnitId, route::Bid};
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
                    let bid = |unit| Bid { unit, ceiling_minutes: CEILING };
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
