//! Indicators of a period.

use axum::extract::State;
use http::Uri;
use maud::{Markup, html};
use phidia_proto::processing::v1::{
    Figures, GetReportRequest, GetReportResponse, ReportDimension, ReportGroup, ReportSelection,
    report_service_client::ReportServiceClient,
};
use phidia_words::Words;

use super::menu;
use crate::{
    Portal,
    form::{Faults, Fields},
    page::{Look, Page},
    part::{self, Column, encoded, table},
    services::soon,
    trouble::Trouble,
    visitor::{Operating, Visitor},
};

pub(super) const PATH: &str = "/tinh/chi-tieu";

/// By what figures are divided, by the word that addresses have for it.
const DIMENSIONS: [(ReportDimension, &str); 4] = [
    (ReportDimension::WorkedAtUnit, "noi-giai-quyet"),
    (ReportDimension::ReceivedAtUnit, "noi-tiep-nhan"),
    (ReportDimension::Field, "linh-vuc"),
    (ReportDimension::Procedure, "thu-tuc"),
];

fn dimension_name(words: Words, dimension: ReportDimension) -> &'static str {
    match dimension {
        ReportDimension::Unspecified => words.term_all(),
        ReportDimension::ReceivedAtUnit => words.term_received_at(),
        ReportDimension::WorkedAtUnit => words.report_worked_on_at(),
        ReportDimension::Field => words.term_field(),
        ReportDimension::Procedure => words.term_procedure(),
        ReportDimension::Officer => words.term_officer(),
    }
}

pub(super) async fn show(State(portal): State<Portal>, who: Operating, uri: Uri) -> Result<Page, Trouble> {
    let words = who.words;
    let asked = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    let period = asked.text("ky");
    let by = DIMENSIONS.into_iter().find(|(_, key)| *key == asked.text("theo")).unwrap_or(DIMENSIONS[0]);
    let selection = ReportSelection { period: period.to_owned(), ..ReportSelection::default() };
    let request = GetReportRequest { selection: Some(selection), by: by.0.into() };
    let answer = ReportServiceClient::new(portal.processing(&who)).get_report(soon(request)).await;
    let (answer, faults) = match answer {
        Ok(answer) => (answer.into_inner(), Faults::none()),
        Err(status) => (GetReportResponse::default(), part::period_faults(&who, status)?),
    };
    let total = answer.total.unwrap_or_default();
    let title = words.web_province_figures();
    let main = html! {
        (menu(&who))
        (faults.summary(words))
        h1 { (title) }
        (part::period(&who, PATH, period, &[("theo", by.1)], &faults))
        @if faults.is_empty() {
            (part::judged_at(&who, &answer.from, &answer.to, answer.as_of.as_ref()))
            p.lead { (in_short(words, &total)) }
            (facts(words, &total))
            nav.menu aria-label=(words.web_province_divided_by()) {
                ul {
                    @for (dimension, key) in DIMENSIONS {
                        li {
                            a href={ (PATH) "?theo=" (key) "&ky=" (encoded(period)) }
                                aria-current=[(dimension == by.0).then_some("true")] { (dimension_name(words, dimension)) }
                        }
                    }
                }
            }
            (groups(&who, &answer.groups, by.0))
        }
    };
    Ok(Page::new(title, main).with_look(Look::Work).with_faults(!faults.is_empty()))
}

/// A share; a dash of nothing.
#[expect(clippy::cast_precision_loss, reason = "a tenth of a percent is shown")]
pub(super) fn share(words: Words, part: u64, whole: u64) -> String {
    if whole == 0 { "–".to_owned() } else { words.share(part as f64 / whole as f64) }
}

/// What ended late, or is overdue, of all of which something was promised; none: of nothing.
#[expect(clippy::cast_precision_loss, reason = "a tenth of a percent is shown")]
pub(super) fn late_share(figures: &Figures) -> Option<f64> {
    let late = figures.finished_late + figures.running_overdue;
    let whole =
        figures.finished - figures.finished_undated + figures.running_in_term + figures.running_overdue;
    (whole > 0).then(|| late as f64 / whole as f64)
}

/// As a province reports its quarter.
fn in_short(words: Words, figures: &Figures) -> String {
    let in_time = figures.finished_early + figures.finished_on_time;
    let share = share(words, in_time, figures.finished - figures.finished_undated);
    let [finished, in_time, received] =
        [figures.finished, in_time, figures.received].map(|count| words.count(count));
    words.report_received_settled_on_time_or_early(finished, in_time, received, share)
}

