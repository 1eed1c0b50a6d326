//! What an applicant has to hand in.

use serde::{Deserialize, Serialize};

use super::Text;

/// A paper or a file that belongs to the dossier of a procedure (*thành phần hồ sơ*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequiredDocument {
    /// Its code within the procedure, e.g. `1`, or the national one.
    pub part: String,
    /// Name in both languages.
    pub name: Text,
    /// How many originals.
    pub originals: u32,
    /// How many copies.
    pub copies: u32,
    /// Whether it has to be there.
    pub need: Need,
    /// Name or address of the template or electronic form by which it is made; none: it has none.
    pub template: Option<String>,
    /// Name of the national database that holds what it would say. Then the paper must not be asked for (Resolution 66.7/2025/NQ-CP:
    /// once only).
    pub from_data: Option<String>,
    /// The source, and what is assumed.
    pub basis: String,
}

/// Whether a document has to be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// Always.
    Always,
    /// Never: it may help.
    Never,
    /// In the case that is described.
    If(Text),
}

impl RequiredDocument {
    /// Whether the applicant is asked for it at all: not where a national database says the same.
    pub fn is_asked_for(&self) -> bool {
        self.from_data.is_none()
    }

    /// Whether an application without it is incomplete, whatever the case.
    pub fn must_be_there(&self) -> bool {
        self.is_asked_for() && self.need == Need::Always
    }
}

impl Need {
    /// In words.
    pub fn in_words(&self) -> Text {
        let (vi, en) = match self {
            Self::Always => ("bắt buộc", "required"),
            Self::Never => ("không bắt buộc", "optional"),
            Self::If(condition) => return condition.clone(),
        };
        Text { vi: vi.to_owned(), en: en.to_owned() }
    }
}
