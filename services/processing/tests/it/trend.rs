//! Where figures go: what a report says of a day, a week or a month, point by point.

use jiff::SignedDuration;
use phidia_domain::{Kind, Rejection, caller::Caller, case::Outcome};
use phidia_proto::processing::v1::{
    GetReportRequest, GetTrendRequest, ReportSelection, TrendInterval, TrendPoint,
};
use phidia_runtime::status;

use crate::{
    harness::{Office, an_officer, at, submission, supervisor},
    province::BIRTH,
    report::{WEDNESDAY, busy},
    supplement::birth,
};

async fn trend(
    office: &Office,
    caller: Caller,
    selection: ReportSelection,
    by: TrendInterval,
) -> Result<Vec<TrendPoint>, Rejection> {
    let request = GetTrendRequest { selection: Some(selection), by: by.into() };
    let answer = office.reports(caller).get_trend(request).await;
    answer.map(|answer| answer.into_inner().points).map_err(|status| status::from_status(&status))
}

fn of(period: &str) -> ReportSelection {
    ReportSelection { period: period.to_owned(), ..ReportSelection::default() }
}

/// What GetReport says of the days of a point.
async fn reported(
    office: &Office,
    caller: Caller,
    selection: &ReportSelection,
    point: &TrendPoint,
) -> TrendPoint {
    let period = format!("{}..{}", point.from, point.to);
    let selection = Some(ReportSelection { period, ..selection.clone() });
    let request = GetReportRequest { selection, ..GetReportRequest::default() };
    let total = office.reports(caller).get_report(request).await.unwrap().into_inner().total.unwrap();
    TrendPoint {
        from: point.from.clone(),
        to: point.to.clone(),
        received: total.received,
        finished: total.finished,
        finished_in_time: total.finished_early + total.finished_on_time,
        finished_late: total.finished_late,
        finished_undated: total.finished_undated,
        running: total.running,
    }
}

