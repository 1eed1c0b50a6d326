//! Taking work back.

use harness::postgres_server::PostgresServer;
use phidia_domain::{Kind, Rejection, caller::Caller, work_item::WorkItem};
use phidia_proto::{
    convert,
    events::v1::event::Fact,
    routing::v1::{Availability, ReleaseWorkRequest, WorkState},
};
use phidia_runtime::{
    database::{Database, DatabaseConfig},
    failure::Failure,
    status,
};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbBackend, Statement};
use tempfile::tempdir;
use tokio::sync::oneshot;

use crate::{
    facts::{completed, started},
    flaky::Flaky,
    harness::{Office, item, operator, supervisor, until},
    province::{self, COPY, unit},
    reassign::{order, reassign},
    replan::stand,
};

pub(crate) async fn release(
    office: &Office,
    caller: Caller,
    item: WorkItem,
    reason: &str,
) -> Result<WorkItem, Rejection> {
    let request =
        ReleaseWorkRequest { work_item: Some(convert::wire_work_item(item)), reason: reason.to_owned() };
    let answer = office.routing(caller).release_work(request).await;
    let answer = answer.map_err(|status| status::from_status(&status))?;
    Ok(convert::work_item(answer.into_inner().next, "next").unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_has_begun_is_routed_again() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, COPY, "1").await;
    office.rest().await;
    let first = item(1, 1);
    for (caller, reason, kind) in [
        (operator(), "", Kind::Invalid),
        (operator(), "a\u{7}", Kind::Invalid),
        (supervisor(Some("2")), "not ours", Kind::Forbidden),
    ] {
        assert_eq!(release(&office, caller, first, reason).await.unwrap_err().kind, kind);
    }
    let next = release(&office, supervisor(Some("1")), first, "the officer is ill").await.unwrap();
    assert_eq!(next, first.next_attempt());
    let refusal = release(&office, operator(), first, "again").await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Conflict, "OLD_ATTEMPT"));
    assert_eq!(refusal.metadata[0], ("attempt".to_owned(), "2".to_owned()));
    office.balanced().await;
    // Once it has its unit, that is named, too.
    let refusal = release(&office, operator(), first, "again").await.unwrap_err();
    assert_eq!(refusal.metadata[1], ("unit_code".to_owned(), "1".to_owned()));
    let records = office.explain(first).await;
    assert_eq!(
        records.iter().map(|record| record.state()).collect::<Vec<_>>(),
        [WorkState::Released, WorkState::Assigned]
    );
    assert_eq!(records[0].release_reason, "the officer is ill");
    until(async || office.told.by("processing").len() == 2).await;
    let Some(Fact::WorkAssigned(fact)) = office.told.by("processing").remove(1).fact else { panic!() };
    assert_eq!(fact.work_item.unwrap().attempt, 2);
    let refusal = office.assign(first).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, "WORK_RELEASED"));
    assert_eq!(release(&office, operator(), item(9, 1), "x").await.unwrap_err().kind, Kind::NotFound);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_loses_what_was_taken_back_is_told_why_once_another_has_it() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    stand(&office, "2", Availability::Closed).await;
    office.submit(1..3, COPY, "1").await;
    office.rest().await;
    // To the same unit again: nobody loses it.
    let stays = item(1, 1);
    release(&office, operator(), stays, "a second look").await.unwrap();
    office.decision(stays.next_attempt()).await;
    // Elsewhere.
    stand(&office, "2", Availability::Open).await;
    stand(&office, "1", Availability::Closed).await;
    let leaves = item(2, 1);
    release(&office, supervisor(Some("1")), leaves, "cán bộ nghỉ ốm").await.unwrap();
    assert_eq!(office.decision(leaves.next_attempt()).await.unit_id, unit("2").to_string());
    // Also by hand, once nobody can take it.
    stand(&office, "2", Availability::Closed).await;
    let lost = leaves.next_attempt();
    release(&office, operator(), lost, "nước lên").await.unwrap();
    until(async || office.unassignable().await.len() == 1).await;
    reassign(&office, operator(), order(lost.next_attempt(), "3")).await.unwrap();

    until(async || office.moves().len() == 2).await;
    let moves = office.moves();
    let ways: Vec<_> = moves.iter().map(|told| (told.from_unit_id.clone(), told.unit_id.clone())).collect();
    let [one, two, three] = ["1", "2", "3"].map(|code| unit(code).to_string());
    assert_eq!(ways, [(one, two.clone()), (two, three)]);
    let why = moves[0].why.clone().unwrap();
    assert!(why.vi.starts_with("Đã lấy lại từ Trung tâm A, lý do: “cán bộ nghỉ ốm”. Chuyển đến"), "{why:?}");
    let why = moves[1].why.clone().unwrap();
    assert!(why.en.starts_with("It was taken back from Centre B, because: “nước lên”. Given to"), "{why:?}");
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_begun_or_done_stays() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, COPY, "1").await;
    office.rest().await;
    let first = item(1, 1);
    office.apply(first, started(first, "1")).await;
    let refusal = release(&office, operator(), first, "late").await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, "WORK_BEGUN"));
    office.apply(first, completed(first, "1")).await;
    let refusal = release(&office, operator(), first, "late").await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, "WORK_DONE"));
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_who_was_quicker_keeps_it() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, COPY, "1").await;
    office.rest().await;
    let first = item(1, 1);
    let next = release(&office, operator(), first, "the officer is ill").await.unwrap();
    office.rest().await;
    office.apply(first, started(first, "1")).await;
    office.balanced().await;
    let records = office.explain(first).await;
    assert_eq!(
        records.iter().map(|record| record.state()).collect::<Vec<_>>(),
        [WorkState::Assigned, WorkState::Released]
    );
    let refusal = release(&office, operator(), next, "x").await.unwrap_err();
    let at = [("attempt", "1"), ("unit_code", "1")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(refusal.metadata, at);
    office.apply(first, completed(first, "1")).await;
    office.balanced().await;
    assert!(office.units().await.unwrap().iter().all(|unit| unit.open_items == 0));
    office.close().await;
}

