//! A routing policy as a document that people write, keep and compare.
//!
//! - [`document`]: from TOML to a [`Policy`](crate::route::Policy) and back; what is wrong is told with its
//!   line and column
//! - [`difference`]: two policies, dial by dial
//! - [`idle`]: the dials that another one, or the province, leaves nothing to do

pub mod difference;
pub mod document;
pub mod idle;

#[cfg(test)]
mod tests;
