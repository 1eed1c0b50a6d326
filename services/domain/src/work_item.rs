//! The work item: what routing assigns and an officer takes up.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::ApplicationId;

/// One attempt at one step of one application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WorkItem {
    /// The application.
    pub application: ApplicationId,
    /// 1-based number of the step.
    pub step: u32,
    /// 1-based attempt; grows by one each time the step is routed again, and to the next thousand and one when it is to be
    /// done again.
    pub attempt: u32,
}

/// So many attempts are of one round: more than routing ever makes.
const ROUND: u32 = 1000;

impl WorkItem {
    /// The first attempt at a step.
    pub fn first(application: ApplicationId, step: u32) -> Self {
        Self { application, step, attempt: 1 }
    }

    /// The first attempt at a step in a round: from 0, one for each time that it is to be done. Each has attempts of its own, so that
    /// nothing that routing took back in an earlier one is taken for one of it.
    pub fn of_round(application: ApplicationId, step: u32, round: u32) -> Self {
        Self { application, step, attempt: round * ROUND + 1 }
    }

    /// How often the step was to be done before this attempt: sent back, or opened again.
    pub fn round(self) -> u32 {
        self.attempt.saturating_sub(1) / ROUND
    }

    /// Whether this is of before a case was opened again, given the last work item of each step that it had come to by then: what is
    /// done after that is of a later round, and a step that it had not come to is new. Clocks have no say in it: those of two
    /// services differ.
    pub fn is_before(self, reached: &[Self]) -> bool {
        reached.iter().any(|last| last.step == self.step && self.round() <= last.round())
    }

    /// The next attempt at the same step.
    #[must_use]
    pub fn next_attempt(self) -> Self {
        Self { attempt: self.attempt + 1, ..self }
    }
}

impl fmt::Display for WorkItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.application, self.step, self.attempt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Id as _;

    #[test]
    fn what_is_done_after_a_case_was_opened_again_is_of_a_later_round() {
        let at = |step, attempt| WorkItem {
            application: ApplicationId::from_uuid(uuid::Uuid::nil()),
            step,
            attempt,
        };
        // The second step was sent back once, and moved in either round.
        let reached = [at(1, 1), at(2, 1003)];
        for before in [at(1, 1), at(1, 2), at(2, 1), at(2, 7), at(2, 1001), at(2, 1004)] {
            assert!(before.is_before(&reached), "{before}");
        }
        // The third was passed by at first: its first round comes after.
        for after in [at(1, 1001), at(2, 2001), at(2, 2002), at(3, 1)] {
            assert!(!after.is_before(&reached), "{after}");
        }
        assert!(!at(1, 1).is_before(&[]));
    }
}
