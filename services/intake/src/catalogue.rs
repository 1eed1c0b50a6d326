//! The catalogue of procedures, and the province that it is part of.

pub(crate) mod get_process;
pub(crate) mod import_province;
pub(crate) mod list_procedures;
pub(crate) mod province_versions;
