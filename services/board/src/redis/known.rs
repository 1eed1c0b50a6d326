//! What a replica knows of a province: the newest change that it was told of, and the load as of its last look.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use phidia_domain::{
    id::UnitId,
    route::{Load, SharedLoad, Snapshot},
};

use crate::redis::verb::{Change, Seen};

/// By province.
#[derive(Debug, Default)]
pub(crate) struct Known(Mutex<BTreeMap<String, Province>>);

/// What is known of one.
#[derive(Debug, Default)]
struct Province {
    /// Epoch and sequence of the newest change. A board that says less has lost something.
    newest: (i64, i64),
    view: Option<View>,
}

/// The load, and over which connection it was read: behind another one the data may be others, even where they
/// have the same numbers.
#[derive(Debug)]
struct View {
    load: Snapshot,
    line: u64,
}

/// A moment of a board, and how many units had something then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) epoch: i64,
    pub(crate) sequence: i64,
    pub(crate) units: usize,
}

impl Known {
    /// Epoch and sequence of the newest change.
    pub(crate) fn newest(&self, province: &str) -> (i64, i64) {
        self.provinces().get(province).map_or((0, 0), |known| known.newest)
    }

    /// Redis has said so.
    pub(crate) fn told(&self, province: &str, epoch: i64, sequence: i64) {
        let mut provinces = self.provinces();
        let newest = &mut provinces.entry(province.to_owned()).or_default().newest;
        *newest = (*newest).max((epoch, sequence));
    }

    /// It begins anew here, whatever was known before.
    pub(crate) fn begin(&self, province: &str, epoch: i64, sequence: i64) {
        let begun = Province { newest: (epoch, sequence), view: None };
        self.provinces().insert(province.to_owned(), begun);
    }

    /// Of which moment the load is that is known.
    pub(crate) fn view(&self, province: &str) -> Option<Moment> {
        let provinces = self.provinces();
        let View { load, .. } = provinces.get(province)?.view.as_ref()?;
        Some(Moment { epoch: load.epoch, sequence: load.sequence, units: load.units.len() })
    }

    /// Counts in what a look over this connection has seen; answers with the load that is known now, which
    /// is no older than that look. None: what was seen does not join on to what is known.
    pub(crate) fn see(&self, province: &str, epoch: i64, seen: Seen, line: u64) -> Option<Snapshot> {
        let mut provinces = self.provinces();
        let view = &mut provinces.entry(province.to_owned()).or_default().view;
        match seen {
            Seen::All(load) => {
                // Another look may have been quicker.
                let older = |view: &View| {
                    let known = (view.line, view.load.epoch, view.load.sequence);
                    known < (line, load.epoch, load.sequence)
                };
                if view.as_ref().is_none_or(older) {
                    *view = Some(View { load, line });
                } else if view.as_ref().is_some_and(|view| view.line != line) {
                    return Some(load);
                }
            }
            Seen::Since(changes) => {
                if view.as_ref().is_some_and(|view| view.line < line) {
                    *view = None;
                }
                let joins_on = |view: &&mut View| {
                    let next = view.load.sequence + 1;
                    (view.line, view.load.epoch) == (line, epoch)
                        && changes.first().is_none_or(|change| change.sequence <= next)
                };
                let view = view.as_mut().filter(joins_on)?;
                changes.iter().for_each(|change| count(&mut view.load, change));
            }
        }
        view.as_ref().map(|view| view.load.clone())
    }

    fn provinces(&self) -> MutexGuard<'_, BTreeMap<String, Province>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What another look has counted in already is passed over.
fn count(load: &mut Snapshot, change: &Change) {
    if change.sequence <= load.sequence {
        return;
    }
    let units = &mut load.units;
    if let Some((unit, load)) = &change.out {
        out(units, *unit, load);
    }
    if let Some((unit, load)) = &change.into {
        units.entry(*unit).or_default().add(load);
    }
    load.sequence = change.sequence;
}

/// A unit without work leaves nothing behind.
fn out(units: &mut BTreeMap<UnitId, SharedLoad>, unit: UnitId, load: &Load) {
    let Some(at) = units.get_mut(&unit) else { return };
    at.remove(load);
    if at.open_items == 0 {
        units.remove(&unit);
    }
}
