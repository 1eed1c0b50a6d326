//! Letters, in real conversations with a mail server.

use phidia_notification::Config;
use phidia_proto::{
    events::v1::Verdict,
    notification::v1::{Message, MessageChannel, MessageState},
};
use phidia_runtime::failure::Failure;
use sea_orm::ConnectionTrait as _;

use crate::{
    harness::{Notification, with_mail},
    smtp_server::{Deed, SmtpServer},
    story::{ADDRESS, NAME, Story},
};

#[tokio::test]
async fn a_letter_arrives_once_and_can_be_read_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let (vi, en) = (Story::new(1), Story::english(2));
    for story in [&vi, &en] {
        let submitted = story.submitted();
        assert_eq!(service.deliver(vec![submitted.clone(), submitted]).await, [Verdict::Applied; 2]);
        let message = service.letter(story.application, MessageState::Sent).await;
        assert_eq!((message.attempts, &*message.failure), (1, ""));
        let channels: Vec<_> =
            service.of(story.application).await.iter().map(|message| message.channel()).collect();
        assert_eq!(channels.len(), 2);
        assert!(channels.contains(&MessageChannel::InApp));

        let letters = server.letters();
        let letter = letters.last().unwrap();
        assert_eq!(letter.header("Message-ID"), format!("<{}@ninhbinh.example>", message.message_id));
        assert_eq!(letter.recipient, format!("RCPT TO:<{ADDRESS}>"));
        assert!(letter.header("To").contains(NAME) && letter.header("To").contains(ADDRESS), "{letter:?}");
        assert!(letter.header("From").contains("tỉnh Ninh Bình"), "{letter:?}");
        assert_eq!(letter.header("Subject"), message.subject);
        assert_eq!(letter.header("Auto-Submitted"), "auto-generated");
        let kind = letter.header("Content-Type");
        assert!(kind.starts_with("multipart/alternative;"), "{kind}");
        assert!(!letter.header("Date").is_empty());
        assert!(letter.data.is_ascii(), "any server can carry it");
        assert!(letter.text().contains(&message.body), "{}", letter.text());
        let html = letter.html();
        for told in [NAME, &message.subject, "H42.13285-261123-0007</strong></td>"] {
            assert!(html.contains(told), "{told}: {html}");
        }
    }
    let letters = server.letters();
    assert_eq!(letters.len(), 2);
    assert!(letters[0].text().starts_with("Kính gửi Ông/Bà Nguyễn Thị Lan Hương,\n\nHồ sơ của Ông/Bà"));
    assert!(letters[0].text().contains("16 giờ 30, ngày 24/11/2026"));
    assert_eq!(letters[0].header("Content-Language"), "vi");
    assert!(
        letters[1].text().starts_with("Dear Nguyễn Thị Lan Hương,\n\nYour application has been received.")
    );
    assert_eq!(letters[1].header("Content-Language"), "en");
    service.stop().await;
}

#[tokio::test]
async fn nothing_personal_rests_in_the_open() {
    let folder = tempfile::tempdir().unwrap();
    if ::harness::store::at(&folder.path().join("x")).is_shared() {
        // What lies in the files of another server is not read here; the rows are the same.
        return;
    }
    let server = SmtpServer::start([Deed::Answer("451 <lan.huong@example.vn> is busy")]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    service.letter(story.application, MessageState::Sent).await;
    service.stop().await;
    let mut stored = Vec::new();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        stored.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    let holds = |text: &str| stored.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("Hồ sơ của Ông/Bà"), "messages rest in the open");
    for personal in [NAME, "Lan Hương", ADDRESS, "0912"] {
        assert!(!holds(personal), "{personal}");
    }
}

#[tokio::test]
async fn without_an_address_there_is_no_letter() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let without = Story { email: "", ..Story::new(1) };
    // Sealed under the key of another installation: nobody can be written to, and the mailbox is filled.
    let foreign = phidia_runtime::seal::MasterKey::from_hex(&"08".repeat(32).into()).unwrap();
    let sealed = Story { master: foreign.into(), ..Story::new(2) };
    let with = Story::new(3);
    for story in [&without, &sealed, &with] {
        assert_eq!(service.deliver(vec![story.submitted()]).await, [Verdict::Applied]);
    }
    service.letter(with.application, MessageState::Sent).await;
    assert_eq!(service.of(without.application).await.len(), 1);
    assert_eq!(service.of(sealed.application).await.len(), 1);
    assert_eq!(server.letters().len(), 1);
    service.stop().await;
}

