//! What officers write to applicants: the reasons of a supplement and of a refusal. They may name people, so that they come in by
//! events, rest here under the applicant's key, and are erased with it.

use phidia_domain::id::ApplicationId;
use phidia_runtime::{
    failure::Failure,
    seal::{MasterKey, PersonKey, Sealed},
};
use sea_orm::DatabaseTransaction;

use crate::store::words;

/// What an officer wrote.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Words {
    /// What is missing or wrong.
    Supplement(Vec<String>),
    /// Why it is refused.
    Refusal(String),
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

fn supplement(id: ApplicationId) -> String {
    format!("intake.supplement/{id}")
}

fn refusal(id: ApplicationId) -> String {
    format!("intake.refusal/{id}")
}
