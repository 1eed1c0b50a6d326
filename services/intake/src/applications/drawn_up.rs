//! An accepted submission before it has its number: all that can be decided, reckoned and sealed without
//! the store, so that the transaction is short.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{Timestamp, civil::Date};
use phidia_domain::{
    Kind, Rejection,
    application::{Acceptance, CodeSeries, Contents, DossierCode, Issued, Status, Submission, all_in_one},
    caller::{Caller, Role},
    id::{ApplicationId, AttachmentId, PersonId, UnitId},
    notice::Contact,
    procedure::{CompetenceKey, Text},
    province::Province,
    receipt::{Accepted, Local},
};
use phidia_proto::{
    application::wire_return_way,
    convert,
    events::v1::{ApplicationSubmitted, PreferencesStated, SealedContact},
};
use phidia_runtime::{
    failure::Failure,
    random::{self, six_digits},
    seal::{PersonKey, Sealed},
    versions::Versioned,
};

use crate::{
    Intake,
    applications::{get, similar, state_preferences},
    receipts::signer::Signer,
    record::{Application, Dossier, Outcome, Progress, Receipt, SealedApplicant},
    scope::Scope,
    store::submission::Stated,
};

/// An application that lacks nothing but its dossier code.
pub(crate) struct DrawnUp {
    /// Whose running number it takes, and of which day.
    pub(crate) unit: UnitId,
    pub(crate) day: Date,
    /// The codes that it takes one of.
    pub(crate) series: CodeSeries,
    /// Its code, where that was given already.
    pub(crate) issued: Option<DossierCode>,
    pub(crate) stated: Stated,
    /// What is worth saying to whoever hands it in.
    pub(crate) advice: Vec<Text>,
    /// The files that go with it, each with its path in the request.
    pub(crate) attachments: Vec<(String, AttachmentId)>,
    /// Signs its receipt once it has its code.
    signer: Arc<Signer>,
    dossier: Dossier,
    /// What is signed, but for its code.
    accepted: Accepted,
    fact: ApplicationSubmitted,
    /// Over which ways the applicant wants to be told, where they say so.
    pub(crate) preferences: Option<PreferencesStated>,
}

impl DrawnUp {
    /// The application with its code, and the fact to be told of it.
    pub(crate) fn coded(&self, code: &DossierCode) -> (Dossier, ApplicationSubmitted) {
        let code = code.to_string();
        let (mut dossier, mut fact) = (self.dossier.clone(), self.fact.clone());
        dossier.application.dossier_code.clone_from(&code);
        dossier.receipt.dossier_code.clone_from(&code);
        let accepted = Accepted { dossier_code: code.clone(), ..self.accepted.clone() };
        dossier.receipt.signed = Some(self.signer.sign(accepted).text());
        fact.dossier_code = code;
        (dossier, fact)
    }
}

impl Intake {
    /// Checks a submission and draws up all that follows from it.
    ///
    /// # Errors
    /// What [`Submission::judge`] refuses, with what said nothing (`misread`); `PERMISSION_DENIED` where an officer receives at another
    /// unit, and for whom no codes are reserved.
    pub(crate) fn draw_up(
        &self,
        caller: &Caller,
        submission: &Submission,
        misread: Vec<Rejection>,
        version: &Versioned<Province>,
        now: Timestamp,
    ) -> Result<DrawnUp, Failure> {
        let province = &version.value;
        check_issued(caller, submission)?;
        let acceptance = submission.judge(province, now, misread).map_err(all_in_one)?;
        let day = province.clock.local_date(acceptance.promise.received_at);
        Scope::of(caller).check(acceptance.received_at.id)?;

        let id: ApplicationId = self.ids.mint(now);
        let (applicant, answers, contact) = self.seal(submission, &province.code, id, now)?;
        let application = application(id, submission, &acceptance, version.version);
        let issued = submission.issued.as_ref();
        let check_code = issued.map_or_else(six_digits, |issued| issued.check_code.clone());
        let receipt = receipt(id, submission, &acceptance, check_code);
        let fact = ApplicationSubmitted {
            places: convert::wire_places(&codes(province, &acceptance)?),
            conflicted_unit_ids: acceptance.conflicts.iter().map(ToString::to_string).collect(),
            applicant_pseudonym: self.pseudonym(submission, &acceptance, &province.code)?,
            ..fact(submission, &application, &receipt, contact)
        };
        Ok(DrawnUp {
            unit: acceptance.received_at.id,
            day,
            series: CodeSeries::of(&province.agency_code, acceptance.received_at, day),
            issued: issued.map(Issued::code).transpose()?,
            stated: Stated {
                places: submission.places.clone(),
                conflicted_codes: submission.conflicted_codes.clone(),
                handed_in_at: submission.handed_in_at,
                salt: random::bytes(),
                mark: similar::mark(&self.master_key, &province.code, submission)?,
            },
            advice: acceptance.advice.clone(),
            attachments: submission.contents.iter().flat_map(Contents::attachments).collect(),
            signer: Arc::clone(&self.signer),
            accepted: accepted(province, &acceptance),
            dossier: Dossier {
                application,
                receipt,
                applicant,
                answers,
                documents: submission
                    .contents
                    .as_ref()
                    .map(|contents| contents.documents.clone())
                    .unwrap_or_default(),
            },
            preferences: preferences(submission, &fact),
            fact,
        })
    }

