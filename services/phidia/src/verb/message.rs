//! `phidia message …`

use std::process::ExitCode;

use phidia_domain::{application::Language, caller::Role};
use phidia_proto::notification::v1::{
    ListMessagesRequest, ListUnitMessagesRequest, Message as MessageText, MessageChannel, MessageState,
    notification_service_client::NotificationServiceClient,
};

use crate::{
    client::Client,
    command::Message,
    show::{self, Zone, say},
};

pub(crate) async fn run(client: &Client<'_>, verb: Message) -> anyhow::Result<ExitCode> {
    match verb {
        Message::List { application_id, limit } => list(client, application_id, limit).await?,
        Message::Unit { unit, limit } => of_unit(client, &unit, limit).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(client: &Client<'_>, application_id: String, limit: i32) -> anyhow::Result<()> {
    let mut notification = NotificationServiceClient::new(client.peer(Role::Operator).await?);
    let request = ListMessagesRequest { application_id, page_size: limit, page_token: String::new() };
    let answer = notification.list_messages(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.notification.v1.ListMessagesResponse", &answer);
    }
    page(client, &answer.messages, answer.total, &answer.next_page_token).await;
    Ok(())
}

async fn of_unit(client: &Client<'_>, code: &str, limit: i32) -> anyhow::Result<()> {
    let usual = if client.is_officer() { Role::Officer } else { Role::Operator };
    let mut notification = NotificationServiceClient::new(client.peer(usual).await?);
    let unit_id = if code.is_empty() { String::new() } else { client.unit(code).await?.to_string() };
    let request = ListUnitMessagesRequest { unit_id, page_size: limit, page_token: String::new() };
    let answer = notification.list_unit_messages(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.notification.v1.ListUnitMessagesResponse", &answer);
    }
    page(client, &answer.messages, answer.total, &answer.next_page_token).await;
    Ok(())
}

async fn page(client: &Client<'_>, messages: &[MessageText], total: u64, next_page_token: &str) {
    let (speech, zone) = (client.speech(), client.zone().await);
    for message in messages {
        print(speech, &zone, message);
    }
    show::line(&format!("{}: {total}", say(speech, "Tổng số", "In all")));
    show::goes_on(speech, next_page_token);
}

/// A message as a letter: when, over what, how it stands; then its subject and text.
fn print(speech: Language, zone: &Zone, message: &MessageText) {
    let channel = match message.channel() {
        MessageChannel::Unspecified => "–",
        MessageChannel::InApp => say(speech, "trong ứng dụng", "in-app"),
        MessageChannel::Email => say(speech, "thư điện tử", "e-mail"),
    };
    let state = match message.state() {
        MessageState::Unspecified => "–",
        MessageState::Created => say(speech, "đã tạo", "created"),
        MessageState::Sent => say(speech, "đã gửi", "sent"),
        MessageState::Retrying => say(speech, "đang gửi lại", "retrying"),
        MessageState::Failed => say(speech, "không gửi được", "failed"),
    };
    let at = zone.instant(message.occurred_at.as_ref());
    show::line(format!("{at}, {channel}, {state} {}", message.failure).trim_end());
    for line in message.subject.lines().chain(message.body.lines()).filter(|line| !line.is_empty()) {
        show::line(&format!("  {line}"));
    }
    show::line("");
}
