//! What people are told, in Vietnamese and in English: the catalogues of [Fluent](https://projectfluent.org/fluent/guide/) in `catalogue/`
//! become a function for each message, so that a sentence that is missing in a language does not compile.

#[cfg(test)]
#[path = "../compiler/mod.rs"]
mod compiler;
mod number;
#[cfg(test)]
mod tests;
mod when;
mod why;

use phidia_domain::application::Language;

pub use number::Number;

use messages::REASONS;

/// What is said, in one of the languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    language: Language,
}

impl Words {
    /// In Vietnamese.
    pub const VI: Self = Self { language: Language::Vi };
    /// In English.
    pub const EN: Self = Self { language: Language::En };

    /// Those of a language.
    pub fn of(language: Language) -> Self {
        Self { language }
    }

    /// In which language.
    pub fn language(self) -> Language {
        self.language
    }

    fn either(self, vi: &'static str, en: &'static str) -> &'static str {
        match self.language {
            Language::Vi => vi,
            Language::En => en,
        }
    }
}

/// What the reason of a refusal says in Vietnamese; none: it is not known here, and the sentence of who refused has to do. Services speak
/// English, and give the reason as a key (`google.rpc.ErrorInfo.reason`).
pub fn reason(reason: &str) -> Option<&'static str> {
    let place = REASONS.binary_search_by_key(&reason, |(known, _)| known).ok()?;
    Some(REASONS[place].1)
}

/// Written by the build script.
#[allow(clippy::single_char_add_str, reason = "written by a program, for no reader")]
mod messages {
    use std::fmt::{Display, Write as _};

    use phidia_domain::application::Language;

    use crate::{Number, Words};

    include!(concat!(env!("OUT_DIR"), "/messages.rs"));
}
