//! What changes from day to day, and a change of the documents, by the command line alone.

use std::fs;

use harness::province::{ALPHA, ANYWHERE, BETA};
use jiff::{ToSpan as _, tz::TimeZone};
use phidia_runtime::clock::RealClock;

use crate::stage::Stage;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Today in Việt Nam, and as many days more: what is promised for the same day is due by then.
fn days_from_now(more: usize) -> Vec<String> {
    let today = TimeZone::get("Asia/Ho_Chi_Minh").unwrap().to_datetime(RealClock.now()).date();
    today.series(1.day()).take(more + 1).map(|day| day.to_string()).collect()
}

#[tokio::test]
async fn a_centre_closes_an_officer_is_ill_and_a_newcomer_comes() {
    let stage = Stage::set();
    let phidia = &stage.phidia;
    let goes_to = || {
        let preview = phidia.cli_json(&["route", "preview", "--procedure", ANYWHERE, "--at", ALPHA]);
        preview["decision"]["unitId"].as_str().unwrap().to_owned()
    };
    let id = |code| phidia.cli_json(&["unit", "show", code])["unitId"].as_str().unwrap().to_owned();
    harness::wait::until("the board", async || {
        phidia.cli(&["province", "units"]).status.success().then_some(())
    })
    .await;
    let (alpha, beta) = (id(ALPHA), id(BETA));
    assert_eq!(goes_to(), alpha);

    // The water stands in the hall; what is not named stays as it was.
    phidia.cli_json(&["unit", "set", ALPHA, "--most-open-items", "9", "--reason", "nhỏ"]);
    let closed = ["unit", "set", ALPHA, "--availability", "closed", "--reason", "nước lên"];
    let outcome = &phidia.cli_json(&closed)["outcome"];
    assert_eq!((&outcome["revision"], &outcome["changed"]), (&2.into(), &true.into()));
    assert_eq!(phidia.cli_json(&closed)["outcome"]["changed"], false);
    assert_eq!(goes_to(), beta);
    let standing = &phidia.cli_json(&["unit", "show", ALPHA])["standing"];
    assert_eq!(
        (&standing["availability"], &standing["mostOpenItems"]),
        (&"AVAILABILITY_CLOSED".into(), &9.into())
    );
    assert_eq!(
        phidia.cli_json(&["unit", "show", ALPHA, "--revision", "1"])["standing"]["availability"],
        "AVAILABILITY_OPEN"
    );
    let own = ["--as", "supervisor", "--my-unit", ALPHA];
    let open =
        ["unit", "set", ALPHA, "--availability", "open", "--most-open-items", "none", "--reason", "nước rút"];
    phidia.cli_json(&[&own[..], &open].concat());
    assert_eq!(goes_to(), alpha);

    // Her only officer is away, and comes back sooner.
    let absent =
        phidia.cli_json(&["officer", "absent", "A-1", "2026-01-01", "2035-12-31", "--reason", "nghỉ"]);
    assert_eq!(absent["outcome"]["changed"], true);
    assert_eq!(goes_to(), beta);
    phidia.cli_json(&["officer", "present", "A-1", "2026-01-01", "2035-12-31", "--reason", "về"]);
    assert_eq!(goes_to(), alpha);

    // She is there for one minute a day, then as ever.
    let days = days_from_now(2);
    for day in &days {
        let hours = ["officer", "hours", "A-1", day, "00:00-00:01", "--reason", "đi học"];
        assert_eq!(phidia.cli_json(&hours)["outcome"]["changed"], true);
    }
    assert_eq!(goes_to(), beta);
    let listed = &phidia.cli_json(&["officer", "list", "--unit", ALPHA])["officers"][0]["changedHours"];
    assert_eq!(listed.as_array().unwrap().len(), days.len());
    assert_eq!(listed[0]["hours"][0]["closes"], "00:01");
    for day in &days {
        phidia.cli_json(&["officer", "hours", "A-1", day, "--as-planned", "--reason", "học xong"]);
    }
    assert_eq!(goes_to(), alpha);

    phidia.cli_json(&[
        "unit",
        "hours",
        ALPHA,
        "2035-01-06",
        "07:30-11:30",
        "18:00-24:00",
        "--reason",
        "thứ bảy",
    ]);
    let hours = &phidia.cli_json(&["unit", "show", ALPHA])["changedHours"][0];
    assert_eq!((&hours["day"], &hours["hours"][1]["closes"]), (&"2035-01-06".into(), &"24:00".into()));
    phidia.cli_json(&["unit", "hours", ALPHA, "2035-01-06", "--closed", "--reason", "lễ"]);
    phidia.cli_json(&["unit", "hours", ALPHA, "2035-01-06", "--as-planned", "--reason", "nhầm"]);
    assert_eq!(phidia.cli_json(&["unit", "history", ALPHA])["changes"].as_array().unwrap().len(), 14);
    assert_eq!(phidia.cli_json(&["officer", "history", "A-1"])["changes"].as_array().unwrap().len(), 8);

    // A newcomer is a fact of the documents.
    let rows = |name: &str, content: &str| {
        let path = stage.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let newcomer = rows("officers.csv", "code,unit,name\nA-2,90001,An Hai\n");
    let masters = rows("competencies.csv", "officer,field,level\nA-2,Chứng thực,3\n");
    let amended =
        phidia.cli_json(&["province", "amend", &newcomer, &masters, "--expect", "1", "--allow-uncovered"]);
    assert_eq!((&amended["changed"], &amended["province"]["version"]), (&true.into(), &2.into()));
    assert_eq!(phidia.cli_json(&["province", "amend", &newcomer, "--allow-uncovered"])["changed"], false);
    let listed = || {
        let officers =
            phidia.cli_json(&["officer", "list", "--unit", ALPHA, "--field", "Chứng thực", "--level", "3"]);
        officers["officers"].as_array().unwrap().len()
    };
    harness::wait::until("the newcomer", async || (listed() == 2).then_some(())).await;
    let gone = rows("competencies.csv", "officer,field\nA-2,Chứng thực\n");
    assert_eq!(
        phidia.cli_json(&["province", "amend", "--remove", &gone, "--allow-uncovered"])["changed"],
        true
    );

    for arguments in [
        &["unit", "show", ALPHA][..],
        &["unit", "history"],
        &["officer", "list"],
        &["officer", "history", "A-1"],
        &["province", "units"],
        &["province", "amend", "--check", &newcomer, "--allow-uncovered"],
        &closed,
        &["officer", "absent", "A-1", "2035-01-08", "--reason", "nghỉ"],
        &["officer", "hours", "A-1", "2035-01-09", "07:30-11:30", "13:30-15:00", "--reason", "con nhỏ"],
        &["officer", "absent", "A-1", "2035-01-10", "--compensatory", "--reason", "nghỉ bù"],
        &["officer", "overtime", "--staff", "A-1", "--period", "2035-01"],
    ] {
        for language in ["vi", "en"] {
            let output = phidia.cli(&[&["--lang", language], arguments].concat());
            assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
            assert!(!output.stdout.is_empty(), "{arguments:?} says nothing");
        }
    }
    for (arguments, reason) in [
        (&["unit", "show", "9"][..], "UNKNOWN_UNIT"),
        (&["officer", "absent", "Z-9", "2026-12-01", "--reason", "nghỉ"], "UNKNOWN_STAFF_CODE"),
        (&["officer", "hours", "Z-9", "2035-01-06", "07:30-11:30", "--reason", "x"], "UNKNOWN_STAFF_CODE"),
        (&["officer", "hours", "A-1", "2035-01-06", "11:30-07:30", "--reason", "x"], "HOURS_INVALID"),
        (&["officer", "overtime", "--staff", "Z-9"], "UNKNOWN_STAFF_CODE"),
        (&["officer", "overtime", "--period", "Q1"], "MALFORMED_PERIOD"),
        (&["unit", "hours", ALPHA, "2035-01-06", "11:30-07:30", "--reason", "x"], "HOURS_INVALID"),
        (&["unit", "hours", ALPHA, "2035-01-06", "11:30", "--reason", "x"], "MALFORMED_TIME"),
        (&["unit", "hours", ALPHA, "6/1/2035", "--closed", "--reason", "x"], "MALFORMED_DATE"),
        (&["province", "amend", &newcomer, "--expect", "1", "--allow-uncovered"], "VERSION_MOVED_ON"),
        (
            &[
                "--as",
                "supervisor",
                "--my-unit",
                BETA,
                "unit",
                "set",
                ALPHA,
                "--reason",
                "x",
                "--availability",
                "closed",
            ],
            "OTHER_UNIT",
        ),
    ] {
        for language in ["vi", "en"] {
            let output = phidia.cli(&[&["--lang", language], arguments].concat());
            assert!(!output.status.success(), "{arguments:?}");
            assert!(text(&output.stderr).contains(reason), "{arguments:?}: {}", text(&output.stderr));
        }
    }
}
