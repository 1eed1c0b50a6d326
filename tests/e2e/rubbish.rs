//! Whatever is sent, the answer is precise and nothing is stored.

use harness::{
    client::{Client, application},
    province::{ABOLISHED, ALPHA, ANYWHERE, BETA, FORMER_ALPHA, NOBODY_CAN, NOT_YET, SIGNED_AT_HOME},
    wait,
};
use phidia_proto::{
    convert,
    intake::v1::SubmitApplicationRequest,
    processing::v1::{ClaimWorkItemRequest, case_service_client::CaseServiceClient},
    types::v1::{ApplicationStatus, CompetenceKey, Place},
};
use prost::bytes::{Buf as _, BufMut as _};
use tonic::{
    Code, Request, Status,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
};
use tonic_types::StatusExt as _;

use crate::stage::Stage;

fn fields(status: &Status) -> Vec<String> {
    let details = status.get_error_details();
    let request = details.bad_request().expect("INVALID_ARGUMENT names its fields");
    request.field_violations.iter().map(|violation| violation.field.clone()).collect()
}

#[tokio::test]
async fn each_fault_is_named_and_nothing_is_stored() {
    type Spoil = fn(&mut SubmitApplicationRequest);
    let cases: &[(Spoil, &str, &str)] = &[
        (|r| r.procedure_code = "9.999999".into(), "procedure_code", "UNKNOWN_PROCEDURE"),
        (|r| r.procedure_code = ABOLISHED.into(), "procedure_code", "PROCEDURE_ABOLISHED"),
        (|r| r.procedure_code = NOT_YET.into(), "procedure_code", "PROCEDURE_NOT_YET_IN_FORCE"),
        (|r| r.received_at_code = "12345".into(), "received_at_code", "UNKNOWN_UNIT"),
        (|r| r.received_at_code = String::new(), "received_at_code", "MISSING_FIELD"),
        (|r| r.places[0].commune_code = "12345".into(), "places", "UNKNOWN_UNIT"),
        (
            |r| {
                r.procedure_code = SIGNED_AT_HOME.into();
                r.places.clear();
            },
            "places",
            "PLACE_MISSING",
        ),
        (|r| r.applicant = None, "applicant", "MISSING_FIELD"),
        (|r| r.applicant.as_mut().unwrap().name = " ".into(), "applicant.name", "MISSING_FIELD"),
        (|r| r.applicant.as_mut().unwrap().name = "a\u{7}b".into(), "applicant.name", "CONTROL_CHARACTER"),
        (|r| r.applicant.as_mut().unwrap().email = "nobody".into(), "applicant.email", "MALFORMED_EMAIL"),
        (|r| r.channel = 0, "channel", "MISSING_FIELD"),
        (|r| r.idempotency_key = String::new(), "idempotency_key", "MALFORMED_IDEMPOTENCY_KEY"),
        (
            |r| r.handed_in_at = Some(convert::wire_timestamp("2199-01-01T00:00:00Z".parse().unwrap())),
            "handed_in_at",
            "DATE_OUT_OF_RANGE",
        ),
    ];
    let stage = Stage::set();
    let citizen = Client::system(stage.endpoint());
    for (number, (spoil, field, reason)) in cases.iter().enumerate() {
        let mut request = application(&format!("bad-{number}"), ANYWHERE);
        spoil(&mut request);
        let refusal = citizen.submit(request).await.unwrap_err();
        assert_eq!(refusal.code(), Code::InvalidArgument, "{field}: {refusal:?}");
        assert!(
            fields(&refusal).iter().any(|named| named.starts_with(field)),
            "{field}: {:?}",
            fields(&refusal)
        );
        assert_eq!(refusal.get_error_details().error_info().unwrap().reason, *reason, "{field}");
    }
    assert_eq!(Client::operator(stage.endpoint()).balance().await.accepted, 0);
}

#[tokio::test]
async fn an_abolished_commune_counts_as_its_successor() {
    let stage = Stage::set();
    let mut request = application("old-commune", SIGNED_AT_HOME);
    request.received_at_code = FORMER_ALPHA.into();
    request.places = vec![Place { key: CompetenceKey::Residence.into(), commune_code: FORMER_ALPHA.into() }];
    let receipt = Client::system(stage.endpoint()).submit(request).await.unwrap();
    Client::officer(stage.endpoint(), ALPHA, "A-1").finds(&receipt, 1).await;
}

