//! The rows, one file per table. They never leave the store.

pub(crate) mod case;
pub(crate) mod case_figure;
pub(crate) mod work_item;
