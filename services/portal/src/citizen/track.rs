//! How an application stands, for whoever holds its receipt: what happened, where it went and why, and what they can do.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, Uri};
use maud::{Markup, html};
use phidia_proto::{
    intake::v1::{
        TrackApplicationRequest, TrackApplicationResponse, TrackedResult,
        application_service_client::ApplicationServiceClient,
    },
    types::v1::ApplicationStatus,
};

use super::held::Held;
use crate::{
    Portal,
    form::{Faults, Fields, Posted, key_field},
    page::Page,
    part::{self, Tone, encoded},
    services::soon,
    trouble::Trouble,
    visitor::Visitor,
};

const PATH: &str = "/tra-cuu";
/// Browsers without script look again after so long.
const LOOK_AGAIN: u32 = 60;

pub(super) async fn ask(State(portal): State<Portal>, visitor: Visitor, uri: Uri) -> Page {
    let fields = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    asking(&portal, &visitor, &fields, &Faults::none())
}

fn asking(portal: &Portal, visitor: &Visitor, fields: &Fields, faults: &Faults) -> Page {
    let words = visitor.words;
    let main = html! {
        (faults.summary(words))
        h1 { (words.web_citizen_track()) }
        p.lead { (words.web_citizen_track_how()) }
        form method="post" action=(PATH) {
            (key_field(portal, visitor, PATH))
            (part::text(&part::Text {
                name: "ma-ho-so",
                label: words.web_citizen_dossier_code(),
                hint: Some(words.web_citizen_dossier_code_hint()),
                value: fields.text("ma-ho-so"),
                ..part::Text::DEFAULT
            }, faults))
            (part::text(&part::Text {
                name: "ma-kiem-tra",
                label: words.web_citizen_check_code(),
                hint: Some(words.web_citizen_check_code_hint()),
                value: fields.text("ma-kiem-tra"),
                width: 12,
                ..part::Text::DEFAULT
            }, faults))
            button { (words.web_citizen_track_do()) }
        }
    };
    Page::new(words.web_citizen_track(), main).with_faults(!faults.is_empty())
}

pub(super) async fn send(
    State(portal): State<Portal>,
    headers: HeaderMap,
    posted: Posted<Visitor>,
) -> Result<Response, Trouble> {
    let fields = posted.fields();
    let (dossier, check) =
        (fields.text("ma-ho-so").to_uppercase(), fields.text("ma-kiem-tra").to_uppercase());
    let found = async {
        posted.sent()?;
        state(&portal, &posted.who, &dossier, &check).await
    };
    match found.await {
        Ok(_) => Ok(Held::of(&portal, &headers).with(&portal, &dossier, &check)),
        Err(trouble) => {
            let faults = Faults::of(&posted.who, trouble)?.named(control);
            Ok(asking(&portal, &posted.who, fields, &faults).into_response())
        }
    }
}

fn control(field: &str) -> Option<String> {
    match field {
        "dossier_code" => Some("ma-ho-so".to_owned()),
        "check_code" => Some("ma-kiem-tra".to_owned()),
        _ => None,
    }
}

async fn state(
    portal: &Portal,
    visitor: &Visitor,
    dossier: &str,
    check: &str,
) -> Result<TrackApplicationResponse, Trouble> {
    let request = TrackApplicationRequest { dossier_code: dossier.to_owned(), check_code: check.to_owned() };
    let mut applications = ApplicationServiceClient::new(portal.intake(visitor));
    Ok(applications.track_application(soon(request)).await?.into_inner())
}

pub(super) async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(dossier): Path<String>,
    headers: HeaderMap,
) -> Result<Page, Trouble> {
    let held = Held::of(&portal, &headers);
    let Some(check) = held.check_code(&dossier) else {
        let fields = Fields::of(vec![("ma-ho-so".to_owned(), dossier)]);
        return Ok(asking(&portal, &visitor, &fields, &Faults::none()));
    };
    let words = visitor.words;
    let state = state(&portal, &visitor, &dossier, check).await?;
    let main = html! {
        p.soft { (words.web_citizen_dossier(&dossier)) }
        h1 { (visitor.text(state.procedure_name.as_ref())) }
        (standing(&visitor, &state))
        (to_do(&visitor, &dossier, &state))
        (why(&visitor, &state))
        (history(&visitor, &state))
        (results(&visitor, &state))
        (ways(&visitor, &dossier, &state))
    };
    Ok(Page::new(words.web_citizen_dossier(&dossier), main).with_refresh(LOOK_AGAIN))
}

fn is_over(state: &TrackApplicationResponse) -> bool {
    use ApplicationStatus::{Granted, Lapsed, Refused, Withdrawn};
    matches!(state.status(), Granted | Refused | Withdrawn | Lapsed)
}

