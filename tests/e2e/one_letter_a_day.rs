//! Who wants one letter a day gets it in the morning; an office with an address is written to.

use std::{fs, path::Path};

use harness::{
    client::{Client, application},
    process::Phidia,
    province::{self, ALPHA, SIGNED_AT_HOME},
    smtp_process::{Demands, Letter, SmtpProcess},
    wait,
};
use jiff::{SignedDuration, Timestamp};
use phidia_proto::types::v1::ContactPreferences;

const CITIZEN: &str = "dinh.thi.thu@thu.example";
const OFFICE: &str = "mot-cua@an.example";
const IDENTITY: &str = "037190012345";

fn stand_at(clock: &Path, at: Timestamp) {
    let beside = clock.with_extension("new");
    fs::write(&beside, format!(r#"{{"anchor":"{at}","offset":"0s","rate":0}}"#)).unwrap();
    fs::rename(beside, clock).unwrap();
}

/// The letters to an address about this, once there is one.
async fn letters_to(mail: &SmtpProcess, address: &str, about: &str) -> Vec<Letter> {
    wait::until(&format!("a letter to {address}"), async || {
        let mut letters = mail.letters();
        letters.retain(|letter| letter.recipients == [address] && letter.subject.contains(about));
        (!letters.is_empty()).then_some(letters)
    })
    .await
}

#[tokio::test]
#[cfg_attr(not(debug_assertions), ignore = "phidia needs the feature rehearsal")]
async fn a_citizen_reads_in_one_letter_what_was_told_of_all_that_is_theirs_and_an_office_what_will_be_late() {
    let mail = SmtpProcess::start(Demands::default());
    let folder = tempfile::tempdir().unwrap();
    let (clock, config) = (folder.path().join("clock.json"), folder.path().join("phidia.toml"));
    // A quarter of a minute before the letter of the day is made.
    let began: Timestamp = "2026-11-23T00:29:45Z".parse().unwrap();
    stand_at(&clock, began);
    let settings = format!(
        "[rehearsal]\nclock = {clock:?}\n[processing]\nlook_millis = 20\n[routing]\nrescue_seconds = 8640000\n\
         [notification.smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"khong-tra-loi@thu.example\"\n\
         [notification.retry]\npoll_milliseconds = 100\n",
        mail.port()
    );
    fs::write(&config, settings).unwrap();
    let mut files = province::files();
    let addresses = ["email", OFFICE, "", ""].into_iter();
    let units =
        files["units.csv"].lines().zip(addresses).map(|(line, address)| format!("{line},{address}\n"));
    let units: String = units.collect();
    files.insert("units.csv".into(), units);
    let steps = files["steps.csv"].replace("residence,,2,600", "residence,,2,400");
    files.insert("steps.csv".into(), steps);
    province::write(&folder.path().join("province"), &files);
    let phidia = Phidia::up(&folder.path().join("data"), &["--empty", "--config", config.to_str().unwrap()]);
    let files = folder.path().join("province");
    let imported = phidia.cli(&["province", "import", files.to_str().unwrap(), "--allow-uncovered"]);
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));

    let citizen = Client::system(&phidia.endpoint);
    let mut receipts = Vec::new();
    for key in ["first", "second"] {
        let mut request = application(key, SIGNED_AT_HOME);
        let applicant = request.applicant.as_mut().unwrap();
        (applicant.email, applicant.identity_number) = (CITIZEN.into(), IDENTITY.into());
        applicant.preferences = Some(ContactPreferences { daily: true, ..ContactPreferences::default() });
        receipts.push(citizen.submit(request).await.unwrap());
    }
    wait::until("what was told of both waits for the letter", async || {
        let waiting = phidia.cli_json(&["message", "outstanding"]);
        (waiting["waitingForDigest"] == 4).then_some(())
    })
    .await;
    let [letter] = &letters_to(&mail, CITIZEN, "").await[..] else { panic!("{:?}", mail.letters()) };
    assert_eq!(letter.subject, "4 tin mới về hồ sơ của Ông/Bà");
    for receipt in &receipts {
        for text in [&letter.text, &letter.html] {
            assert!(text.contains(&receipt.dossier_code), "{text}");
        }
        // Of the letter its mailbox says that there is one, and no word of the other application.
        let messages = phidia.cli_json(&["message", "list", &receipt.application_id]);
        let other = receipts.iter().find(|other| other.application_id != receipt.application_id).unwrap();
        assert!(!messages.to_string().contains(&other.dossier_code), "{messages}");
    }

    // A day of three is left, and nobody at Alpha has begun.
    stand_at(&clock, began + SignedDuration::from_hours(48));
    for letter in letters_to(&mail, OFFICE, "nguy cơ trễ hạn").await {
        assert!(letter.text.starts_with("Kính gửi Trung tâm An,"), "{letter:?}");
    }
    assert!(phidia.cli_json(&["message", "unit", ALPHA]).to_string().contains("deadline_escalated"));
}
