//! What Decision 766/QĐ-TTg asks of cases beside progress: shares, some with a line from which they have full marks. How many points each
//! has is not known, for that of a group is divided among its criteria; so they are shown without.

use super::{Figure, Figures};

/// From so many percent on, satisfaction has full marks (criterion 5.4).
pub const SATISFIED_IN_FULL: u32 = 90;
/// From so many percent on, digitised dossiers have full marks (criterion 4.2).
pub const DIGITISED_IN_FULL: u32 = 80;

/// So many of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// What it is of.
    pub of: u64,
    /// Of these, what is counted.
    pub count: u64,
    /// From so many percent on it has full marks; none: no source says.
    pub in_full_at: Option<u32>,
}

impl Share {
    /// How far it is on the way to full marks, from 0 to 1; none where it is a share of nothing, or no source says where that is.
    pub fn fulfilled(self) -> Option<f64> {
        self.in_full_at
            .zip(share(self.count, self.of))
            .map(|(in_full_at, share)| fulfilled(share, in_full_at))
    }
}

/// Criterion 5.4: all that is left when what is overdue and what somebody was dissatisfied with are taken off. What is overdue is so by the
/// rule of criterion 2.1, and a share of what that looks at. That those who were dissatisfied are a share of all that ended, not of those
/// that were rated, is our reading of "dossiers with a complaint": who says nothing does not complain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Satisfaction {
    /// Cases that criterion 2.1 looks at.
    pub judged: u64,
    /// Of these, not on time by its rule.
    pub overdue: u64,
    /// Cases that ended.
    pub finished: u64,
    /// Of these, somebody was dissatisfied with so many.
    pub dissatisfied: u64,
}

impl Satisfaction {
    /// From 0 to 1; none where there is no case to judge by.
    pub fn share(self) -> Option<f64> {
        let overdue = share(self.overdue, self.judged);
        let dissatisfied = share(self.dissatisfied, self.finished);
        if overdue.is_none() && dissatisfied.is_none() {
            return None;
        }
        Some((1.0 - overdue.unwrap_or(0.0) - dissatisfied.unwrap_or(0.0)).max(0.0))
    }

    /// How far it is on the way to full marks, from 0 to 1; none where there is no case to judge by.
    pub fn fulfilled(self) -> Option<f64> {
        self.share().map(|share| fulfilled(share, SATISFIED_IN_FULL))
    }
}

#[expect(clippy::cast_precision_loss, reason = "far fewer cases than 2^52")]
fn share(count: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| count as f64 / of as f64)
}

fn fulfilled(share: f64, in_full_at: u32) -> f64 {
    (share * 100.0 / f64::from(in_full_at)).min(1.0)
}

/// The shares of some figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    /// Criterion 3.6: dossiers for which all was paid online, of those that ended for which something was paid, and that is known.
    pub paid_online: Share,
    /// Criterion 4.1: results issued as a file, of those that were decided.
    pub electronic_results: Share,
    /// Criterion 4.2: digitised dossiers, of those received of which that is known.
    pub digitised: Share,
    /// Criterion 5.4.
    pub satisfaction: Satisfaction,
}

impl From<&Figures> for Shares {
    fn from(figures: &Figures) -> Self {
        let digitised = figures.count(Figure::ReceivedDigitised);
        let paid_online = figures.count(Figure::PaidOnline);
        Self {
            paid_online: Share {
                of: paid_online + figures.count(Figure::PaidOtherwise),
                count: paid_online,
                in_full_at: None,
            },
            electronic_results: Share {
                of: figures.decided(),
                count: figures.count(Figure::IssuedElectronically),
                in_full_at: None,
            },
            digitised: Share {
                of: digitised + figures.count(Figure::ReceivedUndigitised),
                count: digitised,
                in_full_at: Some(DIGITISED_IN_FULL),
            },
            satisfaction: Satisfaction {
                judged: figures.count(Figure::Judged),
                overdue: figures.count(Figure::Judged) - figures.count(Figure::JudgedOnTime),
                finished: figures.count(Figure::Finished),
                dissatisfied: figures.count(Figure::Dissatisfied),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_full_from_the_line_on_and_of_nothing_there_are_none() {
        let share = |count, of| Share { of, count, in_full_at: Some(80) };
        for (count, of, fulfilled) in [(0, 10, 0.0), (4, 10, 0.5), (8, 10, 1.0), (10, 10, 1.0)] {
            assert_eq!(share(count, of).fulfilled(), Some(fulfilled), "{count} of {of}");
        }
        assert_eq!(share(0, 0).fulfilled(), None);
        assert_eq!(Share { in_full_at: None, ..share(1, 2) }.fulfilled(), None);
    }

    #[test]
    fn satisfaction_is_what_neither_lateness_nor_a_bad_rating_takes_off() {
        let of = |overdue, judged, dissatisfied, finished| {
            let satisfaction = Satisfaction { judged, overdue, finished, dissatisfied };
            let percent = |share: f64| (share * 1_000.0).round() / 10.0;
            (satisfaction.share().map(percent), satisfaction.fulfilled().map(percent))
        };
        assert_eq!(of(0, 10, 0, 10), (Some(100.0), Some(100.0)));
        assert_eq!(of(5, 100, 4, 80), (Some(90.0), Some(100.0)));
        assert_eq!(of(10, 100, 28, 80), (Some(55.0), Some(61.1)));
        // Everything is late, and everybody complains.
        assert_eq!(of(10, 10, 10, 10), (Some(0.0), Some(0.0)));
        // Nothing was promised, or nothing has ended.
        assert_eq!(of(0, 0, 1, 10), (Some(90.0), Some(100.0)));
        assert_eq!(of(1, 10, 0, 0), (Some(90.0), Some(100.0)));
        assert_eq!(of(0, 0, 0, 0), (None, None));
    }

    #[test]
    fn what_nobody_knows_is_in_no_share() {
        let mut figures = Figures::default();
        for (figure, count) in [
            (Figure::Received, 10),
            (Figure::ReceivedDigitised, 3),
            (Figure::ReceivedUndigitised, 1),
            (Figure::ReceivedDigitisedUnstated, 6),
            (Figure::Granted, 4),
            (Figure::Refused, 1),
            (Figure::Withdrawn, 2),
            (Figure::IssuedElectronically, 3),
            (Figure::PaidOnline, 1),
            (Figure::PaidOtherwise, 1),
        ] {
            figures.set(figure, count);
        }
        let Shares { paid_online, electronic_results, digitised, .. } = Shares::from(&figures);
        assert_eq!((paid_online.count, paid_online.of), (1, 2));
        assert_eq!((digitised.count, digitised.of), (3, 4));
        assert_eq!((electronic_results.count, electronic_results.of), (3, 5));
    }
}
