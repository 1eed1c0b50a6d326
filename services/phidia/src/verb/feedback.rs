//! `phidia feedback …`

use std::process::ExitCode;

use phidia_domain::caller::Role;
use phidia_proto::intake::v1::{
    AnswerFeedbackRequest, AskFeedbackAuthorRequest, EscalateFeedbackRequest, Feedback as Message,
    FeedbackAuthor, FeedbackChannel, FeedbackCounts, FeedbackEntry, FeedbackEscalation, FeedbackKind,
    FeedbackState, GetFeedbackReportRequest, GetFeedbackRequest, KeepFeedbackPrivateRequest,
    ListFeedbackRequest, ListPublishedFeedbackRequest, PassFeedbackRequest, PublishFeedbackRequest,
    RateFeedbackAnswerRequest, RefuseFeedbackRequest, ReplyToFeedbackRequest, SendFeedbackRequest,
    TakeFeedbackRequest, TrackFeedbackRequest, WithdrawFeedbackRequest,
    feedback_service_client::FeedbackServiceClient,
};
use phidia_runtime::peer::Peer;
use phidia_words::Words;

use super::{application, moderator, staff, ticket};
use crate::{
    client::Client,
    command::{
        AddFeedback, EscalationName, Feedback, FeedbackChannelName, FeedbackCode, FeedbackKindName,
        FeedbackStateName, FeedbackText, ListFeedback, PageOf, SendFeedback,
    },
    show::{self, Zone},
};

/// Asks an RPC that answers with how it stands, and shows that.
macro_rules! moves {
    ($client:expr, $role:expr, $rpc:ident, $name:literal, $request:expr) => {{
        let answer = service($client, $role).await?.$rpc($request).await?.into_inner();
        if $client.json() {
            show::json(concat!("phidia.intake.v1.", $name), &answer)?;
        } else {
            stands($client, answer.feedback.as_ref()).await;
        }
    }};
}

