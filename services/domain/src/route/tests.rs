//! The laws of the policy, over small provinces made by chance.

use std::sync::LazyLock;

use jiff::SignedDuration;
use proptest::{
    collection::{btree_set, vec},
    option,
    prelude::*,
};

use super::*;
use crate::{
    id::{ApplicationId, OfficerId},
    officer::Officer,
    procedure::Text,
    province::Documents,
};

const FIELDS: [&str; 3] = ["Chứng thực", "Hộ tịch", "Đất đai"];
const CODES: [&str; 6] = ["1", "2", "3", "4", "5", "D"];
/// Monday 2026-11-23, 09:00 in Việt Nam.
const MORNING: &str = "2026-11-23T02:00:00Z";

/// Six units without officers.
static EMPTY: LazyLock<Province> = LazyLock::new(|| {
    let files = [
        (
            "province.csv",
            "key,value,basis\ncode,37,x\nname_vi,Ninh Bình,x\nname_en,Ninh Bình,x\nagency_code,H42,x\n\
             time_zone,Asia/Ho_Chi_Minh,x\nsame_day_cutoff,15:00,x\n",
        ),
        (
            "units.csv",
            "code,kind,name_vi,name_en,cluster,latitude,longitude,neighbours\n\
             1,commune_centre,Trung tâm 1,Centre 1,X,20.1,106.0,\n\
             2,commune_centre,Trung tâm 2,Centre 2,X,20.2,106.1,\n\
             3,commune_centre,Trung tâm 3,Centre 3,X,20.3,106.2,\n\
             4,commune_centre,Trung tâm 4,Centre 4,Y,20.4,106.3,\n\
             5,commune_centre,Trung tâm 5,Centre 5,Y,20.5,106.4,\n\
             D,department,Sở D,Department D,,,,\n",
        ),
        ("unit_history.csv", "former_code,former_name,successor_code\n"),
        ("legal_calendar.csv", "date,kind,name_vi,name_en,basis\n2026-11-24,holiday,Ngày Văn hóa,Day,x\n"),
        (
            "working_hours.csv",
            "weekday,opens,closes\nmon,07:30,11:30\nmon,13:30,17:30\ntue,07:30,11:30\nwed,07:30,11:30\n\
             thu,07:30,11:30\nfri,07:30,11:30\n",
        ),
        (
            "procedures.csv",
            "code,name_vi,name_en,field_vi,field_en,tier,time_value,time_unit,online_level,fee_vnd,fee_rule,\
             result_vi,decided_by,boundary_free_kind,effective_from,effective_to,replaced_by,basis,confidence\n\
             1.1,A,A,Chứng thực,A,commune,3,working_day,full,0,free,G,U,B_receive_anywhere,,,,x,high\n",
        ),
        (
            "steps.csv",
            "procedure,step,kind,name_vi,name_en,scope,competence_key,authority,level,effort_minutes\n\
             1.1,1,work,T,T,province,none,,3,90\n",
        ),
        ("officers.csv", "code,unit,name\n1-01,1,A\n"),
        ("competencies.csv", "officer,field,level\n1-01,Chứng thực,3\n"),
        (
            "capacity.csv",
            "unit,date,opens,closes,reason\n2,2026-11-28,07:30,11:30,Saturday\n3,2026-11-25,,,flood\n",
        ),
    ];
    let files = files.map(|(name, content)| (name.to_owned(), content.as_bytes().to_vec()));
    let mut province = Province::parse(&Documents(files.into())).unwrap();
    province.officers.clear();
    province
});

fn unit(index: usize) -> UnitId {
    UnitId::of("37", CODES[index])
}

/// A province with its load and something to decide.
#[derive(Clone)]
struct World {
    policy: Policy,
    province: Province,
    snapshot: Snapshot,
    request: Request,
    now: Timestamp,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let officers: Vec<_> =
            self.province.officers.values().map(|officer| (officer.unit, &officer.competencies)).collect();
        let closed = self.province.units.keys().find(|at| !self.province.capacity.contains_key(at));
        write!(
            f,
            "{:?} {:?} {:?} now {} officers {officers:?} closed {closed:?}",
            self.policy, self.request, self.snapshot, self.now
        )
    }
}

