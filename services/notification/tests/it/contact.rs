//! Where somebody is reached changes.

use phidia_domain::{id::PersonId, notice::Contact};
use phidia_proto::{
    events::v1::{ContactCorrected, Event, SealedContact, Verdict, event::Fact},
    notification::v1::{Message, MessageChannel, MessageState},
};
use phidia_runtime::seal::{PersonKey, Sealed};

use crate::{
    harness::{Notification, with_mail},
    smtp_server::{Deed, SmtpServer},
    story::{ADDRESS, NAME, Story},
};

const NEW: &str = "huong.moi@example.vn";

/// The same person, under the key that came with their application, is reached there.
pub(crate) fn corrected(
    story: &Story,
    submitted: &Event,
    sequence: u64,
    at: &str,
    contact: Contact,
) -> Event {
    let Some(Fact::ApplicationSubmitted(fact)) = &submitted.fact else { panic!("another fact") };
    let before = fact.contact.clone().unwrap();
    let (key, person): (_, PersonId) =
        (PersonKey::unwrap(&story.master, &before.wrapped_key).unwrap(), before.person_id.parse().unwrap());
    let contact = Contact { name: NAME.into(), ..contact };
    let sealed = Sealed::seal(&key, &Contact::context(person), &contact).unwrap();
    let contact =
        SealedContact { person_id: before.person_id, sealed: sealed.into_bytes(), ..Default::default() };
    let fact = ContactCorrected { contact: Some(contact), corrected_at: None };
    story.event("intake", sequence, at, Fact::ContactCorrected(fact))
}

pub(crate) fn at(email: &str) -> Contact {
    Contact { email: email.into(), ..Contact::default() }
}

/// The letters about it, once so many are sent.
async fn sent(service: &Notification, story: &Story, many: usize) -> Vec<Message> {
    for _ in 0..1_000 {
        let mut letters = service.of(story.application).await;
        letters.retain(|message| message.channel() == MessageChannel::Email);
        if letters.len() == many && letters.iter().all(|letter| letter.state() == MessageState::Sent) {
            return letters;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{many} letters were not sent in time");
}

#[tokio::test]
async fn it_is_told_once_where_they_were_reached_before_and_all_else_goes_to_the_new_address() {
    let folder = tempfile::tempdir().unwrap();
    // The server is busy at first: where they were reached before is remembered until it was told there.
    let server = SmtpServer::start([Deed::Answer("451 busy"); 2]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let story = Story::new(1);
    let submitted = story.submitted();
    let changed = corrected(&story, &submitted, 2, "2026-11-23T01:06:00Z", at(NEW));
    let verdicts = service.deliver(vec![submitted, changed.clone(), changed]).await;
    assert_eq!(verdicts, [Verdict::Applied; 3]);
    service.deliver(vec![story.opened(), story.completed(true)]).await;
    sent(&service, &story, 4).await;

    let letters = server.letters();
    let (notices, others): (Vec<_>, Vec<_>) = letters
        .iter()
        .partition(|letter| letter.text().contains("Thông tin liên hệ của hồ sơ này đã được sửa"));
    let [notice] = &notices[..] else { panic!("told once: {}", notices.len()) };
    assert_eq!(notice.recipient, format!("RCPT TO:<{ADDRESS}>"));
    assert!(!notice.data.contains(NEW), "where they are reached now is not told there");
    assert_eq!(others.len(), 3);
    assert!(others.iter().all(|letter| letter.recipient == format!("RCPT TO:<{NEW}>")), "{others:?}");
    service.stop().await;
}

#[tokio::test]
async fn the_old_address_is_forgotten_also_when_all_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let story = Story::new(1);
    let submitted = story.submitted();
    service.deliver(vec![submitted.clone(), story.opened(), story.completed(true)]).await;
    sent(&service, &story, 3).await;
    // After the end, too, who did not ask for it has to know.
    let changed = corrected(&story, &submitted, 2, "2026-11-23T01:06:00Z", at(""));
    service.deliver(vec![changed]).await;
    let letters = sent(&service, &story, 4).await;
    assert!(letters.iter().any(|letter| letter.template == "contact_corrected"));
    assert_eq!(server.letters()[3].recipient, format!("RCPT TO:<{ADDRESS}>"));
    assert_eq!(service.still_to_send().await, 0);
    service.stop().await;
}
