//! How promised instants come about: of cases, and of any moment.

use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
    case::Outcome,
    work_item::WorkItem,
};
use phidia_proto::{
    convert,
    events::v1::ApplicationSubmitted,
    processing::v1::{
        Deadline, ExplainDeadlineRequest, ExplainDeadlineResponse, InstallPhase, ReckonDeadlineRequest,
        explain_deadline_request::Key,
    },
};
use phidia_runtime::status;
use tonic::Response;

use crate::{
    harness::{MONDAY, Office, an_officer, assigned, at, submission, supervisor},
    province::{self, BIRTH},
};

/// Three working days from Monday 08:00, on a calendar of Mondays and Wednesdays.
const PROMISED: &str = "2026-12-02T01:00:00Z";

fn birth(due_at: &str) -> ApplicationSubmitted {
    ApplicationSubmitted { due_at: Some(convert::wire_timestamp(at(due_at))), ..submission(BIRTH) }
}

fn a_citizen() -> Caller {
    Caller { role: Role::Citizen, name: "c".into(), unit: None, officer: None }
}

async fn explain(office: &Office, item: WorkItem) -> ExplainDeadlineResponse {
    let key = Some(Key::ApplicationId(item.application.to_string()));
    let request = ExplainDeadlineRequest { key };
    office.client(supervisor(None)).explain_deadline(request).await.unwrap().into_inner()
}

async fn reckon(
    office: &Office,
    procedure: &str,
    received_at: &str,
    version: i64,
) -> Result<Deadline, Rejection> {
    let request = ReckonDeadlineRequest {
        procedure_code: procedure.to_owned(),
        received_at: Some(convert::wire_timestamp(at(received_at))),
        province_version: version,
    };
    // Anybody may ask before they hand anything in.
    let answer = office.client(a_citizen()).reckon_deadline(request).await;
    let answer = answer.map(Response::into_inner).map_err(|status| status::from_status(&status))?;
    Ok(answer.deadline.unwrap())
}

