//! Citizen reception: which days a unit opens, who books which time, and what came of it. No time is booked more often than it has places: whoever
//! books holds the row of the day (rules in `domain::reception`).

use std::{
    collections::{HashMap, hash_map::Entry},
    time::{Duration, Instant},
};

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Time},
};
use phidia_domain::{
    Kind, Rejection,
    application::check_text,
    caller::Caller,
    feedback::{Hand, LONGEST_REASON, check_words},
    id::{PersonId, UnitId},
    province::Province,
    reception::{Booking, FURTHEST_DAYS, Hours, MOST_BOOKINGS, Turn},
};
use phidia_runtime::{
    database::alone,
    digest,
    failure::Failure,
    random::six_digits,
    seal::{PersonKey, Sealed},
    service::Worker,
};
use serde::{Deserialize, Serialize};

use crate::{
    Intake,
    feedback::{
        handle::hand,
        read::{day, unit},
        sender::check_daily,
    },
    page::{self, Page},
    store::{
        feedback as heard, persons,
        reception::{self as store, Booked, Day, Filter},
        running_number,
    },
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
}

/// A day as everybody sees it: each of its times with the places that are free.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) day: Day,
    pub(crate) slots: Vec<(Time, u32)>,
}

/// Who comes, and what for. No `Debug`: it names people.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Visitor {
    pub(crate) name: String,
    pub(crate) telephone: String,
    pub(crate) topic: String,
}

/// A time that is to be booked. No `Debug`: it names people.
#[derive(Clone, Serialize)]
pub(crate) struct Wish {
    pub(crate) unit_code: String,
    pub(crate) date: String,
    pub(crate) time: String,
    pub(crate) visitor: Visitor,
}

/// A booking with what everybody knows of its day.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) booked: Booked,
    pub(crate) day: Option<Day>,
}

/// A booking as its unit sees it. No `Debug`: it names people.
pub(crate) struct Listed {
    pub(crate) told: Told,
    /// Empty: not for the caller, or they were erased.
    pub(crate) visitor: Visitor,
    /// Likewise.
    pub(crate) outcome: String,
}

