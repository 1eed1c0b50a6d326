//! The catalogue of procedures, and the province that it is part of.

pub(crate) mod compare_catalogue;
pub(crate) mod get_procedure;
pub(crate) mod get_process;
pub(crate) mod import_catalogue;
pub(crate) mod import_province;
mod judge;
pub(crate) mod list_procedures;
pub(crate) mod province_versions;
pub(crate) mod tell_hours;
