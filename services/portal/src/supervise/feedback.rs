//! Suggestions, complaints and questions that somebody has to answer.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::Uri;
use maud::{Markup, html};
use phidia_proto::intake::v1::{
    AnswerFeedbackRequest, AskFeedbackAuthorRequest, EscalateFeedbackRequest, Feedback, FeedbackEntry,
    FeedbackEscalation, FeedbackKind, FeedbackState, GetFeedbackRequest, KeepFeedbackPrivateRequest,
    ListFeedbackRequest, PublishFeedbackRequest, RefuseFeedbackRequest,
    feedback_service_client::FeedbackServiceClient,
};
use phidia_words::Words;

use super::menu;
use crate::{
    Portal,
    form::{Faults, Fields, Posted, key_field},
    page::{Look, Page},
    part::{self, Column, Tone, encoded, tag},
    services::soon,
    trouble::Trouble,
    visitor::{Supervising, Visitor},
};

pub(super) const PATH: &str = "/phu-trach/phan-anh";

pub(super) async fn show(State(portal): State<Portal>, who: Supervising, uri: Uri) -> Result<Page, Trouble> {
    let words = who.words;
    let asked = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    let request =
        ListFeedbackRequest { page_token: asked.text("trang").to_owned(), ..ListFeedbackRequest::default() };
    let mut feedback = FeedbackServiceClient::new(portal.intake(&who));
    let answer = feedback.list_feedback(soon(request)).await?.into_inner();
    let columns = [
        Column::Words(words.term_number()),
        Column::Words(words.term_kind()),
        Column::Words(words.term_stands()),
        Column::Words(words.term_received()),
        Column::Words(words.term_due()),
        Column::Words(words.feedback_who_answers()),
    ];
    let rows = html! {
        @for one in &answer.feedback {
            tr data-row tabindex="0" {
                th scope="row" { a href={ (PATH) "/" (encoded(&one.number)) } { (one.number) } }
                td { (kind_name(words, one.kind())) }
                td { (stands(words, one)) }
                td { (who.instant(one.received_at.as_ref())) }
                td { (who.instant(one.due_at.as_ref())) }
                td { (who.text(one.owner_name.as_ref())) }
            }
        }
    };
    let title = words.web_supervise_feedback();
    let main = html! {
        (menu(&who))
        h1 { (title) }
        @if answer.feedback.is_empty() {
            p.soft { (words.web_supervise_no_feedback()) }
        } @else {
            (part::table(title, &columns, &rows))
            (part::more(words, PATH, &answer.next_page_token))
        }
    };
    Ok(Page::new(title, main).with_look(Look::Work))
}

fn kind_name(words: Words, kind: FeedbackKind) -> &'static str {
    match kind {
        FeedbackKind::Unspecified => "–",
        FeedbackKind::Suggestion => words.feedback_suggestion(),
        FeedbackKind::Complaint => words.feedback_complaint(),
        FeedbackKind::Question => words.feedback_question(),
    }
}

fn stands(words: Words, feedback: &Feedback) -> Markup {
    let (tone, said) = match feedback.state() {
        FeedbackState::Unspecified => return html! {},
        FeedbackState::Received => (Tone::Soon, words.feedback_to_be_answered()),
        FeedbackState::AwaitingAuthor => (Tone::Calm, words.feedback_awaiting_its_author()),
        FeedbackState::Answered => (Tone::Well, words.term_answered()),
        FeedbackState::Published => (Tone::Well, words.feedback_published()),
        FeedbackState::KeptPrivate => (Tone::Well, words.feedback_answered_kept_private()),
        FeedbackState::Refused => (Tone::Calm, words.term_refused_2()),
        FeedbackState::Withdrawn => (Tone::Calm, words.feedback_withdrawn()),
    };
    html! {
        (tag(if feedback.overdue { Tone::Late } else { tone }, said))
        @if feedback.overdue { " " (words.web_supervise_is_overdue()) }
    }
}

