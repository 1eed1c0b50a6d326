//! Which fact is told to whom, by which template, over which channels, and what becomes of telling.
//!
//! What is in which file:
//!
//! - [`kind`]: what is told, and of which fact; [`rule`]: to whom, over what, and until when
//! - [`audience`]: who is told, as it is kept; [`contact`]: how they are reached, which is personal; [`telephone`]: numbers
//! - [`channel`], [`state`], [`receipt`]: over what, how it stands, and what a provider says later
//! - [`patience`]: what follows from an attempt that failed; [`failover`], [`breaker`], [`budget`]: which provider is next

pub mod audience;
pub mod breaker;
pub mod budget;
pub mod channel;
pub mod contact;
pub mod failover;
pub mod kind;
pub mod patience;
pub mod receipt;
pub mod rule;
pub mod state;
pub mod telephone;

pub use audience::Audience;
pub use channel::Channel;
pub use contact::{Addressee, Contact};
pub use kind::{Fact, Notice, of};
pub use patience::{Fault, Next, Patience};
pub use receipt::Receipt;
pub use rule::{Expiry, Urgency, channels, fallback};
pub use state::{Happening, State};

#[cfg(test)]
mod tests;
