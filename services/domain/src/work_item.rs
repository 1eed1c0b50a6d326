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

    /// The first attempt at a step that is done again, after this one. Each round has attempts of its own, so that nothing that
    /// routing took back in an earlier one is taken for it.
    #[must_use]
    pub fn next_round(self) -> Self {
        Self { attempt: (self.round() + 1) * ROUND + 1, ..self }
    }

    /// How often the step was sent back before this attempt.
    pub fn round(self) -> u32 {
        self.attempt.saturating_sub(1) / ROUND
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