#[tokio::test]
async fn what_nobody_can_do_is_accepted_and_assigned_once_somebody_can() {
    let stage = Stage::set();
    let citizen = Client::system(stage.endpoint());
    let receipt = citizen.submit(application("rare", NOBODY_CAN)).await.unwrap();
    citizen.tracked_as(&receipt, ApplicationStatus::AwaitingDispatch).await;
    let queue = stage.phidia.cli_json(&["route", "dispatch"]);
    assert_eq!(queue["records"][0]["unassignableReason"], "NOBODY_COMPETENT");
    assert!(Client::operator(stage.endpoint()).balance().await.holds());

    let mut files = harness::province::files();
    files.get_mut("competencies.csv").unwrap().push_str("A-1,Hiếm,4\n");
    harness::province::write(&stage.folder.path().join("province"), &files);
    stage.import();
    Client::officer(stage.endpoint(), ALPHA, "A-1").works(&receipt, 1).await;
    citizen.tracked_as(&receipt, ApplicationStatus::Granted).await;
}

#[tokio::test]
async fn an_old_fence_is_aborted_with_the_present_holder() {
    let stage = Stage::set();
    let mut request = application("fence", ANYWHERE);
    request.received_at_code = BETA.into();
    let receipt = Client::system(stage.endpoint()).submit(request).await.unwrap();
    let (first, second) =
        (Client::officer(stage.endpoint(), BETA, "B-4"), Client::officer(stage.endpoint(), BETA, "B-1"));
    let item = first.finds(&receipt, 1).await;
    let held = first.claim(&item).await.unwrap();
    // Both looked at the same worklist; only one was first.
    let refusal = second.claim(&item).await.unwrap_err();
    assert_eq!(refusal.code(), Code::Aborted);
    let info = refusal.get_error_details().error_info().unwrap().clone();
    assert_eq!(info.reason, "OLD_FENCE");
    assert_eq!(info.metadata["holder"], held.officer_id);
    assert_eq!((info.metadata["holder_code"].as_str(), held.officer_code.as_str()), ("B-4", "B-4"));
    assert_eq!(info.metadata["fence"], held.fence.to_string());
    assert_eq!(second.complete(&held).await.unwrap_err().code(), Code::Aborted);
    first.complete(&held).await.unwrap();
}

#[tokio::test]
async fn an_officer_of_another_unit_may_not_touch_it() {
    let stage = Stage::set();
    let receipt = Client::system(stage.endpoint()).submit(application("other", ANYWHERE)).await.unwrap();
    let item = Client::officer(stage.endpoint(), ALPHA, "A-1").finds(&receipt, 1).await;
    let other = Client::officer(stage.endpoint(), harness::province::GAMMA, "C-1");
    let request = ClaimWorkItemRequest { work_item: item.work_item.clone(), expected_fence: item.fence };
    let refusal = CaseServiceClient::new(other.peer()).claim_work_item(request).await.unwrap_err();
    assert_eq!(refusal.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_citizen_may_not_import_a_province() {
    let stage = Stage::set();
    let folder = stage.folder.path().join("province");
    let output = stage.phidia.cli(&["--as", "citizen", "province", "import", folder.to_str().unwrap()]);
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("ROLE_NOT_ALLOWED"), "{told}");
}

#[tokio::test]
async fn text_that_is_not_utf8_is_an_invalid_argument() {
    let stage = Stage::set();
    let mut grpc = tonic::client::Grpc::new(Client::system(stage.endpoint()).peer());
    grpc.ready().await.unwrap();
    let path = http_path("/phidia.intake.v1.ApplicationService/SubmitApplication");
    // Field 1, length-delimited, two bytes that are no UTF-8.
    let request = Request::new(vec![0x0a, 0x02, 0xff, 0xfe]);
    let refusal = grpc.unary(request, path, Raw).await.unwrap_err();
    assert_eq!(refusal.code(), Code::InvalidArgument, "{refusal:?}");
    assert_eq!(refusal.get_error_details().error_info().unwrap().reason, "MALFORMED_MESSAGE");
}

#[tokio::test]
async fn a_malformed_file_is_refused_with_its_place_and_nothing_changes() {
    let stage = Stage::set();
    let before = stage.phidia.cli_json(&["province", "show"]);
    let mut files = harness::province::files();
    let units = files.get_mut("units.csv").unwrap();
    *units = units.replace("commune_centre,Trung tâm Chi", "castle,Trung tâm Chi");
    let folder = stage.folder.path().join("broken");
    harness::province::write(&folder, &files);
    for verb in ["check", "import"] {
        let output = stage.phidia.cli(&["province", verb, folder.to_str().unwrap()]);
        assert!(!output.status.success());
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.contains("units.csv:4:7"), "file, line and column: {told}");
    }
    assert_eq!(stage.phidia.cli_json(&["province", "show"]), before);
    wait::until("and intake still takes applications in", async || {
        Client::system(stage.endpoint()).submit(application("still", ANYWHERE)).await.ok()
    })
    .await;
}

fn http_path(path: &'static str) -> tonic::codegen::http::uri::PathAndQuery {
    tonic::codegen::http::uri::PathAndQuery::from_static(path)
}

/// Bytes as they are.
#[derive(Clone, Copy)]
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining()).to_vec()))
    }
}
