//! The board of a hall: what is called, read from six metres.

use axum::{
    extract::{Path, State},
    response::Response,
};
use maud::{Markup, html};
use phidia_proto::intake::v1::{BoardCall, Hall};

use super::hall;
use crate::{
    Portal,
    live::{self, Part},
    page::{Look, Page},
    part::encoded,
    trouble::Trouble,
    visitor::Visitor,
};

/// Browsers without script look again after so long.
const LOOK_AGAIN: u32 = 5;

pub(super) async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(unit): Path<String>,
) -> Result<Page, Trouble> {
    let words = visitor.words;
    let hall = hall(&portal, &visitor, &unit).await?;
    let main = html! {
        div.board data-live={ "/song/bang/" (encoded(&unit)) } {
            h1.hidden { (words.web_hall_board()) }
            div data-part="board" { (counters(&visitor, &hall)) }
            div data-part="call" data-speak aria-live="assertive" {}
            p.no-print hidden { button #speak type="button" aria-pressed="false" { (words.web_hall_speak()) } }
        }
    };
    Ok(Page::new(words.web_hall_board(), main).with_look(Look::Bare).with_refresh(LOOK_AGAIN))
}

/// Tells a browser what is called, as it is called.
pub(super) async fn watch(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(unit): Path<String>,
) -> Result<Response, Trouble> {
    // Only halls that there are.
    hall(&portal, &visitor, &unit).await?;
    let looked = portal.0.live.calls.look(unit.clone());
    let drawing = portal.clone();
    Ok(live::stream(&portal, looked, move |last| {
        let (portal, visitor, unit) = (drawing.clone(), visitor.clone(), unit.clone());
        async move {
            let hall = hall(&portal, &visitor, &unit).await?;
            Ok(vec![
                Part::new("board", counters(&visitor, &hall)),
                Part::new("call", called(&visitor, last.as_ref())),
            ])
        }
    }))
}

/// What the loudspeaker says; each call once.
fn called(visitor: &Visitor, call: Option<&BoardCall>) -> Markup {
    html! {
        @if let Some(call) = call {
            @let at = call.called_at.map(|at| at.seconds).unwrap_or_default();
            p.call data-call=(format!("{}-{at}-{}", call.number, call.again)) { (visitor.text(call.spoken.as_ref())) }
        }
    }
}

/// What is at each counter now.
fn counters(visitor: &Visitor, hall: &Hall) -> Markup {
    let words = visitor.words;
    let busy = hall.counters.iter().filter(|standing| standing.open_since.is_some());
    html! {
        table {
            thead { tr { th scope="col" { (words.web_hall_number_heading()) } th scope="col" { (words.web_hall_counter_heading()) } } }
            tbody aria-live="polite" {
                @for standing in busy {
                    @let counter = standing.counter.clone().unwrap_or_default();
                    tr {
                        td.number { @if standing.number.is_empty() { "–" } @else { (standing.number) } }
                        td { (counter.number) }
                    }
                }
            }
        }
        @if hall.counters.iter().all(|standing| standing.open_since.is_none()) {
            p { (words.web_hall_all_closed()) }
        }
        p.soft {
            @for standing in &hall.queues {
                @let queue = standing.queue.clone().unwrap_or_default();
                span.waits { (queue.kind) " " (visitor.text(queue.name.as_ref())) ": " (words.web_hall_waiting(standing.waiting)) }
            }
        }
    }
}
