//! Mailboxes as they are watched: what comes is told once and in an order in which nothing is left out.

use std::{collections::BTreeSet, time::Duration};

use phidia_domain::{
    Kind, Rejection,
    caller::Role,
    id::{ApplicationId, Id as _},
};
use phidia_notification::Config;
use phidia_proto::notification::v1::{
    Message, RenumberEventsRequest, WatchMessagesRequest, WatchMessagesResponse,
    event_service_client::EventServiceClient, notification_service_client::NotificationServiceClient,
    watch_messages_request::Mailbox,
};
use phidia_runtime::{failure::Failure, status};
use sea_orm::{ConnectionTrait as _, Statement};
use tonic::Streaming;

use crate::{
    harness::Notification,
    story::{GAINER, LOSER, Story, unit},
};

/// How long anything may take here.
const SOON: Duration = Duration::from_secs(20);

fn of(story: &Story) -> Mailbox {
    Mailbox::ApplicationId(story.application.to_string())
}

fn at(code: &str) -> Mailbox {
    Mailbox::UnitId(unit(code))
}

async fn watch_as(
    service: &Notification,
    role: Role,
    mailbox: Option<Mailbox>,
    token: &str,
) -> Result<Streaming<WatchMessagesResponse>, Rejection> {
    let request = WatchMessagesRequest { mailbox, resume_token: token.to_owned() };
    let answer = NotificationServiceClient::new(service.peer(role)).watch_messages(request).await;
    answer.map(tonic::Response::into_inner).map_err(|status| status::from_status(&status))
}

/// Somebody who watches, and keeps what they were told and where they are.
struct Reader {
    mailbox: Mailbox,
    token: String,
    told: Vec<Message>,
}

impl Reader {
    /// From now on.
    async fn new(service: &Notification, mailbox: Mailbox) -> Self {
        let mut reader = Self { mailbox, token: String::new(), told: Vec::new() };
        reader.read(service, 0).await;
        reader
    }

    /// Reads until they were told so many in all, or were greeted, and hangs up.
    async fn read(&mut self, service: &Notification, many: usize) {
        let mut stream =
            watch_as(service, Role::Operator, Some(self.mailbox.clone()), &self.token).await.unwrap();
        loop {
            let answer = tokio::time::timeout(SOON, stream.message()).await;
            let answer = answer.expect("it comes in time").unwrap().unwrap();
            self.token = answer.resume_token;
            self.told.extend(answer.messages);
            if self.told.len() >= many {
                return;
            }
        }
    }

    fn templates(&self) -> Vec<&str> {
        self.told.iter().map(|message| message.template.as_str()).collect()
    }

    fn ids(&self) -> BTreeSet<&str> {
        self.told.iter().map(|message| message.message_id.as_str()).collect()
    }
}

#[tokio::test]
async fn what_comes_into_a_mailbox_is_told_once_and_what_was_missed_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    let (story, other) = (Story::new(1), Story::new(2));
    service.deliver(vec![story.submitted(), other.submitted()]).await;
    // What was told before is listed, and not told again.
    let mut citizen = Reader::new(&service, of(&story)).await;
    let (mut loser, mut gainer) =
        (Reader::new(&service, at(LOSER)).await, Reader::new(&service, at(GAINER)).await);
    assert!(citizen.told.is_empty());
    service.deliver(vec![story.moved(true), other.moved(true), other.opened()]).await;
    citizen.read(&service, 1).await;
    loser.read(&service, 2).await;
    // They were away, and another process is there now.
    service.deliver(vec![story.opened(), story.completed(true)]).await;
    service.stop().await;
    let service = Notification::start(folder.path(), Config::default()).await;
    citizen.read(&service, 3).await;
    gainer.read(&service, 2).await;
    assert_eq!(citizen.templates(), ["case_moved", "case_opened", "result_ready"]);
    assert_eq!((loser.templates(), gainer.templates()), (vec!["work_lost"; 2], vec!["work_gained"; 2]));
    assert!(citizen.told.iter().all(|message| message.application_id == story.application.to_string()));
    // All that is listed was told but for what was there before, and the same of it.
    let listed = service.of(story.application).await;
    assert!(listed.len() == 4 && listed[1..].iter().all(|listed| citizen.told.contains(listed)));
    service.stop().await;
}

#[tokio::test]
async fn whoever_comes_again_and_again_at_whichever_replica_is_told_each_message_once() {
    let folder = tempfile::tempdir().unwrap();
    let first = Notification::start(folder.path(), Config::default()).await;
    let is_shared = ::harness::store::at(&folder.path().join("x")).is_shared();
    let other = match is_shared {
        true => Some(Notification::start(folder.path(), Config::default()).await),
        false => None,
    };
    let second = other.as_ref().unwrap_or(&first);
    let stories: Vec<_> = (1..41).map(Story::new).collect();
    let mut reader = Reader::new(&first, at(LOSER)).await;
    let tell = async |service: &Notification, stories: &[Story]| {
        for story in stories {
            service.deliver(vec![story.submitted(), story.moved(true)]).await;
        }
    };
    let read = async {
        for turn in 1..=stories.len() {
            // A token at a time: who hangs up after each answer may be told more than one.
            if reader.told.len() < turn {
                reader.read(if turn % 2 == 0 { &first } else { second }, turn).await;
            }
        }
    };
    tokio::join!(tell(&first, &stories[..20]), tell(second, &stories[20..]), read);
    assert_eq!((reader.told.len(), reader.ids().len()), (40, 40));
    if let Some(other) = other {
        other.stop().await;
    }
    first.stop().await;
}

