//! What a new edition of the rules decides otherwise, and that an old record is still made again by its own.

use jiff::civil::time;

use super::*;
use crate::calendar::Hours;

/// The record as the first edition wrote it, made again by its rules.
fn as_first(world: &World, decided: &Explanation) -> Explanation {
    let mut record = serde_json::to_value(decided).unwrap();
    assert_eq!(record["edition"], 2);
    record.as_object_mut().unwrap().remove("edition");
    let first = world.replay(&serde_json::from_value(record).unwrap()).unwrap();
    let kept = serde_json::to_value(&first).unwrap();
    assert_eq!(kept.get("edition"), None, "it reads as it was written");
    assert_eq!(world.replay(&first).unwrap(), first);
    first
}

/// Units 1, 2 and 3 lie in a line, 15 km each from the next; papers that unit 2 received are for unit 1.
#[test]
fn papers_count_by_the_way_round_that_they_make() {
    let mut world = two_units(0);
    world.hire(unit(2), &[(1, 3)]);
    world.request.papers = Papers::Copies;
    world.request.received_at = unit(1);
    world.policy.gate_share = 0.0;
    let decided = world.decide().unwrap().explanation;
    let distance = |explanation: &Explanation, index: usize| {
        (explanation.candidate(unit(index)).unwrap().terms["distance"] / world.policy.minutes_per_km).round()
    };
    assert_eq!([0, 1, 2].map(|index| distance(&decided, index)), [0.0, 0.0, 15.0]);
    // As if they lay at home.
    let first = as_first(&world, &decided);
    assert_eq!([0, 1, 2].map(|index| distance(&first, index)), [0.0, 15.0, 30.0]);
    // And they do once home has done a step, and lie with unit 3 when it has.
    world.request.previous = Some(unit(0));
    let decided = world.decide().unwrap().explanation;
    assert_eq!([0, 1, 2].map(|index| distance(&decided, index)), [0.0, 15.0, 30.0]);
    world.request.previous = Some(unit(2));
    let decided = world.decide().unwrap().explanation;
    assert_eq!([0, 1, 2].map(|index| distance(&decided, index)), [0.0, 0.0, 0.0]);
}

/// The department has no position; the five centres lie in a line, and the first is 30 km from their middle.
#[test]
fn a_unit_without_a_position_is_not_across_the_street_from_all() {
    let mut world = two_units(0);
    (0..6).for_each(|index| world.hire(unit(index), &[(1, 3)]));
    world.request.papers = Papers::Copies;
    world.policy.gate_share = 0.0;
    let decided = world.decide().unwrap().explanation;
    let distance =
        |explanation: &Explanation| explanation.candidate(unit(5)).unwrap().terms["distance"].round();
    assert_eq!(distance(&decided), 61.0, "30.4 km at 2 minutes each");
    assert_eq!(distance(&as_first(&world, &decided)), 0.0);
}

/// Tonight nobody works any more before tomorrow's opening: it is late wherever it goes, and home, whose one officer is back
/// next week, is asked as well.
#[test]
fn where_no_working_time_is_left_nobody_is_absent() {
    let mut world = two_units(0);
    let only = *world.province.officers.iter().find(|(_, officer)| officer.unit == unit(0)).unwrap().0;
    let absence = Absence { from: date(2026, 11, 20), to: date(2026, 11, 27) };
    world.registry.absences.insert(only, vec![absence]);
    world.now = "2026-11-24T12:00:00Z".parse().unwrap();
    world.request.due_at = Some("2026-11-25T00:30:00Z".parse().unwrap());
    let decided = world.decide().unwrap().explanation;
    assert_eq!((decided.ground, decided.home_refused), (Ground::Gain, None));
    let first = as_first(&world, &decided);
    assert_eq!((first.ground, first.home_refused), (Ground::Need, Some(Refused::Absent)));
}

