//! The rows, one file per table.

pub(crate) mod application;
pub(crate) mod dossier_number;
pub(crate) mod equipment;
pub(crate) mod equipment_change;
pub(crate) mod hall;
pub(crate) mod person_key;
pub(crate) mod rating;
pub(crate) mod status_entry;
pub(crate) mod ticket;
pub(crate) mod ticket_call;
pub(crate) mod ticket_day;
pub(crate) mod workplace;
