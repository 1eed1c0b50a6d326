//! The letter of the day: to a person who wants one, and to offices.

use ::harness::message_gateway::{Form, MessageGateway, Proof};
use jiff::SignedDuration;
use phidia_domain::caller::Role;
use phidia_notification::Config;
use phidia_proto::{
    events::v1::{DeadlineStage, Event, Verdict, event::Fact},
    notification::v1::{
        GetOutstandingMessagesRequest, Message, MessageChannel, MessageState, ResendMessageRequest,
    },
    types::v1::{ContactChoice, ContactPreferences},
};
use phidia_runtime::{clock::RealClock, failure::Failure};
use sea_orm::{ConnectionTrait as _, Statement, prelude::DateTimeUtc};

use crate::{
    contact::{self, corrected},
    gateway::provider,
    harness::{Notification, soon, with_mail},
    smtp_server::{Deed, Letter, SmtpServer},
    story::{GAINER, LOSER, Story},
};

const DAILY: ContactPreferences = ContactPreferences { email: 0, sms: 0, zalo: 0, daily: true };
/// Where the unit `GAINER` is written to.
const OFFICE: &str = "mot-cua@liemha.example";

/// Applications of one person, who wants one letter a day.
async fn applications_of(service: &Notification, person: u8, seeds: &[u64]) -> Vec<Story> {
    let stories: Vec<_> = seeds.iter().map(|seed| Story { person, ..Story::new(*seed) }).collect();
    let first = stories.first().unwrap();
    service.deliver(vec![first.prefers(50, "2026-11-23T01:00:00Z", DAILY)]).await;
    stories
}

/// With a code of its own.
fn submitted(story: &Story, dossier_code: &str) -> Event {
    let mut event = story.submitted();
    let Some(Fact::ApplicationSubmitted(fact)) = &mut event.fact else { panic!("{event:?}") };
    dossier_code.clone_into(&mut fact.dossier_code);
    event
}

/// The morning has come: all that waits for a letter is due.
async fn morning(service: &Notification) {
    service.execute("UPDATE digest_item SET due_at = '2026-01-01T00:00:00+00:00'".to_owned()).await;
}

async fn waiting(service: &Notification) -> u64 {
    let outstanding = service.operator().get_outstanding_messages(GetOutstandingMessagesRequest {}).await;
    outstanding.unwrap().into_inner().waiting_for_digest
}

/// What became of all that was to be told by a letter.
async fn left_out(service: &Notification) -> Vec<String> {
    let query = "SELECT left_out FROM digest_item WHERE left_out IS NOT NULL ORDER BY left_out";
    let rows = service.db.read().query_all_raw(Statement::from_string(service.db.backend(), query)).await;
    rows.unwrap().iter().map(|row| row.try_get("", "left_out").unwrap()).collect()
}

/// The only letter, once it is there.
async fn only(server: &SmtpServer) -> Letter {
    soon("a letter comes", async || !server.letters().is_empty()).await;
    let letters = server.letters();
    let [letter] = &letters[..] else { panic!("{letters:?}") };
    letter.clone()
}

fn letters_of_the_day(messages: Vec<Message>) -> Vec<Message> {
    messages.into_iter().filter(|message| message.template.ends_with("digest")).collect()
}

