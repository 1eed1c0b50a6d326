//! What an officer cannot go on with goes back to the worklist, or to a stand-in.

use phidia_domain::{Kind, Rejection, caller::Caller, case::Outcome, work_item::WorkItem};
use phidia_proto::{
    convert,
    events::v1::event::Fact,
    processing::v1::{CaseState, CaseWorkItem, HandOverWorkItemRequest, ReturnWorkItemRequest},
};
use phidia_runtime::status;

use crate::{
    harness::{Office, an_officer, submission, supervisor},
    province::BIRTH,
};

pub(crate) async fn give_back(
    office: &Office,
    caller: Caller,
    item: WorkItem,
    fence: u64,
) -> Result<CaseWorkItem, Rejection> {
    let request = ReturnWorkItemRequest { work_item: Some(convert::wire_work_item(item)), fence };
    let answer = office.client(caller).return_work_item(request).await;
    answer.map(|answer| answer.into_inner().work_item.unwrap()).map_err(|status| status::from_status(&status))
}

pub(crate) async fn hand_over(
    office: &Office,
    caller: Caller,
    item: WorkItem,
    expected_fence: u64,
    to: &str,
) -> Result<CaseWorkItem, Rejection> {
    let request = HandOverWorkItemRequest {
        work_item: Some(convert::wire_work_item(item)),
        expected_fence,
        officer_code: to.to_owned(),
    };
    let answer = office.client(caller).hand_over_work_item(request).await;
    answer.map(|answer| answer.into_inner().work_item.unwrap()).map_err(|status| status::from_status(&status))
}

fn reason<T: std::fmt::Debug>(answer: Result<T, Rejection>) -> (Kind, String) {
    let refusal = answer.unwrap_err();
    (refusal.kind, refusal.reason)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_back_is_anybodys_and_the_one_who_had_it_is_too_late() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = office.open_case(1, submission(BIRTH), "1").await;
    let not_held = give_back(&office, an_officer("1-01"), item, 1).await;
    assert_eq!(reason(not_held), (Kind::Precondition, "NOT_HELD".into()));
    office.claim("1-01", item, 0).await.unwrap();
    for (caller, fence, kind, why) in [
        (an_officer("1-01"), 2, Kind::Conflict, "OLD_FENCE"),
        (an_officer("1-02"), 1, Kind::Conflict, "OLD_FENCE"),
        (an_officer("2-01"), 1, Kind::Forbidden, "OTHER_UNIT"),
        (supervisor(Some("2")), 1, Kind::Forbidden, "OTHER_UNIT"),
    ] {
        assert_eq!(reason(give_back(&office, caller, item, fence).await), (kind, why.into()));
    }
    for _ in 0..2 {
        let free = give_back(&office, an_officer("1-01"), item, 1).await.unwrap();
        assert_eq!((free.fence, free.officer_id.as_str(), free.started_at), (2, "", None));
    }
    let case = office.get(supervisor(None), item).await.unwrap().case.unwrap();
    assert_eq!(case.state(), CaseState::Queued);
    let facts: Vec<_> = office.told.events("routing", 3).await.into_iter().filter_map(|it| it.fact).collect();
    let [Fact::CaseOpened(_), Fact::StepStarted(_), Fact::StepReturned(returned)] = &facts[..] else {
        panic!("other facts than these")
    };
    assert_eq!((returned.work_item.clone().unwrap(), returned.fence), (convert::wire_work_item(item), 2));

    let late = office.complete("1-01", item, 1, Outcome::Approved, "").await;
    assert_eq!(reason(late), (Kind::Conflict, "OLD_FENCE".into()));
    let (next, _) = office.next("1-02").await.unwrap();
    assert_eq!((next.fence, next.officer_code.as_str()), (3, "1-02"));
    let again = give_back(&office, an_officer("1-01"), item, 1).await;
    assert_eq!(reason(again), (Kind::Conflict, "OLD_FENCE".into()));
    // Its supervisor may, whoever holds it; and what nobody has begun may be moved, under its fence.
    let free = give_back(&office, supervisor(Some("1")), item, 3).await.unwrap();
    assert_eq!(free.fence, 4);
    let blind = office.transfer(item, 0, item.next_attempt(), "2").await;
    assert_eq!(reason(blind), (Kind::Conflict, "OLD_FENCE".into()));
    office.transfer(item, 4, item.next_attempt(), "2").await.unwrap();
    assert_eq!(office.worklist("2-01").await.len(), 1);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stand_in_goes_on_where_somebody_left_off() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = office.open_case(1, submission(BIRTH), "1").await;
    office.claim("1-01", item, 0).await.unwrap();
    let by = || supervisor(Some("1"));
    for (caller, fence, to, kind, why) in [
        (by(), 1, "9-99", Kind::NotFound, "UNKNOWN_STAFF_CODE"),
        (by(), 1, "2-01", Kind::Precondition, "OTHER_UNIT"),
        (by(), 1, "1-03", Kind::Precondition, "NOT_COMPETENT"),
        (by(), 0, "1-02", Kind::Conflict, "OLD_FENCE"),
        (supervisor(Some("2")), 1, "1-02", Kind::Forbidden, "OTHER_UNIT"),
        (an_officer("1-02"), 1, "1-02", Kind::Forbidden, "ROLE_NOT_ALLOWED"),
    ] {
        assert_eq!(reason(hand_over(&office, caller, item, fence, to).await), (kind, why.into()), "{to}");
    }
    for _ in 0..2 {
        let held = hand_over(&office, by(), item, 1, "1-02").await.unwrap();
        assert_eq!((held.fence, held.officer_code.as_str()), (2, "1-02"));
    }
    let late = office.complete("1-01", item, 1, Outcome::Approved, "").await;
    assert_eq!(reason(late), (Kind::Conflict, "OLD_FENCE".into()));
    let (in_hand, _) = office.next("1-02").await.unwrap();
    office.done("1-02", &in_hand).await;
    let done = hand_over(&office, by(), item, 2, "1-01").await;
    assert_eq!(reason(done), (Kind::Precondition, "STEP_DONE".into()));

    // Also what nobody has begun: it is begun by that.
    let free = office.open_case(2, submission(BIRTH), "1").await;
    hand_over(&office, by(), free, 0, "1-02").await.unwrap();
    let case = office.get(supervisor(None), free).await.unwrap().case.unwrap();
    assert_eq!(case.state(), CaseState::InProgress);
    office.close().await;
}
