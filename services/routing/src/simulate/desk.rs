//! What lies at a unit, and who is free to take it up.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use jiff::Timestamp;

use super::world::Office;

/// A unit as it is played.
pub(crate) struct Desk {
    free: Vec<bool>,
    /// By officer: when they are not there.
    absent: Vec<Vec<Range<Timestamp>>>,
    /// By skill: the place in the order of worklists, and the application.
    waiting: BTreeMap<usize, BTreeSet<(u32, usize)>>,
    /// When it is known to open next.
    pub(crate) opens_at: Option<Timestamp>,
}

impl Desk {
    /// With nothing on it. `absent` says of each officer when they are not there.
    pub(crate) fn of(absent: Vec<Vec<Range<Timestamp>>>) -> Self {
        Self { free: vec![true; absent.len()], absent, waiting: BTreeMap::new(), opens_at: None }
    }

    /// Puts an application into the worklist.
    pub(crate) fn queue(&mut self, skill: usize, urgency: u32, application: usize) {
        self.waiting.entry(skill).or_default().insert((urgency, application));
    }

    /// Takes it back from the worklist.
    pub(crate) fn take_back(&mut self, skill: usize, urgency: u32, application: usize) {
        if let Some(queue) = self.waiting.get_mut(&skill) {
            queue.remove(&(urgency, application));
            if queue.is_empty() {
                self.waiting.remove(&skill);
            }
        }
    }

    /// What nobody has begun, by skill; of each the most urgent first.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = impl Iterator<Item = usize>> {
        self.waiting.values().map(|queue| queue.iter().map(|(_, application)| *application))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// An officer is free again.
    pub(crate) fn free(&mut self, officer: usize) {
        self.free[officer] = true;
    }

    /// Gives what is most urgent to somebody free and present who can do it: the officer, and the application.
    pub(crate) fn take_up(&mut self, office: &Office, now: Timestamp) -> Option<(usize, usize)> {
        let choice = (self.waiting.iter())
            .filter_map(|(skill, queue)| {
                let able = office.able[*skill].iter().copied();
                let officer = able.into_iter().find(|officer| self.is_there(*officer, now))?;
                Some((*queue.first()?, *skill, officer))
            })
            .min();
        let ((urgency, application), skill, officer) = choice?;
        self.take_back(skill, urgency, application);
        self.free[officer] = false;
        Some((officer, application))
    }

    fn is_there(&self, officer: usize, now: Timestamp) -> bool {
        self.free[officer] && !self.absent[officer].iter().any(|time| time.contains(&now))
    }
}
