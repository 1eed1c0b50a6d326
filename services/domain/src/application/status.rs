//! How far an application has come, and how facts move it on.

use serde::{Deserialize, Serialize};

/// How far an application has come, as a citizen sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Accepted, receipt issued.
    Accepted,
    /// No unit can be found at present.
    AwaitingDispatch,
    /// A unit has been found.
    Assigned,
    /// An officer is at work.
    InProcess,
    /// Finished with a grant.
    Granted,
    /// Finished with a refusal.
    Refused,
    /// The applicant is asked to supplement the dossier.
    AwaitingSupplement,
    /// Ended: withdrawn by the applicant.
    Withdrawn,
    /// Ended: not supplemented in time.
    Lapsed,
    /// The applicant is to pay something.
    AwaitingPayment,
    /// Another office is asked.
    Referred,
}

impl Status {
    /// All statuses.
    pub const ALL: [Self; 11] = [
        Self::Accepted,
        Self::AwaitingDispatch,
        Self::Assigned,
        Self::InProcess,
        Self::Granted,
        Self::Refused,
        Self::AwaitingSupplement,
        Self::Withdrawn,
        Self::Lapsed,
        Self::AwaitingPayment,
        Self::Referred,
    ];

    /// Whether nothing more will come, unless its case is opened again.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Granted | Self::Refused | Self::Withdrawn | Self::Lapsed)
    }

    /// Whether its step is laid down until somebody else has done their part.
    pub fn is_paused(self) -> bool {
        matches!(self, Self::AwaitingSupplement | Self::AwaitingPayment | Self::Referred)
    }

    /// Whether the applicant is asked for something.
    pub fn waits_for_applicant(self) -> bool {
        matches!(self, Self::AwaitingSupplement | Self::AwaitingPayment)
    }

    /// The status after a fact that says `next`.
    ///
    /// Facts of different services may cross, so a finished application stays finished; and one that is
    /// being worked on stays so while the unit of a later step is found: to a citizen it has not gone back.
    /// Only when no unit can be found is that told, whatever was before – unless its step is laid down, which is said of what
    /// is with a unit.
    #[must_use]
    pub fn after(self, next: Self) -> Self {
        match (self, next) {
            _ if self.is_final() => self,
            (paused, Self::Accepted | Self::Assigned | Self::AwaitingDispatch) if paused.is_paused() => self,
            (Self::InProcess, Self::Accepted | Self::Assigned) => self,
            (_, next) => next,
        }
    }

    /// The status of what was decided and is opened again: somebody is at work, or will be. To a citizen it has not gone
    /// back behind that, also while its unit is found. Everything else stays as it is.
    #[must_use]
    pub fn reopened(self) -> Self {
        match self {
            Self::Granted | Self::Refused => Self::InProcess,
            other => other,
        }
    }

    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::AwaitingDispatch => "awaiting_dispatch",
            Self::Assigned => "assigned",
            Self::InProcess => "in_process",
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::AwaitingSupplement => "awaiting_supplement",
            Self::Withdrawn => "withdrawn",
            Self::Lapsed => "lapsed",
            Self::AwaitingPayment => "awaiting_payment",
            Self::Referred => "referred",
        }
    }

    /// The status with this lower-case name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::{Status::*, *};

    fn after_all(facts: &[Status]) -> Status {
        facts.iter().fold(Accepted, |status, next| status.after(*next))
    }

    #[test]
    fn an_application_goes_forward() {
        assert_eq!(after_all(&[Assigned]), Assigned);
        assert_eq!(after_all(&[Assigned, InProcess]), InProcess);
        assert_eq!(after_all(&[AwaitingDispatch, Assigned]), Assigned);
        assert_eq!(after_all(&[Assigned, InProcess, Granted]), Granted);
    }

    #[test]
    fn the_unit_of_a_later_step_takes_nobody_back() {
        assert_eq!(after_all(&[Assigned, InProcess, Assigned]), InProcess);
        // Routing's fact may come after processing's.
        assert_eq!(after_all(&[InProcess, Assigned]), InProcess);
    }

    #[test]
    fn a_later_step_without_a_unit_is_told_and_so_is_its_end() {
        assert_eq!(after_all(&[InProcess, AwaitingDispatch]), AwaitingDispatch);
        assert_eq!(after_all(&[InProcess, AwaitingDispatch, Assigned]), Assigned);
    }

    #[test]
    fn what_is_laid_down_is_told_of_nothing_else_until_it_goes_on() {
        for paused in [AwaitingSupplement, AwaitingPayment, Referred] {
            assert_eq!(after_all(&[InProcess, paused, Assigned]), paused);
            assert_eq!(after_all(&[InProcess, paused, InProcess]), InProcess);
        }
        assert_eq!(after_all(&[InProcess, AwaitingSupplement, Lapsed, InProcess]), Lapsed);
    }

    #[test]
    fn what_is_finished_stays_finished() {
        for finished in [Granted, Refused, Withdrawn, Lapsed] {
            for fact in Status::ALL {
                assert_eq!(finished.after(fact), finished);
            }
        }
    }

    #[test]
    fn what_was_decided_is_opened_again_and_nothing_else_is() {
        for status in Status::ALL {
            let reopened = status.reopened();
            match status {
                Granted | Refused => assert_eq!(reopened, InProcess),
                _ => assert_eq!(reopened, status),
            }
        }
        assert_eq!(Granted.reopened().after(Refused), Refused, "and ends anew");
    }

    #[test]
    fn names_go_there_and_back() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
        assert_eq!(Status::parse("Granted"), None);
    }
}
