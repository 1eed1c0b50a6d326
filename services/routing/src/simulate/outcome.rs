//! What one run came to.

use std::time::Duration;

use jiff::Timestamp;
use phidia_domain::{id::UnitId, route::Ground};

/// What became of an application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fate {
    /// None: it is still open.
    pub(crate) finished_at: Option<Timestamp>,
    /// When its first step was assigned, and when somebody took it up.
    pub(crate) assigned_at: Option<Timestamp>,
    pub(crate) begun_at: Option<Timestamp>,
    /// Why a step of it left its home first; none: every step was done at home.
    pub(crate) moved: Option<Ground>,
    /// How often a step of it was rescued.
    pub(crate) rescues: u32,
    /// Home of its first step, the unit that was chosen for that, and the one that worked on it.
    pub(crate) home: Option<UnitId>,
    pub(crate) chosen: Option<UnitId>,
    pub(crate) worked_at: Option<UnitId>,
}

/// What the officers of a unit did, in minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) minutes: i64,
    /// Of these, on steps whose home is elsewhere.
    pub(crate) borrowed: i64,
}

/// What one run came to.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// In the order of the applications.
    pub(crate) fates: Vec<Fate>,
    /// In the order of the offices.
    pub(crate) done: Vec<Done>,
    /// Decisions that were asked of the policy.
    pub(crate) decisions: u64,
    /// Of these, those that found nobody.
    pub(crate) unplaced: u64,
    /// What they took, in real time: no figure of the play.
    pub(crate) deciding: Duration,
}
