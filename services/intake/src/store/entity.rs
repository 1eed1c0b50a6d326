//! The rows, one file per table.

pub(crate) mod application;
pub(crate) mod difference;
pub(crate) mod dossier_number;
pub(crate) mod person_key;
pub(crate) mod rating;
pub(crate) mod status_entry;
