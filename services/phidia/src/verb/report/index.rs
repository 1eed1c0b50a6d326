//! `phidia report index`: what of the index of Decision 766/QĐ-TTg can be measured, and what is missing for the rest. Cases are counted by
//! processing, what people say by intake: here they meet, for neither asks the other.
use phidia_proto::{
    intake::v1::GetFeedbackReportRequest,
    processing::v1::{
        GetServiceIndexRequest, GetServiceIndexResponse, OnlineMeasure, ProgressMeasure, RankedUnit,
        ReportDimension, SatisfactionMeasure, ServiceShares, ShareMeasure, UnmeasuredCriterion,
    },
};
use phidia_words::Words;

use super::{reports, selection, table};
use crate::{
    client::Client,
    command::{ReportIndex, ReportOf, SideName},
    show,
    verb::{feedback, staff},
};

pub(super) async fn show(client: &Client<'_>, options: ReportIndex) -> anyhow::Result<()> {
    let ReportIndex { of, by } = options;
    let by = match by {
        SideName::Received => ReportDimension::ReceivedAtUnit,
        SideName::Worked => ReportDimension::WorkedAtUnit,
    };
    let heard = heard(&of);
    let request = GetServiceIndexRequest { selection: Some(selection(of)), by: by.into() };
    let answer = reports(client).await?.get_service_index(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.GetServiceIndexResponse", &answer);
    }
    let speech = client.speech();
    show::line(&table::heading(
        speech,
        &client.zone().await,
        &answer.from,
        &answer.to,
        answer.as_of.as_ref(),
    ));
    show::line(&match &answer.total {
        Some(total) => in_short(speech, total),
        None => speech.report_there_is_no_case_to_judge_by().to_owned(),
    });
    for (name, of, share) in services(speech, &answer) {
        if let Some(share) = share {
            show::line(&in_words(speech, name, of, &share));
        }
    }
    if let Some(online) = &answer.online {
        show::line(&came_in(speech, online));
    }
    for (name, of, share) in shares(speech, answer.shares.unwrap_or_default()) {
        show::line(&in_words(speech, name, of, &share));
    }
    if let Some(satisfaction) = answer.shares.and_then(|shares| shares.satisfaction) {
        show::line(&how_content(speech, &satisfaction));
    }
    if let Some(request) = heard {
        show::line(&answered(client, request).await);
    }
    let row = |unit: &RankedUnit| {
        let measure = unit.measure.unwrap_or_default();
        let online = unit.online.unwrap_or_default();
        vec![
            format!("{}/{}", unit.place, answer.ranked),
            format!("{} {}", unit.unit_code, show::text(speech, unit.unit_name.as_ref())),
            format!("{}/20", table::decimals(speech, measure.points, 2)),
            table::share(speech, measure.on_time, measure.judged),
            table::number(speech, measure.judged),
            time(speech, &measure),
            table::share(speech, online.online, online.stated),
            shares(speech, unit.shares.unwrap_or_default())
                .map(|(_, _, share)| table::share(speech, share.count, share.of))
                .join(" / "),
            percent(speech, unit.shares.and_then(|shares| shares.satisfaction?.share)),
        ]
    };
    let headings = [
        speech.report_place(),
        speech.report_centre(),
        speech.report_21_points(),
        speech.report_on_time_3(),
        speech.report_cases_2(),
        speech.report_22_mean_statutory(),
        speech.report_33_online(),
        speech.report_36_41_42_paid_online_electronic_results(),
        speech.report_54_satisfaction(),
    ];
    show::page(speech, &headings, answer.ranking.iter().map(row).collect(), "");
    let row = |group: &UnmeasuredCriterion| {
        let text = |text: &Option<_>| show::text(speech, text.as_ref());
        vec![group.number.clone(), text(&group.name), group.points.to_string(), text(&group.missing)]
    };
    let headings = [
        speech.term_no(),
        speech.report_not_measured(),
        speech.report_points(),
        speech.report_what_is_missing(),
    ];
    show::line("");
    show::table(&headings, answer.unmeasured.iter().map(row).collect());
    Ok(())
}

/// The same question about what people say; none where it is about what feedback does not know.
fn heard(of: &ReportOf) -> Option<GetFeedbackReportRequest> {
    let ReportOf { period, received_at, worked_at, field, procedure, staff } = of;
    let narrower = [field, procedure, staff].into_iter().any(|part| !part.is_empty());
    let unit = if worked_at.is_empty() { received_at } else { worked_at };
    (!narrower).then(|| GetFeedbackReportRequest { period: period.clone(), unit_code: unit.clone() })
}

