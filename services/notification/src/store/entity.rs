//! Rows, one file per table.

pub(crate) mod delivery;
pub(crate) mod message;
pub(crate) mod person_key;
pub(crate) mod recipient;
pub(crate) mod template_set;
