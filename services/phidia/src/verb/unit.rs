//! `phidia unit …`

mod load;

use std::process::ExitCode;

use phidia_domain::{Rejection, caller::Role};
use phidia_proto::routing::v1::{
    Availability, ChangeOutcome, ClearUnitHoursRequest, DayHours, GetUnitRequest, GetUnitResponse, HalfDay,
    ListRegistryChangesRequest, RegistryChange, SetUnitHoursRequest, SetUnitStandingRequest,
    SetUnitWorkplacesRequest, Standing, registry_change::Change,
    registry_service_client::RegistryServiceClient,
};
use phidia_words::Words;

use super::officer;
use crate::{
    client::Client,
    command::{AvailabilityName, SetUnit, Unit, UnitHours},
    show::{self, Zone},
};

pub(crate) async fn run(client: &Client<'_>, verb: Unit) -> anyhow::Result<ExitCode> {
    match verb {
        Unit::Show { code, revision } => show_unit(client, code, revision).await?,
        Unit::Load => load::load(client).await?,
        Unit::Set(wanted) => set(client, wanted).await?,
        Unit::Hours(wanted) => hours(client, wanted).await?,
        Unit::History { code, limit } => {
            let request =
                ListRegistryChangesRequest { page_size: limit, unit_code: code, ..Default::default() };
            history(client, request).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn show_unit(client: &Client<'_>, unit_code: String, revision: Option<i64>) -> anyhow::Result<()> {
    let mut registry = RegistryServiceClient::new(client.peer(Role::Operator).await?);
    let unit = registry.get_unit(GetUnitRequest { unit_code, revision }).await?.into_inner();
    if client.json() {
        return show::json("phidia.routing.v1.GetUnitResponse", &unit);
    }
    let speech = client.speech();
    facts(speech, &unit);
    officer::table(speech, &unit.officers, "");
    Ok(())
}

fn facts(speech: Words, unit: &GetUnitResponse) {
    show::facts(vec![
        (speech.term_code(), unit.code.clone()),
        (speech.term_unit(), show::text(speech, unit.name.as_ref())),
        (speech.term_cluster(), unit.cluster.clone()),
        (speech.unit_neighbours(), unit.neighbours.join(" ")),
        (speech.term_stands(), stands(speech, unit.standing.as_ref())),
        (speech.unit_workplaces(), workplaces(speech, unit.workplaces)),
        (speech.unit_changed_hours(), changed_hours(speech, &unit.changed_hours)),
        (
            speech.unit_facts(),
            format!(
                "{} {}, {} {}",
                speech.term_version_2(),
                unit.version,
                speech.unit_revision_2(),
                unit.revision
            ),
        ),
    ]);
}

/// How a unit stands, in words.
fn stands(speech: Words, standing: Option<&Standing>) -> String {
    let Some(standing) = standing else { return String::new() };
    let mut words = vec![availability(speech, standing.availability()).to_owned()];
    if let Some(most) = standing.most_open_items {
        words.push(format!("{} {most}", speech.unit_open_items_at_most()));
    }
    if let Some(most) = standing.most_borrowed_minutes {
        let most = show::minutes(speech, most.into());
        words.push(format!("{} {most}", speech.unit_borrowed_at_most()));
    }
    if standing.quarantined {
        words.push(speech.unit_quarantined().to_owned());
    }
    words.join(", ")
}

/// How many can work at once, in words.
fn workplaces(speech: Words, most: Option<u32>) -> String {
    most.map_or_else(
        || speech.unit_as_many_as_there_are_officers().to_owned(),
        |most| format!("{} {most}", speech.unit_at_once_at_most()),
    )
}

/// Whether a unit takes new work, in words.
pub(super) fn availability(speech: Words, availability: Availability) -> &'static str {
    match availability {
        Availability::Unspecified => "–",
        Availability::Open => speech.unit_open(),
        Availability::Closing => speech.unit_closing(),
        Availability::Closed => speech.term_closed(),
        Availability::Emergency => speech.unit_emergency(),
    }
}

/// Days with the hours that they have.
pub(super) fn changed_hours(speech: Words, days: &[DayHours]) -> String {
    days.iter().map(|day| day_hours(speech, day)).collect::<Vec<_>>().join("; ")
}

fn day_hours(speech: Words, day: &DayHours) -> String {
    format!("{}: {}", day.day, half_days(speech, &day.hours))
}

pub(super) fn half_days(speech: Words, hours: &[HalfDay]) -> String {
    if hours.is_empty() {
        return speech.unit_closed().to_owned();
    }
    hours.iter().map(|hours| format!("{}-{}", hours.opens, hours.closes)).collect::<Vec<_>>().join(" ")
}

async fn set(client: &Client<'_>, wanted: SetUnit) -> anyhow::Result<()> {
    let mut registry = RegistryServiceClient::new(client.peer(Role::Operator).await?);
    let SetUnit {
        code: unit_code,
        availability,
        most_open_items,
        most_borrowed_minutes,
        workplaces,
        quarantined,
        reason,
    } = wanted;
    if let Some(limit) = workplaces {
        let request = SetUnitWorkplacesRequest {
            unit_code: unit_code.clone(),
            workplaces: limit.0,
            reason: reason.clone(),
            register_revision: None,
            expected_revision: None,
        };
        let answer = registry.set_unit_workplaces(request).await?.into_inner();
        let more = availability.is_some()
            || most_open_items.is_some()
            || most_borrowed_minutes.is_some()
            || quarantined.is_some();
        if !more {
            if client.json() {
                return show::json("phidia.routing.v1.SetUnitWorkplacesResponse", &answer);
            }
            outcome(client.speech(), answer.outcome);
            return Ok(());
        }
    }
    // What is not named stays; whoever changes it between the two calls is not overruled.
    let request = GetUnitRequest { unit_code: unit_code.clone(), revision: None };
    let now = registry.get_unit(request).await?.into_inner();
    let mut standing = now.standing.unwrap_or_default();
    if let Some(availability) = availability {
        standing.availability = match availability {
            AvailabilityName::Open => Availability::Open,
            AvailabilityName::Closing => Availability::Closing,
            AvailabilityName::Closed => Availability::Closed,
            AvailabilityName::Emergency => Availability::Emergency,
        }
        .into();
    }
    if let Some(limit) = most_open_items {
        standing.most_open_items = limit.0;
    }
    if let Some(limit) = most_borrowed_minutes {
        standing.most_borrowed_minutes = limit.0;
    }
    standing.quarantined = quarantined.unwrap_or(standing.quarantined);
    let (standing, expected_revision) = (Some(standing), Some(now.revision));
    let request = SetUnitStandingRequest { unit_code, standing, reason, expected_revision };
    let answer = registry.set_unit_standing(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.routing.v1.SetUnitStandingResponse", &answer);
    }
    outcome(client.speech(), answer.outcome);
    Ok(())
}

async fn hours(client: &Client<'_>, wanted: UnitHours) -> anyhow::Result<()> {
    let mut registry = RegistryServiceClient::new(client.peer(Role::Operator).await?);
    let UnitHours { code: unit_code, day, hours, closed: _, as_planned, reason } = wanted;
    if as_planned {
        let request = ClearUnitHoursRequest { unit_code, day, reason, expected_revision: None };
        let answer = registry.clear_unit_hours(request).await?.into_inner();
        if client.json() {
            return show::json("phidia.routing.v1.ClearUnitHoursResponse", &answer);
        }
        outcome(client.speech(), answer.outcome);
        return Ok(());
    }
    let hours = hours.iter().map(|text| half_day(text)).collect::<Result<_, _>>()?;
    let request = SetUnitHoursRequest { unit_code, day, hours, reason, expected_revision: None };
    let answer = registry.set_unit_hours(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.routing.v1.SetUnitHoursResponse", &answer);
    }
    outcome(client.speech(), answer.outcome);
    Ok(())
}

/// `07:30-11:30`.
pub(super) fn half_day(text: &str) -> Result<HalfDay, Rejection> {
    let expected = "expected OPENS-CLOSES, such as 07:30-11:30";
    let (opens, closes) =
        text.split_once('-').ok_or_else(|| Rejection::invalid("MALFORMED_TIME", "OPENS-CLOSES", expected))?;
    Ok(HalfDay { opens: opens.to_owned(), closes: closes.to_owned() })
}

/// What came of a change.
pub(super) fn outcome(speech: Words, outcome: Option<ChangeOutcome>) {
    let Some(ChangeOutcome { revision, changed, tried_again, released }) = outcome else { return };
    let revision = format!("{} {revision}", speech.unit_revision_2());
    if !changed {
        show::line(&format!("{} ({revision})", speech.unit_it_was_so_already()));
        return;
    }
    let mut words = vec![revision];
    if tried_again > 0 {
        words.push(format!("{}: {tried_again}", speech.unit_tried_again()));
    }
    if released > 0 {
        words.push(format!("{}: {released}", speech.unit_work_items_that_leave()));
    }
    show::line(&words.join("; "));
}

/// A page of changes.
pub(super) async fn history(client: &Client<'_>, request: ListRegistryChangesRequest) -> anyhow::Result<()> {
    let mut registry = RegistryServiceClient::new(client.peer(Role::Operator).await?);
    let answer = registry.list_registry_changes(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.routing.v1.ListRegistryChangesResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let rows = answer.changes.iter().map(|change| row(speech, &zone, change)).collect();
    let headings = [
        speech.unit_revision(),
        speech.term_at(),
        speech.term_unit(),
        speech.term_officer(),
        speech.unit_change(),
        speech.term_reason(),
        speech.term_by(),
    ];
    show::page(speech, &headings, rows, &answer.next_page_token);
    Ok(())
}

fn row(speech: Words, zone: &Zone, change: &RegistryChange) -> Vec<String> {
    let mut what = match &change.change {
        None => String::new(),
        Some(Change::Standing(standing)) => stands(speech, Some(standing)),
        Some(Change::Workplaces(places)) => {
            format!("{}: {}", speech.unit_workplaces_2(), workplaces(speech, places.most))
        }
        Some(Change::Hours(day) | Change::OfficerHours(day)) => day_hours(speech, day),
        Some(Change::AsPlannedOn(day) | Change::OfficerAsPlannedOn(day)) => {
            format!("{day}: {}", speech.unit_as_planned())
        }
        Some(Change::Absent(days)) => {
            format!("{} {}", speech.unit_absent(), officer::span(days))
        }
        Some(Change::Present(days)) => {
            format!("{} {}", speech.unit_present(), officer::span(days))
        }
    };
    if change.compensatory {
        what = format!("{what} ({})", speech.unit_compensatory_leave());
    }
    vec![
        change.revision.to_string(),
        zone.instant(change.changed_at.as_ref()),
        change.unit_code.clone(),
        change.officer_code.clone(),
        what,
        change.reason.clone(),
        change.actor.clone(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_day_is_read_as_it_is_shown() {
        let half_day = half_day("07:30-11:30").unwrap();
        assert_eq!(half_days(Words::EN, std::slice::from_ref(&half_day)), "07:30-11:30");
        assert!(super::half_day("07:30").is_err());
    }

    #[test]
    fn a_standing_is_told_in_words() {
        let standing = Standing {
            availability: Availability::Closing.into(),
            most_open_items: Some(9),
            most_borrowed_minutes: Some(90),
            quarantined: true,
        };
        let told = stands(Words::EN, Some(&standing));
        assert_eq!(told, "closing, open items at most 9, borrowed at most 1 h 30, quarantined");
        assert!(stands(Words::VI, Some(&standing)).starts_with("sắp đóng, "));
    }
}
