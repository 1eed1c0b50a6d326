//! What was done is what is counted: by whoever received it and whoever worked on it, down to each case.

use std::collections::BTreeSet;

use phidia_domain::{Kind, Rejection, caller::Caller, case::Outcome, work_item::WorkItem};
use phidia_proto::{
    convert,
    events::v1::{ApplicationSubmitted, Channel, StopGround, Verdict, event::Fact},
    processing::v1::{
        CaseState, Figures, GetExchangeRequest, GetExchangeResponse, GetOnlineServicesRequest,
        GetReportRequest, GetReportResponse, GetServiceIndexRequest, GetServiceIndexResponse, InstallPhase,
        ListReportCasesRequest, OnlineMeasure, ReportCase, ReportDimension, ReportFigure, ReportSelection,
    },
};
use phidia_runtime::status;

use crate::{
    hand_over::give_back,
    harness::{Office, an_officer, application, assigned, at, submission, supervisor},
    province::{BIRTH, COPY},
    result::{PDF, decided, issue},
    supplement::{birth, received, stop, waiting},
};

pub(crate) const WEDNESDAY: &str = "2026-11-25T01:00:00Z";

/// Seven cases, all received at unit 1 on Monday morning – one online, one by post, one at the counter, which alone was not digitised, and
/// the others nobody has told how –, and what became of them by Wednesday at eight.
pub(crate) async fn busy(office: &Office) {
    let applied = (Verdict::Applied, String::new());
    // 2: nothing is promised for a copy; refused at once.
    let by = |channel: Channel, fact| {
        let digitised = Some(channel != Channel::Direct);
        ApplicationSubmitted { channel: channel.into(), digitised, ..fact }
    };
    let copy = office.open_case(2, by(Channel::Online, submission(COPY)), "1").await;
    office.claim("1-01", copy, 0).await.unwrap();
    office.complete("1-01", copy, 1, Outcome::Refused, "không đủ giấy tờ").await.unwrap();
    // 3: waits for its citizen since ten.
    waiting(office, 3).await;
    // 4: withdrawn before any unit had it.
    let nowhere = application(4);
    let submitted = Fact::ApplicationSubmitted(by(Channel::Direct, birth()));
    assert_eq!(office.tell("intake", nowhere, submitted).await, applied);
    assert_eq!(office.tell("intake", nowhere, stop(StopGround::Withdrawn)).await, applied);
    // 5: moved to unit 1 before anybody had begun. 6: given back. 7: overdue since noon.
    let moved = office.open_case(5, birth(), "2").await;
    office.transfer(moved, 0, moved.next_attempt(), "1").await.unwrap();
    let returned = office.open_case(6, birth(), "2").await;
    office.claim("2-01", returned, 0).await.unwrap();
    give_back(office, an_officer("2-01"), returned, 1).await.unwrap();
    let noon = Some(convert::wire_timestamp(at("2026-11-23T05:00:00Z")));
    let overdue = ApplicationSubmitted { due_at: noon, ..submission(BIRTH) };
    office.open_case(7, by(Channel::Post, overdue), "3").await;
    // 1: examined at unit 2, signed at home, on Wednesday at eight.
    let examination = office.open_case(1, birth(), "2").await;
    office.claim("2-01", examination, 0).await.unwrap();
    office.complete("2-01", examination, 1, Outcome::Approved, "").await.unwrap();
    let signature = WorkItem::first(examination.application, 2);
    assert_eq!(office.tell("routing", signature.application, assigned(signature, "1")).await, applied);
    office.clock.set(at(WEDNESDAY));
    office.claim("1-02", signature, 0).await.unwrap();
    office.complete("1-02", signature, 1, Outcome::Approved, "").await.unwrap();
}

fn of(period: &str) -> ReportSelection {
    ReportSelection { period: period.to_owned(), ..ReportSelection::default() }
}

async fn report(
    office: &Office,
    caller: Caller,
    selection: ReportSelection,
    by: ReportDimension,
) -> Result<GetReportResponse, Rejection> {
    let request = GetReportRequest { selection: Some(selection), by: by.into() };
    let answer = office.reports(caller).get_report(request).await;
    answer.map(tonic::Response::into_inner).map_err(|status| status::from_status(&status))
}

