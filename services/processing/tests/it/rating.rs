//! What whoever has the receipt thinks of how a case ended is counted with it.

use phidia_domain::{case::Outcome, work_item::WorkItem};
use phidia_proto::{
    convert,
    events::v1::{ApplicationRated, Rating, Verdict, event::Fact},
    processing::v1::{
        Figures, GetReportRequest, GetServiceIndexRequest, ListReportCasesRequest, ReopenCaseRequest,
        ReportFigure, ReportSelection, reopen_case_request,
    },
};

use crate::{
    harness::{MONDAY, Office, application, at, operator, supervisor},
    result::decided,
};

const TUESDAY: &str = "2026-11-24T02:00:00Z";

fn rated(rating: Rating, ended_at: &str) -> Fact {
    Fact::ApplicationRated(ApplicationRated {
        rating: rating.into(),
        rated_at: Some(convert::wire_timestamp(at(TUESDAY))),
        ended_at: Some(convert::wire_timestamp(at(ended_at))),
    })
}

pub(crate) async fn rate(office: &Office, item: WorkItem, rating: Rating, ended_at: &str) {
    let answer = office.tell("intake", item.application, rated(rating, ended_at)).await;
    assert_eq!(answer, (Verdict::Applied, String::new()));
}

fn november() -> Option<ReportSelection> {
    Some(ReportSelection { period: "2026-11".into(), ..ReportSelection::default() })
}

async fn figures(office: &Office) -> Figures {
    let request = GetReportRequest { selection: november(), by: 0 };
    office.reports(supervisor(None)).get_report(request).await.unwrap().into_inner().total.unwrap()
}

async fn of(office: &Office) -> (u64, u64, u64) {
    let figures = figures(office).await;
    (figures.rated, figures.satisfied, figures.dissatisfied)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_thinks_of_a_case_is_counted_with_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let mut items = Vec::new();
    for number in 1..=4 {
        items.push(decided(&office, number, Outcome::Approved).await);
    }
    assert_eq!(of(&office).await, (0, 0, 0));
    rate(&office, items[0], Rating::Satisfied, MONDAY).await;
    rate(&office, items[1], Rating::Neither, MONDAY).await;
    // In December, of what ended in November; told twice.
    office.clock.set(at("2026-12-02T01:00:00Z"));
    for _ in 0..2 {
        rate(&office, items[2], Rating::Dissatisfied, MONDAY).await;
    }
    assert_eq!(of(&office).await, (3, 1, 1));

    let request = GetServiceIndexRequest { selection: november(), by: 0 };
    let index = office.reports(supervisor(None)).get_service_index(request).await.unwrap().into_inner();
    // Nothing was promised for a copy, and so nothing is overdue; one of four is dissatisfied.
    let satisfaction = index.shares.unwrap().satisfaction.unwrap();
    assert_eq!((satisfaction.judged, satisfaction.overdue), (0, 0));
    assert_eq!((satisfaction.finished, satisfaction.dissatisfied), (4, 1));
    assert_eq!(satisfaction.share, Some(0.75));
    assert!((satisfaction.fulfilled.unwrap() - 0.75 / 0.9).abs() < 1e-9);
    for (figure, ratings) in [
        (ReportFigure::Rated, vec![Rating::Satisfied, Rating::Neither, Rating::Dissatisfied]),
        (ReportFigure::Satisfied, vec![Rating::Satisfied]),
        (ReportFigure::Dissatisfied, vec![Rating::Dissatisfied]),
    ] {
        let request = ListReportCasesRequest {
            selection: november(),
            figure: figure.into(),
            ..ListReportCasesRequest::default()
        };
        let answer = office.reports(supervisor(None)).list_report_cases(request).await.unwrap().into_inner();
        let mut listed: Vec<_> = answer.cases.iter().map(|case| case.rating()).collect();
        listed.sort();
        assert_eq!(listed, ratings, "{figure:?}");
    }

    // What has not come here yet comes again; what says nothing is put aside.
    let nobody = office.tell("intake", application(9), rated(Rating::Neither, MONDAY)).await;
    assert_eq!(nobody, (Verdict::Retry, String::new()));
    let nothing = Fact::ApplicationRated(ApplicationRated::default());
    let answer = office.tell("intake", items[3].application, nothing).await;
    assert_eq!(answer.1, "MISSING_FIELD");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_thought_of_an_end_does_not_count_for_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = decided(&office, 1, Outcome::Refused).await;
    rate(&office, item, Rating::Dissatisfied, MONDAY).await;
    assert_eq!(of(&office).await, (1, 0, 1));
    office.clock.set(at(TUESDAY));
    let request = ReopenCaseRequest {
        decision: "Quyết định số 12/QĐ-UBND".into(),
        reason: "Khiếu nại đúng".into(),
        to_step: 0,
        key: Some(reopen_case_request::Key::ApplicationId(item.application.to_string())),
    };
    office.client(operator()).reopen_case(request).await.unwrap();
    assert_eq!(of(&office).await, (0, 0, 0));
    // Said before intake knew that it was opened again.
    rate(&office, item, Rating::Dissatisfied, MONDAY).await;
    let anew = WorkItem { attempt: 1001, ..item };
    office.claim("2-01", anew, 0).await.unwrap();
    let ended_anew = "2026-11-24T03:00:00Z";
    office.clock.set(at(ended_anew));
    office.complete("2-01", anew, 1, Outcome::Approved, "").await.unwrap();
    rate(&office, item, Rating::Dissatisfied, MONDAY).await;
    assert_eq!(of(&office).await, (0, 0, 0), "nobody has rated this end yet");
    rate(&office, item, Rating::Satisfied, ended_anew).await;
    assert_eq!(of(&office).await, (1, 1, 0));
    office.close().await;
}
