//! The result of a case: the file that was issued, its signature, and that it was handed over.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};
use phidia_domain::{Rejection, case::MOST_RESULT_BYTES};
use phidia_proto::{
    convert::wire_timestamp,
    events::v1::StepOutcome,
    processing::v1::{
        GetResultRequest, GetResultResponse, IssueResultRequest, Result as CaseResult, ResultFile,
        SignResultRequest, SignatureFormat, get_result_request::Key, issue_result_request,
        result_service_client::ResultServiceClient, sign_result_request,
    },
    types::v1::ReturnWay,
};

use super::{act, case, instant};
use crate::{
    Portal,
    form::{Faults, Fields, PostedFile, id, key_field},
    page::{Look, Page},
    part,
    services::soon,
    trouble::Trouble,
    visitor::{AtCentre, Duty, Visitor},
};

/// What a form with a file may take: the fields beside it are short.
pub(super) const MOST_FORM: usize = MOST_RESULT_BYTES + 64 * 1024;

pub(super) async fn show(
    State(portal): State<Portal>,
    visitor: AtCentre,
    Path(application_id): Path<String>,
) -> Result<Page, Trouble> {
    page(&portal, &visitor, &application_id, &Fields::default(), &Faults::none()).await
}

async fn page(
    portal: &Portal,
    visitor: &AtCentre,
    application_id: &str,
    typed: &Fields,
    faults: &Faults,
) -> Result<Page, Trouble> {
    let words = visitor.words;
    let request =
        GetResultRequest { key: Some(Key::ApplicationId(application_id.to_owned())), withdrawn_by: 0 };
    let mut results = ResultServiceClient::new(portal.processing(visitor));
    let answer = results.get_result(soon(request)).await?.into_inner();
    let result = answer.result.clone().unwrap_or_default();
    let is_officer = visitor.is(Duty::Officer);
    let main = html! {
        (faults.summary(words))
        p { a href=(case::path(application_id)) data-press="u" { (words.web_work_dossier_title(&result.dossier_code)) } }
        h1 { (words.web_work_result()) }
        p.soft { (visitor.text(result.procedure_name.as_ref())) }
        (facts(visitor, &result, &answer))
        @if result.hand_over.is_none() && is_officer {
            p.acts { a.button href={ (case::path(application_id)) "/trao" } data-press="c" { (words.web_work_hand_over()) } }
        }
        @if is_officer {
            @match &result.file {
                None => (issue_form(portal, visitor, application_id, faults)),
                Some(file) if file.signature.is_none() => {
                    (sign_form(portal, visitor, application_id, &file.sha256, typed, faults))
                }
                Some(_) => {}
            }
        }
        @for withdrawn in &result.withdrawn {
            p.note {
                (words.web_work_withdrawn_result(
                    instant(visitor, withdrawn.withdrawn_at.as_ref()),
                    &withdrawn.decision,
                ))
            }
        }
    };
    Ok(Page::new(words.web_work_result(), main).with_look(Look::Work).with_faults(!faults.is_empty()))
}

/// The page again, with what is wrong.
async fn again(
    portal: &Portal,
    visitor: &AtCentre,
    application_id: &str,
    typed: &Fields,
    trouble: Trouble,
) -> Result<Response, Trouble> {
    let status = trouble.status();
    let faults = Faults::of(visitor, trouble)?.named(|field| {
        let control = match field {
            "file_name" | "media_type" | "content" | "signature" => "tep",
            "format" => "dang",
            "signer" => "nguoi-ky",
            "signed_at" | "appointment_at" => "ngay",
            _ => return None,
        };
        Some(control.to_owned())
    });
    let page = page(portal, visitor, application_id, typed, &faults).await?;
    Ok(page.with_status(status).into_response())
}

fn issue_form(portal: &Portal, visitor: &Visitor, application_id: &str, faults: &Faults) -> Markup {
    let words = visitor.words;
    let action = format!("{}/ket-qua", case::path(application_id));
    html! {
        form.act method="post" action=(action) enctype="multipart/form-data" {
            (key_field(portal, visitor, &action))
            h2 { (words.web_work_issue()) }
            p.meaning { (words.web_work_issue_meaning()) }
            (file_field(words.web_work_issue_file(), &words.web_work_issue_hint(MOST_RESULT_BYTES / 1_024), faults))
            button { (words.web_work_issue()) }
        }
    }
}

fn file_field(label: &str, hint: &str, faults: &Faults) -> Markup {
    part::field("tep", label, None, Some(hint), faults, |described| {
        html! {
            input id=(id("tep")) name="tep" type="file" aria-describedby=[described]
                aria-invalid=[faults.at("tep").map(|_| "true")];
        }
    })
}

pub(super) async fn issue(
    State(portal): State<Portal>,
    Path(application_id): Path<String>,
    PostedFile { posted, file }: PostedFile<AtCentre>,
) -> Result<Response, Trouble> {
    let issued = async {
        posted.sent()?;
        let file = file.ok_or_else(no_file)?;
        let request = IssueResultRequest {
            key: Some(issue_result_request::Key::ApplicationId(application_id.clone())),
            file_name: file.name,
            media_type: file.media_type,
            content: file.content.into(),
        };
        ResultServiceClient::new(portal.processing(&posted.who)).issue_result(soon(request)).await?;
        Ok(())
    };
    match issued.await {
        Ok(()) => Ok(Redirect::to(&format!("{}/ket-qua", case::path(&application_id))).into_response()),
        Err(trouble) => again(&portal, &posted.who, &application_id, posted.fields(), trouble).await,
    }
}

