//! What bytes are told from others by.

use ring::{
    digest::{SHA256, SHA256_OUTPUT_LEN, digest},
    hmac,
};

use crate::random;

/// Their SHA-256.
pub fn hash(bytes: &[u8]) -> [u8; SHA256_OUTPUT_LEN] {
    let mut hash = [0; SHA256_OUTPUT_LEN];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}

/// Whether two secrets are the same, in a time that tells nothing of how far they are: under a key that nobody knows, hashes cannot be
/// aimed at.
pub fn same(one: &[u8], other: &[u8]) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &random::bytes::<32>());
    hmac::verify(&key, one, hmac::sign(&key, other).as_ref()).is_ok()
}

/// Their SHA-256 in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    random::hex(&hash(bytes))
}

#[cfg(test)]
mod tests {
    /// FIPS 180-2, appendix B.1.
    #[test]
    fn it_is_that_of_the_standard() {
        assert_eq!(super::sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
