//! What is wrong with a draft, what would come of it, and handing it in.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::{StatusCode, Uri};
use maud::{Markup, html};
use phidia_proto::{
    intake::v1::{CheckApplicationResponse, SubmitDraftRequest},
    routing::v1::{
        PreviewAssignmentRequest, PreviewAssignmentResponse, routing_service_client::RoutingServiceClient,
    },
};

use super::{
    answers::Answers,
    applicant::Who,
    draft::{Closed, Opened, REVISION, Sheet, Step, drafts, head},
    papers::Papers,
};
use crate::{
    Portal,
    form::{Faults, Posted, held, id, key_field},
    page::{Look, Page},
    part,
    services::soon,
    trouble::{Trouble, capital},
    visitor::{Admitted as _, AtCentre, Visitor},
};

pub(super) async fn show(
    State(portal): State<Portal>,
    Path(draft): Path<String>,
    who: AtCentre,
) -> Result<Response, Closed> {
    let opened = Opened::of(&portal, &who, &draft).await?;
    Ok(page(&portal, &who, &opened, &Faults::none()).await?.into_response())
}

/// However often it is sent, the draft becomes one application.
pub(super) async fn send(
    State(portal): State<Portal>,
    Path(draft): Path<String>,
    uri: Uri,
    posted: Posted<AtCentre>,
) -> Result<Response, Closed> {
    let visitor = posted.who.visitor();
    let trouble = match handed_in(&portal, &draft, &posted).await {
        Ok(application) => return Ok(Redirect::to(&format!("/bien-nhan/{application}")).into_response()),
        Err(trouble) => trouble,
    };
    if trouble.status() == StatusCode::SERVICE_UNAVAILABLE {
        return Ok(held::page(visitor, &uri, posted.fields(), trouble, None)?.into_response());
    }
    let opened = Opened::of(&portal, visitor, &draft).await?;
    // What is wrong with its fields is told by the check, with the way to each.
    let faults = Faults::of(visitor, trouble)?;
    Ok(page(&portal, visitor, &opened, &faults).await?.into_response())
}

async fn handed_in(portal: &Portal, draft: &str, posted: &Posted<AtCentre>) -> Result<String, Trouble> {
    let revision = posted.sent()?.fields.text(REVISION).parse().unwrap_or(0);
    let request = SubmitDraftRequest { draft_id: draft.to_owned(), revision, issued: None };
    let answer = drafts(portal, posted.who.visitor()).submit_draft(soon(request)).await?.into_inner();
    let receipt = answer.submitted.and_then(|submitted| submitted.receipt);
    Ok(receipt.unwrap_or_default().application_id)
}

async fn page(portal: &Portal, visitor: &Visitor, opened: &Opened, faults: &Faults) -> Result<Page, Trouble> {
    let words = visitor.words;
    let (checked, preview) =
        futures::join!(opened.checked(portal, visitor), preview(portal, visitor, opened));
    let checked = checked?;
    let is_whole = checked.faults.is_empty();
    let path = opened.path(Step::Review);
    let main = html! {
        (head(visitor, opened, Step::Review, false))
        @if is_whole { (faults.summary(words)) }
        (wrong(visitor, opened, &checked))
        @for advice in &checked.advice { p.note { (visitor.text(Some(advice))) } }
        (said(visitor, opened))
        (outcome(visitor, &checked, preview.as_ref()))
        @if is_whole {
            form method="post" action=(path) {
                (key_field(portal, visitor, &path))
                input type="hidden" name=(REVISION) value=(opened.draft.revision);
                div.acts { button data-press="f" { (words.web_counter_hand_in()) } }
            }
        }
    };
    let title = format!("{} · {}", words.web_counter_review(), opened.name(visitor));
    Ok(Page::new(title, main).with_look(Look::Work).with_faults(!is_whole || !faults.is_empty()))
}

