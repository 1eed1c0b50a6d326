//! The register by example, and its laws over fortnights made by chance.

use std::sync::LazyLock;

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::{
    calendar::{CapacityCalendar, tests::hours},
    id::{OfficerId, UnitId},
    province,
    registry::{Absence, Change},
};

/// Monday to Friday, 07:30–11:30 and 13:30–17:30. Tuesday 24 November 2026 is a holiday; Friday 27 November is off, and the
/// Saturday after it, 5 December, is worked for it. Unit 1 has two officers, and opens on the first Saturday by plan.
fn small() -> &'static Province {
    static PROVINCE: LazyLock<Province> = LazyLock::new(|| {
        let mut documents = province::tests::small();
        let half_days =
            ["mon", "tue", "wed", "thu", "fri"].map(|day| format!("{day},07:30,11:30\n{day},13:30,17:30\n"));
        for (file, text) in [
            (
                "legal_calendar.csv",
                "date,kind,name_vi,name_en,basis\n2026-11-24,holiday,Ngày Văn hóa,Culture day,official\n\
                 2026-11-27,swapped_off,Hoán đổi,Swapped,official\n\
                 2026-12-05,working_saturday,Làm bù,Worked for it,official\n"
                    .to_owned(),
            ),
            ("working_hours.csv", format!("weekday,opens,closes\n{}", half_days.concat())),
            (
                "officers.csv",
                "code,unit,name\n1-01,1,Nguyễn Văn A\n1-02,1,Lê Thị C\nD-01,D,Trần Thị B\n".to_owned(),
            ),
        ] {
            documents.0.insert(file.to_owned(), text.into_bytes());
        }
        Province::parse(&documents).unwrap()
    });
    &PROVINCE
}

fn unit() -> UnitId {
    UnitId::of("37", "1")
}

fn officer(code: &str) -> &'static Officer {
    &small().officers[&OfficerId::of("37", code)]
}

fn first() -> OfficerId {
    officer("1-01").id
}

fn november(day: i8) -> Date {
    date(2026, 11, day)
}

fn on(day: Date) -> Absence {
    Absence { from: day, to: day }
}

fn works(day: Date, hours: Vec<Hours>) -> Change {
    Change::Hours { unit: unit(), day, hours }
}

fn there(day: Date, hours: Vec<Hours>, compensatory: bool) -> Change {
    Change::OfficerHours { officer: first(), day, hours, compensatory }
}

fn absent(days: Absence, compensatory: bool) -> Change {
    Change::Absent { officer: first(), days, compensatory }
}

fn present(days: Absence) -> Change {
    Change::Present { officer: first(), days }
}

fn morning() -> Vec<Hours> {
    vec![hours((7, 30), (11, 30))]
}

fn after(changes: &[Change]) -> Registry {
    let mut registry = Registry::default();
    for change in changes {
        registry.apply(change);
    }
    registry
}

fn at(local: &str) -> Timestamp {
    format!("{local}+07:00").parse().unwrap()
}

/// Long after all of it.
fn later() -> Timestamp {
    at("2027-01-01T00:00")
}

fn period(from: Date, to: Date) -> Period {
    Period::new(from, to).unwrap()
}

/// The two weeks from Monday, 23 November, on.
fn fortnight() -> Period {
    period(november(23), date(2026, 12, 6))
}

fn done(done: i64) -> Minutes {
    Minutes { done, planned: 0 }
}

/// Of the first officer: working days, days off, holidays, leave; all of it done.
fn counted(changes: &[Change]) -> [i64; 4] {
    let account = after(changes).overtime(officer("1-01"), small(), fortnight(), later());
    assert_eq!(account.carried, Minutes::default());
    let Overtime { working_days, days_off, holidays, leave } = account.overtime;
    [working_days, days_off, holidays, leave].map(|minutes| {
        assert_eq!(minutes.planned, 0);
        minutes.done
    })
}

#[test]
fn the_planned_saturday_is_overtime_and_a_working_saturday_is_none() {
    assert_eq!(counted(&[]), [0, 240, 0, 0]);
    let working_saturday = date(2026, 12, 5);
    let until_six = vec![hours((7, 30), (11, 30)), hours((13, 30), (18, 0))];
    assert_eq!(counted(&[works(working_saturday, until_six)]), [30, 240, 0, 0]);
}

