//! A counter: whom it calls, and what becomes of them.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};
use phidia_domain::{Kind, Rejection};
use phidia_proto::intake::v1::{
    CallNextRequest, CloseCounterRequest, CounterStanding, FinishTicketRequest, Hall, OpenCounterRequest,
    RecallTicketRequest, SkipTicketRequest, StartTicketRequest, Ticket, TicketState, TransferTicketRequest,
    queue_service_client::QueueServiceClient,
};
use phidia_runtime::peer::Peer;

use super::{hall, wait};
use crate::{
    Portal,
    form::{Faults, Fields, Posted, key_field},
    page::{Look, Page},
    part,
    services::soon,
    trouble::Trouble,
    visitor::{AtCentre, AtDesk, Visitor},
};

fn queue(portal: &Portal, visitor: &Visitor) -> QueueServiceClient<Peer> {
    QueueServiceClient::new(portal.intake(visitor))
}

pub(super) async fn choose(State(portal): State<Portal>, visitor: AtCentre) -> Result<Page, Trouble> {
    let words = visitor.words;
    let hall = hall(&portal, &visitor, "").await?;
    let own = visitor.caller().officer.map(|officer| officer.to_string()).unwrap_or_default();
    let main = html! {
        h1 { (words.web_hall_counters()) }
        div.cards {
            @for standing in &hall.counters {
                @let counter = standing.counter.clone().unwrap_or_default();
                a.card href={ "/quay/" (counter.number) } data-row {
                    strong { (words.web_hall_counter(counter.number)) }
                    @let name = visitor.text(counter.name.as_ref());
                    @if !name.is_empty() { span { (name) } }
                    @if standing.open_since.is_none() {
                        (part::tag(part::Tone::Calm, words.web_hall_closed()))
                    } @else if standing.officer_id == own {
                        (part::tag(part::Tone::Well, words.web_hall_yours()))
                    } @else {
                        (part::tag(part::Tone::Soon, words.web_hall_taken()))
                    }
                    @if !standing.number.is_empty() { span { (words.web_hall_number(&standing.number)) } }
                }
            }
        }
        (queues(&visitor, &hall))
        p { a href={ "/bang/" (visitor.staff().unit) } { (words.web_hall_board()) } }
    };
    Ok(Page::new(words.web_hall_counters(), main).with_look(Look::Work).with_refresh(30))
}

fn queues(visitor: &Visitor, hall: &Hall) -> Markup {
    let words = visitor.words;
    html! {
        h2 { (words.web_hall_who_waits()) }
        table {
            thead { tr {
                th scope="col" { (words.web_hall_kind()) }
                th.number scope="col" { (words.web_hall_waiting_heading()) }
                th scope="col" { (words.web_hall_wait()) }
            } }
            tbody {
                @for standing in &hall.queues {
                    @let kind = standing.queue.clone().unwrap_or_default();
                    tr {
                        th scope="row" { (kind.kind) " · " (visitor.text(kind.name.as_ref())) }
                        td.number { (standing.waiting) }
                        td { (wait(visitor, standing.expected_wait.as_ref())) }
                    }
                }
            }
        }
    }
}

pub(super) async fn show(
    State(portal): State<Portal>,
    visitor: AtDesk,
    Path(counter): Path<u32>,
) -> Result<Page, Trouble> {
    page(&portal, &visitor, counter, &Fields::default(), &Faults::none()).await
}

