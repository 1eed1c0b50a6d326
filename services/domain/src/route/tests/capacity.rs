//! Laws of the prediction: more to do never makes it sooner, and more capacity never makes it later.

use jiff::civil::time;
use proptest::{
    collection::{btree_map, btree_set, vec},
    prelude::*,
};

use super::{CODES, FIELDS, own_hours, predicted, queued, unit, worlds};
use crate::calendar::{Hours, without};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn more_load_never_makes_it_sooner(mut world in worlds(), at in 0..CODES.len(), more in queued()) {
        let at = unit(at);
        prop_assume!(world.province.capacity.contains_key(&at));
        let before = predicted(&world, at);
        world.queue(at, more);
        prop_assert!(predicted(&world, at) >= before);
    }

    /// Whatever else they master, and however long others wait for that.
    #[test]
    fn more_officers_never_make_it_later(
        mut world in worlds(),
        at in 0..CODES.len(),
        above in 0..3u8,
        others in vec((0..FIELDS.len(), 1..=5u8), 0..3),
        waiting in vec(queued(), 0..4),
    ) {
        let at = unit(at);
        prop_assume!(world.province.capacity.contains_key(&at));
        // With fewer places than officers it may: more of what is shared with others falls to the pool, and its places do not grow.
        world.registry.workplaces.clear();
        let field = FIELDS.iter().position(|field| *field == world.request.field).unwrap();
        // Where there is nobody, nothing is predicted of anybody.
        world.hire(at, &[(field, world.request.level)]);
        waiting.into_iter().for_each(|item| world.queue(at, item));
        let before = predicted(&world, at);
        let own = (field, (world.request.level + above).min(5));
        let levels: Vec<_> = others.into_iter().filter(|(other, _)| *other != field).chain([own]).collect();
        world.hire(at, &levels);
        prop_assert!(predicted(&world, at) <= before);
    }

    #[test]
    fn more_hours_never_make_it_later(mut world in worlds(), at in 0..CODES.len(), days in btree_set(0..20i64, 1..4)) {
        let at = unit(at);
        prop_assume!(world.province.capacity.contains_key(&at));
        let before = predicted(&world, at);
        let calendar = &world.province.capacity[&at];
        let today = world.province.clock.local_date(world.now);
        let days = days.into_iter().map(|days| today + jiff::Span::new().days(days));
        let closed = days.filter(|day| calendar.hours_of(*day).is_empty());
        let morning = Hours { opens: time(7, 30, 0, 0), closes: time(11, 30, 0, 0) };
        let opened = calendar.with_hours(&closed.map(|day| (day, vec![morning])).collect()).unwrap();
        world.province.capacity.insert(at, opened);
        prop_assert!(predicted(&world, at) <= before);
    }

    #[test]
    fn nobody_who_comes_back_makes_it_later(mut world in worlds(), at in 0..CODES.len()) {
        let at = unit(at);
        prop_assume!(world.province.capacity.contains_key(&at));
        let absent = predicted(&world, at);
        world.registry.absences.clear();
        world.registry.officer_hours.clear();
        prop_assert!(predicted(&world, at) <= absent);
    }

    /// Whatever hours those who keep theirs have, and whoever is absent.
    #[test]
    fn fewer_hours_never_make_it_sooner(
        mut world in worlds(),
        at in 0..CODES.len(),
        field in 0..FIELDS.len(),
        days in btree_map(0..4i64, own_hours(), 1..4),
        lost in own_hours(),
    ) {
        let at = unit(at);
        prop_assume!(world.province.capacity.contains_key(&at));
        let today = world.province.clock.local_date(world.now);
        let (asked, level) = (FIELDS.iter().position(|own| *own == world.request.field).unwrap(), world.request.level);
        world.hire(at, &[(asked, level), (field, level)]);
        let officers: Vec<_> = world.province.officers_of(at).map(|officer| officer.id).collect();
        let mut finish = predicted(&world, at);
        for (days, hours) in days {
            let day = today + jiff::Span::new().days(days);
            for officer in &officers {
                // Not at all but in these hours, and then not in all of them.
                for fewer in [hours.clone(), without(&hours, &lost)] {
                    let before = world.registry.officer_hours.get(officer).and_then(|days| days.get(&day));
                    let opening = world.province.capacity[&at].hours_of(day);
                    let before = before.map_or_else(|| opening.to_vec(), Clone::clone);
                    // Of the hours of before.
                    let left = without(&before, &without(&before, &fewer));
                    world.registry.officer_hours.entry(*officer).or_default().insert(day, left);
                    let later = predicted(&world, at);
                    prop_assert!(later >= finish, "{} before {}", later, finish);
                    finish = later;
                }
            }
        }
    }

    #[test]
    fn hours_of_the_whole_day_are_as_planned(
        mut world in worlds(),
        days in btree_set(0..6i64, 1..4),
        whole_day in any::<bool>(),
    ) {
        world.registry.officer_hours.clear();
        let decided = world.decide();
        let today = world.province.clock.local_date(world.now);
        for officer in world.province.officers.values() {
            let Some(calendar) = world.province.capacity.get(&officer.unit) else { continue };
            for day in days.iter().map(|days| today + jiff::Span::new().days(*days)) {
                let midnight = time(0, 0, 0, 0);
                let all_day = vec![Hours { opens: midnight, closes: midnight }];
                let hours = if whole_day { all_day } else { calendar.hours_of(day).to_vec() };
                world.registry.officer_hours.entry(officer.id).or_default().insert(day, hours);
            }
        }
        prop_assert_eq!(format!("{:?}", world.decide()), format!("{decided:?}"));
    }
}
