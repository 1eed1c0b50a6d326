//! `phidia officer …`

mod overtime;

use std::process::ExitCode;

use phidia_domain::caller::Role;
use phidia_proto::routing::v1::{
    self as routing, ClearAbsenceRequest, ClearOfficerHoursRequest, Days, ListOfficersRequest,
    ListRegistryChangesRequest, SetAbsenceRequest, SetOfficerHoursRequest,
    registry_service_client::RegistryServiceClient,
};
use phidia_words::Words;

use super::unit;
use crate::{
    client::Client,
    command::{Officer, OfficerAbsence, OfficerDays, OfficerHours},
    show,
};

pub(crate) async fn run(client: &Client<'_>, verb: Officer) -> anyhow::Result<ExitCode> {
    match verb {
        Officer::List { unit, field, level } => {
            let request =
                ListOfficersRequest { page_size: 1_000, unit_code: unit, field, level, ..Default::default() };
            list(client, request).await?;
        }
        Officer::Overtime(wanted) => overtime::show(client, wanted).await?,
        Officer::Absent(wanted) => absent(client, wanted).await?,
        Officer::Present(wanted) => present(client, wanted).await?,
        Officer::Hours(wanted) => hours(client, wanted).await?,
        Officer::History { code } => {
            let request = ListRegistryChangesRequest { officer_code: code, ..Default::default() };
            unit::history(client, request).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(client: &Client<'_>, request: ListOfficersRequest) -> anyhow::Result<()> {
    let mut registry = RegistryServiceClient::new(client.peer(Role::Operator).await?);
    let answer = registry.list_officers(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.routing.v1.ListOfficersResponse", &answer);
    }
    table(client.speech(), &answer.officers, &answer.next_page_token);
    Ok(())
}

/// Officers with what they master, when they are absent, which of it is leave, and on which days they have hours of their own.
pub(super) fn table(speech: Words, officers: &[routing::Officer], next_page_token: &str) {
    let row = |officer: &routing::Officer| {
        let masters = officer.competencies.iter().map(|own| format!("{} {}", own.field, own.level));
        vec![
            officer.code.clone(),
            officer.name.clone(),
            officer.unit_code.clone(),
            masters.collect::<Vec<_>>().join(", "),
            officer.absences.iter().map(span).collect::<Vec<_>>().join(", "),
            officer.compensatory_leave.iter().map(span).collect::<Vec<_>>().join(", "),
            unit::changed_hours(speech, &officer.changed_hours),
        ]
    };
    let headings = [
        speech.term_code(),
        speech.term_officer(),
        speech.term_unit(),
        speech.officer_competencies(),
        speech.officer_absent(),
        speech.officer_compensatory_leave(),
        speech.officer_own_hours(),
    ];
    show::page(speech, &headings, officers.iter().map(row).collect(), next_page_token);
}

/// Days in a row.
pub(super) fn span(days: &Days) -> String {
    if days.from == days.to { days.from.clone() } else { format!("{}…{}", days.from, days.to) }
}

async fn absent(client: &Client<'_>, wanted: OfficerAbsence) -> anyhow::Result<()> {
    let mut registry = RegistryServiceClient::new(client.peer(Role::Operator).await?);
    let OfficerAbsence { on: OfficerDays { code: officer_code, from, to, reason }, compensatory } = wanted;
    let days = Some(Days { from, to });
    let request = SetAbsenceRequest { officer_code, days, reason, expected_revision: None, compensatory };
    let answer = registry.set_absence(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.routing.v1.SetAbsenceResponse", &answer);
    }
    unit::outcome(client.speech(), answer.outcome);
    Ok(())
}

async fn present(client: &Client<'_>, wanted: OfficerDays) -> anyhow::Result<()> {
    let mut registry = RegistryServiceClient::new(client.peer(Role::Operator).await?);
    let OfficerDays { code: officer_code, from, to, reason } = wanted;
    let days = Some(Days { from, to });
    let request = ClearAbsenceRequest { officer_code, days, reason, expected_revision: None };
    let answer = registry.clear_absence(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.routing.v1.ClearAbsenceResponse", &answer);
    }
    unit::outcome(client.speech(), answer.outcome);
    Ok(())
}

async fn hours(client: &Client<'_>, wanted: OfficerHours) -> anyhow::Result<()> {
    let mut registry = RegistryServiceClient::new(client.peer(Role::Operator).await?);
    let OfficerHours { code: officer_code, day, hours, as_planned, compensatory, reason } = wanted;
    let speech = client.speech();
    if as_planned {
        let request = ClearOfficerHoursRequest { officer_code, day, reason, expected_revision: None };
        let answer = registry.clear_officer_hours(request).await?.into_inner();
        if client.json() {
            return show::json("phidia.routing.v1.ClearOfficerHoursResponse", &answer);
        }
        unit::outcome(speech, answer.outcome);
        return Ok(());
    }
    let hours = hours.iter().map(|text| unit::half_day(text)).collect::<Result<_, _>>()?;
    let expected_revision = None;
    let request =
        SetOfficerHoursRequest { officer_code, day, hours, reason, expected_revision, compensatory };
    let answer = registry.set_officer_hours(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.routing.v1.SetOfficerHoursResponse", &answer);
    }
    unit::outcome(speech, answer.outcome);
    if answer.minutes_outside > 0 {
        show::line(&outside(speech, answer.minutes_outside));
    }
    Ok(())
}

/// How much of the hours that were named the unit is closed.
fn outside(speech: Words, minutes: u32) -> String {
    let closed = speech.officer_of_it_outside_the_hours_of_the();
    format!("{} {closed}", show::minutes(speech, minutes.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_at_which_the_unit_is_closed_are_told_in_words() {
        let told = |speech| outside(speech, 90);
        assert_eq!(told(Words::EN), "1 h 30 of it outside the hours of the unit: adds nothing");
        assert_eq!(told(Words::VI), "1 giờ 30 nằm ngoài giờ làm việc của đơn vị, không được tính");
    }
}
