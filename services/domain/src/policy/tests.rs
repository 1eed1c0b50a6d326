//! A policy is read as it is meant or refused where it is wrong.

use proptest::prelude::*;

use super::{
    difference::{Change, between},
    document::{Fault, read, refusal, write},
    idle,
};
use crate::{
    procedure::Corridor,
    province::{Province, tests::ninh_binh},
    route::Policy,
};

const BOUNDARY_FREE: &str = include_str!("../../../../deploy/policy/boundary-free.toml");
const HOME_ONLY: &str = include_str!("../../../../deploy/policy/home-only.toml");

/// The faults of the default's document with one line replaced; where there is no such line, with one more.
fn faults_with(key: &str, line: &str) -> Vec<String> {
    let begins = format!("{key} =");
    let mut lines: Vec<_> = write(&Policy::boundary_free()).lines().map(str::to_owned).collect();
    match lines.iter_mut().find(|line| line.starts_with(&begins)) {
        Some(found) => line.clone_into(found),
        None => lines.push(line.to_owned()),
    }
    told(&lines.join("\n"))
}

fn told(text: &str) -> Vec<String> {
    read(text).unwrap_err().iter().map(ToString::to_string).collect()
}

/// The line of a key in the document that [`write`] gives.
fn line_of(key: &str) -> usize {
    let text = write(&Policy::boundary_free());
    1 + text.lines().position(|line| line.starts_with(&format!("{key} ="))).unwrap()
}

#[test]
fn the_shipped_documents_are_the_built_in_policies() {
    assert_eq!(read(BOUNDARY_FREE), Ok(Policy::boundary_free()));
    assert_eq!(read(HOME_ONLY), Ok(Policy::home_only()));
}

#[test]
fn every_dial_of_a_shipped_document_is_explained_above_it() {
    for text in [BOUNDARY_FREE, HOME_ONLY] {
        let lines: Vec<_> = text.lines().collect();
        for pair in lines.windows(2).filter(|pair| pair[1].contains(" = ") && !pair[1].starts_with('#')) {
            assert!(pair[0].starts_with("# "), "{} is not explained", pair[1]);
        }
    }
}

#[test]
fn each_wrong_place_is_told_with_its_line_and_column() {
    let gate = line_of("gate_share");
    for (key, line, at, expected) in [
        ("gate_share", "gate_share = \"0,4\"", (gate, 14), "a number"),
        ("gate_share", "gate_share   = 1.5", (gate, 16), "a share from 0 to 1"),
        ("gate_share", "gate_share = nan", (gate, 14), "a share from 0 to 1"),
        ("home_only", "home_only = 1", (line_of("home_only"), 13), "true or false"),
        (
            "borrowed_cap_minutes",
            "borrowed_cap_minutes = 2.5",
            (line_of("borrowed_cap_minutes"), 24),
            "a whole number",
        ),
        ("name", "name = \"\"", (line_of("name"), 8), "1 to 100 bytes"),
        (
            "lateness_weight",
            "lateness_weight = 0.5",
            (line_of("lateness_weight"), 19),
            "a weight from 1 to 1,000,000",
        ),
    ] {
        assert_eq!(faults_with(key, line), [format!("{}:{}: expected {expected}", at.0, at.1)], "{line}");
    }
}

#[test]
fn a_key_that_nobody_knows_is_told_with_those_that_there_are() {
    let told = faults_with("gate_shaer", "gate_shaer = 0.4");
    let [fault] = told.as_slice() else { panic!("{told:?}") };
    let last = 1 + write(&Policy::boundary_free()).lines().count();
    assert!(fault.starts_with(&format!("{last}:1: expected one of `name`")), "{fault}");
    assert!(fault.contains("`gate_share`") && fault.ends_with(", and not `gate_shaer`"), "{fault}");
}

#[test]
fn a_key_that_is_missing_is_told_by_its_name() {
    let text = write(&Policy::boundary_free());
    for gone in text.lines() {
        let key = gone.split(' ').next().unwrap();
        let rest: Vec<_> = text.lines().filter(|line| *line != gone).collect();
        assert_eq!(told(&rest.join("\n")), [format!("1:0: expected the key {key}")]);
    }
}

#[test]
fn all_faults_are_told_and_not_only_the_first() {
    let text = "name = 7\nhome_only = false\n\ngate_share = -1\nfoo = 1\n";
    let faults = read(text).unwrap_err();
    let places: Vec<_> =
        faults.iter().map(|fault| (fault.line, fault.column)).filter(|at| at.1 > 0).collect();
    assert_eq!(places, [(1, 8), (4, 14), (5, 1)]);
    // Each dial that is left out besides.
    assert!(faults.iter().any(|fault| fault.expected == "the key tie_share"));
    let refusal = refusal(&faults);
    assert_eq!((refusal.reason.as_str(), refusal.violations.len()), ("MALFORMED_POLICY", faults.len()));
    assert!(refusal.violations.iter().any(|violation| violation.field == "document:4:14"));
}

