//! A case that was decided is opened again by a decision.

use ::harness::pdf;
use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
    case::Outcome,
    conservation::Place,
    id::PersonId,
    work_item::WorkItem,
};
use phidia_proto::{
    convert,
    events::v1::{
        ApplicationSubmitted, CaseReopened, SealedContact, StepReady, StopGround, Verdict, event::Fact,
    },
    processing::v1::{
        Case, CaseState, ExplainDeadlineRequest, Figures, GetReportRequest, GetResultRequest,
        GetResultResponse, HandOverResultRequest, InstallPhase, IssueResultRequest, ListResultsRequest,
        PostponeAppointmentRequest, RenderControlSlipRequest, ReopenCaseRequest, ReportDimension,
        ReportSelection, explain_deadline_request, get_result_request, hand_over_result_request,
        issue_result_request, postpone_appointment_request, render_control_slip_request, reopen_case_request,
    },
};
use phidia_runtime::{digest::sha256, ids::Ids, seal::PersonKey, status};

use crate::{
    harness::{MONDAY, Office, an_officer, assigned, at, master_key, submission, supervisor},
    province::{self, BIRTH, COPY, unit},
    result::{because, refused},
    supplement::{stop, waiting},
};

/// What is promised for a birth of Monday, 08:00.
const PROMISED: &str = "2026-12-02T01:00:00Z";
/// A Monday, 09:00, two weeks later: three working days from then are these.
const LATER: &str = "2026-12-07T02:00:00Z";
const PROMISED_ANEW: &str = "2026-12-16T02:00:00Z";
const DECISION: &str = "Quyết định số 12/QĐ-UBND";

fn birth(return_at: &str) -> ApplicationSubmitted {
    let key = PersonKey::generate();
    let contact = SealedContact {
        person_id: Ids::random().mint::<PersonId>(at(MONDAY)).to_string(),
        wrapped_key: key.wrap(&master_key()).unwrap(),
        sealed: Vec::new(),
        pseudonym: Vec::new(),
    };
    ApplicationSubmitted {
        contact: Some(contact),
        due_at: Some(convert::wire_timestamp(at(PROMISED))),
        return_at_unit_id: unit(return_at).to_string(),
        ..submission(BIRTH)
    }
}

fn operator() -> Caller {
    Caller { role: Role::Operator, name: "o".into(), unit: None, officer: None }
}

/// Examined at unit 2, signed at unit 1: granted, or refused there.
async fn decided(office: &Office, number: u128, outcome: Outcome) -> WorkItem {
    let item = office.open_case(number, birth("2"), "2").await;
    office.claim("2-01", item, 0).await.unwrap();
    office.complete("2-01", item, 1, Outcome::Approved, "").await.unwrap();
    let signature = WorkItem { step: 2, ..item };
    office.tell("routing", item.application, assigned(signature, "1")).await;
    office.claim("1-01", signature, 0).await.unwrap();
    let reason = if outcome == Outcome::Refused { "Thiếu bản chính" } else { "" };
    office.complete("1-01", signature, 1, outcome, reason).await.unwrap();
    signature
}

async fn reopen(
    office: &Office,
    caller: Caller,
    item: WorkItem,
    decision: &str,
    to_step: u32,
) -> Result<Case, Rejection> {
    let request = ReopenCaseRequest {
        decision: decision.into(),
        reason: "Sai họ tên ông Nguyễn Văn A".into(),
        to_step,
        key: Some(reopen_case_request::Key::ApplicationId(item.application.to_string())),
    };
    let answer = office.client(caller).reopen_case(request).await;
    answer.map(|answer| answer.into_inner().case.unwrap()).map_err(|status| status::from_status(&status))
}

async fn signed_again(office: &Office, item: WorkItem, outcome: Outcome) -> Case {
    let again = WorkItem { step: 2, attempt: 1001, ..item };
    office.claim("1-02", again, 0).await.unwrap();
    let reason = if outcome == Outcome::Refused { "Không đủ điều kiện" } else { "" };
    office.complete("1-02", again, 1, outcome, reason).await.unwrap()
}

