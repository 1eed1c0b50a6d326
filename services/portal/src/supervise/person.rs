//! One officer: what they have in hand, when they are away, when they are there.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};
use phidia_proto::{
    processing::v1::{
        CaseWorkItem, HandOverWorkItemRequest, ReturnWorkItemRequest, case_service_client::CaseServiceClient,
    },
    routing::v1::{
        ClearAbsenceRequest, ClearOfficerHoursRequest, Days, GetUnitResponse, Officer, SetAbsenceRequest,
        SetOfficerHoursRequest, registry_service_client::RegistryServiceClient,
    },
};

use super::{centre, menu, work_item};
use crate::{
    Portal,
    form::{Faults, Fields, Posted, key_field},
    page::{Look, Page},
    part::{self, encoded},
    services::soon,
    trouble::Trouble,
    visitor::Supervising,
};

pub(super) async fn show(
    State(portal): State<Portal>,
    who: Supervising,
    Path(code): Path<String>,
) -> Result<Page, Trouble> {
    page(&portal, &who, &code, &Fields::default(), &Faults::none()).await
}

/// Gives what was ticked to a colleague, or back to the worklist of the centre.
pub(super) async fn hand_over(
    State(portal): State<Portal>,
    Path(code): Path<String>,
    posted: Posted<Supervising>,
) -> Result<Response, Trouble> {
    let done = handed_over(&portal, &posted).await;
    answer(&portal, &code, &posted, done).await
}

async fn handed_over(portal: &Portal, posted: &Posted<Supervising>) -> Result<(), Trouble> {
    let fields = posted.sent()?.fields;
    let mut cases = CaseServiceClient::new(portal.processing(&posted.who));
    for (item, fence) in fields.all("viec").filter_map(work_item::ticked) {
        let work_item = Some(item);
        match fields.text("cho") {
            "" => {
                cases.return_work_item(soon(ReturnWorkItemRequest { work_item, fence })).await?;
            }
            officer_code => {
                let officer_code = officer_code.to_owned();
                let request = HandOverWorkItemRequest { work_item, expected_fence: fence, officer_code };
                cases.hand_over_work_item(soon(request)).await?;
            }
        }
    }
    Ok(())
}

/// Has them away on some days, or there after all.
pub(super) async fn set_absence(
    State(portal): State<Portal>,
    Path(code): Path<String>,
    posted: Posted<Supervising>,
) -> Result<Response, Trouble> {
    let done = absence_set(&portal, &code, &posted).await;
    answer(&portal, &code, &posted, done).await
}

async fn absence_set(portal: &Portal, code: &str, posted: &Posted<Supervising>) -> Result<(), Trouble> {
    let fields = posted.sent()?.fields;
    let mut registry = RegistryServiceClient::new(portal.routing(&posted.who));
    let officer_code = code.to_owned();
    let days = Some(Days { from: fields.text("tu").to_owned(), to: fields.text("den").to_owned() });
    let (reason, expected_revision) = (fields.text("ly-do").to_owned(), fields.text("lan").parse().ok());
    if fields.has("co-mat") {
        let request = ClearAbsenceRequest { officer_code, days, reason, expected_revision };
        registry.clear_absence(soon(request)).await?;
    } else {
        let compensatory = fields.has("nghi-bu");
        let request = SetAbsenceRequest { officer_code, days, reason, expected_revision, compensatory };
        registry.set_absence(soon(request)).await?;
    }
    Ok(())
}

/// Has them there within some hours of a day, or as their centre is.
pub(super) async fn set_hours(
    State(portal): State<Portal>,
    Path(code): Path<String>,
    posted: Posted<Supervising>,
) -> Result<Response, Trouble> {
    let done = hours_set(&portal, &code, &posted).await;
    answer(&portal, &code, &posted, done).await
}

