//! What is planned again after a change of live facts, and that nothing else is.

use std::sync::atomic::Ordering;

use phidia_domain::Rejection;
use phidia_proto::routing::v1::{Availability, ChangeOutcome, Standing, WorkState};
use tempfile::tempdir;

use crate::{
    facts::{completed, ready, started},
    harness::{Office, item, operator, until},
    live::{absent, hours, planned, present, set, stands},
    province::{self, COPY, LAND, unit},
    reassign::{order, reassign},
    shifts::{as_planned, shift},
};

/// Where every work item lies, by its number, with the decision on it.
async fn places(office: &Office) -> Vec<(String, String, String)> {
    let records = office.list(WorkState::Assigned).await.into_iter();
    let mut places: Vec<_> = records
        .map(|record| {
            let (item, decision) = (record.work_item.unwrap(), record.decision.unwrap());
            (item.application_id, decision.unit_id, decision.assignment_id)
        })
        .collect();
    places.sort();
    places
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_hours_are_reckoned_with_and_what_has_its_unit_stays() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, COPY, "1").await;
    let before = office.decision(item(1, 1)).await;
    assert_eq!(before.unit_id, unit("1").to_string());
    let stays = places(&office).await;
    // Unit 1 has closed today and tomorrow: it would be late.
    for day in ["2026-11-23", "2026-11-24"] {
        let outcome = hours(&office, "1", day, &[]).await.unwrap();
        assert_eq!((outcome.tried_again, outcome.released), (0, 0));
    }
    office.submit(2..3, COPY, "1").await;
    assert_eq!(office.decision(item(2, 1)).await.unit_id, unit("2").to_string());
    assert_eq!(places(&office).await[..1], stays);
    for day in ["2026-11-23", "2026-11-24"] {
        planned(&office, "1", day).await.unwrap();
    }
    office.submit(3..4, COPY, "1").await;
    assert_eq!(office.decision(item(3, 1)).await.unit_id, unit("1").to_string());
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_could_not_be_assigned_is_tried_again_and_only_where_more_may_be_possible() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..4, COPY, "1").await;
    office.submit(4..6, LAND, "2").await;
    until(async || office.unassignable().await.len() == 2).await;
    let stays = places(&office).await;
    let tried = |outcome: Result<ChangeOutcome, Rejection>| {
        let outcome = outcome.unwrap();
        assert!(outcome.changed);
        (outcome.tried_again, outcome.released)
    };
    let again = async || until(async || office.unassignable().await.len() == 2).await;
    for (availability, expected) in [
        (Availability::Closing, 0),
        (Availability::Closed, 0),
        (Availability::Closing, 2),
        (Availability::Open, 2),
    ] {
        assert_eq!(tried(set(&office, operator(), "3", stands(availability), None).await), (expected, 0));
        again().await;
    }
    for (most, expected) in [(Some(5), 0), (Some(6), 2), (Some(4), 0), (None, 2)] {
        let cap = Standing { most_open_items: most, ..stands(Availability::Open) };
        assert_eq!(tried(set(&office, operator(), "3", cap, None).await), (expected, 0), "{most:?}");
        again().await;
    }
    assert_eq!(tried(hours(&office, "3", "2026-11-28", &[("07:30", "11:30")]).await), (2, 0));
    again().await;
    assert_eq!(tried(hours(&office, "3", "2026-11-30", &[("07:30", "11:30")]).await), (0, 0));
    assert_eq!(tried(absent(&office, "3-01", "2026-11-24", "2026-11-27").await), (0, 0));
    assert_eq!(tried(present(&office, "3-01", "2026-11-25", "").await), (2, 0));
    again().await;
    let morning = [("07:30", "11:30")];
    assert_eq!(tried(shift(&office, operator(), "3-01", "2026-11-25", &morning).await), (0, 0));
    // They are absent on the next day, and cannot be there longer.
    assert_eq!(tried(shift(&office, operator(), "3-01", "2026-11-26", &morning).await), (0, 0));
    assert_eq!(tried(as_planned(&office, operator(), "3-01", "2026-11-26").await), (0, 0));
    assert_eq!(tried(as_planned(&office, operator(), "3-01", "2026-11-25").await), (2, 0));
    again().await;
    assert_eq!(places(&office).await, stays);
    assert_eq!(office.list(WorkState::Released).await.len(), 0);
    office.balanced().await;
    office.close().await;
}

pub(crate) async fn stand(office: &Office, code: &str, availability: Availability) -> ChangeOutcome {
    set(office, operator(), code, stands(availability), None).await.unwrap()
}

