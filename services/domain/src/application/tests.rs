//! What a submission must name, over the whole catalogue of Ninh Bình.

use std::sync::LazyLock;

use super::*;
use crate::{procedure::Scope, province::tests::ninh_binh};

static PROVINCE: LazyLock<Province> = LazyLock::new(|| Province::parse(&ninh_binh()).unwrap());

const CENTRE: &str = "14701";

fn submission(procedure: &Procedure, places: BTreeMap<CompetenceKey, String>) -> Submission {
    Submission {
        procedure_code: procedure.code.clone(),
        received_at_code: CENTRE.to_owned(),
        return_at_code: None,
        places,
        conflicted_codes: BTreeSet::new(),
        applicant: Applicant { name: "Đinh Thị Thử".to_owned(), ..Applicant::default() },
        channel: Channel::Direct,
        digitised: false,
        handed_in_at: None,
        issued: None,
        entrance: None,
        result_by: ReturnWay::Counter,
        // Where it goes, and not whether it is whole, is asked here.
        contents: None,
    }
}

/// The procedures that may be handed in now.
fn in_force(now: Timestamp) -> impl Iterator<Item = &'static Procedure> {
    let day = PROVINCE.clock.local_date(now);
    PROVINCE.procedures.values().filter(move |procedure| procedure.check_in_force(day).is_ok())
}

fn now() -> Timestamp {
    "2026-11-24T03:00:00Z".parse().unwrap()
}

fn today() -> jiff::civil::Date {
    PROVINCE.clock.local_date(now())
}

#[test]
fn every_step_of_what_is_accepted_has_its_authority() {
    let mut needing = 0;
    for procedure in in_force(now()) {
        let keys: BTreeSet<_> = procedure.competence_keys_on(today()).collect();
        needing += usize::from(!keys.is_empty());
        let places = keys.into_iter().map(|key| (key, CENTRE.to_owned())).collect();
        let submission = submission(procedure, places);
        let accepted = submission.accept(&PROVINCE, now()).unwrap();
        for step in procedure.steps_on(today()) {
            let home = PROVINCE.home(step, accepted.received_at.id, &accepted.places);
            assert!(home.is_ok(), "{} step {}: {home:?}", procedure.code, step.number);
        }
    }
    assert!(needing > 10, "the catalogue has procedures that need a place");
}

#[test]
fn each_place_that_is_not_named_is_refused() {
    for procedure in in_force(now()) {
        let keys: BTreeSet<_> = procedure.competence_keys_on(today()).collect();
        for unnamed in &keys {
            let others = keys.iter().filter(|key| *key != unnamed);
            let submission = submission(procedure, others.map(|key| (*key, CENTRE.to_owned())).collect());
            let refusal = submission.accept(&PROVINCE, now()).unwrap_err();
            assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Invalid, "PLACE_MISSING"));
            let [violation] = &refusal.violations[..] else { panic!("{refusal:?}") };
            assert_eq!(violation.field, "places");
            assert!(violation.description.contains(unnamed.commune().unwrap()), "{violation:?}");
        }
        // All at once, and each once, however many steps it is for.
        match submission(procedure, BTreeMap::new()).accept(&PROVINCE, now()) {
            Ok(_) => assert!(keys.is_empty(), "{}", procedure.code),
            Err(refusal) => assert_eq!(refusal.violations.len(), keys.len(), "{}", procedure.code),
        }
    }
}

#[test]
fn a_place_that_is_not_needed_is_no_fault_but_must_exist() {
    let free =
        in_force(now()).find(|procedure| procedure.competence_keys_on(today()).next().is_none()).unwrap();
    let with = |code: &str| submission(free, [(CompetenceKey::Land, code.to_owned())].into());
    assert!(with(CENTRE).accept(&PROVINCE, now()).is_ok());
    assert_eq!(with("1").accept(&PROVINCE, now()).unwrap_err().reason, "UNKNOWN_UNIT");
}

