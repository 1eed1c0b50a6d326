//! Keeps what somebody has written so far.

use phidia_domain::{
    Kind, Rejection,
    application::{Answers, check_text},
    caller::Caller,
    id::DraftId,
};
use phidia_proto::intake::v1::SubmitApplicationRequest;
use phidia_runtime::{database, failure::Failure, seal::PersonKey, status};
use prost::Message as _;

use super::{changed, context, found, handed_in, shared_unit};
use crate::{
    Intake,
    record::DraftRecord,
    store::{attachments, drafts as store},
};

/// Bytes of what a draft says, as a message: the longest answers, and as much again.
const MOST_BYTES: usize = 512 * 1024;

/// Which draft is saved.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Saved {
    /// A new one.
    New,
    /// This one, of which the caller has seen that revision.
    Again(DraftId, i64),
}

impl Intake {
    /// Keeps a draft as a whole, and answers with it. Whoever saves that of a colleague takes it over.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for what nobody could have written, and for too much of it; `NOT_FOUND`; `ABORTED` when another has saved it
    /// meanwhile; `FAILED_PRECONDITION` when it is handed in; `RESOURCE_EXHAUSTED` when the caller has too many.
    pub(crate) async fn save_draft(
        &self,
        caller: &Caller,
        saved: Saved,
        mut application: SubmitApplicationRequest,
    ) -> Result<DraftRecord, Failure> {
        application.idempotency_key = String::new();
        check(&application)?;
        let bytes = application.encode_to_vec();
        let (now, since) = (self.business.now(), self.drafts_since());
        let id = match saved {
            Saved::New => self.ids.mint(now),
            Saved::Again(id, _) => id,
        };
        let key = PersonKey::generate();
        let sealed = key.seal_bytes(&context(id), bytes)?;
        let draft = DraftRecord {
            id,
            owner: caller.actor(),
            unit: shared_unit(caller),
            revision: 1,
            procedure_code: application.procedure_code.clone(),
            wrapped_key: Some(key.wrap(&self.master_key)?),
            content: Some(sealed),
            created_at: now,
            saved_at: now,
            application: None,
        };
        let (files, until) = (super::files(&application), self.kept_until(&draft));
        let province = self.versions.active().await?.value.code.clone();
        let (most, master_key, caller) = (self.config.most_drafts, self.master_key.clone(), caller.clone());
        self.outbox
            .write(move |tx, _| {
                Box::pin(async move {
                    let before = match saved {
                        Saved::New => None,
                        Saved::Again(id, revision) => {
                            let before = found(store::lock(tx, &province, id).await?, &caller, since)?;
                            let said = before.open(&master_key)?.ok_or_else(handed_in)?;
                            if before.revision != revision {
                                // The answer of before was lost, and this is the same again.
                                let again = before.owner == draft.owner
                                    && before.revision == revision.saturating_add(1)
                                    && said == application;
                                return if again { Ok(before) } else { Err(changed(before.revision).into()) };
                            }
                            Some((before, said))
                        }
                    };
                    if before.as_ref().is_none_or(|(before, _)| before.owner != draft.owner) {
                        let key = format!("intake.drafts/{province}/{}", draft.owner);
                        database::alone(tx, &key).await?;
                        if store::count(tx, &province, &draft.owner, since).await? >= u64::from(most) {
                            return Err(too_many(most).into());
                        }
                    }
                    // Its files stay as long as it does, and go over with it to whoever takes it over.
                    let owner = draft.owner.as_str();
                    let known =
                        before.as_ref().map(|(before, said)| (before.owner.as_str(), super::files(said)));
                    if let Some((before, known)) = known {
                        attachments::want(tx, &province, &known, (before, owner), until).await?;
                    }
                    attachments::want(tx, &province, &files, (owner, owner), until).await?;
                    let Some((before, _)) = before else {
                        store::insert(tx, &province, draft.clone()).await?;
                        return Ok(draft);
                    };
                    let created_at = before.created_at;
                    let draft = DraftRecord { revision: before.revision + 1, created_at, ..draft };
                    store::save(tx, &province, draft.clone()).await?;
                    Ok(draft)
                })
            })
            .await
    }
}

/// Nothing is asked of a draft but that somebody can have written it.
fn check(application: &SubmitApplicationRequest) -> Result<(), Rejection> {
    if application.encoded_len() > MOST_BYTES {
        let expected = format!("at most {} KiB", MOST_BYTES / 1024);
        return Err(Rejection::invalid("DRAFT_TOO_LARGE", "application", expected)
            .in_vietnamese(format!("hồ sơ nháp dài nhất {} KiB", MOST_BYTES / 1024)));
    }
    let applicant = application.applicant.clone().unwrap_or_default();
    let (proxy, residence) = (applicant.proxy.unwrap_or_default(), applicant.residence.unwrap_or_default());
    for (field, text) in [
        ("procedure_code", &application.procedure_code),
        ("received_at_code", &application.received_at_code),
        ("return_at_code", &application.return_at_code),
        ("applicant.name", &applicant.name),
        ("applicant.identity_number", &applicant.identity_number),
        ("applicant.email", &applicant.email),
        ("applicant.telephone", &applicant.telephone),
        ("applicant.registration_number", &applicant.registration_number),
        ("applicant.representative", &applicant.representative),
        ("applicant.postal_address", &applicant.postal_address),
        ("applicant.residence.address", &residence.address),
        ("applicant.proxy.name", &proxy.name),
    ] {
        check_text(field, text, 0, 1_000).map_err(in_application)?;
    }
    match application.answers.as_str() {
        "" => Ok(()),
        text => Answers::parse(text).map(drop).map_err(in_application),
    }
}

fn in_application(fault: Rejection) -> Rejection {
    fault.under("application")
}

fn too_many(most: u32) -> Rejection {
    let message = format!("a caller may have {most} drafts; hand some in, or throw them away");
    Rejection::new(Kind::Exhausted, "TOO_MANY_DRAFTS", message).with(status::LIMIT, most)
}
