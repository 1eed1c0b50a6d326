//! What else comes to a unit: questions of other offices, results that are to be handed over, and what it is told.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::Uri;
use maud::{Markup, html};
use phidia_proto::{
    notification::v1::{
        ListUnitMessagesRequest, Message, notification_service_client::NotificationServiceClient,
    },
    processing::v1::{
        AcknowledgeReferralRequest, AnswerReferralRequest, ListReferralsRequest, ListResultsRequest,
        RecallReferralRequest, Referral, ReferralSide, Result as CaseResult,
        referral_service_client::ReferralServiceClient, result_service_client::ResultServiceClient,
    },
    types::v1::{ReferralKind, ReturnWay},
};

use super::{case::return_way, instant};
use crate::{
    Portal,
    form::{Faults, Fields, Posted, key_field},
    page::{Look, Page},
    part::{self, Tone, tag},
    services::soon,
    trouble::Trouble,
    visitor::{AtCentre, Visitor},
};

/// Forms with many fields stand among them: a page has few.
const QUESTIONS: i32 = 20;
const RESULTS: i32 = 50;
const MESSAGES: i32 = 50;

/// The lists of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    List,
    Waiting,
    Questions,
    Results,
    Messages,
}

/// The ways between the lists; with how many there are of questions and of results, and whether there are more, where that is known.
pub(super) fn tabs(visitor: &Visitor, at: Tab, counts: Option<((usize, bool), (usize, bool))>) -> Markup {
    let words = visitor.words;
    let count = |(many, more): (usize, bool)| match (many, more) {
        (0, _) => String::new(),
        (many, false) => format!(" ({})", words.count(many)),
        (many, true) => format!(" ({}+)", words.count(many)),
    };
    let (questions, results) =
        counts.map(|(questions, results)| (count(questions), count(results))).unwrap_or_default();
    let tabs = [
        (Tab::List, "/viec", words.web_work_place(), String::new()),
        (Tab::Waiting, "/viec?cho=1", words.web_work_waiting(), String::new()),
        (Tab::Questions, "/viec/hoi", words.web_work_questions(), questions),
        (Tab::Results, "/viec/ket-qua", words.web_work_results(), results),
        (Tab::Messages, "/viec/tin", words.web_work_messages(), String::new()),
    ];
    html! {
        nav.tabs aria-label=(words.web_work_lists()) {
            ul {
                @for (tab, path, label, count) in tabs {
                    li { a href=(path) aria-current=[(tab == at).then_some("page")] { (label) (count) } }
                }
            }
        }
    }
}

pub(super) async fn questions(
    State(portal): State<Portal>,
    visitor: AtCentre,
    uri: Uri,
) -> Result<Page, Trouble> {
    let query = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    questions_page(&portal, &visitor, &query, "", &Faults::none()).await
}

/// The questions, with what was typed as an answer to one of them.
async fn questions_page(
    portal: &Portal,
    visitor: &AtCentre,
    fields: &Fields,
    answered: &str,
    faults: &Faults,
) -> Result<Page, Trouble> {
    let words = visitor.words;
    let is_ours = fields.has("cua-minh");
    let side = if is_ours { ReferralSide::AskedBy } else { ReferralSide::Unspecified };
    let request = ListReferralsRequest {
        side: side.into(),
        page_size: QUESTIONS,
        page_token: fields.text("trang").to_owned(),
        ..ListReferralsRequest::default()
    };
    let answer = ReferralServiceClient::new(portal.processing(visitor))
        .list_referrals(soon(request))
        .await?
        .into_inner();
    let path = if is_ours { "/viec/hoi?cua-minh=1" } else { "/viec/hoi" };
    let main = html! {
        (faults.summary(words))
        h1 { (words.web_work_questions()) }
        (tabs(visitor, Tab::Questions, None))
        p.soft {
            @if is_ours { a href="/viec/hoi" { (words.web_work_asked_of_us()) } }
            @else { a href="/viec/hoi?cua-minh=1" { (words.web_work_asked_by_us()) } }
        }
        @if answer.referrals.is_empty() { p.empty { (words.web_work_no_questions()) } }
        @for referral in &answer.referrals {
            @let is_answered = referral.referral_id == answered;
            (question(portal, visitor, referral, is_ours, if is_answered { fields.text("tra-loi") } else { "" },
                if is_answered { faults.clone() } else { Faults::none() }))
        }
        (part::more(words, path, &answer.next_page_token))
    };
    let title = if is_ours { words.web_work_asked_by_us() } else { words.web_work_questions() };
    Ok(Page::new(title, main).with_look(Look::Work).with_faults(!faults.is_empty()))
}

