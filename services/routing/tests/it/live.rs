//! Live facts: changed, recorded, read back.

use phidia_domain::{Kind, Rejection, caller::Caller};
use phidia_proto::routing::v1::{
    Availability, ChangeOutcome, ClearAbsenceRequest, ClearUnitHoursRequest, Days, GetUnitRequest,
    GetUnitResponse, HalfDay, ListOfficersRequest, ListRegistryChangesRequest, RegistryChange,
    SetAbsenceRequest, SetUnitHoursRequest, SetUnitStandingRequest, Standing, registry_change,
};
use phidia_runtime::status;
use tempfile::tempdir;
use tonic::{Response, Status};

use crate::harness::{Office, officer, operator, supervisor, until};

pub(crate) fn stands(availability: Availability) -> Standing {
    Standing { availability: availability.into(), ..Standing::default() }
}

pub(crate) fn refused<T>(answer: Result<Response<T>, Status>) -> Result<T, Rejection> {
    answer.map(Response::into_inner).map_err(|status| status::from_status(&status))
}

pub(crate) async fn set(
    office: &Office,
    caller: Caller,
    code: &str,
    standing: Standing,
    expected_revision: Option<i64>,
) -> Result<ChangeOutcome, Rejection> {
    let request = SetUnitStandingRequest {
        unit_code: code.to_owned(),
        standing: Some(standing),
        reason: "flood".to_owned(),
        expected_revision,
    };
    let answer = office.registry(caller).set_unit_standing(request).await;
    refused(answer).map(|answer| answer.outcome.unwrap())
}

pub(crate) async fn hours(
    office: &Office,
    code: &str,
    day: &str,
    of: &[(&str, &str)],
) -> Result<ChangeOutcome, Rejection> {
    let half_day =
        |(opens, closes): &(&str, &str)| HalfDay { opens: (*opens).into(), closes: (*closes).into() };
    let request = SetUnitHoursRequest {
        unit_code: code.to_owned(),
        day: day.to_owned(),
        hours: of.iter().map(half_day).collect(),
        reason: "a shift".to_owned(),
        expected_revision: None,
    };
    refused(office.registry(operator()).set_unit_hours(request).await).map(|answer| answer.outcome.unwrap())
}

pub(crate) async fn planned(office: &Office, code: &str, day: &str) -> Result<ChangeOutcome, Rejection> {
    let (unit_code, day, reason) = (code.to_owned(), day.to_owned(), "as planned".to_owned());
    let request = ClearUnitHoursRequest { unit_code, day, reason, expected_revision: None };
    refused(office.registry(operator()).clear_unit_hours(request).await).map(|answer| answer.outcome.unwrap())
}

fn days(from: &str, to: &str) -> Option<Days> {
    Some(Days { from: from.to_owned(), to: to.to_owned() })
}

pub(crate) async fn absent(
    office: &Office,
    code: &str,
    from: &str,
    to: &str,
) -> Result<ChangeOutcome, Rejection> {
    let (officer_code, reason) = (code.to_owned(), "leave".to_owned());
    let request = SetAbsenceRequest {
        officer_code,
        days: days(from, to),
        reason,
        expected_revision: None,
        compensatory: false,
    };
    refused(office.registry(operator()).set_absence(request).await).map(|answer| answer.outcome.unwrap())
}

pub(crate) async fn present(
    office: &Office,
    code: &str,
    from: &str,
    to: &str,
) -> Result<ChangeOutcome, Rejection> {
    let (officer_code, reason) = (code.to_owned(), "back".to_owned());
    let request = ClearAbsenceRequest { officer_code, days: days(from, to), reason, expected_revision: None };
    refused(office.registry(operator()).clear_absence(request).await).map(|answer| answer.outcome.unwrap())
}

pub(crate) async fn get(
    office: &Office,
    caller: Caller,
    code: &str,
    revision: Option<i64>,
) -> Result<GetUnitResponse, Rejection> {
    refused(office.registry(caller).get_unit(GetUnitRequest { unit_code: code.to_owned(), revision }).await)
}

pub(crate) async fn history(
    office: &Office,
    caller: Caller,
    unit_code: &str,
    officer_code: &str,
) -> Result<Vec<RegistryChange>, Rejection> {
    let (mut changes, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListRegistryChangesRequest {
            page_size: 2,
            page_token,
            unit_code: unit_code.to_owned(),
            officer_code: officer_code.to_owned(),
        };
        let page = refused(office.registry(caller.clone()).list_registry_changes(request).await)?;
        changes.extend(page.changes);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(changes);
        }
    }
}

