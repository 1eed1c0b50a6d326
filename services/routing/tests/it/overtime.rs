//! The register of overtime and compensatory leave: asked for, worked, taken, put right; and who may look.

use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
    id::OfficerId,
};
use phidia_proto::routing::v1::{
    ChangeOutcome, Days, HalfDay, ListOfficersRequest, ListOvertimeRequest, ListOvertimeResponse,
    OvertimeFigures, OvertimeKind, OvertimeSelection, SetAbsenceRequest, SetOfficerHoursRequest,
    WorkingMinutes, registry_change::Change,
};
use tempfile::tempdir;

use crate::{
    harness::{Office, at, item, officer, operator, supervisor},
    live::{absent, history, hours, planned, present, refused},
    province::{COPY, unit, with_line},
    shifts::shift,
};

const SATURDAY: &str = "2026-11-28";
const MORNING: [(&str, &str); 1] = [("07:30", "11:30")];
/// The Monday after.
const NEXT_WEEK: &str = "2026-11-30T01:00:00Z";

async fn ask(
    office: &Office,
    caller: Caller,
    period: &str,
    unit_code: &str,
    officer_code: &str,
) -> Result<ListOvertimeResponse, Rejection> {
    let [period, unit_code, officer_code] = [period, unit_code, officer_code].map(str::to_owned);
    let selection = Some(OvertimeSelection { period, unit_code, officer_code });
    let request = ListOvertimeRequest { selection, ..Default::default() };
    refused(office.registry(caller).list_overtime(request).await)
}

async fn of(office: &Office, officer_code: &str) -> OvertimeFigures {
    let answer = ask(office, operator(), "2026-Q4", "", officer_code).await.unwrap();
    assert_eq!(answer.total, answer.lines[0].figures);
    answer.total.unwrap()
}

fn minutes(done: i64, planned: i64) -> Option<WorkingMinutes> {
    Some(WorkingMinutes { done, planned })
}

fn codes(answer: &ListOvertimeResponse) -> Vec<&str> {
    answer.lines.iter().map(|line| line.officer_code.as_str()).collect()
}

async fn on_leave(office: &Office, code: &str, day: &str) -> ChangeOutcome {
    let request = SetAbsenceRequest {
        officer_code: code.to_owned(),
        days: Some(Days { from: day.to_owned(), to: String::new() }),
        reason: "for the Saturday".to_owned(),
        expected_revision: None,
        compensatory: true,
    };
    refused(office.registry(operator()).set_absence(request).await).unwrap().outcome.unwrap()
}

async fn half_a_day_on_leave(office: &Office, code: &str, day: &str) -> ChangeOutcome {
    let request = SetOfficerHoursRequest {
        officer_code: code.to_owned(),
        day: day.to_owned(),
        hours: vec![HalfDay { opens: "07:30".to_owned(), closes: "11:30".to_owned() }],
        reason: "for the Saturday".to_owned(),
        expected_revision: None,
        compensatory: true,
    };
    refused(office.registry(operator()).set_officer_hours(request).await).unwrap().outcome.unwrap()
}

