//! A case will soon be late: whoever can still do something about it is told, each once.

use std::collections::BTreeMap;

use harness::postgres_server::PostgresServer;
use jiff::Timestamp;
use phidia_domain::{case::Outcome, work_item::WorkItem};
use phidia_proto::{
    convert,
    events::v1::{
        ApplicationSubmitted, DeadlineNear, DeadlineStage, Event, SupplementReceived, Verdict, event::Fact,
    },
    processing::v1::{InstallPhase, RequestSupplementRequest},
    types::v1::ReferralKind,
};
use phidia_runtime::database::DatabaseConfig;
use sea_orm::ConnectionTrait as _;

use crate::{
    harness::{Office, application, assigned, at, submission, supervisor},
    province::{BIRTH, officer, unit},
};

/// Three working days from Monday 08:00, on a calendar of Mondays and Wednesdays.
const PROMISED: &str = "2026-12-02T01:00:00Z";
/// Half of it is left: Wednesday, 14:00.
const OFFICER: &str = "2026-11-25T07:00:00Z";
/// A working day is left: Monday, 08:00.
const SUPERVISOR: &str = "2026-11-30T01:00:00Z";
/// Half a day is left: Monday, 14:00.
const RESCUE: &str = "2026-11-30T07:00:00Z";
const APPLIED: (Verdict, String) = (Verdict::Applied, String::new());

fn birth() -> ApplicationSubmitted {
    ApplicationSubmitted { due_at: Some(convert::wire_timestamp(at(PROMISED))), ..submission(BIRTH) }
}

/// What was said of a case, in order, once there is so much of it.
async fn said(office: &Office, item: WorkItem, count: usize) -> Vec<DeadlineNear> {
    let mut facts = 0;
    loop {
        let events = office.told.events("notification", facts).await;
        facts = events.len() + 1;
        let about = events.into_iter().filter(|event| event.application_id == item.application.to_string());
        let near: Vec<_> = about
            .filter_map(|event| match event.fact {
                Some(Fact::DeadlineNear(near)) => Some(near),
                _ => None,
            })
            .collect();
        if near.len() >= count {
            return near;
        }
    }
}

fn stages(said: &[DeadlineNear]) -> Vec<DeadlineStage> {
    said.iter().map(DeadlineNear::stage).collect()
}

fn just_before(instant: &str) -> Timestamp {
    at(instant) - jiff::SignedDuration::from_secs(1)
}

