//! What people say, ask and complain of, and what they are answered.

use std::collections::BTreeSet;

use futures::future::join_all;
use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
    id::UnitId,
};
use phidia_proto::{
    events::v1::Rating,
    intake::v1::{
        AnswerFeedbackRequest, AskFeedbackAuthorRequest, EscalateFeedbackRequest, Feedback, FeedbackAuthor,
        FeedbackChannel, FeedbackEscalation, FeedbackKind, FeedbackState, GetFeedbackReportRequest,
        GetFeedbackRequest, GetFeedbackResponse, KeepFeedbackPrivateRequest, ListFeedbackRequest,
        ListPublishedFeedbackRequest, PassFeedbackRequest, PublishFeedbackRequest, PublishedFeedback,
        RateFeedbackAnswerRequest, RefuseFeedbackRequest, ReplyToFeedbackRequest, SendFeedbackRequest,
        SendFeedbackResponse, TakeFeedbackRequest, TrackFeedbackRequest, TrackFeedbackResponse,
        WithdrawFeedbackRequest,
    },
};
use phidia_runtime::status::from_status;
use sea_orm::{ConnectionTrait as _, Statement};

use crate::harness::{Intake, at, caller, citizen, officer, operator, request, supervisor, system, until};

const TEXT: &str = "Ông Kín ở quầy 3 nói: lệ phí chứng thực là bao nhiêu?\nTôi chờ hai giờ.";

fn unit(code: &str) -> String {
    UnitId::of("37", code).to_string()
}

fn question(text: &str) -> SendFeedbackRequest {
    SendFeedbackRequest {
        kind: FeedbackKind::Question.into(),
        text: text.into(),
        author: Some(FeedbackAuthor {
            name: "Phạm Kín".into(),
            telephone: "0912345678".into(),
            ..Default::default()
        }),
        unit_code: "1".into(),
        ..Default::default()
    }
}

/// The same, by a portal, which keeps a key for each citizen.
fn keyed(key: &str, text: &str) -> SendFeedbackRequest {
    SendFeedbackRequest { idempotency_key: key.into(), ..question(text) }
}

async fn send(
    intake: &Intake,
    caller: Caller,
    request: SendFeedbackRequest,
) -> Result<SendFeedbackResponse, Rejection> {
    let answer = intake.feedback(caller).send_feedback(request).await;
    answer.map(tonic::Response::into_inner).map_err(|status| from_status(&status))
}

async fn track(intake: &Intake, sent: &SendFeedbackResponse) -> TrackFeedbackResponse {
    let request = TrackFeedbackRequest { number: sent.number.clone(), check_code: sent.check_code.clone() };
    intake.feedback(citizen("x")).track_feedback(request).await.unwrap().into_inner()
}

async fn get(intake: &Intake, caller: Caller, number: &str) -> Result<GetFeedbackResponse, String> {
    let answer = intake.feedback(caller).get_feedback(GetFeedbackRequest { number: number.into() }).await;
    answer.map(tonic::Response::into_inner).map_err(|status| from_status(&status).reason)
}

async fn list(
    intake: &Intake,
    caller: Caller,
    request: ListFeedbackRequest,
) -> Result<Vec<Feedback>, String> {
    let answer = intake.feedback(caller).list_feedback(request).await;
    answer.map(|answer| answer.into_inner().feedback).map_err(|status| from_status(&status).reason)
}

async fn numbers(intake: &Intake, caller: Caller) -> Vec<String> {
    let listed = list(intake, caller, ListFeedbackRequest::default()).await.unwrap();
    listed.into_iter().map(|feedback| feedback.number).collect()
}

async fn published(intake: &Intake) -> Vec<PublishedFeedback> {
    let request = ListPublishedFeedbackRequest::default();
    intake.feedback(citizen("x")).list_published_feedback(request).await.unwrap().into_inner().feedback
}

/// Asks an RPC that answers with how it stands.
macro_rules! moves {
    ($intake:expr, $caller:expr, $rpc:ident, $request:expr) => {
        match $intake.feedback($caller).$rpc($request).await {
            Ok(answer) => Ok(answer.into_inner().feedback.unwrap()),
            Err(status) => Err(from_status(&status)),
        }
    };
}

fn answer(number: &str, answer: &str) -> AnswerFeedbackRequest {
    AnswerFeedbackRequest { number: number.into(), answer: answer.into() }
}

fn publish(number: &str, question: &str, answer: &str) -> PublishFeedbackRequest {
    PublishFeedbackRequest { number: number.into(), question: question.into(), answer: answer.into() }
}

