//! The rows, one file per table.

pub(crate) mod event;
pub(crate) mod inbox;
pub(crate) mod lane;
pub(crate) mod parked;
pub(crate) mod pruned;
pub(crate) mod sequence;
