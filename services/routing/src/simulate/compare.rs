//! Many runs in pairs, and with what certainty two policies differ.

use std::{
    collections::BTreeMap,
    num::NonZero,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use phidia_domain::{Rejection, id::UnitId, procedure::Text, route::Policy};
use serde::Serialize;

use super::{
    Conditions, Interrupted, Simulator,
    demand::{Arrivals, whole},
    measure::{Figures, Measure, float, is_on_time, measure},
    optimum::Window,
    play::{Outcome, play},
    titled,
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
    /// The quarter, `2025Q3`.
    pub quarter: String,
    /// How many of its working days were played, and how many it has.
    pub days: [usize; 2],
    /// The policy in question, `name@version`.
    pub policy: String,
    /// What it is compared with.
    pub against: String,
    /// The first seed, and how many.
    pub seeds: [u64; 2],
    /// How the world was.
    pub conditions: Conditions,
    /// By load, in the order in which they were asked for.
    pub loads: Vec<AtLoad>,
    /// What the machine did: not the same on another one.
    pub measured: Measured,
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

/// A mean over the seeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Half the width of its 95 % interval, by Student's t; none of a single seed.
    pub half_width: Option<f64>,
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

/// A pair of runs that share all chance.
struct Pair {
    figures: [Figures; 2],
    optimum_applications: usize,
    /// By home: applications, and those on time under each policy.
    homes: BTreeMap<UnitId, [u32; 3]>,
    flows: BTreeMap<(UnitId, UnitId), u32>,
    decisions: u64,
    deciding: Duration,
}

impl Simulator {
    /// Plays every load with every seed under both policies, on so many threads; `go_on` is told of every
    /// finished application, and says whether to go on.
    ///
    /// # Errors
    /// [`Interrupted`]; a policy that does not make sense is refused by its own words.
    pub fn compare(
        &self,
        policy: &Policy,
        against: &Policy,
        threads: NonZero<usize>,
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<Report, Interrupted> {
        let began = Instant::now();
        policy.validate().map_err(|rejection| rejection.under("policy"))?;
        against.validate().map_err(|rejection| rejection.under("against"))?;
        let experiment = &self.experiment;
        let jobs: Vec<(usize, u64)> = (0..experiment.loads.len())
            .flat_map(|load| {
                (0..u64::from(experiment.seeds)).map(move |seed| (load, experiment.first_seed + seed))
            })
            .collect();
        let pairs = self.run(&jobs, [policy, against], threads, go_on)?;
        let mut loads: Vec<Vec<Pair>> = experiment.loads.iter().map(|_| Vec::new()).collect();
        for ((load, _), pair) in jobs.iter().zip(pairs) {
            loads[*load].push(pair);
        }
        let decisions = loads.iter().flatten().map(|pair| pair.decisions).sum();
        let deciding: Duration = loads.iter().flatten().map(|pair| pair.deciding).sum();
        let measured = Measured {
            seconds: began.elapsed().as_secs_f64(),
            applications: self.applications(),
            decisions,
            decision_micros: deciding.as_secs_f64() * 1e6
                / float(i64::try_from(decisions).unwrap_or(i64::MAX)).max(1.0),
        };
        Ok(Report {
            province: self.world.province.code.clone(),
            name: self.world.province.name.clone(),
            quarter: experiment.quarter.to_string(),
            days: [self.quarter.days.len(), self.quarter.working_days],
            policy: titled(policy),
            against: titled(against),
            seeds: [experiment.first_seed, experiment.seeds.into()],
            conditions: experiment.conditions,
            loads: experiment.loads.iter().zip(&loads).map(|(load, pairs)| self.at(*load, pairs)).collect(),
            measured,
        })
    }

    /// Plays the jobs, each a load and a seed; their pairs in the same order.
    fn run(
        &self,
        jobs: &[(usize, u64)],
        policies: [&Policy; 2],
        threads: NonZero<usize>,
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<Vec<Pair>, Interrupted> {
        let (next, stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
        let done: Mutex<Vec<(usize, Result<Pair, Interrupted>)>> = Mutex::new(Vec::new());
        let goes_on = || {
            let goes_on = go_on() && !stopped.load(Ordering::Relaxed);
            stopped.fetch_or(!goes_on, Ordering::Relaxed);
            goes_on
        };
        thread::scope(|scope| {
            for _ in 0..threads.get().min(jobs.len()) {
                scope.spawn(|| {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some((load, seed)) = jobs.get(index).copied() else { break };
                        let pair = self.pair(load, seed, policies, &goes_on);
                        if pair.is_err() {
                            stopped.store(true, Ordering::Relaxed);
                        }
                        done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((index, pair));
                    }
                });
            }
        });
        let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        // What was refused says more than what was stopped by it.
        done.sort_by_key(|(index, pair)| (!matches!(pair, Err(Interrupted::Refused(_))), *index));
        done.into_iter().map(|(_, pair)| pair).collect()
    }

    /// One seed at one load under both policies.
    fn pair(
        &self,
        load: usize,
        seed: u64,
        policies: [&Policy; 2],
        go_on: &dyn Fn() -> bool,
    ) -> Result<Pair, Interrupted> {
        let world = &self.world;
        let count = self.at_load(self.experiment.loads[load]);
        let conditions = &self.experiment.conditions;
        let arrivals = Arrivals::draw(&self.demand, &world.province, &self.quarter, count, conditions, seed)?;
        let (absences, span) = (self.absences(seed)?, self.span()?);
        let [policy, against] = policies;
        let outcomes = [
            play(world, policy, &arrivals, &absences, go_on)?,
            play(world, against, &arrivals, &absences, go_on)?,
        ];
        let windows = self.windows(&arrivals, policy)?;
        let figures = outcomes.each_ref().map(|outcome| {
            let mut figures = measure(world, &arrivals, outcome, span.start, span.end);
            let solved: usize = windows.iter().map(Window::applications).sum();
            if solved > 0 {
                let regret: f64 =
                    windows.iter().map(|window| window.regret(world, &arrivals, outcome, span.end)).sum();
                figures.0.insert(Measure::Regret, regret / float(i64::try_from(solved).unwrap_or(i64::MAX)));
            }
            figures
        });
        Ok(Pair {
            optimum_applications: windows.iter().map(Window::applications).sum(),
            homes: homes(&arrivals, &outcomes),
            flows: flows(&outcomes[0]),
            decisions: outcomes.iter().map(|outcome| outcome.decisions).sum(),
            deciding: outcomes.iter().map(|outcome| outcome.deciding).sum(),
            figures,
        })
    }

    /// Solves the days of the optimum, spread evenly over those that are played.
    fn windows(&self, arrivals: &Arrivals, policy: &Policy) -> Result<Vec<Window>, Rejection> {
        let (days, wanted) = (&self.quarter.days, usize::try_from(self.experiment.optimum_days).unwrap_or(0));
        let wanted = wanted.min(days.len());
        let moving_minutes = i64::from(whole(policy.moving_minutes));
        (0..wanted)
            .map(|index| {
                let day = days[(2 * index + 1) * days.len() / (2 * wanted)];
                Window::solve(&self.world, arrivals, day, moving_minutes)
            })
            .collect()
    }

    fn at(&self, load: f64, pairs: &[Pair]) -> AtLoad {
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
        let code = |unit: &UnitId| {
            self.world.province.units.get(unit).map(|unit| unit.code.clone()).unwrap_or_default()
        };
        let mut flows: BTreeMap<(UnitId, UnitId), u32> = BTreeMap::new();
        for (way, count) in pairs.iter().flat_map(|pair| &pair.flows) {
            *flows.entry(*way).or_default() += count;
        }
        let mut flows: Vec<_> = flows.into_iter().collect();
        flows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        flows.truncate(FLOWS);
        AtLoad {
            load,
            applications: self.at_load(load),
            optimum_applications: pairs.iter().map(|pair| pair.optimum_applications).sum(),
            figures: figures.collect(),
            places: self.places(pairs, runs),
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

    fn places(&self, pairs: &[Pair], runs: f64) -> Vec<Place> {
        let mut places: Vec<Place> = (self.world.province.units.values())
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
}

fn homes(arrivals: &Arrivals, outcomes: &[Outcome; 2]) -> BTreeMap<UnitId, [u32; 3]> {
    let mut homes: BTreeMap<UnitId, [u32; 3]> = BTreeMap::new();
    let [one, other] = outcomes;
    for (application, (first, second)) in arrivals.applications.iter().zip(one.fates.iter().zip(&other.fates))
    {
        let Some(home) = first.home else { continue };
        let [all, on_time, on_time_there] = homes.entry(home).or_default();
        *all += 1;
        *on_time += u32::from(is_on_time(application.due_at, first));
        *on_time_there += u32::from(is_on_time(application.due_at, second));
    }
    homes
}

fn flows(outcome: &Outcome) -> BTreeMap<(UnitId, UnitId), u32> {
    let mut flows = BTreeMap::new();
    for fate in &outcome.fates {
        if let (Some(home), Some(worked_at)) = (fate.home, fate.worked_at)
            && home != worked_at
        {
            *flows.entry((home, worked_at)).or_default() += 1;
        }
    }
    flows
}

impl Estimate {
    /// The mean of independent values with its interval.
    pub(crate) fn of(values: &[f64]) -> Self {
        let count = float(i64::try_from(values.len()).unwrap_or(i64::MAX));
        let mean = values.iter().sum::<f64>() / count.max(1.0);
        let half_width = (values.len() > 1).then(|| {
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            student(values.len() - 1) * (squares / (count - 1.0) / count).sqrt()
        });
        Self { mean, half_width }
    }
}

/// The quantile of Student's t that 97.5 % lie below, by degrees of freedom.
fn student(freedom: usize) -> f64 {
    const QUANTILES: [f64; 30] = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145,
        2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048,
        2.045, 2.042,
    ];
    // Beyond, the normal quantile with the first terms of its expansion (Fisher and Cornish 1960).
    let beyond = || {
        let (z, freedom) = (1.959_964, float(i64::try_from(freedom).unwrap_or(i64::MAX)));
        z + (z * z * z + z) / (4.0 * freedom)
    };
    freedom.checked_sub(1).and_then(|index| QUANTILES.get(index)).copied().unwrap_or_else(beyond)
}
