//! The laws of the rescue, over a small province that is loaded by chance.

use std::{collections::BTreeSet, sync::LazyLock};

use jiff::SignedDuration;
use proptest::{collection::vec, prelude::*};
use uuid::Uuid;

use super::*;
use crate::{
    id::{ApplicationId, Id as _, OfficerId},
    officer::Officer,
    procedure::{Papers, Scope},
    province::Documents,
    registry::{Registry, Standing},
    route::{LoadKey, decide, replay},
    unit::Unit,
};

const FIELD: &str = "Chứng thực";
const CODES: [&str; 4] = ["1", "2", "3", "4"];
/// Monday, 09:00 in Việt Nam; offices never close.
const MORNING: &str = "2026-11-23T02:00:00Z";

/// Four units of two officers each; unit 4 is of another cluster.
static PROVINCE: LazyLock<Province> = LazyLock::new(|| {
    let files = [
        (
            "province.csv",
            "key,value,basis\ncode,37,x\nname_vi,Ninh Bình,x\nname_en,Ninh Bình,x\nagency_code,H42,x\n\
             time_zone,Asia/Ho_Chi_Minh,x\nsame_day_cutoff,15:00,x\n",
        ),
        (
            "units.csv",
            "code,kind,name_vi,name_en,cluster,latitude,longitude,neighbours\n\
             1,commune_centre,Trung tâm 1,Centre 1,X,20.1,106.0,2\n\
             2,commune_centre,Trung tâm 2,Centre 2,X,20.2,106.1,1\n\
             3,commune_centre,Trung tâm 3,Centre 3,X,20.3,106.2,\n\
             4,commune_centre,Trung tâm 4,Centre 4,Y,20.4,106.3,\n",
        ),
        ("unit_history.csv", "former_code,former_name,successor_code\n"),
        ("legal_calendar.csv", "date,kind,name_vi,name_en,basis\n"),
        (
            "working_hours.csv",
            "weekday,opens,closes\nmon,00:00,24:00\ntue,00:00,24:00\nwed,00:00,24:00\nthu,00:00,24:00\n\
             fri,00:00,24:00\nsat,00:00,24:00\nsun,00:00,24:00\n",
        ),
        (
            "procedures.csv",
            "code,name_vi,name_en,field_vi,field_en,tier,time_value,time_unit,online_level,fee_vnd,fee_rule,\
             result_vi,decided_by,boundary_free_kind,effective_from,effective_to,replaced_by,basis,confidence\n\
             1.1,A,A,Chứng thực,A,commune,3,working_day,full,0,free,G,U,A_decide_anywhere,,,,x,high\n",
        ),
        (
            "steps.csv",
            "procedure,step,kind,name_vi,name_en,scope,competence_key,authority,level,effort_minutes\n\
             1.1,1,work,T,T,province,none,,3,90\n",
        ),
        ("officers.csv", "code,unit,name\n1-01,1,A\n"),
        ("competencies.csv", "officer,field,level\n1-01,Chứng thực,3\n"),
        ("capacity.csv", "unit,date,opens,closes,reason\n"),
    ];
    let files = files.map(|(name, content)| (name.to_owned(), content.as_bytes().to_vec()));
    let mut province = Province::parse(&Documents(files.into())).unwrap();
    province.officers.clear();
    for code in CODES {
        for number in 0..2 {
            let officer_code = format!("{code}-{number}");
            let officer = Officer {
                id: OfficerId::of("37", &officer_code),
                code: officer_code,
                unit: unit(code),
                name: String::new(),
                competencies: [(FIELD.to_owned(), 3)].into(),
            };
            province.officers.insert(officer.id, officer);
        }
    }
    province
});

static ROSTER: LazyLock<Roster> = LazyLock::new(|| Roster::of(&PROVINCE, &Registry::default()));

fn unit(code: &str) -> UnitId {
    UnitId::of("37", code)
}

fn now() -> Timestamp {
    MORNING.parse().unwrap()
}

