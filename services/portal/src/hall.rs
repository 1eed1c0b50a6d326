//! Pages of a hall: the board that all look at, the screen that gives numbers, a number on one's own telephone.

use axum::Router;

use crate::{Portal, shell::Place, visitor::Visitor};

pub(crate) fn routes() -> Router<Portal> {
    Router::new()
}

/// Where one begins.
pub(crate) fn places(_: &Visitor) -> Vec<Place> {
    Vec::new()
}