/// Two of three at unit 2 are there in the morning only, and so are back tomorrow: in the afternoon they count still.
#[test]
fn who_is_there_for_a_part_of_the_day_counts_all_day() {
    let mut world = two_units(600);
    (0..2).for_each(|_| world.hire(unit(1), &[(1, 3)]));
    let morning = Hours { opens: time(7, 30, 0, 0), closes: time(11, 30, 0, 0) };
    let of_unit = world.province.officers.values().filter(|officer| officer.unit == unit(1));
    let part_time: Vec<_> = of_unit.map(|officer| officer.id).take(2).collect();
    for officer in part_time {
        let days = [(date(2026, 11, 23), vec![morning])];
        world.registry.officer_hours.insert(officer, days.into());
    }
    world.now = "2026-11-23T07:00:00Z".parse().unwrap();
    world.policy.borrowed_cap_minutes = 300;
    world.queue(unit(1), (1, 2, None, 800));
    let decided = world.decide().unwrap().explanation;
    assert_eq!((decided.chosen, decided.candidates[0].competent_officers), (unit(1), 3));
    // In the first edition only one was there, who had too much to do.
    let first = as_first(&world, &decided);
    assert_eq!((first.chosen, first.filtered.get(&Refused::Full)), (unit(0), Some(&1)));
}

/// Home is under water until after the due date, and one of its officers has leave in January: it is late there, not absent.
#[test]
fn a_leave_in_another_year_makes_nobody_absent_now() {
    let mut world = two_units(0);
    world.province.officers.clear();
    (0..2).for_each(|_| world.hire(unit(2), &[(1, 3)]));
    (world.request.scope, world.request.home) = (Scope::Home, unit(2));
    world.now = "2026-11-25T01:00:00Z".parse().unwrap();
    let at_leisure = world.decide().unwrap().explanation;
    let first = as_first(&world, &at_leisure);
    assert!(first.candidates[0].late_probability < 1.0, "the first edition did not see that it is sure");
    let one = *world.province.officers.keys().next().unwrap();
    let absence = Absence { from: date(2027, 1, 20), to: date(2027, 1, 21) };
    world.registry.absences.insert(one, vec![absence]);
    let decided = world.decide().unwrap().explanation;
    assert_eq!(decided.candidates, at_leisure.candidates);
    assert_eq!(decided.candidates[0].late_probability, 1.0);
}

#[test]
fn whoever_sends_work_to_a_unit_that_is_full_is_told_so() {
    let mut world = two_units(0);
    world.policy.borrowed_cap_minutes = 10;
    world.queue(unit(1), (1, 2, None, 11));
    let ordered = |world: &World, at: usize| {
        let World { policy, province, registry, snapshot, request, now } = world;
        let (by, reason) = ("supervisor/s", "bàn giao");
        let order =
            Order { at: unit(at), ground: Ground::Overridden, from: None, by, reason, home_known: true };
        let roster = Roster::of(province, registry);
        dispatch(policy, province, &roster, snapshot, request, order, *now).unwrap().explanation
    };
    let against = |explanation: &Explanation| explanation.moved.clone().unwrap().against;
    let decided = ordered(&world, 1);
    assert_eq!(against(&decided), [Refused::Full]);
    assert_eq!(world.replay(&decided).unwrap(), decided);
    assert_eq!(against(&as_first(&world, &decided)), []);
    assert_eq!(against(&ordered(&world, 0)), []);
    // Where home cannot, somebody has to.
    world.province.officers.retain(|_, officer| officer.unit != unit(0));
    assert_eq!(against(&ordered(&world, 1)), []);
}

#[test]
fn a_refusal_of_the_first_edition_is_made_again_by_its_rules() {
    let mut world = two_units(0);
    world.registry.standings = [0, 1]
        .map(|index| (unit(index), Standing { most_open_items: Some(0), ..Standing::default() }))
        .into();
    let refused = world.decide().unwrap_err();
    assert_eq!(refused.edition, Edition::CURRENT);
    let roster = Roster::of(&world.province, &world.registry);
    for edition in [Edition::FIRST, Edition::CURRENT] {
        let record = Refusal { edition, ..*refused.clone() };
        let kept = serde_json::to_value(&record).unwrap();
        assert_eq!(kept.get("edition").is_some(), edition == Edition::CURRENT);
        let read: Refusal = serde_json::from_value(kept).unwrap();
        assert_eq!(read.again(&world.policy, &world.province, &roster), Some(record));
    }
}
