//! What may become of feedback, and by whose hand. A transition that is not allowed is refused with the state, and with the RPCs that are.

use jiff::Timestamp;

use super::{Desk, FeedbackKind, Standing, State, after};
use crate::{
    application::Rating,
    calendar::LegalClock,
    deadline::{Pause, due_after},
    id::{OfficerId, UnitId},
    procedure::TimeLimit,
    rejection::{Kind, Rejection},
};

/// By whose hand something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// Whoever has number and check code.
    Author,
    /// An officer of a unit.
    Officer(UnitId, OfficerId),
    /// A supervisor of a unit.
    Supervisor(UnitId),
    /// Whoever acts for the province.
    Province,
}

/// To whom it is escalated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escalation {
    /// To the supervisors of the unit that has it.
    Supervisor,
    /// To the province.
    Province,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// An officer takes it up.
    Take,
    /// Its author is asked for more.
    Ask,
    /// Its author answers what they were asked; who asked may note it for them.
    Reply,
    /// It is another unit's affair.
    Pass(UnitId),
    /// Somebody higher has to decide.
    Escalate(Escalation),
    /// It is not answered.
    Refuse,
    /// It is answered.
    Answer,
    /// Question and answer are published.
    Publish,
    /// They are not, or no longer.
    KeepPrivate,
    /// Its author takes it back.
    Withdraw,
    /// Its author says what they think of the answer; the first time that they are dissatisfied opens it again.
    Rate(Rating),
}

impl State {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Received,
        Self::AwaitingAuthor,
        Self::Answered,
        Self::Published,
        Self::KeptPrivate,
        Self::Refused,
        Self::Withdrawn,
    ];

    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::AwaitingAuthor => "awaiting_author",
            Self::Answered => "answered",
            Self::Published => "published",
            Self::KeptPrivate => "kept_private",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The RPCs that move on what stands so.
    pub fn allowed(self) -> &'static [&'static str] {
        match self {
            Self::Received => &[
                "TakeFeedback",
                "AskFeedbackAuthor",
                "AnswerFeedback",
                "PassFeedback",
                "EscalateFeedback",
                "RefuseFeedback",
                "WithdrawFeedback",
            ],
            Self::AwaitingAuthor => &["ReplyToFeedback", "RefuseFeedback", "WithdrawFeedback"],
            Self::Answered => &["PublishFeedback", "KeepFeedbackPrivate", "RateFeedbackAnswer"],
            Self::Published => &["KeepFeedbackPrivate", "RateFeedbackAnswer"],
            Self::KeptPrivate => &["PublishFeedback", "RateFeedbackAnswer"],
            Self::Refused | Self::Withdrawn => &[],
        }
    }
}

impl Act {
    /// The RPC that does it.
    pub fn rpc(self) -> &'static str {
        match self {
            Self::Take => "TakeFeedback",
            Self::Ask => "AskFeedbackAuthor",
            Self::Reply => "ReplyToFeedback",
            Self::Pass(_) => "PassFeedback",
            Self::Escalate(_) => "EscalateFeedback",
            Self::Refuse => "RefuseFeedback",
            Self::Answer => "AnswerFeedback",
            Self::Publish => "PublishFeedback",
            Self::KeepPrivate => "KeepFeedbackPrivate",
            Self::Withdraw => "WithdrawFeedback",
            Self::Rate(_) => "RateFeedbackAnswer",
        }
    }

    /// The name under which it stands in the history.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Take => "taken",
            Self::Ask => "asked",
            Self::Reply => "replied",
            Self::Pass(_) => "passed",
            Self::Escalate(_) => "escalated",
            Self::Refuse => "refused",
            Self::Answer => "answered",
            Self::Publish => "published",
            Self::KeepPrivate => "kept_private",
            Self::Withdraw => "withdrawn",
            Self::Rate(_) => "rated",
        }
    }

    /// Whether it is its author's to do.
    fn is_authors(self) -> bool {
        matches!(self, Self::Reply | Self::Withdraw | Self::Rate(_))
    }

    /// Whether it decides on what everybody reads.
    fn moderates(self) -> bool {
        matches!(self, Self::Publish | Self::KeepPrivate)
    }
}

impl Standing {
    /// Whether whoever this is may read it with all that was said. Its author reads by number and check code.
    pub fn is_seen_by(&self, hand: Hand) -> bool {
        match hand {
            Hand::Author => false,
            Hand::Officer(unit, _) => self.desk == Desk::Unit(unit),
            Hand::Supervisor(unit) => self.desk.unit() == Some(unit),
            Hand::Province => true,
        }
    }

