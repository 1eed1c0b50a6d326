//! How a hall is set up: its kinds of business and its counters.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{Deserialize, Serialize};

use crate::{
    officer::Officer,
    procedure::Text,
    rejection::{Kind, Rejection},
};

/// The highest number that a counter may have.
pub const HIGHEST_COUNTER: u32 = 99;
/// The longest name, in characters.
const LONGEST_NAME: usize = 80;
/// The longest time that a kind of business may usually take, in minutes.
const LONGEST_USUAL: u32 = 240;

/// The letter of a kind of business, with which its numbers begin: `A` to `Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "char", try_from = "char")]
pub struct Letter(char);

impl Letter {
    /// Reads a letter.
    ///
    /// # Errors
    /// A violation of `field`: `MISSING_FIELD`, or `MALFORMED_KIND` when it is not one letter from A to Z.
    pub fn parse(text: &str, field: &str) -> Result<Self, Rejection> {
        let mut letters = text.chars();
        match (letters.next(), letters.next()) {
            (None, _) => Err(Rejection::invalid("MISSING_FIELD", field, "is required")),
            (Some(letter @ 'A'..='Z'), None) => Ok(Self(letter)),
            _ => Err(Rejection::invalid("MALFORMED_KIND", field, "expected one letter from A to Z")),
        }
    }

    /// The letter itself.
    pub fn get(self) -> char {
        self.0
    }
}

impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl From<Letter> for char {
    fn from(letter: Letter) -> Self {
        letter.0
    }
}

impl TryFrom<char> for Letter {
    type Error = Rejection;

    fn try_from(letter: char) -> Result<Self, Rejection> {
        Self::parse(letter.encode_utf8(&mut [0; 4]), "kind")
    }
}

/// What an officer has to master for a kind of business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mastery {
    /// At least one of these procedure fields, at any level.
    Fields(BTreeSet<String>),
    /// At least one field that no other kind names.
    Rest,
    /// Nothing: whoever sits at a counter does it.
    Nothing,
}

/// A kind of business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Business {
    /// With which its numbers begin.
    pub letter: Letter,
    /// As the machine and the screen show it.
    pub name: Text,
    /// Who does it.
    pub mastery: Mastery,
    /// Whether papers are handed in, which are scanned at once.
    pub papers: bool,
    /// How long it usually takes: what is reckoned with until enough was measured.
    pub usual_minutes: u32,
}

/// A counter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// From 1 to [`HIGHEST_COUNTER`].
    pub number: u32,
    /// As the screen shows it; may be empty.
    pub name: Text,
    /// What it serves; none: every kind.
    pub kinds: BTreeSet<Letter>,
}

/// The kinds of business and the counters of a hall.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrangement {
    /// By their letters.
    pub kinds: BTreeMap<Letter, Business>,
    /// By their numbers.
    pub counters: BTreeMap<u32, Counter>,
}

/// What a centre has as long as nobody has set anything up. Which fields go together is ours; the minutes are guesses that
/// measurements take the place of.
const USUAL: [Usual; 6] = [
    Usual {
        letter: 'A', vi: "Chứng thực", en: "Certification", minutes: 6, fields: Some(&["Chứng thực"])
    },
    Usual {
        letter: 'B',
        vi: "Hộ tịch, cư trú",
        en: "Civil status and residence",
        minutes: 12,
        fields: Some(&["Hộ tịch", "Đăng ký, quản lý cư trú", "Nuôi con nuôi", "Cấp, quản lý căn cước"]),
    },
    Usual {
        letter: 'C',
        vi: "Đất đai, xây dựng",
        en: "Land and construction",
        minutes: 15,
        fields: Some(&["Đất đai", "Hoạt động xây dựng", "Nhà ở và công sở"]),
    },
    Usual { letter: 'D', vi: "Lĩnh vực khác", en: "Other fields", minutes: 12, fields: None },
    Usual { letter: 'E', vi: "Trả kết quả", en: "Collecting results", minutes: 4, fields: Some(&[]) },
    Usual {
        letter: 'F',
        vi: "Hướng dẫn, thông tin",
        en: "Guidance and information",
        minutes: 5,
        fields: Some(&[]),
    },
];

struct Usual {
    letter: char,
    vi: &'static str,
    en: &'static str,
    minutes: u32,
    /// None: those that no other kind names. Empty: nothing has to be mastered.
    fields: Option<&'static [&'static str]>,
}

impl Usual {
    fn business(&self) -> Business {
        let mastery = match self.fields {
            None => Mastery::Rest,
            Some([]) => Mastery::Nothing,
            Some(fields) => Mastery::Fields(fields.iter().map(|field| (*field).to_owned()).collect()),
        };
        Business {
            letter: Letter(self.letter),
            name: Text { vi: self.vi.to_owned(), en: self.en.to_owned() },
            papers: mastery != Mastery::Nothing,
            mastery,
            usual_minutes: self.minutes,
        }
    }
}

impl Arrangement {
    /// What a centre with these officers has when nobody has set anything up: each of the usual kinds that somebody there masters, and
    /// a counter for each officer, which serves whatever they master.
    pub fn usual(officers: &[&Officer]) -> Self {
        let all = Self {
            kinds: USUAL.iter().map(|usual| (Letter(usual.letter), usual.business())).collect(),
            counters: BTreeMap::new(),
        };
        let mastered: BTreeSet<_> = officers.iter().flat_map(|officer| all.mastered(officer)).collect();
        let counters = (1..=HIGHEST_COUNTER).zip(officers);
        let counters = counters
            .map(|(number, _)| (number, Counter { number, name: Text::default(), kinds: BTreeSet::new() }));
        Self {
            counters: counters.collect(),
            kinds: all.kinds.into_iter().filter(|(letter, _)| mastered.contains(letter)).collect(),
        }
    }

