//! How the services are: what is on its way between them and to others, and what got stuck.

use std::collections::BTreeMap;

use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};
use phidia_proto::{
    events::v1::{
        GetPositionsRequest, ListParkedEventsRequest, OutboxPosition, ParkedEvent, ReplayParkedEventsRequest,
        conservation_service_client::ConservationServiceClient, outbox_service_client::OutboxServiceClient,
    },
    intake::v1::{GetPortalStateRequest, GetPortalStateResponse, portal_service_client::PortalServiceClient},
    notification::v1::{
        GetOutstandingMessagesRequest, GetOutstandingMessagesResponse, MessageChannel, MessageState,
        notification_service_client::NotificationServiceClient,
    },
};
use phidia_runtime::peer::Peer;
use phidia_words::Words;
use tonic::Status;

use super::menu;
use crate::{
    Portal,
    form::{Posted, key_field},
    page::{Look, Page},
    part::{self, Column, Tone, table, tag},
    services::soon,
    trouble::{self, Trouble},
    visitor::{Operating, Visitor},
};

pub(super) const PATH: &str = "/tinh/suc-khoe";

/// Of each service that answers how far its outboxes are, by who wrote and who is told.
type Positions = BTreeMap<(String, String), OutboxPosition>;

pub(super) async fn show(State(portal): State<Portal>, who: Operating) -> Result<Page, Trouble> {
    let words = who.words;
    let peers = peers(&portal, &who);
    let answers = futures::future::join_all(peers.iter().map(|(_, peer)| asked(peer.clone())));
    let mut messages = NotificationServiceClient::new(portal.notification(&who));
    let mut national = PortalServiceClient::new(portal.intake(&who));
    let (answers, messages, national) = futures::join!(
        answers,
        messages.get_outstanding_messages(soon(GetOutstandingMessagesRequest {})),
        national.get_portal_state(soon(GetPortalStateRequest {})),
    );
    let mut positions = Positions::new();
    let mut parked = BTreeMap::new();
    let mut rows = Vec::new();
    // In one process each answers for all: they are counted once.
    for ((name, _), answer) in peers.iter().zip(answers) {
        match answer {
            Ok((at, events)) => {
                positions.extend(at.into_iter().map(|at| ((at.source.clone(), at.subscriber.clone()), at)));
                let keyed = |event: ParkedEvent| ((event.event_id.clone(), event.subscriber.clone()), event);
                parked.extend(events.into_iter().map(keyed));
                rows.push((*name, tag(Tone::Well, words.web_province_answers())));
            }
            Err(status) => rows.push((*name, away(&who, status))),
        }
    }
    let title = words.web_province_health();
    let main = html! {
        (menu(&who))
        h1 { (title) }
        (part::facts(&rows))
        h2 { (words.web_province_on_the_way()) }
        (on_the_way(words, &positions))
        h2 { (words.conservation_parked_events()) }
        (stuck(&portal, &who, &parked.into_values().collect::<Vec<_>>()))
        h2 { (words.web_province_messages()) }
        @match messages {
            Ok(answer) => (outstanding(&who, answer.get_ref())),
            Err(status) => p { (away(&who, status)) },
        }
        h2 { (words.web_province_national_portal()) }
        @match national {
            Ok(answer) => (told_outside(&who, answer.get_ref())),
            Err(status) => p { (away(&who, status)) },
        }
    };
    Ok(Page::new(title, main).with_look(Look::Work).with_refresh(30))
}