#[tokio::test]
async fn what_comes_in_a_day_is_one_letter_and_no_mailbox_says_more_than_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let stories = applications_of(&service, 7, &[1, 2]).await;
    let codes = ["H42.13285-261123-0007", "H42.13285-261123-0008"];
    let [one, other] = &stories[..] else { panic!() };
    let told = vec![submitted(one, codes[0]), submitted(other, codes[1]), other.opened()];
    service.deliver(told.clone()).await;
    // Told again: nothing more.
    service.deliver(told).await;
    assert_eq!((waiting(&service).await, server.letters().len()), (3, 0));
    for story in &stories {
        let messages = service.of(story.application).await;
        assert!(messages.iter().all(|message| message.channel() == MessageChannel::InApp), "{messages:?}");
    }

    morning(&service).await;
    let letter = only(&server).await;
    assert_eq!(letter.header("Subject"), "3 tin mới về hồ sơ của Ông/Bà");
    for text in [letter.text(), letter.html()] {
        for said in ["1. ", "2. ", "3. ", "Nguyễn Thị Lan Hương", "Liêm Hà", codes[0], codes[1]] {
            assert!(text.contains(said), "{said}: {text}");
        }
        assert!(!text.contains("4. ") && text.matches("Đã tiếp nhận hồ sơ").count() == 2, "{text}");
    }
    assert!(letter.text().starts_with("Kính gửi Ông/Bà Nguyễn Thị Lan Hương,\n\nÔng/Bà đã đề nghị"));
    assert_eq!(waiting(&service).await, 0);

    let mut found = Vec::new();
    for (story, [own, foreign]) in stories.iter().zip([codes, [codes[1], codes[0]]]) {
        let messages = service.of(story.application).await;
        assert!(messages.iter().any(|message| message.body.contains(own)));
        for message in &messages {
            assert!(!message.subject.contains(foreign) && !message.body.contains(foreign), "{message:?}");
        }
        found.extend(letters_of_the_day(messages));
    }
    let [message] = &found[..] else { panic!("{found:?}") };
    assert_eq!((&*message.template, &*message.addressee), ("digest", "applicant"));
    assert!(!message.body.contains("Liêm Hà") && !message.body.contains("H42"), "{}", message.body);

    // Sent once more it says the same.
    soon("it is sent", async || service.show(&message.message_id).await.unwrap().attempts.len() == 1).await;
    let request =
        ResendMessageRequest { message_id: message.message_id.clone(), reason: "lạc thư".into() };
    service.operator().resend_message(request).await.unwrap();
    soon("it comes again", async || server.letters().len() == 2).await;
    assert_eq!(server.letters()[1].text(), letter.text());
    service.stop().await;
}

/// Who a person is, they say themselves: nobody reads of the applications of another whose number they give.
#[tokio::test]
async fn to_an_address_goes_only_what_is_about_applications_that_were_handed_in_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let mut stories = applications_of(&service, 7, &[1, 2]).await;
    stories[1].email = "ai-do@example.vn";
    let codes = ["H42.13285-261123-0007", "H42.13285-261123-0008"];
    let told = vec![submitted(&stories[0], codes[0]), submitted(&stories[1], codes[1]), stories[0].opened()];
    service.deliver(told).await;
    morning(&service).await;
    soon("both have a letter", async || server.letters().len() == 2).await;
    for (story, many, [own, foreign]) in [(&stories[0], 2, codes), (&stories[1], 1, [codes[1], codes[0]])] {
        let letters = server.letters();
        let to = format!("RCPT TO:<{}>", story.email);
        let letter = letters.iter().find(|letter| letter.recipient == to).unwrap();
        assert_eq!(letter.header("Subject"), format!("{many} tin mới về hồ sơ của Ông/Bà"));
        assert!(letter.text().contains(own) && !letter.text().contains(foreign), "{}", letter.text());
        assert_eq!(letters_of_the_day(service.of(story.application).await).len(), 1);
    }
    service.stop().await;
}

#[tokio::test]
async fn a_letter_that_is_sent_again_to_another_address_says_there_what_belongs_there() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let stories = applications_of(&service, 7, &[1, 2]).await;
    let codes = ["H42.13285-261123-0007", "H42.13285-261123-0008"];
    let accepted = [submitted(&stories[0], codes[0]), submitted(&stories[1], codes[1])];
    service.deliver(accepted.to_vec()).await;
    morning(&service).await;
    only(&server).await;
    let mut found = Vec::new();
    for number in [0, 1] {
        let letters = letters_of_the_day(service.of(stories[number].application).await);
        found.extend(letters.into_iter().map(|letter| (number, letter)));
    }
    let [(number, message)] = &found[..] else { panic!("{found:?}") };
    let (story, event) = (&stories[*number], &accepted[*number]);
    service
        .deliver(vec![corrected(story, event, 60, "2026-11-23T06:00:00Z", contact::at("moi@example.vn"))])
        .await;
    soon("the old address is told", async || server.letters().len() == 2).await;
    let request =
        ResendMessageRequest { message_id: message.message_id.clone(), reason: "lạc thư".into() };
    service.operator().resend_message(request).await.unwrap();
    soon("it comes again", async || server.letters().len() == 3).await;
    let letter = &server.letters()[2];
    assert_eq!(letter.recipient, "RCPT TO:<moi@example.vn>");
    let (own, foreign) = (codes[*number], codes[1 - number]);
    assert!(letter.text().contains(own) && !letter.text().contains(foreign), "{}", letter.text());
    service.stop().await;
}

