//! Decisions that come late: by example, and their laws over any days off and any pause.

use proptest::prelude::*;

use super::*;
use crate::{
    calendar::{
        DayKind, LegalClock,
        tests::{amended, at as local, instants, province},
    },
    case::replan::{Dates, Replanned, Why, replan},
    procedure::TimeLimit,
};

fn three_days(received_at: &str) -> Grounds<'static> {
    Grounds {
        limit: Some(TimeLimit::WorkingDays(3)),
        received_at: local(received_at),
        reopening: None,
        corridor: None,
        standstills: &[],
        postponement: None,
    }
}

fn promised(grounds: &Grounds<'_>, clock: &LegalClock) -> Option<Dates> {
    let promised = grounds.promised(clock).unwrap();
    let appointment_at = promised.appointment_at;
    promised.promise.due_at.map(|due_at| Dates { due_at, appointment_at })
}

fn due(text: &str) -> Dates {
    Dates { due_at: local(text), appointment_at: None }
}

#[test]
fn a_day_off_that_is_announced_late_moves_what_is_due_behind_it() {
    let off = amended(&[(date(2026, 12, 4), Some(DayKind::Off))]);
    let again = |grounds: &Grounds<'_>, now| {
        let clock = province();
        replan(promised(grounds, &clock), grounds, &clock, &off, false, local(now))
    };
    let now = "2026-12-02T08:00";
    assert_eq!(again(&three_days("2026-12-01T09:15"), now), Replanned::Later(due("2026-12-07T09:15")));
    assert_eq!(again(&three_days("2026-11-30T09:15"), now), Replanned::Same);
    // Overdue since, and less late than it was: also then.
    let long_after = "2026-12-20T08:00";
    assert_eq!(again(&three_days("2026-12-01T09:15"), long_after), Replanned::Later(due("2026-12-07T09:15")));
    let nothing = Grounds { limit: None, ..three_days("2026-12-01T09:15") };
    assert_eq!(again(&nothing, now), Replanned::Nothing);
}

#[test]
fn a_promise_is_shortened_only_where_an_operator_says_so_and_never_to_before_now() {
    let back = amended(&[(date(2026, 11, 24), None)]);
    let grounds = three_days("2026-11-23T09:15");
    let clock = province();
    let before = promised(&grounds, &clock);
    assert_eq!(before, Some(due("2026-11-27T09:15")));
    let again = |earlier, now| replan(before, &grounds, &clock, &back, earlier, local(now));
    let sooner = due("2026-11-26T09:15");
    assert_eq!(again(false, "2026-11-23T10:00"), Replanned::Kept(sooner, Why::Promised));
    assert_eq!(again(true, "2026-11-23T10:00"), Replanned::Earlier(sooner));
    assert_eq!(again(true, "2026-11-26T09:16"), Replanned::Kept(sooner, Why::BeforeNow));
}

#[test]
fn a_date_that_nobody_can_explain_stays() {
    let off = amended(&[(date(2026, 12, 4), Some(DayKind::Off))]);
    let grounds = three_days("2026-12-01T09:15");
    let other = Some(due("2026-12-04T10:00"));
    let now = local("2026-12-02T08:00");
    assert_eq!(replan(other, &grounds, &province(), &off, true, now), Replanned::Unexplained);
}

#[test]
fn an_appointment_on_a_day_that_is_off_by_now_moves_though_the_due_date_stays() {
    let clock = province();
    let grounds = three_days("2026-11-30T09:15");
    let due_at = local("2026-12-03T09:15");
    let agreed_at = local("2026-12-04T10:00");
    let made = Postponement {
        officer: None,
        told_at: local("2026-12-01T08:00"),
        due_at,
        agreed_at,
        minutes: clock.minutes_between(due_at, agreed_at),
        appointment_at: agreed_at,
    };
    let grounds = Grounds { postponement: Some(&made), ..grounds };
    let off = amended(&[(date(2026, 12, 4), Some(DayKind::Off))]);
    let before = promised(&grounds, &clock);
    assert_eq!(before, Some(Dates { due_at, appointment_at: Some(agreed_at) }));
    let monday = Dates { due_at, appointment_at: Some(local("2026-12-07T10:00")) };
    let now = local("2026-12-02T08:00");
    assert_eq!(replan(before, &grounds, &clock, &off, false, now), Replanned::Later(monday));
}

