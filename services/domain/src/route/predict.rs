//! When a unit would be finished with it, and how likely that is too late.
//!
//! Working minutes of the unit's own calendar: first what those of its officers have to do before this who are not busy
//! for longer with other work, shared among them and as fast as they are; then the work itself, at the effort that four of
//! five such pieces of work do not exceed.

use jiff::Timestamp;

use super::{
    bid::Bid,
    case::{Case, Days},
    crew::Force,
    explanation::Gate,
    facts::Queue,
    roster::Station,
    turn::Turn,
};
use crate::{calendar::Position, id::UnitId, procedure::Papers};

/// The logistic curve of this slope differs from the normal distribution by less than 0.01 (Bowling et al.
/// 2009): a probability without a table.
const LOGISTIC: f64 = 1.702;

/// What is to be expected of a unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prediction<'a> {
    pub(super) station: &'a Station,
    /// Competent officers who are there today, at any time that is left of it; at least 1.
    pub(super) officers: u32,
    /// All who are competent, there or not; at least 1.
    all: u32,
    /// None: somebody leaves or comes back, so that it has to be asked for each stretch of time.
    force: Option<Force>,
    pub(super) queue: Queue,
    /// When it is finished, on the unit's calendar.
    finish: Position,
    /// Legal working minutes from now to then.
    pub(super) finish_minutes: i64,
    /// Working minutes until its turn comes.
    wait: i64,
}

impl<'a> Prediction<'a> {
    /// None when the unit has no working time left in which it could finish it.
    pub(super) fn of(case: &Case<'a>, station: &'a Station, queue: Queue) -> Option<Self> {
        let days = case.days(station)?;
        let (post, speeds) = (case.post(station)?, &case.policy.speed_percent);
        let (present, steady) = if post.steady {
            (post.force(&case.pool, speeds), true)
        } else {
            let present = station.crew.force(&case.pool, case.now, speeds);
            (present, !station.crew.somebody_is_away(&case.pool, case.now))
        };
        let force = if post.officers == 0 { Force::ONE } else { present };
        let today = match post.steady || case.edition.is_first() {
            true => present.officers,
            false => station.crew.most_until(&case.pool, case.now, case.midnight(), speeds),
        };
        Self {
            station,
            officers: today.max(1),
            // Of a pool of nobody, who is sent it counts as one.
            all: post.officers.max(1),
            force: steady.then_some(force),
            queue,
            finish: days.now,
            finish_minutes: 0,
            wait: 0,
        }
        .with_more(case, 0, &[])
    }

    /// What each of the officers who are busy has to do for others before they join, in minutes, the least first.
    pub(super) fn joining(&self, case: &Case<'_>) -> Vec<i64> {
        if self.queue.busy > 0 { case.joining(self.station) } else { Vec::new() }
    }

    /// The same with so many more minutes of work in the same pool, all of them ahead. `joining`: see [`Self::joining`];
    /// with fewer minutes those who are at it are taken to stay the same: in truth it would be no later than this.
    pub(super) fn with_more(&self, case: &Case<'_>, minutes: i64, joining: &[i64]) -> Option<Self> {
        let turn = Turn { ahead: self.queue.ahead + minutes, officers: self.at_it() }.joined_by(joining);
        let queue = Queue {
            ahead: turn.ahead,
            busy: self.all.saturating_sub(turn.officers),
            committed: self.queue.committed + minutes,
            own: self.queue.own + minutes,
            ..self.queue
        };
        let days = case.days(self.station)?;
        let (wait, finish) = match self.force {
            Some(force) => {
                // Whoever is busy is as fast as the others.
                let (all, at_it) = (i64::from(self.all), i64::from(turn.officers));
                let wait = divided(queue.ahead * 100 * all, force.pace(at_it, all));
                let whole = i64::from(force.officers) * 100;
                let even = whole == force.speed;
                let effort = if even { case.effort } else { divided(case.effort * whole, force.speed) };
                (wait, days.now.plus(wait + effort))
            }
            None => self.walk(case, days, turn)?,
        };
        if !days.calendar.lasts_until(finish) {
            return None;
        }
        let finish_minutes = match days.is_legal {
            true => finish.minutes_since(days.now),
            false => days.calendar.on_clock(&case.province.clock, finish)?.minutes_since(case.clock),
        };
        Some(Self { queue, finish, finish_minutes, wait, ..*self })
    }

    /// How likely it is to be finished after the due date, from 0 to 1.
    pub(super) fn late_probability(&self, case: &Case<'_>) -> f64 {
        let due = case.days(self.station).and_then(|days| Some(days.due?.minutes_since(days.now)));
        match due {
            None => 0.0,
            Some(..=0) if !case.edition.is_first() => 1.0,
            Some(due) => self.spread(case).late_probability(minutes(due)),
        }
    }

