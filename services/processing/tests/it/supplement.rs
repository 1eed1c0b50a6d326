//! A case waits for its citizen, and goes on; or ends without a decision.

use phidia_domain::{Kind, Rejection, case::Outcome, conservation::Place, work_item::WorkItem};
use phidia_proto::{
    convert,
    events::v1::{
        ApplicationSubmitted, CaseStopped, StopGround, StopRequested, SupplementReceived, Verdict,
        event::Fact,
    },
    processing::v1::{
        Case, CaseState, ExplainDeadlineRequest, ExplainDeadlineResponse, RequestSupplementRequest,
        explain_deadline_request::Key,
    },
};
use phidia_runtime::status;

use crate::{
    harness::{Office, assigned, at, submission, supervisor},
    province::{BIRTH, unit},
};

/// Three working days from Monday 08:00, on a calendar of Mondays and Wednesdays.
const PROMISED: &str = "2026-12-02T01:00:00Z";
/// Monday, 10:00: asked for.
const ASKED: &str = "2026-11-23T03:00:00Z";
const APPLIED: (Verdict, String) = (Verdict::Applied, String::new());

pub(crate) fn birth() -> ApplicationSubmitted {
    ApplicationSubmitted { due_at: Some(convert::wire_timestamp(at(PROMISED))), ..submission(BIRTH) }
}

pub(crate) async fn ask(
    office: &Office,
    code: &str,
    item: WorkItem,
    fence: u64,
    reasons: &[&str],
) -> Result<Case, Rejection> {
    let request = RequestSupplementRequest {
        work_item: Some(convert::wire_work_item(item)),
        fence,
        reasons: reasons.iter().map(ToString::to_string).collect(),
    };
    let answer = office.of(code).request_supplement(request).await;
    answer.map(|answer| answer.into_inner().case.unwrap()).map_err(|status| status::from_status(&status))
}

async fn explain(office: &Office, item: WorkItem) -> ExplainDeadlineResponse {
    let key = Some(Key::ApplicationId(item.application.to_string()));
    let request = ExplainDeadlineRequest { key };
    office.client(supervisor(None)).explain_deadline(request).await.unwrap().into_inner()
}

/// A case that waits for its citizen since Monday at ten.
pub(crate) async fn waiting(office: &Office, number: u128) -> WorkItem {
    let item = office.open_case(number, birth(), "2").await;
    office.claim("2-01", item, 0).await.unwrap();
    office.clock.set(at(ASKED));
    ask(office, "2-01", item, 1, &["Bản chính Giấy chứng sinh"]).await.unwrap();
    item
}

pub(crate) fn received(when: &str) -> Fact {
    Fact::SupplementReceived(SupplementReceived { received_at: Some(convert::wire_timestamp(at(when))) })
}

pub(crate) fn stop(ground: StopGround) -> Fact {
    Fact::StopRequested(StopRequested { ground: ground.into() })
}

