//! Whatever is asked of both, the board on Redis and the one in memory answer the same, and their sums are those of
//! what was asked: reckoned here once more, from the holdings alone.

use std::{collections::BTreeMap, fmt::Debug, sync::Arc, time::Duration};

use jiff::Timestamp;
use phidia_board::{Board, BoardError, Entry, MemoryBoard, Reserve};
use phidia_domain::{
    id::UnitId,
    route::{Bid, Load, LoadKey, MAX_BIDS, SharedLoad, UnitLoad},
};
use proptest::{prelude::*, test_runner::TestRunner};

use crate::{
    redis_server::RedisServer,
    work::{HERE, board, item, unit},
};

/// One question.
#[derive(Clone, Debug)]
enum Ask {
    Reserve {
        number: u64,
        load: Load,
        bids: Vec<Bid>,
        due: bool,
    },
    Confirm {
        number: u64,
        load: Load,
        at: u32,
    },
    Place {
        number: u64,
        load: Load,
        at: u32,
    },
    Release {
        number: u64,
    },
    DueLeases,
    Snapshot,
    /// Beyond the epoch that holds.
    Rebuild {
        beyond: i64,
        entries: Vec<(u64, Load, u32)>,
        sequence: i64,
    },
    /// In another epoch than the one that holds.
    Stale {
        number: u64,
        off: i64,
    },
}

fn load() -> impl Strategy<Value = Load> {
    // Few of each, so that they meet; blanks and nothing at all, so that they are told apart.
    let field = prop_oneof![Just("Hộ tịch"), Just("Đất đai - 2"), Just("")];
    let due_day = prop_oneof![Just(None), Just(Some(20_780)), Just(Some(-1))];
    let minutes = prop_oneof![4 => 0..40u32, 1 => Just(u32::MAX)];
    (field, 1..3u8, due_day, minutes, any::<bool>()).prop_map(|(field, level, due_day, minutes, borrowed)| {
        Load { key: LoadKey { field: field.to_owned(), level, due_day }, minutes, borrowed }
    })
}

fn bid() -> impl Strategy<Value = Bid> {
    let minutes = || prop_oneof![Just(i64::MAX), Just(i64::MIN), -1..90i64];
    let items = prop_oneof![2 => Just(u32::MAX), 1 => 0..4u32];
    (0..4u32, minutes(), items, prop::option::of(minutes())).prop_map(
        |(at, ceiling_minutes, most_open_items, borrowed_ceiling_minutes)| Bid {
            unit: unit(at),
            ceiling_minutes,
            most_open_items,
            borrowed_ceiling_minutes,
        },
    )
}

fn ask() -> impl Strategy<Value = Ask> {
    let number = || 0..12u64;
    let at = || 0..4u32;
    let bids = prop::collection::vec(bid(), 0..5);
    let entries = prop::collection::vec((number(), load(), at()), 0..6);
    prop_oneof![
        6 => (number(), load(), bids, any::<bool>())
            .prop_map(|(number, load, bids, due)| Ask::Reserve { number, load, bids, due }),
        4 => (number(), load(), at()).prop_map(|(number, load, at)| Ask::Confirm { number, load, at }),
        2 => (number(), load(), at()).prop_map(|(number, load, at)| Ask::Place { number, load, at }),
        4 => number().prop_map(|number| Ask::Release { number }),
        1 => Just(Ask::DueLeases),
        3 => Just(Ask::Snapshot),
        1 => (0..3i64, entries, 0..1000i64)
            .prop_map(|(beyond, entries, sequence)| Ask::Rebuild { beyond, entries, sequence }),
        1 => (number(), -1..2i64).prop_map(|(number, off)| Ask::Stale { number, off }),
    ]
}

/// What a board says, as text that can be compared.
fn said(answer: Result<impl Debug, BoardError>) -> String {
    format!("{answer:?}")
}

