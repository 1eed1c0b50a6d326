//! What is published of every centre, for anybody to add up: of the applications that it accepted, each is open, or has ended in
//! one of four ways. How many were accepted is counted from the receipts, and how they stand from the applications: where one
//! were lost, the sums would not fit.

use std::{collections::BTreeMap, fmt::Write as _};

use serde::{Deserialize, Serialize};

use crate::application::Status;

/// The sums of one centre.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CentreSum {
    /// Receipts that it issued.
    pub accepted: u64,
    /// Not at their end.
    pub open: u64,
    /// Ended with a grant.
    pub finished: u64,
    /// Ended: withdrawn.
    pub withdrawn: u64,
    /// Ended with a refusal.
    pub refused: u64,
    /// Ended: not supplemented in time.
    pub lapsed: u64,
}

impl CentreSum {
    /// Counts receipts whose applications stand like this; none: the application is not there.
    pub fn count(&mut self, status: Option<Status>, many: u64) {
        self.accepted += many;
        let Some(status) = status else { return };
        *match status {
            Status::Accepted
            | Status::AwaitingDispatch
            | Status::Assigned
            | Status::InProcess
            | Status::AwaitingSupplement
            | Status::AwaitingPayment
            | Status::Referred => &mut self.open,
            Status::Granted => &mut self.finished,
            Status::Refused => &mut self.refused,
            Status::Withdrawn => &mut self.withdrawn,
            Status::Lapsed => &mut self.lapsed,
        } += many;
    }

    /// Whether nothing is missing: accepted = open + finished + withdrawn + refused + lapsed.
    pub fn holds(&self) -> bool {
        self.accepted == self.open + self.finished + self.withdrawn + self.refused + self.lapsed
    }

    /// Adds those of another centre.
    pub fn add(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.open += other.open;
        self.finished += other.finished;
        self.withdrawn += other.withdrawn;
        self.refused += other.refused;
        self.lapsed += other.lapsed;
    }
}

/// The sums of all centres, by their official codes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published(pub BTreeMap<String, CentreSum>);

impl Published {
    /// Those of the whole province.
    pub fn total(&self) -> CentreSum {
        self.0.values().fold(CentreSum::default(), |mut total, sum| {
            total.add(sum);
            total
        })
    }

    /// The text whose hash is signed with a day: a line for each centre, in the order of their codes.
    pub fn text(&self) -> String {
        let mut text = String::from("code,accepted,open,finished,withdrawn,refused,lapsed\n");
        for (code, sum) in &self.0 {
            let CentreSum { accepted, open, finished, withdrawn, refused, lapsed } = sum;
            let _ = writeln!(text, "{code},{accepted},{open},{finished},{withdrawn},{refused},{lapsed}");
        }
        text
    }
}