#[test]
fn each_kind_of_day_has_its_column() {
    let long = vec![hours((7, 0), (11, 30)), hours((12, 0), (20, 0))];
    for (day, expected) in [
        (november(25), [30 + 90 + 150, 240, 0, 0]), // before, at noon, in the evening
        (november(24), [0, 240, 270 + 480, 0]),     // a holiday
        (november(27), [0, 240 + 270 + 480, 0, 0]), // a swapped day
        (november(29), [0, 240 + 270 + 480, 0, 0]), // a Sunday
        (november(28), [0, 270 + 480, 0, 0]),       // in place of what was planned
    ] {
        assert_eq!(counted(&[works(day, long.clone())]), expected, "{day}");
    }
    // Whoever opens less than the law has it works nothing beyond it.
    assert_eq!(counted(&[works(november(25), morning()), works(november(26), Vec::new())]), [0, 240, 0, 0]);
}

#[test]
fn who_is_not_there_has_no_overtime_and_who_is_there_in_part_has_a_part() {
    let saturday = november(28);
    assert_eq!(counted(&[absent(on(saturday), false)]), [0, 0, 0, 0]);
    // A day off is nothing that leave could be taken from.
    assert_eq!(counted(&[absent(on(saturday), true)]), [0, 0, 0, 0]);
    let until_ten = vec![hours((6, 0), (10, 0))];
    assert_eq!(counted(&[there(saturday, until_ten.clone(), false)]), [0, 150, 0, 0]);
    assert_eq!(counted(&[there(saturday, until_ten, true)]), [0, 150, 0, 0]);
}

#[test]
fn leave_is_what_would_have_been_worked_by_the_law() {
    let (wednesday, thursday) = (november(25), november(26));
    let all_week = Absence { from: november(23), to: november(29) };
    for (changes, leave) in [
        (vec![absent(on(wednesday), true)], 480),
        (vec![absent(on(wednesday), false)], 0),
        (vec![there(wednesday, morning(), true)], 240),
        (vec![there(wednesday, morning(), false)], 0),
        // Of a day on which the unit is closed, or longer open, it is the legal hours on which it is open.
        (vec![works(wednesday, Vec::new()), absent(on(wednesday), true)], 0),
        (vec![works(wednesday, vec![hours((7, 30), (20, 0))]), absent(on(wednesday), true)], 480),
        // Put right: ill after all, there after all, as planned.
        (vec![absent(all_week, true), absent(on(thursday), false), present(on(wednesday))], 480),
        (vec![there(wednesday, morning(), true), there(wednesday, morning(), false)], 0),
        (
            vec![
                there(wednesday, morning(), true),
                Change::OfficerAsPlanned { officer: first(), day: wednesday },
            ],
            0,
        ),
        // Neither knows of the other: who is absent is so all day, and has the half-day again when they are back.
        (vec![there(wednesday, morning(), true), absent(on(wednesday), true)], 480),
        (vec![there(wednesday, morning(), true), absent(on(wednesday), false)], 0),
        (vec![there(wednesday, morning(), true), absent(on(wednesday), false), present(on(wednesday))], 240),
    ] {
        assert_eq!(counted(&changes)[3], leave, "{changes:?}");
    }
    // Monday, Wednesday and Thursday are worked, the rest of that week is off.
    assert_eq!(counted(&[absent(all_week, true)]), [0, 0, 0, 3 * 480]);
}

#[test]
fn evenings_are_paid_and_days_off_are_owed_also_below_nothing() {
    let evening = works(november(25), vec![hours((7, 30), (11, 30)), hours((13, 30), (19, 30))]);
    let registry = after(&[evening, works(november(24), morning()), absent(on(november(26)), true)]);
    let of = |from, to| registry.overtime(officer("1-01"), small(), period(from, to), later());
    let whole = of(november(23), november(28));
    assert_eq!(whole.overtime.working_days, done(120));
    assert_eq!(whole.owed(), done(240 + 240 - 480));
    // On Thursday evening the Saturday is still ahead: more was taken than was owed.
    assert_eq!(of(november(23), november(26)).owed(), done(240 - 480));
    let december = of(date(2026, 12, 1), date(2026, 12, 31));
    assert_eq!((december.carried, december.overtime), (done(0), Overtime::default()));
    assert_eq!(of(november(28), november(28)).carried, done(-240));
}

