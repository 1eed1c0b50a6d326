//! Who brings something about, and when.

use jiff::Timestamp;

/// Who brings something about, and when: kept with what it does to a work item.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deed<'a> {
    /// As the events that tell of it name them: `role/name`, or [`crate::ACTOR`] where only time has passed.
    pub(crate) actor: &'a str,
    /// Business time.
    pub(crate) at: Timestamp,
}
