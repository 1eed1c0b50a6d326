//! Citizen reception: which days a unit opens, who books which time, and what came of it. No time is booked more often than it has places: whoever
//! books holds the row of the day (rules in `domain::reception`).
//!
//! [`days`]: opened, cancelled, opened again; [`book`]: a time for whoever has number and check code; [`receive`]: who comes, and what came of
//! it.

pub(crate) mod book;
pub(crate) mod days;
pub(crate) mod receive;

use jiff::{Timestamp, civil::Time};
use phidia_domain::{
    Kind, Rejection,
    caller::Caller,
    feedback::Hand,
    id::{PersonId, UnitId},
    province::Province,
    reception::Turn,
};
use phidia_runtime::failure::Failure;
use serde::{Deserialize, Serialize};

use crate::{
    Intake,
    feedback::handle::hand,
    scope::unit_named,
    store::reception::{self as store, Booked, Day},
};

/// Who comes, and what for. No `Debug`: it names people.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Visitor {
    pub(crate) name: String,
    pub(crate) telephone: String,
    pub(crate) topic: String,
}

/// A booking with what everybody knows of its day.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) booked: Booked,
    pub(crate) day: Option<Day>,
}

impl Intake {
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
    let named = unit_named(province, "unit_code", code)?;
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

/// A local time as it is written.
fn time(field: &str, text: &str) -> Result<Time, Rejection> {
    let malformed = || Rejection::invalid("MALFORMED_TIME", field, "expected a time such as 08:30");
    let time: Time = text.parse().map_err(|_| malformed())?;
    (time.second() == 0 && time.subsec_nanosecond() == 0).then_some(time).ok_or_else(malformed)
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
