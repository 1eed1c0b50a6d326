//! Changes by example, and the law that a history gives back every registry that it went through.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::{calendar::tests::hours, province};

fn small() -> Province {
    Province::parse(&province::tests::small()).unwrap()
}

fn unit(code: &str) -> UnitId {
    UnitId::of("37", code)
}

fn officer() -> OfficerId {
    OfficerId::of("37", "1-01")
}

fn days(from: i8, to: i8) -> Absence {
    Absence { from: date(2026, 12, from), to: date(2026, 12, to) }
}

fn absent(from: i8, to: i8) -> Change {
    Change::Absent { officer: officer(), days: days(from, to), compensatory: false }
}

fn present(from: i8, to: i8) -> Change {
    Change::Present { officer: officer(), days: days(from, to) }
}

/// The first of December, a Tuesday.
const TODAY: Date = date(2026, 12, 1);

fn there(day: Date, hours: Vec<Hours>) -> Change {
    Change::OfficerHours { officer: officer(), day, hours, compensatory: false }
}

fn there_as_planned(day: Date) -> Change {
    Change::OfficerAsPlanned { officer: officer(), day }
}

fn morning() -> Vec<Hours> {
    vec![hours((7, 30), (11, 30))]
}

fn standing(standing: Standing) -> Change {
    Change::Standing { unit: unit("1"), standing }
}

fn open() -> Standing {
    Standing::default()
}

fn available(availability: Availability) -> Standing {
    Standing { availability, ..open() }
}

#[test]
fn the_same_again_changes_nothing_and_has_no_revision() {
    let (unit, day) = (unit("1"), date(2026, 12, 1));
    let mut registry = Registry::default();
    assert!(!registry.apply(&standing(open())) && !registry.apply(&present(1, 9)));
    assert!(!registry.apply(&Change::AsPlanned { unit, day }) && !registry.apply(&there_as_planned(day)));
    assert_eq!(registry, Registry::default());
    let closed = Change::Hours { unit, day, hours: Vec::new() };
    let made = [standing(available(Availability::Closed)), closed, absent(1, 3), there(day, morning())];
    for (revision, change) in (1..).zip(made) {
        assert!(registry.apply(&change) && !registry.apply(&change));
        assert_eq!(registry.revision, revision);
    }
    // Back to what the documents say, nothing is left of it.
    for change in [standing(open()), Change::AsPlanned { unit, day }, present(1, 31), there_as_planned(day)] {
        assert!(registry.apply(&change));
    }
    assert_eq!(registry, Registry { revision: 8, ..Registry::default() });
}

#[test]
fn what_the_register_tells_late_changes_nothing() {
    let places = |most, told| Change::Workplaces { unit: unit("1"), most, told };
    let mut registry = Registry::default();
    assert!(!registry.apply(&places(None, None)));
    assert!(registry.apply(&places(Some(2), Some(5))));
    for late in [places(Some(9), Some(4)), places(None, Some(5))] {
        assert!(!registry.apply(&late));
        assert_eq!(registry.replan(&late, &small()), Replan::Nothing);
    }
    assert!(registry.apply(&places(Some(1), None)));
    assert_eq!(registry.replan(&places(Some(2), None), &small()), Replan::Unassignable);
    assert_eq!(registry.replan(&places(Some(0), Some(6)), &small()), Replan::Nothing);
    assert_eq!(registry.replan(&places(None, Some(6)), &small()), Replan::Unassignable);
    assert_eq!((registry.workplaces(unit("1")), registry.revision), (Some(1), 2));
    let stored = serde_json::to_string(&registry).unwrap();
    assert_eq!(serde_json::from_str::<Registry>(&stored).unwrap(), registry);
}

#[test]
fn absences_grow_together_and_are_cut_out_of() {
    let mut registry = Registry::default();
    let mut after = |change: Change| {
        registry.apply(&change);
        registry.absences.get(&officer()).cloned().unwrap_or_default()
    };
    assert_eq!(after(absent(10, 12)), [days(10, 12)]);
    assert_eq!(after(absent(5, 6)), [days(5, 6), days(10, 12)]);
    assert_eq!(after(absent(7, 7)), [days(5, 7), days(10, 12)]);
    assert_eq!(after(absent(6, 11)), [days(5, 12)]);
    assert_eq!(after(present(8, 9)), [days(5, 7), days(10, 12)]);
    assert_eq!(after(present(1, 5)), [days(6, 7), days(10, 12)]);
    assert_eq!(after(present(7, 31)), [days(6, 6)]);
    assert!(after(present(6, 6)).is_empty());
}

