//! A day in the hall of a centre by the command line, and what its equipment has to do with it.

use std::io::{BufRead as _, BufReader};

use harness::province::{ALPHA, BETA, SIGNED_AT_HOME};
use jiff::tz::TimeZone;
use phidia_runtime::clock::RealClock;
use serde_json::Value;

use crate::stage::Stage;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn id(answer: &Value) -> String {
    answer["ticket"]["ticketId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_ticket_is_taken_called_recalled_sent_on_and_finished_while_the_board_shows_it() {
    let stage = Stage::set();
    let phidia = &stage.phidia;
    // Whoever stands before the screen sees numbers, and is nobody in particular.
    let mut screen = std::process::Command::new(harness::process::binary())
        .args(["--endpoint", &phidia.endpoint, "--lang", "en", "ticket", "board", "--at", BETA])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut shown = BufReader::new(screen.stdout.take().unwrap()).lines();

    let drawn = |kind: &str, more: &[&str]| {
        phidia.cli_json(&[&["ticket", "take", "--at", BETA, "--kind", kind], more].concat())
    };
    let first = drawn("A", &["--key", "k1"]);
    assert_eq!((&first["ticket"]["number"], &first["peopleAhead"]), (&"A001".into(), &0.into()));
    assert_eq!(drawn("A", &["--key", "k1"])["ticket"]["ticketId"], first["ticket"]["ticketId"]);
    let own = drawn("A", &[]);
    let elderly = drawn("A", &["--priority", "elderly"]);
    assert_eq!((&own["peopleAhead"], &elderly["peopleAhead"]), (&1.into(), &0.into()));

    let officer = |code: &'static str, words: &[&str]| {
        phidia.cli(&[&["--lang", "en", "--my-unit", BETA, "--officer", code][..], words].concat())
    };
    let json = |code: &'static str, words: &[&str]| {
        phidia.cli_json(&[&["--my-unit", BETA, "--officer", code][..], words].concat())
    };
    json("B-1", &["counter", "open", "1"]);
    let waits = phidia.cli(&["--lang", "en", "ticket", "show", &id(&own)]);
    assert!(text(&waits.stdout).contains("12 min"), "two before, six minutes each: {}", text(&waits.stdout));
    let called = json("B-1", &["ticket", "next", "--counter", "1"]);
    assert_eq!(called["ticket"]["number"], "A003");
    assert_eq!(called["spoken"]["vi"], "Mời số A không không ba đến quầy số một");
    let ticket = id(&called);
    assert!(officer("B-1", &["ticket", "recall", &ticket]).status.success());
    json("B-1", &["ticket", "start", &ticket]);
    json("B-1", &["ticket", "transfer", &ticket, "--kind", "B"]);
    let refused = officer("B-1", &["ticket", "finish", &ticket]);
    assert!(text(&refused.stderr).starts_with("error TICKET_NOT_READY: "), "{}", text(&refused.stderr));
    json("B-2", &["counter", "open", "2"]);
    assert_eq!(json("B-2", &["ticket", "next", "--counter", "2"])["ticket"]["ticketId"], ticket.as_str());
    let done = json("B-2", &["ticket", "finish", &ticket, "--dossier", "T99.90002-261130-0001"]);
    assert_eq!(done["ticket"]["state"], "TICKET_STATE_SERVED");
    let told: Vec<_> = shown.by_ref().take(3).map(Result::unwrap).collect();
    assert_eq!(told, ["A003 → 1", "A003 → 1 (again)", "A003 → 2"]);
    screen.kill().unwrap();
    screen.wait().unwrap();

    assert_eq!(json("B-1", &["ticket", "next", "--counter", "1"])["ticket"]["number"], "A001");
    assert_eq!(json("B-1", &["ticket", "skip", &id(&first)])["ticket"]["state"], "TICKET_STATE_WAITING");
    assert_eq!(
        json("B-1", &["ticket", "cancel", &id(&own)])["ticket"]["state"],
        "TICKET_STATE_CANCELLED",
        "the centre gives it back for them"
    );
    let today = TimeZone::get("Asia/Ho_Chi_Minh").unwrap().to_datetime(RealClock.now()).date().to_string();
    let figures = phidia.cli_json(&["ticket", "stats"]);
    assert_eq!(figures, phidia.cli_json(&["ticket", "stats", "--from", &today, "--to", &today]));
    let all = figures["figures"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&all["taken"], &all["served"], &all["cancelled"], &all["prioritised"]),
        (&3.into(), &1.into(), &1.into(), &1.into())
    );
    let told = text(&phidia.cli(&["--lang", "en", "ticket", "stats", "--from", &today]).stdout);
    assert!(told.contains("all"), "{told}");

    // One PC in the register, which works: no second counter.
    let supervisor = ["--as", "supervisor", "--my-unit", BETA];
    let pc = phidia.cli_json(&[&supervisor[..], &["equipment", "add", "TS-1", "--kind", "pc"]].concat());
    json("B-2", &["counter", "close", "2"]);
    let refused = officer("B-2", &["counter", "open", "2"]);
    assert!(text(&refused.stderr).starts_with("error NO_WORKPLACE: "), "{}", text(&refused.stderr));
    // Routing is told of it.
    let most = || phidia.cli_json(&["unit", "show", BETA])["workplaces"].clone();
    harness::wait::until("routing has it", async || (most() == 1).then_some(())).await;
    let equipment = pc["equipment"]["equipmentId"].as_str().unwrap();
    let retired = ["equipment", "set", equipment, "--state", "retired", "--note", "hỏng main"];
    phidia.cli_json(&[&supervisor[..], &retired].concat());
    harness::wait::until("nothing limits it", async || most().is_null().then_some(())).await;
    let history = phidia.cli_json(&["unit", "history", BETA]);
    assert_eq!(history["changes"][0]["actor"], "service/intake");
    json("B-2", &["counter", "open", "2"]);
    let kept =
        phidia.cli(&[&["--lang", "en"][..], &supervisor, &["equipment", "history", equipment]].concat());
    assert!(text(&kept.stdout).contains("hỏng main"), "{}", text(&kept.stdout));
    // By hand, too.
    let by_hand = ["unit", "set", ALPHA, "--workplaces", "1", "--reason", "mất điện"];
    assert_eq!(phidia.cli_json(&by_hand)["outcome"]["changed"], true);
    assert_eq!(phidia.cli_json(&["unit", "show", ALPHA])["workplaces"], 1);
}