/// A work item of 60 minutes at a unit that is its home, due in so many hours.
fn item(number: u128, at: &str, due_in_hours: i64) -> Unstarted {
    let work_item = WorkItem::first(ApplicationId::from_uuid(Uuid::from_u128(number)), 1);
    let mut sample = request(work_item, at);
    sample.due_at = Some(now() + SignedDuration::from_hours(due_in_hours));
    let load = load(&sample);
    Unstarted { work_item, request: sample, at: unit(at), load, overridden: false, rescued_from: Vec::new() }
}

/// What it adds to a unit that is its home.
fn load(request: &Request) -> Load {
    Load { key: request.key(&PROVINCE), minutes: request.effort_minutes, borrowed: false }
}

fn request(work_item: WorkItem, home: &str) -> Request {
    Request {
        work_item: work_item.next_attempt(),
        field: FIELD.to_owned(),
        level: 3,
        effort_minutes: 60,
        scope: Scope::Province,
        listed: BTreeSet::new(),
        home: unit(home),
        received_at: unit(home),
        papers: Papers::None,
        conflicts: BTreeSet::new(),
        previous: None,
        earlier: None,
        due_at: None,
        green: false,
    }
}

fn board(items: &[Unstarted]) -> Snapshot {
    let mut snapshot = Snapshot { epoch: 1, sequence: 1, ..Snapshot::default() };
    for item in items {
        snapshot.units.entry(item.at).or_default().add(&item.load);
    }
    snapshot
}

fn find(policy: &Policy, items: &[Unstarted], spent: Spent) -> Vec<Rescue> {
    rescue(policy, &PROVINCE, &ROSTER, &board(items), items, spent, now())
}

/// 40 hours of work for the two officers of unit 1, all of it due in 12.
fn drowned() -> Vec<Unstarted> {
    (0..40).map(|number| item(number, "1", 12)).collect()
}

#[test]
fn a_unit_that_drowns_is_relieved_of_what_would_be_late_and_of_no_more() {
    let items = drowned();
    let policy = Policy { rescue_budget: 100, ..Policy::boundary_free() };
    let rescues = find(&policy, &items, Spent::default());
    // Two officers do 24 hours of work in 12; some more have to go so that the last is on time, too.
    assert!((16..=24).contains(&rescues.len()), "{}", rescues.len());
    for rescue in &rescues {
        let Plan { explanation, bids, .. } = &rescue.plan;
        assert_eq!((explanation.ground, explanation.home), (Ground::Rescued, unit("1")));
        let moved = explanation.moved.as_ref().unwrap();
        assert_eq!((moved.from, moved.by.as_str(), moved.reason.as_str()), (Some(unit("1")), RESCUER, ""));
        assert!(explanation.candidate(unit("1")).is_some(), "the loser is told");
        assert_eq!(bids.len(), 1);
        assert!(bids[0].unit == explanation.chosen && bids[0].ceiling_minutes < i64::MAX);
    }
    // What is left is on time: a second look moves nothing.
    let moved: BTreeMap<_, _> =
        rescues.iter().map(|rescue| (rescue.work_item, rescue.plan.explanation.chosen)).collect();
    let left: Vec<_> = items
        .into_iter()
        .map(|item| match moved.get(&item.work_item) {
            Some(at) => Unstarted { at: *at, rescued_from: vec![item.at], ..item },
            None => item,
        })
        .collect();
    assert_eq!(find(&policy, &left, Spent::default()), []);
}

#[test]
fn a_budget_holds_for_who_loses_and_who_gains_and_counts_what_was_before() {
    let items = drowned();
    let policy = Policy { rescue_budget: 3, ..Policy::boundary_free() };
    assert_eq!(find(&policy, &items, Spent::default()).len(), 3);
    let mut spent = Spent::default();
    spent.note(unit("1"), unit("2"));
    spent.note(unit("1"), unit("2"));
    assert_eq!(find(&policy, &items, spent.clone()).len(), 1);
    spent.note(unit("1"), unit("2"));
    assert_eq!(find(&policy, &items, spent), []);
}

