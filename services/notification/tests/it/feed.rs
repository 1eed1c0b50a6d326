//! What other systems hear: the public feed, watched and listed.

use phidia_domain::{Kind, caller::Role};
use phidia_proto::{
    convert::wire_timestamp,
    events::v1::{Verdict, WaitedFor},
    notification::v1::{
        EventFilter, ListEventsRequest, ListEventsResponse, PublicEvent, RenumberEventsRequest,
        WatchEventsRequest, event_service_client::EventServiceClient, list_events_request,
        watch_events_request,
    },
};
use phidia_runtime::{clock::RealClock, status};
use tonic::Response;

use crate::{
    harness::Notification,
    story::{ADDRESS, GAINER, NAME, Story, unit},
};

/// What they are of, in short.
fn types(events: &[PublicEvent]) -> Vec<&str> {
    events.iter().map(|event| event.r#type.split('.').nth(2).unwrap()).collect()
}

fn of_types(names: &[&str]) -> Option<EventFilter> {
    let types = names.iter().map(|name| format!("phidia.application.{name}.v1")).collect();
    Some(EventFilter { types, ..EventFilter::default() })
}

async fn all(service: &Notification) -> Vec<PublicEvent> {
    service.events(ListEventsRequest::default()).await.unwrap().events
}

#[tokio::test]
async fn what_happens_to_an_application_is_told_in_order_with_nothing_personal() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), phidia_notification::Config::default()).await;
    let story = Story::new(1);
    let told = [
        story.submitted(),
        story.moved(true),
        story.opened(),
        story.asked(),
        story.went_on(WaitedFor::Unspecified),
        story.completed(false),
    ];
    for event in &told {
        assert_eq!(service.deliver(vec![event.clone(), event.clone()]).await, [Verdict::Applied; 2]);
    }
    let events = all(&service).await;
    let expected = ["accepted", "moved", "opened", "supplement_requested", "resumed", "completed"];
    assert_eq!(types(&events), expected);
    for (number, (event, source)) in (1..).zip(events.iter().zip(&told)) {
        assert_eq!((&event.id, event.application_sequence), (&source.id, number));
        assert_eq!((&*event.province, &*event.procedure_code), ("37", "1.001193"));
        assert_eq!(event.application_id, story.application.to_string());
        assert_eq!((event.occurred_at, event.recorded_at), (source.occurred_at, source.recorded_at));
    }
    assert!(events.is_sorted_by_key(|event| event.sequence));
    assert!(events[5].unit_ids.contains(&unit(GAINER)), "{:?}", events[5].unit_ids);
    let data = events[5].data.as_ref().unwrap();
    assert_eq!((&*data.outcome, data.on_time), ("refused", Some(true)));
    let said = format!("{events:?}");
    for secret in [NAME, ADDRESS, "0912", "Giấy chứng sinh", "Tờ khai", "officer/", "off_"] {
        assert!(!said.contains(secret), "{secret}");
    }
    service.stop().await;
}

#[tokio::test]
async fn what_comes_before_the_acceptance_is_told_behind_it_and_keeps_nobody_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), phidia_notification::Config::default()).await;
    let (story, other) = (Story::new(1), Story::new(2));
    // Nothing that tells a citizen: it needs nobody to be told.
    assert_eq!(service.deliver(vec![story.assigned(), story.started()]).await, [Verdict::Applied; 2]);
    assert_eq!(all(&service).await, []);
    service.deliver(vec![other.submitted(), story.submitted(), story.opened()]).await;
    let events = all(&service).await;
    assert_eq!(types(&events), ["accepted", "accepted", "assigned", "started", "opened"]);
    let numbers: Vec<_> = events[1..].iter().map(|event| event.application_sequence).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
    assert!(events[1..].iter().all(|event| event.procedure_code == "1.001193"));
    assert!(events[2].unit_ids.contains(&unit(GAINER)));
    service.stop().await;
}

#[tokio::test]
async fn an_application_of_before_the_feed_is_told_of_from_here_on() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), phidia_notification::Config::default()).await;
    let story = Story::new(1);
    service.deliver(vec![story.assigned()]).await;
    service.deliver(vec![story.submitted()]).await;
    // As a version left it that kept no feed.
    for table in ["feed_subject", "outbox_events", "outbox_sequences"] {
        service.execute(format!("DELETE FROM {table}")).await;
    }
    service.deliver(vec![story.opened(), story.completed(true)]).await;
    let events = all(&service).await;
    assert_eq!(types(&events), ["opened", "completed"]);
    assert!(events.iter().all(|event| event.procedure_code.is_empty()));
    service.stop().await;
}

