//! `phidia report cases`: what is behind a figure.
use phidia_proto::{
    events::v1::Channel,
    processing::v1::{ListReportCasesRequest, ReportCase, ReportFigure},
};
use phidia_words::Words;

use super::{reports, selection, table};
use crate::{
    client::Client,
    command::{FigureName, ReportCases},
    show::{self, Zone},
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
        speech.report_dossier_case(),
        speech.term_procedure(),
        speech.term_status(),
        speech.report_received_promised_ended(),
        speech.report_time(),
        speech.report_received_worked_on_at_officer(),
        speech.report_channel_digitised_paid_result_rating(),
    ];
    show::page(speech, &headings, rows, "");
    if !answer.next_page_token.is_empty() {
        let more = speech.term_the_list_goes_on();
        show::aside(&format!("{more}: --after {}", answer.next_page_token));
    }
    Ok(())
}

fn row(speech: Words, zone: &Zone, case: &ReportCase) -> Vec<String> {
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

fn digitised(speech: Words, digitised: Option<bool>) -> &'static str {
    match digitised {
        None => "–",
        Some(true) => speech.report_digitised_3(),
        Some(false) => speech.report_not_digitised_2(),
    }
}

fn paid(speech: Words, online: Option<bool>) -> &'static str {
    match online {
        None => "–",
        Some(true) => speech.report_paid_online_2(),
        Some(false) => speech.report_paid_otherwise_2(),
    }
}

fn result(speech: Words, issued: bool) -> &'static str {
    if issued { speech.report_issued_as_a_file_2() } else { "–" }
}

fn channel(speech: Words, channel: Channel) -> &'static str {
    match channel {
        Channel::Unspecified => "–",
        Channel::Direct => speech.report_at_a_counter_2(),
        Channel::Online => speech.report_online_2(),
        Channel::Post => speech.report_by_post_2(),
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