/// Group by group, how many cases it has.
async fn groups(office: &Office, caller: Caller, by: ReportDimension) -> Vec<(String, u64)> {
    let report = report(office, caller, of("2026-11"), by).await.unwrap();
    let total = report.total.unwrap();
    add_up(&total);
    let mut sum = 0;
    let groups = report.groups.into_iter().map(|group| {
        let figures = group.figures.unwrap();
        add_up(&figures);
        sum += figures.received;
        (group.code, figures.received)
    });
    let groups = groups.collect();
    assert_eq!(sum, total.received);
    groups
}

fn add_up(figures: &Figures) {
    let Figures { received, carried_over, finished, running, .. } = figures;
    assert_eq!(received + carried_over, finished + running);
    let stated = figures.received_direct + figures.received_online + figures.received_by_post;
    assert_eq!(*received, stated + figures.received_unstated);
    let told = figures.received_digitised + figures.received_undigitised;
    assert_eq!(*received, told + figures.received_digitised_unstated);
    assert!(figures.issued_electronically <= figures.granted + figures.refused);
    assert_eq!(
        *finished,
        figures.finished_early + figures.finished_on_time + figures.finished_late + figures.finished_undated
    );
    assert_eq!(*finished, figures.granted + figures.refused + figures.withdrawn + figures.lapsed);
    assert_eq!(
        *running,
        figures.running_in_term + figures.running_overdue + figures.running_undated + figures.waiting
    );
}

