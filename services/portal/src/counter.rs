//! Pages of a counter: numbers, taking an application in, what is brought and what is handed over.
//!
//! - [`begin`]: which procedure; [`draft`]: what all pages of a draft do; [`applicant`], [`answers`], [`papers`]: what is said on them;
//!   [`review`]: what is wrong, what would come of it, and handing it in; [`receipt`]: what is printed
//! - [`drafts`]: those that were begun; [`brought`]: supplements, payments and withdrawals that are brought later

mod answers;
mod applicant;
mod begin;
mod brought;
mod draft;
mod drafts;
mod papers;
mod receipt;
mod review;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

use crate::{
    Portal,
    form::upload,
    shell::Place,
    visitor::{Duty, Visitor},
};

pub(crate) fn routes() -> Router<Portal> {
    let with_files = Router::new()
        .route("/tiep-nhan/{draft}/giay-to", get(draft::show::<papers::Papers>).post(papers::send))
        .route("/quay/bo-sung", get(brought::supplement::show).post(brought::supplement::send))
        .layer(DefaultBodyLimit::max(upload::MOST_BYTES));
    Router::new()
        .route("/tiep-nhan", get(begin::show).post(begin::send))
        .route("/tiep-nhan/{draft}", get(draft::first))
        .route(
            "/tiep-nhan/{draft}/nguoi-nop",
            get(draft::show::<applicant::Who>).post(draft::send::<applicant::Who>),
        )
        .route(
            "/tiep-nhan/{draft}/to-khai",
            get(draft::show::<answers::Answers>).post(draft::send::<answers::Answers>),
        )
        .route("/tiep-nhan/{draft}/kiem-tra", get(review::show).post(review::send))
        .route("/bien-nhan/{application}", get(receipt::show))
        .route("/bien-nhan/{application}/mau-01.pdf", get(receipt::form))
        .route("/nhap", get(drafts::show))
        .route("/nhap/{draft}", post(drafts::send))
        .route("/quay/thu-tien", get(brought::payment::show).post(brought::payment::send))
        .route("/quay/rut", get(brought::withdrawal::show).post(brought::withdrawal::send))
        .merge(with_files)
        .merge(upload::routes())
}

/// Where one begins.
pub(crate) fn places(visitor: &Visitor) -> Vec<Place> {
    let words = visitor.words;
    let is_at_centre = visitor.is(Duty::Officer) || visitor.is(Duty::Supervisor);
    let places = [
        Place { path: "/tiep-nhan", label: words.web_counter_take_in(), key: "n" },
        Place { path: "/nhap", label: words.web_counter_drafts(), key: "d" },
    ];
    places.into_iter().filter(|_| is_at_centre).collect()
}
