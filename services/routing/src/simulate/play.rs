//! Plays the applications of a quarter under one policy: a discrete-event loop over steps that end, citizens who
//! hand in, and officers who take up what is most urgent.
//!
//! Within one instant the order is that of the demo: steps end, applications come in, officers take up. Every
//! decision is `route::decide` on a snapshot that is kept as the board is: a work item counts at its unit from
//! the decision until its step has ended. Steps stay where they are by the rule of processing (`case::Course`).

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
    mem,
    ops::Range,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use phidia_domain::{
    Rejection,
    case::Course,
    id::UnitId,
    registry::Registry,
    route::{self, Ground, Load, Policy, Roster, Snapshot},
    work_item::WorkItem,
};

use super::{
    Absences, Interrupted,
    demand::{Application, Arrivals, planned},
    world::World,
};
use crate::request::request;

/// How long after the last application was handed in officers go on; what is not finished then stays open.
const AFTERWARDS: SignedDuration = SignedDuration::from_hours(24 * 365);
/// What no unit can take is tried again after so long.
const TRIED_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// What became of an application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fate {
    /// None: it is still open.
    pub(crate) finished_at: Option<Timestamp>,
    /// When its first step was assigned, and when somebody took it up.
    pub(crate) assigned_at: Option<Timestamp>,
    pub(crate) begun_at: Option<Timestamp>,
    /// Why a step of it left its home first; none: every step was done at home.
    pub(crate) moved: Option<Ground>,
    /// Home of its first step, and the unit that worked on that.
    pub(crate) home: Option<UnitId>,
    pub(crate) worked_at: Option<UnitId>,
}

/// What the officers of a unit did, in minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) minutes: i64,
    /// Of these, on steps whose home is elsewhere.
    pub(crate) borrowed: i64,
}

/// What one run came to.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// In the order of the applications.
    pub(crate) fates: Vec<Fate>,
    /// In the order of the offices.
    pub(crate) done: Vec<Done>,
    /// Decisions that were asked of the policy.
    pub(crate) decisions: u64,
    /// Of these, those that found nobody.
    pub(crate) unplaced: u64,
    /// What they took, in real time: no figure of the play.
    pub(crate) deciding: Duration,
}

/// Plays until everything is finished.
///
/// # Errors
/// [`Interrupted::Stopped`] as soon as `go_on`, which is told of every finished application, says no.
pub(crate) fn play(
    world: &World,
    policy: &Policy,
    arrivals: &Arrivals,
    absences: &Absences,
    go_on: &dyn Fn() -> bool,
) -> Result<Outcome, Interrupted> {
    let mut play = Play::new(world, policy, arrivals, absences)?;
    let mut waiting = arrivals.applications.iter().map(|application| application.at).enumerate().peekable();
    let end = arrivals.applications.last().map_or(Timestamp::MIN, |last| last.at + AFTERWARDS);
    loop {
        let event = play.events.peek().map(|Reverse((at, _))| *at);
        let Some(now) = [event, waiting.peek().map(|(_, at)| *at)].into_iter().flatten().min() else { break };
        if now > end {
            break;
        }
        play.now = now;
        while let Some((_, event)) = play.next_event() {
            if matches!(event, Event::Ended { .. }) && !go_on() {
                return Err(Interrupted::Stopped);
            }
            play.happen(event)?;
        }
        while let Some((index, _)) = waiting.next_if(|(_, at)| *at <= now) {
            play.assign(index, 0, None)?;
        }
        for office in mem::take(&mut play.stirred) {
            play.take_up(office)?;
        }
    }
    Ok(play.outcome)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// An officer ends a step.
    Ended { office: usize, officer: usize, application: usize },
    /// What nobody could take is tried again.
    Again { application: usize, step: usize, previous: Option<UnitId> },
    /// An office opens, or somebody is back.
    Opens { office: usize },
}

struct Play<'w> {
    world: &'w World,
    policy: &'w Policy,
    /// With those who are absent.
    roster: Roster,
    arrivals: &'w Arrivals,
    now: Timestamp,
    snapshot: Snapshot,
    events: BinaryHeap<Reverse<(Timestamp, Event)>>,
    desks: Vec<Desk>,
    /// Offices where somebody may take something up now.
    stirred: BTreeSet<usize>,
    /// By application: the step that it is at, the home of that, and what it counts on the board.
    open: Vec<Option<(usize, UnitId, Load)>>,
    outcome: Outcome,
}