impl Intake {
    /// Opens days of a unit, and answers with those of the request that are open. Days off among several are left out.
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
        let (code, opened) = (province.code.clone(), days.clone());
        let write = self.outbox.write(move |tx, _| {
            Box::pin(async move {
                for day in &opened {
                    store::open(tx, &code, day).await?;
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
        let unit = unit(province, "unit_code", unit_code)?;
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
                    store::cancel_day(tx, province, unit, date, reason).await?;
                    for booked in store::of_day(tx, province, unit, date).await? {
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
        let off: Vec<_> =
            open.into_iter().filter(|day| !province.clock.is_working_day(day.hours.date)).collect();
        for day in &off {
            self.close_reception_day(day.unit, day.hours.date, DAY_OFF.to_owned()).await?;
        }
        Ok(off.len())
    }

    /// Books a time; the same of the same caller on the same day is one.
    ///
    /// # Errors
    /// Violations of its fields; `NOT_FOUND` for no such day; `DAY_CANCELLED`, `TOO_MANY_BOOKINGS`, `DAILY_LIMIT`; those of `Hours::check_free`.
    pub(crate) async fn book_reception(&self, caller: &Caller, wish: Wish) -> Result<Told, Failure> {
        let version = self.versions.active().await?;
        let now = self.business.now();
        let unit = unit(&version.value, "unit_code", &wish.unit_code)?;
        let (date, at) = (day("date", &wish.date)?, time("time", &wish.time)?);
        let Visitor { name, telephone, topic } = &wish.visitor;
        check_text("name", name, 1, 200)?;
        check_text("telephone", telephone, 1, 20)?;
        check_words("topic", topic, LONGEST_REASON)?;
        let digits: String = telephone.chars().filter(char::is_ascii_digit).collect();
        if digits.len() < 8 {
            return Err(
                Rejection::invalid("MALFORMED_TELEPHONE", "telephone", "has 8 digits at least").into()
            );
        }
        let (person, key): (PersonId, _) = (self.ids.mint(now), PersonKey::generate());
        let wrapped_key = key.wrap(&self.master_key)?;
        let today = version.value.clock.local_date(now);
        let sender = self.sender(caller, today, &wish)?;
        let mut booked = Booked {
            number: String::new(),
            check_code: six_digits(),
            unit,
            date,
            starts_at: now,
            state: Booking::Booked,
            telephone: self.master_key.pseudonym("intake.reception.telephone", &digits)?.to_vec(),
            person,
            said: Sealed::seal(&key, &said_context(person), &wish.visitor)?.into_bytes(),
            outcome: None,
            feedback_number: None,
        };
        let caller = caller.clone();
        let write = self.outbox.write(move |tx, _| {
            Box::pin(async move {
                let province = &version.value;
                let code = &province.code;
                alone(tx, &sender.alone()).await?;
                let (same, sent) = store::sent(tx, code, &sender).await?;
                let day = store::lock_day(tx, code, unit, date).await?.ok_or_else(no_day)?;
                if let Some(same) = same {
                    return Ok(Told { booked: same, day: Some(day) });
                }
                check_daily(&caller, sent)?;
                // Whoever calls, a number has so many.
                alone(tx, &format!("booking/{:?}", booked.telephone)).await?;
                if store::to_come(tx, code, &booked.telephone, now).await? >= MOST_BOOKINGS {
                    let message =
                        format!("{MOST_BOOKINGS} bookings to come are enough for one telephone number");
                    let refusal = Rejection::new(Kind::Exhausted, "TOO_MANY_BOOKINGS", message);
                    return Err(refusal.with("limit", MOST_BOOKINGS).into());
                }
                booked.starts_at = free(tx, province, &day, at, now).await?;
                let unit_code = province.units.get(&unit).map(|unit| unit.code.as_str()).unwrap_or_default();
                let series = format!("TCD-{unit_code}");
                let number = running_number::next(tx, code, &series, Some(today)).await?;
                booked.number = format!("{series}-{}-{number:03}", today.strftime("%y%m%d"));
                store::insert(tx, code, &booked, wrapped_key, sender).await?;
                Ok(Told { booked, day: Some(day) })
            })
        });
        write.await
    }

    /// A booking, for whoever has number and check code. A wrong number and a wrong check code are answered alike.
    ///
    /// # Errors
    /// `NOT_FOUND`; `FAILED_PRECONDITION` after too many wrong codes.
    pub(crate) async fn track_booking(
        &self,
        caller: &Caller,
        number: &str,
        check_code: &str,
    ) -> Result<Told, Failure> {
        let guess = self.guesses.begin(caller, number, Instant::now())?;
        let province = &self.versions.active().await?.value.code;
        let conn = self.outbox.database().read();
        let found = store::by_number(conn, province, number).await?;
        let booked = found
            .filter(|found| digest::same(found.check_code.as_bytes(), check_code.as_bytes()))
            .ok_or_else(|| {
            guess.was_wrong(Instant::now());
            no_booking()
        })?;
        let day = store::days(conn, province, booked.unit, booked.date, booked.date).await?.pop();
        Ok(Told { booked, day })
    }

    /// Gives a booking another time at the same unit.
    ///
    /// # Errors
    /// As [`Intake::track_booking`] and [`Intake::book_reception`]; `BOOKING_STATE`.
    pub(crate) async fn move_booking(
        &self,
        caller: &Caller,
        number: &str,
        check_code: &str,
        date: &str,
        at: &str,
    ) -> Result<Told, Failure> {
        let version = self.versions.active().await?;
        let now = self.business.now();
        let (date, at) = (day("date", date)?, time("time", at)?);
        let Booked { unit, number, .. } = self.track_booking(caller, number, check_code).await?.booked;
        let write = self.outbox.write(move |tx, _| {
            Box::pin(async move {
                let province = &version.value;
                let code = &province.code;
                // The day before the booking, as whoever cancels a day: nobody waits for the other.
                let day = store::lock_day(tx, code, unit, date).await?.ok_or_else(no_day)?;
                let mut booked = store::lock(tx, code, &number).await?.ok_or_else(no_booking)?;
                let state = booked.clone().after(province, Turn::Move, now)?.state;
                // Its own place is no reason against itself.
                let starts_at = day.hours.starts_at(&province.clock, at)?;
                if booked.state != Booking::Booked || starts_at != booked.starts_at {
                    booked.starts_at = free(tx, province, &day, at, now).await?;
                    (booked.date, booked.state) = (date, state);
                    store::save(tx, code, &booked).await?;
                }
                Ok(Told { booked, day: Some(day) })
            })
        });
        write.await
    }

    /// Whoever booked does not come.
    ///
    /// # Errors
    /// As [`Intake::track_booking`]; `BOOKING_STATE`.
    pub(crate) async fn cancel_booking(
        &self,
        caller: &Caller,
        number: &str,
        check_code: &str,
    ) -> Result<Told, Failure> {
        let told = self.track_booking(caller, number, check_code).await?;
        let booked = self.turn(&told.booked.number, Turn::Cancel, |booked| booked).await?;
        Ok(Told { booked, ..told })
    }

    /// They came, with this outcome, or did not.
    ///
    /// # Errors
    /// Violations of `outcome`; `NOT_FOUND`, also for a booking of another unit, and for feedback that the caller may not handle;
    /// `BOOKING_STATE`, `TOO_EARLY`.
    pub(crate) async fn record_reception(
        &self,
        caller: &Caller,
        number: &str,
        turn: Turn,
        outcome: String,
        feedback_number: String,
    ) -> Result<Told, Failure> {
        let least = usize::from(turn == Turn::Come);
        check_text("outcome", &outcome.replace('\n', " "), least, LONGEST_REASON)?;
        let version = self.versions.active().await?;
        let province = &version.value;
        let conn = self.outbox.database().read();
        let found = store::by_number(conn, &province.code, number).await?.ok_or_else(no_booking)?;
        if sees(province, caller, found.unit).is_err() {
            return Err(no_booking().into());
        }
        let linked = Some(feedback_number).filter(|number| !number.is_empty());
        if let Some(number) = &linked {
            // A complaint of the visit may be none of this unit's: that there is one is enough.
            if heard::by_number(conn, &province.code, number).await?.is_none() {
                let message = "no feedback has this number";
                return Err(Rejection::not_found("UNKNOWN_FEEDBACK", message).into());
            }
        }
        let key = persons::wrapped_key(conn, &province.code, found.person).await?;
        let key = key.map(|wrapped| PersonKey::unwrap(&self.master_key, &wrapped)).transpose()?;
        let seal = |key| Sealed::seal(key, &outcome_context(found.person), &outcome);
        let sealed = key.as_ref().filter(|_| !outcome.is_empty()).map(seal).transpose()?;
        let sealed = sealed.map(Sealed::into_bytes);
        let change = move |booked| Booked { outcome: sealed, feedback_number: linked, ..booked };
        let booked = self.turn(number, turn, change).await?;
        let day = store::days(conn, &province.code, booked.unit, booked.date, booked.date).await?.pop();
        Ok(Told { booked, day })
    }

    /// Bookings that the caller may see, by their time; who comes only for their own unit.
    ///
    /// # Errors
    /// Violations of `unit_code`, `date` and `page_token`; `PERMISSION_DENIED` for another unit.
    pub(crate) async fn list_bookings(
        &self,
        caller: &Caller,
        (unit_code, date, state): (&str, &str, Option<Booking>),
        page_size: u64,
        page_token: &str,
    ) -> Result<Page<Listed>, Failure> {
        let version = self.versions.active().await?;
        let province = &version.value;
        let theirs = match hand(province, caller)? {
            Hand::Officer(unit, _) | Hand::Supervisor(unit) => Some(unit),
            Hand::Author | Hand::Province => None,
        };
        let named = match unit_code {
            "" => theirs,
            code => Some(own(province, caller, code)?),
        };
        let date = Some(date).filter(|date| !date.is_empty()).map(|date| day("date", date)).transpose()?;
        let filter = Filter { unit: named, date, state };
        let asked = format!("bookings {filter:?}");
        let after = page::position(&asked, page_token)?.map(|place| position(&place)).transpose()?;
        let conn = self.outbox.database().read();
        let found = store::page(conn, &province.code, filter, after, page_size.saturating_add(1)).await?;
        let mut days: HashMap<(UnitId, Date), Option<Day>> = HashMap::new();
        let mut listed = Vec::with_capacity(found.len());
        for (booked, wrapped) in found {
            let day = match days.entry((booked.unit, booked.date)) {
                Entry::Occupied(known) => known.get().clone(),
                Entry::Vacant(place) => {
                    let (unit, date) = *place.key();
                    let day = store::days(conn, &province.code, unit, date, date).await?.pop();
                    place.insert(day).clone()
                }
            };
            let wrapped = wrapped.filter(|_| theirs == Some(booked.unit));
            let key = wrapped.map(|wrapped| PersonKey::unwrap(&self.master_key, &wrapped)).transpose()?;
            let visitor = key
                .as_ref()
                .map(|key| Sealed::from_bytes(booked.said.clone()).open(key, &said_context(booked.person)));
            let outcome = key
                .as_ref()
                .zip(booked.outcome.clone())
                .map(|(key, outcome)| Sealed::from_bytes(outcome).open(key, &outcome_context(booked.person)));
            listed.push(Listed {
                visitor: visitor.transpose()?.unwrap_or_default(),
                outcome: outcome.transpose()?.unwrap_or_default(),
                told: Told { day, booked },
            });
        }
        let position = |listed: &Listed| {
            let booked = &listed.told.booked;
            format!("{} {}", booked.starts_at.as_microsecond(), booked.number)
        };
        Ok(Page::of(listed, page_size, &asked, position))
    }

    /// Changes a booking while nobody else does.
    async fn turn(
        &self,
        number: &str,
        turn: Turn,
        change: impl FnOnce(Booked) -> Booked + Send + 'static,
    ) -> Result<Booked, Failure> {
        let (version, now) = (self.versions.active().await?, self.business.now());
        let number = number.to_owned();
        let write = self.outbox.write(move |tx, _| {
            Box::pin(async move {
                let province = &version.value;
                let booked = store::lock(tx, &province.code, &number).await?.ok_or_else(no_booking)?;
                let booked = change(booked.after(province, turn, now)?);
                store::save(tx, &province.code, &booked).await?;
                Ok(booked)
            })
        });
        write.await
    }
}

impl Booked {
    /// The same after this.
    fn after(self, province: &Province, turn: Turn, now: Timestamp) -> Result<Self, Rejection> {
        let state = self.state.after(&province.clock, turn, self.starts_at, now)?;
        Ok(Self { state, ..self })
    }
}

/// The unit with this code, which has to be the caller's own unless they act for the province.
fn own(province: &Province, caller: &Caller, code: &str) -> Result<UnitId, Rejection> {
    let named = unit(province, "unit_code", code)?;
    sees(province, caller, named)?;
    Ok(named)
}

fn sees(province: &Province, caller: &Caller, unit: UnitId) -> Result<(), Rejection> {
    match hand(province, caller)? {
        Hand::Officer(own, _) | Hand::Supervisor(own) if own != unit => {
            Err(Rejection::new(Kind::Forbidden, "OTHER_UNIT", "this is the affair of another unit"))
        }
        _ => Ok(()),
    }
}

/// The instant of a time of a day, where one more may come.
async fn free(
    tx: &sea_orm::DatabaseTransaction,
    province: &Province,
    day: &Day,
    at: Time,
    now: Timestamp,
) -> Result<Timestamp, Failure> {
    if day.cancelled_for.is_some() {
        let message = "nobody is received on this day; choose another";
        return Err(Rejection::new(Kind::Precondition, "DAY_CANCELLED", message).into());
    }
    let (clock, date) = (&province.clock, day.hours.date);
    let starts_at = day.hours.starts_at(clock, at)?;
    let taken = store::taken(tx, &province.code, day.unit, date, date).await?;
    let taken = taken.into_iter().filter(|taken| *taken == starts_at).count();
    day.hours.check_free(clock, at, u64::try_from(taken).map_err(Failure::broken)?, now)?;
    Ok(starts_at)
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

/// A local time as it is written.
fn time(field: &str, text: &str) -> Result<Time, Rejection> {
    let malformed = || Rejection::invalid("MALFORMED_TIME", field, "expected a time such as 08:30");
    let time: Time = text.parse().map_err(|_| malformed())?;
    (time.second() == 0 && time.subsec_nanosecond() == 0).then_some(time).ok_or_else(malformed)
}

fn position(text: &str) -> Result<(Timestamp, String), Rejection> {
    let parse = || {
        let (at, number) = text.split_once(' ')?;
        Some((Timestamp::from_microsecond(at.parse().ok()?).ok()?, number.to_owned()))
    };
    parse().ok_or_else(|| {
        Rejection::invalid("MALFORMED_PAGE_TOKEN", "page_token", "expected next_page_token of an answer")
    })
}

fn no_day() -> Rejection {
    Rejection::not_found("UNKNOWN_RECEPTION_DAY", "the unit receives nobody on this day")
}

fn no_booking() -> Rejection {
    Rejection::not_found("UNKNOWN_BOOKING", "there is no such booking, or it is not the caller's")
}

fn said_context(person: PersonId) -> String {
    format!("intake.reception/{person}")
}

fn outcome_context(person: PersonId) -> String {
    format!("intake.reception/{person}/outcome")
}