#[test]
fn what_is_over_is_told_apart_from_what_is_to_come() {
    let leave = absent(on(date(2026, 12, 1)), true);
    let registry = after(&[leave]);
    let owed = |now: &str| {
        let account = registry.overtime(officer("1-01"), small(), fortnight(), at(now));
        (account.overtime.days_off, account.overtime.leave, account.owed())
    };
    let minutes = |done, planned| Minutes { done, planned };
    assert_eq!(owed("2026-11-23T08:00"), (minutes(0, 240), minutes(0, 480), minutes(0, -240)));
    // In the middle of it, by whole minutes.
    assert_eq!(owed("2026-11-28T09:00:59"), (minutes(90, 150), minutes(0, 480), minutes(90, -330)));
    assert_eq!(owed("2026-11-29T08:00"), (minutes(240, 0), minutes(0, 480), minutes(240, -480)));
    assert_eq!(owed("2026-12-02T00:00"), (minutes(240, 0), minutes(480, 0), minutes(-240, 0)));
}

#[test]
fn a_day_tells_when_it_was() {
    let saturday = november(28);
    let registry =
        after(&[there(saturday, vec![hours((8, 0), (10, 0))], false), absent(on(november(25)), true)]);
    let days = registry.overtime_days(officer("1-01"), small(), november(23), saturday, later());
    assert_eq!(
        days,
        [
            OvertimeDay {
                day: november(25),
                kind: OvertimeKind::WorkingDay,
                hours: Vec::new(),
                overtime: done(0),
                leave: done(480),
            },
            OvertimeDay {
                day: saturday,
                kind: OvertimeKind::DayOff,
                hours: vec![hours((8, 0), (10, 0))],
                overtime: done(120),
                leave: done(0),
            },
        ]
    );
    assert!(registry.overtime_days(officer("D-01"), small(), november(23), saturday, later()).is_empty());
}

/// A day of the fortnight.
fn days() -> impl Strategy<Value = Date> {
    (0..14_i32).prop_map(|day| november(23) + day.days())
}

/// None, one or two stretches of half-hours.
fn stretches(least: usize) -> impl Strategy<Value = Vec<Hours>> {
    let half_hour = |half: i8| (half / 2, half % 2 * 30);
    prop::sample::subsequence((0..48).collect::<Vec<i8>>(), 4).prop_flat_map(move |at| {
        let both = [(at[0], at[1]), (at[2], at[3])].map(|(from, to)| hours(half_hour(from), half_hour(to)));
        (least..=2).prop_map(move |stretches| both[..stretches].to_vec())
    })
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let officers = || prop::sample::select(vec![officer("1-01").id, officer("1-02").id]);
    let span = || (days(), 0..5_i32).prop_map(|(from, more)| Absence { from, to: from + more.days() });
    let change = prop_oneof![
        3 => (days(), stretches(0)).prop_map(|(day, hours)| works(day, hours)),
        1 => days().prop_map(|day| Change::AsPlanned { unit: unit(), day }),
        3 => (officers(), days(), stretches(1), any::<bool>()).prop_map(|(officer, day, hours, compensatory)| {
            Change::OfficerHours { officer, day, hours, compensatory }
        }),
        1 => (officers(), days()).prop_map(|(officer, day)| Change::OfficerAsPlanned { officer, day }),
        2 => (officers(), span(), any::<bool>()).prop_map(|(officer, days, compensatory)| {
            Change::Absent { officer, days, compensatory }
        }),
        1 => (officers(), span()).prop_map(|(officer, days)| Change::Present { officer, days }),
    ];
    prop::collection::vec(change, 0..30)
}

/// An instant of the fortnight, or around it.
fn instants() -> impl Strategy<Value = Timestamp> {
    (-1_440..15 * 1_440_i64).prop_map(|minute| at("2026-11-23T00:00") + minute.minutes())
}

/// The calendar of the unit as it is by now.
fn calendar(registry: &Registry) -> CapacityCalendar {
    let planned = &small().capacity[&unit()];
    registry.hours.get(&unit()).map_or_else(|| planned.clone(), |days| planned.with_hours(days).unwrap())
}

