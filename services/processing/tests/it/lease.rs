//! Claims are leases: who gives no sign of life has what they hold taken back, and nothing else.

use harness::postgres_server::PostgresServer;
use jiff::{SignedDuration, Timestamp};
use phidia_domain::{Kind, Rejection, case::Outcome, work_item::WorkItem};
use phidia_proto::{
    convert,
    events::v1::{StepReturned, event::Fact},
    processing::v1::{CaseWorkItem, InstallPhase, RenewClaimRequest},
};
use phidia_runtime::{database::DatabaseConfig, failure::Failure, status};
use sea_orm::ConnectionTrait as _;

use crate::{
    harness::{Office, at, submission},
    province::{BIRTH, COPY, unit},
};

/// Wednesday, when the office closes: the next working day of a calendar of Mondays and Wednesdays.
const CLOSES: &str = "2026-11-25T10:30:00Z";
/// The Monday after that.
const NEXT_CLOSES: &str = "2026-11-30T10:30:00Z";

async fn renew(office: &Office, code: &str, item: WorkItem, fence: u64) -> Result<CaseWorkItem, Rejection> {
    let request = RenewClaimRequest { work_item: Some(convert::wire_work_item(item)), fence };
    let answer = office.of(code).renew_claim(request).await;
    answer.map(|answer| answer.into_inner().work_item.unwrap()).map_err(|status| status::from_status(&status))
}

fn until(line: &CaseWorkItem) -> Timestamp {
    convert::timestamp(line.held_until.unwrap(), "held_until").unwrap()
}

/// What was taken back or given back, once there is so much of it.
async fn returned(office: &Office, count: usize) -> Vec<StepReturned> {
    let mut facts = 0;
    loop {
        let all = office.told.facts("routing", facts).await;
        facts = all.len() + 1;
        let returned: Vec<_> = all
            .into_iter()
            .filter_map(|fact| match fact {
                Fact::StepReturned(returned) => Some(returned),
                _ => None,
            })
            .collect();
        if returned.len() >= count {
            return returned;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gives_no_sign_of_life_has_it_taken_back_and_is_told_who_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::looking(folder.path()).await;
    let item = office.open_case(1, submission(BIRTH), "1").await;
    let line = office.claim("1-01", item, 0).await.unwrap();
    assert_eq!(until(&line), at(CLOSES));
    assert_eq!(until(&office.worklist("1-01").await[0]), at(CLOSES));
    // A minute before it is theirs, as a claim that ends then shows that another one's does not.
    office.clock.set(at(CLOSES) - SignedDuration::from_mins(1));
    assert_eq!(renew(&office, "1-01", item, 2).await.unwrap_err().reason, "OLD_FENCE");
    assert!(office.worklist("1-02").await.is_empty());

    office.clock.set(at(CLOSES));
    let [taken_back] = returned(&office, 1).await.try_into().unwrap();
    assert_eq!((taken_back.fence, taken_back.unit_id), (2, unit("1").to_string()));
    assert_eq!(taken_back.work_item, Some(convert::wire_work_item(item)));
    let [line] = office.worklist("1-02").await.try_into().unwrap();
    assert_eq!((line.fence, line.officer_code.as_str(), line.held_until), (2, "", None));
    // Nobody holds it: who had it takes it up like anybody, or finds who was quicker.
    let refusal = office.complete("1-01", item, 1, Outcome::Approved, "").await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Conflict, "OLD_FENCE"));
    office.claim("1-02", item, 2).await.unwrap();
    for refusal in [
        office.complete("1-01", item, 1, Outcome::Approved, "").await.unwrap_err(),
        renew(&office, "1-01", item, 1).await.unwrap_err(),
        office.claim("1-01", item, 1).await.unwrap_err(),
    ] {
        assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Conflict, "OLD_FENCE"));
        assert!(refusal.metadata.contains(&("holder_code".into(), "1-02".into())), "{refusal:?}");
    }
    office.complete("1-02", item, 3, Outcome::Approved, "").await.unwrap();
    let refusal = renew(&office, "1-02", item, 3).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, "STEP_DONE"));
    assert_eq!(returned(&office, 1).await.len(), 1);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sign_of_life_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::looking(folder.path()).await;
    let mut items = Vec::new();
    for number in 1..=4 {
        let item = office.open_case(number, submission(COPY), "2").await;
        office.claim("2-01", item, 0).await.unwrap();
        items.push(item);
    }
    let [renewed, claimed, next, silent] = items[..] else { panic!("{items:?}") };
    // Wednesday, at ten.
    office.clock.set(at("2026-11-25T03:00:00Z"));
    assert_eq!(until(&renew(&office, "2-01", renewed, 1).await.unwrap()), at(NEXT_CLOSES));
    assert_eq!(until(&office.claim("2-01", claimed, 1).await.unwrap()), at(NEXT_CLOSES));
    for fence in [0, 2] {
        assert!(renew(&office, "2-01", renewed, fence).await.is_err(), "{fence}");
    }
    // What was taken up first is what an officer has in hand.
    let (in_hand, _) = office.next("2-01").await.unwrap();
    assert_eq!(until(&in_hand), at(NEXT_CLOSES));
    let in_hand = convert::work_item(in_hand.work_item, "work_item").unwrap();
    office.clock.set(at(CLOSES));
    let kept = [renewed, claimed, in_hand];
    let mut back: Vec<_> = returned(&office, items.iter().filter(|item| !kept.contains(item)).count())
        .await
        .into_iter()
        .map(|returned| convert::work_item(returned.work_item, "work_item").unwrap())
        .collect();
    back.sort();
    let mut lost: Vec<_> = [next, silent].into_iter().filter(|item| !kept.contains(item)).collect();
    lost.sort();
    assert_eq!(back, lost);
    // They run out in their turn.
    office.clock.set(at(NEXT_CLOSES));
    assert_eq!(returned(&office, items.len()).await.len(), items.len());
    office.close().await;
}

