//! Who sits at which counter, and how a hall is set up.

use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
    id::OfficerId,
    province::Province,
    queue::{Business, Counter, Letter, Mastery, State},
};
use phidia_runtime::failure::Failure;

use super::{call_next::officer, held::Held};
use crate::{Intake, store::halls::Place};

/// What is set up.
#[derive(Clone, Debug)]
pub(crate) enum Setting {
    /// A kind of business.
    Kind(Business),
    /// None of this kind any more.
    NoKind(Letter),
    /// A counter.
    Counter(Counter),
    /// None of this number any more.
    NoCounter(u32),
}

impl Intake {
    /// Somebody sits down at a counter: the officer who calls, or the one whom a supervisor names by their staff code.
    ///
    /// # Errors
    /// Those of `Hall::open`; a violation of `officer_code` for nobody of this centre; `PERMISSION_DENIED` for an officer who names another.
    pub(crate) async fn open_counter(
        &self,
        caller: &Caller,
        place: Place,
        counter: u32,
        officer_code: &str,
    ) -> Result<(), Failure> {
        let today = self.versions.active().await?;
        let officer = who(&today.value, caller, &place, officer_code)?;
        let now = self.business.now();
        self.outbox
            .write(move |tx, _| {
                Box::pin(async move {
                    let mut held = Held::take(tx, today, place, now).await?;
                    held.check_point()?;
                    held.hall.open(counter, officer, now)?;
                    held.keep(tx, "").await.map(drop)
                })
            })
            .await
    }

    /// A counter closes.
    ///
    /// # Errors
    /// Those of `Hall::close`; `FAILED_PRECONDITION` (`NOT_AT_COUNTER`) for an officer at whose counter somebody else sits.
    pub(crate) async fn close_counter(
        &self,
        caller: &Caller,
        place: Place,
        counter: u32,
    ) -> Result<(), Failure> {
        let own = (caller.role == Role::Officer).then(|| officer(caller)).transpose()?;
        let today = self.versions.active().await?;
        let now = self.business.now();
        self.outbox
            .write(move |tx, _| {
                Box::pin(async move {
                    let mut held = Held::take(tx, today, place, now).await?;
                    held.check_point()?;
                    let seat = held.hall.seats.get(&counter);
                    if let Some((own, seat)) = own.zip(seat)
                        && seat.officer != own
                    {
                        let message =
                            "somebody else sits at this counter: they close it, or a supervisor does";
                        return Err(Rejection::new(Kind::Precondition, "NOT_AT_COUNTER", message).into());
                    }
                    held.hall.close(counter, now)?;
                    held.keep(tx, "").await.map(drop)
                })
            })
            .await
    }

    /// Sets a hall up otherwise than it was.
    ///
    /// # Errors
    /// Those of `Arrangement`; violations of `queue.fields[…]` that no procedure and no officer of the province knows; `FAILED_PRECONDITION`
    /// for a counter that is open (`COUNTER_OPEN`), and for a kind for which somebody waits (`KIND_IN_USE`).
    pub(crate) async fn arrange_hall(&self, place: Place, setting: Setting) -> Result<(), Failure> {
        let today = self.versions.active().await?;
        if let Setting::Kind(business) = &setting {
            check_fields(&today.value, business)?;
        }
        let now = self.business.now();
        self.outbox
            .write(move |tx, _| {
                Box::pin(async move {
                    let mut held = Held::take(tx, today, place, now).await?;
                    let refuse = |reason, message| Rejection::new(Kind::Precondition, reason, message);
                    match &setting {
                        Setting::NoKind(letter) => {
                            let mut live = held.hall.tickets.values();
                            if live.any(|ticket| ticket.state != State::Serving && ticket.kind == *letter) {
                                return Err(refuse(
                                    "KIND_IN_USE",
                                    "somebody waits for this kind of business",
                                )
                                .into());
                            }
                        }
                        Setting::NoCounter(number) if held.hall.seats.contains_key(number) => {
                            let refusal = refuse("COUNTER_OPEN", "this counter is open: close it first");
                            return Err(refusal.with("allowed", "CloseCounter").into());
                        }
                        Setting::Kind(_) | Setting::Counter(_) | Setting::NoCounter(_) => {}
                    }
                    held.arrange(|arrangement| match setting {
                        Setting::Kind(business) => arrangement.set_kind(business),
                        Setting::NoKind(letter) => arrangement.remove_kind(letter),
                        Setting::Counter(counter) => arrangement.set_counter(counter),
                        Setting::NoCounter(number) => {
                            arrangement.counter(number)?;
                            arrangement.counters.remove(&number);
                            Ok(())
                        }
                    })?;
                    held.keep(tx, "").await.map(drop)
                })
            })
            .await
    }
}

/// Who sits down.
fn who(province: &Province, caller: &Caller, place: &Place, code: &str) -> Result<OfficerId, Rejection> {
    if caller.role == Role::Officer {
        let own = officer(caller)?;
        let named = province.officers.get(&own).filter(|own| code.is_empty() || own.code == code);
        return named.map(|own| own.id).ok_or_else(|| {
            let message = "an officer sits down themself; a supervisor says who";
            Rejection::new(Kind::Forbidden, "OTHER_AT_COUNTER", message)
        });
    }
    if code.is_empty() {
        return Err(Rejection::invalid("MISSING_FIELD", "officer_code", "is required"));
    }
    let named = province.officers.values().find(|officer| officer.code == code && officer.unit == place.unit);
    named.map(|officer| officer.id).ok_or_else(|| {
        let expected = "no officer of this centre has this staff code";
        Rejection::invalid("UNKNOWN_STAFF_CODE", "officer_code", expected)
    })
}

/// That every field is one of the province's.
fn check_fields(province: &Province, business: &Business) -> Result<(), Rejection> {
    let Mastery::Fields(fields) = &business.mastery else { return Ok(()) };
    let is_known = |field: &String| {
        province.procedures.values().any(|procedure| procedure.field.vi == *field)
            || province.officers.values().any(|officer| officer.competencies.contains_key(field))
    };
    match fields.iter().position(|field| !is_known(field)) {
        None => Ok(()),
        Some(index) => {
            let field = format!("queue.fields[{index}]");
            Err(Rejection::invalid("UNKNOWN_FIELD", &field, "a procedure field by its Vietnamese name"))
        }
    }
}
