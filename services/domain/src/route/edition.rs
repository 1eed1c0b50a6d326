//! The rules change, and what they decided before is still made again as they were then.

use serde::{Deserialize, Serialize};

/// The edition of the rules that a decision was made by. Whatever would make an old decision come out otherwise starts
/// a new one; what it changed is asked for where it was changed.
///
/// 1. Distance counts from home, and is 0 where a position is not known.
/// 2. Distance counts as the way round that papers make between where they lie and home, and a unit whose position is
///    not known is taken to be in the middle of its cluster, or of the province. Where no working time is left before
///    the due date, on the legal clock or at the unit, it is surely late, and nobody is refused for being absent until
///    then, who may be away next year. Who is there for a part of the day counts all day. Whoever sends work to a unit
///    that has too much of its own is told so. A rescue tells what would have made it needless, and whoever won behind
///    another one what would have made it lose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Edition(u32);

impl Edition {
    /// The first: records that name none are of it.
    pub const FIRST: Self = Self(1);
    /// That of new decisions.
    pub const CURRENT: Self = Self(2);

    /// Its number, from 1.
    pub fn number(self) -> u32 {
        self.0
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
    pub(super) fn is_first(&self) -> bool {
        *self == Self::FIRST
    }
}

impl Default for Edition {
    fn default() -> Self {
        Self::FIRST
    }
}
