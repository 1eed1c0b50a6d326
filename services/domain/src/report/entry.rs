//! A case as a report sees it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    application::{Channel, Rating},
    calendar::LegalClock,
    case::State,
};

/// What matters of a case for the figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it was accepted.
    pub submitted_at: Timestamp,
    /// The promised instant, moved by all that it waited; none: no statutory time is known.
    pub due_at: Option<Timestamp>,
    /// How it ended; none: it runs.
    pub ended: Option<Ended>,
    /// The last time that it waited for its citizen.
    pub wait: Option<Wait>,
    /// How often a supplement was asked for.
    pub supplements: u32,
    /// How it came in; none: nobody has told.
    pub channel: Option<Channel>,
    /// Whether all its papers were there as digital files when it was accepted; none: nobody has told.
    pub digitised: Option<bool>,
    /// Whether its result was issued as a file.
    pub issued: bool,
    /// What whoever has the receipt thinks of how it ended; none: they have not said, or it runs.
    pub rating: Option<Rating>,
    /// Whether all that was paid for it was paid online; none: nothing was paid, or nobody has told how.
    pub paid_online: Option<bool>,
}

/// How a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// With what; final.
    pub state: State,
    /// Whether in time, and how long it took.
    pub measured: Measured,
}

/// A time during which the citizen was to answer: nobody's working time, and the clock stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Since when.
    pub from: Timestamp,
    /// Until when; none: they have not answered.
    pub to: Option<Timestamp>,
}

impl Wait {
    /// Whether it was going on just before this instant.
    pub fn covers(self, instant: Timestamp) -> bool {
        self.from < instant && self.to.is_none_or(|to| to >= instant)
    }
}

/// Whether a case ended in time. What is early is on time, too; reports name the two apart
/// (*trước hạn*, *đúng hạn*, *quá hạn*). That early means on an earlier day is our choice: no source gives the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timeliness {
    /// On an earlier local day than that of the promise.
    Early,
    /// On the day of the promise, and no later than it.
    OnTime,
    /// Later than promised.
    Late,
    /// Nothing was promised.
    Undated,
}

/// What is reckoned when a case ends, by the legal clock of the version that it is pinned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// Whether in time.
    pub timeliness: Timeliness,
    /// Working minutes from acceptance to the end, less those for which it waited for its citizen.
    pub minutes: i64,
    /// Working minutes that the statutory time gave; none: no statutory time is known.
    pub allowed_minutes: Option<i64>,
}

impl Measured {
    /// Of a case that ended at this instant, `on_time` or not: whoever ended it has decided that, and a case that waited for
    /// its citizen at the end may be on time after its due date.
    pub fn of(
        clock: &LegalClock,
        submitted_at: Timestamp,
        due_at: Option<Timestamp>,
        waits: &[Wait],
        ended_at: Timestamp,
        on_time: bool,
    ) -> Self {
        let waited = |until: Timestamp| -> i64 {
            let minutes = |wait: &Wait| {
                let to = wait.to.map_or(until, |to| to.min(until));
                clock.minutes_between(wait.from.min(to), to)
            };
            waits.iter().map(minutes).sum()
        };
        let timeliness = match due_at {
            None => Timeliness::Undated,
            Some(_) if !on_time => Timeliness::Late,
            Some(due_at) if clock.local_date(ended_at) < clock.local_date(due_at) => Timeliness::Early,
            Some(_) => Timeliness::OnTime,
        };
        let span = |until: Timestamp| clock.minutes_between(submitted_at, until) - waited(until);
        Self {
            timeliness,
            minutes: span(ended_at).max(0),
            // The date was moved by what it waited, so that both are without it.
            allowed_minutes: due_at.map(|due_at| span(due_at).max(0)),
        }
    }
}
