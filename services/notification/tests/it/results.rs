//! What becomes of a result is told after its outcome, each fact once.

use phidia_notification::Config;
use phidia_proto::{
    events::v1::{Event, HandOverWay, ResultHandedOver, ResultIssued, Verdict, event::Fact},
    types::v1::Text,
};

use crate::{harness::Notification, mailbox::templates, story::Story};

fn issued(story: &Story) -> Event {
    let fact = ResultIssued {
        sha256: "9f86d081".into(),
        size_bytes: 7,
        media_type: "application/pdf".into(),
        ..ResultIssued::default()
    };
    story.event("processing", 6, "2026-11-23T09:05:00Z", Fact::ResultIssued(fact))
}

fn handed_over(story: &Story, way: HandOverWay) -> Event {
    let fact = ResultHandedOver {
        way: way.into(),
        unit_name: Some(Text { vi: "Trung tâm Phủ Lý".into(), en: "Phủ Lý Centre".into() }),
        ..ResultHandedOver::default()
    };
    story.event("processing", 7, "2026-11-25T02:00:00Z", Fact::ResultHandedOver(fact))
}

#[tokio::test]
async fn a_citizen_is_told_where_to_collect_what_was_issued_and_that_it_was_handed_over() {
    let folder = tempfile::tempdir().unwrap();
    let service = Notification::start(folder.path(), Config::default()).await;
    for (story, granted, outcome, place, way) in [
        (
            Story::new(1),
            true,
            "result_ready",
            "Nơi trả kết quả: Trung tâm",
            "Hình thức trả: cho người được ủy quyền\n",
        ),
        (
            Story::english(2),
            false,
            "application_refused",
            "Where to collect the result: Phủ Lý",
            "How: to an authorised person\n",
        ),
    ] {
        let handed = handed_over(&story, HandOverWay::Authorised);
        let events =
            vec![story.submitted(), story.completed(granted), issued(&story), handed.clone(), handed];
        assert_eq!(service.deliver(events).await, [Verdict::Applied; 5]);
        let messages = service.of(story.application).await;
        let expected = ["application_accepted", outcome, "result_issued", "result_handed_over"];
        assert_eq!(templates(&messages), expected);
        assert!(messages[2].body.contains(place), "{}", messages[2].body);
        assert!(messages[2].body.contains("SHA-256") && messages[2].body.contains("9f86d081"));
        assert!(messages[3].body.contains(way), "{}", messages[3].body);
    }
    service.stop().await;
}
