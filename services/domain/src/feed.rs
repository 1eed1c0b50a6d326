//! The public feed: what other systems may hear of an application, and which of it they ask for.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{id::UnitId, rejection::Rejection};

/// How often a type of event may be named in a filter.
pub const MOST_TYPES: usize = 50;
/// How many procedures, and how many units, a filter may name.
pub const MOST_CODES: usize = 500;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What has happened. Names are part of the contract with strangers: they never change, and what an event of a type says only
        /// grows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $name,)*
        }

        impl Kind {
            /// All there are.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The type as events bear it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => concat!("phidia.application.", $text, ".v1"),)*
                }
            }
        }
    };
}

kinds! {
    /// It was accepted and has its receipt. The first of each application.
    Accepted = "accepted",
    /// A step has its unit.
    Assigned = "assigned",
    /// A step went to another unit before anybody began it.
    Moved = "moved",
    /// Its case was opened.
    Opened = "opened",
    /// An officer took a step up.
    Started = "started",
    /// A step is done.
    StepCompleted = "step_completed",
    /// The citizen is asked to supplement it.
    SupplementRequested = "supplement_requested",
    /// They have.
    Supplemented = "supplemented",
    /// The citizen is asked to pay.
    PaymentRequested = "payment_requested",
    /// They have.
    Paid = "paid",
    /// Other offices are asked.
    Referred = "referred",
    /// One of them has answered, or need not any more.
    Answered = "answered",
    /// It goes on.
    Resumed = "resumed",
    /// It will soon be late.
    DeadlineNear = "deadline_near",
    /// The result will be late: there is a new appointment.
    Postponed = "postponed",
    /// Another date is promised, for a day off was announced late.
    Replanned = "replanned",
    /// It is decided.
    Completed = "completed",
    /// The citizen has withdrawn it.
    Withdrawn = "withdrawn",
    /// They did not supplement it in time.
    Lapsed = "lapsed",
    /// The result was issued as a file.
    ResultIssued = "result_issued",
    /// The result was handed over.
    ResultHandedOver = "result_handed_over",
    /// It is opened again.
    Reopened = "reopened",
    /// The applicant has said how content they are.
    Rated = "rated",
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = Rejection;

    fn from_str(text: &str) -> Result<Self, Rejection> {
        let kind = Self::ALL.iter().copied().find(|kind| kind.as_str() == text);
        kind.ok_or_else(|| {
            Rejection::invalid("UNKNOWN_EVENT_TYPE", "types", "a type of the feed, phidia.application.….v1")
        })
    }
}

impl From<Kind> for String {
    fn from(kind: Kind) -> Self {
        kind.as_str().to_owned()
    }
}

impl TryFrom<String> for Kind {
    type Error = Rejection;

    fn try_from(text: String) -> Result<Self, Rejection> {
        text.parse()
    }
}

impl Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom(format!("no type of event: {text}")))
    }
}

/// What a filter looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// What has happened.
    pub kind: Kind,
    /// Code of the province.
    pub province: String,
    /// Code of the procedure; empty: not known.
    pub procedure: String,
    /// Units that have to do with the application by then.
    pub units: BTreeSet<UnitId>,
}

/// Which events somebody asks for. What is empty admits all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Of these kinds.
    pub kinds: BTreeSet<Kind>,
    /// Of this province, by its code.
    pub province: String,
    /// By these procedures, by their codes.
    pub procedures: BTreeSet<String>,
    /// That one of these units has to do with.
    pub units: BTreeSet<UnitId>,
    /// The same units by their official codes, as they were named.
    pub unit_codes: BTreeSet<String>,
}

impl Filter {
    /// The filter of what was named.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` with a path below `filter` for what cannot be.
    pub fn of(
        types: &[String],
        province: String,
        procedures: Vec<String>,
        unit_codes: Vec<String>,
    ) -> Result<Self, Rejection> {
        let too_many = |field: &str, most: usize| {
            Rejection::invalid("TOO_MANY_VALUES", field, format!("at most {most}"))
        };
        if types.len() > MOST_TYPES {
            return Err(too_many("filter.types", MOST_TYPES));
        }
        for (field, codes) in [("filter.procedure_codes", &procedures), ("filter.unit_codes", &unit_codes)] {
            if codes.len() > MOST_CODES {
                return Err(too_many(field, MOST_CODES));
            }
            if let Some(place) = codes.iter().position(|code| !is_code(code)) {
                let path = format!("{field}[{place}]");
                return Err(Rejection::invalid("MALFORMED_CODE", &path, "an official code"));
            }
        }
        if !province.is_empty() && !is_code(&province) {
            return Err(Rejection::invalid("MALFORMED_CODE", "filter.province", "code of a province"));
        }
        if province.is_empty() && !unit_codes.is_empty() {
            let expected = "is required where units are named";
            return Err(Rejection::invalid("MISSING_FIELD", "filter.province", expected));
        }
        let kinds = types.iter().enumerate().map(|(place, text)| {
            text.parse::<Kind>().map_err(|_| {
                let path = format!("filter.types[{place}]");
                Rejection::invalid("UNKNOWN_EVENT_TYPE", &path, "a type of the feed, phidia.application.….v1")
            })
        });
        Ok(Self {
            kinds: kinds.collect::<Result<_, _>>()?,
            units: unit_codes.iter().map(|code| UnitId::of(&province, code)).collect(),
            province,
            procedures: procedures.into_iter().collect(),
            unit_codes: unit_codes.into_iter().collect(),
        })
    }

