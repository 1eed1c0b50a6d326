//! Plays the applications of a quarter under one policy: a discrete-event loop over steps that end, citizens who
//! hand in, and officers who take up what is most urgent.
//!
//! Within one instant the order is that of the demo: steps end, applications come in, officers take up; who is ill is
//! known before, and what is to be rescued is looked for when steps have ended ([`rescue`]). Every decision is
//! `route::decide` on a snapshot that is kept as the board is: a work item counts at its unit from the decision until
//! its step has ended, and what it lent is remembered. Steps stay where they are by the rule of processing
//! (`case::Course`).

mod rescue;

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
    route::{self, Ground, Load, Plan, Policy, Request, Roster, Snapshot, lent_on},
};

use self::rescue::Rescuer;
use super::{
    Interrupted,
    arrivals::Arrivals,
    attendance::Attendance,
    desk::Desk,
    outcome::{Done, Fate, Outcome},
    world::World,
};

/// How long after the last application was handed in officers go on; what is not finished then stays open.
const AFTERWARDS: SignedDuration = SignedDuration::from_hours(24 * 365);
/// What no unit can take is tried again after so long.
const TRIED_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Plays until everything is finished; `attendance` says who is away when, and how units stand.
///
/// # Errors
/// [`Interrupted::Stopped`] as soon as `go_on`, which is told of every step that has ended, says no.
pub(crate) fn play(
    world: &World,
    policy: &Policy,
    arrivals: &Arrivals,
    attendance: &Attendance,
    go_on: &dyn Fn() -> bool,
) -> Result<Outcome, Interrupted> {
    let mut play = Play::new(world, policy, arrivals, attendance)?;
    while play.goes_on(go_on)? {}
    Ok(play.outcome)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// The policy is told who is ill.
    Told,
    /// An officer ends a step.
    Ended { office: usize, officer: usize, application: usize },
    /// What nobody could take is tried again.
    Again { application: usize, step: usize, previous: Option<UnitId> },
    /// An office opens, or somebody is back.
    Opens { office: usize },
    /// What would be late is looked for.
    Look,
}

/// A step that has its unit, from the decision until it has ended.
struct Open {
    step: usize,
    /// What the policy was asked.
    request: Request,
    at: UnitId,
    /// What it counts there.
    load: Load,
    rescued_from: Vec<UnitId>,
    /// How often somebody looked in vain where to rescue it to, and when that is tried again.
    in_vain: u32,
    look_at: Timestamp,
}

impl Open {
    /// A step that a plan gives to a unit.
    fn at(unit: UnitId, plan: &Plan, step: usize, request: Request) -> Self {
        let (load, rescued_from) = (plan.load_at(unit), Vec::new());
        Self { step, request, at: unit, load, rescued_from, in_vain: 0, look_at: Timestamp::MIN }
    }
}

struct Play<'w> {
    world: &'w World,
    policy: &'w Policy,
    arrivals: &'w Arrivals,
    /// How many of them have come in.
    come_in: usize,
    attendance: &'w Attendance,
    /// With those who are known to be away.
    roster: Roster,
    now: Timestamp,
    snapshot: Snapshot,
    events: BinaryHeap<Reverse<(Timestamp, Event)>>,
    desks: Vec<Desk>,
    /// Offices where somebody may take something up now.
    stirred: BTreeSet<usize>,
    /// By application.
    open: Vec<Option<Box<Open>>>,
    rescuer: Rescuer,
    outcome: Outcome,
}