#[test]
fn senseless_changes_are_refused_at_their_place() {
    let hours_on = |day, hours| Change::Hours { unit: unit("1"), day, hours };
    let day = date(2026, 12, 1);
    let refused = |change: Change| {
        let refusal = change.check().unwrap_err();
        (refusal.reason, refusal.violations[0].field.clone())
    };
    let at = |reason: &str, field: &str| (reason.to_owned(), field.to_owned());
    let overlapping = vec![hours((7, 30), (11, 30)), hours((11, 0), (17, 0))];
    assert_eq!(refused(hours_on(day, overlapping)), at("HOURS_INVALID", "hours[1]"));
    assert_eq!(refused(hours_on(day, vec![hours((9, 0), (8, 0))])), at("HOURS_INVALID", "hours[0]"));
    let breaks = |count: i8| (0..count).map(|hour| hours((hour, 0), (hour, 30))).collect::<Vec<_>>();
    assert_eq!(hours_on(day, breaks(12)).check(), Ok(()));
    assert_eq!(refused(hours_on(day, breaks(13))), at("HOURS_INVALID", "hours[12]"));
    assert_eq!(refused(hours_on(date(2206, 1, 1), Vec::new())), at("DATE_OUT_OF_RANGE", "day"));
    assert_eq!(refused(absent(3, 2)), at("DAYS_REVERSED", "days.to"));
    let forever = Absence { from: date(2026, 1, 1), to: Date::MAX };
    assert_eq!(
        refused(Change::Absent { officer: officer(), days: forever, compensatory: false }),
        at("DATE_OUT_OF_RANGE", "days.to")
    );
    assert!(hours_on(day, vec![hours((18, 0), (0, 0))]).check().is_ok(), "an evening until midnight");
}

#[test]
fn an_officer_has_some_hours_in_order() {
    let at = |change: Change| {
        let refusal = change.check().unwrap_err();
        (refusal.reason, refusal.violations.into_iter().next().unwrap().field)
    };
    let overlapping = vec![hours((7, 30), (11, 30)), hours((11, 0), (17, 0))];
    for (change, reason, field) in [
        (there(TODAY, Vec::new()), "NO_HOURS", "hours"),
        (there(TODAY, overlapping), "HOURS_INVALID", "hours[1]"),
        (there(TODAY, vec![hours((11, 30), (7, 30))]), "HOURS_INVALID", "hours[0]"),
        (there(date(2206, 12, 1), morning()), "DATE_OUT_OF_RANGE", "day"),
        (there_as_planned(date(2206, 12, 1)), "DATE_OUT_OF_RANGE", "day"),
    ] {
        assert_eq!(at(change), (reason.to_owned(), field.to_owned()));
    }
    assert!(there(TODAY, morning()).check().is_ok());
    assert!(there(date(2026, 11, 30), morning()).check().is_ok(), "a day that is over is put right");
    assert!(there_as_planned(date(2026, 11, 30)).check().is_ok());
}

#[test]
fn only_what_may_take_more_makes_the_unassignable_worth_another_look() {
    use Availability::{Closed, Closing, Emergency, Open};
    let province = small();
    let caps = |items, minutes, quarantined| Standing {
        most_open_items: items,
        most_borrowed_minutes: minutes,
        quarantined,
        ..open()
    };
    for (before, now, expected) in [
        (available(Closed), available(Open), Replan::Unassignable),
        (available(Closed), available(Closing), Replan::Unassignable),
        (available(Emergency), available(Closed), Replan::Nothing),
        (available(Emergency), available(Open), Replan::Unassignable),
        (available(Open), available(Closing), Replan::Nothing),
        (available(Open), available(Closed), Replan::Nothing),
        (available(Open), available(Emergency), Replan::LeaveUnit(unit("1"))),
        (available(Closed), available(Emergency), Replan::LeaveUnit(unit("1"))),
        (caps(Some(5), None, false), caps(Some(6), None, false), Replan::Unassignable),
        (caps(Some(5), None, false), caps(None, None, false), Replan::Unassignable),
        (caps(Some(5), None, false), caps(Some(4), None, false), Replan::Nothing),
        (open(), caps(Some(5), Some(60), false), Replan::Nothing),
        (caps(None, Some(60), false), caps(None, Some(90), false), Replan::Unassignable),
        (caps(None, Some(60), false), caps(None, Some(30), false), Replan::Nothing),
        (caps(None, None, true), open(), Replan::Unassignable),
        (open(), caps(None, None, true), Replan::Nothing),
        // It takes nothing, however much it might.
        (Standing { most_open_items: Some(1), ..available(Closed) }, available(Closed), Replan::Nothing),
    ] {
        let mut registry = Registry::default();
        registry.apply(&standing(before.clone()));
        assert_eq!(registry.replan(&standing(now.clone()), &province), expected, "{before:?} → {now:?}");
    }
    let registry = Registry::default();
    assert_eq!(registry.replan(&absent(1, 2), &province), Replan::Nothing);
    assert_eq!(registry.replan(&present(1, 2), &province), Replan::Unassignable);
}

