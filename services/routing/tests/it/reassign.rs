//! A person sends work elsewhere, whatever dies on the way.

use std::sync::atomic::Ordering;

use harness::postgres_server::PostgresServer;
use phidia_board::{Board as _, Reserve};
use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
    route::{Bid, LoadKey},
    work_item::WorkItem,
};
use phidia_proto::{
    convert,
    events::v1::{
        AssignmentGround, CaseCompleted, CaseStopped, StepOutcome, StopGround, Verdict, event::Fact,
    },
    routing::v1::{Availability, Decision, ReassignWorkRequest, WorkState},
};
use phidia_runtime::{database::DatabaseConfig, status};
use tempfile::tempdir;

use crate::{
    facts::{completed, started, submission_without_a_place},
    flaky::Flaky,
    harness::{Office, item, operator, supervisor, until},
    live::{get, set, stands},
    log::{linked, verify},
    province::{self, BIRTH, COPY, LAND, unit},
};

pub(crate) fn order(item: WorkItem, to: &str) -> ReassignWorkRequest {
    ReassignWorkRequest {
        work_item: Some(convert::wire_work_item(item)),
        unit_code: to.to_owned(),
        reason: "cán bộ nghỉ ốm".to_owned(),
        expected_fence: 0,
    }
}

pub(crate) async fn reassign(
    office: &Office,
    caller: Caller,
    request: ReassignWorkRequest,
) -> Result<(WorkItem, Decision), Rejection> {
    let answer = office.routing(caller).reassign_work(request).await;
    let answer = answer.map_err(|status| status::from_status(&status))?.into_inner();
    Ok((convert::work_item(answer.work_item, "work_item").unwrap(), answer.decision.unwrap()))
}

