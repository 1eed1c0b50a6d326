//! What a comparison came to, for whoever asked for it.

use std::{collections::BTreeMap, time::Duration};

use jiff::civil::Date;
use phidia_domain::{id::UnitId, procedure::Text, province::Province};
use serde::Serialize;

use super::{
    Conditions,
    estimate::Estimate,
    measure::{Measure, float},
    pair::Pair,
};

/// How many of the ways that applications took are reported.
const FLOWS: usize = 150;

/// What a comparison came to.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Code of the province.
    pub province: String,
    /// Its name.
    pub name: Text,
    /// What was played.
    #[serde(flatten)]
    pub played: Played,
    /// The policy in question, `name@version`.
    pub policy: String,
    /// What it is compared with.
    pub against: String,
    /// How the world was.
    pub conditions: Conditions,
    /// By load, in the order in which they were asked for.
    pub loads: Vec<AtLoad>,
    /// What the machine did: not the same on another one; none where that is not told.
    pub measured: Option<Measured>,
}

/// What was played.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Played {
    /// Applications that are drawn, on the days of a quarter.
    Quarter {
        /// Its name, `2025Q3`.
        quarter: String,
        /// How many of its working days were played, and how many it has.
        days: [usize; 2],
        /// The first seed, and how many.
        seeds: [u64; 2],
    },
    /// What was really decided.
    Trace(TraceFacts),
}

/// What of the log of decisions was played.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TraceFacts {
    /// Decisions that were read.
    pub decisions: u64,
    /// The steps that they are about: later attempts at one count once.
    pub steps: u64,
    /// Of these, such as were left out: their home is no unit of the province any more.
    pub left_out: u64,
    /// The day on which the first application came in.
    pub first_day: Date,
    /// The day on which the last one did.
    pub last_day: Date,
    /// What the true efforts were drawn from, which the log does not know.
    pub seed: u64,
}

/// The figures at one load.
#[derive(Clone, Debug, Serialize)]
pub struct AtLoad {
    /// The load.
    pub load: f64,
    /// Applications in each run.
    pub applications: u32,
    /// Applications for which the optimum was solved, all runs of one policy together.
    pub optimum_applications: usize,
    /// Every figure of both policies.
    pub figures: BTreeMap<Measure, Comparison>,
    /// The units, by code.
    pub places: Vec<Place>,
    /// The ways that most applications took under the policy, the most used first.
    pub flows: Vec<Flow>,
}

/// A figure under both policies.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Under the policy in question.
    pub policy: Estimate,
    /// Under the other.
    pub against: Estimate,
    /// The first minus the second, pair by pair.
    pub difference: Estimate,
}

/// A unit in all runs of a load.
#[derive(Clone, Debug, Serialize)]
pub struct Place {
    /// Official code.
    pub code: String,
    /// Name.
    pub name: Text,
    /// Latitude and longitude.
    pub position: Option<(f64, f64)>,
    /// Applications of which it was home, per run.
    pub applications: f64,
    /// On-time share of these under the policy, and under the other.
    pub on_time: [f64; 2],
}

/// Applications whose first step was worked away from home.
#[derive(Clone, Debug, Serialize)]
pub struct Flow {
    /// Code of home.
    pub from: String,
    /// Code of the unit that worked on them.
    pub to: String,
    /// How many, per run.
    pub applications: f64,
}

/// What depends on the machine.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Measured {
    /// Real time, in seconds.
    pub seconds: f64,
    /// Applications played.
    pub applications: u64,
    /// Decisions made.
    pub decisions: u64,
    /// Real time of a decision, in microseconds, the mean.
    pub decision_micros: f64,
}

impl Measured {
    pub(crate) fn of<'p>(took: Duration, applications: u64, pairs: impl Iterator<Item = &'p Pair>) -> Self {
        let (decisions, deciding) = pairs.fold((0, Duration::ZERO), |(decisions, deciding), pair| {
            (decisions + pair.decisions, deciding + pair.deciding)
        });
        let each = float(i64::try_from(decisions).unwrap_or(i64::MAX)).max(1.0);
        let decision_micros = deciding.as_secs_f64() * 1e6 / each;
        Self { seconds: took.as_secs_f64(), applications, decisions, decision_micros }
    }
}

impl AtLoad {
    /// What the pairs of runs at a load came to, of so many applications each.
    pub(crate) fn of(province: &Province, load: f64, applications: u32, pairs: &[Pair]) -> Self {
        let runs = float(i64::try_from(pairs.len()).unwrap_or(i64::MAX)).max(1.0);
        let figures = Measure::ALL.into_iter().filter_map(|measure| {
            let values = |which: usize| -> Option<Vec<f64>> {
                pairs.iter().map(|pair| pair.figures[which].of(measure)).collect()
            };
            let (policy, against) = (values(0)?, values(1)?);
            let difference: Vec<f64> = policy.iter().zip(&against).map(|(one, other)| one - other).collect();
            let comparison = Comparison {
                policy: Estimate::of(&policy),
                against: Estimate::of(&against),
                difference: Estimate::of(&difference),
            };
            Some((measure, comparison))
        });
        let code = |unit: &UnitId| province.units.get(unit).map(|unit| unit.code.clone()).unwrap_or_default();
        let mut flows: BTreeMap<(UnitId, UnitId), u32> = BTreeMap::new();
        for (way, count) in pairs.iter().flat_map(|pair| &pair.flows) {
            *flows.entry(*way).or_default() += count;
        }
        let mut flows: Vec<_> = flows.into_iter().collect();
        flows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        flows.truncate(FLOWS);
        Self {
            load,
            applications,
            optimum_applications: pairs.iter().map(|pair| pair.optimum_applications).sum(),
            figures: figures.collect(),
            places: places(province, pairs, runs),
            flows: flows
                .iter()
                .map(|((from, to), count)| Flow {
                    from: code(from),
                    to: code(to),
                    applications: f64::from(*count) / runs,
                })
                .collect(),
        }
    }
}

fn places(province: &Province, pairs: &[Pair], runs: f64) -> Vec<Place> {
    let mut places: Vec<Place> = (province.units.values())
        .map(|unit| {
            let homes = pairs.iter().filter_map(|pair| pair.homes.get(&unit.id));
            let [all, one, other] = homes.fold([0_u32; 3], |[a, b, c], [x, y, z]| [a + x, b + y, c + z]);
            let share = |part: u32| if all == 0 { 1.0 } else { f64::from(part) / f64::from(all) };
            Place {
                code: unit.code.clone(),
                name: unit.name.clone(),
                position: unit.position,
                applications: f64::from(all) / runs,
                on_time: [share(one), share(other)],
            }
        })
        .collect();
    places.sort_by(|one, other| one.code.cmp(&other.code));
    places
}
