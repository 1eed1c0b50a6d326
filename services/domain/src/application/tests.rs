//! What a submission must name, over the whole catalogue of Ninh Bình.

use std::sync::LazyLock;

use super::*;
use crate::province::Documents;

macro_rules! documents {
    ($($file:literal),* $(,)?) => {
        Documents(BTreeMap::from([$((
            $file.to_owned(),
            include_bytes!(concat!("../../../../deploy/province/ninh-binh/", $file)).to_vec(),
        )),*]))
    };
}

static PROVINCE: LazyLock<Province> = LazyLock::new(|| {
    let documents = documents!(
        "province.csv",
        "units.csv",
        "unit_history.csv",
        "legal_calendar.csv",
        "working_hours.csv",
        "procedures.csv",
        "steps.csv",
        "officers.csv",
        "competencies.csv",
        "capacity.csv",
    );
    Province::parse(&documents).unwrap()
});

const CENTRE: &str = "14701";

fn submission(procedure: &Procedure, places: BTreeMap<CompetenceKey, String>) -> Submission {
    Submission {
        procedure_code: procedure.code.clone(),
        received_at_code: CENTRE.to_owned(),
        return_at_code: None,
        places,
        applicant: Applicant {
            name: "Đinh Thị Thử".to_owned(),
            identity_number: String::new(),
            email: String::new(),
            telephone: String::new(),
            language: Language::Vi,
        },
        channel: Channel::Direct,
        handed_in_at: None,
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

#[test]
fn every_step_of_what_is_accepted_has_its_authority() {
    let mut needing = 0;
    for procedure in in_force(now()) {
        let keys: BTreeSet<_> = procedure.competence_keys().collect();
        needing += usize::from(!keys.is_empty());
        let places = keys.into_iter().map(|key| (key, CENTRE.to_owned())).collect();
        let submission = submission(procedure, places);
        let accepted = submission.accept(&PROVINCE, now()).unwrap();
        for step in &procedure.steps {
            let home = PROVINCE.home(step, accepted.received_at.id, &accepted.places);
            assert!(home.is_ok(), "{} step {}: {home:?}", procedure.code, step.number);
        }
    }
    assert!(needing > 10, "the catalogue has procedures that need a place");
}

#[test]
fn each_place_that_is_not_named_is_refused() {
    for procedure in in_force(now()) {
        let keys: BTreeSet<_> = procedure.competence_keys().collect();
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
    let free = in_force(now()).find(|procedure| procedure.competence_keys().next().is_none()).unwrap();
    let with = |code: &str| submission(free, [(CompetenceKey::Land, code.to_owned())].into());
    assert!(with(CENTRE).accept(&PROVINCE, now()).is_ok());
    assert_eq!(with("1").accept(&PROVINCE, now()).unwrap_err().reason, "UNKNOWN_UNIT");
}
