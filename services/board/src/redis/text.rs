//! How work items, units and loads are written on Redis, and read back.

use std::str::FromStr;

use phidia_domain::{
    id::{ApplicationId, UnitId},
    route::{Load, LoadKey},
    work_item::WorkItem,
};
use redis::{ErrorKind, RedisError, RedisResult};

/// Work whose home is another unit.
pub(crate) const BORROWED: &str = "borrowed";
const OWN: &str = "own";

/// What a work item holds, as in `items` of `lua/ledger.lua`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) unit: UnitId,
    pub(crate) sequence: i64,
    /// In milliseconds of Redis' clock; 0: confirmed.
    pub(crate) lease_until: i64,
    pub(crate) load: Load,
}

impl Held {
    pub(crate) fn write(&self) -> String {
        let Self { unit, sequence, lease_until, load } = self;
        let whose = whose(load.borrowed);
        format!("{unit} {sequence} {lease_until} {} {whose} {}", load.minutes, queue(&load.key))
    }

    pub(crate) fn read(text: &str) -> RedisResult<Self> {
        let [at, sequence, lease_until, rest] = words(text)?;
        let (sequence, lease_until) = (number(sequence)?, number(lease_until)?);
        Ok(Self { unit: unit(at)?, sequence, lease_until, load: load(rest)? })
    }
}

/// Whether work is the unit's own or borrowed there.
pub(crate) fn whose(borrowed: bool) -> &'static str {
    if borrowed { BORROWED } else { OWN }
}

/// `<due day or -> <pool>`.
pub(crate) fn queue(key: &LoadKey) -> String {
    let due = key.due_day.map_or_else(|| "-".to_owned(), |day| day.to_string());
    format!("{due} {}", pool(key))
}

/// `<level> <field>`.
pub(crate) fn pool(key: &LoadKey) -> String {
    format!("{} {}", key.level, key.field)
}

/// The reverse of [`queue`].
pub(crate) fn key(text: &str) -> RedisResult<LoadKey> {
    let [due, level, field] = words(text)?;
    let due_day = if due == "-" { None } else { Some(number(due)?) };
    Ok(LoadKey { field: field.to_owned(), level: number(level)?, due_day })
}

/// `<unit> <minutes> <whose> <queue>`: what was counted in or out.
pub(crate) fn counted(text: &str) -> RedisResult<(UnitId, Load)> {
    let [at, rest] = words(text)?;
    Ok((unit(at)?, load(rest)?))
}

/// As a unit shows itself.
pub(crate) fn unit(text: &str) -> RedisResult<UnitId> {
    text.parse().map_err(|_| garbled(text))
}

/// `<application>/<step>/<attempt>`, as a work item shows itself.
pub(crate) fn work_item(text: &str) -> RedisResult<WorkItem> {
    let parts: Vec<_> = text.split('/').collect();
    let [application, step, attempt] = parts.as_slice() else { return Err(garbled(text)) };
    let application = application.parse::<ApplicationId>().map_err(|_| garbled(text))?;
    Ok(WorkItem { application, step: number(step)?, attempt: number(attempt)? })
}

/// Redis holds what no script of ours has written.
pub(crate) fn garbled(what: &str) -> RedisError {
    (ErrorKind::UnexpectedReturnType, "not what the board writes", what.to_owned()).into()
}

fn load(text: &str) -> RedisResult<Load> {
    let [minutes, whose, queue] = words(text)?;
    let borrowed = match whose {
        BORROWED => true,
        OWN => false,
        _ => return Err(garbled(text)),
    };
    Ok(Load { key: key(queue)?, minutes: number(minutes)?, borrowed })
}

/// The last one takes all that is left: a field may have blanks.
fn words<const N: usize>(text: &str) -> RedisResult<[&str; N]> {
    let words: Vec<_> = text.splitn(N, ' ').collect();
    words.try_into().map_err(|_| garbled(text))
}

fn number<T: FromStr>(text: &str) -> RedisResult<T> {
    text.parse().map_err(|_| garbled(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for due_day in [None, Some(20_780), Some(-3)] {
            for field in ["Hộ tịch", "Đất đai  - 2", ""] {
                let key = LoadKey { field: field.to_owned(), level: 3, due_day };
                let held = Held {
                    unit: UnitId::of("37", "13285"),
                    sequence: 9_007_199_254_740_991,
                    lease_until: 0,
                    load: Load { key, minutes: u32::MAX, borrowed: due_day.is_none() },
                };
                assert_eq!(Held::read(&held.write()).unwrap(), held);
                assert_eq!(super::key(&queue(&held.load.key)).unwrap(), held.load.key);
            }
        }
    }

    #[test]
    fn what_is_not_ours_is_refused() {
        let unit = UnitId::of("37", "13285");
        for rest in ["", "2 3", "2 3 4 - 2 x", "2 3 4 lent - 2 x"] {
            assert!(Held::read(&format!("{unit} {rest}")).is_err(), "{rest}");
        }
        assert!(Held::read("ctr_1 2 3 4 own - 2 x").is_err());
        assert!(work_item("app_1/1/1").is_err());
        assert!(work_item("").is_err());
    }
}
