//! What is the same for every call of a browser: who it is, and what goes around the answer.

use std::{
    io::Write as _,
    net::{IpAddr, Ipv4Addr},
};

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{
        ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
        REFERRER_POLICY, RETRY_AFTER, SET_COOKIE, STRICT_TRANSPORT_SECURITY, VARY, X_CONTENT_TYPE_OPTIONS,
    },
};
use phidia_runtime::status;

use crate::{
    Portal, asset,
    form::Resumed,
    limits,
    page::Page,
    serve::From,
    session::{self, Resume},
    shell,
    trouble::Trouble,
    visitor::{Visitor, Who},
};

/// Nothing but what is ours, nothing inline, and no page of ours in anybody's frame
/// (<https://www.w3.org/TR/CSP3/>, <https://www.w3.org/TR/trusted-types/>).
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' blob:; \
                      connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types phidia";

/// Said of every answer, unless it says otherwise itself.
static ALWAYS: [(HeaderName, &str); 8] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Addresses of pages have codes in them. Not `no-referrer`: then browsers do not say from where a form comes.
    (REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(self), microphone=(), geolocation=()"),
    // What is about people is not kept; and a page that was signed out of is not shown again.
    (CACHE_CONTROL, "no-store"),
    (VARY, "Cookie, Accept-Encoding"),
];

/// From so many bytes on packing is worth it.
const WORTH_PACKING: usize = 1_024;

pub(crate) async fn receive(State(portal): State<Portal>, mut request: Request, next: Next) -> Response {
    if asset::is_for_nobody(request.uri().path()) {
        // Kept by whoever stands between: nobody's cookie may be on it, and it waits for no service.
        return with_headers(&portal, next.run(request).await);
    }
    let cookies = session::Cookies::of(request.headers());
    let line = request.extensions().get::<From>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |from| from.0.ip());
    let from = limits::origin(line, request.headers(), &portal.0.config.proxies);
    let known = session::who(&portal, &cookies, from);
    let uri = request.uri().clone();
    let method = request.method().clone();
    let packs = accepts_gzip(request.headers());
    let mut visitor = Visitor {
        words: session::language(&cookies),
        theme: session::theme(&cookies),
        who: known.who,
        // Where nobody tells, the page does without its name.
        province: portal.province().await.ok(),
        at: uri.path_and_query().map_or_else(|| "/".to_owned(), |path| path.as_str().to_owned()),
    };
    let host = request.headers().get(http::header::HOST).cloned();
    request.extensions_mut().insert(visitor.clone());
    request.extensions_mut().insert(session::Was(known.was));
    let mut response = next.clone().run(request).await;
    let mut fresh: Vec<HeaderValue> = known.cookie.into_iter().collect();
    if let Some(Resume { staff, path, fields }) = response.extensions_mut().remove::<Resume>() {
        // The form that was being sent when the session ended is drawn as it was, for whoever has signed in again.
        fresh.extend(response.headers().get_all(SET_COOKIE).iter().cloned());
        visitor.who = Who::Staff(staff);
        visitor.at.clone_from(&path);
        response = again(&visitor, &path, fields, host, next).await;
    }
    let mut response = with_headers(&portal, drawn(&portal, &visitor, &method, &uri, response).await);
    for cookie in fresh {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    match packs {
        true => packed(response).await,
        false => response,
    }
}

fn with_headers(portal: &Portal, mut response: Response) -> Response {
    for (name, value) in &ALWAYS {
        response.headers_mut().entry(name).or_insert_with(|| HeaderValue::from_static(value));
    }
    if portal.0.config.secure {
        let year = HeaderValue::from_static("max-age=31536000");
        response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, year);
    }
    response
}

async fn again(
    visitor: &Visitor,
    path: &str,
    fields: crate::form::Fields,
    host: Option<HeaderValue>,
    next: Next,
) -> Response {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = Method::POST;
    let Ok(uri) = path.parse() else { return Trouble::NoSuchPage.into_response() };
    *request.uri_mut() = uri;
    if let Some(host) = host {
        request.headers_mut().insert(http::header::HOST, host);
    }
    request.extensions_mut().insert(visitor.clone());
    request.extensions_mut().insert(Resumed(fields));
    next.run(request).await
}

/// Puts the shell around a page, and draws what went wrong.
async fn drawn(
    portal: &Portal,
    visitor: &Visitor,
    method: &Method,
    uri: &http::Uri,
    mut response: Response,
) -> Response {
    let page = match response.extensions_mut().remove::<Trouble>() {
        None => response.extensions_mut().remove::<Page>(),
        Some(Trouble::SignIn(None)) if method == Method::GET => {
            return Redirect::to(&session::sign_in_path(&visitor.at)).into_response();
        }
        Some(Trouble::SignIn(kept)) => Some(session::sign_in_again(portal, visitor, kept).await),
        Some(trouble) => Some(trouble.page(visitor, uri)),
    };
    let Some(page) = page else { return response };
    *response.status_mut() = page.status;
    if page.status == http::StatusCode::SERVICE_UNAVAILABLE {
        let seconds = HeaderValue::from(status::RETRY_AFTER.as_secs().max(1));
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    let html = shell::around(portal, visitor, &page).into_string();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response.headers_mut().remove(http::header::CONTENT_LENGTH);
    *response.body_mut() = Body::from(html);
    response
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepted =
        headers.get(ACCEPT_ENCODING).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|one| {
        let (coding, weight) = one.split_once(';').unwrap_or((one, ""));
        coding.trim() == "gzip" && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

/// Packs pages, whose bodies are there already. What is packed before, streamed, or a picture stays as it is.
async fn packed(response: Response) -> Response {
    let is_text = response.headers().get(CONTENT_TYPE).is_some_and(|kind| {
        let kind = kind.as_bytes();
        kind.starts_with(b"text/html")
            || kind.starts_with(b"image/svg")
            || kind.starts_with(b"application/json")
    });
    if !is_text || response.headers().contains_key(CONTENT_ENCODING) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let Ok(whole) = axum::body::to_bytes(body, usize::MAX).await else {
        return Response::from_parts(head, Body::empty());
    };
    if whole.len() < WORTH_PACKING {
        return Response::from_parts(head, Body::from(whole));
    }
    match gzip(&whole, Compression::fast()) {
        Some(small) => {
            head.headers.remove(http::header::CONTENT_LENGTH);
            head.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            Response::from_parts(head, Body::from(small))
        }
        None => Response::from_parts(head, Body::from(whole)),
    }
}

/// Packs bytes.
pub(crate) fn gzip(whole: &[u8], level: Compression) -> Option<Bytes> {
    let mut packer = GzEncoder::new(Vec::with_capacity(whole.len() / 3), level);
    packer.write_all(whole).ok()?;
    packer.finish().ok().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_want_it_packed_is_heard() {
        let accepts = |said: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(said));
            accepts_gzip(&headers)
        };
        assert!(accepts("gzip, deflate, br") && accepts("br;q=1.0, gzip;q=0.8"));
        assert!(!accepts("br") && !accepts("gzip;q=0, br") && !accepts(""));
    }
}
