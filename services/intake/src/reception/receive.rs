//! Who comes, for those who receive them, and what came of it.

use std::collections::{HashMap, hash_map::Entry};

use jiff::{Timestamp, civil::Date};
use phidia_domain::{
    Rejection,
    application::check_text,
    caller::Caller,
    feedback::{Hand, LONGEST_REASON},
    id::UnitId,
    reception::{Booking, Turn},
};
use phidia_runtime::{
    failure::Failure,
    seal::{PersonKey, Sealed},
};

use super::{Told, Visitor, no_booking, outcome_context, own, said_context, sees};
use crate::{
    Intake,
    feedback::{handle::hand, read::day},
    page::{self, Page},
    store::{
        feedback as heard, persons,
        reception::{self as store, Booked, Day, Filter},
    },
};

/// A booking as its unit sees it. No `Debug`: it names people.
pub(crate) struct Listed {
    pub(crate) told: Told,
    /// Empty: not for the caller, or they were erased.
    pub(crate) visitor: Visitor,
    /// Likewise.
    pub(crate) outcome: String,
}

impl Intake {
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
