//! Pages of whoever answers for a centre: its people, what will be late, what it gives and takes.

mod centre;
mod equipment;
mod exchange;
mod feedback;
mod late;
mod overtime;
mod people;
mod person;
mod standing;
mod work_item;

use axum::{
    Router,
    routing::{get, post},
};
use maud::Markup;

use crate::{
    Portal, part,
    shell::Place,
    visitor::{Duty, Visitor},
};

pub(crate) fn routes() -> Router<Portal> {
    let work_item = "/phu-trach/viec/{application}/{step}/{attempt}";
    Router::new()
        .route(people::PATH, get(people::show))
        .route("/phu-trach/nguoi/{code}", get(person::show))
        .route("/phu-trach/nguoi/{code}/viec", post(person::hand_over))
        .route("/phu-trach/nguoi/{code}/vang", post(person::set_absence))
        .route("/phu-trach/nguoi/{code}/ca", post(person::set_hours))
        .route(late::PATH, get(late::show))
        .route(work_item, get(work_item::show))
        .route(&format!("{work_item}/giao"), post(work_item::give))
        .route(&format!("{work_item}/chuyen"), post(work_item::send_elsewhere))
        .route(standing::PATH, get(standing::show))
        .route(standing::STANDING, post(standing::set_standing))
        .route(standing::WORKPLACES, post(standing::set_workplaces))
        .route(standing::HOURS, post(standing::set_hours))
        .route(exchange::PATH, get(exchange::show))
        .route(overtime::PATH, get(overtime::show))
        .route(equipment::PATH, get(equipment::show).post(equipment::register))
        .route("/phu-trach/thiet-bi/{id}", get(equipment::show_one).post(equipment::amend))
        .route(feedback::PATH, get(feedback::show))
        .route("/phu-trach/phan-anh/{number}", get(feedback::show_one).post(feedback::act))
}

/// Where one begins.
pub(crate) fn places(visitor: &Visitor) -> Vec<Place> {
    let label = visitor.words.web_supervise();
    let place = Place { path: people::PATH, label, key: "p" };
    visitor.is(Duty::Supervisor).then_some(place).into_iter().collect()
}

/// The pages of this area.
fn menu(visitor: &Visitor) -> Markup {
    let words = visitor.words;
    part::menu(
        visitor,
        words.web_supervise(),
        &[
            (people::PATH, words.web_supervise_people()),
            (late::PATH, words.web_supervise_late()),
            (standing::PATH, words.web_supervise_standing()),
            (exchange::PATH, words.web_supervise_exchange()),
            (overtime::PATH, words.web_supervise_overtime()),
            (equipment::PATH, words.web_supervise_equipment()),
            (feedback::PATH, words.web_supervise_feedback()),
        ],
    )
}
