//! Open data: CSV with small column names that do not change (services/processing/README.md).

use phidia_proto::processing::v1::{
    Figures, GetExchangeResponse, GetReportResponse, ReportDimension, ReportGroup,
};

use crate::show;

const FIGURES: [&str; 41] = [
    "from",
    "to",
    "by",
    "code",
    "name_vi",
    "name_en",
    "received",
    "carried_over",
    "finished",
    "finished_early",
    "finished_on_time",
    "finished_late",
    "finished_undated",
    "granted",
    "refused",
    "withdrawn",
    "lapsed",
    "running",
    "running_in_term",
    "running_overdue",
    "running_undated",
    "waiting",
    "mean_minutes",
    "median_minutes",
    "p90_minutes",
    "p95_minutes",
    "supplements",
    "supplemented",
    "received_direct",
    "received_online",
    "received_by_post",
    "received_unstated",
    "received_digitised",
    "received_undigitised",
    "received_digitised_unstated",
    "issued_electronically",
    "rated",
    "satisfied",
    "dissatisfied",
    "paid_online",
    "paid_otherwise",
];
const EXCHANGE: [&str; 7] = ["from", "to", "received_at", "worked_at", "cases", "finished", "running"];

/// One line per group; where it is not divided, one for all.
pub(super) fn figures(answer: &GetReportResponse, by: ReportDimension) -> anyhow::Result<()> {
    let by = match by {
        ReportDimension::Unspecified => "all",
        ReportDimension::ReceivedAtUnit => "received_at",
        ReportDimension::WorkedAtUnit => "worked_at",
        ReportDimension::Field => "field",
        ReportDimension::Procedure => "procedure",
        ReportDimension::Officer => "officer",
    };
    let whole = ReportGroup { figures: answer.total, ..ReportGroup::default() };
    let groups = if by == "all" { std::slice::from_ref(&whole) } else { answer.groups.as_slice() };
    let rows = groups.iter().map(|group| {
        let name = group.name.clone().unwrap_or_default();
        let known = [&answer.from, &answer.to, by, &group.code, &name.vi, &name.en].map(ToOwned::to_owned);
        known.into_iter().chain(values(&group.figures.unwrap_or_default())).collect()
    });
    show::csv(&FIGURES, rows.collect())
}

/// In the order of the columns from `received` on; empty where there is nothing of which to give a time.
fn values(figures: &Figures) -> Vec<String> {
    let counts = [
        figures.received,
        figures.carried_over,
        figures.finished,
        figures.finished_early,
        figures.finished_on_time,
        figures.finished_late,
        figures.finished_undated,
        figures.granted,
        figures.refused,
        figures.withdrawn,
        figures.lapsed,
        figures.running,
        figures.running_in_term,
        figures.running_overdue,
        figures.running_undated,
        figures.waiting,
    ];
    let times = [figures.median_minutes, figures.p90_minutes, figures.p95_minutes];
    let mut values: Vec<_> = counts.map(|count| count.to_string()).into();
    values.push(figures.mean_minutes.map(|mean| format!("{mean:.1}")).unwrap_or_default());
    values.extend(times.map(|minutes| minutes.map(|minutes| minutes.to_string()).unwrap_or_default()));
    let more = [
        figures.supplements,
        figures.supplemented,
        figures.received_direct,
        figures.received_online,
        figures.received_by_post,
        figures.received_unstated,
        figures.received_digitised,
        figures.received_undigitised,
        figures.received_digitised_unstated,
        figures.issued_electronically,
        figures.rated,
        figures.satisfied,
        figures.dissatisfied,
        figures.paid_online,
        figures.paid_otherwise,
    ];
    values.extend(more.map(|count| count.to_string()));
    values
}

/// One line per cell.
pub(super) fn exchange(answer: &GetExchangeResponse) -> anyhow::Result<()> {
    let rows = answer.cells.iter().map(|cell| {
        let codes = [&answer.from, &answer.to, &cell.received_at_unit_code, &cell.worked_at_unit_code];
        let counts = [cell.cases, cell.finished, cell.running].map(|count| count.to_string());
        codes.map(ToOwned::to_owned).into_iter().chain(counts).collect()
    });
    show::csv(&EXCHANGE, rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_its_value() {
        assert_eq!(values(&Figures::default()).len() + 6, FIGURES.len());
        let figures = Figures {
            received: 1,
            waiting: 16,
            mean_minutes: Some(1.25),
            received_unstated: 4,
            issued_electronically: 9,
            dissatisfied: 2,
            ..Figures::default()
        };
        let values = values(&figures);
        let of = |column: &str| {
            let index = FIGURES.iter().position(|known| *known == column).unwrap();
            values[index - 6].as_str()
        };
        assert_eq!((of("received"), of("waiting"), of("mean_minutes")), ("1", "16", "1.2"));
        assert_eq!((of("p95_minutes"), of("supplemented"), of("received_unstated")), ("", "0", "4"));
        assert_eq!((of("received_digitised"), of("issued_electronically")), ("0", "9"));
        assert_eq!((of("rated"), of("dissatisfied")), ("0", "2"));
    }
}