    /// Seals the applicant and their answers for the store and their contact for the event, under a new key of theirs.
    fn seal(
        &self,
        submission: &Submission,
        province: &str,
        application: ApplicationId,
        now: Timestamp,
    ) -> Result<(SealedApplicant, Option<Vec<u8>>, SealedContact), Failure> {
        let (person, key): (PersonId, _) = (self.ids.mint(now), PersonKey::generate());
        let wrapped_key = key.wrap(&self.master_key)?;
        let sealed = SealedApplicant::seal(&key, application, &submission.applicant)?;
        let answers = submission.contents.as_ref().and_then(|contents| contents.answers.as_ref());
        let answers = answers.map(|answers| get::seal_answers(&key, application, answers)).transpose()?;
        let contact = Sealed::seal(&key, &Contact::context(person), &Contact::from(&submission.applicant))?;
        let contact = SealedContact {
            person_id: person.to_string(),
            wrapped_key: wrapped_key.clone(),
            sealed: contact.as_bytes().to_vec(),
            pseudonym: state_preferences::pseudonym(&self.master_key, province, &submission.applicant)?,
        };
        Ok((SealedApplicant { person, wrapped_key: Some(wrapped_key), sealed }, answers, contact))
    }

    /// What stands for the applicant in the field of the procedure: another in each, so that nobody who sees what they
    /// do in one learns what they do elsewhere. Empty where they gave no identity number.
    fn pseudonym(
        &self,
        submission: &Submission,
        acceptance: &Acceptance<'_>,
        province: &str,
    ) -> Result<Vec<u8>, Failure> {
        let Some(identity) = submission.applicant.identity() else { return Ok(Vec::new()) };
        let context = format!("intake.applicant/{province}/{}", acceptance.procedure.field.vi);
        Ok(self.master_key.pseudonym(&context, &identity)?.into())
    }
}

/// What the applicant says of how they want to be told; none: nothing.
fn preferences(submission: &Submission, fact: &ApplicationSubmitted) -> Option<PreferencesStated> {
    let said = submission.applicant.preferences;
    let contact = fact.contact.as_ref().filter(|_| !said.is_unsaid())?;
    Some(PreferencesStated {
        person_id: contact.person_id.clone(),
        pseudonym: contact.pseudonym.clone(),
        preferences: Some(convert::wire_preferences(said)),
        stated_at: fact.submitted_at,
    })
}

/// Codes are reserved for centres, and it is they who may say that they accepted something with one of them, and when.
///
/// # Errors
/// `PERMISSION_DENIED`, of `issued`.
pub(crate) fn check_issued(caller: &Caller, submission: &Submission) -> Result<(), Rejection> {
    if submission.issued.is_none() || caller.role != Role::Citizen {
        return Ok(());
    }
    let message = "only a centre may say what it has accepted without a line";
    let refusal = Rejection::new(Kind::Forbidden, "ISSUED_BY_CENTRES", message);
    Err(refusal.violating("issued", message).in_vietnamese("chỉ nơi tiếp nhận mới được nêu mã hồ sơ đã cấp"))
}

