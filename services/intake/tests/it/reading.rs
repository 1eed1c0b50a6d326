//! Who may see what of an application: get, list, track.

use phidia_domain::caller::{Caller, Role};
use phidia_proto::{
    intake::v1::{
        GetApplicationRequest, ListApplicationsRequest, ListApplicationsResponse, SubmitApplicationRequest,
        TrackApplicationRequest,
    },
    types::v1::ApplicationStatus,
};
use phidia_runtime::status::from_status;
use tonic::{Code, Status};

use crate::{
    harness::{Intake, caller, officer, request, system},
    progress::{event, opened, tell},
};

async fn list(
    intake: &Intake,
    caller: Caller,
    request: ListApplicationsRequest,
) -> Result<ListApplicationsResponse, Status> {
    Ok(intake.applications(caller).list_applications(request).await?.into_inner())
}

/// Five at unit 1, then two at unit 2; their ids in order.
async fn seven(intake: &Intake) -> Vec<String> {
    let mut ids = Vec::new();
    for n in 0..7 {
        let unit = if n < 5 { "1" } else { "2" };
        // Ids are in order of the milliseconds of business time.
        intake.clock.set(format!("2026-11-23T02:00:0{n}Z").parse().unwrap());
        let request = SubmitApplicationRequest { received_at_code: unit.into(), ..request(&format!("k{n}")) };
        ids.push(intake.submit(request).await.unwrap().application_id);
    }
    ids
}

#[tokio::test]
async fn lists_come_newest_first_page_by_page() {
    let intake = Intake::new().await;
    let mut expected = seven(&intake).await;
    expected.reverse();
    let (mut found, mut token) = (Vec::new(), String::new());
    let mut pages = 0;
    loop {
        let request = ListApplicationsRequest { page_size: 3, page_token: token, ..Default::default() };
        let page = list(&intake, system(), request).await.unwrap();
        found.extend(page.applications.into_iter().map(|application| application.application_id));
        (token, pages) = (page.next_page_token, pages + 1);
        if token.is_empty() {
            break;
        }
    }
    assert_eq!((found, pages), (expected, 3));
}

#[tokio::test]
async fn lists_are_filtered_and_scoped() {
    let intake = Intake::new().await;
    seven(&intake).await;
    let count = async |caller: Caller, request: ListApplicationsRequest| {
        list(&intake, caller, request)
            .await
            .map(|page| page.applications.len())
            .map_err(|status| status.code())
    };
    let all = ListApplicationsRequest::default;
    let at = |code: &str| ListApplicationsRequest { received_at_code: code.into(), ..all() };
    assert_eq!(count(system(), all()).await, Ok(7));
    assert_eq!(count(system(), at("1")).await, Ok(5));
    // The abolished commune 8 has become 2.
    assert_eq!(count(system(), at("8")).await, Ok(2));
    assert_eq!(count(officer("2"), all()).await, Ok(2));
    assert_eq!(count(officer("2"), at("2")).await, Ok(2));
    assert_eq!(count(officer("2"), at("1")).await, Err(Code::PermissionDenied));
    assert_eq!(count(caller(Role::Supervisor, None), all()).await, Ok(7));
    // The system of an agency sees what its unit does.
    assert_eq!(count(caller(Role::System, officer("2").unit), all()).await, Ok(2));
    let with = |status: ApplicationStatus| ListApplicationsRequest { status: status.into(), ..all() };
    assert_eq!(count(system(), with(ApplicationStatus::Accepted)).await, Ok(7));
    assert_eq!(count(system(), with(ApplicationStatus::Granted)).await, Ok(0));
    assert_eq!(count(caller(Role::Citizen, None), all()).await, Err(Code::PermissionDenied));
}

