//! Applications of the same person: whoever had an earlier one knows them, for a while.

use jiff::{SignedDuration, Timestamp};
use phidia_domain::work_item::WorkItem;
use phidia_proto::{
    convert,
    events::v1::{Verdict, event::Fact},
    routing::v1::ReplayDecisionRequest,
};
use tempfile::tempdir;

use crate::{
    facts::{completed, ready, started, submission},
    harness::{MONDAY, Office, at, item, operator, until},
    province::{COPY, unit},
};

/// Somebody who has copies certified.
const PERSON: &[u8] = &[7; 16];
/// Somebody else; or the same person in another field, which intake makes look the same.
const STRANGER: &[u8] = &[8; 16];

fn days(number: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * number)
}

/// A submission of a person.
fn of(pseudonym: &[u8], received_at: &str, accepted: Timestamp) -> Fact {
    let Fact::ApplicationSubmitted(mut fact) = submission(COPY, received_at) else { unreachable!() };
    fact.applicant_pseudonym = pseudonym.to_vec();
    fact.submitted_at = Some(convert::wire_timestamp(accepted));
    Fact::ApplicationSubmitted(fact)
}

/// What continuity says for units 1 and 2 when somebody hands something in at unit 1.
async fn continuity(office: &Office, work: WorkItem, pseudonym: &[u8], accepted: Timestamp) -> [f64; 2] {
    office.apply(work, of(pseudonym, "1", accepted)).await;
    let decision = office.decision(work).await;
    let replay = ReplayDecisionRequest { assignment_id: decision.assignment_id };
    assert!(office.routing(operator()).replay_decision(replay).await.unwrap().into_inner().same);
    ["1", "2"].map(|code| {
        let there = unit(code).to_string();
        decision.candidates.iter().find(|candidate| candidate.unit_id == there).unwrap().terms["continuity"]
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_had_an_earlier_application_knows_the_person() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let monday = at(MONDAY);
    let first = item(1, 1);
    office.apply(first, of(PERSON, "2", monday)).await;
    assert_eq!(office.decision(first).await.unit_id, unit("2").to_string());
    // Nobody has looked at it yet.
    assert_eq!(continuity(&office, item(2, 1), PERSON, monday).await, [0.0, 0.0]);
    office.apply(first, started(first, "2")).await;
    assert_eq!(continuity(&office, item(3, 1), PERSON, monday).await, [0.0, -15.0]);
    office.apply(first, completed(first, "2")).await;
    assert_eq!(continuity(&office, item(4, 1), PERSON, monday + days(1)).await, [0.0, -15.0]);

    // Somebody else, and whoever gives no number.
    assert_eq!(continuity(&office, item(5, 1), STRANGER, monday).await, [0.0, 0.0]);
    assert_eq!(continuity(&office, item(6, 1), &[], monday).await, [0.0, 0.0]);
    // An application that came later is no earlier one.
    assert_eq!(continuity(&office, item(7, 1), PERSON, monday - days(1)).await, [0.0, 0.0]);
    // Ninety days are looked back, and not a moment longer.
    assert_eq!(continuity(&office, item(8, 1), PERSON, monday + days(90)).await, [0.0, -15.0]);
    let later = monday + days(90) + SignedDuration::from_micros(1);
    assert_eq!(continuity(&office, item(9, 1), PERSON, later).await, [0.0, 0.0]);
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_one_counts_and_the_step_before_more() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let monday = at(MONDAY);
    for (number, code) in [(1, "2"), (2, "1")] {
        let work = item(number, 1);
        office.apply(work, of(PERSON, code, monday)).await;
        assert_eq!(office.decision(work).await.unit_id, unit(code).to_string());
        office.apply(work, started(work, code)).await;
    }
    assert_eq!(continuity(&office, item(3, 1), PERSON, monday).await, [-15.0, 0.0]);
    // What goes on after a step is no business of an earlier application.
    let (first, second) = (item(1, 1), item(1, 2));
    office.apply(first, completed(first, "2")).await;
    office.apply(second, ready(second, "2", false)).await;
    let decision = office.decision(second).await;
    assert_eq!(decision.candidates[0].terms["continuity"], -30.0);
    office.balanced().await;
    office.close().await;
}

/// Applications are kept, and whose they are is not.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_forgotten_after_ninety_days() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.apply(item(1, 1), of(PERSON, "2", at(MONDAY) - days(91))).await;
    office.apply(item(2, 1), of(PERSON, "2", at(MONDAY))).await;
    office.apply(item(3, 1), of(&[], "2", at(MONDAY))).await;
    office.balanced().await;
    assert_eq!((office.count("application").await, office.count("applicant").await), (3, 2));
    let office = office.restart(folder.path()).await;
    until(async || office.count("applicant").await == 1).await;
    assert_eq!(office.count("application").await, 3);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_for_nobody_is_refused() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let verdicts = office.tell(vec![(item(1, 1).application, of(&[7; 12], "1", at(MONDAY)))]).await;
    assert_eq!(verdicts, [Verdict::Refused]);
    assert_eq!(office.count("application").await, 0);
    office.close().await;
}
