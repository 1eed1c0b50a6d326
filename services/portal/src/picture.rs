//! Pictures, drawn as SVG: shapes by presentation attributes, colours by classes, and never alone: what they show stands in words beside
//! them.

mod bar;
pub(crate) mod map;

pub(crate) use bar::bar;