/// What was claimed before claims had an end gets one by the first look, and so does what lay here and was claimed at a replica that
/// knows of no end.
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_of_before_holds_from_now_on() {
    for left in ["1970-01-01 00:00:00+00:00", "9999-01-01T00:00:00+00:00"] {
        a_claim_without_an_end(left).await;
    }
}

async fn a_claim_without_an_end(left: &'static str) {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::looking(folder.path()).await;
    let item = office.open_case(1, submission(COPY), "2").await;
    office.claim("2-01", item, 0).await.unwrap();
    let queued = office.open_case(2, submission(COPY), "2").await;
    let as_before = format!("UPDATE work_items SET held_until = '{left}'");
    let written = office.db.write(move |tx| {
        Box::pin(async move {
            tx.execute_unprepared(&as_before).await?;
            Ok::<_, Failure>(())
        })
    });
    written.await.unwrap();
    harness::wait::until("the claim has an end", async || {
        let lines = office.worklist("2-01").await;
        let line = lines.iter().find(|line| line.fence == 1)?;
        line.held_until.map(|_| assert_eq!(until(line), at(CLOSES)))
    })
    .await;
    office.clock.set(at(CLOSES));
    assert_eq!(returned(&office, 1).await[0].work_item, Some(convert::wire_work_item(item)));
    // What nobody holds lies where it is.
    assert_eq!(office.claim("2-01", queued, 0).await.unwrap().fence, 1);
    office.close().await;
}

const ITEMS: u128 = 24;

/// At the very instant at which their claims run out officers end what they hold: one of the two happens to each.
#[tokio::test(flavor = "multi_thread")]
async fn who_ends_a_step_in_the_last_moment_has_ended_it_or_lost_it() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::looking(folder.path()).await;
    let mut items = Vec::new();
    for number in 1..=ITEMS {
        let item = office.open_case(number, submission(COPY), "2").await;
        office.claim("2-01", item, 0).await.unwrap();
        items.push(item);
    }
    office.clock.set(at(CLOSES));
    let mut lost = Vec::new();
    for item in items {
        match office.complete("2-01", item, 1, Outcome::Approved, "").await {
            Ok(_) => {}
            Err(refusal) => {
                assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Conflict, "OLD_FENCE"));
                lost.push(convert::wire_work_item(item));
            }
        }
    }
    let back: Vec<_> =
        returned(&office, lost.len()).await.into_iter().filter_map(|returned| returned.work_item).collect();
    assert_eq!(back.len(), lost.len(), "what was ended was taken back as well");
    assert!(lost.iter().all(|item| back.contains(item)));
    assert_eq!(office.worklist("2-01").await.len(), lost.len());
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_replicas_that_look_at_once_one_takes_it_back() {
    let url = PostgresServer::shared().new_database().into();
    let store = DatabaseConfig { url, ..DatabaseConfig::default() };
    let first = Office::looking_over(&store).await;
    for phase in [InstallPhase::Stage, InstallPhase::Activate] {
        first.install(phase, 1).await.unwrap();
    }
    let second = Office::looking_over(&store).await;
    for number in 1..=ITEMS {
        let item = first.open_case(number, submission(COPY), "2").await;
        first.claim("2-01", item, 0).await.unwrap();
    }
    first.clock.set(at(CLOSES));
    second.clock.set(at(CLOSES));
    let items = usize::try_from(ITEMS).unwrap();
    let fences = harness::wait::until("all of it lies in the worklist", async || {
        let lines = first.worklist("2-01").await;
        let free: Vec<_> = lines.iter().filter(|line| line.officer_id.is_empty()).collect();
        (free.len() == items).then(|| lines.iter().map(|line| line.fence).collect::<Vec<_>>())
    })
    .await;
    assert!(fences.iter().all(|fence| *fence == 2), "{fences:?}");
    first.close().await;
    second.close().await;
}
