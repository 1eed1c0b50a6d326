//! When citizens may be disturbed and offices work, and where those are written to, by what intake brings of the province.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};
use phidia_domain::{
    Rejection,
    calendar::DayKind,
    decent_hours::DecentHours,
    digest::next_letter,
    id::UnitId,
    province::{Letterbox, Office},
};
use phidia_runtime::{
    failure::Failure,
    versions::{Versioned, Versions},
};

use crate::{
    config::{Config, DecentHoursConfig},
    store::digest::Reader,
};

/// The hours of the province; clones share what was read.
#[derive(Clone, Debug)]
pub(crate) struct Hours {
    office: Versions<Office>,
    /// None: whatever the hour is, it is decent.
    decent: Option<DecentHours>,
    /// Whether citizens get the letter of the day also on holidays.
    on_holidays: bool,
    /// At what time of a day the letter of the day is made.
    digest_at: Time,
    /// Holds until a province is brought in.
    zone: TimeZone,
    /// Whether it was said that they cannot be read.
    is_broken: Arc<AtomicBool>,
}

impl Hours {
    /// # Errors
    /// `INVALID_ARGUMENT` for hours and a zone that cannot be, and for a letter of the day that would come at night.
    pub(crate) fn new(office: Versions<Office>, config: &Config) -> Result<Self, Rejection> {
        let zone = TimeZone::get(&config.time_zone).map_err(|_| {
            Rejection::invalid("UNKNOWN_TIME_ZONE", "time_zone", "an IANA name like Asia/Ho_Chi_Minh")
        })?;
        let DecentHoursConfig { from, until, on_holidays, always } = config.decent_hours;
        let decent = DecentHours::new(from, until, on_holidays);
        let decent = Some(decent.map_err(|refusal| refusal.under("decent_hours"))?).filter(|_| !always);
        let digest_at = config.digest_at;
        if decent.is_some_and(|decent| !decent.include(digest_at)) {
            return Err(Rejection::invalid("NOT_A_DECENT_HOUR", "digest_at", "one of the `decent_hours`"));
        }
        let is_broken = Arc::default();
        Ok(Self { office, decent, on_holidays: on_holidays || always, digest_at, zone, is_broken })
    }

    /// How long whoever is not in a hurry waits from this instant of business time on; none: not at all.
    pub(crate) async fn rest(&self, now: Timestamp) -> Result<Option<SignedDuration>, Failure> {
        let Some(decent) = self.decent else { return Ok(None) };
        let next = match self.calendar().await? {
            Some(office) => {
                let clock = &office.value.clock;
                let is_holiday = |day| clock.day_kind(day) == Some(DayKind::Holiday);
                decent.next(clock.time_zone(), is_holiday, now)
            }
            // Nights are known without it.
            None => decent.next(&self.zone, |_| false, now),
        };
        Ok(Some(next.duration_since(now)).filter(SignedDuration::is_positive))
    }

    /// How long it is from this instant of business time on until the next letter of the day: to citizens on any day but a holiday, to offices
    /// when they work.
    pub(crate) async fn until_letter(
        &self,
        reader: Reader,
        now: Timestamp,
    ) -> Result<SignedDuration, Failure> {
        let next = match self.calendar().await? {
            Some(office) => {
                let clock = &office.value.clock;
                let is_day = |day| match reader {
                    Reader::Person(_) => self.on_holidays || clock.day_kind(day) != Some(DayKind::Holiday),
                    Reader::Unit(_) => clock.is_working_day(day),
                };
                next_letter(clock.time_zone(), self.digest_at, is_day, now)
            }
            None => {
                let is_weekend = |day: Date| matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
                let is_day = |day| matches!(reader, Reader::Person(_)) || !is_weekend(day);
                next_letter(&self.zone, self.digest_at, is_day, now)
            }
        };
        Ok(next.duration_since(now))
    }

    /// Where a unit is written to; none: nowhere.
    pub(crate) async fn letterbox(&self, unit: UnitId) -> Result<Option<Letterbox>, Failure> {
        Ok(self.office().await?.and_then(|office| office.value.letterboxes.get(&unit).cloned()))
    }

    /// Whether a unit may have an address. Where that cannot be read, it is seen when it is written to: facts must not wait for whoever mends
    /// that.
    pub(crate) async fn may_have_letterbox(&self, unit: UnitId) -> Result<bool, Failure> {
        match self.letterbox(unit).await {
            Err(Failure::Broken(_)) => Ok(true),
            known => Ok(known?.is_some()),
        }
    }

    /// None was brought in yet, or what is kept of it cannot be read: nights are known without it, and what is urgent must not wait for
    /// whoever mends that.
    async fn calendar(&self) -> Result<Option<Arc<Versioned<Office>>>, Failure> {
        match self.office().await {
            Err(Failure::Broken(fault)) => {
                if !self.is_broken.swap(true, Relaxed) {
                    tracing::warn!(%fault, "the hours of the province can't be read: nights count, and no holidays");
                }
                Ok(None)
            }
            Ok(office) => {
                self.is_broken.store(false, Relaxed);
                Ok(office)
            }
            refused => refused,
        }
    }

    /// None was brought in yet.
    async fn office(&self) -> Result<Option<Arc<Versioned<Office>>>, Failure> {
        match self.office.active().await {
            Ok(office) => Ok(Some(office)),
            Err(Failure::Rejected(refusal)) if refusal.reason == "NO_PROVINCE" => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}
