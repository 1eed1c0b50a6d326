//! The laws of the figures over any case, and the rules by example.

use jiff::{SignedDuration, Timestamp};
use proptest::{collection::vec, option, prelude::*};

use super::{
    Ended, Entry, Figure, Figures, Measured, PERCENTILES, Period, Timeliness, Wait, Window,
    index::{Measure, not_measured, ranking},
    online::{Levels, converted, levels, offered, used},
    rank_of_percentile,
};
use crate::{
    application::{Channel, Rating},
    calendar::tests::{at, province},
    case::State,
    procedure::{OnlineLevel, Procedure},
    province::{Province, tests::ninh_binh},
};

/// Days of which any may be before, in or after the period, which is from the 30th to the 60th.
const DAYS: i64 = 90;

fn day(number: i64) -> Timestamp {
    at("2026-09-01T00:00") + SignedDuration::from_hours(24 * number)
}

fn window(now: i64) -> Window {
    let (from, until) = (day(30), day(60));
    Window { from, until, as_of: until.min(day(now)) }
}

prop_compose! {
    fn ends()(
        at in 0..DAYS,
        state in prop::sample::select(vec![State::Granted, State::Refused, State::Withdrawn, State::Lapsed]),
        on_time in any::<bool>(),
    ) -> (i64, State, bool) {
        (at, state, on_time)
    }
}

prop_compose! {
    /// Cases by the facts that make them, in any order of their days that can be.
    fn entries()(
        submitted in 0..DAYS,
        due_in in option::of(0..DAYS),
        ends in option::of(ends()),
        wait in option::of((0..DAYS, option::of(0..DAYS))),
        supplements in 0..3_u32,
        channel in option::of(prop::sample::select(Channel::ALL.to_vec())),
        (digitised, issued) in (option::of(any::<bool>()), any::<bool>()),
        (rating, paid_online) in
            (option::of(prop::sample::select(Rating::ALL.to_vec())), option::of(any::<bool>())),
    ) -> Entry {
        let submitted_at = day(submitted);
        let due_at = due_in.map(|days| day(submitted + days));
        let wait = wait.map(|(from, took)| Wait {
            from: day(submitted + from),
            to: took.map(|took| day(submitted + from + took)),
        });
        let ended = ends.map(|(after, state, on_time)| {
            let at = day(submitted + after);
            let waits: Vec<_> = wait.into_iter().collect();
            Ended { at, state, measured: Measured::of(&province(), submitted_at, due_at, &waits, at, on_time) }
        });
        Entry { submitted_at, due_at, ended, wait, supplements, channel, digitised, issued, rating, paid_online }
    }
}

/// What is counted of these, one after the other.
fn figures(entries: &[Entry], window: Window) -> Figures {
    let mut figures = Figures::default();
    for figure in Figure::ALL {
        let count = entries.iter().filter(|entry| entry.counts(figure, window)).count();
        figures.set(figure, count as u64);
    }
    figures
}

