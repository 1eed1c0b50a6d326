//! What follows from an attempt that failed.

use std::time::Duration;

/// Why an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The provider is away, or does not know us today: nothing was said to anybody.
    Away,
    /// The provider wants this message later (greylisting, a full mailbox): nothing was said to anybody.
    Passing,
    /// The provider wants no more for a while.
    Throttled {
        /// So long, where it says so; real time.
        pause: Option<Duration>,
    },
    /// It may have been heard: the line was lost after it was said, or no answer came.
    Ambiguous,
    /// It will not pass: the provider refuses this message to this address, or the person is gone.
    Lasting,
    /// It will not pass, and is a fault of ours: the message cannot be written, or nobody outlived sending it.
    Ours,
}

impl Fault {
    /// Whether another attempt may do better.
    pub fn is_passing(self) -> bool {
        !matches!(self, Self::Lasting | Self::Ours)
    }

    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::Passing => "passing",
            Self::Throttled { .. } => "throttled",
            Self::Ambiguous => "ambiguous",
            Self::Lasting => "refused",
            Self::Ours => "fault",
        }
    }
}

/// How often and how long a message is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Attempts in all; at least one is made.
    pub attempts: u32,
    /// The pause after the first attempt; it doubles with each.
    pub first: Duration,
    /// No pause is longer.
    pub longest: Duration,
}

/// What follows from an attempt that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is tried again after this pause.
    Again {
        /// Real time.
        after: Duration,
    },
    /// It is given up.
    GiveUp,
}

impl Patience {
    /// What follows when the `attempt`th attempt (from 1) fails. `spread` scatters the pauses of messages that
    /// failed together over the second half of the full pause, so that they do not come back together.
    pub fn after(&self, fault: Fault, attempt: u32, spread: u16) -> Next {
        if !fault.is_passing() || attempt >= self.attempts {
            return Next::GiveUp;
        }
        let doublings = attempt.saturating_sub(1).min(31);
        let half = self.first.saturating_mul(1 << doublings).min(self.longest) / 2;
        let scattered = half.as_nanos().saturating_mul(spread.into()) / u128::from(u16::MAX);
        Next::Again { after: half + Duration::from_nanos(u64::try_from(scattered).unwrap_or(u64::MAX)) }
    }
}
