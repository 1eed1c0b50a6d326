//! What is filled in and sent. Each form has a key of its own: only whoever it was given to can send it, and however often they do, it is done
//! once. What was filled in is never lost: a refusal, and a session that ended, draw it again.

mod faults;
mod file;
pub(crate) mod held;
pub(crate) mod schema;
pub(crate) mod upload;

use std::time::Duration;

use axum::extract::{FromRequest, Request};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use http::{
    HeaderMap, HeaderName,
    header::{CONTENT_TYPE, HOST, ORIGIN},
};
use http_body_util::{BodyExt as _, Limited};
use maud::{Markup, html};
use phidia_domain::{Kind, Rejection};
use phidia_runtime::random;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

pub(crate) use faults::{Faults, id};
pub(crate) use file::PostedFile;

use crate::{
    Portal,
    session::Was,
    trouble::Trouble,
    visitor::{Admitted, Visitor},
};

/// The field of a form's key.
pub(crate) const KEY: &str = "khoa";
/// A form that is filled in is not longer. Files are sent apart.
const MOST: usize = 512 * 1024;
/// It comes within this time, also over a bad line.
const PATIENCE: Duration = Duration::from_secs(60);

/// Fields that were filled in, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(crate) fn of(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// As browsers write them.
    pub(crate) fn parse(text: &[u8]) -> Self {
        let fields = form_urlencoded::parse(text);
        Self(fields.map(|(name, value)| (name.into_owned(), value.replace("\r\n", "\n"))).collect())
    }

    /// What stands in a field, without what surrounds it; nothing where there is no such field.
    pub(crate) fn text(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.trim()).unwrap_or_default()
    }

    /// What stands in all fields of a name.
    pub(crate) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the field is there: a button that was pressed, a box that was ticked.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A form that was sent by one of those who may.
#[derive(Debug)]
pub(crate) struct Posted<W> {
    pub(crate) who: W,
    fields: Fields,
    key: Result<String, Rejection>,
}

/// A form that is to be acted upon.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent<'p> {
    pub(crate) fields: &'p Fields,
    /// The same for each time that this form is sent: the idempotency key of what comes of it.
    pub(crate) key: &'p str,
}

impl<W> Posted<W> {
    /// What was filled in, to draw the form again.
    pub(crate) fn fields(&self) -> &Fields {
        &self.fields
    }

    /// What was filled in, to act upon it.
    ///
    /// # Errors
    /// Where the form was not given to whoever sends it, or is only drawn again after a session had ended.
    pub(crate) fn sent(&self) -> Result<Sent<'_>, Rejection> {
        let key = self.key.as_ref().map_err(Clone::clone)?;
        Ok(Sent { fields: &self.fields, key })
    }
}

/// The form that was being sent when a session had ended; only `receive` says so.
#[derive(Clone, Debug)]
pub(crate) struct Resumed(pub(crate) Fields);

impl<W: Admitted> FromRequest<Portal> for Posted<W> {
    type Rejection = Trouble;

    async fn from_request(request: Request, portal: &Portal) -> Result<Self, Trouble> {
        let (mut parts, body) = request.into_parts();
        let visitor = parts.extensions.get::<Visitor>().cloned().unwrap_or_else(Visitor::nobody);
        let path = parts.uri.path().to_owned();
        if let Some(Resumed(fields)) = parts.extensions.remove::<Resumed>() {
            let ended = "the session had ended: look at what was filled in, and send it again";
            let key = Err(Rejection::new(Kind::Precondition, "SESSION_ENDED", ended));
            return Ok(Self { who: W::admit(visitor)?, fields, key });
        }
        let is_form = parts
            .headers
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
        if !is_form {
            let expected = "expected a form (application/x-www-form-urlencoded)";
            return Err(Rejection::new(Kind::Invalid, "NOT_A_FORM", expected).into());
        }
        let body = tokio::time::timeout(PATIENCE, Limited::new(body, MOST).collect()).await;
        let body = match body {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(_)) => {
                let message = format!("a form has at most {} kB", MOST / 1024);
                return Err(Rejection::new(Kind::Invalid, "FORM_TOO_LONG", message).into());
            }
            Err(_) => {
                return Err(Rejection::new(
                    Kind::Deadline,
                    "FORM_TOO_SLOW",
                    "the form did not arrive in time",
                )
                .into());
            }
        };
        let fields = Fields::parse(&body);
        let key = match comes_from_us(&parts.headers) {
            true => opened(portal, &visitor, &path, fields.text(KEY)),
            false => Err(foreign()),
        };
        match W::admit(visitor) {
            Ok(who) => Ok(Self { who, fields, key }),
            Err(Trouble::SignIn(_)) => {
                let by = parts.extensions.remove::<Was>().unwrap_or_default().0;
                Err(Trouble::SignIn(Some(Kept { path, fields, by })))
            }
            Err(trouble) => Err(trouble),
        }
    }
}

