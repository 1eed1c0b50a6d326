//! Two runs that share all chance: the same applications under two policies.

use std::{collections::BTreeMap, time::Duration};

use jiff::civil::Date;
use phidia_domain::{Rejection, id::UnitId, route::Policy};

use super::{
    Interrupted,
    arrivals::Arrivals,
    attendance::Attendance,
    effort::whole_minutes,
    measure::{Figures, Measure, float, is_on_time, measure},
    optimum::Window,
    outcome::Outcome,
    play::play,
    world::World,
};

/// A pair of runs that share all chance.
pub(crate) struct Pair {
    pub(crate) figures: [Figures; 2],
    pub(crate) optimum_applications: usize,
    /// By home: applications, and those on time under each policy.
    pub(crate) homes: BTreeMap<UnitId, [u32; 3]>,
    pub(crate) flows: BTreeMap<(UnitId, UnitId), u32>,
    pub(crate) decisions: u64,
    pub(crate) deciding: Duration,
}

/// What both runs meet.
pub(crate) struct Scene<'s> {
    pub(crate) world: &'s World,
    pub(crate) attendance: &'s Attendance,
    pub(crate) arrivals: &'s Arrivals,
    /// The days on which applications come in.
    pub(crate) days: &'s [Date],
    /// For how many of them the optimum is solved.
    pub(crate) optimum_days: u32,
}

impl Scene<'_> {
    /// Plays it under both policies.
    pub(crate) fn play(
        &self,
        [policy, against]: [&Policy; 2],
        go_on: &dyn Fn() -> bool,
    ) -> Result<Pair, Interrupted> {
        let Self { world, attendance, arrivals, .. } = self;
        let span = match self.days {
            [first, .., last] => world.days(*first, *last)?,
            [only] => world.days(*only, *only)?,
            [] => return Err(Rejection::invalid("NO_WORKING_DAY", "days", "at least one day").into()),
        };
        let outcomes = [
            play(world, policy, arrivals, attendance, go_on)?,
            play(world, against, arrivals, attendance, go_on)?,
        ];
        let windows = self.windows(policy)?;
        let solved: usize = windows.iter().map(Window::applications).sum();
        let figures = outcomes.each_ref().map(|outcome| {
            let mut figures = measure(world, arrivals, outcome, span.start, span.end);
            if solved > 0 {
                let regret: f64 =
                    windows.iter().map(|window| window.regret(world, arrivals, outcome, span.end)).sum();
                figures.0.insert(Measure::Regret, regret / float(i64::try_from(solved).unwrap_or(i64::MAX)));
            }
            figures
        });
        Ok(Pair {
            optimum_applications: solved,
            homes: homes(arrivals, &outcomes),
            flows: flows(&outcomes[0]),
            decisions: outcomes.iter().map(|outcome| outcome.decisions).sum(),
            deciding: outcomes.iter().map(|outcome| outcome.deciding).sum(),
            figures,
        })
    }

    /// Solves the days of the optimum, spread evenly over those that are played.
    fn windows(&self, policy: &Policy) -> Result<Vec<Window>, Rejection> {
        let (days, wanted) = (self.days, usize::try_from(self.optimum_days).unwrap_or(0));
        let wanted = wanted.min(days.len());
        let moving_minutes = i64::from(whole_minutes(policy.moving_minutes));
        (0..wanted)
            .map(|index| {
                let day = days[(2 * index + 1) * days.len() / (2 * wanted)];
                Window::solve(self.world, self.arrivals, day, moving_minutes)
            })
            .collect()
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
