//! The province as routing needs it, compiled once per version.

use std::collections::BTreeMap;

use phidia_domain::{
    Rejection, id::UnitId, procedure::Text, province::Province, registry::Registry, route::Roster, unit::Unit,
};

/// A province with its officers by pool.
#[derive(Debug)]
pub(crate) struct Reference {
    /// Its facts.
    pub(crate) province: Province,
    /// Who can do what where.
    pub(crate) roster: Roster,
    officers: BTreeMap<UnitId, u32>,
    by_code: BTreeMap<String, UnitId>,
}

impl TryFrom<&BTreeMap<String, Vec<u8>>> for Reference {
    type Error = Rejection;

    fn try_from(documents: &BTreeMap<String, Vec<u8>>) -> Result<Self, Rejection> {
        let province = Province::try_from(documents)?;
        let mut officers = BTreeMap::new();
        for officer in province.officers.values() {
            *officers.entry(officer.unit).or_default() += 1;
        }
        let by_code = province.units.values().map(|unit| (unit.code.clone(), unit.id)).collect();
        Ok(Self { roster: Roster::of(&province, &Registry::default()), province, officers, by_code })
    }
}

impl Reference {
    /// Code of the province.
    pub(crate) fn code(&self) -> &str {
        &self.province.code
    }

    /// The name of a unit; of one that is no more, its id.
    pub(crate) fn name(&self, unit: UnitId) -> Text {
        match self.province.units.get(&unit) {
            Some(unit) => unit.name.clone(),
            None => Text { vi: unit.to_string(), en: unit.to_string() },
        }
    }

    /// How many officers a unit has.
    pub(crate) fn officers(&self, unit: UnitId) -> u32 {
        self.officers.get(&unit).copied().unwrap_or_default()
    }

    /// Units by code, from behind `after`.
    pub(crate) fn units_after<'r>(&'r self, after: &'r str) -> impl Iterator<Item = &'r Unit> {
        self.by_code
            .iter()
            .skip_while(move |(code, _)| code.as_str() <= after)
            .filter_map(|(_, id)| self.province.units.get(id))
    }

    /// The unit of this version that stands for a unit of an earlier one: itself, or its one successor.
    pub(crate) fn successor(&self, unit: UnitId, earlier: &Province) -> Option<UnitId> {
        if self.province.units.contains_key(&unit) {
            return Some(unit);
        }
        let code = &earlier.units.get(&unit)?.code;
        self.province.unit_by_code(code).map(|unit| unit.id)
    }
}
