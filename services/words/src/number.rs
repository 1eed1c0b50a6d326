//! Numbers as they are written.

use phidia_domain::application::Language;

/// A count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(pub i64);

macro_rules! from {
    ($($kind:ty),*) => {
        $(impl From<$kind> for Number {
            fn from(count: $kind) -> Self {
                Self(count.into())
            }
        })*
    };
}

from!(u8, u16, u32, i32, i64);

impl From<usize> for Number {
    fn from(count: usize) -> Self {
        Self(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl From<u64> for Number {
    fn from(count: u64) -> Self {
        Self(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl Number {
    /// Writes it with its thousands apart: `3.928` in Vietnamese, `3,928` in English.
    pub fn say(self, language: Language, said: &mut String) {
        let apart = match language {
            Language::Vi => '.',
            Language::En => ',',
        };
        let digits = self.0.unsigned_abs().to_string();
        if self.0 < 0 {
            said.push('-');
        }
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                said.push(apart);
            }
            said.push(digit);
        }
    }
}
