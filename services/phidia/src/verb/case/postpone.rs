//! `phidia case postpone`

use phidia_domain::caller::Role;
use phidia_proto::{
    convert,
    processing::v1::{
        PostponeAppointmentRequest, case_service_client::CaseServiceClient, postpone_appointment_request::Key,
    },
};

use super::print_case;
use crate::{client::Client, show};

pub(super) async fn run(client: &Client<'_>, id: String, to: &str, reason: String) -> anyhow::Result<()> {
    let usual = if client.is_officer() { Role::Officer } else { Role::Supervisor };
    let zone = client.zone().await;
    let appointment_at = Some(convert::wire_timestamp(zone.parse(to)?));
    let key = if id.starts_with("case_") { Key::CaseId(id) } else { Key::ApplicationId(id) };
    let request = PostponeAppointmentRequest { reason, appointment_at, key: Some(key) };
    let mut cases = CaseServiceClient::new(client.peer(usual).await?);
    let answer = cases.postpone_appointment(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.PostponeAppointmentResponse", &answer);
    }
    if let Some(case) = &answer.case {
        print_case(client.speech(), &zone, case);
    }
    Ok(())
}
