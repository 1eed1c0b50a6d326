//! A complaint against the only centre that may sign: others work on it, and a person has to find who signs.

use harness::{
    client::Client,
    province::{ALPHA, BETA, SIGNED_AT_HOME},
};
use phidia_proto::{events::v1::AssignmentGround, intake::v1::Receipt, types::v1::ApplicationStatus};

use crate::stage::Stage;

#[tokio::test]
async fn who_is_complained_against_neither_works_on_it_nor_signs() {
    let stage = Stage::set();
    let residence = format!("residence={ALPHA}");
    let asked = ["--procedure", SIGNED_AT_HOME, "--at", ALPHA, "--place", &residence, "--not-at", ALPHA];
    let preview = stage.phidia.cli_json(&[&["route", "preview"], &asked[..]].concat());
    let decision = &preview["decision"];
    assert_eq!(decision["unitName"]["en"], "Beta Centre");
    assert_eq!(decision["ground"], AssignmentGround::Need.as_str_name());

    let whose = ["--applicant", "Đinh Thị Thử", "--key", "complaint"];
    let submitted = stage.phidia.cli_json(&[&["application", "submit"], &asked[..], &whose].concat());
    let told = |name: &str| submitted["receipt"][name].as_str().unwrap().to_owned();
    let receipt = Receipt {
        application_id: told("applicationId"),
        dossier_code: told("dossierCode"),
        check_code: told("checkCode"),
        ..Receipt::default()
    };
    Client::officer(stage.endpoint(), BETA, "B-1").works(&receipt, 1).await;

    let citizen = Client::system(stage.endpoint());
    citizen.tracked_as(&receipt, ApplicationStatus::AwaitingDispatch).await;
    let queue = stage.phidia.cli_json(&["route", "dispatch"]);
    let [waiting] = &queue["records"].as_array().unwrap()[..] else { panic!("{queue}") };
    assert_eq!(waiting["workItem"]["applicationId"], receipt.application_id);
    assert_eq!(
        (&waiting["workItem"]["step"], &waiting["unassignableReason"]),
        (&2.into(), &"CONFLICT_OF_INTEREST".into())
    );
    assert!(Client::operator(stage.endpoint()).balance().await.holds());
}
