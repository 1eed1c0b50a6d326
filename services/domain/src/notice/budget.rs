//! How much a provider is given: a bucket that fills at a rate, and is kept in the store so that all replicas draw from one.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Micro-tokens of a message: a bucket is counted in whole numbers.
const TOKEN: u128 = 1_000_000;

/// What a provider may be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Messages a minute.
    pub per_minute: u32,
    /// At most so many at once, after a pause.
    pub burst: u32,
}

/// How much is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Millionths of a message.
    pub micros: u64,
    /// As of this instant; real time.
    pub at: Timestamp,
}

impl Budget {
    /// A bucket that nobody has drawn from.
    pub fn full(&self, now: Timestamp) -> Bucket {
        Bucket { micros: self.most(), at: now }
    }

    fn most(&self) -> u64 {
        u64::try_from(u128::from(self.burst.max(1)) * TOKEN).unwrap_or(u64::MAX)
    }

    /// What is in a bucket by now. A clock that went back adds nothing.
    pub fn fill(&self, bucket: Bucket, now: Timestamp) -> Bucket {
        let micros = now.duration_since(bucket.at).as_micros();
        let gained = u128::try_from(micros).unwrap_or(0) * u128::from(self.per_minute) / 60;
        let gained = u64::try_from(gained).unwrap_or(u64::MAX);
        if gained == 0 && now >= bucket.at && bucket.micros < self.most() {
            // What is less than one counts on from where it was counted last.
            return bucket;
        }
        Bucket { micros: bucket.micros.saturating_add(gained).min(self.most()), at: now.max(bucket.at) }
    }

    /// How many messages there may be by now.
    pub fn left(&self, bucket: Bucket, now: Timestamp) -> u32 {
        u32::try_from(u128::from(self.fill(bucket, now).micros) / TOKEN).unwrap_or(u32::MAX)
    }

    /// Takes so many, or what is left.
    pub fn take(&self, bucket: Bucket, now: Timestamp, wanted: u32) -> (u32, Bucket) {
        let filled = self.fill(bucket, now);
        let taken = wanted.min(self.left(bucket, now));
        let spent = u64::try_from(u128::from(taken) * TOKEN).unwrap_or(u64::MAX);
        (taken, Bucket { micros: filled.micros.saturating_sub(spent), ..filled })
    }

    /// How long until there is one again.
    pub fn until_next(&self, bucket: Bucket, now: Timestamp) -> Duration {
        let missing = TOKEN.saturating_sub(self.fill(bucket, now).micros.into());
        let wait = (missing * 60).div_ceil(u128::from(self.per_minute.max(1)));
        let wait = SignedDuration::from_micros(i64::try_from(wait).unwrap_or(i64::MAX));
        Duration::try_from(wait).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn never_more_than_the_burst_and_the_rate_over_any_time(
            per_minute in 1u32..6_000,
            burst in 1u32..100,
            asked in proptest::collection::vec((0i64..5_000_000, 0u32..50), 1..60),
        ) {
            let budget = Budget { per_minute, burst };
            let start: Timestamp = "2026-11-23T01:00:00Z".parse().unwrap();
            let (mut now, mut bucket, mut given) = (start, budget.full(start), 0u64);
            for (pause, wanted) in asked {
                now += SignedDuration::from_micros(pause);
                let (taken, after) = budget.take(bucket, now, wanted);
                prop_assert!(taken <= wanted);
                prop_assert!(taken == wanted || budget.left(after, now) == 0, "what is left is given");
                bucket = after;
                given += u64::from(taken);
                let micros = u128::try_from(now.duration_since(start).as_micros()).unwrap();
                let most = u128::from(burst) + micros * u128::from(per_minute) / 60_000_000 + 1;
                prop_assert!(u128::from(given) <= most, "{given} of {most}");
            }
        }

        #[test]
        fn who_waits_as_long_as_is_said_gets_one(per_minute in 1u32..60_000, spent in 0u32..100) {
            let budget = Budget { per_minute, burst: 10 };
            let now: Timestamp = "2026-11-23T01:00:00Z".parse().unwrap();
            let (_, bucket) = budget.take(budget.full(now), now, spent);
            let wait = SignedDuration::try_from(budget.until_next(bucket, now)).unwrap();
            prop_assert!(budget.left(bucket, now + wait) >= 1);
        }
    }

    #[test]
    fn a_clock_that_went_back_gives_nothing() {
        let budget = Budget { per_minute: 60, burst: 1 };
        let now: Timestamp = "2026-11-23T01:00:00Z".parse().unwrap();
        let (_, empty) = budget.take(budget.full(now), now, 1);
        let back = now - SignedDuration::from_hours(1);
        assert_eq!(budget.left(empty, back), 0);
        assert_eq!(budget.left(budget.fill(empty, back), now), 0);
    }
}
