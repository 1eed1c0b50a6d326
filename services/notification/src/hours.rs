//! When citizens may be disturbed, by the calendar that intake brings.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use phidia_domain::{Rejection, calendar::DayKind, decent_hours::DecentHours, province::Office};
use phidia_runtime::{failure::Failure, versions::Versions};

use crate::config::{Config, DecentHoursConfig};

/// The decent hours of the province; clones share what was read.
#[derive(Clone, Debug)]
pub(crate) struct Hours {
    office: Versions<Office>,
    /// None: whatever the hour is, it is decent.
    decent: Option<DecentHours>,
    /// Holds until a province is brought in.
    zone: TimeZone,
    /// Whether it was said that they cannot be read.
    is_broken: Arc<AtomicBool>,
}

impl Hours {
    /// # Errors
    /// `INVALID_ARGUMENT` for hours and a zone that cannot be.
    pub(crate) fn new(office: Versions<Office>, config: &Config) -> Result<Self, Rejection> {
        let zone = TimeZone::get(&config.time_zone).map_err(|_| {
            Rejection::invalid("UNKNOWN_TIME_ZONE", "time_zone", "an IANA name like Asia/Ho_Chi_Minh")
        })?;
        let DecentHoursConfig { from, until, on_holidays, always } = config.decent_hours;
        let decent = DecentHours::new(from, until, on_holidays);
        let decent = Some(decent.map_err(|refusal| refusal.under("decent_hours"))?).filter(|_| !always);
        Ok(Self { office, decent, zone, is_broken: Arc::default() })
    }

    /// How long whoever is not in a hurry waits from this instant of business time on; none: not at all.
    pub(crate) async fn rest(&self, now: Timestamp) -> Result<Option<SignedDuration>, Failure> {
        let Some(decent) = self.decent else { return Ok(None) };
        let next = match self.office.active().await {
            Ok(office) => {
                self.is_broken.store(false, Relaxed);
                let clock = &office.value.clock;
                let is_holiday = |day| clock.day_kind(day) == Some(DayKind::Holiday);
                decent.next(clock.time_zone(), is_holiday, now)
            }
            Err(Failure::Rejected(refusal)) if refusal.reason != "NO_PROVINCE" => return Err(refusal.into()),
            // None was brought in yet, or what is kept of it cannot be read: nights are known without it, and what is urgent must not
            // wait for whoever mends that.
            Err(failure) => {
                if let Failure::Broken(fault) = &failure
                    && !self.is_broken.swap(true, Relaxed)
                {
                    tracing::warn!(%fault, "the hours of the province can't be read: nights count, and no holidays");
                }
                decent.next(&self.zone, |_| false, now)
            }
        };
        Ok(Some(next.duration_since(now)).filter(SignedDuration::is_positive))
    }
}
