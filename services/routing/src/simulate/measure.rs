//! What a run came to, in figures.

use std::collections::BTreeMap;

use jiff::Timestamp;
use phidia_domain::{id::UnitId, route::Ground};
use serde::Serialize;

use super::{
    arrivals::Arrivals,
    outcome::{Fate, Outcome},
    world::World,
};

/// One figure of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Share of the applications that were finished by their due date.
    OnTime,
    /// Applications that were not.
    Late,
    /// Applications that nobody had finished when the run ended.
    Open,
    /// Working minutes past the due date, mean over all applications.
    MeanTardiness,
    /// Working minutes past the due date that 99 % of the applications keep below.
    TardinessP99,
    /// Working minutes from the assignment of the first step until somebody takes it up, of half of them.
    WaitP50,
    /// … of 99 % of them.
    WaitP99,
    /// Share of the applications of which a step left its home because nobody there can do it.
    MovedForNeed,
    /// … because another unit finishes it better.
    MovedForGain,
    /// Share of the applications of which a step was rescued: taken from a unit where it would have been late.
    Rescued,
    /// Share of all worked minutes that units worked for homes elsewhere.
    Borrowed,
    /// Share of the officers' time that was worked, all commune centres together.
    Utilisation,
    /// Jain's index of the commune centres' utilisation: 1 when all are alike.
    JainUtilisation,
    /// Jain's index of the on-time share of the applications of each home.
    JainOnTime,
    /// The lowest on-time share of a home.
    WorstOnTime,
    /// Share of the applications whose first step is given to the unit that was really chosen for it; only where
    /// what is played is what was decided.
    AsDecided,
    /// Minutes per application, tardiness and moves, above the offline optimum (`optimum`), on its windows.
    Regret,
}

impl Measure {
    /// All of them in their order.
    pub const ALL: [Self; 17] = [
        Self::OnTime,
        Self::Late,
        Self::Open,
        Self::MeanTardiness,
        Self::TardinessP99,
        Self::WaitP50,
        Self::WaitP99,
        Self::MovedForNeed,
        Self::MovedForGain,
        Self::Rescued,
        Self::Borrowed,
        Self::Utilisation,
        Self::JainUtilisation,
        Self::JainOnTime,
        Self::WorstOnTime,
        Self::AsDecided,
        Self::Regret,
    ];

    /// The stable name, as it is written and sent.
    pub fn name(self) -> &'static str {
        match self {
            Self::OnTime => "on_time",
            Self::Late => "late",
            Self::Open => "open",
            Self::MeanTardiness => "mean_tardiness",
            Self::TardinessP99 => "tardiness_p99",
            Self::WaitP50 => "wait_p50",
            Self::WaitP99 => "wait_p99",
            Self::MovedForNeed => "moved_for_need",
            Self::MovedForGain => "moved_for_gain",
            Self::Rescued => "rescued",
            Self::Borrowed => "borrowed",
            Self::Utilisation => "utilisation",
            Self::JainUtilisation => "jain_utilisation",
            Self::JainOnTime => "jain_on_time",
            Self::WorstOnTime => "worst_on_time",
            Self::AsDecided => "as_decided",
            Self::Regret => "regret",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.name() == name)
    }
}

/// The figures of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures(pub(crate) BTreeMap<Measure, f64>);

impl Figures {
    /// A figure; none where it was not asked for.
    pub fn of(&self, measure: Measure) -> Option<f64> {
        self.0.get(&measure).copied()
    }
}

/// What a unit that was home came to.
#[derive(Clone, Copy, Debug, Default)]
struct Home {
    all: u32,
    on_time: u32,
}

