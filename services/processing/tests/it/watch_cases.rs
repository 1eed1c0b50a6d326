//! Watching cases: every event once and in order, whatever is cut; nobody else's; nothing that anybody wrote.

use std::{collections::BTreeMap, time::Duration};

use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
    case::Outcome,
    id::ApplicationId,
    work_item::WorkItem,
};
use phidia_outbox::PruneConfig;
use phidia_processing::Config;
use phidia_proto::{
    events::v1::{StopGround, StopRequested, event::Fact},
    processing::v1::{CaseEvent, CaseEventKind, InstallPhase, WatchCasesRequest, WatchCasesResponse},
};
use phidia_runtime::status;
use tonic::Streaming;

use crate::{
    harness::{Office, SOON, an_officer, submission, supervisor},
    province::{BIRTH, COPY, unit},
};

type Told = Streaming<WatchCasesResponse>;

async fn watch(
    office: &Office,
    caller: Caller,
    unit_code: &str,
    resume_token: &str,
) -> Result<Told, Rejection> {
    let request = WatchCasesRequest { unit_code: unit_code.into(), resume_token: resume_token.into() };
    let answer = office.client(caller).watch_cases(request).await;
    answer.map(tonic::Response::into_inner).map_err(|status| status::from_status(&status))
}

async fn next(told: &mut Told) -> Result<WatchCasesResponse, Rejection> {
    let message = tokio::time::timeout(SOON, told.message()).await.expect("it is told soon");
    message.map(|message| message.expect("it goes on")).map_err(|status| status::from_status(&status))
}

/// The token from which on everything is told.
async fn from_now(office: &Office) -> String {
    let mut told = watch(office, supervisor(None), "", "").await.unwrap();
    let first = next(&mut told).await.unwrap();
    assert!(first.events.is_empty(), "{first:?}");
    first.resume_token
}

/// What is told behind a token, until there is so much of it.
async fn behind(office: &Office, caller: Caller, token: &str, count: usize) -> Vec<CaseEvent> {
    let mut told = watch(office, caller, "", token).await.unwrap();
    let mut events = Vec::new();
    while events.len() < count {
        events.extend(next(&mut told).await.unwrap().events);
    }
    events
}

fn kinds(events: &[CaseEvent]) -> Vec<CaseEventKind> {
    events.iter().map(CaseEvent::kind).collect()
}

async fn works(office: &Office, code: &str, item: WorkItem) {
    let held = office.claim(code, item, 0).await.unwrap();
    office.complete(code, item, held.fence, Outcome::Approved, "").await.unwrap();
}

