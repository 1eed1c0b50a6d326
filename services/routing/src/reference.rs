//! The province as routing needs it: compiled once per version of its documents and revision of its registry.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use jiff::{Timestamp, civil::Date};
use phidia_domain::{
    Rejection, id::UnitId, procedure::Text, province::Province, registry::Registry, route::Roster, unit::Unit,
};

/// A province with its officers by pool.
#[derive(Debug)]
pub(crate) struct Reference {
    /// Its facts; units have their hours as they are by now.
    pub(crate) province: Arc<Province>,
    /// Who can do what where.
    pub(crate) roster: Roster,
    /// The live facts that both rest on.
    pub(crate) registry: Arc<Registry>,
    /// What was over before this day, the roster does not know; none: it knows all.
    since: Option<Date>,
    /// The roster that knows all, once it was asked for.
    whole: OnceLock<Roster>,
    officers: BTreeMap<UnitId, u32>,
    by_code: BTreeMap<String, UnitId>,
}

/// As the documents say, without any live fact.
impl TryFrom<&BTreeMap<String, Vec<u8>>> for Reference {
    type Error = Rejection;

    fn try_from(documents: &BTreeMap<String, Vec<u8>>) -> Result<Self, Rejection> {
        Ok(Self::compiled(Arc::new(Province::try_from(documents)?), 0, Arc::default(), None))
    }
}

impl Reference {
    /// What becomes of it, as this version of the documents has it, by the live facts. Facts about who is no more are passed
    /// over. `since`: its roster is for decisions from that day on; none: of any day.
    pub(crate) fn with(
        &self,
        version: i64,
        registry: Arc<Registry>,
        since: Option<Timestamp>,
    ) -> Result<Self, Rejection> {
        let mut province = Arc::clone(&self.province);
        if !registry.hours.is_empty() {
            let own = Arc::make_mut(&mut province);
            for (unit, days) in &registry.hours {
                if let Some(planned) = own.capacity.get_mut(unit) {
                    *planned = planned.with_hours(days)?;
                }
            }
        }
        Ok(Self::compiled(province, version, registry, since))
    }

    fn compiled(
        province: Arc<Province>,
        version: i64,
        registry: Arc<Registry>,
        since: Option<Timestamp>,
    ) -> Self {
        let mut officers = BTreeMap::new();
        for officer in province.officers.values() {
            *officers.entry(officer.unit).or_default() += 1;
        }
        let by_code = province.units.values().map(|unit| (unit.code.clone(), unit.id)).collect();
        let since = since.map(|since| province.clock.local_date(since));
        let ahead = since.map(|since| registry.from_day(since));
        Self {
            since,
            whole: OnceLock::new(),
            roster: Roster::of(&province, ahead.as_ref().unwrap_or(&registry)).of_version(version),
            province,
            registry,
            officers,
            by_code,
        }
    }

    /// Who can do what where, for a decision as of an instant: also of a day that is over.
    pub(crate) fn roster_as_of(&self, at: Timestamp) -> &Roster {
        match self.since.filter(|since| self.province.clock.local_date(at) < *since) {
            None => &self.roster,
            Some(_) => self.whole.get_or_init(|| {
                Roster::of(&self.province, &self.registry).of_version(self.roster.province_version())
            }),
        }
    }

    /// Code of the province.
    pub(crate) fn code(&self) -> &str {
        &self.province.code
    }

    /// The version of the documents; 0: not known.
    pub(crate) fn version(&self) -> i64 {
        self.roster.province_version()
    }

    /// The revision of the registry that it rests on.
    pub(crate) fn revision(&self) -> i64 {
        self.registry.revision
    }

    /// The name of a unit; of one that is no more, its id.
    pub(crate) fn name(&self, unit: UnitId) -> Text {
        match self.province.units.get(&unit) {
            Some(unit) => unit.name.clone(),
            None => Text { vi: unit.to_string(), en: unit.to_string() },
        }
    }

    /// The official code of a unit; none for one that is no more.
    pub(crate) fn unit_code(&self, unit: UnitId) -> Option<&str> {
        self.province.units.get(&unit).map(|unit| unit.code.as_str())
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
