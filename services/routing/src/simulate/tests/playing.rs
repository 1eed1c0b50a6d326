//! One run.

use std::sync::atomic::{AtomicU32, Ordering};

use phidia_domain::{calendar::Hours, registry::Registry};

use super::*;
use crate::simulate::{arrivals::Arrivals, play::play};

#[test]
fn an_application_is_the_same_at_every_load() {
    let draw = |count| {
        let Simulator { world, demand, quarter, experiment } = &simulator(small());
        Arrivals::draw(demand, &world.province, quarter, count, &experiment.conditions, 3)
            .unwrap()
            .applications
    };
    let many: BTreeMap<_, _> =
        draw(200).into_iter().map(|one| (one.id, (one.at, one.steps, one.minutes))).collect();
    for few in draw(50) {
        assert_eq!(many.get(&few.id), Some(&(few.at, few.steps, few.minutes)));
    }
}

/// On the one day that is handed in on.
#[test]
fn who_is_there_in_the_afternoon_only_begins_nothing_in_the_morning() {
    let Simulator { world, demand, quarter, experiment } = &simulator(small());
    let arrivals = Arrivals::draw(demand, &world.province, quarter, 200, &experiment.conditions, 3).unwrap();
    let hour = |hour| jiff::civil::time(hour, 0, 0, 0);
    let afternoon = vec![Hours { opens: hour(13), closes: hour(18) }];
    let (day, zone) = (quarter.days[0], world.province.clock.time_zone());
    let begun_in_the_morning = |registry: Registry| {
        let attendance = Attendance::foreseen(registry.into());
        let outcome = play(world, &Policy::boundary_free(), &arrivals, &attendance, &|| true).unwrap();
        let begun = outcome.fates.iter().filter_map(|fate| fate.begun_at);
        begun.filter(|at| *at < zone.to_timestamp(day.to_datetime(hour(13))).unwrap()).count()
    };
    assert!(begun_in_the_morning(Registry::default()) > 0);
    let shifts = world.province.officers.keys();
    let shifts = shifts.map(|officer| (*officer, BTreeMap::from([(day, afternoon.clone())]))).collect();
    assert_eq!(begun_in_the_morning(Registry { officer_hours: shifts, ..Registry::default() }), 0);
}

/// Overloaded, ill, estimated badly and rescued: what is handed in is finished once, or open at the end.
#[test]
fn nothing_is_lost_or_finished_twice() {
    let conditions = Conditions { effort_share: 4.0, shock_share: 1.0, effort_sigma: 1.0 };
    let simulator = simulator(Experiment { conditions, days: Some(16), ..small() });
    let Simulator { world, demand, quarter, .. } = &simulator;
    let arrivals = Arrivals::draw(demand, &world.province, quarter, 400, &conditions, 5).unwrap();
    let attendance = simulator.attendance(5).unwrap();
    assert!(!attendance.illnesses.is_empty());
    for (policy, rescues) in [(Policy::boundary_free(), true), (Policy::home_only(), false)] {
        let ended = AtomicU32::new(0);
        let outcome = play(world, &policy, &arrivals, &attendance, &|| {
            ended.fetch_add(1, Ordering::Relaxed);
            true
        })
        .unwrap();
        let steps: usize = arrivals
            .applications
            .iter()
            .zip(&outcome.fates)
            .map(|(application, fate)| {
                assert!(fate.finished_at.unwrap() > application.at);
                assert!(fate.begun_at >= fate.assigned_at && fate.finished_at > fate.begun_at);
                application.minutes.len()
            })
            .sum();
        assert_eq!(usize::try_from(ended.into_inner()).unwrap(), steps, "every step ends once");
        assert_eq!(outcome.fates.iter().any(|fate| fate.rescues > 0), rescues, "{}", policy.name);
        // Every minute that was worked is a minute of a step.
        let worked: i64 = outcome.done.iter().map(|done| done.minutes).sum();
        let minutes: i64 = (arrivals.applications.iter())
            .flat_map(|one| &one.minutes)
            .map(|minutes| i64::from(*minutes))
            .sum();
        assert_eq!(worked, minutes);
        assert!(outcome.done.iter().all(|done| (0..=done.minutes).contains(&done.borrowed)));
    }
}
