//! What is decided between two units of which one has more to do, and in what words.

use jiff::civil::time;

use super::*;

fn sentence(plan: &Plan, world: &World) -> Text {
    let zone = world.province.clock.time_zone();
    plan.explanation.sentence(|unit| world.province.units[&unit].name.clone(), zone)
}

#[test]
fn the_gate_keeps_it_at_home_and_a_gain_moves_it() {
    let world = two_units(60);
    let plan = world.decide().unwrap();
    assert_eq!((plan.explanation.chosen, plan.explanation.ground), (unit(0), Ground::Home));
    assert_eq!(
        sentence(&plan, &world).en,
        "Stays at Centre 1, expected to be finished at 10:40 on 23 November 2026: there is no sufficient \
         reason to move it."
    );

    let world = two_units(600);
    let plan = world.decide().unwrap();
    assert_eq!((plan.explanation.chosen, plan.explanation.ground), (unit(1), Ground::Gain));
    assert_eq!(
        sentence(&plan, &world).vi,
        "Chuyển đến Trung tâm 2 vì dự kiến xong lúc 09:40 ngày 23/11/2026, sớm hơn tại Trung tâm 1 (dự kiến \
         lúc 07:40 ngày 26/11/2026)."
    );
}

#[test]
fn a_citizen_is_told_in_two_sentences_and_what_would_have_turned_it() {
    let world = two_units(600);
    let plan = world.decide().unwrap();
    let name = |unit: UnitId| world.province.units[&unit].name.clone();
    let told = plan.explanation.for_citizen(name, world.province.clock.time_zone());
    assert_eq!(
        told.en,
        "Your application is worked on at Centre 2, expected to be finished at 09:40 on 23 November 2026. It is \
         better served there than at Centre 1 at present; the result is returned where you asked for it."
    );
    assert_eq!(told.vi.matches(". ").count(), 1);
    let what_if = plan.explanation.what_if.unwrap();
    assert_eq!((what_if.unit, what_if.queue_minutes), (unit(0), -388));
    assert_eq!(
        what_if.sentence(Ground::Gain, name).vi,
        "Trung tâm 1 đã nhận việc này nếu việc chờ ở đó ít hơn 388 phút làm việc."
    );
    // And one that stayed goes when there is more to do.
    let world = two_units(60);
    let what_if = world.decide().unwrap().explanation.what_if.unwrap();
    assert_eq!((what_if.unit, what_if.queue_minutes), (unit(0), 153));
    assert!(
        what_if
            .sentence(Ground::Home, name)
            .en
            .starts_with("It would have gone elsewhere if the queue at Centre 1 were")
    );
}

#[test]
fn what_stands_in_the_way_at_home_is_told_as_it_is() {
    let told = |world: &World| {
        let plan = world.decide().unwrap();
        let name = |unit: UnitId| world.province.units[&unit].name.clone();
        (sentence(&plan, world).en, plan.explanation.for_citizen(name, world.province.clock.time_zone()).en)
    };
    let mut conflicted = two_units(60);
    conflicted.request.conflicts = [unit(0)].into();
    let (officer, citizen) = told(&conflicted);
    assert!(
        officer.starts_with("Goes to Centre 2 because Centre 1 has a conflict of interest;"),
        "{officer}"
    );
    assert!(citizen.contains(". Centre 1 has a conflict of interest;"), "{citizen}");
    let mut closed = two_units(60);
    let standing = Standing { availability: Availability::Closed, ..Standing::default() };
    closed.registry.standings.insert(unit(0), standing);
    let (officer, _) = told(&closed);
    assert!(officer.contains("because Centre 1 takes no work at present;"), "{officer}");
    // Nobody calls good time what is late.
    let mut late = two_units(6000);
    late.policy.home_only = true;
    let (officer, citizen) = told(&late);
    assert!(officer.contains(", late: by the rules no other unit"), "{officer}");
    assert!(citizen.contains("That is later than promised"), "{citizen}");
}

