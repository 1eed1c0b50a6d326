//! The catalogue as a whole: searched page by page, exported and brought back, checked, and compared with the national database.

use std::collections::BTreeMap;

use phidia_domain::{
    catalogue::{Catalogue, synthetic::synthetic},
    province::Documents,
};
use phidia_proto::intake::v1::{
    CheckCatalogueRequest, CompareCatalogueRequest, DiffCatalogueRequest, DocumentForm,
    ExportCatalogueRequest, GetProcedureRequest, HandedInDocument, ImportCatalogueRequest,
    ImportCatalogueResponse, ListCatalogueDifferencesRequest, ListProceduresRequest, ProvinceFile,
    ResolveCatalogueDifferenceRequest, SubmitApplicationRequest,
};
use phidia_runtime::status::from_status;
use tonic::Code;

use crate::harness::{Intake, at, files, request};

fn file(name: &str, content: &str) -> ProvinceFile {
    ProvinceFile { name: name.into(), content: content.as_bytes().to_vec() }
}

fn import(layout: &str, files: Vec<ProvinceFile>) -> ImportCatalogueRequest {
    ImportCatalogueRequest { files, layout: layout.into(), allow_uncovered: true, ..Default::default() }
}

async fn bring_in(intake: &Intake, request: ImportCatalogueRequest) -> ImportCatalogueResponse {
    intake.catalogue().import_catalogue(request).await.unwrap().into_inner()
}

/// The field at fault, and the reason.
async fn refused(intake: &Intake, request: ImportCatalogueRequest) -> (String, String) {
    let status = intake.catalogue().import_catalogue(request).await.unwrap_err();
    let refusal = from_status(&status);
    (refusal.violations.first().map(|one| one.field.clone()).unwrap_or_default(), refusal.reason)
}

async fn export(intake: &Intake, layout: &str) -> BTreeMap<String, Vec<u8>> {
    let request = ExportCatalogueRequest { layout: layout.into(), province_version: 0 };
    let mut parts = intake.catalogue().export_catalogue(request).await.unwrap().into_inner();
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    while let Some(part) = parts.message().await.unwrap() {
        files.entry(part.name).or_default().extend(part.content);
    }
    files
}

const FORM: &str = r#"{"type": "object", "properties": {"plot": {"title": "Thửa", "x-title-en": "Plot", "type": "string"}}}"#;

/// Documents, fees, a form and a decision for the registration of land.
fn dossier() -> Vec<ProvinceFile> {
    vec![
        file("procedures.csv", "code,form,decision,decided_on\n1.1,land,7/QĐ-UBND,2026-01-05\n"),
        file(
            "documents.csv",
            "procedure,part,name_vi,name_en,originals,copies,required,from_data,basis\n\
             1.1,1,Đơn,Request,1,0,yes,,test\n1.1,2,Căn cước,Identity card,0,1,yes,CSDL,test\n",
        ),
        file(
            "fees.csv",
            "procedure,fee,kind,name_vi,name_en,amount_vnd,per,exemption,basis\n\
             1.1,charge,charge,Lệ phí,Charge,15000,application,merit,test\n",
        ),
        file("form_land.json", FORM),
        file("synonyms.csv", "word,means\nsổ đỏ,đất\n"),
    ]
}

