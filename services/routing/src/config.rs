//! What an operator may set.

use phidia_domain::{Rejection, route::Policy};
use serde::{Deserialize, Serialize};

/// The settings of routing.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The policy that a store begins with, as version 1. Later ones are published, and then this one counts no
    /// more.
    pub policy: Policy,
    /// How long a reservation on the board waits for its decision to be written, in seconds of real time.
    pub lease_seconds: u32,
    /// How often what could not be assigned, or could not leave its unit, is tried again, in seconds of real time; 0: only when something
    /// changes.
    pub retry_seconds: u32,
    /// The bounds of the back-off while the board or the store is away, in milliseconds of real time.
    pub backoff_millis: [u32; 2],
    /// How often board and store are compared, in milliseconds of real time.
    pub drift_millis: u32,
    /// How often what would be late is looked for, to be rescued, in seconds of business time; 0: never.
    pub rescue_seconds: u32,
    /// How many entries of the agenda are worked off in one pass, and written in one transaction.
    pub batch: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            policy: Policy::boundary_free(),
            lease_seconds: 30,
            retry_seconds: 60,
            backoff_millis: [50, 5_000],
            drift_millis: 10_000,
            rescue_seconds: 900,
            batch: 32,
        }
    }
}

impl Config {
    /// Refuses settings that cannot work.
    pub(crate) fn validate(&self) -> Result<(), Rejection> {
        self.policy.validate().map_err(|rejection| rejection.under("policy"))?;
        let [least, most] = self.backoff_millis;
        let settings = [
            ("lease_seconds", self.lease_seconds > 0, "at least 1"),
            ("backoff_millis", least > 0 && least <= most, "two bounds, the first from 1 to the second"),
            ("drift_millis", self.drift_millis > 0, "at least 1"),
            ("batch", (1..=1_000).contains(&self.batch), "from 1 to 1,000"),
        ];
        match settings.into_iter().find(|(_, valid, _)| !valid) {
            Some((setting, _, expected)) => Err(Rejection::invalid("MALFORMED_CONFIG", setting, expected)),
            None => Ok(()),
        }
    }
}
