//! Rows, one file per table.

pub(crate) mod attempt;
pub(crate) mod deed;
pub(crate) mod delivery;
pub(crate) mod message;
pub(crate) mod person_key;
pub(crate) mod provider;
pub(crate) mod receipt;
pub(crate) mod recipient;
