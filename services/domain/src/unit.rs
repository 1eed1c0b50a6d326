//! Units of a province: where applications are received, worked on, decided and returned.

use serde::{Deserialize, Serialize};

use crate::{id::UnitId, procedure::Text};

/// The kinds of unit that the law knows (Decree 118/2025/NĐ-CP, articles 7 and 14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// Public Administrative Service Centre of a commune or ward.
    CommuneCentre,
    /// Public Administrative Service Centre of the province.
    ProvincialCentre,
    /// A department (*sở*) of the provincial People's Committee.
    Department,
    /// A vertical agency: police, tax, social insurance, land registration office.
    Agency,
}

/// A unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unit {
    /// Derived from province and code.
    pub id: UnitId,
    /// Official code: the GSO commune code for commune centres, a code of the province otherwise.
    pub code: String,
    /// What it is.
    pub kind: UnitKind,
    /// Its official identifier (Decision 20/2020/QĐ-TTg, article 4), e.g. `H42.50.05.13`, where the province states one: dossier codes
    /// begin with it.
    pub agency_identifier: Option<String>,
    /// Name in both languages.
    pub name: Text,
    /// The cluster (former district) it belongs to; empty for provincial units.
    pub cluster: String,
    /// Latitude and longitude in degrees (WGS 84): the commune's centroid, not the office.
    pub position: Option<(f64, f64)>,
    /// Address of the office, to which it is written what concerns it; none: it reads its mailbox here.
    pub email: Option<String>,
    /// Codes of the adjacent communes.
    pub neighbours: Vec<String>,
}

impl Unit {
    /// Whether citizens may hand in and collect here.
    pub fn receives(&self) -> bool {
        matches!(self.kind, UnitKind::CommuneCentre | UnitKind::ProvincialCentre)
    }
}

/// A position on the globe, as a vector of length 1: distances between many of them are reckoned quickly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GlobePoint([f64; 3]);

impl GlobePoint {
    /// From latitude and longitude in degrees.
    pub(crate) fn of((latitude, longitude): (f64, f64)) -> Self {
        let (north, east) = (latitude.to_radians(), longitude.to_radians());
        Self([north.cos() * east.cos(), north.cos() * east.sin(), north.sin()])
    }

    /// The middle of these, none of no points; of points that balance each other out on the globe, the first.
    pub(crate) fn middle(points: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut points = points.into_iter();
        let first = points.next()?;
        let sum = points.fold(first.0, |sum, point| {
            let [x, y, z] = sum;
            let [a, b, c] = point.0;
            [x + a, y + b, z + c]
        });
        let length = sum.iter().map(|part| part.powi(2)).sum::<f64>().sqrt();
        Some(if length > 0.0 { Self(sum.map(|part| part / length)) } else { first })
    }

    /// Great-circle distance in kilometres.
    pub(crate) fn distance_km(self, other: Self) -> f64 {
        const EARTH_RADIUS_KM: f64 = 6371.0;
        let chord: f64 = self.0.iter().zip(other.0).map(|(one, other)| (one - other).powi(2)).sum();
        2.0 * EARTH_RADIUS_KM * (chord.sqrt() / 2.0).min(1.0).asin()
    }
}
