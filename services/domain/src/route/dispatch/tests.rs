//! What a person orders is done, and told as what it is.

use std::{collections::BTreeSet, sync::LazyLock};

use jiff::tz::TimeZone;
use uuid::Uuid;

use super::*;
use crate::{
    id::{ApplicationId, Id as _},
    procedure::{Papers, Scope},
    province::tests::ninh_binh,
    registry::Registry,
    route::{Refused, replay},
    work_item::WorkItem,
};

static PROVINCE: LazyLock<Province> = LazyLock::new(|| Province::parse(&ninh_binh()).unwrap());

static ROSTER: LazyLock<Roster> = LazyLock::new(|| Roster::of(&PROVINCE, &Registry::default()));

fn unit(code: &str) -> UnitId {
    PROVINCE.unit_by_code(code).unwrap().id
}

fn request(scope: Scope) -> Request {
    let officer =
        PROVINCE.officers_of(unit("14701")).find(|officer| !officer.competencies.is_empty()).unwrap();
    let (field, level) = officer.competencies.iter().next().unwrap();
    let work_item =
        WorkItem { application: ApplicationId::from_uuid(Uuid::from_u128(7)), step: 1, attempt: 2 };
    Request {
        work_item,
        field: field.clone(),
        level: *level,
        effort_minutes: 30,
        scope,
        listed: BTreeSet::new(),
        home: unit("14701"),
        received_at: unit("14701"),
        papers: Papers::None,
        conflicts: BTreeSet::new(),
        previous: None,
        earlier: None,
        due_at: Some("2026-11-27T02:00:00Z".parse().unwrap()),
        green: false,
    }
}

fn ordered(request: &Request, at: UnitId) -> Plan {
    let order = Order {
        at,
        ground: Ground::Overridden,
        from: Some(unit("14701")),
        by: "supervisor/s",
        reason: "bàn giao",
        home_known: true,
    };
    let (policy, now) = (Policy::boundary_free(), "2026-11-23T02:00:00Z".parse().unwrap());
    dispatch(&policy, &PROVINCE, &ROSTER, &Snapshot::default(), request, order, now).unwrap()
}

#[test]
fn what_speaks_against_it_is_told_and_the_policys_own_choice_stands_beside_it() {
    let request = request(Scope::Home);
    let elsewhere = PROVINCE.units.keys().copied().find(|at| *at != request.home).unwrap();
    let plan = ordered(&request, elsewhere);
    assert_eq!(plan.bids.iter().map(|bid| bid.unit).collect::<Vec<_>>(), [elsewhere]);
    let explanation = plan.explanation;
    assert_eq!((explanation.chosen, explanation.ground), (elsewhere, Ground::Overridden));
    let moved = explanation.moved.clone().unwrap();
    assert!(moved.against.contains(&Refused::OutOfScope), "{:?}", moved.against);
    assert_eq!(moved.instead, Some(request.home));
    assert_eq!((moved.by.as_str(), moved.reason.as_str()), ("supervisor/s", "bàn giao"));
    for shown in [elsewhere, request.home] {
        assert!(explanation.candidate(shown).is_some());
    }
    let name = |unit: UnitId| PROVINCE.units[&unit].name.clone();
    let sentence = explanation.sentence(name, &TimeZone::UTC);
    assert!(
        sentence.vi.contains("“bàn giao”") && sentence.vi.contains(&name(request.home).vi),
        "{sentence:?}"
    );
    assert!(sentence.en.contains("By the rules it would be at"), "{sentence:?}");
    // It can be made again from its record.
    let again = replay(&Policy::boundary_free(), &PROVINCE, &ROSTER, &explanation).unwrap();
    assert_eq!(again, explanation);
    // It is kept as JSON and read again; a decision from before there were moves is read, too.
    let mut json = serde_json::to_value(&explanation).unwrap();
    assert_eq!(serde_json::from_value::<Explanation>(json.clone()).unwrap(), explanation);
    json.as_object_mut().unwrap().remove("moved");
    assert_eq!(serde_json::from_value::<Explanation>(json).unwrap().moved, None);
}

#[test]
fn an_order_that_the_policy_would_give_has_nothing_against_it() {
    let request = request(Scope::Province);
    let explanation = ordered(&request, request.home).explanation;
    let moved = explanation.moved.unwrap();
    assert_eq!((moved.against, moved.instead), (Vec::new(), None));
}