#[tokio::test]
async fn what_files_state_is_put_into_the_province_and_shown() {
    let intake = Intake::new().await;
    let check = ImportCatalogueRequest { validate_only: true, ..import("csv", dossier()) };
    let told = bring_in(&intake, check).await;
    let attributes: Vec<_> = told.changes.iter().map(|change| change.attribute.clone().unwrap().en).collect();
    assert_eq!(
        attributes,
        ["decision", "form", "text of the form", "document 1", "document 2", "fee charge"]
    );
    assert_eq!((told.changed, told.province.unwrap().version), (true, 0));
    let version = bring_in(&intake, import("csv", dossier())).await.province.unwrap().version;
    assert!(!bring_in(&intake, import("csv", dossier())).await.changed);

    let get = async |code: &str, day: &str| {
        let request = GetProcedureRequest { code: code.into(), day: day.into(), province_version: 0 };
        intake.catalogue().get_procedure(request).await.map(tonic::Response::into_inner)
    };
    let land = get("1.1", "").await.unwrap();
    assert_eq!((land.province_version, land.form_schema.as_str()), (version, FORM));
    assert_eq!((land.decision.as_str(), land.decided_on.as_str()), ("7/QĐ-UBND", "2026-01-05"));
    let required: Vec<_> = land.documents.iter().map(|document| document.required).collect();
    assert_eq!(required, [true, false]);
    assert_eq!(land.fees[0].exempt[0].en, "person of merit");
    for (code, day, reason) in [
        ("9.9", "", "UNKNOWN_PROCEDURE"),
        ("1.1", "2027-01-01", "PROCEDURE_ABOLISHED"),
        ("1.1", "yesterday", "MALFORMED_DATE"),
    ] {
        let status = get(code, day).await.unwrap_err();
        assert_eq!((status.code(), from_status(&status).reason.as_str()), (Code::InvalidArgument, reason));
    }
    // An everyday word finds it now.
    let request = ListProceduresRequest { query: "so do".into(), ..Default::default() };
    let found = intake.catalogue().list_procedures(request).await.unwrap().into_inner();
    assert_eq!(found.procedures[0].code, "1.1");
}

#[tokio::test]
async fn hits_come_page_by_page_and_filters_narrow_them() {
    let intake = Intake::new().await;
    let list = async |request: ListProceduresRequest| {
        let page = intake.catalogue().list_procedures(request).await?.into_inner();
        let codes: Vec<_> = page.procedures.into_iter().map(|procedure| procedure.code).collect();
        Ok::<_, tonic::Status>((codes, page.next_page_token))
    };
    let asked = ListProceduresRequest { query: "chung thuc".into(), page_size: 2, ..Default::default() };
    let (first, page_token) = list(asked.clone()).await.unwrap();
    assert_eq!(first, ["1.3", "1.4"]);
    let (second, last) =
        list(ListProceduresRequest { page_token: page_token.clone(), ..asked.clone() }).await.unwrap();
    assert_eq!((second, last.as_str()), (vec!["1.2".to_owned()], ""));
    // A token is of one question.
    let other = ListProceduresRequest { page_token, query: "dat".into(), ..asked };
    assert_eq!(list(other).await.unwrap_err().code(), Code::InvalidArgument);

    let narrowed = async |request: ListProceduresRequest| list(request).await.unwrap().0;
    let all = ListProceduresRequest::default();
    assert_eq!(narrowed(ListProceduresRequest { online_level: "full".into(), ..all.clone() }).await, ["1.1"]);
    assert_eq!(
        narrowed(ListProceduresRequest { boundary: "C_fixed_place".into(), ..all.clone() }).await.len(),
        3
    );
    assert_eq!(narrowed(ListProceduresRequest { field: "dat dai".into(), ..all.clone() }).await, ["1.1"]);
    assert_eq!(narrowed(ListProceduresRequest { tier: "linked".into(), ..all.clone() }).await.len(), 0);
    assert_eq!(
        narrowed(ListProceduresRequest { day: "2027-03-01".into(), ..all.clone() }).await,
        ["1.2", "1.4"]
    );
    let status = list(ListProceduresRequest { tier: "moon".into(), ..all }).await.unwrap_err();
    assert_eq!(from_status(&status).violations[0].field, "tier");
}

#[tokio::test]
async fn an_export_comes_back_as_it_went() {
    let intake = Intake::new().await;
    bring_in(&intake, import("csv", dossier())).await;
    let exported = export(&intake, "json").await;
    let text = str::from_utf8(&exported["catalogue.json"]).unwrap();
    assert!(text.contains("phidia.catalogue/1") && text.contains("\"terms\""));
    let tables = export(&intake, "csv").await;
    assert!(tables.contains_key("documents.csv") && !tables.contains_key("officers.csv"));
    // Both say what is so already.
    assert!(!bring_in(&intake, import("json", vec![file("catalogue.json", text)])).await.changed);
    let files = tables.into_iter().map(|(name, content)| ProvinceFile { name, content }).collect();
    assert!(!bring_in(&intake, import("csv", files)).await.changed);
    // Another name in it is one change, and the difference of two versions is that one.
    let renamed = text.replace("Đăng ký đất\"", "Đăng ký thửa đất\"");
    let told = bring_in(&intake, import("json", vec![file("catalogue.json", &renamed)])).await;
    assert_eq!(told.changes.len(), 1);
    let after_version = told.province.unwrap().version;
    let request =
        DiffCatalogueRequest { before_version: after_version - 1, after_version, ..Default::default() };
    let changes = intake.catalogue().diff_catalogue(request).await.unwrap().into_inner().changes;
    assert_eq!(changes, told.changes);
    assert_eq!(changes[0].after.as_ref().unwrap().vi, "Đăng ký thửa đất");
    let same = DiffCatalogueRequest { before_version: after_version, after_version, ..Default::default() };
    assert!(intake.catalogue().diff_catalogue(same).await.unwrap().into_inner().changes.is_empty());
}

