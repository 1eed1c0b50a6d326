//! Pictures that are drawn of what services tell: SVG by presentation attributes and classes, for the policy forbids styles inline. Beside
//! each stands the same in words or numbers.

pub(crate) mod candidates;