/// Beside the seven cases of the report's story, some that came and ended on other days, one of them late, and one that has run since
/// October.
async fn busier(office: &Office) {
    busy(office).await;
    let accepted = |number, when: &str| {
        let mut fact = birth();
        fact.submitted_at = Some(phidia_proto::convert::wire_timestamp(at(when)));
        (number, fact)
    };
    for (number, fact) in [
        accepted(20, "2026-10-05T02:00:00Z"),
        accepted(21, "2026-11-20T02:00:00Z"),
        // A moment before midnight there, and midnight.
        accepted(22, "2026-11-22T16:59:59.999999Z"),
        accepted(23, "2026-11-22T17:00:00Z"),
    ] {
        office.open_case(number, fact, "2").await;
    }
    let mut undated = submission(BIRTH);
    undated.due_at = None;
    let undated = office.open_case(24, undated, "2").await;
    let mut late = birth();
    late.due_at = Some(phidia_proto::convert::wire_timestamp(at("2026-11-26T03:00:00Z")));
    let late = office.open_case(25, late, "2").await;
    office.clock.set(at("2026-11-30T02:00:00Z"));
    for item in [undated, late] {
        office.claim("2-01", item, 0).await.unwrap();
        office.complete("2-01", item, 1, Outcome::Refused, "không đủ điều kiện").await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_point_is_what_a_report_says_of_its_days() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    busier(&office).await;
    let selections = [
        of("2026-11"),
        of("2026-11-22..2026-12-05"),
        of("2026-11-23"),
        ReportSelection { worked_at_unit_code: "2".into(), ..of("2026-11") },
        ReportSelection { received_at_unit_code: "1".into(), ..of("2026-Q4") },
        ReportSelection { worked_at_unit_code: "-".into(), ..of("2026-11") },
        ReportSelection { procedure_code: BIRTH.into(), ..of("2026-11") },
        ReportSelection { officer_code: "2-01".into(), ..of("2026-11") },
    ];
    let mut seen = 0;
    for selection in &selections {
        for by in [TrendInterval::Day, TrendInterval::Week, TrendInterval::Month] {
            for caller in [supervisor(None), an_officer("2-01"), an_officer("3-01")] {
                let Ok(points) = trend(&office, caller.clone(), selection.clone(), by).await else {
                    assert_eq!((selection.period.as_str(), by), ("2026-Q4", TrendInterval::Day));
                    continue;
                };
                for point in points {
                    assert_eq!(
                        point,
                        reported(&office, caller.clone(), selection, &point).await,
                        "{selection:?}"
                    );
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 300, "{seen}");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_those_of_the_province_and_what_has_not_begun_is_no_point() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    busier(&office).await;
    let days =
        trend(&office, supervisor(None), of("2026-11-20..2026-12-05"), TrendInterval::Day).await.unwrap();
    let days: Vec<_> =
        days.iter().map(|day| (&day.from[8..], day.received, day.finished, day.running)).collect();
    let expected = [
        ("20", 1, 0, 2),
        ("21", 0, 0, 2),
        ("22", 1, 0, 3),
        ("23", 10, 2, 11),
        ("24", 0, 0, 11),
        ("25", 0, 1, 10),
        ("26", 0, 0, 10),
        ("27", 0, 0, 10),
        ("28", 0, 0, 10),
        ("29", 0, 0, 10),
        ("30", 0, 2, 8),
    ];
    assert_eq!(days, expected);
    let months =
        trend(&office, supervisor(None), ReportSelection::default(), TrendInterval::Month).await.unwrap();
    let [.., october, november] = &months[..] else { panic!("{months:?}") };
    assert_eq!((months.len(), months[0].from.as_str()), (12, "2025-12-01"));
    assert_eq!((october.received, october.running), (1, 1));
    assert_eq!((november.finished_in_time, november.finished_late, november.finished_undated), (2, 1, 2));
    // A month that runs is shown whole.
    assert_eq!((november.to.as_str(), november.running), ("2026-11-30", 8));
    let weeks =
        trend(&office, supervisor(None), ReportSelection::default(), TrendInterval::Week).await.unwrap();
    assert_eq!(
        (weeks.len(), weeks[12].from.as_str(), weeks[12].to.as_str()),
        (13, "2026-11-30", "2026-12-06")
    );
    assert_eq!(trend(&office, supervisor(None), of("2027-01"), TrendInterval::Day).await.unwrap(), []);
    // Before the day begins there is none; with its first moment there is.
    office.clock.set(at("2026-11-30T17:00:00Z") - SignedDuration::from_micros(1));
    let until =
        async || trend(&office, supervisor(None), of("2026-12"), TrendInterval::Day).await.unwrap().len();
    assert_eq!(until().await, 0);
    office.clock.set(at("2026-11-30T17:00:00Z"));
    assert_eq!(until().await, 1);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_shown_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.clock.set(at(WEDNESDAY));
    for (selection, by, reason, field) in [
        (of("2026"), TrendInterval::Day, "TOO_MANY_POINTS", "selection.period"),
        (of("2024..2035"), TrendInterval::Week, "MALFORMED_PERIOD", "selection.period"),
        (
            ReportSelection { worked_at_unit_code: "99".into(), ..of("2026-11") },
            TrendInterval::Day,
            "UNKNOWN_UNIT",
            "selection.worked_at_unit_code",
        ),
    ] {
        let refusal = trend(&office, supervisor(None), selection, by).await.unwrap_err();
        assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Invalid, reason));
        assert_eq!(refusal.violations[0].field, field);
    }
    let request = GetTrendRequest { by: 9, ..GetTrendRequest::default() };
    let refusal = office.reports(supervisor(None)).get_trend(request).await.unwrap_err();
    assert_eq!(status::from_status(&refusal).violations[0].field, "by");
    office.close().await;
}