fn no_file() -> Rejection {
    Rejection::invalid("MISSING_FIELD", "content", "choose a file")
}

/// The formats of signatures, as the form says them.
const FORMATS: [(&str, SignatureFormat); 3] =
    [("pades", SignatureFormat::Pades), ("cades", SignatureFormat::Cades), ("xades", SignatureFormat::Xades)];

fn sign_form(
    portal: &Portal,
    visitor: &Visitor,
    application_id: &str,
    sha256: &str,
    typed: &Fields,
    faults: &Faults,
) -> Markup {
    let words = visitor.words;
    let action = format!("{}/ky-so", case::path(application_id));
    html! {
        form.act method="post" action=(action) enctype="multipart/form-data" {
            (key_field(portal, visitor, &action))
            input type="hidden" name="sha256" value=(sha256);
            h2 { (words.web_work_sign()) }
            p.meaning { (words.web_work_sign_meaning()) }
            fieldset.choices {
                legend { (words.web_work_signature_format()) }
                @if let Some(fault) = faults.at("dang") { p.fault { (fault) } }
                @for (place, (name, _)) in FORMATS.iter().enumerate() {
                    @let chosen = typed.text("dang");
                    (part::radio("dang", name, &name.to_uppercase(), if chosen.is_empty() { place == 0 } else { chosen == *name }))
                }
            }
            (part::text(&part::Text {
                name: "nguoi-ky",
                label: words.web_work_signer(),
                value: typed.text("nguoi-ky"),
                ..part::Text::DEFAULT
            }, faults))
            (act::moment_fields(words, words.web_work_signed_day(), typed, faults))
            (file_field(words.web_work_signature_file(), words.web_work_signature_hint(), faults))
            button.second { (words.web_work_sign()) }
        }
    }
}

pub(super) async fn sign(
    State(portal): State<Portal>,
    Path(application_id): Path<String>,
    PostedFile { posted, file }: PostedFile<AtCentre>,
) -> Result<Response, Trouble> {
    let signed = async {
        let fields = posted.sent()?.fields;
        let chosen = fields.text("dang");
        let format = FORMATS.into_iter().find(|(name, _)| *name == chosen);
        let at = act::moment(fields.text("ngay"), fields.text("gio"), &posted.who.zone())?;
        let request = SignResultRequest {
            key: Some(sign_result_request::Key::ApplicationId(application_id.clone())),
            sha256: fields.text("sha256").to_owned(),
            format: format.map_or(SignatureFormat::Unspecified, |(_, format)| format).into(),
            signer: fields.text("nguoi-ky").to_owned(),
            signature: file.ok_or_else(no_file)?.content.into(),
            signed_at: Some(wire_timestamp(at)),
        };
        ResultServiceClient::new(portal.processing(&posted.who)).sign_result(soon(request)).await?;
        Ok(())
    };
    match signed.await {
        Ok(()) => Ok(Redirect::to(&format!("{}/ket-qua", case::path(&application_id))).into_response()),
        Err(trouble) => again(&portal, &posted.who, &application_id, posted.fields(), trouble).await,
    }
}

fn facts(visitor: &Visitor, result: &CaseResult, answer: &GetResultResponse) -> Markup {
    let words = visitor.words;
    let outcome = match result.outcome() {
        StepOutcome::Refused => words.term_refused(),
        _ => words.case_granted(),
    };
    let wanted = ReturnWay::try_from(result.result_by).unwrap_or_default();
    part::facts(&[
        (words.web_result(), html! { (outcome) }),
        (words.web_work_decided(), html! { (instant(visitor, result.completed_at.as_ref())) }),
        (words.web_work_wanted_by(), html! { (case::return_way(words, wanted)) }),
        (words.web_work_returned_at(), html! { (visitor.text(result.return_at_unit_name.as_ref())) }),
        (
            words.web_work_file(),
            match &result.file {
                Some(file) => self::file(visitor, result, file, answer),
                None => html! { (words.web_work_not_issued()) },
            },
        ),
        (
            words.web_work_handed_over(),
            html! {
                @if let Some(hand_over) = &result.hand_over {
                    (instant(visitor, hand_over.handed_over_at.as_ref())) ", " (act::way_in_words(words, hand_over.way()))
                    @if !answer.receiver.is_empty() { ", " (answer.receiver) }
                }
            },
        ),
    ])
}

fn file(visitor: &Visitor, result: &CaseResult, file: &ResultFile, answer: &GetResultResponse) -> Markup {
    let words = visitor.words;
    html! {
        a href={ (case::path(&result.application_id)) "/ket-qua/tep" } { (answer.file_name) }
        span.soft { " " (words.web_work_kilobytes(file.size_bytes / 1_024 + 1)) " · " (instant(visitor, file.issued_at.as_ref())) }
        p.soft { "SHA-256 " code { (file.sha256) } }
        @if let Some(signature) = &file.signature {
            p { (words.web_work_signed(instant(visitor, signature.signed_at.as_ref()), &answer.signer)) }
        }
    }
}
