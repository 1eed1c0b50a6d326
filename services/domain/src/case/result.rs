//! The result of a case: issued as a file by the unit that decided (national code 9, "Đã xử lý xong"), and handed over at the place
//! that the citizen chose (code 10, "Đã trả kết quả"). A refusal is a result too: its paper is handed over alike.
//!
//! What a case is finished by is the decision. Issuing and handing over come after it, and move neither lateness nor
//! conservation.
//!
//! A detached signature is kept beside the file as it was handed in. Whether it is valid is nothing that is decided here.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Held, Stage, Standing};
use crate::{
    application::check_text,
    id::{OfficerId, UnitId},
    rejection::{Kind, Rejection},
};

/// The largest detached signature, in bytes: with its certificates and time stamps.
pub const MOST_SIGNATURE_BYTES: usize = 128 * 1024;

/// The largest file, in bytes: what a message of 4 MiB takes, with a signature and what else goes with it.
pub const MOST_RESULT_BYTES: usize = (4 * 1024 - 64) * 1024 - MOST_SIGNATURE_BYTES;

/// Identity numbers have nine digits or twelve.
const DIGITS_OF_AN_IDENTITY: usize = 9;

/// What is told of a file: nothing personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// SHA-256 of its bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// `application/pdf` and the like.
    pub media_type: String,
}

/// A result that was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// The file.
    pub file: FileFacts,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub officer: OfficerId,
    /// The detached signature beside it.
    pub signature: Option<Signed>,
}

/// What is told of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// Its format.
    pub format: SignatureFormat,
    /// When it was made, as it was stated.
    pub at: Timestamp,
    /// When it was added here.
    pub added_at: Timestamp,
}

/// The format of a signature beside a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureFormat {
    /// Of a PDF.
    Pades,
    /// Of any file, as a CMS message.
    Cades,
    /// Of any file, as an XML document.
    Xades,
}

/// How a result is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandOverWay {
    /// Collected by the citizen.
    InPerson,
    /// Collected by somebody whom they have authorised.
    Authorised,
    /// Sent by post.
    Post,
    /// Sent electronically: only what was issued as a file.
    Electronic,
}

/// A result that was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedOver {
    /// How.
    pub way: HandOverWay,
    /// When.
    pub at: Timestamp,
    /// The unit that did.
    pub unit: UnitId,
}

/// What follows from a request that may be asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Once {
    /// It comes true.
    Now,
    /// It did, by this very request; nothing changes.
    Before,
}

impl Standing {
    /// That there is a decision.
    ///
    /// # Errors
    /// `CASE_STOPPED`, `NOT_DECIDED`.
    pub fn check_decided(&self) -> Result<(), Rejection> {
        let refused = |reason, message: &str| Err(self.state.refuses(reason, message));
        match self.state {
            state if state.is_stopped() => refused("CASE_STOPPED", "the case has ended without a decision"),
            state if !state.is_final() => refused("NOT_DECIDED", "there is no decision yet"),
            _ => Ok(()),
        }
    }

    /// The unit that decided: that which ended the step at which the case is finished; the last to end it, where it was sent back.
    pub fn decided_at(&self, items: &[Held]) -> Option<UnitId> {
        let last = items
            .iter()
            .filter(|held| held.work_item.step == self.step && matches!(held.stage, Stage::Done(_)))
            .max_by_key(|held| held.work_item.attempt);
        last.filter(|_| self.state.is_final()).map(|held| held.unit)
    }
}

/// That a file can be a result.
///
/// # Errors
/// Violations of `file_name`, `media_type` and `content`.
pub fn check_file(name: &str, media_type: &str, size: usize) -> Result<(), Rejection> {
    check_text("file_name", name, 1, 255)?;
    if name.contains(['/', '\\']) {
        return Err(Rejection::invalid("MALFORMED_FILE_NAME", "file_name", "a name without its folders"));
    }
    check_media_type(media_type)?;
    check_size("content", size, MOST_RESULT_BYTES)
}

/// `type/subtype`, in lower case (RFC 6838, 4.2), and nothing behind it.
fn check_media_type(media_type: &str) -> Result<(), Rejection> {
    let is_name = |name: &str| {
        let known =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$&-^_.+".contains(&byte);
        (1..=127).contains(&name.len())
            && name.bytes().all(known)
            && name.starts_with(|first: char| first.is_ascii_alphanumeric())
    };
    match media_type.split_once('/') {
        Some((kind, subtype)) if is_name(kind) && is_name(subtype) => Ok(()),
        _ => Err(Rejection::invalid(
            "MALFORMED_MEDIA_TYPE",
            "media_type",
            "a media type in lower case such as application/pdf",
        )),
    }
}