/// Somebody's transaction on the store, which does this and then waits until it may commit.
async fn holding(
    store: &Database,
    statements: &'static [&'static str],
) -> (oneshot::Sender<()>, tokio::task::JoinHandle<Result<(), Failure>>) {
    let (holds, held) = oneshot::channel();
    let (let_go, woken) = oneshot::channel::<()>();
    let store = store.clone();
    let task = tokio::spawn(async move {
        let work = store.write(move |tx: &DatabaseTransaction| {
            Box::pin(async move {
                tx.execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = 0").await?;
                for statement in statements {
                    tx.execute_unprepared(statement).await?;
                }
                holds.send(()).unwrap();
                woken.await.map_err(Failure::broken)
            })
        });
        work.await
    });
    held.await.unwrap();
    (let_go, task)
}

/// Until somebody waits for a row of this database that another has.
async fn somebody_waits(store: &Database) {
    let waiting =
        "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    until(async || {
        let rows = store.read().query_all_raw(Statement::from_string(DbBackend::Postgres, waiting));
        !rows.await.unwrap().is_empty()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_twice_while_an_officer_begins_it_is_nowhere_else() {
    let url = PostgresServer::shared().new_database().into();
    let config = DatabaseConfig { url, max_connections: 8, ..DatabaseConfig::default() };
    let office = Office::replica(&config, Flaky::new()).await;
    office.install(1, province::files()).await;
    office.submit(1..2, COPY, "1").await;
    office.rest().await;
    let first = item(1, 1);
    release(&office, operator(), first, "the officer is ill").await.unwrap();
    office.balanced().await;
    let store = Database::open(&config).await.unwrap();
    // The second release, which is not committed yet when it is heard that an officer has begun the first attempt.
    let (let_go, released) = holding(
        &store,
        &[
            "UPDATE work_item SET state = 'released' WHERE attempt = 2",
            "INSERT INTO work_item (province, application, step, attempt, state, begun, reason, waiting_since, traceparent) \
             SELECT province, application, step, 3, 'waiting', false, '', waiting_since, '' FROM work_item WHERE attempt = 2",
            "INSERT INTO agenda (province, application, step, attempt, action) \
             SELECT province, application, step, attempt, CASE attempt WHEN 2 THEN 'release' ELSE 'decide' END \
             FROM work_item WHERE attempt > 1 ORDER BY attempt",
            "UPDATE assignment SET open = false WHERE attempt = 2",
        ],
    )
    .await;
    let ((), ()) = tokio::join!(office.apply(first, started(first, "1")), async {
        somebody_waits(&store).await;
        let_go.send(()).unwrap();
    });
    released.await.unwrap().unwrap();
    office.balanced().await;
    let records = office.explain(first).await;
    assert_eq!(
        records.iter().map(|record| record.state()).collect::<Vec<_>>(),
        [WorkState::Assigned, WorkState::Released, WorkState::Released]
    );
    office.apply(first, completed(first, "1")).await;
    office.balanced().await;
    assert!(office.units().await.unwrap().iter().all(|unit| unit.open_items == 0));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_it_back_while_it_is_begun_is_too_late() {
    let url = PostgresServer::shared().new_database().into();
    let config = DatabaseConfig { url, max_connections: 8, ..DatabaseConfig::default() };
    let office = Office::replica(&config, Flaky::new()).await;
    office.install(1, province::files()).await;
    office.submit(1..2, COPY, "1").await;
    office.rest().await;
    let first = item(1, 1);
    let store = Database::open(&config).await.unwrap();
    let (let_go, begun) = holding(&store, &["UPDATE work_item SET begun = true WHERE attempt = 1"]).await;
    let (refusal, ()) = tokio::join!(release(&office, operator(), first, "late"), async {
        somebody_waits(&store).await;
        let_go.send(()).unwrap();
    });
    begun.await.unwrap().unwrap();
    let refusal = refusal.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, "WORK_BEGUN"));
    assert_eq!(office.explain(first).await.len(), 1);
    office.balanced().await;
    office.close().await;
}
