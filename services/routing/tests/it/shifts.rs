//! An officer who is there for a part of a day only: recorded, reckoned with, and as planned again.

use phidia_domain::{Kind, Rejection, caller::Caller};
use phidia_proto::routing::v1::{
    ChangeOutcome, ClearOfficerHoursRequest, DayHours, HalfDay, ListOfficersRequest, Officer,
    SetOfficerHoursRequest, SetOfficerHoursResponse, registry_change::Change,
};
use tempfile::tempdir;

use crate::{
    harness::{Office, item, officer, operator, supervisor, until},
    live::{absent, get, history, hours, present, refused, revisions},
    province::{COPY, unit},
};

const MONDAY: &str = "2026-11-23";
const TUESDAY: &str = "2026-11-24";
const MORNING: [(&str, &str); 1] = [("07:30", "11:30")];

fn half_days(of: &[(&str, &str)]) -> Vec<HalfDay> {
    let half_day =
        |(opens, closes): &(&str, &str)| HalfDay { opens: (*opens).into(), closes: (*closes).into() };
    of.iter().map(half_day).collect()
}

fn on(day: &str, of: &[(&str, &str)]) -> DayHours {
    DayHours { day: day.to_owned(), hours: half_days(of) }
}

fn order(code: &str, day: &str, of: &[(&str, &str)]) -> SetOfficerHoursRequest {
    SetOfficerHoursRequest {
        officer_code: code.to_owned(),
        day: day.to_owned(),
        hours: half_days(of),
        reason: "half a day off".to_owned(),
        expected_revision: None,
        compensatory: false,
    }
}

async fn ask(
    office: &Office,
    caller: Caller,
    request: SetOfficerHoursRequest,
) -> Result<SetOfficerHoursResponse, Rejection> {
    refused(office.registry(caller).set_officer_hours(request).await)
}

pub(crate) async fn shift(
    office: &Office,
    caller: Caller,
    code: &str,
    day: &str,
    of: &[(&str, &str)],
) -> Result<ChangeOutcome, Rejection> {
    ask(office, caller, order(code, day, of)).await.map(|answer| answer.outcome.unwrap())
}

pub(crate) async fn as_planned(
    office: &Office,
    caller: Caller,
    code: &str,
    day: &str,
) -> Result<ChangeOutcome, Rejection> {
    let (officer_code, day, reason) = (code.to_owned(), day.to_owned(), "as planned".to_owned());
    let request = ClearOfficerHoursRequest { officer_code, day, reason, expected_revision: None };
    let answer = refused(office.registry(caller).clear_officer_hours(request).await);
    answer.map(|answer| answer.outcome.unwrap())
}

