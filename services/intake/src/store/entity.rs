//! The rows, one file per table.

pub(crate) mod application;
pub(crate) mod attachment;
pub(crate) mod attachment_part;
pub(crate) mod attachment_reading;
pub(crate) mod closed_day;
pub(crate) mod code_range;
pub(crate) mod content;
pub(crate) mod difference;
pub(crate) mod dossier_number;
pub(crate) mod draft;
pub(crate) mod faq_entry;
pub(crate) mod faq_useful;
pub(crate) mod faq_version;
pub(crate) mod feedback;
pub(crate) mod feedback_entry;
pub(crate) mod issued_code;
pub(crate) mod issued_number;
pub(crate) mod person_key;
pub(crate) mod rating;
pub(crate) mod receipt_key;
pub(crate) mod receipt_leaf;
pub(crate) mod reception_booking;
pub(crate) mod reception_day;
pub(crate) mod status_entry;
