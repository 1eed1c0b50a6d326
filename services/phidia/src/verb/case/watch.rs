//! `phidia case watch`

use phidia_domain::caller::Role;
use phidia_proto::{
    events::v1::{StepOutcome, StopGround},
    processing::v1::{
        CaseEvent, CaseEventKind, WatchCasesRequest, WatchCasesResponse,
        case_service_client::CaseServiceClient,
    },
};
use phidia_words::Words;

use super::warned;
use crate::{
    client::Client,
    follow::{Until, follow},
    show::{self, Zone},
};

pub(super) async fn run(client: &Client<'_>, unit_code: String, since: String) -> anyhow::Result<()> {
    let usual = if client.is_officer() { Role::Officer } else { Role::Operator };
    let mut cases = CaseServiceClient::new(client.peer(usual).await?);
    let zone = client.zone().await;
    let open = async |resume_token: Option<String>| {
        let resume_token = resume_token.unwrap_or_else(|| since.clone());
        cases.watch_cases(WatchCasesRequest { unit_code: unit_code.clone(), resume_token }).await
    };
    follow(client, Until::Stopped, open, |message| {
        tell(client, &zone, &message)?;
        Ok(message.resume_token)
    })
    .await
}

fn tell(client: &Client<'_>, zone: &Zone, message: &WatchCasesResponse) -> anyhow::Result<()> {
    if client.json() {
        return show::json_line("phidia.processing.v1.WatchCasesResponse", message);
    }
    for event in &message.events {
        show::line(&line(client.speech(), zone, event));
    }
    Ok(())
}

/// When, which work item or application, what.
fn line(speech: Words, zone: &Zone, event: &CaseEvent) -> String {
    let about = match &event.work_item {
        Some(item) => show::work_item(Some(item)),
        None => event.application_id.clone(),
    };
    format!("{}  {about}  {}", zone.instant(event.occurred_at.as_ref()), what(speech, zone, event))
}

fn what(speech: Words, zone: &Zone, event: &CaseEvent) -> String {
    let due = || zone.instant(event.due_at.as_ref());
    let said = match event.kind() {
        CaseEventKind::Unspecified => "–",
        CaseEventKind::Opened => speech.case_opened(),
        CaseEventKind::Started => speech.case_started(),
        CaseEventKind::Returned => speech.case_returned(),
        CaseEventKind::StepCompleted => speech.case_step_completed(),
        CaseEventKind::Ready => speech.case_ready(),
        CaseEventKind::SupplementRequested => speech.case_supplement_requested(),
        CaseEventKind::PaymentRequested => speech.case_payment_requested(),
        CaseEventKind::Referred => speech.case_other_offices_asked(),
        CaseEventKind::Postponed => speech.case_postponed(),
        CaseEventKind::Replanned => speech.case_re_planned(),
        CaseEventKind::ResultIssued => speech.case_result_issued(),
        CaseEventKind::ResultHandedOver => speech.case_result_handed_over(),
        CaseEventKind::ReferralEnded => speech.case_one_office_is_done(),
        CaseEventKind::Warned => {
            return format!("{}; {} {}", warned(speech, event.stage()), speech.case_due(), due());
        }
        CaseEventKind::Resumed => {
            return format!("{}; {} {}", speech.case_resumed(), speech.case_due(), due());
        }
        CaseEventKind::Reopened => {
            return format!("{}; {} {}", speech.case_opened_again_2(), speech.case_due(), due());
        }
        CaseEventKind::Stopped if event.ground() == StopGround::Lapsed => speech.case_lapsed(),
        CaseEventKind::Stopped => speech.case_withdrawn(),
        CaseEventKind::Completed if event.outcome() == StepOutcome::Refused => speech.term_refused(),
        CaseEventKind::Completed => speech.case_granted(),
    };
    match event.on_time {
        Some(false) => format!("{said}, {}", speech.case_late_2()),
        Some(true) | None => said.to_owned(),
    }
}
