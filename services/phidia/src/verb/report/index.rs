//! `phidia report index`: what of the index of Decision 766/QĐ-TTg can be measured, and what is missing for the rest. Cases are counted by
//! processing, what people say by intake: here they meet, for neither asks the other.

use phidia_domain::application::Language;
use phidia_proto::{
    intake::v1::GetFeedbackReportRequest,
    processing::v1::{
        GetServiceIndexRequest, GetServiceIndexResponse, OnlineMeasure, ProgressMeasure, RankedUnit,
        ReportDimension, SatisfactionMeasure, ServiceShares, ShareMeasure, UnmeasuredCriterion,
    },
};

use super::{reports, selection, table};
use crate::{
    client::Client,
    command::{ReportIndex, ReportOf, SideName},
    show::{self, say},
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
        None => say(speech, "không có hồ sơ nào để đánh giá", "there is no case to judge by").to_owned(),
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
        say(speech, "Hạng", "Place"),
        say(speech, "Trung tâm", "Centre"),
        say(speech, "2.1: điểm", "2.1: points"),
        say(speech, "đúng hạn", "on time"),
        say(speech, "hồ sơ", "cases"),
        say(speech, "2.2: trung bình / quy định", "2.2: mean / statutory"),
        say(speech, "3.3: trực tuyến", "3.3: online"),
        say(
            speech,
            "3.6 / 4.1 / 4.2: nộp tiền trực tuyến / kết quả điện tử / số hóa",
            "3.6 / 4.1 / 4.2: paid online / electronic results / digitised",
        ),
        say(speech, "5.4: hài lòng", "5.4: satisfaction"),
    ];
    show::page(speech, &headings, answer.ranking.iter().map(row).collect(), "");
    let row = |group: &UnmeasuredCriterion| {
        let text = |text: &Option<_>| show::text(speech, text.as_ref());
        vec![group.number.clone(), text(&group.name), group.points.to_string(), text(&group.missing)]
    };
    let headings = [
        say(speech, "Số", "No"),
        say(speech, "Chưa đo được", "Not measured"),
        say(speech, "Điểm", "Points"),
        say(speech, "Còn thiếu", "What is missing"),
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
    let name = say(speech, "5.1–5.3 phản ánh, kiến nghị", "5.1–5.3 feedback");
    let asked = async {
        let mut service = feedback::service(client, staff(client)).await?;
        anyhow::Ok(service.get_feedback_report(request).await?.into_inner().total.unwrap_or_default())
    };
    let Ok(of) = asked.await else {
        let missing = say(
            speech,
            "chưa đo được: không hỏi được dịch vụ tiếp nhận",
            "not measured: intake did not answer",
        );
        return format!("{name}: {missing}");
    };
    let part = |vi, en, in_time, of| format!("{} {in_time}/{of}", say(speech, vi, en));
    let parts = [
        part("từ chối", "refused", of.refused_in_time, of.refused),
        part("hỏi thêm", "asked for more", of.asked_in_time, of.asked),
        part("trả lời", "answered", of.answered_in_time, of.answered),
        part("công khai", "published", of.published_in_time, of.published),
    ];
    let overdue = of.overdue;
    match speech {
        Language::Vi => format!("{name} đúng hạn: {}; quá hạn chưa trả lời: {overdue}", parts.join(", ")),
        Language::En => format!("{name} in time: {}; overdue and not answered: {overdue}", parts.join(", ")),
    }
}

/// What is offered online, and what of it is used.
fn services(
    speech: Language,
    answer: &GetServiceIndexResponse,
) -> [(&'static str, &'static str, Option<ShareMeasure>); 2] {
    [
        (
            say(speech, "3.1 dịch vụ trực tuyến", "3.1 online services"),
            say(speech, "thủ tục còn hiệu lực", "procedures in force"),
            answer.services_online,
        ),
        (
            say(speech, "3.2 dịch vụ có hồ sơ trực tuyến", "3.2 services that came in online"),
            say(speech, "dịch vụ trực tuyến", "online services"),
            answer.services_used_online,
        ),
    ]
}

