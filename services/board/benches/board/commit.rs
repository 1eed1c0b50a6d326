//! What it costs to commit decisions of many replicas on one Redis, beside the bare script: `cargo bench -p phidia-board
//! --bench commit`. README.md beside this file says what is measured and what was seen. It is a harness of its own: what is
//! measured are rates of those who contend, and ratios to a peer in the same run.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "it measures, and prints what it saw"
)]

#[expect(dead_code, reason = "nothing is killed or stopped here")]
#[path = "../../tests/it/redis_server.rs"]
mod redis_server;
#[expect(dead_code, reason = "what is decided alone is measured by the other one")]
mod world;

use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use phidia_board::{Board as _, BoardConfig, BoardError, Entry, RedisBoard, Reserve};
use phidia_domain::{
    id::{ApplicationId, Id as _},
    route::{self, LoadKey, Plan, Snapshot},
    work_item::WorkItem,
};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{
    redis_server::RedisServer,
    world::{CENTRES, Kind, World},
};

/// How many replicas contend.
const REPLICAS: [u64; 4] = [1, 2, 4, 8];
/// How long they do.
const LASTING: Duration = Duration::from_secs(3);
/// No row is made of fewer decisions.
const FEWEST: u64 = 40;
/// How long a view is believed, as routing does.
const VIEW_BELIEVED_FOR: Duration = Duration::from_secs(1);
/// Open work items of each centre at first.
const OPEN: u32 = 10;
/// How many more each may get before the board is built anew: nobody finishes anything here, and a board that only fills
/// up is soon one on which nobody does anything in good time.
const MORE: u64 = 5;
/// Calls of the bare script.
const BARE_CALLS: u32 = 30_000;
/// Between two decisions where boards are compared: one that each of them keeps up with.
const PACE: Duration = Duration::from_millis(20);
/// How many decisions are so made in a round.
const PACED: u64 = 100;
/// How often each board has its turn.
const ROUNDS: u32 = 6;
/// For so many rounds before that Redis still clears away what the board before, and the look at everything, have left
/// behind, which grows with the board and is once for each replica that starts.
const SETTLING: u32 = 5;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let worlds = CENTRES.map(|centres| Arc::new(World::of(centres)));
    heading();
    worlds.iter().for_each(|world| runtime.block_on(contended(world)));
    let [small, .., large] = &worlds;
    runtime.block_on(growth(small, large));
}

fn heading() {
    println!(
        "| centres | replicas | bare EVALSHA/s | decide + reserve/s | to bare | decide + reserve + confirm/s | to bare \
         | outbid |\n|--:|--:|--:|--:|--:|--:|--:|--:|"
    );
}

/// How what Redis spends grows from a small board to a large one, both asked in turns, for the machine is not the same from
/// one minute to the next. A Redis that has little to do spends more on each call, so that only the same rate can be
/// compared.
async fn growth(small: &Arc<World>, large: &Arc<World>) {
    let mut boards = [Measured::over(small).await, Measured::over(large).await];
    for _ in 0..ROUNDS {
        for board in &mut boards {
            board.bare();
        }
    }
    let bare = boards.each_ref().map(|board| board.spent / board.asked);
    for board in &mut boards {
        // Of what the bare script has left behind nothing is to be measured.
        board.rebuild(2).await;
    }
    for round in 0..SETTLING + ROUNDS {
        for board in &mut boards {
            if round == SETTLING {
                (board.spent, board.asked) = (0.0, 0.0);
            }
            board.paced().await;
        }
    }
    let paced = boards.each_ref().map(|board| board.spent / board.asked);
    println!("\n| Redis | smallest board | largest board | ratio |\n|---|--:|--:|--:|");
    for (what, [few, many]) in [("a call of the bare script", bare), ("a decision, at the same rate", paced)]
    {
        println!("| {what} | {few:.1} µs | {many:.1} µs | {:.2} |", many / few);
    }
}

/// A board on a Redis of its own, and what that spends, in microseconds of its processor.
struct Measured {
    server: RedisServer,
    world: Arc<World>,
    replica: Replica,
    plan: Plan,
    numbers: u64,
    spent: f64,
    asked: f64,
}

impl Measured {
    async fn over(world: &Arc<World>) -> Self {
        let server = RedisServer::start();
        let (world, province) = (Arc::clone(world), &world.province.code);
        board(&server).rebuild(province, 1, entries(&world), 0).await.unwrap();
        let replica = Replica::over(&server, province).await;
        let plan = plan(&world, &replica.view);
        Self { server, replica, plan, world, numbers: 0, spent: 0.0, asked: 0.0 }
    }

