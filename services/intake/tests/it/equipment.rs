//! The equipment of a centre, and what depends on it.

use std::time::Duration;

use phidia_domain::{
    caller::{Caller, Role},
    id::UnitId,
};
use phidia_proto::convert::wire_timestamp;
use phidia_proto::intake::v1::{
    AmendEquipmentRequest, Equipment, EquipmentKind, EquipmentState, ListEquipmentChangesRequest,
    ListEquipmentRequest, OpenCounterRequest, RegisterEquipmentRequest,
};
use phidia_runtime::status::from_status;
use tonic::{Code, Status};

use crate::harness::{Intake, at, caller, files, officer, operator, until};

fn supervisor() -> Caller {
    caller(Role::Supervisor, Some(UnitId::of("37", "1")))
}

fn reason(status: &Status) -> String {
    from_status(status).reason
}

fn new(asset_number: &str, kind: EquipmentKind) -> RegisterEquipmentRequest {
    RegisterEquipmentRequest { asset_number: asset_number.into(), kind: kind.into(), ..Default::default() }
}

async fn add(intake: &Intake, asset_number: &str, kind: EquipmentKind) -> Equipment {
    let request = new(asset_number, kind);
    let answer = intake.equipment(supervisor()).register_equipment(request).await.unwrap().into_inner();
    answer.equipment.unwrap()
}

async fn set(intake: &Intake, piece: &Equipment, state: EquipmentState) -> bool {
    let request = AmendEquipmentRequest {
        equipment_id: piece.equipment_id.clone(),
        state: state.into(),
        note: "quạt kêu".into(),
        ..Default::default()
    };
    intake.equipment(supervisor()).amend_equipment(request).await.unwrap().into_inner().changed
}

