//! Bodies that are signed for whoever gets them over HTTP, as the Standard Webhooks specification says (version 1: over id, time and
//! body, `v1` by HMAC-SHA256 with a secret that both know, `v1a` by Ed25519 with a key of which they know the public half),
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use ring::hmac;
use secrecy::SecretString;

use crate::{
    failure::Failure,
    seal::{MasterKey, Seed},
    sign::{self, SigningKey},
};

/// Which message it is: the same for all attempts to send it.
pub const ID: &str = "webhook-id";
/// When this attempt was made, seconds of Unix time.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// Signatures, each with its version, with blanks between them.
pub const SIGNATURE: &str = "webhook-signature";

const SYMMETRIC: &str = "v1,";
const ASYMMETRIC: &str = "v1a,";

/// How it is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// HMAC-SHA256: whoever can check can sign as well.
    Hmac,
    /// Ed25519: only we can sign.
    Ed25519,
}

/// What bodies for one receiver are signed with.
pub struct SigningSecret {
    seed: Seed,
    signer: Signer,
}

enum Signer {
    Hmac(hmac::Key),
    Ed25519(SigningKey),
}

impl SigningSecret {
    /// A new one.
    ///
    /// # Errors
    /// Broken where no key can be made of it.
    pub fn generate(scheme: Scheme) -> Result<Self, Failure> {
        Self::of(scheme, Seed::generate())
    }

    /// The secret as it may be stored.
    ///
    /// # Errors
    /// Broken when the cipher refuses.
    pub fn wrap(&self, master: &MasterKey) -> Result<Vec<u8>, Failure> {
        self.seed.wrap(self.scheme().purpose(), master)
    }

    /// The secret from its stored form.
    ///
    /// # Errors
    /// Broken when it is of another scheme, was wrapped under another master key, or was changed.
    pub fn unwrap(scheme: Scheme, master: &MasterKey, wrapped: &[u8]) -> Result<Self, Failure> {
        Self::of(scheme, Seed::unwrap(scheme.purpose(), master, wrapped)?)
    }

    /// How it signs.
    pub fn scheme(&self) -> Scheme {
        match self.signer {
            Signer::Hmac(_) => Scheme::Hmac,
            Signer::Ed25519(_) => Scheme::Ed25519,
        }
    }

    /// What the receiver checks with, as the specification writes it: the secret itself (`whsec_…`), which is shown once, or the public key
    /// (`whpk_…`), which everybody may know.
    pub fn shown(&self) -> SecretString {
        match &self.signer {
            Signer::Hmac(_) => format!("whsec_{}", STANDARD.encode(self.seed.expose())).into(),
            Signer::Ed25519(key) => public_key(&key.public()).into(),
        }
    }

    fn of(scheme: Scheme, seed: Seed) -> Result<Self, Failure> {
        let signer = match scheme {
            Scheme::Hmac => Signer::Hmac(hmac::Key::new(hmac::HMAC_SHA256, seed.expose())),
            Scheme::Ed25519 => Signer::Ed25519(SigningKey::from_seed(seed.expose())?),
        };
        Ok(Self { seed, signer })
    }

    fn signature(&self, signed: &[u8]) -> String {
        match &self.signer {
            Signer::Hmac(key) => symmetric(key, signed),
            Signer::Ed25519(key) => asymmetric(key, signed),
        }
    }
}

impl Scheme {
    fn purpose(self) -> &'static str {
        match self {
            Self::Hmac => "v1",
            Self::Ed25519 => "v1a",
        }
    }
}

/// Writes the three headers of a body, with one signature.
///
/// # Errors
/// Broken where the id cannot stand in a header.
pub fn sign(
    headers: &mut HeaderMap,
    key: &SigningKey,
    id: &str,
    at: Timestamp,
    body: &[u8],
) -> Result<(), Failure> {
    write(headers, id, at, &asymmetric(key, &signed(id, at.as_second(), body)))
}

/// Writes the three headers of a body, with a signature of each secret: while one is changed for another, both hold.
///
/// # Errors
/// Broken where the id cannot stand in a header.
pub fn sign_all(
    headers: &mut HeaderMap,
    secrets: &[SigningSecret],
    id: &str,
    at: Timestamp,
    body: &[u8],
) -> Result<(), Failure> {
    let signed = signed(id, at.as_second(), body);
    let signatures: Vec<_> = secrets.iter().map(|secret| secret.signature(&signed)).collect();
    write(headers, id, at, &signatures.join(" "))
}

fn write(headers: &mut HeaderMap, id: &str, at: Timestamp, signatures: &str) -> Result<(), Failure> {
    headers.insert(ID, HeaderValue::from_str(id).map_err(Failure::broken)?);
    headers.insert(TIMESTAMP, at.as_second().into());
    headers.insert(SIGNATURE, HeaderValue::from_str(signatures).map_err(Failure::broken)?);
    Ok(())
}

