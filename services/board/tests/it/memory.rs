//! The in-memory board keeps the laws of every board, and its leases run by the time it is given.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use phidia_board::{Board, MemoryBoard, conformance::conformance};

use crate::work::{item, reserve};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_memory_board_keeps_the_laws() {
    conformance(async || MemoryBoard::new(Arc::new(|| Timestamp::UNIX_EPOCH))).await.unwrap();
}

#[tokio::test]
async fn a_lease_falls_due_when_its_time_has_passed_and_the_oldest_is_named_first() {
    let seconds = Arc::new(AtomicI64::new(0));
    let clock = Arc::clone(&seconds);
    let now = move || Timestamp::from_second(clock.load(Ordering::SeqCst)).unwrap();
    let board = MemoryBoard::new(Arc::new(now));
    board.rebuild("37", 1, Vec::new(), 0).await.unwrap();
    let items = [30, 20].map(|lease| (item(lease), Duration::from_secs(lease)));
    for (work_item, lease) in items {
        board.reserve(reserve(work_item, lease)).await.unwrap();
    }
    for (second, due) in [(19, vec![]), (20, vec![item(20)]), (30, vec![item(20), item(30)])] {
        seconds.store(second, Ordering::SeqCst);
        let named: Vec<_> =
            board.due_leases("37", 10).await.unwrap().into_iter().map(|lease| lease.work_item).collect();
        assert_eq!(named, due, "after {second} s");
    }
}

#[tokio::test]
async fn a_lease_without_end_is_no_fault() {
    let board = MemoryBoard::new(Arc::new(|| Timestamp::MAX));
    board.rebuild("37", 1, Vec::new(), 0).await.unwrap();
    board.reserve(reserve(item(1), Duration::MAX)).await.unwrap();
}
