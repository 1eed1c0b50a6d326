//! What is counted of feedback in a period, by kind and by who has to answer: the one source of criteria 5.1 to 5.3.

use std::collections::BTreeMap;

use phidia_domain::{
    Rejection,
    caller::Caller,
    feedback::{FeedbackKind, counts::Counts},
    id::UnitId,
    report::{Period, Window},
};
use phidia_runtime::failure::Failure;

use super::{handle::hand, read::owner};
use crate::{Intake, store::feedback as store};

/// The counts of a period.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) period: Period,
    pub(crate) window: Window,
    pub(crate) total: Counts,
    pub(crate) kinds: BTreeMap<FeedbackKind, Counts>,
    /// None: the province.
    pub(crate) units: BTreeMap<Option<UnitId>, Counts>,
}

impl Intake {
    /// Counts the feedback of a period, within what the caller may see.
    ///
    /// # Errors
    /// Violations of `period` and `unit_code`; `PERMISSION_DENIED` for another unit.
    pub(crate) async fn feedback_report(
        &self,
        caller: &Caller,
        period: &str,
        unit_code: &str,
    ) -> Result<Report, Failure> {
        let version = self.versions.active().await?;
        let (province, now) = (&version.value, self.business.now());
        let period = match period {
            "" => Period::quarter_of(province.clock.local_date(now)),
            text => text.parse(),
        };
        let period = period.map_err(of_period)?;
        let window = period.window(&province.clock, now).map_err(of_period)?;
        let unit = owner(province, hand(province, caller)?, unit_code)?;
        let conn = self.outbox.database().read();
        let mut report = Report {
            period,
            window,
            total: Counts::default(),
            kinds: BTreeMap::new(),
            units: BTreeMap::new(),
        };
        for standing in store::standings(conn, &province.code, &window, unit).await? {
            let kind = report.kinds.entry(standing.kind).or_default();
            let owner = report.units.entry(standing.desk.unit()).or_default();
            for counts in [&mut report.total, kind, owner] {
                counts.add(&standing, &window);
            }
        }
        Ok(report)
    }
}

/// In this request the period stands by itself.
fn of_period(mut refusal: Rejection) -> Rejection {
    for violation in &mut refusal.violations {
        violation.field = "period".to_owned();
    }
    refusal
}
