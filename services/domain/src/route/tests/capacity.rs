//! Laws of the prediction: more to do never makes it sooner, and more capacity never makes it later.

use jiff::civil::time;
use proptest::{
    collection::{btree_set, vec},
    prelude::*,
};

use super::{CODES, FIELDS, predicted, queued, unit, worlds};
use crate::calendar::Hours;

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
        prop_assert!(predicted(&world, at) <= absent);
    }
}
