//! What a decision is about, and what it sees: reckoned once, and asked for every unit.

use std::{cell::OnceCell, collections::BTreeMap, sync::Arc};

use jiff::Timestamp;

use super::{
    Request,
    backlog::Opened,
    crew::{Pool, Post},
    edition::Edition,
    facts::{Facts, Queue},
    load::{SharedLoad, Snapshot, lent_on},
    policy::Policy,
    predict::{minutes, whole_minutes},
    roster::{Roster, Station},
};
use crate::{
    calendar::{CapacityCalendar, Position},
    procedure::Papers,
    province::Province,
};

/// The quantile of effort that a prediction allows for is 0.8: so many standard deviations above the mean of
/// a normal distribution.
const P80: f64 = 0.841_621;

/// What a decision is about, with what follows from it for all units alike.
pub(super) struct Case<'a> {
    pub(super) policy: &'a Policy,
    pub(super) province: &'a Province,
    pub(super) roster: &'a Roster,
    /// The officers who are asked for.
    pub(super) pool: Pool<'a>,
    /// What the pool is at each of the stations.
    posts: Arc<[Post]>,
    pub(super) seen: Seen<'a>,
    pub(super) edition: Edition,
    pub(super) request: &'a Request,
    pub(super) now: Timestamp,
    /// Local due date in days since 1970-01-01.
    pub(super) due_day: Option<i32>,
    /// Home of the step; none when the province does not know it.
    pub(super) home: Option<&'a Station>,
    /// Where papers lie that may have to travel: at the unit that did the step before, or that received them; and how far
    /// that is from home, in kilometres.
    pub(super) papers_at: Option<(&'a Station, f64)>,
    /// Legal working minutes until it is due; negative when it is overdue, none when nothing was promised.
    pub(super) remaining_minutes: Option<i64>,
    /// What near ties are drawn with.
    pub(super) seed: u64,
    /// The effort that four of five do not exceed, in minutes.
    pub(super) effort: i64,
    /// The square of the coefficient of variation of efforts.
    pub(super) spread: f64,
    /// `now` on the legal clock.
    pub(super) clock: Position,
    /// The end of the local day, once it was asked for.
    midnight: OnceCell<Timestamp>,
    /// The instants of the case on the calendars of the roster, as far as they were asked for.
    looked_up: Vec<OnceCell<Option<Days<'a>>>>,
}

/// The instants of a case on one calendar.
#[derive(Clone, Copy)]
pub(super) struct Days<'a> {
    pub(super) calendar: &'a CapacityCalendar,
    /// Whether it is the legal clock.
    pub(super) is_legal: bool,
    pub(super) now: Position,
    pub(super) due: Option<Position>,
}

