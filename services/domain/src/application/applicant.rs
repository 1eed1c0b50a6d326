//! Who applies, and what stands for them where nobody has to know who they are.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Language;
use crate::notice::Contact;

/// No paper's number is shorter, nor has it fewer digits; what has is a stopgap (`0`, `không có CCCD`) that strangers have
/// in common.
const SHORTEST_NUMBER: usize = 8;
const FEWEST_DIGITS: usize = 6;

/// Who applies. Personal data: sealed wherever it is stored.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applicant {
    /// Full name.
    pub name: String,
    /// Number of the identity card or another paper; may be empty.
    pub identity_number: String,
    /// E-mail address; may be empty.
    pub email: String,
    /// Telephone number; may be empty.
    pub telephone: String,
    /// The language in which they want to be addressed.
    pub language: Language,
}

impl Applicant {
    /// What tells them from others: their identity number as it is compared, letters and digits only. None where
    /// they gave none, or one that is no paper's: too short, hardly a digit in it, or one digit again and again.
    pub fn identity(&self) -> Option<String> {
        let number = self.identity_number.chars().filter(|sign| sign.is_alphanumeric());
        let number: String = number.flat_map(char::to_uppercase).collect();
        let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
        let varied = digits.windows(2).any(|pair| matches!(pair, [one, next] if one != next));
        let long = digits.len() >= FEWEST_DIGITS && number.chars().count() >= SHORTEST_NUMBER;
        (varied && long).then_some(number)
    }
}

// Personal data must not reach a log by `{:?}`.
impl fmt::Debug for Applicant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Applicant(…)")
    }
}

impl From<&Applicant> for Contact {
    fn from(applicant: &Applicant) -> Self {
        Self {
            name: applicant.name.clone(),
            email: applicant.email.clone(),
            telephone: applicant.telephone.clone(),
        }
    }
}

/// Stands for one person in one field of procedures: equal for the same, different for any other, and of no use
/// to whoever lacks the key that it was made with. It is still about a person, so it does not reach a log either.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym([u8; Self::LEN]);

impl Pseudonym {
    /// Its length in bytes.
    pub const LEN: usize = 16;

    /// The pseudonym of these bytes.
    pub fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub fn bytes(self) -> [u8; Self::LEN] {
        self.0
    }
}

impl fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pseudonym(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_applies_does_not_reach_a_log_by_chance() {
        assert_eq!(format!("{:?}", Pseudonym::from_bytes([7; Pseudonym::LEN])), "Pseudonym(…)");
    }

    #[test]
    fn a_number_is_compared_as_it_is_meant_and_a_stopgap_is_nobody() {
        let identity = |number: &str| {
            let (name, email, telephone) = Default::default();
            let identity_number = number.to_owned();
            Applicant { name, identity_number, email, telephone, language: Language::Vi }.identity()
        };
        assert_eq!(identity(" 037 190.001-234 "), Some("037190001234".to_owned()));
        assert_eq!(identity("c1234567"), identity("C 1234567"));
        for stopgap in [
            "",
            "-",
            "0",
            "không",
            "không có số",
            "không có CCCD",
            "chưa có số 1",
            "0000 0000 0000",
            "CCCD 000000000",
            "xxxxxxxxx",
        ] {
            assert_eq!(identity(stopgap), None, "{stopgap}");
        }
    }
}
