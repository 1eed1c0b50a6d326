//! What a centre without a line has promised already: the receipt that it gave is final.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{DossierCode, HANDED_IN_WITHIN};
use crate::{calendar::LegalClock, rejection::Rejection};

/// What the receipt says of an application that was accepted without a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// Its dossier code, one of those that were reserved for the centre.
    pub dossier_code: String,
    /// Its check code.
    pub check_code: String,
    /// When it was accepted (business time): the legal clock counts from here.
    pub accepted_at: Timestamp,
}

impl Issued {
    /// The dossier code, read.
    ///
    /// # Errors
    /// `MALFORMED_DOSSIER_CODE`.
    pub fn code(&self) -> Result<DossierCode, Rejection> {
        self.dossier_code.parse().map_err(|malformed: Rejection| {
            let expected = malformed.violations.first().map_or_else(String::new, |at| at.description.clone());
            Rejection::invalid(&malformed.reason, "issued.dossier_code", expected)
                .in_vietnamese("phải có dạng H42.14701-261123-0001")
        })
    }

    /// What of it cannot be: codes are as they are given out, and it was accepted on the day of the code, not in the future and not more
    /// than 30 days ago. Whether the code was reserved, and for whom, the store knows.
    pub(super) fn faults(&self, clock: &LegalClock, now: Timestamp) -> Vec<Rejection> {
        let mut faults = Vec::new();
        let in_range = self.accepted_at <= now && now.duration_since(self.accepted_at) <= HANDED_IN_WITHIN;
        if !in_range {
            let expected = "must not be in the future nor more than 30 days ago";
            faults.push(
                Rejection::invalid("DATE_OUT_OF_RANGE", "issued.accepted_at", expected)
                    .in_vietnamese("không được ở tương lai, cũng không quá 30 ngày trước"),
            );
        }
        match self.code() {
            Err(malformed) => faults.push(malformed),
            // A day that lies outside of any calendar is no day of acceptance either.
            Ok(code) if in_range && code.series.day() != clock.local_date(self.accepted_at) => {
                let expected = "must be of the day on which it was accepted";
                faults.push(
                    Rejection::invalid("CODE_OF_ANOTHER_DAY", "issued.dossier_code", expected)
                        .in_vietnamese("phải là mã của ngày tiếp nhận"),
                );
            }
            Ok(_) => {}
        }
        if self.check_code.len() != 6 || !self.check_code.bytes().all(|byte| byte.is_ascii_digit()) {
            let expected = "must have six digits";
            faults.push(
                Rejection::invalid("MALFORMED_CHECK_CODE", "issued.check_code", expected)
                    .in_vietnamese("phải có sáu chữ số"),
            );
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::province::{Province, tests::small};

    fn tiny() -> Province {
        Province::parse(&small()).unwrap()
    }

    fn at_fault(issued: &Issued) -> Vec<String> {
        let now = "2026-11-25T03:00:00Z".parse().unwrap();
        let faults = issued.faults(&tiny().clock, now);
        faults.into_iter().flat_map(|fault| fault.violations).map(|at| at.field).collect()
    }

    fn right() -> Issued {
        Issued {
            dossier_code: "H42.1-261123-0007".into(),
            check_code: "012345".into(),
            accepted_at: "2026-11-23T02:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn what_was_promised_two_days_ago_is_taken_over() {
        assert!(at_fault(&right()).is_empty());
        // A quarter past midnight in Viet Nam is the day before in UTC.
        let early = "2026-11-22T17:15:00Z".parse().unwrap();
        assert!(at_fault(&Issued { accepted_at: early, ..right() }).is_empty());
    }

    #[test]
    fn every_part_that_cannot_be_is_named() {
        let at = |time: &str| Issued { accepted_at: time.parse().unwrap(), ..right() };
        assert_eq!(at_fault(&at("2026-11-25T03:00:01Z")), ["issued.accepted_at"]);
        assert_eq!(at_fault(&at("2026-10-20T03:00:00Z")), ["issued.accepted_at"]);
        assert_eq!(at_fault(&at("2026-11-24T02:00:00Z")), ["issued.dossier_code"]);
        let wrong = Issued { dossier_code: "7".into(), check_code: "12345x".into(), ..right() };
        assert_eq!(at_fault(&wrong), ["issued.dossier_code", "issued.check_code"]);
    }
}
