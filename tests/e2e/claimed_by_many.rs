//! A crowd of officers asks one worklist for work, at two replicas over one store: each is given their own, nobody goes
//! without, and nothing is done twice.

use std::collections::{BTreeMap, BTreeSet};

use harness::{
    client::{Client, application, submit_surely},
    house::{Form, House, Part, Plan},
    province::{self, ALPHA, ANYWHERE},
    wait,
};
use phidia_proto::{
    processing::v1::{
        CaseWorkItem, ClaimNextWorkItemRequest, ListWorklistRequest, case_service_client::CaseServiceClient,
    },
    types::v1::WorkItem,
};
use tokio::task::JoinSet;
use tonic::Code;

const CROWD: usize = 200;
const APPLICATIONS: usize = 260;
/// How many hand in at once.
const COUNTERS: usize = 4;

/// What passes on a busy machine.
const PASSES: [Code; 3] = [Code::DeadlineExceeded, Code::Unavailable, Code::ResourceExhausted];

/// All of them at once.
async fn all_ask(officers: &BTreeMap<String, Client>) -> BTreeMap<String, CaseWorkItem> {
    let mut asking = JoinSet::new();
    for (code, officer) in officers {
        let (code, cases) = (code.clone(), CaseServiceClient::new(officer.peer()));
        asking.spawn(async move {
            // Whoever was not answered asks again, and is given what they were given.
            let given = wait::until("an answer", async || {
                match cases.clone().claim_next_work_item(ClaimNextWorkItemRequest {}).await {
                    Ok(given) => Some(given.into_inner().work_item),
                    Err(status) if PASSES.contains(&status.code()) => None,
                    Err(status) => panic!("{status:?}"),
                }
            });
            given.await.map(|item| (code, item))
        });
    }
    asking.join_all().await.into_iter().flatten().collect()
}

fn key(item: &CaseWorkItem) -> (String, u32, u32) {
    let WorkItem { application_id, step, attempt } = item.work_item.clone().unwrap();
    (application_id, step, attempt)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_hundred_officers_each_is_given_their_own_and_none_goes_without() {
    let replicas = BTreeMap::from([(Part::Processing, 2)]);
    let house = House::build(&Plan { replicas, ..Plan::of(Form::Cluster) }).await;
    house.import(&province::crowded(CROWD)).await;
    let intake = house.endpoint(Part::Intake);
    let mut coming = JoinSet::new();
    for counter in 0..COUNTERS {
        let intake = intake.clone();
        coming.spawn(async move {
            for number in (counter..APPLICATIONS).step_by(COUNTERS) {
                submit_surely(&intake, &application(&number.to_string(), ANYWHERE)).await;
            }
        });
    }
    coming.join_all().await;
    let processing = house.endpoint(Part::Processing);
    let supervisor = Client::supervisor(&processing, ALPHA);
    wait::until("all of it lies in the worklist", async || {
        let request = ListWorklistRequest { page_size: 500, ..ListWorklistRequest::default() };
        let listed = CaseServiceClient::new(supervisor.peer()).list_worklist(request).await.unwrap();
        (listed.into_inner().work_items.len() == APPLICATIONS).then_some(())
    })
    .await;

    let officers: BTreeMap<_, _> = province::crowd(CROWD)
        .map(|code| (code.clone(), Client::officer(&processing, ALPHA, &code)))
        .collect();
    let first = all_ask(&officers).await;
    assert_eq!(first.len(), CROWD, "somebody went without");
    // Whoever asks again has not lost what they hold.
    let again = all_ask(&officers).await;
    assert!(first.iter().all(|(code, item)| key(&again[code]) == key(item)), "{first:?} {again:?}");
    let mut done = BTreeSet::new();
    let mut held = first;
    while !held.is_empty() {
        for (code, item) in held {
            assert!(done.insert(key(&item)), "two were given {item:?}");
            officers[&code].complete(&item).await.unwrap();
        }
        held = all_ask(&officers).await;
    }
    assert_eq!(done.len(), APPLICATIONS);
    assert_eq!(house.mishaps(), Vec::<String>::new());
}
