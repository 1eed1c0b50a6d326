//! The file that proves a receipt without anybody being asked, from what the service answers.

use phidia_domain::{
    Kind, Rejection,
    receipt::{Accepted, File, Proof, PublicKey, Signed},
};

use crate::intake::v1::{GetInclusionProofResponse, ReceiptKey};

/// A proof that a receipt is in the tree of its day.
///
/// # Errors
/// `INVALID_ARGUMENT` for what is none.
pub fn proof(answer: &GetInclusionProofResponse) -> Result<Proof, Rejection> {
    let hash = |bytes: &[u8]| {
        bytes.try_into().map_err(|_| Rejection::invalid("MALFORMED_RECEIPT", "path", "a hash has 32 bytes"))
    };
    Ok(Proof {
        salt: hash(&answer.salt)?,
        index: answer.index,
        path: answer.path.iter().map(|bytes| hash(bytes)).collect::<Result<_, _>>()?,
        root: Signed::parse(&answer.root)?,
    })
}

/// The file of a receipt, with the keys that it needs of those that are known, and the proof where its day is closed.
///
/// # Errors
/// `FAILED_PRECONDITION` (`NOT_SIGNED`) for a receipt of before they were signed; `NOT_FOUND` (`UNKNOWN_KEY`) where a key is not known.
pub fn file(signed: &str, proof: Option<&Proof>, known: &[ReceiptKey]) -> Result<File, Rejection> {
    if signed.is_empty() {
        let message = "it was accepted before receipts were signed: there is no proof of it";
        return Err(Rejection::new(Kind::Precondition, "NOT_SIGNED", message));
    }
    let receipt = Signed::<Accepted>::parse(signed)?;
    let mut needed = vec![receipt.key];
    needed.extend(proof.map(|proof| proof.root.key).filter(|key| *key != receipt.key));
    let keys = needed.into_iter().map(|id| {
        let key = known.iter().find(|key| key.key_id == id.to_string());
        key.and_then(|key| PublicKey::parse(&key.public_key)).ok_or_else(|| {
            Rejection::new(Kind::NotFound, "UNKNOWN_KEY", "the key of the receipt is not known there")
        })
    });
    Ok(File::of(&receipt, &keys.collect::<Result<Vec<_>, _>>()?, proof))
}