#[tokio::test]
async fn what_is_urgent_is_told_at_once_and_not_again() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let stories = applications_of(&service, 7, &[1]).await;
    let story = &stories[0];
    service.deliver(vec![story.submitted(), story.asked()]).await;
    let letter = only(&server).await;
    assert!(letter.header("Subject").starts_with("Yêu cầu bổ sung"), "{letter:?}");
    morning(&service).await;
    soon("the other one comes", async || server.letters().len() == 2).await;
    let letters = server.letters();
    assert_eq!(letters[1].header("Subject"), "1 tin mới về hồ sơ của Ông/Bà");
    assert!(!letters[1].text().contains("Giấy chứng sinh"), "{}", letters[1].text());
    service.stop().await;
}

#[tokio::test]
async fn who_has_the_outcome_needs_no_word_of_the_way_there() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let stories = applications_of(&service, 7, &[1]).await;
    service.deliver(vec![stories[0].submitted(), stories[0].opened(), stories[0].completed(true)]).await;
    assert!(only(&server).await.header("Subject").contains("kết quả"));
    morning(&service).await;
    soon("nothing waits", async || waiting(&service).await == 0).await;
    assert_eq!(left_out(&service).await, ["outrun", "outrun"]);
    assert!(letters_of_the_day(service.of(stories[0].application).await).is_empty());
    service.stop().await;
}

#[tokio::test]
async fn who_has_declined_e_mail_since_gets_no_letter_and_who_was_erased_neither() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let declining = applications_of(&service, 7, &[1]).await;
    let no = ContactPreferences { email: ContactChoice::Declined.into(), ..DAILY };
    service.deliver(vec![declining[0].submitted()]).await;
    service.deliver(vec![declining[0].prefers(51, "2026-11-23T05:00:00Z", no)]).await;
    morning(&service).await;
    soon("nothing waits", async || waiting(&service).await == 0).await;
    let erased = applications_of(&service, 8, &[2]).await;
    service.deliver(vec![erased[0].submitted()]).await;
    service.execute("DELETE FROM person_key".to_owned()).await;
    morning(&service).await;
    soon("nothing waits", async || waiting(&service).await == 0).await;
    assert_eq!(left_out(&service).await, ["declined", "erased"]);
    assert_eq!(server.letters().len(), 0);
    service.stop().await;
}

#[tokio::test]
async fn a_word_of_yesterday_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    // Behind the promised instant, until which it is good to know where an application is worked on.
    let now = "2026-11-25T02:00:00Z";
    let service = Notification::start_at(folder.path(), with_mail(server.port), now).await;
    let stories = applications_of(&service, 7, &[1]).await;
    service.deliver(vec![stories[0].submitted(), stories[0].opened()]).await;
    assert_eq!(waiting(&service).await, 2);
    morning(&service).await;
    let letter = only(&server).await;
    assert_eq!(letter.header("Subject"), "1 tin mới về hồ sơ của Ông/Bà");
    assert!(!letter.text().contains("Liêm Hà"), "{}", letter.text());
    assert_eq!(left_out(&service).await, ["expired"]);
    service.stop().await;
}

