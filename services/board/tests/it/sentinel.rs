//! A fail-over: the master dies, the Sentinel makes the replica the master, the board follows.

use std::time::{Duration, Instant};

use phidia_board::{Board as _, BoardConfig, BoardError, RedisBoard};
use tempfile::TempDir;

use crate::{
    redis_server::RedisServer,
    work::{HERE, PATIENCE, board, item, load, looks_again, unit},
};

/// It dies for good.
#[tokio::test]
async fn the_board_follows_the_master() {
    let mut cluster = Cluster::start().await;
    let board = cluster.board();
    board.rebuild(HERE, 1, Vec::new(), 0).await.unwrap();
    board.place(HERE, 1, item(1), unit(1), load(10)).await.unwrap();
    cluster.replica_has("1").await;

    cluster.master.kill();
    let seen = looks_again(&board).await;
    assert_eq!((seen.epoch, seen.sequence, seen.units[&unit(1)].open_items), (1, 1, 1));
    assert_eq!(board.place(HERE, 1, item(2), unit(1), load(10)).await.unwrap(), 2);
    assert_eq!(cluster.replica.ask(&["GET", "{37}:v2:1:sequence"]), "2");
}

/// It wakes when there is another one: whoever was still connected to it is led away, too.
#[tokio::test]
async fn nobody_stays_with_a_master_that_was_replaced() {
    let cluster = Cluster::start().await;
    let (board, sleeper) = (cluster.board(), cluster.board());
    board.rebuild(HERE, 1, Vec::new(), 0).await.unwrap();
    assert_eq!(sleeper.snapshot(HERE).await.unwrap().sequence, 0);
    cluster.replica_has("0").await;

    cluster.master.signal("STOP");
    looks_again(&board).await;
    assert_eq!(board.place(HERE, 1, item(1), unit(1), load(10)).await.unwrap(), 1);
    cluster.master.signal("CONT");
    // Until the Sentinel gets round to it, the old master answers what it knows.
    let since = Instant::now();
    while looks_again(&sleeper).await.sequence < 1 {
        assert!(since.elapsed() < PATIENCE, "still with the old master");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(sleeper.place(HERE, 1, item(2), unit(1), load(10)).await.unwrap(), 2);
    assert_eq!(board.snapshot(HERE).await.unwrap(), sleeper.snapshot(HERE).await.unwrap());
}

/// What answers is no master any more: nothing is read from it, and nothing is written.
#[tokio::test]
async fn a_replica_is_away() {
    let master = RedisServer::start();
    let server = RedisServer::start();
    let board = board(&server);
    board.rebuild(HERE, 1, Vec::new(), 0).await.unwrap();
    assert_eq!(server.ask(&["REPLICAOF", "127.0.0.1", &master.port.to_string()]), "OK");
    for _ in 0..3 {
        let refused = board.snapshot(HERE).await.unwrap_err();
        assert!(matches!(refused, BoardError::Away(_)), "{refused:?}");
    }
    assert_eq!(server.ask(&["REPLICAOF", "NO", "ONE"]), "OK");
}

/// A master, its replica, and a Sentinel who decides alone.
struct Cluster {
    sentinel: RedisServer,
    replica: RedisServer,
    master: RedisServer,
    /// The Sentinel writes into its configuration.
    _folder: TempDir,
}

impl Cluster {
    async fn start() -> Self {
        let master = RedisServer::start();
        let replica = RedisServer::start_with(&["--replicaof", "127.0.0.1", &master.port.to_string()]);
        let in_step = || replica.ask(&["INFO", "replication"]).contains("master_link_status:up");
        until("the replica is in step", in_step).await;
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("sentinel.conf");
        let told = format!(
            "sentinel monitor board 127.0.0.1 {} 1\n\
             sentinel down-after-milliseconds board 1000\n\
             sentinel failover-timeout board 5000\n",
            master.port
        );
        std::fs::write(&file, told).unwrap();
        let sentinel = RedisServer::start_with(&[file.to_str().unwrap(), "--sentinel"]);
        let known = || sentinel.ask(&["SENTINEL", "REPLICAS", "board"]) == "*1";
        until("the Sentinel knows the replica", known).await;
        Self { sentinel, replica, master, _folder: folder }
    }

    /// What the replica has not got yet would be lost, and noticed (`lost.rs`).
    async fn replica_has(&self, sequence: &str) {
        let has = || self.replica.ask(&["GET", "{37}:v2:1:sequence"]) == sequence;
        until("the replica has it", has).await;
    }

    fn board(&self) -> RedisBoard {
        let config = BoardConfig {
            urls: vec![self.sentinel.url()],
            sentinel_master: "board".to_owned(),
            ..BoardConfig::default()
        };
        RedisBoard::new(&config).unwrap()
    }
}

async fn until(what: &str, mut is: impl FnMut() -> bool) {
    let since = Instant::now();
    while !is() {
        assert!(since.elapsed() < PATIENCE, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