/// Over a store that replicas share, what is committed later may bear an earlier position.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_cut_off_goes_on_and_is_told_each_event_once_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let mut token = from_now(&office).await;
    let work = async {
        let cases = (1..=12_u128).map(|number| {
            let office = &office;
            async move {
                let item = office.open_case(number, submission(COPY), "2").await;
                works(office, "2-01", item).await;
            }
        });
        futures::future::join_all(cases).await;
    };
    // Opened, started, step done, case done.
    let count = 12 * 4;
    let watching = async {
        let mut events = Vec::new();
        let mut heard = 0;
        while events.len() < count {
            let mut told = watch(&office, supervisor(None), "", &token).await.unwrap();
            // Two messages, or three, and the line is cut; what was not taken is told again.
            for _ in 0..2 + heard % 2 {
                if events.len() < count {
                    let message = next(&mut told).await.unwrap();
                    events.extend(message.events);
                    token = message.resume_token;
                }
            }
            heard += 1;
        }
        events
    };
    let ((), events) = tokio::join!(work, watching);
    let ids: Vec<_> = events.iter().map(|event| event.event_id.clone()).collect();
    assert_eq!(ids.len(), count);
    // One relay at one subscriber hears them in the order of positions, too.
    let relayed: Vec<_> =
        office.told.events("intake", count).await.into_iter().map(|event| event.id).collect();
    let mut sorted = [ids.clone(), relayed.clone()];
    sorted.iter_mut().for_each(|ids| ids.sort());
    assert_eq!(sorted[0], sorted[1], "each once");
    let mut of_case = BTreeMap::<_, Vec<_>>::new();
    for event in &events {
        of_case.entry(&event.application_id).or_default().push(event.kind());
    }
    use CaseEventKind::{Completed, Opened, Started, StepCompleted};
    assert!(
        of_case.values().all(|kinds| *kinds == [Opened, Started, StepCompleted, Completed]),
        "{of_case:?}"
    );
    // Who begins again at the same place is told the same in the same order.
    let again = behind(&office, supervisor(None), &token, 0).await;
    assert!(again.is_empty());
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_is_told_of_its_work_and_of_the_end_of_its_cases() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let token = from_now(&office).await;
    // Examined at unit 2 and to be signed elsewhere; refused at unit 1; withdrawn at unit 2.
    let examined = office.open_case(1, submission(BIRTH), "2").await;
    works(&office, "2-01", examined).await;
    let refused = office.open_case(2, submission(COPY), "1").await;
    let held = office.claim("1-01", refused, 0).await.unwrap();
    const WORDS: &str = "bà Nguyễn Thị Lan thiếu tờ khai";
    office.complete("1-01", refused, held.fence, Outcome::Refused, WORDS).await.unwrap();
    let withdrawn = office.open_case(3, submission(COPY), "2").await;
    let stop = Fact::StopRequested(StopRequested { ground: StopGround::Withdrawn.into() });
    office.tell("intake", withdrawn.application, stop).await;

    use CaseEventKind::{Completed, Opened, Ready, Started, StepCompleted, Stopped};
    let all = behind(&office, supervisor(None), &token, 10).await;
    assert_eq!(
        kinds(&all),
        [Opened, Started, StepCompleted, Ready, Opened, Started, StepCompleted, Completed, Opened, Stopped]
    );
    assert!(!format!("{all:?}").contains("Lan"), "{all:?}");
    assert_eq!((all[7].on_time, all[9].ground()), (Some(true), StopGround::Withdrawn));
    let theirs = behind(&office, an_officer("2-01"), &token, 6).await;
    assert_eq!(kinds(&theirs), [Opened, Started, StepCompleted, Ready, Opened, Stopped]);
    assert_eq!(theirs[0].unit_id, unit("2").to_string());
    let theirs = behind(&office, supervisor(Some("1")), &token, 4).await;
    assert_eq!(kinds(&theirs), [Opened, Started, StepCompleted, Completed]);
    let about: Vec<ApplicationId> =
        theirs.iter().map(|event| event.application_id.parse().unwrap()).collect();
    assert!(about.iter().all(|about| *about == refused.application));
    let system = |unit| Caller { role: Role::System, name: "dvcqg".into(), unit, officer: None };
    let theirs = behind(&office, system(Some(unit("2"))), &token, 6).await;
    assert_eq!(kinds(&theirs), [Opened, Started, StepCompleted, Ready, Opened, Stopped]);
    // One of many, for who may look at all.
    let mut told = watch(&office, system(None), "1", &token).await.unwrap();
    next(&mut told).await.unwrap();
    assert_eq!(next(&mut told).await.unwrap().events.len(), 4);

    for (caller, code, kind, reason) in [
        (an_officer("2-01"), "1", Kind::Forbidden, "OTHER_UNIT"),
        (supervisor(Some("2")), "1", Kind::Forbidden, "OTHER_UNIT"),
        (supervisor(None), "9", Kind::NotFound, "UNKNOWN_UNIT"),
    ] {
        let refusal = watch(&office, caller, code, "").await.unwrap_err();
        assert_eq!((refusal.kind, refusal.reason.as_str()), (kind, reason), "{code}");
    }
    let citizen = Caller { role: Role::Citizen, name: "c".into(), unit: None, officer: None };
    assert_eq!(watch(&office, citizen, "", "").await.unwrap_err().kind, Kind::Forbidden);
    office.close().await;
}

