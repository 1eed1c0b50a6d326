//! Live facts with two replicas over one PostgreSQL and one board: what is changed at one holds for the decisions
//! of both, at once.

use harness::postgres_server::PostgresServer;
use phidia_proto::routing::v1::{Availability, ListRegistryChangesRequest, Standing, WorkState};
use phidia_runtime::database::DatabaseConfig;

use crate::{
    facts::completed,
    flaky::Flaky,
    harness::{Office, item, operator, until},
    live::{get, set, stands},
    province::{self, BIRTH, unit},
};

async fn two() -> [Office; 2] {
    let url = PostgresServer::shared().new_database().into();
    let store = DatabaseConfig { url, max_connections: 6, ..DatabaseConfig::default() };
    let board = Flaky::new();
    let first = Office::replica(&store, board.clone()).await;
    first.install(1, province::files()).await;
    let second = Office::replica(&store, board).await;
    for office in [&first, &second] {
        until(async || office.units().await.is_ok()).await;
    }
    [first, second]
}

async fn close(offices: [Office; 2]) {
    for office in offices {
        office.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_at_one_replica_is_seen_by_the_decisions_of_the_other() {
    let offices = two().await;
    for round in 0..6_u128 {
        let works = round % 2 == 1;
        let [changes, decides] =
            [(round / 2) % 2, (round / 2 + 1) % 2].map(|at| &offices[usize::from(at == 1)]);
        // The other one has just read how it was.
        get(decides, operator(), "1", None).await.unwrap();
        let availability = if works { Availability::Open } else { Availability::Closed };
        set(changes, operator(), "1", stands(availability), None).await.unwrap();
        if works {
            // A unit that has closed gets nothing more. What opens is seen within a second: before that, one may have
            // reserved where it was better without it, and that stands.
            let last = i64::try_from(round).unwrap() + 1;
            for office in &offices {
                until(async || get(office, operator(), "1", None).await.unwrap().revision == last).await;
            }
        }
        let about = item(100 + round, 1);
        // Short enough for a view of the load that is a second old.
        offices[0].submit(100 + round..101 + round, BIRTH, "1").await;
        // Whichever of the two it is that decides.
        decides.assign(about).await.unwrap();
        let at = decides.decision(about).await.unit_id;
        let code = if works { "1" } else { "3" };
        assert_eq!(at, unit(code).to_string(), "round {round}");
        offices[0].apply(about, completed(about, code)).await;
        offices[0].balanced().await;
    }
    close(offices).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_at_once_make_one_history_without_a_gap() {
    let offices = two().await;
    let change = async |office: &Office, from: u32| {
        for most in 0..10 {
            let cap = Standing { most_open_items: Some(from + most), ..stands(Availability::Open) };
            set(office, operator(), if most % 2 == 0 { "1" } else { "2" }, cap, None).await.unwrap();
        }
    };
    tokio::join!(change(&offices[0], 100), change(&offices[1], 200));
    for office in &offices {
        let request = ListRegistryChangesRequest::default();
        let page = office.registry(operator()).list_registry_changes(request).await.unwrap().into_inner();
        let revisions: Vec<_> = page.changes.iter().map(|change| change.revision).collect();
        assert_eq!(revisions, (1..=20).rev().collect::<Vec<_>>());
        until(async || get(office, operator(), "1", None).await.unwrap().revision == 20).await;
    }
    let [first, second] = &offices;
    for code in ["1", "2"] {
        let (one, other) =
            (get(first, operator(), code, None).await, get(second, operator(), code, None).await);
        assert_eq!(one.unwrap(), other.unwrap());
    }
    assert!(first.list(WorkState::Released).await.is_empty());
    close(offices).await;
}
