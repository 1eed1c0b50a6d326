//! Codes that are reserved ahead, and what was accepted with them without a line.

use futures::{StreamExt as _, future::join_all, stream};
use jiff::{SignedDuration, Timestamp};
use phidia_domain::caller::Role;
use phidia_proto::{
    convert::wire_timestamp,
    intake::v1::{
        CheckApplicationRequest, CloseCodeRangeRequest, CodeRange, IssuedReceipt, ListCodeRangesRequest,
        NumberSpan, Receipt, ReserveCodesRequest, SaveDraftRequest, SubmitApplicationRequest,
        SubmitApplicationsRequest, SubmitApplicationsResponse, SubmitDraftRequest, SubmitDraftResponse,
        TrackApplicationRequest, check_application_request::What, submit_applications_response::Outcome,
    },
};
use phidia_runtime::status::{from_message, from_status};
use tonic::{Code, Status};

use crate::harness::{Intake, MORNING, at, caller, officer, request, system, until};

const DAY: SignedDuration = SignedDuration::from_hours(24);

async fn reserve(intake: &Intake, request: ReserveCodesRequest) -> Result<CodeRange, Status> {
    Ok(intake.numbering(officer("1")).reserve_codes(request).await?.into_inner().range.unwrap())
}

fn codes(key: &str, count: u32) -> ReserveCodesRequest {
    let received_at_code = "1".into();
    ReserveCodesRequest { idempotency_key: key.into(), received_at_code, count, ..Default::default() }
}

async fn close(intake: &Intake, range: &CodeRange) -> CodeRange {
    let request = CloseCodeRangeRequest { range_id: range.range_id.clone() };
    intake.numbering(officer("1")).close_code_range(request).await.unwrap().into_inner().range.unwrap()
}

fn span((first, last): (u32, u32)) -> NumberSpan {
    NumberSpan { first, last }
}

/// An application that was accepted at 09:05 without a line.
fn issued(key: &str, code: &str) -> SubmitApplicationRequest {
    let accepted_at = at(MORNING) + SignedDuration::from_mins(5);
    let receipt = IssuedReceipt {
        dossier_code: code.into(),
        check_code: "012345".into(),
        accepted_at: Some(wire_timestamp(accepted_at)),
    };
    SubmitApplicationRequest { issued: Some(receipt), ..request(key) }
}

fn refused(answer: Result<impl std::fmt::Debug, Status>) -> String {
    from_status(&answer.unwrap_err()).reason
}

/// All that is answered to these, and how it ended.
async fn hand_over(
    intake: &Intake,
    requests: Vec<SubmitApplicationRequest>,
) -> (Vec<SubmitApplicationsResponse>, Result<(), Status>) {
    let requests =
        requests.into_iter().map(|request| SubmitApplicationsRequest { application: Some(request) });
    let mut answers = intake
        .applications(officer("1"))
        .submit_applications(stream::iter(requests))
        .await
        .unwrap()
        .into_inner();
    let mut found = Vec::new();
    loop {
        match answers.message().await {
            Ok(Some(answer)) => found.push(answer),
            Ok(None) => return (found, Ok(())),
            Err(status) => return (found, Err(status)),
        }
    }
}

fn receipt(answer: &SubmitApplicationsResponse) -> &Receipt {
    match answer.outcome.as_ref().unwrap() {
        Outcome::Receipt(receipt) => receipt,
        Outcome::Refusal(status) => panic!("refused: {status:?}"),
    }
}

fn reason(answer: &SubmitApplicationsResponse) -> String {
    match answer.outcome.as_ref().unwrap() {
        Outcome::Refusal(status) => from_message(status).reason,
        Outcome::Receipt(receipt) => panic!("accepted: {receipt:?}"),
    }
}

#[tokio::test]
async fn whoever_accepts_online_goes_on_behind_what_is_reserved() {
    let intake = Intake::new().await;
    assert_eq!(intake.submit(request("a")).await.unwrap().dossier_code, "H42.1-261123-0001");
    let range = reserve(&intake, codes("r", 10)).await.unwrap();
    assert_eq!((range.series.as_str(), range.numbers), ("H42.1-261123", Some(span((2, 11)))));
    assert_eq!((range.day.as_str(), range.reserved_by.as_str()), ("2026-11-23", "officer/test"));
    assert_eq!(reserve(&intake, codes("r", 10)).await.unwrap(), range, "the same key, the same numbers");
    assert_eq!(intake.submit(request("b")).await.unwrap().dossier_code, "H42.1-261123-0012");

    // Of a day to come, which begins behind them.
    let tomorrow = ReserveCodesRequest { day: "2026-11-24".into(), ..codes("t", 3) };
    assert_eq!(reserve(&intake, tomorrow).await.unwrap().numbers, Some(span((1, 3))));
    intake.clock.set(at(MORNING) + DAY);
    assert_eq!(intake.submit(request("c")).await.unwrap().dossier_code, "H42.1-261124-0004");
}