/// Where a decision looks for what is queued.
#[derive(Clone, Copy)]
pub(super) enum Seen<'a> {
    /// On the board.
    Board(&'a Snapshot),
    /// In the record of the decision that is made again, which was made by this edition of the rules.
    Record(&'a Facts, Edition),
}

impl<'a> Case<'a> {
    pub(super) fn new(
        policy: &'a Policy,
        province: &'a Province,
        roster: &'a Roster,
        seen: Seen<'a>,
        request: &'a Request,
        now: Timestamp,
        seed: u64,
    ) -> Self {
        let pool = roster.pool(&request.field, request.level);
        let home = roster.station(request.home);
        let papers_at = (request.papers != Papers::None)
            .then(|| roster.station(request.previous.unwrap_or(request.received_at)))
            .flatten();
        let sigma = policy.effort_sigma;
        let p80 = (P80 * sigma - sigma * sigma / 2.0).exp().max(1.0);
        Self {
            policy,
            province,
            roster,
            posts: roster.posts(&pool, policy.rare_officers),
            pool,
            edition: match seen {
                Seen::Board(_) => Edition::CURRENT,
                Seen::Record(_, edition) => edition,
            },
            seen,
            request,
            now,
            due_day: request.due_day(province),
            home,
            papers_at: papers_at.map(|at| (at, home.map_or(0.0, |home| at.distance_km(home)))),
            remaining_minutes: request.due_at.map(|due_at| province.clock.minutes_between(now, due_at)),
            seed,
            effort: whole_minutes(f64::from(request.effort_minutes) * p80).max(1),
            spread: (sigma * sigma).exp_m1(),
            clock: province.clock.position(now),
            midnight: OnceCell::new(),
            looked_up: vec![OnceCell::new(); roster.calendars().len()],
        }
    }

    /// The end of the local day.
    pub(super) fn midnight(&self) -> Timestamp {
        *self.midnight.get_or_init(|| {
            let clock = &self.province.clock;
            let tomorrow = clock.local_date(self.now).tomorrow().ok();
            let midnight = tomorrow.and_then(|day| clock.time_zone().to_timestamp(day.at(0, 0, 0, 0)).ok());
            midnight.unwrap_or(Timestamp::MAX)
        })
    }

    /// What the pool is at a unit.
    pub(super) fn post(&self, station: &Station) -> Option<&Post> {
        self.posts.get(station.index)
    }

    /// The instants of the case on a unit's calendar; none when it has none, or `now` is out of its range.
    pub(super) fn days(&self, station: &Station) -> Option<&Days<'a>> {
        let index = station.calendar?;
        let found = self.looked_up.get(index)?.get_or_init(|| {
            let calendar = self.roster.calendars().get(index).filter(|calendar| calendar.covers(self.now))?;
            Some(Days {
                calendar,
                is_legal: calendar.is_legal(&self.province.clock),
                now: calendar.position(self.now),
                due: self.request.due_at.map(|due_at| calendar.position(due_at)),
            })
        });
        found.as_ref()
    }

    /// What is queued at a unit.
    pub(super) fn queue(&self, station: &Station) -> Queue {
        match self.seen {
            Seen::Record(facts, _) => facts.get(station.unit).unwrap_or_default(),
            Seen::Board(board) => self.queue_of(station, board, board.units.get(&station.unit), None),
        }
    }

    /// What each of a unit's busy officers has to do for others before they join, in minutes, the least first.
    pub(super) fn joining(&self, station: &Station) -> Vec<i64> {
        match self.seen {
            Seen::Record(facts, _) => facts.joining(station.unit).to_vec(),
            Seen::Board(board) => {
                let found = board.units.get(&station.unit).zip(self.post(station));
                found.map_or_else(Vec::new, |(load, post)| {
                    load.joining(self.roster, station, post.set, self.due_day)
                })
            }
        }
    }

    /// Sets down what is queued at each of these units, which come in the order of their ids.
    pub(super) fn set_queues(&self, stations: &mut [(&Station, Queue)]) {
        match self.seen {
            // Where most of the board is asked for, one walk along it finds all. Of some at a time everything is fetched
            // before any is worked on, for a processor waits as long for many as for one.
            Seen::Board(board) if stations.len() > board.units.len() / 8 => {
                const TOGETHER: usize = 32;
                let mut units = board.units.iter().peekable();
                for some in stations.chunks_mut(TOGETHER) {
                    let mut loads = [None; TOGETHER];
                    for ((station, _), load) in some.iter().zip(&mut loads) {
                        while units.next_if(|(unit, _)| **unit < station.unit).is_some() {}
                        *load = units.next_if(|(unit, _)| **unit == station.unit).map(|(_, load)| load);
                    }
                    let ready = loads.map(|load| load?.ready(self.roster));
                    let mut opened = [None; TOGETHER];
                    for (((station, _), ready), opened) in some.iter().zip(ready).zip(&mut opened) {
                        *opened = ready.zip(self.post(station)).map(|(ready, post)| ready.open(post.set));
                    }
                    for (((station, queue), load), opened) in some.iter_mut().zip(loads).zip(opened) {
                        *queue = self.queue_of(station, board, load, opened);
                    }
                }
            }
            _ => stations.iter_mut().for_each(|(station, queue)| *queue = self.queue(station)),
        }
    }

    fn queue_of(
        &self,
        station: &Station,
        board: &Snapshot,
        load: Option<&SharedLoad>,
        opened: Option<Opened<'_>>,
    ) -> Queue {
        let queue = load
            .zip(self.post(station))
            .map(|(load, post)| load.queue(opened, self.roster, station, &self.pool, post.set, self.due_day));
        let lent = board.lent.get(&station.unit).map_or(0, |days| self.lent(days));
        Queue { lent, ..queue.unwrap_or_default() }
    }

    /// What a unit took by day, half as much after each half-life.
    fn lent(&self, days: &BTreeMap<i64, i64>) -> i64 {
        let today = lent_on(self.now);
        let halved = |(day, taken): (&i64, &i64)| {
            let age = minutes((today - day).max(0)) / self.policy.lent_half_life_days;
            minutes(*taken) * (-age).exp2()
        };
        whole_minutes(days.iter().map(halved).sum::<f64>())
    }

    pub(super) fn is_home(&self, station: &Station) -> bool {
        self.home.is_some_and(|home| home.index == station.index)
    }
}
