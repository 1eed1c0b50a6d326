//! One centre, for whoever looks after the province.

use axum::extract::{Path, State};
use maud::{Markup, html};
use phidia_proto::{
    processing::v1::{
        GetReportRequest, ListReportCasesRequest, ReportCase, ReportFigure, ReportSelection,
        report_service_client::ReportServiceClient,
    },
    routing::v1::{
        Availability, GetUnitRequest, GetUnitResponse, registry_service_client::RegistryServiceClient,
    },
};
use phidia_words::Words;

use super::{figures, menu};
use crate::{
    Portal,
    page::{Look, Page},
    part::{self, Column, Tone, encoded, table, tag},
    services::soon,
    trouble::Trouble,
    visitor::{Operating, Visitor},
};

/// How many overdue cases are shown.
const OVERDUE: i32 = 50;

pub(super) async fn show(
    State(portal): State<Portal>,
    who: Operating,
    Path(unit_code): Path<String>,
) -> Result<Page, Trouble> {
    let words = who.words;
    let selection =
        Some(ReportSelection { worked_at_unit_code: unit_code.clone(), ..ReportSelection::default() });
    let mut registry = RegistryServiceClient::new(portal.routing(&who));
    let mut reports = ReportServiceClient::new(portal.processing(&who));
    let mut also = reports.clone();
    // First of all, for the reports refuse a unit that there is not in another way.
    let unit = registry.get_unit(soon(GetUnitRequest { unit_code, revision: None })).await?.into_inner();
    let (report, overdue) = tokio::try_join!(
        reports.get_report(soon(GetReportRequest { selection: selection.clone(), by: 0 })),
        also.list_report_cases(soon(ListReportCasesRequest {
            selection,
            figure: ReportFigure::RunningOverdue.into(),
            page_size: OVERDUE,
            page_token: String::new(),
        })),
    )?;
    let report = report.into_inner();
    let name = who.text(unit.name.as_ref());
    let main = html! {
        (menu(&who))
        h1 { (name) " " span.soft { (unit.code) } }
        (stands(&who, &unit))
        h2 { (words.web_province_figures()) }
        (part::judged_at(&who, &report.from, &report.to, report.as_of.as_ref()))
        (figures::facts(words, &report.total.unwrap_or_default()))
        (late(&who, &overdue.into_inner().cases))
    };
    Ok(Page::new(name, main).with_look(Look::Work))
}

/// Whether it takes work, told apart from what is usual.
pub(super) fn availability(words: Words, availability: Availability) -> Markup {
    match availability {
        Availability::Unspecified => html! {},
        Availability::Open => tag(Tone::Well, words.unit_open()),
        Availability::Closing => tag(Tone::Soon, words.unit_closing()),
        Availability::Closed => tag(Tone::Soon, words.term_closed()),
        Availability::Emergency => tag(Tone::Late, words.unit_emergency()),
    }
}

fn stands(visitor: &Visitor, unit: &GetUnitResponse) -> Markup {
    let words = visitor.words;
    let standing = unit.standing.unwrap_or_default();
    part::facts(&[
        (
            words.term_stands(),
            html! {
                (availability(words, standing.availability()))
                @if standing.quarantined { " · " (words.unit_quarantined()) }
            },
        ),
        (words.term_cluster(), html! { (unit.cluster) }),
        (words.term_officers(), html! { (words.count(unit.officers.len())) }),
        (
            words.unit_workplaces(),
            html! {
                @match unit.workplaces {
                    Some(places) => (words.count(places)),
                    None => (words.unit_as_many_as_there_are_officers()),
                }
            },
        ),
        (
            words.unit_open_items_at_most(),
            html! {
                @if let Some(most) = standing.most_open_items { (words.count(most)) }
            },
        ),
        (
            words.unit_neighbours(),
            html! {
                @for (place, code) in unit.neighbours.iter().enumerate() {
                    @if place > 0 { ", " }
                    a href={ "/tinh/" (encoded(code)) } { (code) }
                }
            },
        ),
    ])
}

fn late(visitor: &Visitor, cases: &[ReportCase]) -> Markup {
    let words = visitor.words;
    let columns = [
        Column::Words(words.term_dossier()),
        Column::Words(words.term_procedure()),
        Column::Words(words.term_received()),
        Column::Words(words.term_due()),
        Column::Words(words.term_received_at()),
        Column::Words(words.term_officer()),
    ];
    let rows = html! {
        @for case in cases {
            tr data-row tabindex="0" {
                th scope="row" { a href={ "/tim?q=" (encoded(&case.dossier_code)) } { (case.dossier_code) } }
                td { (case.procedure_code) }
                td { (visitor.instant(case.submitted_at.as_ref())) }
                td { (visitor.instant(case.due_at.as_ref())) }
                td { (case.received_at_unit_code) }
                td { (case.officer_code) }
            }
        }
    };
    html! {
        @if !cases.is_empty() {
            h2 { (words.web_province_overdue_here()) }
            (table(words.web_province_overdue_here(), &columns, &rows))
        }
    }
}
