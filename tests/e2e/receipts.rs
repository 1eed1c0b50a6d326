//! What a citizen has in hand: a receipt that they check without anybody's help, the tree of its day, an application that they watch, and
//! messages that go where they are reached.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use harness::{
    client::{Client, application},
    process::{Phidia, binary},
    province::{self, ALPHA, SIGNED_AT_HOME},
    wait,
};
use jiff::Timestamp;
use phidia_proto::intake::v1::Receipt;
use tempfile::TempDir;

use crate::stage::Stage;

/// A house whose business time stands until it is moved.
struct House {
    phidia: Phidia,
    clock: PathBuf,
    folder: TempDir,
}

impl House {
    fn set() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, config) = (folder.path().join("clock.json"), folder.path().join("phidia.toml"));
        stand_at(&clock, "2026-11-23T02:00:00Z");
        fs::write(&config, format!("[rehearsal]\nclock = {clock:?}\n")).unwrap();
        province::write(&folder.path().join("province"), &province::files());
        let phidia =
            Phidia::up(&folder.path().join("data"), &["--empty", "--config", config.to_str().unwrap()]);
        let house = Self { phidia, clock, folder };
        let files = house.folder.path().join("province");
        let imported =
            house.phidia.cli(&["province", "import", files.to_str().unwrap(), "--allow-uncovered"]);
        assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
        house
    }

    fn says(&self, arguments: &[&str]) -> Result<String, String> {
        said(self.phidia.cli(&[&["--lang", "en"], arguments].concat()))
    }

    fn save(&self, receipt: &Receipt, name: &str) -> (PathBuf, String) {
        let path = self.folder.path().join(name);
        let arguments = ["receipt", "save", &receipt.dossier_code, &receipt.check_code, "-o"];
        let told = self.says(&[&arguments[..], &[path.to_str().unwrap()]].concat()).unwrap();
        (path, told)
    }
}

