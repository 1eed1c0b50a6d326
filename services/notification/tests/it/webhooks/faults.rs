//! Receivers that fail in each way, addresses that must not be called, and processes that die.

use phidia_proto::notification::v1::{
    GetOutstandingMessagesRequest, OutstandingSubscription,
    notification_service_client::NotificationServiceClient,
};

use super::*;
use crate::harness::soon;

#[tokio::test]
async fn whatever_one_answers_the_others_are_sent_all() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path()).await;
    let mut operator = operator(&service);
    let good = Receiver::start(Manner::Status(200)).await;
    operator.subscribe(&good.url()).await;
    // What is taken, though what they say is nothing …
    let mut takes = Vec::new();
    for manner in [Manner::Garbage, Manner::Endless] {
        let receiver = Receiver::start(manner).await;
        takes.push((operator.subscribe(&receiver.url()).await, receiver));
    }
    // … and what is not.
    let mut bad = Vec::new();
    for (manner, outcome) in [
        (Manner::Redirects, "HTTP_307"),
        (Manner::Hangs, "LATE"),
        (Manner::SpeaksOtherwise, "INTERRUPTED"),
        (Manner::HangsUp, "INTERRUPTED"),
        (Manner::Status(503), "HTTP_503"),
        (Manner::Busy(3_000), "HTTP_429"),
        (Manner::Status(404), "HTTP_404"),
    ] {
        let receiver = Receiver::start(manner).await;
        bad.push((operator.subscribe(&receiver.url()).await, receiver, outcome));
    }
    let stories = stories(1..11);
    for story in &stories {
        live(&service, story).await;
    }
    good.wait_until("whole applications", |_| is_whole(&good, &stories)).await;
    for (id, receiver) in &takes {
        receiver.wait_until("whole applications", |_| is_whole(receiver, &stories)).await;
        assert_eq!(operator.once(id, |one| one.behind == 0).await.failing_since, None);
    }
    for (id, receiver, outcome) in &bad {
        let one = operator.once(id, |one| one.failing_since.is_some()).await;
        assert_eq!(one.state(), SubscriptionState::Active, "{outcome}");
        let log = operator.log(id).await;
        assert!(log.iter().all(|row| row.outcome == *outcome), "{outcome}: {log:?}");
        // Where they send us on to we do not go.
        assert!(receiver.got().iter().all(|got| got.path == "/events"), "{outcome}");
    }
    // Who asked to be left alone is: what was under way at once is all.
    let (_, busy, _) = bad.iter().find(|(_, _, outcome)| *outcome == "HTTP_429").unwrap();
    assert!(busy.got().len() <= 4, "{}", busy.got().len());
    service.stop().await;
}

#[tokio::test]
async fn what_one_refuses_keeps_its_application_waiting_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path()).await;
    let (receiver, mut operator) = (Receiver::start(Manner::Status(200)).await, operator(&service));
    let id = operator.subscribe(&receiver.url()).await;
    let stories = stories(1..6);
    let poisoned = stories[2].application.to_string();
    let of = poisoned.clone();
    receiver.answers(move |got, before| match got.application() == of && got.number() == 2 && before < 3 {
        true => Manner::Status(500),
        false => Manner::Status(200),
    });
    for story in &stories {
        live(&service, story).await;
    }
    receiver
        .wait_until("the others", |_| {
            let numbers = receiver.numbers();
            let others = stories.iter().filter(|story| story.application.to_string() != poisoned);
            others
                .map(|story| story.application.to_string())
                .all(|other| numbers.get(&other).is_some_and(|all| all.len() == 5))
        })
        .await;
    receiver.wait_until("the poisoned one", |got| got.len() == 28).await;
    assert_eq!(receiver.numbers()[&poisoned], [1, 2, 2, 2, 2, 3, 4, 5]);
    let one = operator.once(&id, |one| one.waiting == 0 && one.behind == 0).await;
    assert_eq!((one.dead, one.failing_since), (0, None));
    service.stop().await;
}

