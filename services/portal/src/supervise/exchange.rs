//! What the centre works on for others, and others for it.

use axum::extract::State;
use http::Uri;
use maud::{Markup, html};
use phidia_proto::{
    processing::v1::{
        ExchangeCell, ExchangeTotal, GetExchangeRequest, GetExchangeResponse, ReportSelection,
        report_service_client::ReportServiceClient,
    },
    routing::v1::Unit,
};

use super::menu;
use crate::{
    Portal,
    form::{Faults, Fields},
    page::{Look, Page},
    part::{self, Column, Tone, table},
    picture::bar,
    services::soon,
    trouble::Trouble,
    visitor::{Supervising, Visitor},
};

pub(super) const PATH: &str = "/phu-trach/trao-doi";

pub(super) async fn show(State(portal): State<Portal>, who: Supervising, uri: Uri) -> Result<Page, Trouble> {
    let words = who.words;
    let asked = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    let selection = ReportSelection { period: asked.text("ky").to_owned(), ..ReportSelection::default() };
    let request = GetExchangeRequest { selection: Some(selection) };
    let answer = ReportServiceClient::new(portal.processing(&who)).get_exchange(soon(request)).await;
    let (answer, faults) = match answer {
        Ok(answer) => (answer.into_inner(), Faults::none()),
        Err(status) => (GetExchangeResponse::default(), part::period_faults(&who, status)?),
    };
    // The answer names the units that the visitor may see the figures of.
    let units = portal.units().await?;
    let own = &who.staff().unit;
    let title = words.web_supervise_exchange();
    let main = html! {
        (menu(&who))
        (faults.summary(words))
        h1 { (title) }
        (part::period(&who, PATH, asked.text("ky"), &[], &faults))
        @if faults.is_empty() {
            (part::judged_at(&who, &answer.from, &answer.to, answer.as_of.as_ref()))
            @if let Some(total) = answer.totals.iter().find(|total| total.unit_code == *own) { (in_short(&who, total)) }
            (ways(&who, &answer, units.all(), own))
        }
    };
    Ok(Page::new(title, main).with_look(Look::Work).with_faults(!faults.is_empty()))
}

fn in_short(visitor: &Visitor, total: &ExchangeTotal) -> Markup {
    let words = visitor.words;
    let count = |count: u64| html! { (words.count(count)) };
    part::facts(&[
        (words.term_received(), count(total.received)),
        (words.web_supervise_kept(), count(total.kept)),
        (words.web_supervise_lent_out(), count(total.out)),
        (words.web_supervise_unassigned(), count(total.unassigned)),
        (words.web_supervise_taken_in(), count(total.r#in)),
    ])
}

/// With whom, both ways.
fn ways(visitor: &Visitor, answer: &GetExchangeResponse, units: &[Unit], own: &str) -> Markup {
    let words = visitor.words;
    let name = |code: &str| {
        let unit = units.iter().find(|unit| unit.code == code);
        let name = unit.map(|unit| visitor.text(unit.name.as_ref())).unwrap_or_default();
        if name.is_empty() { code.to_owned() } else { name.to_owned() }
    };
    let away = |cell: &&ExchangeCell| {
        cell.worked_at_unit_code != cell.received_at_unit_code && cell.worked_at_unit_code != "-"
    };
    let mut cells: Vec<_> = answer.cells.iter().filter(away).collect();
    cells.retain(|cell| cell.worked_at_unit_code == own || cell.received_at_unit_code == own);
    cells.sort_by_key(|cell| std::cmp::Reverse(cell.cases));
    let most = cells.first().map_or(0, |cell| cell.cases);
    let columns = [
        Column::Words(words.term_received_at()),
        Column::Words(words.report_worked_on_at()),
        Column::Numbers(words.report_cases()),
        Column::Numbers(words.report_finished()),
        Column::Numbers(words.report_running()),
    ];
    let rows = html! {
        @for cell in &cells {
            tr {
                td { (name(&cell.received_at_unit_code)) }
                td { (name(&cell.worked_at_unit_code)) }
                td.number {
                    (words.count(cell.cases)) " "
                    (bar(i64::try_from(cell.cases).unwrap_or(i64::MAX), i64::try_from(most).unwrap_or(i64::MAX), Tone::Calm))
                }
                td.number { (words.count(cell.finished)) }
                td.number { (words.count(cell.running)) }
            }
        }
    };
    html! {
        h2 { (words.web_supervise_with_whom()) }
        @if cells.is_empty() {
            p.soft { (words.web_supervise_no_exchange()) }
        } @else {
            (table(words.web_supervise_with_whom(), &columns, &rows))
        }
    }
}
