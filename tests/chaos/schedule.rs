//! What happens when in one run, all of it from one seed: who hands what in, and which faults strike.

use std::time::Duration;

use harness::{
    client::application,
    house::Form,
    province::{ALPHA, ANYWHERE, BETA, GAMMA, SIDE_BY_SIDE, SIGNED_AT_HOME},
};
use phidia_proto::intake::v1::SubmitApplicationRequest;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::fault::{ALL, Fault};

/// Submissions per second, on average; they come whether or not earlier ones were answered.
const RATE: f64 = 15.0;
/// How long the load goes on behind the last fault.
const TAIL: Duration = Duration::from_millis(1_200);

/// One run.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) seed: u64,
    pub(crate) blows: Vec<Blow>,
    pub(crate) arrivals: Vec<Arrival>,
}

/// One fault.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Blow {
    pub(crate) fault: Fault,
    /// Since the start of the load.
    pub(crate) at: Duration,
    /// From its beginning to its end, where it has one.
    pub(crate) lasts: Duration,
    /// How much of what Redis was told last is forgotten.
    pub(crate) forgets: Duration,
    /// Chooses among several targets.
    pub(crate) pick: usize,
}

/// One submission.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Arrival {
    /// Since the start of the load.
    pub(crate) at: Duration,
    pub(crate) request: SubmitApplicationRequest,
}

impl Schedule {
    /// One fault.
    pub(crate) fn of(fault: Fault, seed: u64) -> Self {
        Self::draw(&mut ChaCha8Rng::seed_from_u64(seed), seed, &[fault])
    }

    /// So many faults that can strike a house of this form, one after the other.
    pub(crate) fn medley(form: Form, count: usize, seed: u64) -> Self {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        // Each replica that oversleeps needs another house, and takes long.
        let possible = |fault: &&Fault| fault.strikes(form) && !matches!(fault, Fault::Oversleep(_));
        let possible: Vec<Fault> = ALL.iter().filter(possible).copied().collect();
        let faults: Vec<Fault> =
            (0..count).map(|_| possible[chance.random_range(0..possible.len())]).collect();
        Self::draw(&mut chance, seed, &faults)
    }

    fn draw(chance: &mut ChaCha8Rng, seed: u64, faults: &[Fault]) -> Self {
        let mut millis = |from: u64, to: u64| Duration::from_millis(chance.random_range(from..to));
        let mut blows = Vec::new();
        let mut now = Duration::ZERO;
        for fault in faults {
            now += millis(400, 1_600);
            let lasts = match fault {
                // Longer than any lease: routing's reservations have 2 s here, turns and lanes 1.5; and longer
                // than PostgreSQL bears an open transaction, 3 s.
                Fault::Oversleep(_) => millis(4_000, 5_500),
                Fault::Kill(_)
                | Fault::KillPostgres
                | Fault::KillRedis
                | Fault::FlushRedis
                | Fault::FailOverRedis
                | Fault::RollBackRedis => Duration::ZERO,
                _ => millis(300, 3_000),
            };
            let (forgets, pick) = (millis(50, 800), millis(0, 1_000));
            let pick = usize::try_from(pick.as_millis()).unwrap();
            blows.push(Blow { fault: *fault, at: now, lasts, forgets, pick });
            now += lasts;
        }
        let arrivals = arrivals(chance, seed, now + TAIL, RATE);
        Self { seed, blows, arrivals }
    }
}

/// Who hands in until then, so many per second on average.
pub(crate) fn arrivals(chance: &mut ChaCha8Rng, seed: u64, until: Duration, rate: f64) -> Vec<Arrival> {
    let mut arrivals = Vec::new();
    let mut at = Duration::ZERO;
    loop {
        // Exponential gaps: who comes does not know of the others.
        let gap: f64 = chance.random_range(f64::EPSILON..1.0);
        at += Duration::from_secs_f64(-gap.ln() / rate);
        if at >= until {
            return arrivals;
        }
        let procedure = match chance.random_range(0..10) {
            0 | 1 => SIGNED_AT_HOME,
            2 | 3 => SIDE_BY_SIDE,
            _ => ANYWHERE,
        };
        let mut request = application(&format!("load-{seed}-{}", arrivals.len()), procedure);
        request.received_at_code = [ALPHA, BETA, GAMMA][chance.random_range(0..3)].into();
        arrivals.push(Arrival { at, request });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_run_and_another_one_another() {
        for fault in ALL {
            let runs = [7, 7, 8].map(|seed| Schedule::of(*fault, seed));
            assert_eq!((&runs[0].blows, &runs[0].arrivals), (&runs[1].blows, &runs[1].arrivals));
            assert_ne!(runs[0].blows, runs[2].blows);
        }
        let medleys = [7, 7, 8].map(|seed| Schedule::medley(Form::Cluster, 3, seed).blows);
        assert_eq!(medleys[0], medleys[1]);
        assert_ne!(medleys[0], medleys[2]);
    }

    #[test]
    fn somebody_hands_in_before_and_behind_every_fault() {
        for seed in 0..50 {
            let run = Schedule::of(Fault::FlushRedis, seed);
            let (first, last) = (&run.arrivals[0], run.arrivals.last().unwrap());
            assert!(first.at < run.blows[0].at && last.at > run.blows[0].at + run.blows[0].lasts, "{seed}");
        }
    }
}
