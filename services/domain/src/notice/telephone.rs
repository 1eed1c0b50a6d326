//! Telephone numbers as the networks write them (ITU-T E.164).

/// The calling code of Viet Nam.
pub const VIET_NAM: &str = "84";

/// Digits of a number with its calling code: no more (E.164), and hardly fewer.
const DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// A number as people write it, with its calling code and `+`: `0912 345 678` is `+84912345678`. `home`: the calling code of
/// those that are written without one. None: it is no number.
pub fn international(text: &str, home: &str) -> Option<String> {
    let is_mark = |sign: char| sign.is_whitespace() || matches!(sign, '.' | '-' | '(' | ')' | '/');
    let plain: String = text.chars().filter(|sign| !is_mark(*sign)).collect();
    let number = match (plain.strip_prefix('+'), plain.strip_prefix("00"), plain.strip_prefix('0')) {
        (Some(full), _, _) | (None, Some(full), _) => full.to_owned(),
        (None, None, Some(local)) => format!("{home}{local}"),
        // Without a zero in front it is one with its calling code, or none at all.
        (None, None, None) if plain.starts_with(home) => plain,
        (None, None, None) => return None,
    };
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit())
        && DIGITS.contains(&number.len())
        && !number.starts_with('0');
    is_number.then(|| format!("+{number}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for written in [
            "0912 345 678",
            "0912.345.678",
            "+84 912 345 678",
            "0084912345678",
            "84912345678",
            "(0912) 345-678",
        ] {
            assert_eq!(international(written, VIET_NAM).as_deref(), Some("+84912345678"), "{written}");
        }
        assert_eq!(international("+49 151 2345678", VIET_NAM).as_deref(), Some("+491512345678"));
        for none in
            ["", "0", "912345678", "lan", "0912 345 67x", "+0912345678", "0912345678901234", "+84+912345678"]
        {
            assert_eq!(international(none, VIET_NAM), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn what_is_international_stays_as_it_is(text in "[+0-9 .()-]{0,20}") {
            if let Some(number) = international(&text, VIET_NAM) {
                prop_assert_eq!(international(&number, VIET_NAM), Some(number));
            }
        }
    }
}
