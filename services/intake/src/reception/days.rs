//! Days of reception: opened, cancelled and opened again.

use std::{collections::HashMap, time::Duration};

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Time},
};
use phidia_domain::{
    Rejection,
    application::check_text,
    caller::Caller,
    id::UnitId,
    province::Province,
    reception::{Booking, FURTHEST_DAYS, Hours, Turn},
};
use phidia_runtime::{failure::Failure, service::Worker};
use sea_orm::DatabaseTransaction;

use super::{no_day, own, time};
use crate::{
    Intake,
    feedback::read::day,
    scope::unit_named,
    store::reception::{self as store, Day, Filter},
};

/// So many days at most are opened at once, or shown.
const MOST_DAYS: i32 = 92;

/// Why a day is cancelled that has become a day off.
const DAY_OFF: &str = "Ngày nghỉ theo lịch";

/// How often it is looked for such days.
const EVERY: Duration = Duration::from_secs(600);

/// Looks every ten minutes, and at once when the process begins, for days that a calendar announced late has made days off: who had booked is
/// to be given another time.
pub(crate) fn worker(intake: Intake) -> Worker {
    Worker::new("reception-days-off", move |stop| async move {
        loop {
            match intake.close_days_off().await {
                Ok(0) => {}
                Ok(days) => tracing::info!(days, "days of reception have become days off"),
                Err(failure) => {
                    tracing::warn!(%failure, "it was not looked for days of reception that are off")
                }
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    })
}

/// Days that are to be opened, as they are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Opening {
    pub(crate) unit_code: String,
    pub(crate) host: String,
    pub(crate) from: String,
    /// Empty: the first alone.
    pub(crate) to: String,
    /// 1 (Monday) to 7; empty: all.
    pub(crate) weekdays: Vec<u32>,
    pub(crate) opens: String,
    pub(crate) closes: String,
    pub(crate) minutes: u32,
    pub(crate) places: u32,
    /// Also those that were cancelled.
    pub(crate) reopen: bool,
}

/// A day as everybody sees it: each of its times with the places that are free.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) day: Day,
    pub(crate) slots: Vec<(Time, u32)>,
}

impl Intake {
    /// Opens days of a unit, and answers with those of the request that there are. Days off among several are left out; one that is there
    /// stays as it is, but for one that was cancelled and is to be opened again.
    ///
    /// # Errors
    /// Violations of its fields; `PERMISSION_DENIED` for another unit.
    pub(crate) async fn open_reception(
        &self,
        caller: &Caller,
        opening: Opening,
    ) -> Result<Vec<Shown>, Failure> {
        let version = self.versions.active().await?;
        let (province, now) = (&version.value, self.business.now());
        let unit = own(province, caller, &opening.unit_code)?;
        check_text("host", &opening.host, 1, 200)?;
        let from = day("from", &opening.from)?;
        let to = if opening.to.is_empty() { from } else { day("to", &opening.to)? };
        check_days(from, to, FURTHEST_DAYS)?;
        if !opening.weekdays.iter().all(|weekday| (1..=7).contains(weekday)) {
            return Err(Rejection::invalid("WEEKDAY_UNKNOWN", "weekdays", "are 1 (Monday) to 7").into());
        }
        let hours = Hours {
            date: from,
            opens: time("opens", &opening.opens)?,
            closes: time("closes", &opening.closes)?,
            minutes: opening.minutes,
            places: opening.places.max(1),
        };
        let wanted = |date: &Date| {
            let weekday = u32::from(date.weekday().to_monday_one_offset().unsigned_abs());
            opening.weekdays.is_empty() || opening.weekdays.contains(&weekday)
        };
        let mut days = Vec::new();
        for date in from.series(1.day()).take_while(|date| *date <= to).filter(wanted) {
            let hours = Hours { date, ..hours.clone() };
            match hours.check(&province.clock, now) {
                Ok(()) => {
                    days.push(Day { unit, hours, host: opening.host.clone(), cancelled_for: None });
                }
                Err(refusal) if refusal.reason == "DAY_OFF" && from != to => {}
                Err(refusal) => return Err(refusal.into()),
            }
        }
        if days.is_empty() {
            return Err(Rejection::invalid("DAY_OFF", "from", "has no working day among these").into());
        }
        let (code, opened, version) = (province.code.clone(), days.clone(), version.clone());
        let write = self.outbox.write(move |tx, _| {
            Box::pin(async move {
                for day in &opened {
                    store::open(tx, &code, day).await?;
                    if opening.reopen {
                        reopen(tx, &version.value, day, now).await?;
                    }
                }
                Ok(())
            })
        });
        write.await?;
        let mut shown = self.shown_days(province, unit, from, to).await?;
        shown.retain(|shown| days.iter().any(|day| day.hours.date == shown.day.hours.date));
        Ok(shown)
    }

    /// The days of a unit with the times that are free.
    ///
    /// # Errors
    /// Violations of `unit_code`, `from` and `to`.
    pub(crate) async fn list_reception(
        &self,
        unit_code: &str,
        from: &str,
        to: &str,
    ) -> Result<Vec<Shown>, Failure> {
        let version = self.versions.active().await?;
        let province = &version.value;
        let unit = unit_named(province, "unit_code", unit_code)?;
        let today = province.clock.local_date(self.business.now());
        let from = if from.is_empty() { today } else { day("from", from)? };
        let to = if to.is_empty() { from.saturating_add(31.days()) } else { day("to", to)? };
        check_days(from, to, MOST_DAYS)?;
        self.shown_days(province, unit, from, to).await
    }

