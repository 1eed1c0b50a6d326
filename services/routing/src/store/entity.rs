//! The rows of routing's own tables.

pub(crate) mod agenda;
pub(crate) mod applicant;
pub(crate) mod application;
pub(crate) mod assignment;
pub(crate) mod chain;
pub(crate) mod decision;
pub(crate) mod epoch;
pub(crate) mod hint;
pub(crate) mod lent;
pub(crate) mod moves;
pub(crate) mod policy;
pub(crate) mod refusal;
pub(crate) mod registry_change;
pub(crate) mod turn;
pub(crate) mod unlinked;
pub(crate) mod work_item;