fn act_name(words: Words, act: &str) -> &'static str {
    match act {
        "received" => words.feedback_act_received(),
        "taken" => words.feedback_act_taken(),
        "asked" => words.feedback_act_asked(),
        "replied" => words.feedback_act_replied(),
        "passed" => words.feedback_act_passed(),
        "escalated" => words.feedback_act_escalated(),
        "refused" => words.term_refused_2(),
        "answered" => words.feedback_act_answered(),
        "published" => words.feedback_act_published(),
        "kept_private" => words.feedback_act_kept_private(),
        "withdrawn" => words.feedback_act_withdrawn(),
        "rated" => words.feedback_act_rated(),
        "overdue" => words.feedback_act_overdue(),
        _ => "–",
    }
}

pub(super) async fn show_one(
    State(portal): State<Portal>,
    who: Supervising,
    Path(number): Path<String>,
) -> Result<Page, Trouble> {
    one(&portal, &who, &number, &Fields::default(), &Faults::none()).await
}

/// What the button that was pressed says.
pub(super) async fn act(
    State(portal): State<Portal>,
    Path(number): Path<String>,
    posted: Posted<Supervising>,
) -> Result<Response, Trouble> {
    match acted(&portal, &number, &posted).await {
        Ok(()) => Ok(Redirect::to(&format!("{PATH}/{}", encoded(&number))).into_response()),
        Err(trouble) => {
            let faults = Faults::of(&posted.who, trouble)?.named(|field| {
                let is_published = posted.fields().has("cong-khai");
                let name = match field {
                    "answer" if is_published => "tra-loi-cong-khai",
                    "question" => "cau-hoi",
                    "reason" if posted.fields().has("giu-rieng") => "ly-do",
                    "answer" | "text" | "reason" => "noi-dung",
                    _ => return None,
                };
                Some(name.to_owned())
            });
            Ok(one(&portal, &posted.who, &number, posted.fields(), &faults).await?.into_response())
        }
    }
}

async fn acted(portal: &Portal, number: &str, posted: &Posted<Supervising>) -> Result<(), Trouble> {
    let fields = posted.sent()?.fields;
    let mut feedback = FeedbackServiceClient::new(portal.intake(&posted.who));
    let (number, said) = (number.to_owned(), fields.text("noi-dung").to_owned());
    let pressed = ["hoi", "tu-choi", "chuyen-tinh", "cong-khai", "giu-rieng"];
    match pressed.into_iter().find(|button| fields.has(button)) {
        Some("hoi") => {
            feedback.ask_feedback_author(soon(AskFeedbackAuthorRequest { number, text: said })).await?;
        }
        Some("tu-choi") => {
            feedback.refuse_feedback(soon(RefuseFeedbackRequest { number, reason: said })).await?;
        }
        Some("chuyen-tinh") => {
            let to = FeedbackEscalation::Province.into();
            feedback.escalate_feedback(soon(EscalateFeedbackRequest { number, to, reason: said })).await?;
        }
        Some("cong-khai") => {
            let (question, answer) =
                (fields.text("cau-hoi").to_owned(), fields.text("tra-loi-cong-khai").to_owned());
            feedback.publish_feedback(soon(PublishFeedbackRequest { number, question, answer })).await?;
        }
        Some("giu-rieng") => {
            let reason = fields.text("ly-do").to_owned();
            feedback.keep_feedback_private(soon(KeepFeedbackPrivateRequest { number, reason })).await?;
        }
        _ => {
            feedback.answer_feedback(soon(AnswerFeedbackRequest { number, answer: said })).await?;
        }
    }
    Ok(())
}