impl World {
    fn hire(&mut self, at: UnitId, levels: &[(usize, Level)]) {
        let code = format!("{at}-{}", self.province.officers.len());
        let competencies = levels.iter().map(|(field, level)| (FIELDS[*field].to_owned(), *level)).collect();
        let officer =
            Officer { id: OfficerId::of("37", &code), code, unit: at, name: String::new(), competencies };
        self.province.officers.insert(officer.id, officer);
    }

    fn queue(&mut self, at: UnitId, (field, level, due_day, minutes): (usize, Level, Option<i32>, u32)) {
        let key = LoadKey { field: FIELDS[field].to_owned(), level, due_day };
        self.snapshot.units.entry(at).or_default().add(&Load { key, minutes, borrowed: false });
    }

    fn decide(&self) -> Result<Plan, Unplaced> {
        let Self { policy, province, snapshot, request, now } = self;
        decide(policy, province, &Roster::of(province), snapshot, request, *now)
    }

    fn keep(&self, at: UnitId) -> Result<Plan, Unplaced> {
        let Self { policy, province, snapshot, request, now } = self;
        keep(policy, province, &Roster::of(province), snapshot, request, at, *now)
    }

    fn is_able(&self, at: UnitId) -> bool {
        let Request { field, level, scope, listed, home, .. } = &self.request;
        let cluster = |unit: UnitId| &self.province.units[&unit].cluster;
        let in_scope = match scope {
            Scope::Home => at == *home,
            Scope::Cluster => at == *home || (!cluster(at).is_empty() && cluster(at) == cluster(*home)),
            Scope::Listed => at == *home || listed.contains(&at),
            Scope::Province => true,
        };
        in_scope
            && self.province.capacity.contains_key(&at)
            && self.province.officers_of(at).any(|officer| officer.is_competent(field, *level))
    }
}

/// The prediction for one unit, whatever the others do.
fn predicted(world: &World, at: UnitId) -> Timestamp {
    world.keep(at).unwrap().explanation.candidate(at).unwrap().predicted_finish_at
}

fn scopes() -> impl Strategy<Value = Scope> {
    prop_oneof![Just(Scope::Home), Just(Scope::Cluster), Just(Scope::Listed), Just(Scope::Province)]
}

fn policies() -> impl Strategy<Value = Policy> {
    let dials = (0.0..1.0f64, 0.0..200.0f64, 0.0..200.0f64, 0.0..0.3f64, 0..5000i64);
    prop_oneof![
        3 => Just(Policy::boundary_free()),
        1 => dials.prop_map(|(gate_share, moving_minutes, least_gain_minutes, tie_share, borrowed_cap_minutes)| {
            Policy {
                gate_share,
                moving_minutes,
                least_gain_minutes,
                tie_share,
                borrowed_cap_minutes,
                ..Policy::boundary_free()
            }
        }),
    ]
}

prop_compose! {
    fn requests()(
        id in any::<u128>(),
        field in 0..FIELDS.len(),
        level in 1..=5u8,
        effort_minutes in 1..600u32,
        scope in scopes(),
        listed in btree_set(0..CODES.len(), 0..3),
        home in 0..CODES.len(),
        previous in option::of(0..CODES.len()),
        due_in_hours in option::weighted(0.8, -100..500i64),
        papers in prop_oneof![Just(Papers::None), Just(Papers::Copies)],
        green in any::<bool>(),
    ) -> Request {
        let morning: Timestamp = MORNING.parse().unwrap();
        Request {
            work_item: WorkItem::first(ApplicationId::from_uuid(uuid::Uuid::from_u128(id)), 1),
            field: FIELDS[field].to_owned(),
            level,
            effort_minutes,
            scope,
            listed: listed.into_iter().map(unit).collect(),
            home: unit(home),
            received_at: unit(home),
            papers,
            conflicts: BTreeSet::new(),
            previous: previous.map(unit),
            due_at: due_in_hours.map(|hours| morning + SignedDuration::from_hours(hours)),
            green,
        }
    }
}

