//! Results: issued by whoever decided, signed, and handed over where the citizen chose.

use phidia_domain::{Kind, Rejection, case::Outcome, conservation::Place, id::PersonId, work_item::WorkItem};
use phidia_proto::{
    convert,
    events::v1::{
        ApplicationSubmitted, HandOverWay, ResultHandedOver, ResultIssued, SealedContact, event::Fact,
    },
    processing::v1::{
        GetResultRequest, GetResultResponse, HandOverResultRequest, IssueResultRequest, ListResultsRequest,
        Result as Shown, SignResultRequest, SignatureFormat, get_result_request, hand_over_result_request,
        issue_result_request, sign_result_request,
    },
    types::v1::Text,
};
use phidia_runtime::{digest::sha256, ids::Ids, seal::PersonKey, status};

use crate::{
    harness::{MONDAY, Office, an_officer, at, master_key, submission, supervisor},
    province::{COPY, unit},
};

pub(crate) const PDF: &[u8] = b"%PDF-1.7 Giay khai sinh cua Nguyen Van An";

fn copy(return_at: &str) -> ApplicationSubmitted {
    let key = PersonKey::generate();
    let contact = SealedContact {
        person_id: Ids::random().mint::<PersonId>(at(MONDAY)).to_string(),
        wrapped_key: key.wrap(&master_key()).unwrap(),
        sealed: Vec::new(),
        pseudonym: Vec::new(),
    };
    ApplicationSubmitted {
        contact: Some(contact),
        return_at_unit_id: unit(return_at).to_string(),
        ..submission(COPY)
    }
}

/// A case that unit 2 has decided, and unit 1 is to hand over.
pub(crate) async fn decided(office: &Office, number: u128, outcome: Outcome) -> WorkItem {
    let item = office.open_case(number, copy("1"), "2").await;
    end(office, item, outcome).await;
    item
}

async fn end(office: &Office, item: WorkItem, outcome: Outcome) {
    office.claim("2-01", item, 0).await.unwrap();
    let reason = if outcome == Outcome::Refused { "Thiếu bản chính" } else { "" };
    office.complete("2-01", item, 1, outcome, reason).await.unwrap();
}

pub(crate) async fn issue(
    office: &Office,
    code: &str,
    item: WorkItem,
    content: &[u8],
) -> Result<Shown, Rejection> {
    let request = IssueResultRequest {
        file_name: "Khai sinh Nguyễn Văn An.pdf".into(),
        media_type: "application/pdf".into(),
        content: content.to_vec(),
        key: Some(issue_result_request::Key::ApplicationId(item.application.to_string())),
    };
    let answer = office.results(an_officer(code)).issue_result(request).await;
    answer.map(|answer| answer.into_inner().result.unwrap()).map_err(|status| status::from_status(&status))
}

async fn sign(
    office: &Office,
    code: &str,
    item: WorkItem,
    hash: &str,
    bytes: &[u8],
) -> Result<Shown, Rejection> {
    let request = SignResultRequest {
        sha256: hash.to_owned(),
        format: SignatureFormat::Cades.into(),
        signer: "Trần Thị Bình".into(),
        signature: bytes.to_vec(),
        signed_at: Some(convert::wire_timestamp(at(MONDAY))),
        key: Some(sign_result_request::Key::ApplicationId(item.application.to_string())),
    };
    let answer = office.results(an_officer(code)).sign_result(request).await;
    answer.map(|answer| answer.into_inner().result.unwrap()).map_err(|status| status::from_status(&status))
}

async fn hand_over(
    office: &Office,
    code: &str,
    item: WorkItem,
    way: HandOverWay,
    receiver: &str,
) -> Result<Shown, Rejection> {
    let request = HandOverResultRequest {
        way: way.into(),
        receiver: receiver.to_owned(),
        key: Some(hand_over_result_request::Key::ApplicationId(item.application.to_string())),
    };
    let answer = office.results(an_officer(code)).hand_over_result(request).await;
    answer.map(|answer| answer.into_inner().result.unwrap()).map_err(|status| status::from_status(&status))
}

