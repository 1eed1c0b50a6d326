//! A small good history, to be spoiled: three applications at one unit. `app_1` was granted, of `app_2` the
//! second step is in an officer's hands, `app_3` lies in the worklist.

use std::time::Duration;

use phidia_proto::{
    events::v1::{Holding, HoldingPlace, OutboxPosition, StepOutcome},
    intake::v1::{Application, Receipt, TrackApplicationResponse, TrackEntry},
    notification::v1::{Message, MessageChannel},
    processing::v1::{Case, CaseState, CaseWorkItem, GetCaseResponse},
    routing::v1::{Decision, Unit, WorkRecord, WorkState},
    types::v1::ApplicationStatus,
};
use prost_types::Timestamp;

use super::{Kind, check};
use crate::history::{Answer, Call, Conservation, History, Item, What};

pub(super) const UNIT: &str = "ctr_a";
pub(super) const OFFICER: &str = "off_a";
pub(super) const OTHER_OFFICER: &str = "off_b";
const EFFORT: u32 = 10;

pub(super) fn item(application: &str, step: u32) -> Item {
    Item { application: application.into(), step, attempt: 1 }
}

pub(super) fn at(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds, nanos: 0 })
}

pub(super) fn receipt(number: u32) -> Receipt {
    Receipt {
        application_id: format!("app_{number}"),
        dossier_code: format!("T99-{number}"),
        check_code: "123456".into(),
        ..Receipt::default()
    }
}

/// A call that began in one second and ended in the next.
pub(super) fn call(second: u64, what: What) -> Call {
    Call { began: Duration::from_secs(second), ended: Duration::from_secs(second + 1), what }
}

pub(super) fn submit(second: u64, number: u32) -> Call {
    let answer = Answer::Given(receipt(number));
    call(second, What::Submit { key: format!("key-{number}"), answer })
}

pub(super) fn claim(second: u64, item: Item, officer: &str, fence: u64) -> Call {
    call(second, What::Claim { item, officer: officer.into(), answer: Answer::Given(fence) })
}

pub(super) fn complete(second: u64, item: Item, officer: &str, fence: u64) -> Call {
    let (officer, outcome) = (officer.into(), StepOutcome::Approved);
    call(second, What::Complete { item, officer, fence, outcome, answer: Answer::Given(()) })
}

/// How far a work item has come.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Stage {
    Queued,
    Held,
    Done,
}

/// A work item as processing has it. The steps of an application take ten seconds each from its start on.
pub(super) fn case_item(application: &str, start: i64, step: u32, stage: Stage) -> CaseWorkItem {
    let queued = start + 10 * i64::from(step);
    CaseWorkItem {
        work_item: Some(item(application, step).wire()),
        case_id: application.replace("app", "case"),
        effort_minutes: EFFORT,
        unit_id: UNIT.into(),
        fence: u64::from(stage != Stage::Queued),
        officer_id: if stage == Stage::Queued { String::new() } else { OFFICER.into() },
        queued_at: at(queued),
        started_at: at(queued + 1).filter(|_| stage != Stage::Queued),
        completed_at: at(queued + 2).filter(|_| stage == Stage::Done),
        ..CaseWorkItem::default()
    }
}

pub(super) fn record(
    application: &str,
    start: i64,
    step: u32,
    sequence: i64,
    state: WorkState,
) -> WorkRecord {
    let decision = Decision {
        assignment_id: format!("asg_{sequence}"),
        unit_id: UNIT.into(),
        decided_at: at(start + 10 * i64::from(step) - 1),
        epoch: 1,
        board_sequence: sequence,
        ..Decision::default()
    };
    WorkRecord {
        work_item: Some(item(application, step).wire()),
        state: state.into(),
        decision: Some(decision),
        ..WorkRecord::default()
    }
}

pub(super) fn message(application: &str, template: &str, occurred_at: Option<Timestamp>) -> Message {
    Message {
        message_id: format!("msg_{application}_{template}"),
        application_id: application.into(),
        channel: MessageChannel::InApp.into(),
        template: template.into(),
        occurred_at,
        ..Message::default()
    }
}

pub(super) fn entry(second: i64, status: ApplicationStatus) -> TrackEntry {
    TrackEntry { at: at(second), status: status.into(), ..TrackEntry::default() }
}

fn holding(service: &str, application: &str, place: HoldingPlace) -> (String, Holding) {
    let holding = Holding { application_id: application.into(), place: place.into(), reason: String::new() };
    (service.into(), holding)
}

/// An event of the application is parked.
pub(super) fn parked(application: &str) -> (String, Holding) {
    holding("intake", application, HoldingPlace::Parked)
}

