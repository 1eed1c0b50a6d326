//! `phidia event …`

use std::process::ExitCode;

use phidia_domain::caller::Role;
use phidia_proto::{
    convert::wire_timestamp,
    notification::v1::{
        EventFilter, ListEventsRequest, PublicEvent, RenumberEventsRequest, WatchEventsRequest,
        event_service_client::EventServiceClient, list_events_request, watch_events_request,
    },
};

use crate::{
    client::Client,
    command::{Event, EventFilterOptions, EventsFrom},
    follow::{Until, follow},
    show::{self, Zone},
};

pub(crate) async fn run(client: &Client<'_>, verb: Event) -> anyhow::Result<ExitCode> {
    match verb {
        Event::Watch { which, from } => watch(client, filter(which), from).await?,
        Event::List { which, from, limit } => list(client, filter(which), from, limit).await?,
        Event::Renumber { reason } => renumber(client, reason).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The filter that is asked for; a type may be named by its middle.
pub(super) fn filter(options: EventFilterOptions) -> EventFilter {
    let whole = |name: String| match name.contains('.') {
        true => name,
        false => format!("phidia.application.{name}.v1"),
    };
    EventFilter {
        types: options.types.into_iter().map(whole).collect(),
        province: options.province,
        procedure_codes: options.procedures,
        unit_codes: options.units,
    }
}

async fn watch(client: &Client<'_>, filter: EventFilter, from: EventsFrom) -> anyhow::Result<()> {
    use watch_events_request::From;
    let mut events = EventServiceClient::new(client.peer(Role::Operator).await?);
    let zone = client.zone().await;
    let since = from.since.map(|since| zone.parse(&since)).transpose()?;
    let since = since.map(|at| From::Since(wire_timestamp(at)));
    let from = from.after.map(From::ResumeToken).or(since);
    let open = async |resume_token: Option<String>| {
        let from = resume_token.map(From::ResumeToken).or_else(|| from.clone());
        events.watch_events(WatchEventsRequest { filter: Some(filter.clone()), from }).await
    };
    follow(client, Until::Stopped, open, |message| {
        if client.json() {
            show::json_line("phidia.notification.v1.WatchEventsResponse", &message)?;
        } else {
            message.events.iter().for_each(|event| show::line(&line(&zone, event)));
        }
        Ok(message.resume_token)
    })
    .await
}

async fn list(
    client: &Client<'_>,
    filter: EventFilter,
    from: EventsFrom,
    page_size: i32,
) -> anyhow::Result<()> {
    use list_events_request::From;
    let mut events = EventServiceClient::new(client.peer(Role::Operator).await?);
    let zone = client.zone().await;
    let since = from.since.map(|since| zone.parse(&since)).transpose()?;
    let since = since.map(|at| From::Since(wire_timestamp(at)));
    let from = from.after.map(From::ResumeToken).or(since);
    let request = ListEventsRequest { filter: Some(filter), page_size, from };
    let answer = events.list_events(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.notification.v1.ListEventsResponse", &answer);
    }
    answer.events.iter().for_each(|event| show::line(&line(&zone, event)));
    if !answer.is_last {
        let more = client.speech().event_there_is_more_after();
        show::aside(&format!("{more} {}", answer.resume_token));
    }
    Ok(())
}

async fn renumber(client: &Client<'_>, reason: String) -> anyhow::Result<()> {
    let mut events = EventServiceClient::new(client.peer(Role::Operator).await?);
    let answer = events.renumber_events(RenumberEventsRequest { reason }).await?.into_inner();
    if client.json() {
        return show::json("phidia.notification.v1.RenumberEventsResponse", &answer);
    }
    let begun_at = client.zone().await.instant(answer.begun_at.as_ref());
    show::line(&client.speech().event_another_feed_began_tokens_of_before_are(&begun_at));
    Ok(())
}

/// When, which application, what.
fn line(zone: &Zone, event: &PublicEvent) -> String {
    let at = zone.instant(event.occurred_at.as_ref());
    format!("{at}  {} {}  {}", event.application_id, event.application_sequence, event.r#type)
}
