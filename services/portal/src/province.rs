//! Pages of whoever looks after the province: its map, its figures, its policy, its health.

mod centre;
mod conservation;
mod dispatch;
mod figures;
mod foreseen;
mod health;
mod map;
mod policy;
mod ranking;
mod simulate;
mod takers;

use axum::{Router, routing::get};
use maud::Markup;

pub(crate) use simulate::Games;

use crate::{
    Portal, part,
    shell::Place,
    visitor::{Duty, Visitor},
};

pub(crate) fn routes() -> Router<Portal> {
    let work_item = format!("{}/{{application}}/{{step}}/{{attempt}}", dispatch::PATH);
    Router::new()
        .route(map::PATH, get(map::show))
        .route(map::LIVE, get(map::watch))
        .route("/tinh/{unit}", get(centre::show))
        .route(figures::PATH, get(figures::show))
        .route(ranking::PATH, get(ranking::show))
        .route(policy::PATH, get(policy::show).post(policy::act))
        .route(simulate::PATH, get(simulate::show).post(simulate::begin))
        .route("/tinh/chinh-sach/thu/{game}", get(simulate::show_one))
        .route("/song/thu/{game}", get(simulate::watch))
        .route(takers::PATH, get(takers::show))
        .route(dispatch::PATH, get(dispatch::show))
        .route(&work_item, get(dispatch::show_one).post(dispatch::act))
        .route(conservation::PATH, get(conservation::show))
        .route(health::PATH, get(health::show).post(health::replay))
}

/// Where one begins.
pub(crate) fn places(visitor: &Visitor) -> Vec<Place> {
    let place = Place { path: map::PATH, label: visitor.words.web_province(), key: "i" };
    visitor.is(Duty::Operator).then_some(place).into_iter().collect()
}

/// The pages of this area.
fn menu(visitor: &Visitor) -> Markup {
    let words = visitor.words;
    part::menu(
        visitor,
        words.web_province(),
        &[
            (map::PATH, words.web_province_map()),
            (figures::PATH, words.web_province_figures()),
            (ranking::PATH, words.web_province_ranking()),
            (policy::PATH, words.web_province_policy()),
            (dispatch::PATH, words.web_province_dispatch()),
            (conservation::PATH, words.web_province_conservation()),
            (health::PATH, words.web_province_health()),
        ],
    )
}
