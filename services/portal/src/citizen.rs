//! Pages for everybody.

mod home;
mod keys;
mod procedure;
mod procedures;

use axum::{Router, routing::get};

use crate::{Portal, shell::Place, visitor::Visitor};

pub(crate) fn routes() -> Router<Portal> {
    Router::new()
        .route("/", get(home::show))
        .route("/phim", get(keys::show))
        .route("/thu-tuc", get(procedures::show))
        .route("/thu-tuc/{code}", get(procedure::show))
}

/// Where one begins.
pub(crate) fn places(visitor: &Visitor) -> Vec<Place> {
    let words = visitor.words;
    vec![Place { path: "/thu-tuc", label: words.web_procedures(), key: "t" }]
}