fn days() -> impl Strategy<Value = Vec<(Date, Option<DayKind>)>> {
    let kind = prop_oneof![Just(None), Just(Some(DayKind::Off)), Just(Some(DayKind::Working))];
    prop::collection::vec(((0..400_i64).prop_map(|ahead| date(2026, 1, 1) + ahead.days()), kind), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever days are announced and taken back, and whatever the case has been through: where it follows the other clock from
    /// then on, its dates are what that clock makes of it, again and again, and re-planning once more changes nothing. No date
    /// gets earlier that nobody wanted to, and none gets to before now that was not.
    #[test]
    fn re_planning_twice_changes_nothing_and_replaying_gives_the_stored_dates(
        received_at in instants(),
        limit in 1..30_u32,
        calendar in any::<bool>(),
        days in days(),
        pause in prop::option::of((0..20_000_i64, 0..20_000_i64)),
        ahead in prop::option::of(1..4_000_i64),
        earlier in any::<bool>(),
        later in 0..60_000_i64,
    ) {
        let (own, other) = (province(), amended(&days));
        let limit = Some(if calendar { TimeLimit::CalendarDays(limit) } else { TimeLimit::WorkingDays(limit) });
        let supplement = pause.map(|(from, took)| Supplement {
            work_item: WorkItem::first(application(), 1),
            officer: OfficerId::of("37", "1"),
            fence: 1,
            requested_at: received_at + jiff::SignedDuration::from_mins(from),
            until: received_at,
            received_at: Some(received_at + jiff::SignedDuration::from_mins(from + took)),
        });
        let standstills: Vec<_> = supplement.iter().map(Standstill::from).collect();
        let plain =
            Grounds { limit, reopening: None, corridor: None, received_at, standstills: &standstills, postponement: None };
        let first = Grounds { standstills: &[], ..plain }.promised(&own).unwrap().promise.due_at.unwrap();
        let postponement = ahead.map(|minutes| {
            let agreed_at = own.add_minutes(first, minutes).unwrap();
            Postponement { officer: None, told_at: received_at, due_at: first, agreed_at, minutes, appointment_at: agreed_at }
        });
        let grounds = Grounds { postponement: postponement.as_ref(), ..plain };
        let now = received_at + jiff::SignedDuration::from_mins(later);
        let before = promised(&grounds, &own).unwrap();

        let (stored, follows) = match replan(Some(before), &grounds, &own, &other, earlier, now) {
            Replanned::Later(dates) => {
                prop_assert!(dates.due_at >= before.due_at && dates.appointment_at >= before.appointment_at);
                (dates, &other)
            }
            Replanned::Earlier(dates) => {
                prop_assert!(earlier);
                for (old, new) in [Some((before.due_at, dates.due_at)), before.appointment_at.zip(dates.appointment_at)]
                    .into_iter()
                    .flatten()
                {
                    prop_assert!(new >= old || new >= now);
                }
                (dates, &other)
            }
            Replanned::Same => (before, &other),
            Replanned::Kept(dates, why) => {
                prop_assert!(dates.due_at < before.due_at || dates.appointment_at < before.appointment_at);
                prop_assert_eq!(why == Why::Promised, !earlier);
                (before, &own)
            }
            Replanned::Nothing | Replanned::Unexplained => return Err(TestCaseError::fail("it was promised, and can be explained")),
        };
        prop_assert_eq!(promised(&grounds, follows), Some(stored), "replaying gives what is stored");
        prop_assert!(stored.appointment_at.is_none_or(|appointment_at| appointment_at > stored.due_at));
        let again = replan(Some(stored), &grounds, follows, &other, earlier, now);
        prop_assert!(matches!(again, Replanned::Same | Replanned::Kept(..)), "{again:?}");
    }
}
