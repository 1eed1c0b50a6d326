//! What people think: suggestions, complaints, questions, and what they are answered.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::{HeaderMap, Uri};
use maud::{Markup, html};
use phidia_domain::Rejection;
use phidia_proto::{
    events::v1::Rating,
    intake::v1::{
        Feedback, FeedbackAuthor, FeedbackChannel, FeedbackKind, FeedbackState, RateFeedbackAnswerRequest,
        ReplyToFeedbackRequest, SendFeedbackRequest, TrackFeedbackRequest, TrackFeedbackResponse,
        WithdrawFeedbackRequest, feedback_service_client::FeedbackServiceClient,
    },
};
use phidia_runtime::peer::Peer;

use super::held::Held;
use crate::{
    Portal,
    form::{Faults, Fields, Posted, key_field},
    page::Page,
    part::{self, encoded},
    services::soon,
    trouble::Trouble,
    visitor::Visitor,
};

const PATH: &str = "/gop-y";
const FOLLOW: &str = "/gop-y/theo-doi";
const KINDS: [FeedbackKind; 3] = [FeedbackKind::Suggestion, FeedbackKind::Complaint, FeedbackKind::Question];

fn service(portal: &Portal, visitor: &Visitor) -> FeedbackServiceClient<Peer> {
    FeedbackServiceClient::new(portal.intake(visitor))
}

fn kind_name(visitor: &Visitor, kind: FeedbackKind) -> &'static str {
    match kind {
        FeedbackKind::Complaint => visitor.words.web_citizen_complaint(),
        FeedbackKind::Question => visitor.words.web_citizen_question(),
        FeedbackKind::Suggestion | FeedbackKind::Unspecified => visitor.words.web_citizen_suggestion(),
    }
}

fn line(
    fields: &Fields,
    faults: &Faults,
    (name, label): (&str, &str),
    hint: Option<&str>,
    kind: &str,
    autocomplete: &str,
) -> Markup {
    let value = fields.text(name);
    part::text(&part::Text { name, label, hint, value, kind, autocomplete, ..part::Text::DEFAULT }, faults)
}

pub(super) async fn ask(State(portal): State<Portal>, visitor: Visitor, uri: Uri) -> Page {
    let fields = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    asking(&portal, &visitor, &fields, &Faults::none())
}

fn asking(portal: &Portal, visitor: &Visitor, fields: &Fields, faults: &Faults) -> Page {
    let words = visitor.words;
    let field = |name, label, hint, kind, complete| line(fields, faults, (name, label), hint, kind, complete);
    let main = html! {
        (faults.summary(words))
        h1 { (words.web_citizen_voice()) }
        p.lead { (words.web_citizen_voice_how()) }
        p.more { a href=(FOLLOW) { (words.web_citizen_follow_what_you_sent()) } }
        form method="post" action=(PATH) {
            (key_field(portal, visitor, PATH))
            fieldset.choices {
                legend { (words.web_citizen_what_is_it()) }
                @for kind in KINDS {
                    @let key = kind.as_str_name();
                    (part::radio("loai", key, kind_name(visitor, kind), fields.text("loai") == key))
                }
            }
            (part::area("noi-dung", words.web_citizen_what_you_say(), None, fields.text("noi-dung"), 8, faults))
            (field("don-vi", words.web_citizen_about_unit(), Some(words.web_citizen_about_unit_hint()), "text", "off"))
            (field("ma-ho-so", words.web_citizen_dossier_code(), Some(words.web_citizen_if_about_one()), "text", "off"))
            (field("ten", words.web_citizen_your_name(), Some(words.web_citizen_need_not_be()), "text", "name"))
            (field("dien-thoai", words.web_citizen_telephone(), None, "tel", "tel"))
            (field("thu", words.web_citizen_email(), None, "email", "email"))
            button { (words.web_citizen_send()) }
        }
    };
    Page::new(words.web_citizen_voice(), main).with_faults(!faults.is_empty())
}

pub(super) async fn send(
    State(portal): State<Portal>,
    headers: HeaderMap,
    posted: Posted<Visitor>,
) -> Result<Response, Trouble> {
    match sent(&portal, &posted).await {
        Ok((number, check)) => {
            let path = format!("{PATH}/{}", encoded(&number));
            Ok(Held::of(&portal, &headers).leads_to(&portal, &path, &number, &check))
        }
        Err(trouble) => {
            let faults = Faults::of(&posted.who, trouble)?.named(control);
            Ok(asking(&portal, &posted.who, posted.fields(), &faults).into_response())
        }
    }
}

