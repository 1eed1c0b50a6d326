//! How people sign in and out, and what of it their browsers keep. Until there are identities (issue 9) whoever may use the installation's
//! token may say who they are, as gateways may (`services/decisions/0008`); and the page says so.

mod cookie;
mod sign_in;

use axum::{
    Router,
    routing::{get, post},
};
use std::net::IpAddr;

use http::HeaderValue;
use jiff::{SignedDuration, Timestamp};
use phidia_domain::application::Language;
use phidia_runtime::clock::RealClock;
use phidia_words::Words;

use crate::{
    Portal,
    form::Fields,
    limits::Network,
    visitor::{Duty, Staff, Theme, Who},
};

pub(crate) use cookie::{Cookies, sealed_cookie};
pub(crate) use sign_in::{sign_in_again, sign_in_path};

const SESSION: &str = "phien";
const GUEST: &str = "khach";
const LANGUAGE: &str = "ngon-ngu";
const THEME: &str = "giao-dien";
/// A guest is known again for so long.
const GUEST_DAYS: i64 = 30;
/// What a session was last used at is written down again after so long.
const SEEN: SignedDuration = SignedDuration::from_mins(5);
/// Who looks after the province is signed out after so long without a call.
const IDLE: SignedDuration = SignedDuration::from_mins(30);

/// Nobody is there to sign a screen in again after holidays.
const DEVICE: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Whoever had signed in, as whom they are not taken any more: their code.
#[derive(Clone, Debug, Default)]
pub(crate) struct Was(pub(crate) Option<String>);

/// Who has signed in again, and the form that they had been sending.
#[derive(Clone, Debug)]
pub(crate) struct Resume {
    pub(crate) staff: Staff,
    pub(crate) path: String,
    pub(crate) fields: Fields,
}

/// What cookies say of somebody.
pub(crate) struct Known {
    pub(crate) who: Who,
    pub(crate) was: Option<String>,
    /// To be kept by the browser.
    pub(crate) cookie: Option<HeaderValue>,
}

pub(crate) fn routes() -> Router<Portal> {
    Router::new()
        .route("/dang-nhap", get(sign_in::show).post(sign_in::send))
        .route("/dang-xuat", post(sign_in::sign_out))
        .route("/ngon-ngu/{language}", get(cookie::set_language))
        .route("/giao-dien/{theme}", get(cookie::set_theme))
}

/// Whose cookies these are.
pub(crate) fn who(portal: &Portal, cookies: &Cookies, from: IpAddr) -> Known {
    let now = RealClock.now();
    let staff = cookies.sealed::<Staff>(portal, SESSION);
    let was = staff.as_ref().map(|staff| staff.code.clone());
    if let Some(staff) = staff.filter(|staff| is_valid(portal, staff, now)) {
        let is_long_ago = now.duration_since(second(staff.seen)) > SEEN;
        let cookie = is_long_ago.then(|| keep(portal, &Staff { seen: now.as_second(), ..staff.clone() }));
        return Known { who: Who::Staff(staff), was, cookie: cookie.flatten() };
    }
    if let Some(name) = cookies.sealed::<String>(portal, GUEST) {
        return Known { who: Who::Citizen { name }, was, cookie: None };
    }
    let network = Network::of(from);
    if !portal.0.newcomers.admits(network, now) {
        return Known { who: Who::Citizen { name: format!("web-{network}") }, was, cookie: None };
    }
    let name = format!("web-{}", cookie::by_chance());
    let cookie = cookie::sealed_cookie(portal, GUEST, &name, GUEST_DAYS * 86_400);
    Known { who: Who::Citizen { name }, was, cookie }
}

/// The cookie of a session.
pub(crate) fn keep(portal: &Portal, staff: &Staff) -> Option<HeaderValue> {
    cookie::sealed_cookie(portal, SESSION, staff, longest(portal, staff).as_secs())
}

/// For how long nothing may be heard of somebody who is signed in.
fn longest(portal: &Portal, staff: &Staff) -> SignedDuration {
    let hours = SignedDuration::from_hours(portal.0.config.session_hours.into());
    match staff.duty {
        Duty::Operator => IDLE.min(hours),
        Duty::Device => DEVICE,
        Duty::Officer | Duty::Supervisor => hours,
    }
}

fn is_valid(portal: &Portal, staff: &Staff, now: Timestamp) -> bool {
    now.duration_since(second(staff.seen)) < longest(portal, staff)
}

fn second(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Vietnamese, unless somebody wants English.
pub(crate) fn language(cookies: &Cookies) -> Words {
    match cookies.get(LANGUAGE) {
        Some("en") => Words::of(Language::En),
        _ => Words::VI,
    }
}

pub(crate) fn theme(cookies: &Cookies) -> Theme {
    cookies.get(THEME).map(Theme::parse).unwrap_or_default()
}
