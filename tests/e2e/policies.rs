//! A policy from the file to the decision, on the command line.

use std::{fs, path::Path};

use harness::{
    process::{self, Phidia},
    province::{ALPHA, ANYWHERE},
    workspace,
};

use crate::stage::Stage;

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What would decide now.
fn decides(phidia: &Phidia) -> String {
    let preview = phidia.cli_json(&["route", "preview", "--procedure", ANYWHERE, "--at", ALPHA]);
    preview["decision"]["policy"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_policy_is_checked_published_compared_and_decided_by() {
    let stage = Stage::set();
    let phidia = &stage.phidia;
    let shipped = workspace::root().join("deploy/policy/boundary-free.toml");
    let mine = stage.folder.path().join("mine.toml");
    let dials = fs::read_to_string(&shipped).unwrap();
    let swift = dials
        .replace("name = \"boundary-free\"", "name = \"swift\"")
        .replace("gate_share = 0.4", "gate_share = 0.25");
    fs::write(&mine, &swift).unwrap();

    // The tiny province has a procedure that nobody can do: that is told, and has to be allowed.
    let check = phidia.cli(&["policy", "check", path(&mine)]);
    assert_eq!(check.status.code(), Some(8), "{}", text(&check.stderr));
    assert!(text(&check.stdout).contains("9.000003") && text(&check.stdout).starts_with("swift: "));
    let strict = phidia.cli(&["policy", "publish", path(&mine), "--reason", "faster"]);
    assert!(text(&strict.stderr).starts_with("error NOT_COVERED: "), "{}", text(&strict.stderr));
    assert_eq!(decides(phidia), "boundary-free@1");
    let publish = ["policy", "publish", path(&mine), "--reason", "faster", "--allow-uncovered"];
    assert_eq!(phidia.cli_json(&publish)["policy"]["version"], 2);
    harness::wait::until("the policy", async || (decides(phidia) == "swift@2").then_some(())).await;

    let diff = phidia.cli_json(&["policy", "diff", "1", path(&mine)]);
    let changed: Vec<_> = diff["changes"].as_array().unwrap().iter().map(|change| &change["dial"]).collect();
    assert_eq!(changed, ["gate_share", "name"]);
    assert_eq!(phidia.cli_json(&["policy", "list"])["policies"].as_array().unwrap().len(), 2);
    // As it was published, with every comment.
    assert!(text(&phidia.cli(&["policy", "show"]).stdout).ends_with(&swift));

    for language in ["vi", "en"] {
        for verb in [&["show"][..], &["show", "1"], &["list"], &["diff", "1", "2"], &["check"]] {
            let output = phidia.cli(&[&["--lang", language, "policy"], verb].concat());
            assert!(
                !output.stdout.is_empty() && output.stderr.is_empty(),
                "{verb:?}: {}",
                text(&output.stderr)
            );
        }
    }
}

#[tokio::test]
async fn a_wrong_policy_is_told_by_line_and_the_running_one_stays() {
    let stage = Stage::set();
    let file = stage.folder.path().join("wrong.toml");
    fs::write(&file, "name = \"x\"\nhome_only = true\nleast_gain_minutes = 60.0\nfoo = 1\n").unwrap();
    let output = stage.phidia.cli(&["policy", "publish", path(&file), "--reason", "a try"]);
    let told = text(&output.stderr);
    assert!(told.starts_with("error MALFORMED_POLICY: ") && told.contains("wrong.toml"), "{told}");
    let idle = "document:3:22: expected nothing, so leave it out: it never applies, because home_only";
    assert!(told.contains(idle), "{told}");
    assert!(told.contains("document:4:1: expected one of"), "{told}");
    assert!(told.contains("expected the key tie_share"), "{told}");
    assert_eq!(decides(&stage.phidia), "boundary-free@1");
}

#[test]
fn a_province_is_checked_without_a_server() {
    let province = workspace::root().join("deploy/province/ninh-binh");
    let policy = workspace::root().join("deploy/policy/home-only.toml");
    let check = ["policy", "check", path(&policy), "--province", path(&province), "--from", "2026-10-13"];
    let output = process::cli("http://127.0.0.1:1", &check);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let told = text(&output.stdout);
    assert!(told.starts_with("home-only: 2026-10-13 – 2027-10-13, "), "{told}");
    assert!(told.contains("Somebody may take every step."), "{told}");
    assert!(told.contains("13870 is closed, from 2026-11-27"), "{told}");
}