/// The good history.
pub(super) fn good() -> History {
    let mut history = History {
        calls: vec![
            submit(0, 1),
            submit(1, 2),
            submit(2, 3),
            claim(10, item("app_1", 1), OFFICER, 1),
            complete(12, item("app_1", 1), OFFICER, 1),
            claim(14, item("app_1", 2), OFFICER, 1),
            complete(16, item("app_1", 2), OFFICER, 1),
            claim(18, item("app_2", 1), OFFICER, 1),
            complete(20, item("app_2", 1), OFFICER, 1),
            claim(22, item("app_2", 2), OFFICER, 1),
        ],
        ..History::default()
    };
    let stages: [&[Stage]; 3] = [&[Stage::Done, Stage::Done], &[Stage::Done, Stage::Held], &[Stage::Queued]];
    for (number, stages) in (1..).zip(stages) {
        put(&mut history, number, stages);
    }
    let rest = &mut history.rest;
    rest.messages.sort_by_key(|message| super::instant(message.occurred_at.as_ref()));
    rest.stages = [("9.1".to_owned(), vec![1, 2])].into();
    rest.units = vec![Unit {
        unit_id: UNIT.into(),
        queued_minutes: i64::from(2 * EFFORT),
        open_items: 2,
        ..Unit::default()
    }];
    rest.settled = true;
    rest.positions = vec![OutboxPosition {
        source: "intake".into(),
        subscriber: "routing".into(),
        outstanding: 0,
        parked: 0,
        last: 3,
    }];
    rest.conservation = Conservation { accepted: 3, board: "even".into(), ..Conservation::default() };
    history
}

/// Puts one application into what every service says.
fn put(history: &mut History, number: u32, stages: &[Stage]) {
    let (id, start) = (format!("app_{number}"), 1_000 * i64::from(number));
    let granted = stages == [Stage::Done, Stage::Done];
    let rest = &mut history.rest;
    let status = if granted { ApplicationStatus::Granted } else { ApplicationStatus::InProcess };
    rest.applications.push(Application {
        application_id: id.clone(),
        dossier_code: receipt(number).dossier_code,
        procedure_code: "9.1".into(),
        status: status.into(),
        ..Application::default()
    });
    let mut entries = vec![
        entry(start, ApplicationStatus::Accepted),
        entry(start + 9, ApplicationStatus::Assigned),
        entry(start + 10, ApplicationStatus::InProcess),
    ];
    let mut items = Vec::new();
    let mut records = Vec::new();
    for (step, stage) in (1..).zip(stages) {
        items.push(case_item(&id, start, step, *stage));
        let state = if *stage == Stage::Done { WorkState::Done } else { WorkState::Assigned };
        let sequence = i64::from(10 * number + step);
        records.push(record(&id, start, step, sequence, state));
    }
    rest.worklists.extend(items.iter().filter(|item| item.completed_at.is_none()).cloned());
    rest.messages.push(message(&id, "application_accepted", at(start)));
    rest.messages.push(message(&id, "case_opened", at(start + 10)));
    rest.holdings.push(holding("intake", &id, HoldingPlace::Accepted));
    let state = match (granted, stages.last()) {
        (true, _) => CaseState::Granted,
        (false, Some(Stage::Held)) => CaseState::InProgress,
        (false, _) => CaseState::Queued,
    };
    if granted {
        entries.push(entry(start + 22, ApplicationStatus::Granted));
        rest.messages.push(message(&id, "result_ready", at(start + 22)));
        rest.holdings.push(holding("processing", &id, HoldingPlace::Finished));
    } else {
        rest.holdings.push(holding("routing", &id, HoldingPlace::Assigned));
        rest.holdings.push(holding("processing", &id, HoldingPlace::InCase));
    }
    let case = Case {
        case_id: id.replace("app", "case"),
        application_id: id.clone(),
        state: state.into(),
        completed_at: at(start + 22).filter(|_| granted),
        ..Case::default()
    };
    rest.cases.insert(
        id.clone(),
        GetCaseResponse { case: Some(case), work_items: items, ..GetCaseResponse::default() },
    );
    rest.routed.insert(id.clone(), records);
    let track = TrackApplicationResponse { status: status.into(), entries, ..Default::default() };
    rest.tracks.insert(id, track);
}

/// Spoils the good history and hears what the judge says: there must be a violation of this kind that names
/// this.
pub(super) fn must_be_heard(kind: Kind, names: &str, spoil: impl FnOnce(&mut History)) {
    let mut history = good();
    spoil(&mut history);
    let found = check(&history);
    assert!(
        found.iter().any(|found| found.kind == kind && found.what.contains(names)),
        "no {kind:?} that names {names:?} in {found:#?}"
    );
}

/// Changes the good history so that it stays good.
pub(super) fn must_pass(change: impl FnOnce(&mut History)) {
    let mut history = good();
    change(&mut history);
    assert_eq!(check(&history), []);
}