#[test]
fn what_a_person_sent_there_and_what_was_rescued_often_enough_stays() {
    let policy = Policy::boundary_free();
    let stays: [fn(&mut Unstarted); 3] = [
        |item| item.overridden = true,
        |item| item.rescued_from = vec![unit("2"), unit("3")],
        |item| item.rescued_from = ["2", "3", "4"].map(unit).to_vec(),
    ];
    for keeps in stays {
        let mut items = drowned();
        items.iter_mut().for_each(keeps);
        assert_eq!(find(&policy, &items, Spent::default()), []);
    }
    // Rescued once, it may be again, but not back.
    let mut items = drowned();
    items.iter_mut().for_each(|item| item.rescued_from = vec![unit("2")]);
    let rescues = find(&policy, &items, Spent::default());
    assert!(!rescues.is_empty());
    assert!(rescues.iter().all(|rescue| rescue.plan.explanation.chosen != unit("2")));
    let home_only = Policy::home_only();
    assert_eq!(find(&home_only, &drowned(), Spent::default()), []);
    let never = Policy { rescue_most_moves: 0, ..policy };
    assert_eq!(find(&never, &drowned(), Spent::default()), []);
}

/// Of two hours less ahead of it, say, it would have been on time where it was: exactly so, and no minute less.
#[test]
fn whoever_lost_it_is_told_how_much_shorter_the_queue_had_to_be() {
    let items = drowned();
    let policy = Policy::boundary_free();
    let rescues = find(&policy, &items, Spent::default());
    let first = &rescues.first().unwrap().plan.explanation;
    let what_if = first.what_if.unwrap();
    assert!(what_if.unit == unit("1") && what_if.queue_minutes < 0);
    let name = |unit: UnitId| PROVINCE.units[&unit].name.clone();
    assert!(what_if.sentence(first.ground, name).en.starts_with("It would not have had to leave Centre 1"));
    let item = items.iter().find(|item| item.work_item == rescues[0].work_item).unwrap();
    let in_time = |less: i64| {
        let mut view = board(&items);
        let less = u32::try_from(less).unwrap();
        view.units.get_mut(&item.at).unwrap().remove(&Load { minutes: less, ..item.load.clone() });
        let mut look = Look { policy: &policy, province: &PROVINCE, roster: &ROSTER, view, now: now() };
        look.lateness(item).is_none()
    };
    assert!(in_time(-what_if.queue_minutes) && !in_time(-what_if.queue_minutes - 1));
    assert_eq!(&replay(&policy, &PROVINCE, &ROSTER, first).unwrap(), first);
}

/// The short list of a decision may be full of units where it would be too late for a rescue; behind them one is not.
#[test]
fn it_is_looked_at_every_unit_that_is_able() {
    let mut province = PROVINCE.clone();
    let model = province.units[&unit("1")].clone();
    // Six more units in the cluster, as near as can be, all of them with so much to do that there would be no slack.
    for number in 10..16 {
        let code = number.to_string();
        let id = UnitId::of("37", &code);
        province.units.insert(id, Unit { id, code: code.clone(), ..model.clone() });
        province.capacity.insert(id, province.capacity[&unit("1")].clone());
        let officer = Officer {
            id: OfficerId::of("37", &code),
            code,
            unit: id,
            name: String::new(),
            competencies: [(FIELD.to_owned(), 3)].into(),
        };
        province.officers.insert(officer.id, officer);
    }
    let roster = Roster::of(&province, &Registry::default());
    let mut items = drowned();
    let mut snapshot = board(&items);
    // 11 of 12 hours: on time, and too near to be a rescue.
    for number in 10..16 {
        let load = Load { minutes: 600, ..items[0].load.clone() };
        snapshot.units.entry(UnitId::of("37", &number.to_string())).or_default().add(&load);
    }
    for code in ["2", "3"] {
        let load = Load { minutes: 1300, ..items[0].load.clone() };
        snapshot.units.entry(unit(code)).or_default().add(&load);
    }
    // Only unit 4, far away and dear to reach, has time.
    let policy = Policy {
        minutes_per_km: 20.0,
        lateness_weight: 1.0,
        risk_minutes: 0.0,
        gate_share: 0.0,
        ..Policy::boundary_free()
    };
    items.truncate(1);
    items[0].request.papers = Papers::Copies;
    let own = decide(&policy, &province, &roster, &snapshot, &items[0].request, now()).unwrap();
    assert_eq!(own.explanation.candidate(unit("4")), None, "not on the short list");
    let rescues = rescue(&policy, &province, &roster, &snapshot, &items, Spent::default(), now());
    assert_eq!(rescues.iter().map(|rescue| rescue.plan.explanation.chosen).collect::<Vec<_>>(), [unit("4")]);
}

