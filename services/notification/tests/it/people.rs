//! People are told as they want it, and when they may be disturbed.

use ::harness::message_gateway::{Form, MessageGateway, Proof};
use phidia_proto::{
    events::v1::Event,
    notification::v1::{Message, MessageChannel, MessageState},
    types::v1::{ContactChoice, ContactPreferences},
};

use crate::{
    gateway::provider,
    harness::{Notification, with_mail},
    smtp_server::SmtpServer,
    story::Story,
};

/// Half past ten in the evening in Ninh Bình.
const NIGHT: &str = "2026-11-23T15:30:00Z";

fn declined() -> ContactPreferences {
    ContactPreferences { email: ContactChoice::Declined.into(), ..Default::default() }
}

async fn channels(service: &Notification, story: &Story) -> Vec<MessageChannel> {
    let mut channels: Vec<_> =
        service.of(story.application).await.iter().map(|message| message.channel()).collect();
    channels.sort_unstable();
    channels
}

fn is_sent(letters: &[Message]) -> bool {
    letters.iter().any(|letter| letter.state() == MessageState::Sent)
}

#[tokio::test]
async fn what_somebody_says_of_one_application_holds_of_all_of_theirs_and_of_nobody_elses() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let [mut one, mut another, mut third] = [Story::new(1), Story::new(2), Story::new(3)];
    (one.person, another.person, third.person) = (7, 7, 8);
    let both = [MessageChannel::InApp, MessageChannel::Email];
    service.deliver(vec![one.submitted(), one.prefers(2, "2026-11-23T02:00:00Z", declined())]).await;
    assert_eq!(channels(&service, &one).await, both, "it was told before they said so");
    service.deliver(vec![another.submitted(), third.submitted()]).await;
    assert_eq!(channels(&service, &another).await, [MessageChannel::InApp]);
    assert_eq!(channels(&service, &third).await, both);
    // What was said before that and comes after it counts no more.
    let earlier = one.prefers(3, "2026-11-23T01:30:00Z", ContactPreferences::default());
    let later = one.prefers(4, "2026-11-23T03:00:00Z", ContactPreferences::default());
    let [mut fourth, mut fifth] = [Story::new(4), Story::new(5)];
    (fourth.person, fifth.person) = (7, 7);
    service.deliver(vec![earlier, fourth.submitted()]).await;
    assert_eq!(channels(&service, &fourth).await, [MessageChannel::InApp]);
    service.deliver(vec![later, fifth.submitted()]).await;
    assert_eq!(channels(&service, &fifth).await, both);
    service.stop().await;
}

#[tokio::test]
async fn what_somebody_says_with_an_application_holds_of_its_first_message_too() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let [mut story, other] = [Story::new(1), Story::new(2)];
    story.person = 7;
    let said = story.prefers(1, "2026-11-23T01:05:00Z", declined());
    let submitted = Event { sequence: 2, ..story.submitted() };
    service.deliver(vec![said, submitted, other.submitted()]).await;
    assert_eq!(channels(&service, &story).await, [MessageChannel::InApp]);
    service.sent_out(other.application, is_sent).await;
    assert_eq!(server.letters().len(), 1);
    service.stop().await;
}

/// What is urgent is sent, and what is not waits.
async fn urgent_alone_is_sent(service: Notification, server: SmtpServer) {
    let (waits, urgent) = (Story::new(1), Story::new(2));
    service.deliver(vec![waits.submitted(), urgent.submitted(), urgent.completed(true)]).await;
    let mut sent = service.sent_out(urgent.application, is_sent).await;
    sent.sort_by_key(|letter| letter.template.clone());
    let stands: Vec<_> =
        sent.iter().map(|letter| (&*letter.template, letter.state(), letter.attempts)).collect();
    let expected =
        [("application_accepted", MessageState::Created, 0), ("result_ready", MessageState::Sent, 1)];
    assert_eq!(stands, expected);
    let left = service.sent_out(waits.application, |letters| letters.len() == 1).await;
    assert_eq!((left[0].state(), server.letters().len()), (MessageState::Created, 1));
    service.stop().await;
}