#[test]
fn what_is_no_toml_is_told_where_it_ends() {
    let told = told("name = \"a\"\nhome_only = yes\n");
    assert!(told.len() == 1 && told[0].starts_with("2:13: expected TOML: "), "{told:?}");
    assert!(super::document::read("a = 1\na = 2\n").unwrap_err()[0].line == 2);
    let long = "#".repeat(70_000);
    assert_eq!(read(&long), Err(vec![Fault { line: 1, column: 0, expected: "at most 65536 bytes".into() }]));
}

#[test]
fn a_dial_that_another_one_switches_off_is_refused() {
    let told = told(&format!("{HOME_ONLY}\nleast_gain_minutes = 60.0\n"));
    let [fault] = told.as_slice() else { panic!("{told:?}") };
    let line = HOME_ONLY.lines().count() + 2;
    let expected =
        "nothing, so leave it out: it never applies, because home_only keeps all work at a home that is able";
    assert_eq!(*fault, format!("{line}:22: expected {expected}"));
}

#[test]
fn who_never_rescues_does_not_say_how() {
    let faults = faults_with("rescue_most_moves", "rescue_most_moves = 0");
    let why = "nothing, so leave it out: it never applies, because at 0 rescue_most_moves nothing is rescued";
    assert_eq!(faults.len(), 3, "{faults:?}");
    for (dial, fault) in ["rescue_gain_minutes", "rescue_slack_minutes", "rescue_budget"].iter().zip(&faults)
    {
        assert!(fault.starts_with(&format!("{}:", line_of(dial))) && fault.ends_with(why), "{fault}");
    }
    let silent = Policy { rescue_most_moves: 0, ..Policy::boundary_free() };
    assert_eq!(read(&write(&silent)).map(|policy| policy.rescue_most_moves), Ok(0));
    let faults = faults_with("rescue_budget", "rescue_budget = 0");
    let why = "nothing, so leave it out: it never applies, because at 0 rescue_budget nothing is rescued";
    assert!(faults.len() == 3 && faults.iter().all(|fault| fault.ends_with(why)), "{faults:?}");
    let silent = Policy { rescue_budget: 0, ..Policy::boundary_free() };
    assert_eq!(read(&write(&silent)).map(|policy| policy.rescue_budget), Ok(0));
}

#[test]
fn a_version_is_given_and_not_written() {
    let told = faults_with("version", "version = 7");
    assert!(
        told.len() == 1 && told[0].ends_with("expected nothing: a version is given by publishing"),
        "{told:?}"
    );
    assert!(!write(&Policy::boundary_free()).contains("version"));
}

#[test]
fn a_dial_that_finds_nothing_to_weigh_in_a_province_is_told() {
    let mut province = Province::parse(&ninh_binh()).unwrap();
    let policy = Policy::boundary_free();
    let whys = |policy: &Policy, province: &Province| -> Vec<_> {
        idle::over(policy, province).iter().map(|idle| idle.reason().to_owned()).collect()
    };
    for procedure in province.procedures.values_mut() {
        procedure.corridor = Some(Corridor::HalfTime);
    }
    let common = Policy { rare_officers: 100_000, ..policy.clone() };
    assert!(whys(&common, &province).is_empty());
    province.procedures.values_mut().for_each(|procedure| procedure.corridor = None);
    province.units.values_mut().for_each(|unit| unit.position = None);
    let nobody = Policy { rare_officers: 0, ..policy.clone() };
    assert_eq!(whys(&nobody, &province), ["NO_GREEN_CORRIDOR", "NO_DISTANCES", "NOTHING_RARE"]);
    // What weighs nothing anyway is not told.
    let weightless = Policy { minutes_per_km: 0.0, rarity_minutes: 0.0, ..policy };
    assert_eq!(whys(&weightless, &province), ["NO_GREEN_CORRIDOR"]);
}

#[test]
fn a_difference_names_each_dial_once() {
    let old = Policy::boundary_free();
    assert_eq!(between(&old, &Policy { version: 9, ..old.clone() }), []);
    let new = Policy { gate_share: 0.2, name: "swift".into(), ..old.clone() };
    let change = |dial: &str, old: &str, new: &str| Change {
        dial: dial.into(),
        old: Some(old.into()),
        new: Some(new.into()),
    };
    let expected = [change("gate_share", "0.4", "0.2"), change("name", "\"boundary-free\"", "\"swift\"")];
    assert_eq!(between(&old, &new), expected);
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(gate_share in 0.0..=1.0_f64, moving_minutes in 0.0..1e6_f64, cap in 0..i64::MAX) {
        let policy =
            Policy { gate_share, green_gate_share: gate_share / 2.0, moving_minutes, borrowed_cap_minutes: cap, ..Policy::boundary_free() };
        prop_assert_eq!(read(&write(&policy)), Ok(policy));
    }

    /// Whatever is handed in, the answer is a policy or a place within the text.
    #[test]
    fn rubbish_is_refused_at_a_place_that_there_is(rubbish in "[a-z_=\\[\\]\"0-9.\n é]{0,80}") {
        if let Err(faults) = read(&rubbish) {
            for fault in faults {
                prop_assert!(fault.line >= 1 && fault.line <= rubbish.matches('\n').count() + 1, "{}", fault);
            }
        }
    }
}
