//! What was really decided, played again.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use jiff::{SignedDuration, Timestamp};
use phidia_domain::{
    Kind,
    id::UnitId,
    registry::Registry,
    route::{self, Roster, Snapshot, lent_on},
};

use super::*;
use crate::simulate::{
    arrivals::Arrivals,
    trace::{Decided, Decisions, Trace},
};

/// Nothing ends within the seconds in which so many applications come in.
const APPLICATIONS: usize = 50;

/// Where every step takes four times as long as it should.
fn slow() -> Simulator {
    simulator(Experiment { conditions: Conditions { effort_share: 4.0, ..Conditions::default() }, ..small() })
}

/// What the policy decides on a morning on which everybody comes to the same centre, a second apart: a board on
/// which nothing is counted out. The second steps are decided the day after.
fn log(policy: &Policy) -> Vec<Decided> {
    let Simulator { world, demand, quarter, .. } = &slow();
    let province = &world.province;
    let drawn = Arrivals::draw(demand, province, quarter, 3_000, &Conditions::default(), 1).unwrap();
    let first_steps = || {
        drawn.applications.iter().filter_map(|one| one.ask(world, 0, None).unwrap().map(|asked| (one, asked)))
    };
    let mut homes: BTreeMap<UnitId, usize> = BTreeMap::new();
    for (_, request) in first_steps() {
        *homes.entry(request.home).or_default() += 1;
    }
    let (busiest, _) = homes.into_iter().max_by_key(|(_, count)| *count).unwrap();
    let opening: Timestamp = "2025-07-01T08:00:00+07".parse().unwrap();
    let roster = Roster::of(province, &Registry::default());
    let mut board = Snapshot { epoch: 7, ..Snapshot::default() };
    let (mut log, mut later) = (Vec::new(), Vec::new());
    let mut decide = |log: &mut Vec<Decided>, request: route::Request, at: Timestamp| {
        let plan = route::decide(policy, province, &roster, &board, &request, at).unwrap();
        let chosen = plan.explanation.chosen;
        let load = plan.load_at(chosen);
        board.units.entry(chosen).or_default().add(&load);
        if load.borrowed {
            let days = board.lent.entry(chosen).or_default();
            *days.entry(lent_on(at)).or_default() += i64::from(load.minutes);
        }
        log.push(Decided { at, request, epoch: board.epoch, chosen });
    };
    let of_the_busiest = first_steps().filter(|(_, request)| request.home == busiest);
    for (second, (application, request)) in (0..).zip(of_the_busiest.take(APPLICATIONS)) {
        let at = opening + SignedDuration::from_secs(second);
        decide(&mut log, request, at);
        later.extend(application.ask(world, 1, None).unwrap());
    }
    for request in later {
        decide(&mut log, request, opening + SignedDuration::from_hours(24));
    }
    log
}

fn trace(log: &[Decided]) -> Result<Trace, Rejection> {
    let mut decisions = Decisions::default();
    log.iter().for_each(|decided| decisions.add(decided.clone()));
    Trace::new(&slow().world.province, Arc::default(), decisions, 1)
}

fn facts(report: &Report) -> &TraceFacts {
    match &report.played {
        Played::Trace(facts) => facts,
        Played::Quarter { .. } => panic!("a trace was played"),
    }
}

#[test]
fn the_policy_that_made_the_log_chooses_the_same_again() {
    let policy = Policy::boundary_free();
    let log = log(&policy);
    let ended = AtomicU64::new(0);
    let report = trace(&log)
        .unwrap()
        .compare(&policy, &Policy::home_only(), &|| {
            ended.fetch_add(1, Ordering::Relaxed);
            true
        })
        .unwrap();
    let facts = facts(&report);
    let decisions = u64::try_from(log.len()).unwrap();
    assert_eq!((facts.decisions, facts.steps, facts.left_out), (decisions, decisions, 0));
    assert_eq!([facts.first_day, facts.last_day].map(|day| day.to_string()), ["2025-07-01", "2025-07-01"]);
    // Every step once, under both policies.
    assert_eq!(ended.into_inner(), 2 * decisions);
    let [load] = report.loads.as_slice() else { panic!("as it was") };
    assert_eq!(load.applications, 50);
    let mean = |measure| load.figures[&measure].policy.mean;
    assert!(mean(Measure::MovedForGain) > 0.0, "it was too much for one centre");
    assert!((mean(Measure::AsDecided) - 1.0).abs() < f64::EPSILON, "{}", mean(Measure::AsDecided));
    assert!(load.figures[&Measure::AsDecided].against.mean < 1.0, "home-only would have kept some");
    assert!((mean(Measure::Open)).abs() < f64::EPSILON, "all is finished");
    // One sample has no interval.
    for (measure, figure) in &load.figures {
        assert_eq!(figure.difference.half_width, None, "{measure:?}");
    }
    assert!(load.figures.len() == Measure::ALL.len() && !load.flows.is_empty());
}

#[test]
fn a_trace_is_the_same_every_time_and_a_policy_does_not_differ_from_itself() {
    let log = log(&Policy::boundary_free());
    let run = || {
        let home_only = Policy::home_only();
        figures(&trace(&log).unwrap().compare(&home_only, &home_only, &|| true).unwrap())
    };
    let figures = run();
    assert_eq!(figures, run());
    assert!(figures.iter().all(|(_, figure)| figure.difference == Estimate { mean: 0.0, half_width: None }));
}

#[test]
fn a_later_attempt_counts_once_and_a_home_that_is_no_more_is_left_out() {
    let mut log = log(&Policy::boundary_free());
    let played = |log: &[Decided]| {
        let policy = Policy::boundary_free();
        let report = trace(log).unwrap().compare(&policy, &Policy::home_only(), &|| true).unwrap();
        (facts(&report).clone(), figures(&report))
    };
    let (before, once) = played(&log);
    let mut again = log[3].clone();
    again.request.work_item = again.request.work_item.next_attempt();
    again.chosen = UnitId::of("37", "elsewhere");
    log.push(again);
    let (after, twice) = played(&log);
    assert_eq!((after.decisions, after.steps), (before.decisions + 1, before.steps));
    assert_eq!(once, twice);

    let abolished = UnitId::of("37", "abolished");
    let about = log[3].request.work_item.application;
    let of_it = log.iter_mut().filter(|decided| decided.request.work_item.application == about);
    of_it.for_each(|decided| decided.request.home = abolished);
    let (facts, _) = played(&log);
    assert!(facts.left_out > 0 && facts.steps == before.steps);
}

#[test]
fn what_is_no_trace_is_refused() {
    let refusal = trace(&[]).unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, "NOTHING_LOGGED"));
    let log = log(&Policy::home_only());
    let mut gone = log[0].clone();
    gone.request.home = UnitId::of("37", "abolished");
    assert_eq!(trace(&[gone]).unwrap_err().reason, "NOTHING_LOGGED");
    let wrong = Policy { gate_share: 2.0, ..Policy::boundary_free() };
    let refusal = trace(&log).unwrap().compare(&Policy::home_only(), &wrong, &|| true).unwrap_err();
    let Interrupted::Refused(refusal) = refusal else { panic!("{refusal}") };
    assert_eq!(refusal.violations[0].field, "against.gate_share");
    let stopped = trace(&log).unwrap().compare(&Policy::home_only(), &Policy::home_only(), &|| false);
    assert!(matches!(stopped, Err(Interrupted::Stopped)));
}