#[tokio::test]
async fn what_is_refused_for_too_long_is_given_up_until_it_is_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config();
    config.webhooks.give_up_seconds = 0;
    let service = Notification::start(folder.path(), config).await;
    let (receiver, mut operator) = (Receiver::start(Manner::Status(200)).await, operator(&service));
    let id = operator.subscribe(&receiver.url()).await;
    let (poisoned, well) = (Story::new(1), Story::new(2));
    let of = poisoned.application.to_string();
    receiver.answers(move |got, _| match got.application() == of {
        true => Manner::Status(422),
        false => Manner::Status(200),
    });
    live(&service, &poisoned).await;
    live(&service, &well).await;
    let one = operator.once(&id, |one| one.dead == 1).await;
    assert_eq!((one.waiting, one.state()), (0, SubscriptionState::Active));
    receiver.wait_until("the other", |_| is_whole(&receiver, std::slice::from_ref(&well))).await;
    let refused = receiver.numbers()[&poisoned.application.to_string()].clone();
    assert!(refused.iter().all(|number| *number == 1), "{refused:?}");

    receiver.answers(|_, _| Manner::Status(200));
    let replay = ReplaySubscriptionRequest {
        subscription_id: id.clone(),
        what: Some(What::Dead(true)),
        accept_gap: false,
    };
    answered(operator.0.replay_subscription(replay).await).unwrap();
    operator.once(&id, |one| one.dead == 0 && one.waiting == 0).await;
    let of = |receiver: &Receiver| receiver.numbers()[&poisoned.application.to_string()].clone();
    receiver.wait_until("what was given up", |_| of(&receiver).len() == refused.len() + 5).await;
    assert_eq!(of(&receiver)[refused.len()..], [1, 2, 3, 4, 5]);
    service.stop().await;
}

#[tokio::test]
async fn who_is_gone_or_fails_for_too_long_is_disabled_and_goes_on_when_enabled() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config();
    config.webhooks.disable_seconds = 1;
    let service = Notification::start(folder.path(), config).await;
    let mut operator = operator(&service);
    let gone = Receiver::start(Manner::Status(410)).await;
    let away = Receiver::start(Manner::Status(503)).await;
    let (gone_id, away_id) = (operator.subscribe(&gone.url()).await, operator.subscribe(&away.url()).await);
    let story = Story::new(1);
    live(&service, &story).await;
    let is_disabled = |one: &Subscription| one.state() == SubscriptionState::Disabled;
    assert_eq!(operator.once(&gone_id, is_disabled).await.state_reason, "GONE");
    assert_eq!(operator.once(&away_id, is_disabled).await.state_reason, "FAILED_FOR_TOO_LONG");
    assert_eq!(gone.got().len(), 1);
    let before = away.got().len();
    for (id, receiver) in [(&gone_id, &gone), (&away_id, &away)] {
        receiver.answers(|_, _| Manner::Status(200));
        let request = EnableSubscriptionRequest { subscription_id: id.clone(), accept_gap: false };
        answered(operator.0.enable_subscription(request).await).unwrap();
        operator.once(id, |one| one.behind == 0).await;
    }
    let of = |receiver: &Receiver| receiver.numbers()[&story.application.to_string()].clone();
    assert_eq!(of(&gone), [1, 1, 2, 3, 4, 5]);
    assert_eq!(of(&away)[before..], [1, 2, 3, 4, 5]);
    service.stop().await;
}

