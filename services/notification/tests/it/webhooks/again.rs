//! What is sent again, and what is no longer there to be sent.

use super::*;

impl Operator {
    async fn replay(&mut self, id: &str, what: What, accept_gap: bool) -> Result<Subscription, Rejection> {
        let request =
            ReplaySubscriptionRequest { subscription_id: id.to_owned(), what: Some(what), accept_gap };
        answered(self.0.replay_subscription(request).await).map(|answer| answer.subscription.unwrap())
    }
}

/// Forgets what was told up to here, as if it had grown old; with its last place.
async fn forget(service: &Notification) -> u64 {
    let last = service.events(Default::default()).await.unwrap().events.last().unwrap().sequence;
    for statement in [
        format!("DELETE FROM outbox_events WHERE position <= {last}"),
        format!("UPDATE outbox_pruned SET through = {last}"),
    ] {
        service.execute(statement).await;
    }
    last
}

fn refuses(receiver: &Receiver, poisoned: &Story) {
    let of = poisoned.application.to_string();
    receiver.answers(move |got, _| match got.application() == of {
        true => Manner::Status(422),
        false => Manner::Status(200),
    });
}

async fn given_up_at_once(folder: &Path) -> Notification {
    let mut config = config();
    config.webhooks.give_up_seconds = 0;
    Notification::start(folder, config).await
}

/// Who was away, and asks for what is new again, is not told less than they would have been without.
#[tokio::test]
async fn a_replay_passes_over_nothing_that_was_not_sent_yet() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path()).await;
    let (receiver, mut operator) = (Receiver::start(Manner::Status(503)).await, operator(&service));
    let id = operator.subscribe(&receiver.url()).await;
    let story = Story::new(1);
    live(&service, &story).await;
    operator.once(&id, |one| one.failing_since.is_some()).await;
    let came = receiver.got().len();
    operator.replay(&id, What::Since(wire_timestamp(RealClock.now())), false).await.unwrap();
    receiver.answers(|_, _| Manner::Status(200));
    operator.once(&id, |one| one.behind == 0).await;
    let numbers = receiver.numbers().remove(&story.application.to_string()).unwrap();
    assert!(numbers[came..].ends_with(&[2, 3, 4, 5]), "{numbers:?}");
    service.stop().await;
}

#[tokio::test]
async fn what_was_given_up_stays_so_where_later_things_are_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let service = given_up_at_once(folder.path()).await;
    let (receiver, mut operator) = (Receiver::start(Manner::Status(200)).await, operator(&service));
    let id = operator.subscribe(&receiver.url()).await;
    let (poisoned, well) = (Story::new(1), Story::new(2));
    refuses(&receiver, &poisoned);
    live(&service, &poisoned).await;
    operator.once(&id, |one| one.dead == 1 && one.behind == 0).await;
    let since = RealClock.now();
    live(&service, &well).await;
    receiver.wait_until("the other", |_| is_whole(&receiver, std::slice::from_ref(&well))).await;
    operator.once(&id, |one| one.behind == 0).await;
    operator.replay(&id, What::Since(wire_timestamp(since)), false).await.unwrap();
    let twice = [1, 2, 3, 4, 5, 1, 2, 3, 4, 5];
    let of = well.application.to_string();
    receiver.wait_until("the other again", |_| receiver.numbers()[&of] == twice).await;
    assert_eq!(operator.once(&id, |one| one.behind == 0).await.dead, 1);
    service.stop().await;
}

#[tokio::test]
async fn what_was_given_up_and_is_no_longer_kept_is_said_and_not_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let service = given_up_at_once(folder.path()).await;
    let (receiver, mut operator) = (Receiver::start(Manner::Status(200)).await, operator(&service));
    let id = operator.subscribe(&receiver.url()).await;
    let poisoned = Story::new(1);
    refuses(&receiver, &poisoned);
    service.deliver(vec![poisoned.submitted(), poisoned.moved(true)]).await;
    operator.once(&id, |one| one.dead == 1 && one.behind == 0).await;
    let last = forget(&service).await;
    service.deliver(vec![poisoned.opened(), poisoned.started()]).await;
    operator.once(&id, |one| one.behind == 0).await;
    receiver.answers(|_, _| Manner::Status(200));
    let refused = operator.replay(&id, What::Dead(true), false).await.unwrap_err();
    assert_eq!(refused.reason, "EVENTS_NOT_KEPT");
    assert!(refused.metadata.contains(&("gap_through_sequence".into(), last.to_string())), "{refused:?}");
    assert_eq!(operator.get(&id).await.unwrap().dead, 1);
    // Who takes the gap is sent what is left.
    operator.replay(&id, What::Dead(true), true).await.unwrap();
    operator.once(&id, |one| one.dead == 0 && one.waiting == 0).await;
    assert!(receiver.numbers()[&poisoned.application.to_string()].ends_with(&[3, 4]));
    service.stop().await;
}