async fn page(
    portal: &Portal,
    visitor: &Visitor,
    number: u32,
    fields: &Fields,
    faults: &Faults,
) -> Result<Page, Trouble> {
    let words = visitor.words;
    let hall = hall(portal, visitor, "").await?;
    let standing =
        hall.counters.iter().find(|one| one.counter.as_ref().is_some_and(|one| one.number == number));
    let standing = standing.ok_or(Trouble::NoSuchPage)?;
    let own = visitor.caller().officer.map(|officer| officer.to_string()).unwrap_or_default();
    let is_open = standing.open_since.is_some();
    let button = |act: &str, key: &str, label: &str, class: &str| {
        let action = format!("/quay/{number}/{act}");
        html! {
            form method="post" action=(action) {
                (key_field(portal, visitor, &action))
                button class=(class) data-press=(key) { (label) " " kbd aria-hidden="true" { (key) } }
            }
        }
    };
    let main = html! {
        (faults.summary(words))
        h1 { (words.web_hall_counter(number)) }
        @if !is_open {
            p { (words.web_hall_closed_long()) }
            (button("mo", "m", words.web_hall_open(), ""))
        } @else if standing.officer_id != own {
            p.note { (words.web_hall_taken_long()) }
            p { a href="/quay" { (words.web_hall_counters()) } }
        } @else {
            (at_counter(portal, visitor, number, standing, fields))
            div.acts {
                (button("tiep", "n", words.web_hall_call_next(), ""))
                a.button.second href="/tiep-nhan" data-press="i" { (words.web_hall_take_in()) " " kbd aria-hidden="true" { "i" } }
                (button("dong", "e", words.web_hall_close(), "second"))
            }
            (queues(visitor, &hall))
        }
    };
    let title = words.web_hall_counter(number);
    Ok(Page::new(title, main).with_look(Look::Work).with_faults(!faults.is_empty()).with_refresh(30))
}

/// Who is at the counter, and what can become of them.
fn at_counter(
    portal: &Portal,
    visitor: &Visitor,
    number: u32,
    standing: &CounterStanding,
    fields: &Fields,
) -> Markup {
    let words = visitor.words;
    let Some(ticket) = &standing.ticket else {
        return html! { p.lead role="status" { (words.web_hall_nobody_here()) } };
    };
    let is_called = ticket.state() == TicketState::Called;
    let act = |act: &str, key: &str, label: &str, class: &str, more: Markup| {
        let action = format!("/quay/{number}/{act}");
        html! {
            form method="post" action=(action) {
                (key_field(portal, visitor, &action))
                input type="hidden" name="so" value=(ticket.ticket_id);
                input type="hidden" name="luot" value=(ticket.turn);
                (more)
                button class=(class) data-press=(key) { (label) " " kbd aria-hidden="true" { (key) } }
            }
        }
    };
    html! {
        p.number role="status" { (ticket.number) }
        p.lead {
            @if is_called { (words.web_hall_called_not_here()) } @else { (words.web_hall_is_here()) }
            @if !ticket.dossier_code.is_empty() {
                " · " a href={ "/tim?q=" (part::encoded(&ticket.dossier_code)) } { (ticket.dossier_code) }
            }
        }
        div.acts {
            @if is_called {
                (act("bat-dau", "s", words.web_hall_start(), "", html! {}))
                (act("goi-lai", "l", words.web_hall_recall(), "second", html! {}))
                (act("bo-qua", "b", words.web_hall_skip(), "second", html! {}))
            } @else {
                (act("xong", "f", words.web_hall_finish(), "", html! {}))
            }
        }
        details open[fields.has("loai")] {
            summary { (words.web_hall_send_on()) }
            (act("chuyen", "d", words.web_hall_transfer(), "second", html! {
                label for="f-loai" { (words.web_hall_to_kind()) }
                input #f-loai name="loai" size="3" maxlength="1" value=(fields.text("loai")) autocomplete="off";
                label for="f-quay" { (words.web_hall_to_counter()) }
                input #f-quay name="quay" size="3" inputmode="numeric" value=(fields.text("quay")) autocomplete="off";
            }))
        }
    }
}

pub(super) async fn open(
    State(portal): State<Portal>,
    Path(counter): Path<u32>,
    posted: Posted<AtDesk>,
) -> Result<Response, Trouble> {
    let done = async {
        posted.sent()?;
        let request = OpenCounterRequest { point: String::new(), counter, officer_code: String::new() };
        queue(&portal, &posted.who).open_counter(soon(request)).await?;
        Ok(())
    };
    after(&portal, &posted, counter, done.await).await
}