    async fn shown_days(
        &self,
        province: &Province,
        unit: UnitId,
        from: Date,
        to: Date,
    ) -> Result<Vec<Shown>, Failure> {
        let (conn, now) = (self.outbox.database().read(), self.business.now());
        let days = store::days(conn, &province.code, unit, from, to).await?;
        let mut taken: HashMap<Timestamp, u64> = HashMap::new();
        for at in store::taken(conn, &province.code, unit, from, to).await? {
            *taken.entry(at).or_default() += 1;
        }
        let slots = |day: &Day| {
            let hours = &day.hours;
            let free = |time: Time| {
                let at = hours.starts_at(&province.clock, time)?;
                let taken = taken.get(&at).copied().unwrap_or_default();
                let bookable = day.cancelled_for.is_none()
                    && hours.check_free(&province.clock, time, taken, now).is_ok();
                let left = u64::from(hours.places).saturating_sub(taken);
                Ok((time, if bookable { u32::try_from(left).unwrap_or_default() } else { 0 }))
            };
            hours.slots().map(free).collect::<Result<Vec<_>, Rejection>>()
        };
        days.into_iter().map(|day| Ok(Shown { slots: slots(&day)?, day })).collect()
    }

    /// Cancels a day, and answers how many are to be given another time.
    ///
    /// # Errors
    /// Violations of its fields; `NOT_FOUND`; `PERMISSION_DENIED` for another unit.
    pub(crate) async fn cancel_reception_day(
        &self,
        caller: &Caller,
        unit_code: &str,
        date: &str,
        reason: String,
    ) -> Result<u64, Failure> {
        let version = self.versions.active().await?;
        let unit = own(&version.value, caller, unit_code)?;
        let date = day("date", date)?;
        check_text("reason", &reason, 1, 200)?;
        self.close_reception_day(unit, date, reason).await
    }

    /// Nobody is received on a day; how many are to be given another time.
    async fn close_reception_day(&self, unit: UnitId, date: Date, reason: String) -> Result<u64, Failure> {
        let (version, now) = (self.versions.active().await?, self.business.now());
        let write = self.outbox.write(move |tx, _| {
            Box::pin(async move {
                let province = &version.value.code;
                let day = store::lock_day(tx, province, unit, date).await?.ok_or_else(no_day)?;
                if day.cancelled_for.is_none() {
                    store::mark_day(tx, province, unit, date, Some(reason)).await?;
                    for booked in store::of_day(tx, province, unit, date, Booking::Booked).await? {
                        let booked = booked.after(&version.value, Turn::DayCancelled, now)?;
                        store::save(tx, province, &booked).await?;
                    }
                }
                let filter = Filter { unit: Some(unit), date: Some(date), state: Some(Booking::ToBeMoved) };
                let moved = store::page(tx, province, filter, None, 10_000).await?;
                u64::try_from(moved.len()).map_err(Failure::broken)
            })
        });
        write.await
    }

    /// Closes the days that were opened and have become days off since; how many these are.
    async fn close_days_off(&self) -> Result<usize, Failure> {
        if self.versions.newest().await? == 0 {
            return Ok(0);
        }
        let version = self.versions.active().await?;
        let province = &version.value;
        let today = province.clock.local_date(self.business.now());
        let open = store::open_from(self.outbox.database().read(), &province.code, today).await?;
        let off = open.into_iter().filter(|day| !province.clock.is_working_day(day.hours.date));
        let mut closed = 0;
        for Day { unit, hours, .. } in off {
            // One that cannot be closed keeps none of the others from it.
            match self.close_reception_day(unit, hours.date, DAY_OFF.to_owned()).await {
                Ok(_) => closed += 1,
                Err(failure) => {
                    tracing::warn!(%unit, day = %hours.date, %failure, "a day off was not closed")
                }
            }
        }
        Ok(closed)
    }
}

/// Opens a day again that was cancelled, as it was: whoever was to be given another time has theirs again, for nobody could take it.
async fn reopen(
    tx: &DatabaseTransaction,
    province: &Province,
    Day { unit, hours, .. }: &Day,
    now: Timestamp,
) -> Result<(), Failure> {
    let (code, unit, date) = (&province.code, *unit, hours.date);
    let day = store::lock_day(tx, code, unit, date).await?.ok_or_else(no_day)?;
    if day.cancelled_for.is_none() {
        return Ok(());
    }
    store::mark_day(tx, code, unit, date, None).await?;
    for booked in store::of_day(tx, code, unit, date, Booking::ToBeMoved).await? {
        store::save(tx, code, &booked.after(province, Turn::DayReopened, now)?).await?;
    }
    Ok(())
}

fn check_days(from: Date, to: Date, most: i32) -> Result<(), Rejection> {
    if to < from {
        return Err(Rejection::invalid("DAYS_REVERSED", "to", "is not before the first day"));
    }
    if (to - from).get_days() > most {
        return Err(Rejection::invalid("DATE_OUT_OF_RANGE", "to", format!("at most {most} days later")));
    }
    Ok(())
}