#[tokio::test]
async fn a_question_is_answered_published_in_other_words_and_looked_at_again() {
    let intake = Intake::new().await;
    let sent = send(&intake, citizen("a"), question(TEXT)).await.unwrap();
    assert_eq!(sent.number, "PA-37-261123-001");
    let stands = sent.feedback.clone().unwrap();
    assert_eq!((stands.state(), &stands.owner_unit_id), (FeedbackState::Received, &unit("1")));
    assert_eq!(stands.channel(), FeedbackChannel::Web);

    // The officer asks for more; the clock stands still until the author answers.
    let number = sent.number.as_str();
    let taken =
        moves!(intake, officer("1"), take_feedback, TakeFeedbackRequest { number: number.into() }).unwrap();
    assert!(!taken.holder_officer_id.is_empty());
    let due = taken.due_at.unwrap().seconds;
    let ask = AskFeedbackAuthorRequest { number: number.into(), text: "Bản sao nào?".into() };
    let asked = moves!(intake, officer("1"), ask_feedback_author, ask).unwrap();
    assert_eq!((asked.state(), asked.due_at), (FeedbackState::AwaitingAuthor, None));
    let refused = moves!(intake, officer("1"), answer_feedback, answer(number, "2.000 đồng")).unwrap_err();
    assert_eq!(refused.reason, "FEEDBACK_STATE");
    assert!(
        refused.metadata.iter().any(|(key, value)| key == "allowed" && value.contains("ReplyToFeedback"))
    );
    let seen = track(&intake, &sent).await;
    assert!(seen.entries.iter().any(|entry| entry.act == "asked" && entry.words == "Bản sao nào?"));
    assert!(seen.entries.iter().all(|entry| entry.act != "taken" && entry.officer_id.is_empty()));
    // A working Monday to the next one: the week of this province has two days.
    intake.clock.set(at("2026-11-24T02:00:00Z"));
    let reply = ReplyToFeedbackRequest {
        number: number.into(),
        check_code: sent.check_code.clone(),
        text: "Giấy khai sinh".into(),
    };
    let replied = moves!(intake, citizen("x"), reply_to_feedback, reply).unwrap();
    assert!(replied.due_at.unwrap().seconds > due);

    let answered = moves!(
        intake,
        officer("1"),
        answer_feedback,
        answer(number, "Anh Kín thân mến, 2.000 đồng một trang")
    )
    .unwrap();
    assert_eq!(answered.state(), FeedbackState::Answered);
    assert!(published(&intake).await.is_empty());
    let seen = track(&intake, &sent).await;
    assert!(seen.entries.iter().any(|entry| entry.words.contains("2.000 đồng một trang")));

    // Not those who answer publish, and nothing by which somebody is known.
    let ask_public = |answer: &str| publish(number, "Lệ phí chứng thực là bao nhiêu?", answer);
    let refused = moves!(intake, officer("1"), publish_feedback, ask_public("2.000 đồng")).unwrap_err();
    assert_eq!(refused.kind, Kind::Forbidden);
    let refused =
        moves!(intake, supervisor("1"), publish_feedback, ask_public("Gọi 0912.345.678")).unwrap_err();
    assert_eq!((refused.reason.as_str(), refused.violations[0].field.as_str()), ("PERSONAL_DATA", "answer"));
    assert_eq!(
        moves!(intake, supervisor("2"), publish_feedback, ask_public("x")).unwrap_err().reason,
        "UNKNOWN_FEEDBACK"
    );
    let public =
        moves!(intake, supervisor("1"), publish_feedback, ask_public("2.000 đồng một trang")).unwrap();
    assert_eq!(public.state(), FeedbackState::Published);
    let [shown] = &published(&intake).await[..] else { panic!("one") };
    assert_eq!(
        (shown.question.as_str(), shown.answer.as_str()),
        ("Lệ phí chứng thực là bao nhiêu?", "2.000 đồng một trang")
    );
    assert!(!format!("{shown:?}").contains("Kín"), "{shown:?}");

    // Who is dissatisfied has it looked at again by those above; until then it is not read by everybody.
    let rate = RateFeedbackAnswerRequest {
        number: number.into(),
        check_code: sent.check_code.clone(),
        rating: Rating::Dissatisfied.into(),
        reason: "Sai".into(),
    };
    let again = moves!(intake, citizen("x"), rate_feedback_answer, rate.clone()).unwrap();
    assert!(again.with_supervisor && again.state() == FeedbackState::Received && again.reopened_at.is_some());
    assert!(published(&intake).await.is_empty());
    assert_eq!(get(&intake, officer("1"), number).await, Err("UNKNOWN_FEEDBACK".into()));
    moves!(intake, supervisor("1"), answer_feedback, answer(number, "3.000 đồng")).unwrap();
    for _ in 0..2 {
        let rated = moves!(intake, citizen("x"), rate_feedback_answer, rate.clone()).unwrap();
        assert_eq!(rated.state(), FeedbackState::Answered);
    }
    let otherwise = RateFeedbackAnswerRequest { rating: Rating::Satisfied.into(), ..rate };
    assert_eq!(
        moves!(intake, citizen("x"), rate_feedback_answer, otherwise).unwrap_err().reason,
        "ANSWER_RATED_BEFORE"
    );
    let private = KeepFeedbackPrivateRequest {
        number: number.into(),
        reason: "Đã có câu trả lời khác".into(),
    };
    assert_eq!(
        moves!(intake, operator(), keep_feedback_private, private).unwrap().state(),
        FeedbackState::KeptPrivate
    );
}