/// Two cases that differ in nothing but that the clock has to move on for the second: what is said of it shows that nothing more
/// was to be said of the first.
#[tokio::test(flavor = "multi_thread")]
async fn each_stage_is_said_once_by_the_working_time_that_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::looking(folder.path()).await;
    let item = office.open_case(1, birth(), "2").await;
    let later = ApplicationSubmitted {
        submitted_at: Some(convert::wire_timestamp(just_before("2026-11-23T01:00:02Z"))),
        due_at: Some(convert::wire_timestamp(just_before("2026-12-02T01:00:02Z"))),
        ..birth()
    };
    let probe = office.open_case(2, later, "2").await;

    office.clock.set(just_before(OFFICER));
    assert_eq!(office.worklist("2-01").await[0].warned(), DeadlineStage::Unspecified);
    let all = [DeadlineStage::Officer, DeadlineStage::Supervisor, DeadlineStage::Rescue];
    for (count, instant) in (1..).zip([OFFICER, SUPERVISOR, RESCUE]) {
        office.clock.set(at(instant));
        let told = said(&office, item, count).await;
        assert_eq!(stages(&told), all[..count]);
        // The other one a second later, and nothing else meanwhile.
        office.clock.set(at(instant) + jiff::SignedDuration::from_secs(1));
        said(&office, probe, count).await;
        assert_eq!(said(&office, item, 0).await.len(), count);
        let line = office.worklist("2-01").await.remove(0);
        assert_eq!(line.warned(), all[count - 1]);
        if count == 1 {
            office.claim("2-01", item, 0).await.unwrap();
        }
    }
    let told = said(&office, item, 3).await;
    let [first, second, third] = &told[..] else { panic!("{told:?}") };
    assert_eq!((first.minutes_left, second.minutes_left, third.minutes_left), (720, 480, 240));
    assert_eq!((first.officer_id.as_str(), first.officer_code.as_str()), ("", ""));
    assert_eq!((&*second.officer_id, &*second.officer_code), (&*officer("2-01").to_string(), "2-01"));
    for near in &told {
        assert_eq!((near.unit_id.clone(), near.overdue), (unit("2").to_string(), false));
        assert_eq!(near.due_at, Some(convert::wire_timestamp(at(PROMISED))));
        assert_eq!(near.work_item, Some(convert::wire_work_item(item)));
        assert_eq!(near.unit_name.as_ref().unwrap().en, "Centre B");
    }
    let case = office.get(supervisor(None), item).await.unwrap().case.unwrap();
    assert_eq!(case.warned(), DeadlineStage::Rescue);

    // Neither what is overdue nor what is done is spoken of again.
    office.claim("2-01", probe, 0).await.unwrap();
    office.complete("2-01", probe, 1, Outcome::Refused, "không đủ điều kiện").await.unwrap();
    office.clock.set(at("2026-12-09T01:00:00Z"));
    let late = office.open_case(3, birth(), "2").await;
    said(&office, late, 1).await;
    assert_eq!((said(&office, item, 0).await.len(), said(&office, probe, 0).await.len()), (3, 3));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_found_too_late_is_told_so_by_the_last_stage_alone() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::looking(folder.path()).await;
    let item = office.open_case(1, birth(), "2").await;
    // While routing looks for a unit, nobody could do anything about it.
    let nowhere = WorkItem::first(application(2), 1);
    let submitted = Fact::ApplicationSubmitted(birth());
    assert_eq!(office.tell("intake", nowhere.application, submitted).await, APPLIED);
    office.clock.set(at("2026-12-02T02:00:00Z"));
    let told = said(&office, item, 1).await;
    assert_eq!(
        (stages(&told), told[0].overdue, told[0].minutes_left),
        (vec![DeadlineStage::Rescue], true, 0)
    );
    assert!(said(&office, nowhere, 0).await.is_empty());
    // It has got to its unit.
    assert_eq!(office.tell("routing", nowhere.application, assigned(nowhere, "2")).await, APPLIED);
    assert_eq!(stages(&said(&office, nowhere, 1).await), [DeadlineStage::Rescue]);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_citizen_is_asked_nothing_is_said_and_afterwards_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::looking(folder.path()).await;
    let item = office.open_case(1, birth(), "2").await;
    office.claim("2-01", item, 0).await.unwrap();
    office.clock.set(at(OFFICER));
    said(&office, item, 1).await;
    let request = RequestSupplementRequest {
        work_item: Some(convert::wire_work_item(item)),
        fence: 1,
        reasons: vec!["Bản chính Giấy chứng sinh".into()],
    };
    office.of("2-01").request_supplement(request).await.unwrap();
    // Long after its date; another case shows that it was looked.
    office.clock.set(at("2026-12-14T01:00:00Z"));
    let other = office.open_case(2, birth(), "1").await;
    said(&office, other, 1).await;
    let received = Fact::SupplementReceived(SupplementReceived {
        received_at: Some(convert::wire_timestamp(at("2026-12-14T01:00:00Z"))),
    });
    assert_eq!(office.tell("intake", item.application, received).await, APPLIED);
    let case = office.get(supervisor(None), item).await.unwrap().case.unwrap();
    let due_at = convert::timestamp(case.due_at.unwrap(), "due_at").unwrap();
    assert_eq!(said(&office, item, 0).await.len(), 1);
    // Twelve hours are left, as when they were asked; four of them later it is the supervisor's turn.
    office.clock.set(at("2026-12-14T06:30:00Z"));
    let again = office.open_case(3, birth(), "1").await;
    said(&office, again, 1).await;
    assert_eq!(said(&office, item, 0).await.len(), 1);
    office.clock.set(at("2026-12-14T07:00:00Z"));
    let told = said(&office, item, 2).await;
    assert_eq!(stages(&told), [DeadlineStage::Officer, DeadlineStage::Supervisor]);
    assert_eq!((told[1].minutes_left, told[1].due_at), (480, Some(convert::wire_timestamp(due_at))));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_other_offices_is_said_to_wait_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::looking(folder.path()).await;
    let item = office.open_case(1, birth(), "2").await;
    office.claim("2-01", item, 0).await.unwrap();
    office.refer(item, 1, ReferralKind::Verification, &["1"], 3).await.unwrap();
    office.clock.set(at(OFFICER));
    let [near] = said(&office, item, 1).await.try_into().unwrap();
    assert!(near.waits_for_offices, "{near:?}");
    office.close().await;
}