/// Whether what is promised is what it is reckoned to, with the lines.
async fn explained(office: &Office, item: WorkItem) -> (bool, Vec<String>) {
    let key = Some(explain_deadline_request::Key::ApplicationId(item.application.to_string()));
    let request = ExplainDeadlineRequest { key };
    let answer = office.client(supervisor(None)).explain_deadline(request).await.unwrap().into_inner();
    let lines = answer.deadline.unwrap().arithmetic;
    (answer.same, lines.into_iter().map(|line| line.en).collect())
}

async fn heard(office: &Office, facts: usize) -> Vec<Fact> {
    office.told.events("routing", facts).await.into_iter().map(|event| event.fact.unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_on_where_it_was_done_by_a_date_that_counts_from_the_decision() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let signature = decided(&office, 1, Outcome::Refused).await;
    let before = heard(&office, 7).await.len();
    office.clock.set(at(LATER));
    let by = supervisor(Some("1"));
    for _ in 0..2 {
        let case = reopen(&office, by.clone(), signature, DECISION, 0).await.unwrap();
        assert_eq!((case.state(), case.on_time, case.completed_at), (CaseState::Queued, None, None));
        assert_eq!(case.due_at, Some(convert::wire_timestamp(at(PROMISED_ANEW))));
        let [reopening] = &case.reopenings[..] else { panic!("{:?}", case.reopenings) };
        assert_eq!((reopening.decision.as_str(), reopening.actor.as_str()), (DECISION, "supervisor/s"));
        assert_eq!((reopening.state(), reopening.on_time, reopening.step), (CaseState::Refused, true, 2));
        assert_eq!(reopening.due_at, Some(convert::wire_timestamp(at(PROMISED))));
    }
    let facts = heard(&office, before + 2).await;
    let [Fact::CaseReopened(told), Fact::StepReady(ready)] = &facts[before..] else { panic!("{facts:?}") };
    let again = WorkItem { attempt: 1001, ..signature };
    assert_eq!(convert::work_item(told.work_item.clone(), "work_item").unwrap(), again);
    assert_eq!((told.decision.as_str(), told.unit_id.clone()), (DECISION, unit("1").to_string()));
    assert_eq!(told.due_at, Some(convert::wire_timestamp(at(PROMISED_ANEW))));
    let reached = convert::work_items(&told.reached_before, "reached_before").unwrap();
    assert_eq!(reached, [WorkItem::first(signature.application, 1), signature]);
    assert!(!told.result_withdrawn && ready.kept && ready.work_item == told.work_item);
    // Why, is for colleagues, and told in no event.
    assert!(!format!("{facts:?}").contains("Nguyễn"));
    let shown = office.get(an_officer("1-02"), signature).await.unwrap();
    assert_eq!(shown.reopening_reasons, ["Sai họ tên ông Nguyễn Văn A"]);
    let [line] = office.worklist("1-02").await.try_into().unwrap();
    assert_eq!(line.due_at, Some(convert::wire_timestamp(at(PROMISED_ANEW))));

    let (same, lines) = explained(&office, signature).await;
    assert!(same && lines[1].starts_with("Opened again: 09:00 on Monday 7 December 2026"), "{lines:?}");
    let case = signed_again(&office, signature, Outcome::Approved).await;
    assert_eq!((case.state(), case.on_time), (CaseState::Granted, Some(true)));
    assert!(explained(&office, signature).await.0);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_step_is_done_again_where_routing_finds_a_unit_and_then_what_follows() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let signature = decided(&office, 1, Outcome::Approved).await;
    let before = heard(&office, 7).await.len();
    // Unit 2 loses whoever mastered it.
    let mut files = province::files();
    let competencies = String::from_utf8(files["competencies.csv"].clone()).unwrap();
    let left = competencies.lines().filter(|line| !line.starts_with("2-01,Hộ tịch")).collect::<Vec<_>>();
    files.insert("competencies.csv".to_owned(), (left.join("\n") + "\n").into_bytes());
    for phase in [InstallPhase::Stage, InstallPhase::Activate] {
        office.install_files(phase, 2, files.clone()).await.unwrap();
    }
    let case = reopen(&office, operator(), signature, DECISION, 1).await.unwrap();
    assert_eq!((case.state(), case.clock_version), (CaseState::AwaitingUnit, 2));
    let facts = heard(&office, before + 2).await;
    let [Fact::CaseReopened(CaseReopened { unit_id, .. }), Fact::StepReady(StepReady { kept: false, .. })] =
        &facts[before..]
    else {
        panic!("{facts:?}")
    };
    assert_eq!(unit_id, "");
    // News of the first round changes nothing any more; that of this one does.
    let first = WorkItem::first(signature.application, 1);
    let again = WorkItem { attempt: 1001, ..first };
    office.tell("routing", first.application, assigned(first.next_attempt(), "3")).await;
    assert!(office.worklist("3-01").await.is_empty());
    office.tell("routing", first.application, assigned(again, "3")).await;
    office.claim("3-01", again, 0).await.unwrap();
    office.complete("3-01", again, 1, Outcome::Approved, "").await.unwrap();
    let next = WorkItem { step: 2, ..again };
    office.tell("routing", first.application, assigned(next, "1")).await;
    let case = signed_again(&office, signature, Outcome::Approved).await;
    assert_eq!(case.state(), CaseState::Granted);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_decided_by_whom_it_concerns_and_once_by_each_decision() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let open = office.open_case(1, birth("1"), "1").await;
    let refusal = reopen(&office, operator(), open, DECISION, 0).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, "CASE_OPEN"));
    assert!(refusal.metadata.contains(&("state".to_owned(), "queued".to_owned())), "{refusal:?}");
    let stopped = waiting(&office, 2).await;
    office.tell("intake", stopped.application, stop(StopGround::Withdrawn)).await;
    let answer = reopen(&office, operator(), stopped, DECISION, 0).await;
    assert_eq!(refused(answer), because(Kind::Precondition, "CASE_STOPPED"));

    let signature = decided(&office, 3, Outcome::Approved).await;
    // Unit 2 has worked on it, and unit 1 decided.
    let answer = reopen(&office, supervisor(Some("2")), signature, DECISION, 0).await;
    assert_eq!(refused(answer), because(Kind::Forbidden, "OTHER_UNIT"));
    let answer = reopen(&office, an_officer("1-01"), signature, DECISION, 0).await;
    assert_eq!(refused(answer).0, Kind::Forbidden);
    for (decision, to_step, field) in [("", 0, "decision"), (DECISION, 3, "to_step")] {
        let refusal = reopen(&office, operator(), signature, decision, to_step).await.unwrap_err();
        assert_eq!((refusal.kind, refusal.violations[0].field.as_str()), (Kind::Invalid, field));
    }
    let unknown = WorkItem::first(crate::harness::application(99), 1);
    assert_eq!(refused(reopen(&office, operator(), unknown, DECISION, 0).await).0, Kind::NotFound);

    // Two at once: one of both decisions opens it, and the other finds it open.
    let (one, other) = tokio::join!(
        reopen(&office, supervisor(Some("1")), signature, DECISION, 0),
        reopen(&office, operator(), signature, "Quyết định số 13", 1),
    );
    let lost = match (one, other) {
        (Ok(_), Err(lost)) | (Err(lost), Ok(_)) => lost,
        both => panic!("{both:?}"),
    };
    assert_eq!((lost.kind, lost.reason.as_str()), (Kind::Precondition, "CASE_OPEN"));
    let shown = office.get(operator(), signature).await.unwrap();
    assert_eq!(shown.case.unwrap().reopenings.len(), 1);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_one_decision_it_is_opened_once_also_when_it_was_decided_anew() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let signature = decided(&office, 1, Outcome::Approved).await;
    reopen(&office, operator(), signature, DECISION, 0).await.unwrap();
    signed_again(&office, signature, Outcome::Refused).await;
    let again = reopen(&office, operator(), signature, DECISION, 0).await.unwrap();
    assert_eq!(again.state(), CaseState::Refused);
    let answer = reopen(&office, operator(), signature, DECISION, 1).await;
    assert_eq!(refused(answer), because(Kind::Precondition, "REOPENED_BEFORE"));
    let third = reopen(&office, operator(), signature, "Quyết định số 13", 0).await.unwrap();
    let states: Vec<_> = third.reopenings.iter().map(|reopening| reopening.state()).collect();
    assert_eq!(states, [CaseState::Granted, CaseState::Refused]);
    let third = WorkItem { attempt: 2001, ..signature };
    office.claim("1-02", third, 0).await.unwrap();
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_again_is_answered_the_same_also_when_another_unit_has_decided_since() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = office.open_case(1, birth("2"), "2").await;
    office.claim("2-01", item, 0).await.unwrap();
    office.complete("2-01", item, 1, Outcome::Refused, "Thiếu bản chính").await.unwrap();
    let by = supervisor(Some("2"));
    reopen(&office, by.clone(), item, DECISION, 0).await.unwrap();
    let again = WorkItem::of_round(item.application, item.step, item.round() + 1);
    office.claim("2-01", again, 0).await.unwrap();
    office.complete("2-01", again, 1, Outcome::Approved, "").await.unwrap();
    let signature = WorkItem { step: 2, ..item };
    office.tell("routing", item.application, assigned(signature, "1")).await;
    office.claim("1-01", signature, 0).await.unwrap();
    office.complete("1-01", signature, 1, Outcome::Approved, "").await.unwrap();

    // The answer was lost, and so they ask once more.
    let case = reopen(&office, by.clone(), item, DECISION, 0).await.unwrap();
    assert_eq!((case.state(), case.reopenings.len()), (CaseState::Granted, 1));
    // What unit 1 has decided is not theirs to open again; nor was the decision on what unit 2 had decided unit 1's.
    let answer = reopen(&office, by, item, "Quyết định số 13", 0).await;
    assert_eq!(refused(answer), because(Kind::Forbidden, "OTHER_UNIT"));
    let answer = reopen(&office, supervisor(Some("1")), item, DECISION, 0).await;
    assert_eq!(refused(answer), because(Kind::Forbidden, "OTHER_UNIT"));
    office.close().await;
}

