//! What somebody says, asks or complains of, and what is answered: whose it is, by when, what is published.
//!
//! - [`course`]: the state machine, with who may do what; what is refused says what is allowed
//! - [`FeedbackKind::limits`]: by when, in working days of the legal clock; it stands still while the author is asked for more
//! - [`counts`]: what is counted of a period (criteria 5.1 to 5.3 of Decision 766/QĐ-TTg)
//! - [`redaction`]: what keeps a text from being published
//!
//! A *khiếu nại* in the sense of the law on complaints (02/2011/QH13) is none of this: it is a procedure of the catalogue (2.002409), with
//! a decision at its end. What is called a complaint here is a *phản ánh* about conduct.

pub mod counts;
mod course;
mod redaction;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::{
    course::{Act, Escalation, Hand},
    redaction::check_public,
};
use crate::{
    application::{Rating, check_text},
    calendar::LegalClock,
    caller::Role,
    id::{OfficerId, UnitId},
    rejection::Rejection,
};

/// So many characters at most has what is said, asked for, or answered.
pub const LONGEST_TEXT: usize = 5_000;

/// So many characters at most has a reason.
pub const LONGEST_REASON: usize = 1_000;

/// What kind of feedback it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedbackKind {
    /// Of rules, or of how something is done (*phản ánh, kiến nghị*).
    Suggestion,
    /// Of conduct (*phản ánh về thái độ, hành vi*).
    Complaint,
    /// A question (*câu hỏi*).
    Question,
}

/// On which way it came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedbackChannel {
    /// Written by its author on a page.
    Web,
    /// Said at a counter.
    Counter,
    /// On paper in a suggestion box.
    Box,
    /// Said on the telephone: the hotline.
    Telephone,
    /// By the national portal.
    Portal,
}

impl FeedbackChannel {
    /// The channel of what somebody in this role brings; `stated`: what they say of it.
    ///
    /// # Errors
    /// A violation of `channel`, which is not theirs.
    pub fn of(role: Role, stated: Option<Self>) -> Result<Self, Rejection> {
        let theirs: &[Self] = match role {
            Role::Citizen => &[Self::Web],
            Role::System => &[Self::Portal, Self::Web],
            _ => &[Self::Counter, Self::Box, Self::Telephone],
        };
        match stated {
            None => Ok(theirs[0]),
            Some(stated) if theirs.contains(&stated) => Ok(stated),
            Some(_) => Err(Rejection::invalid("OTHER_CHANNEL", "channel", "is not a channel of this caller")),
        }
    }
}

/// So much may one caller send, or book, on one local day. A system speaks for many.
pub fn daily_limit(role: Role) -> u64 {
    match role {
        Role::Citizen => 10,
        Role::System => 2_000,
        _ => 500,
    }
}

/// How long each part may take, in working days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until it is refused, from reception.
    pub refuse: u32,
    /// Until the author is asked for more, from reception.
    pub ask: u32,
    /// Until it is answered, from reception.
    pub answer: u32,
    /// Until the answer is published, or kept private, from the answer.
    pub publish: u32,
}

impl FeedbackKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Suggestion, Self::Complaint, Self::Question];

    /// By when: group 5 of Decision 766/QĐ-TTg measures 2, 5, 15 and 2 working days. A question to the system has 10 (Decision
    /// 163/2025/QĐ-UBND of Ninh Bình).
    pub fn limits(self) -> Limits {
        let answer = match self {
            Self::Suggestion | Self::Complaint => 15,
            Self::Question => 10,
        };
        Limits { refuse: 2, ask: 5, answer, publish: 2 }
    }
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Somebody has to answer it.
    Received,
    /// Its author was asked for more; the clock stands still.
    AwaitingAuthor,
    /// It is answered; whether the answer is published is to be decided.
    Answered,
    /// Question and answer can be read by everybody, in words of the moderator.
    Published,
    /// It is answered, and not published for a reason.
    KeptPrivate,
    /// It is not answered, for a reason.
    Refused,
    /// Its author took it back.
    Withdrawn,
}

/// Who has to answer it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Desk {
    /// The officers of a unit, and its supervisors.
    Unit(UnitId),
    /// The supervisors of a unit alone.
    Supervisor(UnitId),
    /// The province.
    Province,
}

impl Desk {
    /// The unit that it lies at; none: at the province.
    pub fn unit(self) -> Option<UnitId> {
        match self {
            Self::Unit(unit) | Self::Supervisor(unit) => Some(unit),
            Self::Province => None,
        }
    }
}