/// Reckons the figures of a run that lasted from one instant to another.
pub(crate) fn measure(
    world: &World,
    arrivals: &Arrivals,
    outcome: &Outcome,
    from: Timestamp,
    to: Timestamp,
) -> Figures {
    let clock = &world.province.clock;
    let [mut late, mut open, mut need, mut gain, mut rescued] = [0_u32; 5];
    let (mut tardiness, mut waits) = (Vec::new(), Vec::new());
    let mut homes: BTreeMap<UnitId, Home> = BTreeMap::new();
    for (application, fate) in arrivals.applications.iter().zip(&outcome.fates) {
        let on_time = is_on_time(application.due_at, fate);
        late += u32::from(!on_time);
        open += u32::from(fate.finished_at.is_none());
        need += u32::from(fate.moved == Some(Ground::Need));
        gain += u32::from(fate.moved == Some(Ground::Gain));
        rescued += u32::from(fate.rescues > 0);
        let past_due = |due_at| clock.minutes_between(due_at, fate.finished_at.unwrap_or(to)).max(0);
        tardiness.push(application.due_at.map_or(0, past_due));
        if let (Some(assigned_at), Some(begun_at)) = (fate.assigned_at, fate.begun_at) {
            waits.push(clock.minutes_between(assigned_at, begun_at));
        }
        if let Some(home) = fate.home {
            let home = homes.entry(home).or_default();
            home.all += 1;
            home.on_time += u32::from(on_time);
        }
    }
    tardiness.sort_unstable();
    waits.sort_unstable();

    let centres = (world.offices.iter().zip(&outcome.done)).filter(|(office, _)| office.is_commune_centre);
    let used: Vec<_> =
        centres.map(|(office, done)| (float(done.minutes), float(office.capacity(from, to)))).collect();
    let utilisation = |(done, capacity): &(f64, f64)| if *capacity > 0.0 { done / capacity } else { 0.0 };
    let on_time: Vec<f64> =
        homes.values().map(|home| f64::from(home.on_time) / f64::from(home.all)).collect();
    let (done, borrowed) = (outcome.done.iter())
        .fold((0, 0), |(done, borrowed), unit| (done + unit.minutes, borrowed + unit.borrowed));

    let all = float(count(arrivals.applications.len())).max(1.0);
    let mut figures = BTreeMap::from([
        (Measure::OnTime, 1.0 - f64::from(late) / all),
        (Measure::Late, f64::from(late)),
        (Measure::Open, f64::from(open)),
        (Measure::MeanTardiness, float(tardiness.iter().sum()) / all),
        (Measure::TardinessP99, float(percentile(&tardiness, 99))),
        (Measure::WaitP50, float(percentile(&waits, 50))),
        (Measure::WaitP99, float(percentile(&waits, 99))),
        (Measure::MovedForNeed, f64::from(need) / all),
        (Measure::MovedForGain, f64::from(gain) / all),
        (Measure::Rescued, f64::from(rescued) / all),
        (Measure::Borrowed, float(borrowed) / float(done).max(1.0)),
        // Of what is played on a day off nobody can say.
        (
            Measure::Utilisation,
            utilisation(&used.iter().fold((0.0, 0.0), |all, own| (all.0 + own.0, all.1 + own.1))),
        ),
        (Measure::JainUtilisation, jain(used.iter().map(utilisation))),
        (Measure::JainOnTime, jain(on_time.iter().copied())),
        (Measure::WorstOnTime, on_time.iter().copied().fold(1.0, f64::min)),
    ]);
    if let Some(share) = as_decided(arrivals, outcome) {
        figures.insert(Measure::AsDecided, share);
    }
    Figures(figures)
}

/// None where nothing was really decided.
fn as_decided(arrivals: &Arrivals, outcome: &Outcome) -> Option<f64> {
    let decided = arrivals.applications.iter().zip(&outcome.fates);
    let same: Vec<bool> = decided
        .filter_map(|(application, fate)| Some(fate.chosen == Some(application.really_at()?)))
        .collect();
    let agreeing = same.iter().filter(|same| **same).count();
    (!same.is_empty()).then(|| float(count(agreeing)) / float(count(same.len())))
}

/// Whether it was finished by its due date, or nothing was promised and it was finished.
pub(crate) fn is_on_time(due_at: Option<Timestamp>, fate: &Fate) -> bool {
    fate.finished_at.is_some_and(|finished_at| due_at.is_none_or(|due_at| finished_at <= due_at))
}

/// Jain, Chiu and Hawe 1984: from 1/n, when one has all, to 1, when all have the same. 1 of nothing.
pub(crate) fn jain(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum, squares) =
        values.fold((0.0, 0.0, 0.0), |(count, sum, squares), x| (count + 1.0, sum + x, squares + x * x));
    if squares > 0.0 { sum * sum / (count * squares) } else { 1.0 }
}

/// The value that so many percent of the sorted values do not exceed.
fn percentile(sorted: &[i64], percent: usize) -> i64 {
    let index = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(index).copied().unwrap_or(0)
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// Minutes and counts as figures have them.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
pub(crate) fn float(whole: i64) -> f64 {
    whole as f64
}
