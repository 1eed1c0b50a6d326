//! Pages of a hall: the board that all look at, the screen that gives numbers, a number on one's own telephone, and the counter that calls them.

mod board;
mod desk;
mod numbers;
mod ticket;

use axum::{
    Router,
    routing::{get, post},
};
use phidia_domain::Rejection;
use phidia_proto::intake::v1::{
    ExpectedWait, GetHallRequest, Hall, queue_service_client::QueueServiceClient,
};

use crate::{
    Portal,
    services::soon,
    shell::Place,
    trouble::Trouble,
    visitor::{Duty, Visitor},
};

pub(crate) fn routes() -> Router<Portal> {
    Router::new()
        .route("/so", get(numbers::choose))
        .route("/so/{unit}", get(numbers::show).post(numbers::take))
        .route("/so/phieu/{ticket}", get(ticket::show))
        .route("/so/phieu/{ticket}/tra", post(ticket::give_back))
        .route("/ki-ot/{unit}", get(numbers::kiosk).post(numbers::take_at_kiosk))
        .route("/ki-ot/{unit}/phieu/{ticket}", get(ticket::slip))
        .route("/bang/{unit}", get(board::show))
        .route("/song/bang/{unit}", get(board::watch))
        .route("/quay", get(desk::choose))
        .route("/quay/{counter}", get(desk::show))
        .route("/quay/{counter}/mo", post(desk::open))
        .route("/quay/{counter}/dong", post(desk::close))
        .route("/quay/{counter}/tiep", post(desk::call_next))
        .route("/quay/{counter}/{act}", post(desk::act))
}

/// Where one begins.
pub(crate) fn places(visitor: &Visitor) -> Vec<Place> {
    let words = visitor.words;
    let mut places = Vec::new();
    if visitor.is(Duty::Officer) {
        places.push(Place { path: "/quay", label: words.web_hall_counters(), key: "q" });
    }
    if visitor.staff().is_none() {
        places.push(Place { path: "/so", label: words.web_hall_take_a_number(), key: "s" });
    }
    places
}

/// The hall of a unit; empty: the visitor's own.
async fn hall(portal: &Portal, visitor: &Visitor, unit: &str) -> Result<Hall, Trouble> {
    let request = GetHallRequest { unit_code: unit.to_owned(), point: String::new() };
    let answer = QueueServiceClient::new(portal.intake(visitor)).get_hall(soon(request)).await?;
    let missing = || Rejection::new(phidia_domain::Kind::NotFound, "UNKNOWN_UNIT", "no such unit");
    Ok(answer.into_inner().hall.ok_or_else(missing)?)
}

/// How long one waits, as people say it.
fn wait(visitor: &Visitor, wait: Option<&ExpectedWait>) -> String {
    let words = visitor.words;
    match wait {
        None => words.web_hall_wait_unknown().to_owned(),
        Some(wait) if wait.at_most <= 1 => words.web_hall_wait_none().to_owned(),
        Some(wait) if wait.at_least == wait.at_most => words.web_hall_wait_about(wait.minutes),
        Some(wait) => words.web_hall_wait_between(wait.at_least, wait.at_most),
    }
}
