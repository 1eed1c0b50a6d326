//! What browsers keep for us.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use http::{
    HeaderMap, HeaderValue, Uri,
    header::{COOKIE, SET_COOKIE},
};
use phidia_runtime::random;
use secrecy::ExposeSecret as _;
use serde::{Serialize, de::DeserializeOwned};

use super::{LANGUAGE, THEME};
use crate::{Portal, trouble::Trouble, visitor::Theme};

/// How one reads is remembered for a year.
const A_YEAR: i64 = 365 * 86_400;

/// The cookies that came with a call, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cookies(Vec<(String, String)>);

impl Cookies {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        Self(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known.strip_prefix("__Host-").unwrap_or(known) == name);
        found.map(|(_, value)| value.as_str())
    }

    /// What we sealed under this name; none: it is not from us.
    pub(crate) fn sealed<T: DeserializeOwned>(&self, portal: &Portal, name: &str) -> Option<T> {
        let sealed = BASE64.decode(self.get(name)?).ok()?;
        let plain = portal.0.key.open(&format!("cookie/{name}"), &sealed)?;
        serde_json::from_slice(plain.expose_secret()).ok()
    }
}

/// A cookie that nobody but us reads or makes; none where it cannot be sealed, which is logged.
pub(crate) fn sealed_cookie<T: Serialize>(
    portal: &Portal,
    name: &str,
    value: &T,
    seconds: i64,
) -> Option<HeaderValue> {
    let plain = serde_json::to_vec(value).ok()?;
    match portal.0.key.seal(&format!("cookie/{name}"), plain) {
        Ok(sealed) => plain_text(portal, name, &BASE64.encode(sealed), seconds),
        Err(failure) => {
            tracing::error!(%failure, "a cookie cannot be sealed");
            None
        }
    }
}

/// The header of a cookie. Where TLS is in front of us it goes over TLS only, and is of this host alone.
pub(super) fn plain_text(portal: &Portal, name: &str, value: &str, seconds: i64) -> Option<HeaderValue> {
    let (prefix, secure) = if portal.0.config.secure { ("__Host-", "; Secure") } else { ("", "") };
    let text = format!("{prefix}{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::try_from(text).ok()
}

/// 128 bits that nobody guesses.
pub(super) fn by_chance() -> String {
    BASE64.encode(random::bytes::<16>())
}

pub(super) async fn set_language(
    State(portal): State<Portal>,
    Path(language): Path<String>,
    uri: Uri,
) -> Result<Response, Trouble> {
    match language.as_str() {
        "vi" | "en" => Ok(remembered(&portal, LANGUAGE, &language, &uri)),
        _ => Err(Trouble::NoSuchPage),
    }
}

pub(super) async fn set_theme(
    State(portal): State<Portal>,
    Path(theme): Path<String>,
    uri: Uri,
) -> Result<Response, Trouble> {
    match (theme.as_str(), Theme::parse(&theme)) {
        ("system", _) | (_, Theme::Light | Theme::Dark) => Ok(remembered(&portal, THEME, &theme, &uri)),
        _ => Err(Trouble::NoSuchPage),
    }
}

/// Back to where one was, with a cookie more.
fn remembered(portal: &Portal, name: &str, value: &str, uri: &Uri) -> Response {
    let back = back(uri.query().unwrap_or_default());
    let mut response = Redirect::to(&back).into_response();
    if let Some(cookie) = plain_text(portal, name, value, A_YEAR) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Where somebody came from, as the query `ve` says it: a page of ours, and none of anybody else's.
pub(super) fn back(query: &str) -> String {
    let said = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "ve");
    own_path(&said.map(|(_, path)| path).unwrap_or_default())
}

/// A path of ours; the first page where it is anything else.
pub(super) fn own_path(path: &str) -> String {
    let is_ours = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.bytes().all(|byte| byte.is_ascii_graphic());
    if is_ours { path.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_away_from_here() {
        assert_eq!(back("ve=%2Fthu-tuc%3Ftim%3Dkhai"), "/thu-tuc?tim=khai");
        for away in
            ["ve=https://evil.example", "ve=//evil.example", "ve=/%5Cevil.example", "ve=/a%0Ab", "", "x=1"]
        {
            assert_eq!(back(away), "/", "{away}");
        }
    }

    #[test]
    fn cookies_are_found_by_their_names() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("ngon-ngu=en; giao-dien=dark"));
        headers.append(COOKIE, HeaderValue::from_static("__Host-phien=abc"));
        let cookies = Cookies::of(&headers);
        assert_eq!(cookies.get("ngon-ngu"), Some("en"));
        assert_eq!(cookies.get("phien"), Some("abc"));
        assert_eq!(cookies.get("khach"), None);
    }
}
