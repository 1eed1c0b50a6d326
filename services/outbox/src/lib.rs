//! Durable hand-over of facts: what one service tells the others, at least once, with its effect once.
//!
//! ```text
//!   source                                                    subscriber
//!   Outbox::write ── one transaction ──┐                      ┌── one transaction ── inbox row
//!     state + sequence + event rows    │                      │                      effect (EventSink::apply)
//!                                      v                      │                      new facts, if any
//!   outbox_events ──> relay (one per subscriber and lane) ──> SinkService (DeliverEvents, one batch in flight)
//!                       cursor, lease, fence  <── receipts ──┘
//!                       refused or unsupported: outbox_parked, visible, replayable
//! ```
//!
//! What holds, whatever dies and whenever:
//!
//! - **State and event commit or vanish together**; the sequence per application has no gaps.
//! - **An event's effect comes once**: inbox row and effect share a transaction; who is told again skips.
//! - **Order per application is kept**, from the transaction that told the fact to the one that applies
//!   it. What a sink refuses is parked, and with it what follows for the same application; the others
//!   pass by.
//! - **In the embedded form delivery is in commit order.** SQLite has one writer, so positions are given in
//!   the order of commits, and one relay per subscriber holds all 64 lanes and reads them in one query in
//!   the order of positions. The repeatability of a played day rests on this.
//!
//! What is in which file:
//!
//! - [`facts`]: a fact before it has its envelope; [`write`](Outbox::write): the way to change state
//! - [`mod@relay`]: carries events to one subscriber; [`lane`]: lanes, leases, fences and cursors
//! - [`follow`]: reading along, for those who are told nothing and ask
//! - [`sink`]: the receiving side; [`parked`]: what was refused; [`position`]: how far all are
//! - [`measure()`]: what is watched; [`mod@prune`]: forgets what nobody needs; [`store`]: rows and migrations
//! - [`conservation`]: what a service holds, and how far its outbox is, for those who add up; it and [`parked`]
//!   have a gRPC face each

mod append;
pub mod conservation;
pub mod facts;
pub mod follow;
pub mod lane;
mod measure;
pub mod parked;
pub mod position;
pub mod prune;
pub mod relay;
mod rest;
pub mod sink;
pub mod store;
mod write;

pub use facts::{Facts, NewEvent};
pub use follow::Follower;
pub use measure::measure;
pub use parked::Parked;
pub use position::Position;
pub use prune::{PruneConfig, prune};
pub use relay::{RelayConfig, Subscription, relay};
pub use sink::{EventSink, SinkService};
pub use store::migration::migrations;
pub use write::{Gathering, Outbox};