fn question(
    portal: &Portal,
    visitor: &Visitor,
    one: &Referral,
    is_ours: bool,
    typed: &str,
    faults: Faults,
) -> Markup {
    let words = visitor.words;
    let kind = match one.kind() {
        ReferralKind::Agency => words.web_work_for_its_part(),
        ReferralKind::Verification | ReferralKind::Unspecified => words.web_work_to_verify(),
    };
    let other = if is_ours { one.to_unit_name.as_ref() } else { one.from_unit_name.as_ref() };
    let due = words.web_work_answer_due(instant(visitor, one.due_at.as_ref()));
    let (take, send, recall) = (
        format!("/hoi/{}/da-nhan", one.referral_id),
        format!("/hoi/{}/tra-loi", one.referral_id),
        format!("/hoi/{}/thu-lai", one.referral_id),
    );
    html! {
        article.question id=(one.referral_id) data-row tabindex="0" {
            h2 { (visitor.text(other)) " · " (kind) }
            p {
                (tag(if one.late { Tone::Late } else { Tone::Calm }, &due)) " "
                @if one.acknowledged_at.is_some() {
                    (tag(Tone::Well, &words.web_work_acknowledged(instant(visitor, one.acknowledged_at.as_ref()))))
                }
            }
            p.soft {
                // Whoever is only asked sees of the case what it is asked about, and no more.
                a href={ "/ho-so/" (one.application_id) } { (one.dossier_code) } " · " (visitor.text(one.procedure_name.as_ref()))
            }
            blockquote { (one.question) }
            @if is_ours {
                form method="post" action=(recall) { (key_field(portal, visitor, &recall)) button.second { (words.web_work_recall()) } }
            } @else {
                @if one.acknowledged_at.is_none() {
                    form method="post" action=(take) { (key_field(portal, visitor, &take)) button.second { (words.web_work_acknowledge()) } }
                }
                form method="post" action=(send) {
                    (key_field(portal, visitor, &send))
                    // One of many on a page: its name says which, so that labels and faults find it.
                    @let name = answer_name(&one.referral_id);
                    (part::area(&name, words.web_work_answer(), None, typed, 4, &faults))
                    button { (words.web_work_send_answer()) }
                }
            }
        }
    }
}

fn answer_name(referral_id: &str) -> String {
    format!("tra-loi-{referral_id}")
}

pub(super) async fn acknowledge(
    State(portal): State<Portal>,
    Path(referral_id): Path<String>,
    posted: Posted<AtCentre>,
) -> Result<Redirect, Trouble> {
    posted.sent()?;
    let request = AcknowledgeReferralRequest { referral_id };
    ReferralServiceClient::new(portal.processing(&posted.who)).acknowledge_referral(soon(request)).await?;
    Ok(Redirect::to("/viec/hoi"))
}

pub(super) async fn answer(
    State(portal): State<Portal>,
    Path(referral_id): Path<String>,
    posted: Posted<AtCentre>,
) -> Result<Response, Trouble> {
    let name = answer_name(&referral_id);
    let sent = async {
        let answer = posted.sent()?.fields.text(&name).to_owned();
        let request = AnswerReferralRequest { referral_id: referral_id.clone(), answer };
        ReferralServiceClient::new(portal.processing(&posted.who)).answer_referral(soon(request)).await?;
        Ok::<_, Trouble>(())
    };
    let Err(trouble) = sent.await else { return Ok(Redirect::to("/viec/hoi").into_response()) };
    let status = trouble.status();
    let faults = Faults::of(&posted.who, trouble)?.named(|field| (field == "answer").then(|| name.clone()));
    let typed = Fields::of(vec![("tra-loi".to_owned(), posted.fields().text(&name).to_owned())]);
    let page = questions_page(&portal, &posted.who, &typed, &referral_id, &faults).await?;
    Ok(page.with_status(status).into_response())
}