async fn issue(office: &Office, item: WorkItem, content: &[u8]) {
    let request = IssueResultRequest {
        file_name: "khai sinh.pdf".into(),
        media_type: "application/pdf".into(),
        content: content.to_vec(),
        key: Some(issue_result_request::Key::ApplicationId(item.application.to_string())),
    };
    office.results(an_officer("1-01")).issue_result(request).await.unwrap();
}

async fn result(office: &Office, item: WorkItem, withdrawn_by: u32) -> Result<GetResultResponse, Rejection> {
    let key = Some(get_result_request::Key::ApplicationId(item.application.to_string()));
    let request = GetResultRequest { key, withdrawn_by };
    let answer = office.results(an_officer("1-01")).get_result(request).await;
    answer.map(tonic::Response::into_inner).map_err(|status| status::from_status(&status))
}

async fn lying(office: &Office) -> usize {
    let request = ListResultsRequest::default();
    office.results(an_officer("2-01")).list_results(request).await.unwrap().into_inner().results.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_issued_and_handed_over_is_withdrawn_and_another_one_is_issued() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let signature = decided(&office, 1, Outcome::Approved).await;
    issue(&office, signature, b"%PDF the first").await;
    let request = HandOverResultRequest {
        way: phidia_proto::events::v1::HandOverWay::InPerson.into(),
        receiver: "Nguyễn Thị Lan".into(),
        key: Some(hand_over_result_request::Key::ApplicationId(signature.application.to_string())),
    };
    office.results(an_officer("2-01")).hand_over_result(request).await.unwrap();
    office.clock.set(at(LATER));
    reopen(&office, operator(), signature, DECISION, 0).await.unwrap();
    let facts = heard(&office, 11).await;
    assert!(facts.iter().any(|fact| matches!(fact, Fact::CaseReopened(told) if told.result_withdrawn)));

    // There is none while it is not decided; what was is on record.
    assert_eq!(refused(result(&office, signature, 0).await), because(Kind::Precondition, "NOT_DECIDED"));
    assert_eq!(refused(result(&office, signature, 2).await).1, "NO_RESULT_WITHDRAWN");
    let first = result(&office, signature, 1).await.unwrap();
    assert_eq!(
        (first.content.as_slice(), first.receiver.as_str()),
        (&b"%PDF the first"[..], "Nguyễn Thị Lan")
    );
    let [withdrawn] = &first.result.as_ref().unwrap().withdrawn[..] else { panic!("{first:?}") };
    assert_eq!(withdrawn.file.as_ref().unwrap().sha256, sha256(b"%PDF the first"));
    assert!(withdrawn.hand_over.is_some() && withdrawn.decision == DECISION);
    assert_eq!(withdrawn.withdrawn_at, Some(convert::wire_timestamp(at(LATER))));
    assert_eq!(lying(&office).await, 0);

    signed_again(&office, signature, Outcome::Approved).await;
    assert_eq!(lying(&office).await, 1, "it is to be handed over once more");
    issue(&office, signature, b"%PDF the second").await;
    let second = result(&office, signature, 0).await.unwrap();
    assert_eq!((second.content.as_slice(), second.receiver.as_str()), (&b"%PDF the second"[..], ""));
    assert_eq!(second.result.unwrap().withdrawn.len(), 1);
    assert_eq!(result(&office, signature, 1).await.unwrap().content, b"%PDF the first");
    // Whoever erases the citizen erases what was withdrawn, too.
    office.erase_everybody().await;
    assert_eq!(refused(result(&office, signature, 1).await), because(Kind::Precondition, "PERSON_ERASED"));
    office.close().await;
}

