//! Corrects how an applicant is reached: by an officer, or by whoever has the receipt and knows whose it is. A receipt alone does not do, for who
//! finds one would have told to themself what is told to its owner.

use jiff::Timestamp;
use phidia_domain::{
    Kind, Rejection,
    application::{Applicant, check_contact},
    caller::{Caller, Role},
    id::ApplicationId,
    notice::Contact,
};
use phidia_outbox::NewEvent;
use phidia_proto::{
    convert::wire_timestamp,
    events::v1::{ContactCorrected, SealedContact, event::Fact},
};
use phidia_runtime::{
    context::Context,
    digest,
    failure::Failure,
    seal::{PersonKey, Sealed},
};

use super::track::wrong_receipt;
use crate::{Intake, record::SealedApplicant, store::contacts};

/// Whose contact it is.
pub(crate) enum Whose {
    /// That of an application which an officer may open.
    Application(ApplicationId),
    /// That of a receipt, for who knows the applicant's identity number.
    Receipt { dossier_code: String, check_code: String, identity_number: String },
}

/// How they are reached from now on.
#[derive(Clone)]
pub(crate) struct NewContact {
    pub(crate) email: String,
    pub(crate) telephone: String,
}

impl Intake {
    /// Writes it down, and answers which application it is about and when it was corrected. The same again changes nothing.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for the address or the number; `PERMISSION_DENIED` for a citizen without a receipt; `NOT_FOUND`;
    /// `FAILED_PRECONDITION` where the applicant gave no identity number, or was erased.
    pub(crate) async fn correct_contact(
        &self,
        caller: &Caller,
        whose: Whose,
        new: NewContact,
    ) -> Result<(ApplicationId, Timestamp), Failure> {
        check_contact(&new.email, &new.telephone)?;
        let id = self.of_whom(caller, whose).await?;
        let province = self.versions.active().await?.value.code.clone();
        let (now, actor, master_key) = (self.business.now(), caller.actor(), self.master_key.clone());
        let traceparent = Context::current().map(|context| context.trace.to_string()).unwrap_or_default();
        let corrected_at = self
            .outbox
            .write(move |tx, facts| {
                Box::pin(async move {
                    let (sealed, before) = contacts::lock(tx, &province, id).await?;
                    let applicant = sealed.open(&master_key, id)?.ok_or_else(erased)?;
                    if applicant.email == new.email && applicant.telephone == new.telephone {
                        return Ok(before);
                    }
                    let wrapped = sealed.wrapped_key.as_deref().ok_or_else(erased)?;
                    let key = PersonKey::unwrap(&master_key, wrapped)?;
                    let applicant = Applicant { email: new.email, telephone: new.telephone, ..applicant };
                    let contact =
                        Sealed::seal(&key, &Contact::context(sealed.person), &Contact::from(&applicant))?;
                    let applicant = SealedApplicant::seal(&key, id, &applicant)?;
                    contacts::save(tx, &province, id, applicant, now).await?;
                    // Whoever is told has the key already.
                    let contact = SealedContact {
                        person_id: sealed.person.to_string(),
                        wrapped_key: Vec::new(),
                        sealed: contact.into_bytes(),
                        pseudonym: Vec::new(),
                    };
                    let corrected =
                        ContactCorrected { contact: Some(contact), corrected_at: Some(wire_timestamp(now)) };
                    facts.tell(NewEvent {
                        province,
                        application: id,
                        occurred_at: now,
                        actor,
                        cause: None,
                        traceparent,
                        fact: Fact::ContactCorrected(corrected),
                    });
                    Ok(now)
                })
            })
            .await?;
        Ok((id, corrected_at))
    }

    /// The application that somebody may say something of.
    pub(super) async fn of_whom(&self, caller: &Caller, whose: Whose) -> Result<ApplicationId, Failure> {
        match whose {
            Whose::Application(id) => self.for_officer(caller, id).await,
            Whose::Receipt { dossier_code, check_code, identity_number } => {
                self.for_holder(caller, &dossier_code, &check_code, identity_number).await
            }
        }
    }

    async fn for_officer(&self, caller: &Caller, id: ApplicationId) -> Result<ApplicationId, Failure> {
        if caller.role == Role::Citizen {
            let message = "a contact is corrected with the receipt and the applicant's identity number";
            return Err(Rejection::new(Kind::Forbidden, "RECEIPT_REQUIRED", message).into());
        }
        Ok(self.dossier(caller, id).await?.application.id)
    }

    /// A wrong identity number is a wrong code like any other, and counted like one.
    async fn for_holder(
        &self,
        caller: &Caller,
        dossier_code: &str,
        check_code: &str,
        identity_number: String,
    ) -> Result<ApplicationId, Failure> {
        let (id, guess) = self.guess_receipt(caller, dossier_code, check_code).await?;
        let province = self.versions.active().await?.value.code.clone();
        let sealed = contacts::read(self.outbox.database().read(), &province, id).await?;
        let applicant = sealed.open(&self.master_key, id)?.ok_or_else(erased)?;
        let known = applicant.identity().ok_or_else(|| {
            let message =
                "the applicant gave no identity number by which they could be known; an officer can help";
            Rejection::new(Kind::Precondition, "NO_SECOND_FACTOR", message)
        })?;
        let shown = Applicant { identity_number, ..applicant }.identity().unwrap_or_default();
        match digest::same(known.as_bytes(), shown.as_bytes()) {
            true => Ok(id),
            false => Err(wrong_receipt(guess)),
        }
    }
}

pub(super) fn erased() -> Rejection {
    let message = "the applicant's data were erased";
    Rejection::new(Kind::Precondition, "PERSON_ERASED", message)
}