#[tokio::test]
async fn an_instant_from_which_on_something_is_gone_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path()).await;
    let (receiver, mut operator) = (Receiver::start(Manner::Status(200)).await, operator(&service));
    let id = operator.subscribe(&receiver.url()).await;
    let since = What::Since(wire_timestamp(RealClock.now()));
    live(&service, &Story::new(1)).await;
    operator.once(&id, |one| one.behind == 0).await;
    forget(&service).await;
    let new = Story::new(2);
    live(&service, &new).await;
    receiver.wait_for(10).await;
    operator.once(&id, |one| one.behind == 0).await;
    let refused = operator.replay(&id, since, false).await.unwrap_err();
    assert_eq!(refused.reason, "EVENTS_NOT_KEPT");
    operator.replay(&id, since, true).await.unwrap();
    receiver.wait_for(15).await;
    assert_eq!(receiver.numbers()[&new.application.to_string()], [1, 2, 3, 4, 5, 1, 2, 3, 4, 5]);
    service.stop().await;
}

/// An attempt that was under way when somebody asked for a replay, at another replica, holds back nothing of what is sent again.
#[tokio::test]
async fn what_comes_of_an_attempt_of_before_changes_nothing_after_a_replay() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path()).await;
    let (receiver, mut operator) = (Receiver::start(Manner::Status(200)).await, operator(&service));
    let id = operator.subscribe(&receiver.url()).await;
    let story = Story::new(1);
    receiver.answers(|got, before| match got.number() == 2 && before == 0 {
        true => Manner::SlowlyAnswers(300, 500),
        false => Manner::Status(200),
    });
    live(&service, &story).await;
    receiver.wait_for(2).await;
    // What a replay writes; that it has, whoever sends does not know yet.
    let replay = "UPDATE webhook_subscription SET cursor = 0, run = run + 1, revision = revision + 1";
    service.execute(replay.into()).await;
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while operator.log_by_now(&id).await.iter().all(|row| row.status != 500) {
        assert!(std::time::Instant::now() < deadline, "the attempt of before comes to nothing");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(operator.get(&id).await.unwrap().waiting, 0);
    service.execute("UPDATE webhook_lease SET changes = changes + 1".into()).await;
    operator.once(&id, |one| one.behind == 0 && one.waiting == 0).await;
    assert_eq!(receiver.numbers()[&story.application.to_string()], [1, 2, 1, 2, 3, 4, 5]);
    service.stop().await;
}

/// Who changes a subscription and who sends to it take what they share in one order.
#[tokio::test]
async fn changes_and_sending_do_not_stand_in_each_others_way() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path()).await;
    let (receiver, mut operator) = (Receiver::start(Manner::Status(200)).await, operator(&service));
    let id = operator.subscribe(&receiver.url()).await;
    let all = stories(1..41);
    let lives = async {
        for story in &all {
            live(&service, story).await;
        }
    };
    let changes = async {
        for _ in 0..40 {
            let pause = PauseSubscriptionRequest { subscription_id: id.clone() };
            answered(operator.0.pause_subscription(pause).await).unwrap();
            let enable = EnableSubscriptionRequest { subscription_id: id.clone(), accept_gap: false };
            answered(operator.0.enable_subscription(enable).await).unwrap();
        }
    };
    tokio::join!(lives, changes);
    operator.once(&id, |one| one.behind == 0).await;
    let last = |story: &Story| (story.application.to_string(), 5);
    let came: BTreeSet<_> = receiver.got().iter().map(|got| (got.application(), got.number())).collect();
    assert!(all.iter().map(last).collect::<BTreeSet<_>>().is_subset(&came));
    service.stop().await;
}
