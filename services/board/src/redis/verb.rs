//! Each script with what it wants and what it answers.

use std::{collections::BTreeMap, sync::LazyLock};

use phidia_domain::{
    id::UnitId,
    route::{Load, MAX_BIDS, Snapshot, UnitLoad},
    work_item::WorkItem,
};
use redis::{FromRedisValue, RedisResult, Script, ScriptInvocation, Value};

use crate::{
    Lease, Reserve,
    redis::text::{self, Held},
};

/// One script, typed.
pub(crate) trait Verb: Sync {
    /// What it answers when it was done.
    type Answer: Send;

    /// The script.
    fn script(&self) -> &'static Script;

    /// Adds what it wants.
    fn ask(&self, call: &mut ScriptInvocation<'_>);

    /// Reads its part of the reply.
    fn answer(&self, parts: Parts, epoch: i64, sequence: i64) -> RedisResult<Self::Answer>;
}

/// The parts of a reply, one after another.
#[derive(Debug)]
pub(crate) struct Parts(std::vec::IntoIter<Value>);

impl Parts {
    pub(crate) fn next<T: FromRedisValue>(&mut self) -> RedisResult<T> {
        Ok(redis::from_redis_value(self.0.next().unwrap_or(Value::Nil))?)
    }
}

/// What a script said.
#[derive(Debug)]
pub(crate) struct Reply<A> {
    /// Redis' clock in milliseconds.
    pub(crate) clock: i64,
    /// The epoch that holds; 0 where none does.
    pub(crate) epoch: i64,
    /// The sequence of the asked epoch.
    pub(crate) sequence: i64,
    /// How it went.
    pub(crate) outcome: Outcome<A>,
}

/// How it went. Where it is not [`Done`](Self::Done), nothing has changed.
#[derive(Debug)]
pub(crate) enum Outcome<A> {
    Done(A),
    /// No epoch holds.
    NotBuilt,
    /// Another epoch holds.
    Stale,
    /// The sequence is lower than the caller knows.
    SetBack,
    /// The caller waits no more, by Redis' clock.
    Late,
}

impl<A> Reply<A> {
    pub(crate) fn read(verb: &impl Verb<Answer = A>, reply: Vec<Value>) -> RedisResult<Self> {
        let mut parts = Parts(reply.into_iter());
        let status: String = parts.next()?;
        let (clock, epoch, sequence) = (parts.next()?, parts.next()?, parts.next()?);
        let outcome = match status.as_str() {
            "ok" => Outcome::Done(verb.answer(parts, epoch, sequence)?),
            "not built" => Outcome::NotBuilt,
            "stale" => Outcome::Stale,
            "set back" => Outcome::SetBack,
            "late" => Outcome::Late,
            other => return Err(text::garbled(other)),
        };
        Ok(Self { clock, epoch, sequence, outcome })
    }
}

/// A script is its own file behind those that it builds on.
macro_rules! script {
    ($($file:literal),+) => {{
        static SCRIPT: LazyLock<Script> =
            LazyLock::new(|| Script::new(concat!($(include_str!(concat!("lua/", $file, ".lua"))),+)));
        &SCRIPT
    }};
}

impl Verb for Reserve {
    /// The unit that has it, and since which sequence; none: every bid was over one of its limits.
    type Answer = Option<(UnitId, i64)>;

    fn script(&self) -> &'static Script {
        script!("head", "ledger", "reserve")
    }

    fn ask(&self, call: &mut ScriptInvocation<'_>) {
        /// Some three thousand years: as good as for ever, and exact in Lua.
        const LONGEST_LEASE_MILLIS: i64 = 100_000_000_000_000;
        let lease = i64::try_from(self.lease.as_millis()).unwrap_or(i64::MAX).min(LONGEST_LEASE_MILLIS);
        call.arg(self.work_item.to_string()).arg(self.minutes).arg(text::queue(&self.key)).arg(lease);
        for bid in self.bids.iter().take(MAX_BIDS) {
            call.arg(bid.unit.to_string()).arg(bid.ceiling_minutes).arg(bid.most_open_items);
            // Of one's own work there is no most.
            let most_borrowed = bid.borrowed_ceiling_minutes.unwrap_or(i64::MAX);
            call.arg(text::whose(bid.is_borrowed())).arg(most_borrowed);
        }
    }

    fn answer(&self, mut parts: Parts, _: i64, _: i64) -> RedisResult<Self::Answer> {
        let Some(unit) = parts.next::<Option<String>>()? else { return Ok(None) };
        Ok(Some((text::unit(&unit)?, parts.next()?)))
    }
}

/// It is there for good.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) work_item: WorkItem,
    pub(crate) unit: UnitId,
    pub(crate) load: Load,
}

impl Verb for Place {
    /// Since which sequence.
    type Answer = i64;

    fn script(&self) -> &'static Script {
        script!("head", "ledger", "place")
    }

    fn ask(&self, call: &mut ScriptInvocation<'_>) {
        let Self { work_item, unit, load } = self;
        call.arg(work_item.to_string()).arg(load.minutes).arg(text::queue(&load.key));
        call.arg(unit.to_string()).arg(text::whose(load.borrowed));
    }

    fn answer(&self, mut parts: Parts, _: i64, _: i64) -> RedisResult<Self::Answer> {
        parts.next()
    }
}

/// It gives its load back.
#[derive(Debug)]
pub(crate) struct Release(pub(crate) WorkItem);

impl Verb for Release {
    type Answer = ();