#[tokio::test]
async fn a_passing_refusal_is_tried_again_and_the_letter_goes_out_once() {
    let folder = tempfile::tempdir().unwrap();
    let busy = Deed::Answer("451 busy");
    let server = SmtpServer::start([busy, busy, busy]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    let message = service.letter(story.application, MessageState::Sent).await;
    assert_eq!((message.attempts, &*message.failure), (4, ""));
    assert!(message.sent_at.is_some());
    assert_eq!(server.letters().len(), 1);
    service.stop().await;
}

#[tokio::test]
async fn a_lasting_refusal_ends_it_with_a_reason_that_names_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([Deed::Answer("550 no mailbox <lan.huong@example.vn>")]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    let message = service.letter(story.application, MessageState::PermanentFailure).await;
    assert_eq!((message.attempts, &*message.failure), (1, "SMTP_550"));
    assert!(message.sent_at.is_none());
    assert_eq!(server.letters().len(), 0);
    service.stop().await;
}

#[tokio::test]
async fn a_server_that_refuses_us_costs_no_citizen_a_letter() {
    let folder = tempfile::tempdir().unwrap();
    let deeds = [
        Deed::Sender("550 5.7.1 you are on a list"),
        Deed::Answer("554 5.7.1 relay access denied"),
        Deed::Answer("554 no"),
    ];
    let server = SmtpServer::start(deeds);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    assert_eq!(service.letter(story.application, MessageState::Sent).await.attempts, 4);
    assert_eq!(server.letters().len(), 1);
    service.stop().await;
}

#[tokio::test]
async fn an_address_that_the_server_cannot_write_is_refused_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let [marked, plain] = [Story { email: "lân@example.vn", ..Story::new(1) }, Story::new(2)];
    service.deliver(vec![marked.submitted()]).await;
    let message = service.letter(marked.application, MessageState::PermanentFailure).await;
    assert_eq!((message.attempts, &*message.failure), (1, "ADDRESS_NOT_SUPPORTED"));
    service.deliver(vec![plain.submitted()]).await;
    service.letter(plain.application, MessageState::Sent).await;
    service.stop().await;
}

#[tokio::test]
async fn patience_ends() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([Deed::Answer("451 busy"); 3]);
    let mut config = with_mail(server.port);
    config.retry.attempts = 3;
    let service = Notification::start(folder.path(), config).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    let message = service.letter(story.application, MessageState::TechnicalFailure).await;
    assert_eq!((message.attempts, &*message.failure), (3, "SMTP_451"));
    service.stop().await;
}

#[tokio::test]
async fn a_wrong_password_costs_no_citizen_a_letter() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([Deed::Login("535 no"), Deed::Login("535 no")]);
    let mut config = with_mail(server.port);
    let smtp = config.smtp.as_mut().unwrap();
    smtp.username = "phidia".into();
    smtp.password = "secret".into();
    let service = Notification::start(folder.path(), config).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    assert_eq!(service.letter(story.application, MessageState::Sent).await.attempts, 3);
    service.stop().await;
}

#[tokio::test]
async fn a_letter_whose_answer_was_lost_goes_again_under_the_same_message_id() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([Deed::HangUp]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    let message = service.letter(story.application, MessageState::Sent).await;
    assert_eq!(message.attempts, 2);
    let letters = server.letters();
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[0].header("Message-ID"), letters[1].header("Message-ID"));
    assert_eq!(letters[0].text(), letters[1].text());
    service.stop().await;
}

#[tokio::test]
async fn letters_wait_for_a_server_that_is_away_also_through_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let away = SmtpServer::away();
    let service = Notification::start(folder.path(), with_mail(away.port())).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    let message = service.letter(story.application, MessageState::TemporaryFailure).await;
    assert_eq!(message.failure, "CONNECTION");
    service.stop().await;

    let service = Notification::start(folder.path(), with_mail(away.port())).await;
    let server = away.start([]);
    service.letter(story.application, MessageState::Sent).await;
    assert_eq!(server.letters().len(), 1);
    service.stop().await;
}

/// A letter may take a second, and is somebody else's soon after that.
fn hasty(config: &mut Config) {
    config.smtp.as_mut().unwrap().timeout_seconds = 1;
    config.retry.lease_milliseconds = 1_200;
}

async fn outcomes(service: &Notification, message: &Message) -> Vec<(String, String)> {
    let shown = service.show(&message.message_id).await.unwrap();
    shown.attempts.into_iter().map(|attempt| (attempt.outcome, attempt.code)).collect()
}

