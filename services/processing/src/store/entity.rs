//! The rows, one file per table. They never leave the store.

pub(crate) mod case;
pub(crate) mod case_figure;
pub(crate) mod hand_over;
pub(crate) mod person_key;
pub(crate) mod plan_change;
pub(crate) mod plan_task;
pub(crate) mod referral;
pub(crate) mod reopening;
pub(crate) mod replanning;
pub(crate) mod result;
pub(crate) mod result_file;
pub(crate) mod work_item;