async fn figures(office: &Office) -> Figures {
    let selection = Some(ReportSelection { period: "2026-11".into(), ..ReportSelection::default() });
    let request = GetReportRequest { selection, by: ReportDimension::Unspecified.into() };
    office.reports(operator()).get_report(request).await.unwrap().into_inner().total.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_that_is_over_has_it_running_again_until_it_ends_anew() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let signature = decided(&office, 1, Outcome::Approved).await;
    issue(&office, signature, b"%PDF the first").await;
    let before = figures(&office).await;
    assert_eq!((before.granted, before.issued_electronically, before.running), (1, 1, 0));
    assert_eq!(place(&office).await, Place::Finished);
    office.clock.set(at(LATER));
    reopen(&office, operator(), signature, DECISION, 0).await.unwrap();
    let open = figures(&office).await;
    assert_eq!((open.granted, open.finished, open.running, open.running_in_term), (0, 0, 1, 1));
    assert_eq!(open.issued_electronically, 0);
    assert_eq!(place(&office).await, Place::InCase);
    // Half an hour later: that is all that it has taken, for while it was closed nobody worked on it.
    office.clock.set(at("2026-12-07T02:30:00Z"));
    signed_again(&office, signature, Outcome::Refused).await;
    assert_eq!(figures(&office).await.running, 1, "at the end of November it ran");
    assert_eq!(place(&office).await, Place::Refused);
    let selection = Some(ReportSelection { period: "2026-12".into(), ..ReportSelection::default() });
    let request = GetReportRequest { selection, by: ReportDimension::Unspecified.into() };
    let december = office.reports(operator()).get_report(request).await.unwrap().into_inner().total.unwrap();
    assert_eq!((december.refused, december.carried_over), (1, 1));
    assert_eq!(december.mean_minutes, Some(30.0));
    office.close().await;
}

