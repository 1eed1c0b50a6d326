//! Alpha drowns in what a person has sent there: what was its own goes to Beta before it is late, and why is told.

use std::fs;

use harness::{
    client::{Client, application},
    process::Phidia,
    province::{self, ALPHA, BETA, GAMMA, SIGNED_AT_HOME},
    wait,
};
use phidia_domain::id::UnitId;
use phidia_proto::{
    events::v1::AssignmentGround,
    intake::v1::Receipt,
    processing::v1::CaseState,
    routing::v1::{
        Decision, ExplainAssignmentRequest, ReassignWorkRequest, WorkRecord, WorkState,
        routing_service_client::RoutingServiceClient,
    },
};
use serde_json::Value;

/// All that routing tells of an application.
pub(crate) async fn explain(operator: &Client, receipt: &Receipt) -> Vec<WorkRecord> {
    let request = ExplainAssignmentRequest { application_id: receipt.application_id.clone() };
    let mut routing = RoutingServiceClient::new(operator.peer());
    routing.explain_assignment(request).await.map(|answer| answer.into_inner().records).unwrap_or_default()
}

/// Its unit, once it has one.
async fn assigned(operator: &Client, receipt: &Receipt) -> WorkRecord {
    wait::until("a unit", async || {
        let records = explain(operator, receipt).await;
        records.into_iter().rfind(|record| record.state() == WorkState::Assigned)
    })
    .await
}

/// Sends it to a unit by hand, wherever it is by then.
async fn send(operator: &Client, receipt: &Receipt, to: &str) -> Decision {
    let unit_id = UnitId::of(province::CODE, to).to_string();
    wait::until("it is sent", async || {
        let WorkRecord { work_item, decision, .. } = assigned(operator, receipt).await;
        let there = decision
            .filter(|there| there.unit_id == unit_id && there.ground() == AssignmentGround::Overridden);
        if there.is_none() {
            let (unit_code, reason) = (to.to_owned(), "tập huấn tại chỗ".to_owned());
            let request = ReassignWorkRequest { work_item, unit_code, reason, expected_fence: 0 };
            // It may just be on its way elsewhere: it is asked again.
            let _ = RoutingServiceClient::new(operator.peer()).reassign_work(request).await;
        }
        there
    })
    .await
}

