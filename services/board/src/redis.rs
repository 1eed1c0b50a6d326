//! The board on Redis: what all replicas of a cluster share.
//!
//! ```text
//!   RedisBoard ── asks ──> verb ── one script each (lua/*.lua) over keys ──> Redis
//!       │                    └─ typed there and back (text)
//!       ├─ known: the newest change that this replica was told of, and the load as of its last look
//!       └─ link: the one connection, made anew when it breaks; time-outs; Sentinels
//! ```
//!
//! Each verb is one script, so it is done at once or not at all, and asked again it changes nothing. A snapshot
//! is asked for as what has changed since the last one (a stream, cut off at some length), and read whole where
//! that does not join on.
//!
//! What if Redis loses something? *Everything*: no epoch holds, and it answers [`BoardError::NotBuilt`]. *The
//! last changes* (a fail-over, an old dump): every script is told the newest change that its caller knows of,
//! and does nothing on a board that is behind it: `NotBuilt`, too. A replica that knows no better may be given
//! an epoch and a sequence for the second time; `unique(province, epoch, sequence)` in its store tells it so. Either
//! way the board is rebuilt into a new epoch.

mod config;
mod keys;
mod known;
mod link;
mod text;
mod verb;

use std::collections::BTreeMap;

use async_trait::async_trait;
use phidia_domain::{
    Rejection,
    id::UnitId,
    route::{Bid, Load, MAX_BIDS, Snapshot},
    work_item::WorkItem,
};

pub use self::config::BoardConfig;
use self::{
    keys::Keys,
    known::Known,
    link::Link,
    text::Held,
    verb::{Building, Leases, Look, Outcome, Place, Release, Verb},
};
use crate::{Board, BoardError, Entry, Lease, Reservation, Reserve, ledger::Ledger};

/// So many changes are quicker read than everything, if there are no more units than that; else as many as there are units.
/// The log (`lua/ledger.lua`) holds more, unless there are more units than it is long: then it is what bounds them.
const MOST_CHANGES: usize = 1_000;
/// So many leases keep Redis busy for a few milliseconds.
const MOST_LEASES: usize = 1_000;
/// So many fields are written at once when a board is rebuilt.
const STAGED_AT_ONCE: usize = 500;
/// A new epoch begins when something was lost; not three times during one question.
const TRIES: usize = 3;

/// A board on Redis: the replicas of a cluster have one each, over the same data.
#[derive(Debug)]
pub struct RedisBoard {
    link: Link,
    known: Known,
}

impl RedisBoard {
    /// Connects when it is first used, and whenever it has to.
    ///
    /// # Errors
    ///
    /// `INVALID_CONFIG`.
    pub fn new(config: &BoardConfig) -> Result<Self, Rejection> {
        Ok(Self { link: Link::new(config)?, known: Known::default() })
    }

    /// Asks in this epoch. Answers also with the number of the connection.
    async fn ask<V: Verb>(
        &self,
        province: &str,
        epoch: i64,
        verb: &V,
    ) -> Result<(V::Answer, u64), BoardError> {
        let newest = self.known.newest(province);
        let seen = if newest.0 == epoch { newest.1 } else { 0 };
        let (reply, line) = self.link.call(verb, &Keys::of(province, epoch), seen).await?;
        match reply.outcome {
            Outcome::Done(answer) => {
                self.known.told(province, epoch, reply.sequence);
                Ok((answer, line))
            }
            Outcome::Stale if reply.epoch >= newest.0 => {
                self.known.told(province, reply.epoch, 0);
                Err(BoardError::StaleEpoch { current: reply.epoch })
            }
            Outcome::Stale | Outcome::SetBack => {
                let found = (reply.epoch, reply.sequence);
                tracing::warn!(province, ?newest, ?found, "the board on Redis was set back");
                Err(BoardError::NotBuilt)
            }
            Outcome::NotBuilt => Err(BoardError::NotBuilt),
            Outcome::Late => Err(BoardError::Away("it came too late".into())),
        }
    }

    /// Asks in whatever epoch holds.
    async fn ask_now<V: Verb>(&self, province: &str, verb: &V) -> Result<V::Answer, BoardError> {
        let mut tries = TRIES;
        loop {
            tries -= 1;
            match self.ask(province, self.known.newest(province).0, verb).await {
                // It is known by now.
                Err(BoardError::StaleEpoch { .. }) if tries > 0 => {}
                done => return done.map(|(answer, _)| answer),
            }
        }
    }

    /// One step of a rebuild.
    async fn build(&self, keys: &Keys, step: Building<'_>) -> Result<Option<Vec<i64>>, BoardError> {
        let (reply, _) = self.link.call(&step, keys, 0).await?;
        match reply.outcome {
            Outcome::Done(answer) => Ok(answer),
            _ => Err(BoardError::StaleEpoch { current: reply.epoch }),
        }
    }

