//! By when a step is to be done, so that the time of the whole suffices. It is an aim: lateness is measured by the due date alone.

use jiff::Timestamp;

use super::Promise;
use crate::{calendar::LegalClock, rejection::Rejection};

/// The instant after so many hundredths of the statutory time, in whole working minutes of the legal clock from the moment from which
/// it counts. `promise` is what this clock promised at first; `due_at` is the due date as it is by now: by as much working time as the
/// citizen was waited for, this is later, too. All of the time ends at the due date. None where nothing is promised.
///
/// # Errors
/// `DATE_OUT_OF_RANGE` where the calendar does not reach that far.
pub fn aim(
    clock: &LegalClock,
    promise: &Promise,
    due_at: Timestamp,
    percent: u32,
) -> Result<Option<Timestamp>, Rejection> {
    let Some(first_due_at) = promise.due_at else { return Ok(None) };
    if percent >= 100 {
        return Ok(Some(due_at));
    }
    let statutory = clock.minutes_between(promise.counted_from, first_due_at);
    let moved = clock.minutes_between(first_due_at, due_at);
    let minutes = statutory * i64::from(percent) / 100 + moved;
    let aim = clock.add_minutes(promise.counted_from, minutes.max(0))?;
    Ok(Some(aim.min(due_at)))
}

#[cfg(test)]
mod tests;
