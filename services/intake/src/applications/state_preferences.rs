//! Over which ways an applicant wants to be told what happens. Notification keeps what was said last of a person; here it stands with the
//! applicant, sealed, as it was said of this application.

use jiff::Timestamp;
use phidia_domain::{
    application::Applicant, caller::Caller, id::ApplicationId, preference::ContactPreferences,
};
use phidia_outbox::NewEvent;
use phidia_proto::{
    convert::{wire_preferences, wire_timestamp},
    events::v1::{PreferencesStated, event::Fact},
};
use phidia_runtime::{
    context::Context,
    failure::Failure,
    seal::{MasterKey, PersonKey},
};

use super::correct_contact::{Whose, erased};
use crate::{Intake, record::SealedApplicant, store::contacts};

impl Intake {
    /// Writes it down, and answers which application it is about and when it was said. The same again is said again: of another application of
    /// theirs they may have said otherwise meanwhile.
    ///
    /// # Errors
    /// As [`Intake::correct_contact`].
    pub(crate) async fn state_preferences(
        &self,
        caller: &Caller,
        whose: Whose,
        preferences: ContactPreferences,
    ) -> Result<(ApplicationId, Timestamp), Failure> {
        let id = self.of_whom(caller, whose).await?;
        let province = self.versions.active().await?.value.code.clone();
        let (now, actor, master_key) = (self.business.now(), caller.actor(), self.master_key.clone());
        let traceparent = Context::current().map(|context| context.trace.to_string()).unwrap_or_default();
        self.outbox
            .write(move |tx, facts| {
                Box::pin(async move {
                    let (sealed, _) = contacts::lock(tx, &province, id).await?;
                    let applicant = sealed.open(&master_key, id)?.ok_or_else(erased)?;
                    let wrapped = sealed.wrapped_key.as_deref().ok_or_else(erased)?;
                    let key = PersonKey::unwrap(&master_key, wrapped)?;
                    let applicant = Applicant { preferences, ..applicant };
                    let stated = PreferencesStated {
                        person_id: sealed.person.to_string(),
                        pseudonym: pseudonym(&master_key, &province, &applicant)?,
                        preferences: Some(wire_preferences(preferences)),
                        stated_at: Some(wire_timestamp(now)),
                    };
                    let applicant = SealedApplicant::seal(&key, id, &applicant)?;
                    contacts::save_applicant(tx, &province, id, applicant).await?;
                    facts.tell(NewEvent {
                        province,
                        application: id,
                        occurred_at: now,
                        actor,
                        cause: None,
                        traceparent,
                        fact: Fact::PreferencesStated(stated),
                    });
                    Ok(())
                })
            })
            .await?;
        Ok((id, now))
    }
}

/// What stands for a person whichever application it is about; empty where they gave no identity number.
pub(crate) fn pseudonym(
    master_key: &MasterKey,
    province: &str,
    applicant: &Applicant,
) -> Result<Vec<u8>, Failure> {
    let Some(identity) = applicant.identity() else { return Ok(Vec::new()) };
    Ok(master_key.pseudonym(&format!("intake.person/{province}"), &identity)?.into())
}