#[test]
fn only_hours_that_are_added_make_the_unassignable_worth_another_look() {
    let province = small();
    let unit = province.unit_by_code("1").unwrap().id;
    // A Monday of eight hours and a Saturday off.
    let (monday, saturday) = (date(2026, 11, 30), date(2026, 12, 5));
    let mut registry = Registry::default();
    let set = |day, hours| Change::Hours { unit, day, hours };
    for (change, expected) in [
        (set(monday, vec![]), Replan::Nothing),
        (set(monday, vec![hours((7, 30), (11, 30))]), Replan::Nothing),
        (set(monday, vec![hours((7, 30), (17, 30))]), Replan::Unassignable),
        (set(monday, vec![hours((16, 0), (18, 0))]), Replan::Unassignable),
        (set(saturday, vec![hours((7, 30), (11, 30))]), Replan::Unassignable),
    ] {
        assert_eq!(registry.replan(&change, &province), expected, "{change:?}");
    }
    registry.apply(&set(monday, vec![]));
    registry.apply(&set(saturday, vec![hours((7, 30), (11, 30))]));
    let planned = |day| Change::AsPlanned { unit, day };
    assert_eq!(registry.replan(&planned(monday), &province), Replan::Unassignable);
    assert_eq!(registry.replan(&planned(saturday), &province), Replan::Nothing);
}

#[test]
fn only_an_officer_who_is_there_longer_makes_the_unassignable_worth_another_look() {
    let province = small();
    // A Monday of eight hours, another on which they are absent, and a Tuesday off.
    let (monday, leave, tuesday) = (date(2026, 11, 30), date(2026, 12, 7), date(2026, 12, 1));
    let mut registry = Registry::default();
    registry.apply(&absent(7, 7));
    registry.apply(&there(leave, morning()));
    let until = |hour| vec![hours((7, 30), (hour, 0))];
    for (change, expected) in [
        (there(monday, vec![hours((7, 30), (17, 30))]), Replan::Nothing),
        (there(monday, until(9)), Replan::Nothing),
        (there(monday, until(8)), Replan::Nothing),
        (there(monday, until(11)), Replan::Unassignable),
        (there(monday, vec![hours((13, 30), (14, 0))]), Replan::Unassignable),
        // Now lunch and the evening, when the unit is closed.
        (there(monday, vec![hours((11, 30), (14, 0)), hours((17, 30), (22, 0))]), Replan::Nothing),
        (there_as_planned(monday), Replan::Unassignable),
        (there_as_planned(monday), Replan::Nothing),
        (there(tuesday, morning()), Replan::Nothing),
        (there_as_planned(leave), Replan::Nothing),
        (
            Change::OfficerHours {
                officer: OfficerId::of("37", "9-99"),
                day: monday,
                hours: until(9),
                compensatory: false,
            },
            Replan::Nothing,
        ),
    ] {
        assert_eq!(registry.replan(&change, &province), expected, "{change:?}");
        registry.apply(&change);
    }
}

#[test]
fn it_is_told_how_much_of_an_officers_hours_their_unit_is_closed() {
    let province = small();
    let monday = date(2026, 11, 30);
    let mut registry = Registry::default();
    let outside = |registry: &Registry, hours| registry.minutes_outside(&there(monday, hours), &province);
    assert_eq!(outside(&registry, morning()), 0);
    let long = vec![hours((7, 0), (14, 0)), hours((17, 0), (0, 0))];
    assert_eq!(outside(&registry, long.clone()), 30 + 120 + 390);
    // The hours of that day count, whatever was planned.
    let evening = vec![hours((18, 0), (0, 0))];
    registry.apply(&Change::Hours { unit: unit("1"), day: monday, hours: evening });
    assert_eq!(outside(&registry, long), 420 + 60);
    assert_eq!(registry.minutes_outside(&absent(1, 2), &province), 0);
}

#[test]
fn a_registry_in_which_nobody_has_hours_of_their_own_is_written_as_ever() {
    let before = serde_json::json!({ "revision": 0, "standings": {}, "absences": {}, "hours": {} });
    assert_eq!(serde_json::to_value(Registry::default()).unwrap(), before);
    assert_eq!(serde_json::from_value::<Registry>(before).unwrap(), Registry::default());
}

