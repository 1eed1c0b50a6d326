//! Worklists: their order, their pages, and who sees what.

use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
    id::OfficerId,
};
use phidia_proto::{
    convert,
    processing::v1::{ListWorklistRequest, ListWorklistResponse},
};
use phidia_runtime::status;

use crate::{
    harness::{Office, an_officer, at, submission, supervisor},
    province::{BIRTH, COPY},
};

async fn list(
    office: &Office,
    caller: Caller,
    request: ListWorklistRequest,
) -> Result<ListWorklistResponse, Rejection> {
    let answer = office.client(caller).list_worklist(request).await;
    answer.map(tonic::Response::into_inner).map_err(|status| status::from_status(&status))
}

fn numbers(page: &ListWorklistResponse) -> Vec<u128> {
    let application = |text: &str| u128::from_str_radix(text.trim_start_matches("app_"), 16).unwrap();
    page.work_items.iter().map(|item| application(&item.work_item.as_ref().unwrap().application_id)).collect()
}

fn all() -> ListWorklistRequest {
    ListWorklistRequest { all: true, ..ListWorklistRequest::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_most_urgent_first_in_pages_of_any_size() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let (early, late) = ("2026-11-23T03:00:00Z", "2026-11-23T03:00:00.000001Z");
    for (number, due_at, submitted_at) in [
        (1, None, late),
        (2, None, early),
        (3, Some(late), early),
        (4, Some(early), late),
        (5, Some(early), early),
        (7, Some(early), early),
        (6, Some(early), early),
    ] {
        let mut fact = submission(BIRTH);
        fact.due_at = due_at.map(|text| convert::wire_timestamp(at(text)));
        fact.submitted_at = Some(convert::wire_timestamp(at(submitted_at)));
        office.open_case(number, fact, "1").await;
    }
    let whole = list(&office, an_officer("1-01"), ListWorklistRequest::default()).await.unwrap();
    assert_eq!(numbers(&whole), [5, 6, 7, 4, 3, 2, 1]);
    assert_eq!(whole.next_page_token, "");
    let minutes: Vec<_> = whole.work_items.iter().map(|item| item.minutes_left).collect();
    assert_eq!(minutes, [Some(120), Some(120), Some(120), Some(120), Some(120), None, None]);

    for page_size in 1..=8 {
        let (mut seen, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ListWorklistRequest { page_size, page_token, ..ListWorklistRequest::default() };
            let page = list(&office, an_officer("1-01"), request).await.unwrap();
            seen.extend(numbers(&page));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(seen, [5, 6, 7, 4, 3, 2, 1], "in pages of {page_size}");
    }
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn officers_see_what_they_can_do_and_what_they_hold() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let birth = office.open_case(1, submission(BIRTH), "1").await;
    office.open_case(2, submission(COPY), "1").await;
    office.open_case(3, submission(BIRTH), "2").await;
    office.claim("1-01", birth, 0).await.unwrap();

    let ask = async |caller, request| numbers(&list(&office, caller, request).await.unwrap());
    let usual = ListWorklistRequest::default;
    assert_eq!(ask(an_officer("1-01"), usual()).await, [1, 2]);
    // Held by another; not competent.
    assert_eq!(ask(an_officer("1-02"), usual()).await, [0; 0]);
    assert_eq!(ask(an_officer("1-03"), usual()).await, [0; 0]);
    assert_eq!(ask(an_officer("1-03"), all()).await, [1, 2]);
    assert_eq!(ask(supervisor(Some("1")), usual()).await, [2]);
    assert_eq!(ask(supervisor(Some("1")), all()).await, [1, 2]);
    let of_two = |all| ListWorklistRequest { unit_code: "2".into(), all, ..usual() };
    assert_eq!(ask(supervisor(None), of_two(false)).await, [3]);
    // The code of an abolished commune counts as its successor's.
    let of_seven = ListWorklistRequest { unit_code: "7".into(), ..all() };
    assert_eq!(ask(an_officer("1-01"), of_seven).await, [1, 2]);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_asked_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let with = |unit_code: &str| ListWorklistRequest { unit_code: unit_code.into(), ..all() };
    for (caller, request, kind, reason) in [
        (an_officer("1-01"), with("2"), Kind::Forbidden, "OTHER_UNIT"),
        (supervisor(Some("1")), with("2"), Kind::Forbidden, "OTHER_UNIT"),
        (an_officer("1-01"), with("x\n"), Kind::NotFound, "UNKNOWN_UNIT"),
        (supervisor(None), all(), Kind::Invalid, "MISSING_FIELD"),
        (an_officer("1-99"), ListWorklistRequest::default(), Kind::Forbidden, "UNKNOWN_OFFICER"),
        (an_officer("1-01"), ListWorklistRequest { page_size: 501, ..all() }, Kind::Invalid, "OUT_OF_RANGE"),
        (an_officer("1-01"), ListWorklistRequest { page_size: -1, ..all() }, Kind::Invalid, "OUT_OF_RANGE"),
        (
            an_officer("1-01"),
            ListWorklistRequest { page_token: "x".into(), ..all() },
            Kind::Invalid,
            "MALFORMED_PAGE_TOKEN",
        ),
    ] {
        let refusal = list(&office, caller, request).await.unwrap_err();
        assert_eq!((refusal.kind, refusal.reason.as_str()), (kind, reason));
    }
    let nobody = OfficerId::of("37", "1-01");
    let citizen = Caller { role: Role::Citizen, name: "c".into(), unit: None, officer: Some(nobody) };
    assert_eq!(list(&office, citizen, all()).await.unwrap_err().kind, Kind::Forbidden);
    office.close().await;
}
