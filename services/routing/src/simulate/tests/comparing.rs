//! Many runs in pairs.

use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::simulate::measure::jain;

#[test]
fn the_same_seed_gives_the_same_figures_and_another_one_others() {
    let run = |first_seed| {
        let experiment = Experiment { seeds: 2, first_seed, ..small() };
        figures(&compare(experiment, &Policy::boundary_free(), &Policy::home_only()))
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

#[test]
fn a_policy_does_not_differ_from_itself() {
    let report = compare(Experiment { seeds: 2, ..small() }, &Policy::home_only(), &Policy::home_only());
    // All but what only a trace has.
    assert_eq!(figures(&report).len(), Measure::ALL.len() - 1);
    for (measure, figure) in figures(&report) {
        assert_eq!(figure.difference, Estimate { mean: 0.0, half_width: Some(0.0) }, "{measure:?}");
    }
}

#[test]
fn more_load_makes_more_late_and_no_policy_beats_the_optimum() {
    let conditions = Conditions { effort_share: 2.0, ..Conditions::default() };
    let experiment = Experiment {
        applications: QUARTERLY_APPLICATIONS / 10,
        loads: vec![1.0, 10.0],
        conditions,
        ..small()
    };
    let report = compare(experiment, &Policy::boundary_free(), &Policy::home_only());
    let [light, heavy] = report.loads.as_slice() else { panic!("two loads") };
    for (which, late) in [
        ("policy", [light, heavy].map(|load| load.figures[&Measure::Late].policy.mean)),
        ("against", [light, heavy].map(|load| load.figures[&Measure::Late].against.mean)),
    ] {
        assert!(late[0] <= late[1], "{which}: {late:?}");
    }
    for load in [light, heavy] {
        let regret = load.figures[&Measure::Regret];
        assert!(regret.policy.mean >= 0.0 && regret.against.mean >= 0.0, "{regret:?}");
        for measure in [Measure::JainUtilisation, Measure::JainOnTime] {
            let figure = load.figures[&measure];
            assert!(
                [figure.policy, figure.against].iter().all(|jain| jain.mean > 0.0 && jain.mean <= 1.0 + 1e-9)
            );
        }
    }
    assert!(heavy.figures[&Measure::Late].difference.mean < 0.0, "others help where there is too much");
}

#[test]
fn whoever_has_seen_enough_is_obeyed() {
    let calls = AtomicU32::new(0);
    let stopped = simulator(small()).compare(
        &Policy::boundary_free(),
        &Policy::home_only(),
        NonZero::new(2).unwrap(),
        &|| calls.fetch_add(1, Ordering::Relaxed) < 3,
    );
    assert!(matches!(stopped, Err(Interrupted::Stopped)));
}

#[test]
fn jain_lies_between_one_and_one_part_of_all() {
    assert!((jain([3.0, 3.0, 3.0].into_iter()) - 1.0).abs() < 1e-12);
    assert!((jain([5.0, 0.0, 0.0, 0.0].into_iter()) - 0.25).abs() < 1e-12);
    assert!((jain([0.0].into_iter()) - 1.0).abs() < 1e-12);
}

#[test]
fn intervals_are_those_of_student() {
    let estimate = Estimate::of(&[1.0, 2.0, 3.0, 4.0, 5.0]);
    // 2.776 · √(2.5 / 5)
    assert!((estimate.mean - 3.0).abs() < 1e-12 && (estimate.half_width.unwrap() - 1.963).abs() < 1e-3);
    assert_eq!(Estimate::of(&[2.0]), Estimate { mean: 2.0, half_width: None });
}
