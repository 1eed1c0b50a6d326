//! Amending the active province by some rows.

use std::collections::BTreeMap;

use phidia_domain::Kind;
use phidia_proto::intake::v1::{
    AmendProvinceRequest, ListProvinceVersionsRequest, ProvinceFile, ProvinceVersion,
};
use phidia_runtime::{clock::RealClock, reference, status::from_status};
use sea_orm::DatabaseTransaction;
use tonic::Status;

use crate::{
    fakes::{ACTIVATE, STAGE, VALIDATE},
    harness::{Intake, files, until},
};

const NEWCOMER: (&str, &str) = ("officers.csv", "code,unit,name\n2-02,2,Phạm C\n");

fn rows(files: &[(&str, &str)]) -> Vec<ProvinceFile> {
    files
        .iter()
        .map(|(name, text)| ProvinceFile { name: (*name).into(), content: text.as_bytes().into() })
        .collect()
}

fn put(files: &[(&str, &str)]) -> AmendProvinceRequest {
    AmendProvinceRequest { put: rows(files), ..Default::default() }
}

/// Version and officers afterwards, and whether that is another version than before.
async fn amend(intake: &Intake, request: AmendProvinceRequest) -> Result<(i64, u32, bool), Status> {
    let answer = intake.catalogue().amend_province(request).await?.into_inner();
    let province = answer.province.unwrap();
    Ok((province.version, province.officers, answer.changed))
}

async fn active(intake: &Intake) -> BTreeMap<String, Vec<u8>> {
    let (version, _) = reference::active(intake.db.read()).await.unwrap().unwrap();
    reference::load(intake.db.read(), version).await.unwrap().unwrap()
}

#[tokio::test]
async fn rows_go_into_the_active_files_and_these_through_an_import() {
    let intake = Intake::new().await;
    intake.routing.asked();
    assert_eq!(amend(&intake, put(&[NEWCOMER])).await.unwrap(), (2, 3, true));
    assert_eq!(intake.routing.asked(), [(VALIDATE, 0), (STAGE, 2), (ACTIVATE, 2)]);
    assert_eq!((intake.processing.active(), intake.routing.active()), (2, 2));
    let after = active(&intake).await;
    let officers = format!("{}2-02,2,Phạm C\n", files()["officers.csv"]);
    assert_eq!(after["officers.csv"], officers.as_bytes());
    for (name, text) in files().iter().filter(|(name, _)| *name != "officers.csv") {
        assert_eq!(after[name], text.as_bytes(), "{name}");
    }
    // The same again changes nothing; taken out again, all is as before, under a new version.
    assert_eq!(amend(&intake, put(&[NEWCOMER])).await.unwrap(), (2, 3, false));
    let gone =
        AmendProvinceRequest { removed: rows(&[("officers.csv", "code\n2-02\n")]), ..Default::default() };
    assert_eq!(amend(&intake, gone.clone()).await.unwrap(), (3, 2, true));
    assert_eq!(amend(&intake, gone).await.unwrap(), (3, 2, false));
    assert_eq!(active(&intake).await["officers.csv"], files()["officers.csv"].as_bytes());
}

#[tokio::test]
async fn what_makes_no_province_is_refused_at_its_place_and_nothing_changes() {
    let intake = Intake::new().await;
    intake.routing.asked();
    let places = async |request: AmendProvinceRequest| {
        let refusal = from_status(&amend(&intake, request).await.unwrap_err());
        assert_eq!(refusal.kind, Kind::Invalid, "{refusal:?}");
        refusal.violations.into_iter().map(|violation| violation.field).collect::<Vec<_>>()
    };
    // In the amended file: behind the two officers that there are.
    assert_eq!(
        places(put(&[("officers.csv", "code,unit,name\n9-01,9,Phạm C\n")])).await,
        ["officers.csv:4:6"]
    );
    // In the rows themselves.
    assert_eq!(places(put(&[("officers.csv", "code,unit,name\n9-01,9\n")])).await, ["officers.csv:2:6"]);
    assert_eq!(places(put(&[("officer.csv", "code\n")])).await, ["officer.csv:1:0"]);
    assert_eq!(places(AmendProvinceRequest::default()).await, ["put"]);
    assert_eq!(places(put(&[NEWCOMER, NEWCOMER])).await, ["put[1].name"]);
    // An officer whose competencies stay behind.
    let gone =
        AmendProvinceRequest { removed: rows(&[("officers.csv", "code\n2-01\n")]), ..Default::default() };
    assert_eq!(places(gone).await, ["competencies.csv:3:1"]);
    let check = AmendProvinceRequest { validate_only: true, ..put(&[NEWCOMER]) };
    assert_eq!(amend(&intake, check).await.unwrap(), (0, 3, true));
    assert_eq!(intake.routing.asked(), [(VALIDATE, 0)]);
    assert_eq!(amend(&intake, put(&[NEWCOMER])).await.unwrap(), (2, 3, true));
}

