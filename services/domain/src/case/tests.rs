//! The state machine by example, and over the whole catalogue of Ninh Bình.

mod appointment;
mod laws;
mod reopening;
mod replan;
mod result;
mod together;
mod ways;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use jiff::{
    ToSpan as _,
    civil::{Date, date},
};
use uuid::Uuid;

use super::*;
use crate::{
    id::{ApplicationId, Id as _, OfficerId, UnitId},
    officer::Officer,
    procedure::{CompetenceKey, Papers, Scope},
    province::{Province, tests::ninh_binh},
    rejection::{Kind, Rejection},
    work_item::WorkItem,
};

static PROVINCE: LazyLock<Province> = LazyLock::new(|| Province::parse(&ninh_binh()).unwrap());

const FIELD: &str = "Hộ tịch";
const DAY: Date = date(2026, 11, 23);

fn application() -> ApplicationId {
    ApplicationId::from_uuid(Uuid::from_u128(1))
}

fn unit(code: &str) -> UnitId {
    UnitId::of("37", code)
}

pub(super) fn officer(code: &str, unit_code: &str, level: u8) -> Officer {
    Officer {
        id: OfficerId::of("37", code),
        code: code.to_owned(),
        unit: unit(unit_code),
        name: String::new(),
        competencies: [(FIELD.to_owned(), level)].into(),
    }
}

const APPROVED: Verdict<'_> = Verdict { outcome: Outcome::Approved, refusal_reason: "", next_step: 0 };

