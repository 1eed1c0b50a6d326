//! Pages of whoever looks after the province: its map, its figures, its policy, its health.

use axum::Router;

use crate::{Portal, shell::Place, visitor::Visitor};

pub(crate) fn routes() -> Router<Portal> {
    Router::new()
}

/// Where one begins.
pub(crate) fn places(_: &Visitor) -> Vec<Place> {
    Vec::new()
}
