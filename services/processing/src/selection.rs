//! Which cases a report is about: what was asked for, within what the caller may see.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use phidia_domain::{
    Rejection,
    calendar::LegalClock,
    caller::Caller,
    id::{OfficerId, UnitId},
    procedure::Text,
    province::Province,
    report::{Period, Window},
};
use phidia_proto::convert;
use phidia_runtime::{failure::Failure, versions::Versioned};

use crate::{
    Processing, caller,
    store::{self, Dimension, Key, Selection},
};

/// Names the cases that have no unit, or no officer, yet.
pub(crate) const NONE_YET: &str = "-";

/// What is asked for, in words; what is empty is not asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) period: String,
    pub(crate) received_at: String,
    pub(crate) worked_at: String,
    pub(crate) field: String,
    pub(crate) procedure_code: String,
    pub(crate) officer: String,
}

/// What is reported about.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    pub(crate) period: Period,
    pub(crate) window: Window,
    pub(crate) selection: Selection,
    /// The unit beyond which the caller may not look.
    pub(crate) own: Option<UnitId>,
    pub(crate) today: Arc<Versioned<Province>>,
}

impl Processing {
    /// Understands what is asked for.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` for an officer without a unit; violations of the fields of the selection.
    pub(crate) async fn chosen(&self, caller: &Caller, asked: &Asked) -> Result<Chosen, Failure> {
        let own = caller::scope(caller)?;
        let today = self.versions.active().await?;
        let (province, now) = (&today.value, self.business.now());
        let period = match asked.period.as_str() {
            "" => Period::quarter_of(province.clock.local_date(now))?,
            text => text.parse()?,
        };
        let worked_at =
            named(&asked.worked_at, |code| unit(province, code, "selection.worked_at_unit_code"))?;
        let selection = Selection {
            province: province.code.clone(),
            concerns: own,
            // Who works at another unit is nobody's business here.
            works: own.filter(|_| !asked.officer.is_empty()),
            received_at: some(&asked.received_at)
                .map(|code| unit(province, code, "selection.received_at_unit_code"))
                .transpose()?,
            worked_at,
            field: some(&asked.field).map(ToOwned::to_owned),
            procedure_code: some(&asked.procedure_code).map(ToOwned::to_owned),
            officer: named(&asked.officer, |code| officer(province, code))?,
        };
        self.check_known(province, &selection).await?;
        Ok(Chosen { period, window: period.window(&province.clock, now)?, selection, own, today })
    }

    /// A field or a procedure that is neither in the catalogue of today nor in any case was mistyped.
    async fn check_known(&self, province: &Province, selection: &Selection) -> Result<(), Failure> {
        let Selection { field, procedure_code, .. } = selection;
        let in_province = Selection { province: province.code.clone(), ..Selection::default() };
        let db = self.outbox.database().read();
        if let Some(field) = field
            && province.procedures.values().all(|procedure| procedure.field.vi != *field)
            && !store::occurs(db, &Selection { field: Some(field.clone()), ..in_province.clone() }).await?
        {
            let expected = "the Vietnamese name of a field of the catalogue";
            return Err(Rejection::invalid("UNKNOWN_FIELD", "selection.field", expected).into());
        }
        if let Some(code) = procedure_code
            && !province.procedures.contains_key(code)
            && !store::occurs(db, &Selection { procedure_code: Some(code.clone()), ..in_province }).await?
        {
            let expected = "the code of a procedure of the catalogue";
            return Err(Rejection::invalid("UNKNOWN_PROCEDURE", "selection.procedure_code", expected).into());
        }
        Ok(())
    }
}

impl Chosen {
    /// What is judged at another instant: that of an earlier page of the same list.
    pub(crate) fn seen_at(self, as_of: Timestamp) -> Self {
        let window = Window { as_of: as_of.min(self.window.until), ..self.window };
        Self { window, ..self }
    }

    /// What names a group to people, and in a selection.
    pub(crate) fn code(&self, by: Dimension, key: &Key) -> String {
        let province = &self.today.value;
        match key {
            Key::Name(name) => name.clone(),
            Key::Id(None) => NONE_YET.to_owned(),
            Key::Id(Some(id)) if by == Dimension::Officer => officer_code(province, Some(id_of(*id))),
            Key::Id(Some(id)) => unit_code(province, Some(id_of(*id))),
        }
    }

    /// The name of a group, as it is called today.
    pub(crate) fn name(&self, by: Dimension, key: &Key) -> Option<Text> {
        let province = &self.today.value;
        match (by, key) {
            (Dimension::ReceivedAt | Dimension::WorkedAt, Key::Id(Some(id))) => {
                province.units.get(&id_of(*id)).map(|unit| unit.name.clone())
            }
            (Dimension::Field, Key::Name(name)) => {
                let mut fields = province.procedures.values().map(|procedure| &procedure.field);
                fields.find(|field| field.vi == *name).cloned()
            }
            (Dimension::Procedure, Key::Name(code)) => {
                let today = province.clock.local_date(self.window.as_of);
                province.procedures.on(code, today).map(|procedure| procedure.name.clone())
            }
            _ => None,
        }
    }
}

/// The local day that is asked about; empty: today.
///
/// # Errors
/// A violation of `day`.
pub(crate) fn local_day(clock: &LegalClock, text: &str, now: Timestamp) -> Result<Date, Rejection> {
    Ok(convert::optional_day(text, "day")?.unwrap_or_else(|| clock.local_date(now)))
}

/// The official code of a unit; of one that is not known today its id.
pub(crate) fn unit_code(province: &Province, unit: Option<UnitId>) -> String {
    let code =
        |unit: UnitId| province.units.get(&unit).map_or_else(|| unit.to_string(), |unit| unit.code.clone());
    unit.map_or_else(|| NONE_YET.to_owned(), code)
}

/// The staff code of an officer; of one who is not known today their id.
pub(crate) fn officer_code(province: &Province, officer: Option<OfficerId>) -> String {
    let code = |officer: OfficerId| {
        province.officers.get(&officer).map_or_else(|| officer.to_string(), |officer| officer.code.clone())
    };
    officer.map_or_else(|| NONE_YET.to_owned(), code)
}

fn id_of<I: phidia_domain::id::Id>(id: uuid::Uuid) -> I {
    I::from_uuid(id)
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// What a code names; `Some(None)`: the cases that have none yet.
fn named<T>(code: &str, find: impl Fn(&str) -> Result<T, Rejection>) -> Result<Option<Option<T>>, Rejection> {
    match code {
        "" => Ok(None),
        NONE_YET => Ok(Some(None)),
        code => find(code).map(|found| Some(Some(found))),
    }
}

fn unit(province: &Province, code: &str, field: &str) -> Result<UnitId, Rejection> {
    let known = province.unit_by_code(code).map(|unit| unit.id);
    known.or_else(|| code.parse().ok()).ok_or_else(|| {
        Rejection::invalid("UNKNOWN_UNIT", field, "the official code of a unit of the province")
    })
}

fn officer(province: &Province, code: &str) -> Result<OfficerId, Rejection> {
    let known = province.officers.values().find(|officer| officer.code == code).map(|officer| officer.id);
    known.or_else(|| code.parse().ok()).ok_or_else(|| {
        let expected = "the staff code of an officer of the province";
        Rejection::invalid("UNKNOWN_STAFF_CODE", "selection.officer_code", expected)
    })
}
