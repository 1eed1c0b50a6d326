//! New appointments: by example, and their laws under any pause.

use proptest::prelude::*;

use super::*;
use crate::{
    calendar::{
        DayKind, LegalClock,
        tests::{amended, at as local, instants, province},
    },
    deadline::promise,
    procedure::TimeLimit,
};

const OPEN: &Standing = &Standing::at(State::InProgress, 1);

fn clocks(clock: &LegalClock, limit: TimeLimit, received_at: Timestamp) -> Clocks<'_> {
    let most_minutes = most_minutes(clock, Some(limit), received_at).unwrap();
    Clocks { own: clock, today: clock, most_minutes }
}

fn by(code: &str) -> Postponer {
    Postponer::Officer(OfficerId::of("37", code))
}

fn judge(
    standing: &Standing,
    before: Option<&Postponement>,
    apology: Apology<'_>,
    now: &str,
) -> Result<Postponing, Rejection> {
    let (clock, received_at) = (province(), local("2026-11-25T09:15"));
    let due_at = promise(&clock, Some(TimeLimit::WorkingDays(3)), received_at).unwrap().due_at;
    assert_eq!(due_at, Some(local("2026-11-30T09:15")));
    let clocks = clocks(&clock, TimeLimit::WorkingDays(3), received_at);
    apology.judge(standing, due_at, before, clocks, local(now))
}

fn until(text: &str) -> Apology<'static> {
    Apology { by: by("1"), reason: "Cán bộ thụ lý nghỉ ốm", appointment_at: local(text) }
}

#[test]
fn it_is_made_once_before_the_due_date_and_what_is_asked_again_is_answered_alike() {
    let made = judge(OPEN, None, until("2026-12-01T10:00"), "2026-11-30T09:15").unwrap();
    let Postponing::Now(made) = made else { panic!("not before") };
    assert_eq!((made.agreed_at, made.appointment_at), (local("2026-12-01T10:00"), local("2026-12-01T10:00")));
    assert_eq!((made.due_at, made.minutes), (local("2026-11-30T09:15"), 525));
    let again = |apology, now| judge(OPEN, Some(&made), apology, now);
    let late = "2026-12-03T09:00";
    assert_eq!(again(until("2026-12-01T10:00"), late), Ok(Postponing::Before));
    let finished = Standing::at(State::Granted, 1);
    assert_eq!(judge(&finished, Some(&made), until("2026-12-01T10:00"), late), Ok(Postponing::Before));
    for other in [
        until("2026-12-02T10:00"),
        Apology { by: by("2"), ..until("2026-12-01T10:00") },
        Apology { by: Postponer::Supervisor(None), ..until("2026-12-01T10:00") },
    ] {
        assert_eq!(again(other, "2026-11-26T10:00").unwrap_err().reason, "POSTPONED_BEFORE");
    }
}

#[test]
fn what_no_new_appointment_can_be_made_for_says_why() {
    let fine = until("2026-12-01T10:00");
    let early = "2026-11-27T10:00";
    for (state, reason) in [
        (State::Granted, "CASE_FINISHED"),
        (State::Refused, "CASE_FINISHED"),
        (State::Withdrawn, "CASE_STOPPED"),
        (State::Lapsed, "CASE_STOPPED"),
        (State::AwaitingSupplement, "CLOCK_STANDS_STILL"),
        (State::AwaitingPayment, "CLOCK_STANDS_STILL"),
    ] {
        assert_eq!(judge(&Standing::at(state, 1), None, fine, early).unwrap_err().reason, reason);
    }
    for state in [State::AwaitingUnit, State::Queued, State::InProgress, State::Referred] {
        judge(&Standing::at(state, 1), None, fine, early).unwrap();
    }
    let past = judge(OPEN, None, fine, "2026-11-30T09:16").unwrap_err();
    assert_eq!((past.kind, past.reason.as_str()), (Kind::Precondition, "PAST_DUE"));
    let clock = province();
    let clocks = Clocks { own: &clock, today: &clock, most_minutes: 480 };
    let nothing = fine.judge(OPEN, None, None, clocks, local(early)).unwrap_err();
    assert_eq!(nothing.reason, "NOTHING_PROMISED");
    let long = "x".repeat(2_001);
    for (apology, field, reason) in [
        (Apology { reason: "", ..fine }, "reason", "MISSING_FIELD"),
        (Apology { reason: &long, ..fine }, "reason", "WRONG_LENGTH"),
        (until("2026-11-30T09:15"), "appointment_at", "NOT_AFTER_DUE"),
        (until("2026-11-30T12:00"), "appointment_at", "OUTSIDE_WORKING_TIME"),
        (until("2026-12-05T10:00"), "appointment_at", "OUTSIDE_WORKING_TIME"),
        // Three working days on from Monday at a quarter past nine.
        (until("2026-12-03T09:16"), "appointment_at", "TOO_LATE"),
    ] {
        let refusal = judge(OPEN, None, apology, early).unwrap_err();
        let named = refusal.violations.first().map_or("", |violation| violation.field.as_str());
        assert_eq!((named, refusal.reason.as_str()), (field, reason));
    }
    for at in ["2026-11-30T09:16", "2026-11-30T11:30", "2026-12-03T09:15"] {
        judge(OPEN, None, until(at), early).unwrap();
    }
}

