//! How many internal processes were made simpler: the catalogue, counted.

use jiff::civil::Date;
use phidia_domain::report::simplified::{Simplification, Simplified, simplified};
use phidia_runtime::failure::Failure;

use crate::{Processing, selection::local_day};

/// What was made simpler of the processes that hold on a day.
#[derive(Clone, Debug)]
pub(crate) struct SimplifiedProcesses {
    pub(crate) day: Date,
    pub(crate) province_version: i64,
    pub(crate) sum: Simplification,
    pub(crate) all: Vec<Simplified>,
}

impl Processing {
    /// Counts the internal processes that hold on a day (empty: today), and names those that were made simpler.
    ///
    /// # Errors
    /// A violation of `day`.
    pub(crate) async fn get_simplified_processes(&self, day: &str) -> Result<SimplifiedProcesses, Failure> {
        let today = self.versions.active().await?;
        let day = local_day(&today.value.clock, day, self.business.now())?;
        let (sum, all) = simplified(&today.value, day);
        Ok(SimplifiedProcesses { day, province_version: today.version, sum, all })
    }
}
