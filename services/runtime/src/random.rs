//! The one source of randomness: the operating system's, through ring.

use ring::rand::{SecureRandom, SystemRandom};

/// `N` random bytes.
#[expect(clippy::expect_used, reason = "without the system's randomness neither an id nor a nonce is safe")]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// Six digits that nobody can guess, each number as likely as any other.
pub fn six_digits() -> String {
    const NUMBERS: u32 = 1_000_000;
    const FAIR: u32 = u32::MAX / NUMBERS * NUMBERS;
    loop {
        let drawn = u32::from_be_bytes(bytes());
        if drawn < FAIR {
            return format!("{:06}", drawn % NUMBERS);
        }
    }
}

/// Lower-case hexadecimal digits of `bytes`.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes of `text` in hexadecimal digits; `None` when it is anything else.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn six_digits_are_six_and_differ() {
        let drawn: BTreeSet<String> = (0..64).map(|_| six_digits()).collect();
        assert!(drawn.len() > 60);
        assert!(drawn.iter().all(|text| text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit())));
    }
}