/// Field, level, due day (around the day of the request) and minutes of something queued.
fn queued() -> impl Strategy<Value = (usize, Level, Option<i32>, u32)> {
    (0..FIELDS.len(), 1..=5u8, option::of(20_775..20_800i32), 1..2000u32)
}

prop_compose! {
    fn worlds()(
        policy in policies(),
        request in requests(),
        officers in vec((0..CODES.len(), vec((0..FIELDS.len(), 1..=5u8), 1..4)), 0..16),
        load in vec((0..CODES.len(), queued()), 0..20),
        closed in option::weighted(0.2, 0..CODES.len()),
        after_minutes in 0..6000i64,
        epoch in 1..3i64,
    ) -> World {
        let now = MORNING.parse::<Timestamp>().unwrap() + SignedDuration::from_mins(after_minutes);
        let snapshot = Snapshot { epoch, ..Snapshot::default() };
        let mut world = World { policy, province: EMPTY.clone(), snapshot, request, now };
        for (at, levels) in officers {
            world.hire(unit(at), &levels);
        }
        for (at, item) in load {
            world.queue(unit(at), item);
        }
        if let Some(closed) = closed {
            world.province.capacity.remove(&unit(closed));
        }
        world
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nobody_who_is_unable_is_chosen_and_every_unit_is_accounted_for(world in worlds()) {
        let able: Vec<_> = world.province.units.keys().copied().filter(|at| world.is_able(*at)).collect();
        match world.decide() {
            Ok(plan) => {
                let Explanation { chosen, candidates, filtered, .. } = plan.explanation;
                let full = filtered.get(&Refused::Full).copied().unwrap_or_default();
                prop_assert!(able.contains(&chosen));
                prop_assert!(candidates.iter().all(|candidate| able.contains(&candidate.unit)));
                prop_assert!(plan.bids.iter().all(|bid| able.contains(&bid.unit)));
                // With six units nobody is left out of the short list.
                prop_assert_eq!(candidates.len() + full as usize, able.len());
                prop_assert_eq!(filtered.values().sum::<u32>() as usize + candidates.len(), CODES.len());
                let home = world.request.home;
                prop_assert_eq!(able.contains(&home), candidates.iter().any(|candidate| candidate.unit == home));
            }
            Err(unplaced) => {
                prop_assert!(able.is_empty());
                prop_assert_eq!(unplaced.filtered.values().sum::<u32>() as usize, CODES.len());
            }
        }
    }

    #[test]
    fn the_same_input_gives_the_same_plan(world in worlds()) {
        prop_assert_eq!(world.decide(), world.clone().decide());
    }

    #[test]
    fn the_ground_says_what_happened(world in worlds()) {
        let Ok(plan) = world.decide() else { return Ok(()) };
        let Explanation { chosen, home, ground, candidates, .. } = &plan.explanation;
        let of = |unit: UnitId| candidates.iter().find(|candidate| candidate.unit == unit);
        match ground {
            Ground::Home => prop_assert_eq!(chosen, home),
            Ground::Bound => {
                prop_assert_eq!(chosen, home);
                prop_assert_eq!(candidates.len(), 1);
            }
            Ground::Need => prop_assert!(of(*home).is_none()),
            Ground::Gain => {
                let gain = of(*home).unwrap().score - of(*chosen).unwrap().score;
                prop_assert!(gain >= world.policy.least_gain_minutes - 1e-6, "gain {}", gain);
            }
            Ground::Kept => prop_assert!(false, "nobody asked to keep it"),
        }
        prop_assert_eq!(&candidates[0].unit, chosen);
        for candidate in candidates {
            prop_assert!((candidate.terms.values().sum::<f64>() - candidate.score).abs() < 1e-6);
        }
    }

    #[test]
    fn an_idle_and_able_home_keeps_what_it_can_finish_in_good_time(mut world in worlds()) {
        let home = world.request.home;
        world.snapshot.units.remove(&home);
        world.request.due_at = Some(world.now + SignedDuration::from_hours(1000));
        world.policy = Policy::boundary_free();
        if world.is_able(home) {
            prop_assert_eq!(world.decide().unwrap().explanation.chosen, home);
        }
    }

    #[test]
    fn more_load_never_makes_it_sooner(mut world in worlds(), at in 0..CODES.len(), more in queued()) {
        let at = unit(at);
        prop_assume!(world.province.capacity.contains_key(&at));
        let before = predicted(&world, at);
        world.queue(at, more);
        prop_assert!(predicted(&world, at) >= before);
    }

    /// An officer who masters this field and no other: one who masters others too takes their work along.
    #[test]
    fn more_officers_never_make_it_later(mut world in worlds(), at in 0..CODES.len()) {
        let at = unit(at);
        prop_assume!(world.province.capacity.contains_key(&at));
        let Request { field, level, .. } = &world.request;
        let load = world.snapshot.units.entry(at).or_default();
        load.queued.retain(|key, _| key.field != *field || key.level == *level);
        let before = predicted(&world, at);
        let field = FIELDS.iter().position(|field| *field == world.request.field).unwrap();
        world.hire(at, &[(field, world.request.level)]);
        prop_assert!(predicted(&world, at) <= before);
    }

    #[test]
    fn the_first_bid_is_the_choice_and_fits_what_was_seen(world in worlds()) {
        let Ok(plan) = world.decide() else { return Ok(()) };
        prop_assert!((1..=MAX_BIDS).contains(&plan.bids.len()));
        prop_assert_eq!(plan.bids[0].unit, plan.explanation.chosen);
        for bid in &plan.bids {
            let seen = world.snapshot.units.get(&bid.unit).cloned().unwrap_or_default();
            prop_assert!(bid.fits(&plan.key, &seen));
            prop_assert_eq!(bid.is_borrowed(), bid.unit != plan.explanation.home);
            prop_assert_eq!(plan.load_at(bid.unit).borrowed, bid.is_borrowed());
            prop_assert_eq!(plan.won_by(bid.unit).unwrap().chosen, bid.unit);
        }
        prop_assert_eq!(plan.won_by(plan.explanation.chosen), Some(plan.explanation.clone()));
        prop_assert_eq!(plan.won_by(UnitId::of("38", "1")), None);
    }

    #[test]
    fn home_stays_up_to_its_ceiling_and_no_further(mut world in worlds()) {
        let home = world.request.home;
        world.policy.tie_share = 0.0;
        // The mean that fairness compares with moves with the load; a bid holds it still.
        world.policy.fair_weight = 0.0;
        let Ok(plan) = world.decide() else { return Ok(()) };
        let Bid { unit, ceiling_minutes, .. } = plan.bids[0];
        prop_assume!(unit == home && ceiling_minutes < i64::MAX);
        let load = world.snapshot.units.entry(home).or_default();
        let room = u32::try_from(ceiling_minutes - load.pool_minutes(&plan.key)).unwrap();
        load.add(&Load { minutes: room, ..plan.load_at(home) });
        prop_assert_eq!(world.decide().unwrap().explanation.chosen, home);
        world.snapshot.units.entry(home).or_default().add(&Load { minutes: 1, ..plan.load_at(home) });
        prop_assert_ne!(world.decide().unwrap().explanation.chosen, home);
    }

    #[test]
    fn home_only_moves_by_need_alone(mut world in worlds()) {
        world.policy = Policy::home_only();
        let Ok(plan) = world.decide() else { return Ok(()) };
        let explanation = &plan.explanation;
        prop_assert_eq!(explanation.chosen != explanation.home, explanation.ground == Ground::Need);
        prop_assert_eq!(world.is_able(world.request.home), explanation.chosen == explanation.home);
        if explanation.chosen == explanation.home {
            prop_assert_eq!(&plan.bids, &[Bid::always(explanation.home, false)]);
        }
    }

    #[test]
    fn a_bound_step_never_moves(mut world in worlds()) {
        world.request.scope = Scope::Home;
        let able = world.is_able(world.request.home);
        match world.decide() {
            Ok(plan) => {
                prop_assert_eq!(plan.explanation.ground, Ground::Bound);
                prop_assert_eq!(plan.bids, [Bid::always(world.request.home, false)]);
            }
            Err(unplaced) => {
                prop_assert!(!able);
                prop_assert_ne!(unplaced.why, Unassignable::NobodyCompetent);
            }
        }
    }

    #[test]
    fn a_kept_step_is_kept_and_predicted_as_if_it_were_chosen(world in worlds(), at in 0..CODES.len()) {
        let at = unit(at);
        let kept = world.keep(at);
        prop_assert_eq!(kept.is_ok(), world.province.capacity.contains_key(&at));
        let Ok(kept) = kept else { return Ok(()) };
        prop_assert_eq!((kept.explanation.chosen, kept.explanation.ground), (at, Ground::Kept));
        prop_assert_eq!(kept.explanation.filtered.is_empty(), world.is_able(at));
        let decided = world.decide().ok().and_then(|plan| plan.explanation.candidate(at).cloned());
        if let Some(decided) = decided {
            let kept = kept.explanation.candidate(at).unwrap();
            prop_assert_eq!(kept.predicted_finish_at, decided.predicted_finish_at);
            prop_assert_eq!(kept.queued_minutes, decided.queued_minutes);
        }
    }

    #[test]
    fn an_explanation_survives_the_store(world in worlds()) {
        let Ok(plan) = world.decide() else { return Ok(()) };
        let stored = serde_json::to_string(&plan.explanation).unwrap();
        let read: Explanation = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(serde_json::to_string(&read).unwrap(), stored);
    }
}

/// Home (unit 1) and unit 2 can do it; unit 2 is idle; home has `queued` minutes.
fn two_units(queued: u32) -> World {
    let request = Request {
        work_item: WorkItem::first(ApplicationId::from_uuid(uuid::Uuid::from_u128(7)), 1),
        field: FIELDS[1].to_owned(),
        level: 2,
        effort_minutes: 30,
        scope: Scope::Province,
        listed: BTreeSet::new(),
        home: unit(0),
        received_at: unit(0),
        papers: Papers::None,
        conflicts: BTreeSet::new(),
        previous: None,
        due_at: Some("2026-11-25T04:30:00Z".parse().unwrap()),
        green: false,
    };
    let mut world = World {
        policy: Policy::boundary_free(),
        province: EMPTY.clone(),
        snapshot: Snapshot { epoch: 1, ..Snapshot::default() },
        request,
        now: MORNING.parse().unwrap(),
    };
    world.hire(unit(0), &[(1, 3)]);
    world.hire(unit(1), &[(1, 3)]);
    if queued > 0 {
        world.queue(unit(0), (1, 2, Some(20_780), queued));
    }
    world
}

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
        "Stays at Centre 1, expected to be finished at 10:30 on 23 November 2026: there is no sufficient \
         reason to move it."
    );

    let world = two_units(600);
    let plan = world.decide().unwrap();
    assert_eq!((plan.explanation.chosen, plan.explanation.ground), (unit(1), Ground::Gain));
    assert_eq!(
        sentence(&plan, &world).vi,
        "Chuyển đến Trung tâm 2 vì dự kiến xong lúc 09:30 ngày 23/11/2026, sớm hơn tại Trung tâm 1 (dự kiến \
         lúc 11:30 ngày 25/11/2026)."
    );
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
    assert_eq!(home.terms["finish"], 73.0 + 30.0);
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
fn near_ties_are_drawn_anew_for_each_work_item_and_epoch() {
    let mut world = two_units(0);
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
    let unknown = serde_json::from_str::<Policy>(r#"{"surprise":1}"#).unwrap_err();
    assert!(unknown.to_string().contains("unknown field"));
}
