//! Claims and completions under their fences.

use phidia_domain::{
    Kind,
    caller::{Caller, Role},
    case::Outcome,
    work_item::WorkItem,
};
use phidia_proto::{
    convert,
    events::v1::event::Fact,
    processing::v1::{CaseState, ClaimWorkItemRequest, CompleteStepRequest},
};
use phidia_runtime::status;

use crate::{
    harness::{Office, an_officer, application, submission, supervisor},
    province::{BIRTH, COPY, officer, unit},
};

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_claim_at_once_one_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    for number in 0..20 {
        let item = office.open_case(number, submission(BIRTH), "1").await;
        let (one, other) = tokio::join!(office.claim("1-01", item, 0), office.claim("1-02", item, 0));
        let (holder, refusal) = match (one, other) {
            (Ok(_), Err(refusal)) => ("1-01", refusal),
            (Err(refusal), Ok(_)) => ("1-02", refusal),
            both => panic!("{both:?}"),
        };
        assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Conflict, "OLD_FENCE"));
        let present = [
            ("fence", "1".to_owned()),
            ("holder", officer(holder).to_string()),
            ("holder_code", holder.to_owned()),
        ];
        assert!(refusal.message.starts_with(&format!("officer {holder} holds")), "{}", refusal.message);
        assert_eq!(refusal.metadata, present.map(|(key, value)| (key.to_owned(), value)));
        // Again as the holder: the same answer, and nothing told twice.
        assert_eq!(office.claim(holder, item, 0).await.unwrap().fence, 1);
    }
    let started = |fact: &Fact| matches!(fact, Fact::StepStarted(_));
    assert_eq!(office.told.facts("intake", 40).await.iter().filter(|fact| started(fact)).count(), 20);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_may_not_be_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = office.open_case(1, submission(BIRTH), "1").await;
    for (code, item, fence, kind, reason) in [
        ("2-01", item, 0, Kind::Forbidden, "OTHER_UNIT"),
        ("1-03", item, 0, Kind::Precondition, "NOT_COMPETENT"),
        ("1-01", item, 7, Kind::Conflict, "OLD_FENCE"),
        ("1-01", item, u64::MAX, Kind::Conflict, "OLD_FENCE"),
        ("1-01", WorkItem { attempt: 7, ..item }, 0, Kind::NotFound, "UNKNOWN_WORK_ITEM"),
        ("1-01", WorkItem { attempt: u32::MAX, ..item }, 0, Kind::Invalid, "OUT_OF_RANGE"),
        ("1-01", WorkItem::first(application(9), 1), 0, Kind::NotFound, "UNKNOWN_WORK_ITEM"),
        ("1-99", item, 0, Kind::Forbidden, "UNKNOWN_OFFICER"),
    ] {
        let refusal = office.claim(code, item, fence).await.unwrap_err();
        assert_eq!((refusal.kind, refusal.reason.as_str()), (kind, reason));
    }
    let request = |item| ClaimWorkItemRequest { work_item: item, expected_fence: 0 };
    let moved = Caller { unit: Some(unit("2")), ..an_officer("1-01") };
    let citizen = Caller { role: Role::Citizen, name: "c".into(), unit: None, officer: None };
    for caller in [moved, citizen, supervisor(Some("1"))] {
        let wire = Some(convert::wire_work_item(item));
        let refusal = office.client(caller).claim_work_item(request(wire)).await.unwrap_err();
        assert_eq!(refusal.code(), tonic::Code::PermissionDenied);
    }
    let mut zero = convert::wire_work_item(item);
    zero.step = 0;
    for wire in [None, Some(zero)] {
        let refusal = office.of("1-01").claim_work_item(request(wire)).await.unwrap_err();
        assert_eq!(status::from_status(&refusal).violations[0].field, "work_item");
    }
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_ends_once() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = office.open_case(1, submission(COPY), "1").await;
    let reason = |result: Result<_, phidia_domain::Rejection>| {
        result.map(|_: phidia_proto::processing::v1::Case| ()).unwrap_err().reason
    };
    assert_eq!(reason(office.complete("1-01", item, 1, Outcome::Approved, "").await), "OLD_FENCE");
    office.claim("1-01", item, 0).await.unwrap();
    for (code, fence, outcome, words, expected) in [
        ("1-02", 1, Outcome::Approved, "", "OLD_FENCE"),
        ("1-01", 2, Outcome::Approved, "", "OLD_FENCE"),
        ("1-01", 1, Outcome::Refused, "", "MISSING_FIELD"),
        ("1-01", 1, Outcome::Refused, "a\u{1}", "CONTROL_CHARACTER"),
        ("1-01", 1, Outcome::Approved, "vì sao", "REASON_WITHOUT_REFUSAL"),
        ("1-01", 0, Outcome::Approved, "", "MISSING_FIELD"),
    ] {
        assert_eq!(reason(office.complete(code, item, fence, outcome, words).await), expected);
    }
    let refusal = office.complete("1-02", item, 1, Outcome::Approved, "").await.unwrap_err();
    assert!(refusal.metadata.contains(&("holder".to_owned(), officer("1-01").to_string())), "{refusal:?}");
    let unstated = CompleteStepRequest {
        work_item: Some(convert::wire_work_item(item)),
        fence: 1,
        ..CompleteStepRequest::default()
    };
    let refusal = office.of("1-01").complete_step(unstated).await.unwrap_err();
    assert_eq!(status::from_status(&refusal).violations[0].field, "outcome");

    let done = office.complete("1-01", item, 1, Outcome::Approved, "").await.unwrap();
    assert_eq!(done.state(), CaseState::Granted);
    let later: jiff::Timestamp = "2026-11-25T01:00:00Z".parse().unwrap();
    office.clock.set(later);
    assert_eq!(office.complete("1-01", item, 1, Outcome::Approved, "").await.unwrap(), done);
    assert_eq!(reason(office.complete("1-01", item, 1, Outcome::Refused, "sai").await), "STEP_DONE");
    assert_eq!(office.claim("1-01", item, 1).await.unwrap_err().reason, "STEP_DONE");
    let facts = office.told.facts("intake", 4).await;
    assert_eq!(facts.len(), 4, "{facts:?}");
    office.close().await;
}