async fn with(folder: &std::path::Path, config: Config) -> Office {
    let store = harness::store::at(&folder.join("processing.db"));
    let office = Office::with(&store, Config { look_millis: 0, ..config }).await;
    for phase in [InstallPhase::Stage, InstallPhase::Activate] {
        office.install(phase, 1).await.unwrap();
    }
    office
}

#[tokio::test(flavor = "multi_thread")]
async fn while_nothing_concerns_a_watcher_their_token_moves_on_nevertheless() {
    let folder = tempfile::tempdir().unwrap();
    let office = with(folder.path(), Config { heartbeat_seconds: 1, ..Config::default() }).await;
    let mut told = watch(&office, an_officer("2-01"), "", "").await.unwrap();
    let first = next(&mut told).await.unwrap();
    let item = office.open_case(1, submission(COPY), "1").await;
    works(&office, "1-01", item).await;
    let later = loop {
        let beat = next(&mut told).await.unwrap();
        assert!(beat.events.is_empty(), "{beat:?}");
        if beat.resume_token != first.resume_token {
            break beat.resume_token;
        }
    };
    // What was told up to there is told to nobody again.
    let item = office.open_case(2, submission(COPY), "1").await;
    let events = behind(&office, supervisor(None), &later, 1).await;
    assert_eq!(events.last().unwrap().application_id, item.application.to_string());
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_too_slowly_is_told_where_to_go_on_and_misses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let office = with(folder.path(), Config { watch_most_behind: 5, ..Config::default() }).await;
    let mut told = watch(&office, supervisor(None), "", "").await.unwrap();
    let token = next(&mut told).await.unwrap().resume_token;
    for number in 1..=3 {
        let item = office.open_case(number, submission(COPY), "2").await;
        works(&office, "2-01", item).await;
    }
    // Settled, for another one who watches.
    assert_eq!(behind(&office, supervisor(None), &token, 12).await.len(), 12);
    let slow = next(&mut told).await.unwrap_err();
    assert_eq!((slow.kind, slow.reason.as_str()), (Kind::Exhausted, "READER_TOO_SLOW"));
    assert!(slow.metadata.contains(&("resume_token".into(), token)), "{slow:?}");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_too_old_or_from_elsewhere_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let old = from_now(&office).await;
    let item = office.open_case(1, submission(COPY), "2").await;
    works(&office, "2-01", item).await;
    let mut told = watch(&office, supervisor(None), "", &old).await.unwrap();
    let (mut recent, mut heard) = (String::new(), 0);
    while heard < 4 {
        let message = next(&mut told).await.unwrap();
        (recent, heard) = (message.resume_token, heard + message.events.len());
    }
    let config = PruneConfig {
        keep_events: Duration::ZERO,
        ..PruneConfig::of(vec!["routing", "intake", "notification"])
    };
    harness::wait::until("all that was told is forgotten", async || {
        (office.holder.outbox().prune_now(&config).await.unwrap().events > 0).then_some(())
    })
    .await;
    let too_old = |refusal: Rejection| {
        assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::OutOfRange, "TOKEN_OUT_OF_RANGE"));
    };
    too_old(watch(&office, supervisor(None), "", &old).await.unwrap_err());
    too_old(watch(&office, supervisor(None), "", "999999999").await.unwrap_err());
    assert_eq!(watch(&office, supervisor(None), "", "x").await.unwrap_err().kind, Kind::Invalid);
    // Nothing was missed behind a later one, nor by who begins now.
    let fresh = from_now(&office).await;
    let item = office.open_case(2, submission(COPY), "2").await;
    for token in [&fresh, &recent] {
        let events = behind(&office, supervisor(None), token, 1).await;
        assert_eq!(events[0].application_id, item.application.to_string());
    }
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_watches_is_sent_away_when_the_service_stops() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let mut told = watch(&office, supervisor(None), "", "").await.unwrap();
    next(&mut told).await.unwrap();
    office.close().await;
    let gone = next(&mut told).await.unwrap_err();
    assert_eq!((gone.kind, gone.reason.as_str()), (Kind::Unavailable, "GOING_AWAY"));
}