    fn script(&self) -> &'static Script {
        script!("head", "ledger", "release")
    }

    fn ask(&self, call: &mut ScriptInvocation<'_>) {
        call.arg(self.0.to_string());
    }

    fn answer(&self, _: Parts, _: i64, _: i64) -> RedisResult<()> {
        Ok(())
    }
}

/// At most so many; those that are due, or all.
#[derive(Debug)]
pub(crate) struct Leases {
    pub(crate) most: usize,
    pub(crate) due: bool,
}

impl Verb for Leases {
    type Answer = Vec<Lease>;

    fn script(&self) -> &'static Script {
        script!("head", "ledger", "leases")
    }

    fn ask(&self, call: &mut ScriptInvocation<'_>) {
        call.arg(self.most).arg(if self.due { "due" } else { "all" });
    }

    fn answer(&self, mut parts: Parts, epoch: i64, _: i64) -> RedisResult<Self::Answer> {
        let due: Vec<(String, String)> = parts.next()?;
        let lease = |(work_item, held): (String, String)| {
            let Held { unit, load, sequence, .. } = Held::read(&held)?;
            Ok(Lease { work_item: text::work_item(&work_item)?, unit, load, epoch, sequence })
        };
        due.into_iter().map(lease).collect()
    }
}

/// The changes since this sequence, or everything.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) since: Option<i64>,
    pub(crate) most_changes: usize,
}

/// What a look saw.
#[derive(Debug)]
pub(crate) enum Seen {
    /// All changes since then, in their order.
    Since(Vec<Change>),
    /// Everything.
    All(Snapshot),
}

/// One change: what was counted out and what was counted in.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) sequence: i64,
    pub(crate) out: Option<(UnitId, Load)>,
    pub(crate) into: Option<(UnitId, Load)>,
}

impl Verb for Look {
    type Answer = Seen;

    fn script(&self) -> &'static Script {
        script!("head", "ledger", "snapshot")
    }

    fn ask(&self, call: &mut ScriptInvocation<'_>) {
        call.arg(self.since.unwrap_or(-1)).arg(self.most_changes);
    }

    fn answer(&self, mut parts: Parts, epoch: i64, sequence: i64) -> RedisResult<Self::Answer> {
        match parts.next::<String>()?.as_str() {
            "since" => {
                let changes: Vec<(String, BTreeMap<String, String>)> = parts.next()?;
                changes.into_iter().map(Change::read).collect::<RedisResult<_>>().map(Seen::Since)
            }
            "all" => {
                let mut units: BTreeMap<UnitId, UnitLoad> = BTreeMap::new();
                for (field, sum) in parts.next::<Vec<(String, i64)>>()? {
                    match field.split_once(' ') {
                        Some((unit, text::BORROWED)) => {
                            units.entry(text::unit(unit)?).or_default().borrowed_minutes = sum;
                        }
                        Some((unit, queue)) => {
                            // A queue of nothing but work without effort is none.
                            let unit = units.entry(text::unit(unit)?).or_default();
                            unit.queued.extend((sum != 0).then_some((text::key(queue)?, sum)));
                        }
                        None => {
                            let items = u32::try_from(sum).map_err(|_| text::garbled(&field))?;
                            units.entry(text::unit(&field)?).or_default().open_items = items;
                        }
                    }
                }
                let units = units.into_iter().map(|(unit, load)| (unit, load.into())).collect();
                Ok(Seen::All(Snapshot { epoch, sequence, units, ..Snapshot::default() }))
            }
            other => Err(text::garbled(other)),
        }
    }
}

impl Change {
    fn read((id, mut fields): (String, BTreeMap<String, String>)) -> RedisResult<Self> {
        let sequence = id.split_once('-').and_then(|(sequence, _)| sequence.parse().ok());
        let mut counted = |sign| fields.remove(sign).map(|text| text::counted(&text)).transpose();
        Ok(Self {
            sequence: sequence.ok_or_else(|| text::garbled(&id))?,
            out: counted("-")?,
            into: counted("+")?,
        })
    }
}

/// A step of a rebuild.
#[derive(Debug)]
pub(crate) enum Building<'a> {
    /// An empty place for the epoch.
    Begin,
    /// A part of it: of which hash, and some of its fields.
    Stage(&'static str, &'a [(String, String)]),
    /// From here on it holds: its sequence, and how many fields items, load and pools have.
    CutOver(i64, [usize; 3]),
    /// It is over: its keys go.
    Forget,
}

impl Verb for Building<'_> {
    /// After a cut-over, the other epochs that may have keys; none: not all that was staged is there.
    type Answer = Option<Vec<i64>>;

    fn script(&self) -> &'static Script {
        match self {
            Self::Begin => script!("head", "building", "begin"),
            Self::Stage(..) => script!("head", "building", "stage"),
            Self::CutOver(..) => script!("head", "building", "cut_over"),
            Self::Forget => script!("head", "forget"),
        }
    }

    fn ask(&self, call: &mut ScriptInvocation<'_>) {
        match self {
            Self::Begin | Self::Forget => {}
            Self::Stage(part, fields) => drop(call.arg(part).arg(fields)),
            Self::CutOver(sequence, sizes) => drop(call.arg(sequence).arg(sizes)),
        }
    }

    fn answer(&self, mut parts: Parts, _: i64, _: i64) -> RedisResult<Self::Answer> {
        match self {
            Self::CutOver(..) => parts.next(),
            Self::Begin | Self::Stage(..) | Self::Forget => Ok(None),
        }
    }
}
