//! The offline optimum: what a planner who knew the day beforehand could not undercut. Min-cost flows over time
//! (AtCoder's successive shortest paths), one for each home and each day that is looked at.
//!
//! The work of every application handed in on the day flows, minute by minute, to the officers of its home in a
//! stretch of time, or away. It costs, per application, the minutes past its due date, and `moving_minutes` away:
//!
//! ```text
//!   application ──> officers of home who master it ──> all officers of home ──> done
//!        │                       (in each stretch of two hours)                  ^
//!        └──────────────────────────────> away ──────────────────────────────────┘
//! ```
//!
//! Each step of the way makes the problem easier, so that the cost is a **lower bound** for every policy:
//!
//! - the day has the officers to itself: what was left from earlier days, what comes later and what others ask of
//!   them takes nothing away; and whoever sends work away finds somebody free at once;
//! - everything is known beforehand, true efforts too;
//! - an application may be divided among officers, and a piece counts as finished when its stretch *begins*;
//! - officers are interchangeable within those who master a field at a level, and these only together keep within
//!   the minutes of all officers of the unit;
//! - only the first step is counted, and of moving it only the flat part, no distance;
//! - after the last stretch there is room for everything.

use std::collections::BTreeMap;

use ac_library::MinCostFlowGraph;
use jiff::{SignedDuration, Timestamp, civil::Date};
use phidia_domain::{Rejection, procedure::Scope};

use super::{
    application::Application,
    arrivals::Arrivals,
    outcome::{Fate, Outcome},
    world::World,
};

/// How long a stretch is, in legal working minutes, and how many there are: two days.
const STRETCH_MINUTES: i64 = 120;
const STRETCHES: usize = 8;
/// Costs are whole thousandths of a minute.
const SCALE: i64 = 1000;

/// A day of which the optimum is known.
#[derive(Debug)]
pub(crate) struct Window {
    /// The applications that were handed in.
    applications: Vec<usize>,
    /// What they cost at least, in thousandths of a minute.
    cost: i64,
    moving_minutes: i64,
}

/// One application in the flow.
struct Case {
    office: usize,
    skill: usize,
    may_move: bool,
    at: Timestamp,
    due_at: Timestamp,
    minutes: i64,
}

impl Window {
    /// Solves the day. Moving an application costs so many minutes.
    pub(crate) fn solve(
        world: &World,
        arrivals: &Arrivals,
        day: Date,
        moving_minutes: i64,
    ) -> Result<Self, Rejection> {
        let clock = &world.province.clock;
        let mut applications = Vec::new();
        let mut homes: BTreeMap<usize, Vec<Case>> = BTreeMap::new();
        for (index, application) in arrivals.applications.iter().enumerate() {
            if clock.local_date(application.at) == day {
                applications.push(index);
                if let Some(case) = case(world, application)? {
                    homes.entry(case.office).or_default().push(case);
                }
            }
        }
        let opening = clock.next_open(world.days(day, day)?.start)?;
        let bounds = (0..=STRETCHES)
            .map(|stretch| clock.add_minutes(opening, i64::try_from(stretch).unwrap_or(0) * STRETCH_MINUTES));
        let bounds = bounds.collect::<Result<Vec<_>, _>>()?;
        let costs = homes.values().map(|cases| Network::of(world, cases, &bounds, moving_minutes).solve());
        let cost = costs.sum();
        Ok(Self { applications, cost, moving_minutes })
    }

    /// How many applications it is about.
    pub(crate) fn applications(&self) -> usize {
        self.applications.len()
    }

    /// What they cost at least, all together.
    #[cfg(test)]
    pub(crate) fn cost_minutes(&self) -> f64 {
        super::measure::float(self.cost) / super::measure::float(SCALE)
    }