/// The province with one working day more for a birth.
async fn law_changes(office: &Office) {
    let mut files = province::files();
    let procedures = String::from_utf8(files["procedures.csv"].clone()).unwrap();
    let changed = procedures.replace("commune,3,working_day", "commune,4,working_day");
    files.insert("procedures.csv".to_owned(), changed.into_bytes());
    for phase in [InstallPhase::Stage, InstallPhase::Activate] {
        office.install_files(phase, 2, files.clone()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deadline_of_a_case_is_made_again_by_the_law_of_its_day() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = office.open_case(1, birth(PROMISED), "2").await;
    law_changes(&office).await;

    let explained = explain(&office, item).await;
    let deadline = explained.deadline.unwrap();
    assert!(explained.same);
    assert_eq!(deadline.due_at, Some(convert::wire_timestamp(at(PROMISED))));
    assert_eq!((deadline.procedure_code.as_str(), deadline.province_version), (BIRTH, 1));
    assert_eq!(deadline.time_limit.unwrap().en, "3 working days");
    let lines: Vec<_> = deadline.arithmetic.iter().map(|line| line.en.as_str()).collect();
    assert_eq!(
        lines,
        [
            "Full and valid dossier received: 08:00 on Monday 23 November 2026.",
            "Time limit: 3 working days × 8 h = 24 h.",
            "Made up of: Monday 23 November 2026 7 h 30 min + 2 working days between 16 h + Wednesday 2 December 2026 30 min.",
            "Days off that do not count: Tuesday 24 November 2026; Thursday 26 November 2026 to Sunday 29 November 2026 (4 days); Tuesday 1 December 2026.",
            "Holidays and days off in lieu among them: Tuesday 24 November 2026.",
            "Result due at the latest: 08:00 on Wednesday 2 December 2026.",
        ]
    );
    assert_eq!(explained.minutes_left, Some(24 * 60));
    // Two hours before it is due, and after.
    office.clock.set(at("2026-11-30T09:00:00Z"));
    assert_eq!(explain(&office, item).await.minutes_left, Some(90 + 30));
    office.clock.set(at("2026-12-02T02:00:00Z"));
    assert_eq!(explain(&office, item).await.minutes_left, Some(-60));

    // It is shown to whom the case is, by either id.
    let key = Some(Key::CaseId(explained.case.unwrap().case_id));
    office.of("2-01").explain_deadline(ExplainDeadlineRequest { key: key.clone() }).await.unwrap();
    let refusal =
        office.client(an_officer("3-01")).explain_deadline(ExplainDeadlineRequest { key }).await.unwrap_err();
    assert_eq!(status::from_status(&refusal).kind, Kind::NotFound);
    let refusal = office.of("2-01").explain_deadline(ExplainDeadlineRequest { key: None }).await.unwrap_err();
    assert_eq!(status::from_status(&refusal).violations[0].field, "key");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_promised_otherwise_is_told_and_what_is_finished_has_no_time_left() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let other = office.open_case(1, birth("2026-12-02T02:00:00Z"), "2").await;
    let explained = explain(&office, other).await;
    assert!(!explained.same);
    assert_ne!(explained.case.unwrap().due_at, explained.deadline.unwrap().due_at);

    let item = office.open_case(2, birth(PROMISED), "1").await;
    office.claim("1-01", item, 0).await.unwrap();
    office.complete("1-01", item, 1, Outcome::Approved, "").await.unwrap();
    let signature = WorkItem::first(item.application, 2);
    office.tell("routing", item.application, assigned(signature, "1")).await;
    office.claim("1-02", signature, 0).await.unwrap();
    office.complete("1-02", signature, 1, Outcome::Approved, "").await.unwrap();
    let finished = explain(&office, item).await;
    assert!(finished.same && finished.case.unwrap().completed_at.is_some());
    assert_eq!(finished.minutes_left, None);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_promised_is_reckoned_for_any_day_and_any_version() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    law_changes(&office).await;
    let due = async |received, version| {
        let deadline = reckon(&office, BIRTH, received, version).await.unwrap();
        assert_eq!(deadline.received_at, Some(convert::wire_timestamp(at(received))));
        (deadline.due_at.unwrap(), deadline.province_version)
    };
    let at = |instant| convert::wire_timestamp(at(instant));
    assert_eq!(due(MONDAY, 0).await, (at("2026-12-07T01:00:00Z"), 2));
    assert_eq!(due(MONDAY, 1).await, (at(PROMISED), 1));
    // A day long past: a Sunday counts from Monday's opening.
    assert_eq!(due("2025-08-10T02:00:00Z", 1).await, (at("2025-08-18T10:30:00Z"), 1));
    // No source states a time for this one.
    assert_eq!(reckon(&office, "1.2", MONDAY, 0).await.unwrap().due_at, None);

    for (procedure, received, version, kind, field) in [
        ("9.9", MONDAY, 0, Kind::Invalid, "procedure_code"),
        (BIRTH, "2023-12-31T01:00:00Z", 0, Kind::Invalid, "received_at"),
        (BIRTH, "2035-12-31T09:00:00Z", 0, Kind::Invalid, "received_at"),
        (BIRTH, MONDAY, 3, Kind::Unavailable, ""),
    ] {
        let refusal = reckon(&office, procedure, received, version).await.unwrap_err();
        let named = refusal.violations.first().map_or("", |violation| violation.field.as_str());
        assert_eq!((refusal.kind, named), (kind, field), "{procedure} {received} {version}: {refusal:?}");
    }
    let request = ReckonDeadlineRequest { procedure_code: BIRTH.into(), ..ReckonDeadlineRequest::default() };
    let refusal = office.client(a_citizen()).reckon_deadline(request).await.unwrap_err();
    assert_eq!(status::from_status(&refusal).violations[0].field, "received_at");
    // Of a case that there is, that is told to nobody who has nothing to do with it.
    let key = Some(Key::CaseId("case_x".into()));
    let refusal =
        office.client(a_citizen()).explain_deadline(ExplainDeadlineRequest { key }).await.unwrap_err();
    assert_eq!(status::from_status(&refusal).kind, Kind::Forbidden);
    office.close().await;
}
