//! Who applies, and what stands for them where nobody has to know who they are.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Language, ReturnWay, all_in_one, check_text};
use crate::{
    notice::{Addressee, Contact},
    preference::ContactPreferences,
    rejection::Rejection,
};

/// No paper's number is shorter, nor has it fewer digits; what has is a stopgap (`0`, `không có CCCD`) that strangers have
/// in common.
const SHORTEST_NUMBER: usize = 8;
const FEWEST_DIGITS: usize = 6;

/// What kind of applicant it is (`LoaiDoiTuong` 0, 1, 2 of the national synchronisation).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicantKind {
    /// A person.
    #[default]
    Person,
    /// An organisation: a company, an association, an authority.
    Organisation,
    /// A household business.
    HouseholdBusiness,
}

/// By what somebody applies for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authorisation {
    /// By a written authorisation.
    Written,
    /// By law: a parent, a guardian.
    ByLaw,
    /// As the public post, which hands in what it was given (Decree 118/2025/NĐ-CP).
    PublicPost,
}

/// Who hands in for the applicant. Personal data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proxy {
    /// Full name.
    pub name: String,
    /// Number of the identity card or another paper; may be empty.
    pub identity_number: String,
    /// E-mail address; may be empty. Whoever gives one is told what the applicant is told.
    pub email: String,
    /// Telephone number; may be empty.
    pub telephone: String,
    /// By what they may.
    pub authorisation: Authorisation,
}

/// Where the applicant lives. Personal data.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Residence {
    /// House, street, hamlet; may be empty.
    pub address: String,
    /// Official code of the commune of permanent residence, which may lie in another province; may be empty.
    pub permanent_code: String,
    /// Official code of the commune of temporary residence; may be empty.
    pub temporary_code: String,
}

impl Residence {
    fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

/// Who applies. Personal data: sealed wherever it is stored. What is not stated is left out of the serialised form: it is part of the
/// canonical value of a submission, and those of before did not have it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applicant {
    /// Full name; of an organisation or a household business its own.
    pub name: String,
    /// Number of the identity card or another paper; may be empty. Of an organisation or a household business that of whoever
    /// represents it.
    pub identity_number: String,
    /// E-mail address; may be empty.
    pub email: String,
    /// Telephone number; may be empty.
    pub telephone: String,
    /// The language in which they want to be addressed.
    pub language: Language,
    /// What they are.
    #[serde(default, skip_serializing_if = "ApplicantKind::is_person")]
    pub kind: ApplicantKind,
    /// Tax or registration code of an organisation or a household business; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub registration_number: String,
    /// Full name of whoever represents an organisation or a household business; may be empty for the latter.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub representative: String,
    /// Where they live, or have their seat.
    #[serde(default, skip_serializing_if = "Residence::is_unknown")]
    pub residence: Residence,
    /// Where post reaches them; may be empty unless the result is to be sent there.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub postal_address: String,
    /// Who hands in for them; none: they do themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Proxy>,
    /// Over which ways they want to be told.
    #[serde(default, skip_serializing_if = "ContactPreferences::is_unsaid")]
    pub preferences: ContactPreferences,
}

impl ApplicantKind {
    fn is_person(&self) -> bool {
        *self == Self::Person
    }
}

impl Applicant {
    /// What tells them from others: their identity number, of an organisation or a household business its registration number, as it is
    /// compared, letters and digits only. None where
    /// they gave none, or one that is no paper's: too short, hardly a digit in it, or one digit again and again.
    pub fn identity(&self) -> Option<String> {
        let number = match self.kind {
            ApplicantKind::Person => &self.identity_number,
            ApplicantKind::Organisation | ApplicantKind::HouseholdBusiness => &self.registration_number,
        };
        let number = number.chars().filter(|sign| sign.is_alphanumeric());
        let number: String = number.flat_map(char::to_uppercase).collect();
        let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
        let varied = digits.windows(2).any(|pair| matches!(pair, [one, next] if one != next));
        let long = digits.len() >= FEWEST_DIGITS && number.chars().count() >= SHORTEST_NUMBER;
        (varied && long).then_some(number)
    }

    /// The address as it is written on a form; empty: none was given.
    pub fn address(&self) -> &str {
        let addresses = [&self.residence.address, &self.postal_address];
        addresses.into_iter().find(|address| !address.trim().is_empty()).map_or("", |address| address.trim())
    }

