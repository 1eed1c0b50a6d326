//! What working time costs to reckon, beside a walk day by day: `cargo bench -p phidia-domain --bench calendar`.
//! `services/processing/README.md` says what was seen. The calendar is that of Ninh Bình, over all the years that it covers.
#![allow(missing_docs, clippy::unwrap_used, reason = "it measures")]

use std::{collections::BTreeMap, fmt, path::Path};

use divan::Bencher;
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Time};
use phidia_domain::{
    calendar::{CapacityCalendar, END_DAY, FIRST_DAY, Hours, LegalClock},
    province::{Documents, Province},
};

fn main() {
    divan::main();
}

/// Working days of eight hours between one instant and another.
#[derive(Clone, Copy)]
struct Days(i64);

impl Days {
    fn minutes(self) -> i64 {
        self.0 * 480
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} working days", self.0)
    }
}

/// A usual limit, a long one, some eleven months, and some ten years.
const SPANS: [Days; 4] = [Days(3), Days(30), Days(240), Days(2_400)];
/// Instants from which is reckoned: far more than the processor would learn by heart.
const INSTANTS: u64 = 10_000;

fn clock() -> LegalClock {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/province/ninh-binh");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let files = files.map(|entry| (entry.file_name().into_string().unwrap(), entry.path()));
    let files = files.filter(|(name, _)| Province::reads(name));
    let files = files.map(|(name, path)| (name, std::fs::read(path).unwrap()));
    Province::parse(&Documents(files.collect())).unwrap().clock
}

/// A unit that works three hours on every Saturday, so that it shares no month with the legal clock.
fn saturdays(clock: &LegalClock) -> CapacityCalendar {
    let hours = vec![Hours { opens: Time::constant(8, 0, 0, 0), closes: Time::constant(11, 0, 0, 0) }];
    let days = FIRST_DAY.series(1.day()).take_while(|day| *day < END_DAY);
    let saturdays = days.filter(|day| day.weekday().to_monday_one_offset() == 6);
    CapacityCalendar::new(clock, saturdays.map(|day| (day, hours.clone())).collect()).unwrap()
}

/// Full minutes by chance, the same each time, from which so much can still be reckoned: whoever is asked of one cannot guess
/// where the next lies.
fn instants(clock: &LegalClock, span: Days) -> Vec<Timestamp> {
    let [begin, end] =
        [FIRST_DAY, END_DAY].map(|day| clock.time_zone().to_timestamp(day.at(0, 0, 0, 0)).unwrap());
    let last = clock.add_minutes(end - SignedDuration::from_secs(1), -span.minutes()).unwrap();
    let minutes = u64::try_from(last.duration_since(begin).as_mins()).unwrap();
    let places = (0..INSTANTS).map(|number| i64::try_from(mix(number) % minutes).unwrap());
    places.map(|minute| begin + SignedDuration::from_mins(minute)).collect()
}

/// A number by chance, the same for the same one (`SplitMix64`).
fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The calendar as one has it without prefix sums: the hours of each local day, one day after the other. Vietnam has no summer
/// time, so that local minutes are minutes.
struct Walk {
    calendar: CapacityCalendar,
    clock: LegalClock,
}

impl Walk {
    fn over(clock: &LegalClock) -> Self {
        Self { calendar: CapacityCalendar::new(clock, BTreeMap::new()).unwrap(), clock: clock.clone() }
    }

    fn minute(time: Time) -> i64 {
        i64::from(time.hour()) * 60 + i64::from(time.minute())
    }

    fn minutes_between(&self, from: Timestamp, to: Timestamp) -> i64 {
        let (from, to) = (self.clock.time_zone().to_datetime(from), self.clock.time_zone().to_datetime(to));
        let (mut day, mut minutes) = (from.date(), 0);
        while day <= to.date() {
            let begin = if day == from.date() { Self::minute(from.time()) } else { 0 };
            let end = if day == to.date() { Self::minute(to.time()) } else { 24 * 60 };
            for hours in self.calendar.hours_of(day) {
                let (opens, closes) = (Self::minute(hours.opens), Self::minute(hours.closes));
                minutes += (closes.min(end) - opens.max(begin)).max(0);
            }
            day = day.tomorrow().unwrap();
        }
        minutes
    }

