//! Pages of a counter: numbers, taking an application in, what is brought and what is handed over.

use axum::Router;

use crate::{Portal, shell::Place, visitor::Visitor};

pub(crate) fn routes() -> Router<Portal> {
    Router::new()
}

/// Where one begins.
pub(crate) fn places(_: &Visitor) -> Vec<Place> {
    Vec::new()
}