async fn sent(portal: &Portal, posted: &Posted<Visitor>) -> Result<(String, String), Trouble> {
    let sent = posted.sent()?;
    let text = |name: &str| sent.fields.text(name).to_owned();
    let kind = FeedbackKind::from_str_name(sent.fields.text("loai"));
    let author = FeedbackAuthor { name: text("ten"), telephone: text("dien-thoai"), email: text("thu") };
    let request = SendFeedbackRequest {
        kind: kind.ok_or_else(|| Rejection::invalid("MISSING_FIELD", "kind", "is required"))?.into(),
        channel: FeedbackChannel::Web.into(),
        text: text("noi-dung"),
        author: Some(author).filter(|author| *author != FeedbackAuthor::default()),
        unit_code: text("don-vi"),
        dossier_code: text("ma-ho-so"),
        idempotency_key: sent.key.to_owned(),
        ..SendFeedbackRequest::default()
    };
    let answer = service(portal, &posted.who).send_feedback(soon(request)).await?.into_inner();
    Ok((answer.number, answer.check_code))
}

/// The control of a field of the contract.
fn control(field: &str) -> Option<String> {
    let control = match field.rsplit('.').next().unwrap_or(field) {
        "kind" => "loai",
        "text" => "noi-dung",
        "unit_code" => "don-vi",
        "dossier_code" => "ma-ho-so",
        "name" => "ten",
        "telephone" => "dien-thoai",
        "email" => "thu",
        "number" => "so",
        "check_code" => "ma-kiem-tra",
        "rating" => "muc",
        "reason" => "ly-do",
        _ => return None,
    };
    Some(control.to_owned())
}

pub(super) async fn ask_number(State(portal): State<Portal>, visitor: Visitor) -> Page {
    asking_number(&portal, &visitor, &Fields::default(), &Faults::none())
}

fn asking_number(portal: &Portal, visitor: &Visitor, fields: &Fields, faults: &Faults) -> Page {
    let words = visitor.words;
    let main = html! {
        (faults.summary(words))
        h1 { (words.web_citizen_follow_what_you_sent()) }
        form method="post" action=(FOLLOW) {
            (key_field(portal, visitor, FOLLOW))
            (line(fields, faults, ("so", words.web_citizen_number()), None, "text", "off"))
            (line(fields, faults, ("ma-kiem-tra", words.web_citizen_check_code()), None, "text", "off"))
            button { (words.web_citizen_track_do()) }
        }
    };
    Page::new(words.web_citizen_follow_what_you_sent(), main).with_faults(!faults.is_empty())
}

pub(super) async fn send_number(
    State(portal): State<Portal>,
    headers: HeaderMap,
    posted: Posted<Visitor>,
) -> Result<Response, Trouble> {
    let fields = posted.fields();
    let (number, check) = (fields.text("so").to_uppercase(), fields.text("ma-kiem-tra").to_uppercase());
    let found = async {
        posted.sent()?;
        tracked(&portal, &posted.who, &number, &check).await
    };
    match found.await {
        Ok(_) => {
            let path = format!("{PATH}/{}", encoded(&number));
            Ok(Held::of(&portal, &headers).leads_to(&portal, &path, &number, &check))
        }
        Err(trouble) => {
            let faults = Faults::of(&posted.who, trouble)?.named(control);
            Ok(asking_number(&portal, &posted.who, fields, &faults).into_response())
        }
    }
}

async fn tracked(
    portal: &Portal,
    visitor: &Visitor,
    number: &str,
    check: &str,
) -> Result<TrackFeedbackResponse, Trouble> {
    let request = TrackFeedbackRequest { number: number.to_owned(), check_code: check.to_owned() };
    Ok(service(portal, visitor).track_feedback(soon(request)).await?.into_inner())
}

pub(super) async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let held = Held::of(&portal, &headers);
    let Some(check) = held.check_code(&number) else { return Ok(Redirect::to(FOLLOW).into_response()) };
    Ok(following(&portal, &visitor, &number, check, &Fields::default(), &Faults::none())
        .await?
        .into_response())
}

async fn following(
    portal: &Portal,
    visitor: &Visitor,
    number: &str,
    check: &str,
    fields: &Fields,
    faults: &Faults,
) -> Result<Page, Trouble> {
    let words = visitor.words;
    let TrackFeedbackResponse { feedback, entries } = tracked(portal, visitor, number, check).await?;
    let feedback = feedback.unwrap_or_default();
    let main = html! {
        (faults.summary(words))
        p.soft { (kind_name(visitor, feedback.kind())) }
        h1 { (words.web_citizen_feedback(number)) }
        p.standing role="status" { (stands(visitor, feedback.state())) }
        (part::facts(&[
            (words.web_citizen_check_code(), html! { strong { (check) } " · " (words.web_citizen_keep_it()) }),
            (words.web_citizen_with(), html! { (visitor.text(feedback.owner_name.as_ref())) }),
            (words.web_citizen_answered_by(), match &feedback.due_at {
                Some(due) if feedback.answered_at.is_none() => html! { (visitor.appointment(Some(due))) },
                _ => html! {},
            }),
        ]))
        ol.history {
            @for entry in &entries {
                li {
                    p.soft { (visitor.instant(entry.at.as_ref())) " " (visitor.text(entry.unit_name.as_ref())) }
                    p.said { (entry.words) }
                }
            }
        }
        (answering(portal, visitor, number, &feedback, fields, faults))
    };
    Ok(Page::new(words.web_citizen_feedback(number), main).with_faults(!faults.is_empty()))
}

