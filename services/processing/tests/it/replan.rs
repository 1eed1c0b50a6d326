//! A day off is announced late: what was promised for open cases, by that day off, is seen first, and then promised.

use phidia_domain::{Kind, Rejection, case::Outcome, work_item::WorkItem};
use phidia_proto::{
    convert,
    events::v1::{ApplicationSubmitted, DeadlineReplanned, SupplementReceived, Verdict, event::Fact},
    processing::v1::{
        Case, ExplainDeadlineRequest, ExplainDeadlineResponse, InstallPhase, PostponeAppointmentRequest,
        ReplanDeadlinesRequest, ReplanDeadlinesResponse, ReplanOutcome, ReplanTotals,
        RequestSupplementRequest, explain_deadline_request::Key, postpone_appointment_request,
    },
};
use phidia_runtime::status;

use crate::{
    harness::{Office, an_officer, application, at, operator, submission, supervisor},
    province::{self, BIRTH, COPY},
};

/// Three working days from Monday 08:00, on a calendar of Mondays and Wednesdays: Wednesday, 08:00.
const PROMISED: &str = "2026-12-02T01:00:00Z";
/// The Monday after that: where a Wednesday between is off.
const LATER: &str = "2026-12-07T01:00:00Z";
const DECISION: &str = "Quyết định số 1/QĐ-TTg";
const APPLIED: (Verdict, String) = (Verdict::Applied, String::new());

fn birth(due_at: &str) -> ApplicationSubmitted {
    ApplicationSubmitted { due_at: Some(convert::wire_timestamp(at(due_at))), ..submission(BIRTH) }
}

/// A version of the province in which that Wednesday is off, or is not.
async fn announce(office: &Office, version: i64, off: bool) {
    let mut files = province::files();
    if off {
        let calendar = files.get_mut("legal_calendar.csv").unwrap();
        calendar.extend(
            b"2026-11-25,holiday,Ngh\xe1\xbb\x89 \xc4\x91\xe1\xbb\x99t xu\xe1\xba\xa5t,Extra day,decision\n",
        );
    }
    for phase in [InstallPhase::Stage, InstallPhase::Activate] {
        office.install_files(phase, version, files.clone()).await.unwrap();
    }
}

fn tried() -> ReplanDeadlinesRequest {
    ReplanDeadlinesRequest { validate_only: true, ..ReplanDeadlinesRequest::default() }
}

fn applied() -> ReplanDeadlinesRequest {
    ReplanDeadlinesRequest { decision: DECISION.into(), ..ReplanDeadlinesRequest::default() }
}

async fn page(
    office: &Office,
    request: ReplanDeadlinesRequest,
) -> Result<ReplanDeadlinesResponse, Rejection> {
    let answer = office.client(operator()).replan_deadlines(request).await;
    answer.map(tonic::Response::into_inner).map_err(|status| status::from_status(&status))
}

/// All pages, each of two cases at the most.
async fn replan(office: &Office, mut request: ReplanDeadlinesRequest) -> (ReplanTotals, Vec<ReplanOutcome>) {
    let (mut totals, mut outcomes) = (ReplanTotals::default(), Vec::new());
    request.page_size = 2;
    loop {
        let answer = page(office, request.clone()).await.unwrap();
        let more = answer.totals.unwrap();
        totals.later += more.later;
        totals.earlier += more.earlier;
        totals.kept += more.kept;
        totals.same += more.same;
        totals.unexplained += more.unexplained;
        totals.without_promise += more.without_promise;
        outcomes.extend(answer.deadlines.iter().map(|deadline| deadline.outcome()));
        (request.page_token, request.province_version) = (answer.next_page_token, answer.province_version);
        if request.page_token.is_empty() {
            return (totals, outcomes);
        }
    }
}

async fn explain(office: &Office, item: WorkItem) -> ExplainDeadlineResponse {
    let key = Some(Key::ApplicationId(item.application.to_string()));
    let request = ExplainDeadlineRequest { key };
    office.client(supervisor(None)).explain_deadline(request).await.unwrap().into_inner()
}

async fn due(office: &Office, item: WorkItem) -> Option<prost_types::Timestamp> {
    explain(office, item).await.case.unwrap().due_at
}

fn instant(text: &str) -> Option<prost_types::Timestamp> {
    Some(convert::wire_timestamp(at(text)))
}

