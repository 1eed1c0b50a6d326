//! `phidia message …`

use std::process::ExitCode;

use phidia_domain::caller::Role;
use phidia_proto::notification::v1::{
    ListMessagesRequest, MessageChannel, MessageState, notification_service_client::NotificationServiceClient,
};

use crate::{
    client::Client,
    command::Message,
    show::{self, say},
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
    let speech = client.speech();
    let rows = answer.messages.iter().map(|message| {
        let channel = match message.channel() {
            MessageChannel::Unspecified => "–",
            MessageChannel::InApp => say(speech, "trong ứng dụng", "in-app"),
            MessageChannel::Email => "e-mail",
        };
        let state = match message.state() {
            MessageState::Unspecified => "–",
            MessageState::Created => say(speech, "đã tạo", "created"),
            MessageState::Sent => say(speech, "đã gửi", "sent"),
            MessageState::Retrying => say(speech, "đang gửi lại", "retrying"),
            MessageState::Failed => say(speech, "không gửi được", "failed"),
        };
        vec![
            show::instant(message.occurred_at.as_ref()),
            channel.to_owned(),
            format!("{state} {}", message.failure),
            message.subject.clone(),
            message.body.clone(),
        ]
    });
    let headings = [
        say(speech, "Lúc", "When"),
        say(speech, "Kênh", "Channel"),
        say(speech, "Trạng thái", "State"),
        say(speech, "Tiêu đề", "Subject"),
        say(speech, "Nội dung", "Text"),
    ];
    show::table(&headings, rows.collect());
    show::line(&format!("{}: {}", say(speech, "Tổng số", "In all"), answer.total));
    Ok(ExitCode::SUCCESS)
}
