//! Bodies that are signed for whoever gets them over HTTP, as the Standard Webhooks specification says (version 1, asymmetric
//! signatures `v1a`: Ed25519 over id, time and body),
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;

use crate::{
    failure::Failure,
    sign::{self, SigningKey},
};

/// Which message it is: the same for all attempts to send it.
pub const ID: &str = "webhook-id";
/// When this attempt was made, seconds of Unix time.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// Signatures, each with its version, with blanks between them.
pub const SIGNATURE: &str = "webhook-signature";

const VERSION: &str = "v1a,";

/// Writes the three headers of a body.
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
    let signature = STANDARD.encode(key.sign(&signed(id, at.as_second(), body)));
    headers.insert(ID, HeaderValue::from_str(id).map_err(Failure::broken)?);
    headers.insert(TIMESTAMP, at.as_second().into());
    let signature = HeaderValue::from_str(&format!("{VERSION}{signature}")).map_err(Failure::broken)?;
    headers.insert(SIGNATURE, signature);
    Ok(())
}

/// Whether the owner of a public key has signed this body with these headers. How old that is, is not looked at.
pub fn verifies(headers: &HeaderMap, public: &[u8; 32], body: &[u8]) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let (Some(id), Some(signatures)) = (text(ID), text(SIGNATURE)) else { return false };
    let Some(at) = text(TIMESTAMP).and_then(|at| at.parse().ok()) else { return false };
    let signed = signed(id, at, body);
    signatures.split(' ').filter_map(|one| one.strip_prefix(VERSION)).any(|one| {
        let signature = STANDARD.decode(one).ok().and_then(|bytes| <[u8; 64]>::try_from(bytes).ok());
        signature.is_some_and(|signature| sign::verifies(public, &signed, &signature))
    })
}

/// A public key as the specification writes it.
pub fn public_key(public: &[u8; 32]) -> String {
    format!("whpk_{}", STANDARD.encode(public))
}

fn signed(id: &str, at: i64, body: &[u8]) -> Vec<u8> {
    [format!("{id}.{at}.").as_bytes(), body].concat()
}

#[cfg(test)]
mod tests {
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
}
