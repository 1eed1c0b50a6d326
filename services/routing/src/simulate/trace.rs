//! What was really decided, to be played again. An application comes in when its first step was decided; each later
//! step follows when the one before has ended in the play, for under another policy that is another moment.
//!
//! The log has what was asked of the policy, and not how long officers then took: true efforts are drawn around the
//! planned ones, the same under both policies. Units and officers, and how they stand, are those of today; desks are
//! empty at the beginning. A trace is one sample: there are no intervals.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use jiff::civil::Date;
use phidia_domain::{
    Kind, Rejection, id::ApplicationId, province::Province, registry::Registry, route::Policy,
};

use super::{
    Conditions, Interrupted,
    application::{Application, Steps},
    arrivals::Arrivals,
    attendance::Attendance,
    dice::Dice,
    pair::Scene,
    report::{AtLoad, Measured, Played, Report, TraceFacts},
    titled,
    world::World,
};

pub(crate) use super::application::Decided;

/// For how many days the optimum is solved.
const OPTIMUM_DAYS: u32 = 5;

/// Decisions of the log, by what they are about.
#[derive(Debug, Default)]
pub(crate) struct Decisions {
    count: u64,
    /// By application and step; of several attempts the first.
    applications: BTreeMap<ApplicationId, BTreeMap<u32, Decided>>,
}

impl Decisions {
    /// Takes the next one of the log in.
    pub(crate) fn add(&mut self, decided: Decided) {
        self.count += 1;
        let item = decided.request.work_item;
        self.applications.entry(item.application).or_default().entry(item.step).or_insert(decided);
    }
}

/// Decisions ready to be played.
#[derive(Debug)]
pub(crate) struct Trace {
    world: World,
    attendance: Attendance,
    arrivals: Arrivals,
    /// Those on which applications come in.
    days: Vec<Date>,
    facts: TraceFacts,
}

impl Trace {
    /// Makes decisions ready, over the province and the registry of today.
    ///
    /// # Errors
    /// `NOTHING_LOGGED` when nothing of them can be played.
    pub(crate) fn new(
        province: &Province,
        registry: Arc<Registry>,
        decisions: Decisions,
        seed: u64,
    ) -> Result<Self, Rejection> {
        let (mut steps, mut left_out) = (0, 0);
        let mut applications = Vec::new();
        for (number, (id, decided)) in (0..).zip(decisions.applications) {
            let mut known = Vec::from_iter(decided.into_values());
            let all = known.len();
            known.retain(|decided| province.units.contains_key(&decided.request.home));
            (steps, left_out) = (steps + all, left_out + all - known.len());
            let Some(first) = known.first() else { continue };
            let mut dice = Dice::of(seed, number);
            applications.push(Application {
                id,
                at: first.at,
                due_at: first.request.due_at,
                minutes: (known.iter())
                    .map(|decided| {
                        dice.around(decided.request.effort_minutes, Conditions::PLANNED.effort_sigma)
                    })
                    .collect(),
                steps: Steps::Logged(known),
            });
        }
        let arrivals = Arrivals::of(applications);
        let mut days: Vec<Date> =
            arrivals.applications.iter().map(|one| province.clock.local_date(one.at)).collect();
        days.dedup();
        let (first_day, last_day) = days.first().zip(days.last()).ok_or_else(nothing_logged)?;
        let facts = TraceFacts {
            decisions: decisions.count,
            steps: u64::try_from(steps).unwrap_or(u64::MAX),
            left_out: u64::try_from(left_out).unwrap_or(u64::MAX),
            first_day: *first_day,
            last_day: *last_day,
            seed,
        };
        Ok(Self {
            world: World::of(province.clone(), Conditions::PLANNED.effort_share),
            attendance: Attendance::foreseen(registry),
            arrivals,
            days,
            facts,
        })
    }

    /// How many applications are played in all, under one policy and the other.
    pub(crate) fn applications(&self) -> u64 {
        2 * u64::try_from(self.arrivals.applications.len()).unwrap_or(u64::MAX)
    }

    /// Plays them under both policies; `go_on` is told of every step that has ended, and says whether to go on.
    ///
    /// # Errors
    /// [`Interrupted`]; a policy that does not make sense is refused by its own words.
    pub(crate) fn compare(
        &self,
        policy: &Policy,
        against: &Policy,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Report, Interrupted> {
        let began = Instant::now();
        policy.validate().map_err(|rejection| rejection.under("policy"))?;
        against.validate().map_err(|rejection| rejection.under("against"))?;
        let scene = Scene {
            world: &self.world,
            attendance: &self.attendance,
            arrivals: &self.arrivals,
            days: &self.days,
            optimum_days: OPTIMUM_DAYS,
        };
        let pairs = [scene.play([policy, against], go_on)?];
        let province = &self.world.province;
        let count = u32::try_from(self.arrivals.applications.len()).unwrap_or(u32::MAX);
        Ok(Report {
            province: province.code.clone(),
            name: province.name.clone(),
            played: Played::Trace(self.facts.clone()),
            policy: titled(policy),
            against: titled(against),
            conditions: Conditions::PLANNED,
            loads: vec![AtLoad::of(province, 1.0, count, &pairs)],
            measured: Some(Measured::of(began.elapsed(), self.applications(), pairs.iter())),
        })
    }
}

fn nothing_logged() -> Rejection {
    let message = "the log of decisions has nothing there that could be played";
    Rejection::new(Kind::Precondition, "NOTHING_LOGGED", message)
}
