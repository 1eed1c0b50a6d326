//! A province as it is played: its units, who of their officers can do what, and when they are open.

use std::{collections::BTreeMap, ops::Range};

use jiff::{Timestamp, ToSpan, civil::Date};
use phidia_domain::{
    Rejection,
    calendar::CapacityCalendar,
    id::{OfficerId, UnitId},
    officer::{HIGHEST_LEVEL, Level, Officer},
    province::Province,
    unit::UnitKind,
};

/// What asks for the same officers: a field, and the level that is needed in it.
pub(crate) type Skill = (String, Level);

/// A province compiled for playing; every run of a simulation looks at the same one.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) province: Province,
    pub(crate) offices: Vec<Office>,
    /// What of the planned efforts is spent.
    pub(crate) effort_share: f64,
    by_unit: BTreeMap<UnitId, usize>,
    skills: BTreeMap<Skill, usize>,
}

/// A unit with its officers.
#[derive(Debug)]
pub(crate) struct Office {
    pub(crate) unit: UnitId,
    pub(crate) is_commune_centre: bool,
    pub(crate) calendar: CapacityCalendar,
    pub(crate) officers: Vec<OfficerId>,
    /// By skill: who of [`Office::officers`] can, those with the fewest other talents first, so that those who
    /// sign are kept for signing.
    pub(crate) able: Vec<Vec<usize>>,
}

impl World {
    pub(crate) fn of(province: Province, effort_share: f64) -> Self {
        let mut skills = BTreeMap::new();
        let fields = province.officers.values().flat_map(|officer| officer.competencies.keys());
        for (field, level) in fields.flat_map(|field| (1..=HIGHEST_LEVEL).map(move |level| (field, level))) {
            let next = skills.len();
            skills.entry((field.clone(), level)).or_insert(next);
        }
        let mut by_number: Vec<&Skill> = skills.keys().collect();
        by_number.sort_by_key(|skill| skills.get(*skill));
        let mut staff: BTreeMap<UnitId, Vec<&Officer>> = BTreeMap::new();
        for officer in province.officers.values() {
            staff.entry(officer.unit).or_default().push(officer);
        }
        let offices: Vec<Office> = (province.units.values())
            .filter_map(|unit| {
                let officers = staff.remove(&unit.id).unwrap_or_default();
                let able = by_number.iter().map(|skill| able(&officers, skill)).collect();
                Some(Office {
                    unit: unit.id,
                    is_commune_centre: unit.kind == UnitKind::CommuneCentre,
                    calendar: province.capacity.get(&unit.id)?.clone(),
                    officers: officers.iter().map(|officer| officer.id).collect(),
                    able,
                })
            })
            .collect();
        let by_unit = (0..).zip(&offices).map(|(index, office)| (office.unit, index)).collect();
        Self { offices, effort_share, by_unit, skills, province }
    }

    /// Where a unit stands in [`World::offices`].
    pub(crate) fn office(&self, unit: UnitId) -> Option<usize> {
        self.by_unit.get(&unit).copied()
    }

    /// Where a skill stands in [`Office::able`].
    pub(crate) fn skill(&self, skill: &Skill) -> Option<usize> {
        self.skills.get(skill).copied()
    }

    /// From the beginning of one day to the end of another.
    pub(crate) fn days(&self, from: Date, to: Date) -> Result<Range<Timestamp>, Rejection> {
        let midnight = |day: Date| {
            let at = self.province.clock.time_zone().to_timestamp(day.at(0, 0, 0, 0));
            at.map_err(|_| Rejection::invalid("DATE_OUT_OF_RANGE", "day", "a day of the calendar"))
        };
        Ok(midnight(from)?..midnight(to.saturating_add(1.day()))?)
    }
}

impl Office {
    /// Working minutes of all its officers between two instants.
    pub(crate) fn capacity(&self, from: Timestamp, to: Timestamp) -> i64 {
        let officers = i64::try_from(self.officers.len()).unwrap_or(i64::MAX);
        officers.saturating_mul(self.calendar.minutes_between(from, to))
    }
}

fn able(officers: &[&Officer], (field, level): &Skill) -> Vec<usize> {
    let can = |(_, officer): &(usize, &&Officer)| officer.is_competent(field, *level);
    let mut able: Vec<_> = officers.iter().enumerate().filter(can).collect();
    able.sort_by_key(|(_, officer)| {
        let talents: u32 = officer.competencies.values().map(|level| u32::from(*level)).sum();
        (talents, officer.id)
    });
    able.into_iter().map(|(index, _)| index).collect()
}