pub(crate) fn revisions(changes: &[RegistryChange]) -> Vec<i64> {
    changes.iter().map(|change| change.revision).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_recorded_once_and_read_back_also_as_of_then() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let closing = Standing { most_open_items: Some(9), quarantined: true, ..stands(Availability::Closing) };
    for changed in [true, false] {
        let outcome = set(&office, operator(), "1", closing, None).await.unwrap();
        assert_eq!((outcome.revision, outcome.changed), (1, changed));
    }
    hours(&office, "1", "2026-11-28", &[("07:30", "11:30"), ("18:00", "24:00")]).await.unwrap();
    hours(&office, "1", "2026-11-20", &[]).await.unwrap();
    absent(&office, "1-01", "2026-12-01", "2026-12-03").await.unwrap();
    present(&office, "1-01", "2026-12-02", "").await.unwrap();
    assert!(!present(&office, "1-01", "2026-12-02", "").await.unwrap().changed);

    let now = get(&office, operator(), "1", None).await.unwrap();
    assert_eq!((now.revision, now.version, now.cluster.as_str()), (5, 1, "Huyện X"));
    assert_eq!(now.standing.as_ref(), Some(&closing));
    // What is over is of no interest any more.
    assert_eq!(now.changed_hours.len(), 1);
    assert_eq!(
        (now.changed_hours[0].day.as_str(), now.changed_hours[0].hours[1].closes.as_str()),
        ("2026-11-28", "24:00")
    );
    let one = &now.officers[0];
    assert_eq!((one.code.as_str(), one.competencies.len()), ("1-01", 2));
    assert_eq!(
        one.absences,
        [days("2026-12-01", "2026-12-01").unwrap(), days("2026-12-03", "2026-12-03").unwrap()]
    );
    let units = async |code: &str| {
        let units = office.units().await.unwrap();
        units.into_iter().find(|unit| unit.code == code).unwrap().availability()
    };
    until(async || office.units().await.is_ok()).await;
    assert_eq!((units("1").await, units("2").await), (Availability::Closing, Availability::Open));

    // As it was before, and in between.
    let before = get(&office, operator(), "1", Some(0)).await.unwrap();
    assert_eq!((before.revision, before.standing), (0, Some(stands(Availability::Open))));
    let between = get(&office, operator(), "1", Some(4)).await.unwrap();
    assert_eq!(between.officers[0].absences, [days("2026-12-01", "2026-12-03").unwrap()]);

    let all = history(&office, operator(), "", "").await.unwrap();
    assert_eq!(revisions(&all), [5, 4, 3, 2, 1]);
    let first = &all[4];
    assert_eq!(
        (first.actor.as_str(), first.reason.as_str(), first.unit_code.as_str()),
        ("operator/o", "flood", "1")
    );
    assert_eq!(first.change, Some(registry_change::Change::Standing(closing)));
    assert_eq!(revisions(&history(&office, operator(), "", "1-01").await.unwrap()), [5, 4]);
    assert_eq!(revisions(&history(&office, operator(), "1", "").await.unwrap()), [5, 4, 3, 2, 1]);
    assert!(history(&office, operator(), "2", "").await.unwrap().is_empty());

    // It is in the store.
    let office = office.restart(folder.path()).await;
    assert_eq!(get(&office, operator(), "1", None).await.unwrap().standing, Some(closing));
    let outcome = set(&office, operator(), "1", stands(Availability::Open), None).await.unwrap();
    assert_eq!((outcome.revision, outcome.changed), (6, true));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_changes_and_sees_what_is_theirs() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let kind = |answer: Result<ChangeOutcome, Rejection>| answer.err().map(|refusal| refusal.kind);
    let closed = || stands(Availability::Closed);
    assert_eq!(kind(set(&office, officer("1"), "1", closed(), None).await), Some(Kind::Forbidden));
    assert_eq!(kind(set(&office, supervisor(Some("2")), "1", closed(), None).await), Some(Kind::Forbidden));
    assert_eq!(kind(set(&office, supervisor(Some("1")), "1", closed(), None).await), None);
    assert_eq!(kind(set(&office, supervisor(None), "2", closed(), None).await), None);
    absent(&office, "2-01", "2026-12-01", "").await.unwrap();

    assert!(get(&office, officer("1"), "1", None).await.is_ok());
    assert_eq!(get(&office, officer("1"), "2", None).await.unwrap_err().reason, "OTHER_UNIT");
    assert_eq!(revisions(&history(&office, officer("1"), "", "").await.unwrap()), [1]);
    assert_eq!(history(&office, officer("1"), "", "2-01").await.unwrap_err().reason, "OTHER_UNIT");
    let officers = async |caller: Caller, unit_code: &str, field: &str, level| {
        let (unit_code, field) = (unit_code.to_owned(), field.to_owned());
        let request =
            ListOfficersRequest { page_size: 2, page_token: String::new(), unit_code, field, level };
        let page = refused(office.registry(caller).list_officers(request).await)?;
        let codes: Vec<_> = page.officers.into_iter().map(|officer| officer.code).collect();
        Ok::<_, Rejection>((codes.join(" "), page.next_page_token))
    };
    assert_eq!(officers(operator(), "", "", 0).await.unwrap(), ("1-01 2-01".into(), "2-01".into()));
    assert_eq!(officers(operator(), "2", "", 0).await.unwrap(), ("2-01 2-02".into(), String::new()));
    assert_eq!(officers(operator(), "1", "Chứng thực", 5).await.unwrap(), ("1-01".into(), String::new()));
    assert_eq!(officers(operator(), "", "Đất đai", 0).await.unwrap(), (String::new(), String::new()));
    assert_eq!(officers(officer("3"), "", "", 0).await.unwrap(), ("3-01".into(), String::new()));
    assert_eq!(officers(officer("3"), "2", "", 0).await.unwrap_err().reason, "OTHER_UNIT");
    for (level, field) in [(1, "field"), (6, "level")] {
        assert_eq!(officers(operator(), "", "", level).await.unwrap_err().violations[0].field, field);
    }
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_looked_before_somebody_else_changed_it_is_told() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let (closing, closed) = (stands(Availability::Closing), stands(Availability::Closed));
    set(&office, operator(), "2", closed, Some(0)).await.unwrap();
    // Another unit's change is no matter.
    set(&office, supervisor(Some("1")), "1", closing, Some(0)).await.unwrap();
    let refusal = set(&office, operator(), "1", closed, Some(0)).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Conflict, "REGISTRY_MOVED_ON"));
    for (fact, value) in [("revision", "2"), ("changed_at_revision", "2"), ("changed_by", "supervisor/s")] {
        assert!(refusal.metadata.contains(&(fact.to_owned(), value.to_owned())), "{refusal:?}");
    }
    // The same again is done already, whatever was expected.
    assert!(!set(&office, operator(), "1", closing, Some(0)).await.unwrap().changed);
    assert_eq!(set(&office, operator(), "1", closed, Some(2)).await.unwrap().revision, 3);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused_at_its_place_and_changes_nothing() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let place = |answer: Result<ChangeOutcome, Rejection>| {
        let refusal = answer.unwrap_err();
        (refusal.reason, refusal.violations.into_iter().next().map(|at| at.field).unwrap_or_default())
    };
    let at = |reason: &str, field: &str| (reason.to_owned(), field.to_owned());
    let overlapping = [("07:30", "11:30"), ("11:00", "17:00")];
    assert_eq!(place(hours(&office, "1", "2026-12-01", &overlapping).await), at("HOURS_INVALID", "hours[1]"));
    let reversed = [("17:00", "07:30")];
    assert_eq!(
        place(hours(&office, "1", "2026-12-01", &reversed).await),
        at("HOURS_INVALID", "hours[0].closes")
    );
    assert_eq!(place(hours(&office, "1", "1/12/2026", &[]).await), at("MALFORMED_DATE", "day"));
    assert_eq!(place(hours(&office, "1", "2126-12-01", &[]).await), at("DATE_OUT_OF_RANGE", "day"));
    assert_eq!(place(hours(&office, "9", "2026-12-01", &[]).await), at("UNKNOWN_UNIT", ""));
    // An abolished code is no unit that could be closed.
    assert_eq!(place(hours(&office, "7", "2026-12-01", &[]).await), at("UNKNOWN_UNIT", ""));
    assert_eq!(
        place(absent(&office, "1-01", "2026-12-02", "2026-12-01").await),
        at("DAYS_REVERSED", "days.to")
    );
    assert_eq!(place(absent(&office, "9-99", "2026-12-01", "").await), at("UNKNOWN_STAFF_CODE", ""));
    let nothing = Standing::default();
    assert_eq!(
        place(set(&office, operator(), "1", nothing, None).await),
        at("UNKNOWN_VALUE", "standing.availability")
    );
    let unsaid = SetUnitStandingRequest {
        unit_code: "1".into(),
        standing: Some(stands(Availability::Closed)),
        ..Default::default()
    };
    let refusal = refused(office.registry(operator()).set_unit_standing(unsaid).await).unwrap_err();
    assert_eq!(refusal.violations[0].field, "reason");
    assert!(history(&office, operator(), "", "").await.unwrap().is_empty());
    office.close().await;
}