/// The morning is reckoned by two clocks that are not read at one instant.
#[tokio::test]
async fn what_falls_due_a_moment_later_goes_along() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let stories = applications_of(&service, 7, &[1, 2]).await;
    service.deliver(stories.iter().map(Story::submitted).collect()).await;
    let later = RealClock.now() + SignedDuration::from_mins(5);
    service
        .execute(format!("UPDATE digest_item SET due_at = '{}'", later.strftime("%Y-%m-%dT%H:%M:%S+00:00")))
        .await;
    let first = "(SELECT message_id FROM digest_item ORDER BY message_id LIMIT 1)";
    let due = "UPDATE digest_item SET due_at = '2026-01-01T00:00:00+00:00'";
    service.execute(format!("{due} WHERE message_id = {first}")).await;
    assert_eq!(only(&server).await.header("Subject"), "2 tin mới về hồ sơ của Ông/Bà");
    assert_eq!(waiting(&service).await, 0);
    service.stop().await;
}

#[tokio::test]
async fn where_a_letter_cannot_arrive_they_are_told_over_the_telephone_that_there_is_something() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([Deed::Answer("550 no such mailbox")]);
    let gateway = MessageGateway::start(Proof::Bearer, Form::Nested).await;
    let config = Config { providers: vec![provider("sms", &gateway)], ..with_mail(server.port) };
    let service = Notification::start(folder.path(), config).await;
    let stories = applications_of(&service, 7, &[1]).await;
    service.deliver(vec![stories[0].submitted(), stories[0].opened()]).await;
    assert_eq!((waiting(&service).await, gateway.calls()), (2, 0));
    morning(&service).await;
    soon("it is told otherwise", async || gateway.sent().len() == 1).await;
    let said = gateway.sent()[0].body["text"].as_str().unwrap().to_owned();
    assert!(said.starts_with("Co 2 tin moi ve ho so cua Ong/Ba."), "{said}");
    assert_eq!(server.letters().len(), 0);
    service.stop().await;
}

#[tokio::test]
async fn whoever_acts_for_somebody_is_told_of_each_thing_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    let story = applications_of(&service, 7, &[1]).await.remove(0);
    let story = Story { proxy: "minh@example.vn", ..story };
    service.deliver(vec![story.submitted()]).await;
    let letter = only(&server).await;
    assert_eq!(letter.recipient, "RCPT TO:<minh@example.vn>");
    assert_eq!(waiting(&service).await, 1);
    service.stop().await;
}

#[tokio::test]
async fn two_replicas_write_one_letter_to_each() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let mut config = with_mail(server.port);
    config.retry.poll_milliseconds = 1;
    let one = Notification::start(folder.path(), config.clone()).await;
    let other = Notification::start(folder.path(), config).await;
    let mut persons = Vec::new();
    for person in 1..=8 {
        let seeds = [u64::from(person) * 10, u64::from(person) * 10 + 1];
        let stories = applications_of(&one, person, &seeds).await;
        let facts = stories.iter().flat_map(|story| [story.submitted(), story.opened()]);
        one.deliver(facts.collect()).await;
        persons.push(stories);
    }
    assert_eq!(waiting(&one).await, 32);
    morning(&one).await;
    soon("each has a letter", async || server.letters().len() >= 8).await;
    soon("nothing waits", async || waiting(&other).await == 0).await;
    for stories in persons {
        let mut letters = Vec::new();
        for story in &stories {
            letters.extend(letters_of_the_day(one.of(story.application).await));
        }
        let [letter] = &letters[..] else { panic!("{letters:?}") };
        assert_eq!(letter.subject, "4 tin mới về hồ sơ của Ông/Bà");
        soon("it is sent", async || {
            one.show(&letter.message_id).await.unwrap().message.unwrap().state() == MessageState::Sent
        })
        .await;
    }
    assert_eq!(server.letters().len(), 8);
    one.stop().await;
    other.stop().await;
}