async fn states(office: &Office, of: WorkItem) -> Vec<WorkState> {
    office.explain(of).await.iter().map(|record| record.state()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_sends_it_to_a_unit_and_both_are_told() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, COPY, "1").await;
    let first = item(1, 1);
    assert_eq!(office.decision(first).await.unit_id, unit("1").to_string());
    until(async || office.worklists.open(first).is_some()).await;

    let (second, decision) = reassign(&office, supervisor(Some("1")), order(first, "2")).await.unwrap();
    assert_eq!(second, first.next_attempt());
    assert_eq!(
        (decision.unit_id.as_str(), decision.ground()),
        (unit("2").to_string().as_str(), AssignmentGround::Overridden)
    );
    let moved = decision.moved.clone().unwrap();
    assert_eq!((moved.from_unit_id, moved.instead_unit_id), (unit("1").to_string(), unit("1").to_string()));
    assert_eq!(
        (moved.by.as_str(), moved.reason.as_str(), moved.violations.len()),
        ("supervisor/s", "cán bộ nghỉ ốm", 0)
    );
    let units: Vec<_> = decision.candidates.iter().map(|candidate| candidate.unit_id.clone()).collect();
    assert!([unit("1"), unit("2")].iter().all(|shown| units.contains(&shown.to_string())), "{units:?}");
    assert_eq!(states(&office, first).await, [WorkState::Released, WorkState::Assigned]);
    assert_eq!(office.worklists.open(first), Some((second, unit("2"))));
    office.balanced().await;

    until(async || office.told.by("notification").len() == 3).await;
    let facts: Vec<_> = office.told.by("notification").into_iter().filter_map(|event| event.fact).collect();
    let Fact::WorkAssigned(assigned) = &facts[1] else { panic!("{facts:?}") };
    assert_eq!(
        (assigned.ground(), assigned.unit_id.clone()),
        (AssignmentGround::Overridden, unit("2").to_string())
    );
    let Fact::WorkMoved(told) = &facts[2] else { panic!("{facts:?}") };
    assert_eq!(
        (told.from_unit_id.clone(), told.unit_id.clone()),
        (unit("1").to_string(), unit("2").to_string())
    );
    assert!(told.why.as_ref().unwrap().vi.contains("“cán bộ nghỉ ốm”"), "{told:?}");

    // From here it goes on as any other.
    office.apply(second, started(second, "2")).await;
    office.apply(second, completed(second, "2")).await;
    office.balanced().await;
    assert!(office.units().await.unwrap().iter().all(|unit| unit.open_items == 0));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_speaks_against_it_is_told_and_does_not_stop_it() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, COPY, "1").await;
    office.rest().await;
    // Unit 3 has nobody who masters it.
    let (_, decision) = reassign(&office, operator(), order(item(1, 1), "3")).await.unwrap();
    assert_eq!(decision.moved.unwrap().violations, ["not_competent"]);
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_is_refused() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..4, COPY, "1").await;
    office.rest().await;
    let (first, begun, done) = (item(1, 1), item(2, 1), item(3, 1));
    office.apply(done, completed(done, "1")).await;
    let without_reason = ReassignWorkRequest { reason: String::new(), ..order(first, "2") };
    let officer = Caller { role: Role::Officer, ..supervisor(Some("1")) };
    for (caller, request, kind, reason) in [
        (operator(), without_reason, Kind::Invalid, "MISSING_FIELD"),
        (officer, order(first, "2"), Kind::Forbidden, "ROLE_NOT_ALLOWED"),
        (supervisor(Some("2")), order(first, "2"), Kind::Forbidden, "OTHER_UNIT"),
        (operator(), order(first, "77"), Kind::NotFound, "UNKNOWN_UNIT"),
        (operator(), order(item(9, 1), "2"), Kind::NotFound, "UNKNOWN_WORK_ITEM"),
        (operator(), order(first.next_attempt(), "2"), Kind::Conflict, "OLD_ATTEMPT"),
        (operator(), order(first, "1"), Kind::Precondition, "THERE_ALREADY"),
        (operator(), order(first, ""), Kind::Precondition, "BEST_WHERE_IT_IS"),
        (operator(), order(done, "2"), Kind::Precondition, "WORK_DONE"),
    ] {
        let refusal = reassign(&office, caller, request.clone()).await.unwrap_err();
        assert_eq!((refusal.kind, refusal.reason.as_str()), (kind, reason), "{request:?}");
    }
    // An officer was quicker: whoever asks is told who, and the reservation goes back.
    office.worklists.begin(begun, "1-01");
    let refusal = reassign(&office, operator(), order(begun, "3")).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Conflict, "OLD_FENCE"));
    assert!(refusal.metadata.iter().any(|(key, _)| key == "holder"), "{refusal:?}");
    assert_eq!(states(&office, begun).await, [WorkState::Assigned]);
    office.balanced().await;
    // Nor with another fence; and its next move gets an attempt that was never used.
    let old = ReassignWorkRequest { expected_fence: 7, ..order(first, "2") };
    assert_eq!(reassign(&office, operator(), old).await.unwrap_err().reason, "OLD_FENCE");
    let (moved, _) = reassign(&office, operator(), order(first, "2")).await.unwrap();
    assert_eq!(moved.attempt, 3);
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_unit_could_take_is_sent_by_hand() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, LAND, "1").await;
    let nowhere = item(2, 1);
    office.apply(nowhere, submission_without_a_place(BIRTH, "1")).await;
    office.note(nowhere, BIRTH);
    until(async || office.unassignable().await == ["NOBODY_COMPETENT", "PLACE_MISSING"]).await;
    assert_eq!(
        reassign(&office, operator(), order(nowhere, "")).await.unwrap_err().reason,
        "WORK_NOT_ASSIGNED"
    );
    let refusal = reassign(&office, supervisor(Some("2")), order(nowhere, "2")).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::Forbidden);
    let (there, decision) = reassign(&office, supervisor(Some("1")), order(nowhere, "3")).await.unwrap();
    assert_eq!((there, decision.unit_id.clone()), (nowhere, unit("3").to_string()));
    let moved = decision.moved.unwrap();
    assert_eq!((moved.from_unit_id.as_str(), moved.violations), ("", vec!["home_unknown".to_owned()]));
    let (_, decision) = reassign(&office, operator(), order(item(1, 1), "2")).await.unwrap();
    assert_eq!(decision.moved.unwrap().violations, ["not_competent"]);
    office.balanced().await;
    assert!(office.list(WorkState::Unassignable).await.is_empty());
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_whose_answer_got_lost_is_carried_out_once_also_by_the_next_process() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..4, COPY, "1").await;
    office.rest().await;
    office.balanced().await;
    until(async || office.worklists.open(item(3, 1)).is_some()).await;

    // Processing does it, and nobody hears.
    office.worklists.loses(1);
    let refusal = reassign(&office, operator(), order(item(1, 1), "3")).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Unavailable, "MOVE_ON_ITS_WAY"));
    until(async || states(&office, item(1, 1)).await == [WorkState::Released, WorkState::Assigned]).await;
    office.balanced().await;

    // The board is away when it is to be made permanent; processing, when it is asked at all.
    office.board.places.store(1, Ordering::SeqCst);
    reassign(&office, operator(), order(item(2, 1), "3")).await.unwrap_err();
    office.worklists.is_away(u32::MAX);
    reassign(&office, operator(), order(item(3, 1), "3")).await.unwrap_err();
    // While it is on its way it is nobody else's to move or take back, and it is where it was.
    let refusal = reassign(&office, operator(), order(item(3, 1), "3")).await.unwrap_err();
    assert_eq!(refusal.reason, "MOVE_ON_ITS_WAY");
    assert_eq!(states(&office, item(3, 1)).await, [WorkState::Assigned]);
    until(async || office.holder.board().await.is_ok_and(|balance| balance.unwrap().drifts.is_empty())).await;

    // The process dies, and so does its board: the next one has what was reserved, and carries it out.
    let worklists = office.worklists.clone();
    let office = office.restart(folder.path()).await;
    worklists.is_away(0);
    for number in 2..4 {
        let first = item(number, 1);
        until(async || states(&office, first).await == [WorkState::Released, WorkState::Assigned]).await;
        assert_eq!(office.worklists.open(first), Some((first.next_attempt(), unit("3"))));
    }
    office.balanced().await;
    until(async || office.holder.board().await.is_ok_and(|balance| balance.unwrap().drifts.is_empty())).await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_of_what_has_not_come_to_processing_keeps_no_other_waiting() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.worklists.misses(&[item(1, 1)]);
    office.submit(1..3, COPY, "1").await;
    office.rest().await;
    until(async || office.worklists.open(item(2, 1)).is_some()).await;
    let refusal = reassign(&office, operator(), order(item(1, 1), "3")).await.unwrap_err();
    assert_eq!(refusal.reason, "MOVE_ON_ITS_WAY");
    office.worklists.loses(1);
    let refusal = reassign(&office, operator(), order(item(2, 1), "3")).await.unwrap_err();
    assert_eq!(refusal.reason, "MOVE_ON_ITS_WAY");
    until(async || states(&office, item(2, 1)).await == [WorkState::Released, WorkState::Assigned]).await;
    assert_eq!(states(&office, item(1, 1)).await, [WorkState::Assigned]);
    // When it comes, it is moved.
    office.worklists.misses(&[]);
    until(async || states(&office, item(1, 1)).await == [WorkState::Released, WorkState::Assigned]).await;
    office.balanced().await;
    office.close().await;
}