    /// By when it is finished with this probability; none: not within the calendar.
    pub(super) fn finished_by(&self, case: &Case<'_>, probability: f64) -> Option<Timestamp> {
        let days = case.days(self.station)?;
        let after = whole_minutes(self.spread(case).finished_by(probability).ceil());
        days.calendar.end_at(days.now.plus(after)).filter(|_| days.calendar.lasts_until(days.now.plus(after)))
    }

    fn spread(&self, case: &Case<'_>) -> Spread {
        // As if all worked, and nobody were busy: so whoever joins makes it no surer in a moment.
        let ahead = minutes(self.queue.ahead * i64::from(self.all)) / f64::from(self.at_it().max(1));
        Spread::of(case, ahead, self.wait)
    }

    /// How many of the competent officers are not busy.
    fn at_it(&self) -> u32 {
        self.all.saturating_sub(self.queue.busy)
    }

    /// How far out of their way papers travel, in kilometres: half the way round that they make by the unit between where
    /// they lie and home, where they are filed in the end. Where they lie at home that is how far the unit is from it; on
    /// the way it is nothing.
    pub(super) fn travel_km(&self, case: &Case<'_>) -> f64 {
        if case.edition.is_first() {
            let from = case.home.filter(|_| case.request.papers != Papers::None);
            return from.map_or(0.0, |home| home.known_distance_km(self.station));
        }
        match (case.papers_at, case.home) {
            (None, _) => 0.0,
            (Some((at, straight)), Some(home)) if at.index != home.index => {
                let round = at.distance_km(self.station) + self.station.distance_km(home);
                (round - straight).max(0.0) / 2.0
            }
            (Some((at, _)), _) => at.distance_km(self.station),
        }
    }

    /// When it is finished.
    pub(super) fn finish_at(&self, case: &Case<'_>) -> Timestamp {
        // It was looked whether there is such an instant.
        case.days(self.station).and_then(|days| days.calendar.end_at(self.finish)).unwrap_or(Timestamp::MAX)
    }

    /// Minutes until its turn comes, and when it is finished, while officers leave and come back: the same part of those
    /// who are there is busy as of all.
    fn walk(&self, case: &Case<'_>, days: &Days<'_>, turn: Turn) -> Option<(i64, Position)> {
        let mut ahead = turn.ahead * 100 * i64::from(self.all);
        let at_it = i64::from(turn.officers);
        let mut effort = case.effort;
        let mut wait = None;
        let mut elapsed = 0;
        for stretch in self.station.crew.stretches(&case.pool, case.now, &case.policy.speed_percent) {
            let Force { officers: present, speed, .. } = stretch.force;
            let pace = stretch.force.pace(at_it, i64::from(self.all));
            let from = days.calendar.position(stretch.from);
            // The end of the calendar is as good as no end.
            let most =
                (stretch.until).map_or(i64::MAX, |until| days.calendar.position(until).minutes_since(from));
            if present == 0 {
                elapsed += most;
                continue;
            }
            let until_turn = divided(ahead, pace);
            if until_turn > most {
                ahead -= most * pace;
                elapsed += most;
                continue;
            }
            ahead = 0;
            wait.get_or_insert(elapsed + until_turn);
            let takes = divided(effort * i64::from(present) * 100, speed);
            if takes <= most - until_turn {
                return Some((wait?, from.plus(until_turn + takes)));
            }
            effort -= (most - until_turn) * speed / (i64::from(present) * 100);
            elapsed += most;
        }
        None
    }

    pub(super) fn id(&self) -> UnitId {
        self.station.unit
    }

    /// Whether it is home, and not another unit.
    pub(super) fn is_home(&self, case: &Case<'_>) -> bool {
        case.is_home(self.station)
    }

    /// A bid that wins as long as the unit may take it at all.
    pub(super) fn limits(&self, case: &Case<'_>) -> Bid {
        Bid::always(self.id(), !self.is_home(case))
            .within(&self.station.standing, case.request.effort_minutes)
    }

    /// Queued minutes per competent officer, whatever day they are due.
    pub(super) fn burden(&self) -> f64 {
        minutes(self.queue.committed) / f64::from(self.officers)
    }

    /// Minutes of foreign work taken of late per competent officer.
    pub(super) fn lent(&self) -> f64 {
        minutes(self.queue.lent) / f64::from(self.officers)
    }

    /// Whether it finishes early enough that nobody better has to be looked for. Home keeps what it so
    /// finishes.
    pub(super) fn passes_gate(&self, case: &Case<'_>) -> bool {
        self.gate(case).is_none_or(|gate| gate.passed)
    }

    /// How it does at the gate; none where nothing was promised.
    pub(super) fn gate(&self, case: &Case<'_>) -> Option<Gate> {
        let remaining_minutes = case.remaining_minutes?;
        let share = if case.request.green { case.policy.green_gate_share } else { case.policy.gate_share };
        let within = minutes(self.finish_minutes) <= share * minutes(remaining_minutes);
        let passed = within && self.is_in_time(case);
        let share = from_thousandths(thousandths(share));
        Some(Gate { finish_minutes: self.finish_minutes, remaining_minutes, share, passed })
    }

