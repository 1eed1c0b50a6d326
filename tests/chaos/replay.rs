//! An operator has delivered again what was parked, once its sink is mended.

use std::collections::BTreeSet;

use harness::{
    client::Client,
    house::{House, Part},
};
use phidia_proto::events::v1::{
    ListParkedEventsRequest, ReplayParkedEventsRequest, outbox_service_client::OutboxServiceClient,
};

/// Replays all that is parked for notification, and answers with the applications that it is about.
pub(crate) async fn replay(house: &House) -> BTreeSet<String> {
    let mut replayed = BTreeSet::new();
    for source in [Part::Intake, Part::Routing, Part::Processing] {
        let mut outbox = OutboxServiceClient::new(Client::operator(&house.endpoint(source)).peer());
        let request = ListParkedEventsRequest {
            source: source.name().into(),
            subscriber: Part::Notification.name().into(),
            page_size: 1_000,
            ..ListParkedEventsRequest::default()
        };
        let parked = outbox.list_parked_events(request).await.unwrap().into_inner();
        assert!(parked.next_page_token.is_empty(), "more is parked than a page");
        let reasons: BTreeSet<_> = parked.events.iter().map(|event| event.reason.as_str()).collect();
        assert!(reasons.is_subset(&["MEDDLED", "PARKED_BEHIND"].into()), "{reasons:?}");
        let applications: BTreeSet<String> =
            parked.events.into_iter().map(|event| event.application_id).collect();
        for application_id in applications {
            let request = ReplayParkedEventsRequest {
                source: source.name().into(),
                subscriber: Part::Notification.name().into(),
                application_id: application_id.clone(),
            };
            outbox.replay_parked_events(request).await.unwrap();
            replayed.insert(application_id);
        }
    }
    replayed
}