/// How a piece of feedback stands. Nothing in it is personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What it is.
    pub kind: FeedbackKind,
    /// The units that it is about.
    pub about: BTreeSet<UnitId>,
    /// Who has to answer it.
    pub desk: Desk,
    /// The officer who has taken it up.
    pub holder: Option<OfficerId>,
    /// How far it has come.
    pub state: State,
    /// When it was received.
    pub received_at: Timestamp,
    /// From when its time counts: its reception, or when it was opened again.
    pub counted_from: Timestamp,
    /// Until when it may be refused.
    pub refuse_by: Timestamp,
    /// Until when its author may be asked for more.
    pub ask_by: Timestamp,
    /// Until when it has to be answered.
    pub answer_by: Timestamp,
    /// Until when its answer has to be published or kept private, once there is one.
    pub publish_by: Option<Timestamp>,
    /// When its author was first asked for more.
    pub asked_at: Option<Timestamp>,
    /// Since when its author is waited for.
    pub waiting_since: Option<Timestamp>,
    /// When it was refused.
    pub refused_at: Option<Timestamp>,
    /// When it was taken back.
    pub withdrawn_at: Option<Timestamp>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// When the answer was published.
    pub published_at: Option<Timestamp>,
    /// When it was decided that it stays private.
    pub kept_private_at: Option<Timestamp>,
    /// What its author thinks of the answer.
    pub rated: Option<Rating>,
    /// When it was opened again, which is done once.
    pub reopened_at: Option<Timestamp>,
    /// When it went to the supervisors because its time was over, which is done once.
    #[serde(default)]
    pub raised_at: Option<Timestamp>,
}

impl Standing {
    /// What was just received. `desk`: the unit that is to answer it, if one was named. A complaint goes to the province, whomever it
    /// is about: nobody handles what is said about themselves.
    ///
    /// # Errors
    /// `DATE_OUT_OF_RANGE` where the calendar does not reach that far.
    pub fn receive(
        clock: &LegalClock,
        kind: FeedbackKind,
        about: BTreeSet<UnitId>,
        desk: Option<UnitId>,
        now: Timestamp,
    ) -> Result<Self, Rejection> {
        let desk = match (kind, desk) {
            (FeedbackKind::Complaint, _) | (_, None) => Desk::Province,
            (_, Some(unit)) => Desk::Unit(unit),
        };
        let limits = kind.limits();
        Ok(Self {
            kind,
            about,
            desk,
            holder: None,
            state: State::Received,
            received_at: now,
            counted_from: now,
            refuse_by: after(clock, now, limits.refuse)?,
            ask_by: after(clock, now, limits.ask)?,
            answer_by: after(clock, now, limits.answer)?,
            publish_by: None,
            asked_at: None,
            waiting_since: None,
            refused_at: None,
            withdrawn_at: None,
            answered_at: None,
            published_at: None,
            kept_private_at: None,
            rated: None,
            reopened_at: None,
            raised_at: None,
        })
    }

    /// What is due next, and when: its answer, or whether that is published. None while its author is waited for, and at its end.
    pub fn due_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Received => Some(self.answer_by),
            State::Answered => self.publish_by,
            State::AwaitingAuthor
            | State::Published
            | State::KeptPrivate
            | State::Refused
            | State::Withdrawn => None,
        }
    }

    /// How it stands once its time to be answered is over: the supervisors of its unit have it, by nobody's hand. None: it does not lie at a
    /// unit then, or went to them before and they have passed it back.
    pub fn raised(&self, now: Timestamp) -> Option<Self> {
        let Desk::Unit(unit) = self.desk else { return None };
        let is_over = self.state == State::Received && self.answer_by < now && self.raised_at.is_none();
        is_over.then(|| Self {
            desk: Desk::Supervisor(unit),
            holder: None,
            raised_at: Some(now),
            ..self.clone()
        })
    }

    /// When nothing was left to be answered: answered, refused, or taken back.
    pub fn settled_at(&self) -> Option<Timestamp> {
        self.answered_at.or(self.refused_at).or(self.withdrawn_at)
    }
}

/// Holds a text against its bounds; it may have lines.
///
/// # Errors
/// Violations of `field`, as [`check_text`].
pub fn check_words(field: &str, text: &str, longest: usize) -> Result<(), Rejection> {
    check_text(field, &text.replace('\n', " "), 1, longest)
}

/// So many working days later, by the legal clock.
fn after(clock: &LegalClock, from: Timestamp, working_days: u32) -> Result<Timestamp, Rejection> {
    clock.add_minutes(clock.next_open(from)?, i64::from(working_days) * clock.minutes_per_day())
}
