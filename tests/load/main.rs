//! How much the split house bears, how soon an application is assigned, and where the time goes; beside what
//! `pgbench` does on the same PostgreSQL in the same run. What was seen: README.md.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod claims;
mod house;
mod load;
mod spent;
mod stages;
mod telling;
mod uploads;
mod yardstick;

use std::{
    io::Write as _,
    time::{Duration, Instant},
};

use harness::{wait::PATIENCE, workspace};

use crate::{
    house::House,
    load::{Citizens, Handed},
    spent::{Meter, Spending},
    stages::{ANSWERED, ASSIGNED, Stages},
};

/// Clients that hand in again as soon as they have their answer.
const CLIENTS: [usize; 3] = [1, 8, 32];

/// A measurement: nothing is asserted but that everything accepted is assigned and in exactly one place.
/// `LOAD_SECONDS` (10) is how long each part lasts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement that wants the machine to itself: README.md"]
async fn the_split_house_beside_pgbench() {
    let seconds = std::env::var("LOAD_SECONDS").map_or(10, |text| text.parse().expect("a number"));
    let mut house = House::with_stores_only();
    // Before the services run, who look for work also when there is none.
    let pgbench = yardstick::transactions(&house.postgres, CLIENTS, seconds);
    say("| 1 client | per second | p50 | p99 |\n|---|--:|--:|--:|");
    say(&format!("| `SELECT 1` | {} |", yardstick::select(&house.postgres)));
    say(&format!("| Redis `PING` | {} |", yardstick::ping(&house.redis)));
    house.open(&workspace::root().join("deploy/province/ninh-binh"));
    let citizens = Citizens::of_ninh_binh(house.intake()).await;
    let mut run = Run { house, citizens, lasting: Duration::from_secs(seconds), accepted: 0 };
    // Connections are made and statements prepared before anything is measured.
    run.play(Play::Closed(8)).await;

    say(
        "\n| clients | `pgbench`: tx/s | p50 | p99 | submissions/s | p50 | p99 | ratios | assigned/s | failed |",
    );
    say("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    let (mut submitted, mut assigned, mut phases) = (0.0_f64, 0.0_f64, Vec::new());
    for (clients, yardstick) in CLIENTS.into_iter().zip(&pgbench) {
        let phase = run.play(Play::Closed(clients)).await;
        let Handed { per_second, failed, .. } = phase.handed;
        let [p50, p99] = phase.stages.to(ANSWERED);
        // From the first submission until the last one of them was assigned.
        let through = phase.handed.accepted.len() as f64 / phase.stages.until_all_assigned().as_secs_f64();
        let (rate, ratios) = (per_second / yardstick.per_second, [p50 / yardstick.p50, p99 / yardstick.p99]);
        say(&format!(
            "| {clients} | {yardstick} | {per_second:.0} | {p50:.1} ms | {p99:.1} ms \
             | {rate:.3}, {:.1}, {:.1} | {through:.0} | {failed} |",
            ratios[0], ratios[1]
        ));
        (submitted, assigned) = (submitted.max(per_second), assigned.max(through));
        phases.push((format!("{clients} client(s)"), phase));
    }
    // What is handed in faster than it is assigned would measure nothing but how long that lasted.
    let rate = submitted.min(assigned) / 2.0;
    let open = run.play(Play::Open(rate)).await;
    let [p50, p99] = open.stages.to(ASSIGNED);
    phases.push((format!("{rate:.0} submissions/s, come what may"), open));
    for (title, phase) in &phases {
        say(&format!("\n{title}:\n\n| from | to | p50 | p99 | longest |\n|---|---|--:|--:|--:|"));
        phase.stages.rows().for_each(|row| say(&row));
    }
    let (p50, p99) = (p50 / pgbench[0].p50, p99 / pgbench[0].p99);
    say(&format!("\nSent to assigned, to `pgbench` with 1 client: {p50:.1} at p50, {p99:.1} at p99"));
    // At its busiest, and on an ordinary day.
    for (title, phase) in &phases[CLIENTS.len() - 1..] {
        say(&format!("\nSpent per application, {title}:\n\n{}", phase.spending));
    }
    say(&format!("\nSpent per second at rest:\n\n{}", run.rest().await));
    run.judge();
}

/// How citizens come.
#[derive(Clone, Copy)]
enum Play {
    Closed(usize),
    Open(f64),
}

/// The house, and how many applications it accepted so far.
struct Run {
    house: House,
    citizens: Citizens,
    lasting: Duration,
    accepted: usize,
}

/// What came of one part.
struct Phase {
    handed: Handed,
    stages: Stages,
    spending: Spending,
}

impl Run {
    /// Hands in, and waits until all of it has come to its case.
    async fn play(&mut self, play: Play) -> Phase {
        let meter = Meter::start(&self.house.postgres);
        let handed = match play {
            Play::Closed(clients) => self.citizens.closed(clients, self.lasting).await,
            Play::Open(rate) => self.citizens.open(rate, self.lasting).await,
        };
        self.accepted += handed.accepted.len();
        let (mut opened, mut since) = (self.house.count_opened(), Instant::now());
        while opened < self.accepted {
            assert!(since.elapsed() < PATIENCE, "{opened} of {} came to their case", self.accepted);
            tokio::time::sleep(Duration::from_millis(200)).await;
            let before = std::mem::replace(&mut opened, self.house.count_opened());
            if opened > before {
                since = Instant::now();
            }
        }
        let spending = meter.stop(&self.house.postgres, handed.accepted.len() as f64);
        Phase { stages: Stages::of(&self.house, &handed.accepted), handed, spending }
    }

    /// What is spent each second when nothing is to be done.
    async fn rest(&self) -> Spending {
        let meter = Meter::start(&self.house.postgres);
        tokio::time::sleep(self.lasting).await;
        meter.stop(&self.house.postgres, self.lasting.as_secs_f64())
    }

    fn judge(&self) {
        let told = self.house.conservation();
        assert_eq!(
            (told["lost"].as_array(), told["doubled"].as_array()),
            (Some(&vec![]), Some(&vec![])),
            "{told}"
        );
        // Of a submission that failed nobody knows whether it was accepted.
        let counted = told["accepted"].as_u64().and_then(|counted| usize::try_from(counted).ok());
        assert!(counted.is_some_and(|counted| counted >= self.accepted), "{told}");
        say(&format!(
            "\n{} applications were accepted; each has its unit, and is in one place.",
            self.accepted
        ));
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
}
