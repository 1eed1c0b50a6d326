//! The mailbox: each fact told once, whatever comes twice or in another order.

use phidia_domain::{Kind, caller::Role};
use phidia_notification::Config;
use phidia_proto::{
    convert::wire_timestamp,
    events::v1::{DeadlineStage, Event, StepStarted, StopGround, Verdict, WaitedFor, event::Fact},
    notification::v1::{ListMessagesRequest, ListUnitMessagesRequest, Message, MessageChannel, MessageState},
    types::v1::Language,
};
use phidia_runtime::{clock::RealClock, failure::Failure};
use sea_orm::ConnectionTrait as _;

use crate::{
    harness::Notification,
    story::{self, Story},
};

pub(crate) fn templates(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| &*message.template).collect()
}

#[tokio::test]
async fn each_fact_is_one_message_that_can_be_read_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    let (vi, en) = (Story::new(1), Story::english(2));
    let events = vec![
        vi.submitted(),
        en.submitted(),
        vi.opened(),
        en.opened(),
        vi.completed(true),
        en.completed(false),
    ];
    assert_eq!(service.deliver(events).await, [Verdict::Applied; 6]);

    let messages = service.of(vi.application).await;
    // Two of them bear the same instant.
    assert_eq!(templates(&messages), ["application_accepted", "case_opened", "result_ready"]);
    for message in &messages {
        assert_eq!(message.state(), MessageState::Sent);
        assert_eq!(message.channel(), MessageChannel::InApp);
        assert_eq!(message.language(), Language::Vi);
        assert_eq!((message.template_version, message.attempts, &*message.failure), (100, 1, ""));
        assert!(message.sent_at.is_some() && message.message_id.starts_with("msg_"));
        assert!(message.subject.contains("H42.13285-261123-0007"));
    }
    assert!(messages[0].body.contains("Thời hạn trả kết quả: 16 giờ 30, ngày 24/11/2026\n"));
    assert!(messages[1].body.contains("Nơi giải quyết: Trung tâm Phục vụ hành chính công xã Liêm Hà\n"));
    assert_eq!(messages[0].occurred_at, Some(wire_timestamp("2026-11-23T01:05:00Z".parse().unwrap())));

    let messages = service.of(en.application).await;
    assert_eq!(templates(&messages), ["application_accepted", "case_opened", "application_refused"]);
    assert!(messages[0].body.contains("Procedure: Birth registration\n"));
    assert!(
        messages[1].body.contains("Processed at: Liêm Hà Commune Public Administrative Service Centre\n")
    );
    assert!(messages[2].body.contains("Thiếu Giấy chứng sinh"));
    service.stop().await;
}

#[tokio::test]
async fn who_has_to_pay_is_told_how_much_and_then_that_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    let story = Story::new(1);
    let events = vec![story.submitted(), story.opened(), story.to_pay(), story.went_on(WaitedFor::Payment)];
    assert_eq!(service.deliver(events).await, [Verdict::Applied; 4]);
    let messages = service.of(story.application).await;
    assert_eq!(
        templates(&messages),
        ["application_accepted", "case_opened", "payment_requested", "case_resumed"]
    );
    let [.., asked, goes_on] = &messages[..] else { panic!("{messages:?}") };
    assert!(asked.body.contains("Số tiền: 1.250.000 đồng\nNội dung: Lệ phí trước bạ\n"), "{}", asked.body);
    assert!(goes_on.subject.starts_with("Đã ghi nhận nộp tiền"), "{}", goes_on.subject);
    assert!(goes_on.body.contains("Thời gian chờ nộp tiền không tính"), "{}", goes_on.body);
    service.stop().await;
}

#[tokio::test]
async fn offices_are_told_what_they_are_asked_and_the_citizen_that_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    let story = Story::new(1);
    let events = vec![
        story.submitted(),
        story.opened(),
        story.referred(&[story::LOSER]),
        story.answered(true),
        story.went_on(WaitedFor::Offices),
    ];
    assert_eq!(service.deliver(events).await, [Verdict::Applied; 5]);
    let citizens = service.of(story.application).await;
    assert_eq!(
        templates(&citizens),
        ["application_accepted", "case_opened", "case_referred", "case_resumed"]
    );
    let [.., referred, goes_on] = &citizens[..] else { panic!("{citizens:?}") };
    let asked = "Cơ quan được lấy ý kiến: Trung tâm Phủ Lý\nHạn trả lời: 10 giờ 05, ngày 26/11";
    assert!(referred.body.contains(asked), "{}", referred.body);
    assert!(goes_on.body.contains("vẫn tính vào thời hạn"), "{}", goes_on.body);
    let [asked] = service.of_unit(Role::Officer, story::LOSER).await.unwrap().messages.try_into().unwrap();
    assert_eq!(asked.template, "referral_asked");
    assert!(asked.body.contains("Đơn vị đề nghị: Trung tâm Liêm Hà\n"), "{}", asked.body);
    // Whoever asked is told by whom it is answered.
    let [ended] = service.of_unit(Role::Operator, story::GAINER).await.unwrap().messages.try_into().unwrap();
    assert_eq!(ended.template, "referral_ended");
    assert!(ended.body.contains("Đơn vị trả lời: Trung tâm Phủ Lý\n"), "{}", ended.body);
    service.stop().await;
}

