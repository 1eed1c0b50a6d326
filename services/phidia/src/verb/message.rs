//! `phidia message …`

use std::process::ExitCode;

use phidia_domain::{application::Language, caller::Role};
use phidia_proto::notification::v1::{
    ListMessagesRequest, Message as MessageText, MessageChannel, MessageState,
    notification_service_client::NotificationServiceClient,
};

use crate::{
    client::Client,
    command::Message,
    show::{self, Zone, say},
};

pub(crate) async fn run(client: &Client<'_>, verb: Message) -> anyhow::Result<ExitCode> {
    let Message::List { application_id, limit } = verb;
    let mut notification = NotificationServiceClient::new(client.peer(Role::Operator).await?);
    let request = ListMessagesRequest { application_id, page_size: limit, page_token: String::new() };
    let answer = notification.list_messages(request).await?.into_inner();
    if client.json() {
        show::json("phidia.notification.v1.ListMessagesResponse", &answer)?;
        return Ok(ExitCode::SUCCESS);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    for message in &answer.messages {
        print(speech, &zone, message);
    }
    show::line(&format!("{}: {}", say(speech, "Tổng số", "In all"), answer.total));
    show::goes_on(speech, &answer.next_page_token);
    Ok(ExitCode::SUCCESS)
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
