//! What is said to whoever hands something in when there is more to do than can be done in time.

use harness::{
    client::{Client, application},
    province::{ALPHA, NOBODY_CAN, SIGNED_AT_HOME},
    wait,
};
use phidia_proto::intake::v1::{
    SubmitApplicationResponse, application_service_client::ApplicationServiceClient,
};

use crate::stage::Stage;

/// More than everybody in the province can do in three days of 24 hours, at ten hours each.
const MANY: u32 = 120;

/// With its outlook: where routing did not say in time, the same is asked again.
async fn hand_in_surely(stage: &Stage, key: &str, procedure: &str) -> SubmitApplicationResponse {
    wait::until("an outlook", async || {
        Some(hand_in(stage, key, procedure).await).filter(|answer| answer.outlook.is_some())
    })
    .await
}

async fn hand_in(stage: &Stage, key: &str, procedure: &str) -> SubmitApplicationResponse {
    let client = Client::system(stage.endpoint());
    let request = application(key, procedure);
    ApplicationServiceClient::new(client.peer()).submit_application(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_promise_that_will_not_hold_is_not_given_without_a_word() {
    let stage = Stage::set();
    let first = hand_in_surely(&stage, "first", SIGNED_AT_HOME).await;
    assert!(first.outlook.unwrap().promise_holds);
    let mut number = 0;
    let (receipt, outlook) = loop {
        number += 1;
        assert!(number < MANY, "the promise holds for {number}");
        let answer = hand_in_surely(&stage, &format!("more-{number}"), SIGNED_AT_HOME).await;
        let (receipt, outlook) = (answer.receipt.unwrap(), answer.outlook.unwrap());
        if !outlook.promise_holds {
            break (receipt, outlook);
        }
    };
    // The law's promise stands in the receipt; what will hold is said beside it.
    let seconds = |at: Option<prost_types::Timestamp>| at.unwrap().seconds;
    assert!(outlook.on_time_probability < 0.8, "{outlook:?}");
    assert!(seconds(outlook.feasible_at) > seconds(receipt.due_at), "{outlook:?}");
    let place = format!("residence={ALPHA}");
    let arguments =
        ["application", "submit", "--procedure", SIGNED_AT_HOME, "--at", ALPHA, "--place", &place];
    let told = stage.phidia.cli(&[&arguments[..], &["--applicant", "Nguyễn Thị Thử"]].concat());
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("an appointment that will hold"), "{told}");
}

#[tokio::test]
async fn what_nobody_can_do_is_taken_in_and_said_to_be_so() {
    let stage = Stage::set();
    let answer = hand_in(&stage, "rare", NOBODY_CAN).await;
    assert!(answer.receipt.is_some());
    assert_eq!((answer.outlook, answer.unassignable_reason.as_str()), (None, "NOBODY_COMPETENT"));
}
