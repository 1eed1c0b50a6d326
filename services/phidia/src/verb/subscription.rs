//! `phidia subscription …`

use std::process::ExitCode;

use phidia_domain::caller::Role;
use phidia_proto::{
    convert::wire_timestamp,
    notification::v1::{
        CreateSubscriptionRequest, DeleteSubscriptionRequest, EnableSubscriptionRequest,
        GetSubscriptionRequest, ListSubscriptionDeliveriesRequest, ListSubscriptionsRequest,
        PauseSubscriptionRequest, PingSubscriptionRequest, ReplaySubscriptionRequest,
        RotateSubscriptionSecretRequest, Subscription as SubscriptionText, SubscriptionFormat,
        SubscriptionSignature, SubscriptionState, UpdateSubscriptionRequest,
        replay_subscription_request::What, subscription_service_client::SubscriptionServiceClient,
    },
};
use phidia_runtime::peer::Peer;
use phidia_words::Words;

use super::{event::filter, ticket};
use crate::{
    client::Client,
    command::{FormatName, SignatureName, Subscription},
    ending::Ending,
    show::{self, Zone},
};

pub(crate) async fn run(client: &Client<'_>, verb: Subscription) -> anyhow::Result<ExitCode> {
    let mut service = SubscriptionServiceClient::new(client.peer(Role::Operator).await?);
    let speech = client.speech();
    match verb {
        Subscription::Create { called, url, terms, signature, since, key } => {
            let zone = client.zone().await;
            let since = since.map(|since| zone.parse(&since)).transpose()?;
            let request = CreateSubscriptionRequest {
                idempotency_key: ticket::key(key),
                name: called,
                url,
                format: terms.format.map_or(SubscriptionFormat::Json, wire_format).into(),
                signature: match signature {
                    SignatureName::Hmac => SubscriptionSignature::Hmac,
                    SignatureName::Ed25519 => SubscriptionSignature::Ed25519,
                }
                .into(),
                filter: Some(filter(terms.which)),
                since: since.map(wire_timestamp),
            };
            let answer = service.create_subscription(request).await?.into_inner();
            if client.json() {
                show::json("phidia.notification.v1.CreateSubscriptionResponse", &answer)?;
            } else {
                one(client, answer.subscription.as_ref()).await;
                tell_secret(speech, &answer.secret);
            }
        }
        Subscription::List { page } => list(client, &mut service, page).await?,
        Subscription::Show { id: subscription_id } => {
            let answer = service.get_subscription(GetSubscriptionRequest { subscription_id }).await?;
            shown(client, answer.into_inner().subscription.as_ref()).await?;
        }
        Subscription::Update { id, called, url, terms } => {
            let known = service.get_subscription(GetSubscriptionRequest { subscription_id: id }).await?;
            let known = known.into_inner().subscription.unwrap_or_default();
            let request = UpdateSubscriptionRequest {
                name: called.unwrap_or_else(|| known.name.clone()),
                url: url.unwrap_or_else(|| known.url.clone()),
                format: terms.format.map_or(known.format(), wire_format).into(),
                filter: Some(filter(terms.which)),
                subscription_id: known.subscription_id,
                revision: known.revision,
            };
            let answer = service.update_subscription(request).await?.into_inner();
            shown(client, answer.subscription.as_ref()).await?;
        }
        Subscription::Rotate { id: subscription_id, replace_newest } => {
            let request = RotateSubscriptionSecretRequest { subscription_id, replace_newest };
            let answer = service.rotate_subscription_secret(request).await?.into_inner();
            if client.json() {
                show::json("phidia.notification.v1.RotateSubscriptionSecretResponse", &answer)?;
            } else {
                tell_secret(speech, &answer.secret);
                let until = client.zone().await.instant(answer.previous_until.as_ref());
                let beside = speech.subscription_the_one_before_signs_beside_it_until();
                show::line(&format!("{beside} {until}"));
            }
        }
        Subscription::Enable { id: subscription_id, accept_gap } => {
            let request = EnableSubscriptionRequest { subscription_id, accept_gap };
            let answer = service.enable_subscription(request).await?.into_inner();
            shown(client, answer.subscription.as_ref()).await?;
        }
        Subscription::Pause { id: subscription_id } => {
            let request = PauseSubscriptionRequest { subscription_id };
            let answer = service.pause_subscription(request).await?.into_inner();
            shown(client, answer.subscription.as_ref()).await?;
        }
        Subscription::Delete { id: subscription_id } => {
            service.delete_subscription(DeleteSubscriptionRequest { subscription_id }).await?;
            if !client.json() {
                show::line(speech.subscription_it_is_gone());
            }
        }
        Subscription::Ping { id: subscription_id } => {
            let request = PingSubscriptionRequest { subscription_id };
            let answer = service.ping_subscription(request).await?.into_inner();
            if client.json() {
                show::json("phidia.notification.v1.PingSubscriptionResponse", &answer)?;
            } else {
                show::line(&format!("{} ({} ms)", answer.outcome, answer.took_milliseconds));
            }
            if !answer.is_delivered {
                return Ok(Ending::DoesNotHold.into());
            }
        }
        Subscription::Replay { id: subscription_id, since, dead, accept_gap } => {
            let zone = client.zone().await;
            let since = since.map(|since| zone.parse(&since)).transpose()?;
            let what = since.map_or(What::Dead(dead), |since| What::Since(wire_timestamp(since)));
            let request = ReplaySubscriptionRequest { subscription_id, what: Some(what), accept_gap };
            let answer = service.replay_subscription(request).await?.into_inner();
            shown(client, answer.subscription.as_ref()).await?;
        }
        Subscription::Log { id, page } => log(client, &mut service, id, page).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(
    client: &Client<'_>,
    service: &mut SubscriptionServiceClient<Peer>,
    page_token: String,
) -> anyhow::Result<()> {
    let request = ListSubscriptionsRequest { page_size: 0, page_token };
    let answer = service.list_subscriptions(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.notification.v1.ListSubscriptionsResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let rows = answer.subscriptions.iter().map(|one| {
        vec![
            one.subscription_id.clone(),
            one.name.clone(),
            one.owner.clone(),
            one.url.clone(),
            stands(speech, &zone, one),
            one.behind.to_string(),
            one.waiting.to_string(),
            one.dead.to_string(),
        ]
    });
    let headings = [
        speech.term_subscription(),
        speech.term_name(),
        speech.subscription_owner(),
        speech.subscription_address(),
        speech.term_state_2(),
        speech.subscription_behind(),
        speech.subscription_waiting(),
        speech.subscription_given_up(),
    ];
    show::page(speech, &headings, rows.collect(), &answer.next_page_token);
    Ok(())
}

async fn shown(client: &Client<'_>, subscription: Option<&SubscriptionText>) -> anyhow::Result<()> {
    match subscription.filter(|_| client.json()) {
        Some(subscription) => show::json("phidia.notification.v1.Subscription", subscription),
        None => {
            one(client, subscription).await;
            Ok(())
        }
    }
}

async fn one(client: &Client<'_>, subscription: Option<&SubscriptionText>) {
    let Some(one) = subscription else { return };
    let (speech, zone) = (client.speech(), client.zone().await);
    let filter = one.filter.clone().unwrap_or_default();
    let all = |codes: &[String]| match codes {
        [] => speech.term_all_2().to_owned(),
        codes => codes.join(" "),
    };
    show::facts(vec![
        (speech.term_subscription(), one.subscription_id.clone()),
        (speech.term_name(), one.name.clone()),
        (speech.subscription_owner(), one.owner.clone()),
        (speech.subscription_address(), one.url.clone()),
        (speech.subscription_types(), all(&filter.types)),
        (speech.term_procedures(), all(&filter.procedure_codes)),
        (speech.subscription_units(), all(&filter.unit_codes)),
        (speech.term_state_2(), stands(speech, &zone, one)),
        (speech.subscription_behind(), one.behind.to_string()),
        (speech.term_applications_waiting(), one.waiting.to_string()),
        (speech.subscription_applications_given_up(), one.dead.to_string()),
    ]);
}

fn stands(speech: Words, zone: &Zone, one: &SubscriptionText) -> String {
    let state = format!("{} {}", state(speech, one.state()), one.state_reason);
    let since = one.failing_since.as_ref().map(|since| {
        let failing = speech.subscription_failing_since();
        format!("; {failing} {}", zone.instant(Some(since)))
    });
    state.trim_end().to_owned() + &since.unwrap_or_default()
}

async fn log(
    client: &Client<'_>,
    service: &mut SubscriptionServiceClient<Peer>,
    subscription_id: String,
    page_token: String,
) -> anyhow::Result<()> {
    let request = ListSubscriptionDeliveriesRequest { subscription_id, page_size: 0, page_token };
    let answer = service.list_subscription_deliveries(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.notification.v1.ListSubscriptionDeliveriesResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let rows = answer.deliveries.iter().map(|one| {
        vec![
            zone.instant(one.at.as_ref()),
            one.event_id.clone(),
            one.application_id.clone(),
            one.outcome.clone(),
            format!("{} ms", one.took_milliseconds),
            one.size_bytes.to_string(),
        ]
    });
    let headings = [
        speech.term_at(),
        speech.subscription_event(),
        speech.term_application(),
        speech.subscription_outcome(),
        speech.subscription_took(),
        speech.subscription_bytes(),
    ];
    show::page(speech, &headings, rows.collect(), &answer.next_page_token);
    Ok(())
}

fn tell_secret(speech: Words, secret: &str) {
    if secret.is_empty() {
        let known = speech.subscription_it_was_subscribed_before_under_this_key();
        return show::line(known);
    }
    let once = speech.subscription_to_check_signatures_with_shown_this_once();
    show::line(&format!("{once} {secret}"));
}

pub(super) fn state(speech: Words, state: SubscriptionState) -> &'static str {
    match state {
        SubscriptionState::Unspecified => "–",
        SubscriptionState::Active => speech.subscription_active(),
        SubscriptionState::Paused => speech.subscription_paused(),
        SubscriptionState::Disabled => speech.subscription_disabled(),
    }
}

fn wire_format(format: FormatName) -> SubscriptionFormat {
    match format {
        FormatName::Json => SubscriptionFormat::Json,
        FormatName::Protobuf => SubscriptionFormat::Protobuf,
    }
}
