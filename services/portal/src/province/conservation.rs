//! Whether anything is lost or doubled.

use axum::extract::State;
use maud::{Markup, html};
use phidia_domain::conservation::Place;
use phidia_words::Words;

use super::menu;
use crate::{
    Board, Conservation, Portal,
    page::{Look, Page},
    part::{self, Column, Tone, encoded, table, tag},
    trouble::Trouble,
    visitor::Operating,
};

pub(super) const PATH: &str = "/tinh/can-doi";

/// How many ids and units are named.
const NAMED: usize = 100;

pub(super) async fn show(State(portal): State<Portal>, who: Operating) -> Result<Page, Trouble> {
    let words = who.words;
    let Conservation { balance, board, parked } = portal.0.audits.conservation().await?;
    let places: Vec<_> = balance
        .places
        .iter()
        .map(|(place, count)| (place_name(words, *place), html! { (words.count(*count)) }))
        .collect();
    let title = words.web_province_conservation();
    let ids = |ids: &[phidia_domain::id::ApplicationId]| {
        html! {
            @if ids.is_empty() {
                (tag(Tone::Well, &words.count(0)))
            } @else {
                (tag(Tone::Late, &words.count(ids.len())))
                ul {
                    @for id in ids.iter().take(NAMED) {
                        @let id = id.to_string();
                        li { a href={ "/ho-so/" (encoded(&id)) } { (id) } }
                    }
                }
            }
        }
    };
    let main = html! {
        (menu(&who))
        h1 { (title) }
        p.lead { (words.web_province_conservation_why()) }
        @if balance.holds() && !matches!(board, Board::Drifting(_)) {
            p.done role="status" { (words.web_province_nothing_is_lost()) }
        } @else {
            p.note role="status" { strong { (words.web_province_something_is_lost()) } }
        }
        (part::facts(&[
            (words.conservation_accepted(), html! { (words.count(balance.accepted)) }),
            (words.conservation_lost(), ids(&balance.lost)),
            (words.conservation_doubled(), ids(&balance.doubled)),
            (words.conservation_parked_events(), html! { (words.count(parked)) }),
            (words.conservation_board(), stands(words, &board)),
        ]))
        h2 { (words.web_province_where_they_are()) }
        (part::facts(&places))
        p { a.button.second href=(PATH) { (words.web_province_look_again()) } }
    };
    Ok(Page::new(title, main).with_look(Look::Work))
}

fn place_name(words: Words, place: Place) -> &'static str {
    match place {
        Place::Accepted => words.term_accepted(),
        Place::Waiting => words.conservation_waiting(),
        Place::Assigned => words.term_assigned(),
        Place::InCase => words.conservation_in_case(),
        Place::Finished => words.conservation_finished(),
        Place::Refused => words.term_refused(),
        Place::Stopped => words.conservation_stopped(),
        Place::Parked => words.conservation_parked(),
    }
}

fn stands(words: Words, board: &Board) -> Markup {
    match board {
        Board::Even => tag(Tone::Well, words.conservation_adds_up()),
        Board::Unknown(reason) => html! {
            (tag(Tone::Calm, words.conservation_not_compared())) " (" (words.why(reason)) ")"
        },
        Board::Drifting(drifts) => {
            let columns = [
                Column::Words(words.term_unit()),
                Column::Numbers(words.conservation_open()),
                Column::Numbers(words.conservation_on_the_board()),
                Column::Numbers(words.conservation_differs_from_the_open_work_by()),
            ];
            let rows = html! {
                @for drift in drifts.iter().take(NAMED) {
                    tr {
                        th scope="row" { (drift.unit_id) }
                        td.number { (words.count(drift.stored_items)) }
                        td.number { (words.count(drift.board_items)) }
                        td.number { (words.span(drift.minutes)) }
                    }
                }
            };
            html! {
                (tag(Tone::Late, words.conservation_differs_from_the_open_work_by()))
                (table(words.conservation_board(), &columns, &rows))
            }
        }
    }
}
