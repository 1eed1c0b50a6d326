//! The simulator: plays a quarter of a province under two policies, on the very code that decides in production,
//! and says with what certainty they differ.
//!
//! - `quarter`, [`demand`], `calibration`: which days, and who hands what in; drawn from a seed by `dice` and
//!   `weights`, into `arrivals`
//! - `trace`: what was really decided, in the place of what is drawn
//! - `application`, `effort`: what the policy is asked for each step, and what that takes
//! - `world`, `attendance`, `desk`, `play`: units, officers and who of them is ill, and the course of events under one
//!   policy, with what it rescues
//! - `outcome`, `measure`: what a run came to; `optimum`: what no policy could undercut
//! - `pair`, `compare`: many runs, in pairs that share all chance (common random numbers); `report`, `estimate`: what
//!   they came to, with the intervals of their differences
//! - `live`: what a policy would do to the cases that are open now
//!
//! Pure but for the clock that times decisions: the same seed gives the same figures. What it leaves out: several
//! replicas that decide at once, the turns of `case next`, the time that paper travels, and that an officer whose hours are over
//! leaves what they have begun.

mod application;
mod arrivals;
mod attendance;
mod calibration;
mod compare;
pub mod demand;
mod desk;
mod dice;
mod effort;
mod estimate;
pub(crate) mod live;
mod measure;
mod optimum;
mod outcome;
mod pair;
mod play;
mod quarter;
mod report;
pub(crate) mod trace;
mod weights;
mod world;

use std::collections::BTreeMap;

use phidia_domain::{Rejection, province::Province, registry::Absence, route::Policy};

use self::{attendance::Attendance, calibration::staffed, quarter::Quarter, world::World};
pub use self::{
    calibration::{EFFORT_SHARE, EFFORT_SIGMA, QUARTERLY_APPLICATIONS, SHOCK_SHARE},
    demand::Demand,
    dice::Dice,
    estimate::Estimate,
    measure::{Figures, Measure},
    quarter::QuarterName,
    report::{AtLoad, Comparison, Flow, Measured, Place, Played, Report, TraceFacts},
    weights::Weights,
};

/// The bounds of a comparison.
const MOST_LOADS: usize = 20;
const MOST_SEEDS: u32 = 1_000;
const MOST_APPLICATIONS: u32 = 10_000_000;

/// How the world is, apart from the policy.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Conditions {
    /// Share of the planned effort that a step takes on the average.
    pub effort_share: f64,
    /// Deviation of the logarithm of the true effort.
    pub effort_sigma: f64,
    /// Share of the units that lose half their officers for three days on end, once; the policy is told on the first
    /// morning.
    pub shock_share: f64,
}

impl Conditions {
    /// In which a trace is played: what is planned is what is spent on the average, and who falls ill is what the registry
    /// says.
    pub const PLANNED: Self = Self { effort_share: 1.0, effort_sigma: EFFORT_SIGMA, shock_share: 0.0 };
}

impl Default for Conditions {
    fn default() -> Self {
        Self { effort_share: EFFORT_SHARE, effort_sigma: EFFORT_SIGMA, shock_share: SHOCK_SHARE }
    }
}

/// What is to be played.
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    /// The quarter.
    pub quarter: QuarterName,
    /// Only so many of its working days, from the first one on.
    pub days: Option<u32>,
    /// Applications in the whole quarter at load 1.
    pub applications: u32,
    /// Multiples of that.
    pub loads: Vec<f64>,
    /// The first seed.
    pub first_seed: u64,
    /// How many seeds, from the first one on.
    pub seeds: u32,
    /// How the world is.
    pub conditions: Conditions,
    /// For how many days of each run the optimum is solved.
    pub optimum_days: u32,
}

