//! Who calls: a [`Caller`] in the headers of a request, and whether those headers are believed.

use std::fmt::Write as _;

use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{digest::same, random};

/// Header of the caller's role, in lower case.
pub const ROLE: &str = "phidia-role";
/// Header of the caller's name, percent-encoded.
pub const NAME: &str = "phidia-name";
/// Header of the caller's unit, if any.
pub const UNIT: &str = "phidia-unit";
/// Header of the caller's officer id, if any.
pub const OFFICER: &str = "phidia-officer";

const LONGEST_NAME: usize = 256;

/// When identity headers are believed.
#[derive(Clone, Debug)]
pub enum Trust {
    /// Always. Only safe in process, or where nobody but us can reach the port (loopback).
    Headers,
    /// Only beside `authorization: Bearer <token>`.
    Token(SecretString),
}

impl Trust {
    /// Checks what a request shows.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` when the token is missing or is another one.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), Rejection> {
        let Self::Token(token) = self else { return Ok(()) };
        let shown = headers.get(AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
        match shown {
            Some(shown) if same(shown, token.expose_secret().as_bytes()) => Ok(()),
            Some(_) => Err(unauthenticated("WRONG_TOKEN", "the bearer token is not known")),
            None => Err(unauthenticated("NO_TOKEN", "a bearer token is needed")),
        }
    }
}

/// Writes the headers that say `caller`, in place of any that are there.
pub fn write(caller: &Caller, headers: &mut HeaderMap) {
    headers.insert(ROLE, HeaderValue::from_static(caller.role.as_str()));
    let texts = [
        (NAME, Some(encode(&caller.name))),
        (UNIT, caller.unit.map(|unit| unit.to_string())),
        (OFFICER, caller.officer.map(|officer| officer.to_string())),
    ];
    for (header, text) in texts {
        headers.remove(header);
        if let Some(value) = text.and_then(|text| HeaderValue::try_from(text).ok()) {
            headers.insert(header, value);
        }
    }
}

/// Reads the caller from headers; `None` when they say none. Whether they are to be believed is
/// [`Trust`]'s to say.
///
/// # Errors
/// `UNAUTHENTICATED` when they say something that cannot be, or an officer without a unit: what such a
/// caller may see could not be told.
pub fn read(headers: &HeaderMap) -> Result<Option<Caller>, Rejection> {
    let Some(role) = text(headers, ROLE)? else { return Ok(None) };
    let role = Role::parse(role).ok_or_else(|| malformed(ROLE))?;
    let name = text(headers, NAME)?
        .and_then(decode)
        .filter(|name| !name.is_empty() && name.len() <= LONGEST_NAME)
        .ok_or_else(|| malformed(NAME))?;
    let unit = text(headers, UNIT)?.map(|id| id.parse().map_err(|_| malformed(UNIT))).transpose()?;
    let officer = text(headers, OFFICER)?.map(|id| id.parse().map_err(|_| malformed(OFFICER))).transpose()?;
    if role == Role::Officer && unit.is_none() {
        return Err(malformed(UNIT));
    }
    Ok(Some(Caller { role, name, unit, officer }))
}

/// The caller of a request, as the stack found it.
///
/// # Errors
/// `UNAUTHENTICATED` when the request did not come through the stack, or by an open path.
pub fn caller<T>(request: &tonic::Request<T>) -> Result<Caller, Rejection> {
    request.extensions().get::<Caller>().cloned().ok_or_else(nobody)
}

pub(crate) fn nobody() -> Rejection {
    unauthenticated("NO_IDENTITY", "the caller did not say who it is")
}

fn unauthenticated(reason: &str, message: &str) -> Rejection {
    Rejection::new(Kind::Unauthenticated, reason, message)
}

fn malformed(header: &str) -> Rejection {
    unauthenticated("MALFORMED_IDENTITY", "an identity header cannot be read").with("header", header)
}

fn text<'h>(headers: &'h HeaderMap, header: &str) -> Result<Option<&'h str>, Rejection> {
    let mut values = headers.get_all(header).iter();
    let first = values.next().map(|value| value.to_str().map_err(|_| malformed(header))).transpose()?;
    // Two values: whoever added the second should not choose which one is read.
    if values.next().is_some() { Err(malformed(header)) } else { Ok(first) }
}

fn encode(name: &str) -> String {
    name.bytes().fold(String::with_capacity(name.len()), |mut text, byte| {
        if byte.is_ascii_graphic() && byte != b'%' {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if first == b'%' {
            let digits = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok())?;
            bytes.push(random::unhex::<1>(digits)?[0]);
            rest = &rest[2..];
        } else {
            bytes.push(first);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use phidia_domain::id::{OfficerId, UnitId};

    use super::*;

    #[test]
    fn callers_go_there_and_back() {
        let officer = Caller {
            role: Role::Officer,
            name: "Nguyễn Thị 100% Ánh\n".to_owned(),
            unit: Some(UnitId::of("37", "13285")),
            officer: Some(OfficerId::of("37", "A-1")),
        };
        for caller in [officer, Caller::service("routing")] {
            let mut headers = HeaderMap::new();
            write(&Caller { unit: Some(UnitId::of("37", "1")), ..Caller::service("other") }, &mut headers);
            write(&caller, &mut headers);
            assert_eq!(read(&headers).unwrap(), Some(caller));
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        assert_eq!(read(&HeaderMap::new()).unwrap(), None);
        let bad: [&[(&'static str, &str)]; 7] = [
            &[(ROLE, "king"), (NAME, "x")],
            &[(ROLE, "service")],
            &[(ROLE, "service"), (NAME, "")],
            &[(ROLE, "service"), (NAME, "%")],
            &[(ROLE, "service"), (NAME, "%FF")],
            &[(ROLE, "officer"), (NAME, "x")],
            &[(ROLE, "service"), (ROLE, "citizen"), (NAME, "x")],
        ];
        for pairs in bad {
            let mut headers = HeaderMap::new();
            for &(header, value) in pairs {
                headers.append(header, value.parse().unwrap());
            }
            assert_eq!(read(&headers).unwrap_err().kind, Kind::Unauthenticated, "{pairs:?}");
        }
    }

    #[test]
    fn a_token_must_be_the_same() {
        let trust = Trust::Token("s3cret".into());
        let mut headers = HeaderMap::new();
        assert!(trust.check(&headers).is_err());
        for (shown, believed) in [("Bearer s3cret", true), ("Bearer s3cre", false), ("s3cret", false)] {
            headers.insert(AUTHORIZATION, shown.parse().unwrap());
            assert_eq!(trust.check(&headers).is_ok(), believed, "{shown}");
        }
        assert!(!format!("{trust:?}").contains("s3cret"));
    }
}
