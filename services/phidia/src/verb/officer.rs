//! `phidia officer …`

use std::process::ExitCode;

use phidia_domain::{application::Language, caller::Role};
use phidia_proto::routing::v1::{
    self as routing, ClearAbsenceRequest, Days, ListOfficersRequest, ListRegistryChangesRequest,
    SetAbsenceRequest, registry_service_client::RegistryServiceClient,
};

use super::unit;
use crate::{
    client::Client,
    command::{Officer, OfficerDays},
    show::{self, say},
};

pub(crate) async fn run(client: &Client<'_>, verb: Officer) -> anyhow::Result<ExitCode> {
    match verb {
        Officer::List { unit, field, level } => {
            let request =
                ListOfficersRequest { page_size: 1_000, unit_code: unit, field, level, ..Default::default() };
            list(client, request).await?;
        }
        Officer::Absent(wanted) => absent(client, wanted).await?,
        Officer::Present(wanted) => present(client, wanted).await?,
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

/// Officers with what they master and when they are absent.
pub(super) fn table(speech: Language, officers: &[routing::Officer], next_page_token: &str) {
    let row = |officer: &routing::Officer| {
        let masters = officer.competencies.iter().map(|own| format!("{} {}", own.field, own.level));
        vec![
            officer.code.clone(),
            officer.name.clone(),
            officer.unit_code.clone(),
            masters.collect::<Vec<_>>().join(", "),
            officer.absences.iter().map(span).collect::<Vec<_>>().join(", "),
        ]
    };
    let headings = [
        say(speech, "Mã", "Code"),
        say(speech, "Cán bộ", "Officer"),
        say(speech, "Đơn vị", "Unit"),
        say(speech, "Năng lực", "Competencies"),
        say(speech, "Vắng mặt", "Absent"),
    ];
    show::page(speech, &headings, officers.iter().map(row).collect(), next_page_token);
}

/// Days in a row.
pub(super) fn span(days: &Days) -> String {
    if days.from == days.to { days.from.clone() } else { format!("{}…{}", days.from, days.to) }
}

async fn absent(client: &Client<'_>, wanted: OfficerDays) -> anyhow::Result<()> {
    let mut registry = RegistryServiceClient::new(client.peer(Role::Operator).await?);
    let OfficerDays { code: officer_code, from, to, reason } = wanted;
    let days = Some(Days { from, to });
    let request = SetAbsenceRequest { officer_code, days, reason, expected_revision: None };
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
