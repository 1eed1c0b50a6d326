//! What was done in the quarter is what `phidia report` says of it, in words, in CSV and in JSON, down to the cases.

use harness::{
    client::{Client, application},
    province::{ALPHA, GAMMA, SIGNED_AT_HOME},
    wait,
};
use phidia_proto::{intake::v1::Receipt, types::v1::ApplicationStatus};
use serde_json::Value;

use crate::stage::Stage;

impl Stage {
    fn told(&self, arguments: &[&str]) -> Result<String, String> {
        let output = self.phidia.cli(arguments);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }
}

fn number(of: &Value, name: &str) -> u64 {
    of[name].as_u64().unwrap_or_else(|| panic!("no {name} in {of}"))
}

#[tokio::test]
async fn a_report_says_what_was_done() {
    let stage = Stage::set();
    let citizen = Client::system(stage.endpoint());
    let alpha = Client::officer(stage.endpoint(), ALPHA, "A-1");
    let submit = async |key: &str| citizen.submit(application(key, SIGNED_AT_HOME)).await.unwrap();
    // One granted, one withdrawn, one in hand, and one that Gamma received and nobody there can examine.
    let granted = submit("granted").await;
    alpha.works(&granted, 1).await;
    alpha.works(&granted, 2).await;
    let withdrawn = submit("withdrawn").await;
    stage.told(&["application", "withdraw", &withdrawn.dossier_code, &withdrawn.check_code]).unwrap();
    citizen.tracked_as(&withdrawn, ApplicationStatus::Withdrawn).await;
    let held = submit("held").await;
    alpha.claim(&alpha.finds(&held, 1).await).await.unwrap();
    let mut away = application("away", SIGNED_AT_HOME);
    GAMMA.clone_into(&mut away.received_at_code);
    away.digitised = true;
    citizen.submit(away).await.unwrap();
    wait::until("somebody has what Gamma received", async || {
        let answer = stage.phidia.cli_json(&["report", "matrix", "--at", GAMMA]);
        let cells = answer["cells"].as_array()?;
        cells.iter().any(|cell| cell["workedAtUnitCode"] != "-").then_some(())
    })
    .await;

    // Whoever was granted it is content; who has it in hand still cannot say.
    let rated = |receipt: &Receipt, rating: &str, comment: &str| {
        let codes = [receipt.dossier_code.as_str(), receipt.check_code.as_str()];
        let said = ["--rating", rating, "--comment", comment];
        stage.told(&[&["--lang", "en", "application", "rate"], &codes[..], &said].concat())
    };
    assert!(rated(&granted, "satisfied", "Nhanh lắm").unwrap().starts_with("Your rating was received"));
    assert!(rated(&held, "satisfied", "").unwrap_err().contains("once it has ended"));
    let read = stage.told(&["--my-unit", ALPHA, "--officer", "A-1", "application", "ratings"]).unwrap();
    assert!(read.contains("Nhanh lắm"), "{read}");
    wait::until("it is counted", async || {
        (number(&stage.phidia.cli_json(&["report"])["total"], "rated") == 1).then_some(())
    })
    .await;

    let report = stage.phidia.cli_json(&["report", "--by", "received"]);
    let total = &report["total"];
    for (name, count) in [
        ("received", 4),
        ("finished", 2),
        ("granted", 1),
        ("withdrawn", 1),
        ("running", 2),
        ("receivedDirect", 4),
        ("receivedUnstated", 0),
        ("receivedDigitised", 1),
        ("receivedUndigitised", 3),
        ("satisfied", 1),
        ("dissatisfied", 0),
    ] {
        assert_eq!(number(total, name), count, "{name}");
    }
    let groups = report["groups"].as_array().unwrap();
    let received: Vec<_> = groups
        .iter()
        .map(|group| (group["code"].as_str().unwrap(), number(&group["figures"], "received")))
        .collect();
    assert_eq!(received, [(ALPHA, 3), (GAMMA, 1)]);

    // The same in words, in both languages, and for everybody as CSV.
    let words = stage.told(&["--lang", "en", "report"]).unwrap();
    assert!(words.contains("4 received; 2 settled; 2 on time or early = 100.00 %"), "{words}");
    let words = stage.told(&["--lang", "vi", "report", "--by", "procedure"]).unwrap();
    assert!(words.contains("Tiếp nhận 4 hồ sơ; đã giải quyết 2; trước và đúng hạn 2 = 100,00 %"), "{words}");
    assert!(words.contains("Đăng ký khai sinh"), "{words}");
    let csv = stage.told(&["report", "--by", "received", "--csv"]).unwrap();
    let lines: Vec<_> = csv.lines().collect();
    assert!(lines[0].starts_with("from,to,by,code,name_vi,name_en,received,carried_over,finished,"), "{csv}");
    assert!(lines[1].contains(",received_at,90001,Trung tâm An,Alpha Centre,3,0,2,"), "{csv}");
    assert_eq!(lines.len(), 3);

    // Officers are nobody's business but the office's.
    let officers = stage.told(&["--lang", "en", "report", "--by", "officer"]).unwrap();
    assert!(officers.contains("A-1"), "{officers}");
    for open in ["--csv", "--json"] {
        let refused = stage.told(&["--lang", "en", "report", "--by", "officer", open]).unwrap_err();
        assert!(refused.contains("no figures of single officers"), "{refused}");
    }

    // Behind each figure are its cases.
    let cases = stage.phidia.cli_json(&["report", "cases", "granted", "--at", ALPHA]);
    let [case] = &cases["cases"].as_array().unwrap()[..] else { panic!("{cases}") };
    assert_eq!(case["dossierCode"], granted.dossier_code.as_str());
    assert!(!cases.to_string().contains("Đinh Thị Thử"));
    let first = stage.phidia.cli_json(&["report", "cases", "--limit", "3"]);
    let token = first["nextPageToken"].as_str().unwrap();
    let second = stage.phidia.cli_json(&["report", "cases", "--limit", "3", "--after", token]);
    assert_eq!(second["cases"].as_array().unwrap().len(), 1);

    // What Gamma gave away, others took in.
    let matrix = stage.phidia.cli_json(&["report", "matrix"]);
    let totals = matrix["totals"].as_array().unwrap();
    let sum = |name| totals.iter().map(|unit| number(unit, name)).sum::<u64>();
    assert_eq!((sum("received"), sum("out")), (4, sum("in")));
    let gamma = totals.iter().find(|unit| unit["unitCode"] == GAMMA).unwrap();
    assert_eq!((number(gamma, "out"), number(gamma, "kept")), (1, 0));
    let csv = stage.told(&["report", "matrix", "--csv"]).unwrap();
    assert!(csv.starts_with("from,to,received_at,worked_at,cases,finished,running\n"), "{csv}");

    // What can be measured is ranked; what cannot is named, and not guessed.
    let index = stage.told(&["--lang", "en", "report", "index"]).unwrap();
    assert!(index.contains("2.1 on time: 100.00 % of 4 cases = 20.00/20 points"), "{index}");
    assert!(index.contains("3.3 online: 0.00 % of 4 cases of which the channel is known"), "{index}");
    assert!(index.contains("4.2 digitised: 25.00 % of 4 cases"), "{index}");
    assert!(index.contains("= 31.25 % of the way to full marks"), "{index}");
    assert!(index.contains("5.4 satisfaction: 100.00 %"), "{index}");
    assert!(index.contains("Digitisation") && index.contains("are not recorded"), "{index}");

    // Of the tiny catalogue, four procedures are in force, and all of them online.
    let online = stage.phidia.cli_json(&["report", "online"]);
    assert_eq!((number(&online["total"], "procedures"), number(&online["total"], "full")), (4, 4));

    // Gamma sees its own.
    let own = stage.phidia.cli_json(&["--my-unit", GAMMA, "report"]);
    assert_eq!(number(&own["total"], "received"), 1);
    let refused = stage.told(&["--lang", "vi", "report", "--period", "quý tư"]).unwrap_err();
    assert!(refused.contains("kỳ báo cáo phải có dạng"), "{refused}");
    let before = stage.phidia.cli_json(&["report", "--quarter", "2026-Q1"]);
    assert_eq!(number(&before["total"], "received"), 0);
}