pub(super) async fn recall(
    State(portal): State<Portal>,
    Path(referral_id): Path<String>,
    posted: Posted<AtCentre>,
) -> Result<Redirect, Trouble> {
    posted.sent()?;
    let request = RecallReferralRequest { referral_id };
    ReferralServiceClient::new(portal.processing(&posted.who)).recall_referral(soon(request)).await?;
    Ok(Redirect::to("/viec/hoi?cua-minh=1"))
}

pub(super) async fn results(
    State(portal): State<Portal>,
    visitor: AtCentre,
    uri: Uri,
) -> Result<Page, Trouble> {
    let words = visitor.words;
    let query = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    let page_token = query.text("trang").to_owned();
    let request = ListResultsRequest { page_size: RESULTS, page_token, ..ListResultsRequest::default() };
    let answer =
        ResultServiceClient::new(portal.processing(&visitor)).list_results(soon(request)).await?.into_inner();
    let main = html! {
        h1 { (words.web_work_results()) }
        (tabs(&visitor, Tab::Results, None))
        @if answer.results.is_empty() {
            p.empty { (words.web_work_no_results()) }
        } @else {
            table.list {
                caption.hidden { (words.web_work_results()) }
                thead {
                    tr {
                        th scope="col" { (words.web_work_dossier()) }
                        th scope="col" { (words.web_work_decided()) }
                        th scope="col" { (words.web_work_wanted_by()) }
                        th scope="col" { (words.web_work_file()) }
                        th scope="col" { span.hidden { (words.web_work_do()) } }
                    }
                }
                tbody { @for result in &answer.results { (result_row(&visitor, result)) } }
            }
            (part::more(words, "/viec/ket-qua", &answer.next_page_token))
        }
    };
    Ok(Page::new(words.web_work_results(), main).with_look(Look::Work))
}

fn result_row(visitor: &Visitor, one: &CaseResult) -> Markup {
    let words = visitor.words;
    let wanted = ReturnWay::try_from(one.result_by).unwrap_or_default();
    html! {
        tr data-row tabindex="0" {
            td data-label=(words.web_work_dossier()) {
                a href={ "/ho-so/" (one.application_id) } { (one.dossier_code) }
                @let name = visitor.text(one.procedure_name.as_ref());
                p.soft.brief title=(name) { (name) }
            }
            td data-label=(words.web_work_decided()) { (instant(visitor, one.completed_at.as_ref())) }
            td data-label=(words.web_work_wanted_by()) { (return_way(words, wanted)) }
            td data-label=(words.web_work_file()) {
                @if one.file.is_some() { (words.web_work_issued()) } @else { (words.web_work_not_issued()) }
            }
            td.acts-cell {
                a.button.second href={ "/ho-so/" (one.application_id) "/trao" } data-press="c" { (words.web_work_hand_over()) }
            }
        }
    }
}

pub(super) async fn messages(
    State(portal): State<Portal>,
    visitor: AtCentre,
    uri: Uri,
) -> Result<Page, Trouble> {
    let words = visitor.words;
    let query = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    let page_token = query.text("trang").to_owned();
    let request = ListUnitMessagesRequest {
        page_size: MESSAGES,
        page_token,
        newest_first: true,
        ..ListUnitMessagesRequest::default()
    };
    let mut notification = NotificationServiceClient::new(portal.notification(&visitor));
    let answer = notification.list_unit_messages(soon(request)).await?.into_inner();
    let main = html! {
        h1 { (words.web_work_messages()) }
        (tabs(&visitor, Tab::Messages, None))
        @if answer.messages.is_empty() { p.empty { (words.web_work_no_messages()) } }
        ul.found { @for message in &answer.messages { (message_line(&visitor, message)) } }
        (part::more(words, "/viec/tin", &answer.next_page_token))
    };
    Ok(Page::new(words.web_work_messages(), main).with_look(Look::Work))
}

/// A message, with the way to its case.
pub(super) fn message_line(visitor: &Visitor, message: &Message) -> Markup {
    html! {
        li data-row tabindex="0" {
            @if message.application_id.is_empty() { strong { (message.subject) } }
            @else { a href={ "/ho-so/" (message.application_id) } { (message.subject) } }
            " " span.soft { (instant(visitor, message.occurred_at.as_ref())) }
            p.body { (message.body) }
        }
    }
}