fn peers(portal: &Portal, who: &Operating) -> [(&'static str, Peer); 4] {
    let words = who.words;
    [
        (words.web_province_intake(), portal.intake(who)),
        (words.web_province_routing(), portal.routing(who)),
        (words.web_province_processing(), portal.processing(who)),
        (words.web_province_notification(), portal.notification(who)),
    ]
}

async fn asked(peer: Peer) -> Result<(Vec<OutboxPosition>, Vec<ParkedEvent>), Status> {
    let mut accounts = ConservationServiceClient::new(peer.clone());
    let mut outbox = OutboxServiceClient::new(peer);
    let parked = ListParkedEventsRequest { page_size: 100, ..ListParkedEventsRequest::default() };
    let (positions, parked) = tokio::try_join!(
        accounts.get_positions(soon(GetPositionsRequest::default())),
        outbox.list_parked_events(soon(parked)),
    )?;
    Ok((positions.into_inner().positions, parked.into_inner().events))
}

/// Who does not answer, and what is known of why.
fn away(visitor: &Visitor, status: Status) -> Markup {
    let words = visitor.words;
    let said = match Trouble::from(status) {
        Trouble::Refused(rejection) => trouble::sentence(words, &rejection),
        _ => words.web_nobody_answers().to_owned(),
    };
    tag(Tone::Late, &said)
}

fn on_the_way(words: Words, positions: &Positions) -> Markup {
    let columns = [
        Column::Words(words.term_source()),
        Column::Words(words.outbox_subscriber()),
        Column::Numbers(words.web_province_outstanding()),
        Column::Numbers(words.conservation_parked_events()),
    ];
    let rows = html! {
        @for at in positions.values() {
            tr {
                th scope="row" { (at.source) }
                td { (at.subscriber) }
                td.number { (words.count(at.outstanding)) }
                td.number { @if at.parked > 0 { (tag(Tone::Late, &words.count(at.parked))) } @else { (words.count(0)) } }
            }
        }
    };
    table(words.web_province_on_the_way(), &columns, &rows)
}

/// The fields of a parked event, as the button that replays it names them.
fn named(event: &ParkedEvent) -> String {
    format!("{}/{}/{}", event.source, event.subscriber, event.application_id)
}

fn stuck(portal: &Portal, who: &Operating, events: &[ParkedEvent]) -> Markup {
    let words = who.words;
    let columns = [
        Column::Words(words.term_application()),
        Column::Words(words.term_source()),
        Column::Words(words.outbox_subscriber()),
        Column::Words(words.term_what()),
        Column::Words(words.term_reason()),
        Column::Words(words.outbox_since()),
        Column::Words(words.web_province_replay()),
    ];
    let rows = html! {
        @for event in events {
            tr {
                th scope="row" { (event.application_id) " #" (event.sequence) }
                td { (event.source) }
                td { (event.subscriber) }
                td { (event.kind) }
                td { (words.why(&event.reason)) }
                td { (who.instant(event.since.as_ref())) }
                td {
                    @if event.replaying {
                        (words.outbox_replaying())
                    } @else {
                        form method="post" action=(PATH) {
                            (key_field(portal, who, PATH))
                            button.second name="lai" value=(named(event)) { (words.web_province_replay()) }
                        }
                    }
                }
            }
        }
    };
    html! {
        @if events.is_empty() { p.done { (words.web_province_nothing_parked()) } }
        @else { (table(words.conservation_parked_events(), &columns, &rows)) }
    }
}

/// Has what is parked of an application told again.
pub(super) async fn replay(
    State(portal): State<Portal>,
    posted: Posted<Operating>,
) -> Result<Response, Trouble> {
    let fields = posted.sent()?.fields;
    let mut parts = fields.text("lai").split('/').map(str::to_owned);
    let (source, subscriber, application_id) = (parts.next(), parts.next(), parts.next());
    let request = ReplayParkedEventsRequest {
        source: source.unwrap_or_default(),
        subscriber: subscriber.unwrap_or_default(),
        application_id: application_id.unwrap_or_default(),
    };
    // Whose outbox it is, is known by its name; in one process each of them answers.
    let mut last = None;
    for (_, peer) in peers(&portal, &posted.who) {
        match OutboxServiceClient::new(peer).replay_parked_events(soon(request.clone())).await {
            Ok(_) => return Ok(Redirect::to(PATH).into_response()),
            Err(status) => last = Some(status),
        }
    }
    Err(last.map_or(Trouble::NoSuchPage, Trouble::from))
}

fn outstanding(visitor: &Visitor, answer: &GetOutstandingMessagesResponse) -> Markup {
    let words = visitor.words;
    let channel = |channel: MessageChannel| match channel {
        MessageChannel::Unspecified => "–",
        MessageChannel::InApp => words.message_in_app(),
        MessageChannel::Email => words.message_e_mail(),
        MessageChannel::Sms => words.message_sms(),
        MessageChannel::Zalo => "Zalo",
    };
    let columns = [
        Column::Words(words.message_over()),
        Column::Words(words.term_state()),
        Column::Words(words.message_provider()),
        Column::Numbers(words.message_messages()),
        Column::Words(words.term_oldest_from()),
    ];
    let rows = html! {
        @for of in &answer.outstanding {
            tr {
                th scope="row" { (channel(of.channel())) }
                td { (state_name(words, of.state())) }
                td { (of.provider) }
                td.number { (words.count(of.messages)) }
                td { (visitor.instant(of.oldest_at.as_ref())) }
            }
        }
    };
    let behind = [
        Column::Words(words.term_subscription()),
        Column::Numbers(words.message_events_behind()),
        Column::Numbers(words.term_applications_waiting()),
        Column::Words(words.message_failing_since()),
    ];
    let systems = html! {
        @for of in &answer.subscriptions {
            tr {
                th scope="row" { (of.name) }
                td.number { (words.count(of.events)) }
                td.number { (words.count(of.waiting)) }
                td { (visitor.instant(of.failing_since.as_ref())) }
            }
        }
    };
    html! {
        @if answer.outstanding.is_empty() { p.done { (words.web_province_no_messages()) } }
        @else { (table(words.web_province_messages(), &columns, &rows)) }
        @if answer.waiting_for_digest > 0 {
            p { (words.message_things_that_wait_for_the_letter_of()) ": " (words.count(answer.waiting_for_digest)) }
        }
        @if !answer.subscriptions.is_empty() { (table(words.term_subscription(), &behind, &systems)) }
    }
}

fn state_name(words: Words, state: MessageState) -> &'static str {
    match state {
        MessageState::Unspecified => "–",
        MessageState::Created => words.message_created(),
        MessageState::Sending => words.message_sending(),
        MessageState::Sent => words.message_sent(),
        MessageState::Pending => words.message_pending(),
        MessageState::Delivered => words.message_delivered(),
        MessageState::Retrying | MessageState::TemporaryFailure => words.message_temporary_failure(),
        MessageState::Failed | MessageState::TechnicalFailure => words.message_technical_failure(),
        MessageState::PermanentFailure => words.message_permanent_failure(),
        MessageState::Cancelled => words.message_cancelled(),
        MessageState::Expired => words.message_expired(),
    }
}

fn told_outside(visitor: &Visitor, state: &GetPortalStateResponse) -> Markup {
    let words = visitor.words;
    let bad = |count: i64| {
        html! { @if count > 0 { (tag(Tone::Late, &words.count(count))) } @else { (words.count(count)) } }
    };
    html! {
        @if state.url.is_empty() {
            p.soft { (words.web_province_no_national_portal()) }
        } @else {
            (part::facts(&[
                (words.web_province_its_address(), html! { (state.url) }),
                (words.portal_to_be_told(), html! { (words.count(state.waiting)) }),
                (words.portal_behind_those(), html! { (words.count(state.behind)) }),
                (words.portal_refused(), bad(state.refused)),
                (words.portal_not_taken_in_yet(), bad(state.failed_arrivals)),
                (words.portal_taken_last(), html! { (visitor.instant(state.delivered_at.as_ref())) }),
            ]))
        }
    }
}