async fn listed(office: &Office, code: &str) -> Officer {
    let request = ListOfficersRequest { unit_code: "1".to_owned(), ..Default::default() };
    let officers = refused(office.registry(operator()).list_officers(request).await).unwrap().officers;
    officers.into_iter().find(|officer| officer.code == code).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_of_an_officer_are_recorded_once_and_read_back_also_as_of_then() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    for changed in [true, false] {
        let outcome = shift(&office, operator(), "1-01", TUESDAY, &MORNING).await.unwrap();
        assert_eq!((outcome.revision, outcome.changed), (1, changed));
    }
    let two = [("08:00", "10:00"), ("20:00", "24:00")];
    shift(&office, operator(), "1-01", "2026-12-01", &two).await.unwrap();
    assert_eq!(listed(&office, "1-01").await.changed_hours, [on(TUESDAY, &MORNING), on("2026-12-01", &two)]);

    for changed in [true, false] {
        let outcome = as_planned(&office, operator(), "1-01", TUESDAY).await.unwrap();
        assert_eq!((outcome.revision, outcome.changed), (3, changed));
    }
    let office = office.restart(folder.path()).await;
    let now = get(&office, operator(), "1", None).await.unwrap();
    assert_eq!(now.officers[0].changed_hours, [on("2026-12-01", &two)]);
    assert!(now.changed_hours.is_empty(), "the unit works as planned");
    let then = get(&office, operator(), "1", Some(1)).await.unwrap();
    assert_eq!(then.officers[0].changed_hours, [on(TUESDAY, &MORNING)]);

    let made = history(&office, operator(), "", "1-01").await.unwrap();
    let of: Vec<_> = made.iter().filter_map(|one| one.change.clone()).collect();
    assert_eq!(
        of,
        [
            Change::OfficerAsPlannedOn(TUESDAY.to_owned()),
            Change::OfficerHours(on("2026-12-01", &two)),
            Change::OfficerHours(on(TUESDAY, &MORNING)),
        ]
    );
    let first = &made[2];
    assert_eq!(
        (first.actor.as_str(), first.reason.as_str(), first.unit_code.as_str()),
        ("operator/o", "half a day off", "1")
    );
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn work_goes_elsewhere_when_the_hours_are_cut_and_stays_again_when_they_are_as_planned() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let goes_to = async |number: u128| {
        office.submit(number..number + 1, COPY, "1").await;
        office.decision(item(number, 1)).await.unit_id
    };
    assert_eq!(goes_to(1).await, unit("1").to_string());
    // Monday, 08:00: of two hours of work, due on Tuesday at 08:00, the one officer is there for an hour and a half.
    let until_nine = [("07:30", "09:00")];
    let outcome = shift(&office, operator(), "1-01", MONDAY, &until_nine).await.unwrap();
    assert_eq!((outcome.tried_again, outcome.released), (0, 0));
    assert_eq!(goes_to(2).await, unit("2").to_string());
    as_planned(&office, operator(), "1-01", MONDAY).await.unwrap();
    assert_eq!(goes_to(3).await, unit("1").to_string());
    // What had its unit kept it.
    assert_eq!(office.decision(item(1, 1)).await.unit_id, unit("1").to_string());
    assert_eq!(office.explain(item(1, 1)).await.len(), 1);
    office.balanced().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_is_there_for_in_time_waits_until_somebody_is() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    // What the activation has put on the agenda again is out of the way by then.
    office.submit(1..2, COPY, "1").await;
    office.decision(item(1, 1)).await;
    for code in ["1-01", "2-01", "2-02"] {
        shift(&office, operator(), code, MONDAY, &[("07:30", "08:00")]).await.unwrap();
        shift(&office, operator(), code, TUESDAY, &[("08:00", "17:30")]).await.unwrap();
    }
    office.submit(2..3, COPY, "1").await;
    until(async || office.unassignable().await == ["NOBODY_PRESENT"]).await;
    let outcome = shift(&office, operator(), "2-02", MONDAY, &[("07:30", "10:30")]).await.unwrap();
    assert_eq!((outcome.tried_again, outcome.released), (1, 0));
    assert_eq!(office.decision(item(2, 1)).await.unit_id, unit("2").to_string());
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_absent_stays_so_whatever_their_hours() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    shift(&office, operator(), "1-01", MONDAY, &MORNING).await.unwrap();
    absent(&office, "1-01", MONDAY, TUESDAY).await.unwrap();
    office.submit(1..2, COPY, "1").await;
    assert_eq!(office.decision(item(1, 1)).await.unit_id, unit("2").to_string());
    present(&office, "1-01", MONDAY, TUESDAY).await.unwrap();
    // The hours are what they were.
    assert_eq!(listed(&office, "1-01").await.changed_hours, [on(MONDAY, &MORNING)]);
    office.submit(2..3, COPY, "1").await;
    assert_eq!(office.decision(item(2, 1)).await.unit_id, unit("1").to_string());
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_names_hours_at_which_the_unit_is_closed_is_told() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let outside = async |day: &str, of: &[(&str, &str)]| {
        ask(&office, operator(), order("1-01", day, of)).await.unwrap().minutes_outside
    };
    assert_eq!(outside(MONDAY, &MORNING).await, 0);
    let long = [("07:00", "14:00"), ("17:00", "18:30")];
    assert_eq!(outside(MONDAY, &long).await, 30 + 120 + 60);
    assert_eq!(outside(MONDAY, &long).await, 30 + 120 + 60, "also when it was so already");
    // A Saturday is the unit's to open.
    let saturday = "2026-11-28";
    assert_eq!(outside(saturday, &MORNING).await, 240);
    hours(&office, "1", saturday, &[("08:00", "12:00")]).await.unwrap();
    assert_eq!(outside(saturday, &MORNING).await, 30);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_supervisor_of_the_unit_sets_the_hours_of_its_officers_and_nobody_elses() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let of_two = || supervisor(Some("2"));
    let reason = |answer: Result<ChangeOutcome, Rejection>| answer.err().map(|refusal| refusal.reason);
    let own = officer("1");
    let kind = |answer: Result<ChangeOutcome, Rejection>| answer.err().map(|refusal| refusal.kind);
    assert_eq!(kind(shift(&office, own.clone(), "1-01", MONDAY, &MORNING).await), Some(Kind::Forbidden));
    assert_eq!(kind(as_planned(&office, own, "1-01", MONDAY).await), Some(Kind::Forbidden));
    let other = Some("OTHER_UNIT".to_owned());
    assert_eq!(reason(shift(&office, of_two(), "1-01", MONDAY, &MORNING).await), other);
    assert_eq!(reason(as_planned(&office, of_two(), "1-01", MONDAY).await), other);
    assert_eq!(reason(shift(&office, of_two(), "2-01", MONDAY, &MORNING).await), None);
    assert_eq!(reason(as_planned(&office, supervisor(None), "2-01", MONDAY).await), None);
    assert_eq!(revisions(&history(&office, of_two(), "", "").await.unwrap()), [2, 1]);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_looked_before_the_officer_was_changed_is_told_and_another_officers_change_is_no_matter() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    shift(&office, operator(), "2-01", MONDAY, &MORNING).await.unwrap();
    let expecting = |code: &str, day: &str, revision| SetOfficerHoursRequest {
        expected_revision: Some(revision),
        ..order(code, day, &MORNING)
    };
    ask(&office, operator(), expecting("2-02", MONDAY, 0)).await.unwrap();
    let refusal = ask(&office, operator(), expecting("2-01", TUESDAY, 0)).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Conflict, "REGISTRY_MOVED_ON"));
    // The same again is done already, whatever was expected.
    let again = ask(&office, operator(), expecting("2-01", MONDAY, 0)).await.unwrap();
    assert!(!again.outcome.unwrap().changed);
    ask(&office, operator(), expecting("2-01", TUESDAY, 2)).await.unwrap();
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_that_make_no_sense_are_refused_at_their_place_and_change_nothing() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let overlapping = [("07:30", "11:30"), ("11:00", "17:00")];
    let unsaid = SetOfficerHoursRequest { reason: String::new(), ..order("1-01", MONDAY, &MORNING) };
    for (request, reason, field) in [
        (order("1-01", MONDAY, &[]), "NO_HOURS", "hours"),
        (order("1-01", MONDAY, &overlapping), "HOURS_INVALID", "hours[1]"),
        (order("1-01", MONDAY, &[("11:30", "07:30")]), "HOURS_INVALID", "hours[0].closes"),
        (order("1-01", MONDAY, &[("7:30", "11:30")]), "MALFORMED_TIME", "hours[0].opens"),
        (order("1-01", "1/12/2026", &MORNING), "MALFORMED_DATE", "day"),
        (order("1-01", "2126-12-01", &MORNING), "DATE_OUT_OF_RANGE", "day"),
        (order("", MONDAY, &MORNING), "MISSING_FIELD", "officer_code"),
        (order("9-99", MONDAY, &MORNING), "UNKNOWN_STAFF_CODE", ""),
        (unsaid, "MISSING_FIELD", "reason"),
    ] {
        let refusal = ask(&office, operator(), request.clone()).await.unwrap_err();
        let place = refusal.violations.first().map_or("", |at| at.field.as_str());
        assert_eq!((refusal.reason.as_str(), place), (reason, field), "{request:?}");
    }
    let place = |answer: Result<ChangeOutcome, Rejection>| answer.unwrap_err().reason;
    assert_eq!(place(as_planned(&office, operator(), "9-99", MONDAY).await), "UNKNOWN_STAFF_CODE");
    assert_eq!(place(as_planned(&office, operator(), "1-01", "rubbish").await), "MALFORMED_DATE");
    assert!(history(&office, operator(), "", "").await.unwrap().is_empty());
    office.close().await;
}
