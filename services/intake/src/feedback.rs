//! What people think and say: ratings of applications, and feedback that is answered.
//!
//! [`send`] takes it in, [`handle`] moves it on (by the rules of `domain::feedback`), [`raise`] what nobody answers in time, [`read`] shows
//! it, [`report`] counts it, [`forget`] erases who said it. Nothing of it is told to other services: events are of applications, and most
//! feedback has none.

pub(crate) mod forget;
pub(crate) mod handle;
pub(crate) mod list_ratings;
pub(crate) mod raise;
mod rate;
pub(crate) mod read;
pub(crate) mod report;
pub(crate) mod send;
pub(crate) mod sender;
