//! Decisions that find no unit are decisions: they are logged with what they rest on, and can be made again.

use phidia_proto::{
    convert,
    routing::v1::{Availability, LoggedDecision, Standing, WorkState},
};
use tempfile::tempdir;

use crate::{
    facts::submission_without_a_place,
    harness::{Office, item, operator, until},
    live::{set, stands},
    log::{linked, log, replay, verify},
    province::{self, BIRTH, COPY, LAND, unit},
};

async fn refused(office: &Office) -> Vec<LoggedDecision> {
    let mut logged = log(office).await;
    logged.retain(|logged| !logged.unassignable_reason.is_empty());
    logged
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_unit_can_take_is_logged_with_its_reason_and_comes_out_the_same() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, LAND, "1").await;
    let nowhere = item(2, 1);
    office.apply(nowhere, submission_without_a_place(BIRTH, "1")).await;
    linked(&office, 2).await;

    let refusals = refused(&office).await;
    let reasons: Vec<_> = refusals.iter().map(|logged| logged.unassignable_reason.as_str()).collect();
    assert_eq!(reasons, ["NOBODY_COMPETENT", "PLACE_MISSING"]);
    let decision = refusals[0].decision.clone().unwrap();
    assert!(decision.unit_id.is_empty() && decision.assignment_id.starts_with("asg_"));
    assert_eq!((decision.filtered["not_competent"], decision.policy.as_str()), (4, "boundary-free@1"));
    assert_eq!(decision.home_unit_id, unit("1").to_string());
    assert_eq!(refusals[0].work_item, Some(convert::wire_work_item(item(1, 1))));
    assert!(refusals[0].request_json.contains("Đất đai") && refusals[1].request_json.is_empty());

    // Whoever asks about it is told the same reasons.
    let explained = office.explain(item(1, 1)).await;
    let refusal = explained[0].refusal.clone().unwrap();
    assert_eq!((refusal.filtered["not_competent"], refusal.assignment_id), (4, decision.assignment_id));
    assert!(explained[0].decision.is_none());

    // Tried again it is refused again, and not logged again.
    office.assign(item(1, 1)).await.unwrap_err();
    office.install(2, province::files()).await;
    until(async || office.unassignable().await == ["NOBODY_COMPETENT", "PLACE_MISSING"]).await;
    // Until somebody masters it.
    office.install(3, province::with_line("competencies.csv", "3-01,Đất đai,3")).await;
    until(async || office.list(WorkState::Assigned).await.len() == 1).await;
    linked(&office, 3).await;
    assert!(office.explain(item(1, 1)).await[0].refusal.is_none());
    for logged in refused(&office).await {
        let replay = replay(&office, &logged).await;
        assert!(replay.same && replay.differences.is_empty(), "{replay:?}");
        assert_eq!(replay.replayed_unassignable_reason, logged.unassignable_reason);
        let (recorded, replayed) = (logged.decision.unwrap(), replay.replayed.unwrap());
        assert_eq!((recorded.filtered, recorded.home_unit_id), (replayed.filtered, replayed.home_unit_id));
    }
    assert_eq!(verify(&office, 0).await.verified_to, 3);

    // It is as much a part of the chain as any other.
    office.tamper("UPDATE refusal SET reason = 'NOBODY_CARES' WHERE reason = 'NOBODY_COMPETENT'").await;
    let broken = verify(&office, 0).await;
    assert_eq!((broken.broken_at, broken.broken_reason.as_str()), (1, "DECISION_CHANGED"));
    let changed = replay(&office, &refused(&office).await[0]).await;
    assert_eq!((changed.same, changed.differences), (false, vec!["refusal".to_owned()]));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_for_what_was_queued_is_made_again_from_what_was_known_of_it() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let few = Standing { most_open_items: Some(1), ..stands(Availability::Open) };
    for code in ["1", "2"] {
        set(&office, operator(), code, few, None).await.unwrap();
    }
    office.submit(1..4, COPY, "1").await;
    office.rest().await;
    linked(&office, 3).await;
    let refusals = refused(&office).await;
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    assert_eq!((refusals[0].unassignable_reason.as_str(), refusals[0].registry_revision), ("NO_CAPACITY", 2));
    assert_eq!(refusals[0].decision.as_ref().unwrap().filtered["at_capacity"], 2);
    // By now there is room.
    for code in ["1", "2"] {
        set(&office, operator(), code, stands(Availability::Open), None).await.unwrap();
    }
    linked(&office, 4).await;
    assert!(replay(&office, &refusals[0]).await.same);

    // A record that is not true is told from one that is.
    office.tamper("UPDATE refusal SET finding = REPLACE(finding, '\"facts\":', '\"feats\":')").await;
    let told = replay(&office, &refusals[0]).await;
    assert!(!told.same && told.replayed.is_none(), "{told:?}");
    assert_eq!(told.differences, ["why"]);
    office.close().await;
}
