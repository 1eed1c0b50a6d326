//! The log of decisions: made again each comes out the same, and nobody changes it unseen.

use harness::postgres_server::PostgresServer;
use phidia_domain::Kind;
use phidia_proto::{
    convert,
    routing::v1::{
        ListDecisionsRequest, LoggedDecision, ReplayDecisionRequest, ReplayDecisionResponse,
        VerifyDecisionsRequest, VerifyDecisionsResponse,
    },
};
use phidia_runtime::{
    database::{Database, DatabaseConfig},
    failure::Failure,
    status,
};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction};
use tempfile::tempdir;
use tokio::sync::oneshot;

use crate::{
    facts::{completed, ready, started},
    flaky::Flaky,
    harness::{MONDAY, Office, at, item, operator, supervisor, until},
    live::absent,
    province::{self, COPY},
};

pub(crate) async fn log(office: &Office) -> Vec<LoggedDecision> {
    let (mut decisions, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListDecisionsRequest { page_size: 4, page_token };
        let page = office.routing(operator()).list_decisions(request).await.unwrap().into_inner();
        decisions.extend(page.decisions);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return decisions;
        }
    }
}

pub(crate) async fn replay(office: &Office, decision: &LoggedDecision) -> ReplayDecisionResponse {
    let assignment_id = decision.decision.clone().unwrap().assignment_id;
    let request = ReplayDecisionRequest { assignment_id };
    office.routing(operator()).replay_decision(request).await.unwrap().into_inner()
}

/// Once each of so many decisions has its place.
pub(crate) async fn linked(office: &Office, decisions: i64) {
    until(async || {
        let walk = verify(office, 0).await;
        walk.last_position == decisions && walk.unlinked == 0
    })
    .await;
}

/// Without how long it took, which is noted a moment later.
fn lasting(mut logged: LoggedDecision) -> LoggedDecision {
    if let Some(decision) = &mut logged.decision {
        decision.decided_in_micros = 0;
    }
    logged
}

pub(crate) async fn verify(office: &Office, after_position: i64) -> VerifyDecisionsResponse {
    let request = VerifyDecisionsRequest { after_position };
    office.routing(operator()).verify_decisions(request).await.unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_decision_can_be_made_again_and_comes_out_the_same() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..10, COPY, "1").await;
    office.rest().await;
    let first = office.explain(item(1, 1)).await.remove(0).decision.unwrap();
    // Another version of the province does not change what was decided under the one before.
    office.install(2, province::with_line("competencies.csv", "3-01,Đất đai,3")).await;
    office.submit(10..12, COPY, "2").await;
    office.rest().await;
    // Also before it has its place.
    let last = office.decision(item(11, 1)).await;
    let last = LoggedDecision { decision: Some(last), ..LoggedDecision::default() };
    assert!(replay(&office, &last).await.same);
    linked(&office, 11).await;

    let decisions = log(&office).await;
    assert_eq!(decisions.len(), 11);
    let positions: Vec<_> = decisions.iter().map(|decision| decision.position).collect();
    assert_eq!(positions, (1..=11).collect::<Vec<_>>());
    let versions: Vec<_> = decisions.iter().map(|decision| decision.province_version).collect();
    assert_eq!((versions[0], versions[10]), (1, 2));
    for decision in &decisions {
        let replay = replay(&office, decision).await;
        assert!(replay.same && replay.differences.is_empty(), "{replay:?}");
        let (recorded, replayed) = (replay.recorded.unwrap(), replay.replayed.unwrap());
        assert_eq!(lasting(recorded.clone()), lasting(decision.clone()));
        assert_eq!(replayed.candidates, recorded.decision.unwrap().candidates);
    }
    let ids = decisions.iter().filter_map(|logged| Some(logged.decision.as_ref()?.assignment_id.as_str()));
    assert_eq!(ids.filter(|id| *id == first.assignment_id).count(), 1);
    let refusal = office
        .routing(operator())
        .replay_decision(ReplayDecisionRequest { assignment_id: format!("asg_{:032x}", 7) })
        .await
        .unwrap_err();
    assert_eq!(status::from_status(&refusal).kind, Kind::NotFound);
    let refusal = office.routing(supervisor(Some("1"))).list_decisions(ListDecisionsRequest::default()).await;
    assert_eq!(status::from_status(&refusal.unwrap_err()).kind, Kind::Forbidden);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_step_is_logged_when_it_is_counted_in() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, COPY, "1").await;
    office.rest().await;
    office.apply(item(1, 1), started(item(1, 1), "1")).await;
    office.apply(item(1, 1), completed(item(1, 1), "1")).await;
    office.apply(item(1, 2), ready(item(1, 2), "1", true)).await;
    until(async || log(&office).await.len() == 2).await;
    let decisions = log(&office).await;
    assert_eq!(decisions[1].work_item, Some(convert::wire_work_item(item(1, 2))));
    assert!(replay(&office, &decisions[1]).await.same);
    assert_eq!(verify(&office, 0).await.verified_to, 2);
    office.close().await;
}