#[test]
fn whoever_holds_it_may_or_a_supervisor_of_where_it_lies() {
    let mine = Held { holder: Some(OfficerId::of("37", "1")), fence: 1, ..held() };
    let received_at = unit("R");
    let unit_of = |postponer: Postponer, items: &[Held]| postponer.unit(items, received_at);
    let supervisor = |code| Postponer::Supervisor(Some(unit(code)));
    assert_eq!(unit_of(by("1"), std::slice::from_ref(&mine)), Ok(unit("A")));
    assert_eq!(unit_of(supervisor("A"), std::slice::from_ref(&mine)), Ok(unit("A")));
    assert_eq!(unit_of(Postponer::Supervisor(None), std::slice::from_ref(&mine)), Ok(unit("A")));
    assert_eq!(unit_of(by("2"), std::slice::from_ref(&mine)).unwrap_err().reason, "NOT_THE_HOLDER");
    assert_eq!(unit_of(supervisor("R"), std::slice::from_ref(&mine)).unwrap_err().reason, "OTHER_UNIT");
    // Between two units: whoever promised the date.
    let done = Held { stage: Stage::Done(Outcome::Approved), ..mine };
    assert_eq!(unit_of(supervisor("R"), std::slice::from_ref(&done)), Ok(unit("R")));
    assert_eq!(unit_of(supervisor("A"), std::slice::from_ref(&done)).unwrap_err().reason, "OTHER_UNIT");
    assert_eq!(unit_of(by("1"), &[done]).unwrap_err().reason, "NOT_THE_HOLDER");
}

#[test]
fn on_a_day_off_that_was_announced_since_nobody_is_asked_to_come() {
    let (clock, received_at) = (province(), local("2026-11-25T09:15"));
    let own = clocks(&clock, TimeLimit::WorkingDays(3), received_at);
    let announced = amended(&[(date(2026, 12, 1), Some(DayKind::Off))]);
    let clocks = Clocks { today: &announced, ..own };
    let due_at = Some(local("2026-11-30T09:15"));
    let now = local("2026-11-27T10:00");
    let refusal = until("2026-12-01T10:00").judge(OPEN, due_at, None, clocks, now).unwrap_err();
    assert_eq!(refusal.reason, "OUTSIDE_WORKING_TIME");
    until("2026-12-02T08:00").judge(OPEN, due_at, None, clocks, now).unwrap();
}

fn limits() -> impl Strategy<Value = TimeLimit> {
    prop_oneof![
        Just(TimeLimit::SameDay),
        (1..200_u32).prop_map(TimeLimit::WorkingHours),
        (1..40_u32).prop_map(TimeLimit::HalfDays),
        (1..30_u32).prop_map(TimeLimit::WorkingDays),
        (1..60_u32).prop_map(TimeLimit::CalendarDays),
    ]
}