    /// Everything that is wrong with it, each with its path from `applicant`.
    pub(super) fn faults(&self, result_by: ReturnWay) -> Vec<Rejection> {
        let mut faults = Vec::new();
        let mut note = |result: Result<(), Rejection>| faults.extend(result.err());
        note(check_text("applicant.name", &self.name, 1, 200));
        note(check_text("applicant.identity_number", &self.identity_number, 0, 20));
        note(check_email("applicant.email", &self.email));
        note(check_telephone("applicant.telephone", &self.telephone));
        note(check_text("applicant.registration_number", &self.registration_number, 0, 20));
        note(check_text("applicant.representative", &self.representative, 0, 200));
        for (field, text) in [
            ("applicant.registration_number", &self.registration_number),
            ("applicant.representative", &self.representative),
        ] {
            let of_a_person = self.kind.is_person() && !text.trim().is_empty();
            note((!of_a_person).then_some(()).ok_or_else(|| not_of_a_person(field)));
        }
        if self.kind == ApplicantKind::Organisation && self.representative.trim().is_empty() {
            note(Err(Rejection::invalid(
                "MISSING_FIELD",
                "applicant.representative",
                "an organisation is represented by somebody",
            )
            .in_vietnamese("tổ chức phải có người đại diện")));
        }
        let Residence { address, permanent_code, temporary_code } = &self.residence;
        note(check_text("applicant.residence.address", address, 0, 300));
        note(check_commune("applicant.residence.permanent_commune_code", permanent_code));
        note(check_commune("applicant.residence.temporary_commune_code", temporary_code));
        note(check_text("applicant.postal_address", &self.postal_address, 0, 300));
        if result_by == ReturnWay::Post && self.postal_address.trim().is_empty() {
            note(Err(Rejection::invalid(
                "MISSING_FIELD",
                "applicant.postal_address",
                "the result is to be sent there by post",
            )
            .in_vietnamese("cần địa chỉ để gửi kết quả qua bưu chính")));
        }
        if let Some(proxy) = &self.proxy {
            note(check_text("applicant.proxy.name", &proxy.name, 1, 200));
            note(check_text("applicant.proxy.identity_number", &proxy.identity_number, 0, 20));
            note(check_email("applicant.proxy.email", &proxy.email));
            note(check_telephone("applicant.proxy.telephone", &proxy.telephone));
        }
        faults
    }
}

fn not_of_a_person(field: &str) -> Rejection {
    Rejection::invalid("NOT_OF_A_PERSON", field, "only an organisation or a household business has it")
        .in_vietnamese("chỉ tổ chức hoặc hộ kinh doanh mới có mục này")
}

/// A commune may lie in another province, of whose communes nothing is known here: the code is checked for its form alone.
/// Checks how an applicant is reached, where that alone is stated.
///
/// # Errors
/// Violations of `email` and `telephone`.
pub fn check_contact(email: &str, telephone: &str) -> Result<(), Rejection> {
    let faults = [check_email("email", email), check_telephone("telephone", telephone)];
    let faults: Vec<_> = faults.into_iter().filter_map(Result::err).collect();
    if faults.is_empty() { Ok(()) } else { Err(all_in_one(faults)) }
}

fn check_commune(field: &str, code: &str) -> Result<(), Rejection> {
    let is_code = code.len() <= 20 && code.chars().all(|sign| sign.is_ascii_alphanumeric());
    is_code.then_some(()).ok_or_else(|| {
        Rejection::invalid("MALFORMED_CODE", field, "expected the official code of a commune")
            .in_vietnamese("phải là mã chính thức của xã, phường hoặc đặc khu")
    })
}

/// Whether it has the form of an e-mail address; that it is one, the first letter shows.
pub(crate) fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.contains('.')
            && !text.contains(char::is_whitespace)
            && !domain.contains('@')
    })
}

fn check_email(field: &str, email: &str) -> Result<(), Rejection> {
    check_text(field, email, 0, 254)?;
    (email.is_empty() || is_email(email)).then_some(()).ok_or_else(|| {
        Rejection::invalid("MALFORMED_EMAIL", field, "must look like name@example.vn")
            .in_vietnamese("phải có dạng ten@example.vn")
    })
}

fn check_telephone(field: &str, telephone: &str) -> Result<(), Rejection> {
    check_text(field, telephone, 0, 20)?;
    let well_formed = telephone.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '+' | '.' | '-'));
    well_formed.then_some(()).ok_or_else(|| {
        Rejection::invalid("MALFORMED_TELEPHONE", field, "must have digits, spaces and + only")
            .in_vietnamese("chỉ được gồm chữ số, khoảng trắng và dấu +")
    })
}

// Personal data must not reach a log by `{:?}`.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proxy(…)")
    }
}

impl fmt::Debug for Residence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Residence(…)")
    }
}

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
            proxy: applicant
                .proxy
                .as_ref()
                .filter(|proxy| !proxy.email.is_empty() || !proxy.telephone.is_empty())
                .map(|proxy| Addressee {
                    name: proxy.name.clone(),
                    email: proxy.email.clone(),
                    telephone: proxy.telephone.clone(),
                }),
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
            Applicant { identity_number: number.to_owned(), ..Applicant::default() }.identity()
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
