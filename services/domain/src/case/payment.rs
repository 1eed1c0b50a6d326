//! What a citizen is to pay before a case goes on: the financial obligation (national code 6). Until they have, nobody works on it
//! and the legal clock stands still (Đồng Tháp, Quyết định 138/2025: waiting for payment is not counted). No source gives a
//! time after which it is given up: it waits until they have paid, or withdraw it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Asking, Held};
use crate::{
    application::check_text,
    deadline,
    id::OfficerId,
    rejection::{Kind, Rejection},
    work_item::WorkItem,
};

/// The most that is asked for at once, in đồng.
pub const MOST_DONG: i64 = 1_000_000_000_000;

/// So often at most in the life of a case: a fee and a tax, and whatever is corrected of them.
const MOST_PAYMENTS: usize = 10;

/// A payment that was asked for. The legal clock stands still from the one instant to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The work item during which it fell due.
    pub work_item: WorkItem,
    /// Who asked.
    pub officer: OfficerId,
    /// The fence under which they held it.
    pub fence: u64,
    /// In đồng.
    pub amount_dong: i64,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When it was paid; none: not yet.
    pub paid_at: Option<Timestamp>,
}

impl Payment {
    /// From when to when the clock stands still; none: it still does.
    pub fn pause(&self) -> Option<deadline::Pause> {
        self.paid_at.map(|to| deadline::Pause { from: self.requested_at, to })
    }
}

impl Held {
    /// The holder lays the step down: the citizen is to pay something. Asked again with the same fence, nothing changes. `before`:
    /// what was asked for earlier in the life of the case.
    ///
    /// # Errors
    /// Violations of `amount_dong` and `purpose`; `STEP_PAUSED`, `CASE_STOPPED`, `STEP_DONE`; `OLD_FENCE` with the present holder,
    /// if any; `TOO_MANY_PAYMENTS`.
    pub fn charge(
        &self,
        officer: OfficerId,
        fence: u64,
        amount_dong: i64,
        purpose: &str,
        before: &[Payment],
    ) -> Result<Asking, Rejection> {
        if !(1..=MOST_DONG).contains(&amount_dong) {
            let expected = format!("1 to {MOST_DONG} đồng");
            return Err(Rejection::invalid("OUT_OF_RANGE", "amount_dong", expected));
        }
        check_text("purpose", purpose, 1, 500)?;
        // Also where it has gone on since, or ended.
        let this = (self.work_item, officer, fence);
        if before.iter().any(|asked| (asked.work_item, asked.officer, asked.fence) == this) {
            return Ok(Asking::Before);
        }
        self.check_in_hand(officer, fence)?;
        if before.len() >= MOST_PAYMENTS {
            let message = format!("at most {MOST_PAYMENTS} payments are asked for in one case");
            return Err(Rejection::new(Kind::Precondition, "TOO_MANY_PAYMENTS", message));
        }
        Ok(Asking::Now)
    }
}