#[tokio::test]
async fn a_filter_admits_what_it_names() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), phidia_notification::Config::default()).await;
    let (story, other) = (Story::new(1), Story::new(2));
    service.deliver(vec![story.submitted(), story.moved(true), story.completed(true)]).await;
    service.deliver(vec![other.submitted(), other.completed(true)]).await;
    let with = |filter| ListEventsRequest { filter, ..ListEventsRequest::default() };
    let found = async |filter| service.events(with(filter)).await.unwrap().events;
    assert_eq!(found(of_types(&["completed"])).await.len(), 2);
    let at_gainer =
        EventFilter { province: "37".into(), unit_codes: vec![GAINER.into()], ..EventFilter::default() };
    // From where on the unit has to do with it.
    assert_eq!(types(&found(Some(at_gainer.clone())).await), ["moved", "completed"]);
    let of = |code: &str| Some(EventFilter { procedure_codes: vec![code.into()], ..EventFilter::default() });
    assert_eq!(found(of("1.001193")).await.len(), 5);
    assert_eq!(found(of("1.000000")).await.len(), 0);
    let elsewhere = Some(EventFilter { province: "38".into(), ..EventFilter::default() });
    assert_eq!(found(elsewhere).await.len(), 0);

    let refused = async |filter| {
        let rejection = service.events(with(Some(filter))).await.unwrap_err();
        (rejection.reason, rejection.violations[0].field.clone())
    };
    let unknown = EventFilter { types: vec!["phidia.application.accepted.v2".into()], ..Default::default() };
    assert_eq!(refused(unknown).await, ("UNKNOWN_EVENT_TYPE".to_owned(), "filter.types[0]".to_owned()));
    let nowhere = EventFilter { province: String::new(), ..at_gainer };
    assert_eq!(refused(nowhere).await, ("MISSING_FIELD".to_owned(), "filter.province".to_owned()));
    service.stop().await;
}

#[tokio::test]
async fn a_list_goes_on_from_its_token_and_from_an_instant() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), phidia_notification::Config::default()).await;
    let stories: Vec<_> = (0..7).map(Story::new).collect();
    for story in &stories[..4] {
        service.deliver(vec![story.submitted()]).await;
    }
    let between = RealClock.now();
    for story in &stories[4..] {
        service.deliver(vec![story.submitted()]).await;
    }
    let mut seen = Vec::new();
    let mut request = ListEventsRequest { page_size: 3, ..ListEventsRequest::default() };
    loop {
        let ListEventsResponse { events, resume_token, is_last } =
            service.events(request.clone()).await.unwrap();
        assert!(events.len() <= 3);
        seen.extend(events.into_iter().map(|event| event.application_id));
        if is_last {
            break;
        }
        request.from = Some(list_events_request::From::ResumeToken(resume_token));
    }
    assert_eq!(seen, stories.iter().map(|story| story.application.to_string()).collect::<Vec<_>>());

    request.from = Some(list_events_request::From::Since(wire_timestamp(between)));
    let since = service.events(request.clone()).await.unwrap().events;
    assert_eq!(
        since.iter().map(|event| &event.application_id).collect::<Vec<_>>(),
        seen[4..].iter().collect::<Vec<_>>()
    );
    request.from = Some(list_events_request::From::ResumeToken("17".into()));
    assert_eq!(service.events(request).await.unwrap_err().reason, "MALFORMED_RESUME_TOKEN");
    service.stop().await;
}

#[tokio::test]
async fn whoever_watches_goes_on_where_they_were_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), phidia_notification::Config::default()).await;
    let story = Story::new(1);
    let mut watcher = service.watch(WatchEventsRequest::default()).await.unwrap();
    // It says where it is, and nothing of before.
    assert_eq!(watcher.message().await.unwrap().unwrap().events, []);
    service.deliver(vec![story.submitted()]).await;
    let told = watcher.message().await.unwrap().unwrap();
    assert_eq!(types(&told.events), ["accepted"]);
    drop(watcher);
    service.deliver(vec![story.opened()]).await;
    service.kill().await;

    let service = Notification::start(folder.path(), phidia_notification::Config::default()).await;
    service.deliver(vec![story.completed(true)]).await;
    let from = Some(watch_events_request::From::ResumeToken(told.resume_token));
    let mut watcher = service.watch(WatchEventsRequest { from, filter: None }).await.unwrap();
    let mut seen = Vec::new();
    while seen.len() < 2 {
        seen.extend(watcher.message().await.unwrap().unwrap().events);
    }
    assert_eq!(types(&seen), ["opened", "completed"]);
    service.stop().await;
}

