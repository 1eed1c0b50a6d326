//! A number that was taken: how long it still takes, and where to go when it is called.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};
use phidia_proto::intake::v1::{
    CancelTicketRequest, GetTicketRequest, GetTicketResponse, TicketState,
    queue_service_client::QueueServiceClient,
};

use super::wait;
use crate::{
    Portal,
    form::{Faults, Posted, key_field},
    page::{Look, Page},
    part::encoded,
    services::soon,
    trouble::Trouble,
    visitor::{AtHall, Visitor},
};

/// A ticket on a telephone looks again after so long.
const LOOK_AGAIN: u32 = 20;
/// The screen in the hall is free for the next person after so long.
const NEXT_PERSON: u32 = 8;

async fn ticket(portal: &Portal, visitor: &Visitor, ticket_id: String) -> Result<GetTicketResponse, Trouble> {
    let mut queue = QueueServiceClient::new(portal.intake(visitor));
    Ok(queue.get_ticket(soon(GetTicketRequest { ticket_id })).await?.into_inner())
}

pub(super) async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Page, Trouble> {
    page(&portal, &visitor, &id, &Faults::none()).await
}

async fn page(portal: &Portal, visitor: &Visitor, id: &str, faults: &Faults) -> Result<Page, Trouble> {
    let words = visitor.words;
    let answer = ticket(portal, visitor, id.to_owned()).await?;
    let standing = answer.ticket.clone().unwrap_or_default();
    let action = format!("/so/phieu/{}/tra", encoded(id));
    let waits = standing.state() == TicketState::Waiting;
    let main = html! {
        (faults.summary(words))
        h1 { (words.web_hall_your_number()) }
        p.number { (standing.number) }
        p.lead role="status" { (stands(visitor, &answer)) }
        @if waits {
            form method="post" action=(action) {
                (key_field(portal, visitor, &action))
                button.second { (words.web_hall_give_back()) }
            }
        }
    };
    let page = Page::new(words.web_hall_number(&standing.number), main).with_faults(!faults.is_empty());
    let is_over = !matches!(standing.state(), TicketState::Waiting | TicketState::Called);
    Ok(if is_over { page } else { page.with_refresh(LOOK_AGAIN) })
}

fn stands(visitor: &Visitor, answer: &GetTicketResponse) -> Markup {
    let words = visitor.words;
    let ticket = answer.ticket.clone().unwrap_or_default();
    html! {
        @match ticket.state() {
            TicketState::Waiting => {
                (words.web_hall_people_ahead(answer.people_ahead)) " " (wait(visitor, answer.expected_wait.as_ref()))
            }
            TicketState::Called => strong { (words.web_hall_come_to(ticket.counter)) },
            TicketState::Serving => { (words.web_hall_at_counter(ticket.counter)) }
            TicketState::Served => { (words.web_hall_served()) }
            TicketState::NoShow => { (words.web_hall_no_show()) }
            TicketState::Cancelled => { (words.web_hall_cancelled()) }
            TicketState::Unserved | TicketState::Unspecified => { (words.web_hall_unserved()) }
        }
    }
}

pub(super) async fn give_back(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    posted: Posted<Visitor>,
) -> Result<Response, Trouble> {
    let done = async {
        posted.sent()?;
        let mut queue = QueueServiceClient::new(portal.intake(&posted.who));
        queue.cancel_ticket(soon(CancelTicketRequest { ticket_id: id.clone() })).await?;
        Ok::<_, Trouble>(())
    };
    match done.await {
        Ok(()) => Ok(Redirect::to(&format!("/so/phieu/{}", encoded(&id))).into_response()),
        Err(trouble) => {
            let faults = Faults::of(&posted.who, trouble)?;
            Ok(page(&portal, &posted.who, &id, &faults).await?.into_response())
        }
    }
}

/// What the printer of the hall prints (80 mm), and what is seen until the next person comes.
pub(super) async fn slip(
    State(portal): State<Portal>,
    visitor: AtHall,
    Path((unit, id)): Path<(String, String)>,
) -> Result<Page, Trouble> {
    let words = visitor.words;
    let answer = ticket(&portal, &visitor, id).await?;
    let ticket = answer.ticket.clone().unwrap_or_default();
    let centre = visitor.staff().unit_name(words);
    let main = html! {
        div.kiosk.slip data-print data-next=(format!("/ki-ot/{}", encoded(&unit))) {
            p { (centre) }
            h1 { (words.web_hall_your_number()) }
            p.number { (ticket.number) }
            p { (stands(&visitor, &answer)) }
            p.soft { (visitor.instant(ticket.taken_at.as_ref())) }
            p.no-print { a.button href={ "/ki-ot/" (encoded(&unit)) } { (words.web_hall_next_person()) } }
        }
    };
    let next = format!("/ki-ot/{}", encoded(&unit));
    Ok(Page::new(words.web_hall_number(&ticket.number), main)
        .with_look(Look::Bare)
        .with_refresh_to(NEXT_PERSON, next))
}
