//! Signatures that anybody can check: Ed25519 (RFC 8032).

use std::{fmt, path::Path};

use phidia_domain::Rejection;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{failure::Failure, random, secret_file};

/// Bytes of a seed, and of a public key.
const KEY_LEN: usize = 32;

/// A key that signs.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    public: [u8; KEY_LEN],
}

impl SigningKey {
    /// The key of a seed of 64 hexadecimal digits; `setting` says where that stands.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when it is not that.
    pub fn from_hex(seed: &SecretString, setting: &str) -> Result<Self, Failure> {
        let malformed = || Rejection::invalid("MALFORMED_KEY", setting, "expected 64 hexadecimal digits");
        let seed = random::unhex::<KEY_LEN>(seed.expose_secret().trim()).ok_or_else(malformed)?;
        Self::from_seed(&seed).map_err(|_| malformed().into())
    }

    pub(crate) fn from_seed(seed: &[u8; KEY_LEN]) -> Result<Self, Failure> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed);
        let pair = pair.map_err(|refused| Failure::broken(refused.to_string()))?;
        let public = pair.public_key().as_ref().try_into().map_err(Failure::broken)?;
        Ok(Self { pair, public })
    }

    /// The key of the seed in the file at `path`, which is made on the first start, readable by its owner only.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when others may read the file or when it holds no seed; Broken when it can neither be read nor made.
    pub fn load_or_create(path: &Path, setting: &str) -> Result<Self, Failure> {
        Self::from_hex(&secret_file::load_or_create::<KEY_LEN>(path, setting)?, setting)
    }

    /// What its signatures are checked with.
    pub fn public(&self) -> [u8; KEY_LEN] {
        self.public
    }

    /// Signs; the same bytes always alike.
    ///
    /// # Panics
    /// Never: a signature has 64 bytes.
    #[expect(clippy::expect_used, reason = "a signature of Ed25519 has 64 bytes")]
    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.pair.sign(bytes).as_ref().try_into().expect("a signature of Ed25519 has 64 bytes")
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// Whether the owner of a public key has signed these bytes.
pub fn verifies(public: &[u8; KEY_LEN], bytes: &[u8], signature: &[u8; 64]) -> bool {
    UnparsedPublicKey::new(&ED25519, public).verify(bytes, signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, section 7.1, test 2.
    #[test]
    fn it_is_that_of_the_standard() {
        let seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
        let key = SigningKey::from_hex(&seed.into(), "key").unwrap();
        assert_eq!(
            random::hex(&key.public()),
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
        );
        let signature = key.sign(&[0x72]);
        assert_eq!(
            random::hex(&signature),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        );
        assert!(verifies(&key.public(), &[0x72], &signature));
        assert!(!verifies(&key.public(), &[0x73], &signature));
        assert_eq!(format!("{key:?}"), "SigningKey(…)");
        assert!(SigningKey::from_hex(&"07".into(), "key").is_err());
    }

    #[test]
    fn it_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("receipt.key");
        let [one, two] = [(); 2].map(|()| SigningKey::load_or_create(&path, "key").unwrap().public());
        assert_eq!(one, two);
    }
}