#[tokio::test]
async fn a_piece_is_registered_amended_and_its_history_kept() {
    let intake = Intake::new().await;
    let pc = add(&intake, "TS-1", EquipmentKind::Pc).await;
    assert_eq!((pc.unit_code.as_str(), pc.state()), ("1", EquipmentState::Working));
    assert_eq!(add(&intake, "TS-1", EquipmentKind::Pc).await, pc);
    let other = new("TS-1", EquipmentKind::Printer);
    let taken = intake.equipment(supervisor()).register_equipment(other).await.unwrap_err();
    assert_eq!((taken.code(), reason(&taken).as_str()), (Code::AlreadyExists, "ASSET_NUMBER_TAKEN"));
    // Another centre has its own books.
    let elsewhere = RegisterEquipmentRequest { unit_code: "2".into(), ..new("TS-1", EquipmentKind::Printer) };
    let refused = intake.equipment(supervisor()).register_equipment(elsewhere.clone()).await.unwrap_err();
    assert_eq!(reason(&refused), "OTHER_UNIT");
    intake.equipment(operator()).register_equipment(elsewhere).await.unwrap();

    assert!(set(&intake, &pc, EquipmentState::Broken).await);
    assert!(!set(&intake, &pc, EquipmentState::Broken).await);
    assert!(set(&intake, &pc, EquipmentState::Retired).await);
    // What is found out later is noted, too, and once.
    for is_new in [true, false] {
        let request = AmendEquipmentRequest {
            equipment_id: pc.equipment_id.clone(),
            note: "hỏng main".into(),
            ..Default::default()
        };
        let answer = intake.equipment(supervisor()).amend_equipment(request).await.unwrap().into_inner();
        assert_eq!(answer.changed, is_new);
    }
    let request = ListEquipmentChangesRequest { equipment_id: pc.equipment_id.clone() };
    let history = intake.equipment(officer("1")).list_equipment_changes(request.clone()).await.unwrap();
    let states: Vec<_> =
        history.get_ref().changes.iter().map(|change| change.equipment.clone().unwrap().state()).collect();
    let retired = EquipmentState::Retired;
    assert_eq!(states, [EquipmentState::Working, EquipmentState::Broken, retired, retired]);
    let notes: Vec<_> = history.get_ref().changes.iter().map(|change| change.note.as_str()).collect();
    assert_eq!(notes, ["", "quạt kêu", "quạt kêu", "hỏng main"]);
    let refused = intake.equipment(officer("2")).list_equipment_changes(request).await.unwrap_err();
    assert_eq!(reason(&refused), "OTHER_UNIT");

    for number in 2..5 {
        add(&intake, &format!("TS-{number}"), EquipmentKind::Scanner).await;
    }
    let mut request = ListEquipmentRequest { page_size: 2, ..Default::default() };
    let mut listed = Vec::new();
    loop {
        let page = intake.equipment(operator()).list_equipment(request.clone()).await.unwrap().into_inner();
        assert!(page.equipment.len() <= 2);
        listed.extend(page.equipment.into_iter().map(|piece| (piece.unit_code, piece.asset_number)));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    listed.sort();
    let expected = [("1", "TS-2"), ("1", "TS-3"), ("1", "TS-4"), ("2", "TS-1")];
    assert_eq!(listed, expected.map(|(unit, number)| (unit.to_owned(), number.to_owned())));
    let retired = ListEquipmentRequest { state: EquipmentState::Retired.into(), ..Default::default() };
    let retired = intake.equipment(supervisor()).list_equipment(retired).await.unwrap().into_inner();
    assert_eq!(retired.equipment[0].equipment_id, pc.equipment_id);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_name() {
    let intake = Intake::new().await;
    let pc = add(&intake, "TS-1", EquipmentKind::Pc).await;
    for (request, field, expected) in [
        (new("", EquipmentKind::Pc), "asset_number", "MISSING_FIELD"),
        (new("TS-2", EquipmentKind::Unspecified), "kind", "MISSING_FIELD"),
        (RegisterEquipmentRequest { kind: 9, ..new("TS-2", EquipmentKind::Pc) }, "kind", "UNKNOWN_VALUE"),
        (
            RegisterEquipmentRequest { name: "a\u{7}".into(), ..new("TS-2", EquipmentKind::Pc) },
            "name",
            "CONTROL_CHARACTER",
        ),
        (
            RegisterEquipmentRequest { unit_code: "77".into(), ..new("TS-2", EquipmentKind::Pc) },
            "unit_code",
            "UNKNOWN_UNIT",
        ),
    ] {
        let refused = intake.equipment(supervisor()).register_equipment(request).await.unwrap_err();
        let refused = from_status(&refused);
        assert_eq!((refused.violations[0].field.as_str(), refused.reason.as_str()), (field, expected));
    }
    let ahead = wire_timestamp(at("2096-11-23T02:00:00Z"));
    let of = |change: fn(&mut AmendEquipmentRequest)| {
        let mut request =
            AmendEquipmentRequest { equipment_id: pc.equipment_id.clone(), ..Default::default() };
        change(&mut request);
        request
    };
    let future = AmendEquipmentRequest { since: Some(ahead), ..of(|_| {}) };
    for (request, expected) in [
        (future, "DATE_OUT_OF_RANGE"),
        (of(|request| request.equipment_id = "eqp_x".into()), "MALFORMED_ID"),
        (of(|request| request.equipment_id = format!("eqp_{}", "0".repeat(32))), "UNKNOWN_EQUIPMENT"),
        (of(|request| request.state = 9), "UNKNOWN_VALUE"),
        (of(|request| request.note = "a".repeat(301)), "WRONG_LENGTH"),
    ] {
        let refused = intake.equipment(supervisor()).amend_equipment(request).await.unwrap_err();
        assert_eq!(reason(&refused), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_need_a_pc_and_routing_is_told_until_it_has_it() {
    let mut intake = Intake::new().await;
    let workers = intake.start();
    let open = || async {
        let request = OpenCounterRequest { counter: 1, ..Default::default() };
        intake.queues(officer("1")).open_counter(request).await.map(drop).map_err(|status| reason(&status))
    };
    intake.routing.deafen(true);
    let pc = add(&intake, "TS-1", EquipmentKind::Pc).await;
    add(&intake, "TS-2", EquipmentKind::Scanner).await;
    set(&intake, &pc, EquipmentState::AwayForRepair).await;
    assert_eq!(open().await, Err("NO_WORKPLACE".into()));
    // Routing is away, and the register goes on without it; what it missed in between is of no use any more.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(intake.routing.workplaces().is_empty());
    intake.routing.deafen(false);
    until("routing is told", async || !intake.routing.workplaces().is_empty()).await;
    assert_eq!(intake.routing.workplaces(), [("1".to_owned(), Some(0), Some(2))]);
    set(&intake, &pc, EquipmentState::Working).await;
    assert_eq!(open().await, Ok(()));
    until("it is told anew", async || intake.routing.workplaces().len() == 2).await;
    set(&intake, &pc, EquipmentState::Retired).await;
    until("nothing limits it any more", async || intake.routing.workplaces().len() == 3).await;
    let told = intake.routing.workplaces();
    assert_eq!(told[1..], [("1".to_owned(), Some(1), Some(3)), ("1".to_owned(), None, Some(4))]);
    assert!(workers.stop(Duration::from_secs(10)).await);
}

#[tokio::test]
async fn a_counter_needs_a_desk() {
    let intake = Intake::new().await;
    let open = || async {
        let request = OpenCounterRequest { counter: 1, ..Default::default() };
        let answer = intake.queues(officer("1")).open_counter(request).await;
        answer
            .map(|answer| answer.into_inner().hall.unwrap().working_counters)
            .map_err(|status| reason(&status))
    };
    let desk = add(&intake, "TS-1", EquipmentKind::Counter).await;
    set(&intake, &desk, EquipmentState::Broken).await;
    assert_eq!(open().await, Err("NO_WORKPLACE".into()));
    set(&intake, &desk, EquipmentState::Working).await;
    assert_eq!(open().await, Ok(Some(1)));
    // A printer is wanted nowhere for that.
    let printer = add(&intake, "TS-2", EquipmentKind::Printer).await;
    set(&intake, &printer, EquipmentState::Broken).await;
    assert_eq!(open().await, Ok(Some(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_left_the_province_is_told_of_when_it_is_back() {
    let mut intake = Intake::new().await;
    add(&intake, "TS-1", EquipmentKind::Pc).await;
    let mut without = files();
    for rows in without.values_mut() {
        *rows = rows
            .lines()
            .filter(|row| !row.starts_with("1,") && !row.starts_with("1-01"))
            .collect::<Vec<_>>()
            .join("\n")
            + "\n";
    }
    let units = without.get_mut("units.csv").unwrap();
    *units = units.replace("106.1,1", "106.1,");
    let history = "former_code,former_name,successor_code\n8,Xã Cũ,2\n";
    *without.get_mut("unit_history.csv").unwrap() = history.into();
    intake.import(&without).await.unwrap();
    let workers = intake.start();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(intake.routing.workplaces().is_empty());
    intake.import(&files()).await.unwrap();
    until("it is told", async || !intake.routing.workplaces().is_empty()).await;
    assert_eq!(intake.routing.workplaces(), [("1".to_owned(), Some(1), Some(1))]);
    assert!(workers.stop(Duration::from_secs(10)).await);
}
