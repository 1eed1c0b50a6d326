//! Pages of whoever answers for a centre: its people, what will be late, what it gives and takes.

use axum::Router;

use crate::{Portal, shell::Place, visitor::Visitor};

pub(crate) fn routes() -> Router<Portal> {
    Router::new()
}

/// Where one begins.
pub(crate) fn places(_: &Visitor) -> Vec<Place> {
    Vec::new()
}