/// Their own retries are not taken for a receiver that is away: however many are refused, and however often.
#[tokio::test]
async fn many_that_are_refused_hold_up_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config();
    config.webhooks.longest_milliseconds = 60_000;
    let service = Notification::start(folder.path(), config).await;
    let (receiver, mut operator) = (Receiver::start(Manner::Status(200)).await, operator(&service));
    let id = operator.subscribe(&receiver.url()).await;
    let (poisoned, well) = (stories(1..7), Story::new(7));
    let of: BTreeSet<_> = poisoned.iter().map(|story| story.application.to_string()).collect();
    receiver.answers(move |got, _| match of.contains(&got.application()) && got.number() == 2 {
        true => Manner::Status(500),
        false => Manner::Status(200),
    });
    for story in &poisoned {
        live(&service, story).await;
    }
    let tried = |numbers: &[u64]| numbers.iter().filter(|number| **number == 2).count();
    receiver
        .wait_until("five attempts of each", |_| {
            let numbers = receiver.numbers();
            numbers.len() == 6 && numbers.values().all(|numbers| tried(numbers) >= 5)
        })
        .await;
    live(&service, &well).await;
    receiver.wait_until("the one that is well", |_| is_whole(&receiver, std::slice::from_ref(&well))).await;
    let one = operator.get(&id).await.unwrap();
    assert_eq!((one.state(), one.failing_since, one.waiting), (SubscriptionState::Active, None, 6));
    let most = receiver.numbers().values().map(|numbers| tried(numbers)).max().unwrap();
    assert!(most <= 12, "the pauses grow: {most}");
    service.stop().await;
}

#[tokio::test]
async fn who_refuses_more_than_can_be_held_is_disabled() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config();
    config.webhooks.most_held = 3;
    let service = Notification::start(folder.path(), config).await;
    let (receiver, mut operator) = (Receiver::start(Manner::Status(200)).await, operator(&service));
    let id = operator.subscribe(&receiver.url()).await;
    receiver.answers(|got, _| if got.number() == 2 { Manner::Status(400) } else { Manner::Status(200) });
    for story in stories(1..6) {
        live(&service, &story).await;
    }
    let one = operator.once(&id, |one| one.state() == SubscriptionState::Disabled).await;
    assert_eq!((&*one.state_reason, one.waiting), ("TOO_MUCH_REFUSED", 4));
    service.stop().await;
}

/// After a restart who was away before takes no seat of those who are well.
#[tokio::test]
async fn who_was_away_before_a_restart_is_known_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config();
    (config.webhooks.at_once, config.webhooks.at_once_unwell) = (2, 1);
    (config.webhooks.patience_milliseconds, config.webhooks.lease_milliseconds) = (10_000, 30_000);
    let service = Notification::start(folder.path(), config.clone()).await;
    let mut clients = operator(&service);
    let (mut hanging, mut ids) = (Vec::new(), Vec::new());
    for _ in 0..4 {
        let receiver = Receiver::start(Manner::Status(503)).await;
        ids.push(clients.subscribe(&receiver.url()).await);
        hanging.push(receiver);
    }
    live(&service, &Story::new(1)).await;
    for id in &ids {
        clients.once(id, |one| one.failing_since.is_some()).await;
    }
    service.stop().await;
    for receiver in &hanging {
        receiver.answers(|_, _| Manner::Hangs);
    }
    let service = Notification::start(folder.path(), config).await;
    let good = Receiver::start(Manner::Status(200)).await;
    let before: usize = hanging.iter().map(|receiver| receiver.got().len()).sum();
    let asked = || hanging.iter().map(|receiver| receiver.got().len()).sum::<usize>() - before;
    hanging[0].wait_until("one that hangs is called", |_| asked() == 1).await;
    operator(&service).subscribe(&good.url()).await;
    live(&service, &Story::new(2)).await;
    // The others have their turn only when the first has had its ten seconds.
    good.wait_for(5).await;
    assert_eq!(asked(), 1, "one of them at a time");
    service.stop().await;
}