async fn answer(board: &impl Board, epoch: i64, ask: Ask) -> String {
    match ask {
        Ask::Reserve { number, load, bids, due } => {
            let lease = if due { Duration::ZERO } else { Duration::from_secs(3600) };
            let (province, work_item, Load { key, minutes, .. }) = (HERE.to_owned(), item(number), load);
            said(board.reserve(Reserve { province, epoch, work_item, key, minutes, bids, lease }).await)
        }
        Ask::Confirm { number, load, at } => {
            said(board.confirm(HERE, epoch, item(number), unit(at), load).await)
        }
        Ask::Place { number, load, at } => said(board.place(HERE, epoch, item(number), unit(at), load).await),
        Ask::Release { number } => said(board.release(HERE, item(number)).await),
        Ask::DueLeases => {
            // The clocks differ, so leases of one instant here may be of two there.
            let due = board.due_leases(HERE, 100).await.map(|mut due| {
                due.sort_by_key(|lease| lease.work_item);
                due
            });
            said(due)
        }
        Ask::Snapshot => said(board.snapshot(HERE).await),
        Ask::Rebuild { beyond, entries, sequence } => {
            let entry = |(number, load, at)| Entry { work_item: item(number), unit: unit(at), load };
            let entries = entries.into_iter().map(entry).collect();
            said(board.rebuild(HERE, epoch + beyond, entries, sequence).await)
        }
        Ask::Stale { number, off } => {
            said(board.place(HERE, epoch + off, item(number), unit(0), crate::work::load(1)).await)
        }
    }
}

/// Who holds what, reckoned from the questions alone.
#[derive(Default)]
struct Book {
    built: bool,
    held: BTreeMap<u64, (UnitId, Load)>,
}

impl Book {
    fn sums(&self) -> BTreeMap<UnitId, SharedLoad> {
        let mut sums = BTreeMap::<_, SharedLoad>::new();
        for (unit, load) in self.held.values() {
            sums.entry(*unit).or_default().add(load);
        }
        sums
    }

    fn enter(&mut self, ask: &Ask) {
        match ask.clone() {
            Ask::Rebuild { beyond, entries, .. } if beyond > 0 || !self.built => {
                self.built = true;
                self.held =
                    entries.into_iter().map(|(number, load, at)| (number, (unit(at), load))).collect();
            }
            _ if !self.built => {}
            Ask::Reserve { number, load, bids, .. } if !self.held.contains_key(&number) => {
                let sums = self.sums();
                let has = |at: UnitId| sums.get(&at).cloned().unwrap_or_default();
                let won = bids.into_iter().take(MAX_BIDS).find(|bid| {
                    let there = has(bid.unit);
                    let UnitLoad { queued, open_items, borrowed_minutes } = &*there;
                    let pool = queued.iter().filter(|(key, _)| key.same_pool(&load.key));
                    pool.map(|(_, minutes)| minutes).sum::<i64>() <= bid.ceiling_minutes
                        && *open_items <= bid.most_open_items
                        && bid.borrowed_ceiling_minutes.is_none_or(|most| *borrowed_minutes <= most)
                });
                if let Some(bid) = won {
                    let load = Load { borrowed: bid.borrowed_ceiling_minutes.is_some(), ..load };
                    self.held.insert(number, (bid.unit, load));
                }
            }
            Ask::Confirm { number, load, at } | Ask::Place { number, load, at } => {
                self.held.insert(number, (unit(at), load));
            }
            Ask::Stale { number, off: 0 } => drop(self.held.insert(number, (unit(0), crate::work::load(1)))),
            Ask::Release { number } => drop(self.held.remove(&number)),
            Ask::Reserve { .. }
            | Ask::Rebuild { .. }
            | Ask::Stale { .. }
            | Ask::DueLeases
            | Ask::Snapshot => {}
        }
    }
}

#[test]
fn the_twins_answer_the_same() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = RedisServer::start();
    let config = ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() };
    let played = TestRunner::new(config).run(&prop::collection::vec(ask(), 1..80), |asks| {
        runtime.block_on(async {
            assert_eq!(server.ask(&["FLUSHALL"]), "OK");
            let memory = MemoryBoard::new(Arc::new(|| Timestamp::UNIX_EPOCH));
            // Two replicas in turn; a third one looks at the end alone.
            let replicas = [board(&server), board(&server)];
            let (mut epoch, mut book) = (1, Book::default());
            for (turn, ask) in asks.into_iter().enumerate() {
                let expected = answer(&memory, epoch, ask.clone()).await;
                let found = answer(&replicas[turn % 2], epoch, ask.clone()).await;
                prop_assert_eq!(found, expected, "{} {:?}", turn, ask);
                book.enter(&ask);
                if let Ok(seen) = memory.snapshot(HERE).await {
                    prop_assert_eq!(seen.units, book.sums(), "{} {:?}", turn, ask);
                    epoch = seen.epoch;
                }
            }
            let expected = said(memory.snapshot(HERE).await);
            for replica in [&replicas[0], &replicas[1], &board(&server)] {
                prop_assert_eq!(said(replica.snapshot(HERE).await), expected.clone());
            }
            Ok(())
        })
    });
    played.unwrap();
}
