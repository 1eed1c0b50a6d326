//! Proof of who sent a body, between two who share a secret: HMAC-SHA256, in hexadecimal digits.

use ring::hmac;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{digest, random};

/// The proof of a body.
pub fn sign(secret: &SecretString, body: &[u8]) -> String {
    random::hex(hmac::sign(&key(secret), body).as_ref())
}

/// Whether who knows the secret has sent this body.
pub fn verifies(secret: &SecretString, body: &[u8], proof: &str) -> bool {
    // Its length is no secret; its digits are compared in constant time.
    digest::same(sign(secret, body).as_bytes(), proof.trim().to_ascii_lowercase().as_bytes())
}

fn key(secret: &SecretString) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, section 4.3, test case 2.
    #[test]
    fn it_is_that_of_the_standard() {
        let (secret, body) = (SecretString::from("Jefe"), b"what do ya want for nothing?");
        let proof = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(sign(&secret, body), proof);
        assert!(verifies(&secret, body, &proof.to_uppercase()) && verifies(&secret, body, proof));
        assert!(!verifies(&secret, b"what do ya want", proof));
        assert!(!verifies(&"other".into(), body, proof) && !verifies(&secret, body, ""));
    }
}
