//! The same day on a house in processes of its own, over PostgreSQL and Redis: the same figures.
//!
//! What leads a house through a day is in test builds only (decision 0013). The whole day, by hand and at full speed:
//! `cargo test --release --workspace --features phidia/rehearsal --test e2e -- --ignored the_whole_day --nocapture`,
//! with `DAY_APPLICATIONS` for another number than 3,928.

use std::{fs, path::Path, time::Instant};

use harness::{
    house::{Form, House, Part, Plan},
    workspace,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::the_day::demo;

/// A house that waits to be led through the day, and the configuration that the demo leads it by.
struct Led {
    house: House,
    config: String,
    _clock: TempDir,
}

impl Led {
    async fn build(seed: &str, policy: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = folder.path().join("clock.json");
        // Before the day: business time never goes backwards.
        fs::write(&clock, r#"{"anchor":"2026-10-01T00:00:00Z","offset":"0s","rate":0}"#).unwrap();
        // The demo neither rescues nor warns.
        let rehearsal = format!("[rehearsal]\nclock = {clock:?}\nseed = {seed}\n");
        let settings = format!(
            "{rehearsal}[processing]\nlook_millis = 0\n[routing]\nrescue_seconds = 0\nretry_seconds = 0\n{policy}"
        );
        let house = House::build(&Plan { settings: settings.clone(), ..Plan::of(Form::Cluster) }).await;
        let mut text = "[peers]\n".to_owned();
        for part in Part::SERVICES {
            text += &format!("{} = \"{}\"\n", part.name(), house.endpoint(part));
        }
        let config = folder.path().join("phidia.toml");
        fs::write(&config, text + &settings).unwrap();
        Self { house, config: path(&config), _clock: folder }
    }
}

fn path(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// The bundled province, with everybody in one place in the same hour: enough of a crowd for work to be shared out.
fn crowded(folder: &Path) {
    let bundled = fs::read_dir(workspace::root().join("deploy/province/ninh-binh")).unwrap();
    for file in bundled.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        fs::copy(&file, folder.join(file.file_name().unwrap())).unwrap();
    }
    fs::write(folder.join("demand_units.csv"), "unit,weight\n13285,1\n").unwrap();
    fs::write(folder.join("demand_hours.csv"), "hour,weight\n8,1\n").unwrap();
}

/// The figures of a day, the same in both forms.
#[expect(clippy::print_stdout, reason = "for whoever plays the whole day by hand")]
async fn figures(seed: &str, day: &[&str]) -> Value {
    let (with_phidia, home_only) = tokio::join!(
        Led::build(seed, ""),
        Led::build(seed, "[routing.policy]\nname = \"home-only\"\nhome_only = true\n"),
    );
    let embedded: Vec<_> = ["--seed", seed].iter().chain(day).map(ToString::to_string).collect();
    let against = ["--against", &with_phidia.config, &home_only.config].map(str::to_owned);
    let split = [&embedded[..], &against].concat();
    let play = async |arguments: Vec<String>| {
        let since = Instant::now();
        let play = move || demo(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        (tokio::task::spawn_blocking(play).await.unwrap(), since.elapsed())
    };
    let (embedded, alone) = play(embedded).await;
    let (split, together) = play(split).await;
    println!("in one process {alone:.1?}, split {together:.1?}: {split:#}");
    assert_eq!(embedded, split);
    for led in [with_phidia, home_only] {
        // One that was started again would have minted ids anew.
        assert_eq!(led.house.mishaps(), Vec::<String>::new());
    }
    split
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(debug_assertions), ignore = "phidia needs the feature rehearsal")]
async fn a_split_house_has_the_figures_of_one_process() {
    let province = tempfile::tempdir().unwrap();
    crowded(province.path());
    let day = ["--applications", "70", "--province", &path(province.path())];
    let figures = figures("7", &day).await;
    assert_eq!(figures["finished"], 70);
    assert!(figures["grounds"]["gain"].as_u64() > Some(0), "nothing was shared out: {figures}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the whole day of the demo takes many minutes"]
async fn the_whole_day_split() {
    let applications = std::env::var("DAY_APPLICATIONS").unwrap_or_else(|_| "3928".to_owned());
    let figures = figures("37", &["--applications", &applications]).await;
    assert_eq!(figures["finished"].to_string(), applications);
}
