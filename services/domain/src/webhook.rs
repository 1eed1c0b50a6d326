//! What an answer to a webhook means, and when it is tried again.

use std::time::Duration;

/// The longest time that a receiver may ask us to stay away.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);

/// What an attempt came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// There was an answer, with this status, that perhaps asks us to stay away for so long.
    Answered(u16, Option<Duration>),
    /// There was none.
    Unanswered,
}

/// What follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was taken.
    Delivered,
    /// This event was not taken: others may be. What follows of the same application waits for it.
    Refused,
    /// Nothing is taken at present: all waits, at least so long where that was said.
    Away(Option<Duration>),
    /// Nobody is there any more, they say.
    Gone,
}

/// What follows from an attempt. Only the status decides: whatever else a receiver says may be garbage.
pub fn judge(attempt: Attempt) -> Verdict {
    match attempt {
        Attempt::Answered(200..=299, _) => Verdict::Delivered,
        Attempt::Answered(410, _) => Verdict::Gone,
        Attempt::Answered(400 | 409 | 413 | 415 | 422 | 500, _) => Verdict::Refused,
        // A redirect is not followed: it would send what was signed for one to another.
        Attempt::Answered(_, pause) => Verdict::Away(pause.map(|pause| pause.min(LONGEST_PAUSE))),
        Attempt::Unanswered => Verdict::Away(None),
    }
}

/// When what failed is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The pause after the first failure; it doubles with each.
    pub first: Duration,
    /// No pause is longer.
    pub longest: Duration,
}

impl Backoff {
    /// The pause after so many failures in a row, from 1. `spread` scatters those that failed together over the second half of the full
    /// pause, so that they do not come back together.
    pub fn after(&self, failures: u32, spread: u16) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let half = self.first.saturating_mul(1 << doublings).min(self.longest) / 2;
        half + half.mul_f64(f64::from(spread) / f64::from(u16::MAX))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_status_says_what_follows() {
        let of = |status| judge(Attempt::Answered(status, None));
        for status in [200, 202, 204, 299] {
            assert_eq!(of(status), Verdict::Delivered, "{status}");
        }
        for status in [100, 301, 302, 307, 401, 403, 404, 408, 429, 502, 503, 504, 999] {
            assert_eq!(of(status), Verdict::Away(None), "{status}");
        }
        for status in [400, 409, 422, 500] {
            assert_eq!(of(status), Verdict::Refused, "{status}");
        }
        assert_eq!(of(410), Verdict::Gone);
        assert_eq!(judge(Attempt::Unanswered), Verdict::Away(None));
        let long = Duration::from_secs(86_400);
        assert_eq!(judge(Attempt::Answered(429, Some(long))), Verdict::Away(Some(LONGEST_PAUSE)));
    }

    proptest! {
        #[test]
        fn pauses_grow_and_have_an_end(failures in 1_u32..100, spread: u16) {
            let backoff = Backoff { first: Duration::from_secs(5), longest: Duration::from_secs(8 * 60 * 60) };
            let pause = backoff.after(failures, spread);
            prop_assert!(pause >= backoff.first / 2 && pause <= backoff.longest);
            prop_assert!(backoff.after(failures + 1, 0) >= backoff.after(failures, 0));
            prop_assert!(backoff.after(failures, u16::MAX) >= pause);
        }
    }
}
