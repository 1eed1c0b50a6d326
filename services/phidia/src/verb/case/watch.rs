//! `phidia case watch`

use std::time::Duration;

use phidia_domain::caller::Role;
use phidia_proto::{
    events::v1::{StepOutcome, StopGround},
    processing::v1::{
        CaseEvent, CaseEventKind, WatchCasesRequest, WatchCasesResponse,
        case_service_client::CaseServiceClient,
    },
};
use phidia_words::Words;
use tonic::Code;

use super::warned;
use crate::{
    client::Client,
    refusal,
    show::{self, Zone},
};

/// After these it is gone on: nobody is there for a moment, or the connection broke in the middle, which is told in several ways.
const PASSES: [Code; 5] =
    [Code::Unavailable, Code::ResourceExhausted, Code::Unknown, Code::Internal, Code::Cancelled];
/// How long to wait before it is gone on anew.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) async fn run(client: &Client<'_>, unit_code: String, since: String) -> anyhow::Result<()> {
    let usual = if client.is_officer() { Role::Officer } else { Role::Operator };
    let mut cases = CaseServiceClient::new(client.peer(usual).await?);
    let zone = client.zone().await;
    let mut resume_token = since;
    loop {
        let request = WatchCasesRequest { unit_code: unit_code.clone(), resume_token: resume_token.clone() };
        let ended = match cases.watch_cases(request).await {
            Ok(answer) => {
                let mut told = answer.into_inner();
                loop {
                    match told.message().await {
                        Ok(Some(message)) => {
                            tell(client, &zone, &message)?;
                            resume_token = message.resume_token;
                        }
                        Ok(None) => break None,
                        Err(status) => break Some(status),
                    }
                }
            }
            Err(status) => Some(status),
        };
        // What was missed meanwhile is told then.
        match ended {
            Some(status) if !PASSES.contains(&status.code()) => return Err(status.into()),
            Some(status) => refusal::tell(&status.into(), client.speech()),
            None => {}
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn tell(client: &Client<'_>, zone: &Zone, message: &WatchCasesResponse) -> anyhow::Result<()> {
    if client.json() {
        return show::json("phidia.processing.v1.WatchCasesResponse", message);
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