#[tokio::test]
async fn of_several_offices_that_are_asked_at_once_each_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    let story = Story::new(1);
    let referred = story.referred(&[story::LOSER, story::GAINER]);
    service.deliver(vec![story.submitted(), referred.clone()]).await;
    service.deliver(vec![referred]).await;
    for office in [story::LOSER, story::GAINER] {
        let told = service.of_unit(Role::Operator, office).await.unwrap().messages;
        assert_eq!(templates(&told), ["referral_asked"], "{office}");
    }
    service.stop().await;
}

#[tokio::test]
async fn who_need_not_answer_any_more_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    let story = Story::new(1);
    let events = vec![story.submitted(), story.referred(&[story::LOSER]), story.answered(false)];
    assert_eq!(service.deliver(events).await, [Verdict::Applied; 3]);
    let told = service.of_unit(Role::Officer, story::LOSER).await.unwrap().messages;
    let ended = told.iter().find(|message| message.template == "referral_ended").unwrap();
    assert!(ended.body.contains("đơn vị không phải trả lời nữa"), "{}", ended.body);
    assert!(ended.body.contains("Đơn vị đề nghị: Trung tâm Liêm Hà\n"), "{}", ended.body);
    service.stop().await;
}

#[tokio::test]
async fn whoever_is_asked_for_a_supplement_is_told_what_and_then_the_new_date() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    let story = Story::new(1);
    let late = "2026-11-30T09:30:00Z";
    let events =
        vec![story.submitted(), story.opened(), story.asked(), story.resumed(late), story.completed(true)];
    assert_eq!(service.deliver(events).await, [Verdict::Applied; 5]);
    let messages = service.of(story.application).await;
    let way = ["application_accepted", "case_opened", "supplement_requested", "case_resumed", "result_ready"];
    assert_eq!(templates(&messages), way);
    let asked = &messages[2].body;
    assert!(asked.contains("- Bản chính Giấy chứng sinh\n- Tờ khai chưa ký\n"), "{asked}");
    assert!(asked.contains("chậm nhất 17 giờ 30, ngày 14/12/2026"), "{asked}");
    assert!(messages[3].body.contains("Thời hạn trả kết quả: 16 giờ 30, ngày 30/11/2026\n"));
    service.stop().await;
}

#[tokio::test]
async fn what_moves_after_a_supplement_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    let story = Story::new(1);
    let events = vec![
        story.submitted(),
        story.opened(),
        story.asked(),
        story.resumed("2026-11-30T09:30:00Z"),
        story.moved(true),
    ];
    assert_eq!(service.deliver(events).await, [Verdict::Applied; 5]);
    let messages = service.of(story.application).await;
    assert!(templates(&messages).contains(&"case_moved"), "{:?}", templates(&messages));
    service.stop().await;
}

#[tokio::test]
async fn whoever_withdraws_or_lets_it_lapse_is_told_that_it_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    for (seed, ground, template) in
        [(1, StopGround::Withdrawn, "application_withdrawn"), (2, StopGround::Lapsed, "application_lapsed")]
    {
        let story = Story::new(seed);
        let events = vec![story.submitted(), story.asked(), story.stopped(ground)];
        assert_eq!(service.deliver(events).await, [Verdict::Applied; 3]);
        assert_eq!(
            templates(&service.of(story.application).await),
            ["application_accepted", "supplement_requested", template]
        );
    }
    service.stop().await;
}

