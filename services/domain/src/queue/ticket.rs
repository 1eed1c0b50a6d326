//! One number: how it stands, and what may be done with it then.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{arrangement::Letter, priority::Priority};
use crate::{
    id::TicketId,
    rejection::{Kind, Rejection},
};

/// How many numbers a citizen may draw over the web on one day in one hall, also where they gave them back.
pub const MOST_A_DAY: u64 = 5;

/// How a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its holder waits.
    Waiting,
    /// It is called to a counter.
    Called,
    /// Its holder is at the counter.
    Serving,
    /// What they came for is done.
    Served,
    /// They did not come when they were called twice.
    NoShow,
    /// They gave it back.
    Cancelled,
    /// The centre closed before.
    Unserved,
}

impl State {
    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Called => "called",
            Self::Serving => "serving",
            Self::Served => "served",
            Self::NoShow => "no_show",
            Self::Cancelled => "cancelled",
            Self::Unserved => "unserved",
        }
    }

    /// Whether anything may still come of it.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Waiting | Self::Called | Self::Serving)
    }

    /// The RPCs that are allowed then.
    pub fn allowed(self) -> &'static [&'static str] {
        match self {
            Self::Waiting => &["CallNext", "CancelTicket"],
            Self::Called => &[
                "RecallTicket",
                "SkipTicket",
                "StartTicket",
                "FinishTicket",
                "TransferTicket",
                "CancelTicket",
                "CallNext",
            ],
            Self::Serving => &["FinishTicket", "TransferTicket", "CallNext"],
            Self::Served | Self::NoShow | Self::Cancelled | Self::Unserved => &[],
        }
    }
}

/// A number that was drawn. Nothing in it is personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// UUIDv7.
    pub id: TicketId,
    /// For which kind of business it waits now.
    pub kind: Letter,
    /// For which it was drawn: its number begins with this letter for good.
    pub drawn_for: Letter,
    /// Running number of that kind and day, from 1.
    pub number: u32,
    /// Why it goes before others.
    pub priority: Option<Priority>,
    /// The dossier whose result is to be collected, or that came out of it.
    pub dossier_code: Option<String>,
    /// When it was drawn.
    pub taken_at: Timestamp,
    /// How it stands.
    pub state: State,
    /// The counter to which it was called the last time.
    pub counter: Option<u32>,
    /// The only counter that may call it, as long as that is open.
    pub bound_to: Option<u32>,
    /// How often it was called: the fence of what is done with it.
    pub turn: u32,
    /// How often it was called aloud again.
    pub recalls: u32,
    /// How often it was sent on to another kind or counter.
    pub transfers: u32,
    /// How often its holder did not come.
    pub missed: u32,
    /// It comes back when so many calls were made in the hall on this day.
    pub returns_after: Option<u32>,
    /// When it was called first: until then it has waited.
    pub first_called_at: Option<Timestamp>,
    /// When it was called the last time.
    pub called_at: Option<Timestamp>,
    /// When its holder was there.
    pub started_at: Option<Timestamp>,
    /// When it ended, however that was.
    pub ended_at: Option<Timestamp>,
    /// How much longer than usual it took for want of equipment, in hundredths; 100: no longer.
    pub strain: u32,
}

impl Ticket {
    /// As it is printed and called: `A012`.
    pub fn label(&self) -> String {
        format!("{}{:03}", self.drawn_for, self.number)
    }

    /// Whole seconds that its holder has waited for the first call; none: they were not called.
    pub fn waited_seconds(&self) -> Option<u32> {
        seconds(self.taken_at, self.first_called_at?)
    }

    /// Whole seconds that it took at the counter; none: it was not served.
    pub fn served_seconds(&self) -> Option<u32> {
        let ended = self.ended_at.filter(|_| self.state == State::Served)?;
        seconds(self.started_at.or(self.called_at)?, ended)
    }

    /// Refuses what does not go with how it stands, and says what does.
    pub(super) fn refuses(&self, message: &str) -> Rejection {
        Rejection::new(Kind::Precondition, "TICKET_NOT_READY", message)
            .with("state", self.state.as_str())
            .with("allowed", self.state.allowed().join(","))
    }

    /// Refuses what was meant for an earlier or later call of it.
    pub(super) fn check_turn(&self, turn: u32) -> Result<(), Rejection> {
        if self.turn == turn {
            return Ok(());
        }
        let message = "this ticket was called again since: look at it again";
        Err(Rejection::new(Kind::Conflict, "OLD_TURN", message).with("turn", self.turn))
    }

    pub(super) fn end(&mut self, state: State, now: Timestamp) {
        self.state = state;
        self.ended_at = Some(now);
    }
}

fn seconds(from: Timestamp, to: Timestamp) -> Option<u32> {
    u32::try_from(to.duration_since(from).as_secs().max(0)).ok()
}
