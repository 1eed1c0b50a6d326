//! What an office has laid down, and whom it waits for.

use std::collections::BTreeSet;

use phidia_domain::{Kind, Rejection, caller::Caller};
use phidia_proto::{
    convert,
    events::v1::StopGround,
    processing::v1::{AwaitedOffice, CaseWorkItem, ListWorklistRequest, ListWorklistResponse, awaited::What},
    types::v1::ReferralKind,
};
use phidia_runtime::status;

use crate::{
    harness::{Office, an_officer, at, supervisor},
    payment::charge,
    province::unit,
    supplement::{birth, received, stop, waiting},
};

fn laid_down() -> ListWorklistRequest {
    ListWorklistRequest { waiting: true, ..ListWorklistRequest::default() }
}

fn all_of(unit_code: &str) -> ListWorklistRequest {
    ListWorklistRequest { unit_code: unit_code.into(), all: true, ..laid_down() }
}

async fn list(
    office: &Office,
    caller: Caller,
    request: ListWorklistRequest,
) -> Result<ListWorklistResponse, Rejection> {
    let answer = office.client(caller).list_worklist(request).await;
    answer.map(tonic::Response::into_inner).map_err(|status| status::from_status(&status))
}

async fn items(office: &Office, caller: Caller, request: ListWorklistRequest) -> Vec<CaseWorkItem> {
    list(office, caller, request).await.unwrap().work_items
}

fn awaited(item: &CaseWorkItem) -> What {
    item.awaits.clone().unwrap().what.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_laid_down_is_seen_with_whom_it_waits_for_until_they_have_answered() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    // One waits for its citizen, one for money, one for two offices; one is to be done, and one is in hand.
    let supplemented = waiting(&office, 1).await;
    let charged = office.open_case(2, birth(), "2").await;
    office.claim("2-01", charged, 0).await.unwrap();
    charge(&office, charged, 1, 8_000, "Lệ phí").await.unwrap();
    let referred = office.open_case(3, birth(), "2").await;
    office.claim("2-01", referred, 0).await.unwrap();
    office.refer(referred, 1, ReferralKind::Verification, &["1", "3"], 0).await.unwrap();
    office.open_case(4, birth(), "2").await;
    let in_hand = office.open_case(5, birth(), "2").await;
    office.claim("2-01", in_hand, 0).await.unwrap();

    let [first, second, third] = items(&office, an_officer("2-01"), laid_down()).await.try_into().unwrap();
    let What::Supplement(supplement) = awaited(&first) else { panic!("{first:?}") };
    assert_eq!(supplement.until, Some(convert::wire_timestamp(at("2027-01-13T10:30:00Z"))));
    let What::Payment(payment) = awaited(&second) else { panic!("{second:?}") };
    assert_eq!((payment.amount_dong, payment.paid_at), (8_000, None));
    let What::Offices(offices) = awaited(&third) else { panic!("{third:?}") };
    let due_at = Some(convert::wire_timestamp(at("2026-12-02T03:00:00Z")));
    let office_of = |asked: &AwaitedOffice| {
        assert_eq!((asked.due_at, asked.acknowledged_at), (due_at, None));
        (asked.unit_id.clone(), asked.unit_name.clone().unwrap().vi)
    };
    let asked: BTreeSet<_> = offices.offices.iter().map(office_of).collect();
    let named = |code: &str, name: &str| (unit(code).to_string(), name.to_owned());
    assert_eq!(asked, [named("1", "Trung tâm A"), named("3", "Trung tâm C")].into());
    // The citizen's time is nobody's delay; that of an office is.
    assert_eq!([first.minutes_left, second.minutes_left, third.minutes_left], [None, None, Some(22 * 60)]);
    assert!([&first, &second, &third].iter().all(|item| item.officer_code == "2-01"));
    // What is to be done is another list, and waits for nobody.
    let to_do = items(&office, an_officer("2-01"), ListWorklistRequest::default()).await;
    assert_eq!(to_do.len(), 2);
    assert!(to_do.iter().all(|item| item.awaits.is_none()));

    // A page at a time, the same.
    let (mut seen, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListWorklistRequest { page_size: 1, page_token, ..laid_down() };
        let page = list(&office, an_officer("2-01"), request).await.unwrap();
        seen.extend(page.work_items);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, [first, second, third.clone()]);

    // Each who is asked sees the case, and not who else is.
    let seen = office.get(supervisor(Some("2")), referred).await.unwrap().work_items;
    assert_eq!(seen[0].awaits, third.awaits);
    let seen = office.get(an_officer("3-01"), referred).await.unwrap().work_items;
    assert_eq!(seen[0].awaits, None);

    // The citizen answers: it is to be done again. Another withdraws: nothing is waited for.
    office.tell("intake", supplemented.application, received("2026-11-23T03:00:00Z")).await;
    office.tell("intake", charged.application, stop(StopGround::Withdrawn)).await;
    assert_eq!(items(&office, supervisor(None), all_of("2")).await, [third]);
    assert_eq!(items(&office, an_officer("2-01"), ListWorklistRequest::default()).await.len(), 3);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sees_a_worklist_sees_what_is_laid_down_there_and_nobody_else_does() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = office.open_case(1, birth(), "1").await;
    office.claim("1-01", item, 0).await.unwrap();
    crate::supplement::ask(&office, "1-01", item, 1, &["Tờ khai"]).await.unwrap();
    let count =
        async |caller, request| list(&office, caller, request).await.map(|page| page.work_items.len());
    // Who laid it down; colleagues who ask for all; those above them.
    assert_eq!(count(an_officer("1-01"), laid_down()).await, Ok(1));
    assert_eq!(count(an_officer("1-02"), laid_down()).await, Ok(0));
    assert_eq!(count(an_officer("1-02"), all_of("1")).await, Ok(1));
    assert_eq!(count(supervisor(Some("1")), laid_down()).await, Ok(1));
    assert_eq!(count(supervisor(None), all_of("1")).await, Ok(1));
    assert_eq!(count(supervisor(None), all_of("2")).await, Ok(0));
    for stranger in [an_officer("2-01"), supervisor(Some("2"))] {
        assert_eq!(count(stranger.clone(), laid_down()).await, Ok(0));
        let refused = count(stranger, all_of("1")).await.unwrap_err();
        assert_eq!((refused.kind, refused.reason.as_str()), (Kind::Forbidden, "OTHER_UNIT"));
    }
    office.close().await;
}