/// Where transactions commit out of order: what was begun first and ends last has the smaller instant and the smaller id.
#[tokio::test]
async fn what_is_committed_late_is_told_late_and_not_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    if !::harness::store::at(&folder.path().join("x")).is_shared() {
        return service.stop().await;
    }
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    let mut reader = Reader::new(&service, of(&story)).await;
    let (begun, is_begun) = tokio::sync::oneshot::channel();
    let (may_end, ends) = tokio::sync::oneshot::channel();
    let (application, backend) = (story.application.uuid(), service.db.backend());
    let late = service.db.write(move |tx| {
        Box::pin(async move {
            let insert = "INSERT INTO message (province, message_id, event_id, channel, application_id, template, \
                 template_version, language, subject, body, state, occurred_at, stage, attempts, failure, addressee, \
                 resends) VALUES ('37', $1, $1, 'in_app', $2, 'case_referred', 100, 'vi', 'Muộn', '', 'sent', \
                 '2026-11-23T01:00:00+00:00', 3, 1, '', 'applicant', 0)";
            let values = [uuid::Uuid::from_u128(1).into(), application.into()];
            tx.execute_raw(Statement::from_sql_and_values(backend, insert, values)).await?;
            begun.send(()).unwrap();
            ends.await.unwrap();
            Ok::<_, Failure>(())
        })
    });
    let others = async {
        is_begun.await.unwrap();
        service.deliver(vec![story.opened()]).await;
        reader.read(&service, 1).await;
        assert_eq!(reader.templates(), ["case_opened"]);
        may_end.send(()).unwrap();
    };
    let (written, ()) = tokio::join!(late, others);
    written.unwrap();
    reader.read(&service, 2).await;
    assert_eq!(reader.templates(), ["case_opened", "case_referred"]);
    service.stop().await;
}

#[tokio::test]
async fn who_may_not_read_a_mailbox_does_not_watch_it_and_tokens_are_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    // The unit of the caller is the loser.
    for (role, mailbox, reason) in [
        (Role::Officer, at(GAINER), "OTHER_UNIT"),
        (Role::Supervisor, at(GAINER), "OTHER_UNIT"),
        (Role::System, at(LOSER), "OTHER_UNIT"),
        (Role::Citizen, of(&story), "ROLE_NOT_ALLOWED"),
    ] {
        let refused = watch_as(&service, role, Some(mailbox), "").await.unwrap_err();
        assert_eq!((refused.kind, &*refused.reason), (Kind::Forbidden, reason), "{role:?}");
    }
    for (role, mailbox) in [
        (Role::Officer, None),
        (Role::Officer, Some(of(&story))),
        (Role::System, Some(of(&story))),
        (Role::Operator, Some(at(GAINER))),
    ] {
        let mut stream = watch_as(&service, role, mailbox, "").await.unwrap();
        assert!(stream.message().await.unwrap().unwrap().messages.is_empty(), "{role:?}");
    }
    // An operator is at no unit.
    let asked = service.operator().watch_messages(WatchMessagesRequest::default()).await;
    assert_eq!(status::from_status(&asked.unwrap_err()).reason, "MISSING_FIELD");

    let reader = Reader::new(&service, of(&story)).await;
    let again = async |mailbox: Mailbox, token: &str| {
        watch_as(&service, Role::Operator, Some(mailbox), token).await.map(drop)
    };
    again(of(&story), &reader.token).await.unwrap();
    assert_eq!(again(of(&story), "x").await.unwrap_err().reason, "MALFORMED_RESUME_TOKEN");
    for other in [at(LOSER), of(&Story::new(2))] {
        let refused = again(other, &reader.token).await.unwrap_err();
        assert_eq!((refused.kind, &*refused.reason), (Kind::OutOfRange, "TOKEN_OUT_OF_RANGE"));
    }
    // A backup was brought back: what came after it was made is not there, and its places are given again.
    let mut events = EventServiceClient::new(service.peer(Role::Operator));
    events.renumber_events(RenumberEventsRequest { reason: "sao lưu".into() }).await.unwrap();
    assert_eq!(again(of(&story), &reader.token).await.unwrap_err().reason, "TOKEN_OUT_OF_RANGE");
    service.stop().await;
}

#[tokio::test]
async fn whoever_reads_too_slowly_is_sent_away_and_goes_on_from_their_token() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.feed.most_behind = 2;
    let service = Notification::start(folder.path(), config).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    let mut stream = watch_as(&service, Role::Operator, Some(of(&story)), "").await.unwrap();
    let token = stream.message().await.unwrap().unwrap().resume_token;
    let events = [story.moved(true), story.opened(), story.asked(), story.completed(true)];
    service.deliver(events.to_vec()).await;
    let ended = loop {
        match tokio::time::timeout(SOON, stream.message()).await.unwrap() {
            Ok(answer) => assert!(answer.unwrap().messages.is_empty()),
            Err(ended) => break status::from_status(&ended),
        }
    };
    assert_eq!((ended.kind, &*ended.reason), (Kind::Exhausted, "READER_TOO_SLOW"));
    // What lay behind their token is no sign of slowness.
    let mut reader = Reader { mailbox: of(&story), token, told: Vec::new() };
    reader.read(&service, 4).await;
    assert_eq!(reader.ids().len(), 4);
    service.stop().await;
}

#[tokio::test]
async fn whoever_watches_is_sent_away_when_the_process_stops() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    let nobody = ApplicationId::from_uuid(uuid::Uuid::from_u128(1));
    let mailbox = Mailbox::ApplicationId(nobody.to_string());
    let mut stream = watch_as(&service, Role::System, Some(mailbox), "").await.unwrap();
    stream.message().await.unwrap().unwrap();
    let (ended, ()) = tokio::join!(stream.message(), service.stop());
    assert_eq!(status::from_status(&ended.unwrap_err()).reason, "GOING_AWAY");
}