#[test]
fn need_ignores_the_cap_that_gain_keeps() {
    let mut world = two_units(600);
    world.policy.borrowed_cap_minutes = 10;
    world.queue(unit(1), (1, 2, None, 11));
    let plan = world.decide().unwrap();
    assert_eq!((plan.explanation.ground, plan.explanation.filtered[&Refused::Full]), (Ground::Home, 1));

    world.province.officers.retain(|_, officer| officer.unit != unit(0));
    let plan = world.decide().unwrap();
    assert_eq!((plan.explanation.ground, plan.explanation.chosen), (Ground::Need, unit(1)));
    assert!(
        sentence(&plan, &world).vi.starts_with("Chuyển đến Trung tâm 2 vì Trung tâm 1 hiện không có người")
    );
}

#[test]
fn only_earlier_deadlines_of_shared_officers_are_ahead() {
    let mut world = two_units(100);
    world.hire(unit(0), &[(0, 5)]);
    world.hire(unit(0), &[(0, 5), (1, 5)]);
    world.queue(unit(0), (0, 4, Some(20_000), 90)); // one of its two officers is ours: 45
    world.queue(unit(0), (0, 1, Some(30_000), 1000)); // due later
    world.queue(unit(0), (1, 5, None, 1000)); // nothing promised: last
    world.queue(unit(0), (2, 1, Some(20_000), 1000)); // nobody can do it
    let home = world.decide().unwrap().explanation.candidate(unit(0)).cloned().unwrap();
    assert_eq!((home.queued_minutes, home.competent_officers), (145, 2));
    // Four of five such steps take no longer than 40 minutes where 30 are the mean.
    assert_eq!(home.terms["finish"], 73.0 + 40.0);
}

#[test]
fn who_is_busy_with_other_work_joins_later() {
    let mut world = two_units(40);
    world.hire(unit(0), &[(0, 5), (1, 5)]);
    world.queue(unit(0), (0, 4, Some(20_000), 300)); // nobody but the new one masters it
    let Explanation { facts, .. } = world.decide().unwrap().explanation;
    let home = world.decide().unwrap().explanation.candidate(unit(0)).cloned().unwrap();
    assert_eq!((home.queued_minutes, home.competent_officers, home.busy_officers), (40, 2, 1));
    assert_eq!(home.terms["finish"], 40.0 + 40.0);
    // Six numbers; beside them how many are busy, and after how many minutes each of these joins.
    let (kept, at) = (serde_json::to_value(&facts).unwrap(), unit(0).to_string());
    assert_eq!(kept["facts"][&at], serde_json::json!([40, 340, 40, 2, 0, 0]));
    assert_eq!(kept["busy"], serde_json::json!({ at: [1, [300]] }));
    assert_eq!(serde_json::from_value::<Facts>(kept).unwrap(), facts);
    // With so much of its own the pool needs both: they share 320 and 300 minutes.
    world.queue(unit(0), (1, 2, Some(20_000), 280));
    let home = world.decide().unwrap().explanation.candidate(unit(0)).cloned().unwrap();
    assert_eq!((home.queued_minutes, home.busy_officers, home.terms["finish"]), (620, 0, 310.0 + 40.0));
}

#[test]
fn whoever_joins_makes_the_promise_no_surer_in_a_moment() {
    let mut world = two_units(1);
    (world.request.scope, world.request.effort_minutes) = (Scope::Home, 25);
    world.request.due_at = Some(world.now + SignedDuration::from_mins(155));
    world.hire(unit(0), &[(0, 5), (1, 5)]);
    world.queue(unit(0), (0, 4, Some(20_000), 100)); // nobody but the new one masters it
    let (mut before, mut joined) = (0.0, false);
    for _ in 1..140 {
        world.queue(unit(0), (1, 2, Some(20_780), 1));
        let home = world.decide().unwrap().explanation.candidate(unit(0)).cloned().unwrap();
        // A wait is rounded up to a minute, and that is shared by two.
        assert!(home.late_probability > before - 0.002, "{home:?} after {before}");
        (before, joined) = (home.late_probability, home.busy_officers == 0);
    }
    assert!(joined && before > 0.0);
}