#[tokio::test]
async fn who_is_killed_over_a_letter_leaves_it_to_be_written_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let mut config = with_mail(server.port);
    config.smtp.as_mut().unwrap().timeout_seconds = 1;
    (config.retry.poll_milliseconds, config.retry.lease_milliseconds) = (1, 1_500);
    let mut persons = Vec::new();
    for (person, delay) in (1..=6).zip([0, 1, 2, 4, 8, 16]) {
        let service = Notification::start(folder.path(), config.clone()).await;
        let stories = applications_of(&service, person, &[u64::from(person)]).await;
        service.deliver(vec![stories[0].submitted(), stories[0].opened()]).await;
        morning(&service).await;
        tokio::time::sleep(std::time::Duration::from_millis(delay)).await;
        service.kill().await;
        persons.extend(stories);
    }
    let service = Notification::start(folder.path(), config).await;
    soon("nothing waits", async || waiting(&service).await == 0).await;
    for story in &persons {
        let letters = service.sent_out(story.application, |letters| {
            letters.iter().all(|letter| letter.state() == MessageState::Sent) && !letters.is_empty()
        });
        let letters = letters.await;
        let [letter] = &letters[..] else { panic!("{letters:?}") };
        assert_eq!(letter.subject, "2 tin mới về hồ sơ của Ông/Bà");
    }
    let mut ids: Vec<_> = server.letters().iter().map(|letter| letter.header("Message-ID")).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), persons.len(), "a second copy is known by its id");
    service.stop().await;
}

#[tokio::test]
async fn letters_that_nobody_writes_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let mut config = with_mail(server.port);
    // Whoever writes them sleeps.
    (config.retry.poll_milliseconds, config.watch_milliseconds) = (600_000, 100);
    let service = Notification::start(folder.path(), config).await;
    let stories = applications_of(&service, 7, &[1]).await;
    service.deliver(vec![stories[0].submitted()]).await;
    morning(&service).await;
    only(&server).await;
    assert_eq!(waiting(&service).await, 0);
    service.stop().await;
}

/// Nobody whose applications these are has an address.
fn of_nobody(seed: u64) -> Story {
    Story { email: "", telephone: "", ..Story::new(seed) }
}

#[tokio::test]
async fn an_office_reads_in_one_letter_what_it_gained_and_the_rest_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    service.install_offices(&[(GAINER, OFFICE)]).await;
    let stories: Vec<_> = (0..55).map(of_nobody).collect();
    service.deliver(stories.iter().map(Story::submitted).collect()).await;
    service.deliver(stories.iter().map(|story| story.moved(true)).collect()).await;
    // The unit that lost them has its mailbox alone.
    assert_eq!((waiting(&service).await, server.letters().len()), (55, 0));
    assert_eq!(service.of_unit(Role::Operator, LOSER).await.unwrap().total, 55);

    morning(&service).await;
    let letter = only(&server).await;
    assert_eq!(letter.recipient, format!("RCPT TO:<{OFFICE}>"));
    assert_eq!(letter.header("Subject"), "55 thông báo mới cho đơn vị");
    let text = letter.text();
    assert!(text.starts_with("Kính gửi Trung tâm Liêm Hà,\n\nSố thông báo mới cho đơn vị: 55.\n"), "{text}");
    assert!(
        text.contains("còn 5 thông báo nữa") && text.contains("\n50. ") && !text.contains("\n51. "),
        "{text}"
    );
    let messages = service.of_unit(Role::Operator, GAINER).await.unwrap();
    let letters = letters_of_the_day(messages.messages);
    let [message] = &letters[..] else { panic!("{letters:?}") };
    assert_eq!((&*message.template, message.channel()), ("office_digest", MessageChannel::Email));
    assert_eq!(waiting(&service).await, 0);
    service.stop().await;
}