#[tokio::test]
async fn what_is_wrong_is_refused_at_its_place_and_changes_nothing() {
    let intake = Intake::new().await;
    let is = |field: &str, reason: &str| (field.to_owned(), reason.to_owned());
    let mut broken = dossier();
    broken[3] = file(
        "form_land.json",
        "{\n\"type\": \"object\",\n\"properties\": {\"plot\": {\"type\": \"earth\"}}}",
    );
    assert_eq!(
        refused(&intake, import("csv", broken)).await,
        is("form_land.json:3:33", "MALFORMED_PROVINCE")
    );
    let stray = file("officers.csv", "code,unit,name\n");
    assert_eq!(refused(&intake, import("csv", vec![stray])).await, is("officers.csv", "UNKNOWN_FILE"));
    let new = file("procedures.csv", "code,name_vi\n1.8,Việc mới\n");
    assert_eq!(refused(&intake, import("csv", vec![new])).await, is("procedures[0].steps", "NO_STEPS"));
    let rubbish = file("a.json", "{\"format\": 3}");
    assert_eq!(refused(&intake, import("json", vec![rubbish.clone()])).await.1, "MALFORMED_CATALOGUE");
    assert_eq!(refused(&intake, import("yaml", vec![rubbish])).await, is("layout", "UNKNOWN_WORD"));
    assert_eq!(refused(&intake, import("", dossier())).await.0, "layout");
    let moved_on = ImportCatalogueRequest { expected_version: Some(7), ..import("csv", dossier()) };
    assert_eq!(refused(&intake, moved_on).await.1, "VERSION_MOVED_ON");
    assert!(!export(&intake, "csv").await.contains_key("documents.csv"));
}

#[tokio::test]
async fn the_six_words_are_measured() {
    let intake = Intake::new().await;
    let check = async || {
        let request = CheckCatalogueRequest::default();
        intake.catalogue().check_catalogue(request).await.unwrap().into_inner().findings
    };
    let offenders = |findings: &[phidia_proto::intake::v1::CatalogueFinding], rule: &str| {
        findings.iter().find(|finding| finding.rule == rule).unwrap().offenders.clone()
    };
    let before = check().await;
    let words: std::collections::BTreeSet<_> =
        before.iter().map(|finding| finding.quality.clone().unwrap().vi).collect();
    assert_eq!(words.len(), 6);
    assert!(offenders(&before, "documents").contains(&"1.1".to_owned()));
    bring_in(&intake, import("csv", dossier())).await;
    assert!(!offenders(&check().await, "documents").contains(&"1.1".to_owned()));
}

/// The national database, which says another time of the registration of land, and knows of a procedure more.
fn national(days: u32, name: &str) -> CompareCatalogueRequest {
    let content = format!(
        r#"[{{"code": "1.1", "name": "Đăng ký đất", "submissionMethods": [{{"submissionMethod": "DIRECT", "processingTime": {days},
            "processingTimeUnit": "WORKING_DAY"}}, {{"submissionMethod": "ONLINE"}}]}},
           {{"code": "1.2", "name": "Sao y"}}, {{"code": "1.3", "name": "Cũ"}}, {{"code": "1.4", "name": "Mới"}}, {{"code": "1.9", "name": "{name}"}}]"#
    );
    CompareCatalogueRequest { file: Some(file("national.json", &content)) }
}

