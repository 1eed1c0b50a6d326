//! The verbs from a second terminal, and what a reflecting client sees.

use std::collections::BTreeSet;

use harness::{
    client::{Client, application},
    postgres_server::PostgresServer,
    process::Phidia,
    province::{ALPHA, ANYWHERE, BETA},
};
use serde_json::Value;
use tonic_reflection::pb::{
    v1::{
        ServerReflectionRequest, server_reflection_client::ServerReflectionClient, server_reflection_request,
        server_reflection_response,
    },
    v1alpha,
};

use crate::stage::Stage;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn an_application_goes_through_by_the_command_line_alone() {
    let stage = Stage::set();
    let submitted = stage.phidia.cli_json(&[
        "application",
        "submit",
        "--procedure",
        ANYWHERE,
        "--at",
        ALPHA,
        "--applicant",
        "Đinh Thị Thử",
        "--key",
        "k",
    ]);
    let receipt = &submitted["receipt"];
    let id = receipt["applicationId"].as_str().unwrap().to_owned();
    let officer = ["--my-unit", ALPHA, "--officer", "A-1"];
    for step in ["1", "2"] {
        let item = format!("{id}/{step}/1");
        let fence = harness::wait::until("the step in the worklist", async || {
            let worklist = stage.phidia.cli_json(&[&officer[..], &["case", "worklist"]].concat());
            worklist["workItems"].as_array().unwrap().iter().find_map(|entry| {
                let key = &entry["workItem"];
                let shown = format!("{}/{}/{}", key["applicationId"].as_str()?, key["step"], key["attempt"]);
                (shown == item).then(|| entry["fence"].to_string())
            })
        })
        .await;
        // Chosen from the list, or whatever is the next.
        let claim =
            if step == "1" { &["case", "claim", &item, "--fence", &fence][..] } else { &["case", "next"] };
        let claimed = stage.phidia.cli_json(&[&officer[..], claim].concat());
        let mine = stage.phidia.cli(&[&officer[..], &["case", "worklist"]].concat());
        assert!(text(&mine.stdout).contains("held by A-1"), "{}", text(&mine.stdout));
        for (language, sentence) in [("en", "You have this in hand.\n"), ("vi", "Bạn đang giữ việc này.\n")]
        {
            let next = stage.phidia.cli(&[&["--lang", language], &officer[..], &["case", "next"]].concat());
            assert!(text(&next.stdout).starts_with(sentence), "{}", text(&next.stdout));
        }
        let fence = claimed["workItem"]["fence"].to_string();
        stage.phidia.cli_json(&[&officer[..], &["case", "complete", &item, "--fence", &fence]].concat());
    }
    let (code, check) = (receipt["dossierCode"].as_str().unwrap(), receipt["checkCode"].as_str().unwrap());
    harness::wait::until("the result", async || {
        let tracked = stage.phidia.cli_json(&["application", "track", code, check]);
        (tracked["status"] == "APPLICATION_STATUS_GRANTED").then_some(())
    })
    .await;
    let work_item = format!("{id}/1/1");
    // Each as a person reads it, in both languages.
    for arguments in [
        &["province", "show"][..],
        &["province", "units"],
        &["unit", "load"],
        &["catalogue", "search", "chung thuc"],
        &["application", "list"],
        &["application", "ratings"],
        &["draft", "list"],
        &["code", "list"],
        &["application", "show", &id],
        &["application", "track", code, check],
        &["case", "show", &id],
        &["case", "worklist", "--unit", ALPHA],
        &["deadline", "explain", &id],
        &["deadline", "at", ANYWHERE, "2026-01-05T15:05"],
        &["route", "explain", &id],
        &["route", "preview", "--procedure", ANYWHERE, "--at", ALPHA],
        &["route", "log"],
        &["route", "verify"],
        &["route", "assign", &work_item],
        &["route", "assign", &work_item, &work_item],
        &["message", "list", &id],
        &["outbox", "list"],
        &["plan", "list"],
        &["conservation"],
    ] {
        for language in ["vi", "en"] {
            let output = stage.phidia.cli(&[&["--lang", language], arguments].concat());
            assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
            assert!(!output.stdout.is_empty(), "{arguments:?} says nothing");
        }
        let told = stage.phidia.cli_json(arguments);
        assert!(told.is_object(), "{arguments:?} is one JSON object");
        assert!(!keys(&told).iter().any(|key| key.contains('_')), "{arguments:?}: {told}");
    }
    // Of several each is answered on its own, also where one cannot be assigned.
    let unknown = format!("app_{}/1/1", "0".repeat(32));
    let output = stage.phidia.cli(&["--json", "route", "assign", &work_item, &unknown]);
    assert_eq!(output.status.code(), Some(8));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(answer["outcomes"][0]["decision"]["unitId"].is_string(), "{answer}");
    assert_eq!(answer["outcomes"][1]["status"]["code"], 5);
    assert!(answer["outcomes"][1]["status"]["details"].to_string().contains("UNKNOWN_WORK_ITEM"), "{answer}");
    let conservation = stage.phidia.cli_json(&["conservation"]);
    assert_eq!((&conservation["accepted"], &conservation["places"]["finished"]), (&1.into(), &1.into()));
}

