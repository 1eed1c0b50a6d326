//! Hands in what a draft says: it becomes one application, however often that is asked for.

use std::sync::Arc;

use phidia_domain::{
    Kind, Rejection,
    application::{Issued, Submission},
    caller::Caller,
    id::DraftId,
};
use phidia_proto::application;
use phidia_runtime::failure::Failure;

use super::{changed, files, found};
use crate::{
    Intake,
    applications::submit::{TakenIn, borne, code_used, is_of, number},
    record::Receipt,
    store::{attachments, drafts as store, reading},
};

/// How often a draft is read again that was saved in between.
const ATTEMPTS: usize = 3;

impl Intake {
    /// Hands a draft in, by the same rules as what is handed in without one. Whoever asks again, or is a moment later, gets the same
    /// receipt. `revision`: what the caller has seen; 0: whatever it says by now. `issued`: what its receipt says already.
    ///
    /// # Errors
    /// `NOT_FOUND`; `ALREADY_EXISTS` when it was handed in with another receipt than that; `ABORTED` when it was saved meanwhile;
    /// `FAILED_PRECONDITION` for whatever [`Intake::submit`] would find wrong.
    pub(crate) async fn submit_draft(
        &self,
        caller: &Caller,
        id: DraftId,
        revision: i64,
        issued: Option<Issued>,
    ) -> Result<TakenIn, Failure> {
        let mut attempt = 1;
        loop {
            match self.try_to_submit_draft(caller, id, revision, issued.clone()).await {
                Err(failure) if attempt < ATTEMPTS && revision == 0 && is_changed(&failure) => attempt += 1,
                answer => return answer,
            }
        }
    }

    async fn try_to_submit_draft(
        &self,
        caller: &Caller,
        id: DraftId,
        revision: i64,
        issued: Option<Issued>,
    ) -> Result<TakenIn, Failure> {
        let shown = self.draft(caller, id).await?;
        if let Some(receipt) = shown.receipt {
            return Ok(TakenIn { receipt: as_issued(receipt, issued.as_ref())?, advice: Vec::new() });
        }
        let read = shown.draft.revision;
        if revision != 0 && revision != read {
            return Err(changed(read).into());
        }
        let request = shown.application.ok_or_else(|| Failure::broken(format!("{id} says nothing")))?;
        let files = files(&request);
        let (submission, misread) = application::read(request);
        let submission = Submission { issued: issued.clone().or(submission.issued), ..submission };
        let (version, now) = (self.versions.active().await?, self.business.now());
        let code = submission.issued.as_ref().and_then(|issued| issued.code().ok());
        let drawn_up = self.draw_up(caller, &submission, misread, &version, now).map_err(not_whole)?;
        let drawn_up = Arc::new(drawn_up);
        let advice = drawn_up.advice.clone();
        let province = version.value.code.clone();
        let (by, caller) = (self.handed_in_by(caller, &province, None), caller.clone());
        let (since, until) = (self.drafts_since(), self.kept_until(&shown.draft));
        let receipt: Receipt = self
            .outbox
            .write(move |tx, facts| {
                Box::pin(async move {
                    let draft = found(store::lock(tx, &province, id).await?, &caller, since)?;
                    if let Some(application) = draft.application {
                        let receipt = reading::receipt(tx, &province, application).await?;
                        let missing =
                            || Failure::broken(format!("{application} was handed in and is not here"));
                        return as_issued(receipt.ok_or_else(missing)?, issued.as_ref());
                    }
                    if draft.revision != read {
                        return Err(changed(draft.revision).into());
                    }
                    if let Some(code) = &code
                        && borne(tx, &by, code).await?.is_some()
                    {
                        return Err(code_used().into());
                    }
                    // A colleague's files are handed in with their draft.
                    let owners = (draft.owner.as_str(), caller.actor());
                    attachments::want(tx, &province, &files, (owners.0, &owners.1), until).await?;
                    let receipt = number(tx, facts, by, &drawn_up).await.map_err(not_whole)?;
                    store::hand_in(tx, &province, id, receipt.application, receipt.received_at).await?;
                    Ok(receipt)
                })
            })
            .await?;
        Ok(TakenIn { receipt, advice })
    }
}

/// The receipt of what a draft has become, unless somebody was promised another one.
fn as_issued(receipt: Receipt, issued: Option<&Issued>) -> Result<Receipt, Failure> {
    if issued.is_none_or(|issued| is_of(&receipt, issued)) {
        return Ok(receipt);
    }
    let message = "the draft was handed in with another dossier code";
    let refusal = Rejection::new(Kind::AlreadyExists, "DRAFT_HANDED_IN", message);
    Err(refusal.with("dossier_code", receipt.dossier_code).into())
}

/// Nothing is wrong with the request: it is the draft that lacks something, by paths in its application.
fn not_whole(failure: Failure) -> Failure {
    match failure {
        Failure::Rejected(fault) if fault.kind == Kind::Invalid => {
            Rejection { kind: Kind::Precondition, ..fault }.into()
        }
        failure => failure,
    }
}

fn is_changed(failure: &Failure) -> bool {
    failure.rejection().is_some_and(|refusal| refusal.reason == "DRAFT_CHANGED")
}