/// Who was away yesterday was away when the step was kept, also where what is over is not known any more.
#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_was_kept_yesterday_is_counted_in_as_of_then() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, COPY, "2").await;
    office.rest().await;
    office.apply(item(1, 1), started(item(1, 1), "2")).await;
    office.apply(item(1, 1), completed(item(1, 1), "2")).await;
    absent(&office, "2-01", "2026-11-23", "2026-11-23").await.unwrap();
    office.clock.set(at("2026-11-24T01:00:00Z"));
    // Everything is compiled anew, as of Tuesday.
    absent(&office, "2-02", "2026-12-24", "2026-12-24").await.unwrap();
    office.apply(item(1, 2), ready(item(1, 2), "2", true)).await;
    until(async || log(&office).await.len() == 2).await;
    let decisions = log(&office).await;
    let decided = office.decision(item(1, 2)).await;
    assert_eq!(decided.decided_at, Some(convert::wire_timestamp(at(MONDAY))));
    let there = decided.candidates.iter().find(|candidate| candidate.unit_id == decided.unit_id).unwrap();
    assert_eq!(there.competent_officers, 1);
    assert!(replay(&office, &decisions[1]).await.same);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_changes_a_decision_or_takes_one_out_is_found_out() {
    for (tampering, broken_at, reason) in [
        (
            "UPDATE assignment SET load = REPLACE(load, '\"minutes\":', '\"minutes\":1') \
             WHERE id = (SELECT assignment FROM decision WHERE position = 3)",
            3,
            "DECISION_CHANGED",
        ),
        (
            "UPDATE assignment SET explanation = REPLACE(explanation, '\"policy_version\":1', '\"policy_version\":2') \
             WHERE id = (SELECT assignment FROM decision WHERE position = 2)",
            2,
            "DECISION_CHANGED",
        ),
        ("DELETE FROM decision WHERE position = 4", 4, "LINK_MISSING"),
        (
            "DELETE FROM assignment WHERE id = (SELECT assignment FROM decision WHERE position = 1)",
            1,
            "DECISION_GONE",
        ),
        ("DELETE FROM decision WHERE position >= 5", 5, "CUT_OFF"),
        (
            "INSERT INTO assignment SELECT application, province, application, step, 9, unit, ground, \
             predicted_finish_at, decided_at, decided_in_micros, explanation, load, epoch, 99, open FROM assignment LIMIT 1",
            7,
            "DECISION_OUTSIDE",
        ),
        // What nobody can read any more.
        (
            "UPDATE assignment SET explanation = '{' WHERE id = (SELECT assignment FROM decision WHERE position = 3)",
            3,
            "DECISION_CHANGED",
        ),
        (
            "UPDATE assignment SET load = '' WHERE id = (SELECT assignment FROM decision WHERE position = 6)",
            6,
            "DECISION_CHANGED",
        ),
        (
            "UPDATE assignment SET ground = 'whim' WHERE id = (SELECT assignment FROM decision WHERE position = 2)",
            2,
            "DECISION_CHANGED",
        ),
    ] {
        let folder = tempdir().unwrap();
        let office = Office::open(folder.path()).await;
        office.submit(1..7, COPY, "1").await;
        office.rest().await;
        linked(&office, 6).await;
        let whole = verify(&office, 0).await;
        assert_eq!((whole.verified_to, whole.last_position, whole.broken_at), (6, 6, 0));
        assert_eq!(verify(&office, 4).await, whole);
        office.tamper(tampering).await;
        let broken = verify(&office, 0).await;
        assert_eq!((broken.broken_at, broken.broken_reason.as_str()), (broken_at, reason), "{tampering}");
        assert_eq!(broken.verified_to, broken_at - 1);
        office.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_nobody_can_read_any_more_is_shown_as_a_gap() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..7, COPY, "1").await;
    office.rest().await;
    linked(&office, 6).await;
    let before = log(&office).await;
    office
        .tamper("UPDATE assignment SET explanation = '{' WHERE id = (SELECT assignment FROM decision WHERE position = 2)")
        .await;
    let after = log(&office).await;
    assert_eq!(after.len(), 6);
    assert!(after[1].decision.is_none() && after[1].position == 2 && after[1].hash == before[1].hash);
    assert!(after.iter().filter(|logged| logged.decision.is_some()).count() == 5);
    let assignment_id = before[1].decision.clone().unwrap().assignment_id;
    let request = ReplayDecisionRequest { assignment_id };
    let refusal = office.routing(operator()).replay_decision(request).await.unwrap_err();
    let refusal = status::from_status(&refusal);
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, "DECISION_UNREADABLE"));
    for after_position in [7, -1, i64::MIN] {
        let request = VerifyDecisionsRequest { after_position };
        let refusal = office.routing(operator()).verify_decisions(request).await.unwrap_err();
        assert_eq!(status::from_status(&refusal).kind, Kind::Invalid);
    }
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_falls_asleep_over_the_end_of_the_log_keeps_nobody_from_deciding() {
    let url = PostgresServer::shared().new_database().into();
    let store = DatabaseConfig { url, max_connections: 6, ..DatabaseConfig::default() };
    let office = Office::replica(&store, Flaky::new()).await;
    office.install(1, province::files()).await;
    office.submit(0..1, COPY, "1").await;
    office.rest().await;
    linked(&office, 1).await;
    // A replica that died in the middle of it, say.
    let other = Database::open(&store).await.unwrap();
    let (holds, held) = oneshot::channel();
    let (let_go, woken) = oneshot::channel::<()>();
    let sleeper = tokio::spawn(async move {
        let asleep = other.write(move |tx: &DatabaseTransaction| {
            Box::pin(async move {
                // The store ends who sleeps for three seconds; this one sleeps for as long as the story takes.
                tx.execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = 0").await?;
                tx.execute_unprepared("SELECT * FROM chain FOR UPDATE").await?;
                holds.send(()).unwrap();
                woken.await.map_err(Failure::broken)
            })
        });
        asleep.await
    });
    held.await.unwrap();
    office.submit(1..10, COPY, "1").await;
    office.rest().await;
    office.assign(item(9, 1)).await.unwrap();
    let walk = verify(&office, 0).await;
    assert_eq!((walk.last_position, walk.unlinked, walk.broken_at), (1, 9, 0));
    let_go.send(()).unwrap();
    // It held it all the time.
    sleeper.await.unwrap().unwrap();
    linked(&office, 10).await;
    office.balanced().await;
    office.close().await;
}