#[test]
fn civil_status_is_free_in_the_whole_country_from_its_day_on() {
    let birth = PROVINCE.procedure("1.001193").unwrap();
    let nowhere = submission(birth, BTreeMap::new());
    // A minute before midnight in Việt Nam, and the first minute of 1 March 2027.
    let [before, after] = ["2027-02-28T16:59:00Z", "2027-02-28T17:00:00Z"].map(|at| at.parse().unwrap());
    assert_eq!(nowhere.accept(&PROVINCE, before).unwrap_err().reason, "PLACE_MISSING");
    let accepted = nowhere.accept(&PROVINCE, after).unwrap();
    for step in birth.steps_on(PROVINCE.clock.local_date(after)) {
        assert_eq!(step.scope, Scope::Province);
        let home = PROVINCE.home(step, accepted.received_at.id, &accepted.places);
        assert_eq!(home, Ok(accepted.received_at.id));
    }
}

#[test]
fn units_with_a_conflict_of_interest_must_be_known_and_few() {
    let free =
        in_force(now()).find(|procedure| procedure.competence_keys_on(today()).next().is_none()).unwrap();
    let with = |codes: Vec<String>| Submission {
        conflicted_codes: codes.into_iter().collect(),
        ..submission(free, BTreeMap::new())
    };
    // An abolished commune is its successor.
    let accepted = with(vec!["14707".to_owned(), CENTRE.to_owned()]);
    let accepted = accepted.accept(&PROVINCE, now()).unwrap();
    assert_eq!(accepted.conflicts, [PROVINCE.unit_by_code(CENTRE).unwrap().id].into());
    let communes = |count| PROVINCE.units.values().take(count).map(|unit| unit.code.clone()).collect();
    assert_eq!(with(communes(20)).accept(&PROVINCE, now()).unwrap().conflicts.len(), 20);
    for (codes, reason) in [
        (communes(21), "OUT_OF_RANGE"),
        (vec!["1".to_owned()], "UNKNOWN_UNIT"),
        (vec!["14503".to_owned()], "COMMUNE_DIVIDED"),
    ] {
        let refusal = with(codes).accept(&PROVINCE, now()).unwrap_err();
        assert_eq!((refusal.reason.as_str(), refusal.violations.len()), (reason, 1));
        assert_eq!(refusal.violations[0].field, "conflicted_unit_codes");
    }
}

#[test]
fn of_a_divided_commune_its_successors_are_told_and_none_is_guessed() {
    let register = in_force(now())
        .find(|procedure| procedure.competence_keys_on(today()).any(|key| key == CompetenceKey::Register));
    let submission = submission(register.unwrap(), [(CompetenceKey::Register, "14503".to_owned())].into());
    let refusal = submission.accept(&PROVINCE, now()).unwrap_err();
    assert_eq!(
        (refusal.reason.as_str(), refusal.violations[0].field.as_str()),
        ("COMMUNE_DIVIDED", "places")
    );
    for successor in PROVINCE.successors("14503") {
        assert!(refusal.message.contains(&successor.code), "{refusal:?}");
    }
}

/// 14707 was merged into Yên Mô: who keeps its books now is competent for what they say.
#[test]
fn the_register_of_an_abolished_commune_is_kept_by_its_successor() {
    let copy = PROVINCE.procedure("2.000908").unwrap();
    let submission = submission(copy, [(CompetenceKey::Register, "14707".to_owned())].into());
    let accepted = submission.accept(&PROVINCE, now()).unwrap();
    let successor = PROVINCE.unit_by_code(CENTRE).unwrap().id;
    for step in copy.steps_on(today()) {
        assert_eq!(step.competence_key, CompetenceKey::Register);
        let elsewhere = PROVINCE.unit_by_code("13285").unwrap().id;
        assert_eq!(PROVINCE.home(step, elsewhere, &accepted.places), Ok(successor));
    }
}
