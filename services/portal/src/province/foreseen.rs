//! What a policy would do to the cases that are open now.

use maud::{Markup, html};
use phidia_proto::{events::v1::AssignmentGround, routing::v1::LiveResult};

use crate::{
    part::{self, Column, encoded, table},
    visitor::Visitor,
};

/// How many moves are shown.
const SHOWN: usize = 40;

pub(super) fn drawn(visitor: &Visitor, result: &LiveResult) -> Markup {
    let words = visitor.words;
    let count = |count: u32| html! { (words.count(count)) };
    let why = |ground: AssignmentGround| match ground {
        AssignmentGround::Need => words.simulate_need(),
        AssignmentGround::Gain => words.simulate_gain(),
        _ => words.simulate_home(),
    };
    let columns = [
        Column::Words(words.term_application()),
        Column::Words(words.simulate_from()),
        Column::Words(words.simulate_to()),
        Column::Words(words.simulate_why()),
        Column::Words(words.simulate_due()),
        Column::Words(words.simulate_finish_before()),
        Column::Words(words.simulate_finish_after()),
    ];
    let rows = html! {
        @for moved in result.moves.iter().take(SHOWN) {
            @let item = moved.work_item.clone().unwrap_or_default();
            tr data-row tabindex="0" {
                th scope="row" {
                    a href={ "/ho-so/" (encoded(&item.application_id)) } { (item.application_id) } " / " (item.step)
                }
                td { (visitor.text(moved.from_unit_name.as_ref())) }
                td { (visitor.text(moved.to_unit_name.as_ref())) }
                td { (why(moved.ground())) }
                td { (visitor.instant(moved.due_at.as_ref())) }
                td { (visitor.instant(moved.finish_before.as_ref())) }
                td { (visitor.instant(moved.finish_after.as_ref())) }
            }
        }
    };
    html! {
        section aria-labelledby="thu" {
            h2 #thu tabindex="-1" autofocus { (words.web_province_foreseen(&result.policy)) }
            p.soft { (words.simulate_all_that_nobody_has_begun_is_decided()) }
            (part::facts(&[
                (words.simulate_open_work_items(), count(result.open_items)),
                (words.simulate_begun_by_an_officer(), count(result.begun_items)),
                (words.simulate_would_stay(), count(result.staying_items)),
                (words.simulate_would_move(), count(result.moving_items)),
                (words.simulate_predicted_late_before_after(), html! {
                    (words.count(result.late_before)) " → " (words.count(result.late_after))
                }),
            ]))
            @if !result.moves.is_empty() { (table(words.simulate_would_move(), &columns, &rows)) }
            @if result.moves.len() > SHOWN { p.soft { (words.simulate_there_are_more()) } }
        }
    }
}