async fn get(
    office: &Office,
    caller: phidia_domain::caller::Caller,
    item: WorkItem,
) -> Result<GetResultResponse, Rejection> {
    let key = Some(get_result_request::Key::ApplicationId(item.application.to_string()));
    let answer =
        office.results(caller).get_result(GetResultRequest { key, ..GetResultRequest::default() }).await;
    answer.map(tonic::Response::into_inner).map_err(|status| status::from_status(&status))
}

/// What lies at a unit, page by page, as long as there are more.
async fn lying(office: &Office, code: &str, page_size: i32) -> Vec<String> {
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListResultsRequest { page_size, page_token, ..ListResultsRequest::default() };
        let page = office.results(an_officer(code)).list_results(request).await.unwrap().into_inner();
        all.extend(page.results.into_iter().map(|result| result.application_id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return all;
        }
    }
}

/// What an answer was refused with.
pub(crate) fn refused<T: std::fmt::Debug>(answer: Result<T, Rejection>) -> (Kind, String) {
    let refusal = answer.unwrap_err();
    (refusal.kind, refusal.reason)
}

/// To compare with [`refused`].
pub(crate) fn because(kind: Kind, reason: &str) -> (Kind, String) {
    (kind, reason.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_is_issued_once_by_whoever_decided_and_rests_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = office.open_case(1, copy("1"), "2").await;
    assert_eq!(refused(issue(&office, "2-01", item, PDF).await), because(Kind::Precondition, "NOT_DECIDED"));
    end(&office, item, Outcome::Approved).await;
    assert_eq!(refused(issue(&office, "1-01", item, PDF).await), because(Kind::Forbidden, "OTHER_UNIT"));
    assert_eq!(refused(issue(&office, "2-01", item, b"").await), because(Kind::Invalid, "MISSING_FIELD"));

    let issued = issue(&office, "2-01", item, PDF).await.unwrap();
    let file = issued.file.clone().unwrap();
    assert_eq!((file.sha256.as_str(), file.size_bytes), (&*sha256(PDF), PDF.len() as u64));
    assert!(file.signature.is_none());
    assert_eq!(issue(&office, "2-01", item, PDF).await.unwrap(), issued, "a lost answer is asked for again");
    let other = issue(&office, "2-01", item, b"%PDF another").await;
    assert_eq!(refused(other), because(Kind::Precondition, "RESULT_ISSUED_BEFORE"));

    let told = office.told.facts("notification", 5).await;
    let told: Vec<_> = told.iter().filter(|fact| matches!(fact, Fact::ResultIssued(_))).cloned().collect();
    let expected = ResultIssued {
        case_id: issued.case_id.clone(),
        sha256: file.sha256,
        size_bytes: PDF.len() as u64,
        media_type: "application/pdf".into(),
        issued_at: Some(convert::wire_timestamp(at(MONDAY))),
        return_at_unit_id: unit("1").to_string(),
        return_at_unit_name: Some(Text { vi: "Trung tâm A".into(), en: "Centre A".into() }),
    };
    assert_eq!(told, [Fact::ResultIssued(expected)], "told once, and nothing personal");

    // Whoever worked on it or hands it over reads it; nobody else knows of it.
    for caller in [an_officer("2-01"), an_officer("1-03"), supervisor(Some("1")), supervisor(None)] {
        let found = get(&office, caller, item).await.unwrap();
        assert_eq!(
            (found.content.as_slice(), found.file_name.as_str()),
            (PDF, "Khai sinh Nguyễn Văn An.pdf")
        );
    }
    assert_eq!(refused(get(&office, an_officer("3-01"), item).await).0, Kind::NotFound);
    let holdings = office.holder.page(None, 10).await.unwrap();
    assert_eq!(holdings[0].place, Place::Finished, "issuing changes nothing about that");
    office.close().await;
    if std::env::var("PHIDIA_TEST_STORE").is_err() {
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            for personal in ["Nguyễn Văn An", "Giay khai sinh"] {
                assert!(
                    !bytes.windows(personal.len()).any(|window| window == personal.as_bytes()),
                    "{personal}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_file_and_signature_go_there_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = decided(&office, 1, Outcome::Approved).await;
    let content = vec![7; phidia_domain::case::MOST_RESULT_BYTES];
    let hash = issue(&office, "2-01", item, &content).await.unwrap().file.unwrap().sha256;
    let signature = vec![8; phidia_domain::case::MOST_SIGNATURE_BYTES];
    sign(&office, "2-01", item, &hash, &signature).await.unwrap();
    let found = get(&office, an_officer("1-01"), item).await.unwrap();
    assert!(found.content == content && found.signature == signature);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_is_put_beside_the_file_that_it_is_of() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = decided(&office, 1, Outcome::Approved).await;
    let hash = sha256(PDF);
    let early = sign(&office, "2-01", item, &hash, b"cms").await;
    assert_eq!(refused(early), because(Kind::Precondition, "RESULT_NOT_ISSUED"));
    issue(&office, "2-01", item, PDF).await.unwrap();
    let other = sign(&office, "2-01", item, &sha256(b"another"), b"cms").await;
    assert_eq!(refused(other), because(Kind::Conflict, "OTHER_FILE"));
    assert_eq!(
        refused(sign(&office, "1-01", item, &hash, b"cms").await),
        because(Kind::Forbidden, "OTHER_UNIT")
    );

    office.clock.set(at("2026-11-23T01:05:00Z"));
    let signed = sign(&office, "2-01", item, &hash, b"cms").await.unwrap();
    let signature = signed.file.clone().unwrap().signature.unwrap();
    assert_eq!(signature.format(), SignatureFormat::Cades);
    assert_eq!(signature.signed_at, Some(convert::wire_timestamp(at(MONDAY))));
    assert_eq!(sign(&office, "2-01", item, &hash, b"cms").await.unwrap(), signed);
    let second = sign(&office, "2-01", item, &hash, b"other").await;
    assert_eq!(refused(second), because(Kind::Precondition, "SIGNED_BEFORE"));
    let found = get(&office, an_officer("2-01"), item).await.unwrap();
    assert_eq!((found.signer.as_str(), found.signature.as_slice()), ("Trần Thị Bình", b"cms".as_slice()));
    // The officer who issued it is answered as before, with the signature.
    assert_eq!(issue(&office, "2-01", item, PDF).await.unwrap(), signed);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_is_handed_over_where_the_citizen_chose_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = decided(&office, 1, Outcome::Approved).await;
    issue(&office, "2-01", item, PDF).await.unwrap();
    let lan = "Nguyễn Thị Lan";
    let elsewhere = hand_over(&office, "2-01", item, HandOverWay::InPerson, lan).await.unwrap_err();
    assert_eq!((elsewhere.kind, elsewhere.reason.as_str()), (Kind::Precondition, "RETURNED_ELSEWHERE"));
    assert_eq!(elsewhere.metadata, [("unit_code".to_owned(), "1".to_owned())]);
    assert!(elsewhere.message.contains("Trung tâm A"), "{}", elsewhere.message);
    let number = hand_over(&office, "1-01", item, HandOverWay::InPerson, "037190001234").await;
    assert_eq!(refused(number), because(Kind::Invalid, "IDENTITY_NUMBER"));

    office.clock.set(at("2026-11-25T02:00:00Z"));
    let handed = hand_over(&office, "1-01", item, HandOverWay::Authorised, lan).await.unwrap();
    let told = handed.hand_over.clone().unwrap();
    assert_eq!((told.way(), told.unit_id.as_str()), (HandOverWay::Authorised, &*unit("1").to_string()));
    office.clock.set(at("2026-11-25T03:00:00Z"));
    assert_eq!(hand_over(&office, "1-01", item, HandOverWay::Authorised, lan).await.unwrap(), handed);
    for (way, receiver) in [(HandOverWay::Post, lan), (HandOverWay::Authorised, "Ông Khác")] {
        let second = hand_over(&office, "1-01", item, way, receiver).await;
        assert_eq!(refused(second), because(Kind::Precondition, "HANDED_OVER_BEFORE"));
    }
    assert_eq!(get(&office, an_officer("1-01"), item).await.unwrap().receiver, lan);
    let told = office.told.facts("intake", 6).await;
    let told: Vec<_> =
        told.iter().filter(|fact| matches!(fact, Fact::ResultHandedOver(_))).cloned().collect();
    let expected = ResultHandedOver {
        case_id: handed.case_id,
        way: HandOverWay::Authorised.into(),
        handed_over_at: Some(convert::wire_timestamp(at("2026-11-25T02:00:00Z"))),
        unit_id: unit("1").to_string(),
        unit_name: Some(Text { vi: "Trung tâm A".into(), en: "Centre A".into() }),
    };
    assert_eq!(told, [Fact::ResultHandedOver(expected)]);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_handed_over_too_and_what_lies_at_a_unit_is_listed_oldest_first() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let mut items = Vec::new();
    for (number, outcome, now) in [
        (5, Outcome::Refused, "2026-11-23T01:01:00Z"),
        (3, Outcome::Approved, "2026-11-23T01:02:00Z"),
        (4, Outcome::Approved, "2026-11-23T01:02:00Z"),
    ] {
        office.clock.set(at(now));
        items.push(decided(&office, number, outcome).await);
    }
    office.open_case(9, copy("1"), "2").await;
    let ids =
        |items: &[WorkItem]| -> Vec<_> { items.iter().map(|item| item.application.to_string()).collect() };
    assert_eq!(lying(&office, "1-01", 2).await, ids(&items));
    assert!(lying(&office, "2-01", 2).await.is_empty(), "the citizens chose another unit");
    // Nothing was issued: the paper is handed over, and nothing electronically.
    let nothing = hand_over(&office, "1-01", items[0], HandOverWay::Electronic, "A").await;
    assert_eq!(refused(nothing), because(Kind::Precondition, "RESULT_NOT_ISSUED"));
    hand_over(&office, "1-01", items[0], HandOverWay::Post, "Nguyễn Văn An").await.unwrap();
    assert_eq!(lying(&office, "1-01", 0).await, ids(&items[1..]));
    let of_another = ListResultsRequest { unit_code: "1".into(), ..ListResultsRequest::default() };
    let answer = office.results(an_officer("2-01")).list_results(of_another).await;
    assert_eq!(status::from_status(&answer.unwrap_err()).kind, Kind::Forbidden);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_erased_is_erased_with_what_was_issued_to_them() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = decided(&office, 1, Outcome::Approved).await;
    issue(&office, "2-01", item, PDF).await.unwrap();
    office.erase_everybody().await;
    assert_eq!(
        refused(get(&office, an_officer("2-01"), item).await),
        because(Kind::Precondition, "PERSON_ERASED")
    );
    let handed = hand_over(&office, "1-01", item, HandOverWay::Post, "Nguyễn Văn An").await;
    assert_eq!(refused(handed), because(Kind::Precondition, "PERSON_ERASED"));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_from_before_the_keys_were_kept_has_a_key_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = office.open_case(1, ApplicationSubmitted { contact: None, ..copy("1") }, "2").await;
    end(&office, item, Outcome::Approved).await;
    issue(&office, "2-01", item, PDF).await.unwrap();
    hand_over(&office, "1-01", item, HandOverWay::InPerson, "Nguyễn Văn An").await.unwrap();
    let found = get(&office, an_officer("1-01"), item).await.unwrap();
    assert_eq!((found.content.as_slice(), found.receiver.as_str()), (PDF, "Nguyễn Văn An"));
    office.close().await;
}
