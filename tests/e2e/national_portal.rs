//! The national portal over real processes: away while citizens hand in, the process killed, and in the end each dossier is told once; and
//! what it brings becomes an application that an officer finishes.

use std::fs;

use harness::{
    national_portal::{Manner, NationalPortal},
    process::Phidia,
    province::{self, ALPHA},
    wait,
};
use serde_json::{Value, json};
use tempfile::TempDir;

const OFFICER: [&str; 4] = ["--my-unit", ALPHA, "--officer", "A-1"];

/// Waits until something holds.
async fn soon(what: &str, mut holds: impl FnMut() -> bool) {
    wait::until(what, || std::future::ready(holds().then_some(()))).await;
}

/// A process that tells the portal, on a folder of its own.
struct Told {
    folder: TempDir,
    phidia: Option<Phidia>,
}

impl Told {
    fn set(portal: &NationalPortal) -> Self {
        let folder = tempfile::tempdir().unwrap();
        province::write(&folder.path().join("province"), &province::files());
        fs::write(folder.path().join("phidia.toml"), portal.settings()).unwrap();
        let mut told = Self { folder, phidia: None };
        told.start();
        let files = told.folder.path().join("province");
        told.says(&["province", "import", "--allow-uncovered", files.to_str().unwrap()]);
        let state = told.asks(&["portal", "status"]);
        portal.trust(state["publicKey"].as_str().unwrap());
        told
    }

    fn start(&mut self) {
        let config = self.folder.path().join("phidia.toml");
        let options = ["--empty", "--config", config.to_str().unwrap()];
        self.phidia = Some(Phidia::up(&self.folder.path().join("data"), &options));
    }

    fn phidia(&self) -> &Phidia {
        self.phidia.as_ref().unwrap()
    }

    fn says(&self, what: &[&str]) -> String {
        let output = self.phidia().cli(what);
        assert!(output.status.success(), "{what:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn asks(&self, what: &[&str]) -> Value {
        self.phidia().cli_json(what)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn away_and_killed_in_the_middle_it_is_told_each_dossier_once() {
    let portal = NationalPortal::start().await;
    let mut told = Told::set(&portal);
    portal.behave(Manner::Fails(503));
    let submit = ["application", "submit", "--procedure", province::ANYWHERE, "--at", ALPHA];
    let (mut codes, mut checks) = (Vec::new(), Vec::new());
    for number in 0..6 {
        if number == 3 {
            portal.behave(Manner::LosesAnswers);
        }
        let applicant = format!("Nguyễn Thị Kín {number}");
        let receipt = told.asks(&[&submit[..], &["--applicant", &applicant], &OFFICER].concat());
        codes.push(receipt["receipt"]["dossierCode"].as_str().unwrap().to_owned());
        checks.push(receipt["receipt"]["checkCode"].as_str().unwrap().to_owned());
    }
    soon("some are told and not known to be", || portal.count() > 0).await;
    told.phidia.take().unwrap().kill();
    told.start();
    portal.behave(Manner::Well);
    for code in &codes {
        let first = || portal.dossier(code).codes().first() == Some(&2);
        soon(&format!("{code} is told"), first).await;
    }
    soon("all is known to be told", || {
        let state = told.asks(&["portal", "status"]);
        let left = |name: &str| state[name].as_u64().unwrap();
        left("waiting") + left("behind") + left("refused") == 0
    })
    .await;
    assert_eq!((portal.count(), portal.faults()), (codes.len(), Vec::new()));
    let log = told.says(&["portal", "log", &codes[0]]);
    assert!(log.contains(&codes[0]) && log.contains("taken") && !log.contains("Kín"), "{log}");

    portal.refuse(&[&codes[0]]);
    told.says(&["application", "withdraw", &codes[0], &checks[0]]);
    soon("it is refused", || told.says(&["portal", "log", "--state", "refused"]).contains("HTTP_422 HS-07"))
        .await;
    portal.refuse(&[]);
    told.says(&["portal", "replay", &codes[0], "--reason", "cổng đã sửa"]);
    let withdrawn = || portal.dossier(&codes[0]).codes().last() == Some(&7);
    soon("it is told after all", withdrawn).await;
    for language in ["vi", "en"] {
        for verb in ["status", "log", "arrivals"] {
            assert!(!told.says(&["--lang", language, "portal", verb]).is_empty(), "{verb}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_brings_is_finished_by_an_officer_and_told_back() {
    let portal = NationalPortal::start().await;
    let told = Told::set(&portal);
    let code = "G22.99.08-261120-0001";
    portal.bring(json!({
        "Ma": "M-1", "Loai": "HO_SO", "MaHoSo": code,
        "HoSo": {
            "MaTTHC": province::ANYWHERE, "MaDonViTiepNhan": ALPHA,
            "ChuHoSo": { "HoTen": "Nguyễn Thị Kín", "SoDinhDanh": "037190001234" }
        }
    }));
    soon("it is taken in", || portal.dossier(code).codes().contains(&2)).await;
    let arrivals = told.says(&["portal", "arrivals"]);
    assert!(
        arrivals.contains(code) && arrivals.contains("taken in") && !arrivals.contains("Kín"),
        "{arrivals}"
    );
    soon("it is acknowledged", || !portal.acknowledged().is_empty()).await;
    let acknowledged = portal.acknowledged().remove(0);
    let ours = acknowledged["MaHoSoDiaPhuong"].as_str().unwrap();
    assert!(told.says(&["application", "list"]).contains(ours), "{ours}");
    for _ in ["examined", "signed"] {
        let claimed = wait::until("the next step", async || {
            let output = told.phidia().cli(&[&["--json"], &OFFICER[..], &["case", "next"]].concat());
            let next: Value = serde_json::from_slice(&output.stdout).ok()?;
            next["workItem"]["fence"].is_number().then(|| next["workItem"].clone())
        })
        .await;
        let key = &claimed["workItem"];
        let item = format!("{}/{}/{}", key["applicationId"].as_str().unwrap(), key["step"], key["attempt"]);
        let fence = claimed["fence"].to_string();
        told.says(&[&OFFICER[..], &["case", "complete", &item, "--fence", &fence]].concat());
    }
    soon("it is told that it is decided", || portal.dossier(code).codes() == [1, 2, 4, 9]).await;
    assert_eq!(portal.faults(), [""; 0]);
}
