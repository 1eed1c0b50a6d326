//! The board on Redis keeps the laws of every board, and cleans up after itself.

use std::time::Duration;

use phidia_board::{Board as _, BoardConfig, BoardError, RedisBoard, conformance::conformance};

use crate::{
    redis_server::RedisServer,
    work::{HERE, board, entry, item, load, reserve, unit},
};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_board_on_redis_keeps_the_laws() {
    let server = RedisServer::start();
    conformance(async || {
        assert_eq!(server.ask(&["FLUSHALL"]), "OK");
        board(&server)
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_lease_runs_by_the_clock_of_redis() {
    let server = RedisServer::start();
    let board = board(&server);
    board.rebuild(HERE, 1, Vec::new(), 0).await.unwrap();
    board.reserve(reserve(item(1), Duration::from_millis(300))).await.unwrap();
    board.reserve(reserve(item(2), Duration::ZERO)).await.unwrap();
    board.reserve(reserve(item(3), Duration::MAX)).await.unwrap();
    let due = async || {
        let due = board.due_leases(HERE, 10).await.unwrap();
        due.into_iter().map(|lease| lease.work_item).collect::<Vec<_>>()
    };
    while due().await.len() < 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // The oldest lease first.
    assert_eq!(due().await, [item(2), item(1)]);
}

#[tokio::test]
async fn an_epoch_that_is_over_leaves_no_key_behind_and_none_has_a_time_to_live() {
    let server = RedisServer::start();
    let board = board(&server);
    board.rebuild(HERE, 1, vec![entry(1)], 5).await.unwrap();
    board.reserve(reserve(item(2), HOUR)).await.unwrap();
    // epoch, epochs; sequence, items, leases, load, pools, log.
    assert_eq!(server.ask(&["DBSIZE"]), ":8");
    // A rebuild that died: its epoch never held.
    assert_eq!(server.ask(&["SADD", "{37}:v2:epochs", "2"]), ":1");
    assert_eq!(server.ask(&["HSET", "{37}:v2:2:items", "half", "done"]), ":1");
    board.rebuild(HERE, 3, vec![entry(1)], 6).await.unwrap();
    // No leases, no log yet.
    assert_eq!(server.ask(&["DBSIZE"]), ":6");
    assert_eq!(server.ask(&["SCARD", "{37}:v2:epochs"]), ":1");
    for key in ["epoch", "epochs", "3:sequence", "3:items", "3:load", "3:pools"] {
        assert_eq!(server.ask(&["TTL", &format!("{{37}}:v2:{key}")]), ":-1", "{key}");
    }
}

#[tokio::test]
async fn a_look_reads_what_has_changed_and_all_where_the_log_was_cut_off() {
    let server = RedisServer::start();
    let (one, other) = (board(&server), board(&server));
    one.rebuild(HERE, 1, vec![entry(1)], 0).await.unwrap();
    other.snapshot(HERE).await.unwrap();
    for number in 2..20 {
        one.place(HERE, 1, item(number), unit(1), load(1)).await.unwrap();
    }
    // Read from the log alone: what the sums say besides is not seen …
    let unit_1 = unit(1).to_string();
    assert_eq!(server.ask(&["HINCRBY", "{37}:v2:1:load", &unit_1, "1000"]), ":1019");
    assert_eq!(other.snapshot(HERE).await.unwrap().units[&unit(1)].open_items, 19);
    // … until the log does not reach back.
    one.place(HERE, 1, item(20), unit(1), load(1)).await.unwrap();
    one.place(HERE, 1, item(21), unit(1), load(1)).await.unwrap();
    assert_eq!(server.ask(&["XTRIM", "{37}:v2:1:log", "MAXLEN", "1"]), ":19");
    let all = other.snapshot(HERE).await.unwrap();
    assert_eq!((all.sequence, all.units[&unit(1)].open_items), (20, 1021));
}

#[tokio::test]
async fn a_server_that_may_evict_the_board_is_refused() {
    let server = RedisServer::start();
    assert_eq!(server.ask(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]), "OK");
    let refused = board(&server).snapshot(HERE).await.unwrap_err();
    assert!(refused.to_string().contains("noeviction"), "{refused}");
}

#[tokio::test]
async fn a_server_without_memory_is_away_and_nothing_changes() {
    let server = RedisServer::start();
    let board = board(&server);
    board.rebuild(HERE, 1, Vec::new(), 0).await.unwrap();
    assert_eq!(server.ask(&["CONFIG", "SET", "maxmemory", "1"]), "OK");
    let refused = board.reserve(reserve(item(1), HOUR)).await.unwrap_err();
    assert!(matches!(refused, BoardError::Away(_)), "{refused:?}");
    assert_eq!(server.ask(&["CONFIG", "SET", "maxmemory", "0"]), "OK");
    assert_eq!(board.reserve(reserve(item(1), HOUR)).await.unwrap().sequence, 1);
}

#[tokio::test]
async fn a_password_is_asked_for() {
    let server = RedisServer::start_with(&["--requirepass", "hunter2"]);
    let with = |password: &str| {
        let config =
            BoardConfig { urls: vec![server.url()], password: password.into(), ..BoardConfig::default() };
        RedisBoard::new(&config).unwrap()
    };
    with("hunter2").rebuild(HERE, 1, Vec::new(), 0).await.unwrap();
    for wrong in ["", "hunter3"] {
        let refused = with(wrong).snapshot(HERE).await.unwrap_err();
        assert!(matches!(refused, BoardError::Away(_)), "{refused:?}");
        assert!(!format!("{refused:?}").contains("hunter"), "{refused:?}");
    }
}