proptest! {
    /// Whatever is asked for: what is agreed lies behind the due date, in working time and within the bound, and the due date is
    /// what it would be without. Wherever a pause moves that, the appointment moves along, by the working time that it was behind.
    /// And a second one is never made.
    #[test]
    fn an_appointment_lies_behind_a_due_date_that_it_never_moves(
        limit in limits(),
        received_at in instants(),
        ahead in 0..30_000_i64,
        seconds in 0..3_000_i64,
        pause in prop::option::of((0..20_000_i64, 0..20_000_i64)),
        more in 1..20_000_i64,
    ) {
        let clock = province();
        let clocks = clocks(&clock, limit, received_at);
        let statutory = promise(&clock, Some(limit), received_at).unwrap();
        let due_at = statutory.due_at.unwrap();
        let appointment_at = due_at + jiff::SignedDuration::from_secs(ahead * 60 + seconds);
        let asked = Apology { by: by("1"), reason: "Lý do", appointment_at };
        let Ok(Postponing::Now(made)) = asked.judge(OPEN, Some(due_at), None, clocks, received_at) else {
            // Refused for what was asked, which is closed, or too far.
            let within = clock.add_minutes(appointment_at, 0).is_ok_and(|open| open == appointment_at);
            let latest = clock.add_minutes(due_at, clocks.most_minutes).unwrap();
            prop_assert!(!within || appointment_at <= due_at || appointment_at > latest);
            return Ok(());
        };
        prop_assert!(made.appointment_at > due_at && made.due_at == due_at && made.minutes >= 1);
        prop_assert!(clock.minutes_between(due_at, made.appointment_at) <= clocks.most_minutes);

        let supplement = pause.map(|(from, took)| Supplement {
            work_item: WorkItem::first(application(), 1),
            officer: OfficerId::of("37", "1"),
            fence: 1,
            requested_at: received_at + jiff::SignedDuration::from_mins(from),
            until: received_at,
            received_at: Some(received_at + jiff::SignedDuration::from_mins(from + took)),
        });
        let standstills: Vec<_> = supplement.iter().map(Standstill::from).collect();
        let plain = Grounds {
            reopening: None,
            limit: Some(limit),
            corridor: None,
            received_at,
            standstills: &standstills,
            postponement: None,
        };
        let without = plain.promised(&clock).unwrap();
        let with = Grounds { postponement: Some(&made), ..plain }.promised(&clock).unwrap();
        prop_assert_eq!(with.promise.due_at, without.promise.due_at);
        prop_assert_eq!(with.promise.arithmetic.len(), without.promise.arithmetic.len() + 1);
        let (moved, due_by_now) = (with.appointment_at.unwrap(), with.promise.due_at.unwrap());
        prop_assert!(moved > due_by_now);
        if due_by_now == due_at {
            prop_assert_eq!(moved, made.agreed_at);
        } else {
            prop_assert_eq!(clock.minutes_between(due_by_now, moved), made.minutes);
        }

        let later = Apology { appointment_at: appointment_at + jiff::SignedDuration::from_mins(more), ..asked };
        let second = later.judge(OPEN, Some(due_at), Some(&made), clocks, received_at);
        prop_assert_eq!(second.unwrap_err().reason, "POSTPONED_BEFORE");
        prop_assert_eq!(asked.judge(OPEN, Some(due_at), Some(&made), clocks, due_at), Ok(Postponing::Before));
    }
}

/// Of two who work on it at once each makes it in the name of their own unit.
#[test]
fn of_steps_that_go_on_together_each_is_its_holders() {
    let at = |step, code: &str, who: &str| {
        let item = WorkItem::first(application(), step);
        Held { holder: Some(OfficerId::of("37", who)), ..Held::queued(item, unit(code), FIELD, 3) }
    };
    let items = [at(2, "A", "1"), at(3, "B", "2")];
    for (who, code) in [("1", "A"), ("2", "B")] {
        let by = Postponer::Officer(OfficerId::of("37", who));
        assert_eq!(by.unit(&items, unit("C")), Ok(unit(code)));
        assert_eq!(Postponer::Supervisor(Some(unit(code))).unit(&items, unit("C")), Ok(unit(code)));
    }
    let other = Postponer::Officer(OfficerId::of("37", "3")).unit(&items, unit("C")).unwrap_err();
    assert_eq!(other.reason, "NOT_THE_HOLDER");
    let other = Postponer::Supervisor(Some(unit("C"))).unit(&items, unit("C")).unwrap_err();
    assert_eq!(other.reason, "OTHER_UNIT");
    assert_eq!(Postponer::Supervisor(None).unit(&items, unit("C")), Ok(unit("A")));
}