/// Every key in it, however deep; what is counted by name (`filtered`) has names for keys.
fn keys(value: &Value) -> BTreeSet<&str> {
    match value {
        Value::Object(fields) => {
            let named = fields.iter().filter(|(key, _)| *key != "filtered");
            named.flat_map(|(key, value)| keys(value).into_iter().chain([key.as_str()])).collect()
        }
        Value::Array(values) => values.iter().flat_map(keys).collect(),
        _ => BTreeSet::new(),
    }
}

#[tokio::test]
async fn errors_are_one_clear_sentence_in_either_language_and_a_code() {
    let stage = Stage::set();
    let nobody = format!("app_{}", "0".repeat(32));
    for (arguments, reason, code) in [
        (&["application", "track", "T99.90001-261123-0001", "000000"][..], "UNKNOWN_RECEIPT", 5),
        (&["application", "show", &nobody], "UNKNOWN_APPLICATION", 5),
        (
            &["application", "submit", "--procedure", "x", "--at", ALPHA, "--applicant", "A"],
            "UNKNOWN_PROCEDURE",
            3,
        ),
        (&["application", "list", "--at", "9"], "UNKNOWN_UNIT", 3),
        (&["route", "explain", "rubbish"], "MALFORMED_ID", 3),
        (&["route", "preview", "--procedure", ANYWHERE, "--at", ALPHA, "--place", "x"], "MALFORMED_PLACE", 3),
        (&["case", "show", &nobody], "UNKNOWN_CASE", 5),
        (&["deadline", "explain", &nobody], "UNKNOWN_CASE", 5),
        (&["deadline", "at", "x", "2026-01-05T15:05"], "UNKNOWN_PROCEDURE", 3),
        (&["deadline", "at", ANYWHERE, "yesterday"], "MALFORMED_INSTANT", 3),
        (&["deadline", "at", ANYWHERE, "1999-01-05T15:05"], "DATE_OUT_OF_RANGE", 3),
        (&["case", "worklist"], "OFFICER_NOT_NAMED", 4),
        (&["case", "worklist", "--my-unit", ALPHA], "OFFICER_NOT_NAMED", 4),
        (&["case", "worklist", "--my-unit", ALPHA, "--officer", "Z-1"], "UNKNOWN_OFFICER", 4),
        (&["case", "worklist", "--my-unit", "9", "--officer", "A-1"], "UNKNOWN_UNIT", 5),
        (&["case", "worklist", "--as", "supervisor", "--my-unit", "9"], "UNKNOWN_UNIT", 5),
        (&["case", "worklist", "--my-unit", ALPHA, "--officer", "A-1", "--unit", BETA], "OTHER_UNIT", 4),
        (&["application", "list", "--as", "supervisor", "--my-unit", "9"], "UNKNOWN_UNIT", 3),
        (&["case", "claim", "x/y", "--my-unit", ALPHA, "--officer", "A-1"], "MALFORMED_ID", 3),
        (&["--as", "citizen", "conservation"], "ROLE_NOT_ALLOWED", 4),
        (&["--as", "supervisor", "outbox", "list"], "ROLE_NOT_ALLOWED", 4),
        (&["--as", "supervisor", "policy", "publish", "/dev/null", "--reason", "x"], "MALFORMED_POLICY", 3),
        (&["policy", "show", "9"], "UNKNOWN_POLICY", 5),
        (&["simulate", "--trace", "decision-log"], "NOTHING_LOGGED", 6),
        (&["outbox", "list", "--application", "x"], "MALFORMED_ID", 3),
        (&["outbox", "replay", "intake", "routing", &nobody], "NOTHING_PARKED", 5),
        (&["outbox", "replay", "x", "routing", &nobody], "UNKNOWN_SERVICE", 5),
        (&["province", "show", "--endpoint", "nowhere"], "MALFORMED_PEER", 3),
    ] {
        let told = ["en", "vi"].map(|language| {
            let output = stage.phidia.cli(&[arguments, &["--lang", language]].concat());
            assert_eq!(output.status.code(), Some(code), "{arguments:?}");
            assert!(output.stdout.is_empty(), "{arguments:?}");
            // The key of a submission is told before it is known whether it is accepted.
            let lines: Vec<_> = text(&output.stderr).lines().map(str::to_owned).collect();
            lines
                .into_iter()
                .find(|line| line.contains(reason))
                .unwrap_or_else(|| panic!("{arguments:?}: no {reason}"))
        });
        let [english, vietnamese] = &told;
        let sentence = english.strip_prefix(&format!("error {reason}: ")).unwrap();
        assert!(vietnamese.starts_with(&format!("lỗi {reason}: ")), "{vietnamese}");
        assert!(!vietnamese.contains(sentence), "{arguments:?} is not translated: {vietnamese}");
    }
}

