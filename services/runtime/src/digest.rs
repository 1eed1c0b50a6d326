//! What bytes are told from others by.

use ring::digest::{SHA256, digest};

use crate::random;

/// Their SHA-256 in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    random::hex(digest(&SHA256, bytes).as_ref())
}

#[cfg(test)]
mod tests {
    /// FIPS 180-2, appendix B.1.
    #[test]
    fn it_is_that_of_the_standard() {
        assert_eq!(super::sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