#[test]
fn a_record_from_before_knows_of_nobody_busy() {
    let kept = serde_json::json!({ "facts": { unit(0).to_string(): [1, 2, 3, 4, 5, 6] } });
    let facts: Facts = serde_json::from_value(kept.clone()).unwrap();
    let queue = Queue { ahead: 1, committed: 2, own: 3, open_items: 4, borrowed: 5, lent: 6, busy: 0 };
    assert_eq!(facts.get(unit(0)), Some(queue));
    assert_eq!(serde_json::to_value(&facts).unwrap(), kept);
}

#[test]
fn what_nobody_promised_sorts_last() {
    let key = |due_day| LoadKey { field: "a".to_owned(), level: 1, due_day };
    assert!(key(Some(i32::MAX)) < key(None) && key(Some(-1)) < key(Some(0)));
    assert!(
        key(None).is_ahead_of(None) && key(Some(3)).is_ahead_of(Some(3)) && !key(None).is_ahead_of(Some(3))
    );
}

#[test]
fn what_stands_in_the_way_of_all_is_told() {
    let mut world = two_units(0);
    let why = |world: &World| world.decide().unwrap_err().why;
    let both = |world: &mut World, standing: Standing| {
        world.registry.standings = [(unit(0), standing.clone()), (unit(1), standing)].into();
    };
    both(&mut world, Standing { availability: Availability::Emergency, ..Standing::default() });
    assert_eq!(why(&world), Unassignable::NotAccepting);
    both(&mut world, Standing { most_open_items: Some(0), ..Standing::default() });
    assert_eq!(why(&world), Unassignable::NoCapacity);
    world.registry = Registry::default();
    for officer in world.province.officers.keys() {
        let absence = Absence { from: date(2026, 11, 1), to: date(2026, 12, 31) };
        world.registry.absences.insert(*officer, vec![absence]);
    }
    assert_eq!(why(&world), Unassignable::NobodyPresent);
    // When it is too late anyway, it waits for whoever comes back first.
    world.request.due_at = Some(world.now);
    assert!(world.decide().is_ok());
}

#[test]
fn whoever_comes_back_takes_up_what_waits() {
    let mut world = two_units(0);
    let only = *world.province.officers.iter().find(|(_, officer)| officer.unit == unit(0)).unwrap().0;
    // Monday is under way; Tuesday is a holiday.
    let absence = Absence { from: date(2026, 11, 20), to: date(2026, 11, 23) };
    world.registry.absences.insert(only, vec![absence]);
    world.request.scope = Scope::Home;
    let home = world.decide().unwrap().explanation.candidate(unit(0)).cloned().unwrap();
    assert_eq!(home.predicted_finish_at, "2026-11-25T01:10:00Z".parse().unwrap());
}

/// Monday from 09:00 on, and Wednesday morning; Tuesday is a holiday.
#[test]
fn whoever_is_there_for_a_part_of_the_day_works_then_and_goes_on_on_the_next() {
    let mut world = two_units(0);
    world.request.scope = Scope::Home;
    let only = *world.province.officers.iter().find(|(_, officer)| officer.unit == unit(0)).unwrap().0;
    let mut finish = |opens: Time, closes: Time| {
        let hours = vec![Hours { opens, closes }];
        world.registry.officer_hours.insert(only, [(date(2026, 11, 23), hours)].into());
        predicted(&world, unit(0))
    };
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    // Four of five such steps take no longer than 40 minutes.
    assert_eq!(finish(time(7, 30, 0, 0), time(11, 30, 0, 0)), at("2026-11-23T02:40:00Z"));
    assert_eq!(finish(time(10, 0, 0, 0), time(11, 30, 0, 0)), at("2026-11-23T03:40:00Z"));
    assert_eq!(finish(time(7, 30, 0, 0), time(9, 30, 0, 0)), at("2026-11-25T00:40:00Z"));
    // At lunch nobody is there.
    assert_eq!(finish(time(11, 0, 0, 0), time(14, 0, 0, 0)), at("2026-11-23T06:40:00Z"));
}