/// What lies at a unit, and who is free to take it up.
struct Desk {
    free: Vec<bool>,
    absent: Vec<Option<Range<Timestamp>>>,
    /// By skill: the place in the order of worklists, and the application.
    waiting: BTreeMap<usize, BinaryHeap<Reverse<(u32, usize)>>>,
    opens_at: Option<Timestamp>,
}

impl<'w> Play<'w> {
    fn new(
        world: &'w World,
        policy: &'w Policy,
        arrivals: &'w Arrivals,
        absences: &Absences,
    ) -> Result<Self, Rejection> {
        let (mut desks, mut events) = (Vec::new(), BinaryHeap::new());
        for (office, facts) in world.offices.iter().enumerate() {
            let mut absent = Vec::new();
            for officer in &facts.officers {
                let days = absences.get(officer).and_then(|absences| absences.first());
                let time = days.map(|days| world.days(days.from, days.to)).transpose()?;
                // Somebody is back: work may wait for them.
                events.extend(time.iter().map(|time| Reverse((time.end, Event::Opens { office }))));
                absent.push(time);
            }
            let free = vec![true; facts.officers.len()];
            desks.push(Desk { free, absent, waiting: BTreeMap::new(), opens_at: None });
        }
        let registry = Registry { absences: absences.clone(), ..Registry::default() };
        let outcome = Outcome {
            fates: vec![Fate::default(); arrivals.applications.len()],
            done: vec![Done::default(); world.offices.len()],
            ..Outcome::default()
        };
        Ok(Self {
            world,
            policy,
            roster: Roster::of(&world.province, &registry),
            arrivals,
            now: Timestamp::MIN,
            snapshot: Snapshot::default(),
            events,
            desks,
            stirred: BTreeSet::new(),
            open: vec![None; arrivals.applications.len()],
            outcome,
        })
    }

    fn next_event(&mut self) -> Option<(Timestamp, Event)> {
        let due = self.events.peek().is_some_and(|Reverse((at, _))| *at <= self.now);
        due.then(|| self.events.pop()).flatten().map(|Reverse(event)| event)
    }

    fn happen(&mut self, event: Event) -> Result<(), Rejection> {
        match event {
            Event::Ended { office, officer, application } => self.end(office, officer, application),
            Event::Again { application, step, previous } => self.assign(application, step, previous),
            Event::Opens { office } => {
                self.desks[office].opens_at = None;
                self.stirred.insert(office);
                Ok(())
            }
        }
    }

    /// Finds the place of a step, and puts it into the worklist there.
    fn assign(&mut self, index: usize, step: usize, previous: Option<UnitId>) -> Result<(), Rejection> {
        let (world, application) = (self.world, &self.arrivals.applications[index]);
        let Some((request, home)) = ask(world, application, step, previous)? else { return Ok(()) };
        let since = Instant::now();
        let plan =
            route::decide(self.policy, &world.province, &self.roster, &self.snapshot, &request, self.now);
        self.outcome.deciding += since.elapsed();
        self.outcome.decisions += 1;
        let fate = &mut self.outcome.fates[index];
        if step == 0 {
            fate.home = Some(home);
        }
        let Ok(plan) = plan else {
            self.outcome.unplaced += 1;
            let again = Event::Again { application: index, step, previous };
            self.events.push(Reverse((self.now + TRIED_AGAIN_AFTER, again)));
            return Ok(());
        };
        let ground = plan.explanation.ground;
        if matches!(ground, Ground::Need | Ground::Gain) {
            fate.moved.get_or_insert(ground);
        }
        self.queue(index, step, plan.explanation.chosen, home, plan.load_at(plan.explanation.chosen));
        Ok(())
    }

    /// Puts a step into the worklist of a unit.
    fn queue(&mut self, index: usize, step: usize, unit: UnitId, home: UnitId, load: Load) {
        let skill = self.world.skill(&(load.key.field.clone(), load.key.level));
        let (Some(office), Some(skill)) = (self.world.office(unit), skill) else { return };
        if step == 0 {
            self.outcome.fates[index].assigned_at = Some(self.now);
        }
        self.snapshot.units.entry(unit).or_default().add(&load);
        self.open[index] = Some((step, home, load));
        let urgency = self.arrivals.urgency[index];
        self.desks[office].waiting.entry(skill).or_default().push(Reverse((urgency, index)));
        self.stirred.insert(office);
    }

