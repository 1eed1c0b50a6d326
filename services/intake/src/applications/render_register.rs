//! Form 07 of Circular 03/2025/TT-VPCP: the register of what a unit received on some days.

use std::sync::Arc;

use jiff::{
    Timestamp,
    civil::{Date, Time},
};
use phidia_domain::{Rejection, application::ReturnWay, caller::Caller, province::Province, unit::Unit};
use phidia_forms::{Entry, Form, Office, Register};
use phidia_runtime::{failure::Failure, seal::MasterKey};

use crate::{
    Intake,
    applications::render_form::printed_dossier,
    scope::Scope,
    store::register::{self, Registered},
};

/// So much fits into one register: more than a month of the busiest centre that is known of (Yên Mô: about a hundred a day).
const MOST: u64 = 3_000;

/// What register is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Official code of the unit; empty: the caller's.
    pub(crate) received_at_code: String,
    /// First local day.
    pub(crate) from: Date,
    /// Last one.
    pub(crate) to: Date,
}

impl Intake {
    /// The register, and the name of its file.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` for another unit; `INVALID_ARGUMENT` for an unknown one, for bad days and for too many applications.
    pub(crate) async fn render_register(
        &self,
        caller: &Caller,
        asked: Asked,
    ) -> Result<(Vec<u8>, String), Failure> {
        let active = self.versions.active().await?;
        let province = &active.value;
        let unit = unit_asked_for(caller, province, &asked.received_at_code)?;
        let time = instants(province, asked.from, asked.to)?;
        let conn = self.outbox.database().read();
        let found = register::received(conn, &province.code, unit.id, time.0..time.1, MOST + 1).await?;
        if u64::try_from(found.len()).unwrap_or(u64::MAX) > MOST {
            let expected = format!("at most {MOST} applications; ask for fewer days");
            return Err(Rejection::invalid("REGISTER_TOO_LONG", "to", expected).into());
        }
        let register = Register {
            office: Office::of(unit, province),
            unit_code: unit.code.clone(),
            from: asked.from,
            to: asked.to,
            entries: Vec::new(),
            made_at: province.clock.time_zone().to_datetime(self.business.now()),
        };
        let (file_name, master) = (Form::Register.file_name(&register.about()), Arc::clone(&self.master_key));
        let printing = tokio::task::spawn_blocking(move || print(register, found, &master, &active.value));
        Ok((printing.await.map_err(Failure::broken)??, file_name))
    }
}

/// Opening so many seals and setting so many lines takes a processor a while.
fn print(
    register: Register,
    found: Vec<Registered>,
    master: &MasterKey,
    province: &Province,
) -> Result<Vec<u8>, Failure> {
    let entries = found.into_iter().map(|registered| entry(registered, master, province));
    let entries = entries.collect::<Result<_, Failure>>()?;
    Register { entries, ..register }.pdf().map_err(Failure::broken)
}

fn entry(registered: Registered, master: &MasterKey, province: &Province) -> Result<Entry, Failure> {
    let Registered { dossier, worked_on_at } = registered;
    let application = &dossier.application;
    let applicant = dossier.applicant.open(master, application.id)?;
    let local = |at: Timestamp| province.clock.time_zone().to_datetime(at);
    let progress = &application.progress;
    let working_unit = progress.working_unit.as_ref().map(|unit| unit.name.clone()).or(worked_on_at);
    Ok(Entry {
        dossier: printed_dossier(application, applicant.as_ref()),
        working_unit: working_unit.map(|name| name.vi).unwrap_or_default(),
        received_at: local(application.submitted_at),
        due_at: progress.due_at.map(local),
        return_at: match application.result_by {
            ReturnWay::Counter => dossier.receipt.return_at_name.vi.clone(),
            way => way.in_words().vi,
        },
        status: progress.status,
        supplement_until: progress.supplement.map(|wanted| local(wanted.until)),
        ended_at: progress.finished.map(|finished| local(finished.at)),
    })
}

fn unit_asked_for<'p>(caller: &Caller, province: &'p Province, code: &str) -> Result<&'p Unit, Rejection> {
    let unknown = || {
        let expected = "no unit of the province has this code";
        Rejection::invalid("UNKNOWN_UNIT", "received_at_code", expected)
    };
    match (code, Scope::of(caller)) {
        ("", Scope::Province) => {
            let expected = "is required of a caller who is at no unit";
            Err(Rejection::invalid("MISSING_FIELD", "received_at_code", expected))
        }
        ("", Scope::Unit(own)) => province.units.get(&own).ok_or_else(unknown),
        (code, scope) => {
            let unit = province.unit_by_code(code).ok_or_else(unknown)?;
            scope.check(unit.id)?;
            Ok(unit)
        }
    }
}

/// From the first instant of a day to that of the day after another.
fn instants(province: &Province, from: Date, to: Date) -> Result<(Timestamp, Timestamp), Rejection> {
    if to < from {
        return Err(Rejection::invalid("DAYS_REVERSED", "to", "the last day is not before the first"));
    }
    let zone = province.clock.time_zone();
    let begins = |field: &str, day: Result<Date, jiff::Error>| {
        let midnight = day.and_then(|day| zone.to_timestamp(day.to_datetime(Time::midnight())));
        midnight.map_err(|_| Rejection::invalid("DATE_OUT_OF_RANGE", field, "a day within the calendar"))
    };
    Ok((begins("from", Ok(from))?, begins("to", to.tomorrow())?))
}
