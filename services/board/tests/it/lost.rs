//! Redis emptied, stopped, restarted, set back: nothing hangs, nothing is done twice, and it is noticed.

use std::{
    collections::BTreeMap,
    fmt::Debug,
    sync::Arc,
    time::{Duration, Instant},
};

use phidia_board::{Board, BoardError, Reservation, Reserve};
use phidia_domain::work_item::WorkItem;
use tokio::task::JoinSet;

use crate::{
    redis_server::RedisServer,
    work::{HERE, board, entry, item, load, looks_again, reserve, unit},
};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn emptied_it_is_not_built_until_it_is_rebuilt() {
    let server = RedisServer::start();
    let (one, other) = (board(&server), board(&server));
    one.rebuild(HERE, 1, Vec::new(), 0).await.unwrap();
    one.reserve(reserve(item(1), HOUR)).await.unwrap();
    other.snapshot(HERE).await.unwrap();
    assert_eq!(server.ask(&["FLUSHALL"]), "OK");
    nothing_is_built(&one, 1).await;
    nothing_is_built(&other, 1).await;
    one.rebuild(HERE, 2, vec![entry(1)], 1).await.unwrap();
    let seen = other.snapshot(HERE).await.unwrap();
    assert_eq!((seen.epoch, seen.sequence, seen.units[&unit(1)].open_items), (2, 1, 1));
    other.release(HERE, item(1)).await.unwrap();
    assert_eq!(one.snapshot(HERE).await.unwrap().units, BTreeMap::new());
}

#[tokio::test]
async fn restarted_without_its_memory_it_is_not_built_and_the_connection_comes_back() {
    let mut server = RedisServer::start();
    let board = board(&server);
    board.rebuild(HERE, 1, Vec::new(), 0).await.unwrap();
    server.kill();
    is_away(board.snapshot(HERE).await);
    server.restart();
    nothing_is_built(&board, 1).await;
    board.rebuild(HERE, 2, Vec::new(), 0).await.unwrap();
    assert_eq!(board.snapshot(HERE).await.unwrap().epoch, 2);
}

#[tokio::test]
async fn stopped_it_is_away_in_time_and_goes_on_where_it_was() {
    let server = RedisServer::start();
    let board = board(&server);
    board.rebuild(HERE, 1, Vec::new(), 0).await.unwrap();
    board.reserve(reserve(item(1), HOUR)).await.unwrap();
    let board = Arc::new(board);
    server.signal("STOP");
    // Over the connection that there is, then over one that comes not to stand, then many at once.
    for _ in 0..2 {
        let since = Instant::now();
        is_away(board.reserve(reserve(item(2), HOUR)).await);
        assert!(since.elapsed() < Duration::from_secs(4), "{:?}", since.elapsed());
    }
    let since = Instant::now();
    let mut looks = JoinSet::new();
    for _ in 0..50 {
        let board = Arc::clone(&board);
        looks.spawn(async move { board.snapshot(HERE).await });
    }
    looks.join_all().await.into_iter().for_each(is_away);
    assert!(since.elapsed() < Duration::from_secs(4), "{:?}", since.elapsed());
    server.signal("CONT");
    // What nobody waited for any more was not done.
    let seen = looks_again(&*board).await;
    assert_eq!((seen.sequence, seen.units[&unit(1)].open_items), (1, 1));
    assert_eq!(board.reserve(reserve(item(2), HOUR)).await.unwrap().sequence, 2);
}

#[tokio::test]
async fn scripts_that_it_has_forgotten_are_told_again() {
    let server = RedisServer::start();
    let board = board(&server);
    board.rebuild(HERE, 1, Vec::new(), 0).await.unwrap();
    for number in 1..4u32 {
        assert_eq!(server.ask(&["SCRIPT", "FLUSH"]), "OK");
        assert_eq!(
            board.reserve(reserve(item(number.into()), HOUR)).await.unwrap().sequence,
            i64::from(number)
        );
        assert_eq!(server.ask(&["SCRIPT", "FLUSH"]), "OK");
        assert_eq!(board.snapshot(HERE).await.unwrap().sequence, i64::from(number));
    }
}

/// All connections of a server that lives on are cut, as a proxy or a fail-over does.
#[tokio::test]
async fn a_cut_connection_is_made_anew_within_the_same_call() {
    let server = RedisServer::start();
    let board = board(&server);
    board.rebuild(HERE, 1, Vec::new(), 0).await.unwrap();
    for number in 1..20u32 {
        assert_eq!(server.ask(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]), ":1");
        assert_eq!(
            board.reserve(reserve(item(number.into()), HOUR)).await.unwrap().sequence,
            i64::from(number)
        );
    }
}

#[tokio::test]
async fn a_part_of_an_epoch_never_holds() {
    let server = RedisServer::start();
    let board = board(&server);
    board.rebuild(HERE, 1, Vec::new(), 0).await.unwrap();
    // What an attempt left behind is not counted in.
    assert_eq!(server.ask(&["HSET", "{37}:v2:2:items", "half", "done"]), ":1");
    board.rebuild(HERE, 2, vec![entry(1)], 0).await.unwrap();
    assert_eq!(server.ask(&["HLEN", "{37}:v2:2:items"]), ":1");
    // A key of the epoch that holds is gone: better none than a wrong one.
    assert_eq!(server.ask(&["DEL", "{37}:v2:2:sequence"]), ":1");
    nothing_is_built(&board, 2).await;
}

