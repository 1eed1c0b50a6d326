//! What an operator may set.

use serde::{Deserialize, Serialize};

/// The settings of processing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How often it is looked for what has come true by the passing of time, in milliseconds of real time; 0: never.
    pub look_millis: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self { look_millis: 1_000 }
    }
}