    /// How it stands after this.
    ///
    /// # Errors
    /// `OTHER_UNIT`, `NOT_AUTHORS`, `MODERATORS_ONLY` for a hand that may not; `FEEDBACK_STATE` (with `state` and `allowed`) for what is not
    /// to be done now; `HELD_BY_ANOTHER`; `ABOUT_THEMSELVES` where a complaint would go to those that it is about; `SAME_DESK`; `ANSWER_RATED_BEFORE`;
    /// `DATE_OUT_OF_RANGE` where the calendar does not reach that far.
    pub fn after(&self, clock: &LegalClock, hand: Hand, act: Act, now: Timestamp) -> Result<Self, Rejection> {
        self.check_hand(hand, act)?;
        if !self.state.allowed().contains(&act.rpc()) {
            return Err(self.refuses("FEEDBACK_STATE", "it does not stand so that this can be done"));
        }
        if let (Hand::Officer(_, officer), Some(holder), false) = (hand, self.holder, act.moderates())
            && officer != holder
        {
            let message = "another officer has taken it up";
            return Err(Rejection::new(Kind::Conflict, "HELD_BY_ANOTHER", message).with("holder", holder));
        }
        let mut next = self.clone();
        if let (Hand::Officer(_, officer), None, false) = (hand, self.holder, act == Act::Reply) {
            next.holder = Some(officer);
        }
        match act {
            Act::Take => {}
            Act::Ask => {
                next.state = State::AwaitingAuthor;
                next.asked_at = self.asked_at.or(Some(now));
                next.waiting_since = Some(now);
            }
            Act::Reply => next.resume(clock, now)?,
            Act::Pass(unit) => {
                if self.kind == FeedbackKind::Complaint && self.about.contains(&unit) {
                    let expected = "a complaint does not go to the unit that it is about";
                    return Err(Rejection::invalid("ABOUT_THEMSELVES", "unit_code", expected));
                }
                next.moved(Desk::Unit(unit))?;
            }
            Act::Escalate(to) => next.moved(match (to, self.desk) {
                (Escalation::Supervisor, Desk::Unit(unit)) => Desk::Supervisor(unit),
                (Escalation::Supervisor, same) => same,
                (Escalation::Province, _) => Desk::Province,
            })?,
            Act::Refuse => {
                next.state = State::Refused;
                next.refused_at = Some(now);
                next.waiting_since = None;
            }
            Act::Answer => {
                next.state = State::Answered;
                next.answered_at = Some(now);
                next.publish_by = Some(after(clock, now, self.kind.limits().publish)?);
            }
            Act::Publish => {
                next.state = State::Published;
                next.published_at = Some(now);
                next.kept_private_at = None;
            }
            Act::KeepPrivate => {
                next.state = State::KeptPrivate;
                next.kept_private_at = Some(now);
                next.published_at = None;
            }
            Act::Withdraw => {
                next.state = State::Withdrawn;
                next.withdrawn_at = Some(now);
                next.waiting_since = None;
            }
            Act::Rate(rating) => next.rate(clock, rating, now)?,
        }
        Ok(next)
    }

    /// Whether it may stand so by this act as the last one, as far as its history does not tell to whom, or what, that was.
    pub fn bears(&self, act: Act) -> bool {
        match act {
            Act::Escalate(Escalation::Supervisor) => matches!(self.desk, Desk::Supervisor(_)),
            Act::Escalate(Escalation::Province) => self.desk == Desk::Province,
            // What is opened again by that has no rating.
            Act::Rate(rating) => self.rated.unwrap_or(Rating::Dissatisfied) == rating,
            _ => true,
        }
    }

    fn check_hand(&self, hand: Hand, act: Act) -> Result<(), Rejection> {
        let forbidden = |reason, message: &str| Err(Rejection::new(Kind::Forbidden, reason, message));
        match hand {
            Hand::Author if act.is_authors() => Ok(()),
            Hand::Author => forbidden("NOT_AUTHORS", "this is for those who have to answer it"),
            // What its author said on the telephone, or at the counter, is noted by who asked them.
            _ if act.is_authors() && act != Act::Reply => {
                forbidden("NOT_AUTHORS", "this is for whoever has its check code")
            }
            _ if !self.is_seen_by(hand) => forbidden("OTHER_UNIT", "this is the affair of another unit"),
            Hand::Officer(..) if act.moderates() => {
                forbidden("MODERATORS_ONLY", "a supervisor or the province decides on what is published")
            }
            _ => Ok(()),
        }
    }

    /// The author has answered: by so much as they were waited for everything that is still to come is later.
    fn resume(&mut self, clock: &LegalClock, now: Timestamp) -> Result<(), Rejection> {
        let pause = Pause { from: self.waiting_since.unwrap_or(now), to: now };
        let (limits, from) = (self.kind.limits(), self.counted_from);
        let later = |days, by| due_after(clock, Some(TimeLimit::WorkingDays(days)), from, by, pause);
        self.refuse_by = later(limits.refuse, self.refuse_by)?;
        self.ask_by = later(limits.ask, self.ask_by)?;
        self.answer_by = later(limits.answer, self.answer_by)?;
        self.state = State::Received;
        self.waiting_since = None;
        Ok(())
    }

    fn moved(&mut self, desk: Desk) -> Result<(), Rejection> {
        if desk == self.desk {
            return Err(self.refuses("SAME_DESK", "it is there already"));
        }
        self.desk = desk;
        self.holder = None;
        Ok(())
    }

    fn rate(&mut self, clock: &LegalClock, rating: Rating, now: Timestamp) -> Result<(), Rejection> {
        if self.rated.is_some() {
            return Err(
                self.refuses("ANSWER_RATED_BEFORE", "the answer was rated before; a rating is not changed")
            );
        }
        self.rated = Some(rating);
        if rating != Rating::Dissatisfied || self.reopened_at.is_some() {
            return Ok(());
        }
        // Not those who gave the answer look at it again.
        let desk = self.desk.unit().map_or(Desk::Province, Desk::Supervisor);
        let desk = if self.desk == desk { Desk::Province } else { desk };
        let anew = Self::receive(clock, self.kind, std::mem::take(&mut self.about), None, now)?;
        *self = Self { desk, received_at: self.received_at, reopened_at: Some(now), ..anew };
        Ok(())
    }

    fn refuses(&self, reason: &str, message: &str) -> Rejection {
        let refusal = Rejection::new(Kind::Precondition, reason, message);
        refusal.with("state", self.state.as_str()).with("allowed", self.state.allowed().join(","))
    }
}
