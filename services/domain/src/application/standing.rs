//! What an applicant may still do about an application: supplement it when they are asked to, and withdraw it while there is no
//! decision. Intake alone knows what they hand in, so it alone says whether that was in time.

use jiff::Timestamp;

use super::Status;
use crate::{
    case::StopGround,
    rejection::{Kind, Rejection},
};

/// How an application stands towards its applicant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How far it has come.
    pub status: Status,
    /// What they were asked to supplement.
    pub supplement: Option<Wanted>,
    /// That it is to end without a decision.
    pub stop: Option<Stop>,
}

/// A supplement that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Until when it may be handed in.
    pub until: Timestamp,
    /// When it was.
    pub received_at: Option<Timestamp>,
}

/// An application is to end without a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Why.
    pub ground: StopGround,
    /// Since when.
    pub asked_at: Timestamp,
}

/// What follows from what is handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// It is received.
    Now,
    /// It was received before, at this instant; nothing changes.
    Before(Timestamp),
}

impl Standing {
    /// The applicant hands in the supplement.
    ///
    /// # Errors
    /// `NO_SUPPLEMENT_ASKED`, `SUPPLEMENT_TOO_LATE`, `APPLICATION_ENDED`.
    pub fn supplement(&self, now: Timestamp) -> Result<Received, Rejection> {
        match self.supplement {
            Some(Wanted { received_at: Some(at), .. }) => Ok(Received::Before(at)),
            Some(Wanted { until, .. }) if self.lapsed() || (now > until && !self.has_ended()) => {
                Err(refused(
                    "SUPPLEMENT_TOO_LATE",
                    "the time in which it could be supplemented is over; hand it in anew",
                )
                .with("until", until))
            }
            _ if self.has_ended() => Err(ended()),
            Some(_) if self.status == Status::AwaitingSupplement => Ok(Received::Now),
            _ => Err(refused("NO_SUPPLEMENT_ASKED", "nobody has asked for a supplement")),
        }
    }

    /// The applicant withdraws it. An officer may be deciding at this moment: then the decision stands.
    ///
    /// # Errors
    /// `APPLICATION_ENDED`.
    pub fn withdraw(&self) -> Result<Received, Rejection> {
        match self.stop {
            Some(Stop { ground: StopGround::Withdrawn, asked_at }) if !self.status.is_final() => {
                Ok(Received::Before(asked_at))
            }
            Some(Stop { ground: StopGround::Withdrawn, asked_at }) if self.status == Status::Withdrawn => {
                Ok(Received::Before(asked_at))
            }
            _ if self.has_ended() => Err(ended()),
            _ => Ok(Received::Now),
        }
    }

    /// The same once what was decided is opened again: a withdrawal that the decision outran is forgotten, and they may withdraw it
    /// while there is no decision.
    #[must_use]
    pub fn reopened(self) -> Self {
        let status = self.status.reopened();
        let stop = if status == self.status { self.stop } else { None };
        Self { status, stop, ..self }
    }

    /// Whether it is to end now, for nobody has supplemented it in time.
    pub fn lapses(&self, now: Timestamp) -> bool {
        !self.has_ended()
            && self.status == Status::AwaitingSupplement
            && self.supplement.is_some_and(|wanted| wanted.received_at.is_none() && now > wanted.until)
    }

    pub(super) fn has_ended(&self) -> bool {
        self.status.is_final() || self.stop.is_some()
    }

    fn lapsed(&self) -> bool {
        self.stop.is_some_and(|stop| stop.ground == StopGround::Lapsed)
    }
}

fn refused(reason: &'static str, message: &str) -> Rejection {
    Rejection::new(Kind::Precondition, reason, message)
}

pub(super) fn ended() -> Rejection {
    refused("APPLICATION_ENDED", "the application has ended")
}

#[cfg(test)]
mod tests {
    use proptest::{option, prelude::*, sample::select};

    use super::*;

    const ASKED: Standing = Standing {
        status: Status::AwaitingSupplement,
        supplement: Some(Wanted { until: Timestamp::constant(1_000, 0), received_at: None }),
        stop: None,
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn reason<T: std::fmt::Debug>(answer: Result<T, Rejection>) -> String {
        answer.unwrap_err().reason.to_owned()
    }

    #[test]
    fn a_supplement_is_received_once_and_in_time() {
        assert_eq!(ASKED.supplement(at(1_000)), Ok(Received::Now));
        assert_eq!(reason(ASKED.supplement(at(1_001))), "SUPPLEMENT_TOO_LATE");
        let received = Wanted { until: at(1_000), received_at: Some(at(7)) };
        for status in Status::ALL {
            let standing = Standing { status, supplement: Some(received), ..ASKED };
            assert_eq!(
                standing.supplement(at(2_000)),
                Ok(Received::Before(at(7))),
                "a lost answer is asked for again"
            );
        }
        let never = Standing { status: Status::InProcess, supplement: None, stop: None };
        assert_eq!(reason(never.supplement(at(1))), "NO_SUPPLEMENT_ASKED");
    }

    #[test]
    fn what_is_withdrawn_or_has_lapsed_takes_no_supplement() {
        let stopped = |ground| Standing { stop: Some(Stop { ground, asked_at: at(5) }), ..ASKED };
        assert_eq!(reason(stopped(StopGround::Withdrawn).supplement(at(6))), "APPLICATION_ENDED");
        assert_eq!(reason(stopped(StopGround::Lapsed).supplement(at(2_000))), "SUPPLEMENT_TOO_LATE");
        assert_eq!(stopped(StopGround::Withdrawn).withdraw(), Ok(Received::Before(at(5))));
        assert_eq!(reason(stopped(StopGround::Lapsed).withdraw()), "APPLICATION_ENDED");
    }

    #[test]
    fn a_decision_stands_whatever_was_asked_for_meanwhile() {
        let decided = Standing {
            status: Status::Granted,
            supplement: None,
            stop: Some(Stop { ground: StopGround::Withdrawn, asked_at: at(5) }),
        };
        assert_eq!(reason(decided.withdraw()), "APPLICATION_ENDED");
        // Until it is opened again.
        assert_eq!(decided.reopened().withdraw(), Ok(Received::Now));
        let stop = Some(Stop { ground: StopGround::Lapsed, asked_at: at(5) });
        let lapsed = Standing { status: Status::Lapsed, supplement: None, stop };
        assert_eq!(lapsed.reopened(), lapsed);
    }

    proptest! {
        /// Exactly one of the two comes true of a supplement that is asked for: it is received, or it lapses.
        #[test]
        fn nothing_both_lapses_and_is_received(
            status in select(&Status::ALL[..]),
            until in option::of(0..100_i64),
            now in 0..100_i64,
        ) {
            let supplement = until.map(|until| Wanted { until: at(until), received_at: None });
            let standing = Standing { status, supplement, stop: None };
            let received = standing.supplement(at(now)) == Ok(Received::Now);
            prop_assert!(!(received && standing.lapses(at(now))));
            let waits = status == Status::AwaitingSupplement && supplement.is_some();
            prop_assert_eq!(received || standing.lapses(at(now)), waits);
        }
    }
}
