//! Cases that are opened again: which, at what step, and by when.

use proptest::{prelude::*, sample::select};

use super::*;
use crate::{
    calendar::tests::{at as local, instants, province},
    deadline::promise,
    procedure::{Corridor, TimeLimit},
    report::Wait as Waited,
};

const ALL: [State; 10] = [
    State::AwaitingUnit,
    State::Queued,
    State::InProgress,
    State::Granted,
    State::Refused,
    State::AwaitingSupplement,
    State::Withdrawn,
    State::Lapsed,
    State::AwaitingPayment,
    State::Referred,
];

fn reversal(decision: &str, to_step: Option<u32>) -> Reversal<'_> {
    Reversal { decision, reason: "sai ngày sinh", to_step }
}

fn reopening(decision: &str, at: Timestamp, step: u32, ended_at: u32) -> Reopening {
    let before = Ending {
        state: State::Granted,
        step: ended_at,
        at: at - 1.hour(),
        on_time: true,
        due_at: None,
        unit: Some(unit("A")),
    };
    Reopening { decision: decision.to_owned(), actor: "operator/o".to_owned(), at, step, before }
}

/// A case of three steps that were done at these attempts, each at a home that may do it again, or at a unit that never could.
fn judged(
    reversal: &Reversal<'_>,
    standing: &Standing,
    before: &[Reopening],
    attempts: &[u32],
    at_home: bool,
) -> Result<Reopened, Rejection> {
    with_course(None, |course| {
        let there = if at_home { course.received_at } else { unit("A") };
        let done = (1..).zip(attempts).map(|(step, attempt)| {
            let item = WorkItem { application: application(), step, attempt: *attempt };
            (step, Last { work_item: item, unit: there, is_approved: true })
        });
        let reached: Reached = done.collect();
        reversal.judge(application(), standing, before, &Course { reached: &reached, ..*course })
    })
}

#[test]
fn what_was_decided_is_opened_again_and_nothing_else() {
    let next = |unit| [Ready { work_item: WorkItem::of_round(application(), 1, 1), unit }];
    let here = Some(unit("A"));
    for state in ALL {
        let standing = Standing::at(state, 1);
        let expected = match state {
            State::Granted | State::Refused => None,
            State::Withdrawn | State::Lapsed => Some("CASE_STOPPED"),
            _ => Some("CASE_OPEN"),
        };
        let refused = |answer: Result<_, Rejection>| answer.err().map(|refusal| refusal.reason);
        let asked = judged(&reversal("QĐ 1", None), &standing, &[], &[1], true).map(drop);
        for answer in [asked, standing.reopened(&next(here)).map(drop)] {
            assert_eq!(refused(answer).as_deref(), expected, "{state:?}");
        }
    }
    let finished = Standing::at(State::Refused, 2);
    let waits = finished.reopened(&next(None)).unwrap();
    assert_eq!(waits, Standing::at(State::AwaitingUnit, 1));
    assert_eq!(finished.reopened(&next(here)).unwrap(), Standing::at(State::Queued, 1));
    let open = waits.reopened(&next(here)).unwrap_err();
    let allowed = "PostponeAppointment,WithdrawApplication";
    let named = [("state", "awaiting_unit"), ("allowed", allowed)];
    assert_eq!(open.metadata, named.map(|(key, value)| (key.to_owned(), value.to_owned())));
}

#[test]
fn nothing_is_put_right_at_a_step_that_was_passed_by() {
    let finished = Standing::at(State::Granted, 3);
    let asked = with_course(None, |course| {
        let done = |step| {
            let work_item = WorkItem::first(application(), step);
            (step, Last { work_item, unit: unit("A"), is_approved: true })
        };
        let reached: Reached = [1, 3].map(done).into();
        let course = Course { reached: &reached, ..*course };
        reversal("QĐ 1", Some(2)).judge(application(), &finished, &[], &course)
    });
    assert_eq!(asked.unwrap_err().reason, "STEP_SKIPPED");
}

#[test]
fn a_decision_and_a_reason_are_named_and_a_step_that_was_done() {
    let finished = Standing::at(State::Granted, 2);
    let long = "x".repeat(301);
    for (asked, field) in [
        (Reversal { decision: " ", ..reversal("", None) }, "decision"),
        (reversal(&long, None), "decision"),
        (Reversal { reason: "", ..reversal("QĐ 1", None) }, "reason"),
        (reversal("QĐ 1", Some(0)), "to_step"),
        (reversal("QĐ 1", Some(3)), "to_step"),
    ] {
        let refusal = judged(&asked, &finished, &[], &[1, 1], true).unwrap_err();
        assert_eq!(refusal.violations[0].field, field);
    }
}

