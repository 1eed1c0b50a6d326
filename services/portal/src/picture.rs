//! Pictures that are drawn of what services tell: SVG by presentation attributes and classes, for the policy forbids styles inline. Beside
//! each stands the same in words or numbers.

mod bar;
pub(crate) mod candidates;
pub(crate) mod map;

pub(crate) use bar::bar;