/// Of criterion 3.3 what cases tell; its points ask for more.
fn came_in(speech: Language, online: &OnlineMeasure) -> String {
    let share = table::share(speech, online.online, online.stated);
    let stated = table::number(speech, online.stated);
    match speech {
        Language::Vi => {
            format!("3.3 nộp trực tuyến: {share} của {stated} hồ sơ biết cách nộp (chưa tính điểm)")
        }
        Language::En => {
            format!("3.3 online: {share} of {stated} cases of which the channel is known (no points yet)")
        }
    }
}

/// Each share: its number and name, what it is of, and itself.
fn shares(speech: Language, shares: ServiceShares) -> [(&'static str, &'static str, ShareMeasure); 3] {
    let ServiceShares { paid_online, electronic_results, digitised, .. } = shares;
    [
        (
            say(speech, "3.6 thanh toán trực tuyến", "3.6 paid online"),
            say(speech, "hồ sơ biết cách nộp tiền", "paid cases of which the way is known"),
            paid_online.unwrap_or_default(),
        ),
        (
            say(speech, "4.1 kết quả điện tử", "4.1 electronic results"),
            say(speech, "hồ sơ có kết quả", "cases that were decided"),
            electronic_results.unwrap_or_default(),
        ),
        (
            say(speech, "4.2 số hóa hồ sơ", "4.2 digitised"),
            say(speech, "hồ sơ biết có được số hóa hay không", "cases of which that is known"),
            digitised.unwrap_or_default(),
        ),
    ]
}

/// A share, and how far it is on the way to full marks where somebody says when these are given.
fn in_words(speech: Language, name: &str, of: &str, measure: &ShareMeasure) -> String {
    let share = table::share(speech, measure.count, measure.of);
    let base = table::number(speech, measure.of);
    let way = measure.fulfilled.map(|fulfilled| to_full_marks(speech, fulfilled)).unwrap_or_default();
    format!("{name}: {share} {} {base} {of}{way}", say(speech, "của", "of"))
}

fn how_content(speech: Language, measure: &SatisfactionMeasure) -> String {
    let share = percent(speech, measure.share);
    let overdue = table::share(speech, measure.overdue, measure.judged);
    let dissatisfied = table::share(speech, measure.dissatisfied, measure.finished);
    let way = measure.fulfilled.map(|fulfilled| to_full_marks(speech, fulfilled)).unwrap_or_default();
    match speech {
        Language::Vi => format!(
            "5.4 hài lòng: {share} (100 % trừ quá hạn {overdue} và hồ sơ bị đánh giá không hài lòng {dissatisfied}){way}"
        ),
        Language::En => format!(
            "5.4 satisfaction: {share} (100 % less {overdue} overdue and {dissatisfied} that somebody was dissatisfied with){way}"
        ),
    }
}

fn to_full_marks(speech: Language, fulfilled: f64) -> String {
    let percent = percent(speech, Some(fulfilled));
    match speech {
        Language::Vi => format!(" = {percent} mức đạt điểm tối đa"),
        Language::En => format!(" = {percent} of the way to full marks"),
    }
}

/// A share in percent; a dash of none.
fn percent(speech: Language, share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{} %", table::decimals(speech, share * 100.0, 2)))
}

fn in_short(speech: Language, total: &ProgressMeasure) -> String {
    let points = table::decimals(speech, total.points, 2);
    let share = table::share(speech, total.on_time, total.judged);
    let (judged, time) = (table::number(speech, total.judged), time(speech, total));
    match speech {
        Language::Vi => {
            format!(
                "2.1 đúng hạn: {share} của {judged} hồ sơ = {points}/20 điểm; 2.2 trung bình / quy định: {time}"
            )
        }
        Language::En => {
            format!(
                "2.1 on time: {share} of {judged} cases = {points}/20 points; 2.2 mean / statutory time: {time}"
            )
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "means of minutes")]
fn time(speech: Language, measure: &ProgressMeasure) -> String {
    let shown = |mean: Option<f64>| table::time(speech, mean.map(|mean| mean.round() as i64));
    format!("{} / {}", shown(measure.mean_minutes), shown(measure.mean_allowed_minutes))
}
