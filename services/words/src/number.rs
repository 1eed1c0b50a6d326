//! Numbers as they are written.

use phidia_domain::application::Language;

use crate::Words;

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

impl Words {
    /// A count, with its thousands apart.
    pub fn count(self, count: impl Into<Number>) -> String {
        let mut said = String::new();
        count.into().say(self.language(), &mut said);
        said
    }

    /// A sum in đồng: `8.000 đ`, `VND 8,000`.
    pub fn dong(self, sum: i64) -> String {
        match self.language() {
            Language::Vi => format!("{} đ", self.count(sum)),
            Language::En => format!("VND {}", self.count(sum)),
        }
    }

    /// A share of 1 in percent, to a tenth: `98,1 %`, `98.1%`.
    pub fn share(self, share: f64) -> String {
        let percent = self.decimals(share * 100.0, 1);
        match self.language() {
            Language::Vi => format!("{percent} %"),
            Language::En => format!("{percent}%"),
        }
    }

    /// A number with so many decimals: `98,12`, `98.12`.
    pub fn decimals(self, number: f64, count: usize) -> String {
        let written = format!("{number:.count$}");
        match self.language() {
            Language::Vi => written.replace('.', ","),
            Language::En => written,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_in_vietnam() {
        assert_eq!(Words::VI.count(1_234_567_i64), "1.234.567");
        assert_eq!(Words::EN.count(-1_234_i64), "-1,234");
        assert_eq!((Words::VI.dong(8_000), Words::EN.dong(0)), ("8.000 đ".into(), "VND 0".into()));
        assert_eq!(
            (Words::VI.decimals(19.5, 2), Words::EN.decimals(-0.04, 1)),
            ("19,50".into(), "-0.0".into())
        );
        assert_eq!((Words::VI.share(0.9812), Words::EN.share(1.0)), ("98,1 %".into(), "100.0%".into()));
    }
}
