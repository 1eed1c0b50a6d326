//! A procedure in a green corridor has two dates: the one that the citizen is promised, and the one that the office is to keep.

use phidia_domain::case::Outcome;
use phidia_proto::{
    convert,
    events::v1::{ApplicationSubmitted, SupplementReceived, event::Fact},
    processing::v1::{
        ExplainDeadlineRequest, ExplainDeadlineResponse, InstallPhase, ReckonDeadlineRequest,
        RequestSupplementRequest, explain_deadline_request::Key,
    },
};

use crate::{
    harness::{Office, at, submission, supervisor},
    province::{self, BIRTH},
};

/// Three working days from Monday 08:00, on a calendar of Mondays and Wednesdays.
const PROMISED: &str = "2026-12-02T01:00:00Z";
/// Half of that: a day and a half.
const CORRIDOR: &str = "2026-11-25T07:00:00Z";

/// The province with births in the corridor that halves their time.
async fn green(office: &Office) {
    let mut files = province::files();
    let procedures = String::from_utf8(files["procedures.csv"].clone()).unwrap();
    let columns = procedures.lines().zip(["corridor", "half_time", ""]);
    let lines: String = columns.map(|(line, corridor)| format!("{line},{corridor}\n")).collect();
    files.insert("procedures.csv".to_owned(), lines.into_bytes());
    for phase in [InstallPhase::Stage, InstallPhase::Activate] {
        office.install_files(phase, 1, files.clone()).await.unwrap();
    }
}

fn birth(due_at: &str) -> ApplicationSubmitted {
    ApplicationSubmitted { due_at: Some(convert::wire_timestamp(at(due_at))), ..submission(BIRTH) }
}

async fn explain(office: &Office, key: Key) -> ExplainDeadlineResponse {
    let request = ExplainDeadlineRequest { key: Some(key) };
    office.client(supervisor(None)).explain_deadline(request).await.unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn work_is_taken_up_by_the_corridor_and_lateness_measured_by_the_promise() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::without_province(folder.path()).await;
    green(&office).await;
    let item = office.open_case(1, birth(PROMISED), "2").await;
    let [line] = office.worklist("2-01").await.try_into().unwrap();
    assert_eq!(line.due_at, Some(convert::wire_timestamp(at(PROMISED))));
    assert_eq!(line.corridor_due_at, Some(convert::wire_timestamp(at(CORRIDOR))));
    // One that is promised before the first one's promise, but after its corridor: second, though it came later.
    let copy = ApplicationSubmitted {
        due_at: Some(convert::wire_timestamp(at("2026-11-30T01:00:00Z"))),
        ..submission(province::COPY)
    };
    office.open_case(2, copy, "2").await;
    let order: Vec<_> = office.worklist("2-01").await.into_iter().map(|line| line.procedure_code).collect();
    assert_eq!(order, [BIRTH, province::COPY]);

    // Done after the corridor's date, and before the promised one.
    office.claim("2-01", item, 0).await.unwrap();
    office.clock.set(at("2026-11-30T01:00:00Z"));
    let case = office.complete("2-01", item, 1, Outcome::Refused, "không đủ điều kiện").await.unwrap();
    assert_eq!(case.on_time, Some(true));
    assert_eq!(case.corridor_due_at, Some(convert::wire_timestamp(at(CORRIDOR))));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_dates_move_when_the_clock_stands_still_and_are_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::without_province(folder.path()).await;
    green(&office).await;
    let item = office.open_case(1, birth(PROMISED), "2").await;
    office.claim("2-01", item, 0).await.unwrap();
    office.clock.set(at("2026-11-23T03:00:00Z"));
    let request = RequestSupplementRequest {
        work_item: Some(convert::wire_work_item(item)),
        fence: 1,
        reasons: vec!["tờ khai".into()],
    };
    office.of("2-01").request_supplement(request).await.unwrap();
    // Four hours of working time later, on Monday at half past three; told at once.
    office.clock.set(at("2026-11-23T09:00:00Z"));
    let received_at = Some(convert::wire_timestamp(at("2026-11-23T09:00:00Z")));
    let received = Fact::SupplementReceived(SupplementReceived { received_at });
    office.tell("intake", item.application, received).await;
    let [line] = office.worklist("2-01").await.try_into().unwrap();
    assert_eq!(line.due_at, Some(convert::wire_timestamp(at("2026-12-02T07:00:00Z"))));
    assert_eq!(line.corridor_due_at, Some(convert::wire_timestamp(at("2026-11-30T01:00:00Z"))));
    let explained = explain(&office, Key::ApplicationId(item.application.to_string())).await;
    assert!(explained.same);
    let corridor = explained.deadline.unwrap().corridor.unwrap();
    assert_eq!(corridor.due_at, line.corridor_due_at);
    assert_eq!(corridor.arithmetic[0].en, "Green corridor 50 %:");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_of_before_corridors_had_dates_has_none_and_any_moment_has_one() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = office.open_case(1, birth(PROMISED), "2").await;
    // The second version of the province puts births into a corridor: what began before keeps what it began with.
    let mut files = province::files();
    let procedures = String::from_utf8(files["procedures.csv"].clone()).unwrap();
    let columns = procedures.lines().zip(["corridor", "hours_16", ""]);
    let lines: String = columns.map(|(line, corridor)| format!("{line},{corridor}\n")).collect();
    files.insert("procedures.csv".to_owned(), lines.into_bytes());
    for phase in [InstallPhase::Stage, InstallPhase::Activate] {
        office.install_files(phase, 2, files.clone()).await.unwrap();
    }
    let explained = explain(&office, Key::ApplicationId(item.application.to_string())).await;
    assert!(explained.same && explained.deadline.unwrap().corridor.is_none());
    let request = ReckonDeadlineRequest {
        procedure_code: BIRTH.into(),
        received_at: Some(convert::wire_timestamp(at("2026-11-23T01:00:00Z"))),
        province_version: 0,
    };
    let reckoned = office.client(supervisor(None)).reckon_deadline(request).await.unwrap().into_inner();
    // 16 hours are two days of this calendar: Monday and Wednesday, until Monday at eight.
    let corridor = reckoned.deadline.unwrap().corridor.unwrap();
    assert_eq!(corridor.due_at, Some(convert::wire_timestamp(at("2026-11-30T01:00:00Z"))));
    office.close().await;
}
