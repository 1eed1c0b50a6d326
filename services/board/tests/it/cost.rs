//! What a reserve costs, beside a script that does nothing: `cargo test -p phidia-board --test it -- --ignored
//! --nocapture cost`. Only the ratios of one run mean something; the machine's own speed moves.
#![allow(clippy::print_stdout, reason = "it prints what it measures")]

use std::{
    fmt,
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
        let plain = at_once(&server, move |number| {
            let (mut connection, trivial) = (over.clone(), Arc::clone(&script));
            async move {
                let said: u32 = trivial.arg(number).invoke_async(&mut connection).await.unwrap();
                assert_eq!(said, number);
            }
        })
        .await;
        let on = Arc::clone(&board);
        let reserved = at_once(&server, move |number| {
            let board = Arc::clone(&on);
            async move {
                let number = round * CALLS + number;
                let bid = |unit, ceiling_minutes| Bid { ceiling_minutes, ..Bid::always(unit, true) };
                let bids = vec![
                    bid(unit(number % UNITS), -1),
                    bid(unit((number + 1) % UNITS), -1),
                    bid(unit((number + 2) % UNITS), i64::MAX),
                ];
                let ask = Reserve {
                    key: queue(number % QUEUES).key,
                    bids,
                    ..reserve(item(number.into()), Duration::from_secs(60))
                };
                board.reserve(ask).await.unwrap();
            }
        })
        .await;
        let on = Arc::clone(&board);
        let confirmed = at_once(&server, move |number| {
            let board = Arc::clone(&on);
            async move {
                let number = round * CALLS + number;
                let (at, load) = (unit((number + 2) % UNITS), queue(number % QUEUES));
                board.confirm(HERE, 1, item(number.into()), at, load).await.unwrap();
            }
        })
        .await;
        println!(
            "{CALLERS} callers, {UNITS} units: plain {plain}; reserve {reserved}, {:.2} of plain; confirm {confirmed}, \
             {:.2} of plain",
            reserved.per_second / plain.per_second,
            confirmed.per_second / plain.per_second,
        );
        let fresh = crate::work::board(&server);
        for look in ["everything", "nothing new"] {
            let since = Instant::now();
            fresh.snapshot(HERE).await.unwrap();
            println!("look at {look}: {:?}", since.elapsed());
        }
    }
}

/// What calls cost: as their callers see it, and Redis itself.
struct Cost {
    per_second: f64,
    server_micros: String,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0}/s ({} us of Redis each)", self.per_second, self.server_micros)
    }
}

fn queue(number: u32) -> Load {
    let key = LoadKey {
        field: format!("field {}", number % 3),
        level: 2,
        due_day: Some((number / 3).cast_signed()),
    };
    Load { key, minutes: 10, borrowed: true }
}

async fn at_once<F>(server: &RedisServer, call: impl Fn(u32) -> F + Clone + Send + 'static) -> Cost
where
    F: Future<Output = ()> + Send + 'static,
{
    assert_eq!(server.ask(&["CONFIG", "RESETSTAT"]), "OK");
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
    let per_second = f64::from(CALLS) / since.elapsed().as_secs_f64();
    let stats = server.ask(&["INFO", "commandstats"]);
    let scripts = stats.lines().find(|line| line.starts_with("cmdstat_evalsha:")).unwrap();
    let server_micros =
        scripts.split("usec_per_call=").nth(1).and_then(|rest| rest.split(',').next()).unwrap();
    Cost { per_second, server_micros: server_micros.to_owned() }
}
