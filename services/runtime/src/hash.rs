//! The hash by which a file is known.

use ring::digest::{SHA256, digest};

use crate::random;

/// SHA-256, 64 lower-case hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    random::hex(digest(&SHA256, bytes).as_ref())
}

#[cfg(test)]
mod tests {
    /// FIPS 180-2, B.1.
    #[test]
    fn a_known_hash() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(super::sha256(b"abc"), expected);
    }
}
