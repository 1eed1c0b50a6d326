//! `phidia outbox …`: what subscribers refused.

use std::{collections::BTreeSet, process::ExitCode};

use phidia_domain::Rejection;
use phidia_proto::events::v1::{
    ListParkedEventsRequest, ListParkedEventsResponse, ParkedEvent, ReplayParkedEventsRequest,
    outbox_service_client::OutboxServiceClient,
};
use phidia_runtime::status;

use super::endpoints;
use crate::{
    client::Client,
    command::{Outbox, Parked, Replay},
    show,
};

pub(crate) async fn run(client: &Client<'_>, verb: Outbox) -> anyhow::Result<ExitCode> {
    match verb {
        Outbox::List(parked) => list(client, parked).await,
        Outbox::Replay(replay) => deliver_again(client, replay).await,
    }
}

async fn list(client: &Client<'_>, parked: Parked) -> anyhow::Result<ExitCode> {
    let Parked { source, subscriber, application_id, limit, services } = parked;
    let mut answer = ListParkedEventsResponse::default();
    // Of two replicas each answers for both.
    let mut seen = BTreeSet::new();
    for peer in endpoints(client, &services).await? {
        let request = ListParkedEventsRequest {
            source: source.clone(),
            subscriber: subscriber.clone(),
            application_id: application_id.clone(),
            page_size: limit,
            page_token: String::new(),
        };
        let page = OutboxServiceClient::new(peer).list_parked_events(request).await?.into_inner();
        let new = |event: &ParkedEvent| seen.insert((event.subscriber.clone(), event.event_id.clone()));
        answer.events.extend(page.events.into_iter().filter(new));
        if !page.next_page_token.is_empty() {
            answer.next_page_token = page.next_page_token;
        }
    }
    if client.json() {
        show::json("phidia.events.v1.ListParkedEventsResponse", &answer)?;
        return Ok(ExitCode::SUCCESS);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let rows = answer.events.into_iter().map(|event| {
        let again = if event.replaying { speech.outbox_replaying() } else { "" };
        vec![
            event.source,
            event.subscriber,
            event.application_id,
            event.sequence.to_string(),
            event.kind,
            event.reason,
            zone.instant(event.since.as_ref()),
            again.to_owned(),
        ]
    });
    let headings = [
        speech.term_source(),
        speech.outbox_subscriber(),
        speech.term_application(),
        speech.outbox_sequence(),
        speech.term_kind(),
        speech.term_reason(),
        speech.outbox_since(),
        "",
    ];
    show::page(speech, &headings, rows.collect(), &answer.next_page_token);
    Ok(ExitCode::SUCCESS)
}

async fn deliver_again(client: &Client<'_>, replay: Replay) -> anyhow::Result<ExitCode> {
    let Replay { source, subscriber, application_id, services } = replay;
    let request = ReplayParkedEventsRequest { source, subscriber, application_id };
    for peer in endpoints(client, &services).await? {
        match OutboxServiceClient::new(peer).replay_parked_events(request.clone()).await {
            Ok(answer) => {
                let answer = answer.into_inner();
                match client.json() {
                    true => show::json("phidia.events.v1.ReplayParkedEventsResponse", &answer)?,
                    false => show::line(&format!(
                        "{}: {}",
                        client.speech().outbox_events_delivered_again(),
                        answer.events
                    )),
                }
                return Ok(ExitCode::SUCCESS);
            }
            Err(status) if status::from_status(&status).reason == "UNKNOWN_SERVICE" => {}
            Err(status) => return Err(status.into()),
        }
    }
    let message = format!("none of the endpoints answers for {}; name it with --service", request.source);
    Err(Rejection::not_found("UNKNOWN_SERVICE", message).into())
}