/// What subscribers heard last, of so many facts.
async fn heard(office: &Office, facts: usize) -> Fact {
    office.told.events("routing", facts).await.pop().unwrap().fact.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_stands_still_until_the_citizen_has_answered() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = waiting(&office, 1).await;

    let Fact::SupplementRequested(asked) = heard(&office, 3).await else { panic!("something else") };
    assert_eq!(asked.reasons, ["Bản chính Giấy chứng sinh"]);
    assert_eq!((asked.unit_id, asked.unit_name.unwrap().vi), (unit("2").to_string(), "Trung tâm B".into()));
    // Fifteen working days of a calendar of two a week, from Monday on: Wednesday the 25th is the first.
    assert_eq!(asked.until, Some(convert::wire_timestamp(at("2027-01-13T10:30:00Z"))));
    // Nobody has it in hand, and nobody can take it up.
    assert!(office.worklist("2-01").await.is_empty());
    assert!(office.next("2-01").await.is_none());
    for refusal in [
        office.claim("2-01", item, 1).await.unwrap_err(),
        office.complete("2-01", item, 1, Outcome::Approved, "").await.unwrap_err(),
    ] {
        assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, "STEP_PAUSED"));
    }
    // Asked again after a lost answer.
    let case = ask(&office, "2-01", item, 1, &["Bản chính Giấy chứng sinh"]).await.unwrap();
    assert_eq!(case.state(), CaseState::AwaitingSupplement);
    assert_eq!(case.supplement.unwrap().requested_at, Some(convert::wire_timestamp(at(ASKED))));
    // A week later as much is left as on Monday at ten.
    office.clock.set(at("2026-11-30T03:00:00Z"));
    let left = explain(&office, item).await;
    assert_eq!((left.minutes_left, left.same), (Some(22 * 60), true));
    assert!(
        left.deadline
            .unwrap()
            .arithmetic
            .last()
            .unwrap()
            .en
            .starts_with("The clock stands still since 10:00")
    );

    // Handed in on Wednesday at 08:00, and heard of an hour later.
    office.clock.set(at("2026-12-02T02:00:00Z"));
    for _ in 0..2 {
        let answer = office.tell("intake", item.application, received("2026-12-02T01:00:00Z")).await;
        assert_eq!(answer, APPLIED);
    }
    let Fact::CaseResumed(resumed) = heard(&office, 4).await else { panic!("something else") };
    let [line] = office.worklist("2-01").await.try_into().unwrap();
    assert_eq!((line.fence, line.officer_code.as_str(), line.started_at), (2, "", None));
    assert_eq!(line.due_at, resumed.due_at);
    // Asked again after an answer that was lost for so long.
    let again = ask(&office, "2-01", item, 1, &["Bản chính Giấy chứng sinh"]).await.unwrap();
    assert_eq!(again.state(), CaseState::Queued);
    let explained = explain(&office, item).await;
    assert!(explained.same);
    assert_eq!(explained.deadline.unwrap().due_at, resumed.due_at);
    // What was left on Monday at ten is left since Wednesday at eight; one hour of it has gone by.
    assert_eq!(explained.minutes_left, Some(22 * 60 - 60));

    // It goes on as ever, but is not asked for again.
    office.claim("2-01", item, 2).await.unwrap();
    let refusal = ask(&office, "2-01", item, 3, &["Tờ khai"]).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, "SUPPLEMENT_ASKED_BEFORE"));
    office.clock.set(convert::timestamp(resumed.due_at.unwrap(), "due_at").unwrap());
    let case = office.complete("2-01", item, 3, Outcome::Refused, "không đủ điều kiện").await.unwrap();
    assert_eq!((case.state(), case.on_time), (CaseState::Refused, Some(true)));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_says_all_of_what_is_missing_and_holds_the_step() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = office.open_case(1, birth(), "2").await;
    office.claim("2-01", item, 0).await.unwrap();
    let too_many = ["giấy tờ"; 21];
    let too_long = "x".repeat(501);
    for reasons in [&[][..], &too_many[..], &[""], &["a\u{7}"], &[too_long.as_str()]] {
        assert_eq!(
            ask(&office, "2-01", item, 1, reasons).await.unwrap_err().kind,
            Kind::Invalid,
            "{reasons:?}"
        );
    }
    for (code, fence) in [("2-01", 2), ("1-01", 1)] {
        let refusal = ask(&office, code, item, fence, &["giấy tờ"]).await.unwrap_err();
        assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Conflict, "OLD_FENCE"), "{code}");
    }
    // Nothing was asked for, so nothing can be received, and nothing lapses.
    let (verdict, reason) = office.tell("intake", item.application, received(ASKED)).await;
    assert_eq!((verdict, reason.as_str()), (Verdict::Refused, "NO_SUPPLEMENT_ASKED"));
    let (verdict, reason) = office.tell("intake", item.application, stop(StopGround::Lapsed)).await;
    assert_eq!((verdict, reason.as_str()), (Verdict::Refused, "CASE_ELSEWHERE"));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_withdraws_it_wherever_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let first = |number| WorkItem::first(crate::harness::application(number), 1);

    // With routing: it has no unit yet, and the one that is found for it comes too late.
    let nowhere = first(1);
    let submitted = Fact::ApplicationSubmitted(birth());
    assert_eq!(office.tell("intake", nowhere.application, submitted).await, APPLIED);
    assert_eq!(office.tell("intake", nowhere.application, stop(StopGround::Withdrawn)).await, APPLIED);
    let Fact::CaseStopped(CaseStopped { work_item, on_time, .. }) = heard(&office, 1).await else { panic!() };
    assert_eq!((work_item, on_time), (None, true));
    assert_eq!(office.tell("routing", nowhere.application, assigned(nowhere, "2")).await, APPLIED);
    // Nor does a move wait for it.
    let refusal = office.transfer(nowhere, 0, nowhere.next_attempt(), "1").await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Conflict, "CASE_STOPPED"));

    // In a worklist, in hand, and while it waits for them; told twice.
    let queued = office.open_case(2, birth(), "2").await;
    let held = office.open_case(3, birth(), "2").await;
    office.claim("2-01", held, 0).await.unwrap();
    office.clock.set(at("2026-11-23T02:00:00Z"));
    let paused = waiting(&office, 4).await;
    office.clock.set(at("2026-12-07T03:00:00Z"));
    for (item, on_time) in [(queued, false), (held, false), (paused, true)] {
        for _ in 0..2 {
            assert_eq!(office.tell("intake", item.application, stop(StopGround::Withdrawn)).await, APPLIED);
        }
        let case = office.get(supervisor(None), item).await.unwrap().case.unwrap();
        assert_eq!((case.state(), case.on_time), (CaseState::Withdrawn, Some(on_time)), "{item}");
    }
    assert!(office.worklist("2-01").await.is_empty());
    assert!(office.next("2-01").await.is_none());
    for refusal in [
        office.claim("2-01", queued, 0).await.unwrap_err(),
        office.complete("2-01", held, 1, Outcome::Approved, "").await.unwrap_err(),
        ask(&office, "2-01", held, 1, &["giấy tờ"]).await.unwrap_err(),
    ] {
        assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, "CASE_STOPPED"));
    }
    // Nor does routing move it any more.
    let refusal = office.transfer(queued, 0, queued.next_attempt(), "1").await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Conflict, "OLD_FENCE"));
    let places: Vec<_> =
        office.holder.page(None, 10).await.unwrap().into_iter().map(|holding| holding.place).collect();
    assert_eq!(places, [Place::Stopped; 4]);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_stands_and_what_nobody_supplements_ends() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let refused = office.open_case(1, birth(), "2").await;
    office.claim("2-01", refused, 0).await.unwrap();
    office.complete("2-01", refused, 1, Outcome::Refused, "không đủ điều kiện").await.unwrap();
    let lapsed = waiting(&office, 2).await;
    for (item, ground, state) in [
        (refused, StopGround::Withdrawn, CaseState::Refused),
        (lapsed, StopGround::Lapsed, CaseState::Lapsed),
    ] {
        assert_eq!(office.tell("intake", item.application, stop(ground)).await, APPLIED);
        assert_eq!(office.get(supervisor(None), item).await.unwrap().case.unwrap().state(), state);
    }
    office.close().await;
}
