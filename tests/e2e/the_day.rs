//! The main job: a day of the real province, twice with the same figures.

use std::process::Command;

use serde_json::Value;

/// What the demo tells, but what was measured.
pub(crate) fn demo(arguments: &[&str]) -> Value {
    let output =
        Command::new(harness::process::binary()).args(["--json", "demo"]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut figures: Value = serde_json::from_slice(&output.stdout).unwrap();
    figures.as_object_mut().unwrap().remove("measured").expect("what was measured stands apart");
    figures
}

#[test]
fn the_same_seed_gives_the_same_figures_and_nothing_is_lost() {
    let day = ["--applications", "150", "--seed", "7"];
    let figures = demo(&day);
    assert_eq!(figures, demo(&day));
    assert_eq!(figures["centres"], 129);
    for name in ["accepted", "assigned", "finished"] {
        assert_eq!(figures[name], 150, "{name}");
    }
    for name in ["lost", "duplicated"] {
        assert_eq!(figures[name], 0, "{name}");
    }
    assert_eq!(figures["homeOnly"]["finished"], 150);
    let happened =
        ["afterCutoff", "agencies", "fled", "sentBack", "stoodInFor", "supplements", "verifications"];
    for name in happened {
        assert!(figures["incidents"][name].as_u64() > Some(0), "{name}: {figures}");
    }
    assert!(figures["inCorridors"].as_u64() > Some(0), "{figures}");
    for day in [&figures, &figures["homeOnly"]] {
        assert_eq!(day["reportAddsUp"], true, "{figures}");
    }
    assert!(figures["onTime"].as_u64() >= figures["homeOnly"]["onTime"].as_u64());
    assert!(figures["notifications"].as_u64() >= Some(450), "accepted, opened, finished: {figures}");
}
