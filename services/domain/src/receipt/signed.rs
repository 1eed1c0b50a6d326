//! What is said, and by which key.

use jiff::{Timestamp, civil::Date, fmt::strtime, tz::Offset, tz::TimeZone};

use super::{Checks, Hash, KeyId, PublicKey, Signature, base32, text};
use crate::{Kind, Rejection};

/// An instant as people of a place write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// The instant.
    pub at: Timestamp,
    /// How far the place's time was from UTC then.
    pub offset: Offset,
}

impl Local {
    /// An instant in a zone.
    pub fn of(at: Timestamp, zone: &TimeZone) -> Self {
        Self { at, offset: zone.to_offset(at) }
    }

    fn write(self) -> String {
        self.at.to_zoned_datetime(TimeZone::fixed(self.offset)).strftime(FORMAT).to_string()
    }

    fn parse(text: &str) -> Option<Self> {
        let parsed = strtime::parse(FORMAT, text).ok()?;
        Some(Self { at: parsed.to_timestamp().ok()?, offset: parsed.offset()? })
    }
}

/// `20261123T090000.123456+0700`: short, and in no other way.
const FORMAT: &str = "%Y%m%dT%H%M%S%.f%z";

/// Something that can be said in fields.
pub trait Statement: Sized {
    /// What kind of statement it is, and its version.
    const TITLE: &'static str;
    /// Its fields in their order.
    fn fields(&self) -> Vec<String>;
    /// The statement of such fields.
    fn of(fields: &[String]) -> Option<Self>;
}

/// That an application was accepted: what a receipt promises. Names stand in the catalogue, and nobody's stands here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Code of the province.
    pub province: String,
    /// Official dossier code.
    pub dossier_code: String,
    /// Code of the procedure.
    pub procedure_code: String,
    /// Official code of the unit that received it.
    pub received_at_code: String,
    /// Official code of the unit where the result is to be collected.
    pub return_at_code: String,
    /// When it was accepted.
    pub received_at: Local,
    /// The promised instant; none: nothing was promised.
    pub due_at: Option<Local>,
}

impl Statement for Accepted {
    const TITLE: &'static str = "PHIDIA1";

    fn fields(&self) -> Vec<String> {
        vec![
            self.province.clone(),
            self.dossier_code.clone(),
            self.procedure_code.clone(),
            self.received_at_code.clone(),
            self.return_at_code.clone(),
            self.received_at.write(),
            self.due_at.map(Local::write).unwrap_or_default(),
        ]
    }

    fn of(fields: &[String]) -> Option<Self> {
        let [province, dossier_code, procedure_code, received_at_code, return_at_code, received_at, due_at] =
            fields
        else {
            return None;
        };
        Some(Self {
            province: province.clone(),
            dossier_code: dossier_code.clone(),
            procedure_code: procedure_code.clone(),
            received_at_code: received_at_code.clone(),
            return_at_code: return_at_code.clone(),
            received_at: Local::parse(received_at)?,
            due_at: match due_at.as_str() {
                "" => None,
                due_at => Some(Local::parse(due_at)?),
            },
        })
    }
}

/// That a day of a province is closed: how many applications it accepted, and the tree that they are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Code of the province.
    pub province: String,
    /// The day, by the clock of the province.
    pub day: Date,
    /// Applications in its tree.
    pub count: u64,
    /// Root of its tree.
    pub root: Hash,
    /// SHA-256 of the statement of the day before, with its signature; none: this is the first.
    pub previous: Option<Hash>,
    /// SHA-256 of the sums of the centres as they were then (`conservation::Published`).
    pub sums: Hash,
}

impl Statement for Closed {
    const TITLE: &'static str = "PHIDIA-DAY1";

    fn fields(&self) -> Vec<String> {
        vec![
            self.province.clone(),
            self.day.strftime("%Y%m%d").to_string(),
            self.count.to_string(),
            base32::write(&self.root),
            self.previous.map(|previous| base32::write(&previous)).unwrap_or_default(),
            base32::write(&self.sums),
        ]
    }

    fn of(fields: &[String]) -> Option<Self> {
        let [province, day, count, root, previous, sums] = fields else { return None };
        Some(Self {
            province: province.clone(),
            day: Date::strptime("%Y%m%d", day).ok()?,
            count: count.parse().ok()?,
            root: base32::read(root)?,
            previous: match previous.as_str() {
                "" => None,
                previous => Some(base32::read(previous)?),
            },
            sums: base32::read(sums)?,
        })
    }
}

/// A statement with its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed<S> {
    /// What is said.
    pub statement: S,
    /// By which key.
    pub key: KeyId,
    /// Over [`Signed::signed`].
    pub signature: Signature,
}

impl<S: Statement> Signed<S> {
    /// Has a statement signed by the key with this name.
    pub fn sign(statement: S, key: KeyId, sign: impl FnOnce(&[u8]) -> Signature) -> Self {
        let signature = sign(signed(&statement, key).as_bytes());
        Self { statement, key, signature }
    }

    /// The whole text: what a QR code holds.
    pub fn text(&self) -> String {
        format!("{}/{}", signed(&self.statement, self.key), base32::write(&self.signature))
    }

    /// The statement that a text makes; whether its key has signed it, [`Signed::check`] says.
    ///
    /// # Errors
    /// `MALFORMED_RECEIPT` for anything that [`Signed::text`] would not have written.
    pub fn parse(text: &str) -> Result<Self, Rejection> {
        Self::read(text).filter(|read| read.text() == text).ok_or_else(malformed)
    }

    fn read(text: &str) -> Option<Self> {
        let mut fields = text::read(S::TITLE, text)?;
        let signature = base32::read(&fields.pop()?)?;
        let key = KeyId::parse(&fields.pop()?)?;
        Some(Self { statement: S::of(&fields)?, key, signature })
    }

    /// That a key has signed it.
    ///
    /// # Errors
    /// `RECEIPT_CHANGED`.
    pub fn check(&self, key: &PublicKey, checks: Checks) -> Result<(), Rejection> {
        let is_by_it = key.id(checks.sha256) == self.key;
        let message = signed(&self.statement, self.key);
        match is_by_it && (checks.ed25519)(key, message.as_bytes(), &self.signature) {
            true => Ok(()),
            false => Err(changed("the signature does not belong to what is written there")),
        }
    }
}

/// What is signed: the statement and the name of the key.
fn signed<S: Statement>(statement: &S, key: KeyId) -> String {
    let (fields, key) = (statement.fields(), key.to_string());
    text::write(S::TITLE, fields.iter().map(String::as_str).chain([key.as_str()]))
}

pub(super) fn malformed() -> Rejection {
    Rejection::new(Kind::Invalid, "MALFORMED_RECEIPT", "this is no receipt as it was issued")
}

pub(super) fn changed(message: &str) -> Rejection {
    Rejection::new(Kind::Precondition, "RECEIPT_CHANGED", message)
}
