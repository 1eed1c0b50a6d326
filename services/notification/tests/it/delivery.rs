//! Handing messages over: who gets what from whom, and what is never told twice.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use ::harness::message_gateway::{Form, Manner, MessageGateway, Proof};
use phidia_domain::notice::{Channel, Contact};
use phidia_notification::Config;
use phidia_proto::{
    events::v1::Event,
    notification::v1::{Message, MessageChannel, MessageState},
};
use phidia_runtime::failure::Failure;
use sea_orm::ConnectionTrait as _;

use crate::{
    contact::corrected,
    gateway::{over, provider, signed},
    harness::{Notification, soon, with_mail},
    smtp_server::{Deed, SmtpServer},
    story::Story,
};

/// Those who gave a telephone number only.
fn by_telephone(many: u64) -> Vec<Story> {
    (0..many).map(|seed| Story { email: "", ..Story::new(seed) }).collect()
}

async fn submit(service: &Notification, stories: &[Story]) {
    service.deliver(stories.iter().map(Story::submitted).collect::<Vec<Event>>()).await;
}

/// What was not only kept to be read, once all of it stands so.
async fn stand(service: &Notification, stories: &[Story], state: MessageState) -> Vec<Message> {
    let mut all = Vec::new();
    for story in stories {
        all.extend(
            service
                .sent_out(story.application, |messages| {
                    !messages.is_empty() && messages.iter().all(|message| message.state() == state)
                })
                .await,
        );
    }
    all
}

#[tokio::test]
async fn each_person_gets_a_letter_of_their_own_and_no_bad_address_keeps_it_from_another() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([Deed::Answer("550 no such mailbox")]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let story = Story { proxy: "minh@example.vn", ..Story::new(1) };
    service.deliver(vec![story.submitted()]).await;
    let over = |state: MessageState| !matches!(state, MessageState::Created | MessageState::Sending);
    let letters = service
        .sent_out(story.application, |letters| letters.iter().all(|letter| over(letter.state())))
        .await;
    let mut addressees: Vec<_> = letters.iter().map(|letter| letter.addressee.as_str()).collect();
    addressees.sort_unstable();
    assert_eq!(addressees, ["applicant", "proxy"]);
    let mut states: Vec<_> = letters.iter().map(Message::state).collect();
    states.sort_unstable();
    assert_eq!(states, [MessageState::Sent, MessageState::PermanentFailure]);
    assert_eq!(server.letters().len(), 1);
    service.stop().await;
}

#[tokio::test]
async fn what_may_have_been_heard_under_a_key_is_told_once_and_by_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let first = MessageGateway::start(Proof::Bearer, Form::Nested).await;
    let second = MessageGateway::start(Proof::Hmac, Form::Flat).await;
    first.behave_next([
        Manner::LosesAnswers,
        Manner::FailsAfterwards,
        Manner::Fails(502),
        Manner::Refuses(-1),
    ]);
    let config = over(vec![provider("first", &first), signed("second", &second)]);
    let service = Notification::start(folder.path(), config).await;
    let story = &by_telephone(1)[0];
    submit(&service, std::slice::from_ref(story)).await;
    let messages = stand(&service, std::slice::from_ref(story), MessageState::Sent).await;
    assert_eq!((messages.len(), messages[0].channel()), (1, MessageChannel::Sms));
    assert_eq!((messages[0].attempts, &*messages[0].provider), (5, "first"));
    assert_eq!(first.times(), BTreeMap::from([(messages[0].message_id.clone(), 1)]));
    assert_eq!((second.calls(), first.faults()), (0, Vec::<String>::new()));
    let shown = service.show(&messages[0].message_id).await.unwrap();
    let outcomes: Vec<_> = shown.attempts.iter().map(|attempt| attempt.outcome.as_str()).collect();
    assert_eq!(outcomes, ["ambiguous", "ambiguous", "ambiguous", "away", "taken"]);
    service.stop().await;
}