/// Monday at 17:00, half an hour before the office closes.
#[tokio::test(flavor = "multi_thread")]
async fn an_evening_that_is_asked_for_is_planned_reckoned_with_and_then_worked() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.clock.set(at("2026-11-23T10:00:00Z"));
    let finish = async |number: u128| {
        office.submit(number..number + 1, COPY, "1").await;
        let decision = office.decision(item(number, 1)).await;
        (decision.unit_id, decision.predicted_finish_at.unwrap().seconds)
    };
    let (midnight, home) = (at("2026-11-23T17:00:00Z").as_second(), unit("1").to_string());
    let (first, at_once) = finish(1).await;
    assert!(first == home && at_once > midnight, "of two hours an hour and a half is left for Tuesday");
    hours(&office, "1", "2026-11-23", &[("07:30", "11:30"), ("13:30", "22:00")]).await.unwrap();
    let (second, in_the_evening) = finish(2).await;
    assert!(second == home && in_the_evening < midnight, "four hours are left until ten");

    let evening = of(&office, "1-01").await;
    assert_eq!((evening.working_days, evening.owed), (minutes(0, 270), minutes(0, 0)));
    office.clock.set(at("2026-11-23T13:30:00Z"));
    assert_eq!(of(&office, "1-01").await.working_days, minutes(180, 90));
    office.clock.set(at("2026-11-24T01:00:00Z"));
    assert_eq!(of(&office, "1-01").await.working_days, minutes(270, 0));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leave_is_taken_for_a_saturday_also_more_than_is_owed_and_a_day_may_be_put_right() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    hours(&office, "2", SATURDAY, &MORNING).await.unwrap();
    assert_eq!(of(&office, "2-01").await.owed, minutes(0, 240));
    assert!(on_leave(&office, "2-01", "2026-12-01").await.changed);
    assert!(!on_leave(&office, "2-01", "2026-12-01").await.changed);
    half_a_day_on_leave(&office, "2-02", "2026-12-02").await;
    office.clock.set(at(NEXT_WEEK));
    let first = of(&office, "2-01").await;
    assert_eq!(
        (first.days_off, first.leave_taken, first.owed),
        (minutes(240, 0), minutes(0, 480), minutes(240, -480))
    );
    assert_eq!(of(&office, "2-02").await.owed, minutes(240, -240));

    // It is told where officers and changes are told.
    let request = ListOfficersRequest { unit_code: "2".to_owned(), ..Default::default() };
    let officers = refused(office.registry(operator()).list_officers(request).await).unwrap().officers;
    let day = |day: &str| Days { from: day.to_owned(), to: day.to_owned() };
    let leave: Vec<_> = officers.iter().map(|officer| officer.compensatory_leave.clone()).collect();
    assert_eq!(leave, [[day("2026-12-01")], [day("2026-12-02")]]);
    let changes = history(&office, operator(), "2", "").await.unwrap();
    let compensatory: Vec<_> = changes.iter().map(|change| (change.revision, change.compensatory)).collect();
    assert_eq!(compensatory, [(3, true), (2, true), (1, false)]);
    assert_eq!(changes[1].change, Some(Change::Absent(day("2026-12-01"))));

    // On the Saturday one of them had gone at ten, and the other was not there at all.
    shift(&office, operator(), "2-01", SATURDAY, &[("07:30", "10:00")]).await.unwrap();
    absent(&office, "2-02", SATURDAY, "").await.unwrap();
    let office = office.restart(folder.path()).await;
    office.clock.set(at("2026-12-07T01:00:00Z"));
    assert_eq!(of(&office, "2-01").await.owed, minutes(150 - 480, 0));
    assert_eq!(of(&office, "2-02").await.owed, minutes(-240, 0));
    // Ill on that day after all; and not away at all.
    absent(&office, "2-01", "2026-12-01", "").await.unwrap();
    assert_eq!(of(&office, "2-01").await.leave_taken, minutes(0, 0));
    on_leave(&office, "2-01", "2026-12-01").await;
    present(&office, "2-01", "2026-12-01", "").await.unwrap();
    assert_eq!(of(&office, "2-01").await.leave_taken, minutes(0, 0));
    // The Saturday did not take place.
    planned(&office, "2", SATURDAY).await.unwrap();
    assert_eq!(of(&office, "2-01").await.owed, minutes(0, 0));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_told_day_by_day_and_carried_from_period_to_period() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office
        .install(2, with_line("legal_calendar.csv", "2026-11-24,holiday,Ngày Văn hóa,Culture day,official"))
        .await;
    for day in ["2026-11-24", SATURDAY] {
        hours(&office, "2", day, &MORNING).await.unwrap();
    }
    on_leave(&office, "2-01", "2026-12-01").await;
    office.clock.set(at("2027-01-04T01:00:00Z"));
    let answer = ask(&office, operator(), "2026-11", "", "2-01").await.unwrap();
    assert_eq!((answer.from.as_str(), answer.to.as_str()), ("2026-11-01", "2026-11-30"));
    let days: Vec<_> =
        answer.lines[0].days.iter().map(|day| (day.day.as_str(), day.kind(), day.overtime)).collect();
    assert_eq!(
        days,
        [
            ("2026-11-24", OvertimeKind::Holiday, minutes(240, 0)),
            (SATURDAY, OvertimeKind::DayOff, minutes(240, 0)),
        ]
    );
    assert_eq!(answer.lines[0].days[1].hours[0].closes, "11:30");
    let december = ask(&office, operator(), "2026-12", "", "2-01").await.unwrap();
    let figures = december.total.unwrap();
    assert_eq!(
        (figures.carried_over, figures.leave_taken, figures.owed),
        (minutes(480, 0), minutes(480, 0), minutes(0, 0))
    );
    // By default the quarter of today; of several officers no days.
    let today = ask(&office, operator(), "", "2", "").await.unwrap();
    assert_eq!((today.from.as_str(), today.to.as_str()), ("2027-01-01", "2027-03-31"));
    assert_eq!(today.total.unwrap().owed, minutes(480, 0));
    assert!(today.lines.iter().all(|line| line.days.is_empty()));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_the_accounts_that_are_theirs() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    hours(&office, "2", SATURDAY, &MORNING).await.unwrap();
    let all = ask(&office, operator(), "2026-11", "", "").await.unwrap();
    assert_eq!(codes(&all), ["2-01", "2-02"]);
    assert_eq!(all.total.unwrap().days_off, minutes(0, 480));
    // Of whom there is nothing to tell is told where they are named.
    let nothing = ask(&office, operator(), "2026-11", "", "1-01").await.unwrap();
    assert_eq!((codes(&nothing), nothing.total.unwrap().owed), (vec!["1-01"], minutes(0, 0)));
    hours(&office, "3", SATURDAY, &MORNING).await.unwrap();
    let theirs = ask(&office, supervisor(Some("2")), "2026-11", "", "").await.unwrap();
    assert_eq!(codes(&theirs), ["2-01", "2-02"]);
    let own = Caller { officer: Some(OfficerId::of("37", "2-02")), ..officer("2") };
    for (unit_code, officer_code) in [("", ""), ("2", ""), ("", "2-02")] {
        let answer = ask(&office, own.clone(), "2026-11", unit_code, officer_code).await.unwrap();
        assert_eq!((codes(&answer), answer.lines[0].days.len()), (vec!["2-02"], 1));
        assert_eq!(answer.total.unwrap().days_off, minutes(0, 240));
    }
    let reason = async |caller: Caller, unit_code: &str, officer_code: &str| {
        let refusal = ask(&office, caller, "2026-11", unit_code, officer_code).await.unwrap_err();
        assert_eq!(refusal.kind, Kind::Forbidden);
        refusal.reason
    };
    assert_eq!(reason(own.clone(), "", "2-01").await, "OTHER_OFFICER");
    assert_eq!(reason(own.clone(), "", "1-01").await, "OTHER_UNIT");
    assert_eq!(reason(own, "1", "").await, "OTHER_UNIT");
    assert_eq!(reason(officer("2"), "", "").await, "UNKNOWN_OFFICER");
    assert_eq!(reason(supervisor(Some("2")), "1", "").await, "OTHER_UNIT");
    assert_eq!(reason(supervisor(Some("2")), "", "1-01").await, "OTHER_UNIT");
    let citizen = Caller { role: Role::Citizen, name: "c".into(), unit: None, officer: None };
    assert_eq!(ask(&office, citizen, "", "", "").await.unwrap_err().kind, Kind::Forbidden);

    // Page by page, with the same total on each.
    let (mut seen, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListOvertimeRequest { page_size: 2, page_token, selection: None };
        let page = refused(office.registry(operator()).list_overtime(request).await).unwrap();
        assert_eq!(page.total.unwrap().days_off, minutes(0, 720));
        seen.extend(codes(&page).into_iter().map(str::to_owned));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ["2-01", "2-02", "3-01"]);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_is_refused_at_its_place() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    for (period, unit_code, officer_code, reason, field) in [
        ("Q4", "", "", "MALFORMED_PERIOD", "selection.period"),
        ("2026-11-02..2026-11-01", "", "", "DAYS_REVERSED", "selection.period"),
        ("2126", "", "", "DATE_OUT_OF_RANGE", "selection.period"),
        ("", "9", "", "UNKNOWN_UNIT", ""),
        ("", "", "9-99", "UNKNOWN_STAFF_CODE", ""),
    ] {
        let refusal = ask(&office, operator(), period, unit_code, officer_code).await.unwrap_err();
        let place = refusal.violations.first().map_or("", |at| at.field.as_str());
        assert_eq!((refusal.reason.as_str(), place), (reason, field), "{period} {unit_code} {officer_code}");
    }
    office.close().await;
}
