//! What officers write to applicants: the reasons of a supplement, of a refusal and of an apology. They may name people, so that
//! this copy rests under the applicant's key, and is erased with it (what is kept elsewhere: 0009).

use jiff::Timestamp;
use phidia_domain::{Rejection, id::ApplicationId, procedure::Text};
use phidia_proto::{
    convert,
    events::v1::{Event, event::Fact},
};
use phidia_runtime::{
    failure::Failure,
    seal::{MasterKey, PersonKey, Sealed},
};
use sea_orm::DatabaseTransaction;
use serde::{Deserialize, Serialize};

use crate::store::words;

/// What an officer wrote.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Words {
    /// What is missing or wrong.
    Supplement(Vec<String>),
    /// Why it is refused.
    Refusal(String),
    /// Why it will be late, and what is promised instead.
    Apology(Apology),
}

/// An apology, as form 04 says it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Apology {
    /// Why.
    pub(crate) reason: String,
    /// Name of the unit that apologises.
    pub(crate) unit: Text,
    /// What was promised, and will not be kept.
    pub(crate) promised: Timestamp,
    /// The new appointment.
    pub(crate) appointment_at: Timestamp,
    /// When it was made.
    pub(crate) written_at: Timestamp,
}

// They may name people.
impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Words(…)")
    }
}

impl Words {
    /// Keeps them with the application, under its applicant's key; of whom was erased nothing is kept.
    pub(crate) async fn keep(
        &self,
        tx: &DatabaseTransaction,
        master: &MasterKey,
        province: &str,
        id: ApplicationId,
    ) -> Result<(), Failure> {
        let Some(wrapped) = words::wrapped_key(tx, province, id).await? else { return Ok(()) };
        let key = PersonKey::unwrap(master, &wrapped)?;
        let sealed = match self {
            Self::Supplement(reasons) => {
                words::Words::Supplement(Sealed::seal(&key, &supplement(id), reasons)?.into_bytes())
            }
            Self::Refusal(reason) => {
                words::Words::Refusal(Sealed::seal(&key, &refusal(id), reason)?.into_bytes())
            }
            Self::Apology(told) => {
                words::Words::Apology(Sealed::seal(&key, &apology(id), told)?.into_bytes())
            }
        };
        words::keep(tx, province, id, sealed).await
    }
}

/// The reasons of a supplement, as they were sealed.
pub(crate) fn open_supplement(
    key: &PersonKey,
    id: ApplicationId,
    sealed: Vec<u8>,
) -> Result<Vec<String>, Failure> {
    Sealed::from_bytes(sealed).open(key, &supplement(id))
}

/// The reason of a refusal, as it was sealed.
pub(crate) fn open_refusal(key: &PersonKey, id: ApplicationId, sealed: Vec<u8>) -> Result<String, Failure> {
    Sealed::from_bytes(sealed).open(key, &refusal(id))
}

/// What an apology says, as it was sealed.
pub(crate) fn open_apology(key: &PersonKey, id: ApplicationId, sealed: Vec<u8>) -> Result<Apology, Failure> {
    Sealed::from_bytes(sealed).open(key, &apology(id))
}

/// What an event tells of an apology, if anything.
///
/// # Errors
/// `INVALID_ARGUMENT` for an event that leaves out what it has to tell.
pub(crate) fn told(event: &Event) -> Result<Option<Words>, Rejection> {
    let Some(Fact::AppointmentPostponed(fact)) = &event.fact else { return Ok(None) };
    let instant = |at, field: &str| convert::timestamp(convert::required(at, field)?, field);
    Ok(Some(Words::Apology(Apology {
        reason: fact.reason.clone(),
        unit: convert::text(fact.unit_name.clone()),
        promised: instant(fact.due_at, "appointment_postponed.due_at")?,
        appointment_at: instant(fact.appointment_at, "appointment_postponed.appointment_at")?,
        written_at: instant(event.occurred_at, "occurred_at")?,
    })))
}

fn apology(id: ApplicationId) -> String {
    format!("intake.apology/{id}")
}

fn supplement(id: ApplicationId) -> String {
    format!("intake.supplement/{id}")
}

fn refusal(id: ApplicationId) -> String {
    format!("intake.refusal/{id}")
}
