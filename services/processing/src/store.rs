//! The tables of processing and every statement about them. Records come in and go out, rows stay inside.

mod appointments;
mod awaited;
mod cases;
mod clocks;
mod entity;
mod figures;
mod items;
pub(crate) mod migration;
mod plan;
mod recount;
mod referrals;
mod reopenings;
mod replannings;
mod report;
mod results;
mod trail;
mod warnings;

use jiff::Timestamp;
use phidia_runtime::failure::Failure;

pub(crate) use appointments::save_postponement;
pub(crate) use awaited::asked;
pub(crate) use cases::{
    Besides, advance, find_by_key, find_case, find_case_of, follow_item, insert_case, is_prepared,
    list_opened, lock_case, set_rating,
};
pub(crate) use clocks::{follow_clock, followed, list_open, lock_open};
pub(crate) use entity::result_file::Part as FilePart;
pub(crate) use figures::follow_holder;
pub(crate) use items::{
    HeldBy, Position, Query, finish_item, first_in_hand, free_item, get_item, hold_item, insert_item,
    last_taken, list_items, list_run_out, list_waiting, list_worklist, lock_item, lock_items, pause_item,
    promise_items, renew_item, resume_item, send_item_back, stop_item, supersede_item, take_item, units_of,
};
pub(crate) use plan::{
    insert_change, insert_tasks, list_changes, list_plan, lock_plan, lock_task, save_task,
};
pub(crate) use referrals::{
    ReferralQuery, acknowledge_referral, end_referral, find_referral, insert_referral, list_referrals,
    referrals_of,
};
pub(crate) use reopenings::{
    Withdrawn, find_withdrawn, find_withdrawn_file, insert_reopening, list_reasons, reopen,
};
pub(crate) use replannings::{find_replannings, insert_replanning};
pub(crate) use results::{
    ResultPosition, find_file, find_person_key, find_result, find_results, insert_file, keep_person_key,
    list_to_hand_over, save_result, set_handed_over, set_person,
};
pub(crate) use warnings::{list_nearly_late, note_warned, warned};

/// Later than anything that is promised, and in the range of every engine.
pub(crate) const END_OF_TIME: Timestamp = Timestamp::constant(253_370_764_800, 0);
/// Until when is held what is held for good: a day before, for what is held until the end of time was not reckoned.
pub(crate) const FOR_GOOD: Timestamp = Timestamp::constant(253_370_764_800 - 86_400, 0);
pub(crate) use recount::{list_astray, recount};
pub(crate) use report::{
    Counted, Dimension, Key, Selection, count, count_points, list_counted, occurs, percentiles,
};
pub(crate) use trail::list_passages;

/// A number as it was stored. One that does not fit was not written by us.
fn stored<T: TryFrom<i64>>(value: i64) -> Result<T, Failure> {
    T::try_from(value).map_err(|_| Failure::broken("a number in the store is out of range"))
}

/// A fence as it is stored: it counts from 0 by ones and never reaches the end of the range.
fn fence_to_db(fence: u64) -> i64 {
    i64::try_from(fence).unwrap_or(i64::MAX)
}