#[tokio::test]
async fn a_dossier_is_found_by_its_code_by_whoever_may_open_it() {
    let intake = Intake::new().await;
    seven(&intake).await;
    let found = async |caller: Caller, code: &str| {
        let request = ListApplicationsRequest { dossier_code: code.into(), ..Default::default() };
        let page = list(&intake, caller, request).await.unwrap();
        page.applications.into_iter().map(|found| found.dossier_code).collect::<Vec<_>>()
    };
    let none = [""; 0];
    // As it is on the paper, whole or as far as it can be read.
    assert_eq!(found(officer("1"), "H42.1-261123-0004").await, ["H42.1-261123-0004"]);
    assert_eq!(found(officer("1"), "H42.1-261123-000").await.len(), 5);
    assert_eq!(found(system(), "H42.1-26").await.len(), 5);
    assert_eq!(found(system(), "H42.2-261123-0002").await, ["H42.2-261123-0002"]);
    assert_eq!(found(system(), "h42.2-261123-0002").await, none);
    assert_eq!(found(system(), "H42.2-261123-00021").await, none);
    // `_` stands for itself.
    assert_eq!(found(system(), "H42_2-261123").await, none);
    // Who has nothing to do with it finds nothing, with the whole code in hand.
    assert_eq!(found(officer("2"), "H42.1-261123-0004").await, none);
    assert_eq!(found(caller(Role::System, officer("2").unit), "H42.1-261123").await, none);

    // Handed out at 2; worked on at 2.
    let there = SubmitApplicationRequest { return_at_code: "2".into(), ..request("there") };
    let there = intake.submit(there).await.unwrap().dossier_code;
    intake.clock.set("2026-11-23T02:00:08Z".parse().unwrap());
    let lent = intake.submit(request("lent")).await.unwrap();
    assert_eq!(found(officer("2"), "H42.1-261123").await, std::slice::from_ref(&there));
    tell(&intake, &[event(1, &lent.application_id, opened("2"))]).await;
    assert_eq!(found(officer("2"), "H42.1-261123").await, [lent.dossier_code.clone(), there.clone()]);
    // What is found can be opened, and a list of what was received has none of it.
    let at_2 = ListApplicationsRequest { received_at_code: "2".into(), ..Default::default() };
    assert_eq!(list(&intake, officer("2"), at_2.clone()).await.unwrap().applications.len(), 2);
    let both = ListApplicationsRequest { dossier_code: "H42.1-261123".into(), ..at_2 };
    assert_eq!(list(&intake, officer("2"), both).await.unwrap().applications.len(), 0);

    // Page by page, and a page goes on with the same question only.
    let page = ListApplicationsRequest {
        page_size: 1,
        dossier_code: "H42.1-261123".into(),
        ..ListApplicationsRequest::default()
    };
    let first = list(&intake, officer("2"), page.clone()).await.unwrap();
    let next = ListApplicationsRequest { page_token: first.next_page_token, ..page };
    let second = list(&intake, officer("2"), next.clone()).await.unwrap();
    assert_eq!(second.applications[0].dossier_code, there);
    let other = ListApplicationsRequest { dossier_code: "H42.1-2611".into(), ..next };
    assert_eq!(list(&intake, officer("2"), other).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_bad_page_or_filter_is_named() {
    let intake = Intake::new().await;
    seven(&intake).await;
    let page = ListApplicationsRequest { page_size: 1, ..Default::default() };
    let token = list(&intake, system(), page).await.unwrap().next_page_token;
    let of_another =
        ListApplicationsRequest { page_token: token, received_at_code: "1".into(), ..Default::default() };
    let bad = [
        (ListApplicationsRequest { page_size: -1, ..Default::default() }, "page_size"),
        (ListApplicationsRequest { page_size: 1001, ..Default::default() }, "page_size"),
        (ListApplicationsRequest { page_token: "rubbish".into(), ..Default::default() }, "page_token"),
        (of_another, "page_token"),
        (ListApplicationsRequest { status: 99, ..Default::default() }, "status"),
        (ListApplicationsRequest { received_at_code: "77".into(), ..Default::default() }, "received_at_code"),
        (ListApplicationsRequest { dossier_code: "H42.1-2".into(), ..Default::default() }, "dossier_code"),
        (ListApplicationsRequest { dossier_code: "H42.1-26%".into(), ..Default::default() }, "dossier_code"),
    ];
    for (request, field) in bad {
        let status = list(&intake, system(), request).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{field}");
        assert_eq!(from_status(&status).violations[0].field, field);
    }
}

#[tokio::test]
async fn an_application_is_opened_where_it_is_received_or_returned() {
    let intake = Intake::new().await;
    let submitted = SubmitApplicationRequest { return_at_code: "2".into(), ..request("k") };
    let there = intake.submit(submitted).await.unwrap().application_id;
    let here = intake.submit(request("l")).await.unwrap().application_id;
    let get = async |caller: Caller, id: &str| {
        let request = GetApplicationRequest { application_id: id.to_owned() };
        intake.applications(caller).get_application(request).await.map(drop).map_err(|status| status.code())
    };
    assert_eq!(get(officer("1"), &there).await, Ok(()));
    assert_eq!(get(officer("2"), &there).await, Ok(()));
    assert_eq!(get(officer("2"), &here).await, Err(Code::NotFound));
    assert_eq!(get(system(), "app_00000000000000000000000000000000").await, Err(Code::NotFound));
    assert_eq!(get(system(), "rubbish").await, Err(Code::InvalidArgument));
    assert_eq!(get(caller(Role::Citizen, None), &here).await, Err(Code::PermissionDenied));
}

#[tokio::test]
async fn whoever_has_the_receipt_may_track_and_nobody_else() {
    let intake = Intake::new().await;
    let receipt = intake.submit(request("k")).await.unwrap();
    let track = async |dossier_code: &str, check_code: &str| {
        let request =
            TrackApplicationRequest { dossier_code: dossier_code.into(), check_code: check_code.into() };
        let answer = intake.applications(caller(Role::Citizen, None)).track_application(request).await;
        answer.map(tonic::Response::into_inner)
    };
    let tracked = track(&receipt.dossier_code, &receipt.check_code).await.unwrap();
    assert_eq!(tracked.status(), ApplicationStatus::Accepted);
    assert_eq!((tracked.due_at, tracked.entries.len()), (receipt.due_at, 1));
    assert_eq!(tracked.entries[0].unit_name.as_ref().unwrap().en, "Centre A");

    let wrong = if receipt.check_code == "000000" { "000001" } else { "000000" };
    let one = track(&receipt.dossier_code, wrong).await.unwrap_err();
    let other = track("H42.1-261123-9999", &receipt.check_code).await.unwrap_err();
    assert_eq!(one.code(), Code::NotFound);
    // What is wrong must not be told.
    assert_eq!((one.message(), one.details()), (other.message(), other.details()));
    assert_eq!(track("", "1").await.unwrap_err().code(), Code::InvalidArgument);
}
