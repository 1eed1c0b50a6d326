//! What the citizens of a province ask for, where and when: the weights of its `demand_*` files. Simulator and demo
//! draw from it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use phidia_domain::{
    Rejection,
    procedure::{CompetenceKey, Procedure},
    province::Province,
    unit::UnitKind,
};

use super::{
    dice::Dice,
    weights::{Weights, malformed},
};

/// Share of applications whose subject lives where they are handed in. No figure was found: ours.
const LOCAL_SHARE: f64 = 0.8;
/// Share of applications that are refused in examination. No figure was found: ours.
pub const REFUSED_SHARE: f64 = 0.02;

/// The files that a demand is read from.
pub const FILES: [&str; 3] = ["demand_units.csv", "demand_procedures.csv", "demand_hours.csv"];

/// What the citizens of a province ask for, as weights.
#[derive(Clone, Debug)]
pub struct Demand {
    /// Codes of the units that receive.
    pub units: Weights<String>,
    /// Codes of procedures.
    pub procedures: Weights<String>,
    /// Hours of the day.
    pub hours: Weights<i8>,
    /// Codes of the units at which a subject may live, have land, …: the commune centres.
    communes: Weights<String>,
}

impl Demand {
    /// Reads the `demand_*` files of a province; it ignores all others.
    ///
    /// # Errors
    /// `MALFORMED_DEMAND` that names the file and what is wrong with it.
    pub fn read(files: &BTreeMap<String, Vec<u8>>, province: &Province) -> Result<Self, Rejection> {
        let [units, procedures, hours] = FILES;
        let known_unit = |code: &String| province.unit_by_code(code).is_some_and(|unit| unit.receives());
        let units = Weights::read(files, units, "units that receive", known_unit)?;
        let is_commune = |code: &String| {
            province.unit_by_code(code).is_some_and(|unit| unit.kind == UnitKind::CommuneCentre)
        };
        let communes = units.only(is_commune).ok_or_else(|| malformed(FILES[0], "no commune centre"))?;
        let in_catalogue = |code: &String| province.procedures.contains_key(code);
        let procedures = Weights::read(files, procedures, "procedures of the catalogue", in_catalogue)?;
        let hours = Weights::read(files, hours, "hours from 0 to 23", |hour| (0..24).contains(hour))?;
        Ok(Self { units, procedures, hours, communes })
    }

    /// Draws where the authorities are that an application of this day has to name: mostly where it is handed in.
    pub fn places(
        &self,
        dice: &mut Dice,
        procedure: &Procedure,
        day: Date,
        received_at: &str,
    ) -> BTreeMap<CompetenceKey, String> {
        let mut places = BTreeMap::new();
        let local = self.communes.has(|code| code == received_at);
        for key in procedure.competence_keys_on(day) {
            let stays = dice.share() < LOCAL_SHARE && local;
            let elsewhere = dice.pick(&self.communes);
            places.entry(key).or_insert_with(|| if stays { received_at } else { elsewhere }.to_owned());
        }
        places
    }

    /// The procedures, each with its share of the applications.
    pub(crate) fn procedures(&self) -> impl Iterator<Item = (&String, f64)> {
        let sum = self.procedures.sum;
        self.procedures.entries.iter().map(move |(code, weight)| (code, weight / sum))
    }
}