pub(super) async fn close(
    State(portal): State<Portal>,
    Path(counter): Path<u32>,
    posted: Posted<AtDesk>,
) -> Result<Response, Trouble> {
    let done = async {
        posted.sent()?;
        let request = CloseCounterRequest { point: String::new(), counter };
        queue(&portal, &posted.who).close_counter(soon(request)).await?;
        Ok(())
    };
    after(&portal, &posted, counter, done.await).await
}

pub(super) async fn call_next(
    State(portal): State<Portal>,
    Path(counter): Path<u32>,
    posted: Posted<AtDesk>,
) -> Result<Response, Trouble> {
    let done = async {
        let key = posted.sent()?.key.to_owned();
        let request = CallNextRequest { idempotency_key: key, point: String::new(), counter };
        queue(&portal, &posted.who).call_next(soon(request)).await?;
        Ok(())
    };
    after(&portal, &posted, counter, done.await).await
}

/// What becomes of who is at the counter.
pub(super) async fn act(
    State(portal): State<Portal>,
    Path((counter, act)): Path<(u32, String)>,
    posted: Posted<AtDesk>,
) -> Result<Response, Trouble> {
    let done = done(&portal, &act, &posted).await;
    if matches!(done, Err(Trouble::NoSuchPage)) {
        return Err(Trouble::NoSuchPage);
    }
    after(&portal, &posted, counter, done).await
}

async fn done(portal: &Portal, act: &str, posted: &Posted<AtDesk>) -> Result<(), Trouble> {
    let fields = posted.sent()?.fields;
    let mut queue = queue(portal, &posted.who);
    let Ticket { ticket_id, turn, .. } = Ticket {
        ticket_id: fields.text("so").to_owned(),
        turn: fields.text("luot").parse().unwrap_or_default(),
        ..Ticket::default()
    };
    match act {
        "bat-dau" => drop(queue.start_ticket(soon(StartTicketRequest { ticket_id, turn })).await?),
        "goi-lai" => drop(queue.recall_ticket(soon(RecallTicketRequest { ticket_id, turn })).await?),
        "bo-qua" => drop(queue.skip_ticket(soon(SkipTicketRequest { ticket_id, turn })).await?),
        "xong" => {
            let request = FinishTicketRequest { ticket_id, turn, dossier_code: String::new() };
            queue.finish_ticket(soon(request)).await?;
        }
        "chuyen" => {
            let wanted = fields.text("quay");
            let counter = match wanted {
                "" => 0,
                wanted => wanted.parse().map_err(|_| {
                    Rejection::invalid("UNKNOWN_COUNTER", "counter", "expected the number of a counter")
                })?,
            };
            let kind = fields.text("loai").to_uppercase();
            if kind.is_empty() && counter == 0 {
                let message = "say to which kind of business, or to which counter";
                return Err(Rejection::new(Kind::Invalid, "NOWHERE_ELSE", message).into());
            }
            queue.transfer_ticket(soon(TransferTicketRequest { ticket_id, turn, kind, counter })).await?;
        }
        _ => return Err(Trouble::NoSuchPage),
    }
    Ok(())
}

async fn after(
    portal: &Portal,
    posted: &Posted<AtDesk>,
    counter: u32,
    done: Result<(), Trouble>,
) -> Result<Response, Trouble> {
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/quay/{counter}")).into_response()),
        Err(trouble) => {
            let faults = Faults::of(&posted.who, trouble)?.named(|field| match field {
                "kind" => Some("loai".to_owned()),
                "counter" => Some("quay".to_owned()),
                _ => None,
            });
            Ok(page(portal, &posted.who, counter, posted.fields(), &faults).await?.into_response())
        }
    }
}