    async fn rebuild(&mut self, epoch: i64) {
        let province = &self.world.province.code;
        board(&self.server).rebuild(province, epoch, entries(&self.world), 0).await.unwrap();
        self.replica.look(province).await;
    }

    /// The bare script.
    fn bare(&mut self) {
        let before = spent_micros(&self.server);
        bare_script(&self.server, &self.world.province.code, &self.plan, 1);
        self.spent += spent_micros(&self.server) - before;
        self.asked += f64::from(BARE_CALLS);
    }

    /// One replica makes one decision at each [`PACE`], reserved and confirmed, with its looks at the board.
    async fn paced(&mut self) {
        let mut pace = tokio::time::interval(PACE);
        let before = spent_micros(&self.server);
        for _ in 0..PACED {
            pace.tick().await;
            self.numbers += 1;
            self.replica.assign(&self.world, self.numbers, true).await;
        }
        self.spent += spent_micros(&self.server) - before;
        self.asked += PACED as f64;
    }
}

/// What is on a board at first.
fn entries(world: &World) -> Vec<Entry> {
    let entry = |(number, (unit, load)): (u64, _)| Entry { work_item: item(1 << 60 | number), unit, load };
    (0..).zip(world.open(OPEN)).map(entry).collect()
}

/// One row for each number of replicas.
async fn contended(world: &Arc<World>) {
    let server = RedisServer::start();
    let province = &world.province.code;
    let builder = board(&server);
    builder.rebuild(province, 1, entries(world), 0).await.unwrap();
    let plan = plan(world, &builder.snapshot(province).await.unwrap());
    let bare = REPLICAS.map(|clients| bare_script(&server, province, &plan, clients));
    // Of what the bare script has left behind nothing is to be measured.
    builder.rebuild(province, 2, entries(world), 0).await.unwrap();
    let numbers = Arc::new(AtomicU64::new(0));
    let most = MORE * u64::try_from(world.centres()).unwrap();
    let (mut epoch, mut filled) = (2, 0);
    for (replicas, bare) in REPLICAS.into_iter().zip(bare) {
        let mut rates = Vec::new();
        for confirm in [false, true] {
            let mut all = Vec::new();
            for _ in 0..replicas {
                all.push(Replica::over(&server, province).await);
            }
            let (mut decisions, mut took) = (0, Duration::ZERO);
            while took < LASTING || decisions < FEWEST {
                if filled >= most {
                    epoch += 1;
                    builder.rebuild(province, epoch, entries(world), 0).await.unwrap();
                    filled = 0;
                }
                for replica in &mut all {
                    replica.look(province).await;
                }
                let (first, since) = (numbers.load(Ordering::SeqCst), Instant::now());
                let goes_on = move |made| {
                    made < most - filled && (took + since.elapsed() < LASTING || decisions + made < FEWEST)
                };
                let mut tasks = JoinSet::new();
                for mut replica in all.drain(..) {
                    let (world, numbers) = (Arc::clone(world), Arc::clone(&numbers));
                    tasks.spawn(async move {
                        while goes_on(numbers.load(Ordering::SeqCst) - first) {
                            replica.assign(&world, numbers.fetch_add(1, Ordering::SeqCst), confirm).await;
                        }
                        replica
                    });
                }
                all = tasks.join_all().await;
                took += since.elapsed();
                let made = numbers.load(Ordering::SeqCst) - first;
                (decisions, filled) = (decisions + made, filled + made);
            }
            let outbid: u64 = all.iter().map(|replica| replica.outbid).sum();
            rates.push((decisions as f64 / took.as_secs_f64(), outbid));
        }
        let [(reserved, outbid), (confirmed, ..)] = rates[..] else { unreachable!() };
        println!(
            "| {} | {replicas} | {bare:.0} | {reserved:.0} | {:.2} | {confirmed:.0} | {:.2} | {outbid} |",
            world.centres(),
            reserved / bare,
            confirmed / bare,
        );
    }
}

struct Replica {
    board: RedisBoard,
    view: Snapshot,
    since: Instant,
    outbid: u64,
}

impl Replica {
    /// One that has looked at everything before anything is measured.
    async fn over(server: &RedisServer, province: &str) -> Self {
        let board = board(server);
        let view = board.snapshot(province).await.unwrap();
        Self { board, view, since: Instant::now(), outbid: 0 }
    }