    /// Whether it admits an event.
    pub fn admits(&self, about: &About) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&about.kind))
            && (self.province.is_empty() || self.province == about.province)
            && (self.procedures.is_empty() || self.procedures.contains(&about.procedure))
            && (self.units.is_empty() || !self.units.is_disjoint(&about.units))
    }
}

/// Official codes are short and plain.
fn is_code(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use proptest::{collection::btree_set, prelude::*, sample};

    use super::*;

    fn some_units() -> impl Strategy<Value = BTreeSet<String>> {
        btree_set(sample::select(vec!["1".to_owned(), "2".to_owned(), "3".to_owned()]), 0..3)
    }

    prop_compose! {
        fn filters()(
            kinds in btree_set(sample::select(Kind::ALL), 0..4),
            procedures in btree_set("[ab]", 0..3),
            codes in some_units(),
        ) -> Filter {
            let types: Vec<_> = kinds.into_iter().map(String::from).collect();
            Filter::of(&types, "37".into(), procedures.into_iter().collect(), codes.into_iter().collect()).unwrap()
        }
    }

    prop_compose! {
        fn events()(kind in sample::select(Kind::ALL), procedure in "[ab]", codes in some_units()) -> About {
            let units = codes.iter().map(|code| UnitId::of("37", code)).collect();
            About { kind, province: "37".into(), procedure, units }
        }
    }

    proptest! {
        #[test]
        fn what_is_named_more_admits_no_less_and_what_is_empty_admits_all(
            filter in filters(),
            about in events(),
            kind in sample::select(Kind::ALL),
        ) {
            prop_assert!(Filter::default().admits(&about));
            if filter.admits(&about) {
                let mut wider = filter.clone();
                if !wider.kinds.is_empty() {
                    wider.kinds.insert(kind);
                }
                prop_assert!(wider.admits(&about));
                for widest in [
                    Filter { kinds: BTreeSet::new(), ..filter.clone() },
                    Filter { procedures: BTreeSet::new(), ..filter.clone() },
                    Filter { units: BTreeSet::new(), ..filter.clone() },
                ] {
                    prop_assert!(widest.admits(&about));
                }
                let elsewhere = Filter { province: "38".into(), ..filter };
                prop_assert!(!elsewhere.admits(&about));
            }
        }

        #[test]
        fn more_units_never_hide_what_was_seen_before(filter in filters(), about in events(), code in "[1-9]") {
            let mut later = about.clone();
            later.units.insert(UnitId::of("37", &code));
            prop_assert!(!filter.admits(&about) || filter.admits(&later));
        }

        #[test]
        fn a_filter_rests_as_it_was(filter in filters()) {
            let text = serde_json::to_string(&filter).unwrap();
            prop_assert_eq!(serde_json::from_str::<Filter>(&text).unwrap(), filter);
        }
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_place() {
        let of = |types: &[&str], province: &str, procedures: &[&str], units: &[&str]| {
            let strings = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
            Filter::of(&strings(types), province.into(), strings(procedures), strings(units))
        };
        assert!(of(&["phidia.application.accepted.v1"], "", &["1.001193"], &[]).is_ok());
        let path = |refused: Result<Filter, Rejection>| {
            let rejection = refused.unwrap_err();
            (rejection.reason.to_string(), rejection.violations[0].field.clone())
        };
        assert_eq!(
            path(of(&["phidia.application.accepted.v1", "x"], "", &[], &[])),
            ("UNKNOWN_EVENT_TYPE".to_owned(), "filter.types[1]".to_owned())
        );
        assert_eq!(path(of(&[], "", &[], &["13285"])).1, "filter.province");
        assert_eq!(path(of(&[], "", &["", "1"], &[])).1, "filter.procedure_codes[0]");
        assert_eq!(path(of(&[], "37", &[], &["1'; DROP"])).1, "filter.unit_codes[0]");
        assert_eq!(path(of(&[], "37", &[], &vec!["1"; 501])).1, "filter.unit_codes");
    }
}