fn span(words: Words, minutes: Option<i64>) -> String {
    minutes.map_or_else(|| "–".to_owned(), |minutes| words.span(minutes))
}

#[expect(clippy::cast_possible_truncation, reason = "a mean of minutes")]
fn mean(words: Words, figures: &Figures) -> String {
    span(words, figures.mean_minutes.map(|mean| mean.round() as i64))
}

/// All of them, one below the other.
pub(super) fn facts(words: Words, figures: &Figures) -> Markup {
    let f = figures;
    let count = |count: u64| html! { (words.count(count)) };
    let of = |part: u64, whole: u64| html! { (words.count(part)) " (" (share(words, part, whole)) ")" };
    let spans =
        [f.median_minutes, f.p90_minutes, f.p95_minutes].map(|minutes| span(words, minutes)).join(" / ");
    html! {
        div.columns {
            (part::facts(&[
                (words.report_received(), count(f.received)),
                (words.report_online(), of(f.received_online, f.received - f.received_unstated)),
                (words.report_at_a_counter(), count(f.received_direct)),
                (words.report_by_post(), count(f.received_by_post)),
                (words.report_digitised(), of(f.received_digitised, f.received_digitised + f.received_undigitised)),
                (words.term_carried_over(), count(f.carried_over)),
                (words.report_finished(), count(f.finished)),
                (words.report_early(), count(f.finished_early)),
                (words.report_on_time(), count(f.finished_on_time)),
                (words.report_late(), count(f.finished_late)),
                (words.report_granted(), count(f.granted)),
                (words.report_refused(), count(f.refused)),
                (words.report_withdrawn(), count(f.withdrawn)),
                (words.report_not_supplemented_in_time(), count(f.lapsed)),
            ]))
            (part::facts(&[
                (words.report_running(), count(f.running)),
                (words.report_in_term(), count(f.running_in_term)),
                (words.report_overdue(), count(f.running_overdue)),
                (words.report_waiting_for_the_citizen(), count(f.waiting)),
                (words.report_mean_time(), html! { (mean(words, f)) }),
                (words.report_50_90_95_within(), html! { (spans) }),
                (words.report_supplements(), count(f.supplements)),
                (words.report_issued_as_a_file(), of(f.issued_electronically, f.granted + f.refused)),
                (words.report_paid_online(), of(f.paid_online, f.paid_online + f.paid_otherwise)),
                (words.report_rated(), count(f.rated)),
                (words.report_satisfied(), of(f.satisfied, f.rated)),
                (words.report_dissatisfied(), count(f.dissatisfied)),
            ]))
        }
    }
}

fn groups(visitor: &Visitor, groups: &[ReportGroup], by: ReportDimension) -> Markup {
    let words = visitor.words;
    let columns = [
        Column::Words(dimension_name(words, by)),
        Column::Numbers(words.report_received()),
        Column::Numbers(words.term_carried_over()),
        Column::Numbers(words.report_finished()),
        Column::Numbers(words.report_on_time_2()),
        Column::Numbers(words.report_running()),
        Column::Numbers(words.report_overdue()),
        Column::Numbers(words.report_mean_time()),
        Column::Numbers(words.report_satisfied_2()),
    ];
    let is_of_units = matches!(by, ReportDimension::WorkedAtUnit | ReportDimension::ReceivedAtUnit);
    let rows = html! {
        @for group in groups {
            @let f = group.figures.unwrap_or_default();
            @let name = visitor.text(group.name.as_ref());
            tr data-row tabindex="0" {
                th scope="row" {
                    @if group.code == "-" {
                        (words.report_unassigned())
                    } @else if is_of_units {
                        a href={ "/tinh/" (encoded(&group.code)) } { @if name.is_empty() { (group.code) } @else { (name) } }
                    } @else {
                        @if name.is_empty() { (group.code) } @else { (name) }
                    }
                }
                td.number { (words.count(f.received)) }
                td.number { (words.count(f.carried_over)) }
                td.number { (words.count(f.finished)) }
                td.number { (share(words, f.finished_early + f.finished_on_time, f.finished - f.finished_undated)) }
                td.number { (words.count(f.running)) }
                td.number { (words.count(f.running_overdue)) }
                td.number { (mean(words, &f)) }
                td.number { (share(words, f.satisfied, f.rated)) }
            }
        }
    };
    table(dimension_name(words, by), &columns, &rows)
}
