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
    /// 1-based attempt; grows by one each time the step is routed again.
    pub attempt: u32,
}

impl WorkItem {
    /// The first attempt at a step.
    pub fn first(application: ApplicationId, step: u32) -> Self {
        Self { application, step, attempt: 1 }
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