/// Three copies, one that is begun, and a signature that is bound to unit 1, all of them at unit 1; a copy at
/// unit 2; and one of land that nobody can do.
async fn at_work(office: &Office) {
    stand(office, "2", Availability::Closed).await;
    office.submit(1..6, COPY, "1").await;
    office.rest().await;
    office.apply(item(4, 1), started(item(4, 1), "1")).await;
    office.apply(item(5, 1), started(item(5, 1), "1")).await;
    office.apply(item(5, 1), completed(item(5, 1), "1")).await;
    office.apply(item(5, 2), ready(item(5, 2), "1", false)).await;
    stand(office, "2", Availability::Open).await;
    office.submit(6..7, COPY, "2").await;
    office.submit(7..8, LAND, "3").await;
    until(async || office.unassignable().await.len() == 1).await;
    office.balanced().await;
}

/// Those of the work items that stand where they stood, with the same decision.
async fn stayed(office: &Office, before: &[(String, String, String)]) -> Vec<u128> {
    let after = places(office).await;
    let number = |place: &(String, String, String)| {
        (1..20_u128).find(|number| item(*number, 1).application.to_string() == place.0).unwrap()
    };
    before.iter().filter(|place| after.contains(place)).map(number).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_unit_in_emergency_goes_what_nobody_has_begun_and_others_may_do() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    at_work(&office).await;
    let before = places(&office).await;
    assert_eq!(before.len(), 6);
    // Whoever closes keeps what they have.
    for availability in [Availability::Closing, Availability::Closed] {
        let outcome = stand(&office, "1", availability).await;
        assert_eq!((outcome.tried_again, outcome.released), (0, 0));
        assert_eq!(stayed(&office, &before).await, [1, 2, 3, 4, 5, 6]);
    }
    let outcome = stand(&office, "1", Availability::Emergency).await;
    assert_eq!((outcome.tried_again, outcome.released), (0, 3));
    assert!(!stand(&office, "1", Availability::Emergency).await.changed);
    until(async || office.list(WorkState::Assigned).await.len() == 6).await;
    assert_eq!(stayed(&office, &before).await, [4, 5, 6]);
    for number in 1..4 {
        let next = item(number, 1).next_attempt();
        assert_eq!(office.decision(next).await.unit_id, unit("2").to_string());
    }
    assert_eq!(office.list(WorkState::Released).await.len(), 3);
    office.balanced().await;
    // Who loses and gains them is told why, and so is the citizen.
    until(async || office.moves().len() == 3).await;
    for told in office.moves() {
        assert_eq!((told.from_unit_id, told.unit_id), (unit("1").to_string(), unit("2").to_string()));
        let why = told.why.unwrap();
        assert!(why.vi.starts_with("Trung tâm A đang trong tình trạng khẩn cấp. "), "{why:?}");
        assert!(told.for_citizen.unwrap().vi.starts_with("Hồ sơ được giải quyết tại Trung tâm B, "));
    }

    // It takes nothing more; what is bound to it waits until it opens.
    office.submit(8..9, COPY, "1").await;
    assert_eq!(office.decision(item(8, 1)).await.unit_id, unit("2").to_string());
    office.apply(item(4, 1), completed(item(4, 1), "1")).await;
    office.apply(item(4, 2), ready(item(4, 2), "1", false)).await;
    until(async || office.unassignable().await.len() == 2).await;
    let before = places(&office).await;
    let outcome = stand(&office, "1", Availability::Open).await;
    assert_eq!((outcome.tried_again, outcome.released), (2, 0));
    assert_eq!(office.decision(item(4, 2)).await.unit_id, unit("1").to_string());
    until(async || office.unassignable().await.len() == 1).await;
    let after = places(&office).await;
    assert!(before.iter().all(|place| after.contains(place)));
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_at_its_unit_masters_any_more_leaves_it_and_what_a_person_sent_there_stays() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    stand(&office, "2", Availability::Closed).await;
    office.submit(1..4, COPY, "1").await;
    office.rest().await;
    office.apply(item(3, 1), started(item(3, 1), "1")).await;
    stand(&office, "2", Availability::Open).await;
    // Unit 3 has never had anybody for copies.
    until(async || office.worklists.open(item(2, 1)).is_some()).await;
    let (sent, _) = reassign(&office, operator(), order(item(2, 1), "3")).await.unwrap();

    // The one officer of unit 1 masters copies no more.
    let mut files = province::files();
    let competencies = String::from_utf8(files["competencies.csv"].clone()).unwrap();
    let left = competencies.replace("1-01,Chứng thực,5\n", "");
    assert_ne!(left, competencies);
    files.insert("competencies.csv".to_owned(), left.into_bytes());
    office.install(2, files).await;

    let next = item(1, 1).next_attempt();
    until(async || office.explain(item(1, 1)).await.len() == 2).await;
    assert_eq!(office.decision(next).await.unit_id, unit("2").to_string());
    assert_eq!(office.explain(item(1, 1)).await[0].release_reason, "NOBODY_ABLE_THERE");
    let there = || office.moves().into_iter().find(|told| told.unit_id == unit("2").to_string());
    until(async || there().is_some()).await;
    let told = there().unwrap();
    assert!(told.why.unwrap().vi.starts_with("Ở Trung tâm A không còn ai làm được bước này. "));
    assert!(told.for_citizen.unwrap().en.contains("does not go on with it"));
    office.balanced().await;
    assert_eq!(office.decision(sent).await.unit_id, unit("3").to_string());
    assert_eq!(office.explain(item(3, 1)).await.len(), 1);
    office.close().await;
}