#[tokio::test]
async fn no_number_is_reserved_twice_however_many_ask() {
    let intake = Intake::new().await;
    let asked = (0..12).map(|number| {
        let intake = &intake;
        async move { reserve(intake, codes(&format!("k{}", number / 2), 7)).await.unwrap() }
    });
    let mut ranges = join_all(asked).await;
    ranges.sort_by_key(|range| range.numbers.unwrap().first);
    ranges.dedup();
    let spans: Vec<_> = ranges.iter().map(|range| range.numbers.unwrap()).collect();
    assert_eq!(spans, (0..6).map(|number| span((number * 7 + 1, number * 7 + 7))).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_cannot_be_reserved_is_refused() {
    let intake = Intake::new().await;
    let of = |request: ReserveCodesRequest| async {
        let answer = intake.numbering(officer("1")).reserve_codes(request).await;
        refused(answer)
    };
    let unit = |code: &str| ReserveCodesRequest { received_at_code: code.into(), ..codes("k", 1) };
    let day = |day: &str| ReserveCodesRequest { day: day.into(), ..codes("k", 1) };
    for (request, reason) in [
        (codes("k", 0), "OUT_OF_RANGE"),
        (codes("k", 1_001), "OUT_OF_RANGE"),
        (codes("", 1), "MALFORMED_IDEMPOTENCY_KEY"),
        (unit(""), "MISSING_FIELD"),
        (unit("7"), "UNKNOWN_UNIT"),
        (unit("9"), "COMMUNE_DIVIDED"),
        (unit("D"), "UNIT_DOES_NOT_RECEIVE"),
        (unit("2"), "OTHER_UNIT"),
        (day("2026-11-22"), "DATE_OUT_OF_RANGE"),
        (day("2026-12-08"), "DATE_OUT_OF_RANGE"),
        (day("today"), "MALFORMED_DATE"),
    ] {
        assert_eq!(of(request).await, reason);
    }
    for number in 0..5 {
        reserve(&intake, codes(&format!("k{number}"), 1_000)).await.unwrap();
    }
    let answer = intake.numbering(officer("1")).reserve_codes(codes("k5", 1)).await.unwrap_err();
    assert_eq!(answer.code(), Code::ResourceExhausted);
    assert_eq!(from_status(&answer).metadata, [("limit".to_owned(), "5000".to_owned())]);
    // Refused is not used up: the next number online follows those that are out.
    assert_eq!(intake.submit(request("a")).await.unwrap().dossier_code, "H42.1-261123-5001");
    let first = intake.numbering(officer("1")).list_code_ranges(ListCodeRangesRequest::default()).await;
    close(&intake, &first.unwrap().into_inner().ranges[0]).await;
    reserve(&intake, codes("k6", 1_000)).await.unwrap();
}

/// Two days without a line; then all is handed over, and once again, because the answers were lost.
#[tokio::test]
async fn what_was_accepted_without_a_line_is_taken_over_as_it_was_promised() {
    let intake = Intake::new().await;
    reserve(&intake, codes("r", 10)).await.unwrap();
    intake.clock.set(at(MORNING) + DAY + DAY);
    let wrong =
        SubmitApplicationRequest { procedure_code: "9.9".into(), ..issued("o2", "H42.1-261123-0002") };
    let items = || {
        vec![
            issued("o1", "H42.1-261123-0001"),
            wrong.clone(),
            request("online"),
            issued("o3", "H42.1-261123-0003"),
        ]
    };
    let (answers, end) = hand_over(&intake, items()).await;
    end.unwrap();
    assert_eq!(answers.iter().map(|answer| answer.number).collect::<Vec<_>>(), [1, 2, 3, 4]);
    let first = receipt(&answers[0]);
    assert_eq!((first.dossier_code.as_str(), first.check_code.as_str()), ("H42.1-261123-0001", "012345"));
    // The clock has run from the moment at the counter: one working day, from Monday 09:05.
    let at_counter = |days: i32| at(MORNING) + SignedDuration::from_mins(5) + DAY * days;
    assert_eq!(first.received_at, Some(wire_timestamp(at_counter(0))));
    assert_eq!(first.due_at, Some(wire_timestamp(at_counter(1))));
    assert_eq!(reason(&answers[1]), "UNKNOWN_PROCEDURE");
    assert_eq!(receipt(&answers[2]).dossier_code, "H42.1-261125-0001");
    assert_eq!(receipt(&answers[3]).dossier_code, "H42.1-261123-0003");

    let (again, end) = hand_over(&intake, items()).await;
    end.unwrap();
    assert_eq!(again, answers);
    // Long after the keys were forgotten, under another one, and one at a time.
    let (later, _) = hand_over(&intake, vec![issued("another", "H42.1-261123-0001")]).await;
    assert_eq!(later, answers[..1]);
    let single = issued("o3", "H42.1-261123-0003");
    let single = intake.applications(officer("1")).submit_application(single).await;
    assert_eq!(single.unwrap().into_inner().receipt.as_ref(), Some(receipt(&answers[3])));
    assert_eq!(intake.count().await, 3);
    // Whoever has the receipt of the counter can track it.
    let codes =
        TrackApplicationRequest { dossier_code: "H42.1-261123-0003".into(), check_code: "012345".into() };
    intake.applications(system()).track_application(codes).await.unwrap();
}

#[tokio::test]
async fn a_code_is_borne_by_one_application_of_the_unit_it_was_reserved_for() {
    let intake = Intake::new().await;
    reserve(&intake, codes("r", 10)).await.unwrap();
    intake.clock.set(at(MORNING) + SignedDuration::from_hours(2));
    let submit = |request: SubmitApplicationRequest| async { refused(intake.submit(request).await) };
    let with = |change: fn(&mut IssuedReceipt)| {
        let mut request = issued("k", "H42.1-261123-0004");
        change(request.issued.as_mut().unwrap());
        request
    };
    assert_eq!(submit(issued("k", "H42.1-261123-0011")).await, "CODE_NOT_RESERVED");
    assert_eq!(submit(issued("k", "H42.7-261123-0001")).await, "CODE_NOT_RESERVED");
    let elsewhere =
        SubmitApplicationRequest { received_at_code: "2".into(), ..issued("k", "H42.1-261123-0001") };
    assert_eq!(submit(elsewhere).await, "CODE_NOT_RESERVED");
    assert_eq!(submit(issued("k", "0001")).await, "MALFORMED_DOSSIER_CODE");
    assert_eq!(submit(with(|it| it.check_code = "12345".into())).await, "MALFORMED_CHECK_CODE");
    assert_eq!(submit(with(|it| it.accepted_at = None)).await, "MISSING_FIELD");
    let ahead = |it: &mut IssuedReceipt| it.accepted_at = Some(wire_timestamp(at(MORNING) + DAY));
    assert_eq!(submit(with(ahead)).await, "DATE_OUT_OF_RANGE");
    let ancient = |it: &mut IssuedReceipt| it.accepted_at = Some(wire_timestamp(Timestamp::MIN + DAY));
    assert_eq!(submit(with(ancient)).await, "DATE_OUT_OF_RANGE");
    let yesterday = |it: &mut IssuedReceipt| it.accepted_at = Some(wire_timestamp(at(MORNING) - DAY));
    assert_eq!(submit(with(yesterday)).await, "CODE_OF_ANOTHER_DAY");
    assert_eq!(intake.count().await, 0);

    intake.submit(issued("k", "H42.1-261123-0004")).await.unwrap();
    let mut other = issued("other", "H42.1-261123-0004");
    other.issued.as_mut().unwrap().check_code = "543210".into();
    assert_eq!(submit(other).await, "CODE_USED");
}

/// A citizen who uses up a code of a centre would take it from whoever holds a receipt with it; another centre learns nothing of it.
#[tokio::test]
async fn codes_are_the_affair_of_the_centre_that_they_were_reserved_for() {
    let intake = Intake::new().await;
    reserve(&intake, codes("r", 5)).await.unwrap();
    intake.clock.set(at(MORNING) + SignedDuration::from_hours(2));
    let submit =
        async |caller, request| refused(intake.applications(caller).submit_application(request).await);
    let citizen = || caller(Role::Citizen, None);
    assert_eq!(submit(citizen(), issued("k", "H42.1-261123-0001")).await, "ISSUED_BY_CENTRES");
    let draft =
        SubmitApplicationRequest { idempotency_key: String::new(), ..issued("", "H42.1-261123-0001") };
    let checked = CheckApplicationRequest { what: Some(What::Application(draft.clone())) };
    let checked = intake.applications(citizen()).check_application(checked).await.unwrap().into_inner();
    assert_eq!(checked.faults[0].field, "issued");
    let saved = SaveDraftRequest { application: Some(draft), ..Default::default() };
    let saved = intake.drafts(citizen()).save_draft(saved).await.unwrap().into_inner().draft.unwrap();
    let handed_in = SubmitDraftRequest { draft_id: saved.draft_id, ..Default::default() };
    assert_eq!(refused(intake.drafts(citizen()).submit_draft(handed_in).await), "ISSUED_BY_CENTRES");
    assert_eq!(intake.count().await, 0);

    let receipt =
        intake.applications(officer("1")).submit_application(issued("k", "H42.1-261123-0001")).await;
    assert!(receipt.is_ok(), "it is still there for whom it was promised");
    // Borne or not, and even with all that its receipt says, it is answered alike.
    for code in ["H42.1-261123-0001", "H42.1-261123-0002"] {
        assert_eq!(submit(citizen(), issued("other", code)).await, "ISSUED_BY_CENTRES");
        assert_eq!(submit(officer("2"), issued("other", code)).await, "OTHER_UNIT");
        let elsewhere = SubmitApplicationRequest { received_at_code: "2".into(), ..issued("o", code) };
        assert_eq!(submit(officer("2"), elsewhere).await, "CODE_NOT_RESERVED");
        let faulty = SubmitApplicationRequest { procedure_code: "9.9".into(), ..issued("o", code) };
        assert_eq!(submit(officer("2"), faulty).await, "UNKNOWN_PROCEDURE");
    }
}

/// A draft that a centre accepts while its line is down has a final code, and is one application: also when a colleague hands it in before.
#[tokio::test]
async fn a_draft_becomes_what_was_promised_for_it_or_the_centre_is_told() {
    let intake = Intake::new().await;
    reserve(&intake, codes("r", 5)).await.unwrap();
    intake.clock.set(at(MORNING) + SignedDuration::from_hours(2));
    let save = async || {
        let application = SubmitApplicationRequest { idempotency_key: String::new(), ..request("") };
        let saved = SaveDraftRequest { application: Some(application), ..Default::default() };
        intake.drafts(officer("1")).save_draft(saved).await.unwrap().into_inner().draft.unwrap().draft_id
    };
    let submit = async |draft_id: &str, code: &str| {
        let issued = (!code.is_empty()).then(|| issued("", code).issued.unwrap());
        let request = SubmitDraftRequest { draft_id: draft_id.to_owned(), issued, ..Default::default() };
        intake.drafts(officer("1")).submit_draft(request).await
    };
    let receipt = |answer: Result<tonic::Response<SubmitDraftResponse>, tonic::Status>| {
        answer.unwrap().into_inner().submitted.unwrap().receipt.unwrap()
    };
    let draft = save().await;
    let first = receipt(submit(&draft, "H42.1-261123-0001").await);
    assert_eq!(first.dossier_code, "H42.1-261123-0001");
    assert_eq!(receipt(submit(&draft, "H42.1-261123-0001").await), first);
    assert_eq!(refused(submit(&draft, "H42.1-261123-0002").await), "DRAFT_HANDED_IN");
    assert_eq!(receipt(submit(&draft, "").await), first);
    // A colleague was first.
    let other = save().await;
    let online = receipt(submit(&other, "").await);
    let status = submit(&other, "H42.1-261123-0002").await.unwrap_err();
    let told = phidia_runtime::status::from_status(&status);
    assert_eq!(told.reason, "DRAFT_HANDED_IN");
    assert_eq!(told.metadata, [("dossier_code".to_owned(), online.dossier_code)]);
    // A code is of one application.
    assert_eq!(refused(submit(&save().await, "H42.1-261123-0001").await), "CODE_USED");
    assert_eq!(intake.count().await, 2);
}

/// The same application comes in over two lines at the same moment.
#[tokio::test]
async fn of_one_receipt_there_is_one_application_however_many_bring_it() {
    let intake = Intake::new().await;
    reserve(&intake, codes("r", 1)).await.unwrap();
    intake.clock.set(at(MORNING) + SignedDuration::from_hours(2));
    let answers = join_all((0..8).map(|number| {
        let request = issued(&format!("k{number}"), "H42.1-261123-0001");
        let intake = &intake;
        async move { intake.submit(request).await.unwrap().application_id }
    }))
    .await;
    assert!(answers.iter().all(|id| *id == answers[0]), "{answers:?}");
    assert_eq!(intake.count().await, 1);
}

#[tokio::test]
async fn what_was_not_used_is_void_for_good() {
    let mut intake = Intake::new().await;
    let range = reserve(&intake, codes("r", 6)).await.unwrap();
    intake.clock.set(at(MORNING) + SignedDuration::from_hours(2));
    for number in [2, 5] {
        let code = format!("H42.1-261123-000{number}");
        intake.submit(issued(&code, &code)).await.unwrap();
    }
    let stranger = CloseCodeRangeRequest { range_id: range.range_id.clone() };
    let denied = intake.numbering(officer("2")).close_code_range(stranger).await;
    assert_eq!(denied.unwrap_err().code(), Code::PermissionDenied);
    let closed = close(&intake, &range).await;
    assert_eq!(closed.void, [(1, 1), (3, 4), (6, 6)].map(span));
    assert_eq!((closed.used, closed.closed_at.is_some()), (2, true));
    assert_eq!(close(&intake, &range).await, closed);

    assert_eq!(refused(intake.submit(issued("late", "H42.1-261123-0003")).await), "CODE_VOID");
    // What bears one is still answered for.
    intake.submit(issued("again", "H42.1-261123-0005")).await.unwrap();
    let list = |unit: &str, caller| {
        let request = ListCodeRangesRequest { received_at_code: unit.into(), ..Default::default() };
        let mut numbering = intake.numbering(caller);
        async move { numbering.list_code_ranges(request).await.map(|answer| answer.into_inner().ranges) }
    };
    assert_eq!(list("", officer("1")).await.unwrap(), std::slice::from_ref(&closed));
    assert_eq!(list("1", caller(Role::Operator, None)).await.unwrap(), [closed]);
    assert!(list("", officer("2")).await.unwrap().is_empty());
    assert_eq!(list("1", officer("2")).await.unwrap_err().code(), Code::PermissionDenied);

    // Nobody thinks of the other one: it is closed once nothing can come in with it any more.
    let open = reserve(&intake, codes("open", 2)).await.unwrap();
    intake.clock.set(at(MORNING) + DAY * 32);
    let workers = intake.start();
    until("it is closed", async || {
        let ranges = intake.numbering(system()).list_code_ranges(ListCodeRangesRequest::default()).await;
        let ranges = ranges.unwrap().into_inner().ranges;
        ranges.iter().any(|range| range.range_id == open.range_id && range.void == [span((7, 8))])
    })
    .await;
    assert!(workers.stop(std::time::Duration::from_secs(5)).await);
}

#[tokio::test]
async fn ranges_are_listed_page_by_page() {
    let intake = Intake::new().await;
    for number in 0..5 {
        intake.clock.set(at(MORNING) + SignedDuration::from_mins(number.into()));
        reserve(&intake, codes(&format!("k{number}"), 1)).await.unwrap();
    }
    let mut token = String::new();
    let mut firsts = Vec::new();
    loop {
        let request = ListCodeRangesRequest { page_size: 2, page_token: token, ..Default::default() };
        let page = intake.numbering(system()).list_code_ranges(request).await.unwrap().into_inner();
        firsts.extend(page.ranges.iter().map(|range| range.numbers.unwrap().first));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(firsts, [5, 4, 3, 2, 1]);
}

/// A process that is asked to end takes nothing more in, and says that the rest was not judged.
#[tokio::test]
async fn a_stream_ends_with_the_process_and_not_in_the_middle_of_an_application() {
    let mut intake = Intake::new().await;
    let workers = intake.start();
    let first = SubmitApplicationsRequest { application: Some(request("a")) };
    // The line stays open behind the first one.
    let requests = stream::iter([first]).chain(stream::pending());
    let mut answers =
        intake.applications(officer("1")).submit_applications(requests).await.unwrap().into_inner();
    receipt(&answers.message().await.unwrap().unwrap());
    assert!(workers.stop(std::time::Duration::from_secs(5)).await);
    assert_eq!(answers.message().await.unwrap_err().code(), Code::Unavailable);
    assert_eq!(intake.count().await, 1);
}