#[tokio::test]
async fn what_will_be_late_is_written_to_the_office_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let service = Notification::start(folder.path(), with_mail(server.port)).await;
    service.install_offices(&[(LOSER, "mot-cua@phuly.example")]).await;
    let story = of_nobody(1);
    let near = story.nearly_late(DeadlineStage::Officer, "13285-02", false);
    service.deliver(vec![story.submitted(), near]).await;
    assert_eq!((waiting(&service).await, server.letters().len()), (1, 0));
    let late = story.nearly_late(DeadlineStage::Supervisor, "13285-02", false);
    service.deliver(vec![late.clone(), late]).await;
    let letter = only(&server).await;
    assert_eq!(letter.recipient, "RCPT TO:<mot-cua@phuly.example>");
    assert!(letter.text().starts_with("Kính gửi Trung tâm Phủ Lý,"), "{}", letter.text());
    let messages = service.of_unit(Role::Operator, LOSER).await.unwrap().messages;
    let sent = messages.iter().filter(|message| message.channel() == MessageChannel::Email);
    let sent: Vec<_> = sent.map(|message| (&*message.template, &*message.addressee)).collect();
    let supervisor = format!("supervisor:{}", crate::story::unit(LOSER));
    assert_eq!(sent, [("deadline_escalated", &*supervisor)]);

    // An office that has no address any more is told no more.
    service.install_offices(&[]).await;
    morning(&service).await;
    soon("nothing waits", async || waiting(&service).await == 0).await;
    assert_eq!((left_out(&service).await, server.letters().len()), (vec!["no_address".to_owned()], 1));
    service.stop().await;
}

#[tokio::test]
async fn an_office_gets_its_letter_on_a_working_morning_and_a_citizen_on_any_but_a_holidays() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    // A Friday at five in the afternoon; the Saturday is a holiday.
    let friday = "2026-11-27T10:00:00Z";
    let service = Notification::start_at(folder.path(), with_mail(server.port), friday).await;
    service.install_hours("2026-11-28").await;
    service.install_offices(&[(LOSER, OFFICE)]).await;
    let citizen = applications_of(&service, 7, &[1]).await.remove(0);
    let of_office = of_nobody(2);
    service.deliver(vec![citizen.submitted(), of_office.submitted(), of_office.moved(true)]).await;
    let query = "SELECT due_at FROM digest_item ORDER BY due_at";
    let rows = service.db.read().query_all_raw(Statement::from_string(service.db.backend(), query)).await;
    let rows = rows.unwrap();
    let due: Vec<_> = rows.iter().map(|row| row.try_get::<DateTimeUtc>("", "due_at").unwrap()).collect();
    let [to_citizen, to_office] = due[..] else { panic!("{due:?}") };
    // From half past seven on Sunday to half past seven on Monday.
    assert_eq!((to_office - to_citizen).num_minutes(), 24 * 60);
    service.stop().await;
}

#[tokio::test]
async fn a_letter_of_the_day_is_not_made_at_night() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config { digest_at: "05:00".parse().unwrap(), ..Config::default() };
    let Err(Failure::Rejected(refusal)) = Notification::try_start(folder.path(), config).await else {
        panic!("it started")
    };
    assert_eq!((&*refusal.reason, &*refusal.violations[0].field), ("NOT_A_DECENT_HOUR", "digest_at"));
}

#[tokio::test]
async fn addresses_that_cannot_be_read_keep_no_fact_and_no_citizen_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpServer::start([]);
    let config = with_mail(server.port);
    let service = Notification::start(folder.path(), config.clone()).await;
    service.install_offices(&[(GAINER, OFFICE)]).await;
    service.execute("UPDATE reference_document SET content = 'x'".to_owned()).await;
    service.stop().await;
    let service = Notification::start(folder.path(), config).await;
    let other = of_nobody(9);
    let verdicts = service.deliver(vec![other.submitted(), other.moved(true)]).await;
    assert_eq!(verdicts, [Verdict::Applied; 2]);
    let stories = applications_of(&service, 7, &[1]).await;
    service.deliver(vec![stories[0].submitted()]).await;
    // Of the two the office has waited longer.
    service.execute("UPDATE digest_item SET due_at = '2025-01-01T00:00:00+00:00'".to_owned()).await;
    service
        .execute(
            "UPDATE digest_item SET due_at = '2026-01-01T00:00:00+00:00' WHERE message_id NOT IN \
             (SELECT message_id FROM message WHERE unit_id IS NOT NULL)"
                .to_owned(),
        )
        .await;
    let letter = only(&server).await;
    assert!(!letter.recipient.contains(OFFICE), "{}", letter.recipient);
    assert_eq!(waiting(&service).await, 2, "both offices are written to when it is known where");
    service.stop().await;
}
