//! What is counted and reckoned of a group of cases.

use super::Figure;

/// The percentiles that a report gives.
pub const PERCENTILES: [u32; 3] = [50, 90, 95];

/// The figures of a group of cases in a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    counts: [u64; Figure::ALL.len()],
    /// Supplements that were asked for in the cases that ended in the period.
    pub supplements: u64,
    /// Working minutes that these cases took together ([`super::Measured::minutes`]).
    pub minutes: i64,
    /// The same of those of them for which something was promised.
    pub dated_minutes: i64,
    /// Working minutes that the statutory time gave to those.
    pub allowed_minutes: i64,
    /// The minutes that so many of a hundred of the cases that ended did not exceed, each by the nearest rank
    /// ([`rank_of_percentile`]), in the order of [`PERCENTILES`]; none where nothing ended.
    pub percentiles: Option<[i64; PERCENTILES.len()]>,
}

impl Figures {
    /// How many cases a figure counts.
    pub fn count(&self, figure: Figure) -> u64 {
        self.counts[figure as usize]
    }

    /// Notes how many cases a figure counts.
    pub fn set(&mut self, figure: Figure, count: u64) {
        self.counts[figure as usize] = count;
    }

    /// All cases of the period.
    pub fn cases(&self) -> u64 {
        self.count(Figure::Received) + self.count(Figure::CarriedOver)
    }

    /// Those that were received in the period, and of which it is known how they came in: what an online share is of.
    pub fn stated(&self) -> u64 {
        self.count(Figure::Received) - self.count(Figure::ReceivedUnstated)
    }

    /// Those that were decided in the period: granted or refused.
    pub fn decided(&self) -> u64 {
        self.count(Figure::Granted) + self.count(Figure::Refused)
    }

    /// Mean working minutes of a case that ended; none where nothing ended.
    #[expect(clippy::cast_precision_loss, reason = "a mean is shown to the minute")]
    pub fn mean_minutes(&self) -> Option<f64> {
        let finished = self.count(Figure::Finished);
        (finished > 0).then(|| self.minutes as f64 / finished as f64)
    }

    /// Those of two groups that have no case in common. Percentiles do not add up: there are none.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.counts.iter_mut().zip(other.counts).for_each(|(count, more)| *count += more);
        Self {
            supplements: self.supplements + other.supplements,
            minutes: self.minutes + other.minutes,
            dated_minutes: self.dated_minutes + other.dated_minutes,
            allowed_minutes: self.allowed_minutes + other.allowed_minutes,
            percentiles: None,
            ..self
        }
    }
}

/// The 1-based rank of a percentile among so many values in ascending order: the smallest one that is at least so many of a
/// hundred of them.
pub fn rank_of_percentile(percentile: u32, count: u64) -> u64 {
    (count * u64::from(percentile)).div_ceil(100).max(1)
}
