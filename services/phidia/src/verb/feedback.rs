//! `phidia feedback …`

use std::process::ExitCode;

use phidia_domain::{application::Language, caller::Role};
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

use super::{application, moderator, staff, ticket};
use crate::{
    client::Client,
    command::{
        AddFeedback, EscalationName, Feedback, FeedbackChannelName, FeedbackCode, FeedbackKindName,
        FeedbackStateName, FeedbackText, ListFeedback, PageOf, SendFeedback,
    },
    show::{self, Zone, say},
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
    show::line(&match (speech, answer.check_code.as_str()) {
        (Language::Vi, "") => format!("Đã tiếp nhận, số {number}."),
        (Language::En, "") => format!("Received as {number}."),
        (Language::Vi, code) => format!("Đã tiếp nhận, số {number}, mã tra cứu {code}. Xin cảm ơn."),
        (Language::En, code) => format!("Received as {number}, check code {code}. Thank you."),
    });
    stands(client, answer.feedback.as_ref()).await;
    if answer.feedback.as_ref().is_some_and(|of| of.kind() == FeedbackKind::Complaint) {
        show::aside(say(
            speech,
            "Khiếu nại, tố cáo theo luật là thủ tục riêng: phidia catalogue search \"khieu nai\"",
            "A complaint by the law on complaints is a procedure: phidia catalogue search \"khieu nai\"",
        ));
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
    let erased = say(client.speech(), "(nội dung đã được xóa)", "(what was said was erased)");
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
        let due = if of.overdue { say(speech, "\nquá hạn", "\noverdue") } else { "" };
        vec![
            of.number.clone(),
            format!("{}\n{}", kind_words(speech, of.kind()), state_words(speech, of.state())),
            show::text(speech, of.owner_name.as_ref()),
            zone.instant(of.received_at.as_ref()),
            format!("{}{due}", zone.instant(of.due_at.as_ref())),
        ]
    };
    let headings = [
        say(speech, "Số", "Number"),
        say(speech, "Loại, tình trạng", "Kind, state"),
        say(speech, "Nơi trả lời", "Who answers"),
        say(speech, "Tiếp nhận", "Received"),
        say(speech, "Hạn", "Due"),
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
    let headings = [say(speech, "Số, công khai", "Number, published"), say(speech, "Nội dung", "What")];
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
    let mut rows = vec![row(say(speech, "Tất cả", "All"), answer.total.as_ref())];
    rows.extend(answer.kinds.iter().map(|of| row(kind_words(speech, of.kind()), of.counts.as_ref())));
    let name = |of: &phidia_proto::intake::v1::FeedbackUnitCounts| show::text(speech, of.unit_name.as_ref());
    rows.extend(answer.units.iter().map(|of| row(&name(of), of.counts.as_ref())));
    let headings = [
        "",
        say(speech, "Tiếp nhận", "Received"),
        say(speech, "Từ chối đúng hạn", "Refused in time"),
        say(speech, "Hỏi thêm đúng hạn", "Asked in time"),
        say(speech, "Trả lời đúng hạn", "Answered in time"),
        say(speech, "Công khai đúng hạn", "Published in time"),
        say(speech, "Chưa xong / quá hạn", "Running / overdue"),
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
            format!("{} {}", say(speech, ", quá hạn từ", ", overdue since"), zone.instant(of.due_at.as_ref()))
        }
        Some(_) => format!("{} {}", say(speech, ", hạn", ", due"), zone.instant(of.due_at.as_ref())),
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
    let headings =
        [say(speech, "Lúc", "When"), say(speech, "Việc", "What"), say(speech, "Nội dung", "Words")];
    show::table(&headings, entries.iter().map(row).collect());
}

fn zone_of(zone: &Zone, entry: &FeedbackEntry) -> String {
    zone.instant(entry.at.as_ref())
}

/// Says so where a list goes on, and how to read on.
pub(super) fn more(speech: Language, next_page_token: &str) {
    if !next_page_token.is_empty() {
        let goes_on = say(speech, "… danh sách còn nữa", "… the list goes on");
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

fn kind_words(speech: Language, kind: FeedbackKind) -> &'static str {
    match kind {
        FeedbackKind::Unspecified => "–",
        FeedbackKind::Suggestion => say(speech, "phản ánh, kiến nghị", "suggestion"),
        FeedbackKind::Complaint => say(speech, "phản ánh về thái độ, hành vi", "complaint"),
        FeedbackKind::Question => say(speech, "câu hỏi", "question"),
    }
}

fn state_words(speech: Language, state: FeedbackState) -> &'static str {
    match state {
        FeedbackState::Unspecified => "–",
        FeedbackState::Received => say(speech, "chờ trả lời", "to be answered"),
        FeedbackState::AwaitingAuthor => say(speech, "chờ người gửi bổ sung", "awaiting its author"),
        FeedbackState::Answered => say(speech, "đã trả lời", "answered"),
        FeedbackState::Published => say(speech, "đã công khai", "published"),
        FeedbackState::KeptPrivate => say(speech, "đã trả lời, không công khai", "answered, kept private"),
        FeedbackState::Refused => say(speech, "từ chối", "refused"),
        FeedbackState::Withdrawn => say(speech, "đã rút", "withdrawn"),
    }
}

fn act_words(speech: Language, act: &str) -> &str {
    match (speech, act) {
        (Language::Vi, "received") => "tiếp nhận",
        (Language::Vi, "taken") => "nhận xử lý",
        (Language::Vi, "asked") => "hỏi thêm",
        (Language::Vi, "replied") => "người gửi bổ sung",
        (Language::Vi, "passed") => "chuyển",
        (Language::Vi, "escalated") => "chuyển cấp trên",
        (Language::Vi, "refused") => "từ chối",
        (Language::Vi, "answered") => "trả lời",
        (Language::Vi, "published") => "công khai",
        (Language::Vi, "kept_private") => "không công khai",
        (Language::Vi, "withdrawn") => "người gửi rút",
        (Language::Vi, "rated") => "người gửi đánh giá",
        (Language::Vi, "overdue") => "quá hạn, chuyển lãnh đạo",
        (Language::En, "overdue") => "overdue, went to the supervisors",
        (Language::En, "kept_private") => "kept private",
        (_, act) => act,
    }
}
