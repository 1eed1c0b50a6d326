//! Where work goes, and what is said of it.

use phidia_domain::{
    Kind,
    caller::{Caller, Role},
};
use phidia_proto::{
    events::v1::{AssignmentGround, event::Fact},
    routing::v1::{ExplainAssignmentRequest, PreviewAssignmentRequest, WorkState},
    types::v1::{CompetenceKey, Place},
};
use phidia_runtime::status;
use tempfile::tempdir;

use crate::{
    facts::{completed, ready, submission},
    harness::{Office, item, operator, until},
    province::{self, BIRTH, COPY, LAND, unit},
};

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_home_keeps_its_work_and_says_why() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, COPY, "1").await;
    let decision = office.decision(item(1, 1)).await;
    assert_eq!(decision.unit_id, unit("1").to_string());
    assert_eq!(decision.ground(), AssignmentGround::Home);
    assert_eq!(decision.home_unit_name.unwrap().en, "Centre A");
    assert!(decision.sentence.unwrap().en.contains("Centre A"));
    assert!(decision.candidates.len() >= 2, "{:?}", decision.candidates);
    // Every unit of the province is weighed, or left out for a reason.
    assert_eq!(decision.filtered.values().sum::<u32>() as usize + decision.candidates.len(), 4);
    assert!(decision.decided_in_micros > 0 && decision.epoch == 1 && decision.board_sequence > 0);
    assert_eq!(decision.policy, "boundary-free@1");
    for subscriber in ["processing", "intake"] {
        until(async || !office.told.by(subscriber).is_empty()).await;
        let told = office.told.by(subscriber).remove(0);
        let Some(Fact::WorkAssigned(fact)) = told.fact else { panic!("{told:?}") };
        assert_eq!(fact.assignment_id, decision.assignment_id);
        assert_eq!(
            (fact.unit_name.unwrap().en.as_str(), told.actor.as_str()),
            ("Centre A", "service/routing")
        );
        assert!(!told.cause_id.is_empty());
    }
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn work_crosses_the_boundary_where_home_is_not_able() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, COPY, "3").await;
    let decision = office.decision(item(1, 1)).await;
    assert_ne!(decision.unit_id, unit("3").to_string());
    assert_eq!(decision.ground(), AssignmentGround::Need);
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn work_crosses_the_boundary_when_home_is_drowning() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(0..40, COPY, "1").await;
    office.balanced().await;
    let records = office.list(WorkState::Assigned).await;
    assert_eq!(records.len(), 40);
    // In the order of arrival, and the first ones stay.
    assert_eq!(records[0].work_item.as_ref().unwrap().application_id, item(0, 1).application.to_string());
    assert_eq!(records[0].decision.as_ref().unwrap().ground(), AssignmentGround::Home);
    assert!(records[0].decision.as_ref().unwrap().candidates.is_empty());
    let away: Vec<_> = records
        .iter()
        .filter_map(|record| record.decision.as_ref())
        .filter(|d| d.unit_id != d.home_unit_id)
        .collect();
    assert!(away.len() > 10, "{}", away.len());
    assert!(away.iter().all(|decision| decision.ground() == AssignmentGround::Gain));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_masters_waits_until_somebody_does() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, LAND, "1").await;
    until(async || office.unassignable().await == ["NOBODY_COMPETENT"]).await;

    // Asked for, it is tried; told of it is once.
    let refusal = office.assign(item(1, 1)).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, "NOBODY_COMPETENT"));
    assert!(refusal.metadata.contains(&("not_competent".to_owned(), "4".to_owned())), "{refusal:?}");
    until(async || !office.told.by("intake").is_empty()).await;

    let more = province::with_line("competencies.csv", "3-01,Đất đai,3");
    office.install(2, more).await;
    until(async || office.list(WorkState::Assigned).await.len() == 1).await;
    assert_eq!(office.decision(item(1, 1)).await.unit_id, unit("3").to_string());
    until(async || office.told.by("intake").len() == 2).await;
    let told = office.told.by("intake");
    assert!(matches!(&told[0].fact, Some(Fact::WorkUnassignable(fact)) if fact.reason == "NOBODY_COMPETENT"));
    assert!(matches!(told[1].fact, Some(Fact::WorkAssigned(_))));
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_is_missing_needs_a_person() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let Fact::ApplicationSubmitted(mut fact) = submission(BIRTH, "1") else { unreachable!() };
    fact.places.clear();
    office.apply(item(1, 1), Fact::ApplicationSubmitted(fact)).await;
    office.submit(2..3, BIRTH, "2").await;
    // The one behind it is not held up, and the code of an abolished commune means its successor.
    let decision = office.decision(item(2, 1)).await;
    assert_eq!(decision.home_unit_id, unit("1").to_string());
    until(async || office.unassignable().await == ["PLACE_MISSING"]).await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn which_successor_of_a_divided_commune_is_meant_a_person_must_say() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let Fact::ApplicationSubmitted(mut fact) = submission(BIRTH, "1") else { unreachable!() };
    fact.places[0].commune_code = "9".into();
    office.apply(item(1, 1), Fact::ApplicationSubmitted(fact)).await;
    until(async || office.unassignable().await == ["PLACE_MISSING"]).await;
    until(async || !office.told.by("intake").is_empty()).await;
    let told = office.told.by("intake").remove(0);
    assert!(matches!(told.fact, Some(Fact::WorkUnassignable(fact)) if fact.reason == "PLACE_MISSING"));
    office.close().await;
}

