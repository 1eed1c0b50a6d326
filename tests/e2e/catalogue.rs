//! The catalogue on the command line: found by everyday words, refused where a form is broken, compared and resolved, made up in full size.

use std::fs;

use harness::process::{self, Phidia};
use serde_json::json;

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn first(phidia: &Phidia, query: &str) -> String {
    let found = phidia.cli_json(&["catalogue", "search", query]);
    found["procedures"][0]["code"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn the_catalogue_of_the_bundled_province() {
    let folder = tempfile::tempdir().unwrap();
    let phidia = Phidia::up(&folder.path().join("data"), &[]);
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();

    for query in ["khai sinh", "khai sanh", "giay khai sinh", "birth"] {
        assert_eq!(first(&phidia, query), "1.001193", "{query}");
    }
    let shown = phidia.cli_json(&["catalogue", "show", "1.001193"]);
    assert_eq!(
        (shown["formName"].as_str(), shown["documents"].as_array().map(Vec::len)),
        (Some("birth"), Some(5))
    );
    let figures = phidia.cli_json(&["catalogue", "check"])["figures"].clone();
    let online = figures.as_array().unwrap().iter().find(|one| one["code"] == "online").unwrap().clone();
    assert_eq!((online["count"].as_u64(), online["sharePercent"].as_str()), (Some(1_966), Some("90.3")));
    assert!(online["base"]["en"].as_str().unwrap().starts_with("not stated"));

    // A form that is broken is refused with its place, in the language of the user.
    let broken = path("form_birth.json");
    fs::write(&broken, "{\n  \"type\": \"object\",\n  \"properties\": {\"a\": {\"type\": \"dream\"}}\n}\n")
        .unwrap();
    let refused = phidia.cli(&["--lang", "vi", "catalogue", "import", &broken]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(text(&refused.stderr).contains("form_birth.json:3:32"), "{}", text(&refused.stderr));

    // What is published comes back as it went.
    let exported = path("open");
    assert!(phidia.cli(&["catalogue", "export", &exported]).status.success());
    let document = folder.path().join("open/catalogue.json");
    let again =
        phidia.cli_json(&["catalogue", "import", "--layout", "json", "--check", document.to_str().unwrap()]);
    assert_eq!(again["changed"], json!(false));

    // The national database says another name: found, resolved, and still so.
    let national = path("national.json");
    let entry = json!([{"code": "1.001193", "name": "Khai sinh", "submissionMethods": [
        {"submissionMethod": "ONLINE", "processingTime": 1, "processingTimeUnit": "OTHER"}]}]);
    fs::write(&national, entry.to_string()).unwrap();
    phidia.cli_json(&["catalogue", "compare", &national]);
    let resolve = ["catalogue", "resolve", "1.001193", "name_vi", "ours", "--reason", "theo QĐ 163/QĐ-BTP"];
    assert_eq!(phidia.cli_json(&resolve)["difference"]["resolution"], "ours");
    let second = phidia.cli_json(&["catalogue", "compare", &national]);
    assert_eq!((&second["stillResolved"], &second["found"]), (&json!(1), &json!(0)));
    let resolved = phidia.cli_json(&["catalogue", "differences", "--state", "resolved"]);
    assert_eq!(resolved["differences"].as_array().unwrap().len(), 1);

    for language in ["vi", "en"] {
        for verb in [
            &["search", "khai sinh"][..],
            &["show", "1.001193"],
            &["check"],
            &["diff", "--from-day", "2027-02-28", "--to-day", "2027-03-01"],
            &["differences"],
        ] {
            let output = phidia.cli(&[&["--lang", language, "catalogue"], verb].concat());
            assert!(
                output.status.success() && output.stdout.len() > 50,
                "{verb:?}: {}",
                text(&output.stderr)
            );
        }
    }
}

#[test]
fn a_catalogue_of_full_size_is_made_up_without_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("made");
    let generate = ["catalogue", "generate", made.to_str().unwrap(), "--seed", "7"];
    let output = process::cli("http://127.0.0.1:1", &generate);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let procedures = fs::read_to_string(made.join("procedures.csv")).unwrap();
    assert_eq!(procedures.lines().count(), 1 + 2_032);
    assert!(procedures.lines().skip(1).all(|row| row.contains("synthetic (seed 7)")));
}
