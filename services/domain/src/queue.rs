//! Numbers at the counters of a centre: who is called next, how long that will take, and what is counted of it.
//!
//! A *hall* is one place of reception of a centre with its counters. Kinds of business have a letter each; a ticket is called by
//! its letter and its running number of the hall's day (`A012`).
//!
//! ```text
//!             called            started             finished, or the counter calls the next
//!   Waiting ----------> Called ----------> Serving ---------> Served
//!    ^  ^ |               | | |               |
//!    |  | |  skipped once | | `- skipped again: NoShow
//!    |  `-----------------' |                 |
//!    |   transferred        |                 |
//!    `----------------------+-----------------'
//!   Waiting | Called: cancelled by its holder -> Cancelled; the centre closes -> Unserved
//! ```
//!
//! - [`Arrangement`]: kinds of business and counters, as the centre has set them up; [`Priority`]: who goes first, and by which law
//! - [`Ticket`]: one number; [`Hall`]: all that is decided over at once; `order`: the rule by which it is called
//! - [`Pace`], [`Outlook`]: the wait that is to be expected; [`Tally`]: what is counted; [`spoken`]: what the loudspeaker says

mod arrangement;
mod hall;
mod order;
mod pace;
mod priority;
pub mod spoken;
mod tally;
mod ticket;

pub use arrangement::{Arrangement, Business, Counter, HIGHEST_COUNTER, Letter, Mastery};
pub use hall::{Called, Hall, Seat, closes_at};
pub use order::{COMES_BACK_AFTER, PRIORITY_LEAD_MINUTES};
pub use pace::{Expected, Outlook, Pace};
pub use priority::Priority;
pub use tally::{Spread, Tally, tally};
pub use ticket::{MOST_A_DAY, State, Ticket};

#[cfg(test)]
mod tests;
