//! What a submission writes, all in the transaction of its event.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use phidia_domain::{
    application::Entrance,
    id::Id as _,
    procedure::CompetenceKey,
    receipt::{Salt, tree},
};
use phidia_runtime::{database::to_db, digest, failure::Failure};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait as _};
use serde_json::Value;

use super::{
    entity::{application, person_key, status_entry},
    receipts::{self, NewLeaf},
    to_json,
};
use crate::{applications::similar::Mark, record::Dossier};

/// What is kept beside the dossier itself.
#[derive(Clone, Debug)]
pub(crate) struct Stated {
    /// Commune codes by competence key.
    pub(crate) places: BTreeMap<CompetenceKey, String>,
    /// Codes of the units with a conflict of interest.
    pub(crate) conflicted_codes: BTreeSet<String>,
    /// When it was handed in, if before it was accepted.
    pub(crate) handed_in_at: Option<Timestamp>,
    /// What hides its receipt in the tree of a day.
    pub(crate) salt: Salt,
    /// What stands for the applicant in this procedure; none: they gave no identity number.
    pub(crate) mark: Option<Mark>,
}

/// Writes an accepted application with its first entry and its person's key.
pub(crate) async fn insert<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    dossier: Dossier,
    stated: &Stated,
) -> Result<(), Failure> {
    let Dossier { application, receipt, applicant, answers, documents } = dossier;
    let (id, person) = (application.id.uuid(), applicant.person.uuid());
    let wrapped_key =
        applicant.wrapped_key.ok_or_else(|| Failure::broken("an applicant is stored with their key"))?;
    let key = person_key::ActiveModel {
        province: Set(province.to_owned()),
        person: Set(person),
        wrapped_key: Set(wrapped_key),
        mark: Set(stated.mark.map(Vec::from)),
    };
    person_key::Entity::insert(key).exec_without_returning(tx).await?;

    let status = application.progress.status.as_str();
    let row = application::ActiveModel {
        province: Set(province.to_owned()),
        id: Set(id),
        dossier_code: Set(application.dossier_code),
        check_code: Set(receipt.check_code.clone()),
        procedure_code: Set(application.procedure_code),
        procedure_name: Set(to_json(&application.procedure_name)?),
        province_version: Set(application.province_version),
        received_at_unit: Set(application.received_at_unit.uuid()),
        return_at_unit: Set(application.return_at_unit.uuid()),
        channel: Set(application.channel.as_str().to_owned()),
        digitised: Set(application.digitised),
        entrance: Set(application.entrance.map(name).transpose()?),
        result_by: Set(Some(application.result_by.as_str().to_owned())),
        answers: Set(answers),
        documents: Set((!documents.is_empty()).then(|| to_json(&documents)).transpose()?),
        places: Set(to_json(&stated.places)?),
        conflicted_codes: Set(to_json(&stated.conflicted_codes)?),
        handed_in_at: Set(stated.handed_in_at.map(to_db)),
        submitted_at: Set(to_db(application.submitted_at)),
        due_at: Set(application.progress.due_at.map(to_db)),
        receipt: Set(to_json(&receipt)?),
        person: Set(person),
        applicant: Set(applicant.sealed),
        status: Set(status.to_owned()),
        working_unit: Set(None),
        working_unit_name: Set(None),
        beside: Set(None),
        changes: Set(1),
        finished_at: Set(None),
        on_time: Set(None),
        supplement_until: Set(None),
        payments: Set(None),
        supplement_received_at: Set(None),
        stop_ground: Set(None),
        stop_asked_at: Set(None),
        appointment_at: Set(None),
        outcome: Set(None),
        supplement_words: Set(None),
        refusal_words: Set(None),
        apology_words: Set(None),
        ahead: Set(None),
        reopening: Set(None),
        contact_corrected_at: Set(None),
    };
    application::Entity::insert(row).exec_without_returning(tx).await?;

    let entry = status_entry::ActiveModel {
        province: Set(province.to_owned()),
        application: Set(id),
        number: Set(1),
        at: Set(to_db(application.submitted_at)),
        status: Set(status.to_owned()),
        unit_name: Set(Some(to_json(&receipt.received_at_name)?)),
        why: Set(None),
        reopened_by: Set(None),
    };
    status_entry::Entity::insert(entry).exec_without_returning(tx).await?;

    let Some(signed) = &receipt.signed else { return Ok(()) };
    let leaf = NewLeaf {
        application: application.id,
        unit: application.received_at_unit,
        received_at: application.submitted_at,
        salt: stated.salt,
        leaf: tree::leaf(digest::hash, &stated.salt, signed),
    };
    receipts::insert_leaf(tx, province, leaf).await
}

/// A value as it is stored that is a word.
fn name(entrance: Entrance) -> Result<String, Failure> {
    match to_json(&entrance)? {
        Value::String(name) => Ok(name),
        _ => Err(Failure::broken("an entrance has no name")),
    }
}
