//! Somebody falls ill, and their work is rescued. On Tuesday officer 1-01 is at work until the office closes, and what is
//! handed in meanwhile at centre 1 waits; on Wednesday the officer does not come.

use std::sync::Arc;

use jiff::Timestamp;
use phidia_domain::{
    id::{ApplicationId, Id as _, OfficerId, UnitId},
    registry::Registry,
};
use uuid::Uuid;

use super::*;
use crate::simulate::{
    application::{Application, Steps},
    arrivals::Arrivals,
    outcome::{Fate, Outcome},
    play::play,
    world::World,
};

const THURSDAY_EVENING: &str = "2025-07-03T17:30:00+07";
const FRIDAY_EVENING: &str = "2025-07-04T17:30:00+07";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Handed in at a centre on Tuesday at some time, due at some instant, and really so many minutes of work.
fn handed_in(number: u128, centre: &str, time: &str, due_at: &str, minutes: u32) -> Application {
    let day = "2025-07-01".parse().unwrap();
    let received_at = UnitId::of("37", centre);
    Application {
        id: ApplicationId::from_uuid(Uuid::from_u128(number)),
        at: at(&format!("2025-07-01T{time}:00+07")),
        due_at: Some(at(due_at)),
        minutes: vec![minutes],
        steps: Steps::OfProcedure { code: "1.1".to_owned(), day, received_at, places: BTreeMap::new() },
    }
}

/// What keeps officer 1-01 busy until the office closes.
fn busy() -> Application {
    handed_in(1, "1", "13:30", THURSDAY_EVENING, 240)
}

/// Too late for anybody who is busy to end it the same day.
fn at_half_past_four(number: u128) -> Application {
    handed_in(number, "1", "16:30", THURSDAY_EVENING, 60)
}

fn absent(officer: &str, from: &str, to: &str) -> (OfficerId, Absence) {
    let [from, to] = [from, to].map(|day| day.parse().unwrap());
    (OfficerId::of("37", officer), Absence { from, to })
}

/// Who falls ill without anybody's knowing it before.
fn ill<const N: usize>(illnesses: [(OfficerId, Absence); N]) -> Attendance {
    Attendance { illnesses: illnesses.into(), ..Attendance::default() }
}

/// Who is on leave.
fn on_leave<const N: usize>(absences: [(OfficerId, Absence); N]) -> Arc<Registry> {
    let absences = absences.map(|(officer, absence)| (officer, vec![absence])).into();
    Registry { absences, ..Registry::default() }.into()
}

/// From Wednesday to Friday.
fn rest_of_the_week(officer: &str) -> (OfficerId, Absence) {
    absent(officer, "2025-07-02", "2025-07-04")
}

fn played(
    policy: &Policy,
    centres: usize,
    applications: Vec<Application>,
    attendance: &Attendance,
) -> (World, Outcome) {
    let province = Province::parse(&Documents(row_of_centres(centres))).unwrap();
    let world = World::of(province, 1.0);
    let outcome = play(&world, policy, &Arrivals::of(applications), attendance, &|| true).unwrap();
    (world, outcome)
}

/// What became of the last of them.
fn fate_of_the_last(
    policy: &Policy,
    centres: usize,
    applications: Vec<Application>,
    attendance: &Attendance,
) -> Fate {
    played(policy, centres, applications, attendance).1.fates.pop().unwrap()
}

fn centre(code: &str) -> Option<UnitId> {
    Some(UnitId::of("37", code))
}

#[test]
fn what_waits_for_somebody_who_falls_ill_is_on_time_elsewhere_and_late_without_rescue() {
    let attendance = ill([rest_of_the_week("1-01")]);
    let became =
        |policy: Policy| fate_of_the_last(&policy, 2, vec![busy(), at_half_past_four(2)], &attendance);

    let rescued = became(Policy::boundary_free());
    assert_eq!((rescued.chosen, rescued.worked_at, rescued.rescues), (centre("1"), centre("2"), 1));
    // Nobody knew of it on Tuesday, when centre 2 had nothing to do either.
    assert_eq!(rescued.begun_at, Some(at("2025-07-02T07:30:00+07")));
    assert!(rescued.finished_at < Some(at(THURSDAY_EVENING)));
    assert_eq!(rescued.assigned_at, Some(at("2025-07-01T16:30:00+07")), "it has waited since then");

    for never in [
        Policy { rescue_most_moves: 0, ..Policy::boundary_free() },
        Policy { rescue_budget: 0, ..Policy::boundary_free() },
        Policy::home_only(),
    ] {
        let late = became(never);
        assert_eq!((late.worked_at, late.rescues), (centre("1"), 0));
        assert_eq!(late.begun_at, Some(at("2025-07-07T07:30:00+07")), "back on Monday");
    }
}

