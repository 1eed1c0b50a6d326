//! Overtime, and the leave that is owed for it.

use axum::extract::State;
use http::Uri;
use maud::{Markup, html};
use phidia_proto::routing::v1::{
    ListOvertimeRequest, ListOvertimeResponse, OvertimeFigures, OvertimeKind, OvertimeLine,
    OvertimeSelection, WorkingMinutes, registry_service_client::RegistryServiceClient,
};

use super::{centre, menu, standing};
use crate::{
    Portal,
    form::{Faults, Fields},
    page::{Look, Page},
    part::{self, Column, encoded, table},
    services::soon,
    trouble::Trouble,
    visitor::{Supervising, Visitor},
};

pub(super) const PATH: &str = "/phu-trach/lam-them";

pub(super) async fn show(State(portal): State<Portal>, who: Supervising, uri: Uri) -> Result<Page, Trouble> {
    let words = who.words;
    let asked = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    let (period, officer) = (asked.text("ky"), asked.text("ma"));
    let selection = OvertimeSelection {
        period: period.to_owned(),
        unit_code: who.staff().unit.clone(),
        officer_code: officer.to_owned(),
    };
    let request =
        ListOvertimeRequest { page_size: 1_000, page_token: String::new(), selection: Some(selection) };
    let answer = RegistryServiceClient::new(portal.routing(&who)).list_overtime(soon(request)).await;
    let (answer, faults) = match answer {
        Ok(answer) => (answer.into_inner(), Faults::none()),
        Err(status) => (ListOvertimeResponse::default(), part::period_faults(&who, status)?),
    };
    let kept: &[(&str, &str)] = if officer.is_empty() { &[] } else { &[("ma", officer)] };
    let title = words.web_supervise_overtime();
    let main = html! {
        (menu(&who))
        (faults.summary(words))
        h1 { (title) }
        p { (words.web_supervise_overtime_why()) " " a href={ (standing::PATH) "#gio" } { (words.web_supervise_ask_for_overtime()) } }
        (part::period(&who, PATH, period, kept, &faults))
        @if faults.is_empty() {
            (part::judged_at(&who, &answer.from, &answer.to, answer.as_of.as_ref()))
            (register(&who, &answer, period))
            @for line in answer.lines.iter().filter(|_| !officer.is_empty()) { (days(&who, line)) }
        }
    };
    Ok(Page::new(title, main).with_look(Look::Work).with_faults(!faults.is_empty()))
}

/// What is done, and beside it what is planned.
fn minutes(visitor: &Visitor, minutes: Option<WorkingMinutes>) -> Markup {
    let words = visitor.words;
    let WorkingMinutes { done, planned } = minutes.unwrap_or_default();
    let said = |minutes: i64| match minutes {
        ..0 => format!("−{}", words.span(minutes)),
        _ => words.span(minutes),
    };
    html! {
        (said(done))
        @if planned != 0 { " " span.soft { "(" (words.web_supervise_planned(said(planned))) ")" } }
    }
}

fn cells(visitor: &Visitor, figures: OvertimeFigures) -> Markup {
    let OvertimeFigures { working_days, days_off, holidays, leave_taken, owed, .. } = figures;
    html! {
        @for figure in [working_days, days_off, holidays, leave_taken, owed] { td.number { (minutes(visitor, figure)) } }
    }
}

fn register(visitor: &Visitor, answer: &ListOvertimeResponse, period: &str) -> Markup {
    let words = visitor.words;
    let columns = [
        Column::Words(words.term_officer()),
        Column::Numbers(words.officer_overtime_on_working_days()),
        Column::Numbers(words.web_supervise_overtime_days_off()),
        Column::Numbers(words.web_supervise_overtime_holidays()),
        Column::Numbers(words.officer_leave_taken()),
        Column::Numbers(words.officer_leave_owed()),
    ];
    let rows = html! {
        @for line in &answer.lines {
            tr data-row tabindex="0" {
                th scope="row" {
                    a href={ (PATH) "?ma=" (encoded(&line.officer_code)) "&ky=" (encoded(period)) } { (line.name) }
                    " " span.soft { (line.officer_code) }
                }
                (cells(visitor, line.figures.unwrap_or_default()))
            }
        }
        @if answer.lines.len() > 1 {
            tr { th scope="row" { (words.term_all()) } (cells(visitor, answer.total.unwrap_or_default())) }
        }
    };
    html! {
        @if answer.lines.is_empty() {
            p.soft { (words.web_supervise_no_overtime()) }
        } @else {
            (table(words.web_supervise_overtime(), &columns, &rows))
        }
    }
}

fn days(visitor: &Visitor, line: &OvertimeLine) -> Markup {
    let words = visitor.words;
    let kind = |kind: OvertimeKind| match kind {
        OvertimeKind::Unspecified => "",
        OvertimeKind::WorkingDay => words.officer_working_day(),
        OvertimeKind::DayOff => words.officer_day_off(),
        OvertimeKind::Holiday => words.officer_holiday(),
    };
    let columns = [
        Column::Words(words.term_day()),
        Column::Words(words.officer_kind()),
        Column::Words(words.officer_overtime_hours()),
        Column::Numbers(words.officer_overtime()),
        Column::Numbers(words.officer_leave()),
    ];
    let rows = html! {
        @for day in &line.days {
            tr {
                th scope="row" { (words.day_of(&day.day)) }
                td { (kind(day.kind())) }
                td { (centre::written(&day.hours)) }
                td.number { (minutes(visitor, day.overtime)) }
                td.number { (minutes(visitor, day.leave_taken)) }
            }
        }
    };
    html! { h2 { (line.name) } (table(&line.name, &columns, &rows)) }
}