pub(super) fn held() -> Held {
    Held::queued(WorkItem::first(application(), 1), unit("A"), FIELD, 3)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A course through the first procedure of the catalogue whose steps look like this.
fn with_course<T>(due_at: Option<Timestamp>, use_it: impl FnOnce(&Course<'_>) -> T) -> T {
    let home = PROVINCE.unit_by_code("14701").unwrap().id;
    let keys =
        [CompetenceKey::Residence, CompetenceKey::Land, CompetenceKey::HeadOffice, CompetenceKey::Register];
    let places = keys.map(|key| (key, home)).into();
    let procedure = PROVINCE.procedure("1.001193").unwrap();
    let course = Course {
        province: &PROVINCE,
        today: &PROVINCE,
        procedure,
        accepted_on: DAY,
        received_at: home,
        places: &places,
        conflicts: &BTreeSet::new(),
        due_at,
        reached: &Reached::new(),
    };
    use_it(&course)
}

pub(super) fn complete(
    held: &Held,
    officer: OfficerId,
    fence: u64,
    outcome: Outcome,
) -> Result<Completion, Rejection> {
    let refusal_reason = if outcome == Outcome::Refused { "thiếu giấy tờ" } else { "" };
    let verdict = Verdict { outcome, refusal_reason, next_step: 0 };
    let (standing, now) = (Standing::at(State::InProgress, held.work_item.step), at("2026-11-23T03:00:00Z"));
    with_course(None, |course| held.complete(officer, fence, verdict, &standing, course, now))
}

/// What a store does with an answer.
fn take(held: &mut Held, officer: &Officer, claim: Claim) {
    if let Claim::Taken { fence } = claim {
        (held.fence, held.holder) = (fence, Some(officer.id));
    }
}

#[test]
fn a_claim_needs_the_unit_the_competence_and_the_present_fence() {
    let (able, colleague) = (officer("1", "A", 3), officer("2", "A", 5));
    let reason = |held: &Held, officer: &Officer, fence| held.claim(officer, fence).unwrap_err().reason;
    let mut held = held();
    assert_eq!(reason(&held, &officer("3", "B", 5), 0), "OTHER_UNIT");
    assert_eq!(reason(&held, &officer("4", "A", 2), 0), "NOT_COMPETENT");
    assert_eq!(reason(&held, &able, 1), "OLD_FENCE");

    let claim = held.claim(&able, 0).unwrap();
    assert_eq!(claim, Claim::Taken { fence: 1 });
    take(&mut held, &able, claim);
    assert_eq!(held.claim(&able, 0).unwrap(), Claim::AlreadyHeld);
    let refusal = held.claim(&colleague, 0).unwrap_err();
    assert_eq!(refusal.kind, Kind::Conflict);
    let expected = [("fence".to_owned(), "1".to_owned()), ("holder".to_owned(), able.id.to_string())];
    assert_eq!(refusal.metadata, expected);
    // Knowing the present fence does not help: it is held.
    assert_eq!(reason(&held, &colleague, 1), "OLD_FENCE");

    held.stage = Stage::Done(Outcome::Approved);
    assert_eq!(reason(&held, &able, 1), "STEP_DONE");
}

#[test]
fn what_was_superseded_cannot_be_taken_up() {
    let held = Held { stage: Stage::Superseded, fence: 1, ..held() };
    for fence in [0, 1] {
        assert_eq!(held.claim(&officer("1", "A", 3), fence).unwrap_err().kind, Kind::Conflict);
    }
}

#[test]
fn a_refusal_needs_a_reason_and_a_grant_has_none() {
    let able = officer("1", "A", 3);
    let held = Held { fence: 1, holder: Some(able.id), ..held() };
    let end = |outcome, refusal_reason: &str| {
        let (at_work, now) = (Standing::at(State::InProgress, 1), at("2026-11-23T03:00:00Z"));
        let verdict = Verdict { outcome, refusal_reason, next_step: 0 };
        with_course(None, |course| held.complete(able.id, 1, verdict, &at_work, course, now))
    };
    for (outcome, reason) in [
        (Outcome::Refused, ""),
        (Outcome::Refused, "  "),
        (Outcome::Refused, "a\u{7}"),
        (Outcome::Refused, &"a".repeat(2001)),
        (Outcome::Approved, "why not"),
    ] {
        let refusal = end(outcome, reason).unwrap_err();
        assert_eq!((refusal.kind, refusal.violations[0].field.as_str()), (Kind::Invalid, "refusal_reason"));
    }
    let finished = end(Outcome::Refused, "thiếu giấy tờ").unwrap();
    assert_eq!(finished, Completion::Finished { state: State::Refused, on_time: true });
}

#[test]
fn a_case_is_on_time_up_to_the_promised_instant() {
    let able = officer("1", "A", 3);
    let last = PROVINCE.procedure("1.001193").unwrap().steps_on(DAY).last().unwrap().number;
    let last = WorkItem::first(application(), last);
    let held = Held { work_item: last, fence: 1, holder: Some(able.id), ..held() };
    let (at_work, due) = (Standing::at(State::InProgress, last.step), at("2026-11-23T03:00:00Z"));
    for (now, expected) in [(due, true), (due + 1.microseconds(), false)] {
        let completion = with_course(Some(due), |course| {
            held.complete(able.id, 1, APPROVED, &at_work, course, now).unwrap()
        });
        assert_eq!(completion, Completion::Finished { state: State::Granted, on_time: expected });
    }
}

#[test]
fn arrivals_in_every_order() {
    let (first, second) =
        (WorkItem::first(application(), 1), WorkItem::first(application(), 1).next_attempt());
    let prepared = Standing::PREPARED;
    let queued = prepared.queued(1).unwrap();
    assert_eq!(prepared.arrive(&[], first, unit("A"), Some(0), false), Ok(Arrival::New));
    assert_eq!(queued.arrive(&[held()], first, unit("A"), Some(0), false), Ok(Arrival::Known));
    assert_eq!(
        queued.arrive(&[held()], second, unit("B"), Some(0), false),
        Ok(Arrival::Moved { from: first })
    );

    let moved =
        [Held { stage: Stage::Superseded, fence: 1, ..held() }, Held::queued(second, unit("B"), FIELD, 3)];
    // Somebody had it in hand before routing knew, and has given it back; or routing knows that.
    let given_back = [Held { fence: 2, ..held() }];
    assert_eq!(queued.arrive(&given_back, second, unit("B"), Some(0), false), Ok(Arrival::Known));
    assert_eq!(
        queued.arrive(&given_back, second, unit("B"), Some(2), false),
        Ok(Arrival::Moved { from: first })
    );
    assert_eq!(queued.arrive(&moved, first, unit("A"), Some(0), false), Ok(Arrival::Known));
    assert_eq!(queued.arrive(&moved[1..], first, unit("A"), Some(0), false), Ok(Arrival::Known));
    let third = second.next_attempt();
    assert_eq!(queued.arrive(&moved, third, unit("A"), Some(0), false), Ok(Arrival::Moved { from: second }));

    let reason = |standing: &Standing, held: &[Held], item| {
        standing.arrive(held, item, unit("B"), Some(0), false).unwrap_err().reason
    };
    let begun = Held { holder: Some(OfficerId::of("37", "1")), fence: 1, ..held() };
    let started = queued.started(1).unwrap();
    assert_eq!(
        started.arrive(std::slice::from_ref(&begun), second, unit("B"), Some(0), false),
        Ok(Arrival::Known)
    );
    assert_eq!(reason(&started, &[begun], first), "ASSIGNED_OTHERWISE");
    assert_eq!(reason(&queued, &[], WorkItem::first(application(), 2)), "STEP_NOT_DUE");
    let finished = Standing::at(State::Granted, 2);
    assert_eq!(reason(&finished, &[], WorkItem::first(application(), 2)), "CASE_FINISHED");
}

#[test]
fn a_transfer_moves_what_nobody_has_begun_and_nothing_else() {
    let first = WorkItem::first(application(), 1);
    let (second, third) = (first.next_attempt(), first.next_attempt().next_attempt());
    let transfer = Transfer { from: first, expected_fence: 0, to: second, unit: unit("B") };
    let superseded = Held { stage: Stage::Superseded, fence: 1, ..held() };
    let moved = [superseded.clone(), Held::queued(second, unit("B"), FIELD, 3)];
    assert_eq!(transfer.judge(&[held()]), Ok(Transferred::Now));
    assert_eq!(transfer.judge(&moved), Ok(Transferred::Before));
    // Also once it is begun there: the answer that got lost was this one.
    let begun = Held { holder: Some(OfficerId::of("37", "1")), fence: 1, ..moved[1].clone() };
    assert_eq!(transfer.judge(&[superseded.clone(), begun]), Ok(Transferred::Before));
    // Attempts that came to nothing are left out.
    assert_eq!(Transfer { to: third, ..transfer }.judge(&[held()]), Ok(Transferred::Now));

    let refused = |transfer: Transfer, of_step: &[Held]| {
        let refusal = transfer.judge(of_step).unwrap_err();
        let holder = refusal.metadata.iter().any(|(key, _)| key == "holder");
        (refusal.reason, holder)
    };
    let begun = Held { holder: Some(OfficerId::of("37", "1")), fence: 1, ..held() };
    let other = Transfer { unit: unit("C"), ..transfer };
    let old = |holder| ("OLD_FENCE".to_owned(), holder);
    assert_eq!(refused(transfer, std::slice::from_ref(&begun)), old(true));
    // Who knows the present fence of a begun item may not move it either.
    assert_eq!(refused(Transfer { expected_fence: 1, ..transfer }, std::slice::from_ref(&begun)), old(true));
    let from_second = Transfer { from: second, to: third, ..transfer };
    assert_eq!(refused(from_second, std::slice::from_ref(&begun)), old(true));
    assert_eq!(refused(Transfer { expected_fence: 1, ..transfer }, &[held()]), old(false));
    assert_eq!(refused(Transfer { to: third, ..transfer }, &moved), old(false));
    assert_eq!(refused(other, &moved).0, "ASSIGNED_OTHERWISE");
    assert_eq!(refused(transfer, &[]).0, "UNKNOWN_WORK_ITEM");
    for to in [first, WorkItem { step: 2, ..second }] {
        assert_eq!(refused(Transfer { to, ..transfer }, &[held()]).0, "NOT_A_LATER_ATTEMPT");
    }
}

#[test]
fn the_most_urgent_comes_first() {
    let (early, late) = (at("2026-11-23T01:00:00Z"), at("2026-11-23T02:00:00Z"));
    let order = [(Some(early), late), (Some(late), early), (Some(late), late), (None, early), (None, late)];
    assert!(order.is_sorted_by_key(|(due_at, submitted_at)| urgency(*due_at, *submitted_at)));
}

/// Over the whole catalogue: approved at every step, a case is granted after exactly the procedure's steps,
/// and a step stays where it is only within its scope and where somebody can do it.
#[test]
fn every_approved_path_ends_granted_after_the_steps_of_its_procedure() {
    let centre = PROVINCE.unit_by_code("14701").unwrap().id;
    let keys =
        [CompetenceKey::Residence, CompetenceKey::Land, CompetenceKey::HeadOffice, CompetenceKey::Register];
    let places = keys.map(|key| (key, centre)).into();
    for procedure in PROVINCE.procedures.values() {
        let course = Course {
            province: &PROVINCE,
            today: &PROVINCE,
            procedure,
            accepted_on: DAY,
            received_at: centre,
            places: &places,
            conflicts: &BTreeSet::new(),
            due_at: None,
            reached: &Reached::new(),
        };
        for start in PROVINCE.units.keys().step_by(40) {
            let (mut standing, mut unit, mut done) = (Standing::PREPARED, *start, 0);
            while !standing.state.is_final() {
                let step = course.step(standing.step).unwrap();
                let item = WorkItem::first(application(), step.number);
                let home = PROVINCE.home(step, centre, &places).unwrap();
                if standing.state == State::AwaitingUnit {
                    assert_eq!(standing.arrive(&[], item, unit, None, false), Ok(Arrival::New));
                    standing = standing.queued(step.number).unwrap();
                } else {
                    assert!(step.scope != Scope::Home || unit == home);
                    let able = |officer: &Officer| officer.is_competent(&procedure.field.vi, step.level);
                    assert!(PROVINCE.officers_of(unit).any(able));
                }
                standing = standing.started(step.number).unwrap();
                let able = OfficerId::of("37", "somebody");
                let held = Held {
                    fence: 1,
                    holder: Some(able),
                    ..Held::queued(item, unit, &procedure.field.vi, step.level)
                };
                let now = at("2026-11-23T03:00:00Z");
                let completion = held.complete(able, 1, APPROVED, &standing, &course, now).unwrap();
                standing = standing.ended(step.number, &completion).unwrap();
                if let Completion::Onward { next } = completion
                    && let [Ready { work_item, unit: None }] = next[..]
                {
                    unit = PROVINCE.home(course.step(work_item.step).unwrap(), centre, &places).unwrap();
                }
                done += 1;
            }
            assert_eq!((standing.state, done), (State::Granted, procedure.steps_on(DAY).count()));
        }
    }
}
