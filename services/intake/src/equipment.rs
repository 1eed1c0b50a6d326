//! What the centres have, and what routing is told of it.

pub(crate) mod register;
pub(crate) mod tell_routing;
