//! Pages for everybody.

mod acts;
mod held;
mod home;
mod keys;
mod procedure;
mod procedures;
mod questions;
mod receipt;
mod reception;
mod track;
mod voice;

use axum::{
    Router,
    routing::{get, post},
};

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
        .route("/gop-y", get(voice::ask).post(voice::send))
        .route("/gop-y/theo-doi", get(voice::ask_number).post(voice::send_number))
        .route("/gop-y/{number}", get(voice::show))
        .route("/gop-y/{number}/{act}", post(voice::act))
        .route("/hoi-dap", get(questions::show))
        .route("/hoi-dap/{number}/huu-ich", post(questions::useful))
        .route("/tiep-dan", get(reception::choose))
        .route("/tiep-dan/don-vi/{unit}", get(reception::days).post(reception::book))
        .route("/tiep-dan/hen/{number}", get(reception::show))
        .route("/tiep-dan/hen/{number}/huy", post(reception::cancel))
        .route("/tra-cuu/{dossier}/{act}", get(acts::show).post(acts::send))
}

/// Where one begins.
pub(crate) fn places(visitor: &Visitor) -> Vec<Place> {
    let words = visitor.words;
    let procedures = Place { path: "/thu-tuc", label: words.web_procedures(), key: "t" };
    // Whoever works here has the rest before them otherwise.
    if visitor.staff().is_some() {
        return vec![procedures];
    }
    vec![
        procedures,
        Place { path: "/tra-cuu", label: words.web_citizen_track(), key: "c" },
        Place { path: "/gop-y", label: words.web_citizen_voice(), key: "y" },
        Place { path: "/hoi-dap", label: words.web_citizen_questions(), key: "h" },
        Place { path: "/tiep-dan", label: words.web_citizen_reception(), key: "d" },
    ]
}
