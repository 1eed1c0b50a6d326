//! Whoever had an earlier application of the same person.

use super::*;

/// Home (unit 1) has nobody for it, and all others of the province are as good as each other.
fn equals() -> World {
    let mut world = two_units(0);
    // A department touches nobody.
    world.request.home = unit(5);
    world.province.officers.clear();
    (1..5).for_each(|index| world.hire(unit(index), &[(1, 3)]));
    world
}

fn continuity(plan: &Plan, at: UnitId) -> f64 {
    plan.explanation.candidate(at).unwrap().terms["continuity"]
}

#[test]
fn a_near_tie_goes_to_whoever_had_the_earlier_application() {
    let mut world = equals();
    for earlier in (1..5).map(unit) {
        world.request.earlier = Some(earlier);
        for epoch in 0..16 {
            world.snapshot.epoch = epoch;
            let plan = world.decide().unwrap();
            assert_eq!(plan.explanation.chosen, earlier);
            assert_eq!(continuity(&plan, earlier), -world.policy.continuity_minutes / 2.0);
            assert_eq!(world.replay(&plan.explanation), Ok(plan.explanation));
        }
    }
}

#[test]
fn the_step_before_counts_more_and_leaves_an_earlier_application_no_say() {
    let mut world = equals();
    (world.request.previous, world.request.earlier) = (Some(unit(1)), Some(unit(2)));
    let plan = world.decide().unwrap();
    assert_eq!(plan.explanation.chosen, unit(1));
    assert_eq!(continuity(&plan, unit(1)), -world.policy.continuity_minutes);
    assert_eq!(continuity(&plan, unit(2)), 0.0);
}

#[test]
fn home_keeps_what_passes_the_gate_whoever_knows_the_person() {
    let mut world = two_units(60);
    world.request.earlier = Some(unit(1));
    world.policy.continuity_minutes = 1e6;
    let plan = world.decide().unwrap();
    assert_eq!((plan.explanation.chosen, plan.explanation.ground), (unit(0), Ground::Home));
    assert!(plan.explanation.gate.unwrap().passed);
}

#[test]
fn nobody_is_chosen_for_it_who_is_closed_or_incompetent() {
    let mut world = equals();
    world.policy.continuity_minutes = 1e6;
    world.request.earlier = Some(unit(4));
    world.province.capacity.remove(&unit(4));
    let plan = world.decide().unwrap();
    assert!(plan.explanation.chosen != unit(4) && plan.explanation.candidate(unit(4)).is_none());

    let mut world = equals();
    world.policy.continuity_minutes = 1e6;
    world.request.earlier = Some(unit(0));
    let plan = world.decide().unwrap();
    assert!(plan.explanation.chosen != unit(0) && plan.explanation.candidate(unit(0)).is_none());
}

/// What was decided before there was anything to know of earlier applications is read as it was, and written as it was.
#[test]
fn an_old_record_knows_of_no_earlier_application() {
    let record = serde_json::to_value(two_units(0).request).unwrap();
    assert!(record.get("earlier").is_none());
    assert_eq!(serde_json::from_value::<Request>(record).unwrap(), two_units(0).request);
}
