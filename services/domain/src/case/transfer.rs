//! Routing moves a work item that nobody has begun to another unit: the attempt that lies in a worklist gives way to
//! the next one. It names the fence that it believes in, as an officer does who takes the item up: of the two one has
//! it.

use super::{Held, Stage};
use crate::{
    id::UnitId,
    rejection::{Kind, Rejection},
    work_item::WorkItem,
};

/// A move that routing asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The attempt that lies in a worklist.
    pub from: WorkItem,
    /// The fence that it is believed to have.
    pub expected_fence: u64,
    /// The attempt that takes its place, a later one at the same step.
    pub to: WorkItem,
    /// The unit that it goes to.
    pub unit: UnitId,
}

/// What follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transferred {
    /// The later attempt takes the place of the earlier one, whose fence moves on.
    Now,
    /// It did so before; nothing changes.
    Before,
}

impl Transfer {
    /// What it means to a step, of which these are all work items. The same transfer asked for again gets the same
    /// answer, whatever has become of the work item since: an answer that got lost can be asked for. And one that was
    /// refused for its fence stays refused: what is begun goes back to nobody only under a later one.
    ///
    /// # Errors
    /// A violation of `to` unless it is a later attempt at the step; `ASSIGNED_OTHERWISE` when it lies at another
    /// unit; `OLD_FENCE` with the present holder, if any, when the step is begun, or routed elsewhere, or its fence has
    /// moved on; `UNKNOWN_WORK_ITEM` when the earlier attempt has not come here.
    pub fn judge(&self, of_step: &[Held]) -> Result<Transferred, Rejection> {
        let Self { from, expected_fence, to, unit } = *self;
        if (to.application, to.step) != (from.application, from.step) || to.attempt <= from.attempt {
            return Err(Rejection::invalid("NOT_A_LATER_ATTEMPT", "to", "a later attempt at the same step"));
        }
        let find = |item| of_step.iter().find(|held| held.work_item == item);
        if let Some(there) = find(to) {
            return match there.unit == unit {
                true => Ok(Transferred::Before),
                false => {
                    let message = "this attempt was assigned to another unit before";
                    Err(Rejection::new(Kind::Precondition, "ASSIGNED_OTHERWISE", message))
                }
            };
        }
        let this_round = || of_step.iter().filter(|held| held.work_item.round() == from.round());
        // Also where routing believes in an attempt that never came to be: an officer was quicker with an earlier one.
        if let Some(stands) = this_round().find(|held| held.is_begun()) {
            return Err(stands.conflict());
        }
        let held = find(from).ok_or_else(|| {
            Rejection::not_found("UNKNOWN_WORK_ITEM", format!("{from} has not come here from routing yet"))
        })?;
        let outrun = of_step.iter().any(|other| other.work_item.attempt > to.attempt);
        if outrun || held.stage == Stage::Superseded || held.fence != expected_fence {
            return Err(held.conflict());
        }
        Ok(Transferred::Now)
    }
}
