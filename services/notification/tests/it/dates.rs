//! Dates that move are told, each once.

use phidia_notification::Config;
use phidia_proto::{
    convert::wire_timestamp,
    events::v1::{AppointmentPostponed, DeadlineReplanned, Event, Verdict, event::Fact},
    types::v1::Text,
};

use crate::{harness::Notification, mailbox::templates, story::Story};

fn postponed(story: &Story, at: &str) -> Event {
    let fact = AppointmentPostponed {
        reason: "Cán bộ thụ lý nghỉ ốm".into(),
        appointment_at: Some(wire_timestamp("2026-11-25T03:00:00Z".parse().unwrap())),
        unit_name: Some(Text { vi: "Trung tâm Liêm Hà".into(), en: "Liêm Hà Centre".into() }),
        ..AppointmentPostponed::default()
    };
    story.event("processing", 2, at, Fact::AppointmentPostponed(fact))
}

#[tokio::test]
async fn an_apology_gives_the_reason_and_the_new_appointment_in_the_language_of_whoever_waits() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    for (story, sorry, appointment) in [
        (
            Story::new(1),
            "Trung tâm Liêm Hà xin lỗi Ông/Bà",
            "Thời điểm hẹn trả mới: 10 giờ 00, ngày 25/11/2026\n",
        ),
        (Story::english(2), "Liêm Hà Centre apologises", "New appointment: 10:00 on 25 November 2026\n"),
    ] {
        let told = postponed(&story, "2026-11-23T05:05:00Z");
        let events = vec![story.submitted(), story.opened(), told.clone(), told];
        assert_eq!(service.deliver(events).await, [Verdict::Applied; 4]);
        let messages = service.of(story.application).await;
        assert_eq!(templates(&messages), ["application_accepted", "case_opened", "appointment_postponed"]);
        let body = &messages[2].body;
        for words in [sorry, appointment, "Cán bộ thụ lý nghỉ ốm\n"] {
            assert!(body.contains(words), "{body}");
        }
    }
    service.stop().await;
}

#[tokio::test]
async fn another_date_is_told_once_with_the_decision_and_holds_from_then_on() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    let story = Story::new(1);
    let fact = DeadlineReplanned {
        previous_due_at: Some(wire_timestamp("2026-11-24T09:30:00Z".parse().unwrap())),
        due_at: Some(wire_timestamp("2026-11-26T09:30:00Z".parse().unwrap())),
        decision: "Quyết định số 1/QĐ-TTg".into(),
        ..DeadlineReplanned::default()
    };
    let replanned = story.event("processing", 2, "2026-11-23T05:05:00Z", Fact::DeadlineReplanned(fact));
    let events =
        vec![story.submitted(), replanned.clone(), replanned, postponed(&story, "2026-11-23T06:05:00Z")];
    assert_eq!(service.deliver(events).await, [Verdict::Applied; 4]);
    let messages = service.of(story.application).await;
    let expected = ["application_accepted", "deadline_replanned", "appointment_postponed"];
    assert_eq!(templates(&messages), expected);
    for words in [
        "Đã hẹn trước đây: 16 giờ 30, ngày 24/11/2026\n",
        "Thời hạn trả kết quả: 16 giờ 30, ngày 26/11/2026\n",
        "Căn cứ: Quyết định số 1/QĐ-TTg\n",
    ] {
        assert!(messages[1].body.contains(words), "{}", messages[1].body);
    }
    assert!(messages[2].body.contains("Thời hạn trả kết quả: 16 giờ 30, ngày 26/11/2026\n"));
    service.stop().await;
}
