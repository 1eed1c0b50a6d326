//! `phidia case watch`

use std::time::Duration;

use phidia_domain::{application::Language, caller::Role};
use phidia_proto::{
    events::v1::{StepOutcome, StopGround},
    processing::v1::{
        CaseEvent, CaseEventKind, WatchCasesRequest, WatchCasesResponse,
        case_service_client::CaseServiceClient,
    },
};
use tonic::Code;

use super::warned;
use crate::{
    client::Client,
    refusal,
    show::{self, Zone, say},
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
fn line(speech: Language, zone: &Zone, event: &CaseEvent) -> String {
    let about = match &event.work_item {
        Some(item) => show::work_item(Some(item)),
        None => event.application_id.clone(),
    };
    format!("{}  {about}  {}", zone.instant(event.occurred_at.as_ref()), what(speech, zone, event))
}

fn what(speech: Language, zone: &Zone, event: &CaseEvent) -> String {
    let due = || zone.instant(event.due_at.as_ref());
    let said = match event.kind() {
        CaseEventKind::Unspecified => "–",
        CaseEventKind::Opened => say(speech, "mở vụ việc", "opened"),
        CaseEventKind::Started => say(speech, "cán bộ nhận việc", "started"),
        CaseEventKind::Returned => say(speech, "việc trở lại danh sách", "returned"),
        CaseEventKind::StepCompleted => say(speech, "xong một bước", "step completed"),
        CaseEventKind::Ready => say(speech, "bước tiếp theo", "ready"),
        CaseEventKind::SupplementRequested => say(speech, "yêu cầu bổ sung", "supplement requested"),
        CaseEventKind::PaymentRequested => say(speech, "yêu cầu nộp tiền", "payment requested"),
        CaseEventKind::Referred => say(speech, "hỏi cơ quan khác", "other offices asked"),
        CaseEventKind::Postponed => say(speech, "hẹn lại", "postponed"),
        CaseEventKind::Replanned => say(speech, "tính lại hạn", "re-planned"),
        CaseEventKind::ResultIssued => say(speech, "có tệp kết quả", "result issued"),
        CaseEventKind::ResultHandedOver => say(speech, "đã trả kết quả", "result handed over"),
        CaseEventKind::ReferralEnded => say(speech, "hết chờ một cơ quan", "one office is done"),
        CaseEventKind::Warned => {
            return format!("{}; {} {}", warned(speech, event.stage()), say(speech, "hạn", "due"), due());
        }
        CaseEventKind::Resumed => {
            return format!(
                "{}; {} {}",
                say(speech, "tiếp tục", "resumed"),
                say(speech, "hạn", "due"),
                due()
            );
        }
        CaseEventKind::Reopened => {
            return format!(
                "{}; {} {}",
                say(speech, "mở lại", "opened again"),
                say(speech, "hạn", "due"),
                due()
            );
        }
        CaseEventKind::Stopped if event.ground() == StopGround::Lapsed => {
            say(speech, "dừng: quá hạn bổ sung", "lapsed")
        }
        CaseEventKind::Stopped => say(speech, "người nộp rút hồ sơ", "withdrawn"),
        CaseEventKind::Completed if event.outcome() == StepOutcome::Refused => {
            say(speech, "từ chối", "refused")
        }
        CaseEventKind::Completed => say(speech, "đã có kết quả", "granted"),
    };
    match event.on_time {
        Some(false) => format!("{said}, {}", say(speech, "trễ hạn", "late")),
        Some(true) | None => said.to_owned(),
    }
}
