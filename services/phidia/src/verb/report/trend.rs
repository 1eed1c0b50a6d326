//! `phidia report trend`: the figures of a period point by point.

use phidia_proto::processing::v1::{GetTrendRequest, TrendInterval, TrendPoint};

use super::{check_open, reports, selection, table};
use crate::{
    client::Client,
    command::{IntervalName, ReportTrend},
    show,
};

pub(super) async fn show(client: &Client<'_>, options: ReportTrend) -> anyhow::Result<()> {
    let ReportTrend { of, by } = options;
    if client.json() {
        check_open(!of.staff.is_empty())?;
    }
    let by = match by {
        IntervalName::Day => TrendInterval::Day,
        IntervalName::Week => TrendInterval::Week,
        IntervalName::Month => TrendInterval::Month,
    };
    let request = GetTrendRequest { selection: Some(selection(of)), by: by.into() };
    let answer = reports(client).await?.get_trend(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.GetTrendResponse", &answer);
    }
    let speech = client.speech();
    let row = |point: &TrendPoint| {
        let days = match point.from == point.to {
            true => show::day(&point.from),
            false => format!("{} – {}", show::day(&point.from), show::day(&point.to)),
        };
        let counts = [
            point.received,
            point.finished,
            point.finished_in_time,
            point.finished_late,
            point.finished_undated,
            point.running,
        ];
        std::iter::once(days).chain(counts.map(|count| table::number(speech, count))).collect()
    };
    let headings = [
        speech.term_day(),
        speech.term_received(),
        speech.report_finished_2(),
        speech.report_in_time(),
        speech.report_late_2(),
        speech.report_without_a_promise(),
        speech.report_running_2(),
    ];
    show::table(&headings, answer.points.iter().map(row).collect());
    Ok(())
}