async fn one(
    portal: &Portal,
    who: &Supervising,
    number: &str,
    fields: &Fields,
    faults: &Faults,
) -> Result<Page, Trouble> {
    let words = who.words;
    let mut service = FeedbackServiceClient::new(portal.intake(who));
    let request = GetFeedbackRequest { number: number.to_owned() };
    let found = service.get_feedback(soon(request)).await?.into_inner();
    let feedback = found.feedback.clone().unwrap_or_default();
    let author = found.author.clone().unwrap_or_default();
    let title = words.web_supervise_feedback_number(&feedback.number);
    let main = html! {
        (menu(who))
        (faults.summary(words))
        h1 { (title) }
        p { (kind_name(words, feedback.kind())) " · " (stands(words, &feedback)) }
        (part::facts(&[
            (words.feedback_words(), html! {
                @if found.text.is_empty() { (words.feedback_what_was_said_was_erased()) } @else { div.said { (found.text) } }
            }),
            (words.web_supervise_author(), html! { (author.name) }),
            (words.web_supervise_author_reached(), html! {
                (author.telephone) @if !author.telephone.is_empty() && !author.email.is_empty() { ", " } (author.email)
            }),
            (words.term_dossier_code(), html! { (feedback.dossier_code) }),
            (words.term_received(), html! { (who.instant(feedback.received_at.as_ref())) }),
            (words.term_due(), html! {
                @if feedback.due_at.is_some() { (who.instant(feedback.due_at.as_ref())) }
            }),
        ]))
        @match feedback.state() {
            FeedbackState::Received | FeedbackState::AwaitingAuthor => (answer_form(portal, who, number, fields, faults)),
            FeedbackState::Answered => (publish_form(portal, who, number, &found.entries, fields, faults)),
            _ => {}
        }
        (history(who, &found.entries))
    };
    Ok(Page::new(title, main).with_look(Look::Work).with_faults(!faults.is_empty()))
}

fn answer_form(portal: &Portal, who: &Supervising, number: &str, fields: &Fields, faults: &Faults) -> Markup {
    let words = who.words;
    let action = format!("{PATH}/{}", encoded(number));
    let hint = Some(words.web_supervise_answer_hint());
    html! {
        form method="post" action=(action) {
            (key_field(portal, who, &action))
            (part::area("noi-dung", words.web_supervise_your_words(), hint, fields.text("noi-dung"), 6, faults))
            div.row {
                button { (words.web_supervise_answer()) }
                button.second name="hoi" value="1" { (words.web_supervise_ask_author()) }
                button.second name="chuyen-tinh" value="1" { (words.web_supervise_to_the_province()) }
                button.second name="tu-choi" value="1" { (words.web_supervise_refuse()) }
            }
        }
    }
}

fn publish_form(
    portal: &Portal,
    who: &Supervising,
    number: &str,
    entries: &[FeedbackEntry],
    fields: &Fields,
    faults: &Faults,
) -> Markup {
    let words = who.words;
    let action = format!("{PATH}/{}", encoded(number));
    let answered = entries.iter().rev().find(|entry| entry.act == "answered");
    let answered = answered.map(|entry| entry.words.as_str()).unwrap_or_default();
    let answer = if fields.has("cong-khai") { fields.text("tra-loi-cong-khai") } else { answered };
    let hint = Some(words.web_supervise_publish_hint());
    html! {
        h2 { (words.web_supervise_publish()) }
        form method="post" action=(action) {
            (key_field(portal, who, &action))
            (part::area("cau-hoi", words.web_supervise_question(), hint, fields.text("cau-hoi"), 4, faults))
            (part::area("tra-loi-cong-khai", words.web_supervise_answer(), None, answer, 6, faults))
            button name="cong-khai" value="1" { (words.web_supervise_publish()) }
        }
        form method="post" action=(action) {
            (key_field(portal, who, &action))
            (part::text(&part::Text {
                name: "ly-do",
                label: words.term_reason(),
                value: fields.text("ly-do"),
                width: 50,
                ..part::Text::DEFAULT
            }, faults))
            button.second name="giu-rieng" value="1" { (words.web_supervise_keep_private()) }
        }
    }
}

fn history(visitor: &Visitor, entries: &[FeedbackEntry]) -> Markup {
    let words = visitor.words;
    let columns = [
        Column::Words(words.term_when()),
        Column::Words(words.term_what_2()),
        Column::Words(words.term_unit()),
        Column::Words(words.feedback_words()),
    ];
    let rows = html! {
        @for entry in entries {
            tr {
                td { (visitor.instant(entry.at.as_ref())) }
                td { (act_name(words, &entry.act)) }
                td { (visitor.text(entry.unit_name.as_ref())) }
                td { (entry.words) }
            }
        }
    };
    html! {
        h2 { (words.web_supervise_what_happened()) }
        (part::table(words.web_supervise_what_happened(), &columns, &rows))
    }
}
