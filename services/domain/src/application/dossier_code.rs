//! Dossier codes (Circular 03/2025/TT-VPCP, article 13): identifier of the agency, day, running number of that agency on that day.

use std::{fmt, str::FromStr};

use jiff::civil::Date;

use super::check_text;
use crate::{rejection::Rejection, unit::Unit};

/// No official identifier of an agency is longer (Decision 20/2020/QĐ-TTg, article 4); units that have none yet bear their own code.
const LONGEST_ISSUER: usize = 64;

/// Whoever looks for dossiers by the beginning of their codes knows so many characters of it at least: less is a whole province.
const LEAST_BEGINNING: usize = 8;

/// The longest code: issuer, day, and a number of at most nine digits.
const LONGEST: usize = LONGEST_ISSUER + "-yymmdd-".len() + 9;

/// What all codes of an issuing point on one day begin with: `H42.14701-261123`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CodeSeries {
    issuer: String,
    day: Date,
}

/// An official dossier code, `{agency}.{unit}-{yymmdd}-{nnnn}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DossierCode {
    /// Of which issuing point and day.
    pub series: CodeSeries,
    /// The running number, from 1.
    pub number: u32,
}

impl CodeSeries {
    /// The codes that a unit of the agency with this level-1 identifier gives on a local day: under its own identifier, where the
    /// province's configuration states one; those of the communes of 2025 are not published, so that the unit's code stands in
    /// their place.
    pub fn of(agency: &str, unit: &Unit, day: Date) -> Self {
        let issuer = unit.agency_identifier.clone().unwrap_or_else(|| {
            // Units of our own naming bear the agency in their code already.
            let code = unit.code.strip_prefix(agency);
            let code = code.map_or(unit.code.as_str(), |rest| rest.trim_start_matches(['-', '.']));
            format!("{agency}.{code}")
        });
        Self { issuer, day }
    }

    /// The code with this number.
    pub fn code(self, number: u32) -> DossierCode {
        DossierCode { series: self, number }
    }

    /// The local day of which the codes are.
    pub fn day(&self) -> Date {
        self.day
    }
}

impl DossierCode {
    /// Whether dossiers can be looked for by this beginning of their codes, or by a whole one.
    ///
    /// # Errors
    /// `WRONG_LENGTH` and `MALFORMED_DOSSIER_CODE` of `dossier_code`.
    pub fn check_beginning(text: &str) -> Result<(), Rejection> {
        check_text("dossier_code", text, LEAST_BEGINNING, LONGEST)?;
        if !text.bytes().all(is_plain) {
            return Err(malformed("expected a dossier code or its beginning, as in H42.14701-261123"));
        }
        Ok(())
    }
}

/// Whether a code may be made of it.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')
}

fn malformed(expected: &str) -> Rejection {
    Rejection::invalid("MALFORMED_DOSSIER_CODE", "dossier_code", expected)
}

impl fmt::Display for CodeSeries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { issuer, day } = self;
        write!(f, "{issuer}-{:02}{:02}{:02}", day.year().rem_euclid(100), day.month(), day.day())
    }
}

impl fmt::Display for DossierCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:04}", self.series, self.number)
    }
}

/// Reads the form in which codes are given out, and no other: years are those of this century.
impl FromStr for DossierCode {
    type Err = Rejection;

    fn from_str(text: &str) -> Result<Self, Rejection> {
        let read = || {
            let (rest, number) = text.rsplit_once('-')?;
            let (issuer, day) = rest.rsplit_once('-')?;
            let digits = |text: &str, least: usize, most: usize| {
                (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
            };
            if !digits(number, 4, 9)
                || !digits(day, 6, 6)
                || !(1..=LONGEST_ISSUER).contains(&issuer.len())
                || !issuer.bytes().all(is_plain)
            {
                return None;
            }
            let part = |from: usize| day[from..from + 2].parse::<i8>().ok();
            let day = Date::new(2000 + i16::from(part(0)?), part(2)?, part(4)?).ok()?;
            let code = CodeSeries { issuer: issuer.to_owned(), day }.code(number.parse().ok()?);
            // A number with needless zeros is another text for the same code.
            (code.number > 0 && code.to_string() == text).then_some(code)
        };
        read().ok_or_else(|| {
            malformed("expected the identifier of an agency, a day and a number, as in H42.14701-261123-0001")
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::province::{Province, tests::small};

    fn tiny() -> Province {
        Province::parse(&small()).unwrap()
    }

    fn series(issuer: &str, day: &str) -> CodeSeries {
        CodeSeries { issuer: issuer.to_owned(), day: day.parse().unwrap() }
    }

    #[test]
    fn a_unit_gives_codes_under_its_identifier_or_under_its_own_code() {
        let province = tiny();
        let mut unit = province.unit_by_code("1").unwrap().clone();
        let day = "2026-11-23".parse().unwrap();
        let code = |unit: &Unit| CodeSeries::of("H42", unit, day).code(7).to_string();
        assert_eq!(code(&unit), "H42.1-261123-0007");
        unit.code = "H42-TT".into();
        assert_eq!(code(&unit), "H42.TT-261123-0007");
        unit.agency_identifier = Some("H42.50.05.13".into());
        assert_eq!(code(&unit), "H42.50.05.13-261123-0007");
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in [
            "",
            "H42",
            "H42.1-261123",
            "H42.1-261123-1",
            "H42.1-261123-00001",
            "H42.1-261123-0000",
            "H42.1-261332-0001",
            "H42.1-26112-0001",
            "-261123-0001",
            "H42 1-261123-0001",
            "H42.1-261123-0001 ",
            "H42.ắ-261123-0001",
            "H42.1-２61123-0001",
            "H42.1-261123-99999999999",
        ] {
            assert!(text.parse::<DossierCode>().is_err(), "{text}");
        }
        assert!(format!("{}-261123-0001", "x".repeat(LONGEST_ISSUER + 1)).parse::<DossierCode>().is_err());
    }

    #[test]
    fn what_is_too_little_or_no_beginning_is_not_looked_for() {
        for text in
            ["", "H42.147", "       x", "H42.147%1", "H42 14701", "H42.ắ4701", &"1".repeat(LONGEST + 1)]
        {
            assert!(DossierCode::check_beginning(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_code_goes_there_and_back(
            issuer in "[A-Z][0-9]{2}(\\.[A-Za-z0-9_-]{1,8}){0,4}",
            days in 0i64..30_000,
            number in 1u32..=999_999_999,
        ) {
            let day = Date::new(2000, 1, 1).unwrap().saturating_add(jiff::Span::new().days(days));
            let code = CodeSeries { issuer, day }.code(number);
            prop_assert_eq!(code.to_string().parse::<DossierCode>().unwrap(), code);
        }

        #[test]
        fn what_is_read_is_written_alike(text in "[A-Z0-9.]{0,6}-?[0-9]{5,7}-?[0-9]{0,6}") {
            if let Ok(code) = text.parse::<DossierCode>() {
                prop_assert_eq!(code.to_string(), text);
            }
        }

        /// Of one series the codes are as different as their numbers.
        #[test]
        fn no_two_numbers_have_the_same_code(one in 1u32..100_000, other in 1u32..100_000) {
            let code = |number| series("H42.1", "2026-11-23").code(number).to_string();
            prop_assert_eq!(one == other, code(one) == code(other));
        }
    }
}
