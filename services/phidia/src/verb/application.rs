//! `phidia application …`

mod preferences;
pub(super) mod rating;
mod watch;

use std::{path::Path, process::ExitCode};

use phidia_domain::{
    Rejection,
    caller::Role,
    id::{AttachmentId, EventId},
};
use phidia_proto::{
    convert,
    events::v1::PaymentWay,
    intake::v1::{
        Applicant, Channel, CorrectContactRequest, DocumentForm, Form, GetApplicationRequest,
        ListApplicationsRequest, ReceiptHolder, RecordPaymentRequest, RenderFormOfReceiptRequest,
        RenderFormRequest, RenderRegisterRequest, SubmitApplicationRequest, SupplementApplicationRequest,
        TrackApplicationRequest, TrackedResult, WithdrawApplicationRequest,
        application_service_client::ApplicationServiceClient, check_application_request::What,
        correct_contact_request::Key, state_contact_preferences_request,
    },
    types::v1::{ApplicationStatus, ContactPreferences},
};
use phidia_runtime::{clock::RealClock, ids::Ids, peer::Peer};
use phidia_words::Words;

use super::{
    attachment,
    dossier::{print_receipt, print_submitted},
    draft,
};
use crate::{
    client::Client,
    command::{Application, Dossier, FormName, List, PaymentWayName, Submit},
    show::{self, Zone},
    spool::{Scan, Spool},
};

