//! `phidia deadline …`

mod replan;

use std::process::ExitCode;

use phidia_domain::caller::Role;
use phidia_proto::{
    convert,
    processing::v1::{
        Deadline as DeadlineMessage, ExplainDeadlineRequest, ReckonDeadlineRequest,
        case_service_client::CaseServiceClient, explain_deadline_request::Key,
    },
};

use crate::{client::Client, command::Deadline, ending::Ending, show};

pub(crate) async fn run(client: &Client<'_>, verb: Deadline) -> anyhow::Result<ExitCode> {
    match verb {
        Deadline::Explain { id } => explain(client, id).await,
        Deadline::Replan { decision, allow_earlier, .. } => {
            replan::run(client, decision, allow_earlier).await
        }
        Deadline::At { procedure, received_at, province_version } => {
            let received_at = client.zone().await.parse(&received_at)?;
            let request = ReckonDeadlineRequest {
                procedure_code: procedure,
                received_at: Some(convert::wire_timestamp(received_at)),
                province_version: province_version.unwrap_or_default(),
            };
            reckon(client, request).await
        }
    }
}

/// Fails where the reckoning comes to something else than was promised.
async fn explain(client: &Client<'_>, id: String) -> anyhow::Result<ExitCode> {
    let mut cases = CaseServiceClient::new(client.peer(Role::Operator).await?);
    let key = if id.starts_with("app_") { Key::ApplicationId(id) } else { Key::CaseId(id) };
    let answer = cases.explain_deadline(ExplainDeadlineRequest { key: Some(key) }).await?.into_inner();
    let code = Ending::of(answer.same).into();
    if client.json() {
        show::json("phidia.processing.v1.ExplainDeadlineResponse", &answer)?;
        return Ok(code);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let case = answer.case.unwrap_or_default();
    show::line(&case.dossier_code);
    print(client, &answer.deadline.unwrap_or_default());
    if !answer.same {
        let promised = zone.instant(case.due_at.as_ref());
        show::line(&format!("{}: {promised}", speech.deadline_it_differs_from_what_was_promised()));
    }
    if let Some(left) = answer.minutes_left {
        let left = show::minutes(speech, left);
        show::line(&format!("{}: {left}", speech.deadline_working_time_left()));
    }
    Ok(code)
}

async fn reckon(client: &Client<'_>, request: ReckonDeadlineRequest) -> anyhow::Result<ExitCode> {
    let mut cases = CaseServiceClient::new(client.peer(Role::Citizen).await?);
    let answer = cases.reckon_deadline(request).await?.into_inner();
    if client.json() {
        show::json("phidia.processing.v1.ReckonDeadlineResponse", &answer)?;
        return Ok(ExitCode::SUCCESS);
    }
    print(client, &answer.deadline.unwrap_or_default());
    Ok(ExitCode::SUCCESS)
}

fn print(client: &Client<'_>, deadline: &DeadlineMessage) {
    let speech = client.speech();
    let name = show::text(speech, deadline.procedure_name.as_ref());
    show::line(&format!("{}  {name}", deadline.procedure_code));
    for line in &deadline.arithmetic {
        show::line(&format!("  {}", show::text(speech, Some(line))));
    }
    for line in deadline.corridor.iter().flat_map(|corridor| &corridor.arithmetic) {
        show::line(&format!("  {}", show::text(speech, Some(line))));
    }
}
