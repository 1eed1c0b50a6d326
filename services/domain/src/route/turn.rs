//! When it is a pool's turn where its officers have work of other pools too.
//!
//! Whoever masters something does as much of it as the next (`services/decisions/0020-whose-time-work-takes.md`). Who is
//! through with what is due earlier elsewhere works for the pool; the others join as they come to it, like vessels of
//! different depth that fill up to one level. So whoever comes to a pool, with however much work of others, never makes
//! anybody wait for longer.

/// Those of a pool's officers who come to its work before all of it is done, and what they do until then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Turn {
    /// Working minutes of one officer: the work of the pool, and of others of the very same officers, and what they do
    /// before for others.
    pub(super) ahead: i64,
    /// How many they are.
    pub(super) officers: u32,
}

impl Turn {
    /// With those who join: `others` is what each has to do for others before, the least first.
    pub(super) fn joined_by(mut self, others: &[i64]) -> Self {
        for others in others {
            if others * i64::from(self.officers) > self.ahead {
                break;
            }
            self.ahead += others;
            self.officers += 1;
        }
        self
    }
}
