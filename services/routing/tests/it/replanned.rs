//! Another date is promised by a decision on days off: what is decided from then on is decided by that.

use phidia_domain::id::{ApplicationId, Id as _};
use phidia_proto::{
    convert,
    events::v1::{DeadlineReplanned, Verdict, event::Fact},
    routing::v1::{LiveCases, SimulateRequest, simulate_request::Start, simulate_response::Answer},
};
use tempfile::tempdir;

use crate::{
    harness::{Office, at, item},
    province,
    simulate::last,
};

const LATER: &str = "2026-12-02T01:00:00Z";

fn replanned() -> Fact {
    Fact::DeadlineReplanned(DeadlineReplanned {
        due_at: Some(convert::wire_timestamp(at(LATER))),
        decision: "Quyết định số 1/QĐ-TTg".into(),
        ..DeadlineReplanned::default()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_decided_anew_is_decided_by_the_new_date() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..9, province::COPY, "1").await;
    office.rest().await;
    for number in 1..9 {
        for _ in 0..2 {
            office.apply(item(number, 1), replanned()).await;
        }
    }
    office.balanced().await;
    let policy = phidia_domain::policy::document::write(&phidia_domain::route::Policy::home_only());
    let request = SimulateRequest { policy, start: Some(Start::Live(LiveCases {})) };
    let Answer::Live(result) = last(&office, request).await.unwrap() else { panic!("something else") };
    assert!(!result.moves.is_empty(), "the default policy shares the work");
    for moved in &result.moves {
        assert_eq!(moved.due_at, Some(convert::wire_timestamp(at(LATER))));
    }
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_of_what_is_not_here_yet_comes_again() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let unknown = ApplicationId::from_uuid(uuid::Uuid::from_u128(99));
    let verdict = office.tell(vec![(unknown, replanned())]).await;
    assert_ne!(verdict, [Verdict::Applied]);
    office.close().await;
}
