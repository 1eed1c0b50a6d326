//! How many officers of the province master each field, at each level or better.

use std::collections::BTreeSet;

use super::crew::{LEVELS, place};
use crate::{officer::Officer, province::Province};

pub(super) struct Scarcity {
    /// Every field that somebody masters, in order, once.
    fields: Vec<String>,
    /// By field and level.
    counts: Vec<u32>,
}

impl Scarcity {
    pub(super) fn of(province: &Province) -> Self {
        let fields: BTreeSet<&String> =
            province.officers.values().flat_map(|officer| officer.competencies.keys()).collect();
        let fields: Vec<String> = fields.into_iter().cloned().collect();
        let mut scarcity = Self { counts: vec![0; fields.len() * LEVELS], fields };
        for (field, own) in province.officers.values().flat_map(|officer| &officer.competencies) {
            let Some(field) = scarcity.field(field) else { continue };
            for index in (1..=*own).filter_map(|level| place(field, level)) {
                scarcity.counts.get_mut(index).into_iter().for_each(|count| *count += 1);
            }
        }
        scarcity
    }

    /// Every field that somebody masters, in order, once.
    pub(super) fn fields(&self) -> &[String] {
        &self.fields
    }

    /// The place of a field among them.
    pub(super) fn field(&self, field: &str) -> Option<usize> {
        self.fields.binary_search_by(|own| own.as_str().cmp(field)).ok()
    }

    /// The two fields in which an officer has the fewest peers, themself counted; `u32::MAX`: there is none.
    pub(super) fn scarcest_two(&self, officer: &Officer) -> [(usize, u32); 2] {
        let nothing = (usize::MAX, u32::MAX);
        let mut two = [nothing; 2];
        for (field, own) in &officer.competencies {
            let Some(field) = self.field(field) else { continue };
            let Some(count) = place(field, *own).and_then(|index| self.counts.get(index)) else {
                continue;
            };
            let [first, second] = &mut two;
            if *count < first.1 {
                *second = *first;
                *first = (field, *count);
            } else if *count < second.1 {
                *second = (field, *count);
            }
        }
        two
    }

    pub(super) fn into_fields(self) -> Vec<String> {
        self.fields
    }
}