#[test]
fn quicker_officers_are_sooner_done_and_a_narrow_gate_lets_less_stay() {
    let mut world = two_units(300);
    assert_eq!(predicted(&world, unit(0)), world.now + SignedDuration::from_mins(150 + 120 + 150 + 40));
    world.policy.speed_percent = [100, 100, 200, 200, 200];
    assert_eq!(predicted(&world, unit(0)), world.now + SignedDuration::from_mins(150 + 120 + 20));

    // 300 + 40 of 630 minutes that are left on the legal clock.
    let mut world = two_units(200);
    assert_eq!(world.decide().unwrap().explanation.ground, Ground::Home);
    world.request.green = true;
    let moved = world.decide().unwrap().explanation;
    assert_eq!((moved.ground, moved.ring), (Ground::Gain, Ring::Neighbours));
    assert!(!moved.gate.unwrap().passed);
}

#[test]
fn an_honest_appointment_is_given_where_the_promise_will_not_hold() {
    let look = |world: &World| {
        let roster = Roster::of(&world.province, &world.registry);
        let signed = Request { scope: Scope::Home, effort_minutes: 5, ..world.request.clone() };
        let steps = [world.request.clone(), signed].map(|step| vec![step]);
        let World { policy, province, snapshot, now, .. } = world;
        outlook(policy, province, &roster, snapshot, steps, *now).unwrap().unwrap().1.unwrap()
    };
    let mut world = two_units(0);
    let idle = look(&world);
    assert!(idle.holds() && idle.on_time > 0.99, "{idle:?}");
    assert_eq!(idle.feasible_at, world.request.due_at.unwrap());
    // Everybody has two weeks of work ahead.
    for at in 0..2 {
        world.queue(unit(at), (1, 2, Some(20_000), 3000));
    }
    let busy = look(&world);
    assert!(!busy.holds() && busy.on_time < 0.01, "{busy:?}");
    let zone = world.province.clock.time_zone();
    assert!(busy.finish_at <= busy.feasible_at && busy.feasible_at > world.request.due_at.unwrap());
    assert_eq!(zone.to_datetime(busy.feasible_at).time(), jiff::civil::time(11, 30, 0, 0));
    assert!(busy.sentence(zone).vi.starts_with("Hiện các nơi giải quyết đang quá tải"));
    assert!(
        idle.sentence(zone).en.starts_with("The result is expected in time, at 11:30 on 25 November 2026")
    );
}

/// Nobody has room by the rules, and a supervisor sends it home nevertheless: what filled the others is in the record, too.
#[test]
fn an_order_against_full_units_is_made_again_as_it_was() {
    let mut world = two_units(30);
    world.queue(unit(1), (1, 2, Some(20_780), 30));
    let full = Standing { most_open_items: Some(1), ..Standing::default() };
    world.registry.standings = [0, 1].map(|index| (unit(index), full.clone())).into();
    assert!(world.decide().is_err());
    let World { policy, province, registry, snapshot, request, now } = &world;
    let roster = Roster::of(province, registry);
    let (by, reason) = ("supervisor/s", "bàn giao");
    let order = Order { at: unit(0), ground: Ground::Overridden, from: None, by, reason, home_known: true };
    let ordered = dispatch(policy, province, &roster, snapshot, request, order, *now).unwrap().explanation;
    assert_eq!(ordered.filtered.get(&Refused::AtCapacity), Some(&2));
    assert_eq!(world.replay(&ordered).unwrap(), ordered);
}

