//! What an operator may set.

use phidia_domain::Rejection;
use serde::{Deserialize, Serialize};

/// The settings of processing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How often it is looked for what has come true by the passing of time, in milliseconds of real time; 0: never.
    pub look_millis: u32,
    /// A claim holds until the close of so many working days of the unit after the last sign of life of whoever holds it; at
    /// least 1. One: who was here yesterday and is not today has lost nothing by this evening, and whoever comes tomorrow finds
    /// in the worklist what they left. By then the supervisor was told of whatever is due soon.
    pub claim_days: u32,
    /// After so many seconds of real time in which nothing was told, those who watch cases are told so.
    pub heartbeat_seconds: u32,
    /// Who watches cases and has fallen so many events behind is told to go on anew.
    pub watch_most_behind: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self { look_millis: 1_000, claim_days: 1, heartbeat_seconds: 15, watch_most_behind: 10_000 }
    }
}

impl Config {
    /// Refuses settings that cannot work.
    pub(crate) fn validate(&self) -> Result<(), Rejection> {
        let settings = [
            ("claim_days", (1..=260).contains(&self.claim_days), "from 1 to 260"),
            ("heartbeat_seconds", self.heartbeat_seconds > 0, "at least 1"),
            ("watch_most_behind", self.watch_most_behind > 0, "at least 1"),
        ];
        match settings.into_iter().find(|(_, valid, _)| !valid) {
            Some((setting, _, expected)) => Err(Rejection::invalid("MALFORMED_CONFIG", setting, expected)),
            None => Ok(()),
        }
    }
}