/// How far it has come, and when it will be done.
fn standing(visitor: &Visitor, state: &TrackApplicationResponse) -> Markup {
    let words = visitor.words;
    let tone = match state.status() {
        ApplicationStatus::Granted => Tone::Well,
        ApplicationStatus::AwaitingSupplement | ApplicationStatus::AwaitingPayment => Tone::Soon,
        ApplicationStatus::Refused | ApplicationStatus::Lapsed => Tone::Late,
        _ => Tone::Calm,
    };
    let at = state.return_at_name.as_ref();
    html! {
        p.standing role="status" { (part::tag(tone, part::status(words, state.status()))) }
        (part::facts(&[
            (words.web_citizen_promised(), match &state.due_at {
                Some(due) if !is_over(state) => html! { (visitor.appointment(Some(due))) },
                _ => html! {},
            }),
            (words.web_citizen_new_appointment(), match &state.appointment_at {
                Some(at) => html! { (visitor.appointment(Some(at))) },
                None => html! {},
            }),
            (words.web_citizen_collected_at(), html! { (visitor.text(at)) }),
        ]))
        @if let Some(apology) = &state.apology { p.note { (visitor.text(Some(apology))) } }
    }
}

/// What waits for the citizen.
fn to_do(visitor: &Visitor, dossier: &str, state: &TrackApplicationResponse) -> Markup {
    let words = visitor.words;
    html! {
        @if let Some(until) = &state.supplement_until {
            div.note {
                p { strong { (words.web_citizen_to_supplement(visitor.appointment(Some(until)))) } }
                p.more { a href={ "/tra-cuu/" (encoded(dossier)) "/mau/2.pdf" } { (words.web_citizen_what_is_missing()) } }
            }
        }
        @if state.payment_due_dong > 0 {
            p.note { strong { (words.web_citizen_to_pay(words.dong(state.payment_due_dong))) } }
        }
    }
}

/// Where it went, and why there: of the last unit that was found. Whoever has to answer first is told that, and not when it would be done.
fn why(visitor: &Visitor, state: &TrackApplicationResponse) -> Markup {
    let stands = matches!(
        state.status(),
        ApplicationStatus::AwaitingSupplement
            | ApplicationStatus::AwaitingPayment
            | ApplicationStatus::Withdrawn
            | ApplicationStatus::Lapsed
    );
    let entry = state.entries.iter().rfind(|entry| entry.why.is_some() && !stands);
    html! {
        @if let Some(entry) = entry {
            h2 { (visitor.words.web_citizen_why_there()) }
            p { (visitor.text(entry.why.as_ref())) }
            @if let Some(what_if) = &entry.what_if { p { (visitor.text(Some(what_if))) } }
        }
    }
}

fn history(visitor: &Visitor, state: &TrackApplicationResponse) -> Markup {
    html! {
        h2 { (visitor.words.web_citizen_what_happened()) }
        ol.history {
            @for line in state.history.iter().rev() {
                li { span.soft { (visitor.instant(line.at.as_ref())) } " " (visitor.text(line.sentence.as_ref())) }
            }
        }
    }
}

fn results(visitor: &Visitor, state: &TrackApplicationResponse) -> Markup {
    let words = visitor.words;
    let one = |result: &TrackedResult| {
        html! {
            li {
                p { (words.web_citizen_issued(visitor.instant(result.issued_at.as_ref()))) }
                @if result.handed_over_at.is_some() {
                    p { (words.web_citizen_handed_over(
                        visitor.text(result.handed_over_at_name.as_ref()), visitor.instant(result.handed_over_at.as_ref()))) }
                }
                @if result.withdrawn_at.is_some() {
                    p { (words.web_citizen_result_withdrawn(visitor.instant(result.withdrawn_at.as_ref()))) }
                }
                @if !result.sha256.is_empty() { p.soft { (words.web_citizen_hash()) " " code { (result.sha256) } } }
            }
        }
    };
    let all: Vec<_> = state.withdrawn_results.iter().chain(&state.result).collect();
    html! {
        @if !all.is_empty() {
            h2 { (words.web_result()) }
            ul.papers { @for result in all { (one(result)) } }
        }
    }
}

/// What else they can do.
fn ways(visitor: &Visitor, dossier: &str, state: &TrackApplicationResponse) -> Markup {
    let words = visitor.words;
    let at = |page: &str| format!("/tra-cuu/{}/{page}", encoded(dossier));
    html! {
        h2 { (words.web_citizen_what_else()) }
        ul.ways {
            li { a href=(at("bien-nhan")) { (words.web_citizen_receipt()) } }
            @if is_over(state) {
                li { a href=(at("danh-gia")) { (words.web_citizen_rate()) } }
            } @else {
                li { a href=(at("lien-he")) { (words.web_citizen_contact()) } }
                li { a href=(at("rut")) { (words.web_citizen_withdraw()) } }
            }
        }
    }
}
