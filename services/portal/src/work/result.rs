//! The result of a case: the file that was issued, its signature, and that it was handed over.

use axum::extract::{Path, State};
use maud::{Markup, html};
use phidia_proto::{
    events::v1::StepOutcome,
    processing::v1::{
        GetResultRequest, GetResultResponse, Result as CaseResult, ResultFile, get_result_request::Key,
        result_service_client::ResultServiceClient,
    },
    types::v1::ReturnWay,
};

use super::{act, case, instant};
use crate::{
    Portal,
    page::{Look, Page},
    part,
    services::soon,
    trouble::Trouble,
    visitor::{AtCentre, Duty, Visitor},
};

pub(super) async fn show(
    State(portal): State<Portal>,
    visitor: AtCentre,
    Path(application_id): Path<String>,
) -> Result<Page, Trouble> {
    let words = visitor.words;
    let request = GetResultRequest { key: Some(Key::ApplicationId(application_id.clone())), withdrawn_by: 0 };
    let answer =
        ResultServiceClient::new(portal.processing(&visitor)).get_result(soon(request)).await?.into_inner();
    let result = answer.result.clone().unwrap_or_default();
    let main = html! {
        p { a href=(case::path(&application_id)) data-press="u" { (words.web_work_dossier_title(&result.dossier_code)) } }
        h1 { (words.web_work_result()) }
        p.soft { (visitor.text(result.procedure_name.as_ref())) }
        (facts(&visitor, &result, &answer))
        @if result.hand_over.is_none() && visitor.is(Duty::Officer) {
            p.acts { a.button href={ (case::path(&application_id)) "/trao" } data-press="c" { (words.web_work_hand_over()) } }
        }
        @for withdrawn in &result.withdrawn {
            p.note { (words.web_work_withdrawn_result(instant(&visitor, withdrawn.withdrawn_at.as_ref()), &withdrawn.decision)) }
        }
    };
    Ok(Page::new(words.web_work_result(), main).with_look(Look::Work))
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
