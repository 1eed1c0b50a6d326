//! The phases of an import.

use phidia_domain::Kind;
use phidia_proto::processing::v1::{InstallPhase, InstallProvinceRequest, ListWorklistRequest};
use phidia_runtime::status;

use crate::{
    harness::{Office, an_officer, supervisor},
    province,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_province_is_validated_staged_and_activated() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::without_province(folder.path()).await;
    let list = async || {
        let answer = office.of("1-01").list_worklist(ListWorklistRequest::default()).await;
        answer.map(drop).map_err(|status| status::from_status(&status))
    };
    let refused = async |phase, version| {
        let refusal = office.install(phase, version).await.unwrap_err();
        (refusal.kind, refusal.reason)
    };
    office.install(InstallPhase::Validate, 0).await.unwrap();
    assert_eq!(list().await.unwrap_err().reason, "NO_PROVINCE");
    let not_staged = (Kind::Precondition, "REFERENCE_NOT_STAGED".to_owned());
    assert_eq!(refused(InstallPhase::Activate, 1).await, not_staged);
    for _ in 0..2 {
        office.install(InstallPhase::Stage, 1).await.unwrap();
    }
    assert_eq!(list().await.unwrap_err().reason, "NO_PROVINCE");
    for _ in 0..2 {
        office.install(InstallPhase::Activate, 1).await.unwrap();
    }
    list().await.unwrap();
    assert_eq!(refused(InstallPhase::Stage, 0).await.0, Kind::Invalid);
    assert_eq!(refused(InstallPhase::Unspecified, 1).await.0, Kind::Invalid);

    let mut others = province::files();
    others.get_mut("officers.csv").unwrap().extend(b"3-02,3,Nguyen F\n");
    let refusal = office.install_files(InstallPhase::Stage, 1, others.clone()).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::AlreadyExists);
    office.install_files(InstallPhase::Stage, 2, others).await.unwrap();
    office.install(InstallPhase::Activate, 2).await.unwrap();
    let request = ListWorklistRequest::default();
    office.client(an_officer("3-02")).list_worklist(request).await.unwrap();
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_file_is_refused_with_its_place_and_only_services_may_ask() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let mut files = province::files();
    files.insert("officers.csv".into(), b"code,unit,name\n1-01,99,A\n".to_vec());
    for phase in [InstallPhase::Validate, InstallPhase::Stage] {
        let refusal = office.install_files(phase, 2, files.clone()).await.unwrap_err();
        assert_eq!(refusal.kind, Kind::Invalid);
        assert!(refusal.violations.iter().any(|fault| fault.field.contains("officers.csv:2")), "{refusal:?}");
    }
    let request =
        InstallProvinceRequest { phase: InstallPhase::Activate.into(), version: 2, ..Default::default() };
    let refusal = office.client(supervisor(None)).install_province(request).await.unwrap_err();
    assert_eq!(refusal.code(), tonic::Code::PermissionDenied);
    office.close().await;
}