    /// Decides over the view, reserves, and counts into the view what it did, as routing's desk does.
    async fn assign(&mut self, world: &World, number: u64, confirm: bool) {
        let World { policy, province, roster, now, .. } = world;
        let request = world.request(Kind::Ordinary, number);
        loop {
            if self.since.elapsed() >= VIEW_BELIEVED_FOR {
                self.look(&province.code).await;
            }
            let Ok(plan) = route::decide(policy, province, roster, &self.view, &request, *now) else {
                return;
            };
            let (province, epoch) = (province.code.clone(), self.view.epoch);
            let (work_item, lease) = (request.work_item, Duration::from_secs(60));
            let Plan { ref key, minutes, ref bids, .. } = plan;
            let (key, bids) = (key.clone(), bids.clone());
            let asked = Reserve { province: province.clone(), epoch, work_item, key, minutes, bids, lease };
            match self.board.reserve(asked).await {
                Ok(won) => {
                    let load = plan.load_at(won.unit);
                    self.view.units.entry(won.unit).or_default().add(&load);
                    if confirm {
                        self.board.confirm(&province, epoch, work_item, won.unit, load).await.unwrap();
                    }
                    return;
                }
                Err(BoardError::Outbid { .. }) => {
                    self.outbid += 1;
                    self.look(&province).await;
                }
                Err(error) => panic!("{error}"),
            }
        }
    }

    async fn look(&mut self, province: &str) {
        self.view = self.board.snapshot(province).await.unwrap();
        self.since = Instant::now();
    }
}

/// The one of a hundred ordinary plans that makes the most bids.
fn plan(world: &World, view: &Snapshot) -> Plan {
    let World { policy, province, roster, now, .. } = world;
    let plans = (0..100).filter_map(|number| {
        route::decide(policy, province, roster, view, &world.request(Kind::Ordinary, number), *now).ok()
    });
    plans.max_by_key(|plan| plan.bids.len()).unwrap()
}

/// Calls per second of the script of `reserve` as the board calls it, by a client that does nothing besides: each call
/// finds room at the first bid and reserves.
fn bare_script(server: &RedisServer, province: &str, plan: &Plan, clients: u64) -> f64 {
    let script = concat!(
        include_str!("../../src/redis/lua/head.lua"),
        include_str!("../../src/redis/lua/ledger.lua"),
        include_str!("../../src/redis/lua/reserve.lua")
    );
    let sha = server.ask(&["SCRIPT", "LOAD", script]);
    let names = ["epoch", "epochs", "1:sequence", "1:items", "1:leases", "1:load", "1:pools", "1:log"];
    let LoadKey { field, level, due_day } = &plan.key;
    let queue = format!("{} {level} {field}", due_day.map_or_else(|| "-".to_owned(), |day| day.to_string()));
    let mut command = Command::new("redis-benchmark");
    command.args(["-h", "127.0.0.1", "-p", &server.port.to_string(), "--csv", "-r", "1000000000"]);
    command.args(["-c", &clients.to_string(), "-n", &BARE_CALLS.to_string(), "EVALSHA", &sha, "8"]);
    command.args(names.map(|name| format!("{{{province}}}:v2:{name}")));
    // The epoch, how long it is waited for, the newest sequence that is known.
    command.args(["1", "9007199254740991", "0"]);
    command.args(["app_00000000000000000000__rand_int__/1/1", &plan.minutes.to_string(), &queue, "60000"]);
    for bid in &plan.bids {
        let whose = if bid.is_borrowed() { "borrowed" } else { "own" };
        let most = i64::MAX.to_string();
        command.args([&bid.unit.to_string(), &most, &u32::MAX.to_string(), whose, &most]);
    }
    let output = command.output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    // … rps, average, min, p50, p95, p99, max
    let rate = told.trim_end().rsplit(',').nth(6).map(|column| column.trim_matches('"').parse());
    let items: u32 = server.ask(&["HLEN", &format!("{{{province}}}:v2:1:items")])[1..].parse().unwrap();
    assert!(items > BARE_CALLS, "the bare script reserves nothing: {told}");
    rate.unwrap().unwrap()
}

/// Microseconds of processor time that Redis has spent since it was started. Not what it says of its scripts: that is
/// time, which also passes while the replicas have the processors.
fn spent_micros(server: &RedisServer) -> f64 {
    let told = server.ask(&["INFO", "cpu"]);
    let seconds = told.lines().filter_map(|line| {
        let (name, seconds) = line.split_once(':')?;
        name.ends_with("_main_thread").then(|| seconds.trim().parse::<f64>().unwrap())
    });
    seconds.sum::<f64>() * 1e6
}

fn board(server: &RedisServer) -> RedisBoard {
    let config = BoardConfig {
        urls: vec![server.url()],
        connect_timeout_millis: 10_000,
        response_timeout_millis: 10_000,
        ..BoardConfig::default()
    };
    RedisBoard::new(&config).unwrap()
}

fn item(number: u64) -> WorkItem {
    WorkItem::first(ApplicationId::from_uuid(Uuid::from_u128(number.into())), 1)
}
