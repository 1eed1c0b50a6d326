//! The catalogue, and how a province is brought in.

use std::sync::Arc;

use phidia_proto::{
    intake::v1::{
        AmendProvinceRequest, GetProcessRequest, GetProvinceRequest, ImportProvinceRequest,
        ListProceduresRequest, ListProvinceVersionsRequest, ProvinceFile, ProvinceVersion,
    },
    types::v1::CompetenceKey,
};
use phidia_runtime::status::from_status;
use tonic::Code;

use crate::{
    fakes::{ACTIVATE, STAGE, VALIDATE},
    harness::{Intake, at, files, import_request, request, until},
};

async fn codes(intake: &Intake, query: &str) -> Vec<String> {
    let request = ListProceduresRequest { query: query.into(), ..Default::default() };
    let page = intake.catalogue().list_procedures(request).await.unwrap().into_inner();
    page.procedures.into_iter().map(|procedure| procedure.code).collect()
}

#[tokio::test]
async fn procedures_are_found_without_diacritics() {
    let intake = Intake::new().await;
    assert_eq!(codes(&intake, "").await, ["1.1", "1.2", "1.3", "1.4"]);
    assert_eq!(codes(&intake, " DANG ky dat ").await, ["1.1"]);
    assert_eq!(codes(&intake, "đất đai").await, ["1.1"]);
    // The shorter name first.
    assert_eq!(codes(&intake, "certification").await, ["1.3", "1.4", "1.2"]);
    assert_eq!(codes(&intake, "dat ky dang").await, ["1.1"]);
    assert_eq!(codes(&intake, "1.4").await, ["1.4"]);
    assert!(codes(&intake, "no such thing").await.is_empty());
    let bad = ListProceduresRequest { query: "a\u{0}".into(), ..Default::default() };
    assert_eq!(intake.catalogue().list_procedures(bad).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn procedures_come_page_by_page_with_their_steps() {
    let intake = Intake::new().await;
    let list = async |page_token: String| {
        let request = ListProceduresRequest { page_size: 3, page_token, ..Default::default() };
        intake.catalogue().list_procedures(request).await.map(tonic::Response::into_inner)
    };
    let first = list(String::new()).await.unwrap();
    let land = &first.procedures[0];
    assert_eq!(land.time_limit.as_ref().unwrap().en, "1 working day");
    assert_eq!(
        (land.fee_vnd, land.effective_to.as_str(), land.replaced_by.as_str()),
        (Some(15_000), "2027-01-01", "1.2")
    );
    assert_eq!(land.competence_keys, [i32::from(CompetenceKey::Land)]);
    assert_eq!((land.steps.len(), land.steps[1].scope.as_str(), land.steps[1].level), (2, "home", 5));
    // A fixed authority is the catalogue's to name, not the applicant's.
    assert!(first.procedures[1].competence_keys.is_empty());
    let last = list(first.next_page_token).await.unwrap();
    assert_eq!((last.procedures.len(), last.next_page_token.as_str()), (1, ""));
    assert_eq!(list("rubbish".into()).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn who_changed_the_province_and_what_is_told() {
    let intake = Intake::new().await;
    let newcomer =
        ProvinceFile { name: "officers.csv".into(), content: "code,unit,name\n2-02,2,Phạm C\n".into() };
    let request = AmendProvinceRequest { put: vec![newcomer], ..Default::default() };
    intake.catalogue().amend_province(request).await.unwrap();
    let mut renamed = files();
    let officers = renamed["officers.csv"].replace("Lê Văn A", "Lê Văn Z");
    renamed.insert("officers.csv".into(), officers);
    intake.import(&renamed).await.unwrap();
    let list = async |page_size, page_token: String| {
        let request = ListProvinceVersionsRequest { page_size, page_token };
        intake.catalogue().list_province_versions(request).await.map(tonic::Response::into_inner)
    };
    let told = |version: &ProvinceVersion| {
        let changes = version.changes.iter();
        let changes = changes.map(|change| (change.name.clone(), change.lines_added, change.lines_removed));
        (version.version, version.active, changes.collect::<Vec<_>>())
    };
    let page = list(0, String::new()).await.unwrap();
    let [newest, amended, first] = &page.versions[..] else { panic!("{page:?}") };
    // Somebody has another name, and the newcomer is gone.
    assert_eq!(told(newest), (3, true, vec![("officers.csv".to_owned(), 1, 2)]));
    assert_eq!(told(amended), (2, false, vec![("officers.csv".to_owned(), 1, 0)]));
    assert_eq!(first.changes.len(), files().len());
    assert!(
        page.versions
            .iter()
            .all(|version| { version.imported_by.starts_with("operator/") && version.imported_at.is_some() })
    );
    // Page by page they are the same, also the last of a page.
    let one = list(1, String::new()).await.unwrap();
    let two = list(1, one.next_page_token).await.unwrap();
    assert_eq!((told(&one.versions[0]), told(&two.versions[0])), (told(newest), told(amended)));
    assert_eq!(list(9, two.next_page_token).await.unwrap().versions, std::slice::from_ref(first));
    assert_eq!(list(0, "rubbish".into()).await.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(list(21, String::new()).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_procedure_is_shown_by_the_law_of_the_day() {
    let intake = Intake::empty().await;
    let mut files = files();
    let steps = files["steps.csv"].lines().flat_map(|row| match row {
        "1.4,1,work,Thẩm tra,Examination,home,none,,2,12" => vec![
            format!("{row},,2027-03-01"),
            "1.4,1,work,Thẩm tra,Examination,home,residence,,2,12,2027-03-01,".to_owned(),
        ],
        row if row.starts_with("procedure,") => vec![format!("{row},effective_from,effective_to")],
        row => vec![format!("{row},,")],
    });
    let steps: String = steps.map(|row| row + "\n").collect();
    files.insert("steps.csv".to_owned(), steps);
    intake.import(&files).await.unwrap();
    // 1.4 is in force from 1 February: before that day it is shown as it will be then.
    for (now, keys) in [("2026-11-23T02:00:00Z", 0), ("2027-02-28T02:00:00Z", 0), ("2027-03-01T02:00:00Z", 1)]
    {
        intake.clock.set(at(now));
        let request = ListProceduresRequest { query: "1.4".into(), ..Default::default() };
        let listed = intake.catalogue().list_procedures(request).await.unwrap().into_inner();
        assert_eq!((listed.procedures.len(), listed.procedures[0].steps.len()), (1, 1));
        assert_eq!(listed.procedures[0].competence_keys.len(), keys, "{now}");
    }
}

#[tokio::test]
async fn a_process_is_shown_as_it_holds_and_beside_what_it_was() {
    let intake = Intake::new().await;
    let mut files = files();
    let steps = files["steps.csv"].lines().map(|row| match row.split(',').next() {
        Some("procedure") => format!("{row},role,share,forms\n"),
        Some("1.1") if row.contains(",sign,") => format!("{row},approval,20,03\n"),
        Some("1.1") => format!("{row},examination,80,\n"),
        _ => format!("{row},,,\n"),
    });
    let steps: String = steps.collect();
    files.insert("steps.csv".to_owned(), steps);
    let decision =
        "procedure,decision,decided_on,effective_from,steps_before\n1.1,15/QĐ-UBND,2026-12-01,2026-12-15,4\n";
    files.insert("processes.csv".to_owned(), decision.to_owned());
    intake.import(&files).await.unwrap();
    let ask = async |request: GetProcessRequest| {
        let request = GetProcessRequest { procedure_code: "1.1".to_owned(), ..request };
        intake.catalogue().get_process(request).await.map(tonic::Response::into_inner)
    };
    let now = ask(GetProcessRequest::default()).await.unwrap();
    assert_eq!((now.day.as_str(), now.province_version, now.steps.len()), ("2026-11-23", 2, 2));
    assert!(now.decision.is_none() && now.changes.is_empty());
    let [work, sign] = &now.steps[..] else { panic!("{now:?}") };
    assert_eq!((work.role.as_ref().unwrap().en.as_str(), &work.next[..]), ("examination", &[2][..]));
    assert_eq!((sign.share, sign.share_until, &sign.forms[..]), (Some(20), Some(100), &[3][..]));
    assert!(sign.next.is_empty());

    // Beside the version before: roles, shares and forms are new.
    let since = ask(GetProcessRequest { since_version: 1, ..Default::default() }).await.unwrap();
    let aspects: Vec<_> = since
        .changes
        .iter()
        .map(|change| (change.step, change.aspect.as_ref().unwrap().en.as_str()))
        .collect();
    let expected =
        [(1, "role"), (1, "share of the time"), (2, "role"), (2, "share of the time"), (2, "forms")];
    assert_eq!(aspects, expected);
    // Beside another day: the decision holds from the middle of December on.
    let day =
        GetProcessRequest { day: "2026-12-15".into(), since_day: "2026-12-14".into(), ..Default::default() };
    let later = ask(day).await.unwrap();
    assert_eq!(later.decision.unwrap().steps_before, Some(4));
    let [decided] = &later.changes[..] else { panic!("{:?}", later.changes) };
    assert_eq!(
        (decided.step, decided.after.as_ref().unwrap().vi.as_str()),
        (0, "15/QĐ-UBND ngày 01/12/2026")
    );
    // As the version before has it, there is no share.
    let before = ask(GetProcessRequest { province_version: 1, ..Default::default() }).await.unwrap();
    assert_eq!((before.province_version, before.steps[0].share), (1, None));

    let refused = async |request| from_status(&ask(request).await.unwrap_err()).reason;
    let on = |day: &str| GetProcessRequest { day: day.into(), ..Default::default() };
    assert_eq!(refused(on("2027-01-01")).await, "PROCEDURE_ABOLISHED");
    assert_eq!(refused(on("24/11/2026")).await, "MALFORMED_DATE");
    let unknown = GetProcessRequest { province_version: 9, ..Default::default() };
    assert_eq!(refused(unknown).await, "VERSION_NOT_HERE");
    let unknown = GetProcessRequest { procedure_code: "9.9".into(), ..Default::default() };
    let refusal = from_status(&intake.catalogue().get_process(unknown).await.unwrap_err());
    assert_eq!(
        (refusal.reason.as_str(), refusal.violations[0].field.as_str()),
        ("UNKNOWN_PROCEDURE", "procedure_code")
    );
}

#[tokio::test]
async fn a_province_is_validated_staged_and_activated_in_this_order() {
    let intake = Intake::empty().await;
    let nothing = intake.catalogue().get_province(GetProvinceRequest {}).await.unwrap_err();
    assert_eq!(nothing.code(), Code::Unavailable);
    assert_eq!(intake.import(&files()).await.unwrap(), (1, true));
    for service in [&intake.routing, &intake.processing] {
        assert_eq!(service.asked(), [(VALIDATE, 0), (STAGE, 1), (ACTIVATE, 1)]);
    }
    let province =
        intake.catalogue().get_province(GetProvinceRequest {}).await.unwrap().into_inner().province.unwrap();
    assert_eq!((province.code.as_str(), province.version), ("37", 1));
    assert_eq!((province.units, province.procedures, province.officers), (3, 4, 2));
    assert_eq!(province.time_zone, "Asia/Ho_Chi_Minh");

    // The same again, also with notes beside it: nothing changes.
    let mut same = files();
    same.insert("README.md".into(), "notes".into());
    assert_eq!(intake.import(&same).await.unwrap(), (1, false));
    assert_eq!(intake.routing.asked(), [(VALIDATE, 0), (STAGE, 1), (ACTIVATE, 1)]);
    let intake = intake.restarted().await;
    assert_eq!(intake.import(&same).await.unwrap(), (1, false));

    assert_eq!(intake.import(&changed("Lê Văn C")).await.unwrap(), (2, true));
    assert_eq!((intake.routing.active(), intake.processing.active()), (2, 2));
}

#[tokio::test]
async fn notification_is_told_the_hours_and_nothing_else_once_it_is_there() {
    let mut intake = Intake::new().await;
    let hours = Arc::clone(&intake.notification);
    hours.hours.away_at(Some(STAGE));
    let workers = intake.start();
    until("it was asked", async || !hours.hours.asked().is_empty()).await;
    hours.hours.away_at(None);
    until("it knows them", async || hours.hours.active() == 1).await;
    let files = ["legal_calendar.csv", "province.csv", "units.csv", "working_hours.csv"];
    assert_eq!(hours.hours.staged(1), files);
    // Another version of the province is told as well.
    assert_eq!(intake.import(&changed("Lê Văn C")).await.unwrap(), (2, true));
    until("it knows the next", async || hours.hours.active() == 2).await;
    assert!(workers.stop(std::time::Duration::from_secs(5)).await);
}

/// The province with another officer.
fn changed(name: &str) -> std::collections::BTreeMap<String, String> {
    let mut files = files();
    let officers = files.get_mut("officers.csv").unwrap();
    *officers = officers.replace("Lê Văn A", name);
    files
}

#[tokio::test]
async fn validating_alone_stores_nothing() {
    let intake = Intake::empty().await;
    let check = async |files| {
        let request = ImportProvinceRequest { validate_only: true, ..import_request(&files) };
        let answer = intake.catalogue().import_province(request).await.unwrap().into_inner();
        (answer.province.unwrap().version, answer.changed)
    };
    assert_eq!(check(files()).await, (0, true));
    assert_eq!(intake.routing.asked(), [(VALIDATE, 0)]);
    assert_eq!(intake.processing.asked(), [(VALIDATE, 0)]);
    assert!(intake.catalogue().get_province(GetProvinceRequest {}).await.is_err());
    intake.import(&files()).await.unwrap();
    assert_eq!(check(files()).await, (0, false));
    assert_eq!(check(changed("Lê Văn C")).await, (0, true));
}

#[tokio::test]
async fn a_malformed_file_is_refused_at_its_place_and_nothing_changes() {
    let intake = Intake::new().await;
    intake.routing.asked();
    let mut bad = files();
    bad.insert("units.csv".into(), files()["units.csv"].replace("20.2", "ninety"));
    bad.remove("capacity.csv");
    let status = intake.import(&bad).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let refusal = from_status(&status);
    let places: Vec<&str> = refusal.violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(places, ["capacity.csv:1:0", "units.csv:3:47"]);
    assert!(refusal.violations.iter().all(|violation| violation.description.starts_with("expected ")));
    assert!(intake.routing.asked().is_empty());
    assert_eq!(codes(&intake, "").await.len(), 4);

    let none = ImportProvinceRequest::default();
    assert_eq!(
        from_status(&intake.catalogue().import_province(none).await.unwrap_err()).violations[0].field,
        "files"
    );
    let mut twice = import_request(&files());
    twice.files.push(ProvinceFile { name: "units.csv".into(), content: Vec::new() });
    let status = intake.catalogue().import_province(twice).await.unwrap_err();
    assert_eq!(from_status(&status).violations[0].field, "files[10].name");
}

#[tokio::test]
async fn an_import_that_died_is_taken_up() {
    let intake = Intake::new().await;
    // Routing is away after processing has activated: here the old version goes on.
    intake.routing.away_at(Some(ACTIVATE));
    assert_eq!(intake.import(&changed("Lê Văn C")).await.unwrap_err().code(), Code::Unavailable);
    assert_eq!((intake.processing.active(), intake.routing.active()), (2, 1));
    intake.submit(request("k")).await.unwrap();
    intake.routing.away_at(None);
    let intake = intake.restarted().await;
    assert_eq!(intake.import(&changed("Lê Văn C")).await.unwrap(), (2, true));
    assert_eq!((intake.processing.active(), intake.routing.active()), (2, 2));

    // One that died before it was staged everywhere, and then other files: the number is not used again.
    intake.routing.away_at(Some(STAGE));
    intake.import(&changed("Lê Văn D")).await.unwrap_err();
    intake.routing.away_at(None);
    assert_eq!(intake.import(&changed("Lê Văn E")).await.unwrap(), (4, true));
    // A number that another service has given away is passed over.
    intake.processing.occupy(5);
    assert_eq!(intake.import(&changed("Lê Văn F")).await.unwrap(), (6, true));
}

#[tokio::test]
async fn files_that_are_active_here_become_so_everywhere() {
    let intake = Intake::new().await;
    // Processing is on a version that never became active here: back to the old files is forward for all.
    intake.routing.away_at(Some(ACTIVATE));
    intake.import(&changed("Lê Văn C")).await.unwrap_err();
    assert_eq!((intake.processing.active(), intake.routing.active()), (2, 1));
    intake.routing.away_at(None);
    assert_eq!(intake.import(&files()).await.unwrap(), (3, true));
    assert_eq!((intake.processing.active(), intake.routing.active()), (3, 3));
    assert_eq!(intake.import(&files()).await.unwrap(), (3, false));

    // One that has nothing is given the version that is active here.
    intake.routing.lose();
    assert_eq!(intake.import(&files()).await.unwrap(), (3, false));
    assert_eq!(intake.routing.active(), 3);

    // The new version is above everybody's.
    intake.routing.ahead(9);
    assert_eq!(intake.import(&files()).await.unwrap(), (10, true));
    assert_eq!((intake.processing.active(), intake.routing.active()), (10, 10));
}

#[tokio::test]
async fn a_caller_who_goes_away_does_not_cut_an_import() {
    let intake = Intake::new().await;
    intake.processing.asked();
    let inside = intake.routing.door.lock().await;
    let mut catalogue = intake.catalogue();
    let request = import_request(&changed("Lê Văn C"));
    let caller = tokio::spawn(async move { catalogue.import_province(request).await });
    until("the import has begun", async || !intake.processing.asked().is_empty()).await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    drop(inside);
    until("the import is done", async || {
        let province = intake.catalogue().get_province(GetProvinceRequest {}).await.unwrap().into_inner();
        province.province.unwrap().version == 2
    })
    .await;
    assert_eq!((intake.processing.active(), intake.routing.active()), (2, 2));
}

#[tokio::test]
async fn another_province_needs_another_installation() {
    let intake = Intake::new().await;
    let mut other = files();
    other.insert("province.csv".into(), files()["province.csv"].replace("code,37", "code,38"));
    let status = intake.import(&other).await.unwrap_err();
    assert_eq!(
        (status.code(), from_status(&status).reason.as_str()),
        (Code::FailedPrecondition, "OTHER_PROVINCE")
    );
}