#[tokio::test]
async fn nobody_makes_us_call_what_they_could_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config();
    config.webhooks.allow.clear();
    let service = Notification::start(folder.path(), config).await;
    let mut operator = operator(&service);
    for url in [
        "http://example.vn/",
        "https://user@example.vn/",
        "ftp://example.vn/",
        "https://",
        "example.vn",
        "",
        &format!("https://example.vn/{}", "x".repeat(2_000)),
    ] {
        let refused =
            operator.create(CreateSubscriptionRequest { idempotency_key: "k".into(), ..to(url) }).await;
        let refused = refused.unwrap_err();
        assert_eq!((&*refused.reason, &*refused.violations[0].field), ("MALFORMED_URL", "url"), "{url}");
    }
    for url in [
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
    ] {
        assert_eq!(operator.create(to(url)).await.unwrap_err().reason, "FORBIDDEN_ADDRESS", "{url}");
    }
    // A name that leads to this machine: seen whenever it is called.
    let receiver = Receiver::start(Manner::Status(200)).await;
    let url = receiver.url().replace("http://127.0.0.1", "https://localhost");
    let id = operator.subscribe(&url).await;
    let pinged = operator.ping(&id).await;
    assert_eq!((pinged.is_delivered, &*pinged.outcome, pinged.status), (false, "FORBIDDEN_ADDRESS", 0));
    live(&service, &Story::new(1)).await;
    operator.once(&id, |one| one.failing_since.is_some()).await;
    assert!(receiver.got().is_empty());
    service.stop().await;
}

#[tokio::test]
async fn a_process_that_is_killed_in_mid_burst_leaves_nothing_out() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(Manner::Slow(5)).await;
    let all = stories(1..61);
    let mut service = start(folder.path()).await;
    let id = operator(&service).subscribe(&receiver.url()).await;
    for (burst, stories) in all.chunks(20).enumerate() {
        for story in stories {
            live(&service, story).await;
        }
        receiver.wait_for(100 * burst + 20).await;
        service.kill().await;
        service = start(folder.path()).await;
    }
    let last = |story: &Story| (story.application.to_string(), 5);
    let last: BTreeSet<_> = all.iter().map(last).collect();
    receiver
        .wait_until("all", |got| {
            let came: BTreeSet<_> = got.iter().map(|got| (got.application(), got.number())).collect();
            last.is_subset(&came)
        })
        .await;
    operator(&service).once(&id, |one| one.behind == 0).await;
    for mut numbers in receiver.numbers().into_values() {
        // What comes twice has the same id; nothing comes before what comes before it.
        let mut seen = 0;
        for number in &numbers {
            assert!(*number <= seen + 1, "{numbers:?}");
            seen = seen.max(*number);
        }
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
    }
    // What was written down is not sent again.
    assert!(receiver.got().len() < 300 + 150, "{}", receiver.got().len());
    service.stop().await;
}

#[tokio::test]
async fn of_two_replicas_one_sends_and_the_other_takes_over() {
    let folder = tempfile::tempdir().unwrap();
    if !::harness::store::at(&folder.path().join("x")).is_shared() {
        return;
    }
    let receiver = Receiver::start(Manner::Status(200)).await;
    let (first, second) = (start(folder.path()).await, start(folder.path()).await);
    let id = operator(&first).subscribe(&receiver.url()).await;
    let all = stories(1..21);
    for (number, story) in all.iter().enumerate() {
        live(if number % 2 == 0 { &first } else { &second }, story).await;
    }
    receiver.wait_for(20).await;
    first.kill().await;
    operator(&second).once(&id, |one| one.behind == 0).await;
    receiver
        .wait_until("all", |_| {
            let numbers = receiver.numbers();
            all.iter()
                .all(|story| numbers.get(&story.application.to_string()).is_some_and(|all| all.contains(&5)))
        })
        .await;
    for (application, numbers) in receiver.numbers() {
        let mut seen = 0;
        for number in &numbers {
            assert!(*number <= seen + 1, "{application}: {numbers:?}");
            seen = seen.max(*number);
        }
    }
    second.stop().await;
}

/// What is outstanding for a subscription, once it is so; none: nothing is.
async fn owed(
    service: &Notification,
    id: &str,
    is_so: impl Fn(&Option<OutstandingSubscription>) -> bool,
) -> Option<OutstandingSubscription> {
    let mut owed = None;
    soon("it is outstanding so", async || {
        let asked = service.operator().get_outstanding_messages(GetOutstandingMessagesRequest {}).await;
        let answer = asked.unwrap().into_inner();
        assert_eq!(answer.more_subscriptions, 0);
        owed = answer.subscriptions.into_iter().find(|one| one.subscription_id == id);
        is_so(&owed)
    })
    .await;
    owed
}

