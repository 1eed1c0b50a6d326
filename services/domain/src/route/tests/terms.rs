//! The laws of the score, term by term: what a unit costs never falls by what makes it worse.

use super::*;

/// The terms of a unit, whatever the others do.
fn terms(world: &World, at: UnitId) -> Option<BTreeMap<std::borrow::Cow<'static, str>, f64>> {
    Some(world.keep(at).ok()?.explanation.candidate(at)?.terms.clone())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// So a bound of some of them is a bound of all, and nothing is moved for a bonus.
    #[test]
    fn nothing_but_continuity_is_ever_a_bonus(world in worlds(), at in 0..CODES.len()) {
        let Some(terms) = terms(&world, unit(at)) else { return Ok(()) };
        for (name, minutes) in &terms {
            prop_assert!(*minutes >= 0.0 || name == "continuity", "{} {}", name, minutes);
        }
        let most = world.policy.continuity_minutes;
        prop_assert!((-most..=0.0).contains(&terms["continuity"]));
    }

    #[test]
    fn home_pays_for_no_boundary(mut world in worlds()) {
        let home = world.request.home;
        let Some(terms) = terms(&world, home) else { return Ok(()) };
        prop_assert_eq!([terms["boundary"], terms["lent"], terms["rarity"]], [0.0; 3]);
        prop_assert_eq!(terms["distance"], 0.0);
        world.request.home = unit(usize::from(home == unit(0)));
        if world.province.capacity.contains_key(&home) {
            // A thousandth of a minute is the smallest cost.
            let boundary = self::terms(&world, home).unwrap()["boundary"];
            prop_assert!((boundary - world.policy.moving_minutes).abs() <= 0.0005);
        }
    }

    /// Softened where the slack is thin, a minute more is never cheaper, and past the due date costs its weight.
    #[test]
    fn a_later_finish_never_costs_less(mut world in worlds(), at in 0..CODES.len(), more in 1..3000u32) {
        let at = unit(at);
        let Some(before) = terms(&world, at) else { return Ok(()) };
        let due_day = world.request.due_day(&world.province);
        let key = LoadKey { field: world.request.field.clone(), level: world.request.level, due_day };
        world.snapshot.units.entry(at).or_default().add(&Load { key, minutes: more, borrowed: false });
        let Some(after) = terms(&world, at) else { return Ok(()) };
        let later = after["finish"] - before["finish"];
        prop_assume!(later >= 0.0);
        prop_assert!(after["late"] >= before["late"]);
        let remaining = world.request.due_at.map(|due_at| world.province.clock.minutes_between(world.now, due_at));
        if remaining.is_some_and(|remaining| before["finish"] > remaining as f64) {
            let cost = world.policy.lateness_weight * later;
            prop_assert!((after["late"] - before["late"] - cost).abs() < 0.01);
        }
    }

    #[test]
    fn distance_counts_where_papers_travel_and_is_nothing_on_their_way(mut world in worlds(), at in 0..CODES.len()) {
        let Request { home, received_at, previous, .. } = world.request.clone();
        let lie = previous.unwrap_or(received_at);
        let Some(terms) = terms(&world, unit(at)) else { return Ok(()) };
        if world.request.papers == Papers::None || [home, lie].contains(&unit(at)) {
            prop_assert_eq!(terms["distance"], 0.0);
        } else {
            let roster = Roster::of(&world.province, &world.registry);
            let km = |one, other| roster.station(one).unwrap().distance_km(roster.station(other).unwrap());
            let out_of_the_way = (km(lie, unit(at)) + km(unit(at), home) - km(lie, home)) / 2.0;
            let minutes = world.policy.minutes_per_km * out_of_the_way.max(0.0);
            prop_assert!((terms["distance"] - minutes).abs() < 0.001, "{} km", out_of_the_way);
        }
        world.request.papers = Papers::None;
        prop_assert_eq!(self::terms(&world, unit(at)).unwrap()["distance"], 0.0);
    }

    /// Only who knows the person or the file is drawn to it, by the step before more than by an earlier application.
    #[test]
    fn continuity_is_for_whoever_had_it_before(world in worlds(), at in 0..CODES.len()) {
        let at = unit(at);
        let Some(terms) = terms(&world, at) else { return Ok(()) };
        let Request { previous, earlier, .. } = world.request;
        let share = match previous {
            Some(previous) => f64::from(u8::from(previous == at)),
            None => 0.5 * f64::from(u8::from(earlier == Some(at))),
        };
        prop_assert_eq!(terms["continuity"].abs(), share * world.policy.continuity_minutes);
    }
}

/// Home has 400 minutes to do, and the other nothing.
#[test]
fn the_burden_above_the_mean_costs_its_weight() {
    let mut world = two_units(0);
    world.request.due_at = None;
    world.policy.gate_share = 0.0;
    let fairness = |world: &World| {
        let decided = world.decide().unwrap().explanation;
        [0, 1].map(|index| decided.candidate(unit(index)).unwrap().terms["fairness"])
    };
    assert_eq!(fairness(&world), [0.0, 0.0]);
    // A mean of 200 minutes of one officer: 200 more than that at home, 200 fewer at the other.
    world.queue(unit(0), (1, 2, None, 400));
    assert_eq!(fairness(&world), [200.0 * world.policy.fair_weight, 0.0]);
}