proptest! {
    #[test]
    fn what_came_in_is_finished_or_runs(entries in vec(entries(), 0..40), now in 0..DAYS) {
        let figures = figures(&entries, window(now));
        let sum = |parts: &[Figure]| parts.iter().map(|part| figures.count(*part)).sum::<u64>();
        use Figure::{
            CarriedOver, Dissatisfied, Early, Finished, FinishedUndated, Granted, InTerm, IssuedElectronically, Judged,
            JudgedOnTime, Lapsed, Late, OnTime, Overdue, PaidOnline, PaidOtherwise, Received, ReceivedByPost, ReceivedDigitised,
            ReceivedDigitisedUnstated, ReceivedDirect, ReceivedOnline, ReceivedUndigitised, ReceivedUnstated,
            Rated, Refused, Running, RunningUndated, Satisfied, Supplemented, Waiting, Withdrawn,
        };
        prop_assert_eq!(sum(&[Received, CarriedOver]), sum(&[Finished, Running]));
        prop_assert_eq!(sum(&[Finished]), sum(&[Early, OnTime, Late, FinishedUndated]));
        prop_assert_eq!(sum(&[Finished]), sum(&[Granted, Refused, Withdrawn, Lapsed]));
        prop_assert_eq!(sum(&[Running]), sum(&[InTerm, Overdue, RunningUndated, Waiting]));
        prop_assert_eq!(
            sum(&[Received]),
            sum(&[ReceivedDirect, ReceivedOnline, ReceivedByPost, ReceivedUnstated])
        );
        prop_assert_eq!(figures.stated(), sum(&[ReceivedDirect, ReceivedOnline, ReceivedByPost]));
        prop_assert_eq!(
            sum(&[Received]),
            sum(&[ReceivedDigitised, ReceivedUndigitised, ReceivedDigitisedUnstated])
        );
        prop_assert_eq!(figures.decided(), sum(&[Granted, Refused]));
        prop_assert!(sum(&[Satisfied, Dissatisfied]) <= sum(&[Rated]) && sum(&[Rated]) <= sum(&[Finished]));
        prop_assert!(sum(&[PaidOnline, PaidOtherwise]) <= sum(&[Finished]));
        prop_assert!(sum(&[IssuedElectronically]) <= figures.decided());
        prop_assert!(sum(&[Supplemented]) <= sum(&[Finished]));
        prop_assert!(sum(&[JudgedOnTime]) <= sum(&[Judged]));
        prop_assert_eq!(figures.cases(), entries.iter().filter(|entry| entry.is_of(window(now))).count() as u64);
    }

    /// What runs at the end of one period is what is carried over into the next.
    #[test]
    fn periods_join(entries in vec(entries(), 0..40)) {
        let this = window(DAYS);
        let next = Window { from: this.until, until: day(DAYS), as_of: day(DAYS) };
        prop_assert_eq!(
            figures(&entries, this).count(Figure::Running),
            figures(&entries, next).count(Figure::CarriedOver)
        );
    }

    #[test]
    fn groups_add_up(one in vec(entries(), 0..20), other in vec(entries(), 0..20)) {
        let all = [&one[..], &other].concat();
        prop_assert_eq!(
            figures(&one, window(50)).and(&figures(&other, window(50))),
            figures(&all, window(50))
        );
    }

    #[test]
    fn a_percentile_is_the_least_that_so_many_do_not_exceed(count in 1..1000_u64) {
        for percentile in PERCENTILES {
            let rank = rank_of_percentile(percentile, count);
            prop_assert!((1..=count).contains(&rank));
            prop_assert!(rank * 100 >= count * u64::from(percentile));
            prop_assert!((rank - 1) * 100 < count * u64::from(percentile));
        }
    }

    #[test]
    fn better_is_never_behind_and_equal_is_beside(shares in vec((1..50_u64, 0..50_u64), 0..30)) {
        let measure = |(judged, on_time): (u64, u64)| Measure {
            judged, on_time: on_time.min(judged), ended: 0, minutes: 0, allowed_minutes: 0,
        };
        let ranked = ranking(shares.iter().map(|share| measure(*share)).enumerate());
        prop_assert_eq!(ranked.len(), shares.len());
        for (place, _, measure) in &ranked {
            let better = |other: &&(u32, usize, Measure)| {
                other.2.on_time * measure.judged > measure.on_time * other.2.judged
            };
            prop_assert_eq!(*place as usize, ranked.iter().filter(better).count() + 1);
        }
    }
}

#[test]
fn time_is_counted_without_what_the_citizen_took() {
    // Monday 08:00 to Thursday 10:00 are three working days and two hours, of which Tuesday 10:00 to Wednesday 10:00 are not ours.
    let (submitted, due) = (at("2026-11-30T08:00"), at("2026-12-04T08:00"));
    let wait = Wait { from: at("2026-12-01T10:00"), to: Some(at("2026-12-02T10:00")) };
    let took = |waits: &[Wait], ended: &str, on_time| {
        Measured::of(&province(), submitted, Some(due), waits, at(ended), on_time)
    };
    let measured = took(&[wait], "2026-12-03T10:00", true);
    assert_eq!(measured.minutes, 3 * 480 + 120 - 480);
    assert_eq!((measured.allowed_minutes, measured.timeliness), (Some(4 * 480 - 480), Timeliness::Early));
    assert_eq!(took(&[], "2026-12-04T08:00", true).timeliness, Timeliness::OnTime);
    assert_eq!(took(&[], "2026-12-04T08:01", false).timeliness, Timeliness::Late);
    // Lapsed while it was waited for, long after: the time after the question is not ours either.
    let open = Wait { to: None, ..wait };
    assert_eq!(took(&[open], "2026-12-22T17:30", true).minutes, 480 + 120);
    let undated = Measured::of(&province(), submitted, None, &[], due, true);
    assert_eq!((undated.timeliness, undated.allowed_minutes), (Timeliness::Undated, None));
}

#[test]
fn what_waits_is_on_time_where_it_was_when_the_citizen_was_asked() {
    let window = window(DAYS);
    let waits = |asked: i64| Entry {
        submitted_at: day(31),
        due_at: Some(day(40)),
        ended: None,
        wait: Some(Wait { from: day(asked), to: None }),
        supplements: 1,
        channel: None,
        digitised: None,
        issued: false,
        rating: None,
        paid_online: None,
    };
    for (asked, on_time) in [(40, true), (41, false)] {
        assert!(waits(asked).counts(Figure::Waiting, window));
        assert_eq!(waits(asked).counts(Figure::JudgedOnTime, window), on_time, "asked on day {asked}");
    }
    // Asked twice, it is overdue whatever its date.
    assert!(!Entry { supplements: 2, ..waits(40) }.counts(Figure::JudgedOnTime, window));
}

