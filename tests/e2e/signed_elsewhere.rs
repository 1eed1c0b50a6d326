//! Alpha's only officer drowns in long examinations: some are worked on at Beta, and come home to be signed.

use harness::{
    client::{Client, application},
    province::{ALPHA, BETA, SIGNED_AT_HOME},
    wait,
};
use phidia_domain::id::UnitId;
use phidia_proto::{
    events::v1::AssignmentGround,
    processing::v1::CaseState,
    routing::v1::{
        ExplainAssignmentRequest, WorkRecord, WorkState, routing_service_client::RoutingServiceClient,
    },
    types::v1::ApplicationStatus,
};

use crate::stage::Stage;

async fn explain(operator: &Client, application_id: &str, steps: usize) -> Vec<WorkRecord> {
    wait::until("decisions on every step", async || {
        let request = ExplainAssignmentRequest { application_id: application_id.to_owned() };
        let records = RoutingServiceClient::new(operator.peer())
            .explain_assignment(request)
            .await
            .ok()?
            .into_inner()
            .records;
        let decided = records.iter().filter(|record| record.decision.is_some()).count();
        (decided == steps).then_some(records)
    })
    .await
}

#[tokio::test]
async fn examined_where_there_is_time_and_signed_by_the_competent_authority() {
    let stage = Stage::set();
    let citizen = Client::system(stage.endpoint());
    let operator = Client::operator(stage.endpoint());
    let (alpha, beta) = (UnitId::of("99", ALPHA).to_string(), UnitId::of("99", BETA).to_string());

    let mut moved = None;
    for number in 0..8 {
        let receipt = citizen.submit(application(&format!("long-{number}"), SIGNED_AT_HOME)).await.unwrap();
        let records = explain(&operator, &receipt.application_id, 1).await;
        let decision = records[0].decision.as_ref().unwrap();
        assert_eq!(decision.home_unit_id, alpha);
        if number == 0 {
            assert_eq!(decision.ground(), AssignmentGround::Home, "an idle home keeps its own");
        }
        if decision.unit_id == beta {
            assert_eq!(decision.ground(), AssignmentGround::Gain);
            assert!(
                decision.candidates.iter().any(|candidate| candidate.unit_id == alpha),
                "the loser is told"
            );
            moved = Some(receipt);
            break;
        }
    }
    let receipt = moved.expect("one officer cannot examine eight of 600 minutes in good time");

    Client::officer(stage.endpoint(), BETA, "B-1").works(&receipt, 1).await;
    let records = explain(&operator, &receipt.application_id, 2).await;
    let signing = records[1].decision.as_ref().unwrap();
    assert_eq!((signing.unit_id.as_str(), signing.ground()), (alpha.as_str(), AssignmentGround::Bound));
    assert_eq!(records[0].state(), WorkState::Done);

    let case = Client::officer(stage.endpoint(), ALPHA, "A-1").works(&receipt, 2).await;
    assert_eq!(case.state(), CaseState::Granted);
    citizen.tracked_as(&receipt, ApplicationStatus::Granted).await;
    assert!(operator.balance().await.holds());
}