async fn place(office: &Office) -> Place {
    let [holding] = office.holder.page(None, 10).await.unwrap().try_into().unwrap();
    holding.place
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_date_has_a_new_appointment_and_its_own_pauses() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    // It waited for its citizen before, and was given a new appointment.
    let item = waiting(&office, 1).await;
    office.clock.set(at("2026-11-25T02:00:00Z"));
    office.tell("intake", item.application, crate::supplement::received("2026-11-25T02:00:00Z")).await;
    let postpone = async |to: &str| {
        let request = PostponeAppointmentRequest {
            reason: "Cán bộ nghỉ ốm".into(),
            appointment_at: Some(convert::wire_timestamp(at(to))),
            key: Some(postpone_appointment_request::Key::ApplicationId(item.application.to_string())),
        };
        office.client(supervisor(None)).postpone_appointment(request).await
    };
    postpone("2026-12-14T02:00:00Z").await.unwrap();
    office.claim("2-01", item, 2).await.unwrap();
    office.complete("2-01", item, 3, Outcome::Refused, "Không đủ điều kiện").await.unwrap();
    office.clock.set(at(LATER));
    let case = reopen(&office, operator(), item, DECISION, 0).await.unwrap();
    assert_eq!(case.due_at, Some(convert::wire_timestamp(at(PROMISED_ANEW))));
    assert_eq!(case.postponement, None);
    assert!(explained(&office, item).await.0);
    let case = postpone("2026-12-21T02:00:00Z").await.unwrap().into_inner().case.unwrap();
    assert_eq!(case.due_at, Some(convert::wire_timestamp(at(PROMISED_ANEW))));
    assert!(explained(&office, item).await.0);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_slip_says_where_it_came_back_from() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let signature = decided(&office, 1, Outcome::Refused).await;
    office.clock.set(at(LATER));
    reopen(&office, operator(), signature, DECISION, 0).await.unwrap();
    office.clock.set(at("2026-12-07T02:30:00Z"));
    signed_again(&office, signature, Outcome::Approved).await;
    let key = Some(render_control_slip_request::Key::ApplicationId(signature.application.to_string()));
    let request = RenderControlSlipRequest { key };
    let slip = office.client(operator()).render_control_slip(request).await.unwrap().into_inner();
    let text = pdf::text(&slip.document.unwrap().pdf);
    let mut rest = text.as_str();
    for words in ["Từ chối giải quyết", "mở lại hồ sơ", "Trả kết quả"] {
        let found = rest.find(words).unwrap_or_else(|| panic!("no {words:?} in what is left: {rest}"));
        rest = &rest[found + words.len()..];
    }
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nothing_was_promised_for_is_promised_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = office.open_case(1, submission(COPY), "1").await;
    office.claim("1-01", item, 0).await.unwrap();
    office.complete("1-01", item, 1, Outcome::Approved, "").await.unwrap();
    let case = reopen(&office, supervisor(Some("1")), item, DECISION, 0).await.unwrap();
    assert_eq!((case.state(), case.due_at), (CaseState::Queued, None));
    let applied = (Verdict::Applied, String::new());
    assert_eq!(office.tell("intake", item.application, stop(StopGround::Withdrawn)).await, applied);
    let shown = office.get(operator(), item).await.unwrap().case.unwrap();
    assert_eq!(shown.state(), CaseState::Withdrawn, "they may withdraw it while there is no decision");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_that_the_decision_outran_ends_nothing_that_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    // They asked on Monday, before it was decided, and it comes only now.
    office.clock.set(at("2026-11-24T02:00:00Z"));
    let item = decided(&office, 1, Outcome::Approved).await;
    reopen(&office, operator(), item, DECISION, 0).await.unwrap();
    let applied = (Verdict::Applied, String::new());
    assert_eq!(office.tell("intake", item.application, stop(StopGround::Withdrawn)).await, applied);
    assert_eq!(office.get(operator(), item).await.unwrap().case.unwrap().state(), CaseState::Queued);
    office.close().await;
}
