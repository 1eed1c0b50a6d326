//! Dates that move are told, each once.

use phidia_notification::Config;
use phidia_proto::{
    convert::wire_timestamp,
    events::v1::{AppointmentPostponed, Event, Verdict, event::Fact},
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
        (Story::new(1), "Trung tâm Liêm Hà xin lỗi Ông/Bà", "Hẹn lại: 10 giờ 00, ngày 25/11/2026\n"),
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
