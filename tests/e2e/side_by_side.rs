//! Two communes are at work on one case at once: one examines while the other verifies, and what is signed waits for both.

use std::fs;

use harness::{
    client::{Client, application},
    pdf,
    province::{ALPHA, BETA, SIDE_BY_SIDE},
    wait,
};
use phidia_proto::{
    intake::v1::{GetApplicationRequest, application_service_client::ApplicationServiceClient},
    processing::v1::CaseState,
    types::v1::ApplicationStatus,
};

use crate::stage::Stage;

const BETAS_OFFICER: [&str; 4] = ["--my-unit", BETA, "--officer", "B-1"];

#[tokio::test]
async fn one_examines_while_the_other_verifies_and_the_signature_waits_for_both() {
    let stage = Stage::set();
    let citizen = Client::system(stage.endpoint());
    let operator = Client::operator(stage.endpoint());
    let alpha = Client::officer(stage.endpoint(), ALPHA, "A-1");
    let beta = Client::officer(stage.endpoint(), BETA, "B-1");
    let process = stage.says(&["province", "process", SIDE_BY_SIDE]).unwrap();
    assert!(process.contains("3 ∥ 2"), "{process}");

    let receipt = citizen.submit(application("together", SIDE_BY_SIDE)).await.unwrap();
    let id = receipt.application_id.as_str();
    alpha.works(&receipt, 1).await;
    let verifies = beta.claim(&beta.finds(&receipt, 3).await).await.unwrap();
    let examines = alpha.claim(&alpha.finds(&receipt, 2).await).await.unwrap();
    let listed = stage.says(&[&["case", "worklist"], &BETAS_OFFICER[..]].concat()).unwrap();
    assert!(listed.contains("Together with step 2"), "{listed}");
    // Whoever verifies sees whose it is, as whoever examines does.
    let request = || GetApplicationRequest { application_id: id.to_owned() };
    wait::until("Beta may open it", async || {
        ApplicationServiceClient::new(beta.peer()).get_application(request()).await.ok()
    })
    .await;

    // Beta asks the citizen; Alpha goes on meanwhile, and may refuse nothing.
    let item = format!("{id}/3/1");
    let ask = [
        "case",
        "supplement",
        &item,
        "--fence",
        &verifies.fence.to_string(),
        "--ask",
        "Giấy xác nhận cư trú",
    ];
    let said = stage.says(&[&ask[..], &BETAS_OFFICER[..]].concat()).unwrap();
    assert!(said.contains("awaiting a supplement"), "{said}");
    citizen.tracked_as(&receipt, ApplicationStatus::AwaitingSupplement).await;
    let item = format!("{id}/2/1");
    let refuse = ["case", "complete", &item, "--fence", &examines.fence.to_string(), "--refuse", "Thiếu"];
    let alphas = ["--my-unit", ALPHA, "--officer", "A-1"];
    let refused = stage.says(&[&refuse[..], &alphas[..]].concat()).unwrap_err();
    assert!(refused.contains("in step 3, which goes on together"), "{refused}");
    alpha.complete(&examines).await.unwrap();
    let back = citizen.track(&receipt).await;
    assert_eq!(back.status(), ApplicationStatus::AwaitingSupplement);
    stage.by_receipt("supplement", &receipt).unwrap();
    beta.works(&receipt, 3).await;
    let done = alpha.works(&receipt, 4).await;
    assert_eq!((done.state(), done.on_time), (CaseState::Granted, Some(true)));
    citizen.tracked_as(&receipt, ApplicationStatus::Granted).await;

    // Each was handed over by whoever had received it.
    let slip = stage.folder.path().join("slip.pdf");
    stage.says(&["case", "control-slip", id, "--out", slip.to_str().unwrap()]).unwrap();
    let slip = pdf::text(&fs::read(&slip).unwrap());
    for step in ["Tiếp nhận", "Thẩm tra", "Xác minh", "Ký"] {
        assert!(slip.contains(step), "no {step:?} in {slip}");
    }
    let balance = wait::until("a balance that holds", async || {
        let balance = operator.balance().await;
        balance.holds().then_some(balance)
    })
    .await;
    assert_eq!(balance.places.len(), 1, "{balance:?}");
}