/// One or two stretches of half-hours.
fn own_hours() -> impl Strategy<Value = Vec<Hours>> {
    let half_hour = |half: i8| (half / 2, half % 2 * 30);
    prop::sample::subsequence((0..48).collect::<Vec<i8>>(), 4).prop_flat_map(move |at| {
        let both = [(at[0], at[1]), (at[2], at[3])].map(|(from, to)| hours(half_hour(from), half_hour(to)));
        (1..=2_usize).prop_map(move |stretches| both[..stretches].to_vec())
    })
}

fn changes() -> impl Strategy<Value = Change> {
    use Availability::{Closed, Closing, Emergency, Open};
    let unit_of = || (1..3_u32).prop_map(|code| unit(&code.to_string()));
    let day = || (1..9_i8).prop_map(|day| date(2026, 12, day));
    let days = || (1..9_i8, 0..4_i8).prop_map(|(from, more)| days(from, from + more));
    let availability = prop::sample::select(vec![Open, Closing, Closed, Emergency]);
    prop_oneof![
        (unit_of(), availability, prop::option::of(0..3_u32)).prop_map(|(unit, availability, most)| {
            Change::Standing { unit, standing: Standing { availability, most_open_items: most, ..open() } }
        }),
        (unit_of(), day(), 6..9_i8).prop_map(|(unit, day, opens)| Change::Hours {
            unit,
            day,
            hours: vec![hours((opens, 0), (9, 30))]
        }),
        (unit_of(), day()).prop_map(|(unit, day)| Change::AsPlanned { unit, day }),
        (day(), own_hours(), any::<bool>()).prop_map(|(day, hours, compensatory)| Change::OfficerHours {
            officer: officer(),
            day,
            hours,
            compensatory
        }),
        day().prop_map(there_as_planned),
        (days(), any::<bool>()).prop_map(|(days, compensatory)| Change::Absent {
            officer: officer(),
            days,
            compensatory
        }),
        days().prop_map(|days| Change::Present { officer: officer(), days }),
    ]
}

proptest! {
    #[test]
    fn absences_are_the_days_that_were_named_and_stay_in_order(made in prop::collection::vec(changes(), 0..40)) {
        let mut registry = Registry::default();
        let mut away = std::collections::BTreeSet::new();
        for change in &made {
            registry.apply(change);
            if let Change::Absent { days, .. } | Change::Present { days, .. } = change {
                for day in days.from.series(1.day()).take_while(|day| *day <= days.to) {
                    if matches!(change, Change::Absent { .. }) { away.insert(day); } else { away.remove(&day); }
                }
            }
            for day in (1..20).map(|day| date(2026, 12, day)) {
                prop_assert_eq!(registry.is_absent(officer(), day), away.contains(&day));
            }
            let absences = registry.absences.get(&officer()).cloned().unwrap_or_default();
            prop_assert!(absences.windows(2).all(|two| moved(two[0].to, 1.day()) < two[1].from));
        }
    }

    /// Hour by hour, as one would look it up in a diary.
    #[test]
    fn who_is_absent_is_away_and_so_is_whose_unit_is_open_outside_their_own_hours(
        made in prop::collection::vec(changes(), 0..40),
    ) {
        let mut registry = Registry::default();
        for change in &made {
            registry.apply(change);
        }
        let province = small();
        let calendar = &province.capacity[&unit("1")];
        let away = registry.away(officer(), calendar);
        for half in 0..48 * 16 {
            let (day, minute) = (TODAY + (half / 48).days(), half % 48 * 30);
            let at = province.clock.time_zone().to_timestamp(day.at(0, 0, 0, 0)).unwrap() + minute.minutes();
            let own = registry.officer_hours.get(&officer()).and_then(|days| days.get(&day));
            let within = |hours: &Hours| (hours.bounds().0..hours.bounds().1).contains(&minute);
            let outside = own.is_some_and(|own| calendar.is_open(at) && !own.iter().any(within));
            let expected = registry.is_absent(officer(), day) || outside;
            prop_assert_eq!(away.iter().any(|time| time.contains(&at)), expected, "at {}", at);
        }
        prop_assert!(away.windows(2).all(|two| two[0].end < two[1].start));
    }

    #[test]
    fn a_history_that_is_written_down_gives_the_same_registry(made in prop::collection::vec(changes(), 0..40)) {
        let mut registry = Registry::default();
        let mut history = Vec::new();
        for change in made {
            if registry.apply(&change) {
                history.push((serde_json::to_string(&change).unwrap(), registry.clone()));
            }
        }
        let mut again = Registry::default();
        for (written, then) in history {
            prop_assert!(again.apply(&serde_json::from_str(&written).unwrap()));
            prop_assert_eq!(&again, &then);
        }
    }
}
