//! A case is left lying: its officer is told, then the supervisor, then it goes to a neighbour who can finish it in time.

use std::{fs, path::PathBuf};

use harness::{
    client::{Client, application},
    process::Phidia,
    province::{self, ALPHA, BETA, SIGNED_AT_HOME},
    wait,
};
use jiff::{SignedDuration, Timestamp};
use phidia_domain::id::UnitId;
use phidia_proto::{
    events::v1::{AssignmentGround, DeadlineStage},
    intake::v1::Receipt,
    processing::v1::CaseState,
};
use tempfile::TempDir;

use crate::rescued::explain;

/// A process whose business time stands until it is moved.
struct Stage {
    phidia: Phidia,
    clock: PathBuf,
    began: Timestamp,
    _folder: TempDir,
}

impl Stage {
    fn set() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, config) = (folder.path().join("clock.json"), folder.path().join("phidia.toml"));
        let began = "2026-11-23T01:00:00Z".parse().unwrap();
        stand_at(&clock, began);
        // No round of rescues within the story: what is moved was hinted at.
        let settings = format!(
            "[rehearsal]\nclock = {clock:?}\n[processing]\nlook_millis = 20\n[routing]\nlease_seconds = 2\n\
             rescue_seconds = 8640000\n"
        );
        fs::write(&config, settings).unwrap();
        let mut files = province::files();
        // Six hours and forty minutes.
        let steps = files["steps.csv"].replace("residence,,2,600", "residence,,2,400");
        files.insert("steps.csv".into(), steps);
        province::write(&folder.path().join("province"), &files);
        let phidia =
            Phidia::up(&folder.path().join("data"), &["--empty", "--config", config.to_str().unwrap()]);
        let stage = Self { phidia, clock, began, _folder: folder };
        let files = stage._folder.path().join("province");
        let imported =
            stage.phidia.cli(&["province", "import", files.to_str().unwrap(), "--allow-uncovered"]);
        assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
        stage
    }

    /// So many hours have gone by; the offices of the tiny province never close.
    fn after(&self, hours: i64) {
        stand_at(&self.clock, self.began + SignedDuration::from_hours(hours));
    }

    /// What Alpha was told of an application, once it is as much as that.
    async fn told(&self, receipt: &Receipt, count: usize) -> Vec<(String, String)> {
        wait::until(&format!("{count} messages to Alpha"), async || {
            let messages = self.phidia.cli_json(&["message", "unit", ALPHA]);
            let messages = messages["messages"].as_array().cloned().unwrap_or_default();
            let about =
                messages.iter().filter(|told| told["applicationId"] == receipt.application_id.as_str());
            let text = |told: &serde_json::Value, key: &str| told[key].as_str().unwrap().to_owned();
            let told: Vec<_> = about.map(|told| (text(told, "template"), text(told, "body"))).collect();
            (told.len() >= count).then_some(told)
        })
        .await
    }
}

fn stand_at(clock: &std::path::Path, at: Timestamp) {
    let beside = clock.with_extension("new");
    fs::write(&beside, format!(r#"{{"anchor":"{at}","offset":"0s","rate":0}}"#)).unwrap();
    fs::rename(beside, clock).unwrap();
}

#[tokio::test]
#[cfg_attr(not(debug_assertions), ignore = "phidia needs the feature rehearsal")]
async fn what_is_left_lying_is_told_of_and_goes_to_who_can_finish_it() {
    let stage = Stage::set();
    let citizen = Client::system(&stage.phidia.endpoint);
    let operator = Client::operator(&stage.phidia.endpoint);
    let alpha = Client::officer(&stage.phidia.endpoint, ALPHA, "A-1");
    // Alpha's one officer has one in hand, and leaves it and the other one lying. Both are due in three days of 24 hours.
    let held = citizen.submit(application("held", SIGNED_AT_HOME)).await.unwrap();
    let claimed = alpha.claim(&alpha.finds(&held, 1).await).await.unwrap();
    let left = citizen.submit(application("left", SIGNED_AT_HOME)).await.unwrap();
    alpha.finds(&left, 1).await;

    // Half of the time is left.
    stage.after(36);
    let [(near, to_all)] = &stage.told(&left, 1).await[..] else { panic!("too much was told") };
    assert_eq!(near, "deadline_near");
    assert!(to_all.contains("chưa có ai nhận") && to_all.contains("36 giờ 0 phút"), "{to_all}");
    let [(near, to_officer)] = &stage.told(&held, 1).await[..] else { panic!("too much was told") };
    assert_eq!(near, "deadline_near");
    assert!(to_officer.starts_with("Gửi cán bộ A-1:"), "{to_officer}");
    assert_eq!(alpha.finds(&left, 1).await.warned(), DeadlineStage::Officer);
    let shown =
        stage.phidia.cli(&["--lang", "en", "case", "worklist", "--my-unit", ALPHA, "--officer", "A-1"]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert_eq!(shown.matches("! due soon").count(), 2, "{shown}");

    // They still have what they hold, and say so; by midnight of the next day it would have been taken back.
    let item = format!("{}/1/1", held.application_id);
    let renew =
        ["--lang", "en", "case", "renew", &item, "--fence", "1", "--my-unit", ALPHA, "--officer", "A-1"];
    let renewed = stage.phidia.cli(&renew);
    assert!(String::from_utf8(renewed.stdout).unwrap().contains("held by A-1 until"));
    let again = alpha.finds(&held, 1).await;
    let [before, after] = [&claimed, &again].map(|item| item.held_until.as_ref().unwrap().seconds);
    assert!(again.fence == claimed.fence && after > before);

    // A day of it is left: the supervisor's. It would still be on time.
    stage.after(48);
    let told = stage.told(&left, 2).await;
    assert_eq!(told[1].0, "deadline_escalated");
    assert!(told[1].1.starts_with("Gửi lãnh đạo đơn vị: hồ sơ có nguy cơ trễ hạn."), "{}", told[1].1);
    assert_eq!(explain(&operator, &left).await.len(), 1, "it would be on time where it is");

    // Twelve hours are left, and Alpha would need more for both.
    stage.after(60);
    let records = wait::until("a rescue", async || {
        let records = explain(&operator, &left).await;
        (records.len() == 2).then_some(records)
    })
    .await;
    let rescued = records[1].decision.clone().unwrap();
    let beta = UnitId::of(province::CODE, BETA).to_string();
    assert_eq!((rescued.unit_id.as_str(), rescued.ground()), (beta.as_str(), AssignmentGround::Rescued));
    // Each was told once, and then that it has gone.
    let told: Vec<_> = stage.told(&left, 3).await.into_iter().map(|(template, _)| template).collect();
    assert_eq!(told, ["deadline_near", "deadline_escalated", "work_lost"]);
    let told: Vec<_> = stage.told(&held, 2).await.into_iter().map(|(template, _)| template).collect();
    assert_eq!(told, ["deadline_near", "deadline_escalated"]);
    // The citizen has heard of nothing but where it is.
    let citizens = stage.phidia.cli_json(&["message", "list", &left.application_id]);
    assert!(!citizens.to_string().contains("deadline"), "{citizens}");

    Client::officer(&stage.phidia.endpoint, BETA, "B-1").works(&left, 1).await;
    let case = alpha.works(&left, 2).await;
    assert_eq!((case.state(), case.on_time), (CaseState::Granted, Some(true)));
    assert!(operator.balance().await.holds());
}