/// Criteria 5.1 to 5.3, as far as intake answers.
async fn answered(client: &Client<'_>, request: GetFeedbackReportRequest) -> String {
    let speech = client.speech();
    let name = speech.report_5153_feedback();
    let asked = async {
        let mut service = feedback::service(client, staff(client)).await?;
        anyhow::Ok(service.get_feedback_report(request).await?.into_inner().total.unwrap_or_default())
    };
    let Ok(of) = asked.await else {
        let missing = speech.report_not_measured_intake_did_not_answer();
        return format!("{name}: {missing}");
    };
    let part = |what, in_time, of| format!("{what} {in_time}/{of}");
    let parts = [
        part(speech.term_refused(), of.refused_in_time, of.refused),
        part(speech.report_asked_for_more(), of.asked_in_time, of.asked),
        part(speech.report_answered(), of.answered_in_time, of.answered),
        part(speech.report_published(), of.published_in_time, of.published),
    ];
    let overdue = of.overdue;
    speech.report_in_time_overdue_and_not_answered(name, overdue, parts.join(", "))
}

/// What is offered online, and what of it is used.
fn services(
    speech: Words,
    answer: &GetServiceIndexResponse,
) -> [(&'static str, &'static str, Option<ShareMeasure>); 2] {
    [
        (speech.report_31_online_services(), speech.report_procedures_in_force_2(), answer.services_online),
        (
            speech.report_32_services_that_came_in_online(),
            speech.report_online_services(),
            answer.services_used_online,
        ),
    ]
}

/// Of criterion 3.3 what cases tell; its points ask for more.
fn came_in(speech: Words, online: &OnlineMeasure) -> String {
    let share = table::share(speech, online.online, online.stated);
    let stated = table::number(speech, online.stated);
    speech.report_33_online_of_cases_of_which_the(&share, &stated)
}

/// Each share: its number and name, what it is of, and itself.
fn shares(speech: Words, shares: ServiceShares) -> [(&'static str, &'static str, ShareMeasure); 3] {
    let ServiceShares { paid_online, electronic_results, digitised, .. } = shares;
    [
        (
            speech.report_36_paid_online(),
            speech.report_paid_cases_of_which_the_way_is(),
            paid_online.unwrap_or_default(),
        ),
        (
            speech.report_41_electronic_results(),
            speech.report_cases_that_were_decided(),
            electronic_results.unwrap_or_default(),
        ),
        (
            speech.report_42_digitised(),
            speech.report_cases_of_which_that_is_known(),
            digitised.unwrap_or_default(),
        ),
    ]
}

/// A share, and how far it is on the way to full marks where somebody says when these are given.
fn in_words(speech: Words, name: &str, of: &str, measure: &ShareMeasure) -> String {
    let share = table::share(speech, measure.count, measure.of);
    let base = table::number(speech, measure.of);
    let way = measure.fulfilled.map(|fulfilled| to_full_marks(speech, fulfilled)).unwrap_or_default();
    format!("{name}: {share} {} {base} {of}{way}", speech.report_of())
}

fn how_content(speech: Words, measure: &SatisfactionMeasure) -> String {
    let share = percent(speech, measure.share);
    let overdue = table::share(speech, measure.overdue, measure.judged);
    let dissatisfied = table::share(speech, measure.dissatisfied, measure.finished);
    let way = measure.fulfilled.map(|fulfilled| to_full_marks(speech, fulfilled)).unwrap_or_default();
    speech.report_54_satisfaction_100_less_overdue_and_that(&dissatisfied, &overdue, &share, &way)
}

fn to_full_marks(speech: Words, fulfilled: f64) -> String {
    let percent = percent(speech, Some(fulfilled));
    speech.report_of_the_way_to_full_marks(&percent)
}

/// A share in percent; a dash of none.
fn percent(speech: Words, share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{} %", table::decimals(speech, share * 100.0, 2)))
}

fn in_short(speech: Words, total: &ProgressMeasure) -> String {
    let points = table::decimals(speech, total.points, 2);
    let share = table::share(speech, total.on_time, total.judged);
    let (judged, time) = (table::number(speech, total.judged), time(speech, total));
    speech.report_21_on_time_of_cases_20_points(&judged, &points, &share, &time)
}

#[expect(clippy::cast_possible_truncation, reason = "means of minutes")]
fn time(speech: Words, measure: &ProgressMeasure) -> String {
    let shown = |mean: Option<f64>| table::time(speech, mean.map(|mean| mean.round() as i64));
    format!("{} / {}", shown(measure.mean_minutes), shown(measure.mean_allowed_minutes))
}
