//! The rows, one file per table.

pub(crate) mod application;
pub(crate) mod attachment;
pub(crate) mod attachment_part;
pub(crate) mod attachment_reading;
pub(crate) mod content;
pub(crate) mod dossier_number;
pub(crate) mod draft;
pub(crate) mod person_key;
pub(crate) mod rating;
pub(crate) mod status_entry;