#[tokio::test]
async fn a_difference_stays_resolved_until_a_side_says_something_else() {
    let intake = Intake::new().await;
    let compare = async |request: CompareCatalogueRequest| {
        let one = intake.catalogue().compare_catalogue(request).await.unwrap().into_inner();
        [one.found, one.still_open, one.still_resolved, one.reopened, one.gone]
    };
    let list = async |state: &str| {
        let request =
            ListCatalogueDifferencesRequest { state: state.into(), page_size: 1, ..Default::default() };
        let mut all = Vec::new();
        let mut page_token = String::new();
        loop {
            let page = ListCatalogueDifferencesRequest { page_token, ..request.clone() };
            let page = intake.catalogue().list_catalogue_differences(page).await.unwrap().into_inner();
            all.extend(page.differences);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return all;
            }
        }
    };
    assert_eq!(compare(national(5, "Việc lạ")).await, [2, 0, 0, 0, 0]);
    let open = list("open").await;
    let told: Vec<_> = open.iter().map(|one| (one.procedure_code.as_str(), one.attribute.as_str())).collect();
    assert_eq!(told, [("1.1", "time"), ("1.9", "procedure")]);
    assert_eq!((open[0].ours.as_str(), open[0].theirs.as_str()), ("1 working_day", "5 working_day"));

    let resolution = ResolveCatalogueDifferenceRequest {
        procedure_code: "1.1".into(),
        attribute: "time".into(),
        resolution: "ours".into(),
        reason: "theo QĐ 7/QĐ-UBND".into(),
        theirs: Some("5 working_day".into()),
    };
    let resolve = async |request: ResolveCatalogueDifferenceRequest| {
        let answer = intake.catalogue().resolve_catalogue_difference(request).await;
        answer.map(|answer| answer.into_inner().difference.unwrap())
    };
    let resolved = resolve(resolution.clone()).await.unwrap();
    assert_eq!((resolved.resolution.as_str(), resolved.reason.as_str()), ("ours", "theo QĐ 7/QĐ-UBND"));
    assert!(resolved.resolved_by.starts_with("operator/") && resolved.resolved_at.is_some());
    for (request, code) in [
        (
            ResolveCatalogueDifferenceRequest { reason: "x".into(), ..resolution.clone() },
            Code::InvalidArgument,
        ),
        (
            ResolveCatalogueDifferenceRequest { resolution: "maybe".into(), ..resolution.clone() },
            Code::InvalidArgument,
        ),
        (
            ResolveCatalogueDifferenceRequest { attribute: "colour".into(), ..resolution.clone() },
            Code::NotFound,
        ),
        (ResolveCatalogueDifferenceRequest { theirs: Some("6".into()), ..resolution.clone() }, Code::Aborted),
    ] {
        assert_eq!(resolve(request).await.unwrap_err().code(), code);
    }

    // Nothing has changed: it stays resolved, and the other one open.
    assert_eq!(compare(national(5, "Việc lạ")).await, [0, 1, 1, 0, 0]);
    assert_eq!((list("resolved").await.len(), list("open").await.len()), (1, 1));
    // They say another time: it is open again. Both lack the other one now.
    assert_eq!(compare(national(6, "")).await, [0, 0, 0, 1, 1]);
    let open = list("open").await;
    assert_eq!((open.len(), open[0].theirs.as_str(), open[0].reopened), (1, "6 working_day", 1));
    // They say what we say.
    assert_eq!(compare(national(1, "Việc lạ")).await, [1, 0, 0, 0, 1]);
    assert_eq!(list("gone").await.len(), 1);
    let broken = CompareCatalogueRequest { file: Some(file("national.json", "[{\"code\": 1}]")) };
    let status = intake.catalogue().compare_catalogue(broken).await.unwrap_err();
    assert!(from_status(&status).violations[0].field.starts_with("national.json:1:"));
}

