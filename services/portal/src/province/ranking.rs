//! The index of Decision 766/QĐ-TTg, as far as it can be measured, and the ranking of centres by it.

use axum::extract::State;
use http::Uri;
use maud::{Markup, html};
use phidia_proto::processing::v1::{
    GetServiceIndexRequest, GetServiceIndexResponse, ProgressMeasure, RankedUnit, ReportDimension,
    ReportSelection, ShareMeasure, UnmeasuredCriterion, report_service_client::ReportServiceClient,
};
use phidia_words::Words;

use super::{figures::share, menu};
use crate::{
    Portal,
    form::{Faults, Fields},
    page::{Look, Page},
    part::{self, Column, encoded, table},
    services::soon,
    trouble::Trouble,
    visitor::{Operating, Visitor},
};

pub(super) const PATH: &str = "/tinh/xep-hang";

pub(super) async fn show(State(portal): State<Portal>, who: Operating, uri: Uri) -> Result<Page, Trouble> {
    let words = who.words;
    let asked = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    let period = asked.text("ky");
    let selection = ReportSelection { period: period.to_owned(), ..ReportSelection::default() };
    let request =
        GetServiceIndexRequest { selection: Some(selection), by: ReportDimension::WorkedAtUnit.into() };
    let answer = ReportServiceClient::new(portal.processing(&who)).get_service_index(soon(request)).await;
    let (answer, faults) = match answer {
        Ok(answer) => (answer.into_inner(), Faults::none()),
        Err(status) => (GetServiceIndexResponse::default(), part::period_faults(&who, status)?),
    };
    let title = words.web_province_ranking();
    let main = html! {
        (menu(&who))
        (faults.summary(words))
        h1 { (title) }
        p.lead { (words.web_province_index_why()) }
        (part::period(&who, PATH, period, &[], &faults))
        @if faults.is_empty() {
            (part::judged_at(&who, &answer.from, &answer.to, answer.as_of.as_ref()))
            (criteria(words, &answer))
            (ranked(&who, &answer.ranking))
            (unmeasured(&who, &answer.unmeasured))
        }
    };
    Ok(Page::new(title, main).with_look(Look::Work).with_faults(!faults.is_empty()))
}

#[expect(clippy::cast_possible_truncation, reason = "a mean of minutes")]
fn means(words: Words, measure: &ProgressMeasure) -> String {
    let said =
        |mean: Option<f64>| mean.map_or_else(|| "–".to_owned(), |mean| words.span(mean.round() as i64));
    format!("{} / {}", said(measure.mean_minutes), said(measure.mean_allowed_minutes))
}

fn of(words: Words, measure: Option<ShareMeasure>) -> Markup {
    let Some(ShareMeasure { of, count, fulfilled }) = measure else { return html! {} };
    html! {
        (share(words, count, of)) " (" (words.count(count)) "/" (words.count(of)) ")"
        @if let Some(fulfilled) = fulfilled { (words.report_of_the_way_to_full_marks(words.share(fulfilled))) }
    }
}

/// Of the whole province, criterion by criterion.
fn criteria(words: Words, answer: &GetServiceIndexResponse) -> Markup {
    let shares = answer.shares.unwrap_or_default();
    let online = answer.online.unwrap_or_default();
    part::facts(&[
        (
            words.report_21_points(),
            html! {
                @match &answer.total {
                    Some(total) => {
                        (words.decimals(total.points, 2)) "/20 – " (share(words, total.on_time, total.judged))
                        " (" (words.count(total.on_time)) "/" (words.count(total.judged)) ")"
                    }
                    None => (words.report_there_is_no_case_to_judge_by()),
                }
            },
        ),
        (
            words.report_22_mean_statutory(),
            html! { @if let Some(total) = &answer.total { (means(words, total)) } },
        ),
        (words.report_31_online_services(), of(words, answer.services_online)),
        (words.report_32_services_that_came_in_online(), of(words, answer.services_used_online)),
        (words.report_33_online(), html! { (share(words, online.online, online.stated)) }),
        (words.report_36_paid_online(), of(words, shares.paid_online)),
        (words.report_41_electronic_results(), of(words, shares.electronic_results)),
        (words.report_42_digitised(), of(words, shares.digitised)),
        (
            words.report_54_satisfaction(),
            html! {
                @if let Some(satisfied) = shares.satisfaction.and_then(|measure| measure.share) { (words.share(satisfied)) }
            },
        ),
    ])
}

fn ranked(visitor: &Visitor, ranking: &[RankedUnit]) -> Markup {
    let words = visitor.words;
    let columns = [
        Column::Numbers(words.report_place()),
        Column::Words(words.report_centre()),
        Column::Numbers(words.report_21_points()),
        Column::Numbers(words.report_on_time_2()),
        Column::Numbers(words.report_cases()),
        Column::Numbers(words.report_22_mean_statutory()),
        Column::Numbers(words.report_33_online()),
        Column::Numbers(words.report_54_satisfaction()),
    ];
    let rows = html! {
        @for unit in ranking {
            @let measure = unit.measure.unwrap_or_default();
            @let online = unit.online.unwrap_or_default();
            @let satisfied = unit.shares.and_then(|shares| shares.satisfaction?.share);
            tr data-row tabindex="0" {
                td.number { (unit.place) }
                th scope="row" { a href={ "/tinh/" (encoded(&unit.unit_code)) } { (visitor.text(unit.unit_name.as_ref())) } }
                td.number { (words.decimals(measure.points, 2)) }
                td.number { (share(words, measure.on_time, measure.judged)) }
                td.number { (words.count(measure.judged)) }
                td.number { (means(words, &measure)) }
                td.number { (share(words, online.online, online.stated)) }
                td.number { (satisfied.map_or_else(|| "–".to_owned(), |share| words.share(share))) }
            }
        }
    };
    html! {
        @if ranking.is_empty() {
            p.soft { (words.report_there_is_no_case_to_judge_by()) }
        } @else {
            h2 { (words.web_province_ranked()) }
            (table(words.web_province_ranked(), &columns, &rows))
        }
    }
}

fn unmeasured(visitor: &Visitor, criteria: &[UnmeasuredCriterion]) -> Markup {
    let words = visitor.words;
    let columns = [
        Column::Words(words.term_no()),
        Column::Words(words.report_not_measured()),
        Column::Numbers(words.report_points()),
        Column::Words(words.report_what_is_missing()),
    ];
    let rows = html! {
        @for one in criteria {
            tr {
                td { (one.number) }
                th scope="row" { (visitor.text(one.name.as_ref())) }
                td.number { (one.points) }
                td { (visitor.text(one.missing.as_ref())) }
            }
        }
    };
    html! { h2 { (words.report_not_measured()) } (table(words.report_not_measured(), &columns, &rows)) }
}
