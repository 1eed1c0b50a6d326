//! What is late, or will be.

use axum::extract::State;
use maud::html;
use phidia_proto::processing::v1::CaseWorkItem;

use super::{centre, menu, work_item};
use crate::{
    Portal,
    page::{Look, Page},
    part::{self, Column, Tone, tag},
    trouble::Trouble,
    visitor::Supervising,
};

pub(super) const PATH: &str = "/phu-trach/tre";

/// What has no more working minutes than a day left is shown, and whatever somebody was warned of.
const A_DAY: i64 = 480;

pub(super) async fn show(State(portal): State<Portal>, who: Supervising) -> Result<Page, Trouble> {
    let words = who.words;
    let (unit, work) = tokio::try_join!(centre::unit(&portal, &who), centre::work(&portal, &who))?;
    let is_near =
        |item: &&CaseWorkItem| item.warned != 0 || item.minutes_left.is_some_and(|minutes| minutes < A_DAY);
    let near: Vec<_> = work.iter().filter(is_near).collect();
    let name =
        |code: &str| unit.officers.iter().find(|officer| officer.code == code).map(|officer| &officer.name);
    let rows = html! {
        @for item in &near {
            tr data-row tabindex="0" {
                th scope="row" {
                    a href=(work_item::path(item.work_item.as_ref())) { (item.dossier_code) }
                    " " span.soft { (who.text(item.procedure_name.as_ref())) }
                }
                td { (who.text(item.step_name.as_ref())) }
                td {
                    @match item.minutes_left {
                        Some(minutes @ ..0) => (tag(Tone::Late, &words.left(minutes))),
                        Some(minutes) => (tag(Tone::Soon, &words.left(minutes))),
                        None => {}
                    }
                }
                td { (who.instant(item.due_at.as_ref())) }
                td {
                    @match name(&item.officer_code) {
                        Some(name) => (name),
                        None if item.officer_code.is_empty() => (words.web_supervise_nobody_yet()),
                        None => (item.officer_code),
                    }
                }
            }
        }
    };
    let columns = [
        Column::Words(words.term_dossier()),
        Column::Words(words.term_step()),
        Column::Words(words.case_time_left()),
        Column::Words(words.term_due()),
        Column::Words(words.term_officer()),
    ];
    let title = words.web_supervise_late();
    let main = html! {
        (menu(&who))
        h1 { (title) }
        @if near.is_empty() {
            p.done role="status" { (words.web_supervise_nothing_late()) }
        } @else {
            p.lead { (words.web_supervise_late_why(near.len())) }
            (part::table(title, &columns, &rows))
        }
    };
    Ok(Page::new(title, main).with_look(Look::Work))
}