    async fn stage(
        &self,
        keys: &Keys,
        part: &'static str,
        fields: &[(String, String)],
    ) -> Result<(), BoardError> {
        for fields in fields.chunks(STAGED_AT_ONCE) {
            self.build(keys, Building::Stage(part, fields)).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Board for RedisBoard {
    async fn snapshot(&self, province: &str) -> Result<Snapshot, BoardError> {
        for _ in 0..TRIES {
            let epoch = self.known.newest(province).0;
            let known = self.known.view(province).filter(|known| known.epoch == epoch);
            let look = Look {
                since: known.map(|known| known.sequence),
                most_changes: known.map_or(0, |known| known.units).max(MOST_CHANGES),
            };
            match self.ask(province, epoch, &look).await {
                Ok((seen, line)) => {
                    if let Some(load) = self.known.see(province, epoch, seen, line) {
                        return Ok(load);
                    }
                }
                Err(BoardError::StaleEpoch { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Err(BoardError::Away("the board changes under every look at it".into()))
    }

    async fn reserve(&self, reserve: Reserve) -> Result<Reservation, BoardError> {
        let (province, epoch) = (reserve.province.as_str(), reserve.epoch);
        if let (Some((unit, sequence)), _) = self.ask(province, epoch, &reserve).await? {
            return Ok(Reservation { unit, epoch, sequence });
        }
        // Read a moment later: the sums of one unit alone are not to be had from one hash.
        let now = self.snapshot(province).await?;
        Err(BoardError::Outbid { fresh: only(now, &reserve.bids).into() })
    }

    async fn confirm(
        &self,
        province: &str,
        epoch: i64,
        work_item: WorkItem,
        unit: UnitId,
        load: Load,
    ) -> Result<(), BoardError> {
        self.place(province, epoch, work_item, unit, load).await.map(drop)
    }

    async fn place(
        &self,
        province: &str,
        epoch: i64,
        work_item: WorkItem,
        unit: UnitId,
        load: Load,
    ) -> Result<i64, BoardError> {
        self.ask(province, epoch, &Place { work_item, unit, load }).await.map(|(sequence, _)| sequence)
    }

    async fn release(&self, province: &str, work_item: WorkItem) -> Result<(), BoardError> {
        self.ask_now(province, &Release(work_item)).await
    }

    async fn due_leases(&self, province: &str, limit: usize) -> Result<Vec<Lease>, BoardError> {
        self.ask_now(province, &Leases { most: limit.min(MOST_LEASES), due: true }).await
    }

    async fn leases(&self, province: &str, limit: usize) -> Result<Vec<Lease>, BoardError> {
        self.ask_now(province, &Leases { most: limit.min(MOST_LEASES), due: false }).await
    }

    async fn rebuild(
        &self,
        province: &str,
        epoch: i64,
        entries: Vec<Entry>,
        sequence: i64,
    ) -> Result<(), BoardError> {
        let keys = Keys::of(province, epoch);
        self.build(&keys, Building::Begin).await?;
        let ledger = Ledger::build(epoch, sequence, entries);
        let items: Vec<_> = ledger
            .holdings()
            .map(|(work_item, unit, load)| {
                let held = Held { unit, sequence, lease_until: 0, load: load.clone() };
                (work_item.to_string(), held.write())
            })
            .collect();
        let Sums { load, pools } = Sums::of(&ledger.snapshot());
        self.stage(&keys, "items", &items).await?;
        self.stage(&keys, "load", &load).await?;
        self.stage(&keys, "pools", &pools).await?;
        let sizes = [items.len(), load.len(), pools.len()];
        let Some(others) = self.build(&keys, Building::CutOver(sequence, sizes)).await? else {
            return Err(BoardError::Away("a part of what was being rebuilt is not there".into()));
        };
        self.known.begin(province, epoch, sequence);
        for over in others.into_iter().filter(|other| *other < epoch) {
            // The next rebuild comes past here, too.
            if let Err(error) = self.build(&Keys::of(province, over), Building::Forget).await {
                tracing::warn!(province, over, %error, "the keys of an old epoch are still there");
            }
        }
        Ok(())
    }
}

/// The units of the bids and no others; an idle one is there with nothing queued.
fn only(mut now: Snapshot, bids: &[Bid]) -> Snapshot {
    let bids = bids.get(..MAX_BIDS).unwrap_or(bids);
    now.units.retain(|unit, _| bids.iter().any(|bid| bid.unit == *unit));
    for bid in bids {
        now.units.entry(bid.unit).or_default();
    }
    now
}

/// The sums of a ledger as Redis keeps them (`lua/ledger.lua`).
#[derive(Debug, Default)]
struct Sums {
    load: Vec<(String, String)>,
    pools: Vec<(String, String)>,
}

impl Sums {
    fn of(snapshot: &Snapshot) -> Self {
        let mut sums = Self::default();
        for (unit, load) in &snapshot.units {
            sums.load.push((unit.to_string(), load.open_items.to_string()));
            if load.borrowed_minutes > 0 {
                sums.load.push((format!("{unit} {}", text::BORROWED), load.borrowed_minutes.to_string()));
            }
            let mut pools = BTreeMap::<_, i64>::new();
            for (key, minutes) in &load.queued {
                sums.load.push((format!("{unit} {}", text::queue(key)), minutes.to_string()));
                *pools.entry(text::pool(key)).or_default() += minutes;
            }
            sums.pools.extend(
                pools.into_iter().map(|(pool, minutes)| (format!("{unit} {pool}"), minutes.to_string())),
            );
        }
        sums
    }
}