/// The catalogue of the province has 2,032 procedures: it goes out as one document, comes back as that, and is compared with what the
/// national database has of all of them.
#[tokio::test]
async fn a_catalogue_of_full_size_comes_back_and_is_compared_as_a_whole() {
    let intake = Intake::new().await;
    let files: BTreeMap<_, _> = files().into_iter().map(|(name, text)| (name, text.into_bytes())).collect();
    let mut theirs = Catalogue::of(&Documents(files)).unwrap();
    theirs.procedures[1].procedure.insert("tier".into(), "province".into());
    let made = synthetic(&theirs, 7).unwrap();
    let all = made.documents().0.into_iter().map(|(name, content)| ProvinceFile { name, content });
    assert_eq!(bring_in(&intake, import("csv", all.collect())).await.province.unwrap().procedures, 2_032 + 4);
    let published = export(&intake, "json").await.remove("catalogue.json").unwrap();
    assert!(published.len() > 4 << 20, "{} bytes", published.len());
    let back = ProvinceFile { name: "catalogue.json".into(), content: published };
    assert!(!bring_in(&intake, import("json", vec![back])).await.changed);

    let formalities: Vec<_> = made.procedures.iter().map(|entry| {
        let papers: Vec<_> = entry.documents.iter().flatten().map(|row| serde_json::json!({
            "code": row["part"], "name": format!("{} khác", row["name_vi"]), "originalQty": 1, "required": row["required"] == "yes",
        })).collect();
        serde_json::json!({
            "code": format!(" {} ", entry.code()), "name": entry.procedure["name_vi"],
            "submissionMethods": [{ "submissionMethod": "DIRECT" }, { "submissionMethod": "ONLINE" }],
            "executionCases": [{ "name": "", "profileComponents": papers }],
        })
    }).collect();
    let file =
        Some(ProvinceFile { name: "n.json".into(), content: serde_json::to_vec(&formalities).unwrap() });
    let compare = async || {
        let request = CompareCatalogueRequest { file: file.clone() };
        intake.catalogue().compare_catalogue(request).await.unwrap().into_inner()
    };
    let first = compare().await;
    // Three papers of each are called otherwise; none is taken for another one.
    assert!(first.found >= 3 * 2_032 && first.found < 4 * 2_032, "{first:?}");
    let again = compare().await;
    assert_eq!((again.found, again.still_open, again.gone), (0, first.found, 0));
}

/// What is to change on a day is said today: whoever looks, looks at a day, and whoever hands in gets the fee of theirs.
#[tokio::test]
async fn a_fee_that_changes_on_a_day_to_come_is_said_today() {
    let intake = Intake::new().await;
    bring_in(&intake, import("csv", dossier())).await;
    let later = "code,effective_from,time_value,time_unit\n1.1,2026-12-15,2,working_day\n";
    let fees = "procedure,fee,kind,name_vi,name_en,amount_vnd,per,exemption,basis,effective_from,effective_to\n\
                1.1,charge,charge,Lệ phí,Charge,15000,application,merit,test,,2026-12-15\n\
                1.1,charge,charge,Lệ phí,Charge,20000,application,merit,test,2026-12-15,\n";
    let told =
        bring_in(&intake, import("csv", vec![file("procedures.csv", later), file("fees.csv", fees)])).await;
    let told: Vec<_> = told.changes.into_iter().map(|one| (one.day, one.attribute.unwrap().en)).collect();
    let told: Vec<_> = told.iter().map(|(day, what)| (day.as_str(), what.as_str())).collect();
    assert_eq!(told, [("2026-12-15", "time"), ("2026-12-15", "fee charge")]);

    let get = async |day: &str| {
        let request = GetProcedureRequest { code: "1.1".into(), day: day.into(), province_version: 0 };
        intake.catalogue().get_procedure(request).await.unwrap().into_inner()
    };
    let (now, then) = (get("").await, get("2026-12-15").await);
    assert_eq!((now.fees[0].amount_vnd, now.so_until.as_str()), (15_000, "2026-12-15"));
    assert_eq!((then.fees[0].amount_vnd, then.so_from.as_str()), (20_000, "2026-12-15"));
    let limit = |answer: &phidia_proto::intake::v1::GetProcedureResponse| {
        answer.procedure.clone().unwrap().time_limit.unwrap().en
    };
    assert_ne!(limit(&now), limit(&then));
    let asked = DiffCatalogueRequest {
        before_day: "2026-12-14".into(),
        after_day: "2026-12-15".into(),
        ..Default::default()
    };
    let diff = intake.catalogue().diff_catalogue(asked).await.unwrap().into_inner();
    assert_eq!(diff.changes.len(), 2);

    let submit = async |key: &str| {
        let document = HandedInDocument {
            part: "1".into(),
            form: DocumentForm::Original.into(),
            copies: 1,
            ..Default::default()
        };
        let request = SubmitApplicationRequest { documents: vec![document], ..request(key) };
        intake.submit(request).await.unwrap().fee_vnd
    };
    assert_eq!(submit("before").await, Some(15_000));
    intake.clock.set(at("2026-12-15T02:00:00Z"));
    assert_eq!(submit("after").await, Some(20_000));
}