#[tokio::test]
async fn a_server_that_goes_silent_holds_up_no_other_letter() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([Deed::Silence]);
    let mut config = with_mail(server.port);
    hasty(&mut config);
    config.smtp.as_mut().unwrap().connections = 1;
    let service = Notification::start(folder.path(), config).await;
    let [story, other] = [Story::new(1), Story::new(2)];
    service.deliver(vec![story.submitted()]).await;
    let letter = service.letter(story.application, MessageState::Sent).await;
    assert_eq!(letter.attempts, 2);
    let after_the_text = [("ambiguous".into(), "TIMEOUT".into()), ("taken".into(), String::new())];
    assert_eq!(outcomes(&service, &letter).await, after_the_text);
    service.deliver(vec![other.submitted()]).await;
    assert_eq!(service.letter(other.application, MessageState::Sent).await.attempts, 1);
    service.stop().await;
}

#[tokio::test]
async fn a_server_that_does_not_greet_was_told_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([Deed::NoGreeting]);
    let mut config = with_mail(server.port);
    hasty(&mut config);
    let service = Notification::start(folder.path(), config).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    let letter = service.letter(story.application, MessageState::Sent).await;
    let at_first = [("away".into(), "TIMEOUT".into()), ("taken".into(), String::new())];
    assert_eq!(outcomes(&service, &letter).await, at_first);
    service.stop().await;
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_not_taken_for_that_to_another_letter() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([Deed::Late(std::time::Duration::from_millis(1_100))]);
    let mut config = with_mail(server.port);
    hasty(&mut config);
    config.smtp.as_mut().unwrap().connections = 1;
    let service = Notification::start(folder.path(), config).await;
    let stories: Vec<_> = (0..6).map(Story::new).collect();
    service.deliver(stories.iter().map(Story::submitted).collect()).await;
    let mut attempts = Vec::new();
    for story in &stories {
        attempts.push(service.letter(story.application, MessageState::Sent).await.attempts);
    }
    attempts.sort_unstable();
    assert_eq!(attempts, [1, 1, 1, 1, 1, 2]);
    // Whatever counts as sent has come in whole, and only the late one came twice.
    let mut ids: Vec<_> = server.letters().iter().map(|letter| letter.header("Message-ID")).collect();
    assert_eq!(ids.len(), stories.len() + 1);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), stories.len());
    service.stop().await;
}

#[tokio::test]
async fn what_a_dead_replica_was_sending_is_sent_when_its_lease_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([Deed::Silence]);
    let mut config = with_mail(server.port);
    hasty(&mut config);
    let service = Notification::start(folder.path(), config.clone()).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    while server.letters().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    service.kill().await;

    let service = Notification::start(folder.path(), config).await;
    let message = service.letter(story.application, MessageState::Sent).await;
    assert_eq!(message.attempts, 2);
    assert_eq!(server.letters()[0].header("Message-ID"), server.letters()[1].header("Message-ID"));
    service.stop().await;
}

#[tokio::test]
async fn a_letter_that_nobody_outlives_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([Deed::Silence]);
    let mut config = with_mail(server.port);
    hasty(&mut config);
    config.retry.attempts = 1;
    let service = Notification::start(folder.path(), config.clone()).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    while server.letters().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    service.kill().await;

    let service = Notification::start(folder.path(), config).await;
    assert_eq!(service.letter(story.application, MessageState::TechnicalFailure).await.failure, "NO_OUTCOME");
    assert_eq!(server.letters().len(), 1);
    service.stop().await;
}

#[tokio::test]
async fn replicas_share_the_letters_and_none_goes_twice() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let mut config = with_mail(server.port);
    config.retry.poll_milliseconds = 1;
    let one = Notification::start(folder.path(), config.clone()).await;
    let other = Notification::start(folder.path(), config).await;
    let stories: Vec<_> = (0..40).map(Story::new).collect();
    one.deliver(stories.iter().map(Story::submitted).collect()).await;
    for story in &stories {
        assert_eq!(one.letter(story.application, MessageState::Sent).await.attempts, 1);
    }
    assert_eq!(server.letters().len(), stories.len());
    one.stop().await;
    other.stop().await;
}

#[tokio::test]
async fn a_person_who_was_erased_meanwhile_gets_no_letter() {
    let folder = tempfile::tempdir().unwrap();
    let away = SmtpServer::away();
    let service = Notification::start(folder.path(), with_mail(away.port())).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    service.letter(story.application, MessageState::TemporaryFailure).await;
    let erased = service.db.write(|tx| {
        Box::pin(async move {
            Ok::<_, Failure>(tx.execute_unprepared("DELETE FROM person_key").await?.rows_affected())
        })
    });
    assert_eq!(erased.await.unwrap(), 1);
    let message = service.letter(story.application, MessageState::PermanentFailure).await;
    assert_eq!(message.failure, "PERSON_ERASED");
    service.stop().await;
}
