//! The two clocks, never mixed: business time for rules, real time for leases, back-off and expiries.
//! The only file that asks the machine what time it is.

#[cfg(any(debug_assertions, feature = "rehearsal"))]
pub mod file;

use std::{
    fmt::Debug,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;

/// Something that tells the time.
pub trait Clock: Send + Sync + Debug {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The machine's clock, in whole microseconds: what stores and the wire keep.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    fn now(&self) -> Timestamp {
        whole_microseconds(Timestamp::now())
    }
}

/// A clock that is moved by hand: a day can be played in a minute.
#[derive(Debug)]
pub struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    /// A clock that stands at `at`.
    pub fn new(at: Timestamp) -> Self {
        Self(Mutex::new(whole_microseconds(at)))
    }

    /// Moves the clock to `at`; never backwards: an earlier instant leaves it where it is.
    pub fn set(&self, at: Timestamp) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = whole_microseconds(at).max(*now);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Business time: what rules, promises and events are dated with.
#[derive(Clone, Debug)]
pub struct BusinessClock(Arc<dyn Clock>);

impl BusinessClock {
    /// Business time is the machine's time.
    pub fn system() -> Self {
        Self(Arc::new(SystemClock))
    }

    /// Business time is what `clock` is set to.
    pub fn manual(clock: Arc<ManualClock>) -> Self {
        Self(clock)
    }

    /// Business time is what the clock file at `path` says ([`file::Course`]), also once it is replaced. It
    /// never goes backwards within a process.
    ///
    /// # Errors
    /// `MALFORMED_CLOCK`. Later a file that is no use is warned of, and the last one that was counts on.
    #[cfg(any(debug_assertions, feature = "rehearsal"))]
    pub fn of_file(path: &std::path::Path) -> Result<Self, phidia_domain::Rejection> {
        Ok(Self(Arc::new(file::FileClock::open(path)?)))
    }

    /// The present instant of business time.
    pub fn now(&self) -> Timestamp {
        self.0.now()
    }
}

/// Real time: leases, back-off, expiries. Never an input of a rule.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealClock;

impl RealClock {
    /// The present instant of real time.
    pub fn now(&self) -> Timestamp {
        SystemClock.now()
    }
}

fn whole_microseconds(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_never_goes_back() {
        let at: Timestamp = "2026-11-23T01:00:00.123456789Z".parse().unwrap();
        let hand = Arc::new(ManualClock::new(at));
        let clock = BusinessClock::manual(Arc::clone(&hand));
        assert_eq!(clock.now().to_string(), "2026-11-23T01:00:00.123456Z");
        hand.set("2020-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(clock.now().to_string(), "2026-11-23T01:00:00.123456Z");
        hand.set("2026-11-23T02:00:00Z".parse().unwrap());
        assert_eq!(clock.now().to_string(), "2026-11-23T02:00:00Z");
    }

    #[test]
    fn the_system_clock_tells_whole_microseconds() {
        assert_eq!(RealClock.now().as_nanosecond() % 1000, 0);
    }
}
