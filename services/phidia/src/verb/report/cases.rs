//! `phidia report cases`: what is behind a figure.

use phidia_domain::application::Language;
use phidia_proto::{
    events::v1::Channel,
    processing::v1::{ListReportCasesRequest, ReportCase, ReportFigure},
};

use super::{reports, selection, table};
use crate::{
    client::Client,
    command::{FigureName, ReportCases},
    show::{self, Zone, say},
    verb::{application, case},
};

pub(super) async fn list(client: &Client<'_>, options: ReportCases) -> anyhow::Result<()> {
    let ReportCases { figure, of, limit, after } = options;
    let request = ListReportCasesRequest {
        selection: Some(selection(of)),
        figure: wire(figure).into(),
        page_size: limit,
        page_token: after,
    };
    let answer = reports(client).await?.list_report_cases(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.ListReportCasesResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let rows = answer.cases.iter().map(|case| row(speech, &zone, case)).collect();
    let headings = [
        say(speech, "Mã hồ sơ, vụ việc", "Dossier, case"),
        say(speech, "Thủ tục", "Procedure"),
        say(speech, "Trạng thái", "Status"),
        say(speech, "Tiếp nhận – hẹn trả – kết thúc", "Received – promised – ended"),
        say(speech, "Thời gian", "Time"),
        say(speech, "Nơi tiếp nhận → giải quyết, cán bộ", "Received → worked on at, officer"),
        say(
            speech,
            "Cách nộp, số hóa, nộp tiền, kết quả, đánh giá",
            "Channel, digitised, paid, result, rating",
        ),
    ];
    show::page(speech, &headings, rows, "");
    if !answer.next_page_token.is_empty() {
        let more = say(speech, "… danh sách còn nữa", "… the list goes on");
        show::aside(&format!("{more}: --after {}", answer.next_page_token));
    }
    Ok(())
}

fn row(speech: Language, zone: &Zone, case: &ReportCase) -> Vec<String> {
    let instants = [&case.submitted_at, &case.due_at, &case.ended_at].map(|at| zone.instant(at.as_ref()));
    vec![
        format!("{}\n{}", case.dossier_code, case.case_id),
        case.procedure_code.clone(),
        case::state(speech, case.state()).to_owned(),
        instants.join("\n"),
        table::time(speech, case.minutes),
        format!("{} → {}\n{}", case.received_at_unit_code, case.worked_at_unit_code, case.officer_code),
        [
            channel(speech, case.channel()),
            digitised(speech, case.digitised),
            paid(speech, case.paid_online),
            result(speech, case.issued),
            application::rating::words(speech, case.rating()),
        ]
        .join("\n"),
    ]
}

fn digitised(speech: Language, digitised: Option<bool>) -> &'static str {
    match digitised {
        None => "–",
        Some(true) => say(speech, "đã số hóa", "digitised"),
        Some(false) => say(speech, "chưa số hóa", "not digitised"),
    }
}

fn paid(speech: Language, online: Option<bool>) -> &'static str {
    match online {
        None => "–",
        Some(true) => say(speech, "nộp tiền trực tuyến", "paid online"),
        Some(false) => say(speech, "nộp tiền cách khác", "paid otherwise"),
    }
}

fn result(speech: Language, issued: bool) -> &'static str {
    if issued { say(speech, "kết quả điện tử", "issued as a file") } else { "–" }
}

fn channel(speech: Language, channel: Channel) -> &'static str {
    match channel {
        Channel::Unspecified => "–",
        Channel::Direct => say(speech, "trực tiếp", "at a counter"),
        Channel::Online => say(speech, "trực tuyến", "online"),
        Channel::Post => say(speech, "bưu chính", "by post"),
    }
}

fn wire(figure: FigureName) -> ReportFigure {
    match figure {
        FigureName::All => ReportFigure::Unspecified,
        FigureName::Received => ReportFigure::Received,
        FigureName::CarriedOver => ReportFigure::CarriedOver,
        FigureName::Finished => ReportFigure::Finished,
        FigureName::FinishedEarly => ReportFigure::FinishedEarly,
        FigureName::FinishedOnTime => ReportFigure::FinishedOnTime,
        FigureName::FinishedLate => ReportFigure::FinishedLate,
        FigureName::FinishedUndated => ReportFigure::FinishedUndated,
        FigureName::Granted => ReportFigure::Granted,
        FigureName::Refused => ReportFigure::Refused,
        FigureName::Withdrawn => ReportFigure::Withdrawn,
        FigureName::Lapsed => ReportFigure::Lapsed,
        FigureName::Running => ReportFigure::Running,
        FigureName::RunningInTerm => ReportFigure::RunningInTerm,
        FigureName::RunningOverdue => ReportFigure::RunningOverdue,
        FigureName::RunningUndated => ReportFigure::RunningUndated,
        FigureName::Waiting => ReportFigure::Waiting,
        FigureName::Supplemented => ReportFigure::Supplemented,
        FigureName::Judged => ReportFigure::Judged,
        FigureName::JudgedOnTime => ReportFigure::JudgedOnTime,
        FigureName::ReceivedDirect => ReportFigure::ReceivedDirect,
        FigureName::ReceivedOnline => ReportFigure::ReceivedOnline,
        FigureName::ReceivedByPost => ReportFigure::ReceivedByPost,
        FigureName::ReceivedUnstated => ReportFigure::ReceivedUnstated,
        FigureName::ReceivedDigitised => ReportFigure::ReceivedDigitised,
        FigureName::ReceivedUndigitised => ReportFigure::ReceivedUndigitised,
        FigureName::ReceivedDigitisedUnstated => ReportFigure::ReceivedDigitisedUnstated,
        FigureName::IssuedElectronically => ReportFigure::IssuedElectronically,
        FigureName::Rated => ReportFigure::Rated,
        FigureName::Satisfied => ReportFigure::Satisfied,
        FigureName::Dissatisfied => ReportFigure::Dissatisfied,
        FigureName::PaidOnline => ReportFigure::PaidOnline,
        FigureName::PaidOtherwise => ReportFigure::PaidOtherwise,
    }
}