#[tokio::test]
async fn an_event_that_comes_again_tells_nothing_again_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    let story = Story::new(1);
    let (submitted, opened) = (story.submitted(), story.opened());
    for _ in 0..2 {
        let both = vec![submitted.clone(), opened.clone(), submitted.clone()];
        assert_eq!(service.deliver(both).await, [Verdict::Applied; 3]);
    }
    service.stop().await;

    let service = Notification::start(folder.path(), Config::default()).await;
    assert_eq!(service.deliver(vec![opened.clone()]).await, [Verdict::Applied]);
    assert_eq!(service.of(story.application).await.len(), 2);

    // Even when the inbox has forgotten it.
    let forgotten = service.db.write(|tx| {
        Box::pin(async move {
            Ok::<_, Failure>(tx.execute_unprepared("DELETE FROM inbox").await?.rows_affected())
        })
    });
    assert_eq!(forgotten.await.unwrap(), 2);
    assert_eq!(service.deliver(vec![submitted, opened]).await, [Verdict::Applied; 2]);
    assert_eq!(service.of(story.application).await.len(), 2);
    service.stop().await;
}

#[tokio::test]
async fn a_fact_that_is_faster_than_the_application_comes_again_and_is_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    let story = Story::new(1);
    let (opened, completed) = (story.opened(), story.completed(true));
    assert_eq!(service.deliver(vec![opened.clone(), completed.clone()]).await, [Verdict::Retry; 2]);
    assert_eq!(service.of(story.application).await.len(), 0);
    assert_eq!(service.deliver(vec![story.submitted()]).await, [Verdict::Applied]);
    assert_eq!(service.deliver(vec![opened, completed]).await, [Verdict::Applied; 2]);
    let messages = service.of(story.application).await;
    assert_eq!(templates(&messages), ["application_accepted", "case_opened", "result_ready"]);
    service.stop().await;
}

#[tokio::test]
async fn a_fact_does_not_wait_for_ever_for_an_application_that_nobody_tells() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    let (orphan, other) = (Story::new(1), Story::new(2));
    let mut opened = orphan.opened();
    let long_ago = RealClock.now() - jiff::SignedDuration::from_secs(901);
    opened.recorded_at = Some(wire_timestamp(long_ago));
    let events = vec![opened.clone(), other.submitted()];
    assert_eq!(service.deliver(events).await, [Verdict::Refused, Verdict::Applied]);
    // It is parked at its source; replayed once the application is known, it has its effect.
    assert_eq!(service.deliver(vec![orphan.submitted(), opened]).await, [Verdict::Applied; 2]);
    assert_eq!(service.of(orphan.application).await.len(), 2);
    service.stop().await;
}

#[tokio::test]
async fn facts_between_offices_are_acknowledged_and_garbage_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    let story = Story::new(1);
    let started =
        story.event("processing", 2, "2026-11-23T02:00:00Z", Fact::StepStarted(StepStarted::default()));
    let mut garbage = story.completed(true);
    if let Some(Fact::CaseCompleted(fact)) = &mut garbage.fact {
        fact.outcome = 99;
    }
    let mut unknown = story.opened();
    unknown.fact = None;
    let events = vec![story.submitted(), started, garbage];
    assert_eq!(service.deliver(events).await, [Verdict::Applied, Verdict::Applied, Verdict::Refused]);
    assert_eq!(service.deliver(vec![unknown]).await, [Verdict::Unsupported]);
    assert_eq!(service.of(story.application).await.len(), 1);
    service.stop().await;
}

#[tokio::test]
async fn nobody_is_told_of_an_erased_person_and_the_fact_is_seen_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    let story = Story::new(1);
    service.deliver(vec![story.submitted()]).await;
    let erased = service.db.write(|tx| {
        Box::pin(async move {
            Ok::<_, Failure>(tx.execute_unprepared("DELETE FROM person_key").await?.rows_affected())
        })
    });
    assert_eq!(erased.await.unwrap(), 1);
    assert_eq!(service.deliver(vec![story.opened()]).await, [Verdict::Applied]);
    assert_eq!(service.of(story.application).await.len(), 1);
    service.stop().await;
}

#[tokio::test]
async fn all_messages_come_page_by_page_to_operators_only() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    for seed in 0..5 {
        let story = Story::new(seed);
        service.deliver(vec![story.submitted(), story.opened(), story.completed(true)]).await;
    }
    for role in [Role::Operator, Role::System] {
        let mut request = ListMessagesRequest { page_size: 4, ..Default::default() };
        let mut seen = Vec::new();
        loop {
            let page = service.list(role, request.clone()).await.unwrap();
            assert_eq!(page.total, 15);
            assert!(page.messages.len() <= 4);
            seen.extend(page.messages);
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
        let ids: std::collections::BTreeSet<_> = seen.iter().map(|message| &message.message_id).collect();
        assert_eq!((seen.len(), ids.len()), (15, 15));
        assert!(seen.is_sorted_by_key(|message| message.occurred_at.map(|at| (at.seconds, at.nanos))));
    }
    for role in [Role::Officer, Role::Supervisor, Role::Citizen, Role::Service] {
        let refusal = service.list(role, ListMessagesRequest::default()).await.unwrap_err();
        assert_eq!(refusal.kind, Kind::Forbidden, "{role:?}");
    }
    service.stop().await;
}

