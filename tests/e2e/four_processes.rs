//! The same house in four processes: over real connections, and while one of them is away.

use std::{net::TcpListener, path::Path};

use harness::{
    client::{Client, application},
    process::Phidia,
    province::{self, ALPHA, ANYWHERE},
};
use phidia_proto::types::v1::ApplicationStatus;

pub(crate) const ROLES: [&str; 4] = ["intake", "routing", "processing", "notification"];

/// Ports that the system just had free: the services must know each other's before any of them runs.
pub(crate) fn free_ports() -> [u16; 4] {
    let held = [(); 4].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    held.map(|listener| listener.local_addr().unwrap().port())
}

/// A configuration for all of them; further tables may follow.
pub(crate) fn settings(folder: &Path, ports: [u16; 4]) -> String {
    let mut text =
        format!("data = {:?}\nmaster_key = \"{}\"\n[peers]\n", folder.join("data"), "5a".repeat(32));
    for (role, port) in ROLES.iter().zip(ports) {
        text += &format!("{role} = \"http://127.0.0.1:{port}\"\n");
    }
    text
}

#[tokio::test]
async fn an_application_goes_through_and_waits_for_a_service_that_is_away() {
    let folder = tempfile::tempdir().unwrap();
    province::write(&folder.path().join("province"), &province::files());
    let ports = free_ports();
    let config = folder.path().join("phidia.toml");
    std::fs::write(&config, settings(folder.path(), ports)).unwrap();
    let serve = |index: usize| Phidia::serve(ROLES[index], &config, &format!("127.0.0.1:{}", ports[index]));
    let [intake, routing, processing, _notification] = [0, 1, 2, 3].map(serve);
    let output = intake.cli(&[
        "province",
        "import",
        "--allow-uncovered",
        folder.path().join("province").to_str().unwrap(),
    ]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let citizen = Client::system(&intake.endpoint);
    let first = citizen.submit(application("split-1", ANYWHERE)).await.unwrap();
    citizen.tracked_as(&first, ApplicationStatus::InProcess).await;

    // Routing dies. Intake goes on accepting; what it has told waits in its outbox.
    routing.kill();
    let second = citizen.submit(application("split-2", ANYWHERE)).await.unwrap();
    assert_eq!(citizen.track(&second).await.status(), ApplicationStatus::Accepted);
    let routing = serve(1);

    let officer = Client::officer(&processing.endpoint, ALPHA, "A-1");
    for receipt in [&first, &second] {
        officer.works(receipt, 1).await;
        officer.works(receipt, 2).await;
        citizen.tracked_as(receipt, ApplicationStatus::Granted).await;
    }
    let services = [&intake, &routing, &processing].map(|process| process.endpoint.as_str());
    let conservation = intake.cli_json(&[
        "conservation",
        "--service",
        services[0],
        "--service",
        services[1],
        "--service",
        services[2],
    ]);
    assert_eq!((&conservation["accepted"], &conservation["places"]["finished"]), (&2.into(), &2.into()));
    assert_eq!(conservation["parkedEvents"], 0);
}
