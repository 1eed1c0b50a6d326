//! What a policy would come to: over a quarter, and for the cases that are open.

use std::collections::BTreeMap;

use phidia_domain::{Kind, Rejection};
use phidia_proto::routing::v1::{
    DecisionTrace, LiveCases, QuarterResult, SimulateRequest, SimulateResponse, SimulatedQuarter,
    TraceResult, simulate_request::Start, simulate_response::Answer,
};
use phidia_runtime::status;
use tempfile::tempdir;

use crate::{
    facts::started,
    harness::{Office, item, operator, supervisor, until},
    log::linked,
    province,
};

fn demand() -> BTreeMap<String, Vec<u8>> {
    [
        ("demand_units.csv", "unit,weight\n1,3\n2,1\n"),
        ("demand_procedures.csv", "procedure,weight\n1.1,1\n1.2,2\n"),
        ("demand_hours.csv", "hour,weight\n8,2\n9,1\n14,1\n"),
    ]
    .map(|(name, content)| (name.to_owned(), content.as_bytes().to_vec()))
    .into()
}

fn quarter() -> SimulatedQuarter {
    SimulatedQuarter {
        quarter: "2025Q3".to_owned(),
        loads: vec![1.0],
        seeds: 2,
        applications: 300,
        days: 10,
        demand_files: demand(),
        ..SimulatedQuarter::default()
    }
}

fn of(quarter: SimulatedQuarter) -> SimulateRequest {
    SimulateRequest { policy: String::new(), start: Some(Start::Quarter(quarter)) }
}

pub(crate) async fn last(office: &Office, request: SimulateRequest) -> Result<Answer, Rejection> {
    let refused = |refusal| status::from_status(&refusal);
    let mut answers = office.routing(operator()).simulate(request).await.map_err(refused)?.into_inner();
    let mut last = None;
    while let Some(SimulateResponse { answer }) = answers.message().await.map_err(refused)? {
        last = answer;
    }
    Ok(last.unwrap())
}

async fn played(office: &Office) -> QuarterResult {
    match last(office, of(quarter())).await.unwrap() {
        Answer::Quarter(result) => result,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quarter_of_the_active_province_is_played_beside_home_only() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let result = played(&office).await;
    assert_eq!((result.policy.as_str(), result.against.as_str()), ("boundary-free@1", "home-only@1"));
    let [load] = result.loads.as_slice() else { panic!("one load") };
    let on_time = &load.figures["on_time"];
    assert!(on_time.policy.unwrap().mean >= on_time.against.unwrap().mean);
    assert!(on_time.difference.unwrap().half_width.is_some());
    let rescued = &load.figures["rescued"];
    assert!(rescued.policy.unwrap().mean >= 0.0);
    assert!(rescued.against.unwrap().mean.abs() < f64::EPSILON, "at home nothing is rescued");
    // The figures depend on the seed alone.
    assert_eq!(played(&office).await, result);
    // Nothing was stored, and nothing is on the board, which may be younger than the answer.
    until(async || office.units().await.is_ok()).await;
    assert!(office.units().await.unwrap().iter().all(|unit| unit.open_items == 0));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_or_too_much_is_refused() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let refusal = async |request| last(&office, request).await.unwrap_err();
    for (reason, request) in [
        ("MISSING_FIELD", SimulateRequest::default()),
        ("MISSING_FIELD", of(SimulatedQuarter { quarter: String::new(), ..quarter() })),
        ("UNKNOWN_QUARTER", of(SimulatedQuarter { quarter: "2025Q9".to_owned(), ..quarter() })),
        ("OUT_OF_RANGE", of(SimulatedQuarter { loads: vec![], ..quarter() })),
        ("OUT_OF_RANGE", of(SimulatedQuarter { loads: vec![-1.0], ..quarter() })),
        ("MALFORMED_DEMAND", of(SimulatedQuarter { demand_files: BTreeMap::new(), ..quarter() })),
    ] {
        let refusal = refusal(request).await;
        assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Invalid, reason));
        let field = &refusal.violations[0].field;
        assert!(field == "start" || field.starts_with("quarter."), "{field} is a path in the request");
    }
    let wrong = "name = \"x\"\ngate = 0.4\n".to_owned();
    let refused = refusal(SimulateRequest { policy: wrong, ..of(quarter()) }).await;
    assert_eq!(refused.kind, Kind::Invalid);
    assert!(refused.violations.iter().any(|violation| violation.field.contains('2')), "{refused:?}");
    let refused = refusal(of(SimulatedQuarter { applications: 0, days: 0, seeds: 2, ..quarter() })).await;
    assert_eq!((refused.kind, refused.reason.as_str()), (Kind::Exhausted, "SIMULATION_TOO_LARGE"));
    let refused = office.routing(supervisor(None)).simulate(of(quarter())).await.unwrap_err();
    assert_eq!(status::from_status(&refused).kind, Kind::Forbidden);
    office.close().await;
}

