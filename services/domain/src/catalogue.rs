//! The catalogue of a province as a whole: searched, checked, compared, exported and imported.
//!
//! - `search`: finding a procedure by the words of everyday; `check`: the six words by which a catalogue is judged
//! - `rows`: the catalogue as rows, which is how it is exported and put into a province; `published`: the layout of our own export,
//!   `national`: that of the national database
//! - `difference`: what one version, or one day, says otherwise than another; `compare`: what the national database says otherwise
//! - `synthetic`: a catalogue of full size that is made up

pub mod check;
pub mod compare;
pub mod difference;
pub mod national;
pub mod published;
pub mod rows;
pub mod search;
pub mod synthetic;

pub use rows::{Catalogue, Entry, Row};
