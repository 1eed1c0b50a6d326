//! What operators and other services are told over gRPC.

use std::sync::Arc;

use async_trait::async_trait;
use phidia_domain::{
    caller::{Caller, Role},
    conservation::{Day, Place, Sum},
    id::{ApplicationId, Id as _},
};
use phidia_outbox::{
    Outbox,
    conservation::{self, Holder, Holding},
    parked,
};
use phidia_proto::{
    access,
    events::v1::{
        GetBoardBalanceRequest, GetPositionsRequest, GetRestRequest, HoldingPlace, ListHoldingsRequest,
        ListParkedEventsRequest, ParkedEvent, ReplayParkedEventsRequest, SumHoldingsRequest,
        conservation_service_client::ConservationServiceClient, outbox_service_client::OutboxServiceClient,
    },
};
use phidia_runtime::{
    failure::Failure,
    identity::Trust,
    peer::Peer,
    stack::{Access, StackConfig, wrap},
    status,
};
use tonic::{Code, Status, service::Routes};
use uuid::Uuid;

use crate::harness::{Engine, Node, SUBSCRIBER, application, quick, stop, until};

const MILLIS: u128 = 24 * 60 * 60 * 1_000;

/// A service that holds these.
struct Held {
    outbox: Outbox,
    held: Vec<(ApplicationId, Place)>,
}

#[async_trait]
impl Holder for Held {
    fn service(&self) -> &'static str {
        self.outbox.source()
    }

    fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    async fn page(&self, after: Option<ApplicationId>, limit: u64) -> Result<Vec<Holding>, Failure> {
        let beyond = self.held.iter().filter(|(id, _)| after.is_none_or(|after| *id > after));
        let holding = |&(application, place): &(_, _)| Holding { application, place, reason: String::new() };
        Ok(beyond.take(usize::try_from(limit).unwrap()).map(holding).collect())
    }
}

/// Somebody of this role at what the nodes answer for.
fn caller(role: Role, nodes: &[&Node], held: Vec<(ApplicationId, Place)>) -> Peer {
    let outboxes: Vec<_> = nodes.iter().map(|node| node.outbox.clone()).collect();
    let holders = outboxes
        .iter()
        .map(|outbox| -> Arc<dyn Holder> { Arc::new(Held { outbox: outbox.clone(), held: held.clone() }) });
    let routes = Routes::new(conservation::server(holders.collect())).add_service(parked::server(outboxes));
    let stacked = wrap(routes, &StackConfig::default(), Trust::Headers, |path| {
        access::find(path).map(|row| Access { roles: row.roles, streaming: row.streaming })
    });
    Peer::local(stacked, Caller { role, name: "somebody".to_owned(), unit: None, officer: None })
}

fn refusal(status: &Status) -> (Code, String) {
    (status.code(), status::from_status(status).reason)
}

async fn listed(peer: &Peer, mut request: ListParkedEventsRequest) -> Vec<ParkedEvent> {
    let mut all = Vec::new();
    loop {
        let page = OutboxServiceClient::new(peer.clone()).list_parked_events(request.clone()).await.unwrap();
        let page = page.into_inner();
        assert!(page.events.len() <= 2 && (page.next_page_token.is_empty() || page.events.len() == 2));
        all.extend(page.events);
        if page.next_page_token.is_empty() {
            return all;
        }
        request.page_token = page.next_page_token;
    }
}

