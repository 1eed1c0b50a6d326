//! `phidia portal …`

use std::process::ExitCode;

use phidia_domain::caller::Role;
use phidia_proto::intake::v1::{
    GetPortalStateRequest, LeaveOutPortalMessageRequest, ListPortalArrivalsRequest,
    ListPortalMessagesRequest, PortalArrivalState, PortalItemKind, PortalMessageState,
    ReplayPortalMessagesRequest, portal_service_client::PortalServiceClient,
};
use phidia_runtime::peer::Peer;
use phidia_words::Words;

use crate::{
    client::Client,
    command::{Portal, PortalArrivalStateName, PortalMessageStateName},
    show,
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
                show::line(speech.portal_it_will_be_told_again_in_its());
            }
        }
        Portal::LeaveOut { dossier_code, number, reason } => {
            let request = LeaveOutPortalMessageRequest { dossier_code, number, reason };
            let answer = portal(client).await?.leave_out_portal_message(request).await?.into_inner();
            if client.json() {
                show::json("phidia.intake.v1.LeaveOutPortalMessageResponse", &answer)?;
            } else {
                let done = speech.portal_left_out_the_next_is_told();
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
        let none = speech.portal_no_national_portal_portalurl();
        show::line(none);
    } else {
        show::line(&format!("{} {}", speech.portal_portal(), answer.url));
        show::line(&format!("{} {}", speech.portal_public_key(), answer.public_key));
    }
    let lines = [
        (speech.portal_to_be_told(), answer.waiting.to_string()),
        (speech.portal_behind_those(), answer.behind.to_string()),
        (speech.portal_refused(), answer.refused.to_string()),
        (speech.term_oldest_from(), zone.instant(answer.oldest_at.as_ref())),
        (speech.portal_taken_last(), zone.instant(answer.delivered_at.as_ref())),
        (speech.portal_not_taken_in_yet(), answer.failed_arrivals.to_string()),
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
        speech.term_dossier(),
        speech.portal_no(),
        speech.term_code(),
        speech.term_at(),
        speech.term_state_2(),
        speech.portal_told_at(),
        speech.term_attempts(),
        speech.term_note(),
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
        speech.portal_item(),
        speech.portal_what(),
        speech.term_dossier(),
        speech.portal_seen(),
        speech.term_state_2(),
        speech.portal_application(),
        speech.term_why(),
    ];
    show::page(speech, &headings, rows.collect(), &answer.next_page_token);
    Ok(())
}

fn message_state(speech: Words, state: PortalMessageState) -> &'static str {
    match state {
        PortalMessageState::Unspecified => "–",
        PortalMessageState::Behind => speech.portal_behind(),
        PortalMessageState::Waiting => speech.portal_to_be_told_2(),
        PortalMessageState::Delivered => speech.portal_taken(),
        PortalMessageState::Refused => speech.portal_refused_2(),
        PortalMessageState::LeftOut => speech.portal_left_out(),
    }
}

fn arrival_state(speech: Words, state: PortalArrivalState) -> &'static str {
    match state {
        PortalArrivalState::Unspecified => "–",
        PortalArrivalState::Taken => speech.portal_taken_in(),
        PortalArrivalState::Refused => speech.term_refused(),
        PortalArrivalState::Failed => speech.portal_to_be_tried_again(),
    }
}

fn item_kind(speech: Words, kind: PortalItemKind) -> &'static str {
    match kind {
        PortalItemKind::Unspecified => "–",
        PortalItemKind::Dossier => speech.portal_dossier(),
        PortalItemKind::Supplement => speech.portal_supplement(),
        PortalItemKind::Withdrawal => speech.portal_withdrawal(),
        PortalItemKind::Payment => speech.portal_payment(),
        PortalItemKind::Unknown => speech.term_unknown(),
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