/// Half-hour by half-hour, as one would count it with a diary, the calendar of the office and the times away that decisions are
/// made over.
fn by_diary(registry: &Registry, officer: OfficerId, now: Timestamp) -> Overtime {
    let (clock, calendar) = (&small().clock, calendar(registry));
    let away = registry.away(officer, &calendar);
    let mut counted = Overtime::default();
    for half_hour in 0..14 * 48_i64 {
        let from = at("2026-11-23T00:00") + (half_hour * 30).minutes();
        let day = clock.local_date(from);
        let is_there = calendar.is_open(from) && !away.iter().any(|time| time.contains(&from));
        let over = (from + 30.minutes()).min(now).duration_since(from).as_mins().max(0);
        let column = match (is_there, clock.is_open(from)) {
            (true, false) if day == november(24) => &mut counted.holidays,
            (true, false) if clock.is_working_day(day) => &mut counted.working_days,
            (true, false) => &mut counted.days_off,
            (false, true) if calendar.is_open(from) && registry.is_on_leave(officer, day) => {
                &mut counted.leave
            }
            _ => continue,
        };
        *column = *column + Minutes { done: over, planned: 30 - over };
    }
    counted
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Also together: what a unit works beyond the law is what its officers do.
    #[test]
    fn the_register_is_what_a_diary_says(made in changes(), now in instants()) {
        let registry = after(&made);
        let mut heads = Overtime::default();
        for code in ["1-01", "1-02"] {
            let account = registry.overtime(officer(code), small(), fortnight(), now);
            let diary = by_diary(&registry, officer(code).id, now);
            prop_assert_eq!(account.overtime, diary);
            heads = heads + diary;
        }
        let unit = small().officers_of(unit());
        let unit: Account = unit.map(|officer| registry.overtime(officer, small(), fortnight(), now)).sum();
        prop_assert_eq!(unit.overtime, heads);
    }

    #[test]
    fn a_period_that_is_divided_adds_up(made in changes(), now in instants(), last in days()) {
        let registry = after(&made);
        let of = |period| registry.overtime(officer("1-01"), small(), period, now);
        let (before, rest) = (period(november(23), last), period(last + 1.days(), date(2026, 12, 7)));
        let whole = of(period(november(23), date(2026, 12, 7)));
        prop_assert_eq!(of(before).overtime + of(rest).overtime, whole.overtime);
        prop_assert_eq!(of(rest).carried, of(before).owed());
        prop_assert_eq!(of(rest).owed(), whole.owed());
    }

    #[test]
    fn time_makes_done_of_what_is_planned_and_nothing_else(
        made in changes(), one in instants(), other in instants(),
    ) {
        let registry = after(&made);
        let (now, then) = (one.min(other), one.max(other));
        let columns = |now| {
            let Overtime { working_days, days_off, holidays, leave } =
                registry.overtime(officer("1-01"), small(), fortnight(), now).overtime;
            [working_days, days_off, holidays, leave]
        };
        for (before, after) in columns(now).into_iter().zip(columns(then)) {
            prop_assert_eq!(before.done + before.planned, after.done + after.planned);
            prop_assert!(before.done >= 0 && after.planned >= 0 && before.done <= after.done);
        }
    }

    #[test]
    fn who_was_absent_has_no_overtime(made in changes(), now in instants(), compensatory: bool) {
        let all = Absence { from: november(23), to: date(2026, 12, 6) };
        let mut registry = after(&made);
        registry.apply(&absent(all, compensatory));
        let overtime = registry.overtime(officer("1-01"), small(), fortnight(), now).overtime;
        prop_assert_eq!(Overtime { leave: Minutes::default(), ..overtime }, Overtime::default());
        prop_assert!(compensatory || overtime.leave.is_nothing());
    }

    /// A working Saturday among them.
    #[test]
    fn legal_hours_are_no_overtime(made in changes(), now in instants()) {
        let mut registry = after(&made);
        for day in november(23).series(1.day()).take(14) {
            let legal = within(calendar(&registry).hours_of(day), small().clock.hours_of(day));
            registry.apply(&works(day, legal));
        }
        let overtime = registry.overtime(officer("1-01"), small(), fortnight(), now).overtime;
        prop_assert_eq!(Overtime { leave: Minutes::default(), ..overtime }, Overtime::default());
    }

    #[test]
    fn leave_is_of_absences_and_of_hours_that_are_there(made in changes()) {
        let registry = after(&made);
        for day in november(23).series(1.day()).take(20) {
            for code in ["1-01", "1-02"] {
                let id = officer(code).id;
                let own = registry.officer_hours.get(&id).is_some_and(|days| days.contains_key(&day));
                let days = |days: Option<&Vec<Absence>>| days.into_iter().flatten().any(|one| one.covers(day));
                prop_assert!(!days(registry.leave.get(&id)) || registry.is_absent(id, day));
                prop_assert!(!registry.part_leave.get(&id).is_some_and(|days| days.contains(&day)) || own);
            }
        }
    }
}
