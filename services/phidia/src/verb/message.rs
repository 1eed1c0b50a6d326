//! `phidia message …`

use std::process::ExitCode;

use phidia_domain::{application::Language, caller::Role};
use phidia_proto::notification::v1::{
    CancelMessageRequest, GetMessageRequest, GetOutstandingMessagesRequest, GetOutstandingMessagesResponse,
    ListDeadMessagesRequest, ListMessagesRequest, ListOperatorMessagesRequest, ListUnitMessagesRequest,
    Message as MessageText, MessageChannel, MessageState, ReceiptKind, ReplayMessagesRequest,
    ResendMessageRequest, WatchMessagesRequest, notification_service_client::NotificationServiceClient,
    replay_messages_request, watch_messages_request::Mailbox,
};
use phidia_runtime::peer::Peer;

use super::{
    event::{PASSES, PAUSE},
    subscription,
};
use crate::{
    client::Client,
    command::Message,
    refusal,
    show::{self, Zone, say},
};

pub(crate) async fn run(client: &Client<'_>, verb: Message) -> anyhow::Result<ExitCode> {
    match verb {
        Message::List { application_id, limit } => list(client, application_id, limit).await?,
        Message::Unit { unit, limit } => of_unit(client, &unit, limit).await?,
        Message::Watch { application, of_unit, after } => watch(client, application, of_unit, after).await?,
        Message::Operators { limit, page } => of_operators(client, limit, page).await?,
        Message::Show { message_id } => one(client, message_id).await?,
        Message::Resend { message_id, reason } => {
            let request = ResendMessageRequest { message_id, reason };
            let answer = notification(client).await?.resend_message(request).await?.into_inner();
            if client.json() {
                show::json("phidia.notification.v1.ResendMessageResponse", &answer)?;
            } else {
                show::line(say(client.speech(), "Tin sẽ được gửi lại.", "It will be sent again."));
            }
        }
        Message::Cancel { message_id, reason } => {
            let request = CancelMessageRequest { message_id, reason };
            let answer = notification(client).await?.cancel_message(request).await?.into_inner();
            if client.json() {
                show::json("phidia.notification.v1.CancelMessageResponse", &answer)?;
            } else {
                show::line(say(
                    client.speech(),
                    "Đã thu hồi; tin không được gửi.",
                    "Taken back: it is not sent.",
                ));
            }
        }
        Message::Dead { limit, page } => dead(client, limit, page).await?,
        Message::Replay { message_id, all, reason } => {
            let which = match all {
                true => replay_messages_request::Which::All(true),
                false => replay_messages_request::Which::MessageId(message_id),
            };
            let request = ReplayMessagesRequest { which: Some(which), reason };
            let answer = notification(client).await?.replay_messages(request).await?.into_inner();
            if client.json() {
                show::json("phidia.notification.v1.ReplayMessagesResponse", &answer)?;
            } else {
                let heading = say(client.speech(), "Số tin sẽ được gửi lại", "To be told after all");
                show::line(&format!("{heading}: {}", answer.messages));
            }
        }
        Message::Outstanding => outstanding(client).await?,
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

async fn watch(
    client: &Client<'_>,
    application: Option<String>,
    unit: Option<String>,
    mut resume_token: String,
) -> anyhow::Result<()> {
    let usual = if client.is_officer() { Role::Officer } else { Role::Operator };
    let mut notification = NotificationServiceClient::new(client.peer(usual).await?);
    let mailbox = match (application, unit) {
        (Some(application), _) => Some(Mailbox::ApplicationId(application)),
        (None, Some(code)) => Some(Mailbox::UnitId(client.unit(&code).await?.to_string())),
        (None, None) => None,
    };
    let (speech, zone) = (client.speech(), client.zone().await);
    loop {
        let request = WatchMessagesRequest { mailbox: mailbox.clone(), resume_token: resume_token.clone() };
        let ended = match notification.watch_messages(request).await {
            Ok(answer) => {
                let mut told = answer.into_inner();
                loop {
                    match told.message().await {
                        Ok(Some(coming)) => {
                            if client.json() {
                                show::json("phidia.notification.v1.WatchMessagesResponse", &coming)?;
                            } else {
                                coming.messages.iter().for_each(|message| print(speech, &zone, message));
                            }
                            resume_token = coming.resume_token;
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
            Some(status) => refusal::tell(&status.into(), speech),
            None => {}
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn of_operators(client: &Client<'_>, page_size: i32, page_token: String) -> anyhow::Result<()> {
    let request = ListOperatorMessagesRequest { page_size, page_token };
    let answer = notification(client).await?.list_operator_messages(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.notification.v1.ListOperatorMessagesResponse", &answer);
    }
    page(client, &answer.messages, answer.total, &answer.next_page_token).await;
    Ok(())
}

async fn notification(client: &Client<'_>) -> anyhow::Result<NotificationServiceClient<Peer>> {
    Ok(NotificationServiceClient::new(client.peer(Role::Operator).await?))
}

async fn one(client: &Client<'_>, message_id: String) -> anyhow::Result<()> {
    let usual = if client.is_officer() { Role::Officer } else { Role::Operator };
    let mut notification = NotificationServiceClient::new(client.peer(usual).await?);
    let answer = notification.get_message(GetMessageRequest { message_id }).await?.into_inner();
    if client.json() {
        return show::json("phidia.notification.v1.GetMessageResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    if let Some(message) = &answer.message {
        show::line(&format!("{} → {}", message.message_id, message.addressee));
        print(speech, &zone, message);
    }
    for attempt in &answer.attempts {
        let at = zone.instant(attempt.began_at.as_ref());
        let heading = say(speech, "Lần", "Attempt");
        let line = format!(
            "{heading} {}: {at}, {}, {} ms, {} {}",
            attempt.number, attempt.provider, attempt.took_milliseconds, attempt.outcome, attempt.code
        );
        show::line(line.trim_end());
    }
    for receipt in &answer.receipts {
        let at = zone.instant(receipt.seen_at.as_ref());
        let said = match receipt.kind() {
            ReceiptKind::Unspecified => "–",
            ReceiptKind::Pending => say(speech, "đang chuyển", "on its way"),
            ReceiptKind::Temporary => say(speech, "chưa chuyển được", "did not get through this time"),
            ReceiptKind::Permanent => say(speech, "không thể chuyển", "never will get through"),
            ReceiptKind::Delivered => say(speech, "đã nhận", "arrived"),
        };
        show::line(format!("{at}: {said} {}", receipt.code).trim_end());
    }
    for deed in &answer.deeds {
        let at = zone.instant(deed.done_at.as_ref());
        show::line(&format!("{at}: {} {}: {}", deed.actor, deed.deed, deed.reason));
    }
    Ok(())
}

async fn dead(client: &Client<'_>, page_size: i32, page_token: String) -> anyhow::Result<()> {
    let request = ListDeadMessagesRequest { page_size, page_token };
    let answer = notification(client).await?.list_dead_messages(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.notification.v1.ListDeadMessagesResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let rows = answer.messages.iter().map(|message| {
        vec![
            message.message_id.clone(),
            message.application_id.clone(),
            message.template.clone(),
            channel(speech, message.channel()).to_owned(),
            zone.instant(message.occurred_at.as_ref()),
            message.attempts.to_string(),
            format!("{} {}", message.provider, message.failure).trim().to_owned(),
        ]
    });
    let headings = [
        say(speech, "Tin", "Message"),
        say(speech, "Hồ sơ", "Application"),
        say(speech, "Mẫu", "Template"),
        say(speech, "Kênh", "Over"),
        say(speech, "Lúc", "At"),
        say(speech, "Lần", "Attempts"),
        say(speech, "Vì", "Why"),
    ];
    show::page(speech, &headings, rows.collect(), &answer.next_page_token);
    Ok(())
}

async fn outstanding(client: &Client<'_>) -> anyhow::Result<()> {
    let request = GetOutstandingMessagesRequest {};
    let answer = notification(client).await?.get_outstanding_messages(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.notification.v1.GetOutstandingMessagesResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let rows = answer.outstanding.iter().map(|pile| {
        vec![
            channel(speech, pile.channel()).to_owned(),
            state(speech, pile.state()).to_owned(),
            pile.provider.clone(),
            pile.messages.to_string(),
            zone.instant(pile.oldest_at.as_ref()),
        ]
    });
    let headings = [
        say(speech, "Kênh", "Over"),
        say(speech, "Tình trạng", "State"),
        say(speech, "Nhà cung cấp", "Provider"),
        say(speech, "Số tin", "Messages"),
        say(speech, "Cũ nhất từ", "Oldest from"),
    ];
    show::page(speech, &headings, rows.collect(), "");
    if !answer.subscriptions.is_empty() {
        show::line("");
        subscriptions(speech, &zone, &answer);
    }
    let heading = say(speech, "Tin chờ thư trong ngày", "Things that wait for the letter of the day");
    show::line(&format!("{heading}: {}", answer.waiting_for_digest));
    Ok(())
}

/// What other systems have not taken.
fn subscriptions(speech: Language, zone: &Zone, answer: &GetOutstandingMessagesResponse) {
    let rows = answer.subscriptions.iter().map(|one| {
        let or_more = if one.counted_in_part { say(speech, " trở lên", " or more") } else { "" };
        let gap = if one.kept_in_part {
            say(speech, "; phần cũ đã xóa", "; older ones are gone")
        } else {
            ""
        };
        let state = format!("{} {}", subscription::state(speech, one.state()), one.state_reason);
        vec![
            one.subscription_id.clone(),
            one.name.clone(),
            state.trim_end().to_owned(),
            one.after_sequence.to_string(),
            format!("{}{or_more}{gap}", one.events),
            one.waiting.to_string(),
            one.dead.to_string(),
            zone.instant(one.failing_since.as_ref()),
            zone.instant(one.oldest_at.as_ref()),
        ]
    });
    let headings = [
        say(speech, "Đăng ký", "Subscription"),
        say(speech, "Tên", "Name"),
        say(speech, "Tình trạng", "State"),
        say(speech, "Đã nhận đến", "Has all up to"),
        say(speech, "Sự kiện chưa nhận", "Events behind"),
        say(speech, "Hồ sơ chờ gửi lại", "Applications waiting"),
        say(speech, "Hồ sơ đã bỏ", "Given up"),
        say(speech, "Lỗi từ", "Failing since"),
        say(speech, "Cũ nhất từ", "Oldest from"),
    ];
    show::page(speech, &headings, rows.collect(), "");
    if answer.more_subscriptions > 0 {
        let more = say(speech, "đăng ký khác cũng chưa nhận đủ", "more subscriptions");
        show::line(&format!("… {} {more}", answer.more_subscriptions));
    }
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
    let (channel, state) = (channel(speech, message.channel()), state(speech, message.state()));
    let at = zone.instant(message.occurred_at.as_ref());
    show::line(format!("{at}, {channel}, {state} {}", message.failure).trim_end());
    for line in message.subject.lines().chain(message.body.lines()).filter(|line| !line.is_empty()) {
        show::line(&format!("  {line}"));
    }
    show::line("");
}

fn channel(speech: Language, channel: MessageChannel) -> &'static str {
    match channel {
        MessageChannel::Unspecified => "–",
        MessageChannel::InApp => say(speech, "trong ứng dụng", "in-app"),
        MessageChannel::Email => say(speech, "thư điện tử", "e-mail"),
        MessageChannel::Sms => say(speech, "tin nhắn", "SMS"),
        MessageChannel::Zalo => "Zalo",
    }
}

fn state(speech: Language, state: MessageState) -> &'static str {
    match state {
        MessageState::Unspecified => "–",
        MessageState::Created => say(speech, "đã tạo", "created"),
        MessageState::Sending => say(speech, "đang gửi", "sending"),
        MessageState::Sent => say(speech, "đã gửi", "sent"),
        MessageState::Pending => say(speech, "chờ xác nhận", "pending"),
        MessageState::Delivered => say(speech, "đã nhận", "delivered"),
        MessageState::Retrying | MessageState::TemporaryFailure => {
            say(speech, "chưa gửi được", "temporary failure")
        }
        MessageState::Failed | MessageState::TechnicalFailure => {
            say(speech, "lỗi kỹ thuật", "technical failure")
        }
        MessageState::PermanentFailure => say(speech, "không thể gửi", "permanent failure"),
        MessageState::Cancelled => say(speech, "đã thu hồi", "cancelled"),
        MessageState::Expired => say(speech, "đã hết hạn", "expired"),
    }
}
