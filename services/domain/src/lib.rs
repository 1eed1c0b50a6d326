//! The rules of Phidia: pure, deterministic, without I/O, without async, without a clock.
//!
//! Every rule takes state, a command and `now`, and answers with an outcome or a [`Rejection`].
//! What is in which file:
//!
//! - [`id`]: typed identifiers; [`caller`]: who asks; [`rejection`]: why not
//! - [`mod@unit`], [`officer`], [`procedure`]: the reference facts of a province; [`province`]: a whole
//!   province read from its files; [`registry`]: what changes from day to day
//! - [`catalogue`]: the procedures of a province as a whole, searched, checked, compared and exported
//! - [`calendar`]: working time (legal clock, capacity calendar); [`deadline`]: from a time limit to a
//!   promised instant, with its arithmetic
//! - [`address`]: which addresses may be called on the word of others
//! - [`application`]: what a citizen hands in; [`attachment`]: the files with it; [`receipt`]: what they can check of it; [`work_item`]: what
//!   routing assigns
//! - [`route`]: the routing policy; [`policy`]: its dials as a document; [`coverage`]: who may take what in the
//!   coming year; [`case`]: the state machine of a case; [`notice`]: which fact is told
//!   to whom; [`preference`]: over which way they want it; [`decent_hours`]: when, and [`digest`]: in one letter a day;
//!   [`sms`]: what a text message takes;
//!   [`conservation`]: every application in exactly one place; [`report`]: what is counted in a period;
//!   [`plan`]: how far a reform plan has come; [`feedback`]: what people say and are answered; [`reception`]: the days on
//!   which they are received; [`queue`]: numbers at the counters of a centre; [`equipment`]: what works there

pub mod address;
pub mod application;
pub mod attachment;
pub mod calendar;
pub mod caller;
pub mod case;
pub mod catalogue;
pub mod conservation;
pub mod coverage;
pub mod deadline;
pub mod decent_hours;
pub mod digest;
pub mod equipment;
pub mod feed;
pub mod feedback;
pub mod id;
pub mod notice;
pub mod officer;
pub mod plan;
pub mod policy;
pub mod preference;
pub mod procedure;
pub mod province;
pub mod queue;
pub mod receipt;
pub mod reception;
pub mod registry;
pub mod rejection;
pub mod report;
pub mod route;
pub mod sms;
pub mod unit;
pub mod webhook;
pub mod work_item;

pub use rejection::{FieldViolation, Kind, Rejection};
