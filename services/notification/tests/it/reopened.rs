//! A case is opened again: its citizen is told so, and of all that follows.

use phidia_notification::Config;
use phidia_proto::{
    convert::wire_timestamp,
    events::v1::{CaseReopened, Event, Verdict, WorkMoved, event::Fact},
    types::v1::Text,
};

use crate::{harness::Notification, mailbox::templates, story::Story};

fn reopened(story: &Story) -> Event {
    let at = "2026-11-23T09:05:00Z";
    let fact = CaseReopened {
        decision: "Quyết định số 12/QĐ-UBND".into(),
        reopened_at: Some(wire_timestamp(at.parse().unwrap())),
        unit_id: "ctr_".to_owned() + &"2".repeat(32),
        unit_name: Some(Text { vi: "Trung tâm Liêm Hà".into(), en: "Liêm Hà Centre".into() }),
        due_at: Some(wire_timestamp("2026-11-27T09:30:00Z".parse().unwrap())),
        result_withdrawn: true,
        work_item: story.item(1001),
        reached_before: story.item(1).into_iter().collect(),
        ..CaseReopened::default()
    };
    story.event("processing", 6, at, Fact::CaseReopened(fact))
}

/// The same, so much later, and as another event.
fn later(story: &Story, event: Event, at: &str) -> Event {
    story.event("processing", 7, at, event.fact.unwrap())
}

#[tokio::test]
async fn the_citizen_reads_the_decision_and_the_new_date_and_hears_of_all_that_follows() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    for (story, words) in [
        (
            Story::new(1),
            [
                "Căn cứ: Quyết định số 12/QĐ-UBND\n",
                "Nơi giải quyết: Trung tâm Liêm Hà\n",
                "Thời hạn trả kết quả: 16 giờ 30, ngày 27/11/2026\n",
                "được thu hồi",
            ],
        ),
        (
            Story::english(2),
            [
                "By: Quyết định số 12/QĐ-UBND\n",
                "Processed at: Liêm Hà Centre\n",
                "Result promised by: 16:30 on 27 November 2026\n",
                "is withdrawn",
            ],
        ),
    ] {
        let again = reopened(&story);
        let events = vec![
            story.submitted(),
            story.opened(),
            story.completed(true),
            // Who has the outcome needs no word of this any more.
            later(&story, story.asked(), "2026-11-23T08:30:00Z"),
            again.clone(),
            again,
            // But of this.
            later(&story, story.asked(), "2026-11-23T10:05:00Z"),
            later(&story, story.completed(false), "2026-11-24T03:05:00Z"),
            later(&story, story.asked(), "2026-11-24T04:05:00Z"),
        ];
        assert_eq!(service.deliver(events).await, [Verdict::Applied; 9]);
        let messages = service.of(story.application).await;
        let expected = [
            "application_accepted",
            "case_opened",
            "result_ready",
            "case_reopened",
            "supplement_requested",
            "application_refused",
        ];
        assert_eq!(templates(&messages), expected);
        for words in words {
            assert!(messages[3].body.contains(words), "{words}: {}", messages[3].body);
        }
    }
    service.stop().await;
}

#[tokio::test]
async fn a_move_is_told_where_it_is_of_the_life_that_it_has_now() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    let story = Story::new(3);
    let moved = |attempt: u32, at: &str| {
        let Some(Fact::WorkMoved(fact)) = story.moved(true).fact else { panic!() };
        story.event(
            "routing",
            attempt.into(),
            at,
            Fact::WorkMoved(WorkMoved { work_item: story.item(attempt), ..fact }),
        )
    };
    let events = vec![
        story.submitted(),
        story.opened(),
        story.completed(true),
        reopened(&story),
        // By a clock that is ahead, and by one that is behind.
        moved(2, "2026-11-23T11:05:00Z"),
        moved(1002, "2026-11-23T08:05:00Z"),
    ];
    assert_eq!(service.deliver(events).await, [Verdict::Applied; 6]);
    let expected = ["application_accepted", "case_opened", "result_ready", "case_reopened", "case_moved"];
    assert_eq!(templates(&service.of(story.application).await), expected);
    service.stop().await;
}