#[tokio::test]
async fn whoever_comes_too_late_is_told_what_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), phidia_notification::Config::default()).await;
    let (old, new) = (Story::new(1), Story::new(2));
    service.deliver(vec![old.submitted()]).await;
    let first = ListEventsRequest { page_size: 1, ..ListEventsRequest::default() };
    let before = service.events(first.clone()).await.unwrap();
    service.deliver(vec![old.opened(), new.submitted()]).await;
    // As pruning leaves it.
    let last = service.events(ListEventsRequest::default()).await.unwrap().events[1].sequence;
    for statement in [
        format!("DELETE FROM outbox_events WHERE position <= {last}"),
        format!("UPDATE outbox_pruned SET through = {last}"),
    ] {
        service.execute(statement).await;
    }
    let from = |token: &str| ListEventsRequest {
        from: Some(list_events_request::From::ResumeToken(token.to_owned())),
        ..ListEventsRequest::default()
    };
    let refused = service.events(from(&before.resume_token)).await.unwrap_err();
    assert_eq!(refused.reason, "TOKEN_OUT_OF_RANGE");
    let (_, oldest) = refused.metadata.iter().find(|(key, _)| key == "oldest_resume_token").unwrap();
    let left = service.events(from(oldest)).await.unwrap().events;
    assert_eq!(
        left.iter().map(|event| &*event.application_id).collect::<Vec<_>>(),
        [&*new.application.to_string()]
    );
    // Another feed: a backup was brought back.
    service.execute("DELETE FROM feed_epoch".to_owned()).await;
    service.stop().await;
    let service = Notification::start(folder.path(), phidia_notification::Config::default()).await;
    assert_eq!(service.events(from(oldest)).await.unwrap_err().reason, "TOKEN_OUT_OF_RANGE");
    service.stop().await;
}

#[tokio::test]
async fn the_feed_is_for_systems_and_for_those_who_run_this() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), phidia_notification::Config::default()).await;
    for role in [Role::Citizen, Role::Officer, Role::Supervisor] {
        let refused = service.events_as(role, ListEventsRequest::default()).await.unwrap_err();
        assert_eq!(refused.kind, phidia_domain::Kind::Forbidden, "{role:?}");
    }
    for role in [Role::System, Role::Operator] {
        assert!(service.events_as(role, ListEventsRequest::default()).await.is_ok(), "{role:?}");
    }
    service.stop().await;
}

#[tokio::test]
async fn after_a_backup_was_brought_back_nobody_goes_on_from_a_place_that_is_given_again() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), phidia_notification::Config::default()).await;
    service.deliver(vec![Story::new(1).submitted()]).await;
    let listed = service.events(ListEventsRequest::default()).await.unwrap();
    let after = |token: &str| watch_events_request::From::ResumeToken(token.to_owned());
    let watch =
        |token: &str| WatchEventsRequest { from: Some(after(token)), ..WatchEventsRequest::default() };
    let mut watching = service.watch(watch(&listed.resume_token)).await.unwrap();
    watching.message().await.unwrap();

    let renumber = async |role: Role, reason: &str| {
        let request = RenumberEventsRequest { reason: reason.to_owned() };
        let answer = EventServiceClient::new(service.peer(role)).renumber_events(request).await;
        answer.map(Response::into_inner).map_err(|status| status::from_status(&status))
    };
    assert_eq!(renumber(Role::System, "x").await.unwrap_err().kind, Kind::Forbidden);
    assert_eq!(renumber(Role::Operator, " ").await.unwrap_err().reason, "MISSING_FIELD");
    let begun = renumber(Role::Operator, "khôi phục bản sao lưu ngày 22/11").await.unwrap();
    assert!(begun.begun_at.is_some());

    // Who reads along finds out with the next event, and who comes back at once.
    service.deliver(vec![Story::new(2).submitted()]).await;
    let ended = loop {
        match watching.message().await {
            Ok(answer) => assert!(answer.unwrap().events.is_empty()),
            Err(ended) => break status::from_status(&ended),
        }
    };
    let back = service.watch(watch(&listed.resume_token)).await.map(drop).unwrap_err();
    let from = Some(list_events_request::From::ResumeToken(listed.resume_token.clone()));
    let page = service.events(ListEventsRequest { from, ..ListEventsRequest::default() }).await.unwrap_err();
    for refused in [ended, back, page] {
        assert_eq!((refused.kind, &*refused.reason), (Kind::OutOfRange, "TOKEN_OUT_OF_RANGE"));
    }
    // All that is kept is there, under tokens that hold.
    let anew = service.events(ListEventsRequest::default()).await.unwrap();
    assert_eq!(anew.events.len(), 2);
    let mut watching = service.watch(watch(&anew.resume_token)).await.unwrap();
    watching.message().await.unwrap();
    service.stop().await;
    // It is the same for a process that comes later.
    let service = Notification::start(folder.path(), phidia_notification::Config::default()).await;
    service.watch(watch(&anew.resume_token)).await.map(drop).unwrap();
    service.watch(watch(&listed.resume_token)).await.map(drop).unwrap_err();
    service.stop().await;
}