    /// An officer ends a step; the next one stays or is routed.
    fn end(&mut self, office: usize, officer: usize, index: usize) -> Result<(), Rejection> {
        self.desks[office].free[officer] = true;
        self.stirred.insert(office);
        let Some((step, _, load)) = self.open[index].take() else { return Ok(()) };
        let unit = self.world.offices[office].unit;
        if let Some(queued) = self.snapshot.units.get_mut(&unit) {
            queued.remove(&load);
        }
        let application = &self.arrivals.applications[index];
        let province = &self.world.province;
        let procedure = province.procedure(&application.procedure)?;
        let next = procedure.steps_on(application.day).nth(step + 1).filter(|_| !application.refused);
        let Some(next) = next else {
            self.outcome.fates[index].finished_at = Some(self.now);
            return Ok(());
        };
        let course = Course {
            province,
            today: province,
            procedure,
            accepted_on: application.day,
            received_at: application.received_at,
            places: &application.places,
            conflicts: &BTreeSet::new(),
            due_at: application.due_at,
        };
        if course.may_stay(next, unit)
            && let Some((request, home)) = ask(self.world, application, step + 1, Some(unit))?
            && let Ok(plan) =
                route::keep(self.policy, province, &self.roster, &self.snapshot, &request, unit, self.now)
        {
            self.queue(index, step + 1, unit, home, plan.load_at(unit));
            return Ok(());
        }
        self.assign(index, step + 1, Some(unit))
    }

    /// Lets whoever is free and present take up what is most urgent of what they can do.
    fn take_up(&mut self, office: usize) -> Result<(), Rejection> {
        let (facts, desk) = (&self.world.offices[office], &mut self.desks[office]);
        if desk.waiting.is_empty() {
            return Ok(());
        }
        if !facts.calendar.is_open(self.now) {
            let opens = facts.calendar.next_open(self.now)?;
            if desk.opens_at.is_none_or(|known| opens < known) {
                desk.opens_at = Some(opens);
                self.events.push(Reverse((opens, Event::Opens { office })));
            }
            return Ok(());
        }
        loop {
            let desk = &mut self.desks[office];
            let choice = (desk.waiting.iter())
                .filter_map(|(skill, queue)| {
                    let able = facts.able[*skill].iter().copied();
                    let officer = able.into_iter().find(|officer| desk.is_there(*officer, self.now))?;
                    Some((queue.peek()?.0, *skill, officer))
                })
                .min();
            let Some(((_, index), skill, officer)) = choice else { return Ok(()) };
            if let Some(queue) = desk.waiting.get_mut(&skill) {
                queue.pop();
                if queue.is_empty() {
                    desk.waiting.remove(&skill);
                }
            }
            desk.free[officer] = false;
            let Some((step, home, _)) = &self.open[index] else { continue };
            let minutes = self.arrivals.applications[index].minutes.get(*step).copied().unwrap_or(1).into();
            let done = &mut self.outcome.done[office];
            done.minutes += minutes;
            if *home != facts.unit {
                done.borrowed += minutes;
            }
            if *step == 0 {
                let fate = &mut self.outcome.fates[index];
                (fate.begun_at, fate.worked_at) = (Some(self.now), Some(facts.unit));
            }
            let ended = Event::Ended { office, officer, application: index };
            self.events.push(Reverse((facts.calendar.add_minutes(self.now, minutes)?, ended)));
        }
    }
}

impl Desk {
    fn is_there(&self, officer: usize, now: Timestamp) -> bool {
        self.free[officer] && self.absent[officer].as_ref().is_none_or(|time| !time.contains(&now))
    }
}

/// What the policy is asked for a step, and its home; none for a step that there is not.
pub(crate) fn ask(
    world: &World,
    application: &Application,
    step: usize,
    previous: Option<UnitId>,
) -> Result<Option<(route::Request, UnitId)>, Rejection> {
    let province = &world.province;
    let procedure = province.procedure(&application.procedure)?;
    let Some(step) = procedure.steps_on(application.day).nth(step) else { return Ok(None) };
    let Ok(home) = province.home(step, application.received_at, &application.places) else { return Ok(None) };
    let work_item = WorkItem::first(application.id, step.number);
    let mut request = request(procedure, step, work_item, home, application.received_at);
    request.listed = province.listed(step).collect();
    request.effort_minutes = planned(step, world.effort_share);
    request.previous = previous;
    request.due_at = application.due_at;
    Ok(Some((request, home)))
}
