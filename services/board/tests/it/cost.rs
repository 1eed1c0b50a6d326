//! What a reserve costs, beside a script that does nothing: `cargo test -p phidia-board --test it --release --
//! --ignored --nocapture cost`. Ratios of one run only; the machine's own speed moves.
#![allow(clippy::print_stdout, reason = "it prints what it measures")]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use phidia_board::{Board as _, Entry, Reserve};
use phidia_domain::route::{Bid, Load, LoadKey};
use tokio::task::JoinSet;

use crate::{
    redis_server::RedisServer,
    work::{HERE, board, item, reserve, unit},
};

const UNITS: u32 = 140;
/// Queues of each unit.
const QUEUES: u32 = 30;
const CALLS: u32 = 20_000;
const CALLERS: u32 = 32;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it measures"]
async fn cost_of_a_reserve() {
    let server = RedisServer::start();
    let board = Arc::new(board(&server));
    let entries = (0..UNITS * QUEUES).map(|number| Entry {
        work_item: item(1_000_000 + u64::from(number)),
        unit: unit(number % UNITS),
        load: queue(number / UNITS),
    });
    let since = Instant::now();
    board.rebuild(HERE, 1, entries.collect(), 0).await.unwrap();
    println!("rebuild of {} entries: {:?}", UNITS * QUEUES, since.elapsed());

    let client = ::redis::Client::open(server.url()).unwrap();
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    let trivial = Arc::new(::redis::Script::new("return ARGV[1]"));
    for round in 0..3 {
        let (over, script) = (connection.clone(), Arc::clone(&trivial));
        let plain = at_once(move |number| {
            let (mut connection, trivial) = (over.clone(), Arc::clone(&script));
            async move {
                let said: u32 = trivial.arg(number).invoke_async(&mut connection).await.unwrap();
                assert_eq!(said, number);
            }
        })
        .await;
        let on = Arc::clone(&board);
        let reserved = at_once(move |number| {
            let board = Arc::clone(&on);
            async move {
                let number = round * CALLS + number;
                let bid = |unit, ceiling_minutes| Bid { unit, ceiling_minutes };
                let bids = vec![
                    bid(unit(number % UNITS), -1),
                    bid(unit((number + 1) % UNITS), -1),
                    bid(unit((number + 2) % UNITS), i64::MAX),
                ];
                let ask = Reserve {
                    load: queue(number % QUEUES),
                    bids,
                    ..reserve(item(number.into()), Duration::from_secs(60))
                };
                board.reserve(ask).await.unwrap();
            }
        })
        .await;
        let on = Arc::clone(&board);
        let confirmed = at_once(move |number| {
            let board = Arc::clone(&on);
            async move {
                let number = round * CALLS + number;
                let (at, load) = (unit((number + 2) % UNITS), queue(number % QUEUES));
                board.confirm(HERE, 1, item(number.into()), at, load).await.unwrap();
            }
        })
        .await;
        let since = Instant::now();
        board.snapshot(HERE).await.unwrap();
        let all = since.elapsed();
        let since = Instant::now();
        board.snapshot(HERE).await.unwrap();
        println!(
            "{CALLERS} callers, {UNITS} units: plain script {:.0}/s, reserve {:.0}/s ({:.2} of it), confirm {:.0}/s \
             ({:.2}); look at all {all:?}, at nothing new {:?}",
            plain,
            reserved,
            reserved / plain,
            confirmed,
            confirmed / plain,
            since.elapsed()
        );
    }
    println!("server: {}", server.ask(&["INFO", "commandstats"]).replace("\r\n", "\n"));
}

fn queue(number: u32) -> Load {
    let key = LoadKey {
        field: format!("field {}", number % 3),
        level: 2,
        due_day: Some((number / 3).cast_signed()),
    };
    Load { key, minutes: 10 }
}

/// Calls a second.
async fn at_once<F: Future<Output = ()> + Send + 'static>(
    call: impl Fn(u32) -> F + Clone + Send + 'static,
) -> f64 {
    let since = Instant::now();
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let call = call.clone();
        callers.spawn(async move {
            for number in (caller..CALLS).step_by(CALLERS as usize) {
                call(number).await;
            }
        });
    }
    callers.join_all().await;
    f64::from(CALLS) / since.elapsed().as_secs_f64()
}
