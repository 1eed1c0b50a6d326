//! What becomes of the result of a case once it is decided: who may do what with it, and under whose key it rests.

use jiff::Timestamp;
use phidia_domain::{
    Kind, Rejection,
    id::{ApplicationId, PersonId, UnitId},
    officer::Officer,
    procedure::Text,
    province::Province,
};
use phidia_runtime::{
    failure::Failure,
    ids::Ids,
    seal::{MasterKey, PersonKey, Sealed},
    versions::Versions,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::{
    Processing,
    get_case::{CaseKey, unknown},
    record::{self, CaseRecord, ResultRecord},
    store::{self, Withdrawn},
};

/// A result as it is shown.
#[derive(Clone, Debug)]
pub(crate) struct ResultView {
    pub(crate) case: CaseRecord,
    pub(crate) procedure_name: Text,
    pub(crate) return_at_name: Text,
    pub(crate) result: Option<ResultRecord>,
    /// Those that were withdrawn, where that is shown.
    pub(crate) withdrawn: Vec<Withdrawn>,
}

/// What the sealed parts of a result are, and of which application: what is moved elsewhere does not open there.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    File,
    FileName,
    Signature,
    Signer,
    Receiver,
}

impl Part {
    pub(crate) fn context(self, application: ApplicationId) -> String {
        let part = match self {
            Self::File => "file",
            Self::FileName => "file_name",
            Self::Signature => "signature",
            Self::Signer => "signer",
            Self::Receiver => "receiver",
        };
        format!("processing.result.{part}/{application}")
    }

    /// A short text under seal.
    pub(crate) fn seal(
        self,
        application: ApplicationId,
        key: &PersonKey,
        text: &str,
    ) -> Result<Vec<u8>, Failure> {
        Ok(Sealed::seal(key, &self.context(application), &text.to_owned())?.into_bytes())
    }

    /// A short text from under its seal; empty where there is none.
    pub(crate) fn open(
        self,
        application: ApplicationId,
        key: &PersonKey,
        sealed: Option<&Vec<u8>>,
    ) -> Result<String, Failure> {
        let opened = sealed
            .map(|sealed| Sealed::<String>::from_bytes(sealed.clone()).open(key, &self.context(application)));
        Ok(opened.transpose()?.unwrap_or_default())
    }
}

/// A case whose result somebody does something with, locked until the commit.
pub(crate) struct Decided {
    pub(crate) case: CaseRecord,
    pub(crate) result: Option<ResultRecord>,
    pub(crate) key: PersonKey,
    pub(crate) person: PersonId,
}

impl Decided {
    /// The case with this key, what became of its result, and the key of its citizen.
    ///
    /// # Errors
    /// `NOT_FOUND`; `NOT_DECIDED`, `CASE_STOPPED`; `PERSON_ERASED`.
    pub(crate) async fn lock(
        tx: &DatabaseTransaction,
        province: &str,
        key: CaseKey,
        master: &MasterKey,
        ids: &Ids,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let case = store::lock_case(tx, province, key).await?;
        let mut case = case.filter(|case| case.opened_at.is_some()).ok_or_else(unknown)?;
        case.standing.check_decided()?;
        let (person, key) = match case.person {
            Some(person) => (person, key_of(tx, &case, person, master).await?),
            None => {
                // It was prepared by a version that kept nobody's key: it has one of its own.
                let (person, key) = (ids.mint(now), PersonKey::generate());
                store::keep_person_key(tx, &case.province, person, key.wrap(master)?).await?;
                store::set_person(tx, case.id, person).await?;
                (person, key)
            }
        };
        case.person = Some(person);
        let result = store::find_result(tx, &case.province, case.application).await?;
        Ok(Self { case, result, key, person })
    }

    /// What became of it so far, to be added to.
    pub(crate) fn record(&self) -> ResultRecord {
        self.result.clone().unwrap_or_else(|| ResultRecord::of(self.person))
    }

    /// That an officer is of the unit that decided.
    ///
    /// # Errors
    /// `OTHER_UNIT`.
    pub(crate) async fn check_decider(
        &self,
        tx: &DatabaseTransaction,
        officer: &Officer,
        today: &Province,
        versions: &Versions<Province>,
    ) -> Result<(), Failure> {
        let items = store::list_items(tx, &self.case.province, self.case.application, None).await?;
        let items: Vec<_> = items.into_iter().map(|item| item.held).collect();
        let pinned = versions.at(self.case.province_version).await?;
        let decided_at = self.case.standing.decided_at(&items);
        if decided_at.is_some_and(|unit| stands_for(officer.unit, unit, today, &pinned.value)) {
            return Ok(());
        }
        let message = "only the unit that decided issues its result";
        Err(Rejection::new(Kind::Forbidden, "OTHER_UNIT", message).into())
    }
}

/// The key of a citizen.
///
/// # Errors
/// `PERSON_ERASED`; Broken when it was wrapped under another master key.
pub(crate) async fn key_of<C: ConnectionTrait>(
    conn: &C,
    case: &CaseRecord,
    person: PersonId,
    master: &MasterKey,
) -> Result<PersonKey, Failure> {
    match store::find_person_key(conn, &case.province, person).await? {
        Some(wrapped) => PersonKey::unwrap(master, &wrapped),
        None => {
            let message = "the citizen was erased, and with them what was issued to them";
            Err(Rejection::new(Kind::Precondition, "PERSON_ERASED", message).into())
        }
    }
}

/// Whether a unit of today is one of an earlier version, or has taken it over.
pub(crate) fn stands_for(own: UnitId, unit: UnitId, today: &Province, earlier: &Province) -> bool {
    own == unit || today.heirs(&[unit].into(), earlier).any(|heir| heir == own)
}

impl Processing {
    /// Shows a result.
    pub(crate) async fn result_view(
        &self,
        case: CaseRecord,
        result: Option<ResultRecord>,
    ) -> Result<ResultView, Failure> {
        let (today, pinned) = (self.versions.active().await?, self.versions.at(case.province_version).await?);
        let procedure_name =
            record::pinned(&pinned.value, &case.procedure_code, case.submitted_at)?.name.clone();
        let return_at_name = record::unit_name(case.return_at, [&today.value, &pinned.value]).cloned();
        let return_at_name = return_at_name.unwrap_or_default();
        Ok(ResultView { procedure_name, return_at_name, case, result, withdrawn: Vec::new() })
    }
}
