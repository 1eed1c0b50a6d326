//! What routing stores, in its own words: rows stay in here, and so do their column types.

pub(crate) mod agenda;
pub(crate) mod applicant;
pub(crate) mod application;
pub(crate) mod assignment;
pub(crate) mod backlog;
pub(crate) mod decision;
pub(crate) mod entity;
pub(crate) mod epoch;
pub(crate) mod hint;
pub(crate) mod item;
pub(crate) mod lent;
pub(crate) mod migration;
pub(crate) mod moves;
pub(crate) mod policy;
pub(crate) mod record;
pub(crate) mod refusal;
pub(crate) mod registry;
pub(crate) mod turn;

use phidia_domain::{
    Kind, Rejection,
    id::{ApplicationId, Id as _},
    work_item::WorkItem,
};
use phidia_runtime::failure::Failure;
use sea_orm::{DbErr, SqlErr};
use uuid::Uuid;

/// The most values in an `IN (…)`: well below the parameters that either engine takes.
const MOST_KEYS: usize = 10_000;

/// A work item as the columns of its key.
fn key(item: WorkItem) -> Result<(Uuid, i32, i32), Failure> {
    Ok((item.application.uuid(), to_number(item.step)?, to_number(item.attempt)?))
}

/// A work item from the columns of its key.
fn work_item(application: Uuid, step: i32, attempt: i32) -> Result<WorkItem, Failure> {
    let number = |value: i32| u32::try_from(value).map_err(Failure::broken);
    Ok(WorkItem {
        application: ApplicationId::from_uuid(application),
        step: number(step)?,
        attempt: number(attempt)?,
    })
}

/// A step or an attempt as it is stored. Rules keep both far below the limit.
fn to_number(value: u32) -> Result<i32, Failure> {
    i32::try_from(value).map_err(Failure::broken)
}

/// Whether a row could not be written because another one stands in its place.
pub(crate) fn is_taken(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

const GIVEN_TWICE: &str = "SEQUENCE_GIVEN_TWICE";

/// A board that was set back has given its number again.
pub(crate) fn given_twice() -> Failure {
    let message = "another decision bears the sequence of this one";
    Rejection::new(Kind::Unavailable, GIVEN_TWICE, message).into()
}

/// Whether it is that: placed anew, it gets another number.
pub(crate) fn is_given_twice(failure: &Failure) -> bool {
    failure.rejection().is_some_and(|refusal| refusal.reason == GIVEN_TWICE)
}

/// Distinct ids, for an `IN (…)`.
fn distinct(applications: impl IntoIterator<Item = ApplicationId>) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = applications.into_iter().map(|id| id.uuid()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
