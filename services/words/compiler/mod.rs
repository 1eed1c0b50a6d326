//! From the catalogues to Rust: what is missing in a language, or has other variables there, does not compile.

pub(crate) mod catalogue;
pub(crate) mod rust;