/// Whoever received it could do the work, and is not asked; whoever alone may sign it cannot be replaced by a
/// unit of our choice.
#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_of_interest_sends_work_away_and_a_decision_to_a_person() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let against = |procedure: &str, code: &str| {
        let Fact::ApplicationSubmitted(mut fact) = submission(procedure, code) else { unreachable!() };
        fact.conflicted_unit_ids = vec![unit(code).to_string()];
        Fact::ApplicationSubmitted(fact)
    };
    office.apply(item(1, 1), against(COPY, "1")).await;
    let decision = office.decision(item(1, 1)).await;
    assert_eq!((decision.unit_id, decision.home_unit_id), (unit("2").to_string(), unit("1").to_string()));
    assert_eq!((decision.ground, decision.filtered["conflicted"]), (AssignmentGround::Need.into(), 1));

    office.apply(item(2, 1), against(BIRTH, "1")).await;
    let decision = office.decision(item(2, 1)).await;
    assert_eq!(decision.unit_id, unit("3").to_string());
    office.apply(item(2, 1), completed(item(2, 1), "3")).await;
    office.apply(item(2, 2), ready(item(2, 2), "3", false)).await;
    until(async || office.unassignable().await == ["CONFLICT_OF_INTEREST"]).await;
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_twice_gives_the_same_answer() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, COPY, "1").await;
    let one = office.assign(item(1, 1)).await.unwrap();
    let other = office.assign(item(1, 1)).await.unwrap();
    assert_eq!((&one.assignment_id, &one.unit_id), (&other.assignment_id, &other.unit_id));
    assert_eq!(one.board_sequence, other.board_sequence);
    let refusal = office.assign(item(9, 1)).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::NotFound, "UNKNOWN_WORK_ITEM"));
    office.balanced().await;
    assert_eq!(office.explain(item(1, 1)).await.len(), 1);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_decides_and_keeps_nothing() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let request = |procedure: &str, at: &str, place: Option<&str>| PreviewAssignmentRequest {
        procedure_code: procedure.into(),
        received_at_code: at.into(),
        places: place
            .map(|code| Place { key: CompetenceKey::Residence.into(), commune_code: code.into() })
            .into_iter()
            .collect(),
        ..PreviewAssignmentRequest::default()
    };
    let against = |code: &str| PreviewAssignmentRequest {
        conflicted_unit_codes: vec![code.into()],
        ..request(COPY, "1", None)
    };
    office.submit(1..2, COPY, "1").await;
    office.rest().await;
    let mut routing = office.routing(operator());
    let seen = routing.preview_assignment(request(COPY, "3", None)).await.unwrap().into_inner();
    let decision = seen.decision.unwrap();
    assert_eq!(decision.ground(), AssignmentGround::Need);
    assert!(decision.assignment_id.is_empty() && !seen.arithmetic.is_empty());
    assert!(seen.due_at.is_some());
    let seen = routing.preview_assignment(against("1")).await.unwrap().into_inner();
    assert_eq!(seen.decision.unwrap().unit_id, unit("2").to_string());
    let seen = routing.preview_assignment(request(LAND, "1", None)).await.unwrap().into_inner();
    assert_eq!(seen.unassignable_reason, "NOBODY_COMPETENT");
    for (request, reason, field) in [
        (request("9.9", "1", None), "UNKNOWN_PROCEDURE", "procedure_code"),
        (request("1.9", "1", None), "PROCEDURE_ABOLISHED", "procedure_code"),
        (request(COPY, "99", None), "UNKNOWN_UNIT", "received_at_code"),
        (request(COPY, "D", None), "UNIT_DOES_NOT_RECEIVE", "received_at_code"),
        (request(BIRTH, "1", None), "PLACE_MISSING", "places"),
        (request(BIRTH, "1", Some("99")), "UNKNOWN_UNIT", "places"),
        (request(BIRTH, "1", Some("9")), "COMMUNE_DIVIDED", "places"),
        (against("99"), "UNKNOWN_UNIT", "conflicted_unit_codes"),
        (request("", "1", None), "MISSING_FIELD", "procedure_code"),
    ] {
        let refusal = status::from_status(&routing.preview_assignment(request).await.unwrap_err());
        assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Invalid, reason));
        assert_eq!(refusal.violations[0].field, field);
    }
    assert_eq!(office.list(WorkState::Unspecified).await.len(), 1);
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn officers_see_what_concerns_their_unit() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, COPY, "3").await;
    let at = office.decision(item(1, 1)).await.unit_id;
    let request = || ExplainAssignmentRequest { application_id: item(1, 1).application.to_string() };
    for code in ["1", "2", "3"] {
        let officer = Caller { role: Role::Officer, name: "o".into(), unit: Some(unit(code)), officer: None };
        let seen = office.routing(officer).explain_assignment(request()).await;
        assert_eq!(seen.is_ok(), code == "3" || unit(code).to_string() == at, "{code}");
    }
    let unknown = ExplainAssignmentRequest { application_id: item(9, 1).application.to_string() };
    let refusal = office.routing(operator()).explain_assignment(unknown).await.unwrap_err();
    assert_eq!(status::from_status(&refusal).reason, "UNKNOWN_APPLICATION");
    office.close().await;
}
