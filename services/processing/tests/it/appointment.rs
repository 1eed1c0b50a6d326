//! The result will not be there by its due date: the citizen is told so before, with a new appointment.

use phidia_domain::{Kind, Rejection, caller::Caller, case::Outcome, work_item::WorkItem};
use phidia_proto::{
    convert,
    events::v1::{
        ApplicationSubmitted, AppointmentPostponed, StopGround, StopRequested, SupplementReceived, Verdict,
        event::Fact,
    },
    processing::v1::{
        Case, ExplainDeadlineRequest, ExplainDeadlineResponse, PostponeAppointmentRequest,
        RequestSupplementRequest, explain_deadline_request, postpone_appointment_request::Key,
    },
};
use phidia_runtime::status;

use crate::{
    harness::{Office, an_officer, at, submission, supervisor},
    province::{BIRTH, COPY, unit},
};

/// Three working days from Monday 08:00, on a calendar of Mondays and Wednesdays: Wednesday, 08:00.
const PROMISED: &str = "2026-12-02T01:00:00Z";
/// The Monday after that, 10:00.
const AGREED: &str = "2026-12-07T03:00:00Z";
const REASON: &str = "Cán bộ thụ lý nghỉ ốm";
const APPLIED: (Verdict, String) = (Verdict::Applied, String::new());

fn birth() -> ApplicationSubmitted {
    ApplicationSubmitted { due_at: Some(convert::wire_timestamp(at(PROMISED))), ..submission(BIRTH) }
}

async fn postpone(
    office: &Office,
    caller: Caller,
    item: WorkItem,
    reason: &str,
    to: &str,
) -> Result<Case, Rejection> {
    let request = PostponeAppointmentRequest {
        key: Some(Key::ApplicationId(item.application.to_string())),
        reason: reason.to_owned(),
        appointment_at: Some(convert::wire_timestamp(at(to))),
    };
    let answer = office.client(caller).postpone_appointment(request).await;
    answer.map(|answer| answer.into_inner().case.unwrap()).map_err(|status| status::from_status(&status))
}

async fn explain(office: &Office, item: WorkItem) -> ExplainDeadlineResponse {
    let key = Some(explain_deadline_request::Key::ApplicationId(item.application.to_string()));
    let request = ExplainDeadlineRequest { key };
    office.client(supervisor(None)).explain_deadline(request).await.unwrap().into_inner()
}

async fn reason_of(answer: impl Future<Output = Result<Case, Rejection>>) -> (Kind, String) {
    let refusal = answer.await.unwrap_err();
    (refusal.kind, refusal.reason)
}

