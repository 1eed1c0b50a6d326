//! `phidia case reopen`

use phidia_domain::caller::Role;
use phidia_proto::processing::v1::{
    ReopenCaseRequest, Reopening, case_service_client::CaseServiceClient, reopen_case_request::Key,
};
use phidia_words::Words;

use super::{print_case, state};
use crate::{
    client::Client,
    show::{self, Zone},
};

pub(super) async fn run(
    client: &Client<'_>,
    id: String,
    decision: String,
    reason: String,
    to_step: Option<u32>,
) -> anyhow::Result<()> {
    // Who is at a unit speaks for it; who is at none, for the province.
    let usual = if client.own_unit().is_empty() { Role::Operator } else { Role::Supervisor };
    let key = if id.starts_with("case_") { Key::CaseId(id) } else { Key::ApplicationId(id) };
    let request =
        ReopenCaseRequest { key: Some(key), decision, reason, to_step: to_step.unwrap_or_default() };
    let mut cases = CaseServiceClient::new(client.peer(usual).await?);
    let answer = cases.reopen_case(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.ReopenCaseResponse", &answer);
    }
    if let Some(case) = &answer.case {
        print_case(client.speech(), &client.zone().await, case);
    }
    Ok(())
}

/// That a case was opened again, and how it had ended.
pub(super) fn said(speech: Words, zone: &Zone, reopening: &Reopening) -> String {
    let (at, ended) =
        (zone.instant(reopening.reopened_at.as_ref()), zone.instant(reopening.completed_at.as_ref()));
    let (decision, before) = (&reopening.decision, state(speech, reopening.state()));
    let late = if reopening.on_time { "" } else { speech.case_late() };
    speech.case_by_before_that(&at, before, decision, &ended, late)
}