async fn hours_set(portal: &Portal, code: &str, posted: &Posted<Supervising>) -> Result<(), Trouble> {
    let fields = posted.sent()?.fields;
    let mut registry = RegistryServiceClient::new(portal.routing(&posted.who));
    let (officer_code, day) = (code.to_owned(), fields.text("ngay").to_owned());
    let (reason, expected_revision) = (fields.text("ly-do-ca").to_owned(), fields.text("lan").parse().ok());
    if fields.has("nhu-ke-hoach") {
        let request = ClearOfficerHoursRequest { officer_code, day, reason, expected_revision };
        registry.clear_officer_hours(soon(request)).await?;
    } else {
        let (hours, compensatory) = (centre::read(fields.text("gio")), fields.has("nghi-bu-ca"));
        let request =
            SetOfficerHoursRequest { officer_code, day, hours, reason, expected_revision, compensatory };
        registry.set_officer_hours(soon(request)).await?;
    }
    Ok(())
}

/// Back to the officer; or the form again, with what is wrong.
async fn answer(
    portal: &Portal,
    code: &str,
    posted: &Posted<Supervising>,
    done: Result<(), Trouble>,
) -> Result<Response, Trouble> {
    let Err(trouble) = done else { return Ok(Redirect::to(&path(code)).into_response()) };
    let is_of_hours = posted.fields().has("gio");
    let faults = Faults::of(&posted.who, trouble)?.named(|field| {
        let name = match field {
            "days" | "days.from" => "tu",
            "days.to" => "den",
            "day" => "ngay",
            "reason" if is_of_hours => "ly-do-ca",
            "reason" => "ly-do",
            "officer_code" => "cho",
            hours if hours.starts_with("hours") => "gio",
            _ => return None,
        };
        Some(name.to_owned())
    });
    Ok(page(portal, &posted.who, code, posted.fields(), &faults).await?.into_response())
}

fn path(code: &str) -> String {
    format!("/phu-trach/nguoi/{}", encoded(code))
}

async fn page(
    portal: &Portal,
    who: &Supervising,
    code: &str,
    fields: &Fields,
    faults: &Faults,
) -> Result<Page, Trouble> {
    let words = who.words;
    let (unit, work) = tokio::try_join!(centre::unit(portal, who), centre::work(portal, who))?;
    let officer = unit.officers.iter().find(|officer| officer.code == code).ok_or(Trouble::NoSuchPage)?;
    let held: Vec<_> = work.iter().filter(|item| item.officer_code == code).collect();
    let today = centre::today(portal, who);
    let main = html! {
        (menu(who))
        (faults.summary(words))
        h1 { (officer.name) " " span.soft { (officer.code) } }
        (facts(who, officer, today))
        (in_hand(portal, who, &unit, officer, &held, fields, faults))
        (absence_form(portal, who, &unit, code, fields, faults))
        (hours_form(portal, who, &unit, code, fields, faults))
    };
    Ok(Page::new(officer.name.as_str(), main).with_look(Look::Work).with_faults(!faults.is_empty()))
}

fn facts(who: &Supervising, officer: &Officer, today: jiff::civil::Date) -> Markup {
    let words = who.words;
    let list = |said: Vec<String>| html! { @for line in &said { div { (line) } } };
    let days = |days: &[Days]| list(days.iter().map(|days| centre::said(who, days)).collect());
    let level =
        |one: &phidia_proto::routing::v1::Competency| words.web_supervise_level(&one.field, one.level);
    part::facts(&[
        (words.web_supervise_today(), centre::presence(who, officer, today)),
        (words.officer_absent(), days(&officer.absences)),
        (words.officer_compensatory_leave(), days(&officer.compensatory_leave)),
        (
            words.officer_own_hours(),
            list(officer.changed_hours.iter().map(|hours| centre::hours_said(who, hours)).collect()),
        ),
        (words.officer_competencies(), list(officer.competencies.iter().map(level).collect())),
    ])
}

