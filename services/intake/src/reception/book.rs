//! Times that are booked, by whoever has number and check code afterwards.

use std::time::Instant;

use jiff::{Timestamp, civil::Time};
use phidia_domain::{
    Kind, Rejection,
    application::check_text,
    caller::Caller,
    feedback::{LONGEST_REASON, check_words},
    id::PersonId,
    province::Province,
    reception::{Booking, MOST_BOOKINGS, Turn},
};
use phidia_runtime::{
    database::alone,
    digest,
    failure::Failure,
    random::six_digits,
    seal::{PersonKey, Sealed},
};
use sea_orm::DatabaseTransaction;
use serde::Serialize;

use super::{Told, Visitor, no_booking, no_day, said_context, time};
use crate::{
    Intake,
    feedback::{read::day, sender::check_daily},
    scope::unit_named,
    store::{
        reception::{self as store, Booked, Day},
        running_number,
    },
};

/// A time that is to be booked. No `Debug`: it names people.
#[derive(Clone, Serialize)]
pub(crate) struct Wish {
    pub(crate) unit_code: String,
    pub(crate) date: String,
    pub(crate) time: String,
    pub(crate) visitor: Visitor,
}

impl Intake {
    /// Books a time; the same of the same caller on the same day is one.
    ///
    /// # Errors
    /// Violations of its fields; `NOT_FOUND` for no such day; `DAY_CANCELLED`, `TOO_MANY_BOOKINGS`, `DAILY_LIMIT`; those of `Hours::check_free`.
    pub(crate) async fn book_reception(&self, caller: &Caller, wish: Wish) -> Result<Told, Failure> {
        let version = self.versions.active().await?;
        let now = self.business.now();
        let unit = unit_named(&version.value, "unit_code", &wish.unit_code)?;
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
}

/// The instant of a time of a day, where one more may come.
async fn free(
    tx: &DatabaseTransaction,
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