/// So many copies at unit 1, and none elsewhere, though unit 2 could do them.
async fn all_at_one(office: &Office, copies: u128) {
    stand(office, "2", Availability::Closed).await;
    for from in (1..=copies).step_by(200) {
        office.submit(from..(from + 200).min(copies + 1), COPY, "1").await;
    }
    office.rest().await;
}

async fn open_items(office: &Office) -> Vec<u32> {
    office.balanced().await;
    let units = office.units().await.unwrap();
    units.iter().take(2).map(|unit| unit.open_items).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_for_one_transaction_goes_in_several() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    all_at_one(&office, 450).await;
    stand(&office, "2", Availability::Open).await;
    assert_eq!(stand(&office, "1", Availability::Emergency).await.released, 450);
    assert_eq!(open_items(&office).await, [0, 450]);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_leaves_a_unit_than_the_others_may_take() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    all_at_one(&office, 10).await;
    // Unit 2 may borrow four copies of two hours.
    let cap = Standing { most_borrowed_minutes: Some(4 * 120 + 60), ..stands(Availability::Open) };
    set(&office, operator(), "2", cap, None).await.unwrap();
    assert_eq!(stand(&office, "1", Availability::Emergency).await.released, 4);
    assert_eq!(open_items(&office).await, [6, 4]);
    assert!(office.list(WorkState::Unassignable).await.is_empty());
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_is_declared_while_the_board_is_away_and_the_unit_is_left_later() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    at_work(&office).await;
    let before = places(&office).await;
    office.board.away.store(1, Ordering::SeqCst);
    let outcome = stand(&office, "1", Availability::Emergency).await;
    assert_eq!((outcome.changed, outcome.released), (true, 0));
    assert_eq!(stayed(&office, &before).await, [1, 2, 3, 4, 5, 6]);
    // It is looked at again every now and then, and at the start.
    let office = office.restart(folder.path()).await;
    until(async || office.list(WorkState::Released).await.len() == 3).await;
    until(async || office.list(WorkState::Assigned).await.len() == 6).await;
    assert_eq!(stayed(&office, &before).await, [4, 5, 6]);
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_absent_is_not_reckoned_with_and_what_is_queued_stays() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.submit(1..2, COPY, "1").await;
    assert_eq!(office.decision(item(1, 1)).await.unit_id, unit("1").to_string());
    let before = places(&office).await;
    let outcome = absent(&office, "1-01", "2026-11-23", "2026-11-27").await.unwrap();
    assert_eq!((outcome.tried_again, outcome.released), (0, 0));
    office.submit(2..3, COPY, "1").await;
    assert_eq!(office.decision(item(2, 1)).await.unit_id, unit("2").to_string());
    assert_eq!(stayed(&office, &before).await, [1]);
    present(&office, "1-01", "2026-11-23", "2026-11-27").await.unwrap();
    office.submit(4..5, COPY, "1").await;
    assert_eq!(office.decision(item(4, 1)).await.unit_id, unit("1").to_string());
    office.close().await;
}

/// The registry changes after every third reservation, so that no pass over all that waits may be written.
#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_does_not_keep_still_does_not_stop_what_waits() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.board.slow.store(100, Ordering::SeqCst);
    office.submit(0..8, COPY, "1").await;
    let changes = async {
        let availabilities = [Availability::Closed, Availability::Open].into_iter().cycle();
        for (reserved, availability) in (1..).step_by(3).zip(availabilities) {
            until(async || office.board.reserved.load(Ordering::SeqCst) >= reserved).await;
            set(&office, operator(), "3", stands(availability), None).await.unwrap();
        }
    };
    tokio::select! {
        () = changes => {}
        () = until(async || office.list(WorkState::Assigned).await.len() == 8) => {}
    }
    office.balanced().await;
    office.close().await;
}
