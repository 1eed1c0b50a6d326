//! What has happened to a case, and who brought it about.

use phidia_domain::{case::Outcome, work_item::WorkItem};
use phidia_proto::{
    convert,
    events::v1::Verdict,
    processing::v1::{CaseTransition, CaseTransitionKind as Kind},
};
use phidia_runtime::failure::Failure;
use sea_orm::ConnectionTrait as _;

use crate::{
    correction::send_back,
    hand_over::{give_back, hand_over},
    harness::{Office, an_officer, at, submission, supervisor},
    province::{BIRTH, COPY, unit},
    supplement::{ask, birth, received},
};

/// Wednesday, when the office closes, and what was claimed on Monday runs out.
const CLOSES: &str = "2026-11-25T10:30:00Z";

async fn trail(office: &Office, item: WorkItem) -> Vec<CaseTransition> {
    office.get(supervisor(None), item).await.unwrap().transitions
}

/// Each as step and attempt, fence, what happened, who has it since or had it then, and by whom.
fn lines(transitions: &[CaseTransition]) -> Vec<(String, u64, Kind, &str, &str)> {
    let named = |it: &CaseTransition| {
        let item = it.work_item.as_ref().unwrap();
        format!("{}/{}", item.step, item.attempt)
    };
    transitions
        .iter()
        .map(|it| (named(it), it.fence, it.kind(), it.officer_code.as_str(), it.actor.as_str()))
        .collect()
}

/// Examined by 1-01, for whom a supervisor has 1-02 stand in, whose claim runs out; signed by 1-01, who sends it back at first; then the
/// citizen is asked for something that was missing.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_brings_something_about_stands_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::looking(folder.path()).await;
    let item = office.open_case(1, birth(), "1").await;
    office.claim("1-01", item, 0).await.unwrap();
    hand_over(&office, supervisor(Some("1")), item, 1, "1-02").await.unwrap();
    office.clock.set(at(CLOSES));
    harness::wait::until("the claim has run out", async || {
        office.worklist("1-01").await.into_iter().find(|line| line.fence == 3)
    })
    .await;
    let held = office.claim("1-01", item, 3).await.unwrap();
    office.done("1-01", &held).await;
    let signature = WorkItem { step: 2, ..item };
    office.claim("1-01", signature, 0).await.unwrap();
    let sent_back_at = at("2026-11-25T10:31:00Z");
    office.clock.set(sent_back_at);
    send_back(&office, signature, 1, 1, "Sai họ tên").await.unwrap();
    let again = WorkItem { attempt: 1001, ..item };
    office.claim("1-02", again, 0).await.unwrap();
    ask(&office, "1-02", again, 1, &["Giấy chứng sinh"]).await.unwrap();
    office.clock.set(at("2026-11-30T02:00:00Z"));
    let answer = office.tell("intake", item.application, received("2026-11-30T01:00:00Z")).await;
    assert_eq!(answer, (Verdict::Applied, String::new()));
    let held = office.claim("1-02", again, 2).await.unwrap();
    office.done("1-02", &held).await;
    let held = office.claim("1-01", WorkItem { step: 2, ..again }, 0).await.unwrap();
    office.done("1-01", &held).await;

    let told = trail(&office, item).await;
    let (citizen, one, two) = ("citizen/portal", "officer/1-01", "officer/1-02");
    assert_eq!(
        lines(&told),
        [
            ("1/1", 0, Kind::Reached, "", citizen),
            ("1/1", 1, Kind::TakenUp, "1-01", one),
            ("1/1", 2, Kind::TakenUp, "1-02", "supervisor/s"),
            ("1/1", 3, Kind::Returned, "", "service/processing"),
            ("1/1", 4, Kind::TakenUp, "1-01", one),
            ("1/1", 4, Kind::Done, "1-01", one),
            ("2/1", 0, Kind::Reached, "", one),
            ("2/1", 1, Kind::TakenUp, "1-01", one),
            ("2/1", 1, Kind::SentBack, "1-01", one),
            ("1/1001", 0, Kind::Reached, "", one),
            ("1/1001", 1, Kind::TakenUp, "1-02", two),
            ("1/1001", 1, Kind::SupplementRequested, "1-02", two),
            ("1/1001", 2, Kind::Resumed, "", citizen),
            ("1/1001", 3, Kind::TakenUp, "1-02", two),
            ("1/1001", 3, Kind::Done, "1-02", two),
            ("2/1001", 0, Kind::Reached, "", two),
            ("2/1001", 1, Kind::TakenUp, "1-01", one),
            ("2/1001", 1, Kind::Done, "1-01", one),
        ]
        .map(|(item, fence, kind, officer, actor)| (item.to_owned(), fence, kind, officer, actor))
    );
    assert!(told.iter().all(|it| it.unit_id == unit("1").to_string()));
    let sent_back = told.iter().find(|it| it.kind() == Kind::SentBack).unwrap();
    assert_eq!(sent_back.occurred_at, Some(convert::wire_timestamp(sent_back_at)));
    office.close().await;
}

/// Both leave it in the worklist, under the next fence: by whom tells them apart.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_back_is_told_from_what_was_taken_back_and_moved() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = office.open_case(1, submission(COPY), "1").await;
    office.claim("1-01", item, 0).await.unwrap();
    give_back(&office, an_officer("1-01"), item, 1).await.unwrap();
    office.claim("1-01", item, 2).await.unwrap();
    give_back(&office, supervisor(Some("1")), item, 3).await.unwrap();
    let moved = item.next_attempt();
    office.transfer(item, 4, moved, "2").await.unwrap();

    let told = trail(&office, item).await;
    let by: Vec<_> = told.iter().map(|it| (it.kind(), it.actor.as_str())).collect();
    assert_eq!(
        by,
        [
            (Kind::Reached, "citizen/portal"),
            (Kind::TakenUp, "officer/1-01"),
            (Kind::Returned, "officer/1-01"),
            (Kind::TakenUp, "officer/1-01"),
            (Kind::Returned, "supervisor/s"),
            (Kind::Superseded, "service/routing"),
            (Kind::Reached, "service/routing"),
        ]
    );
    assert_eq!(told.last().unwrap().unit_id, unit("2").to_string());
    // Colleagues of both units see it, and nobody else.
    assert_eq!(office.get(an_officer("2-01"), item).await.unwrap().transitions, told);
    assert_eq!(office.get(an_officer("3-01"), item).await.unwrap_err().reason, "UNKNOWN_CASE");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_knows_who_brought_about_what_is_older() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = office.open_case(1, submission(BIRTH), "1").await;
    office.claim("1-01", item, 0).await.unwrap();
    let written = office.db.write(|tx| {
        Box::pin(async move {
            tx.execute_unprepared("UPDATE hand_overs SET actor = NULL").await?;
            Ok::<_, Failure>(())
        })
    });
    written.await.unwrap();
    office.complete("1-01", item, 1, Outcome::Approved, "").await.unwrap();
    assert_eq!(
        lines(&trail(&office, item).await),
        [
            ("1/1", 0, Kind::Reached, "", ""),
            ("1/1", 1, Kind::TakenUp, "1-01", ""),
            ("1/1", 1, Kind::Done, "1-01", "officer/1-01"),
            ("2/1", 0, Kind::Reached, "", "officer/1-01"),
        ]
        .map(|(item, fence, kind, officer, actor)| (item.to_owned(), fence, kind, officer, actor))
    );
    office.close().await;
}