#[tokio::test]
async fn a_paper_from_the_box_rests_sealed_and_goes_with_its_author() {
    let intake = Intake::new().await;
    let paper = SendFeedbackRequest {
        kind: FeedbackKind::Suggestion.into(),
        channel: FeedbackChannel::Box.into(),
        taken_out_on: "2026-11-20".into(),
        ..question(TEXT)
    };
    let sent = send(&intake, officer("1"), paper.clone()).await.unwrap();
    // Whoever noted it could take it back with its check code.
    assert_eq!((sent.number.as_str(), sent.check_code.as_str()), ("PA-1-261123-001", ""));
    let [listed] = &list(&intake, officer("1"), ListFeedbackRequest::default()).await.unwrap()[..] else {
        panic!("one")
    };
    assert_eq!((listed.taken_out_on.as_str(), listed.channel()), ("2026-11-20", FeedbackChannel::Box));
    assert!(!format!("{listed:?}").contains("Kín"), "{listed:?}");
    let whole = get(&intake, officer("1"), &sent.number).await.unwrap();
    assert_eq!((whole.text.as_str(), whole.author.unwrap().name.as_str()), (TEXT, "Phạm Kín"));
    assert_eq!(whole.entries[0].act, "received");
    moves!(intake, officer("1"), answer_feedback, answer(&sent.number, "Xin lỗi ông Kín")).unwrap();

    for sql in ["select said from feedback", "select words from feedback_entry where words is not null"] {
        let rows =
            intake.db.read().query_all_raw(Statement::from_string(intake.db.backend(), sql)).await.unwrap();
        let rest: Vec<u8> = rows[0].try_get_by_index(0).unwrap();
        assert!(!rest.windows("Kín".len()).any(|part| part == "Kín".as_bytes()));
    }
    let erase = intake.db.write(|tx| {
        Box::pin(async move {
            tx.execute_unprepared("DELETE FROM person_key").await?;
            Ok(())
        })
    });
    erase.await.unwrap();
    let whole = get(&intake, officer("1"), &sent.number).await.unwrap();
    assert_eq!((whole.text.as_str(), whole.author.unwrap().name.as_str()), ("", ""));
    assert!(whole.entries.iter().all(|entry| entry.words.is_empty()));
    // It goes on all the same, and keeps nothing more of them.
    moves!(intake, supervisor("1"), publish_feedback, publish(&sent.number, "Chờ lâu", "Đã thêm quầy"))
        .unwrap();
}

#[tokio::test]
async fn a_complaint_does_not_reach_those_that_it_is_about() {
    let intake = Intake::new().await;
    let receipt = intake.submit(request("k")).await.unwrap();
    let complaint = SendFeedbackRequest {
        kind: FeedbackKind::Complaint.into(),
        unit_code: String::new(),
        dossier_code: receipt.dossier_code,
        ..question(TEXT)
    };
    let sent = send(&intake, citizen("a"), complaint.clone()).await.unwrap();
    let number = sent.number.as_str();
    // Its author is not told which unit a dossier code leads to.
    assert!(sent.feedback.unwrap().about_unit_ids.is_empty());
    for caller in [officer("1"), supervisor("1"), officer("2")] {
        assert!(numbers(&intake, caller.clone()).await.is_empty());
        assert_eq!(get(&intake, caller.clone(), number).await, Err("UNKNOWN_FEEDBACK".into()));
        assert_eq!(
            moves!(intake, caller, answer_feedback, answer(number, "x")).unwrap_err().reason,
            "UNKNOWN_FEEDBACK"
        );
    }
    let pass = |to: &str| PassFeedbackRequest {
        number: number.into(),
        unit_code: to.into(),
        reason: "xác minh".into(),
    };
    let province = caller(Role::Supervisor, None);
    let refused = moves!(intake, province.clone(), pass_feedback, pass("1")).unwrap_err();
    assert_eq!(
        (refused.reason.as_str(), refused.violations[0].field.as_str()),
        ("ABOUT_THEMSELVES", "unit_code")
    );
    let passed = moves!(intake, province, pass_feedback, pass("2")).unwrap();
    assert_eq!((passed.owner_unit_id, passed.about_unit_ids), (unit("2"), vec![unit("1")]));
    assert_eq!(numbers(&intake, officer("2")).await, [number]);
    let up = EscalateFeedbackRequest {
        number: number.into(),
        to: FeedbackEscalation::Supervisor.into(),
        reason: "vượt thẩm quyền".into(),
    };
    moves!(intake, officer("2"), escalate_feedback, up).unwrap();
    assert!(numbers(&intake, officer("2")).await.is_empty());
    assert_eq!(numbers(&intake, supervisor("2")).await, [number]);
    let refuse = RefuseFeedbackRequest { number: number.into(), reason: "Không có cơ sở".into() };
    moves!(intake, supervisor("2"), refuse_feedback, refuse).unwrap();
    let seen = intake
        .feedback(citizen("a"))
        .track_feedback(TrackFeedbackRequest { number: number.into(), check_code: sent.check_code })
        .await
        .unwrap()
        .into_inner();
    let words: Vec<_> = seen.entries.iter().map(|entry| (entry.act.as_str(), entry.words.as_str())).collect();
    let reasons = [("received", ""), ("passed", ""), ("escalated", ""), ("refused", "Không có cơ sở")];
    assert_eq!(words, reasons);

    // Which dossier codes there are is told to nobody who has no receipt; officers are told of a slip.
    let unknown = SendFeedbackRequest { dossier_code: "H42.1-261123-9999".into(), ..complaint };
    assert!(send(&intake, citizen("a"), unknown.clone()).await.is_ok());
    assert_eq!(send(&intake, officer("1"), unknown).await.unwrap_err().reason, "UNKNOWN_APPLICATION");
}

