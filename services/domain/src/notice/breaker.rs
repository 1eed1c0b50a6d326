//! Whether a provider is well: what it did with the last messages. Each process judges by what it saw itself.

use std::{collections::VecDeque, time::Duration};

use jiff::{SignedDuration, Timestamp};

/// When a provider counts as unwell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Attempts that are remembered.
    pub window: usize,
    /// Before so many are known, nothing is judged.
    pub least: usize,
    /// It is away where so many of a hundred failed.
    pub failed_percent: u32,
    /// It is slow where one in ten took longer.
    pub slow: Duration,
    /// After so long one attempt shows whether it has recovered; real time.
    pub rest: Duration,
}

/// How a provider is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It takes messages.
    Well,
    /// It takes them slowly: others first.
    Slow,
    /// It is away until then; real time.
    Away(Timestamp),
    /// It was unwell, and one message is to show whether it still is.
    Trial,
}

/// Remembers what a provider did.
#[derive(Clone, Debug)]
pub struct Breaker {
    limits: Limits,
    seen: VecDeque<Seen>,
    unwell: Option<Unwell>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    failed: bool,
    slow: bool,
}

#[derive(Clone, Copy, Debug)]
struct Unwell {
    is_away: bool,
    until: Timestamp,
    /// A message is out to show whether it has recovered; by then it should have.
    trial_until: Option<Timestamp>,
}

impl Breaker {
    /// Of a provider of which nothing is known.
    pub fn new(limits: Limits) -> Self {
        Self { limits, seen: VecDeque::new(), unwell: None }
    }

    /// How it is.
    pub fn health(&self, now: Timestamp) -> Health {
        match self.unwell {
            None => Health::Well,
            Some(unwell) if now >= unwell.until && unwell.trial_until.is_none_or(|until| now >= until) => {
                Health::Trial
            }
            Some(unwell) if unwell.is_away => {
                Health::Away(unwell.trial_until.unwrap_or(unwell.until).max(unwell.until))
            }
            Some(_) => Health::Slow,
        }
    }

    /// A message goes to it. Where it is on trial, no second one does before this one is judged, or so long has passed.
    pub fn begin(&mut self, now: Timestamp, at_most: Duration) {
        if self.health(now) == Health::Trial
            && let Some(unwell) = &mut self.unwell
        {
            unwell.trial_until = Some(later(now, at_most));
        }
    }

    /// A message that was to go to it did not: where it was to show whether it has recovered, another one may.
    pub fn was_not_asked(&mut self) {
        if let Some(unwell) = &mut self.unwell {
            unwell.trial_until = None;
        }
    }

    /// What it did with a message: whether it answered, and how long that took.
    pub fn record(&mut self, now: Timestamp, answered: bool, took: Duration) {
        let seen = Seen { failed: !answered, slow: took > self.limits.slow };
        if let Some(unwell) = self.unwell {
            // What was begun before it was found unwell says nothing of now.
            if unwell.trial_until.is_some() {
                self.unwell = None;
                self.seen.clear();
                if seen.failed || seen.slow {
                    self.rest(now, seen.failed);
                }
            }
            return;
        }
        self.seen.push_back(seen);
        while self.seen.len() > self.limits.window.max(1) {
            self.seen.pop_front();
        }
        if self.seen.len() < self.limits.least.max(1) {
            return;
        }
        let of = |wanted: fn(&Seen) -> bool| self.seen.iter().filter(|seen| wanted(seen)).count() * 100;
        let failed = of(|seen| seen.failed);
        if failed >= self.seen.len() * usize::try_from(self.limits.failed_percent).unwrap_or(usize::MAX) {
            self.rest(now, true);
        } else if of(|seen| seen.slow) > self.seen.len() * 10 {
            self.rest(now, false);
        }
    }

    fn rest(&mut self, now: Timestamp, is_away: bool) {
        self.seen.clear();
        let until = later(now, self.limits.rest);
        self.unwell = Some(Unwell { is_away, until, trial_until: None });
    }
}

fn later(at: Timestamp, span: Duration) -> Timestamp {
    SignedDuration::try_from(span).ok().and_then(|span| at.checked_add(span).ok()).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        window: 20,
        least: 5,
        failed_percent: 50,
        slow: Duration::from_secs(5),
        rest: Duration::from_secs(30),
    };
    const QUICK: Duration = Duration::from_millis(20);
    const TRIAL: Duration = Duration::from_secs(60);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + seconds).unwrap()
    }

    #[test]
    fn who_fails_is_left_alone_and_recovers_by_one_message() {
        let mut breaker = Breaker::new(LIMITS);
        for _ in 0..4 {
            breaker.record(at(0), false, QUICK);
            assert_eq!(breaker.health(at(0)), Health::Well, "too few to judge by");
        }
        breaker.record(at(0), false, QUICK);
        assert_eq!(breaker.health(at(29)), Health::Away(at(30)));
        assert_eq!(breaker.health(at(30)), Health::Trial);
        breaker.begin(at(30), TRIAL);
        assert_eq!(breaker.health(at(31)), Health::Away(at(90)), "one at a time");
        breaker.record(at(32), false, QUICK);
        assert_eq!(breaker.health(at(33)), Health::Away(at(62)));
        breaker.begin(at(62), TRIAL);
        breaker.record(at(63), true, QUICK);
        assert_eq!(breaker.health(at(63)), Health::Well);
    }

    #[test]
    fn a_trial_of_which_nothing_is_heard_is_followed_by_another() {
        let mut breaker = Breaker::new(LIMITS);
        (0..5).for_each(|_| breaker.record(at(0), false, QUICK));
        breaker.begin(at(30), TRIAL);
        assert_eq!(breaker.health(at(89)), Health::Away(at(90)));
        assert_eq!(breaker.health(at(90)), Health::Trial);
    }

    #[test]
    fn a_trial_that_was_none_is_followed_by_another_at_once() {
        let mut breaker = Breaker::new(LIMITS);
        (0..5).for_each(|_| breaker.record(at(0), false, QUICK));
        breaker.was_not_asked();
        assert_eq!(breaker.health(at(29)), Health::Away(at(30)), "it rests all the same");
        breaker.begin(at(30), TRIAL);
        breaker.was_not_asked();
        assert_eq!(breaker.health(at(31)), Health::Trial);
    }

    #[test]
    fn who_is_slow_is_not_first() {
        let mut breaker = Breaker::new(LIMITS);
        for number in 0..10 {
            breaker.record(at(0), true, if number % 5 == 0 { Duration::from_secs(6) } else { QUICK });
        }
        assert_eq!(breaker.health(at(1)), Health::Slow);
        breaker.record(at(1), true, QUICK);
        assert_eq!(breaker.health(at(1)), Health::Slow, "what was begun before shows nothing");
        breaker.begin(at(30), TRIAL);
        breaker.record(at(31), true, QUICK);
        assert_eq!(breaker.health(at(31)), Health::Well);
    }

    #[test]
    fn a_few_failures_among_many_are_nothing() {
        let mut breaker = Breaker::new(LIMITS);
        for number in 0..200 {
            breaker.record(at(number), number % 3 != 0, QUICK);
            assert_eq!(breaker.health(at(number)), Health::Well);
        }
    }
}
