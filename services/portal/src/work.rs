//! Pages of officers: what is to be done today, and a case with all that belongs to it.
//!
//! - [`list`]: today's list; [`take`]: taking work up, giving it back; [`told`]: what else comes to the unit
//! - [`case`]: a case; [`act`]: what is done to it; [`result`]: what came of it; [`find`]: finding one
//! - [`why`]: why it is where it is
//! - [`document`]: files, as they were handed in, issued, or are printed
//! - [`seen`]: a work item as forms bear it

mod act;
mod case;
mod document;
mod find;
mod list;
mod result;
mod seen;
mod take;
mod told;
mod why;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};
use phidia_proto::processing::v1::CaseWorkItem;
use prost_types::Timestamp;

use crate::{
    Portal,
    shell::Place,
    visitor::{Duty, Visitor},
};

pub(crate) fn routes() -> Router<Portal> {
    Router::new()
        .route("/viec", get(list::show))
        .route("/song/viec", get(list::watch))
        .route("/viec/tiep", post(take::next))
        .route("/viec/nhan", post(take::claim))
        .route("/viec/tra", post(take::give_back))
        .route("/viec/giu", post(take::renew))
        .route("/viec/hoi", get(told::questions))
        .route("/viec/ket-qua", get(told::results))
        .route("/viec/tin", get(told::messages))
        .route("/tim", get(find::show))
        .route("/ho-so/{application}", get(case::show))
        .route("/ho-so/{application}/vi-sao", get(why::show))
        .merge(act::routes())
        .route("/ho-so/{application}/ket-qua", get(result::show).post(result::issue))
        .route("/ho-so/{application}/ky-so", post(result::sign))
        .layer(DefaultBodyLimit::max(result::MOST_FORM))
        .route("/ho-so/{application}/ket-qua/tep", get(document::result))
        .route("/tep/{att}", get(document::attachment))
        .route("/phieu-kiem-soat/{application}", get(document::control_slip))
        .route("/hoi/{referral}/da-nhan", post(told::acknowledge))
        .route("/hoi/{referral}/tra-loi", post(told::answer))
        .route("/hoi/{referral}/thu-lai", post(told::recall))
}

/// Where one begins.
pub(crate) fn places(visitor: &Visitor) -> Vec<Place> {
    let words = visitor.words;
    match visitor.is(Duty::Officer) || visitor.is(Duty::Supervisor) {
        true => vec![Place { path: "/viec", label: words.web_work_place(), key: "v" }],
        false => Vec::new(),
    }
}

/// What keys do on the list and on a case.
pub(crate) fn keys(visitor: &Visitor) -> Vec<(&'static str, &'static str)> {
    let words = visitor.words;
    match visitor.is(Duty::Officer) {
        false => Vec::new(),
        true => vec![
            ("n", words.web_work_key_next()),
            ("c", words.web_work_key_take()),
            ("x", words.web_work_key_select()),
            ("a", words.web_work_key_take_selected()),
            ("[ ]", words.web_work_key_papers()),
            ("h", words.web_work_key_complete()),
            ("b", words.web_work_key_supplement()),
            ("r", words.web_work_key_send_back()),
            ("t", words.web_work_key_refuse()),
            ("v", words.web_work_key_why()),
            ("u", words.web_work_key_up()),
        ],
    }
}

/// An instant as lists show it; empty: there is none.
fn instant(visitor: &Visitor, at: Option<&Timestamp>) -> String {
    at.map(|at| visitor.instant(Some(at))).unwrap_or_default()
}

/// Whether a work item is in the hands of whoever looks.
fn is_mine(visitor: &Visitor, item: &CaseWorkItem) -> bool {
    visitor.is(Duty::Officer) && visitor.staff().is_some_and(|staff| staff.code == item.officer_code)
}