fn stands(visitor: &Visitor, state: FeedbackState) -> &'static str {
    let words = visitor.words;
    match state {
        FeedbackState::Received | FeedbackState::Unspecified => words.web_citizen_being_looked_at(),
        FeedbackState::AwaitingAuthor => words.web_citizen_you_are_asked(),
        FeedbackState::Answered | FeedbackState::Published | FeedbackState::KeptPrivate => {
            words.web_citizen_answered()
        }
        FeedbackState::Refused => words.web_citizen_not_answered(),
        FeedbackState::Withdrawn => words.web_citizen_taken_back(),
    }
}

/// What its author can do now.
fn answering(
    portal: &Portal,
    visitor: &Visitor,
    number: &str,
    feedback: &Feedback,
    fields: &Fields,
    faults: &Faults,
) -> Markup {
    let words = visitor.words;
    let action = |act: &str| format!("{PATH}/{}/{act}", encoded(number));
    let (reply, rate, withdraw) = (action("tra-loi"), action("danh-gia"), action("rut"));
    let is_open = matches!(feedback.state(), FeedbackState::Received | FeedbackState::AwaitingAuthor);
    html! {
        @if feedback.state() == FeedbackState::AwaitingAuthor {
            form method="post" action=(reply) {
                (key_field(portal, visitor, &reply))
                (part::area("noi-dung", words.web_citizen_your_reply(), None, fields.text("noi-dung"), 5, faults))
                button { (words.web_citizen_send()) }
            }
        }
        @if is_open {
            form method="post" action=(withdraw) {
                (key_field(portal, visitor, &withdraw))
                button.second { (words.web_citizen_take_back()) }
            }
        }
        @if feedback.answered_at.is_some() && feedback.rated() == Rating::Unspecified && !is_open {
            form method="post" action=(rate) {
                (key_field(portal, visitor, &rate))
                fieldset.choices {
                    legend { (words.web_citizen_content_with_answer()) }
                    @for rating in [Rating::Satisfied, Rating::Neither, Rating::Dissatisfied] {
                        @let key = rating.as_str_name();
                        (part::radio("muc", key, super::acts::rating_name(visitor, rating), fields.text("muc") == key))
                    }
                }
                (part::area("ly-do", words.web_citizen_why(), None, fields.text("ly-do"), 3, faults))
                button { (words.web_citizen_rate_do()) }
            }
        }
    }
}

pub(super) async fn act(
    State(portal): State<Portal>,
    Path((number, act)): Path<(String, String)>,
    headers: HeaderMap,
    posted: Posted<Visitor>,
) -> Result<Response, Trouble> {
    let held = Held::of(&portal, &headers);
    let Some(check) = held.check_code(&number) else { return Ok(Redirect::to(FOLLOW).into_response()) };
    match done(&portal, &act, &number, check, &posted).await {
        Ok(()) => Ok(Redirect::to(&format!("{PATH}/{}", encoded(&number))).into_response()),
        Err(Trouble::NoSuchPage) => Err(Trouble::NoSuchPage),
        Err(trouble) => {
            let faults = Faults::of(&posted.who, trouble)?.named(control);
            let page = following(&portal, &posted.who, &number, check, posted.fields(), &faults).await?;
            Ok(page.into_response())
        }
    }
}

async fn done(
    portal: &Portal,
    act: &str,
    number: &str,
    check: &str,
    posted: &Posted<Visitor>,
) -> Result<(), Trouble> {
    let fields = posted.sent()?.fields;
    let (number, check_code) = (number.to_owned(), check.to_owned());
    let mut service = service(portal, &posted.who);
    match act {
        "tra-loi" => {
            let text = fields.text("noi-dung").to_owned();
            service.reply_to_feedback(soon(ReplyToFeedbackRequest { number, check_code, text })).await?;
        }
        "rut" => {
            service.withdraw_feedback(soon(WithdrawFeedbackRequest { number, check_code })).await?;
        }
        "danh-gia" => {
            let rating = Rating::from_str_name(fields.text("muc")).unwrap_or_default();
            let reason = fields.text("ly-do").to_owned();
            let request = RateFeedbackAnswerRequest { number, check_code, rating: rating.into(), reason };
            service.rate_feedback_answer(soon(request)).await?;
        }
        _ => return Err(Trouble::NoSuchPage),
    }
    Ok(())
}
