//! What applicants think.

pub(crate) mod list_ratings;
mod rate;