#[tokio::test]
async fn what_would_be_late_at_home_is_rescued_and_what_a_person_sent_stays() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("phidia.toml");
    fs::write(&config, "[routing]\nlease_seconds = 2\nrescue_seconds = 1\n").unwrap();
    province::write(&folder.path().join("province"), &province::files());
    let phidia = Phidia::up(&folder.path().join("data"), &["--empty", "--config", config.to_str().unwrap()]);
    let files = folder.path().join("province");
    assert!(
        phidia.cli(&["province", "import", files.to_str().unwrap(), "--allow-uncovered"]).status.success()
    );
    let citizen = Client::system(&phidia.endpoint);
    let operator = Client::operator(&phidia.endpoint);
    let id = |code: &str| UnitId::of(province::CODE, code).to_string();

    // Ten hours of work, due in three days: an idle home keeps it.
    let home = citizen.submit(application("home", SIGNED_AT_HOME)).await.unwrap();
    let kept = assigned(&operator, &home).await.decision.unwrap();
    assert_eq!((kept.unit_id.as_str(), kept.ground()), (id(ALPHA).as_str(), AssignmentGround::Home));
    // Nine more than its one officer can do in that time are sent there.
    let mut sent = Vec::new();
    for number in 0..9 {
        let receipt = citizen.submit(application(&format!("sent-{number}"), SIGNED_AT_HOME)).await.unwrap();
        let there = assigned(&operator, &receipt).await.decision.unwrap();
        if there.unit_id == id(ALPHA) {
            // Once to another unit, so that a person has sent it.
            send(&operator, &receipt, GAMMA).await;
        }
        let decision = send(&operator, &receipt, ALPHA).await;
        assert_eq!(decision.moved.unwrap().reason, "tập huấn tại chỗ");
        sent.push(receipt);
    }

    let records = wait::until("a rescue", async || {
        let records = explain(&operator, &home).await;
        (records.len() == 2).then_some(records)
    })
    .await;
    let rescued = records[1].decision.clone().unwrap();
    assert_eq!((rescued.unit_id.as_str(), rescued.ground()), (id(BETA).as_str(), AssignmentGround::Rescued));
    assert_eq!((records[0].state(), records[1].state()), (WorkState::Released, WorkState::Assigned));
    let shown = phidia.cli(&["--lang", "en", "route", "explain", &home.application_id]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("Goes from Alpha Centre to Beta Centre"), "{shown}");
    assert!(shown.contains("moved by service/routing"), "{shown}");

    // What a person has sent stays, and says what speaks against it.
    for receipt in &sent {
        assert_eq!(assigned(&operator, receipt).await.decision.unwrap().unit_id, id(ALPHA));
    }
    let item = format!(
        "{}/1/{}",
        sent[0].application_id,
        assigned(&operator, &sent[0]).await.work_item.unwrap().attempt
    );
    let arguments = ["route", "reassign", &item, "--to", GAMMA, "--reason", "quá tải"];
    let answer = phidia.cli_json(&arguments);
    assert_eq!(answer["decision"]["moved"]["violations"], serde_json::json!(["not_competent"]), "{answer}");
    let refused =
        phidia.cli(&["--as", "supervisor", "--my-unit", BETA, "route", "reassign", &item, "--reason", "x"]);
    assert!(!refused.status.success());

    // Those who lose and gain it are told, each in its own mailbox.
    for (unit, template) in [(ALPHA, "work_lost"), (BETA, "work_gained")] {
        let told = wait::until("a message to the unit", async || {
            let messages = phidia.cli_json(&["message", "unit", unit]);
            let about = messages["messages"].as_array().unwrap().iter().find(|message| {
                message["applicationId"] == home.application_id.as_str() && message["template"] == template
            });
            about.cloned()
        })
        .await;
        let body = told["body"].as_str().unwrap();
        assert!(body.contains(&home.dossier_code) && body.contains("trễ hạn"), "{body}");
    }
    let citizens: Value = phidia.cli_json(&["message", "list", &home.application_id]);
    let templates: Vec<_> =
        citizens["messages"].as_array().unwrap().iter().map(|message| &message["template"]).collect();
    assert!(!templates.iter().any(|template| **template == "work_lost"), "{templates:?}");
    // So is the citizen, who may ask, too.
    let body = wait::until("a message to the citizen", async || {
        let messages = phidia.cli_json(&["message", "list", &home.application_id]);
        let moved =
            messages["messages"].as_array()?.iter().find(|message| message["template"] == "case_moved");
        Some(moved?["body"].as_str()?.to_owned())
    })
    .await;
    let sentence = "Hồ sơ được chuyển đến đây để kịp thời hạn";
    assert!(body.contains("Nơi giải quyết: Trung tâm Bình") && body.contains(sentence), "{body}");
    let shown = phidia.cli(&["--lang", "vi", "application", "track", &home.dossier_code, &home.check_code]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains(sentence), "{shown}");

    // All that was decided can be played again; the attempts at a step count once.
    let page = folder.path().join("trace.html");
    let again = ["simulate", "--trace", "decision-log", "--html", page.to_str().unwrap()];
    let shown = String::from_utf8(phidia.cli(&again).stdout).unwrap();
    assert!(shown.contains("the log of decisions") && shown.contains("Same unit as was decided"), "{shown}");
    assert!(fs::read_to_string(&page).unwrap().contains("It is one sample, so there are no intervals"));
    let played = &phidia.cli_json(&again)["trace"];
    assert_eq!((&played["played"]["applications"], &played["steps"]), (&10.into(), &10.into()), "{played}");

    // It is worked on there and signed at home; nothing is lost, and the board is even.
    Client::officer(&phidia.endpoint, BETA, "B-1").works(&home, 1).await;
    let case = Client::officer(&phidia.endpoint, ALPHA, "A-1").works(&home, 2).await;
    assert_eq!(case.state(), CaseState::Granted);
    assert!(operator.balance().await.holds());
    assert!(phidia.cli(&["conservation"]).status.success());
}
