//! Whoever takes an application in is told that the same person has handed in the same before.

use jiff::SignedDuration;
use phidia_domain::caller::{Caller, Role};
use phidia_proto::{
    events::v1::StepOutcome,
    intake::v1::{
        Applicant, CheckApplicationRequest, SimilarApplication, SubmitApplicationRequest,
        check_application_request::What,
    },
    types::v1::ApplicationStatus,
};
use sea_orm::{ConnectionTrait as _, Statement};

use crate::{
    harness::{Intake, MORNING, at, caller, officer, operator, request, system, until},
    progress::{completed, event, tell},
    submit::erase_all,
};

fn supervisor() -> Caller {
    caller(Role::Supervisor, officer("1").unit)
}

async fn similar(intake: &Intake, who: Caller, request: SubmitApplicationRequest) -> Vec<SimilarApplication> {
    let request = CheckApplicationRequest { what: Some(What::Application(request)) };
    intake.applications(who).check_application(request).await.unwrap().into_inner().similar
}

async fn codes(intake: &Intake, request: SubmitApplicationRequest) -> Vec<String> {
    similar(intake, officer("1"), request).await.into_iter().map(|found| found.dossier_code).collect()
}

fn of(identity_number: &str) -> SubmitApplicationRequest {
    let applicant = Applicant {
        name: "Trần Thị B".into(),
        identity_number: identity_number.into(),
        ..Applicant::default()
    };
    SubmitApplicationRequest { applicant: Some(applicant), ..request("") }
}

/// How many applicants can still be told from others by their mark.
async fn marks(intake: &Intake) -> i64 {
    let backend = intake.db.read().get_database_backend();
    let count = "SELECT count(*) AS marks FROM person_key WHERE mark IS NOT NULL";
    let row = intake.db.read().query_one_raw(Statement::from_string(backend, count)).await.unwrap().unwrap();
    row.try_get("", "marks").unwrap()
}

#[tokio::test]
async fn what_somebody_has_handed_in_before_is_told_at_the_counter_and_to_nobody_else() {
    let intake = Intake::new().await;
    let none: [String; 0] = [];
    assert_eq!(codes(&intake, request("")).await, none);
    let first = intake.submit(request("k")).await.unwrap();
    // Elsewhere, a day later, and by another name: the number is the same, however it is written.
    intake.clock.set(at(MORNING) + SignedDuration::from_hours(24));
    let there = SubmitApplicationRequest { received_at_code: "2".into(), ..request("l") };
    let second = intake.submit(there).await.unwrap();
    let found = similar(&intake, officer("1"), of("037 190 001 234")).await;
    let [newest, oldest] = &found[..] else { panic!("{found:?}") };
    assert_eq!((&newest.dossier_code, &oldest.dossier_code), (&second.dossier_code, &first.dossier_code));
    assert_eq!(newest.received_at_name.as_ref().unwrap().en, "Centre B");
    assert_eq!((oldest.status(), oldest.received_at), (ApplicationStatus::Accepted, first.received_at));
    assert_eq!(similar(&intake, supervisor(), request("")).await, found);
    // Others do not take it in by hand, and learn nothing of anybody.
    for other in [system(), caller(Role::Citizen, None)] {
        assert_eq!(similar(&intake, other, request("")).await, []);
    }
    // Somebody else; nobody; another procedure.
    assert_eq!(codes(&intake, of("037190001235")).await, none);
    assert_eq!(codes(&intake, of("")).await, none);
    assert_eq!(codes(&intake, of("không có CCCD")).await, none);
    let other = SubmitApplicationRequest { procedure_code: "1.2".into(), ..request("") };
    assert_eq!(codes(&intake, other).await, none);
    // Somebody without a number is like nobody, also like another without one.
    intake.submit(SubmitApplicationRequest { idempotency_key: "m".into(), ..of("") }).await.unwrap();
    assert_eq!(codes(&intake, of("")).await, none);
    // It keeps nothing from being handed in.
    let request = CheckApplicationRequest { what: Some(What::Application(request(""))) };
    let checked = intake.applications(officer("1")).check_application(request).await.unwrap().into_inner();
    assert_eq!(checked.faults, []);
}

#[tokio::test]
async fn at_most_five_are_told_the_newest_first() {
    let intake = Intake::new().await;
    let mut expected = Vec::new();
    for number in 0..7 {
        intake.clock.set(at(MORNING) + SignedDuration::from_secs(number));
        expected.push(intake.submit(request(&format!("k{number}"))).await.unwrap().dossier_code);
    }
    expected.reverse();
    assert_eq!(codes(&intake, request("")).await, expected[..5]);
}

#[tokio::test]
async fn what_has_ended_is_told_for_ninety_days_and_then_nothing_tells_it_any_more() {
    let mut intake = Intake::new().await;
    let ended = intake.submit(request("k")).await.unwrap();
    let open = intake.submit(request("l")).await.unwrap();
    tell(&intake, &[event(1, &ended.application_id, completed(StepOutcome::Approved))]).await;
    let days = |days: i64| at(MORNING) + SignedDuration::from_hours(24 * days);
    intake.clock.set(days(90));
    let both = codes(&intake, request("")).await;
    assert_eq!(both.len(), 2, "{both:?}");
    intake.clock.set(days(90) + SignedDuration::from_secs(1));
    assert_eq!(codes(&intake, request("")).await, std::slice::from_ref(&open.dossier_code));
    assert_eq!(marks(&intake).await, 2);
    let _workers = intake.start();
    until("the mark of what has ended is forgotten", async || marks(&intake).await == 1).await;
    assert_eq!(codes(&intake, request("")).await, [open.dossier_code]);
}

#[tokio::test]
async fn who_was_erased_is_like_nobody() {
    let intake = Intake::new().await;
    let receipt = intake.submit(request("k")).await.unwrap();
    assert_eq!(codes(&intake, request("")).await, [receipt.dossier_code]);
    erase_all(&intake).await;
    assert!(codes(&intake, request("")).await.is_empty());
    assert_eq!(marks(&intake).await, 0);
    // An operator sees the application still, without anybody's name.
    let request = phidia_proto::intake::v1::ListApplicationsRequest::default();
    let listed = intake.applications(operator()).list_applications(request).await.unwrap().into_inner();
    assert_eq!(listed.applications.len(), 1);
}