#[tokio::test]
async fn a_replica_that_is_killed_while_it_sends_tells_nobody_twice() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = MessageGateway::start(Proof::Bearer, Form::Nested).await;
    gateway.behave(Manner::Slow(Duration::from_millis(300)));
    let mut config = over(vec![provider("one", &gateway)]);
    config.providers[0].http.as_mut().unwrap().timeout_seconds = 1;
    config.retry.lease_milliseconds = 1_200;
    let service = Notification::start(folder.path(), config.clone()).await;
    let stories = by_telephone(8);
    submit(&service, &stories).await;
    while gateway.calls() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    service.kill().await;
    gateway.behave(Manner::Well);

    let service = Notification::start(folder.path(), config).await;
    stand(&service, &stories, MessageState::Sent).await;
    assert!(gateway.times().values().all(|times| *times == 1) && gateway.times().len() == 8);
    service.stop().await;
}

#[tokio::test]
async fn another_provider_takes_over_and_the_first_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let first = MessageGateway::start(Proof::Bearer, Form::Nested).await;
    let second = MessageGateway::start(Proof::Hmac, Form::Flat).await;
    // It does not know us any more: nothing was said to anybody.
    first.behave(Manner::Fails(401));
    let mut config = over(vec![provider("first", &first), signed("second", &second)]);
    (config.breaker.least, config.breaker.rest_milliseconds) = (3, 400);
    let service = Notification::start(folder.path(), config).await;
    let stories = by_telephone(12);
    submit(&service, &stories).await;
    stand(&service, &stories, MessageState::Sent).await;
    assert_eq!((first.sent().len(), second.sent().len()), (0, 12));

    first.behave(Manner::Well);
    let more: Vec<_> = (100..).map(|seed| Story { email: "", ..Story::new(seed) }).take(400).collect();
    let mut more = more.chunks(1);
    soon("the first is tried again", async || {
        let next = more.next().unwrap();
        submit(&service, next).await;
        stand(&service, next, MessageState::Sent).await;
        !first.sent().is_empty()
    })
    .await;
    service.stop().await;
}

#[tokio::test]
async fn replicas_together_keep_to_the_budget_of_a_provider() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = MessageGateway::start(Proof::Bearer, Form::Nested).await;
    let mut sparing = provider("one", &gateway);
    // Ten a second, and four at once.
    (sparing.per_minute, sparing.burst) = (Some(600), 4);
    let mut config = over(vec![sparing]);
    config.retry.poll_milliseconds = 20;
    let one = Notification::start(folder.path(), config.clone()).await;
    let other = Notification::start(folder.path(), config).await;
    let stories = by_telephone(16);
    let began = Instant::now();
    submit(&one, &stories).await;
    stand(&one, &stories, MessageState::Sent).await;
    let sent = gateway.sent();
    assert_eq!(sent.len(), 16);
    for (place, message) in sent.iter().enumerate() {
        // The answer to the claim is a little later than what was drawn: never earlier.
        let most = 4.0 + 10.0 * message.at.duration_since(began).as_secs_f64() + 1.0;
        let given = f64::from(u32::try_from(place + 1).unwrap());
        assert!(given <= most, "{given} after {:?}", message.at.duration_since(began));
    }
    one.stop().await;
    other.stop().await;
}

#[tokio::test]
async fn who_asks_for_a_pause_gets_one() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = MessageGateway::start(Proof::Bearer, Form::Nested).await;
    gateway.behave_next([Manner::Busy(1)]);
    let service = Notification::start(folder.path(), over(vec![provider("one", &gateway)])).await;
    let stories = by_telephone(3);
    let began = Instant::now();
    submit(&service, &stories[..1]).await;
    while gateway.calls() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stand(&service, &stories[..1], MessageState::Sent).await;
    assert!(began.elapsed() >= Duration::from_millis(900), "{:?}", began.elapsed());
    assert_eq!(gateway.times().len(), 1);
    service.stop().await;
}

