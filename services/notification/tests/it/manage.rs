//! What operators do with messages.

use ::harness::message_gateway::{Form, Manner, MessageGateway, Proof};
use phidia_proto::notification::v1::{
    CancelMessageRequest, GetOutstandingMessagesRequest, ListDeadMessagesRequest, Message, MessageChannel,
    MessageState, ReplayMessagesRequest, ResendMessageRequest, replay_messages_request::Which,
};
use phidia_runtime::status::from_status;

use crate::{
    gateway::{over, provider},
    harness::{Notification, soon, with_mail},
    smtp_server::{Deed, SmtpServer},
    story::Story,
};

const WHY: &str = "người nhận báo chưa nhận được";

fn resend(message_id: &str) -> ResendMessageRequest {
    ResendMessageRequest { message_id: message_id.to_owned(), reason: WHY.to_owned() }
}

fn cancel(message_id: &str) -> CancelMessageRequest {
    CancelMessageRequest { message_id: message_id.to_owned(), reason: WHY.to_owned() }
}

fn replay(message_id: &str) -> ReplayMessagesRequest {
    let which = Some(Which::MessageId(message_id.to_owned()));
    ReplayMessagesRequest { which, reason: WHY.to_owned() }
}

#[tokio::test]
async fn what_was_sent_is_sent_once_more_where_somebody_wants_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    let letter = service.letter(story.application, MessageState::Sent).await;
    let mut operator = service.operator();
    operator.resend_message(resend(&letter.message_id)).await.unwrap();
    let again = service
        .sent_out(story.application, |letters| {
            letters.iter().all(|letter| letter.state() == MessageState::Sent && letter.attempts == 2)
        })
        .await;
    assert_eq!((again.len(), &again[0].message_id), (1, &letter.message_id));
    let letters = server.letters();
    let ids: Vec<_> = letters.iter().map(|letter| letter.header("Message-ID")).collect();
    let id = &letter.message_id;
    assert_eq!(ids, [format!("<{id}@ninhbinh.example>"), format!("<{id}.1@ninhbinh.example>")]);

    let shown = service.show(id).await.unwrap();
    assert_eq!(shown.attempts.iter().map(|attempt| attempt.number).collect::<Vec<_>>(), [1, 2]);
    let [deed] = &shown.deeds[..] else { panic!("{:?}", shown.deeds) };
    assert_eq!((&*deed.deed, &*deed.actor, &*deed.reason), ("resend", "operator/x", WHY));
    service.stop().await;
}

#[tokio::test]
async fn nothing_is_done_without_a_reason_nor_with_what_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    let letter = service.letter(story.application, MessageState::Sent).await;
    let kept = service.of(story.application).await;
    let kept = kept.iter().find(|message| message.channel() == MessageChannel::InApp).unwrap();
    let mut operator = service.operator();
    let nowhere = "msg_00000000000000000000000000000007";
    for (request, reason) in [
        (ResendMessageRequest { reason: "  ".into(), ..resend(&letter.message_id) }, "MISSING_FIELD"),
        (ResendMessageRequest { reason: "x".repeat(501), ..resend(&letter.message_id) }, "WRONG_LENGTH"),
        (resend("msg_x"), "MALFORMED_ID"),
        (resend(nowhere), "UNKNOWN_NOTICE"),
        (resend(&kept.message_id), "NOT_SENT_ANYWHERE"),
    ] {
        let refusal = operator.resend_message(request).await.unwrap_err();
        assert_eq!(from_status(&refusal).reason, reason);
    }
    let refusal = operator.cancel_message(cancel(&letter.message_id)).await.unwrap_err();
    assert_eq!(from_status(&refusal).reason, "NOT_WAITING");
    let refusal = operator.replay_messages(replay(&letter.message_id)).await.unwrap_err();
    assert_eq!(from_status(&refusal).reason, "NOT_DEAD");
    assert_eq!(service.show(nowhere).await.unwrap_err().reason, "UNKNOWN_NOTICE");
    assert!(service.show(&letter.message_id).await.unwrap().deeds.is_empty());
    assert_eq!(server.letters().len(), 1);
    service.stop().await;
}