/// What a replica of the version before wrote, and what was there before the migration.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_reckoned_yet_is_looked_at_and_said_at_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::looking(folder.path()).await;
    let item = office.open_case(1, birth(), "2").await;
    let unpromised = office.open_case(2, submission(BIRTH), "2").await;
    let as_before = "UPDATE cases SET warn_at = '1970-01-01 00:00:00+00:00'";
    office
        .db
        .write(move |tx| {
            Box::pin(async move {
                tx.execute_unprepared(as_before).await?;
                Ok::<_, phidia_runtime::failure::Failure>(())
            })
        })
        .await
        .unwrap();
    office.clock.set(at(OFFICER));
    assert_eq!(stages(&said(&office, item, 1).await), [DeadlineStage::Officer]);
    office.clock.set(at("2026-12-14T01:00:00Z"));
    said(&office, item, 2).await;
    assert!(said(&office, unpromised, 0).await.is_empty());
    office.close().await;
}

const CASES: u128 = 40;

/// How often each stage was said of each case.
fn counts(events: Vec<Event>) -> BTreeMap<(String, i32), usize> {
    let mut counts = BTreeMap::new();
    for event in events {
        if let Some(Fact::DeadlineNear(near)) = event.fact {
            *counts.entry((event.application_id, near.stage)).or_default() += 1;
        }
    }
    counts
}

/// The facts of `CASES` cases: each is opened, and all of what is to be said is.
async fn all_said(office: &Office, stages: usize) {
    let cases = usize::try_from(CASES).unwrap();
    let facts = cases * (1 + stages);
    let counts = counts(office.told.events("intake", facts).await);
    assert_eq!(counts.len(), cases * stages, "{counts:?}");
    assert!(counts.values().all(|count| *count == 1), "{counts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_replicas_that_look_at_once_one_says_it() {
    let url = PostgresServer::shared().new_database().into();
    let store = DatabaseConfig { url, ..DatabaseConfig::default() };
    let first = Office::looking_over(&store).await;
    for phase in [InstallPhase::Stage, InstallPhase::Activate] {
        first.install(phase, 1).await.unwrap();
    }
    let second = Office::looking_over(&store).await;
    for number in 0..CASES {
        first.open_case(number + 1, birth(), "2").await;
    }
    for instant in [OFFICER, SUPERVISOR, RESCUE] {
        first.clock.set(at(instant));
        second.clock.set(at(instant));
    }
    let cases = usize::try_from(CASES).unwrap();
    // The relays of either may carry what the other says.
    let events = harness::wait::until("all is said", async || {
        let mut events = first.told.events("intake", 0).await;
        events.extend(second.told.events("intake", 0).await);
        (events.len() >= cases * 4).then_some(events)
    })
    .await;
    let counts = counts(events);
    assert_eq!(counts.len(), cases * 3);
    assert!(counts.values().all(|count| *count == 1), "{counts:?}");
    first.close().await;
    second.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_stopped_in_between_says_the_rest_later_and_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::looking(folder.path()).await;
    for number in 0..CASES {
        office.open_case(number + 1, birth(), "2").await;
    }
    office.clock.set(at(SUPERVISOR));
    office.told.events("intake", usize::try_from(CASES).unwrap() + 3).await;
    let told = office.told.clone();
    office.close().await;
    let again = Office::looking_over(&harness::store::at(&folder.path().join("processing.db"))).await;
    again.clock.set(at(SUPERVISOR));
    again.told.remembers(told);
    all_said(&again, 2).await;
    again.close().await;
}
