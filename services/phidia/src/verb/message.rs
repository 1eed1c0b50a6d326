//! `phidia message …`

use std::process::ExitCode;

use phidia_domain::caller::Role;
use phidia_proto::notification::v1::{
    CancelMessageRequest, GetMessageRequest, GetOutstandingMessagesRequest, GetOutstandingMessagesResponse,
    ListDeadMessagesRequest, ListMessagesRequest, ListOperatorMessagesRequest, ListUnitMessagesRequest,
    Message as MessageText, MessageChannel, MessageState, ReceiptKind, ReplayMessagesRequest,
    ResendMessageRequest, WatchMessagesRequest, notification_service_client::NotificationServiceClient,
    replay_messages_request, watch_messages_request::Mailbox,
};
use phidia_runtime::peer::Peer;
use phidia_words::Words;

use super::subscription;
use crate::{
    client::Client,
    command::Message,
    follow::{Until, follow},
    show::{self, Zone},
};

pub(crate) async fn run(client: &Client<'_>, verb: Message) -> anyhow::Result<ExitCode> {
    match verb {
        Message::List { application_id, limit, page } => list(client, application_id, limit, page).await?,
        Message::Unit { unit, limit, page } => of_unit(client, &unit, limit, page).await?,
        Message::Watch { application, of_unit, after } => watch(client, application, of_unit, after).await?,
        Message::Operators { limit, page } => of_operators(client, limit, page).await?,
        Message::Show { message_id } => one(client, message_id).await?,
        Message::Resend { message_id, reason } => {
            let request = ResendMessageRequest { message_id, reason };
            let answer = notification(client).await?.resend_message(request).await?.into_inner();
            if client.json() {
                show::json("phidia.notification.v1.ResendMessageResponse", &answer)?;
            } else {
                show::line(client.speech().message_it_will_be_sent_again());
            }
        }
        Message::Cancel { message_id, reason } => {
            let request = CancelMessageRequest { message_id, reason };
            let answer = notification(client).await?.cancel_message(request).await?.into_inner();
            if client.json() {
                show::json("phidia.notification.v1.CancelMessageResponse", &answer)?;
            } else {
                show::line(client.speech().message_taken_back_it_is_not_sent());
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
                let heading = client.speech().message_to_be_told_after_all();
                show::line(&format!("{heading}: {}", answer.messages));
            }
        }
        Message::Outstanding => outstanding(client).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(
    client: &Client<'_>,
    application_id: String,
    page_size: i32,
    page_token: String,
) -> anyhow::Result<()> {
    let mut notification = NotificationServiceClient::new(client.peer(Role::Operator).await?);
    let request = ListMessagesRequest { application_id, page_size, page_token };
    let answer = notification.list_messages(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.notification.v1.ListMessagesResponse", &answer);
    }
    page(client, &answer.messages, answer.total, &answer.next_page_token).await;
    Ok(())
}

async fn of_unit(client: &Client<'_>, code: &str, page_size: i32, page_token: String) -> anyhow::Result<()> {
    let usual = if client.is_officer() { Role::Officer } else { Role::Operator };
    let mut notification = NotificationServiceClient::new(client.peer(usual).await?);
    let unit_id = if code.is_empty() { String::new() } else { client.unit(code).await?.to_string() };
    let request = ListUnitMessagesRequest { unit_id, page_size, page_token, newest_first: false };
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
    since: String,
) -> anyhow::Result<()> {
    let usual = if client.is_officer() { Role::Officer } else { Role::Operator };
    let mut notification = NotificationServiceClient::new(client.peer(usual).await?);
    let mailbox = match (application, unit) {
        (Some(application), _) => Some(Mailbox::ApplicationId(application)),
        (None, Some(code)) => Some(Mailbox::UnitId(client.unit(&code).await?.to_string())),
        (None, None) => None,
    };
    let (speech, zone) = (client.speech(), client.zone().await);
    let open = async |resume_token: Option<String>| {
        let resume_token = resume_token.unwrap_or_else(|| since.clone());
        notification.watch_messages(WatchMessagesRequest { mailbox: mailbox.clone(), resume_token }).await
    };
    follow(client, Until::Stopped, open, |coming| {
        if client.json() {
            show::json_line("phidia.notification.v1.WatchMessagesResponse", &coming)?;
        } else {
            coming.messages.iter().for_each(|message| print(speech, &zone, message));
        }
        Ok(coming.resume_token)
    })
    .await
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
        show::line(&format!("→ {}", message.addressee));
        print(speech, &zone, message);
    }
    for attempt in &answer.attempts {
        let at = zone.instant(attempt.began_at.as_ref());
        let heading = speech.message_attempt();
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
            ReceiptKind::Pending => speech.message_on_its_way(),
            ReceiptKind::Temporary => speech.message_did_not_get_through_this_time(),
            ReceiptKind::Permanent => speech.message_never_will_get_through(),
            ReceiptKind::Delivered => speech.message_arrived(),
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
        speech.message_message(),
        speech.term_application(),
        speech.message_template(),
        speech.message_over(),
        speech.term_at(),
        speech.term_attempts(),
        speech.term_why(),
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
        speech.message_over(),
        speech.term_state_2(),
        speech.message_provider(),
        speech.message_messages(),
        speech.term_oldest_from(),
    ];
    show::page(speech, &headings, rows.collect(), "");
    if !answer.subscriptions.is_empty() {
        show::line("");
        subscriptions(speech, &zone, &answer);
    }
    let heading = speech.message_things_that_wait_for_the_letter_of();
    show::line(&format!("{heading}: {}", answer.waiting_for_digest));
    Ok(())
}

/// What other systems have not taken.
fn subscriptions(speech: Words, zone: &Zone, answer: &GetOutstandingMessagesResponse) {
    let rows = answer.subscriptions.iter().map(|one| {
        let or_more = if one.counted_in_part { speech.message_or_more() } else { "" };
        let gap = if one.kept_in_part { speech.message_older_ones_are_gone() } else { "" };
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
        speech.term_subscription(),
        speech.term_name(),
        speech.term_state_2(),
        speech.message_has_all_up_to(),
        speech.message_events_behind(),
        speech.term_applications_waiting(),
        speech.message_given_up(),
        speech.message_failing_since(),
        speech.term_oldest_from(),
    ];
    show::page(speech, &headings, rows.collect(), "");
    if answer.more_subscriptions > 0 {
        let more = speech.message_more_subscriptions();
        show::line(&format!("… {} {more}", answer.more_subscriptions));
    }
}

async fn page(client: &Client<'_>, messages: &[MessageText], total: u64, next_page_token: &str) {
    let (speech, zone) = (client.speech(), client.zone().await);
    for message in messages {
        print(speech, &zone, message);
    }
    show::line(&format!("{}: {total}", speech.message_in_all()));
    show::goes_on(speech, next_page_token);
}

/// A message as a letter: when, over what, how it stands; then its subject and text.
fn print(speech: Words, zone: &Zone, message: &MessageText) {
    let (channel, state) = (channel(speech, message.channel()), state(speech, message.state()));
    let at = zone.instant(message.occurred_at.as_ref());
    let stands = format!("{state} {}", message.failure);
    show::line(&format!("{at}, {channel}, {} ({})", stands.trim_end(), message.message_id));
    for line in message.subject.lines().chain(message.body.lines()).filter(|line| !line.is_empty()) {
        show::line(&format!("  {line}"));
    }
    show::line("");
}

fn channel(speech: Words, channel: MessageChannel) -> &'static str {
    match channel {
        MessageChannel::Unspecified => "–",
        MessageChannel::InApp => speech.message_in_app(),
        MessageChannel::Email => speech.message_e_mail(),
        MessageChannel::Sms => speech.message_sms(),
        MessageChannel::Zalo => "Zalo",
    }
}

fn state(speech: Words, state: MessageState) -> &'static str {
    match state {
        MessageState::Unspecified => "–",
        MessageState::Created => speech.message_created(),
        MessageState::Sending => speech.message_sending(),
        MessageState::Sent => speech.message_sent(),
        MessageState::Pending => speech.message_pending(),
        MessageState::Delivered => speech.message_delivered(),
        MessageState::Retrying | MessageState::TemporaryFailure => speech.message_temporary_failure(),
        MessageState::Failed | MessageState::TechnicalFailure => speech.message_technical_failure(),
        MessageState::PermanentFailure => speech.message_permanent_failure(),
        MessageState::Cancelled => speech.message_cancelled(),
        MessageState::Expired => speech.message_expired(),
    }
}