/// Where it is doubtful whether the promise holds, no appointment is given that is just as doubtful.
#[test]
fn an_appointment_in_place_of_the_promise_is_never_the_promise_itself() {
    let mut doubtful = 0;
    for queued in (0..1_500).step_by(10) {
        let mut world = two_units(queued);
        world.queue(unit(1), (1, 2, Some(20_780), queued.max(1)));
        let World { policy, province, registry, snapshot, now, request } = &world;
        let roster = Roster::of(province, registry);
        let found = outlook(policy, province, &roster, snapshot, [vec![request.clone()]], *now).unwrap();
        let outlook = found.unwrap().1.unwrap();
        let due_at = request.due_at.unwrap();
        assert_eq!(outlook.holds(), outlook.feasible_at == due_at, "{queued}: {outlook:?}");
        assert!(outlook.finish_at <= outlook.feasible_at);
        doubtful += u32::from((0.3..0.8).contains(&outlook.on_time));
    }
    assert!(doubtful > 2, "between sure and hopeless there is something");
}

#[test]
fn whoever_helped_of_late_is_spared_and_less_each_day() {
    let mut world = two_units(600);
    let today = lent_on(world.now);
    let lent = |world: &World| world.decide().unwrap().explanation.candidate(unit(1)).unwrap().terms["lent"];
    assert_eq!(lent(&world), 0.0);
    world.snapshot.lent.insert(unit(1), [(today, 300), (today - 7, 400)].into());
    assert_eq!(lent(&world), 50.0);
    world.now += SignedDuration::from_hours(7 * 24);
    world.request.due_at = None;
    world.policy.gate_share = 0.0;
    assert_eq!(world.keep(unit(1)).unwrap().explanation.candidate(unit(1)).unwrap().terms["lent"], 25.0);
}

#[test]
fn whoever_alone_masters_something_rare_is_spared() {
    let mut world = two_units(0);
    world.hire(unit(1), &[(2, 5)]);
    let rarity =
        |world: &World| world.keep(unit(1)).unwrap().explanation.candidate(unit(1)).unwrap().terms["rarity"];
    assert_eq!(rarity(&world), 0.0);
    // Of the two who can do it there, one is the province's second for land.
    world.hire(unit(1), &[(1, 3), (2, 5)]);
    assert_eq!(rarity(&world), world.policy.rarity_minutes / 2.0);
}

#[test]
fn near_ties_are_drawn_anew_for_each_work_item_and_epoch() {
    let mut world = two_units(0);
    // A department touches nobody.
    world.request.home = unit(5);
    world.province.officers.clear();
    (1..5).for_each(|index| world.hire(unit(index), &[(1, 3)]));
    let mut chosen = std::collections::BTreeSet::new();
    for epoch in 0..64 {
        world.snapshot.epoch = epoch;
        chosen.insert(world.decide().unwrap().explanation.chosen);
    }
    assert_eq!(chosen.len(), 4);
}

#[test]
fn a_policy_names_every_dial_at_fault() {
    assert_eq!(Policy::boundary_free().validate(), Ok(()));
    assert_eq!(Policy::home_only().validate(), Ok(()));
    let wrong = Policy { gate_share: f64::NAN, tie_share: 1.5, version: 0, ..Policy::default() };
    let rejection = wrong.validate().unwrap_err();
    let fields: Vec<_> = rejection.violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, ["version", "gate_share", "tie_share"]);
    // So large that the sum of all costs would be none.
    let huge = Policy { moving_minutes: 1e16, lateness_weight: 1e9, ..Policy::default() };
    assert_eq!(huge.validate().unwrap_err().violations.len(), 2);
    let unknown = serde_json::from_str::<Policy>(r#"{"surprise":1}"#).unwrap_err();
    assert!(unknown.to_string().contains("unknown field"));
}