#[tokio::test]
async fn a_pc_that_breaks_changes_where_work_goes() {
    let stage = Stage::set();
    let phidia = &stage.phidia;
    let supervisor = ["--as", "supervisor", "--my-unit", BETA];
    let registered = |number: usize| {
        let add = ["equipment", "add", &format!("TS-{number}"), "--kind", "pc"];
        let answer = phidia.cli_json(&[&supervisor[..], &add].concat());
        answer["equipment"]["equipmentId"].as_str().unwrap().to_owned()
    };
    // Four officers, and a PC for each.
    let pcs: Vec<_> = (1..=4).map(registered).collect();
    let routing_knows = async |most: u32| {
        let knows = async || (phidia.cli_json(&["unit", "show", BETA])["workplaces"] == most).then_some(());
        harness::wait::until("routing is told", knows).await;
    };
    routing_knows(4).await;
    let residence = format!("residence={BETA}");
    let asked = ["--procedure", SIGNED_AT_HOME, "--at", BETA, "--place", &residence];
    let goes_to = || {
        let preview = phidia.cli_json(&[&["route", "preview"], &asked[..]].concat());
        preview["decision"]["unitName"]["en"].as_str().unwrap().to_owned()
    };
    let hands_in = |key: &str| {
        let whose = ["--applicant", "Đinh Thị Thử", "--key", key];
        phidia.cli_json(&[&["application", "submit"], &asked[..], &whose].concat());
    };
    // Where the work lies that was handed in; none: not all of it is decided.
    let lies_at = |count: usize| {
        let listed = phidia.cli_json(&["route", "list"]);
        let units = listed["records"].as_array().unwrap().iter();
        let units: Vec<_> =
            units.filter_map(|of| of["decision"]["unitName"]["en"].as_str()).map(str::to_owned).collect();
        (units.len() == count).then_some(units)
    };
    for key in ["one", "two", "three"] {
        hands_in(key);
    }
    let units = harness::wait::until("all are decided", async || lies_at(3)).await;
    assert_eq!(units, ["Beta Centre"; 3]);
    assert_eq!(goes_to(), "Beta Centre", "four of them are soon through with three");

    // Three PCs break: one officer at a time.
    for pc in &pcs[1..] {
        let broken = ["equipment", "set", pc, "--state", "broken", "--note", "sét đánh"];
        phidia.cli_json(&[&supervisor[..], &broken].concat());
    }
    routing_knows(1).await;
    assert_eq!(goes_to(), "Alpha Centre");
    hands_in("four");
    let units = harness::wait::until("the fourth is decided", async || lies_at(4)).await;
    assert_eq!(units.last().unwrap(), "Alpha Centre");

    for pc in &pcs[1..] {
        phidia.cli_json(&[&supervisor[..], &["equipment", "set", pc, "--state", "working"]].concat());
    }
    routing_knows(4).await;
    assert_eq!(goes_to(), "Beta Centre");
}
