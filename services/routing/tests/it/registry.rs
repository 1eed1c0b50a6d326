//! Units, and the phases of an import.

use std::collections::BTreeMap;

use phidia_domain::Kind;
use phidia_proto::routing::v1::{InstallPhase, ListUnitsRequest};
use tempfile::tempdir;

use crate::{
    flaky::Flaky,
    harness::{Office, operator, supervisor, until},
    province,
};

#[tokio::test(flavor = "multi_thread")]
async fn units_come_by_code_with_their_load() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    until(async || office.units().await.is_ok()).await;
    office.submit(1..2, province::COPY, "1").await;
    office.rest().await;
    let request = |page_token| ListUnitsRequest { page_size: 3, page_token };
    let mut registry = office.registry(operator());
    let first = registry.list_units(request(String::new())).await.unwrap().into_inner();
    let codes: Vec<_> = first.units.iter().map(|unit| unit.code.as_str()).collect();
    assert_eq!((codes, first.next_page_token.as_str()), (vec!["1", "2", "3"], "3"));
    let unit = &first.units[0];
    assert_eq!((unit.queued_minutes, unit.open_items, unit.officers), (120, 1, 1));
    assert_eq!((unit.kind.as_str(), unit.cluster.as_str()), ("commune_centre", "Huyện X"));
    // Where it lies, as a map has to know it.
    assert_eq!((unit.latitude, unit.longitude), (Some(20.1), Some(106.0)));
    assert_eq!(unit.neighbour_codes, ["2"]);
    let last = registry.list_units(request(first.next_page_token)).await.unwrap().into_inner();
    assert_eq!((last.units.len(), last.next_page_token.as_str()), (1, ""));
    let department = &last.units[0];
    assert_eq!((department.kind.as_str(), department.officers), ("department", 0));
    assert_eq!((department.latitude, department.longitude), (None, None), "it has no commune");
    assert!(department.neighbour_codes.is_empty());
    assert!(
        registry.list_units(ListUnitsRequest { page_size: 1_001, page_token: String::new() }).await.is_err()
    );
    // Not everybody may look at everybody's work.
    assert!(
        office
            .routing(supervisor(Some("2")))
            .list_work(phidia_proto::routing::v1::ListWorkRequest::default())
            .await
            .unwrap()
            .into_inner()
            .records
            .is_empty()
    );
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_checked_and_goes_forward() {
    let folder = tempdir().unwrap();
    let office = Office::without_province(folder.path(), Flaky::new()).await;
    let broken = province::with_line("competencies.csv", "9-99,Hộ tịch,7");
    let refusal = office.phase(InstallPhase::Validate, 0, broken.clone()).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::Invalid);
    assert!(refusal.violations.iter().any(|violation| violation.field.starts_with("competencies.csv:7:")));
    assert!(office.phase(InstallPhase::Stage, 1, broken).await.is_err());
    let none = BTreeMap::new();
    let refusal = office.phase(InstallPhase::Activate, 1, none.clone()).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, "REFERENCE_NOT_STAGED"));
    assert!(office.phase(InstallPhase::Stage, 0, province::files()).await.is_err());
    office.install(1, province::files()).await;
    office.install(1, province::files()).await;
    let other = province::with_line("competencies.csv", "3-01,Đất đai,3");
    let refusal = office.phase(InstallPhase::Stage, 1, other.clone()).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::AlreadyExists);
    office.install(2, other).await;
    assert_eq!(office.phase(InstallPhase::Activate, 1, none).await.unwrap_err().kind, Kind::Precondition);
    until(async || office.units().await.is_ok()).await;
    office.close().await;
}
