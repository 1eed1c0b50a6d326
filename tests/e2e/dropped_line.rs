//! A centre whose line drops: what its officer accepts meanwhile has final codes, and is handed over exactly once.

use std::{
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use harness::{
    client::Client,
    process::{Phidia, binary},
    province::{ALPHA, ANYWHERE},
    proxy::{Proxy, Upstream, Weather},
    wait,
};
use phidia_proto::intake::v1::{
    ListApplicationsRequest, application_service_client::ApplicationServiceClient,
};
use serde_json::Value;

use crate::stage::Stage;

/// A page that was scanned.
pub(crate) const SCAN: &str = "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n\
     2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n\
     3 0 obj\n<< /Type /Page /Parent 2 0 R >>\nendobj\n%%EOF\n";

/// The officer's terminal: the line that it is on, and the folder that it keeps applications in.
struct Counter<'c> {
    endpoint: &'c str,
    spool: &'c Path,
}

impl Counter<'_> {
    fn run(&self, arguments: &[&str]) -> Output {
        let officer = ["--endpoint", self.endpoint, "--my-unit", ALPHA, "--officer", "A-1"];
        let mut command = Command::new(binary());
        command.env("PHIDIA_SPOOL", self.spool).args(officer).args(arguments).output().unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[&["--json"], arguments].concat());
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{arguments:?}: {}", said(&output)))
    }

    fn accept(&self, name: &str) -> Value {
        self.json(&["application", "submit", "--procedure", ANYWHERE, "--at", ALPHA, "--applicant", name])
    }

    fn waiting(&self) -> Vec<Value> {
        self.json(&["spool", "list"])["items"].as_array().unwrap().clone()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

fn codes(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["dossierCode"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_is_accepted_without_a_line_is_handed_over_once_with_the_codes_of_its_receipts() {
    let Stage { phidia, folder } = Stage::set();
    let (endpoint, spool) = (phidia.endpoint.clone(), folder.path().join("spool"));
    let counter = Counter { endpoint: &endpoint, spool: &spool };
    let range = counter.json(&["code", "reserve", "--at", ALPHA, "--count", "5"]);
    let series = range["range"]["series"].as_str().unwrap().to_owned();
    let code = |number: u32| format!("{series}-{number:04}");

    // While the line is there a receipt comes at once, with the next of the codes.
    let receipt = counter.accept("Đinh Thị Một");
    assert_eq!(receipt["dossierCode"], code(1));
    assert!(counter.waiting().is_empty());

    phidia.kill();
    let two = counter.accept("Đinh Thị Hai");
    assert_eq!((&two["state"], two["dossierCode"].as_str()), (&"waiting".into(), Some(code(2).as_str())));
    let told = counter.run(&[
        "--lang",
        "vi",
        "application",
        "submit",
        "--procedure",
        ANYWHERE,
        "--at",
        ALPHA,
        "--applicant",
        "Đinh Thị Ba",
    ]);
    assert!(told.status.success() && said(&told).contains(&code(3)), "{}", said(&told));
    assert!(said(&told).contains("mã này là mã chính thức"), "{}", said(&told));
    // What will be refused is found out later; it keeps none of the others.
    counter.json(&["application", "submit", "--procedure", "0.0", "--at", ALPHA, "--applicant", "Nhầm"]);
    assert_eq!(codes(&counter.waiting()), [code(2), code(3), code(4)]);
    let shown = counter.json(&["spool", "show", two["id"].as_str().unwrap()]);
    assert_eq!(shown["applicant"]["name"], "Đinh Thị Hai");
    let check = shown["issued"]["checkCode"].as_str().unwrap().to_owned();
    // There is still no line.
    assert!(!counter.run(&["spool", "send"]).status.success());
    assert_eq!(counter.waiting().len(), 3);

    let phidia = Phidia::up(&folder.path().join("data"), &[]);
    let endpoint = phidia.endpoint.clone();
    let counter = Counter { endpoint: &endpoint, spool: &spool };
    let report = counter.json(&["spool", "send"]);
    assert_eq!(codes(report["accepted"].as_array().unwrap()), [code(2), code(3)]);
    assert_eq!((&report["refused"][0]["reason"], &report["left"]), (&"UNKNOWN_PROCEDURE".into(), &1.into()));
    let left = counter.waiting();
    assert_eq!((&left[0]["state"], &left[0]["reason"]), (&"refused".into(), &"UNKNOWN_PROCEDURE".into()));
    // Whoever holds the receipt of that day tracks by it.
    let tracked = phidia.cli(&["application", "track", &code(2), &check]);
    assert!(tracked.status.success(), "{}", said(&tracked));

    // Once more, and nothing more comes of it; then the mistake is thrown away, and its code is void.
    counter.json(&["spool", "send"]);
    counter.json(&["spool", "discard", left[0]["id"].as_str().unwrap()]);
    let closed = counter.json(&["code", "close", range["range"]["rangeId"].as_str().unwrap()]);
    assert_eq!(closed["range"]["void"], serde_json::json!([{ "first": 4, "last": 5 }]));
    assert_eq!(Client::operator(&phidia.endpoint).balance().await.accepted, 3);
    // No code is left: the next one is drawn online, behind those that were out.
    assert_eq!(counter.accept("Đinh Thị Tư")["dossierCode"], code(6));
}

/// The line drops after the application went out and before the answer came back; nobody at the counter can tell.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_without_an_answer_is_not_accepted_again() {
    let Stage { phidia, folder } = Stage::set();
    let spool = folder.path().join("spool");
    let line = Proxy::start().await;
    let house = phidia.endpoint.strip_prefix("http://").unwrap().parse().unwrap();
    line.lead_to(vec![Upstream::Tcp(house)]);
    let accepted = async || {
        let mut applications = ApplicationServiceClient::new(Client::system(&phidia.endpoint).peer());
        let found = applications.list_applications(ListApplicationsRequest::default()).await.unwrap();
        found.into_inner().applications.len()
    };

    // An answer is on its way for so long that the line can drop under it.
    line.set(Weather::Slow(Duration::from_millis(1_500)));
    let (endpoint, folder) = (line.http(), spool.clone());
    let at_counter = tokio::task::spawn_blocking(move || {
        let counter = Counter { endpoint: &endpoint, spool: &folder };
        counter.accept("Đinh Thị Thử")
    });
    wait::until("the application is accepted", async || (accepted().await == 1).then_some(())).await;
    line.set(Weather::Reset);
    // Without codes it has none yet, as far as the counter knows.
    let kept = at_counter.await.unwrap();
    assert_eq!((&kept["state"], &kept["dossierCode"]), (&"waiting".into(), &"".into()));

    line.set(Weather::Fair);
    let endpoint = line.http();
    let counter = Counter { endpoint: &endpoint, spool: &spool };
    let report = counter.json(&["spool", "send"]);
    assert!(report["accepted"][0]["dossierCode"].as_str().unwrap().ends_with("-0001"), "{report}");
    assert!(counter.waiting().is_empty());
    assert_eq!(accepted().await, 1);
}

/// The day of an officer: a draft with a scan while the line is there, handed in when it is not, and one application when it is back; the
/// citizen is called by their number before, and the number is finished with what came of it.
#[tokio::test]
async fn a_draft_is_handed_in_without_a_line_and_becomes_one_application() {
    let Stage { phidia, folder } = Stage::set();
    let (endpoint, spool) = (phidia.endpoint.clone(), folder.path().join("spool"));
    let counter = Counter { endpoint: &endpoint, spool: &spool };
    let scan = folder.path().join("Tờ khai.pdf");
    std::fs::write(&scan, SCAN).unwrap();
    counter.json(&["counter", "open", "1"]);
    let taken = phidia.cli_json(&["ticket", "take", "--at", ALPHA, "--kind", "A"]);
    let called = counter.json(&["ticket", "next", "--counter", "1"]);
    assert_eq!(called["ticket"]["number"], taken["ticket"]["number"]);
    let ticket = called["ticket"]["ticketId"].as_str().unwrap().to_owned();
    counter.json(&["code", "reserve", "--at", ALPHA, "--count", "5"]);
    let paper = format!("1=original:{}", scan.to_str().unwrap());
    let begun = counter.json(&["draft", "new", "--procedure", ANYWHERE, "--at", ALPHA, "--document", &paper]);
    let draft = begun["draft"]["draftId"].as_str().unwrap().to_owned();
    counter.json(&["draft", "set", &draft, "--applicant", "Đinh Thị Thử"]);

    phidia.kill();
    // Of a revision that is none any more: somebody has to look, and the others do not wait for that.
    let stale = counter.json(&["draft", "submit", &draft, "--revision", "1"]);
    let kept = counter.json(&["draft", "submit", &draft]);
    let code = kept["dossierCode"].as_str().unwrap().to_owned();
    assert!(
        code.ends_with("-0002") && kept["state"] == "waiting" && kept["draftId"] == draft.as_str(),
        "{kept}"
    );
    // Once more by mistake: it is the same draft.
    let again = counter.json(&["draft", "submit", &draft]);
    assert!(again["dossierCode"].as_str().unwrap().ends_with("-0003"), "{again}");
    assert!(
        !counter.run(&["spool", "set", kept["id"].as_str().unwrap(), "--applicant", "X"]).status.success()
    );

    let phidia = Phidia::up(&folder.path().join("data"), &[]);
    let endpoint = phidia.endpoint.clone();
    let counter = Counter { endpoint: &endpoint, spool: &spool };
    let report = counter.json(&["spool", "send"]);
    assert_eq!(codes(report["accepted"].as_array().unwrap()), [code.as_str()]);
    assert_eq!(report["refused"][0]["reason"], "DRAFT_CHANGED", "{report}");
    assert_eq!(report["refused"][1]["reason"], "DRAFT_HANDED_IN", "{report}");
    for refused in [stale, again] {
        counter.json(&["spool", "discard", refused["id"].as_str().unwrap()]);
    }
    assert!(counter.waiting().is_empty());
    let application = report["accepted"][0]["applicationId"].as_str().unwrap();
    let listed = counter.json(&["attachment", "list", application]);
    assert_eq!(listed["attachments"][0]["fileName"], "Tờ khai.pdf");
    assert_eq!(Client::operator(&phidia.endpoint).balance().await.accepted, 1);
    let done = counter.json(&["ticket", "finish", &ticket, "--dossier", &code]);
    assert_eq!(done["ticket"]["state"], "TICKET_STATE_SERVED");
}

/// A scan is kept with its application, and goes before it when the line is back.
#[tokio::test]
async fn what_was_scanned_without_a_line_comes_with_its_application() {
    let Stage { phidia, folder } = Stage::set();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let asked = format!(
        "procedure,part,name_vi,name_en,originals,copies,required,condition_vi,condition_en,template,from_data,basis\n\
         {ANYWHERE},1,Tờ khai,Declaration,1,0,yes,,,,,decree\n"
    );
    std::fs::write(path("documents.csv"), asked).unwrap();
    let amended = phidia.cli(&["province", "amend", "--allow-uncovered", &path("documents.csv")]);
    assert!(amended.status.success(), "{}", said(&amended));
    std::fs::write(path("Tờ khai.pdf"), SCAN).unwrap();
    std::fs::write(path("hỏng.pdf"), "no scan at all").unwrap();

    let (endpoint, spool) = (phidia.endpoint.clone(), folder.path().join("spool"));
    let counter = Counter { endpoint: &endpoint, spool: &spool };
    counter.json(&["code", "reserve", "--at", ALPHA, "--count", "2"]);
    phidia.kill();
    for (name, file) in [("Đinh Thị Hỏng", "hỏng.pdf"), ("Đinh Thị Thử", "Tờ khai.pdf")] {
        let paper = format!("1=original:{}", path(file));
        let submit = ["application", "submit", "--procedure", ANYWHERE, "--at", ALPHA, "--applicant", name];
        assert_eq!(counter.json(&[&submit[..], &["--document", &paper]].concat())["state"], "waiting");
    }
    // They are in the spool now.
    std::fs::remove_file(path("Tờ khai.pdf")).unwrap();

    let phidia = Phidia::up(&folder.path().join("data"), &[]);
    let endpoint = phidia.endpoint.clone();
    let counter = Counter { endpoint: &endpoint, spool: &spool };
    let report = counter.json(&["spool", "send"]);
    assert_eq!(report["accepted"].as_array().unwrap().len(), 1, "{report}");
    assert_eq!(report["refused"][0]["reason"], "NOT_WHAT_IT_CLAIMS", "{report}");
    let application = report["accepted"][0]["applicationId"].as_str().unwrap();
    let listed = counter.json(&["attachment", "list", application]);
    let [attachment] = &listed["attachments"].as_array().unwrap()[..] else { panic!("{listed}") };
    assert_eq!(attachment["fileName"], "Tờ khai.pdf");
    let out = path("out.pdf");
    let id = attachment["attachmentId"].as_str().unwrap();
    assert!(counter.run(&["attachment", "download", id, "--out", &out]).status.success());
    assert_eq!(std::fs::read_to_string(out).unwrap(), SCAN);

    // Whoever holds the receipt of the other one is not sent home: it is mended, and keeps its code.
    let refused = counter.waiting().pop().unwrap();
    let code = refused["dossierCode"].as_str().unwrap();
    assert!(code.ends_with("-0001"), "{refused}");
    let elsewhere = counter.run(&["spool", "set", refused["id"].as_str().unwrap(), "--at", "BETA"]);
    assert!(!elsewhere.status.success() && said(&elsewhere).contains("CODE_OF_ANOTHER_UNIT"));
    std::fs::write(path("Tờ khai.pdf"), SCAN).unwrap();
    let paper = format!("1=original:{}", path("Tờ khai.pdf"));
    let mended = counter.json(&["spool", "set", refused["id"].as_str().unwrap(), "--document", &paper]);
    assert_eq!((&mended["state"], &mended["dossierCode"]), (&"waiting".into(), &code.into()));
    let report = counter.json(&["spool", "send"]);
    assert_eq!((codes(report["accepted"].as_array().unwrap()), &report["left"]), (vec![code], &0.into()));
    assert_eq!(Client::operator(&phidia.endpoint).balance().await.accepted, 2);
}