pub async fn an_operator_sees_what_is_parked_and_has_it_delivered_again(engine: impl Engine) {
    let (one, two) = (Node::open(&engine, "one").await, Node::open(&engine, "two").await);
    let sink = Node::open(&engine, "sink").await;
    let (app, other) = (application(1), application(2));
    sink.sink.refusing.lock().unwrap().extend([(app.to_string(), 1), (other.to_string(), 1)]);
    let mut workers = Vec::new();
    for node in [&one, &two] {
        workers.push(node.relay_to(&sink, quick()));
        node.tell(app, 2).await;
        node.tell(other, 1).await;
        until("all are settled", async || node.settled().await).await;
    }
    // They answer in the order of sources, not of their places here.
    let operator = caller(Role::Operator, &[&two, &one], Vec::new());
    let request = ListParkedEventsRequest { page_size: 2, ..ListParkedEventsRequest::default() };
    let all = listed(&operator, request.clone()).await;
    let told = |event: &ParkedEvent| {
        let of = if event.application_id == app.to_string() { 1 } else { 2 };
        (event.source.clone(), of, event.sequence, event.reason.clone())
    };
    let expected = ["one", "two"].into_iter().flat_map(|source| {
        [(1, 1, "WONT_DO"), (1, 2, "PARKED_BEHIND"), (2, 1, "WONT_DO")]
            .map(|(of, sequence, reason)| (source.to_owned(), of, sequence, reason.to_owned()))
    });
    assert_eq!(all.iter().map(told).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    for event in &all {
        assert_eq!((event.subscriber.as_str(), event.kind.as_str()), (SUBSCRIBER, "case_opened"));
        assert!(event.since.is_some() && event.event_id.starts_with("evt_") && !event.replaying);
    }
    for (only, count) in [
        (ListParkedEventsRequest { source: "two".to_owned(), ..request.clone() }, 3),
        (ListParkedEventsRequest { application_id: other.to_string(), ..request.clone() }, 2),
        (ListParkedEventsRequest { subscriber: SUBSCRIBER.to_owned(), ..request.clone() }, 6),
        (ListParkedEventsRequest { subscriber: "nobody".to_owned(), ..request.clone() }, 0),
    ] {
        assert_eq!(listed(&operator, only).await.len(), count);
    }

    // Once the cause is gone, all of it comes, and in its order; the rest stays.
    sink.sink.refusing.lock().unwrap().clear();
    let mut outbox = OutboxServiceClient::new(operator.clone());
    let replay = ReplayParkedEventsRequest {
        source: "one".to_owned(),
        subscriber: SUBSCRIBER.to_owned(),
        application_id: app.to_string(),
    };
    let replayed = outbox.replay_parked_events(replay.clone()).await.unwrap().into_inner();
    assert_eq!(replayed.events, 2);
    until("it is applied", async || sink.effects_of(app).await == [1, 2]).await;
    until("it is parked no more", async || listed(&operator, request.clone()).await.len() == 4).await;
    assert_eq!(sink.effects_of(other).await, [0_u64; 0]);
    let nothing = outbox.replay_parked_events(replay.clone()).await.unwrap_err();
    assert_eq!(refusal(&nothing), (Code::NotFound, "NOTHING_PARKED".to_owned()));

    for (wrong, reason) in [
        (ReplayParkedEventsRequest { source: "three".to_owned(), ..replay.clone() }, "UNKNOWN_SERVICE"),
        (ReplayParkedEventsRequest { source: String::new(), ..replay.clone() }, "MISSING_FIELD"),
        (ReplayParkedEventsRequest { subscriber: String::new(), ..replay.clone() }, "MISSING_FIELD"),
        (ReplayParkedEventsRequest { application_id: "x".to_owned(), ..replay.clone() }, "MALFORMED_ID"),
    ] {
        assert_eq!(refusal(&outbox.replay_parked_events(wrong).await.unwrap_err()).1, reason);
    }
    for token in ["x", "one/two", "one/two/x", "one/two/3/4"] {
        let wrong = ListParkedEventsRequest { page_token: token.to_owned(), ..request.clone() };
        let refused = outbox.list_parked_events(wrong).await.unwrap_err();
        assert_eq!(refusal(&refused).1, "MALFORMED_PAGE_TOKEN", "{token}");
    }
    for role in [Role::Citizen, Role::Officer, Role::Supervisor, Role::System, Role::Service] {
        let mut others = OutboxServiceClient::new(caller(role, &[&one], Vec::new()));
        assert!(others.list_parked_events(request.clone()).await.is_err(), "{role:?}");
        assert!(others.replay_parked_events(replay.clone()).await.is_err(), "{role:?}");
    }
    for workers in workers {
        stop(workers).await;
    }
}

pub async fn whoever_noted_a_position_learns_whether_it_was_passed(engine: impl Engine) {
    let (source, sink) = (Node::open(&engine, "source").await, Node::open(&engine, "sink").await);
    let app = application(1);
    let peer = caller(Role::Service, &[&source], Vec::new());
    let position = async |upto: Option<u64>| {
        let upto = upto.into_iter().map(|upto| ("source".to_owned(), upto)).collect();
        let mut conservation = ConservationServiceClient::new(peer.clone());
        let answer = conservation.get_positions(GetPositionsRequest { upto }).await;
        answer.unwrap().into_inner().positions.remove(0)
    };
    let workers = source.relay_to(&sink, quick());
    source.tell(app, 3).await;
    until("all are settled", async || source.settled().await).await;
    stop(workers).await;
    let noted = position(None).await;
    assert_eq!(
        (noted.outstanding, noted.source.as_str(), noted.subscriber.as_str()),
        (0, "source", SUBSCRIBER)
    );
    // However much is written since.
    source.tell(app, 2).await;
    assert_eq!(position(None).await.outstanding, 2);
    assert!(position(None).await.last >= noted.last + 2);
    assert_eq!(position(Some(noted.last)).await.outstanding, 0);
    assert_eq!(position(Some(noted.last + 1)).await.outstanding, 1);
    let workers = source.relay_to(&sink, quick());
    until("all have passed", async || position(None).await.outstanding == 0).await;
    stop(workers).await;
}

pub async fn whoever_is_at_rest_has_handed_everything_over(engine: impl Engine) {
    let (source, sink) = (Node::open(&engine, "source").await, Node::open(&engine, "sink").await);
    let (app, other) = (application(1), application(2));
    let operator = caller(Role::Operator, &[&source], Vec::new());
    let rest = async || {
        let answer = OutboxServiceClient::new(operator.clone()).get_rest(GetRestRequest {}).await;
        answer.unwrap().into_inner()
    };
    let workers = source.relay_to(&sink, quick());
    until("the relay has begun", async || rest().await.at_rest).await;
    let before = rest().await.told;
    // For longer than anybody looks below.
    sink.sink.unwell.lock().unwrap().insert((app.to_string(), 2), u32::MAX);
    source.tell(app, 2).await;
    until("the first has arrived", async || sink.effects_of(app).await == [1]).await;
    assert!(!rest().await.at_rest);
    sink.sink.unwell.lock().unwrap().clear();
    for sequence in 1..=20 {
        source.tell(other, 1).await;
        until("it is at rest", async || rest().await.at_rest).await;
        assert_eq!(sink.effects_of(other).await.last(), Some(&sequence));
    }
    assert_eq!(sink.effects_of(app).await, [1, 2]);
    assert_eq!(rest().await.told, before + 22);
    stop(workers).await;
    let mut others = OutboxServiceClient::new(caller(Role::Service, &[&source], Vec::new()));
    assert_eq!(others.get_rest(GetRestRequest {}).await.unwrap_err().code(), Code::PermissionDenied);
}

pub async fn holdings_are_summed_by_day_and_listed_with_what_is_parked(engine: impl Engine) {
    let (source, sink) = (Node::open(&engine, "source").await, Node::open(&engine, "sink").await);
    let minted = |day: u128, n: u128| ApplicationId::from_uuid(Uuid::from_u128((day * MILLIS + n) << 80 | n));
    let held: Vec<_> = [(20_000, 1), (20_000, 2), (20_001, 0), (20_001, 3), (20_001, 4), (20_003, 0)]
        .into_iter()
        .map(|(day, n)| (minted(day, n), if n == 2 { Place::Refused } else { Place::Finished }))
        .collect();
    // Of one that is held, and of one that is not.
    let (known, unknown) = (minted(20_001, 3), minted(20_002, 9));
    sink.sink.refusing.lock().unwrap().extend([(known.to_string(), 1), (unknown.to_string(), 1)]);
    let workers = source.relay_to(&sink, quick());
    source.tell(known, 2).await;
    source.tell(unknown, 1).await;
    until("all are settled", async || source.settled().await).await;

    let mut conservation = ConservationServiceClient::new(caller(Role::Service, &[&source], held.clone()));
    for page_size in [1, 2, 4, 6, 100] {
        let (mut sums, mut page_token) = (std::collections::BTreeMap::<_, Sum>::new(), String::new());
        loop {
            let request = SumHoldingsRequest { service: "source".to_owned(), page_size, page_token };
            let page = conservation.sum_holdings(request).await.unwrap().into_inner();
            for sum in page.sums {
                let digest = u128::from_be_bytes(sum.digest.as_slice().try_into().unwrap());
                sums.entry((sum.day, sum.place)).or_default().add(Sum { count: sum.count, digest });
            }
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        let (finished, refused) = (HoldingPlace::Finished.into(), HoldingPlace::Refused.into());
        let counts: Vec<_> = sums.iter().map(|(key, sum)| (*key, sum.count)).collect();
        let expected = [
            ((20_000, finished), 1),
            ((20_000, refused), 1),
            ((20_001, finished), 3),
            ((20_003, finished), 1),
        ];
        assert_eq!(counts, expected, "in pages of {page_size}");
        let mut digest = Sum::default();
        held.iter().filter(|(id, _)| Day::of(*id) == Day(20_001)).for_each(|(id, _)| digest.count(*id));
        assert_eq!(sums[&(20_001, finished)], digest);

        for (day, ids) in [
            (None, vec![0, 1, 2, 103, 3, 4, 109, 5]),
            (Some(19_999), vec![]),
            (Some(20_000), vec![0, 1]),
            (Some(20_001), vec![2, 103, 3, 4]),
            (Some(20_002), vec![109]),
            (Some(20_003), vec![5]),
        ] {
            let (mut all, mut page_token) = (Vec::new(), String::new());
            loop {
                let request =
                    ListHoldingsRequest { service: "source".to_owned(), page_size, page_token, day };
                let page = conservation.list_holdings(request).await.unwrap().into_inner();
                all.extend(page.holdings);
                page_token = page.next_page_token;
                if page_token.is_empty() {
                    break;
                }
            }
            // A hundred more: parked.
            let mut listed: Vec<usize> = Vec::new();
            for holding in &all {
                let id: ApplicationId = holding.application_id.parse().unwrap();
                let index = held.iter().position(|(other, _)| *other == id);
                listed.push(match holding.place() {
                    HoldingPlace::Parked => {
                        assert_eq!(holding.reason, "case_opened at subscriber: WONT_DO");
                        if id == known { 103 } else { 109 }
                    }
                    _ => index.unwrap(),
                });
            }
            let mut sorted = (listed.clone(), ids);
            sorted.0.sort_unstable();
            sorted.1.sort_unstable();
            assert_eq!(sorted.0, sorted.1, "{day:?} in pages of {page_size}: {listed:?}");
            assert!(all.is_sorted_by_key(|holding| &holding.application_id), "{all:?}");
        }
    }

    let nobody = SumHoldingsRequest { service: "nobody".to_owned(), ..SumHoldingsRequest::default() };
    let refused = conservation.sum_holdings(nobody).await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::NotFound, "UNKNOWN_SERVICE".to_owned()));
    let no_board = conservation.get_board_balance(GetBoardBalanceRequest {}).await.unwrap_err();
    assert_eq!(refusal(&no_board), (Code::NotFound, "UNKNOWN_SERVICE".to_owned()));
    stop(workers).await;
}