fn application(
    id: ApplicationId,
    submission: &Submission,
    acceptance: &Acceptance<'_>,
    province_version: i64,
) -> Application {
    Application {
        id,
        dossier_code: String::new(),
        procedure_code: acceptance.procedure.code.clone(),
        procedure_name: acceptance.procedure.name.clone(),
        province_version,
        received_at_unit: acceptance.received_at.id,
        return_at_unit: acceptance.return_at.id,
        channel: submission.channel,
        digitised: Some(submission.is_digitised()),
        entrance: submission.entrance,
        result_by: submission.result_by,
        submitted_at: acceptance.promise.received_at,
        progress: Progress {
            status: Status::Accepted,
            working_unit: None,
            beside: Vec::new(),
            finished: None,
            due_at: acceptance.promise.due_at,
            supplement: None,
            payments: Vec::new(),
            stopping: false,
        },
        appointment_at: None,
        outcome: Outcome::default(),
        contact_corrected_at: None,
    }
}

fn receipt(
    id: ApplicationId,
    submission: &Submission,
    acceptance: &Acceptance<'_>,
    check_code: String,
) -> Receipt {
    let fees = submission.fees_due(acceptance.procedure);
    Receipt {
        application: id,
        dossier_code: String::new(),
        check_code,
        procedure_name: acceptance.procedure.name.clone(),
        received_at_name: acceptance.received_at.name.clone(),
        return_at_name: acceptance.return_at.name.clone(),
        received_at: acceptance.promise.received_at,
        due_at: acceptance.promise.due_at,
        arithmetic: acceptance.promise.arithmetic.clone(),
        fee_vnd: fees.is_known.then(|| fees.total_vnd()),
        fees: fees.lines.into_iter().map(Into::into).collect(),
        signed: None,
    }
}

fn accepted(province: &Province, acceptance: &Acceptance<'_>) -> Accepted {
    let local = |at| Local::of(at, province.clock.time_zone());
    Accepted {
        province: province.code.clone(),
        dossier_code: String::new(),
        procedure_code: acceptance.procedure.code.clone(),
        received_at_code: acceptance.received_at.code.clone(),
        return_at_code: acceptance.return_at.code.clone(),
        received_at: local(acceptance.promise.received_at),
        due_at: acceptance.promise.due_at.map(local),
    }
}

fn fact(
    submission: &Submission,
    application: &Application,
    receipt: &Receipt,
    contact: SealedContact,
) -> ApplicationSubmitted {
    ApplicationSubmitted {
        channel: convert::wire_channel(application.channel).into(),
        digitised: application.digitised,
        procedure_code: application.procedure_code.clone(),
        procedure_name: Some(convert::wire_text(&application.procedure_name)),
        province_version: application.province_version,
        dossier_code: String::new(),
        received_at_unit_id: application.received_at_unit.to_string(),
        return_at_unit_id: application.return_at_unit.to_string(),
        return_at_unit_name: Some(convert::wire_text(&receipt.return_at_name)),
        submitted_at: Some(convert::wire_timestamp(application.submitted_at)),
        due_at: application.progress.due_at.map(convert::wire_timestamp),
        contact: Some(contact),
        language: convert::wire_language(submission.applicant.language).into(),
        result_by: wire_return_way(application.result_by).into(),
        ..ApplicationSubmitted::default()
    }
}

/// The official codes of today of the places that a submission names.
fn codes(
    province: &Province,
    acceptance: &Acceptance<'_>,
) -> Result<BTreeMap<CompetenceKey, String>, Failure> {
    let code = |(key, unit): (&CompetenceKey, &UnitId)| {
        let unit = province.units.get(unit);
        unit.map(|unit| (*key, unit.code.clone())).ok_or_else(|| {
            Failure::from(Rejection::invalid("UNKNOWN_UNIT", "places", "the code of a unit of the province"))
        })
    };
    acceptance.places.iter().map(code).collect()
}
