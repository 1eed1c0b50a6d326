//! Pages of officers: what is to be done today, and a case with all that belongs to it.

use axum::Router;

use crate::{Portal, shell::Place, visitor::Visitor};

pub(crate) fn routes() -> Router<Portal> {
    Router::new()
}

/// Where one begins.
pub(crate) fn places(_: &Visitor) -> Vec<Place> {
    Vec::new()
}