#[tokio::test]
async fn at_night_only_what_is_urgent_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let service = Notification::start_at(folder.path(), with_mail(server.port), NIGHT).await;
    urgent_alone_is_sent(service, server).await;
}

#[tokio::test]
async fn who_takes_their_consent_back_by_night_is_not_woken_in_the_morning() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let gateway = MessageGateway::start(Proof::Bearer, Form::Nested).await;
    let mut config = with_mail(server.port);
    config.providers = vec![provider("one", &gateway)];
    let service = Notification::start_at(folder.path(), config, NIGHT).await;
    // Each knows of one way only: what is declined has nothing to follow it, but for the third, who has both.
    let by_telephone = Story { email: "", ..Story::new(1) };
    let [mut declines, mut agrees, mut has_both] =
        [by_telephone.clone(), Story { email: "", ..Story::new(2) }, Story::new(3)];
    (declines.person, agrees.person, has_both.person) = (7, 8, 9);
    service.deliver(vec![declines.submitted(), agrees.submitted(), has_both.submitted()]).await;
    let no_sms = ContactPreferences { sms: ContactChoice::Declined.into(), ..Default::default() };
    let said = "2026-11-23T16:00:00Z";
    service.deliver(vec![declines.prefers(2, said, no_sms), has_both.prefers(2, said, declined())]).await;
    service.set("2026-11-24T01:00:00Z");
    service.sent_out(agrees.application, is_sent).await;
    let refused = |told: &[Message]| told.iter().any(|told| told.state() == MessageState::PermanentFailure);
    let told = service.sent_out(declines.application, refused).await;
    assert_eq!((told.len(), &*told[0].failure, told[0].channel()), (1, "DECLINED", MessageChannel::Sms));
    let followed = |told: &[Message]| refused(told) && is_sent(told);
    let told = service.sent_out(has_both.application, followed).await;
    assert_eq!((told.len(), server.letters().len()), (2, 0));
    // Once whoever has not declined it, and once whoever has declined the e-mail.
    assert_eq!(gateway.calls(), 2);
    service.stop().await;
}

#[tokio::test]
async fn what_rests_is_looked_at_again_before_the_night_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let service = Notification::start_at(folder.path(), with_mail(server.port), NIGHT).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    let other = Story::new(2);
    // By when the urgent one is sent, the one that rests was looked at.
    service.deliver(vec![other.submitted(), other.completed(true)]).await;
    service.sent_out(other.application, is_sent).await;
    // Somebody has it told that it is day: no rest is longer than the longest pause.
    service.set("2026-11-24T01:00:00Z");
    service.letter(story.application, MessageState::Sent).await;
    service.stop().await;
}

#[tokio::test]
async fn hours_that_cannot_be_read_keep_nothing_back_but_by_night() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let config = with_mail(server.port);
    let service = Notification::start(folder.path(), config.clone()).await;
    service.install_hours("2026-11-23").await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    service.execute("UPDATE reference_document SET content = 'x'".to_owned()).await;
    service.stop().await;
    assert_eq!(server.letters().len(), 0, "it is a holiday");

    let service = Notification::start(folder.path(), config.clone()).await;
    service.letter(story.application, MessageState::Sent).await;
    service.stop().await;
    let by_night = Notification::start_at(folder.path(), config, NIGHT).await;
    let [waits, urgent] = [Story::new(2), Story::new(3)];
    by_night.deliver(vec![waits.submitted(), urgent.submitted(), urgent.completed(true)]).await;
    by_night.sent_out(urgent.application, is_sent).await;
    assert_eq!(by_night.still_to_send().await, 2, "all but what is urgent waits");
    by_night.stop().await;
}

#[tokio::test]
async fn on_a_holiday_what_can_wait_waits_all_day() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    service.install_hours("2026-11-23").await;
    urgent_alone_is_sent(service, server).await;
}
