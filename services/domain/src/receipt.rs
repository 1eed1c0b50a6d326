//! What stands behind a receipt: a text that anybody can check who knows a public key, and the day's tree that it is in.
//!
//! - [`text`]: how something is said so that it fits a QR code, is read by a person, and can be written in one way only
//! - [`signed`]: what is said and by which key; [`Accepted`]: that an application was accepted; [`Closed`]: that a day is closed
//! - [`tree`]: the Merkle tree of a day (RFC 9162, section 2.1); [`file`]: a receipt as its holder keeps it, and its check
//!
//! Nothing in any of it is personal. Hashes and signatures are reckoned by whoever calls: [`Checks`].

pub mod base32;
mod file;
mod signed;
mod text;
pub mod tree;

use std::fmt;

pub use file::{File, InTree, Pins, Proof, Proven, verify};
pub use signed::{Accepted, Closed, Local, Signed, Statement};

/// Bytes of a SHA-256.
pub const HASH: usize = 32;

/// A SHA-256.
pub type Hash = [u8; HASH];

/// What hides an application in its leaf: random, and told to the receipt's holder only.
pub type Salt = [u8; HASH];

/// An Ed25519 signature.
pub type Signature = [u8; 64];

/// How hashes are reckoned and signatures checked.
#[derive(Clone, Copy, Debug)]
pub struct Checks {
    /// SHA-256.
    pub sha256: fn(&[u8]) -> Hash,
    /// Whether a key has signed something (Ed25519).
    pub ed25519: fn(&PublicKey, &[u8], &Signature) -> bool,
}

/// An Ed25519 public key. Written in 52 letters and digits, it is what citizens pin.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicKey(pub [u8; 32]);

impl PublicKey {
    /// The key that a text stands for, and stands for in that one way only.
    pub fn parse(text: &str) -> Option<Self> {
        base32::read(text).map(Self)
    }

    /// What it is called in what it has signed.
    pub fn id(&self, sha256: fn(&[u8]) -> Hash) -> KeyId {
        let [a, b, c, d, e, f, g, h, ..] = sha256(&self.0);
        KeyId([a, b, c, d, e, f, g, h])
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base32::write(&self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The name of a key: the first eight bytes of its hash, in 13 letters and digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(pub [u8; 8]);

impl KeyId {
    /// The name that a text stands for.
    pub fn parse(text: &str) -> Option<Self> {
        base32::read(text).map(Self)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base32::write(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
