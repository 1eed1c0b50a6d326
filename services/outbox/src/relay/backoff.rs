//! Waiting longer each time, and never in step with others.

use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

/// A back-off that doubles between two bounds; half of each pause is by chance.
#[derive(Debug)]
pub(super) struct Backoff {
    least: Duration,
    most: Duration,
    next: Duration,
    chance: StdRng,
}

impl Backoff {
    pub(super) fn new((least, most): (Duration, Duration), seed: u64) -> Self {
        Self { least, most, next: least, chance: StdRng::seed_from_u64(seed) }
    }

    pub(super) fn next(&mut self) -> Duration {
        let pause = self.next.min(self.most);
        self.next = pause.saturating_mul(2);
        pause.mul_f64(self.chance.random_range(0.5..1.0))
    }

    pub(super) fn reset(&mut self) {
        self.next = self.least;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_between_its_bounds_and_starts_again() {
        let (least, most) = (Duration::from_millis(50), Duration::from_secs(10));
        let mut backoff = Backoff::new((least, most), 1);
        let mut bound = least;
        for _ in 0..20 {
            let pause = backoff.next();
            assert!(pause >= bound / 2 && pause <= bound, "{pause:?} {bound:?}");
            bound = (bound * 2).min(most);
        }
        backoff.reset();
        assert!(backoff.next() <= least);
    }
}