fn stand_at(clock: &Path, at: &str) {
    let at: Timestamp = at.parse().unwrap();
    let beside = clock.with_extension("new");
    fs::write(&beside, format!(r#"{{"anchor":"{at}","offset":"0s","rate":0}}"#)).unwrap();
    fs::rename(beside, clock).unwrap();
}

fn said(output: Output) -> Result<String, String> {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

/// Where nobody answers: whoever is content there needs no connection.
fn verify(arguments: &[&str]) -> Result<String, String> {
    let away = ["--endpoint", "http://127.0.0.1:1", "--lang", "en", "receipt", "verify"];
    said(Command::new(binary()).args(away).args(arguments).output().unwrap())
}

// Its client has to hear that the house goes while we wait for that.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(debug_assertions), ignore = "phidia needs the feature rehearsal")]
async fn a_receipt_is_checked_without_a_connection_and_no_byte_of_it_can_be_changed() {
    let house = House::set();
    let citizen = Client::system(&house.phidia.endpoint);
    let receipt = citizen.submit(application("mine", SIGNED_AT_HOME)).await.unwrap();
    citizen.submit(application("another", SIGNED_AT_HOME)).await.unwrap();
    let keys = house.phidia.cli_json(&["receipt", "keys"]);
    let key = keys["keys"][0]["publicKey"].as_str().unwrap().to_owned();
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &fs::metadata(house.folder.path().join("data/receipt.key")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);

    let (early, told) = house.save(&receipt, "early.json");
    assert!(told.contains("not closed yet") && told.contains("24/11/2026 00:05"), "{told}");
    let at_once = verify(&[early.to_str().unwrap(), "--key", &key]).unwrap();
    assert!(at_once.contains("signed by the published key") && !at_once.contains("in the tree"), "{at_once}");

    stand_at(&house.clock, "2026-11-23T17:05:00Z");
    let root = wait::until("the day is closed", async || {
        let days = house.phidia.cli_json(&["receipt", "days"]);
        Some(days["roots"].as_array()?.first()?["root"].as_str()?.to_owned())
    })
    .await;
    let (file, told) = house.save(&receipt, "receipt.json");
    assert!(told.contains("with the proof"), "{told}");
    let sums = house.says(&["receipt", "conservation", "--day", "2026-11-23"]).unwrap();
    assert!(sums.contains(ALPHA) && sums.contains('='), "{sums}");

    // The house is gone.
    let House { phidia, folder, .. } = house;
    assert!(phidia.terminate().success());
    let path = file.to_str().unwrap();
    let whole = verify(&[path, "--key", &key, "--root", &root]).unwrap();
    assert!(whole.contains(&receipt.dossier_code), "{whole}");
    assert!(whole.contains("in the tree of 23/11/2026 with 1 others, under the published root"), "{whole}");
    let unpinned = verify(&[path]).unwrap();
    assert!(unpinned.contains("anybody might have made"), "{unpinned}");
    let by_code = verify(&["--text", &receipt.signed, "--key", &key]).unwrap();
    assert!(by_code.contains(&receipt.dossier_code), "{by_code}");

    // Another key, another root, a text without a key, a changed byte here and there.
    let other = format!("A{}", &key[1..]);
    for (arguments, reason) in [
        (vec![path, "--key", if other == key { &root } else { &other }], "UNKNOWN_KEY"),
        (vec![path, "--root", &key], "ROOT_NOT_PINNED"),
        (vec!["--text", &receipt.signed], "KEY_REQUIRED"),
        (vec![path, "--key", "x"], "MALFORMED_PIN"),
    ] {
        let refused = verify(&arguments).unwrap_err();
        assert!(refused.contains(reason), "{refused}");
    }
    let text = fs::read(&file).unwrap();
    let changed = folder.path().join("changed.json");
    for place in (0..text.len()).step_by(text.len() / 20) {
        let mut bytes = text.clone();
        bytes[place] ^= 1;
        fs::write(&changed, bytes).unwrap();
        let refused = verify(&[changed.to_str().unwrap(), "--key", &key]);
        assert!(refused.is_err(), "byte {place}: {refused:?}");
    }
}

#[tokio::test]
async fn whoever_watches_sees_it_end_and_reads_what_has_happened_in_sentences() {
    let stage = Stage::set();
    let citizen = Client::system(stage.endpoint());
    let receipt = citizen.submit(application("watched", SIGNED_AT_HOME)).await.unwrap();
    let mut watching = Command::new(binary())
        .args(["--endpoint", stage.endpoint(), "--lang", "en", "application", "watch"])
        .args([&receipt.dossier_code, &receipt.check_code])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let alpha = Client::officer(stage.endpoint(), ALPHA, "A-1");
    alpha.works(&receipt, 1).await;
    alpha.works(&receipt, 2).await;
    let lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    let lines: Vec<_> = lines.map(Result::unwrap).collect();
    assert!(watching.wait().unwrap().success(), "it ends by itself");
    assert!(lines[0].contains("received the application and promised the result by"), "{lines:?}");
    assert!(lines.last().unwrap().contains("the result is there"), "{lines:?}");
    let tracked = stage.by_receipt("track", &receipt).unwrap();
    assert!(lines.iter().all(|line| tracked.contains(line)), "{tracked}\n{lines:?}");
}

#[tokio::test]
async fn a_contact_is_corrected_by_who_knows_whose_receipt_it_is_and_by_the_counter() {
    let stage = Stage::set();
    let citizen = Client::system(stage.endpoint());
    let mut wanted = application("contact", SIGNED_AT_HOME);
    wanted.applicant.as_mut().unwrap().identity_number = "037190001234".into();
    let receipt = citizen.submit(wanted).await.unwrap();
    let correct = |identity: &str| {
        stage.says(&[
            "application",
            "contact",
            &receipt.dossier_code,
            &receipt.check_code,
            "--identity-number",
            identity,
            "--email",
            "moi@example.vn",
        ])
    };
    let refused = correct("037190001235").unwrap_err();
    assert!(refused.contains("UNKNOWN_RECEIPT"), "{refused}");
    let said = correct("037190001234").unwrap();
    assert!(said.contains("The contact details were corrected"), "{said}");
    let id = receipt.application_id.as_str();
    wait::until("a message", async || {
        let messages = stage.phidia.cli_json(&["message", "list", id]);
        messages.to_string().contains("contact_corrected").then_some(())
    })
    .await;
    let officer = ["--my-unit", ALPHA, "--officer", "A-1"];
    let by_id = ["application", "contact", id, "--email", "quay@example.vn"];
    assert!(stage.says(&[&by_id[..], &officer].concat()).is_ok());
    let shown = stage.phidia.cli_json(&[&officer[..], &["application", "show", id]].concat());
    assert_eq!(shown["applicant"]["email"], "quay@example.vn");
}
