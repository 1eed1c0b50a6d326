//! Indicators: what a unit, a field, a procedure or an officer received, finished and has running in a period, as the
//! reports of a province count it.
//!
//! - `entry`: a case as a report sees it; `figure`: which cases each figure counts
//! - `period`: the days that a report is about; `figures`: what is counted and reckoned of a group of cases
//! - [`index`]: the criteria of Decision 766/QĐ-TTg, and the ranking by them; [`shares`]: those that are shares; [`online`]: how far the catalogue is online;
//!   [`mod@simplified`]: how many internal processes were made simpler
//!
//! Every case of a period either was received in it or was carried over into it, and at its end is either finished or
//! running: `received + carried over = finished + running`. What is known later counts: where a case is opened again, it was not
//! finished.

mod entry;
mod figure;
mod figures;
pub mod index;
pub mod online;
mod period;
pub mod shares;
pub mod simplified;
pub mod trend;

pub use entry::{Ended, Entry, Measured, Timeliness, Wait};
pub use figure::Figure;
pub use figures::{Figures, PERCENTILES, rank_of_percentile};
pub use period::{Period, Window};

#[cfg(test)]
mod tests;