async fn replanned(office: &Office, facts: usize) -> Vec<DeadlineReplanned> {
    let told = office.told.facts("routing", facts).await.into_iter();
    told.filter_map(|fact| if let Fact::DeadlineReplanned(fact) = fact { Some(fact) } else { None }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_difference_is_seen_before_anything_is_promised_and_what_is_promised_stays() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = office.open_case(1, birth(PROMISED), "2").await;
    office.claim("2-01", item, 0).await.unwrap();
    // No unit has this one yet.
    let waiting = WorkItem::first(application(2), 1);
    let submitted = Fact::ApplicationSubmitted(birth(PROMISED));
    assert_eq!(office.tell("intake", waiting.application, submitted).await, APPLIED);
    office.open_case(3, submission(COPY), "2").await;
    let odd = office.open_case(4, birth("2026-12-02T02:00:00Z"), "2").await;
    let finished = office.open_case(5, birth(PROMISED), "1").await;
    office.claim("1-01", finished, 0).await.unwrap();
    office.complete("1-01", finished, 1, Outcome::Refused, "Thiếu").await.unwrap();
    announce(&office, 2, true).await;
    // It came after the decision.
    let later = ApplicationSubmitted { province_version: 2, ..birth(LATER) };
    let after = office.open_case(6, later, "2").await;

    let expected =
        ReplanTotals { later: 2, same: 1, unexplained: 1, without_promise: 1, ..ReplanTotals::default() };
    let outcomes = vec![ReplanOutcome::Later, ReplanOutcome::Later, ReplanOutcome::Unexplained];
    assert_eq!(replan(&office, tried()).await, (expected, outcomes.clone()));
    assert_eq!(due(&office, item).await, instant(PROMISED), "it was only tried");
    let first = page(&office, tried()).await.unwrap().deadlines.remove(0);
    assert_eq!(first.application_id, item.application.to_string());
    assert_eq!((first.previous_due_at, first.due_at), (instant(PROMISED), instant(LATER)));

    assert_eq!(replan(&office, applied()).await, (expected, outcomes));
    for same in [item, after] {
        let explained = explain(&office, same).await;
        assert!(explained.same);
        let (case, deadline) = (explained.case.unwrap(), explained.deadline.unwrap());
        assert_eq!(case.due_at, instant(LATER));
        assert_eq!((case.clock_version, deadline.clock_version), (2, 2));
    }
    let line = explain(&office, item).await.deadline.unwrap().arithmetic.pop().unwrap();
    assert_eq!(line.en, "Re-planned by the days off of version 2.");
    assert_eq!(due(&office, odd).await, instant("2026-12-02T02:00:00Z"), "nobody can explain it");
    let listed = office.worklist("2-01").await;
    let of_item =
        listed.iter().find(|listed| listed.work_item == Some(convert::wire_work_item(item))).unwrap();
    assert_eq!(of_item.due_at, instant(LATER), "the worklist follows");

    // Asked again, for an answer was lost, nothing is another, and it is told what this decision has promised. To another decision
    // all is the same.
    let again = page(&office, applied()).await.unwrap();
    assert_eq!(again.totals, Some(expected));
    assert_eq!(
        (&again.deadlines[0].application_id, again.deadlines[0].outcome()),
        (&first.application_id, ReplanOutcome::Later)
    );
    assert_eq!(
        (again.deadlines[0].previous_due_at, again.deadlines[0].due_at),
        (instant(PROMISED), instant(LATER))
    );
    let other = ReplanDeadlinesRequest { decision: "Quyết định số 2/QĐ-TTg".into(), ..applied() };
    let totals = replan(&office, other).await.0;
    assert_eq!((totals.later, totals.same), (0, 3));
    let told = replanned(&office, 11).await;
    assert_eq!(told.len(), 2, "each was told once");
    let expected = DeadlineReplanned {
        case_id: first.case_id,
        previous_due_at: instant(PROMISED),
        due_at: instant(LATER),
        appointment_at: None,
        decision: DECISION.into(),
        clock_version: 2,
    };
    assert_eq!(told[0], expected);
    // What reaches its unit after that has the date of its case.
    office.tell("routing", waiting.application, crate::harness::assigned(waiting, "1")).await;
    let reached = office.worklist("1-01").await;
    assert_eq!(reached[0].due_at, instant(LATER));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_is_not_shortened_unless_an_operator_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    announce(&office, 2, true).await;
    let late = ApplicationSubmitted { province_version: 2, ..birth(LATER) };
    let item = office.open_case(1, late, "2").await;
    announce(&office, 3, false).await;
    assert_eq!(replan(&office, applied()).await.1, [ReplanOutcome::Kept]);
    let kept = explain(&office, item).await;
    assert!(kept.same);
    assert_eq!((kept.case.clone().unwrap().due_at, kept.case.unwrap().clock_version), (instant(LATER), 2));

    let shorter = ReplanDeadlinesRequest { allow_earlier: true, ..applied() };
    office.clock.set(at("2026-12-02T01:00:00.000001Z"));
    assert_eq!(replan(&office, shorter.clone()).await.1, [ReplanOutcome::BeforeNow]);
    assert_eq!(due(&office, item).await, instant(LATER));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_may_shorten_what_still_lies_ahead() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    announce(&office, 2, true).await;
    let late = ApplicationSubmitted { province_version: 2, ..birth(LATER) };
    let item = office.open_case(1, late, "2").await;
    announce(&office, 3, false).await;
    let shorter = ReplanDeadlinesRequest { allow_earlier: true, ..applied() };
    assert_eq!(replan(&office, shorter).await.1, [ReplanOutcome::Earlier]);
    let explained = explain(&office, item).await;
    assert!(explained.same);
    assert_eq!(explained.case.unwrap().due_at, instant(PROMISED));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pauses_and_the_new_appointment_are_carried_along_before_and_after() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = office.open_case(1, birth(PROMISED), "2").await;
    office.claim("2-01", item, 0).await.unwrap();
    let request = PostponeAppointmentRequest {
        key: Some(postpone_appointment_request::Key::ApplicationId(item.application.to_string())),
        reason: "Nghỉ ốm".into(),
        appointment_at: instant("2026-12-02T03:00:00Z"),
    };
    office.client(an_officer("2-01")).postpone_appointment(request).await.unwrap();
    announce(&office, 2, true).await;
    replan(&office, applied()).await;
    let agreed = |case: &Case| case.postponement.as_ref().unwrap().appointment_at;
    let explained = explain(&office, item).await;
    assert!(explained.same);
    let case = explained.case.unwrap();
    assert_eq!((case.due_at, agreed(&case)), (instant(LATER), instant("2026-12-07T03:00:00Z")));

    // The citizen is asked on that Monday, and answers on the next: one working day by the clock that the case follows now.
    let request = RequestSupplementRequest {
        work_item: Some(convert::wire_work_item(item)),
        fence: 1,
        reasons: vec!["Bản chính".into()],
    };
    office.of("2-01").request_supplement(request).await.unwrap();
    let received_at = instant("2026-11-30T01:00:00Z");
    let received = Fact::SupplementReceived(SupplementReceived { received_at });
    assert_eq!(office.tell("intake", item.application, received).await, APPLIED);
    let explained = explain(&office, item).await;
    assert!(explained.same);
    let case = explained.case.unwrap();
    assert_eq!(
        (case.due_at, agreed(&case)),
        (instant("2026-12-09T01:00:00Z"), instant("2026-12-09T03:00:00Z"))
    );
    let totals = replan(&office, tried()).await.0;
    assert_eq!((totals.same, totals.later), (1, 0));
    // What the decision promised then, as it was then.
    let again = page(&office, applied()).await.unwrap().deadlines.remove(0);
    assert_eq!(
        (again.previous_appointment_at, again.appointment_at),
        (instant("2026-12-02T03:00:00Z"), instant("2026-12-07T03:00:00Z"))
    );
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_applies_names_the_decision_and_the_version_that_they_have_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let nameless = page(&office, ReplanDeadlinesRequest::default()).await.unwrap_err();
    assert_eq!(nameless.violations[0].field, "decision");
    let other = ReplanDeadlinesRequest { province_version: 7, ..tried() };
    let moved_on = page(&office, other).await.unwrap_err();
    assert_eq!((moved_on.kind, moved_on.reason.as_str()), (Kind::Conflict, "VERSION_MOVED_ON"));
    let rubbish = ReplanDeadlinesRequest { page_token: "x".into(), ..tried() };
    assert_eq!(page(&office, rubbish).await.unwrap_err().violations[0].field, "page_token");
    office.close().await;
}
