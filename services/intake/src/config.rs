//! What intake is told.

use jiff::SignedDuration;
use phidia_domain::Rejection;
use serde::{Deserialize, Serialize};

/// The configuration of intake.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// For so many days a draft is kept after it was last saved, and what says which application it has become; 1 to 3,650.
    pub draft_days: u32,
    /// So many drafts that are not handed in may one caller have; at least 1.
    pub most_drafts: u32,
    /// So many days after feedback has come to its end, or after a time that was booked, what was said and by whom is erased; 0: never. No
    /// source that we found says how long; five years are ours.
    pub feedback_days: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self { draft_days: 30, most_drafts: 200, feedback_days: 1_825 }
    }
}

impl Config {
    /// Refuses settings that cannot work.
    pub(crate) fn validate(&self) -> Result<(), Rejection> {
        let settings = [
            ("draft_days", (1..=3_650).contains(&self.draft_days), "from 1 to 3,650"),
            ("most_drafts", self.most_drafts > 0, "at least 1"),
            ("feedback_days", self.feedback_days <= 36_500, "at most 36,500"),
        ];
        match settings.into_iter().find(|(_, valid, _)| !valid) {
            Some((setting, _, expected)) => Err(Rejection::invalid("MALFORMED_CONFIG", setting, expected)),
            None => Ok(()),
        }
    }

    /// How long a draft is kept.
    pub(crate) fn draft_kept_for(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.draft_days))
    }
}
