//! What a citizen is asked to supplement: once in the life of a case, with all reasons, and not for ever.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    application::check_text, calendar::LegalClock, deadline, id::OfficerId, rejection::Rejection,
    report::Wait, work_item::WorkItem,
};

/// So many reasons at most.
pub const MOST_REASONS: usize = 20;

/// Who has not supplemented the dossier by the close of so many working days has let it lapse.
const WORKING_DAYS: u32 = 15;

/// A supplement that was asked for. The legal clock stands still from the one instant to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supplement {
    /// The work item during which it was found out.
    pub work_item: WorkItem,
    /// Who asked.
    pub officer: OfficerId,
    /// The fence under which they held it.
    pub fence: u64,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Until when it may be handed in.
    pub until: Timestamp,
    /// When it was; none: not yet.
    pub received_at: Option<Timestamp>,
}

/// What follows when an officer asks for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// The citizen is asked.
    Now,
    /// They were, by this very request; nothing changes.
    Before,
}

impl Supplement {
    /// One that is asked for at this instant, by whoever holds a work item under this fence.
    ///
    /// # Errors
    /// `DATE_OUT_OF_RANGE` where the calendar does not reach that far.
    pub fn requested(
        clock: &LegalClock,
        work_item: WorkItem,
        officer: OfficerId,
        fence: u64,
        at: Timestamp,
    ) -> Result<Self, Rejection> {
        let until = deadline::close_after(clock, at, WORKING_DAYS)?;
        Ok(Self { work_item, officer, fence, requested_at: at, until, received_at: None })
    }

    /// Whether it is what this officer asked for, under this fence.
    pub(super) fn is_by(&self, work_item: WorkItem, officer: OfficerId, fence: u64) -> bool {
        (self.work_item, self.officer, self.fence) == (work_item, officer, fence)
    }

    /// The time for which it waits for its citizen.
    pub fn wait(self) -> Wait {
        Wait { from: self.requested_at, to: self.received_at }
    }

    /// From when to when the clock stands still; none: it still does.
    pub fn pause(&self) -> Option<deadline::Pause> {
        self.received_at.map(|to| deadline::Pause { from: self.requested_at, to })
    }
}

/// All reasons at once, each in the officer's words.
pub(super) fn check_reasons(reasons: &[String]) -> Result<(), Rejection> {
    if reasons.is_empty() {
        return Err(Rejection::invalid("MISSING_FIELD", "reasons", "say what is missing or wrong"));
    }
    if reasons.len() > MOST_REASONS {
        let expected = format!("at most {MOST_REASONS} reasons");
        return Err(Rejection::invalid("OUT_OF_RANGE", "reasons", expected));
    }
    reasons
        .iter()
        .enumerate()
        .try_for_each(|(n, reason)| check_text(&format!("reasons[{n}]"), reason, 1, 500))
}