/// 90 minutes are left. Unit 2 touches home and needs 35: in good time, and with too little slack for a rescue. Unit 3 is further
/// away and needs 27.
#[test]
fn whoever_does_it_in_good_time_and_may_not_have_it_ends_no_search() {
    let mut late = item(0, "1", 12);
    late.request.due_at = Some(now() + SignedDuration::from_mins(90));
    late.request.effort_minutes = 20;
    late.load = load(&late.request);
    let items = [late];
    let mut snapshot = board(&items);
    for (code, minutes) in [("1", 400), ("2", 16)] {
        let queued = Load { minutes, ..items[0].load.clone() };
        snapshot.units.entry(unit(code)).or_default().add(&queued);
    }
    let rescues =
        rescue(&Policy::boundary_free(), &PROVINCE, &ROSTER, &snapshot, &items, Spent::default(), now());
    assert_eq!(rescues.iter().map(|rescue| rescue.plan.explanation.chosen).collect::<Vec<_>>(), [unit("3")]);
}

/// It left home once, for home was late; home is able still, and so nobody who has too much to do has to take it.
#[test]
fn nobody_who_has_too_much_to_do_is_sent_a_rescue_while_home_is_able() {
    let mut items: Vec<_> = (0..40).map(|number| item(number, "2", 12)).collect();
    for item in &mut items {
        item.request.home = unit("1");
        item.rescued_from = vec![unit("1")];
    }
    let mut snapshot = board(&items);
    for code in ["3", "4"] {
        let key = LoadKey { due_day: None, ..items[0].load.key.clone() };
        snapshot.units.entry(unit(code)).or_default().add(&Load { key, minutes: 100, borrowed: false });
    }
    let find = |borrowed_cap_minutes| {
        let policy = Policy { borrowed_cap_minutes, ..Policy::boundary_free() };
        rescue(&policy, &PROVINCE, &ROSTER, &snapshot, &items, Spent::default(), now())
    };
    assert_eq!(find(10), []);
    let rescues = find(2400);
    assert!(!rescues.is_empty());
    assert!(rescues.iter().all(|rescue| rescue.plan.explanation.moved.as_ref().unwrap().against.is_empty()));
}

#[test]
fn of_a_unit_that_finishes_nothing_nobody_is_told_that_it_could_have() {
    let standing = Standing { availability: Availability::Emergency, ..Standing::default() };
    let registry = Registry { standings: [(unit("1"), standing)].into(), ..Registry::default() };
    let roster = Roster::of(&PROVINCE, &registry);
    let items = drowned();
    let policy = Policy::boundary_free();
    let rescues = rescue(&policy, &PROVINCE, &roster, &board(&items), &items, Spent::default(), now());
    assert!(!rescues.is_empty());
    assert!(rescues.iter().all(|rescue| rescue.plan.explanation.what_if.is_none()));
}

/// Between the look and the move others may take something of another pool there: the board holds the limits.
#[test]
fn a_rescue_is_bid_for_within_what_the_unit_may_have() {
    let standing =
        Standing { most_open_items: Some(9), most_borrowed_minutes: Some(300), ..Standing::default() };
    let standings = ["2", "3", "4"].map(|code| (unit(code), standing.clone()));
    let registry = Registry { standings: standings.into(), ..Registry::default() };
    let roster = Roster::of(&PROVINCE, &registry);
    let items = drowned();
    let policy = Policy::boundary_free();
    let rescues = rescue(&policy, &PROVINCE, &roster, &board(&items), &items, Spent::default(), now());
    assert!(!rescues.is_empty());
    for bid in rescues.iter().flat_map(|rescue| &rescue.plan.bids) {
        assert_eq!((bid.most_open_items, bid.borrowed_ceiling_minutes), (8, Some(300 - 60)));
    }
}