#[test]
fn leave_is_known_beforehand_and_illness_from_its_first_morning_on() {
    let chosen_on_tuesday = |attendance: &Attendance| {
        let applications = vec![busy(), at_half_past_four(2)];
        fate_of_the_last(&Policy::boundary_free(), 2, applications, attendance).chosen
    };
    let officer = "1-01";
    assert_eq!(chosen_on_tuesday(&ill([rest_of_the_week(officer)])), centre("1"));
    assert_eq!(chosen_on_tuesday(&Attendance::foreseen(on_leave([rest_of_the_week(officer)]))), centre("2"));
    // Since Monday, before anything was handed in.
    let monday = absent(officer, "2025-06-30", "2025-07-04");
    assert_eq!(chosen_on_tuesday(&ill([monday])), centre("2"));
}

#[test]
fn a_unit_loses_no_more_in_a_quarter_of_an_hour_than_the_budget_says() {
    let begun = |rescue_budget: u32| {
        let waiting = (2..=4).map(|number| handed_in(number, "1", "14:00", THURSDAY_EVENING, 5));
        let applications = [busy()].into_iter().chain(waiting).collect();
        let policy = Policy { rescue_budget, ..Policy::boundary_free() };
        let (_, outcome) = played(&policy, 2, applications, &ill([rest_of_the_week("1-01")]));
        let fates = &outcome.fates[1..];
        assert!(fates.iter().all(|fate| fate.rescues == 1 && fate.worked_at == centre("2")));
        let mut begun: Vec<_> = fates.iter().filter_map(|fate| fate.begun_at).collect();
        begun.sort_unstable();
        begun
    };
    let on_wednesday = |times: [&str; 3]| times.map(|time| at(&format!("2025-07-02T{time}:00+07"))).to_vec();
    assert_eq!(begun(10), on_wednesday(["07:30", "07:35", "07:40"]), "one after the other");
    assert_eq!(begun(1), on_wednesday(["07:30", "07:45", "08:00"]), "one by each look");
}

/// Rescued to centre 2, where it waits, too: on Thursday the officer there falls ill.
#[test]
fn nothing_is_rescued_more_often_than_the_policy_allows() {
    let became = |rescue_most_moves: u32| {
        let applications = vec![
            busy(),
            // All of Wednesday, although an hour was planned.
            handed_in(2, "2", "16:00", FRIDAY_EVENING, 90 + 480),
            handed_in(3, "1", "16:30", FRIDAY_EVENING, 60),
        ];
        let attendance = Attendance {
            // So that on Wednesday centre 2 is the first to finish it.
            foreseen: on_leave([absent("3-01", "2025-07-02", "2025-07-02")]),
            ..ill([rest_of_the_week("1-01"), absent("2-01", "2025-07-03", "2025-07-04")])
        };
        let policy = Policy { rescue_most_moves, ..Policy::boundary_free() };
        fate_of_the_last(&policy, 3, applications, &attendance)
    };
    let twice = became(2);
    assert_eq!((twice.rescues, twice.worked_at), (2, centre("3")));
    assert!(twice.finished_at < Some(at(FRIDAY_EVENING)));
    let once = became(1);
    assert_eq!((once.rescues, once.worked_at), (1, centre("2")));
    assert!(once.finished_at > Some(at(FRIDAY_EVENING)));
}

/// Chance is the same for both policies of a pair, whatever one of them rescues.
#[test]
fn who_stays_at_home_meets_the_same_whatever_others_rescue() {
    let conditions = Conditions { shock_share: 1.0, effort_share: 2.0, ..Conditions::default() };
    let applications = QUARTERLY_APPLICATIONS / 10;
    let experiment = Experiment { conditions, applications, loads: vec![10.0], ..small() };
    let beside = |policy: Policy| {
        let figures = figures(&compare(experiment.clone(), &policy, &Policy::home_only()));
        let rescued = figures.iter().find(|(measure, _)| *measure == Measure::Rescued).unwrap().1.policy.mean;
        let at_home = figures.into_iter().map(|(measure, figure)| (measure, figure.against));
        (rescued, Vec::from_iter(at_home))
    };
    let (some, at_home) = beside(Policy::boundary_free());
    let (none, the_same) = beside(Policy { rescue_most_moves: 0, ..Policy::boundary_free() });
    assert!(some > 0.0 && none.abs() < f64::EPSILON, "{some} {none}");
    assert_eq!(at_home, the_same);
}