#[tokio::test]
async fn only_the_expected_version_is_amended() {
    let intake = Intake::new().await;
    let expecting = |version| AmendProvinceRequest { expected_version: Some(version), ..put(&[NEWCOMER]) };
    let refusal = from_status(&amend(&intake, expecting(2)).await.unwrap_err());
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Conflict, "VERSION_MOVED_ON"));
    assert_eq!(refusal.metadata, [("active".to_owned(), "1".to_owned())]);
    assert_eq!(amend(&intake, expecting(1)).await.unwrap(), (2, 3, true));
    let nothing = Intake::empty().await;
    assert_eq!(from_status(&amend(&nothing, put(&[NEWCOMER])).await.unwrap_err()).reason, "NO_PROVINCE");
}

#[tokio::test]
async fn what_another_replica_brings_in_meanwhile_is_amended_and_not_lost() {
    for expected_version in [None, Some(1)] {
        let intake = Intake::new().await;
        intake.processing.asked();
        let inside = intake.routing.door.lock().await;
        let mut catalogue = intake.catalogue();
        let request = AmendProvinceRequest { expected_version, ..put(&[NEWCOMER]) };
        let amended = tokio::spawn(async move { catalogue.amend_province(request).await });
        until("the amendment has begun", async || !intake.processing.asked().is_empty()).await;
        // Another replica renames an officer.
        let mut other: BTreeMap<String, Vec<u8>> =
            files().into_iter().map(|(name, text)| (name, text.into_bytes())).collect();
        let renamed = files()["officers.csv"].replace("Lê Văn A", "Lê Văn Z");
        other.insert("officers.csv".into(), renamed.clone().into_bytes());
        let theirs = intake.db.write(move |tx: &DatabaseTransaction| {
            Box::pin(async move {
                reference::stage(tx, 2, &other, RealClock.now()).await?;
                reference::activate(tx, 2, None, RealClock.now(), Some("operator/other")).await
            })
        });
        theirs.await.unwrap();
        drop(inside);
        let answer = amended.await.unwrap();
        match expected_version {
            None => {
                assert!(answer.unwrap().into_inner().changed);
                let officers = format!("{renamed}2-02,2,Phạm C\n");
                assert_eq!(active(&intake).await["officers.csv"], officers.as_bytes());
                assert_eq!(intake.routing.active(), intake.processing.active());
                // Of what was staged in between and never held, nobody is told; each has done what is theirs.
                let request = ListProvinceVersionsRequest::default();
                let told = intake.catalogue().list_province_versions(request).await.unwrap().into_inner();
                let [ours, theirs, _] = &told.versions[..] else { panic!("{told:?}") };
                let lines = |version: &ProvinceVersion| {
                    let [change] = &version.changes[..] else { panic!("{version:?}") };
                    (change.lines_added, change.lines_removed)
                };
                assert_eq!((ours.active, lines(ours)), (true, (1, 0)));
                assert_eq!((theirs.imported_by.as_str(), lines(theirs)), ("operator/other", (1, 1)));
            }
            Some(_) => {
                assert_eq!(from_status(&answer.unwrap_err()).reason, "VERSION_MOVED_ON");
                assert_eq!(active(&intake).await["officers.csv"], renamed.as_bytes());
            }
        }
    }
}