proptest! {
    /// Wherever a case ended and however often each step was attempted: it goes on at the step that is named, or at the one that
    /// ended it, with an attempt behind all that there were; at the unit that did it where that may still do it. By the same decision
    /// it is opened once, wherever it stands by then, and by another one only once it was decided again.
    #[test]
    fn a_decision_opens_a_case_once_in_a_round_of_its_own(
        granted in any::<bool>(),
        attempts in prop::collection::vec(1..5_000_u32, 1..3),
        to_step in prop::option::of(1..3_u32),
        at_home in any::<bool>(),
        stands in select(&ALL[..]),
    ) {
        let step = u32::try_from(attempts.len()).unwrap();
        let state = if granted { State::Granted } else { State::Refused };
        let ended = Standing::at(state, step);
        let asked = reversal("QĐ 1", to_step);
        let number = to_step.unwrap_or(step);
        let answer = judged(&asked, &ended, &[], &attempts, at_home);
        if number > step {
            let refusal = answer.unwrap_err();
            prop_assert_eq!(refusal.violations[0].field.as_str(), "to_step");
            return Ok(());
        }
        let Ok(Reopened::Now { step: again, next }) = answer else { panic!("{answer:?}") };
        let [Ready { work_item: next, unit: there }] = next[..] else { panic!("{next:?}") };
        prop_assert_eq!((again, next.step), (number, number));
        prop_assert!(next.attempt > attempts[usize::try_from(number).unwrap() - 1]);
        prop_assert_eq!(next.attempt % 1000, 1);
        prop_assert!(there.is_none() || at_home);

        let before = [reopening("QĐ 1", at("2026-11-24T01:00:00Z"), number, step)];
        let now = Standing::at(stands, number);
        prop_assert_eq!(judged(&asked, &now, &before, &attempts, at_home), Ok(Reopened::Before));
        let elsewhere = reversal("QĐ 1", Some(number + 1));
        let refusal = judged(&elsewhere, &now, &before, &attempts, at_home).unwrap_err();
        prop_assert_eq!(refusal.reason, "REOPENED_BEFORE");
        let other = judged(&reversal("QĐ 2", Some(1)), &now, &before, &attempts, at_home);
        prop_assert_eq!(other.is_ok(), matches!(stands, State::Granted | State::Refused));
    }

    /// Its time counts from the decision to open it, all of it and nothing else, as if it had been received then; and the lines say
    /// when it was received.
    #[test]
    fn its_time_counts_anew(
        limit in prop_oneof![
            Just(TimeLimit::SameDay),
            (1..40_u32).prop_map(TimeLimit::WorkingHours),
            (1..40_u32).prop_map(TimeLimit::WorkingDays),
            (1..90_u32).prop_map(TimeLimit::CalendarDays),
        ],
        received_at in instants(),
        minutes in 1..100_000_i64,
        corridor in prop::option::of(select(vec![Corridor::Hours16, Corridor::HalfTime])),
        waits in 0..3_000_i64,
    ) {
        let clock = province();
        let reopened_at = received_at + jiff::SignedDuration::from_mins(minutes);
        let again = reopening("QĐ 1", reopened_at, 1, 1);
        let asked_at = reopened_at + jiff::SignedDuration::from_mins(60);
        let standstills = [Standstill::from(&Payment {
            work_item: WorkItem::first(application(), 1),
            officer: OfficerId::of("37", "1"),
            fence: 1,
            amount_dong: 1,
            requested_at: asked_at,
            paid_at: Some(asked_at + jiff::SignedDuration::from_mins(waits)),
            way: None,
        })];
        let grounds = Grounds {
            limit: Some(limit),
            received_at,
            reopening: Some(&again),
            corridor,
            standstills: &standstills,
            postponement: None,
        };
        let as_if = Grounds { received_at: reopened_at, reopening: None, ..grounds };
        let (promised, expected) = (grounds.promised(&clock).unwrap(), as_if.promised(&clock).unwrap());
        prop_assert_eq!(promised.promise.due_at, expected.promise.due_at);
        let due = |corridor: Option<crate::deadline::Promise>| corridor.and_then(|promise| promise.due_at);
        prop_assert_eq!(due(promised.corridor), due(expected.corridor));
        prop_assert_eq!(promised.promise.received_at, received_at);
        prop_assert!(promised.promise.due_at.unwrap() > reopened_at);
        let lines = &promised.promise.arithmetic;
        let first = promise(&clock, Some(limit), received_at).unwrap();
        prop_assert_eq!(&lines[0], &first.arithmetic[0]);
        prop_assert!(lines[1].vi.contains("QĐ 1") && lines[1].en.contains("QĐ 1"));
        prop_assert_eq!(&lines[2..], &expected.promise.arithmetic[1..]);
    }
}

#[test]
fn the_lines_are_to_be_redone_by_hand() {
    let again = reopening("Quyết định số 12/QĐ-UBND", local("2026-11-30T09:15"), 1, 1);
    let grounds = Grounds {
        limit: Some(TimeLimit::WorkingDays(1)),
        received_at: local("2026-11-02T08:00"),
        reopening: Some(&again),
        corridor: None,
        standstills: &[],
        postponement: None,
    };
    let promise = grounds.promised(&province()).unwrap().promise;
    assert_eq!(promise.due_at, Some(local("2026-12-01T09:15")));
    let lines: Vec<_> = promise.arithmetic.iter().take(3).map(|line| line.en.as_str()).collect();
    assert_eq!(
        lines,
        [
            "Full and valid dossier received: 08:00 on Monday 2 November 2026.",
            "Opened again: 09:15 on Monday 30 November 2026, by Quyết định số 12/QĐ-UBND; all of the time counts anew.",
            "Time limit: 1 working day × 8 h = 8 h.",
        ]
    );
    let wait = Waited::from(again.closed());
    assert_eq!((wait.from, wait.to), (local("2026-11-30T08:15"), Some(local("2026-11-30T09:15"))));
}