fn in_hand(
    portal: &Portal,
    who: &Supervising,
    unit: &GetUnitResponse,
    officer: &Officer,
    held: &[&CaseWorkItem],
    fields: &Fields,
    faults: &Faults,
) -> Markup {
    let words = who.words;
    let action = format!("{}/viec", path(&officer.code));
    let ticks: Vec<_> = fields.all("viec").collect();
    html! {
        h2 { (words.web_supervise_in_hand(held.len())) }
        @if held.is_empty() {
            p.soft { (words.web_supervise_holds_nothing()) }
        } @else {
            form method="post" action=(action) {
                (key_field(portal, who, &action))
                fieldset {
                    legend { (words.web_supervise_choose_work()) }
                    @for item in held {
                        @let value = work_item::tick(item);
                        label.choice {
                            input type="checkbox" name="viec" value=(value)
                                checked[ticks.is_empty() || ticks.contains(&value.as_str())];
                            span {
                                (item.dossier_code) " · " (who.text(item.step_name.as_ref()))
                                @if let Some(minutes) = item.minutes_left { " · " (words.left(minutes)) }
                            }
                        }
                    }
                }
                (part::select("cho", words.web_supervise_give_to(), None, faults, html! {
                    option value="" { (words.web_supervise_back_to_all()) }
                    @for other in unit.officers.iter().filter(|other| other.code != officer.code) {
                        option value=(other.code) selected[fields.text("cho") == other.code] {
                            (other.name) " (" (other.code) ")"
                        }
                    }
                }))
                button { (words.web_supervise_move_chosen()) }
            }
        }
    }
}

fn absence_form(
    portal: &Portal,
    who: &Supervising,
    unit: &GetUnitResponse,
    code: &str,
    fields: &Fields,
    faults: &Faults,
) -> Markup {
    let words = who.words;
    let action = format!("{}/vang", path(code));
    let today = centre::today(portal, who).to_string();
    let day = |name, label, usual: &str| {
        let value = if fields.has("ly-do") { fields.text(name) } else { usual };
        part::text(&part::Text { name, label, value, kind: "date", width: 12, ..part::Text::DEFAULT }, faults)
    };
    html! {
        h2 { (words.web_supervise_absence()) }
        form method="post" action=(action) {
            (key_field(portal, who, &action))
            input type="hidden" name="lan" value=(unit.revision);
            div.row {
                (day("tu", words.web_supervise_first_day(), &today))
                (day("den", words.web_supervise_last_day(), ""))
            }
            (part::tick("nghi-bu", words.officer_compensatory_leave(), fields.has("nghi-bu")))
            (part::text(&part::Text {
                name: "ly-do",
                label: words.term_reason(),
                hint: Some(words.web_supervise_no_diagnosis()),
                value: fields.text("ly-do"),
                width: 50,
                ..part::Text::DEFAULT
            }, faults))
            div.row {
                button { (words.web_supervise_set_absence()) }
                button.second name="co-mat" value="1" { (words.web_supervise_clear_absence()) }
            }
        }
    }
}

fn hours_form(
    portal: &Portal,
    who: &Supervising,
    unit: &GetUnitResponse,
    code: &str,
    fields: &Fields,
    faults: &Faults,
) -> Markup {
    let words = who.words;
    let action = format!("{}/ca", path(code));
    let text = |name, label, hint, kind, width| {
        let value = fields.text(name);
        part::text(&part::Text { name, label, hint, value, kind, width, ..part::Text::DEFAULT }, faults)
    };
    html! {
        h2 { (words.web_supervise_shift()) }
        form method="post" action=(action) {
            (key_field(portal, who, &action))
            input type="hidden" name="lan" value=(unit.revision);
            div.row {
                (text("ngay", words.term_day(), None, "date", 12))
                (text("gio", words.web_supervise_hours(), Some(words.web_supervise_hours_hint()), "text", 30))
            }
            (part::tick("nghi-bu-ca", words.web_supervise_rest_is_leave(), fields.has("nghi-bu-ca")))
            (text("ly-do-ca", words.term_reason(), Some(words.web_supervise_no_diagnosis()), "text", 50))
            div.row {
                button { (words.web_supervise_set_shift()) }
                button.second name="nhu-ke-hoach" value="1" { (words.web_supervise_as_planned()) }
            }
        }
    }
}
