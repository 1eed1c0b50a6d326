//! One attachment, and those of an application, for whoever may see them.

use std::time::Duration;

use jiff::Timestamp;
use phidia_domain::{
    Rejection,
    attachment::{FileType, State},
    caller::{Caller, Role},
    id::{ApplicationId, AttachmentId},
};
use phidia_runtime::{failure::Failure, seal::FileKey};
use serde::{Deserialize, Serialize};

use crate::{
    Intake,
    record::{Attached, AttachmentRecord},
    store::attachments as store,
};

/// What rests sealed of an attachment beside its bytes. No `Debug`: its name may be somebody's.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Details {
    /// Without folders.
    pub(crate) file_name: String,
    /// In lower-case hexadecimal: as it was announced, or as it is.
    pub(crate) sha256: Option<String>,
    /// 0: none, or they were not counted.
    pub(crate) pages: u32,
}

/// What is shown of an attachment.
pub(crate) struct Shown {
    pub(crate) id: AttachmentId,
    pub(crate) file_type: FileType,
    /// Bytes.
    pub(crate) size: u64,
    /// How many of these are there.
    pub(crate) stored: u64,
    pub(crate) state: State,
    pub(crate) details: Details,
    pub(crate) begun_at: Timestamp,
    pub(crate) attached: Option<Attached>,
    /// When it is deleted unless something happens; none: it is attached.
    pub(crate) kept_until: Option<Timestamp>,
}

/// With which right something is asked for.
#[derive(Clone)]
pub(crate) enum Right {
    /// The caller's own.
    Own(Caller),
    /// That of whoever has the receipt.
    Receipt {
        /// Who asks.
        caller: Caller,
        dossier_code: String,
        check_code: String,
    },
}

impl Intake {
    /// One attachment, as far as the caller may see it.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub(crate) async fn attachment(&self, caller: &Caller, id: AttachmentId) -> Result<Shown, Failure> {
        let record = self.seen_attachment(&Right::Own(caller.clone()), id).await?;
        self.show(record)
    }

    /// The attachments of an application in the order in which they were attached. `id`: of an application that the caller may open; with the
    /// right of a receipt it is the receipt's.
    ///
    /// # Errors
    /// `NOT_FOUND`; those of [`Intake::track`].
    pub(crate) async fn list_attachments(
        &self,
        right: &Right,
        id: Option<ApplicationId>,
    ) -> Result<(ApplicationId, Vec<Shown>), Failure> {
        let unknown = || Rejection::not_found("UNKNOWN_APPLICATION", "no application has this id");
        let id = match right {
            Right::Receipt { caller, dossier_code, check_code } => {
                self.track(caller, dossier_code, check_code).await?.application.id
            }
            Right::Own(caller) => {
                let id = id.ok_or_else(unknown)?;
                if !self.may_open(caller, id).await? {
                    return Err(unknown().into());
                }
                id
            }
        };
        let province = &self.versions.active().await?.value.code;
        let found = store::of_application(self.outbox.database().read(), province, id).await?;
        Ok((id, found.into_iter().map(|record| self.show(record)).collect::<Result<_, _>>()?))
    }

    /// An attachment that may be seen by this right: its uploader sees it until it is attached; then whoever may open its application, or
    /// has its receipt.
    pub(super) async fn seen_attachment(
        &self,
        right: &Right,
        id: AttachmentId,
    ) -> Result<AttachmentRecord, Failure> {
        let province = &self.versions.active().await?.value.code;
        // Whoever guesses codes learns nothing here, either: they are looked at first.
        let of_receipt = match right {
            Right::Receipt { caller, dossier_code, check_code } => {
                Some(self.track(caller, dossier_code, check_code).await?.application.id)
            }
            Right::Own(_) => None,
        };
        let record = store::find(self.outbox.database().read(), province, id).await?.ok_or_else(unknown)?;
        let attached_to = record.attached.map(|attached| attached.application);
        let may = match (right, attached_to) {
            (Right::Receipt { .. }, attached_to) => attached_to.is_some() && attached_to == of_receipt,
            (Right::Own(caller), None) => record.owner == caller.actor(),
            (Right::Own(caller), Some(application)) => self.may_open(caller, application).await?,
        };
        if may { Ok(record) } else { Err(unknown().into()) }
    }

    /// Whether a caller may open an application without its receipt.
    async fn may_open(&self, caller: &Caller, id: ApplicationId) -> Result<bool, Failure> {
        if !matches!(caller.role, Role::Officer | Role::Supervisor | Role::Operator | Role::System) {
            return Ok(false);
        }
        match self.dossier(caller, id).await {
            Ok(_) => Ok(true),
            Err(Failure::Rejected(refusal)) if refusal.reason == "UNKNOWN_APPLICATION" => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// What is shown of an attachment.
    pub(super) fn show(&self, record: AttachmentRecord) -> Result<Shown, Failure> {
        let key = FileKey::unwrap(&self.master_key, &record.wrapped_key)?;
        let details = Details::open(&record.details, &key, record.id)?;
        let kept_until = match record.attached {
            Some(_) => None,
            None => Some(self.attachments.kept_until(&record)?),
        };
        Ok(Shown {
            id: record.id,
            file_type: record.file_type,
            size: record.size,
            stored: record.stored,
            state: record.state(),
            details,
            begun_at: record.begun_at,
            attached: record.attached,
            kept_until,
        })
    }
}

impl super::Attachments {
    /// When an attachment that belongs to no application is deleted.
    fn kept_until(&self, record: &AttachmentRecord) -> Result<Timestamp, Failure> {
        let hours = match record.content {
            None => self.config.unfinished_hours.min(self.config.unclaimed_days * 24),
            Some(_) => self.config.unclaimed_days * 24,
        };
        let kept = Duration::from_secs(u64::from(hours) * 3_600);
        let kept_until = record.begun_at.saturating_add(kept).map_err(Failure::broken)?;
        Ok(record.wanted_until.map_or(kept_until, |wanted| wanted.max(kept_until)))
    }
}

/// That there is no such attachment, for this caller.
pub(super) fn unknown() -> Rejection {
    Rejection::not_found("UNKNOWN_ATTACHMENT", "no attachment has this id")
}

impl Details {
    pub(super) fn seal(&self, key: &FileKey, id: AttachmentId) -> Result<Vec<u8>, Failure> {
        key.seal(&context(id), serde_json::to_vec(self).map_err(Failure::broken)?)
    }

    pub(super) fn open(sealed: &[u8], key: &FileKey, id: AttachmentId) -> Result<Self, Failure> {
        // serde's own text may quote what it read, and this is personal.
        let wrong = |_| Failure::broken(format!("the details of {id} are none"));
        serde_json::from_slice(&key.open(&context(id), sealed)?).map_err(wrong)
    }
}

fn context(id: AttachmentId) -> String {
    format!("intake.attachment/{id}")
}
