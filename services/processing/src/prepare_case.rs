//! An application was submitted: its case is prepared, with everything pinned as it is on that day. It is
//! opened when its first step reaches a unit; until then the application is routing's.

use jiff::Timestamp;
use phidia_domain::{
    Rejection,
    case::Standing,
    id::{ApplicationId, PersonId, UnitId},
};
use phidia_proto::{
    application::return_way,
    convert,
    events::v1::{ApplicationSubmitted, Event},
};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::{
    Processing,
    record::{self, CaseRecord},
    store,
};

impl Processing {
    /// Prepares the case of the event's application. A second submission of the same application changes nothing.
    ///
    /// # Errors
    /// `UNAVAILABLE` while the version that it is pinned to has not come here; `INVALID_ARGUMENT` for what
    /// that version does not know.
    pub(crate) async fn prepare_case(
        &self,
        tx: &DatabaseTransaction,
        event: &Event,
        fact: &ApplicationSubmitted,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let province = &event.province;
        let application = convert::id::<ApplicationId>(&event.application_id, "application_id")?;
        if store::is_prepared(tx, province, application).await? {
            return Ok(());
        }
        let pinned = self.versions.at(fact.province_version).await?;
        let places = convert::places(fact.places.clone(), "places")?
            .into_iter()
            .map(|(key, code)| match pinned.value.unit_by_code(&code) {
                Some(unit) => Ok((key, unit.id)),
                None => {
                    Err(Rejection::invalid("UNKNOWN_UNIT", "places", "the codes of units of the province"))
                }
            })
            .collect::<Result<_, _>>()?;
        let unit = |text: &str, field: &str| convert::id::<UnitId>(text, field);
        let submitted_at = convert::required(fact.submitted_at, "submitted_at")?;
        let submitted_at = convert::timestamp(submitted_at, "submitted_at")?;
        let day = pinned.value.clock.local_date(submitted_at);
        let procedure = pinned.value.procedure_on(&fact.procedure_code, day)?;
        let due_at = fact.due_at.map(|due_at| convert::timestamp(due_at, "due_at")).transpose()?;
        let corridor = record::corridor(&pinned.value, procedure, submitted_at)?;
        let person = match &fact.contact {
            None => None,
            Some(contact) => {
                let person = convert::id::<PersonId>(&contact.person_id, "contact.person_id")?;
                store::keep_person_key(tx, province, person, contact.wrapped_key.clone()).await?;
                Some(person)
            }
        };
        let mut case = CaseRecord {
            id: self.ids.mint(now),
            province: province.clone(),
            application,
            dossier_code: fact.dossier_code.clone(),
            procedure_code: fact.procedure_code.clone(),
            province_version: fact.province_version,
            received_at: unit(&fact.received_at_unit_id, "received_at_unit_id")?,
            return_at: unit(&fact.return_at_unit_id, "return_at_unit_id")?,
            places,
            conflicts: convert::units(&fact.conflicted_unit_ids, "conflicted_unit_ids")?,
            submitted_at,
            due_at,
            corridor_due_at: corridor.and_then(|promise| promise.due_at),
            standing: Standing::PREPARED,
            opened_at: None,
            finished: None,
            supplement: None,
            payments: Vec::new(),
            warn_at: None,
            warned: None,
            postponement: None,
            follows: None,
            reopenings: Vec::new(),
            person,
            channel: convert::channel(fact.channel),
            digitised: fact.digitised,
            // By a way that is not known here yet: whoever hands it over asks at the counter.
            result_by: return_way(fact.result_by, "result_by").unwrap_or_default(),
            traceparent: event.traceparent.clone(),
        };
        case.warn_at = case.warnings(&pinned.value.clock).and_then(|warnings| warnings.next(None));
        store::insert_case(tx, &case, &procedure.field.vi).await
    }
}