fn codes(groups: &[(&str, u64)]) -> Vec<(String, u64)> {
    groups.iter().map(|(code, count)| ((*code).to_owned(), *count)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_adds_up_with_what_was_done() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    busy(&office).await;
    let whole = ReportDimension::Unspecified;
    let answer = report(&office, supervisor(None), of("2026-Q4"), whole).await.unwrap();
    assert_eq!((answer.from.as_str(), answer.to.as_str()), ("2026-10-01", "2026-12-31"));
    assert_eq!(answer.as_of, Some(convert::wire_timestamp(at(WEDNESDAY))));
    assert!(answer.groups.is_empty());
    let expected = Figures {
        received: 7,
        finished: 3,
        finished_early: 2,
        finished_undated: 1,
        granted: 1,
        refused: 1,
        withdrawn: 1,
        running: 4,
        running_in_term: 2,
        running_overdue: 1,
        waiting: 1,
        // Of 0, 120 and 480 working minutes: the calendar has Mondays and Wednesdays.
        mean_minutes: Some(200.0),
        median_minutes: Some(120),
        p90_minutes: Some(480),
        p95_minutes: Some(480),
        received_direct: 1,
        received_online: 1,
        received_by_post: 1,
        received_unstated: 4,
        received_digitised: 2,
        received_undigitised: 1,
        received_digitised_unstated: 4,
        ..Figures::default()
    };
    assert_eq!(answer.total, Some(expected));
    // Empty: the quarter of today.
    assert_eq!(report(&office, supervisor(None), of(""), whole).await.unwrap(), answer);
    // Wednesday alone: what had not ended before it is carried over.
    let wednesday = report(&office, supervisor(None), of("2026-11-25"), whole).await.unwrap().total.unwrap();
    add_up(&wednesday);
    assert_eq!((wednesday.received, wednesday.carried_over, wednesday.finished), (0, 5, 1));
    // On Monday evening it ran, and the overdue one was overdue.
    let monday = report(&office, supervisor(None), of("2026-11-23"), whole).await.unwrap().total.unwrap();
    add_up(&monday);
    assert_eq!((monday.received, monday.finished, monday.running_overdue, monday.waiting), (7, 2, 1, 1));

    for (by, expected) in [
        (ReportDimension::ReceivedAtUnit, codes(&[("1", 7)])),
        (ReportDimension::WorkedAtUnit, codes(&[("-", 1), ("1", 2), ("2", 3), ("3", 1)])),
        (ReportDimension::Field, codes(&[("Chứng thực", 1), ("Hộ tịch", 6)])),
        (ReportDimension::Procedure, codes(&[("1.1", 6), ("1.2", 1)])),
        (ReportDimension::Officer, codes(&[("-", 4), ("1-01", 1), ("2-01", 2)])),
    ] {
        assert_eq!(groups(&office, supervisor(None), by).await, expected, "{by:?}");
    }

    // The citizen answers on the second of December; it is refused on the seventh, a day before the date that moved.
    office.clock.set(at("2026-12-02T01:00:00Z"));
    office.tell("intake", application(3), received("2026-12-02T01:00:00Z")).await;
    let item = WorkItem::first(application(3), 1);
    office.claim("2-01", item, 2).await.unwrap();
    office.clock.set(at("2026-12-07T01:00:00Z"));
    office.complete("2-01", item, 3, Outcome::Refused, "không đủ điều kiện").await.unwrap();
    let december = report(&office, supervisor(None), of("2026-12"), whole).await.unwrap().total.unwrap();
    add_up(&december);
    assert_eq!((december.carried_over, december.finished, december.finished_early), (4, 1, 1));
    assert_eq!((december.supplements, december.supplemented), (1, 1));
    // Two hours on Monday the 23rd, then 9 hours from the second on: 450 minutes that day and 30 on the seventh.
    assert_eq!(december.mean_minutes, Some(f64::from(120 + 450 + 30)));
    // November has not changed.
    let november = report(&office, supervisor(None), of("2026-11"), whole).await.unwrap().total.unwrap();
    assert_eq!((november.finished, november.running, november.waiting), (3, 4, 1));
    office.close().await;
}

async fn exchange(office: &Office, caller: Caller) -> GetExchangeResponse {
    let request = GetExchangeRequest { selection: Some(of("2026-11")) };
    office.reports(caller).get_exchange(request).await.unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_unit_gives_away_another_takes_in() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    busy(&office).await;
    let answer = exchange(&office, supervisor(None)).await;
    let cells: Vec<_> = answer
        .cells
        .iter()
        .map(|cell| (cell.received_at_unit_code.as_str(), cell.worked_at_unit_code.as_str(), cell.cases))
        .collect();
    assert_eq!(cells, [("1", "-", 1), ("1", "1", 2), ("1", "2", 3), ("1", "3", 1)]);
    assert!(answer.cells.iter().all(|cell| cell.cases == cell.finished + cell.running));
    let totals: Vec<_> = answer
        .totals
        .iter()
        .map(|unit| (unit.unit_code.as_str(), unit.received, unit.kept, unit.out, unit.unassigned, unit.r#in))
        .collect();
    assert_eq!(totals, [("1", 7, 2, 4, 1, 0), ("2", 0, 0, 0, 0, 3), ("3", 0, 0, 0, 0, 1)]);
    // A unit sees itself.
    let answer = exchange(&office, an_officer("2-01")).await;
    let seen: Vec<_> = answer.totals.iter().map(|unit| (unit.unit_code.as_str(), unit.r#in)).collect();
    assert_eq!((answer.cells.len(), seen), (1, vec![("2", 3)]));
    office.close().await;
}

/// What is issued after the period is a result of the decision in it: unit 2 has decided three, and issues two.
#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_is_issued_as_a_file_counts_with_its_decision() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let mut items = Vec::new();
    for (number, outcome) in [(1, Outcome::Approved), (2, Outcome::Approved), (3, Outcome::Refused)] {
        items.push(decided(&office, number, outcome).await);
    }
    let nowhere = application(4);
    let submitted = Fact::ApplicationSubmitted(submission(COPY));
    office.tell("intake", nowhere, submitted).await;
    office.tell("intake", nowhere, stop(StopGround::Withdrawn)).await;
    let november = async || {
        let whole = ReportDimension::Unspecified;
        let figures = report(&office, supervisor(None), of("2026-11"), whole).await.unwrap().total.unwrap();
        add_up(&figures);
        figures.issued_electronically
    };
    assert_eq!(november().await, 0);
    issue(&office, "2-01", items[0], PDF).await.unwrap();
    assert_eq!(november().await, 1);
    office.clock.set(at("2026-12-02T01:00:00Z"));
    issue(&office, "2-01", items[2], PDF).await.unwrap();
    // Asked again, it is the same result.
    issue(&office, "2-01", items[2], PDF).await.unwrap();
    assert_eq!(november().await, 2);
    let results = index(&office, supervisor(None)).await.shares.unwrap().electronic_results.unwrap();
    assert_eq!((results.count, results.of, results.fulfilled), (2, 3, None));
    let issued = cases(&office, supervisor(None), of("2026-11"), ReportFigure::IssuedElectronically).await;
    assert!(issued.iter().all(|case| case.issued), "{issued:?}");
    // They came in at the same instant, in no order.
    for state in [CaseState::Granted, CaseState::Refused] {
        assert_eq!(issued.iter().filter(|case| case.state() == state).count(), 1, "{state:?}");
    }
    office.close().await;
}

async fn index(office: &Office, caller: Caller) -> GetServiceIndexResponse {
    let request = GetServiceIndexRequest { selection: Some(of("2026-11")), by: 0 };
    office.reports(caller).get_service_index(request).await.unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn centres_are_ranked_by_what_is_measured() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    busy(&office).await;
    let answer = index(&office, supervisor(None)).await;
    // What waits was on time when the citizen was asked; what was never promised is not judged.
    let total = answer.total.unwrap();
    assert_eq!((total.judged, total.on_time, total.mean_minutes), (6, 5, Some(300.0)));
    let places: Vec<_> = answer.ranking.iter().map(|unit| (unit.place, unit.unit_code.as_str())).collect();
    assert_eq!(places, [(1, "1"), (1, "2"), (3, "3")]);
    assert_eq!(answer.ranking[0].measure.as_ref().unwrap().points, 20.0);
    assert_eq!(answer.ranking[2].measure.as_ref().unwrap().points, 0.0);
    // One of two procedures is a service, wholly online; what came in online was the other one.
    let [offered, used] = [answer.services_online, answer.services_used_online].map(Option::unwrap);
    assert_eq!((offered.count, offered.of, offered.fulfilled), (1, 2, Some(0.625)));
    assert_eq!((used.count, used.of, used.fulfilled), (0, 1, None));
    let theirs = index(&office, supervisor(Some("1"))).await;
    assert_eq!((theirs.services_online, theirs.services_used_online), (answer.services_online, None));
    assert!(answer.unmeasured.iter().any(|group| group.name.as_ref().unwrap().en == "Digitisation"));
    // Of three it is known how they came in. Unit 1 works on the one that came online; the one that was withdrawn was nobody's.
    let online = |measure: Option<OnlineMeasure>| measure.map(|one| (one.online, one.stated));
    assert_eq!(online(answer.online), Some((1, 3)));
    let centres: Vec<_> = answer.ranking.iter().map(|unit| online(unit.online).unwrap()).collect();
    assert_eq!(centres, [(1, 1), (0, 0), (0, 1)]);
    // So it is with what was digitised: two of three are five sixths of 80 %.
    let digitised = answer.shares.unwrap().digitised.unwrap();
    assert_eq!((digitised.count, digitised.of), (2, 3));
    assert!((digitised.fulfilled.unwrap() - 5.0 / 6.0).abs() < 1e-9);
    let centres = answer.ranking.iter().map(|unit| unit.shares.unwrap().digitised.unwrap());
    let centres: Vec<_> = centres.map(|share| (share.count, share.of, share.fulfilled)).collect();
    assert_eq!(centres, [(1, 1, Some(1.0)), (0, 0, None), (1, 1, Some(1.0))]);

    let own = index(&office, an_officer("3-01")).await;
    let places: Vec<_> = own.ranking.iter().map(|unit| (unit.place, unit.unit_code.as_str())).collect();
    assert_eq!((places, own.ranked, own.total.unwrap().judged), (vec![(3, "3")], 3, 1));
    office.close().await;
}

/// All pages of the cases behind a figure.
async fn cases(
    office: &Office,
    caller: Caller,
    selection: ReportSelection,
    figure: ReportFigure,
) -> Vec<ReportCase> {
    let mut request = ListReportCasesRequest {
        selection: Some(selection),
        figure: figure.into(),
        page_size: 2,
        page_token: String::new(),
    };
    let mut all = Vec::new();
    loop {
        let answer = office.reports(caller.clone()).list_report_cases(request.clone()).await;
        let page = answer.unwrap().into_inner();
        assert!(page.cases.len() <= 2);
        all.extend(page.cases);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return all;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_each_figure_are_its_cases() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    busy(&office).await;
    let total = report(&office, supervisor(None), of("2026-Q4"), ReportDimension::Unspecified).await;
    let total = total.unwrap().total.unwrap();
    for (figure, count) in [
        (ReportFigure::Unspecified, 7),
        (ReportFigure::Received, total.received),
        (ReportFigure::CarriedOver, total.carried_over),
        (ReportFigure::Finished, total.finished),
        (ReportFigure::FinishedEarly, total.finished_early),
        (ReportFigure::FinishedOnTime, total.finished_on_time),
        (ReportFigure::FinishedLate, total.finished_late),
        (ReportFigure::FinishedUndated, total.finished_undated),
        (ReportFigure::Granted, total.granted),
        (ReportFigure::Refused, total.refused),
        (ReportFigure::Withdrawn, total.withdrawn),
        (ReportFigure::Lapsed, total.lapsed),
        (ReportFigure::Running, total.running),
        (ReportFigure::RunningInTerm, total.running_in_term),
        (ReportFigure::RunningOverdue, total.running_overdue),
        (ReportFigure::RunningUndated, total.running_undated),
        (ReportFigure::Waiting, total.waiting),
        (ReportFigure::Supplemented, total.supplemented),
        (ReportFigure::Judged, 6),
        (ReportFigure::JudgedOnTime, 5),
        (ReportFigure::ReceivedDirect, total.received_direct),
        (ReportFigure::ReceivedOnline, total.received_online),
        (ReportFigure::ReceivedByPost, total.received_by_post),
        (ReportFigure::ReceivedUnstated, total.received_unstated),
        (ReportFigure::ReceivedDigitised, total.received_digitised),
        (ReportFigure::ReceivedUndigitised, total.received_undigitised),
        (ReportFigure::ReceivedDigitisedUnstated, total.received_digitised_unstated),
        (ReportFigure::IssuedElectronically, total.issued_electronically),
        (ReportFigure::Rated, total.rated),
        (ReportFigure::Satisfied, total.satisfied),
        (ReportFigure::Dissatisfied, total.dissatisfied),
        (ReportFigure::PaidOnline, total.paid_online),
        (ReportFigure::PaidOtherwise, total.paid_otherwise),
    ] {
        let listed = cases(&office, supervisor(None), of("2026-Q4"), figure).await;
        let ids: BTreeSet<_> = listed.iter().map(|case| &case.case_id).collect();
        assert_eq!((listed.len() as u64, ids.len() as u64), (count, count), "{figure:?}");
    }
    let online = cases(&office, supervisor(None), of("2026-Q4"), ReportFigure::ReceivedOnline).await;
    let channels: Vec<_> = online.iter().map(|case| (case.procedure_code.as_str(), case.channel())).collect();
    assert_eq!(channels, [(COPY, Channel::Online)]);
    let paper = cases(&office, supervisor(None), of("2026-Q4"), ReportFigure::ReceivedUndigitised).await;
    let told: Vec<_> = paper.iter().map(|case| (case.channel(), case.digitised, case.issued)).collect();
    assert_eq!(told, [(Channel::Direct, Some(false), false)]);
    let cell = ReportSelection {
        worked_at_unit_code: "2".to_owned(),
        officer_code: "2-01".to_owned(),
        field: "Hộ tịch".to_owned(),
        ..of("2026-11")
    };
    let [granted] = cases(&office, supervisor(None), cell, ReportFigure::Granted).await.try_into().unwrap();
    assert_eq!((granted.state(), granted.minutes, granted.supplements), (CaseState::Granted, Some(480), 0));
    let who = (granted.received_at_unit_code.as_str(), granted.worked_at_unit_code.as_str());
    assert_eq!((who, granted.officer_code.as_str()), (("1", "2"), "2-01"));
    assert_eq!(granted.dossier_code, "H42.1-261123-0001");

    // The next page sees what the first one saw, though it is overdue by then.
    let mut request = ListReportCasesRequest {
        selection: Some(of("2026-Q4")),
        figure: ReportFigure::RunningInTerm.into(),
        page_size: 1,
        page_token: String::new(),
    };
    let mut reports = office.reports(supervisor(None));
    request.page_token =
        reports.list_report_cases(request.clone()).await.unwrap().into_inner().next_page_token;
    office.clock.set(at("2026-12-20T01:00:00Z"));
    assert_eq!(reports.list_report_cases(request).await.unwrap().into_inner().cases.len(), 1);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_belongs_to_a_unit_sees_what_concerns_it() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    busy(&office).await;
    for (caller, count) in [
        (an_officer("1-01"), 7),
        (supervisor(Some("1")), 7),
        (an_officer("2-01"), 3),
        (an_officer("3-01"), 1),
        (supervisor(Some("D")), 0),
    ] {
        let listed = cases(&office, caller.clone(), of("2026-11"), ReportFigure::Unspecified).await;
        assert_eq!(listed.len(), count, "{}", caller.name);
        let total = report(&office, caller, of("2026-11"), ReportDimension::Field).await.unwrap().total;
        assert_eq!(total.unwrap().received, count as u64);
    }
    // Who works at another unit is told to nobody, however it is asked for.
    assert_eq!(
        groups(&office, an_officer("1-01"), ReportDimension::Officer).await,
        codes(&[("-", 1), ("1-01", 1)])
    );
    let theirs = ReportSelection { officer_code: "2-01".to_owned(), ..of("2026-11") };
    assert!(cases(&office, an_officer("1-01"), theirs, ReportFigure::Unspecified).await.is_empty());
    let listed = cases(&office, an_officer("1-01"), of("2026-11"), ReportFigure::Granted).await;
    assert_eq!(listed[0].officer_code, "-");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_reported_about_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let selection = |field: &str, value: &str| {
        let mut selection = of("2026-11");
        let place = match field {
            "selection.period" => &mut selection.period,
            "selection.received_at_unit_code" => &mut selection.received_at_unit_code,
            "selection.worked_at_unit_code" => &mut selection.worked_at_unit_code,
            "selection.field" => &mut selection.field,
            "selection.procedure_code" => &mut selection.procedure_code,
            _ => &mut selection.officer_code,
        };
        value.clone_into(place);
        selection
    };
    for (field, value, reason) in [
        ("selection.period", "quý tư", "MALFORMED_PERIOD"),
        ("selection.period", "2026-11-02..2026-11-01", "DAYS_REVERSED"),
        ("selection.period", "1999", "DATE_OUT_OF_RANGE"),
        ("selection.received_at_unit_code", "99", "UNKNOWN_UNIT"),
        ("selection.worked_at_unit_code", "99", "UNKNOWN_UNIT"),
        ("selection.field", "Bói toán", "UNKNOWN_FIELD"),
        ("selection.procedure_code", "9.9", "UNKNOWN_PROCEDURE"),
        ("selection.officer_code", "9-99", "UNKNOWN_STAFF_CODE"),
    ] {
        let whole = ReportDimension::Unspecified;
        let refusal = report(&office, supervisor(None), selection(field, value), whole).await.unwrap_err();
        assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Invalid, reason), "{value}");
        assert_eq!(refusal.violations[0].field, field);
    }
    let mut reports = office.reports(supervisor(None));
    let index = GetServiceIndexRequest { selection: None, by: ReportDimension::Field.into() };
    assert!(reports.get_service_index(index).await.is_err());
    let unknown = GetReportRequest { selection: None, by: 99 };
    assert!(reports.get_report(unknown).await.is_err());
    let page = ListReportCasesRequest { page_token: "x".to_owned(), ..ListReportCasesRequest::default() };
    let refusal = status::from_status(&reports.list_report_cases(page).await.unwrap_err());
    assert_eq!(refusal.reason, "MALFORMED_PAGE_TOKEN");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_a_full_online_service_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let ask = async |day: &str, since_version| {
        let request = GetOnlineServicesRequest { day: day.to_owned(), since_version };
        let answer = office.reports(supervisor(None)).get_online_services(request).await;
        answer.map(tonic::Response::into_inner).map_err(|status| status::from_status(&status))
    };
    let before = ask("", 0).await.unwrap();
    let total = before.total.unwrap();
    assert_eq!((before.day.as_str(), total.procedures, total.full, total.offline), ("2026-11-23", 2, 1, 1));
    assert_eq!((before.tiers.len(), before.tiers[0].procedures), (3, 2));
    // The second version takes copies online as a whole.
    let mut files = crate::province::files();
    let procedures = String::from_utf8(files["procedures.csv"].clone()).unwrap();
    let procedures = procedures.replace("commune,,,none,,unknown", "commune,,,full,,unknown");
    files.insert("procedures.csv".to_owned(), procedures.into_bytes());
    for phase in [InstallPhase::Stage, InstallPhase::Activate] {
        office.install_files(phase, 2, files.clone()).await.unwrap();
    }
    let after = ask("2026-11-24", 1).await.unwrap();
    let converted: Vec<_> = after.converted.iter().map(|one| one.code.as_str()).collect();
    assert_eq!((after.province_version, after.total.unwrap().full, converted), (2, 2, vec!["1.2"]));
    assert_eq!(ask("24/11/2026", 0).await.unwrap_err().reason, "MALFORMED_DATE");
    assert_eq!(ask("", 7).await.unwrap_err().reason, "VERSION_NOT_HERE");
    office.close().await;
}
