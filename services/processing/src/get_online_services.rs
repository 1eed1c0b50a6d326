//! How far the conversion to full online services has come: the catalogue, counted.

use jiff::civil::Date;
use phidia_domain::{
    procedure::{Text, Tier},
    report::online::{Levels, TIERS, converted, levels},
};
use phidia_runtime::failure::Failure;

use crate::{Processing, selection::local_day};

/// What is online on a day.
#[derive(Clone, Debug)]
pub(crate) struct OnlineServices {
    pub(crate) day: Date,
    pub(crate) province_version: i64,
    pub(crate) tiers: Vec<(Tier, Levels)>,
    /// Code and name.
    pub(crate) converted: Vec<(String, Text)>,
}

impl Processing {
    /// Counts the procedures that are in force on a day (empty: today), and names those that became full online services since a
    /// version; none: it is not compared.
    ///
    /// # Errors
    /// A violation of `day`; `UNAVAILABLE` for a version that is not here.
    pub(crate) async fn get_online_services(
        &self,
        day: &str,
        since: Option<i64>,
    ) -> Result<OnlineServices, Failure> {
        let today = self.versions.active().await?;
        let province = &today.value;
        let day = local_day(&province.clock, day, self.business.now())?;
        let mut became = Vec::new();
        if let Some(since) = since {
            let earlier = self.versions.at(since).await?;
            let procedures = converted(&earlier.value, province, day);
            became.extend(procedures.map(|one| (one.code.clone(), one.name.clone())));
        }
        Ok(OnlineServices {
            day,
            province_version: today.version,
            tiers: TIERS.into_iter().zip(levels(province, day)).collect(),
            converted: became,
        })
    }
}