/// Emptied while it is being rebuilt: on this one thread nothing else happens between the two questions.
#[tokio::test(flavor = "current_thread")]
async fn a_rebuild_that_lost_a_part_does_not_cut_over() {
    let server = RedisServer::start();
    let board = Arc::new(board(&server));
    let builder = Arc::clone(&board);
    let rebuild =
        tokio::spawn(async move { builder.rebuild(HERE, 1, (0..5_000).map(entry).collect(), 0).await });
    while server.ask(&["HLEN", "{37}:v2:1:items"]) == ":0" {
        assert!(!rebuild.is_finished());
        tokio::task::yield_now().await;
    }
    assert_eq!(server.ask(&["FLUSHALL"]), "OK");
    is_away(rebuild.await.unwrap());
    nothing_is_built(&*board, 1).await;
    board.rebuild(HERE, 2, (0..5_000).map(entry).collect(), 0).await.unwrap();
    assert_eq!(board.snapshot(HERE).await.unwrap().units[&unit(1)].open_items, 5_000);
}

/// The last writes are lost: after a restore, or a fail-over to a replica that lagged.
#[tokio::test]
async fn set_back_it_is_noticed_by_who_knows_and_by_the_store_of_who_does_not() {
    let mut server = RedisServer::start();
    let knows = board(&server);
    let mut store = Store::default();
    knows.rebuild(HERE, 1, Vec::new(), 0).await.unwrap();
    store.write(item(1), knows.reserve(reserve(item(1), HOUR)).await.unwrap()).unwrap();
    assert_eq!(server.ask(&["SAVE"]), "OK");
    let lost = knows.reserve(reserve(item(2), HOUR)).await.unwrap();
    store.write(item(2), lost).unwrap();
    server.kill();
    server.restart();

    // A replica that was told of the lost change refuses to go on, whatever it is asked; nothing changes.
    nothing_is_built(&knows, 1).await;
    // One that was not goes on, and is given the same number again …
    let does_not = board(&server);
    let again = does_not.reserve(reserve(item(3), HOUR)).await.unwrap();
    assert_eq!((again.epoch, again.sequence), (lost.epoch, lost.sequence));
    // … which its store has seen: unique(province, epoch, sequence).
    assert_eq!(store.write(item(3), again), Err((1, 2)));

    // Rebuilt from the store, all is well again.
    does_not.rebuild(HERE, 2, vec![entry(1), entry(2)], 2).await.unwrap();
    let seen = knows.snapshot(HERE).await.unwrap();
    assert_eq!((seen.epoch, seen.sequence, seen.units[&unit(1)].open_items), (2, 2, 2));
    let next = knows.reserve(Reserve { epoch: 2, ..reserve(item(3), HOUR) }).await.unwrap();
    store.write(item(3), next).unwrap();
}

/// Set back and overtaken: the numbers fit again, and the load is another one.
#[tokio::test]
async fn what_was_seen_before_a_restart_is_not_believed_after_it() {
    let mut server = RedisServer::start();
    let looks = board(&server);
    looks.rebuild(HERE, 1, Vec::new(), 0).await.unwrap();
    assert_eq!(server.ask(&["SAVE"]), "OK");
    looks.place(HERE, 1, item(1), unit(1), load(10)).await.unwrap();
    assert_eq!(looks.snapshot(HERE).await.unwrap().units[&unit(1)].total_minutes(), 10);
    server.kill();
    server.restart();
    let goes_on = board(&server);
    goes_on.place(HERE, 1, item(2), unit(2), load(20)).await.unwrap();
    goes_on.place(HERE, 1, item(3), unit(2), load(30)).await.unwrap();
    let seen = looks.snapshot(HERE).await.unwrap();
    assert_eq!(seen, goes_on.snapshot(HERE).await.unwrap());
    assert_eq!(seen.units.keys().collect::<Vec<_>>(), [&unit(2)]);
}

/// What the routing service's table does: unique by (province, epoch, sequence).
#[derive(Default)]
struct Store(BTreeMap<(i64, i64), WorkItem>);

impl Store {
    fn write(&mut self, work_item: WorkItem, place: Reservation) -> Result<(), (i64, i64)> {
        let number = (place.epoch, place.sequence);
        if self.0.contains_key(&number) {
            return Err(number);
        }
        self.0.insert(number, work_item);
        Ok(())
    }
}

async fn nothing_is_built(board: &impl Board, epoch: i64) {
    let not_built =
        |error: Option<BoardError>| assert!(matches!(error, Some(BoardError::NotBuilt)), "{error:?}");
    not_built(board.snapshot(HERE).await.err());
    not_built(board.reserve(Reserve { epoch, ..reserve(item(99), HOUR) }).await.err());
    not_built(board.confirm(HERE, epoch, item(99), unit(1), load(10)).await.err());
    not_built(board.place(HERE, epoch, item(99), unit(1), load(10)).await.err());
    not_built(board.release(HERE, item(99)).await.err());
    not_built(board.due_leases(HERE, 10).await.err());
}

fn is_away<T: Debug>(answer: Result<T, BoardError>) {
    assert!(matches!(answer, Err(BoardError::Away(_))), "{answer:?}");
}
