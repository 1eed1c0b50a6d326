//! `phidia portal …`

use std::process::ExitCode;

use phidia_domain::{application::Language, caller::Role};
use phidia_proto::intake::v1::{
    GetPortalStateRequest, LeaveOutPortalMessageRequest, ListPortalArrivalsRequest,
    ListPortalMessagesRequest, PortalArrivalState, PortalItemKind, PortalMessageState,
    ReplayPortalMessagesRequest, portal_service_client::PortalServiceClient,
};
use phidia_runtime::peer::Peer;

use crate::{
    client::Client,
    command::{Portal, PortalArrivalStateName, PortalMessageStateName},
    show::{self, say},
};

pub(crate) async fn run(client: &Client<'_>, verb: Portal) -> anyhow::Result<ExitCode> {
    let speech = client.speech();
    match verb {
        Portal::Status => status(client).await?,
        Portal::Log { dossier_code, state, page: page_token } => {
            let state = state.map_or(PortalMessageState::Unspecified, wire_message_state).into();
            let request = ListPortalMessagesRequest { page_size: 0, page_token, dossier_code, state };
            log(client, request).await?;
        }
        Portal::Arrivals { state, page: page_token } => {
            let state = state.map_or(PortalArrivalState::Unspecified, wire_arrival_state).into();
            arrivals(client, ListPortalArrivalsRequest { page_size: 0, page_token, state }).await?;
        }
        Portal::Replay { dossier_code, all_refused, from_number, reason } => {
            let request = ReplayPortalMessagesRequest { dossier_code, from_number, reason, all_refused };
            let answer = portal(client).await?.replay_portal_messages(request).await?.into_inner();
            if client.json() {
                show::json("phidia.intake.v1.ReplayPortalMessagesResponse", &answer)?;
            } else {
                show::line(say(
                    speech,
                    "Sẽ gửi lại theo đúng thứ tự.",
                    "It will be told again, in its order.",
                ));
            }
        }
        Portal::LeaveOut { dossier_code, number, reason } => {
            let request = LeaveOutPortalMessageRequest { dossier_code, number, reason };
            let answer = portal(client).await?.leave_out_portal_message(request).await?.into_inner();
            if client.json() {
                show::json("phidia.intake.v1.LeaveOutPortalMessageResponse", &answer)?;
            } else {
                let done =
                    say(speech, "Đã bỏ qua; tin tiếp theo sẽ được gửi.", "Left out; the next is told.");
                show::line(done);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn portal(client: &Client<'_>) -> anyhow::Result<PortalServiceClient<Peer>> {
    Ok(PortalServiceClient::new(client.peer(Role::Operator).await?))
}

async fn status(client: &Client<'_>) -> anyhow::Result<()> {
    let answer = portal(client).await?.get_portal_state(GetPortalStateRequest {}).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.GetPortalStateResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    if answer.url.is_empty() {
        let none =
            say(speech, "Chưa kết nối cổng quốc gia (portal.url).", "No national portal (portal.url).");
        show::line(none);
    } else {
        show::line(&format!("{} {}", say(speech, "Cổng:", "Portal:"), answer.url));
        show::line(&format!("{} {}", say(speech, "Khóa công khai:", "Public key:"), answer.public_key));
    }
    let lines = [
        (say(speech, "Chờ gửi", "To be told"), answer.waiting.to_string()),
        (say(speech, "Xếp sau", "Behind those"), answer.behind.to_string()),
        (say(speech, "Cổng từ chối", "Refused"), answer.refused.to_string()),
        (say(speech, "Cũ nhất từ", "Oldest from"), zone.instant(answer.oldest_at.as_ref())),
        (say(speech, "Gửi được lần cuối", "Taken last"), zone.instant(answer.delivered_at.as_ref())),
        (say(speech, "Chưa nhận được", "Not taken in yet"), answer.failed_arrivals.to_string()),
    ];
    for (name, value) in lines {
        show::line(&format!("{name}: {value}"));
    }
    Ok(())
}

async fn log(client: &Client<'_>, request: ListPortalMessagesRequest) -> anyhow::Result<()> {
    let answer = portal(client).await?.list_portal_messages(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.ListPortalMessagesResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let rows = answer.messages.iter().map(|message| {
        let when = message.delivered_at.as_ref().or(message.next_at.as_ref());
        vec![
            message.dossier_code.clone(),
            message.number.to_string(),
            message.national_code.to_string(),
            zone.instant(message.at.as_ref()),
            message_state(speech, message.state()).to_owned(),
            zone.instant(when),
            message.attempts.to_string(),
            format!("{} {}", message.failure, message.note).trim().to_owned(),
        ]
    });
    let headings = [
        say(speech, "Hồ sơ", "Dossier"),
        say(speech, "Tin", "No."),
        say(speech, "Mã", "Code"),
        say(speech, "Lúc", "At"),
        say(speech, "Tình trạng", "State"),
        say(speech, "Gửi lúc", "Told at"),
        say(speech, "Lần", "Attempts"),
        say(speech, "Ghi chú", "Note"),
    ];
    show::page(speech, &headings, rows.collect(), &answer.next_page_token);
    Ok(())
}

async fn arrivals(client: &Client<'_>, request: ListPortalArrivalsRequest) -> anyhow::Result<()> {
    let answer = portal(client).await?.list_portal_arrivals(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.ListPortalArrivalsResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let rows = answer.arrivals.iter().map(|arrival| {
        vec![
            arrival.item_id.clone(),
            item_kind(speech, arrival.kind()).to_owned(),
            arrival.dossier_code.clone(),
            zone.instant(arrival.seen_at.as_ref()),
            arrival_state(speech, arrival.state()).to_owned(),
            arrival.application_id.clone(),
            format!("{} {}", arrival.reason, arrival.answer.join(" ")).trim().to_owned(),
        ]
    });
    let headings = [
        say(speech, "Mục", "Item"),
        say(speech, "Loại", "What"),
        say(speech, "Hồ sơ", "Dossier"),
        say(speech, "Thấy lúc", "Seen"),
        say(speech, "Tình trạng", "State"),
        say(speech, "Mã trong hệ thống", "Application"),
        say(speech, "Vì", "Why"),
    ];
    show::page(speech, &headings, rows.collect(), &answer.next_page_token);
    Ok(())
}

fn message_state(speech: Language, state: PortalMessageState) -> &'static str {
    match state {
        PortalMessageState::Unspecified => "–",
        PortalMessageState::Behind => say(speech, "xếp sau", "behind"),
        PortalMessageState::Waiting => say(speech, "chờ gửi", "to be told"),
        PortalMessageState::Delivered => say(speech, "đã gửi", "taken"),
        PortalMessageState::Refused => say(speech, "cổng từ chối", "refused"),
        PortalMessageState::LeftOut => say(speech, "bỏ qua", "left out"),
    }
}

fn arrival_state(speech: Language, state: PortalArrivalState) -> &'static str {
    match state {
        PortalArrivalState::Unspecified => "–",
        PortalArrivalState::Taken => say(speech, "đã nhận", "taken in"),
        PortalArrivalState::Refused => say(speech, "từ chối", "refused"),
        PortalArrivalState::Failed => say(speech, "sẽ thử lại", "to be tried again"),
    }
}

fn item_kind(speech: Language, kind: PortalItemKind) -> &'static str {
    match kind {
        PortalItemKind::Unspecified => "–",
        PortalItemKind::Dossier => say(speech, "hồ sơ mới", "dossier"),
        PortalItemKind::Supplement => say(speech, "bổ sung", "supplement"),
        PortalItemKind::Withdrawal => say(speech, "rút hồ sơ", "withdrawal"),
        PortalItemKind::Payment => say(speech, "thanh toán", "payment"),
        PortalItemKind::Unknown => say(speech, "không rõ", "unknown"),
    }
}

fn wire_message_state(name: PortalMessageStateName) -> PortalMessageState {
    match name {
        PortalMessageStateName::Behind => PortalMessageState::Behind,
        PortalMessageStateName::Waiting => PortalMessageState::Waiting,
        PortalMessageStateName::Delivered => PortalMessageState::Delivered,
        PortalMessageStateName::Refused => PortalMessageState::Refused,
        PortalMessageStateName::LeftOut => PortalMessageState::LeftOut,
    }
}

fn wire_arrival_state(name: PortalArrivalStateName) -> PortalArrivalState {
    match name {
        PortalArrivalStateName::Taken => PortalArrivalState::Taken,
        PortalArrivalStateName::Refused => PortalArrivalState::Refused,
        PortalArrivalStateName::Failed => PortalArrivalState::Failed,
    }
}