pub(crate) async fn run(client: &Client<'_>, verb: Feedback) -> anyhow::Result<ExitCode> {
    let citizen = Role::Citizen;
    match verb {
        Feedback::Send(SendFeedback { said, key }) => send(client, citizen, request(said, key)).await?,
        Feedback::Add(options) => add(client, options).await?,
        Feedback::Track(FeedbackCode { number, check_code }) => {
            track(client, TrackFeedbackRequest { number, check_code }).await?;
        }
        Feedback::Reply { number, check_code, text } => {
            let is_noted = check_code.is_empty() && !client.own_unit().is_empty();
            let role = if is_noted { noted_by(client) } else { citizen };
            let request = ReplyToFeedbackRequest { number, check_code, text };
            moves!(client, role, reply_to_feedback, "ReplyToFeedbackResponse", request);
        }
        Feedback::Withdraw(FeedbackCode { number, check_code }) => {
            let request = WithdrawFeedbackRequest { number, check_code };
            moves!(client, citizen, withdraw_feedback, "WithdrawFeedbackResponse", request);
        }
        Feedback::Rate { code: FeedbackCode { number, check_code }, rating, reason } => {
            let rating = application::rating::wire(rating).into();
            let request = RateFeedbackAnswerRequest { number, check_code, rating, reason };
            moves!(client, citizen, rate_feedback_answer, "RateFeedbackAnswerResponse", request);
        }
        Feedback::List(options) => list(client, options).await?,
        Feedback::Show { number } => show_one(client, number).await?,
        Feedback::Take { number } => {
            let request = TakeFeedbackRequest { number };
            moves!(client, Role::Officer, take_feedback, "TakeFeedbackResponse", request);
        }
        Feedback::Ask { number, text } => {
            let request = AskFeedbackAuthorRequest { number, text };
            moves!(client, staff(client), ask_feedback_author, "AskFeedbackAuthorResponse", request);
        }
        Feedback::Answer { number, text } => {
            let request = AnswerFeedbackRequest { number, answer: text };
            moves!(client, staff(client), answer_feedback, "AnswerFeedbackResponse", request);
        }
        Feedback::Pass { number, unit, reason } => {
            let request = PassFeedbackRequest { number, unit_code: unit, reason };
            moves!(client, staff(client), pass_feedback, "PassFeedbackResponse", request);
        }
        Feedback::Escalate { number, to, reason } => {
            let request = EscalateFeedbackRequest { number, to: escalation(to).into(), reason };
            moves!(client, staff(client), escalate_feedback, "EscalateFeedbackResponse", request);
        }
        Feedback::Refuse { number, reason } => {
            let request = RefuseFeedbackRequest { number, reason };
            moves!(client, staff(client), refuse_feedback, "RefuseFeedbackResponse", request);
        }
        Feedback::Publish { number, question, answer } => {
            let request = PublishFeedbackRequest { number, question, answer };
            moves!(client, moderator(client), publish_feedback, "PublishFeedbackResponse", request);
        }
        Feedback::Private { number, reason } => {
            let request = KeepFeedbackPrivateRequest { number, reason };
            moves!(client, moderator(client), keep_feedback_private, "KeepFeedbackPrivateResponse", request);
        }
        Feedback::Published(page) => published(client, page).await?,
        Feedback::Stats { period, unit } => stats(client, period, unit).await?,
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn service(client: &Client<'_>, role: Role) -> anyhow::Result<FeedbackServiceClient<Peer>> {
    Ok(FeedbackServiceClient::new(client.peer(role).await?))
}

fn request(said: FeedbackText, key: Option<String>) -> SendFeedbackRequest {
    let FeedbackText { kind, text, unit, dossier, procedure, name, telephone, email } = said;
    SendFeedbackRequest {
        kind: self::kind(kind).into(),
        text,
        author: Some(FeedbackAuthor { name, telephone, email }),
        unit_code: unit,
        dossier_code: dossier,
        procedure_code: procedure,
        idempotency_key: ticket::key(key),
        ..SendFeedbackRequest::default()
    }
}

/// Who notes what somebody else says.
fn noted_by(client: &Client<'_>) -> Role {
    if client.is_officer() { Role::Officer } else { Role::Supervisor }
}

async fn add(client: &Client<'_>, options: AddFeedback) -> anyhow::Result<()> {
    let AddFeedback { said, channel, taken_out_on, answer, escalate_to, key } = options;
    let channel = match channel {
        FeedbackChannelName::Counter => FeedbackChannel::Counter,
        FeedbackChannelName::Box => FeedbackChannel::Box,
        FeedbackChannelName::Telephone => FeedbackChannel::Telephone,
    };
    let request = SendFeedbackRequest {
        channel: channel.into(),
        taken_out_on,
        answer,
        escalate_to: escalate_to.map_or(FeedbackEscalation::Unspecified, escalation).into(),
        ..request(said, key)
    };
    send(client, noted_by(client), request).await
}

async fn send(client: &Client<'_>, role: Role, request: SendFeedbackRequest) -> anyhow::Result<()> {
    let answer = service(client, role).await?.send_feedback(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.SendFeedbackResponse", &answer);
    }
    let (speech, number) = (client.speech(), &answer.number);
    show::line(&match answer.check_code.as_str() {
        "" => speech.feedback_received_as(number),
        code => speech.feedback_received_as_with_code(code, number),
    });
    stands(client, answer.feedback.as_ref()).await;
    if answer.feedback.as_ref().is_some_and(|of| of.kind() == FeedbackKind::Complaint) {
        show::aside(speech.feedback_a_complaint_by_the_law_on_complaints());
    }
    Ok(())
}

async fn track(client: &Client<'_>, request: TrackFeedbackRequest) -> anyhow::Result<()> {
    let answer = service(client, Role::Citizen).await?.track_feedback(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.TrackFeedbackResponse", &answer);
    }
    stands(client, answer.feedback.as_ref()).await;
    history(client, &answer.entries).await;
    Ok(())
}

async fn show_one(client: &Client<'_>, number: String) -> anyhow::Result<()> {
    let request = GetFeedbackRequest { number };
    let answer = service(client, staff(client)).await?.get_feedback(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.GetFeedbackResponse", &answer);
    }
    stands(client, answer.feedback.as_ref()).await;
    let author = answer.author.unwrap_or_default();
    let known = [author.name, author.telephone, author.email];
    let known: Vec<_> = known.into_iter().filter(|part| !part.is_empty()).collect();
    if !known.is_empty() {
        show::line(&known.join(", "));
    }
    let erased = client.speech().feedback_what_was_said_was_erased();
    show::line(if answer.text.is_empty() { erased } else { &answer.text });
    history(client, &answer.entries).await;
    Ok(())
}

async fn list(client: &Client<'_>, options: ListFeedback) -> anyhow::Result<()> {
    let ListFeedback { kind, state, unit, overdue, page: PageOf { limit, after } } = options;
    let request = ListFeedbackRequest {
        page_size: limit,
        page_token: after,
        kind: kind.map_or(FeedbackKind::Unspecified, self::kind).into(),
        state: state.map_or(FeedbackState::Unspecified, self::state).into(),
        unit_code: unit,
        overdue,
    };
    let answer = service(client, staff(client)).await?.list_feedback(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.ListFeedbackResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let row = |of: &Message| {
        let due = if of.overdue { speech.feedback_overdue() } else { "" };
        vec![
            of.number.clone(),
            format!("{}\n{}", kind_words(speech, of.kind()), state_words(speech, of.state())),
            show::text(speech, of.owner_name.as_ref()),
            zone.instant(of.received_at.as_ref()),
            format!("{}{due}", zone.instant(of.due_at.as_ref())),
        ]
    };
    let headings = [
        speech.term_number(),
        speech.feedback_kind_state(),
        speech.feedback_who_answers(),
        speech.term_received(),
        speech.term_due(),
    ];
    show::page(speech, &headings, answer.feedback.iter().map(row).collect(), "");
    more(speech, &answer.next_page_token);
    Ok(())
}

async fn published(client: &Client<'_>, PageOf { limit, after }: PageOf) -> anyhow::Result<()> {
    let request = ListPublishedFeedbackRequest { page_size: limit, page_token: after };
    let answer = service(client, Role::Citizen).await?.list_published_feedback(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.ListPublishedFeedbackResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let rows = answer.feedback.iter().map(|of| {
        let owner = show::text(speech, of.owner_name.as_ref());
        let text = format!("{}\n→ {owner}: {}", of.question, of.answer);
        vec![format!("{}\n{}", of.number, zone.instant(of.published_at.as_ref())), text]
    });
    let headings = [speech.feedback_number_published(), speech.term_what()];
    show::page(speech, &headings, rows.collect(), "");
    more(speech, &answer.next_page_token);
    Ok(())
}

async fn stats(client: &Client<'_>, period: String, unit_code: String) -> anyhow::Result<()> {
    let request = GetFeedbackReportRequest { period, unit_code };
    let answer = service(client, staff(client)).await?.get_feedback_report(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.GetFeedbackReportResponse", &answer);
    }
    let speech = client.speech();
    let (from, to) = (show::day(&answer.from), show::day(&answer.to));
    show::line(&format!("{from} – {to}"));
    let mut rows = vec![row(speech.term_all(), answer.total.as_ref())];
    rows.extend(answer.kinds.iter().map(|of| row(kind_words(speech, of.kind()), of.counts.as_ref())));
    let name = |of: &phidia_proto::intake::v1::FeedbackUnitCounts| show::text(speech, of.unit_name.as_ref());
    rows.extend(answer.units.iter().map(|of| row(&name(of), of.counts.as_ref())));
    let headings = [
        "",
        speech.term_received(),
        speech.feedback_refused_in_time(),
        speech.feedback_asked_in_time(),
        speech.feedback_answered_in_time(),
        speech.feedback_published_in_time(),
        speech.feedback_running_overdue(),
    ];
    show::table(&headings, rows);
    Ok(())
}

fn row(name: &str, counts: Option<&FeedbackCounts>) -> Vec<String> {
    let of = counts.copied().unwrap_or_default();
    vec![
        name.to_owned(),
        of.received.to_string(),
        format!("{}/{}", of.refused_in_time, of.refused),
        format!("{}/{}", of.asked_in_time, of.asked),
        format!("{}/{}", of.answered_in_time, of.answered),
        format!("{}/{}", of.published_in_time, of.published),
        format!("{} / {}", of.running, of.overdue),
    ]
}

/// How it stands, in one line.
async fn stands(client: &Client<'_>, feedback: Option<&Message>) {
    let Some(of) = feedback else { return };
    let (speech, zone) = (client.speech(), client.zone().await);
    let (kind, state) = (kind_words(speech, of.kind()), state_words(speech, of.state()));
    let owner = show::text(speech, of.owner_name.as_ref());
    let due = match of.due_at {
        Some(_) if of.overdue => {
            format!("{} {}", speech.feedback_overdue_since(), zone.instant(of.due_at.as_ref()))
        }
        Some(_) => format!("{} {}", speech.feedback_due(), zone.instant(of.due_at.as_ref())),
        None => String::new(),
    };
    show::line(&format!("{}: {kind}, {state}, {owner}{due}", of.number));
}

async fn history(client: &Client<'_>, entries: &[FeedbackEntry]) {
    let (speech, zone) = (client.speech(), client.zone().await);
    let row = |entry: &FeedbackEntry| {
        let unit = show::text(speech, entry.unit_name.as_ref());
        vec![zone_of(&zone, entry), format!("{} {unit}", act_words(speech, &entry.act)), entry.words.clone()]
    };
    let headings = [speech.term_when(), speech.term_what_2(), speech.feedback_words()];
    show::table(&headings, entries.iter().map(row).collect());
}

fn zone_of(zone: &Zone, entry: &FeedbackEntry) -> String {
    zone.instant(entry.at.as_ref())
}

/// Says so where a list goes on, and how to read on.
pub(super) fn more(speech: Words, next_page_token: &str) {
    if !next_page_token.is_empty() {
        let goes_on = speech.term_the_list_goes_on();
        show::aside(&format!("{goes_on}: --after {next_page_token}"));
    }
}

fn kind(name: FeedbackKindName) -> FeedbackKind {
    match name {
        FeedbackKindName::Suggestion => FeedbackKind::Suggestion,
        FeedbackKindName::Complaint => FeedbackKind::Complaint,
        FeedbackKindName::Question => FeedbackKind::Question,
    }
}

fn state(name: FeedbackStateName) -> FeedbackState {
    match name {
        FeedbackStateName::Received => FeedbackState::Received,
        FeedbackStateName::AwaitingAuthor => FeedbackState::AwaitingAuthor,
        FeedbackStateName::Answered => FeedbackState::Answered,
        FeedbackStateName::Published => FeedbackState::Published,
        FeedbackStateName::KeptPrivate => FeedbackState::KeptPrivate,
        FeedbackStateName::Refused => FeedbackState::Refused,
        FeedbackStateName::Withdrawn => FeedbackState::Withdrawn,
    }
}

fn escalation(name: EscalationName) -> FeedbackEscalation {
    match name {
        EscalationName::Supervisor => FeedbackEscalation::Supervisor,
        EscalationName::Province => FeedbackEscalation::Province,
    }
}

fn kind_words(speech: Words, kind: FeedbackKind) -> &'static str {
    match kind {
        FeedbackKind::Unspecified => "–",
        FeedbackKind::Suggestion => speech.feedback_suggestion(),
        FeedbackKind::Complaint => speech.feedback_complaint(),
        FeedbackKind::Question => speech.feedback_question(),
    }
}

fn state_words(speech: Words, state: FeedbackState) -> &'static str {
    match state {
        FeedbackState::Unspecified => "–",
        FeedbackState::Received => speech.feedback_to_be_answered(),
        FeedbackState::AwaitingAuthor => speech.feedback_awaiting_its_author(),
        FeedbackState::Answered => speech.term_answered(),
        FeedbackState::Published => speech.feedback_published(),
        FeedbackState::KeptPrivate => speech.feedback_answered_kept_private(),
        FeedbackState::Refused => speech.term_refused(),
        FeedbackState::Withdrawn => speech.feedback_withdrawn(),
    }
}

fn act_words(speech: Words, act: &str) -> &str {
    match act {
        "received" => speech.feedback_act_received(),
        "taken" => speech.feedback_act_taken(),
        "asked" => speech.feedback_act_asked(),
        "replied" => speech.feedback_act_replied(),
        "passed" => speech.feedback_act_passed(),
        "escalated" => speech.feedback_act_escalated(),
        "refused" => speech.term_refused(),
        "answered" => speech.feedback_act_answered(),
        "published" => speech.feedback_act_published(),
        "kept_private" => speech.feedback_act_kept_private(),
        "withdrawn" => speech.feedback_act_withdrawn(),
        "rated" => speech.feedback_act_rated(),
        "overdue" => speech.feedback_act_overdue(),
        act => act,
    }
}
