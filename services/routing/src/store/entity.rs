//! The rows of routing's own tables.

pub(crate) mod agenda;
pub(crate) mod application;
pub(crate) mod assignment;
pub(crate) mod epoch;
pub(crate) mod moves;
pub(crate) mod turn;
pub(crate) mod work_item;