/// The bundled province, whose catalogue has a procedure that is in force until 2027 only.
#[test]
fn what_is_online_is_a_share_of_what_is_in_force_on_the_day() {
    let province = Province::parse(&ninh_binh()).unwrap();
    let bases = |day: &str| levels(&province, day.parse().unwrap()).map(Levels::base);
    let in_force = |day: &str| {
        let day = day.parse().unwrap();
        let procedures = province.procedures.values();
        u32::try_from(procedures.filter(|one| one.check_in_force(day).is_ok()).count()).unwrap()
    };
    for day in ["2026-11-29", "2027-06-01"] {
        assert_eq!(bases(day).iter().sum::<u32>(), in_force(day), "{day}");
    }
    assert_ne!(bases("2026-11-29"), bases("2027-06-01"));
    // Nothing is converted from one version to the same; of one that was in part online, what has become of it.
    let day = "2026-11-29".parse().unwrap();
    assert_eq!(converted(&province, &province, day).count(), 0);
    let mut earlier = province.clone();
    let full = |one: &&Procedure| one.online == OnlineLevel::Full && one.check_in_force(day).is_ok();
    let one = province.procedures.values().find(full).unwrap();
    earlier.procedures.get_mut(&one.code).unwrap().online = OnlineLevel::Partial;
    assert_eq!(converted(&earlier, &province, day).map(|one| &one.code).collect::<Vec<_>>(), [&one.code]);

    // What is offered online, in full or in part, and what of that is used: what is offline does not count, whatever came in.
    let [full, partial] = levels(&province, day)
        .iter()
        .fold([0, 0], |[full, partial], tier| [full + tier.full, partial + tier.partial]);
    let all = |_: &Procedure| true;
    let services = offered(&province, day, all);
    assert_eq!((services.count, services.of), (u64::from(full + partial), u64::from(in_force("2026-11-29"))));
    assert_eq!(
        (used(&province, day, all, |_| true).count, used(&province, day, all, |_| true).of),
        (services.count, services.count)
    );
    let offline = |code: &str| province.procedure(code).unwrap().online == OnlineLevel::None;
    assert_eq!(used(&province, day, all, offline).count, 0);
    assert_eq!(used(&province, day, all, |code| code == one.code).count, 1);
    // Of one field alone, its own.
    let field = |procedure: &Procedure| procedure.field == one.field;
    let of_field = offered(&province, day, field);
    assert!(of_field.of < services.of && of_field.count >= 1);
    assert_eq!(used(&province, day, field, |_| true).of, of_field.count);
}

#[test]
fn a_period_is_read_in_all_its_forms() {
    for (text, from, to) in [
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-H2", "2026-07-01", "2026-12-31"),
        ("2026-Q4", "2026-10-01", "2026-12-31"),
        ("2026-q1", "2026-01-01", "2026-03-31"),
        ("2028-02", "2028-02-01", "2028-02-29"),
        ("2026-11-23", "2026-11-23", "2026-11-23"),
        ("2026-11-23..2026-12-01", "2026-11-23", "2026-12-01"),
    ] {
        let period: Period = text.parse().unwrap();
        assert_eq!((period.from().to_string().as_str(), period.to().to_string().as_str()), (from, to));
        assert_eq!(period.to_string().parse::<Period>().unwrap(), period);
    }
    for (text, reason) in [
        ("", "MALFORMED_PERIOD"),
        ("26-Q4", "MALFORMED_PERIOD"),
        ("2026-Q5", "MALFORMED_PERIOD"),
        ("2026-H0", "MALFORMED_PERIOD"),
        ("2026-13", "MALFORMED_PERIOD"),
        ("2026-Đ1", "MALFORMED_PERIOD"),
        ("2026-11-31", "MALFORMED_PERIOD"),
        ("2026-11-23-1", "MALFORMED_PERIOD"),
        ("2026-12-01..2026-11-30", "DAYS_REVERSED"),
        ("2023", "DATE_OUT_OF_RANGE"),
        ("2036-Q1", "DATE_OUT_OF_RANGE"),
    ] {
        assert_eq!(text.parse::<Period>().unwrap_err().reason, reason, "{text}");
    }
}

#[test]
fn a_period_lasts_from_local_midnight_to_local_midnight_and_is_seen_from_now() {
    let period: Period = "2026-11-23".parse().unwrap();
    let (begins, ends) = (at("2026-11-23T00:00"), at("2026-11-24T00:00"));
    let window = |now| period.window(&province(), now).unwrap();
    assert_eq!(window(at("2026-11-25T09:00")), Window { from: begins, until: ends, as_of: ends });
    assert_eq!(window(at("2026-11-23T09:00")).as_of, at("2026-11-23T09:00"));
}

#[test]
fn points_are_in_proportion_and_what_is_not_measured_is_named() {
    let measure =
        Measure { judged: 231_840, on_time: 227_488, ended: 100, minutes: 300, allowed_minutes: 600 };
    assert_eq!(format!("{:.2} {:.2}", measure.on_time_share() * 100.0, measure.points()), "98.12 19.62");
    assert_eq!((measure.mean_minutes(), measure.mean_allowed_minutes()), (Some(3.0), Some(6.0)));
    assert!(Measure::of(&Figures::default()).is_none());
    // The groups of the decision are 100 points together.
    assert_eq!(not_measured().iter().map(|group| group.points).sum::<u32>() + 20, 100);
}
