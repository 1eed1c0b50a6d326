//! Plays the applications of a quarter under one policy: a discrete-event loop over steps that end, citizens who
//! hand in, and officers who take up what is most urgent.
//!
//! Within one instant the order is that of the demo: steps end, applications come in, officers take up. Every
//! decision is `route::decide` on a snapshot that is kept as the board is: a work item counts at its unit from
//! the decision until its step has ended, and what it lent is remembered. Steps stay where they are by the rule of
//! processing (`case::Course`).

use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap},
    mem,
    time::Instant,
};

use jiff::{SignedDuration, Timestamp};
use phidia_domain::{
    Rejection,
    id::UnitId,
    registry::Registry,
    route::{self, Ground, Load, Policy, Roster, Snapshot, lent_on},
};

use super::{
    Interrupted,
    arrivals::Arrivals,
    desk::Desk,
    outcome::{Done, Fate, Outcome},
    world::World,
};

/// How long after the last application was handed in officers go on; what is not finished then stays open.
const AFTERWARDS: SignedDuration = SignedDuration::from_hours(24 * 365);
/// What no unit can take is tried again after so long.
const TRIED_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Plays until everything is finished; `registry` says who is away when, and how units stand.
///
/// # Errors
/// [`Interrupted::Stopped`] as soon as `go_on`, which is told of every step that has ended, says no.
pub(crate) fn play(
    world: &World,
    policy: &Policy,
    arrivals: &Arrivals,
    registry: &Registry,
    go_on: &dyn Fn() -> bool,
) -> Result<Outcome, Interrupted> {
    let mut play = Play::new(world, policy, arrivals, registry);
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
    /// With those who are away.
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

impl<'w> Play<'w> {
    fn new(world: &'w World, policy: &'w Policy, arrivals: &'w Arrivals, registry: &Registry) -> Self {
        let (mut desks, mut events) = (Vec::new(), BinaryHeap::new());
        for (office, facts) in world.offices.iter().enumerate() {
            let mut absent = Vec::new();
            for officer in &facts.officers {
                let times = registry.away(*officer, &facts.calendar);
                // Somebody is back: work may wait for them.
                events.extend(times.iter().map(|time| Reverse((time.end, Event::Opens { office }))));
                absent.push(times);
            }
            desks.push(Desk::of(absent));
        }
        let outcome = Outcome {
            fates: vec![Fate::default(); arrivals.applications.len()],
            done: vec![Done::default(); world.offices.len()],
            ..Outcome::default()
        };
        Self {
            world,
            policy,
            roster: Roster::of(&world.province, registry),
            arrivals,
            now: Timestamp::MIN,
            snapshot: Snapshot::default(),
            events,
            desks,
            stirred: BTreeSet::new(),
            open: vec![None; arrivals.applications.len()],
            outcome,
        }
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
        let Some(request) = application.ask(world, step, previous)? else { return Ok(()) };
        let home = request.home;
        self.snapshot.epoch = application.epoch(step);
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
        if load.borrowed {
            let days = self.snapshot.lent.entry(unit).or_default();
            *days.entry(lent_on(self.now)).or_default() += i64::from(load.minutes);
        }
        self.open[index] = Some((step, home, load));
        self.desks[office].queue(skill, self.arrivals.urgency[index], index);
        self.stirred.insert(office);
    }

    /// An officer ends a step; the next one stays or is routed.
    fn end(&mut self, office: usize, officer: usize, index: usize) -> Result<(), Rejection> {
        self.desks[office].free(officer);
        self.stirred.insert(office);
        let Some((step, _, load)) = self.open[index].take() else { return Ok(()) };
        let unit = self.world.offices[office].unit;
        if let Some(queued) = self.snapshot.units.get_mut(&unit) {
            queued.remove(&load);
        }
        let (world, application) = (self.world, &self.arrivals.applications[index]);
        let next = step + 1;
        if next >= application.minutes.len() {
            self.outcome.fates[index].finished_at = Some(self.now);
            return Ok(());
        }
        self.snapshot.epoch = application.epoch(next);
        if let Some(request) = application.ask(world, next, Some(unit))?
            && let Ok(kept) = route::keep(
                self.policy,
                &world.province,
                &self.roster,
                &self.snapshot,
                &request,
                unit,
                self.now,
            )
            && application.may_stay(world, next, &kept, unit)?
        {
            self.queue(index, next, unit, request.home, kept.load_at(unit));
            return Ok(());
        }
        self.assign(index, next, Some(unit))
    }

    /// Lets whoever is free and present take up what is most urgent of what they can do.
    fn take_up(&mut self, office: usize) -> Result<(), Rejection> {
        let (facts, desk) = (&self.world.offices[office], &mut self.desks[office]);
        if desk.is_empty() {
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
        while let Some((officer, index)) = self.desks[office].take_up(facts, self.now) {
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
        Ok(())
    }
}