    /// By how many minutes, all its applications together, a run lies above the optimum.
    pub(crate) fn regret(
        &self,
        world: &World,
        arrivals: &Arrivals,
        outcome: &Outcome,
        end: Timestamp,
    ) -> f64 {
        let clock = &world.province.clock;
        let cost = |index: &usize| {
            let (application, fate) = (&arrivals.applications[*index], &outcome.fates[*index]);
            let Fate { finished_at, moved, rescues, .. } = fate;
            let tardiness = application
                .due_at
                .map_or(0, |due_at| clock.minutes_between(due_at, finished_at.unwrap_or(end)).max(0));
            tardiness + if moved.is_some() || *rescues > 0 { self.moving_minutes } else { 0 }
        };
        let run: i64 = self.applications.iter().map(cost).sum();
        super::measure::float(run * SCALE - self.cost) / super::measure::float(SCALE)
    }
}

/// None where it costs nothing wherever it is done: the first step has no officer, or nothing was promised.
fn case(world: &World, application: &Application) -> Result<Option<Case>, Rejection> {
    let Some(request) = application.ask(world, 0, None)? else { return Ok(None) };
    let (Some(office), Some(due_at)) = (world.office(request.home), application.due_at) else {
        return Ok(None);
    };
    let Some(skill) = world.skill(&(request.field, request.level)) else { return Ok(None) };
    let minutes = application.minutes.first().copied().unwrap_or(1).max(1).into();
    let may_move = request.scope != Scope::Home;
    Ok(Some(Case { office, skill, may_move, at: application.at, due_at, minutes }))
}

/// One home: source, sink, then its officers in every stretch, its pools in every stretch, the cases.
struct Network {
    graph: MinCostFlowGraph<i64>,
    minutes: i64,
}

const SOURCE: usize = 0;
const SINK: usize = 1;
const OFFICERS: usize = 2;
const POOLS: usize = OFFICERS + STRETCHES;

impl Network {
    /// `cases` are those of one home, `bounds` the instants between which the stretches lie.
    fn of(world: &World, cases: &[Case], bounds: &[Timestamp], moving_minutes: i64) -> Self {
        let clock = &world.province.clock;
        let mut skills: Vec<usize> = cases.iter().map(|case| case.skill).collect();
        skills.sort_unstable();
        skills.dedup();
        let first_case = POOLS + STRETCHES * skills.len();
        let mut graph = MinCostFlowGraph::new(first_case + cases.len());
        let Some(office) = cases.first().and_then(|case| world.offices.get(case.office)) else {
            return Self { graph, minutes: 0 };
        };

        for (stretch, span) in bounds.windows(2).enumerate() {
            let [from, to] = span else { continue };
            graph.add_edge(OFFICERS + stretch, SINK, office.capacity(*from, *to), 0);
            let open = office.calendar.minutes_between(*from, *to);
            for (pool, skill) in skills.iter().enumerate() {
                let able = i64::try_from(office.able[*skill].len()).unwrap_or(i64::MAX).saturating_mul(open);
                graph.add_edge(POOLS + stretch * skills.len() + pool, OFFICERS + stretch, able, 0);
            }
        }
        for (node, case) in (first_case..).zip(cases) {
            graph.add_edge(SOURCE, node, case.minutes, 0);
            // Nothing ends before it is worked on as long as it takes.
            let earliest = case.at + SignedDuration::from_mins(case.minutes);
            let late = |begins: Timestamp| clock.minutes_between(case.due_at, earliest.max(begins)).max(0);
            let cost = |minutes: i64| minutes * SCALE / case.minutes;
            let pool = skills.binary_search(&case.skill).unwrap_or(0);
            for (stretch, begins) in bounds.iter().enumerate() {
                let is_over = bounds.get(stretch + 1).is_some_and(|ends| *ends <= case.at);
                if is_over {
                    continue;
                }
                let to = if stretch == STRETCHES { SINK } else { POOLS + stretch * skills.len() + pool };
                graph.add_edge(node, to, case.minutes, cost(late(*begins)));
            }
            if case.may_move {
                graph.add_edge(node, SINK, case.minutes, cost(late(case.at) + moving_minutes));
            }
        }
        Self { graph, minutes: cases.iter().map(|case| case.minutes).sum() }
    }

    fn solve(mut self) -> i64 {
        self.graph.flow(SOURCE, SINK, self.minutes).1
    }
}