/// Everything that is wrong, with the way to its field.
fn wrong(visitor: &Visitor, opened: &Opened, checked: &CheckApplicationResponse) -> Markup {
    let words = visitor.words;
    let place = |path: &str| {
        let sheets = [
            (Step::Applicant, Who::control(opened, path)),
            (Step::Answers, Answers::control(opened, path)),
            (Step::Papers, Papers::control(opened, path)),
        ];
        let (step, control) = sheets.into_iter().find_map(|(step, control)| Some((step, control?)))?;
        Some(format!("{}?soat=1#{}", opened.path(step), id(&control)))
    };
    html! {
        @if !checked.faults.is_empty() {
            div.faults role="alert" tabindex="-1" autofocus {
                h2 { (words.web_to_correct(checked.faults.len())) }
                ul {
                    @for fault in &checked.faults {
                        @let sentence = capital(visitor.text(fault.sentence.as_ref()));
                        li {
                            @match place(&fault.field) {
                                Some(place) => a href=(place) { (sentence) },
                                None => (sentence),
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What it says, in short.
fn said(visitor: &Visitor, opened: &Opened) -> Markup {
    let words = visitor.words;
    let application = &opened.application;
    let applicant = application.applicant.clone().unwrap_or_default();
    let papers = application.documents.len();
    let files: usize = application.documents.iter().map(|document| document.attachment_ids.len()).sum();
    part::facts(&[
        (words.web_counter_full_name(), html! { (applicant.name) }),
        (words.web_counter_identity_number(), html! { (applicant.identity_number) }),
        (words.web_counter_telephone(), html! { (applicant.telephone) }),
        (words.web_counter_papers(), html! { (words.web_counter_papers_and_files(files, papers)) }),
    ])
}

/// What it would cost, by when it would be done, and where it would go as things stand.
fn outcome(
    visitor: &Visitor,
    checked: &CheckApplicationResponse,
    preview: Option<&PreviewAssignmentResponse>,
) -> Markup {
    let words = visitor.words;
    let due = checked.due_at.as_ref().map(|at| html! { strong { (visitor.appointment(Some(at))) } });
    let fee = match checked.fee_vnd {
        Some(0) => html! { (words.web_no_fee()) },
        Some(fee) => html! { (words.dong(fee)) },
        None => html! { (words.web_fee_unknown()) },
    };
    let decision = preview.and_then(|preview| preview.decision.as_ref());
    let to =
        decision.map(|decision| html! { (visitor.text(decision.unit_name.as_ref())) }).unwrap_or_default();
    let why =
        decision.map(|decision| html! { (visitor.text(decision.sentence.as_ref())) }).unwrap_or_default();
    let outlook = preview.and_then(|preview| preview.outlook.as_ref());
    let outlook =
        outlook.map(|outlook| html! { (visitor.text(outlook.sentence.as_ref())) }).unwrap_or_default();
    html! {
        h2 { (words.web_counter_what_comes_of_it()) }
        (part::facts(&[
            (words.web_fee(), fee),
            (words.web_counter_due(), due.unwrap_or_default()),
            (words.web_counter_goes_to(), to),
            (words.web_counter_why_there(), why),
            (words.web_counter_outlook(), outlook),
        ]))
        @if !checked.arithmetic.is_empty() {
            details {
                summary { (words.web_counter_arithmetic()) }
                ul { @for line in &checked.arithmetic { li { (visitor.text(Some(line))) } } }
            }
        }
    }
}

/// Where it would go; none: nobody says so, as long as places are missing.
async fn preview(portal: &Portal, visitor: &Visitor, opened: &Opened) -> Option<PreviewAssignmentResponse> {
    let application = &opened.application;
    let request = PreviewAssignmentRequest {
        procedure_code: application.procedure_code.clone(),
        received_at_code: application.received_at_code.clone(),
        places: application.places.clone(),
        conflicted_unit_codes: application.conflicted_unit_codes.clone(),
    };
    let mut routing = RoutingServiceClient::new(portal.routing(visitor));
    routing.preview_assignment(soon(request)).await.ok().map(tonic::Response::into_inner)
}
