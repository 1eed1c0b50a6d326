//! People are told as they want it, and when they may be disturbed.

use phidia_proto::{
    events::v1::Event,
    notification::v1::{Message, MessageChannel, MessageState},
    types::v1::{ContactChoice, ContactPreferences},
};

use crate::{
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
    let [story, other] = [Story::new(1), Story::new(2)];
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
async fn on_a_holiday_what_can_wait_waits_all_day() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    service.install_hours("2026-11-23").await;
    urgent_alone_is_sent(service, server).await;
}