fn check_size(field: &str, size: usize, most: usize) -> Result<(), Rejection> {
    match size {
        0 => Err(Rejection::invalid("MISSING_FIELD", field, "is required")),
        size if size > most => {
            Err(Rejection::invalid("TOO_LARGE", field, format!("at most {most} bytes")).with("most", most))
        }
        _ => Ok(()),
    }
}

/// That a signature can be kept.
///
/// # Errors
/// Violations of `signer`, `signature` and `signed_at`.
pub fn check_signature(
    signer: &str,
    size: usize,
    signed_at: Timestamp,
    now: Timestamp,
) -> Result<(), Rejection> {
    check_text("signer", signer, 1, 200)?;
    check_size("signature", size, MOST_SIGNATURE_BYTES)?;
    if signed_at > now {
        return Err(Rejection::invalid("IN_THE_FUTURE", "signed_at", "no later than now"));
    }
    Ok(())
}

/// That a receiver is named, and not numbered: who holds the receipt and an identity paper is looked at, and no number is kept.
///
/// # Errors
/// Violations of `receiver`.
pub fn check_receiver(receiver: &str) -> Result<(), Rejection> {
    const FIELD: &str = "receiver";
    check_text(FIELD, receiver, 1, 200)?;
    let digits = receiver.chars().filter(|character| !" .-".contains(*character));
    let longest = digits.fold((0, 0), |(run, longest), character| {
        let run = if character.is_numeric() { run + 1 } else { 0 };
        (run, run.max(longest))
    });
    if longest.1 >= DIGITS_OF_AN_IDENTITY {
        let expected = "a name, and no identity number";
        return Err(Rejection::invalid("IDENTITY_NUMBER", FIELD, expected));
    }
    Ok(())
}

/// A result is issued by `officer`.
///
/// # Errors
/// `RESULT_ISSUED_BEFORE`, with the hash of what was.
pub fn issue(before: Option<&Issued>, file: &FileFacts, officer: OfficerId) -> Result<Once, Rejection> {
    match before {
        None => Ok(Once::Now),
        Some(issued) if (&issued.file, issued.officer) == (file, officer) => Ok(Once::Before),
        Some(issued) => {
            let message = "the result was issued before; what a citizen was told stays";
            let refusal = Rejection::new(Kind::Precondition, "RESULT_ISSUED_BEFORE", message);
            Err(refusal.with("sha256", &issued.file.sha256))
        }
    }
}

/// A signature is put beside the file with this hash. `same`: whether its bytes and its signer are those that are kept.
///
/// # Errors
/// `RESULT_NOT_ISSUED`, `OTHER_FILE`, `SIGNED_BEFORE`.
pub fn sign(
    issued: Option<&Issued>,
    sha256: &str,
    format: SignatureFormat,
    at: Timestamp,
    same: bool,
) -> Result<Once, Rejection> {
    let issued = issued.ok_or_else(not_issued)?;
    if issued.file.sha256 != sha256 {
        let message = "the signature is of another file than the result";
        let refusal = Rejection::new(Kind::Conflict, "OTHER_FILE", message);
        return Err(refusal.with("sha256", &issued.file.sha256));
    }
    match issued.signature {
        None => Ok(Once::Now),
        Some(signed) if (signed.format, signed.at) == (format, at) && same => Ok(Once::Before),
        Some(_) => {
            Err(Rejection::new(Kind::Precondition, "SIGNED_BEFORE", "there is a signature beside it already"))
        }
    }
}

/// A result is handed over at a unit. `same`: whether it is the receiver that is kept.
///
/// # Errors
/// `HANDED_OVER_BEFORE`, `RESULT_NOT_ISSUED`.
pub fn hand_over(
    issued: bool,
    before: Option<&HandedOver>,
    way: HandOverWay,
    same: bool,
) -> Result<Once, Rejection> {
    match before {
        Some(handed) if handed.way == way && same => Ok(Once::Before),
        Some(handed) => {
            let message = "the result was handed over before";
            Err(Rejection::new(Kind::Precondition, "HANDED_OVER_BEFORE", message).with("at", handed.at))
        }
        None if way == HandOverWay::Electronic && !issued => Err(not_issued()),
        None => Ok(Once::Now),
    }
}

/// No file was issued.
pub fn not_issued() -> Rejection {
    Rejection::new(Kind::Precondition, "RESULT_NOT_ISSUED", "no result was issued as a file")
}