/// Its case ends at processing, which has moved it, while routing does not know that yet.
#[tokio::test(flavor = "multi_thread")]
async fn what_ends_while_it_is_on_a_move_is_given_up_once_it_is_there() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..3, COPY, "1").await;
    office.balanced().await;
    let refused = CaseCompleted { outcome: StepOutcome::Refused.into(), ..CaseCompleted::default() };
    let stopped = CaseStopped { ground: StopGround::Withdrawn.into(), ..CaseStopped::default() };
    for (number, ends) in [(1, Fact::CaseCompleted(refused)), (2, Fact::CaseStopped(stopped))] {
        let first = item(number, 1);
        until(async || office.worklists.open(first).is_some()).await;
        office.worklists.loses(1);
        office.worklists.is_refused(u32::MAX);
        reassign(&office, operator(), order(first, "3")).await.unwrap_err();
        let verdicts = office.tell(vec![(first.application, ends.clone())]).await;
        assert_eq!(verdicts, [Verdict::Retry]);
        office.worklists.is_refused(0);
        until(async || states(&office, first).await == [WorkState::Released, WorkState::Assigned]).await;
        office.apply(first, ends).await;
        assert_eq!(states(&office, first).await, [WorkState::Released, WorkState::Released]);
    }
    office.balanced().await;
    assert!(office.units().await.unwrap().iter().all(|unit| unit.open_items == 0));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_is_not_about_the_move_does_not_end_it() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, COPY, "1").await;
    office.balanced().await;
    let first = item(1, 1);
    until(async || office.worklists.open(first).is_some()).await;
    // Processing does it, and nobody hears; asked again, it is not ready for a while.
    office.worklists.loses(1);
    office.worklists.is_refused(2);
    reassign(&office, operator(), order(first, "3")).await.unwrap_err();
    until(async || states(&office, first).await == [WorkState::Released, WorkState::Assigned]).await;
    assert_eq!(office.worklists.open(first), Some((first.next_attempt(), unit("3"))));
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_died_before_it_was_written_leaves_nothing_behind() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, COPY, "1").await;
    office.balanced().await;
    let to = item(1, 1).next_attempt();
    let key = LoadKey { field: "Chứng thực".to_owned(), level: 2, due_day: None };
    let lost = Reserve {
        province: "37".to_owned(),
        epoch: 1,
        work_item: to,
        key,
        minutes: 120,
        bids: vec![Bid::always(unit("2"), true)],
        lease: std::time::Duration::from_secs(1),
    };
    office.board.reserve(lost).await.unwrap();
    office.board.later(60);
    office.balanced().await;
    // And it can be moved still.
    reassign(&office, operator(), order(item(1, 1), "2")).await.unwrap();
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_who_was_quicker_while_nobody_answered_keeps_it() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, COPY, "1").await;
    office.balanced().await;
    let first = item(1, 1);
    until(async || office.worklists.open(first).is_some()).await;
    office.worklists.is_away(1);
    reassign(&office, operator(), order(first, "2")).await.unwrap_err();
    office.worklists.begin(first, "1-01");
    office.apply(first, started(first, "1")).await;
    until(async || {
        // Refused by now: another one is refused for what it is, and not for a move on its way.
        reassign(&office, operator(), order(first, "2")).await.unwrap_err().reason == "OLD_FENCE"
    })
    .await;
    assert_eq!(states(&office, first).await, [WorkState::Assigned]);
    office.balanced().await;
    office.apply(first, completed(first, "1")).await;
    office.balanced().await;
    assert!(office.units().await.unwrap().iter().all(|unit| unit.open_items == 0));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_whose_number_another_decision_bears_gets_another_one() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..3, COPY, "1").await;
    office.balanced().await;
    let first = item(1, 1);
    until(async || office.worklists.open(first).is_some()).await;
    office.worklists.is_away(u32::MAX);
    let refusal = reassign(&office, operator(), order(first, "3")).await.unwrap_err();
    assert_eq!(refusal.reason, "MOVE_ON_ITS_WAY");
    // As if the board had been set back since, and had given the number again.
    office.tamper("UPDATE moves SET board_sequence = (SELECT MAX(board_sequence) FROM assignment)").await;
    office.worklists.is_away(0);
    until(async || states(&office, first).await == [WorkState::Released, WorkState::Assigned]).await;
    office.balanced().await;
    let mut sequences = Vec::new();
    for record in [office.explain(first).await, office.explain(item(2, 1)).await].concat() {
        sequences.push(record.decision.unwrap().board_sequence);
    }
    sequences.sort_unstable();
    sequences.dedup();
    assert_eq!(sequences.len(), 3);
    linked(&office, 3).await;
    assert_eq!(verify(&office, 0).await.broken_at, 0);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_is_judged_by_the_registry_as_it_is_when_it_is_written() {
    let url = PostgresServer::shared().new_database().into();
    let store = DatabaseConfig { url, max_connections: 6, ..DatabaseConfig::default() };
    let board = Flaky::new();
    let changes = Office::replica(&store, board.clone()).await;
    changes.install(1, province::files()).await;
    let (moves, _workers) = changes.beside(&store, board).await;
    changes.submit(1..4, COPY, "1").await;
    changes.balanced().await;
    for (number, availability) in
        [(1, Availability::Closed), (2, Availability::Open), (3, Availability::Closed)]
    {
        let first = item(number, 1);
        until(async || changes.worklists.open(first).is_some()).await;
        let there = changes.decision(first).await.unit_id == unit("2").to_string();
        let to = if there { "1" } else { "2" };
        // This one has just read how it was.
        get(&moves, operator(), to, None).await.unwrap();
        set(&changes, operator(), to, stands(availability), None).await.unwrap();
        let (_, decision) = reassign(&moves, operator(), order(first, to)).await.unwrap();
        let violations = decision.moved.unwrap().violations;
        assert_eq!(violations.is_empty(), availability == Availability::Open, "{number}: {violations:?}");
    }
    changes.balanced().await;
    moves.close().await;
    changes.close().await;
}
