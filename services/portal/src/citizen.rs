//! Pages for everybody.

mod acts;
mod held;
mod home;
mod keys;
mod procedure;
mod procedures;
mod receipt;
mod track;

use axum::{Router, routing::get};

use crate::{Portal, shell::Place, visitor::Visitor};

pub(crate) fn routes() -> Router<Portal> {
    Router::new()
        .route("/", get(home::show))
        .route("/phim", get(keys::show))
        .route("/thu-tuc", get(procedures::show))
        .route("/thu-tuc/{code}", get(procedure::show))
        .route("/tra-cuu", get(track::ask).post(track::send))
        .route("/t/{dossier}/{check}", get(held::of_qr))
        .route("/tra-cuu/{dossier}", get(track::show))
        .route("/tra-cuu/{dossier}/bien-nhan", get(receipt::show))
        .route("/tra-cuu/{dossier}/bang-chung.json", get(receipt::take_home))
        .route("/tra-cuu/{dossier}/mau/{name}", get(receipt::form))
        .route("/tra-cuu/{dossier}/{act}", get(acts::show).post(acts::send))
}

/// Where one begins.
pub(crate) fn places(visitor: &Visitor) -> Vec<Place> {
    let words = visitor.words;
    vec![
        Place { path: "/thu-tuc", label: words.web_procedures(), key: "t" },
        Place { path: "/tra-cuu", label: words.web_citizen_track(), key: "c" },
    ]
}