#[tokio::test]
async fn a_reminder_for_yesterday_is_not_sent_and_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    // That it is worked on is of use until it is due, which it was an hour ago.
    let story = Story { due_at: Some("2026-11-23T09:00:00Z"), ..Story::new(1) };
    service.deliver(vec![story.submitted(), story.opened()]).await;
    let letters = service
        .sent_out(story.application, |letters| {
            letters.len() == 2
                && letters
                    .iter()
                    .all(|letter| matches!(letter.state(), MessageState::Sent | MessageState::Expired))
        })
        .await;
    let expired = letters.iter().find(|letter| letter.template == "case_opened").unwrap();
    assert_eq!((expired.state(), expired.attempts), (MessageState::Expired, 0));
    assert!(expired.expires_at.is_some());
    assert_eq!(server.letters().len(), 1);
    let kept = service.of(story.application).await;
    assert!(
        kept.iter().any(|kept| kept.template == "case_opened" && kept.channel() == MessageChannel::InApp)
    );
    service.stop().await;
}

#[tokio::test]
async fn what_does_not_reach_somebody_over_one_channel_reaches_them_over_another() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([Deed::Answer("550 no such mailbox")]);
    let gateway = MessageGateway::start(Proof::Bearer, Form::Nested).await;
    let mut config = with_mail(server.port);
    config.providers = vec![provider("one", &gateway)];
    let service = Notification::start(folder.path(), config).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    let told = service
        .sent_out(story.application, |told| {
            told.iter().any(|message| {
                message.channel() == MessageChannel::Sms && message.state() == MessageState::Sent
            })
        })
        .await;
    assert_eq!(told.len(), 2);
    assert_eq!(gateway.sent()[0].body["to"], "+84912345678");
    service.stop().await;
}

#[tokio::test]
async fn whose_address_is_taken_back_while_a_letter_waits_is_told_over_what_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let away = SmtpServer::away();
    let gateway = MessageGateway::start(Proof::Bearer, Form::Nested).await;
    let mut config = with_mail(away.port());
    config.providers = vec![provider("one", &gateway)];
    config.breaker.rest_milliseconds = 100;
    let service = Notification::start(folder.path(), config).await;
    let story = Story::new(1);
    let submitted = story.submitted();
    service.deliver(vec![submitted.clone()]).await;
    service.letter(story.application, MessageState::TemporaryFailure).await;
    let by_telephone = Contact { telephone: story.telephone.into(), ..Contact::default() };
    service.deliver(vec![corrected(&story, &submitted, 2, "2026-11-23T01:06:00Z", by_telephone)]).await;
    let told = service
        .sent_out(story.application, |told| {
            told.iter().any(|message| {
                message.template == "application_accepted"
                    && message.channel() == MessageChannel::Sms
                    && message.state() == MessageState::Sent
            })
        })
        .await;
    let letter = told
        .iter()
        .find(|told| told.template == "application_accepted" && told.channel() == MessageChannel::Email);
    assert_eq!(letter.map(|letter| &*letter.failure), Some("NO_ADDRESS"));
    service.stop().await;
}

#[tokio::test]
async fn a_channel_that_has_no_provider_any_more_is_given_up_and_another_follows() {
    let folder = tempfile::tempdir().unwrap();
    let away = SmtpServer::away();
    let mut config = with_mail(away.port());
    // Few attempts before the provider is gone.
    (config.retry.first_milliseconds, config.retry.longest_milliseconds) = (1_000, 1_000);
    let service = Notification::start(folder.path(), config).await;
    // The second is of use until it is due.
    let [story, late] = [Story::new(1), Story { due_at: Some("2026-11-23T10:30:00Z"), ..Story::new(2) }];
    service.deliver(vec![story.submitted(), late.submitted()]).await;
    service.letter(story.application, MessageState::TemporaryFailure).await;
    service.letter(late.application, MessageState::TemporaryFailure).await;
    service.deliver(vec![late.opened()]).await;
    service.stop().await;

    let gateway = MessageGateway::start(Proof::Bearer, Form::Nested).await;
    let mut config = over(vec![provider("one", &gateway)]);
    config.retry.attempts = 12;
    let service = Notification::start_at(folder.path(), config, "2026-11-23T11:00:00Z").await;
    let told = |messages: &[Message]| {
        messages
            .iter()
            .any(|told| told.channel() == MessageChannel::Sms && told.state() == MessageState::Sent)
    };
    let messages = service.sent_out(story.application, told).await;
    let letter = messages.iter().find(|told| told.channel() == MessageChannel::Email).unwrap();
    assert_eq!((letter.state(), &*letter.failure), (MessageState::TechnicalFailure, "NO_PROVIDER"));
    let of_no_use = |messages: &[Message]| {
        messages.iter().any(|told| told.template == "case_opened" && told.state() == MessageState::Expired)
    };
    service.sent_out(late.application, of_no_use).await;
    service.stop().await;
}

