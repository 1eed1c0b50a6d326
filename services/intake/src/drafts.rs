//! What is not handed in yet: kept, read, listed, thrown away, handed in, and gone after a while.

pub(crate) mod delete;
pub(crate) mod expire;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod save;
pub(crate) mod submit;

use std::collections::BTreeSet;

use jiff::Timestamp;
use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
    id::{AttachmentId, DraftId, UnitId},
};
use phidia_proto::intake::v1::SubmitApplicationRequest;
use phidia_runtime::{
    failure::Failure,
    seal::{MasterKey, PersonKey},
};
use prost::Message as _;

use crate::{Intake, record::DraftRecord};

impl Intake {
    /// Drafts that were last saved before then are gone, whether or not they are still in the store.
    fn drafts_since(&self) -> Timestamp {
        let kept_for = self.config.draft_kept_for();
        self.business.now().checked_sub(kept_for).unwrap_or(Timestamp::MIN)
    }

    /// From when on a draft will be gone.
    pub(crate) fn kept_until(&self, draft: &DraftRecord) -> Timestamp {
        draft.saved_at.checked_add(self.config.draft_kept_for()).unwrap_or(Timestamp::MAX)
    }
}

/// The unit whose staff share the drafts of a caller.
fn shared_unit(caller: &Caller) -> Option<UnitId> {
    caller.unit.filter(|_| matches!(caller.role, Role::Officer | Role::Supervisor))
}

impl DraftRecord {
    /// Whether a caller may open it: its owner, and the staff of their unit.
    fn opens_to(&self, caller: &Caller) -> bool {
        self.owner == caller.actor() || (self.unit.is_some() && self.unit == shared_unit(caller))
    }

    /// What it says; none: it was handed in.
    fn open(&self, master: &MasterKey) -> Result<Option<SubmitApplicationRequest>, Failure> {
        let Some((wrapped_key, sealed)) = self.wrapped_key.as_ref().zip(self.content.as_ref()) else {
            return Ok(None);
        };
        let bytes = PersonKey::unwrap(master, wrapped_key)?.open_bytes(&context(self.id), sealed)?;
        // prost's own text names fields, and never what is in them.
        SubmitApplicationRequest::decode(bytes.as_slice()).map(Some).map_err(Failure::broken)
    }
}

/// The files that it names.
fn files(application: &SubmitApplicationRequest) -> BTreeSet<AttachmentId> {
    let named = application.documents.iter().flat_map(|document| &document.attachment_ids);
    named.filter_map(|id| id.parse().ok()).collect()
}

/// Of what is somebody else's nobody learns that it exists.
fn found(draft: Option<DraftRecord>, caller: &Caller, since: Timestamp) -> Result<DraftRecord, Rejection> {
    draft
        .filter(|draft| draft.opens_to(caller) && draft.saved_at > since)
        .ok_or_else(|| Rejection::not_found("UNKNOWN_DRAFT", "you have no draft with this id"))
}

/// Another was quicker.
fn changed(revision: i64) -> Rejection {
    let message = format!("the draft was saved meanwhile; it has revision {revision}");
    Rejection::new(Kind::Conflict, "DRAFT_CHANGED", message).with("revision", revision)
}

/// There is nothing any more that it says.
pub(crate) fn handed_in() -> Rejection {
    Rejection::new(Kind::Precondition, "DRAFT_SUBMITTED", "this draft is handed in already")
}

/// What a draft is sealed in.
fn context(id: DraftId) -> String {
    format!("intake.draft/{id}")
}