#[tokio::test]
async fn what_was_not_told_yet_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let away = SmtpServer::away();
    let mut config = with_mail(away.port());
    (config.retry.first_milliseconds, config.retry.longest_milliseconds) = (600_000, 600_000);
    let service = Notification::start(folder.path(), config.clone()).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    let letter = service.letter(story.application, MessageState::TemporaryFailure).await;
    let mut operator = service.operator();
    let refusal = operator.resend_message(resend(&letter.message_id)).await.unwrap_err();
    assert_eq!(from_status(&refusal).reason, "STILL_UNDER_WAY");
    operator.cancel_message(cancel(&letter.message_id)).await.unwrap();
    service.letter(story.application, MessageState::Cancelled).await;
    let server = away.start([]);
    let other = Story::new(2);
    service.deliver(vec![other.submitted()]).await;
    service.letter(other.application, MessageState::Sent).await;
    assert_eq!(server.letters().len(), 1, "that of the other");
    service.letter(story.application, MessageState::Cancelled).await;
    service.stop().await;
}

#[tokio::test]
async fn what_nobody_outlived_and_waits_for_the_morning_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = MessageGateway::start(Proof::Bearer, Form::Nested).await;
    gateway.behave(Manner::Hangs);
    let mut config = over(vec![provider("one", &gateway)]);
    config.providers[0].http.as_mut().unwrap().timeout_seconds = 1;
    config.retry.lease_milliseconds = 1_200;
    let service = Notification::start(folder.path(), config.clone()).await;
    let story = Story { email: "", ..Story::new(1) };
    service.deliver(vec![story.submitted()]).await;
    soon("it is being sent", async || gateway.calls() == 1).await;
    service.kill().await;

    // Half past ten in the evening: the attempt is lost, and none follows before seven.
    config.retry.longest_milliseconds = 3_600_000;
    let service = Notification::start_at(folder.path(), config, "2026-11-23T15:30:00Z").await;
    let is_lost = |told: &[Message]| told[0].state() == MessageState::TemporaryFailure;
    let told = service.sent_out(story.application, is_lost).await;
    assert_eq!((&*told[0].failure, told[0].attempts), ("NO_OUTCOME", 1));
    let shown = service.show(&told[0].message_id).await.unwrap();
    assert_eq!(shown.attempts.iter().map(|attempt| &*attempt.outcome).collect::<Vec<_>>(), ["lost"]);
    service.operator().cancel_message(cancel(&told[0].message_id)).await.unwrap();
    let is_over = |told: &[Message]| told[0].state() == MessageState::Cancelled;
    service.sent_out(story.application, is_over).await;
    assert_eq!((service.still_to_send().await, gateway.calls()), (0, 1));
    service.stop().await;
}

#[tokio::test]
async fn dead_letters_are_listed_and_told_after_all() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([Deed::Answer("451 busy"); 6]);
    let mut config = with_mail(server.port);
    config.retry.attempts = 3;
    let service = Notification::start(folder.path(), config).await;
    let stories = [Story::new(1), Story::new(2)];
    for story in &stories {
        service.deliver(vec![story.submitted()]).await;
        service.letter(story.application, MessageState::TechnicalFailure).await;
    }
    let mut operator = service.operator();
    let mut dead = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListDeadMessagesRequest { page_size: 1, page_token };
        let page = operator.list_dead_messages(request).await.unwrap().into_inner();
        assert_eq!(page.total, 2);
        dead.extend(page.messages);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(dead.iter().map(|dead| &*dead.failure).collect::<Vec<_>>(), ["SMTP_451"; 2]);
    let request = GetOutstandingMessagesRequest {};
    let outstanding = operator.get_outstanding_messages(request).await.unwrap().into_inner().outstanding;
    let [pile] = &outstanding[..] else { panic!("{outstanding:?}") };
    assert_eq!((pile.channel(), pile.state()), (MessageChannel::Email, MessageState::TechnicalFailure));
    assert_eq!((pile.messages, &*pile.provider), (2, "smtp"));

    let all = ReplayMessagesRequest { which: Some(Which::All(true)), reason: WHY.to_owned() };
    assert_eq!(operator.replay_messages(all).await.unwrap().into_inner().messages, 2);
    for story in &stories {
        assert_eq!(service.letter(story.application, MessageState::Sent).await.attempts, 4);
    }
    // Under the ids that they had: nobody had taken them.
    let ids: Vec<_> = server.letters().iter().map(|letter| letter.header("Message-ID")).collect();
    assert!(
        dead.iter().all(|dead| ids.contains(&format!("<{}@ninhbinh.example>", dead.message_id))),
        "{ids:?}"
    );
    let request = GetOutstandingMessagesRequest {};
    let outstanding = operator.get_outstanding_messages(request).await.unwrap().into_inner().outstanding;
    assert!(outstanding.is_empty(), "{outstanding:?}");
    service.stop().await;
}
