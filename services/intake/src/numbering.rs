//! Dossier codes that are reserved ahead for a centre which has to go on when its line drops.

pub(crate) mod close_range;
pub(crate) mod list_ranges;
pub(crate) mod reserve;

use jiff::{Timestamp, civil::Date};
use phidia_domain::id::{CodeRangeId, UnitId};
use serde::{Deserialize, Serialize};

/// Numbers that follow each other, both ends belonging to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Span {
    pub(crate) first: u32,
    pub(crate) last: u32,
}

/// Codes that were reserved together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CodeRange {
    pub(crate) id: CodeRangeId,
    pub(crate) unit: UnitId,
    pub(crate) day: Date,
    /// With what its codes begin.
    pub(crate) series: String,
    pub(crate) numbers: Span,
    /// `role/name`.
    pub(crate) reserved_by: String,
    pub(crate) reserved_at: Timestamp,
    /// How many of them applications bear.
    pub(crate) used: u32,
    /// When what was not used was given back.
    pub(crate) closed_at: Option<Timestamp>,
    /// What was not used by then.
    pub(crate) void: Vec<Span>,
}

impl Span {
    /// The numbers of the span that are not among `used`, which are in order and lie in it.
    fn without(self, used: &[u32]) -> Vec<Self> {
        let mut rest = Vec::new();
        let mut first = self.first;
        for number in used.iter().copied().chain([self.last.saturating_add(1)]) {
            if first < number {
                rest.push(Self { first, last: number - 1 });
            }
            first = number.saturating_add(1);
        }
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn void(used: &[u32]) -> Vec<(u32, u32)> {
        let rest = Span { first: 4, last: 9 }.without(used);
        rest.into_iter().map(|Span { first, last }| (first, last)).collect()
    }

    /// Every number of the span is either used or void, and none is both.
    #[test]
    fn what_is_not_used_is_void() {
        assert_eq!(void(&[]), [(4, 9)]);
        assert_eq!(void(&[4, 5, 9]), [(6, 8)]);
        assert_eq!(void(&[6]), [(4, 5), (7, 9)]);
        assert_eq!(void(&[4, 5, 6, 7, 8, 9]), []);
        for pattern in 0_u32..64 {
            let used: Vec<u32> = (4..=9).filter(|number| pattern & (1 << (number - 4)) != 0).collect();
            let rest: Vec<u32> = void(&used).into_iter().flat_map(|(first, last)| first..=last).collect();
            let mut all = [used, rest].concat();
            all.sort_unstable();
            assert_eq!(all, [4, 5, 6, 7, 8, 9]);
        }
    }
}