#[test]
fn in_an_emergency_everything_goes_that_is_on_time_elsewhere() {
    let items: Vec<_> = (0..3).map(|number| item(number, "1", 24 * 30)).collect();
    let policy = Policy::boundary_free();
    assert_eq!(find(&policy, &items, Spent::default()), []);
    let standing = Standing { availability: Availability::Emergency, ..Standing::default() };
    let registry = Registry { standings: [(unit("1"), standing)].into(), ..Registry::default() };
    let roster = Roster::of(&PROVINCE, &registry);
    let rescues = rescue(&policy, &PROVINCE, &roster, &board(&items), &items, Spent::default(), now());
    assert_eq!(rescues.len(), 3);
}

prop_compose! {
    fn worlds()(
        items in vec((0..CODES.len(), 1..40_i64, any::<bool>(), 0..3_usize), 1..60),
    ) -> Vec<Unstarted> {
        let numbered = (0_u128..).zip(items);
        numbered.map(|(number, (at, due, overridden, rescued))| {
            let mut item = item(number, CODES[at], due);
            item.overridden = overridden && number % 3 == 0;
            item.rescued_from = CODES.iter().cycle().skip(at + 1).take(rescued).map(|code| unit(code)).collect();
            item
        }).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Played one after the other, every move takes something late to where it is on time with slack and gain; limits
    /// hold; and the same look finds the same.
    #[test]
    fn it_only_ever_moves_from_late_to_on_time(items in worlds(), budget in 0..6_u32) {
        let policy = Policy { rescue_budget: budget, ..Policy::boundary_free() };
        let rescues = find(&policy, &items, Spent::default());
        prop_assert_eq!(&rescues, &find(&policy, &items, Spent::default()));
        let by_item: BTreeMap<_, _> = items.iter().map(|item| (item.work_item, item)).collect();
        let mut look =
            Look { policy: &policy, province: &PROVINCE, roster: &ROSTER, view: board(&items), now: now() };
        let mut seen = BTreeSet::new();
        let (mut lost, mut gained) = (BTreeMap::<UnitId, u32>::new(), BTreeMap::<UnitId, u32>::new());
        for rescue in rescues {
            let item = by_item[&rescue.work_item];
            let to = rescue.plan.explanation.chosen;
            prop_assert!(seen.insert(rescue.work_item), "once each");
            prop_assert!(!item.overridden && item.rescued_from.len() < 2 && !item.rescued_from.contains(&to));
            prop_assert!(look.lateness(item).is_some() && to != item.at);
            *lost.entry(item.at).or_default() += 1;
            *gained.entry(to).or_default() += 1;
            look.without(item);
            let there = Unstarted { at: to, ..item.clone() };
            look.with(&there);
            let finish = look.finish_here(&there).unwrap();
            let due_at = item.request.due_at.unwrap();
            let slack = minutes(PROVINCE.clock.minutes_between(finish, due_at));
            prop_assert!(slack >= policy.rescue_slack_minutes, "{slack}");
            prop_assert_eq!(rescue.plan.explanation.candidate(to).unwrap().predicted_finish_at, finish);
        }
        prop_assert!(lost.values().chain(gained.values()).all(|count| *count <= budget));
    }

    /// Where nothing is late, nothing moves.
    #[test]
    fn what_is_on_time_stays(items in worlds()) {
        let items: Vec<_> = items.into_iter().map(|mut item| {
            item.request.due_at = Some(now() + SignedDuration::from_hours(24 * 30));
            item.load = load(&item.request);
            item
        }).collect();
        prop_assert_eq!(find(&Policy::boundary_free(), &items, Spent::default()), []);
    }
}
