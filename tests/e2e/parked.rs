//! An event that a service refuses is shown with its reason, and delivered again once the cause is gone.

use harness::{
    client::{Client, application},
    process::Phidia,
    province::{self, ALPHA, ANYWHERE},
    proxy::{Proxy, Upstream},
    wait,
};
use phidia_proto::types::v1::ApplicationStatus;
use serde_json::Value;

use crate::four_processes::{ROLES, free_ports, settings};

/// Notification gives up waiting for a recipient at once, and the way from intake to it is broken: so it is told
/// by processing of cases whose citizens it does not know.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_event_is_listed_with_its_reason_and_replayed_in_order() {
    let folder = tempfile::tempdir().unwrap();
    province::write(&folder.path().join("province"), &province::files());
    let ports = free_ports();
    let broken = Proxy::start().await;
    let serve = |index: usize| {
        let mut text = settings(folder.path(), ports);
        if ROLES[index] == "intake" {
            text = text.replace(&format!("http://127.0.0.1:{}", ports[3]), &broken.http());
        }
        text += "[notification]\nrecipient_wait_seconds = 0\n";
        let config = folder.path().join(format!("{}.toml", ROLES[index]));
        std::fs::write(&config, text).unwrap();
        Phidia::serve(ROLES[index], &config, &format!("127.0.0.1:{}", ports[index]))
    };
    let house = [0, 1, 2, 3].map(serve);
    let [intake, _, processing, notification] = &house;
    let output = intake.cli(&[
        "province",
        "import",
        "--allow-uncovered",
        folder.path().join("province").to_str().unwrap(),
    ]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let citizen = Client::system(&intake.endpoint);
    let receipt = citizen.submit(application("parked", ANYWHERE)).await.unwrap();
    let id = receipt.application_id.as_str();
    let officer = Client::officer(&processing.endpoint, ALPHA, "A-1");
    officer.works(&receipt, 1).await;
    officer.works(&receipt, 2).await;
    citizen.tracked_as(&receipt, ApplicationStatus::Granted).await;

    let services: Vec<_> = house.iter().flat_map(|one| ["--service", one.endpoint.as_str()]).collect();
    let ask = |arguments: &[&str]| intake.cli_json(&[arguments, &services].concat());
    let list = || ask(&["outbox", "list", "--application", id])["events"].as_array().unwrap().clone();
    let parked = wait::until("all that processing told of it is parked", async || {
        let events = list();
        events.iter().any(|event| event["kind"] == "case_completed").then_some(events)
    })
    .await;
    let told =
        |event: &Value| (event["source"].clone(), event["subscriber"].clone(), event["reason"].clone());
    let of_processing = |reason: &str| ("processing".into(), "notification".into(), reason.into());
    assert_eq!(told(&parked[0]), of_processing("RECIPIENT_UNKNOWN"), "{parked:?}");
    assert_eq!(parked[0]["kind"], "case_opened");
    assert!(parked[1..].iter().all(|event| told(event) == of_processing("PARKED_BEHIND")), "{parked:?}");
    let sequences: Vec<_> = parked.iter().map(|event| event["sequence"].as_u64().unwrap()).collect();
    assert!(sequences.is_sorted() && sequences.len() >= 5, "{sequences:?}");
    for language in ["vi", "en"] {
        let output = intake.cli(&[&["--lang", language, "outbox", "list"], &services[..]].concat());
        let table = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success() && table.contains("RECIPIENT_UNKNOWN") && table.contains(id),
            "{table}"
        );
    }

    // Delivered again too early it is refused again.
    let replay = ["outbox", "replay", "processing", "notification", id];
    assert_eq!(ask(&replay)["events"], parked.len());
    // What concerns notification not at all passes; what somebody is told of, or other systems hear of, is refused again.
    let again = wait::until("it is refused again", async || {
        let events = list();
        let at_rest = |event: &Value| event["replaying"] == false;
        (events.iter().all(at_rest) && events.len() < parked.len()).then_some(events)
    })
    .await;
    let kinds = |events: &[Value]| events.iter().map(|event| event["kind"].clone()).collect::<Vec<_>>();
    let mut concerning = kinds(&parked);
    concerning.retain(|kind| kind != "step_ready");
    assert_eq!((kinds(&again), told(&again[0])), (concerning, of_processing("RECIPIENT_UNKNOWN")));
    let messages = || {
        let listed = notification.cli_json(&["message", "list", id])["messages"].as_array().unwrap().clone();
        listed.into_iter().map(|message| message["template"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(messages(), [""; 0]);

    // The way from intake is mended.
    broken.lead_to(vec![Upstream::Tcp(([127, 0, 0, 1], ports[3]).into())]);
    wait::until("the citizen is known", async || (!messages().is_empty()).then_some(())).await;
    assert_eq!(messages().len(), 1);
    ask(&replay);
    wait::until("nothing is parked", async || list().is_empty().then_some(())).await;
    assert_eq!(messages(), ["application_accepted", "case_opened", "result_ready"]);
    let nothing = intake.cli(&[&replay[..], &services].concat());
    assert_eq!(nothing.status.code(), Some(5));
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("NOTHING_PARKED"));
    assert_eq!(ask(&["conservation"])["parkedEvents"], 0);
}