#[tokio::test]
async fn a_number_that_cannot_be_is_refused_for_good_and_the_application_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = MessageGateway::start(Proof::Bearer, Form::Nested).await;
    gateway.behave_next([Manner::Refuses(-118)]);
    let service = Notification::start(folder.path(), over(vec![provider("one", &gateway)])).await;
    let never = Story { email: "", telephone: "không có", ..Story::new(1) };
    submit(&service, std::slice::from_ref(&never)).await;
    let refused = stand(&service, std::slice::from_ref(&never), MessageState::PermanentFailure).await;
    assert_eq!((refused[0].failure.as_str(), gateway.calls()), ("MALFORMED_NUMBER", 0));
    let unknown = &by_telephone(3)[2];
    submit(&service, std::slice::from_ref(unknown)).await;
    let refused = stand(&service, std::slice::from_ref(unknown), MessageState::PermanentFailure).await;
    assert_eq!(refused[0].failure, "CODE_-118");
    service.deliver(vec![never.opened(), unknown.opened()]).await;
    assert_eq!(service.of(never.application).await.len(), 4, "two facts, over two channels each");
    service.stop().await;
}

#[tokio::test]
async fn whoever_gets_a_message_twice_from_a_provider_without_keys_sees_that_it_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = MessageGateway::start(Proof::Bearer, Form::Nested).await;
    gateway.ignore_keys();
    gateway.behave_next([Manner::LosesAnswers]);
    let mut keyless = provider("one", &gateway);
    keyless.http.as_mut().unwrap().key_header = String::new();
    let service = Notification::start(folder.path(), over(vec![keyless])).await;
    let story = &by_telephone(1)[0];
    submit(&service, std::slice::from_ref(story)).await;
    stand(&service, std::slice::from_ref(story), MessageState::Sent).await;
    let sent = gateway.sent();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0].body, sent[1].body);
    let text = sent[0].body["text"].as_str().unwrap();
    assert!(text.ends_with(']') && text.len() > 8, "{text}");
    service.stop().await;
}

#[tokio::test]
async fn what_nobody_would_ever_send_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let away = SmtpServer::away();
    let mut config: Config = with_mail(away.port());
    config.watch_milliseconds = 50;
    // Nobody but who looks for it would find it in time.
    (config.retry.first_milliseconds, config.retry.longest_milliseconds) = (600_000, 600_000);
    let service = Notification::start(folder.path(), config).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    service.letter(story.application, MessageState::TemporaryFailure).await;
    let server = away.start([]);
    let lost = service.db.write(|tx| {
        Box::pin(async move {
            Ok::<_, Failure>(tx.execute_unprepared("DELETE FROM delivery").await?.rows_affected())
        })
    });
    assert_eq!(lost.await.unwrap(), 1);
    service.letter(story.application, MessageState::Sent).await;
    assert_eq!(server.letters().len(), 1);
    service.stop().await;
}

#[test]
fn channels_are_named_in_a_configuration_as_everywhere() {
    assert_eq!(serde_json::from_str::<Channel>(r#""zalo""#).unwrap(), Channel::Zalo);
}
