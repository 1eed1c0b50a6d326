//! Faults of what is done again and again by itself: one that passes is not worth waking anybody, one that stays is.

use phidia_runtime::failure::Failure;

/// So many in a row are no bad moment any more. Told at each doubling.
const TOO_MANY: u32 = 8;

/// The faults of one task.
pub(crate) struct Faults {
    /// What does not come about, for the log.
    what: &'static str,
    in_a_row: u32,
}

impl Faults {
    pub(crate) fn of(what: &'static str) -> Self {
        Self { what, in_a_row: 0 }
    }

    /// Whether it is no bad moment any more.
    pub(crate) fn is_lasting(&self) -> bool {
        self.in_a_row >= TOO_MANY
    }

    /// What is not done now is done the next time.
    pub(crate) fn told<T>(&mut self, done: Result<T, Failure>) {
        let Err(failure) = done else {
            self.in_a_row = 0;
            return;
        };
        self.in_a_row = self.in_a_row.saturating_add(1);
        let Self { what, in_a_row } = self;
        if *in_a_row >= TOO_MANY && in_a_row.is_power_of_two() {
            tracing::warn!(what, in_a_row, %failure, "again and again not done");
        } else {
            tracing::debug!(what, %failure, "not done this time");
        }
    }
}
