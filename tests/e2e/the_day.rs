//! The main job: a day of the real province, twice with the same figures.

use std::process::Command;

use serde_json::Value;

fn demo(applications: &str, seed: &str) -> Value {
    let output = Command::new(harness::process::binary())
        .args(["--json", "demo", "--applications", applications, "--seed", seed])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut figures: Value = serde_json::from_slice(&output.stdout).unwrap();
    figures.as_object_mut().unwrap().remove("measured").expect("what was measured stands apart");
    figures
}

#[test]
fn the_same_seed_gives_the_same_figures_and_nothing_is_lost() {
    let figures = demo("150", "7");
    assert_eq!(figures, demo("150", "7"));
    assert_eq!(figures["centres"], 129);
    for name in ["accepted", "assigned", "finished"] {
        assert_eq!(figures[name], 150, "{name}");
    }
    for name in ["lost", "duplicated"] {
        assert_eq!(figures[name], 0, "{name}");
    }
    assert_eq!(figures["home_only"]["finished"], 150);
    assert!(figures["on_time"].as_u64() >= figures["home_only"]["on_time"].as_u64());
    assert!(figures["notifications"].as_u64() >= Some(450), "accepted, opened, finished: {figures}");
}