/// The hidden field that makes a form one's own, and what it does once. `action` is the path that it is sent to.
pub(crate) fn key_field(portal: &Portal, visitor: &Visitor, action: &str) -> Markup {
    let key = random::bytes::<16>().to_vec();
    let sealed = portal.0.key.seal(&context(visitor, action), key).map(|sealed| BASE64.encode(sealed));
    // Where it cannot be sealed the form is refused, and that is logged there.
    html! { input type="hidden" name=(KEY) value=(sealed.unwrap_or_default()); }
}

fn opened(portal: &Portal, visitor: &Visitor, action: &str, shown: &str) -> Result<String, Rejection> {
    let sealed = BASE64.decode(shown).map_err(|_| foreign())?;
    let key = portal.0.key.open(&context(visitor, action), &sealed).ok_or_else(foreign)?;
    Ok(format!("web-{}", BASE64.encode(key.expose_secret())))
}

fn context(visitor: &Visitor, action: &str) -> String {
    format!("form/{}/{action}", visitor.session())
}

fn foreign() -> Rejection {
    let message = "this form is not of this session: look at it again, and send it from here";
    Rejection::new(Kind::Forbidden, "FOREIGN_FORM", message)
}

/// Whether a page of ours sent it: browsers say so, since 2020 all of them
/// (<https://html.spec.whatwg.org/multipage/browsers.html#origin>, <https://w3c.github.io/webappsec-fetch-metadata/>).
fn comes_from_us(headers: &HeaderMap) -> bool {
    const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
    let said = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match (said(ORIGIN), said(HOST), said(SITE)) {
        (Some(origin), Some(host), _) => origin.split_once("://").is_some_and(|(_, from)| from == host),
        (None, _, site) => site == Some("same-origin"),
        _ => false,
    }
}

/// A form that somebody sent when their session had ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) path: String,
    pub(crate) fields: Fields,
    /// The code of whoever filled it in, where their browser still knew.
    pub(crate) by: Option<String>,
}

impl Kept {
    /// For the browser to give back; none where it cannot be sealed, which is logged.
    pub(crate) fn seal(&self, portal: &Portal) -> Option<String> {
        let plain = serde_json::to_vec(self).ok()?;
        match portal.0.key.seal("kept", plain) {
            Ok(sealed) => Some(BASE64.encode(sealed)),
            Err(failure) => {
                tracing::error!(%failure, "a form cannot be kept");
                None
            }
        }
    }

    /// What a browser gave back; none: nothing, or nothing of ours.
    pub(crate) fn open(portal: &Portal, sealed: &str) -> Option<Self> {
        let sealed = BASE64.decode(sealed).ok().filter(|sealed| !sealed.is_empty())?;
        serde_json::from_slice(portal.0.key.open("kept", &sealed)?.expose_secret()).ok()
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn fields_are_read_as_browsers_write_them() {
        let fields = Fields::parse("ten=Nguy%E1%BB%85n+An&lo=a%0D%0Ab&chon=1&chon=2&trong=".as_bytes());
        assert_eq!((fields.text("ten"), fields.text("lo"), fields.text("trong")), ("Nguyễn An", "a\nb", ""));
        assert_eq!(fields.all("chon").collect::<Vec<_>>(), ["1", "2"]);
        assert!(fields.has("trong") && !fields.has("khac"));
    }

    #[test]
    fn a_form_of_another_site_is_not_ours() {
        let said = |pairs: &[(&'static str, &'static str)]| {
            let pairs = pairs
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
            comes_from_us(&pairs.collect())
        };
        assert!(said(&[("host", "10.0.0.4:7380"), ("origin", "http://10.0.0.4:7380")]));
        assert!(said(&[("host", "p.vn"), ("origin", "https://p.vn"), ("sec-fetch-site", "same-origin")]));
        assert!(said(&[("host", "p.vn"), ("sec-fetch-site", "same-origin")]));
        for foreign in [
            &[("host", "p.vn"), ("origin", "https://evil.vn")][..],
            &[("host", "p.vn"), ("origin", "null"), ("sec-fetch-site", "same-origin")],
            &[("host", "p.vn"), ("sec-fetch-site", "same-site")],
            &[("host", "p.vn"), ("origin", "https://p.vn.evil.vn")],
            &[("host", "p.vn")],
        ] {
            assert!(!said(foreign), "{foreign:?}");
        }
    }
}