#[tokio::test]
async fn bad_input_is_refused_by_its_field() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    let good = ListMessagesRequest {
        application_id: story::nobody().to_string(),
        page_size: 0,
        page_token: String::new(),
    };
    assert_eq!(service.list(Role::Officer, good.clone()).await.unwrap().total, 0);
    for (field, request) in [
        ("application_id", ListMessagesRequest { application_id: "case_7".into(), ..good.clone() }),
        ("page_size", ListMessagesRequest { page_size: -1, ..good.clone() }),
        ("page_size", ListMessagesRequest { page_size: 1001, ..good.clone() }),
        ("page_token", ListMessagesRequest { page_token: "next, please".into(), ..good }),
    ] {
        let refusal = service.list(Role::Officer, request).await.unwrap_err();
        assert_eq!(refusal.kind, Kind::Invalid);
        assert_eq!(refusal.violations[0].field, field);
    }
    service.stop().await;
}

#[tokio::test]
async fn units_are_told_once_what_they_lose_and_gain_and_the_citizen_where_it_is_now() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    let story = Story::english(1);
    let moved = story.moved(true);
    // The application is not known yet: it comes again.
    assert_eq!(service.deliver(vec![moved.clone()]).await, [Verdict::Retry]);
    assert_eq!(service.deliver(vec![story.submitted()]).await, [Verdict::Applied]);
    for _ in 0..2 {
        assert_eq!(service.deliver(vec![moved.clone(), moved.clone()]).await, [Verdict::Applied; 2]);
    }
    // Nobody had this one: only who gains it is told.
    assert_eq!(service.deliver(vec![story.moved(false)]).await, [Verdict::Applied]);

    let lost = service.of_unit(Role::Officer, story::LOSER).await.unwrap();
    assert_eq!((templates(&lost.messages), lost.total), (vec!["work_lost"], 1));
    let told = &lost.messages[0];
    assert_eq!((told.language(), told.unit_id.as_str()), (Language::Vi, story::unit(story::LOSER).as_str()));
    assert!(
        told.body.contains("Chuyển đến: Trung tâm Liêm Hà\n") && told.body.contains("Ở nơi cũ sẽ trễ hạn.")
    );
    // In the language of the office, though the citizen is told in another.
    assert!(told.body.contains("Thủ tục hành chính: Đăng ký khai sinh\n"), "{}", told.body);
    let gained = service.of_unit(Role::Operator, story::GAINER).await.unwrap();
    assert_eq!(templates(&gained.messages), ["work_gained", "work_gained"]);
    // Both at one instant: in either order.
    let from = gained.messages.iter().filter(|told| told.body.contains("Chuyển từ"));
    let from: Vec<_> = from.map(|told| told.body.contains("Chuyển từ: Trung tâm Phủ Lý\n")).collect();
    assert_eq!(from, [true]);
    // From the newest back, page by page: the same ones, the other way round.
    let (mut back, mut page_token) = (Vec::new(), String::new());
    loop {
        let unit_id = story::unit(story::GAINER);
        let request = ListUnitMessagesRequest { unit_id, page_size: 1, page_token, newest_first: true };
        let page = service.unit_messages(Role::Operator, request).await.unwrap();
        assert_eq!((page.messages.len(), page.total), (1, 2));
        back.extend(page.messages);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    back.reverse();
    assert_eq!(back, gained.messages);
    // Neither among the citizen's, nor among all citizens': these are told once where it is now, and why.
    let citizens = service.of(story.application).await;
    assert_eq!(templates(&citizens), ["application_accepted", "case_moved"]);
    let told = citizens.iter().find(|told| told.template == "case_moved").unwrap();
    assert!(told.body.contains("Processed at: Liêm Hà Centre\n"), "{}", told.body);
    assert!(told.body.contains("\n\nIt is worked on at Liêm Hà Centre.\n\n"), "{}", told.body);
    assert_eq!(service.list(Role::Operator, ListMessagesRequest::default()).await.unwrap().total, 2);
    // Another unit's are nobody's business; who is at no unit names one.
    for role in [Role::Officer, Role::Supervisor] {
        let refusal = service.of_unit(role, story::GAINER).await.unwrap_err();
        assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Forbidden, "OTHER_UNIT"));
    }
    assert_eq!(service.of_unit(Role::System, story::LOSER).await.unwrap_err().kind, Kind::Forbidden);
    service.stop().await;
}

