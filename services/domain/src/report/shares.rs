//! What Decision 766/QĐ-TTg asks of cases beside progress: shares, some with a line from which they have full marks. How many points each
//! has is not known, for that of a group is divided among its criteria; so they are shown without.

use super::{Figure, Figures};

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
    #[expect(clippy::cast_precision_loss, reason = "far fewer cases than 2^52")]
    pub fn fulfilled(self) -> Option<f64> {
        let in_full_at = self.in_full_at.filter(|_| self.of > 0)?;
        Some((self.count as f64 * 100.0 / self.of as f64 / f64::from(in_full_at)).min(1.0))
    }
}

/// The shares of some figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    /// Criterion 4.1: results issued as a file, of those that were decided.
    pub electronic_results: Share,
    /// Criterion 4.2: digitised dossiers, of those received of which that is known.
    pub digitised: Share,
}

impl From<&Figures> for Shares {
    fn from(figures: &Figures) -> Self {
        let digitised = figures.count(Figure::ReceivedDigitised);
        Self {
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
        ] {
            figures.set(figure, count);
        }
        let Shares { electronic_results, digitised } = Shares::from(&figures);
        assert_eq!((digitised.count, digitised.of), (3, 4));
        assert_eq!((electronic_results.count, electronic_results.of), (3, 5));
    }
}