pub(crate) async fn run(client: &Client<'_>, verb: Application) -> anyhow::Result<ExitCode> {
    match verb {
        Application::Submit(options) => return submit(client, *options).await,
        Application::Check(dossier) => {
            return draft::check(client, What::Application(said(client, *dossier)?)).await;
        }
        Application::Track { dossier_code, check_code } => track(client, dossier_code, check_code).await?,
        Application::Watch { dossier_code, check_code } => {
            watch::run(client, dossier_code, check_code).await?;
        }
        Application::Contact { application, check_code, identity_number, email, telephone } => {
            let key = match holder(&application, check_code, identity_number) {
                None => Key::ApplicationId(application),
                Some(holder) => Key::Holder(holder),
            };
            contact(client, CorrectContactRequest { key: Some(key), email, telephone }).await?;
        }
        Application::Preferences { application, check_code, identity_number, email, sms, zalo, daily } => {
            use state_contact_preferences_request::Key;
            let key = match holder(&application, check_code, identity_number) {
                None => Key::ApplicationId(application),
                Some(holder) => Key::Holder(holder),
            };
            let [email, sms, zalo] = [email, sms, zalo].map(preferences::choice);
            preferences::run(client, key, ContactPreferences { email, sms, zalo, daily }).await?;
        }
        Application::Supplement { dossier_code, check_code, attachments } => {
            supplement(client, dossier_code, check_code, &attachments).await?;
        }
        Application::Pay { dossier_code, amount_dong, reference, way } => {
            let way = match way {
                PaymentWayName::Cash => PaymentWay::Cash,
                PaymentWayName::Transfer => PaymentWay::Transfer,
                PaymentWayName::Online => PaymentWay::Online,
            };
            let way = way.into();
            pay(client, RecordPaymentRequest { dossier_code, amount_dong, reference, way }).await?;
        }
        Application::Withdraw { dossier_code, check_code } => {
            withdraw(client, dossier_code, check_code).await?;
        }
        Application::Rate { dossier_code, check_code, rating, comment } => {
            rating::rate(client, dossier_code, check_code, rating, comment).await?;
        }
        Application::Ratings(options) => rating::list(client, options).await?,
        Application::Form { application, check_code, form, out } => {
            print_form(client, application, check_code, form, &out).await?;
        }
        Application::Register { received_at, from, to, out } => {
            register(client, received_at, from, to, &out).await?;
        }
        Application::List(options) => list(client, options).await?,
        Application::Show { application } => show_one(client, application).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn submit(client: &Client<'_>, options: Submit) -> anyhow::Result<ExitCode> {
    let Submit { dossier, key, folder } = options;
    let mut request = said(client, dossier)?;
    if let Some(folder) = folder {
        let spool = Spool::open(&folder)?;
        let scans = scans(&mut request)?;
        let request = SubmitApplicationRequest { idempotency_key: key.unwrap_or_default(), ..request };
        let item = spool.keep(request, scans)?;
        return super::spool::tell_of_one(client, &spool, &item).await;
    }
    let key = key.unwrap_or_else(|| Ids::random().mint::<EventId>(RealClock.now()).to_string());
    // Told before anything is sent: whoever loses the line has it and may ask again with it.
    show::aside(&format!("{}: {key}", client.speech().term_idempotency_key()));
    // By the same key the same files are found again.
    attachment::upload_named(client, &mut request.documents, &key).await?;
    let request = SubmitApplicationRequest { idempotency_key: key, ..request };
    // Whoever hands in has uploaded.
    let peer = client.peer(attachment::uploader(client)).await?;
    let mut applications = ApplicationServiceClient::new(peer);
    let answer = applications.submit_application(request).await?.into_inner();
    if client.json() {
        show::json("phidia.intake.v1.SubmitApplicationResponse", &answer)?;
        return Ok(ExitCode::SUCCESS);
    }
    print_submitted(client.speech(), &client.zone().await, &answer);
    Ok(ExitCode::SUCCESS)
}

/// The files that are named where ids of attachments would stand, taken out of the request.
pub(super) fn scans(request: &mut SubmitApplicationRequest) -> anyhow::Result<Vec<Scan>> {
    let mut scans = Vec::new();
    for (index, document) in request.documents.iter_mut().enumerate() {
        let is_id = |name: &String| name.parse::<AttachmentId>().is_ok();
        let (ids, files): (Vec<_>, Vec<_>) = document.attachment_ids.drain(..).partition(is_id);
        document.attachment_ids = ids;
        for file in files {
            let (name, bytes) = attachment::read(Path::new(&file))?;
            scans.push(Scan { document: index, name, bytes });
        }
    }
    Ok(scans)
}

/// What is said here, of a person at a counter unless it is said otherwise.
fn said(client: &Client<'_>, dossier: Dossier) -> anyhow::Result<SubmitApplicationRequest> {
    let mut request = begun(client);
    dossier.say_in(&mut request)?;
    Ok(request)
}

/// An application of which nothing is said yet: of a person at a counter.
pub(super) fn begun(client: &Client<'_>) -> SubmitApplicationRequest {
    let language = convert::wire_language(client.speech().language()).into();
    SubmitApplicationRequest {
        applicant: Some(Applicant { language, ..Applicant::default() }),
        channel: Channel::Direct.into(),
        ..SubmitApplicationRequest::default()
    }
}

async fn track(client: &Client<'_>, dossier_code: String, check_code: String) -> anyhow::Result<()> {
    let mut applications = ApplicationServiceClient::new(client.peer(Role::Citizen).await?);
    let request = TrackApplicationRequest { dossier_code, check_code };
    let answer = applications.track_application(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.TrackApplicationResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    show::line(&format!(
        "{}: {} ({} {})",
        show::text(speech, answer.procedure_name.as_ref()),
        show::status(speech, answer.status),
        speech.application_promised(),
        zone.instant(answer.due_at.as_ref()),
    ));
    let rows = answer.entries.iter().map(|entry| {
        vec![
            zone.instant(entry.at.as_ref()),
            match entry.reopened_by.as_str() {
                "" => show::status(speech, entry.status).to_owned(),
                decision => format!("{} {decision}", speech.application_opened_again_by()),
            },
            show::text(speech, entry.unit_name.as_ref()),
        ]
    });
    let headings = [speech.term_when(), speech.term_status(), speech.application_where()];
    show::page(speech, &headings, rows.collect(), "");
    for line in &answer.history {
        show::line(&watch::line_of(speech, &zone, line));
    }
    if let Some(until) = &answer.supplement_until {
        let until = zone.instant(Some(until));
        show::line(&speech.application_to_be_supplemented_no_later_than_the(&until));
    }
    if answer.payment_due_dong > 0 {
        let amount = answer.payment_due_dong;
        show::line(&speech.application_to_be_paid_ng_the_message_that(amount));
    }
    if let Some(appointment_at) = &answer.appointment_at {
        let apology = show::text(speech, answer.apology.as_ref());
        let at = zone.instant(Some(appointment_at));
        show::line(&format!("{apology} {}: {at}.", speech.term_new_appointment()));
    }
    for result in answer.withdrawn_results.iter().chain(&answer.result) {
        print_result(speech, &zone, result);
    }
    // Of the last unit that was found: that is where it is, or was finished. What it says of the finish is of no use to whoever
    // has to answer first, or has ended it.
    let stands = matches!(
        answer.status(),
        ApplicationStatus::AwaitingSupplement
            | ApplicationStatus::AwaitingPayment
            | ApplicationStatus::Withdrawn
            | ApplicationStatus::Lapsed
    );
    if let Some(entry) = answer.entries.iter().rfind(|entry| entry.why.is_some() && !stands) {
        for words in [&entry.why, &entry.what_if].into_iter().flatten() {
            show::line(&show::text(speech, Some(words)));
        }
    }
    Ok(())
}

/// What became of a result.
fn print_result(speech: Words, zone: &Zone, result: &TrackedResult) {
    if let Some(issued_at) = &result.issued_at {
        let at = zone.instant(Some(issued_at));
        let (kind, hash) = (&result.media_type, &result.sha256);
        show::line(&speech.application_the_result_was_issued_sha_256(&at, hash, kind));
    }
    if let Some(handed_over_at) = &result.handed_over_at {
        let (at, way) = (zone.instant(Some(handed_over_at)), super::case::result::way(speech, result.way()));
        let place = show::text(speech, result.handed_over_at_name.as_ref());
        show::line(&speech.application_the_result_was_handed_over(&at, &place, way));
    }
    if let Some(withdrawn_at) = &result.withdrawn_at {
        let at = zone.instant(Some(withdrawn_at));
        show::line(&speech.application_this_result_was_withdrawn_the_application(&at));
    }
}

async fn supplement(
    client: &Client<'_>,
    dossier_code: String,
    check_code: String,
    attachments: &[String],
) -> anyhow::Result<()> {
    let attachment_ids = attachment::ids(client, attachments, &dossier_code).await?;
    // What is handed in with it is the uploader's own.
    let usual = if attachment_ids.is_empty() { Role::Citizen } else { attachment::uploader(client) };
    let mut applications = ApplicationServiceClient::new(client.peer(usual).await?);
    let request = SupplementApplicationRequest { dossier_code, check_code, attachment_ids };
    let answer = applications.supplement_application(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.SupplementApplicationResponse", &answer);
    }
    let received_at = client.zone().await.instant(answer.received_at.as_ref());
    show::line(&client.speech().application_the_supplement_was_received(&received_at));
    Ok(())
}

/// Who shows that it is theirs; none: an officer names it by its id.
fn holder(application: &str, check_code: Option<String>, identity_number: String) -> Option<ReceiptHolder> {
    if check_code.is_none() && application.starts_with("app_") {
        return None;
    }
    let check_code = check_code.unwrap_or_default();
    Some(ReceiptHolder { dossier_code: application.to_owned(), check_code, identity_number })
}

async fn contact(client: &Client<'_>, request: CorrectContactRequest) -> anyhow::Result<()> {
    let usual = match (&request.key, client.is_officer()) {
        (Some(Key::ApplicationId(_)), true) => Role::Officer,
        (Some(Key::ApplicationId(_)), false) => Role::Supervisor,
        (Some(Key::Holder(_)) | None, _) => Role::Citizen,
    };
    let mut applications = ApplicationServiceClient::new(client.peer(usual).await?);
    let answer = applications.correct_contact(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.CorrectContactResponse", &answer);
    }
    let corrected_at = client.zone().await.instant(answer.corrected_at.as_ref());
    show::line(&client.speech().application_the_contact_details_were_corrected_the(&corrected_at));
    Ok(())
}

async fn pay(client: &Client<'_>, request: RecordPaymentRequest) -> anyhow::Result<()> {
    let usual = if client.is_officer() { Role::Officer } else { Role::Supervisor };
    let mut applications = ApplicationServiceClient::new(client.peer(usual).await?);
    let answer = applications.record_payment(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.RecordPaymentResponse", &answer);
    }
    let paid_at = client.zone().await.instant(answer.paid_at.as_ref());
    show::line(&client.speech().application_the_payment_was_written_down(&paid_at));
    Ok(())
}

async fn withdraw(client: &Client<'_>, dossier_code: String, check_code: String) -> anyhow::Result<()> {
    let mut applications = ApplicationServiceClient::new(client.peer(Role::Citizen).await?);
    let request = WithdrawApplicationRequest { dossier_code, check_code };
    let answer = applications.withdraw_application(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.WithdrawApplicationResponse", &answer);
    }
    let received_at = client.zone().await.instant(answer.received_at.as_ref());
    show::line(&client.speech().application_the_withdrawal_was_received_a_decision_that(&received_at));
    Ok(())
}

/// By its id, or by the codes of its receipt.
async fn print_form(
    client: &Client<'_>,
    application: String,
    check_code: Option<String>,
    form: FormName,
    out: &str,
) -> anyhow::Result<()> {
    let form = match form {
        FormName::Receipt => Form::Receipt,
        FormName::Supplement => Form::Supplement,
        FormName::Refusal => Form::Refusal,
        FormName::Apology => Form::Apology,
        FormName::Stop => Form::Stop,
    };
    let by_id = application.starts_with("app_") && check_code.is_none();
    let usual = match (by_id, client.is_officer()) {
        (true, true) => Role::Officer,
        (true, false) => Role::Operator,
        (false, _) => Role::Citizen,
    };
    let mut applications = ApplicationServiceClient::new(client.peer(usual).await?);
    let document = if by_id {
        let request = RenderFormRequest { application_id: application, form: form.into() };
        applications.render_form(request).await?.into_inner().document
    } else {
        let request = RenderFormOfReceiptRequest {
            dossier_code: application,
            check_code: check_code.unwrap_or_default(),
            form: form.into(),
        };
        applications.render_form_of_receipt(request).await?.into_inner().document
    };
    super::document::write(client, document, out)
}

async fn register(
    client: &Client<'_>,
    received_at: String,
    from: String,
    to: String,
    out: &str,
) -> anyhow::Result<()> {
    let usual = if client.is_officer() { Role::Officer } else { Role::Operator };
    let mut applications = ApplicationServiceClient::new(client.peer(usual).await?);
    // Theirs is named too: by its code the server knows whether there is such a unit.
    let received_at_code = if received_at.is_empty() { client.own_unit() } else { received_at };
    let request = RenderRegisterRequest { received_at_code, from, to };
    let document = applications.render_register(request).await?.into_inner().document;
    super::document::write(client, document, out)
}

async fn list(client: &Client<'_>, options: List) -> anyhow::Result<()> {
    let mut applications = ApplicationServiceClient::new(client.peer(Role::Operator).await?);
    // Theirs is named too: by its code the server knows whether there is such a unit.
    let received_at_code = match client.role(Role::Operator) {
        Role::Officer | Role::Supervisor
            if options.received_at.is_empty() && options.dossier_code.is_empty() =>
        {
            client.own_unit()
        }
        _ => options.received_at,
    };
    let request = ListApplicationsRequest {
        page_size: options.limit,
        received_at_code,
        dossier_code: options.dossier_code,
        ..ListApplicationsRequest::default()
    };
    let answer = applications.list_applications(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.ListApplicationsResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let rows = answer.applications.iter().map(|application| {
        vec![
            format!("{}\n{}", application.dossier_code, application.application_id),
            format!(
                "{}, {} {}\n{}\n{}",
                show::status(speech, application.status),
                speech.application_promised(),
                zone.instant(application.due_at.as_ref()),
                show::brief(&show::text(speech, application.procedure_name.as_ref())),
                show::text(speech, application.working_unit_name.as_ref()),
            )
            .trim_end()
            .to_owned(),
        ]
    });
    let headings = [speech.application_dossier_code_id(), speech.application_status_procedure_worked_at()];
    show::page(speech, &headings, rows.collect(), &answer.next_page_token);
    Ok(())
}

/// The id of an application that is named by it, or by its dossier code.
async fn named(
    applications: &mut ApplicationServiceClient<Peer>,
    application: String,
) -> anyhow::Result<String> {
    if application.starts_with("app_") {
        return Ok(application);
    }
    let request = ListApplicationsRequest {
        page_size: 1_000,
        dossier_code: application.clone(),
        ..ListApplicationsRequest::default()
    };
    let found = applications.list_applications(request).await?.into_inner().applications;
    let found = found.into_iter().find(|found| found.dossier_code == application);
    let unknown = || Rejection::not_found("UNKNOWN_APPLICATION", "no application has this dossier code");
    Ok(found.ok_or_else(unknown)?.application_id)
}

async fn show_one(client: &Client<'_>, application: String) -> anyhow::Result<()> {
    let mut applications = ApplicationServiceClient::new(client.peer(Role::Operator).await?);
    let application_id = named(&mut applications, application).await?;
    let answer = applications.get_application(GetApplicationRequest { application_id }).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.GetApplicationResponse", &answer);
    }
    let speech = client.speech();
    if let Some(receipt) = &answer.receipt {
        print_receipt(speech, &client.zone().await, receipt);
    }
    if let Some(application) = &answer.application {
        show::line(&format!("{}: {}", speech.term_status(), show::status(speech, application.status)));
    }
    let mut facts = Vec::new();
    if let Some(applicant) = &answer.applicant {
        facts.push((speech.application_applicant(), applicant.name.clone()));
        if !applicant.representative.is_empty() {
            facts.push((speech.application_represented_by(), applicant.representative.clone()));
        }
        if let Some(proxy) = &applicant.proxy {
            facts.push((speech.application_handed_in_by(), proxy.name.clone()));
        }
    }
    facts.extend(answer.application.and_then(|application| show::wanted_by(speech, application.result_by())));
    for document in &answer.documents {
        let form = match document.form() {
            DocumentForm::Unspecified | DocumentForm::Original => speech.application_original(),
            DocumentForm::Copy => speech.application_copy(),
            DocumentForm::Electronic => speech.application_file(),
        };
        let paper = format!("{} × {} {form}", document.part, document.copies);
        facts.push((speech.application_paper(), paper));
    }
    if !answer.answers.is_empty() {
        facts.push((speech.application_answers(), answer.answers.clone()));
    }
    show::facts(facts);
    Ok(())
}