#[tokio::test]
async fn it_is_said_exactly_what_each_subscriber_has_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config();
    config.webhooks.give_up_seconds = 0;
    let service = Notification::start(folder.path(), config).await;
    let mut operator = operator(&service);
    let (good, away) =
        (Receiver::start(Manner::Status(200)).await, Receiver::start(Manner::Status(503)).await);
    let picky = Receiver::start(Manner::Status(200)).await;
    let good_id = operator.subscribe(&good.url()).await;
    let picky_id = operator.subscribe(&picky.url()).await;
    // Of each whole life it wants two.
    let types = ["accepted", "completed"].map(|what| format!("phidia.application.{what}.v1")).to_vec();
    let filter = Some(EventFilter { types, ..EventFilter::default() });
    let away_id = operator.create(CreateSubscriptionRequest { filter, ..to(&away.url()) }).await;
    let away_id = away_id.unwrap().subscription.unwrap().subscription_id;
    let stories = stories(1..4);
    let poisoned = stories[0].application.to_string();
    let of = poisoned.clone();
    picky.answers(move |got, _| Manner::Status(if got.application() == of { 422 } else { 200 }));
    for story in &stories {
        live(&service, story).await;
    }
    let behind = |events| {
        move |owed: &Option<OutstandingSubscription>| owed.as_ref().is_some_and(|owed| owed.events == events)
    };
    let is_away = |owed: &Option<OutstandingSubscription>| {
        behind(6)(owed) && owed.as_ref().is_some_and(|owed| owed.failing_since.is_some())
    };
    let one = owed(&service, &away_id, is_away).await.unwrap();
    assert!(!one.counted_in_part && !one.kept_in_part, "{one:?}");
    assert_eq!((one.waiting, one.dead, one.state()), (0, 0, SubscriptionState::Active));
    let feed = service.events(Default::default()).await.unwrap().events;
    assert_eq!(one.oldest_at, feed[0].recorded_at);
    // One of whose events is given up has everything else.
    let gave_up = |owed: &Option<OutstandingSubscription>| {
        owed.as_ref().is_some_and(|owed| owed.dead == 1 && owed.events == 0)
    };
    let one = owed(&service, &picky_id, gave_up).await.unwrap();
    let first = feed.iter().find(|event| event.application_id == poisoned).unwrap();
    assert_eq!((one.waiting, one.oldest_at), (0, first.recorded_at));
    assert!(one.after_sequence >= feed.last().unwrap().sequence);
    owed(&service, &good_id, Option::is_none).await;
    // Who is sent nothing has the more to come, and is told of where nothing is to come, too.
    let pause = PauseSubscriptionRequest { subscription_id: away_id.clone() };
    answered(operator.0.pause_subscription(pause).await).unwrap();
    live(&service, &Story::new(9)).await;
    let one = owed(&service, &away_id, behind(8)).await.unwrap();
    assert_eq!((one.state(), &*one.state_reason), (SubscriptionState::Paused, "PAUSED"));
    // Somebody who is no operator is told nothing of it.
    let refused = NotificationServiceClient::new(service.peer(Role::System))
        .get_outstanding_messages(GetOutstandingMessagesRequest {})
        .await;
    assert_eq!(refused.unwrap_err().code(), tonic::Code::PermissionDenied);

    away.answers(|_, _| Manner::Status(200));
    picky.answers(|_, _| Manner::Status(200));
    let enable = EnableSubscriptionRequest { subscription_id: away_id.clone(), accept_gap: false };
    answered(operator.0.enable_subscription(enable).await).unwrap();
    let replay = ReplaySubscriptionRequest {
        subscription_id: picky_id.clone(),
        what: Some(What::Dead(true)),
        accept_gap: false,
    };
    answered(operator.0.replay_subscription(replay).await).unwrap();
    for id in [&away_id, &picky_id, &good_id] {
        owed(&service, id, Option::is_none).await;
    }
    service.stop().await;
}