#[tokio::test]
async fn an_officer_and_their_supervisor_are_told_of_a_deadline_and_the_citizen_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    let (held, queued, late) = (Story::english(1), Story::english(2), Story::english(3));
    let asks = Story::english(4);
    let said = held.nearly_late(DeadlineStage::Officer, "13285-02", false);
    // The application is not known yet: it comes again.
    assert_eq!(service.deliver(vec![said.clone()]).await, [Verdict::Retry]);
    for story in [&held, &queued, &late, &asks] {
        assert_eq!(service.deliver(vec![story.submitted()]).await, [Verdict::Applied]);
    }
    let mut waits = asks.nearly_late(DeadlineStage::Officer, "", false);
    if let Some(Fact::DeadlineNear(fact)) = &mut waits.fact {
        fact.waits_for_offices = true;
    }
    for event in [
        said.clone(),
        said,
        waits,
        held.nearly_late(DeadlineStage::Supervisor, "13285-02", false),
        // That it is looked for another unit is routing's.
        held.nearly_late(DeadlineStage::Rescue, "13285-02", false),
        queued.nearly_late(DeadlineStage::Officer, "", false),
        late.nearly_late(DeadlineStage::Rescue, "", true),
    ] {
        assert_eq!(service.deliver(vec![event]).await, [Verdict::Applied]);
    }
    let told = service.of_unit(Role::Supervisor, story::LOSER).await.unwrap().messages;
    let of = |story: &Story| -> Vec<_> {
        let about = told.iter().filter(|told| told.application_id == story.application.to_string());
        // Both at one instant: in either order.
        let mut all: Vec<_> = about.map(|told| (told.template.as_str(), told.body.as_str())).collect();
        all.sort_unstable_by_key(|(template, _)| std::cmp::Reverse(*template));
        all
    };
    let [(near, to_officer), (escalated, to_supervisor)] = of(&held)[..] else { panic!("{told:?}") };
    assert_eq!((near, escalated), ("deadline_near", "deadline_escalated"));
    assert!(to_officer.starts_with("Gửi cán bộ 13285-02: "), "{to_officer}");
    assert!(to_officer.contains("Thời gian làm việc còn lại: 4 giờ 5 phút\n"), "{to_officer}");
    assert!(to_supervisor.starts_with("Gửi lãnh đạo đơn vị: hồ sơ có nguy cơ trễ hạn."), "{to_supervisor}");
    assert!(to_supervisor.contains("Cán bộ đang giữ: 13285-02\n"), "{to_supervisor}");
    let [("deadline_near", to_all)] = of(&queued)[..] else { panic!("{told:?}") };
    assert!(to_all.starts_with("Gửi cán bộ của đơn vị: hồ sơ chưa có ai nhận"), "{to_all}");
    // Nobody can take it up.
    let [("deadline_near", of_waiting)] = of(&asks)[..] else { panic!("{told:?}") };
    assert!(of_waiting.contains("rút lại đề nghị") && !of_waiting.contains("nhận việc"), "{of_waiting}");
    let [("deadline_escalated", overdue)] = of(&late)[..] else { panic!("{told:?}") };
    assert!(overdue.contains("đã quá thời hạn") && !overdue.contains("còn lại"), "{overdue}");
    assert_eq!(templates(&service.of(held.application).await), ["application_accepted"]);
    service.stop().await;
}

#[tokio::test]
async fn who_has_the_outcome_is_not_told_where_it_was_to_be_worked_on() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    // Whoever had it before has outrun the move.
    let outrun = Story::english(1);
    for event in [outrun.submitted(), outrun.completed(true), outrun.moved(true)] {
        assert_eq!(service.deliver(vec![event]).await, [Verdict::Applied]);
    }
    assert_eq!(templates(&service.of(outrun.application).await), ["application_accepted", "result_ready"]);
    // The units are told all the same.
    assert_eq!(service.of_unit(Role::Officer, story::LOSER).await.unwrap().total, 1);
    service.stop().await;
}

#[tokio::test]
async fn what_is_told_later_stands_later() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    // The move was decided after the end, which is told after the move.
    let story = Story::english(1);
    let late = Event {
        occurred_at: Some(wire_timestamp("2026-11-23T09:00:00Z".parse().unwrap())),
        ..story.moved(true)
    };
    for event in [story.submitted(), late, story.completed(true)] {
        assert_eq!(service.deliver(vec![event]).await, [Verdict::Applied]);
    }
    let told = service.of(story.application).await;
    assert_eq!(templates(&told), ["application_accepted", "case_moved", "result_ready"]);
    service.stop().await;
}