#[tokio::test]
async fn the_hotline_answers_at_once_or_escalates() {
    let intake = Intake::new().await;
    let call = SendFeedbackRequest {
        channel: FeedbackChannel::Telephone.into(),
        unit_code: String::new(),
        ..question("Mấy giờ mở cửa?")
    };
    let answered =
        send(&intake, officer("1"), SendFeedbackRequest { answer: "7 giờ 30".into(), ..call.clone() })
            .await
            .unwrap();
    assert_eq!(answered.feedback.clone().unwrap().state(), FeedbackState::Answered);
    let seen = track(&intake, &answered).await;
    assert!(seen.entries.iter().any(|entry| entry.act == "answered" && entry.words == "7 giờ 30"));
    let up = SendFeedbackRequest {
        escalate_to: FeedbackEscalation::Province.into(),
        text: "Khác".into(),
        ..call.clone()
    };
    let escalated = send(&intake, officer("1"), up).await.unwrap().feedback.unwrap();
    assert_eq!((escalated.owner_unit_id.as_str(), escalated.due_at.is_some()), ("", true));
    // A complaint is not the unit's to answer.
    let complaint = SendFeedbackRequest { kind: FeedbackKind::Complaint.into(), answer: "x".into(), ..call };
    assert_eq!(send(&intake, officer("1"), complaint).await.unwrap_err().reason, "OTHER_UNIT");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_drawn_once_and_the_same_twice_is_one() {
    let intake = Intake::new().await;
    let calls = (0..24)
        .map(|number| number % 12)
        .map(|number| send(&intake, system(), keyed(&format!("k{number}"), &format!("Câu {number}"))));
    let sent: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    let numbers: BTreeSet<_> = sent.iter().map(|sent| sent.number.clone()).collect();
    let expected: BTreeSet<_> = (1..=12).map(|number| format!("PA-37-261123-{number:03}")).collect();
    assert_eq!(numbers, expected);
    // To another caller the same words are another's, with another check code.
    let other = send(&intake, citizen("b"), question("Câu 1")).await.unwrap();
    assert_eq!(other.number, "PA-37-261123-013");
    // Over midnight a key is still the same one; without one, another day is another.
    intake.clock.set(at("2026-11-24T02:00:00Z"));
    let again = send(&intake, system(), keyed("k1", "Câu 1")).await.unwrap();
    assert!(sent.contains(&again), "{again:?}");
    assert_eq!(send(&intake, citizen("b"), question("Câu 1")).await.unwrap().number, "PA-37-261124-001");
}

#[tokio::test]
async fn two_who_say_the_same_are_two_where_one_speaks_for_both() {
    let intake = Intake::new().await;
    let refused = send(&intake, system(), question(TEXT)).await.unwrap_err();
    assert_eq!(
        (refused.reason.as_str(), refused.violations[0].field.as_str()),
        ("MISSING_FIELD", "idempotency_key")
    );
    let first = send(&intake, system(), keyed("lan-1", TEXT)).await.unwrap();
    let second = send(&intake, system(), keyed("hung-1", TEXT)).await.unwrap();
    assert_ne!(first.number, second.number, "nobody is given the check code of another");
    assert_eq!(send(&intake, system(), keyed("lan-1", TEXT)).await.unwrap(), first);
    for other in [
        keyed("lan-1", "Khác"),
        SendFeedbackRequest { kind: FeedbackKind::Complaint.into(), ..keyed("lan-1", TEXT) },
    ] {
        let refused = send(&intake, system(), other).await.unwrap_err();
        assert_eq!((refused.kind, refused.reason.as_str()), (Kind::AlreadyExists, "IDEMPOTENCY_KEY_REUSED"));
    }
    let refused = send(&intake, system(), keyed("a b", TEXT)).await.unwrap_err();
    assert_eq!(refused.reason, "MALFORMED_IDEMPOTENCY_KEY");
    // Whoever calls the hotline in the morning and whoever calls in the afternoon ask the same.
    let call = |key: &str| SendFeedbackRequest {
        channel: FeedbackChannel::Telephone.into(),
        author: None,
        ..keyed(key, "Mấy giờ mở cửa?")
    };
    let morning = send(&intake, officer("1"), call("c1")).await.unwrap();
    let afternoon = send(&intake, officer("1"), call("c2")).await.unwrap();
    assert_ne!(morning.number, afternoon.number);
}

#[tokio::test]
async fn what_is_said_again_for_want_of_an_answer_is_done_once() {
    let intake = Intake::new().await;
    let sent = send(&intake, citizen("a"), question(TEXT)).await.unwrap();
    let (number, check_code) = (sent.number.clone(), sent.check_code.clone());
    macro_rules! twice {
        ($caller:expr, $rpc:ident, $request:expr) => {{
            let request = $request;
            let first = moves!(intake, $caller, $rpc, request.clone()).unwrap();
            assert_eq!(moves!(intake, $caller, $rpc, request).unwrap(), first);
            first
        }};
    }
    twice!(officer("1"), take_feedback, TakeFeedbackRequest { number: number.clone() });
    let ask = AskFeedbackAuthorRequest { number: number.clone(), text: "Quầy nào?".into() };
    twice!(officer("1"), ask_feedback_author, ask);
    let reply = ReplyToFeedbackRequest {
        number: number.clone(),
        check_code: check_code.clone(),
        text: "Quầy ba".into(),
    };
    twice!(citizen("a"), reply_to_feedback, reply.clone());
    twice!(officer("1"), take_feedback, TakeFeedbackRequest { number: number.clone() });
    // Other words are something else.
    let other = ReplyToFeedbackRequest { text: "Quầy tư".into(), ..reply };
    assert_eq!(moves!(intake, citizen("a"), reply_to_feedback, other).unwrap_err().reason, "FEEDBACK_STATE");
    // Whoever hands it away does not see it any more, and is answered all the same.
    let pass = |to: &str| PassFeedbackRequest {
        number: number.clone(),
        unit_code: to.into(),
        reason: "của B".into(),
    };
    assert_eq!(twice!(officer("1"), pass_feedback, pass("2")).owner_unit_id, unit("2"));
    // It is theirs no more: to take it up, or to pass it elsewhere.
    let taken = TakeFeedbackRequest { number: number.clone() };
    assert_eq!(moves!(intake, officer("1"), take_feedback, taken).unwrap_err().reason, "UNKNOWN_FEEDBACK");
    let elsewhere = moves!(intake, officer("1"), pass_feedback, pass("1")).unwrap_err();
    assert_eq!(elsewhere.reason, "UNKNOWN_FEEDBACK");
    let up = |to: FeedbackEscalation| EscalateFeedbackRequest {
        number: number.clone(),
        to: to.into(),
        reason: "khó".into(),
    };
    assert!(twice!(officer("2"), escalate_feedback, up(FeedbackEscalation::Supervisor)).with_supervisor);
    let higher = moves!(intake, officer("2"), escalate_feedback, up(FeedbackEscalation::Province));
    assert_eq!(higher.unwrap_err().reason, "UNKNOWN_FEEDBACK");
    twice!(supervisor("2"), answer_feedback, answer(&number, "Đã nhắc nhở"));
    twice!(supervisor("2"), publish_feedback, publish(&number, "Phải chờ lâu", "Đã nhắc nhở"));
    let private = KeepFeedbackPrivateRequest { number: number.clone(), reason: "trùng".into() };
    twice!(supervisor("2"), keep_feedback_private, private);
    let rate = RateFeedbackAnswerRequest {
        number: number.clone(),
        check_code,
        rating: Rating::Dissatisfied.into(),
        reason: "chưa rõ".into(),
    };
    assert!(twice!(citizen("a"), rate_feedback_answer, rate).reopened_at.is_some());
    let acts: Vec<_> =
        get(&intake, operator(), &number).await.unwrap().entries.into_iter().map(|entry| entry.act).collect();
    let once = [
        "received",
        "taken",
        "asked",
        "replied",
        "passed",
        "escalated",
        "answered",
        "published",
        "kept_private",
        "rated",
    ];
    assert_eq!(acts, once);
}

#[tokio::test]
async fn who_asked_the_author_of_a_paper_notes_what_they_said() {
    let intake = Intake::new().await;
    let paper = SendFeedbackRequest {
        kind: FeedbackKind::Suggestion.into(),
        channel: FeedbackChannel::Box.into(),
        taken_out_on: "2026-11-20".into(),
        ..question(TEXT)
    };
    let number = send(&intake, officer("1"), paper).await.unwrap().number;
    let ask = AskFeedbackAuthorRequest { number: number.clone(), text: "Ngày nào?".into() };
    moves!(intake, officer("1"), ask_feedback_author, ask).unwrap();
    let reply = |check_code: &str| ReplyToFeedbackRequest {
        number: number.clone(),
        check_code: check_code.into(),
        text: "Thứ hai".into(),
    };
    assert_eq!(
        moves!(intake, officer("2"), reply_to_feedback, reply("")).unwrap_err().reason,
        "UNKNOWN_FEEDBACK"
    );
    assert_eq!(
        moves!(intake, citizen("a"), reply_to_feedback, reply("")).unwrap_err().reason,
        "MISSING_FIELD"
    );
    assert_eq!(
        moves!(intake, officer("1"), reply_to_feedback, reply("123")).unwrap_err().reason,
        "UNKNOWN_FEEDBACK"
    );
    let noted = moves!(intake, officer("1"), reply_to_feedback, reply("")).unwrap();
    assert_eq!(noted.state(), FeedbackState::Received);
    let whole = get(&intake, officer("1"), &number).await.unwrap();
    let last = whole.entries.last().unwrap();
    assert_eq!((last.act.as_str(), last.words.as_str()), ("replied", "Thứ hai"));
    assert!(!last.officer_id.is_empty(), "who noted it is known");
    moves!(intake, officer("1"), answer_feedback, answer(&number, "Đã sửa")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_to_be_answered_while_the_house_was_dark_goes_to_the_supervisors() {
    let mut intake = Intake::new().await;
    let late = send(&intake, citizen("a"), question(TEXT)).await.unwrap();
    moves!(intake, officer("1"), take_feedback, TakeFeedbackRequest { number: late.number.clone() }).unwrap();
    intake.clock.set(at("2027-01-12T02:00:00Z"));
    let fresh = send(&intake, citizen("a"), question("Mới")).await.unwrap().number;
    let workers = intake.start();
    until("they have it", async || numbers(&intake, officer("1")).await == [fresh.clone()]).await;
    let theirs = get(&intake, supervisor("1"), &late.number).await.unwrap();
    let last = theirs.entries.last().unwrap();
    assert_eq!((last.act.as_str(), last.officer_id.as_str(), last.words.as_str()), ("overdue", "", ""));
    let stands = theirs.feedback.unwrap();
    assert!(stands.with_supervisor && stands.overdue && stands.holder_officer_id.is_empty());
    assert!(track(&intake, &late).await.entries.iter().any(|entry| entry.act == "overdue"));
    // They give it back: it is done once.
    let back = PassFeedbackRequest {
        number: late.number.clone(),
        unit_code: "1".into(),
        reason: "xử lý ngay".into(),
    };
    moves!(intake, supervisor("1"), pass_feedback, back).unwrap();
    assert!(workers.stop(std::time::Duration::from_secs(10)).await);
    let mut intake = intake.restarted().await;
    let workers = intake.start();
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(numbers(&intake, officer("1")).await.len(), 2);
    assert!(workers.stop(std::time::Duration::from_secs(10)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_said_something_is_forgotten_when_nobody_needs_it_any_more() {
    let mut intake = Intake::new().await;
    let over = send(&intake, citizen("a"), question(TEXT)).await.unwrap();
    let running = send(&intake, citizen("b"), question(TEXT)).await.unwrap();
    moves!(intake, officer("1"), answer_feedback, answer(&over.number, "Ông Kín thân mến")).unwrap();
    moves!(intake, supervisor("1"), publish_feedback, publish(&over.number, "Chờ lâu", "Đã thêm quầy"))
        .unwrap();
    // Five years later, and a day.
    intake.clock.set(at("2031-11-23T03:00:00Z"));
    let workers = intake.start();
    let text = async |number: &str| get(&intake, operator(), number).await.unwrap().text;
    until("it is erased", async || text(&over.number).await.is_empty()).await;
    let seen = track(&intake, &over).await;
    assert!(seen.entries.len() == 3 && seen.entries.iter().all(|entry| entry.words.is_empty()));
    assert_eq!(published(&intake).await[0].answer, "Đã thêm quầy");
    assert_eq!(text(&running.number).await, TEXT, "nobody has answered it yet");
    assert!(workers.stop(std::time::Duration::from_secs(10)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_answer_at_once_one_does() {
    let intake = Intake::new().await;
    let number = send(&intake, citizen("a"), question(TEXT)).await.unwrap().number;
    let answers = (0..8).map(|nth| {
        let request = answer(&number, &format!("Câu trả lời {nth}"));
        let mut feedback = intake.feedback(officer("1"));
        async move { feedback.answer_feedback(request).await.map_err(|status| from_status(&status).reason) }
    });
    let answers = join_all(answers).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert!(answers.iter().flat_map(|answer| answer.as_ref().err()).all(|reason| reason == "FEEDBACK_STATE"));
    let whole = get(&intake, officer("1"), &number).await.unwrap();
    assert_eq!(whole.entries.iter().filter(|entry| entry.act == "answered").count(), 1);
}

#[tokio::test]
async fn floods_and_rubbish_are_refused_by_name() {
    let intake = Intake::new().await;
    for number in 0..10 {
        send(&intake, citizen("a"), question(&format!("Câu {number}"))).await.unwrap();
    }
    let refused = send(&intake, citizen("a"), question("Câu 10")).await.unwrap_err();
    assert_eq!((refused.kind, refused.reason.as_str()), (Kind::Exhausted, "DAILY_LIMIT"));
    assert!(refused.metadata.contains(&("limit".into(), "10".into())), "{refused:?}");
    // What was sent before gets its answer; the next day is another.
    assert_eq!(send(&intake, citizen("a"), question("Câu 3")).await.unwrap().number, "PA-37-261123-004");
    intake.clock.set(at("2026-11-24T02:00:00Z"));
    send(&intake, citizen("a"), question("Câu 10")).await.unwrap();

    let good = || question("x");
    let email = Some(FeedbackAuthor { email: "nobody".into(), ..Default::default() });
    let name = Some(FeedbackAuthor { name: "a".repeat(201), ..Default::default() });
    let paper = || SendFeedbackRequest { channel: FeedbackChannel::Box.into(), ..good() };
    for (caller, request, field, reason) in [
        (citizen("c"), SendFeedbackRequest { kind: 0, ..good() }, "kind", "MISSING_FIELD"),
        (citizen("c"), SendFeedbackRequest { kind: 9, ..good() }, "kind", "UNKNOWN_VALUE"),
        (citizen("c"), SendFeedbackRequest { text: " ".into(), ..good() }, "text", "MISSING_FIELD"),
        (citizen("c"), SendFeedbackRequest { text: "a".repeat(5_001), ..good() }, "text", "WRONG_LENGTH"),
        (citizen("c"), SendFeedbackRequest { text: "a\u{7}".into(), ..good() }, "text", "CONTROL_CHARACTER"),
        (citizen("c"), SendFeedbackRequest { author: email, ..good() }, "author.email", "MALFORMED_EMAIL"),
        (citizen("c"), SendFeedbackRequest { author: name, ..good() }, "author.name", "WRONG_LENGTH"),
        (citizen("c"), SendFeedbackRequest { unit_code: "77".into(), ..good() }, "unit_code", "UNKNOWN_UNIT"),
        (
            citizen("c"),
            SendFeedbackRequest { procedure_code: "9".into(), ..good() },
            "procedure_code",
            "UNKNOWN_PROCEDURE",
        ),
        (citizen("c"), paper(), "channel", "OTHER_CHANNEL"),
        (citizen("c"), SendFeedbackRequest { answer: "x".into(), ..good() }, "answer", "OFFICERS_ONLY"),
        (officer("1"), paper(), "taken_out_on", "MISSING_FIELD"),
        (
            officer("1"),
            SendFeedbackRequest { taken_out_on: "hôm qua".into(), ..paper() },
            "taken_out_on",
            "MALFORMED_DATE",
        ),
        (
            officer("1"),
            SendFeedbackRequest { taken_out_on: "2026-11-25".into(), ..paper() },
            "taken_out_on",
            "DATE_OUT_OF_RANGE",
        ),
        (
            officer("1"),
            SendFeedbackRequest { taken_out_on: "2026-11-20".into(), ..good() },
            "taken_out_on",
            "OTHER_CHANNEL",
        ),
        (
            officer("1"),
            SendFeedbackRequest { answer: "x".into(), escalate_to: 2, ..good() },
            "escalate_to",
            "ANSWERED_AT_ONCE",
        ),
    ] {
        let refused = send(&intake, caller, request).await.unwrap_err();
        let at = refused.violations.first().map(|at| at.field.clone()).unwrap_or_default();
        assert_eq!((at.as_str(), refused.reason.as_str()), (field, reason), "{refused:?}");
    }
    for caller in [operator(), caller(Role::Service, None)] {
        assert_eq!(send(&intake, caller, good()).await.unwrap_err().kind, Kind::Forbidden);
    }

    // A number or a check code that is guessed gives nothing away, and not for long.
    let sent = send(&intake, citizen("d"), good()).await.unwrap();
    let guess = |number: &str, check_code: &str| {
        let request = WithdrawFeedbackRequest { number: number.into(), check_code: check_code.into() };
        let mut feedback = intake.feedback(citizen("e"));
        async move { feedback.withdraw_feedback(request).await.map_err(|status| from_status(&status).reason) }
    };
    assert_eq!(guess("PA-37-261124-999", "000000").await.unwrap_err(), "UNKNOWN_FEEDBACK");
    let wrong = if sent.check_code == "000000" { "000001" } else { "000000" };
    for _ in 0..10 {
        assert_eq!(guess(&sent.number, wrong).await.unwrap_err(), "UNKNOWN_FEEDBACK");
    }
    assert_eq!(guess(&sent.number, &sent.check_code).await.unwrap_err(), "TOO_MANY_WRONG_CODES");
}

#[tokio::test]
async fn lists_have_pages_filters_and_bounds() {
    let intake = Intake::new().await;
    let mut sent = Vec::new();
    for (number, to) in (0..5).zip(["1", "2"].into_iter().cycle()) {
        let request = SendFeedbackRequest {
            unit_code: to.into(),
            ..keyed(&format!("k{number}"), &format!("Câu {number}"))
        };
        sent.push(send(&intake, system(), request).await.unwrap().number);
    }
    let mut request = ListFeedbackRequest { page_size: 2, ..Default::default() };
    let mut seen = Vec::new();
    loop {
        let page = intake.feedback(operator()).list_feedback(request.clone()).await.unwrap().into_inner();
        seen.extend(page.feedback.into_iter().map(|feedback| feedback.number));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    seen.sort();
    assert_eq!(seen, sent);
    assert_eq!(numbers(&intake, officer("2")).await.len(), 2);
    moves!(intake, officer("1"), answer_feedback, answer(&sent[0], "x")).unwrap();
    let only = |state: FeedbackState| ListFeedbackRequest { state: state.into(), ..Default::default() };
    assert_eq!(list(&intake, officer("1"), only(FeedbackState::Answered)).await.unwrap().len(), 1);
    let overdue = || ListFeedbackRequest { overdue: true, ..Default::default() };
    assert!(list(&intake, operator(), overdue()).await.unwrap().is_empty());
    intake.clock.set(at("2027-06-01T02:00:00Z"));
    let late = list(&intake, operator(), overdue()).await.unwrap();
    assert!(late.len() == 5 && late.iter().all(|feedback| feedback.overdue));
    for (caller, request, reason) in [
        (officer("1"), ListFeedbackRequest { unit_code: "2".into(), ..Default::default() }, "OTHER_UNIT"),
        (operator(), ListFeedbackRequest { unit_code: "77".into(), ..Default::default() }, "UNKNOWN_UNIT"),
        (operator(), ListFeedbackRequest { state: 99, ..Default::default() }, "UNKNOWN_VALUE"),
        (
            operator(),
            ListFeedbackRequest { page_token: "x".into(), ..Default::default() },
            "MALFORMED_PAGE_TOKEN",
        ),
        (operator(), ListFeedbackRequest { page_size: 501, ..Default::default() }, "OUT_OF_RANGE"),
        (Caller { officer: None, ..officer("1") }, ListFeedbackRequest::default(), "UNKNOWN_OFFICER"),
    ] {
        assert_eq!(list(&intake, caller, request).await, Err(reason.into()));
    }
}

#[tokio::test]
async fn what_is_in_time_is_counted() {
    let intake = Intake::new().await;
    let one = send(&intake, system(), keyed("k1", "một")).await.unwrap().number;
    let two = send(&intake, system(), SendFeedbackRequest { unit_code: "2".into(), ..keyed("k2", "hai") })
        .await
        .unwrap()
        .number;
    moves!(intake, officer("1"), answer_feedback, answer(&one, "x")).unwrap();
    moves!(intake, supervisor("1"), publish_feedback, publish(&one, "q", "a")).unwrap();
    // Far beyond the two working days.
    intake.clock.set(at("2026-12-15T02:00:00Z"));
    let refuse = RefuseFeedbackRequest { number: two, reason: "trùng".into() };
    moves!(intake, officer("2"), refuse_feedback, refuse).unwrap();
    send(&intake, system(), keyed("k3", "ba")).await.unwrap();
    let report = |caller: Caller, period: &str, unit: &str| {
        let request = GetFeedbackReportRequest { period: period.into(), unit_code: unit.into() };
        let mut feedback = intake.feedback(caller);
        async move {
            let answer = feedback.get_feedback_report(request).await;
            answer.map(tonic::Response::into_inner).map_err(|status| from_status(&status))
        }
    };
    let all = report(operator(), "", "").await.unwrap();
    let total = all.total.unwrap();
    assert_eq!((total.received, total.answered, total.answered_in_time), (3, 1, 1));
    assert_eq!((total.refused, total.refused_in_time, total.published_in_time, total.running), (1, 0, 1, 1));
    assert_eq!((all.from.as_str(), all.kinds.len(), all.units.len()), ("2026-10-01", 1, 2));
    let own = report(officer("2"), "2026-12", "").await.unwrap().total.unwrap();
    assert_eq!((own.received, own.refused), (0, 1));
    assert_eq!(report(officer("2"), "2026-12", "1").await.unwrap_err().reason, "OTHER_UNIT");
    let refused = report(operator(), "gestern", "").await.unwrap_err();
    assert_eq!(
        (refused.reason.as_str(), refused.violations[0].field.as_str()),
        ("MALFORMED_PERIOD", "period")
    );
}
