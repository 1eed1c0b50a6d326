//! A receipt as its holder keeps it, and its check without anybody's help.

use serde::{Deserialize, Serialize};

use super::{
    Accepted, Checks, Closed, Hash, PublicKey, Salt, Signed, base32,
    signed::{changed, malformed},
    tree,
};
use crate::{Kind, Rejection};

/// The version of a file.
const VERSION: u32 = 1;

/// What is kept in a file: JSON, in one way only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    phidia_receipt: u32,
    receipt: String,
    keys: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<Kept>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    salt: String,
    index: u64,
    path: Vec<String>,
    root: String,
}

/// That a receipt is in the tree of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// What hides it in its leaf.
    pub salt: Salt,
    /// Which leaf it is, from 0.
    pub index: u64,
    /// From the leaf to the root.
    pub path: Vec<Hash>,
    /// The day, signed.
    pub root: Signed<Closed>,
}

/// What its reader knows to be genuine from elsewhere; of what there is nothing, whatever is in a file is taken.
#[derive(Clone, Debug, Default)]
pub struct Pins {
    /// Public keys.
    pub keys: Vec<PublicKey>,
    /// Roots of days.
    pub roots: Vec<Hash>,
}

/// What a file shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// What was accepted, as its key has signed it.
    pub receipt: Signed<Accepted>,
    /// Whether the keys were pinned; otherwise they are those of the file, and anybody might have made them.
    pub is_pinned: bool,
    /// In which tree it is; none: the file does not say yet.
    pub day: Option<InTree>,
}

/// That a receipt is in the tree of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InTree {
    /// The day, as its key has signed it.
    pub closed: Signed<Closed>,
    /// Whether its root was pinned.
    pub is_pinned: bool,
}

impl File {
    /// What is kept of a receipt. `keys`: those that have signed it and its day.
    pub fn of(receipt: &Signed<Accepted>, keys: &[PublicKey], proof: Option<&Proof>) -> Self {
        Self {
            phidia_receipt: VERSION,
            receipt: receipt.text(),
            keys: keys.iter().map(ToString::to_string).collect(),
            proof: proof.map(|proof| Kept {
                salt: base32::write(&proof.salt),
                index: proof.index,
                path: proof.path.iter().map(|hash| base32::write(hash)).collect(),
                root: proof.root.text(),
            }),
        }
    }

    /// As it is written.
    ///
    /// # Errors
    /// A fault of ours.
    pub fn write(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    fn read(text: &str) -> Result<Self, Rejection> {
        let read: Self = serde_json::from_str(text).map_err(|_| malformed())?;
        // Every byte counts: what could be written in another way could be changed without being noticed.
        let is_as_written = read.write().is_ok_and(|written| written == text);
        match is_as_written && read.phidia_receipt == VERSION {
            true => Ok(read),
            false => Err(malformed()),
        }
    }
}

/// Checks what somebody holds: a file, or the text of a QR code, which needs a pinned key, for it brings none.
///
/// # Errors
/// `MALFORMED_RECEIPT`; `RECEIPT_CHANGED` for what was not signed like that; `UNKNOWN_KEY` for a key that is not pinned;
/// `KEY_REQUIRED` for a text without a pinned key; `WRONG_PROOF` for the proof of another receipt; `ROOT_NOT_PINNED` where roots are
/// pinned and there is no proof, or one of another root.
pub fn verify(text: &str, pins: &Pins, checks: Checks) -> Result<Proven, Rejection> {
    if text.trim_start().starts_with('{') {
        return verify_file(&File::read(text)?, pins, checks);
    }
    let receipt = Signed::<Accepted>::parse(text.trim_end())?;
    if pins.keys.is_empty() {
        let message = "the text of a QR code brings no key: give the one that the province has published";
        return Err(Rejection::new(Kind::Precondition, "KEY_REQUIRED", message));
    }
    check(&receipt, &pins.keys, checks)?;
    if !pins.roots.is_empty() {
        return Err(root_not_pinned());
    }
    Ok(Proven { receipt, is_pinned: true, day: None })
}

fn verify_file(file: &File, pins: &Pins, checks: Checks) -> Result<Proven, Rejection> {
    let receipt = Signed::<Accepted>::parse(&file.receipt)?;
    let keys: Vec<_> =
        file.keys.iter().map(|key| PublicKey::parse(key)).collect::<Option<_>>().ok_or_else(malformed)?;
    let closed = file.proof.as_ref().map(|proof| Signed::<Closed>::parse(&proof.root)).transpose()?;
    // Those that are needed and no others, in the order in which they are.
    let mut needed = vec![receipt.key];
    needed.extend(closed.as_ref().map(|closed| closed.key).filter(|key| *key != receipt.key));
    let named: Vec<_> = keys.iter().map(|key| key.id(checks.sha256)).collect();
    if named != needed {
        return Err(changed("the keys of the file are not those that have signed"));
    }
    check(&receipt, &keys, checks)?;
    let day = match file.proof.as_ref().zip(closed) {
        None if !pins.roots.is_empty() => return Err(root_not_pinned()),
        None => None,
        Some((proof, closed)) => {
            check(&closed, &keys, checks)?;
            check_path(&receipt, proof, &closed, checks)?;
            if !pins.roots.is_empty() && !pins.roots.contains(&closed.statement.root) {
                return Err(root_not_pinned());
            }
            Some(InTree { closed, is_pinned: !pins.roots.is_empty() })
        }
    };
    let is_pinned = !pins.keys.is_empty();
    if is_pinned && !keys.iter().all(|key| pins.keys.contains(key)) {
        return Err(unknown_key());
    }
    Ok(Proven { receipt, is_pinned, day })
}

fn check<S: super::Statement>(said: &Signed<S>, keys: &[PublicKey], checks: Checks) -> Result<(), Rejection> {
    let key = keys.iter().find(|key| key.id(checks.sha256) == said.key).ok_or_else(unknown_key)?;
    said.check(key, checks)
}

fn check_path(
    receipt: &Signed<Accepted>,
    proof: &Kept,
    closed: &Signed<Closed>,
    Checks { sha256, .. }: Checks,
) -> Result<(), Rejection> {
    let salt = base32::read(&proof.salt).ok_or_else(malformed)?;
    let path: Vec<_> =
        proof.path.iter().map(|hash| base32::read(hash)).collect::<Option<_>>().ok_or_else(malformed)?;
    let leaf = tree::leaf(sha256, &salt, &receipt.text());
    let Closed { province, count, root, .. } = &closed.statement;
    let is_there = tree::holds(sha256, &leaf, (proof.index, *count), &path, root);
    match is_there && *province == receipt.statement.province {
        true => Ok(()),
        false => Err(Rejection::new(
            Kind::Precondition,
            "WRONG_PROOF",
            "this proof does not belong to this receipt",
        )),
    }
}

fn unknown_key() -> Rejection {
    Rejection::new(
        Kind::Precondition,
        "UNKNOWN_KEY",
        "it was signed with a key that is not one of those given",
    )
}

fn root_not_pinned() -> Rejection {
    let message = "it is not shown to be in the tree of a root that was given";
    Rejection::new(Kind::Precondition, "ROOT_NOT_PINNED", message)
}
