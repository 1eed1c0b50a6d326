//! The board of a hall: what is called, read from six metres.

use axum::extract::{Path, State};
use maud::{Markup, html};
use phidia_proto::intake::v1::Hall;

use super::hall;
use crate::{
    Portal,
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
        }
    };
    Ok(Page::new(words.web_hall_board(), main).with_look(Look::Bare).with_refresh(LOOK_AGAIN))
}

/// What is at each counter now.
pub(crate) fn counters(visitor: &Visitor, hall: &Hall) -> Markup {
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
