//! The check codes that somebody has shown, of receipts, feedback and bookings: their browser keeps them, sealed, so that they stand in no
//! address.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::HeaderMap;

use crate::{
    Portal,
    part::encoded,
    session::{Cookies, sealed_cookie},
};

const COOKIE: &str = "bien-nhan";
/// As many at once.
const MOST: usize = 8;
/// On a computer that many use, they are forgotten soon.
const SECONDS: i64 = 3_600;

/// Check codes by dossier code, or by number.
#[derive(Clone, Debug, Default)]
pub(super) struct Held(BTreeMap<String, String>);

impl Held {
    /// What a browser keeps.
    pub(super) fn of(portal: &Portal, headers: &HeaderMap) -> Self {
        Self(Cookies::of(headers).sealed(portal, COOKIE).unwrap_or_default())
    }

    /// The check code of a dossier, where it was shown.
    pub(super) fn check_code(&self, dossier: &str) -> Option<&str> {
        self.0.get(dossier).map(String::as_str)
    }

    /// Leads to a dossier, of which the code is kept from now on.
    pub(super) fn with(self, portal: &Portal, dossier: &str, check: &str) -> Response {
        let path = format!("/tra-cuu/{}", encoded(dossier));
        self.leads_to(portal, &path, dossier, check)
    }

    /// Leads to a page of what has this number, of which the code is kept from now on.
    pub(super) fn leads_to(mut self, portal: &Portal, path: &str, number: &str, check: &str) -> Response {
        while self.0.len() >= MOST && !self.0.contains_key(number) {
            self.0.pop_first();
        }
        self.0.insert(number.to_owned(), check.to_owned());
        let mut response = Redirect::to(path).into_response();
        if let Some(cookie) = sealed_cookie(portal, COOKIE, &self.0, SECONDS) {
            response.headers_mut().append(http::header::SET_COOKIE, cookie);
        }
        response
    }
}

/// Where the QR code of a receipt leads.
pub(super) async fn of_qr(
    State(portal): State<Portal>,
    Path((dossier, check)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    Held::of(&portal, &headers).with(&portal, &dossier, &check)
}