/// Whether the owner of a public key has signed this body with these headers. How old that is, is not looked at.
pub fn verifies(headers: &HeaderMap, public: &[u8; 32], body: &[u8]) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let (Some(id), Some(signatures)) = (text(ID), text(SIGNATURE)) else { return false };
    let Some(at) = text(TIMESTAMP).and_then(|at| at.parse().ok()) else { return false };
    let signed = signed(id, at, body);
    signatures.split(' ').filter_map(|one| one.strip_prefix(ASYMMETRIC)).any(|one| {
        let signature = STANDARD.decode(one).ok().and_then(|bytes| <[u8; 64]>::try_from(bytes).ok());
        signature.is_some_and(|signature| sign::verifies(public, &signed, &signature))
    })
}

/// A public key as the specification writes it.
pub fn public_key(public: &[u8; 32]) -> String {
    format!("whpk_{}", STANDARD.encode(public))
}

fn symmetric(key: &hmac::Key, signed: &[u8]) -> String {
    format!("{SYMMETRIC}{}", STANDARD.encode(hmac::sign(key, signed)))
}

fn asymmetric(key: &SigningKey, signed: &[u8]) -> String {
    format!("{ASYMMETRIC}{}", STANDARD.encode(key.sign(signed)))
}

fn signed(id: &str, at: i64, body: &[u8]) -> Vec<u8> {
    [format!("{id}.{at}.").as_bytes(), body].concat()
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningSecret({:?}, …)", self.scheme())
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn what_was_signed_is_told_from_what_was_not() {
        let key = SigningKey::from_hex(&"07".repeat(32).into(), "key").unwrap();
        let mut headers = HeaderMap::new();
        sign(&mut headers, &key, "H1/2", Timestamp::from_second(1_795_000_000).unwrap(), b"{}").unwrap();
        assert_eq!(headers[TIMESTAMP], "1795000000");
        assert!(verifies(&headers, &key.public(), b"{}"));
        assert!(!verifies(&headers, &key.public(), b"{ }"));
        for (name, other) in [(ID, "H1/3"), (TIMESTAMP, "1795000001"), (SIGNATURE, "v1a,AAAA")] {
            let mut changed = headers.clone();
            changed.insert(name, other.parse().unwrap());
            assert!(!verifies(&changed, &key.public(), b"{}"), "{name}");
        }
        // While a key is changed there are two signatures.
        let both = format!("v1a,AAAA {}", headers[SIGNATURE].to_str().unwrap());
        headers.insert(SIGNATURE, both.parse().unwrap());
        assert!(verifies(&headers, &key.public(), b"{}"));
    }

    /// What the specification's own libraries are tested with
    /// (<https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/rust/src/lib.rs>).
    #[test]
    fn a_signature_by_hmac_is_that_of_the_specification() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        assert_eq!(symmetric(&key, &signed), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn while_a_secret_is_changed_both_the_old_and_the_new_one_hold() {
        let at = Timestamp::from_second(1_795_000_000).unwrap();
        let secrets =
            [Scheme::Hmac, Scheme::Hmac, Scheme::Ed25519].map(|s| SigningSecret::generate(s).unwrap());
        let mut headers = HeaderMap::new();
        sign_all(&mut headers, &secrets, "evt_1", at, b"{}").unwrap();
        let signatures: Vec<_> = headers[SIGNATURE].to_str().unwrap().split(' ').collect();
        assert_eq!(signatures.len(), 3);
        // As a receiver does it, from what it was shown.
        for (secret, signature) in secrets.iter().zip(signatures) {
            let shown = secret.shown();
            let shown = shown.expose_secret();
            if let Some(public) = shown.strip_prefix("whpk_") {
                assert!(signature.starts_with("v1a,"));
                let public = STANDARD.decode(public).unwrap().try_into().unwrap();
                assert!(verifies(&headers, &public, b"{}") && !verifies(&headers, &public, b"{ }"));
            } else {
                let key = STANDARD.decode(shown.strip_prefix("whsec_").unwrap()).unwrap();
                let tag = STANDARD.decode(signature.strip_prefix("v1,").unwrap()).unwrap();
                let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
                assert!(hmac::verify(&key, b"evt_1.1795000000.{}", &tag).is_ok());
                assert!(hmac::verify(&key, b"evt_1.1795000001.{}", &tag).is_err());
            }
        }
    }

    #[test]
    fn a_secret_rests_wrapped_and_signs_as_before() {
        let master = MasterKey::from_hex(&"07".repeat(32).into()).unwrap();
        for (scheme, other) in [(Scheme::Hmac, Scheme::Ed25519), (Scheme::Ed25519, Scheme::Hmac)] {
            let secret = SigningSecret::generate(scheme).unwrap();
            let wrapped = secret.wrap(&master).unwrap();
            let again = SigningSecret::unwrap(scheme, &master, &wrapped).unwrap();
            assert_eq!(again.shown().expose_secret(), secret.shown().expose_secret());
            assert_eq!(again.signature(b"a"), secret.signature(b"a"));
            assert!(SigningSecret::unwrap(other, &master, &wrapped).is_err());
            assert_eq!(format!("{secret:?}"), format!("SigningSecret({scheme:?}, …)"));
        }
    }
}
