//! One application with its applicant.

use phidia_domain::{
    Rejection,
    application::{Answers, Applicant, HandedIn},
    caller::Caller,
    id::ApplicationId,
};
use phidia_runtime::{
    failure::Failure,
    seal::{MasterKey, PersonKey, Sealed},
};

use super::track::{self, Told};
use crate::{
    Intake,
    record::{Application, Dossier, Receipt, SealedApplicant},
    scope::Scope,
    store::reading,
};

/// What is shown of an application.
pub(crate) struct Shown {
    pub(crate) application: Application,
    /// None once the person was erased.
    pub(crate) applicant: Option<Applicant>,
    pub(crate) receipt: Receipt,
    /// None: there are none, or the person was erased.
    pub(crate) answers: Option<Answers>,
    pub(crate) documents: Vec<HandedIn>,
    pub(crate) history: Vec<Told>,
}

impl Intake {
    /// One application, with its applicant unless they were erased.
    pub(crate) async fn get(&self, caller: &Caller, id: ApplicationId) -> Result<Shown, Failure> {
        let dossier = self.dossier(caller, id).await?;
        let applicant = dossier.applicant.open(&self.master_key, id)?;
        let answers = dossier.open_answers(&self.master_key)?;
        let version = self.versions.active().await?;
        let entries = reading::entries(self.outbox.database().read(), &version.value.code, id).await?;
        let Dossier { application, receipt, documents, .. } = dossier;
        let history = track::history(&version.value, &application, &receipt, &entries);
        Ok(Shown { application, applicant, receipt, answers, documents, history })
    }

    /// All that is kept of an application that the caller may open.
    pub(crate) async fn dossier(&self, caller: &Caller, id: ApplicationId) -> Result<Dossier, Failure> {
        let province = self.versions.active().await?;
        let dossier = reading::dossier(self.outbox.database().read(), &province.value.code, id)
            .await?
            // Of what lies elsewhere an officer does not even learn that it exists.
            .filter(|dossier| Scope::of(caller).opens(&dossier.application))
            .ok_or_else(|| Rejection::not_found("UNKNOWN_APPLICATION", "no application has this id"))?;
        Ok(dossier)
    }
}

impl SealedApplicant {
    /// Seals the applicant of `application`.
    pub(crate) fn seal(
        key: &PersonKey,
        application: ApplicationId,
        applicant: &Applicant,
    ) -> Result<Vec<u8>, Failure> {
        Ok(Sealed::seal(key, &context(application), applicant)?.as_bytes().to_vec())
    }

    /// The applicant; none once they were erased.
    pub(crate) fn open(
        &self,
        master: &MasterKey,
        application: ApplicationId,
    ) -> Result<Option<Applicant>, Failure> {
        let Some(wrapped_key) = &self.wrapped_key else { return Ok(None) };
        let key = PersonKey::unwrap(master, wrapped_key)?;
        Sealed::from_bytes(self.sealed.clone()).open(&key, &context(application)).map(Some)
    }
}

impl Dossier {
    /// The answers to the form; none: there are none, or the person was erased.
    fn open_answers(&self, master: &MasterKey) -> Result<Option<Answers>, Failure> {
        let Some((wrapped_key, sealed)) = self.applicant.wrapped_key.as_ref().zip(self.answers.as_ref())
        else {
            return Ok(None);
        };
        let key = PersonKey::unwrap(master, wrapped_key)?;
        Sealed::from_bytes(sealed.clone()).open(&key, &answers_context(self.application.id)).map(Some)
    }
}

/// Seals the answers of an application.
pub(crate) fn seal_answers(
    key: &PersonKey,
    application: ApplicationId,
    answers: &Answers,
) -> Result<Vec<u8>, Failure> {
    Ok(Sealed::seal(key, &answers_context(application), answers)?.into_bytes())
}

fn context(application: ApplicationId) -> String {
    format!("intake.applicant/{application}")
}

fn answers_context(application: ApplicationId) -> String {
    format!("intake.answers/{application}")
}
