//! Letters by way of a real mail server in a process of its own: what it takes, what it refuses, and what becomes of a letter when it drops
//! the line.

use harness::{
    authority::Authority,
    smtp_process::{Demands, SmtpProcess},
};
use phidia_notification::{Config, Tls};
use phidia_proto::notification::v1::MessageState;

use crate::{
    harness::{Notification, with_mail},
    story::{ADDRESS, Story},
};

/// As [`with_mail`], by STARTTLS and with a login.
fn by_tls(port: u16, authority: &Authority, password: &str) -> Config {
    let mut config = with_mail(port);
    let smtp = config.smtp.as_mut().unwrap();
    smtp.tls = Tls::StartTls;
    smtp.authority = Some(authority.certificate());
    smtp.username = "phidia".into();
    smtp.password = password.to_owned().into();
    config
}

#[tokio::test]
async fn it_takes_a_letter_by_starttls_from_whoever_logs_in_and_believes_its_authority() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let server = SmtpProcess::start(Demands {
        tls: Some(&authority),
        login: Some(("phidia", "hunter2")),
        ..Demands::default()
    });
    let service = Notification::start(folder.path(), by_tls(server.port(), &authority, "hunter2")).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    let message = service.letter(story.application, MessageState::Sent).await;
    assert_eq!(message.attempts, 1);
    let [letter] = server.letters().try_into().unwrap();
    assert!(letter.by_tls);
    assert_eq!(letter.user.as_deref(), Some("phidia"));
    assert_eq!(letter.recipients, [ADDRESS]);
    assert_eq!(letter.id, format!("<{}@ninhbinh.example>", message.message_id));
    assert_eq!(letter.subject, message.subject);
    assert!(letter.text.replace("\r\n", "\n").contains(&message.body), "{}", letter.text);
    service.stop().await;
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_and_one_that_knows_no_such_password_get_no_letter() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let (authority, another) = (Authority::new(), Authority::new());
    let server = SmtpProcess::start(Demands {
        tls: Some(&authority),
        login: Some(("phidia", "hunter2")),
        ..Demands::default()
    });
    let strange = by_tls(server.port(), &another, "hunter2");
    let mistyped = by_tls(server.port(), &authority, "hunter3");
    // To lettre a certificate that it does not believe is a line that was lost.
    for (folder, config, failure) in
        [(&folders[0], strange, "CONNECTION"), (&folders[1], mistyped, "SMTP_535")]
    {
        let service = Notification::start(folder.path(), config).await;
        let story = Story::new(1);
        service.deliver(vec![story.submitted()]).await;
        // It is tried on and on: the operator will see to it.
        let message = service.letter(story.application, MessageState::TemporaryFailure).await;
        assert_eq!(message.failure, failure);
        service.stop().await;
    }
    assert!(server.count("stranger") > 0);
    assert_eq!(server.letters(), []);
}

#[tokio::test]
async fn one_recipient_who_is_refused_keeps_the_letter_from_nobody_else() {
    const PROXY: &str = "minh@example.vn";
    let folder = tempfile::tempdir().unwrap();
    let mut server = SmtpProcess::start(Demands::default());
    server.refuse(ADDRESS, "550 5.1.1 no such mailbox");
    let service = Notification::start(folder.path(), with_mail(server.port())).await;
    let story = Story { proxy: PROXY, ..Story::new(1) };
    service.deliver(vec![story.submitted()]).await;
    let ended = |state| matches!(state, MessageState::Sent | MessageState::PermanentFailure);
    let letters = service
        .sent_out(story.application, |letters| letters.iter().all(|letter| ended(letter.state())))
        .await;
    let mut ends: Vec<_> =
        letters.iter().map(|letter| (&*letter.addressee, letter.state(), &*letter.failure)).collect();
    ends.sort_unstable();
    let expected =
        [("applicant", MessageState::PermanentFailure, "SMTP_550"), ("proxy", MessageState::Sent, "")];
    assert_eq!(ends, expected);
    let recipients: Vec<_> = server.letters().into_iter().flat_map(|letter| letter.recipients).collect();
    assert_eq!((recipients, server.count("refused")), (vec![PROXY.to_owned()], 1));
    service.stop().await;
}

#[tokio::test]
async fn whom_it_does_not_know_it_puts_off_and_the_letter_arrives_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = SmtpProcess::start(Demands::default());
    server.greylist();
    let service = Notification::start(folder.path(), with_mail(server.port())).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    let message = service.letter(story.application, MessageState::Sent).await;
    assert_eq!((message.attempts, server.count("refused"), server.letters().len()), (2, 1, 1));
    service.stop().await;
}

#[tokio::test]
async fn a_line_that_is_dropped_in_the_middle_of_the_data_costs_another_attempt_and_no_second_letter() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = SmtpProcess::start(Demands::default());
    server.cut(2);
    let service = Notification::start(folder.path(), with_mail(server.port())).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    let message = service.letter(story.application, MessageState::Sent).await;
    assert_eq!((message.attempts, server.count("cut"), server.letters().len()), (3, 2, 1));
    service.stop().await;
}

/// What no sender can know: mail is at least once, and the marker tells a second copy.
#[tokio::test]
async fn a_letter_that_was_taken_without_a_word_comes_again_under_the_same_marker() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = SmtpProcess::start(Demands::default());
    server.lose(1);
    let service = Notification::start(folder.path(), with_mail(server.port())).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    let message = service.letter(story.application, MessageState::Sent).await;
    assert_eq!((message.attempts, server.count("lost")), (2, 1));
    let [one, two] = server.letters().try_into().unwrap();
    assert_eq!((&one.id, &one.text), (&two.id, &two.text));
    service.stop().await;
}