impl<'w> Play<'w> {
    fn new(
        world: &'w World,
        policy: &'w Policy,
        arrivals: &'w Arrivals,
        attendance: &'w Attendance,
    ) -> Result<Self, Rejection> {
        let told = attendance.mornings(world)?.into_iter().map(|morning| Reverse((morning, Event::Told)));
        let (mut desks, mut events) = (Vec::new(), BinaryHeap::from_iter(told));
        let truth = attendance.truth();
        for (office, facts) in world.offices.iter().enumerate() {
            let mut absent = Vec::new();
            for officer in &facts.officers {
                let times = truth.away(*officer, &facts.calendar);
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
        Ok(Self {
            world,
            policy,
            arrivals,
            come_in: 0,
            attendance,
            roster: Roster::of(&world.province, &attendance.foreseen),
            now: Timestamp::MIN,
            snapshot: Snapshot::default(),
            events,
            desks,
            stirred: BTreeSet::new(),
            open: arrivals.applications.iter().map(|_| None).collect(),
            rescuer: Rescuer::of(policy),
            outcome,
        })
    }

    /// Plays the next instant at which something happens; whether there was one.
    fn goes_on(&mut self, go_on: &dyn Fn() -> bool) -> Result<bool, Interrupted> {
        let applications = &self.arrivals.applications;
        let end = applications.last().map_or(Timestamp::MIN, |last| last.at + AFTERWARDS);
        let event = self.events.peek().map(|Reverse((at, _))| *at);
        let comes_in = applications.get(self.come_in).map(|application| application.at);
        let next = [event, comes_in].into_iter().flatten().min();
        let Some(now) = next.filter(|now| *now <= end) else { return Ok(false) };
        self.now = now;
        while let Some((_, event)) = self.next_event() {
            if matches!(event, Event::Ended { .. }) && !go_on() {
                return Err(Interrupted::Stopped);
            }
            self.happen(event)?;
        }
        while applications.get(self.come_in).is_some_and(|application| application.at <= now) {
            self.assign(self.come_in, 0, None)?;
            self.come_in += 1;
        }
        for office in mem::take(&mut self.stirred) {
            self.take_up(office)?;
        }
        Ok(true)
    }

    fn next_event(&mut self) -> Option<(Timestamp, Event)> {
        let due = self.events.peek().is_some_and(|Reverse((at, _))| *at <= self.now);
        due.then(|| self.events.pop()).flatten().map(|Reverse(event)| event)
    }

    fn happen(&mut self, event: Event) -> Result<(), Rejection> {
        match event {
            Event::Told => {
                let known = self.attendance.known_at(self.world, self.now)?;
                self.roster = Roster::of(&self.world.province, &known);
                Ok(())
            }
            Event::Ended { office, officer, application } => self.end(office, officer, application),
            Event::Again { application, step, previous } => self.assign(application, step, previous),
            Event::Opens { office } => {
                self.desks[office].opens_at = None;
                self.stirred.insert(office);
                Ok(())
            }
            Event::Look => {
                self.look();
                Ok(())
            }
        }
    }

    /// Finds the place of a step, and puts it into the worklist there.
    fn assign(&mut self, index: usize, step: usize, previous: Option<UnitId>) -> Result<(), Rejection> {
        let (world, application) = (self.world, &self.arrivals.applications[index]);
        let Some(request) = application.ask(world, step, previous)? else { return Ok(()) };
        self.snapshot.epoch = application.epoch(step);
        let since = Instant::now();
        let plan =
            route::decide(self.policy, &world.province, &self.roster, &self.snapshot, &request, self.now);
        self.outcome.deciding += since.elapsed();
        self.outcome.decisions += 1;
        let fate = &mut self.outcome.fates[index];
        if step == 0 {
            fate.home = Some(request.home);
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
        let chosen = plan.explanation.chosen;
        if step == 0 {
            (fate.assigned_at, fate.chosen) = (Some(self.now), Some(chosen));
        }
        self.queue(index, Open::at(chosen, &plan, step, request));
        Ok(())
    }

    /// Puts a step into the worklist of its unit.
    fn queue(&mut self, index: usize, open: Open) {
        let Open { at, load, .. } = &open;
        let Some((office, skill)) = self.place(&open) else { return };
        self.snapshot.units.entry(*at).or_default().add(load);
        if load.borrowed {
            let days = self.snapshot.lent.entry(*at).or_default();
            *days.entry(lent_on(self.now)).or_default() += i64::from(load.minutes);
        }
        self.desks[office].queue(skill, self.arrivals.urgency[index], index);
        self.stirred.insert(office);
        self.open[index] = Some(open.into());
        self.expect_look();
    }

    /// Where a step lies: the office, and the skill that it is waiting for there.
    fn place(&self, Open { at, load, .. }: &Open) -> Option<(usize, usize)> {
        let skill = self.world.skill(&(load.key.field.clone(), load.key.level));
        self.world.office(*at).zip(skill)
    }

    /// An officer ends a step; the next one stays or is routed.
    fn end(&mut self, office: usize, officer: usize, index: usize) -> Result<(), Rejection> {
        self.desks[office].free(officer);
        self.stirred.insert(office);
        let Some(open) = self.open[index].take() else { return Ok(()) };
        let Open { step, at: unit, load, .. } = &*open;
        let (step, unit) = (*step, *unit);
        if let Some(queued) = self.snapshot.units.get_mut(&unit) {
            queued.remove(load);
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
            self.queue(index, Open::at(unit, &kept, next, request));
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
            let Some(Open { step, request, .. }) = self.open[index].as_deref() else { continue };
            let minutes = self.arrivals.applications[index].minutes.get(*step).copied().unwrap_or(1).into();
            let done = &mut self.outcome.done[office];
            done.minutes += minutes;
            if request.home != facts.unit {
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
