//! What the tests put on a board.

use std::time::{Duration, Instant};

use phidia_board::{Board, BoardConfig, BoardError, Entry, RedisBoard, Reserve};
use phidia_domain::{
    id::{ApplicationId, Id as _, UnitId},
    route::{Bid, Load, LoadKey, Snapshot},
    work_item::WorkItem,
};

use crate::redis_server::RedisServer;

/// How long anything may take on a slow, busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// The province of all tests.
pub(crate) const HERE: &str = "37";

pub(crate) fn item(number: u64) -> WorkItem {
    WorkItem::first(ApplicationId::from_uuid(uuid::Uuid::from_u128(number.into())), 1)
}

pub(crate) fn unit(number: u32) -> UnitId {
    UnitId::of(HERE, &number.to_string())
}

pub(crate) fn load(minutes: u32) -> Load {
    let key = LoadKey { field: "Hộ tịch".to_owned(), level: 2, due_day: None };
    Load { key, minutes, borrowed: false }
}

/// Ten minutes at unit 1, in epoch 1.
pub(crate) fn reserve(work_item: WorkItem, lease: Duration) -> Reserve {
    Reserve {
        province: HERE.to_owned(),
        epoch: 1,
        work_item,
        key: load(10).key,
        minutes: 10,
        bids: vec![Bid::always(unit(1), false)],
        lease,
    }
}

/// A replica's board over this server, that gives up soon.
pub(crate) fn board(server: &RedisServer) -> RedisBoard {
    let config = BoardConfig {
        urls: vec![server.url()],
        connect_timeout_millis: 2_000,
        response_timeout_millis: 1_000,
        ..BoardConfig::default()
    };
    RedisBoard::new(&config).unwrap()
}

/// Ten minutes at unit 1, for good.
pub(crate) fn entry(number: u64) -> Entry {
    Entry { work_item: item(number), unit: unit(1), load: load(10) }
}

/// What the board shows, as soon as it is not away any more.
pub(crate) async fn looks_again(board: &impl Board) -> Snapshot {
    let since = Instant::now();
    loop {
        match board.snapshot(HERE).await {
            Ok(seen) => return seen,
            Err(BoardError::Away(why)) => assert!(since.elapsed() < PATIENCE, "still away: {why}"),
            Err(error) => panic!("{error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