    /// Whether it is finished by the due date.
    pub(super) fn is_in_time(&self, case: &Case<'_>) -> bool {
        // The finish is the first instant of its position.
        case.days(self.station).and_then(|days| days.due).is_none_or(|due| self.finish <= due)
    }

    /// Whether it has too much work of its own to take this for gain. Need knows no such limit: somebody has
    /// to do it.
    pub(super) fn is_full(&self, case: &Case<'_>) -> bool {
        let cap = case.policy.borrowed_cap_minutes.saturating_mul(i64::from(self.officers));
        !self.is_home(case) && self.queue.committed > cap
    }
}

/// When it is finished, in working minutes from now, as if waiting and work were distributed normally.
struct Spread {
    mean: f64,
    variance: f64,
}

impl Spread {
    /// Work that is ahead comes in pieces of this size, each with the spread of efforts. `wait`: working minutes until its turn
    /// comes.
    fn of(case: &Case<'_>, ahead: f64, wait: i64) -> Self {
        let effort = f64::from(case.request.effort_minutes.max(1));
        let wait = minutes(wait);
        // As many officers work on what is ahead as the wait says.
        let before = if ahead > 0.0 { wait * wait / ahead } else { 0.0 };
        Self { mean: wait + effort, variance: case.spread * effort * (before + effort) }
    }

    /// How likely it takes longer than so many minutes, to the nearest thousandth.
    fn late_probability(&self, due: f64) -> f64 {
        /// So many standard deviations from the mean, the logistic curve is nearer to 0 or 1 than half a thousandth.
        const SURE: f64 = 4.5;
        let slack = due - self.mean;
        if slack * slack >= SURE * SURE * self.variance {
            return f64::from(u8::from(slack < 0.0));
        }
        let late = 1.0 / (1.0 + (LOGISTIC * slack / self.variance.sqrt()).exp());
        from_thousandths(thousandths(late))
    }

    /// In how many minutes it is done with this probability, which is neither 0 nor 1.
    fn finished_by(&self, probability: f64) -> f64 {
        self.mean + self.variance.sqrt() * (probability / (1.0 - probability)).ln() / LOGISTIC
    }
}

/// Whether somebody of the pool works at the unit before it is due; with a due date in the past, or none, at any time.
/// Where no working time is left before it, on the legal clock or at the unit, it is late and nobody is absent: whether the
/// unit opens at all is another question.
pub(super) fn somebody_is_there_in_time(case: &Case<'_>, station: &Station) -> bool {
    let crew = &station.crew;
    if case.post(station).is_some_and(|post| post.steady) || !crew.somebody_is_away(&case.pool, case.now) {
        return true;
    }
    let days = case.days(station);
    let time_is_left = || {
        case.remaining_minutes.is_some_and(|left| left > 0)
            && days.is_none_or(|days| days.due.is_none_or(|due| due.minutes_since(days.now) > 0))
    };
    let is_ahead = |due_at: &Timestamp| *due_at > case.now && (case.edition.is_first() || time_is_left());
    let until = case.request.due_at.filter(is_ahead);
    crew.stretches(&case.pool, case.now, &case.policy.speed_percent).any(|stretch| {
        let end = [stretch.until, until].into_iter().flatten().min();
        let works = match (end, &days) {
            (Some(end), Some(days)) => days.calendar.minutes_between(stretch.from, end) > 0,
            // Whether there is any working time at all is another question.
            _ => true,
        };
        stretch.force.officers > 0 && works
    })
}

/// Rounded up; what nobody works on takes for ever.
fn divided(whole: i64, by: i64) -> i64 {
    match by {
        1.. => match (u32::try_from(whole + by - 1), u32::try_from(by)) {
            // Short numbers are divided in half the time.
            (Ok(whole), Ok(by)) => i64::from(whole / by),
            _ => (whole + by - 1) / by,
        },
        _ if whole == 0 => 0,
        _ => i64::from(u32::MAX),
    }
}

/// Minutes as the scores have them.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 minutes")]
pub(super) fn minutes(whole: i64) -> f64 {
    whole as f64
}

/// The nearest number of thousandths, halves away from zero: such a number is written as a short decimal and read back as
/// it was, and the last bit of a sine does not decide where a file goes. Exact up to 2^53 thousandths.
#[expect(
    clippy::cast_possible_truncation,
    reason = "costs are far below; `f64::round` is a call into the C library, and this is done a thousand times"
)]
pub(super) fn thousandths(number: f64) -> i64 {
    (number * 1000.0 + 0.5_f64.copysign(number)) as i64
}

/// So many thousandths.
pub(super) fn from_thousandths(count: i64) -> f64 {
    minutes(count) / 1000.0
}

/// To the nearest whole minute.
#[expect(clippy::cast_possible_truncation, reason = "efforts and their sums are far below 2^53 minutes")]
pub(super) fn whole_minutes(minutes: f64) -> i64 {
    minutes.round() as i64
}