#[tokio::test]
async fn a_wrong_file_of_a_province_is_told_by_line_and_column_and_a_right_one_has_no_version_yet() {
    let stage = Stage::set();
    let folder = stage.folder.path().join("province");
    let check = |code| {
        let output = stage.phidia.cli(&["province", "check", "--allow-uncovered", folder.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(code));
        text(if code == 0 { &output.stdout } else { &output.stderr })
    };
    assert!(!check(0).contains("version"), "{}", check(0));
    let mut files = harness::province::files();
    let officers = files.get_mut("officers.csv").unwrap();
    *officers = officers.replace("A-1,90001,An Một", "A-1,90001");
    harness::province::write(&folder, &files);
    let told = check(8);
    assert_eq!(told.trim_end(), "error MALFORMED_PROVINCE: officers.csv:2:5: expected 3 fields, not 2");
}

#[tokio::test]
async fn nobody_at_the_endpoint_is_said_plainly() {
    let stage = Stage::set();
    let endpoint = stage.phidia.endpoint.clone();
    stage.phidia.kill();
    let output = std::process::Command::new(harness::process::binary())
        .args(["--endpoint", &endpoint, "province", "show"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(7));
    let told = text(&output.stderr);
    assert!(told.starts_with("error PEER_UNAVAILABLE: no Phidia answers at this endpoint"), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
}

#[tokio::test]
async fn an_unknown_key_of_the_configuration_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("phidia.toml");
    std::fs::write(&file, "lissten = \"127.0.0.1:1\"\n").unwrap();
    let output = std::process::Command::new(harness::process::binary())
        .args(["config", "--config", file.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("lissten"), "{}", text(&output.stderr));
}

#[tokio::test]
async fn an_address_of_other_machines_needs_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(harness::process::binary())
        .args(["up", "--listen", "0.0.0.0:0", "--data"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("TOKEN_REQUIRED") || text(&output.stderr).contains("token"));
}

#[tokio::test]
async fn replicas_that_share_a_database_do_not_make_keys_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("phidia.toml");
    let url = PostgresServer::shared().new_database();
    let serve = |role: &str, keys: &str| {
        let data = folder.path().join("data");
        let settings = format!("data = {data:?}\n{keys}\n[databases.{role}]\nurl = \"{url}\"\n");
        std::fs::write(&file, settings).unwrap();
        let output = std::process::Command::new(harness::process::binary())
            .args(["serve", role, "--listen", "127.0.0.1:0", "--config"])
            .arg(&file)
            .output()
            .unwrap();
        assert!(!output.status.success());
        text(&output.stderr)
    };
    let master = format!("master_key = \"{}\"", "5a".repeat(32));
    for (role, keys, missing) in [
        ("intake", "", "master_key"),
        ("processing", "", "master_key"),
        ("notification", "", "master_key"),
        ("intake", master.as_str(), "receipts.signing_key"),
    ] {
        let told = serve(role, keys);
        assert!(told.contains(&format!("{missing}: 64 hexadecimal digits")), "{role}: {told}");
    }
    assert!(!folder.path().join("data/receipt.key").exists());
}

#[tokio::test]
async fn a_folder_that_is_in_use_is_said_in_one_sentence() {
    let stage = Stage::set();
    let data = stage.folder.path().join("data");
    let up = |language: &str| {
        let output = std::process::Command::new(harness::process::binary())
            .args(["--lang", language, "up", "--listen", "127.0.0.1:0", "--data"])
            .arg(&data)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(6));
        text(&output.stderr)
    };
    let folder = data.display();
    assert_eq!(up("en"), format!("error FOLDER_IN_USE: another phidia is at work in {folder}\n"));
    assert_eq!(
        up("vi"),
        format!("lỗi FOLDER_IN_USE: một phidia khác đang dùng thư mục này\n  folder: {folder}\n")
    );
}

#[test]
fn a_command_line_that_is_not_understood_is_told_in_the_language_of_the_user() {
    let phidia = |arguments: &[&str], language: &str| {
        let mut command = std::process::Command::new(harness::process::binary());
        command.args(arguments).env("PHIDIA_LANG", language).output().unwrap()
    };
    for arguments in [
        &["up", "--foo"][..],
        &["up", "--json"],
        &["provinces"],
        &["case", "claim"],
        &["serve", "kitchen"],
        &["application", "list", "--limit", "0"],
    ] {
        let vietnamese = phidia(arguments, "vi");
        assert_eq!(vietnamese.status.code(), Some(2), "{arguments:?}");
        let told = text(&vietnamese.stderr);
        assert!(told.starts_with("lỗi: ") && told.lines().count() == 1, "{arguments:?}: {told}");
        let english = phidia(arguments, "en");
        assert_eq!(english.status.code(), Some(2), "{arguments:?}");
        assert!(text(&english.stderr).starts_with("error: "), "{}", text(&english.stderr));
        // What stands on the line counts for more than the environment.
        let english = phidia(&[arguments, &["--lang", "en"]].concat(), "vi");
        assert!(text(&english.stderr).starts_with("error: "), "{}", text(&english.stderr));
    }
    let help = phidia(&["--help"], "vi");
    assert!(help.status.success() && text(&help.stdout).contains("Usage: phidia"), "{}", text(&help.stderr));
}

#[test]
fn what_the_exit_codes_mean_is_told_in_either_language_and_by_help() {
    let phidia = |arguments: &[&str]| {
        let output = std::process::Command::new(harness::process::binary()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
        text(&output.stdout)
    };
    for (language, sentence) in [("en", "  5  there is no such thing"), ("vi", "  5  không có thứ được nêu")]
    {
        let lines = phidia(&["exit-codes", "--lang", language]);
        assert!(lines.lines().any(|line| line == sentence), "{lines}");
        assert!(phidia(&["--lang", language, "help", "exit-codes"]).contains(&lines));
    }
}

#[tokio::test]
async fn instants_are_shown_in_the_zone_of_the_province() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = harness::province::files();
    let settings = files.get_mut("province.csv").unwrap();
    *settings = settings.replace("Asia/Ho_Chi_Minh", "Pacific/Kiritimati");
    harness::province::write(&folder.path().join("province"), &files);
    let phidia = Phidia::up(&folder.path().join("data"), &["--empty"]);
    let output = phidia.cli(&[
        "province",
        "import",
        "--allow-uncovered",
        folder.path().join("province").to_str().unwrap(),
    ]);
    assert!(output.status.success(), "{}", text(&output.stderr));

    assert_eq!(phidia.cli_json(&["province", "show"])["province"]["timeZone"], "Pacific/Kiritimati");
    let citizen = Client::system(&phidia.endpoint);
    let receipt = citizen.submit(application("zone", ANYWHERE)).await.unwrap();
    let at = jiff::Timestamp::new(receipt.received_at.unwrap().seconds, 0).unwrap();
    let local = at.in_tz("Pacific/Kiritimati").unwrap().strftime("%d/%m/%Y %H:%M").to_string();
    let shown = phidia.cli(&["application", "show", &receipt.application_id]);
    assert!(text(&shown.stdout).contains(&local), "{local}: {}", text(&shown.stdout));
}

#[tokio::test]
async fn a_colleague_is_named_by_their_code() {
    let stage = Stage::set();
    let mut request = application("colleague", ANYWHERE);
    request.received_at_code = BETA.into();
    let receipt = Client::system(stage.endpoint()).submit(request).await.unwrap();
    let first = Client::officer(stage.endpoint(), BETA, "B-4");
    let item = first.finds(&receipt, 1).await;
    first.claim(&item).await.unwrap();

    let second = ["--my-unit", BETA, "--officer", "B-1", "case"];
    let listed = stage.phidia.cli(&[&second[..], &["worklist", "--all"]].concat());
    assert!(text(&listed.stdout).contains("held by B-4"), "{}", text(&listed.stdout));
    for (language, sentence) in [
        ("en", "error OLD_FENCE: officer B-4 holds this work item; look at the worklist again\n  fence: 1\n"),
        ("vi", "lỗi OLD_FENCE: việc này do cán bộ B-4 giữ; hãy xem lại danh sách việc\n  fence: 1\n"),
    ] {
        let item = format!("{}/1/1", receipt.application_id);
        let refused = stage
            .phidia
            .cli(&[&["--lang", language], &second[..], &["claim", &item, "--fence", "0"]].concat());
        assert_eq!(text(&refused.stderr), sentence);
    }
}

/// Services that every port serves.
const ON_EVERY_PORT: [&str; 5] = [
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
    "phidia.events.v1.ConservationService",
    "phidia.events.v1.OutboxService",
];

#[tokio::test]
async fn a_reflecting_client_lists_what_is_served_in_both_versions() {
    let folder = tempfile::tempdir().unwrap();
    let phidia = Phidia::up(folder.path(), &["--empty"]);
    let of_the_house = [
        "phidia.intake.v1.ApplicationService",
        "phidia.intake.v1.AttachmentService",
        "phidia.intake.v1.CatalogueService",
        "phidia.intake.v1.DraftService",
        "phidia.intake.v1.EquipmentService",
        "phidia.intake.v1.FaqService",
        "phidia.intake.v1.FeedbackService",
        "phidia.intake.v1.NumberingService",
        "phidia.intake.v1.PortalService",
        "phidia.intake.v1.QueueService",
        "phidia.intake.v1.ReceiptService",
        "phidia.intake.v1.ReceptionService",
        "phidia.routing.v1.PolicyService",
        "phidia.routing.v1.RoutingService",
        "phidia.routing.v1.RegistryService",
        "phidia.processing.v1.CaseService",
        "phidia.processing.v1.PlanService",
        "phidia.processing.v1.ReferralService",
        "phidia.processing.v1.ReportService",
        "phidia.processing.v1.ResultService",
        "phidia.notification.v1.EventService",
        "phidia.notification.v1.NotificationService",
        "phidia.notification.v1.OfficeService",
        "phidia.notification.v1.SubscriptionService",
        "phidia.notification.v1.TemplateService",
    ];
    lists(&phidia, &of_the_house).await;

    let config = folder.path().join("phidia.toml");
    std::fs::write(&config, format!("data = {:?}\n", folder.path().join("alone"))).unwrap();
    let alone = Phidia::serve("notification", &config, "127.0.0.1:0");
    let of_the_role = [
        "phidia.notification.v1.EventService",
        "phidia.notification.v1.NotificationService",
        "phidia.notification.v1.OfficeService",
        "phidia.notification.v1.SubscriptionService",
        "phidia.notification.v1.TemplateService",
        "phidia.events.v1.EventSinkService",
    ];
    lists(&alone, &of_the_role).await;
}

/// Holds the services that a port lists, and that it says are well, against those that it serves.
async fn lists(phidia: &Phidia, own: &[&str]) {
    let expected: BTreeSet<_> = own.iter().chain(&ON_EVERY_PORT).map(|name| (*name).to_owned()).collect();
    let peer = Client::operator(&phidia.endpoint).peer();
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(server_reflection_request::MessageRequest::ListServices(String::new())),
    };
    let mut answers = ServerReflectionClient::new(peer.clone())
        .server_reflection_info(tokio_stream::once(request))
        .await
        .unwrap()
        .into_inner();
    let Some(server_reflection_response::MessageResponse::ListServicesResponse(list)) =
        answers.message().await.unwrap().unwrap().message_response
    else {
        panic!("no list of services")
    };
    assert_eq!(list.service.into_iter().map(|service| service.name).collect::<BTreeSet<_>>(), expected);
    let request = v1alpha::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(
            v1alpha::server_reflection_request::MessageRequest::ListServices(String::new()),
        ),
    };
    let mut answers = v1alpha::server_reflection_client::ServerReflectionClient::new(peer.clone())
        .server_reflection_info(tokio_stream::once(request))
        .await
        .unwrap()
        .into_inner();
    let Some(v1alpha::server_reflection_response::MessageResponse::ListServicesResponse(list)) =
        answers.message().await.unwrap().unwrap().message_response
    else {
        panic!("no list of services")
    };
    assert_eq!(list.service.into_iter().map(|service| service.name).collect::<BTreeSet<_>>(), expected);

    for service in &expected {
        // Each that is listed can be described.
        let request = ServerReflectionRequest {
            host: String::new(),
            message_request: Some(server_reflection_request::MessageRequest::FileContainingSymbol(
                service.clone(),
            )),
        };
        let mut answers = ServerReflectionClient::new(peer.clone())
            .server_reflection_info(tokio_stream::once(request))
            .await
            .unwrap()
            .into_inner();
        assert!(answers.message().await.is_ok(), "{service} is listed and cannot be described");
    }
    for service in own {
        let request = tonic_health::pb::HealthCheckRequest { service: (*service).to_owned() };
        let mut health = tonic_health::pb::health_client::HealthClient::new(peer.clone());
        assert_eq!(health.check(request).await.unwrap().into_inner().status, 1, "{service}");
    }
}