fn agreed_by_now(case: &Case) -> Option<prost_types::Timestamp> {
    case.postponement.as_ref().and_then(|postponement| postponement.appointment_at)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_is_told_once_and_what_is_late_stays_late() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = office.open_case(1, birth(), "2").await;
    office.claim("2-01", item, 0).await.unwrap();

    let case = postpone(&office, an_officer("2-01"), item, REASON, AGREED).await.unwrap();
    assert_eq!(case.due_at, Some(convert::wire_timestamp(at(PROMISED))), "the due date stays");
    assert_eq!(agreed_by_now(&case), Some(convert::wire_timestamp(at(AGREED))));
    // Asked again after a lost answer; and for something else.
    let again = postpone(&office, an_officer("2-01"), item, REASON, AGREED).await.unwrap();
    assert_eq!(again, case);
    let second = postpone(&office, an_officer("2-01"), item, REASON, "2026-12-09T03:00:00Z");
    assert_eq!(reason_of(second).await, (Kind::Precondition, "POSTPONED_BEFORE".into()));

    let explained = explain(&office, item).await;
    assert!(explained.same);
    let deadline = explained.deadline.unwrap();
    assert_eq!(deadline.due_at, Some(convert::wire_timestamp(at(PROMISED))));
    assert_eq!(deadline.appointment_at, Some(convert::wire_timestamp(at(AGREED))));
    assert_eq!(
        deadline.arithmetic.last().unwrap().en,
        "New appointment, with an apology at 08:00 on Monday 23 November 2026: 10:00 on Monday 7 December 2026. \
         The statutory due date stays."
    );

    // Finished in time for the appointment, which is late by law.
    office.clock.set(at("2026-12-07T02:00:00Z"));
    let case = office.complete("2-01", item, 1, Outcome::Refused, "Thiếu giấy tờ").await.unwrap();
    assert_eq!(case.on_time, Some(false));
    postpone(&office, an_officer("2-01"), item, REASON, AGREED).await.unwrap();
    let facts = office.told.facts("notification", 5).await;
    let told: Vec<_> = facts
        .into_iter()
        .filter_map(|fact| if let Fact::AppointmentPostponed(fact) = fact { Some(fact) } else { None })
        .collect();
    let expected = AppointmentPostponed {
        case_id: case.case_id,
        reason: REASON.into(),
        due_at: Some(convert::wire_timestamp(at(PROMISED))),
        appointment_at: Some(convert::wire_timestamp(at(AGREED))),
        unit_id: unit("2").to_string(),
        unit_name: Some(phidia_proto::types::v1::Text { vi: "Trung tâm B".into(), en: "Centre B".into() }),
    };
    assert_eq!(told, [expected], "told once");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_moves_along_with_the_due_date_when_the_clock_stands_still() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = office.open_case(1, birth(), "2").await;
    office.claim("2-01", item, 0).await.unwrap();
    postpone(&office, an_officer("2-01"), item, REASON, AGREED).await.unwrap();
    let request = RequestSupplementRequest {
        work_item: Some(convert::wire_work_item(item)),
        fence: 1,
        reasons: vec!["Bản chính".into()],
    };
    office.of("2-01").request_supplement(request).await.unwrap();
    assert!(explain(&office, item).await.same);
    // A working day: from Monday, 08:00, until Wednesday, 08:00.
    let received_at = Some(convert::wire_timestamp(at("2026-11-25T01:00:00Z")));
    let received = Fact::SupplementReceived(SupplementReceived { received_at });
    assert_eq!(office.tell("intake", item.application, received).await, APPLIED);

    let explained = explain(&office, item).await;
    assert!(explained.same);
    let case = explained.case.unwrap();
    let (due_at, agreed) = (at("2026-12-07T01:00:00Z"), at("2026-12-09T03:00:00Z"));
    assert_eq!(case.due_at, Some(convert::wire_timestamp(due_at)));
    assert_eq!(agreed_by_now(&case), Some(convert::wire_timestamp(agreed)));
    let Some(Fact::CaseResumed(resumed)) = office.told.facts("intake", 5).await.pop() else {
        panic!("other")
    };
    assert_eq!(resumed.due_at, Some(convert::wire_timestamp(due_at)));
    assert_eq!(resumed.appointment_at, Some(convert::wire_timestamp(agreed)));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_whoever_has_the_case_may_and_only_while_it_makes_sense() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = office.open_case(1, birth(), "2").await;
    let asked = async |caller, to| reason_of(postpone(&office, caller, item, REASON, to)).await;
    assert_eq!(asked(an_officer("2-01"), AGREED).await, (Kind::Forbidden, "NOT_THE_HOLDER".into()));
    assert_eq!(asked(supervisor(Some("1")), AGREED).await, (Kind::Forbidden, "OTHER_UNIT".into()));
    let boss = || supervisor(Some("2"));
    assert_eq!(asked(boss(), PROMISED).await, (Kind::Invalid, "NOT_AFTER_DUE".into()));
    // A Tuesday, on a calendar of Mondays and Wednesdays; and a time as long as that of the law.
    assert_eq!(asked(boss(), "2026-12-08T03:00:00Z").await, (Kind::Invalid, "OUTSIDE_WORKING_TIME".into()));
    assert_eq!(asked(boss(), "2026-12-14T01:01:00Z").await, (Kind::Invalid, "TOO_LATE".into()));
    let blank = postpone(&office, boss(), item, " ", AGREED).await.unwrap_err();
    assert_eq!(blank.violations[0].field, "reason");
    let nobody = WorkItem::first(crate::harness::application(99), 1);
    let unknown = postpone(&office, boss(), nobody, REASON, AGREED).await.unwrap_err();
    assert_eq!(unknown.kind, Kind::NotFound);

    let late = office.open_case(3, birth(), "2").await;
    office.clock.set(at(PROMISED));
    postpone(&office, boss(), item, REASON, AGREED).await.unwrap();
    office.clock.set(at("2026-12-02T01:00:00.000001Z"));
    let past = reason_of(postpone(&office, boss(), late, REASON, AGREED)).await;
    assert_eq!(past, (Kind::Precondition, "PAST_DUE".into()));

    let copy = office.open_case(2, submission(COPY), "2").await;
    let nothing = reason_of(postpone(&office, boss(), copy, REASON, AGREED)).await;
    assert_eq!(nothing, (Kind::Precondition, "NOTHING_PROMISED".into()));
    let stop = Fact::StopRequested(StopRequested { ground: StopGround::Withdrawn.into() });
    assert_eq!(office.tell("intake", copy.application, stop).await, APPLIED);
    let stopped = reason_of(postpone(&office, boss(), copy, REASON, AGREED)).await;
    assert_eq!(stopped.0, Kind::Forbidden, "it is with no unit of theirs any more");
    let stopped = reason_of(postpone(&office, supervisor(Some("1")), copy, REASON, AGREED)).await;
    assert_eq!(stopped, (Kind::Precondition, "CASE_STOPPED".into()));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_no_unit_is_found_the_unit_that_promised_the_date_apologises() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = WorkItem::first(crate::harness::application(1), 1);
    let submitted = Fact::ApplicationSubmitted(birth());
    assert_eq!(office.tell("intake", item.application, submitted).await, APPLIED);
    let elsewhere = reason_of(postpone(&office, supervisor(Some("2")), item, REASON, AGREED)).await;
    assert_eq!(elsewhere, (Kind::Forbidden, "OTHER_UNIT".into()));
    postpone(&office, supervisor(Some("1")), item, REASON, AGREED).await.unwrap();
    let Some(Fact::AppointmentPostponed(told)) = office.told.facts("intake", 1).await.pop() else {
        panic!("something else")
    };
    assert_eq!(told.unit_id, unit("1").to_string());
    office.close().await;
}