impl Experiment {
    /// Refuses what cannot be played.
    ///
    /// # Errors
    /// `OUT_OF_RANGE` that names the field.
    pub fn validate(&self) -> Result<(), Rejection> {
        let Conditions { effort_share, effort_sigma, shock_share } = self.conditions;
        let loads = 1..=MOST_LOADS;
        let settings = [
            ("loads", loads.contains(&self.loads.len()), "from 1 to 20 loads"),
            ("loads", self.loads.iter().all(|load| *load > 0.0 && *load <= 10.0), "loads above 0, up to 10"),
            ("seeds", (1..=MOST_SEEDS).contains(&self.seeds), "from 1 to 1,000"),
            ("days", self.days != Some(0), "at least 1"),
            ("applications", (1..=MOST_APPLICATIONS).contains(&self.applications), "from 1 to 10,000,000"),
            ("effort_share", effort_share > 0.0 && effort_share <= 10.0, "above 0, up to 10"),
            ("effort_sigma", (0.0..=3.0).contains(&effort_sigma), "from 0 to 3"),
            ("shock_share", (0.0..=1.0).contains(&shock_share), "a share from 0 to 1"),
        ];
        match settings.into_iter().find(|(_, valid, _)| !valid) {
            Some((setting, _, expected)) => Err(Rejection::invalid("OUT_OF_RANGE", setting, expected)),
            None => Ok(()),
        }
    }
}

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum Interrupted {
    /// Whoever asked wants to know no more.
    #[error("the simulation was stopped")]
    Stopped,
    /// It cannot be played.
    #[error(transparent)]
    Refused(#[from] Rejection),
}

/// A province ready to be played.
#[derive(Debug)]
pub struct Simulator {
    world: World,
    demand: Demand,
    quarter: Quarter,
    experiment: Experiment,
}

impl Simulator {
    /// Makes a province ready. `demand` are its `demand_*` files.
    ///
    /// # Errors
    /// `OUT_OF_RANGE` for an experiment that cannot be played, `MALFORMED_DEMAND` for wrong weights.
    pub fn new(
        province: &Province,
        demand: &BTreeMap<String, Vec<u8>>,
        experiment: Experiment,
    ) -> Result<Self, Rejection> {
        experiment.validate()?;
        let demand = Demand::read(demand, province)?;
        let days = experiment.days.and_then(|days| usize::try_from(days).ok());
        let quarter = Quarter::of(experiment.quarter, &province.clock, days);
        let share = experiment.conditions.effort_share;
        let province = staffed(province, &demand, share, experiment.applications, &quarter);
        Ok(Self { world: World::of(province, share), demand, quarter, experiment })
    }

    /// How many applications are played in all, under one policy and the other.
    pub fn applications(&self) -> u64 {
        let once: u64 = self.experiment.loads.iter().map(|load| u64::from(self.at_load(*load))).sum();
        2 * once * u64::from(self.experiment.seeds)
    }

    /// How many applications are handed in at a load.
    fn at_load(&self, load: f64) -> u32 {
        let applications = f64::from(self.experiment.applications);
        whole_number(applications * load * self.share_played()).max(1)
    }

    /// Who falls ill: of each unit that has the bad luck, half the officers for three working days on end. Where only a
    /// part of the quarter is played, luck is bad as much more seldom.
    fn attendance(&self, seed: u64) -> Result<Attendance, Rejection> {
        const ILL_FOR: usize = 3;
        let clock = &self.world.province.clock;
        let mut illnesses = BTreeMap::new();
        let share = self.experiment.conditions.shock_share * self.share_played();
        for (number, office) in (0..).zip(&self.world.offices) {
            // Numbers of applications are 32 bits wide; these lie beyond.
            let mut dice = Dice::of(seed, (1 << 32) + number);
            let days = u32::try_from(self.quarter.days.len()).unwrap_or(u32::MAX);
            let (unlucky, begins) = (dice.share() < share, dice.below(days));
            let from = usize::try_from(begins).ok().and_then(|index| self.quarter.days.get(index)).copied();
            let Some(from) = from.filter(|_| unlucky) else { continue };
            let mut to = from;
            for _ in 1..ILL_FOR {
                to = clock.next_working_day(to)?;
            }
            let ill = office.officers.iter().step_by(2).take(office.officers.len() / 2);
            illnesses.extend(ill.map(|officer| (*officer, Absence { from, to })));
        }
        Ok(Attendance { illnesses, ..Attendance::default() })
    }

    /// How much of the quarter's working days is played.
    fn share_played(&self) -> f64 {
        let days = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        days(self.quarter.days.len()) / days(self.quarter.working_days).max(1.0)
    }
}

/// To the nearest whole number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "held within the bounds just before"
)]
fn whole_number(number: f64) -> u32 {
    number.round().clamp(0.0, f64::from(u32::MAX)) as u32
}

/// The name and version under which a policy is reported.
fn titled(policy: &Policy) -> String {
    format!("{}@{}", policy.name, policy.version)
}

#[cfg(test)]
mod tests;