/// One is played at a time, and no longer than somebody listens.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_makes_room_for_the_next() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let long = of(SimulatedQuarter { applications: 90_000, days: 0, seeds: 1, ..quarter() });
    let mut answers = office.routing(operator()).simulate(long).await.unwrap().into_inner();
    let first = answers.message().await.unwrap().unwrap();
    assert!(matches!(first.answer, Some(Answer::Progress(_))), "{first:?}");
    let refused = last(&office, of(quarter())).await.unwrap_err();
    assert_eq!((refused.kind, refused.reason.as_str()), (Kind::Exhausted, "SIMULATION_RUNNING"));
    drop(answers);
    until(async || last(&office, of(quarter())).await.is_ok()).await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_open_cases_are_decided_anew_and_stay_where_they_are() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..9, province::COPY, "1").await;
    office.rest().await;
    assert_eq!(office.decision(item(1, 1)).await.unit_id, province::unit("1").to_string());
    office.apply(item(1, 1), started(item(1, 1), "1")).await;
    let live = async |policy: &str| {
        let request = SimulateRequest { policy: policy.to_owned(), start: Some(Start::Live(LiveCases {})) };
        match last(&office, request).await.unwrap() {
            Answer::Live(result) => result,
            other => panic!("{other:?}"),
        }
    };
    let units = office.units().await.unwrap();
    let elsewhere: u32 = units.iter().filter(|unit| unit.code != "1").map(|unit| unit.open_items).sum();
    assert!(elsewhere > 0, "the default policy shares the work");
    let home_only = phidia_domain::policy::document::write(&phidia_domain::route::Policy::home_only());
    let result = live(&home_only).await;
    assert_eq!((result.open_items, result.begun_items), (8, 1));
    assert_eq!((result.moving_items, result.staying_items), (elsewhere, 7 - elsewhere));
    assert!(result.late_after >= result.late_before);
    for moved in &result.moves {
        assert_eq!(moved.to_unit_id, province::unit("1").to_string());
        assert!(moved.finish_after.is_some() && moved.due_at.is_some());
    }
    assert_eq!(office.units().await.unwrap(), units, "nothing was changed");
    office.close().await;
}

fn again(trace: DecisionTrace) -> SimulateRequest {
    SimulateRequest { policy: String::new(), start: Some(Start::Trace(trace)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_decided_is_played_again_and_comes_out_as_it_was() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..9, province::COPY, "1").await;
    office.rest().await;
    linked(&office, 8).await;
    let units = office.units().await.unwrap();
    let played = async |trace: DecisionTrace| -> TraceResult {
        match last(&office, again(trace)).await.unwrap() {
            Answer::Trace(result) => result,
            other => panic!("{other:?}"),
        }
    };
    let result = played(DecisionTrace::default()).await;
    assert_eq!((result.policy.as_str(), result.against.as_str()), ("boundary-free@1", "home-only@1"));
    assert_eq!((result.decisions, result.steps, result.left_out_steps), (8, 8, 0));
    assert_eq!([result.first_day.as_str(), result.last_day.as_str()], ["2026-11-23", "2026-11-23"]);
    let load = result.played.as_ref().unwrap();
    assert_eq!(load.applications, 8);
    // Nothing was counted out between the decisions: the policy that made them makes them again.
    let same = &load.figures["as_decided"];
    assert!((same.policy.unwrap().mean - 1.0).abs() < f64::EPSILON, "{same:?}");
    assert!(same.against.unwrap().mean < 1.0, "it had shared the work: {same:?}");
    assert!(load.figures.values().all(|figure| figure.difference.unwrap().half_width.is_none()));
    let at_home: f64 = result.units.iter().map(|unit| unit.applications).sum();
    let away: f64 = result.ways.iter().map(|way| way.applications).sum();
    assert!((at_home - 8.0).abs() < f64::EPSILON && away > 0.0 && away < at_home);
    assert_eq!(played(DecisionTrace::default()).await, result);

    let later = played(DecisionTrace { after_position: 6, ..DecisionTrace::default() }).await;
    assert_eq!((later.decisions, later.played.unwrap().applications), (2, 2));
    assert_eq!(office.units().await.unwrap(), units, "nothing was changed");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_with_nothing_in_it_is_not_played() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let refusal = async |trace| {
        let refusal = last(&office, again(trace)).await.unwrap_err();
        (refusal.kind, refusal.reason)
    };
    let behind = |after_position| DecisionTrace { after_position, ..DecisionTrace::default() };
    let nothing = (Kind::Precondition, "NOTHING_LOGGED".to_owned());
    assert_eq!(refusal(behind(0)).await, nothing);
    office.submit(1..3, province::COPY, "1").await;
    office.rest().await;
    linked(&office, 2).await;
    assert_eq!(refusal(behind(2)).await, nothing);
    assert_eq!(refusal(behind(i64::MAX)).await, nothing);
    assert_eq!(refusal(behind(-1)).await, (Kind::Invalid, "OUT_OF_RANGE".to_owned()));
    let wrong = DecisionTrace { against: "gate = ".to_owned(), ..DecisionTrace::default() };
    let refused = last(&office, again(wrong)).await.unwrap_err();
    assert_eq!(refused.kind, Kind::Invalid);
    assert!(refused.violations[0].field.starts_with("trace.against."), "{refused:?}");
    office.close().await;
}
