//! The layout in which a catalogue is published as open data: one JSON document, which may come back as it went.

use serde::{Deserialize, Serialize};

use super::Catalogue;
use crate::{
    province::Province,
    rejection::{Kind, Rejection},
};

/// What says that a document is in this layout.
const FORMAT: &str = "phidia.catalogue/1";
/// On which terms it is published: open data of state agencies.
const TERMS: &str = "Dữ liệu mở của cơ quan nhà nước (Nghị định 47/2020/NĐ-CP): dùng lại tự do, ghi rõ nguồn. \
     Open data of a state agency (Decree 47/2020/NĐ-CP): free to use, name the source.";

/// A published catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// [`FORMAT`]
    format: String,
    /// Code of the province.
    pub province: String,
    /// Its name.
    pub province_name: String,
    /// Version of its reference facts.
    pub version: i64,
    /// Terms of use.
    pub terms: String,
    /// How many of the procedures are made up.
    pub synthetic: usize,
    /// How `figures` are meant.
    pub figures_note: String,
    /// The catalogue.
    #[serde(flatten)]
    pub catalogue: Catalogue,
}

impl Published {
    /// The catalogue of a version of a province.
    pub fn of(province: &Province, version: i64, catalogue: Catalogue) -> Self {
        Self {
            format: FORMAT.to_owned(),
            province: province.code.clone(),
            province_name: province.name.vi.clone(),
            version,
            terms: TERMS.to_owned(),
            synthetic: catalogue.synthetic(),
            figures_note: "As the source of each states it, with the base that it states; not recomputed."
                .to_owned(),
            catalogue,
        }
    }

    /// The document.
    ///
    /// # Errors
    ///
    /// None that a catalogue can have.
    pub fn write(&self) -> Result<Vec<u8>, Rejection> {
        let mut text = serde_json::to_vec_pretty(self)
            .map_err(|error| Rejection::new(Kind::Internal, "UNWRITABLE", error.to_string()))?;
        text.push(b'\n');
        Ok(text)
    }

    /// Reads a document of this layout.
    ///
    /// # Errors
    ///
    /// Where it is none, by line and column.
    pub fn read(file: &str, content: &[u8]) -> Result<Self, Rejection> {
        let read: Self = serde_json::from_slice(content).map_err(|error| malformed(file, &error))?;
        if read.format == FORMAT {
            return Ok(read);
        }
        Err(Rejection::invalid("MALFORMED_CATALOGUE", &format!("{file}:1:0"), format!("the format {FORMAT}")))
    }
}

/// A JSON document that is not in its layout.
pub(super) fn malformed(file: &str, error: &serde_json::Error) -> Rejection {
    let place = format!("{file}:{}:{}", error.line().max(1), error.column());
    // What serde says beyond its place may repeat what was found there, which is the catalogue's own text.
    Rejection::invalid("MALFORMED_CATALOGUE", &place, error.to_string())
}
