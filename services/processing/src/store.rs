//! The tables of processing and every statement about them. Records come in and go out, rows stay inside.

mod cases;
mod entity;
mod figures;
mod items;
pub(crate) mod migration;
mod recount;
mod report;

use phidia_runtime::failure::Failure;

pub(crate) use cases::{Besides, advance, find_case, find_case_of, insert_case, is_prepared, list_opened};
pub(crate) use items::{
    HeldBy, Position, Query, finish_item, first_in_hand, free_item, get_item, hold_item, insert_item,
    last_taken, list_items, list_waiting, list_worklist, pause_item, resume_item, stop_item, supersede_item,
    take_item,
};
pub(crate) use recount::{list_astray, recount};
pub(crate) use report::{Counted, Dimension, Key, Selection, count, list_counted, occurs, percentiles};

/// A number as it was stored. One that does not fit was not written by us.
fn stored<T: TryFrom<i64>>(value: i64) -> Result<T, Failure> {
    T::try_from(value).map_err(|_| Failure::broken("a number in the store is out of range"))
}

/// A fence as it is stored: it counts from 0 by ones and never reaches the end of the range.
fn fence_to_db(fence: u64) -> i64 {
    i64::try_from(fence).unwrap_or(i64::MAX)
}