    /// The kinds that an officer masters.
    pub fn mastered(&self, officer: &Officer) -> BTreeSet<Letter> {
        let named = |field: &String| {
            self.kinds
                .values()
                .any(|kind| matches!(&kind.mastery, Mastery::Fields(fields) if fields.contains(field)))
        };
        let masters = |kind: &&Business| match &kind.mastery {
            Mastery::Fields(fields) => fields.iter().any(|field| officer.competencies.contains_key(field)),
            Mastery::Rest => officer.competencies.keys().any(|field| !named(field)),
            Mastery::Nothing => true,
        };
        self.kinds.values().filter(masters).map(|kind| kind.letter).collect()
    }

    /// A kind of business.
    ///
    /// # Errors
    /// `NOT_FOUND` (`UNKNOWN_KIND`).
    pub fn kind(&self, letter: Letter) -> Result<&Business, Rejection> {
        self.kinds.get(&letter).ok_or_else(|| {
            let letters: Vec<_> = self.kinds.keys().map(Letter::to_string).collect();
            Rejection::not_found("UNKNOWN_KIND", "no kind of business here has this letter")
                .with("kinds", letters.join(","))
        })
    }

    /// A counter.
    ///
    /// # Errors
    /// `NOT_FOUND` (`UNKNOWN_COUNTER`).
    pub fn counter(&self, number: u32) -> Result<&Counter, Rejection> {
        self.counters
            .get(&number)
            .ok_or_else(|| Rejection::not_found("UNKNOWN_COUNTER", "no counter here has this number"))
    }

    /// What a counter serves.
    pub fn served(&self, counter: &Counter) -> BTreeSet<Letter> {
        let all = self.kinds.keys().copied();
        all.filter(|letter| counter.kinds.is_empty() || counter.kinds.contains(letter)).collect()
    }

    /// Sets a kind of business up, or amends it.
    ///
    /// # Errors
    /// Violations of `queue.name` and `queue.usual_minutes`; `fields` known to no procedure are the caller's to refuse.
    pub fn set_kind(&mut self, business: Business) -> Result<(), Rejection> {
        check_name(&business.name, "queue.name", true)?;
        if !(1..=LONGEST_USUAL).contains(&business.usual_minutes) {
            let expected = format!("from 1 to {LONGEST_USUAL} minutes");
            return Err(Rejection::invalid("OUT_OF_RANGE", "queue.usual_minutes", expected));
        }
        self.kinds.insert(business.letter, business);
        Ok(())
    }

    /// Sets a counter up, or amends it.
    ///
    /// # Errors
    /// Violations of `counter.number`, `counter.name` and `counter.kinds[…]`.
    pub fn set_counter(&mut self, counter: Counter) -> Result<(), Rejection> {
        check_name(&counter.name, "counter.name", false)?;
        if !(1..=HIGHEST_COUNTER).contains(&counter.number) {
            let expected = format!("from 1 to {HIGHEST_COUNTER}");
            return Err(Rejection::invalid("OUT_OF_RANGE", "counter.number", expected));
        }
        for (index, letter) in counter.kinds.iter().enumerate() {
            if !self.kinds.contains_key(letter) {
                let (field, expected) =
                    (format!("counter.kinds[{index}]"), "a kind of business of this hall");
                return Err(Rejection::invalid("UNKNOWN_KIND", &field, expected));
            }
        }
        self.counters.insert(counter.number, counter);
        Ok(())
    }

    /// Takes a kind of business away: what is left of it is served by nobody, so nobody may hold a number of it.
    ///
    /// # Errors
    /// `NOT_FOUND`; `FAILED_PRECONDITION` when a counter serves nothing else.
    pub fn remove_kind(&mut self, letter: Letter) -> Result<(), Rejection> {
        self.kind(letter)?;
        let only = BTreeSet::from([letter]);
        if let Some(counter) = self.counters.values().find(|counter| counter.kinds == only) {
            let message = "a counter serves nothing but this: set it up otherwise first";
            let refusal = Rejection::new(Kind::Precondition, "KIND_IN_USE", message);
            return Err(refusal.with("counter", counter.number));
        }
        self.kinds.remove(&letter);
        for counter in self.counters.values_mut() {
            counter.kinds.remove(&letter);
        }
        Ok(())
    }
}

fn check_name(name: &Text, field: &str, required: bool) -> Result<(), Rejection> {
    for (text, field) in [(&name.vi, format!("{field}.vi")), (&name.en, format!("{field}.en"))] {
        if required && text.is_empty() {
            return Err(Rejection::invalid("MISSING_FIELD", &field, "is required"));
        }
        if text.chars().count() > LONGEST_NAME {
            let expected = format!("at most {LONGEST_NAME} characters");
            return Err(Rejection::invalid("WRONG_LENGTH", &field, expected));
        }
        if text.chars().any(char::is_control) {
            return Err(Rejection::invalid("CONTROL_CHARACTER", &field, "no control characters"));
        }
    }
    Ok(())
}