    fn add_minutes(&self, from: Timestamp, minutes: i64) -> Timestamp {
        let zone = self.clock.time_zone();
        let from = zone.to_datetime(from);
        let (mut day, mut begin, mut left) = (from.date(), Self::minute(from.time()), minutes);
        loop {
            for hours in self.calendar.hours_of(day) {
                let (opens, closes) = (Self::minute(hours.opens).max(begin), Self::minute(hours.closes));
                let open = (closes - opens).max(0);
                if open >= left {
                    let at = day.at(0, 0, 0, 0) + SignedDuration::from_mins(opens + left);
                    return zone.to_timestamp(at).unwrap();
                }
                left -= open;
            }
            (day, begin) = (day.tomorrow().unwrap(), 0);
        }
    }
}

/// Measures what is asked of one instant after the other: each is asked ten times, in samples of a thousand, so that one that is
/// interrupted shows in the slowest alone.
fn each<T>(bencher: Bencher<'_, '_>, questions: &[T], answer: impl Fn(&T) -> i64) {
    let mut questions = questions.iter().cycle();
    bencher.with_inputs(|| questions.next().unwrap()).bench_local_values(answer);
}

/// The instant that so many working minutes lie after another.
mod add {
    use super::{Bencher, Days, SPANS, Timestamp, Walk, clock, each, instants, saturdays};

    #[divan::bench(args = SPANS, sample_count = 100, sample_size = 1_000)]
    fn legal_clock(bencher: Bencher<'_, '_>, span: Days) {
        let clock = clock();
        let add = |from: &Timestamp| clock.add_minutes(*from, span.minutes()).unwrap();
        each(bencher, &instants(&clock, span), |from| add(from).as_second());
    }

    #[divan::bench(args = SPANS, sample_count = 100, sample_size = 1_000)]
    fn unit_with_saturdays(bencher: Bencher<'_, '_>, span: Days) {
        let clock = clock();
        let unit = saturdays(&clock);
        let add = |from: &Timestamp| unit.add_minutes(*from, span.minutes()).unwrap();
        each(bencher, &instants(&clock, span), |from| add(from).as_second());
    }

    /// The naive one; it says the same of each instant, or nothing is measured.
    #[divan::bench(args = SPANS, sample_count = 100, sample_size = 1_000)]
    fn walk_by_days(bencher: Bencher<'_, '_>, span: Days) {
        let clock = clock();
        let (walk, instants) = (Walk::over(&clock), instants(&clock, span));
        for from in &instants {
            let walked = walk.add_minutes(*from, span.minutes());
            assert_eq!(clock.add_minutes(*from, span.minutes()), Ok(walked), "{from} {span}");
        }
        each(bencher, &instants, |from| walk.add_minutes(*from, span.minutes()).as_second());
    }
}

/// The working minutes between two instants.
mod between {
    use super::{Bencher, Days, LegalClock, SPANS, Timestamp, Walk, clock, each, instants, saturdays};

    /// Pairs so far apart by the legal clock.
    fn pairs(clock: &LegalClock, span: Days) -> Vec<(Timestamp, Timestamp)> {
        let to = |from| clock.add_minutes(from, span.minutes()).unwrap();
        instants(clock, span).into_iter().map(|from| (from, to(from))).collect()
    }

    #[divan::bench(args = SPANS, sample_count = 100, sample_size = 1_000)]
    fn legal_clock(bencher: Bencher<'_, '_>, span: Days) {
        let clock = clock();
        each(bencher, &pairs(&clock, span), |(from, to)| clock.minutes_between(*from, *to));
    }

    #[divan::bench(args = SPANS, sample_count = 100, sample_size = 1_000)]
    fn unit_with_saturdays(bencher: Bencher<'_, '_>, span: Days) {
        let clock = clock();
        let unit = saturdays(&clock);
        each(bencher, &pairs(&clock, span), |(from, to)| unit.minutes_between(*from, *to));
    }

    /// The naive one; it says the same of each pair, or nothing is measured.
    #[divan::bench(args = SPANS, sample_count = 100, sample_size = 1_000)]
    fn walk_by_days(bencher: Bencher<'_, '_>, span: Days) {
        let clock = clock();
        let (walk, pairs) = (Walk::over(&clock), pairs(&clock, span));
        for (from, to) in &pairs {
            assert_eq!(walk.minutes_between(*from, *to), clock.minutes_between(*from, *to), "{from} {to}");
        }
        each(bencher, &pairs, |(from, to)| walk.minutes_between(*from, *to));
    }
}
