//! Decisions as their rows have them. What the log vouches for is what is written, whether or not anybody can still read
//! it.

use std::collections::BTreeMap;

use phidia_domain::id::{AssignmentId, Id as _};
use phidia_runtime::failure::Failure;
use ring::digest::{Context, SHA256};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};

use super::{
    assignment as made,
    entity::{assignment, refusal},
    refusal as refused,
};
use crate::work::Outcome;

/// A decision, as it is written.
#[derive(Clone, Debug)]
pub(crate) enum Record {
    /// It found a unit.
    Assignment(Box<assignment::Model>),
    /// It found none.
    Refusal(Box<refusal::Model>),
}

impl Record {
    /// What it says.
    ///
    /// # Errors
    /// Broken when it cannot be read: somebody has changed it.
    pub(crate) fn outcome(self) -> Result<Outcome, Failure> {
        match self {
            Self::Assignment(row) => Ok(Outcome::Assigned(Box::new(made::value(*row)?))),
            Self::Refusal(row) => Ok(Outcome::Refused(Box::new(refused::value(*row)?))),
        }
    }
}

/// Decisions by their ids, as far as they are there.
pub(crate) async fn of_ids<C: ConnectionTrait>(
    conn: &C,
    ids: &[AssignmentId],
) -> Result<BTreeMap<AssignmentId, Record>, Failure> {
    let ids = || ids.iter().map(|id| id.uuid());
    let assignments =
        assignment::Entity::find().filter(assignment::Column::Id.is_in(ids())).all(conn).await?;
    let mut records: BTreeMap<_, _> = (assignments.into_iter())
        .map(|row| (AssignmentId::from_uuid(row.id), Record::Assignment(Box::new(row))))
        .collect();
    if records.len() < ids().len() {
        let refusals = refusal::Entity::find().filter(refusal::Column::Id.is_in(ids())).all(conn).await?;
        let refusals = refusals.into_iter();
        records.extend(refusals.map(|row| (AssignmentId::from_uuid(row.id), Record::Refusal(Box::new(row)))));
    }
    Ok(records)
}

/// The hash of the link at `position` behind `previous`: over the decision, or over its absence. Every part has its length
/// before it, so that no two records are written alike.
pub(super) fn hash(
    province: &str,
    position: i64,
    previous: &[u8],
    id: AssignmentId,
    record: Option<&Record>,
) -> Result<Vec<u8>, Failure> {
    let id = id.uuid();
    // How long a decision took is noted after it, and whether it is open changes: both are left out.
    let (numbers, texts): (Vec<i64>, [&[u8]; 5]) = match record {
        Some(Record::Assignment(row)) => (
            vec![
                position,
                row.step.into(),
                row.attempt.into(),
                row.decided_at.timestamp_micros(),
                row.epoch.unwrap_or_default(),
                row.board_sequence.unwrap_or_default(),
            ],
            [
                row.application.as_bytes(),
                row.unit.as_bytes(),
                row.ground.as_bytes(),
                text(row.explanation.as_ref()),
                text(row.load.as_ref()),
            ],
        ),
        Some(Record::Refusal(row)) => (
            vec![
                position,
                row.step.into(),
                row.attempt.into(),
                row.decided_at.timestamp_micros(),
                row.province_version,
                row.registry_revision,
            ],
            [row.application.as_bytes(), b"", b"refused", row.reason.as_bytes(), text(row.finding.as_ref())],
        ),
        None => (vec![position], [b"", b"", b"", b"", b""]),
    };
    let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
    let mut digest = Context::new(&SHA256);
    let before: [&[u8]; 4] = [previous, province.as_bytes(), &numbers, id.as_bytes()];
    for part in before.into_iter().chain(texts) {
        digest.update(&u64::try_from(part.len()).map_err(Failure::broken)?.to_be_bytes());
        digest.update(part);
    }
    Ok(digest.finish().as_ref().to_vec())
}

fn text(written: Option<&String>) -> &[u8] {
    written.map(String::as_bytes).unwrap_or_default()
}
