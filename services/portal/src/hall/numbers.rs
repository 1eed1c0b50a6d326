//! Taking a number: over the web, and at the screen in the hall.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};
use phidia_proto::intake::v1::{
    Hall, TakeTicketRequest, TicketPriority, queue_service_client::QueueServiceClient,
};

use super::{hall, wait};
use crate::{
    Portal,
    form::{Faults, Fields, Posted, key_field},
    page::{Look, Page},
    part::{self, encoded},
    services::soon,
    trouble::Trouble,
    visitor::{AtHall, Visitor},
};

/// Who goes first by law, in the order in which they are asked.
const PRIORITIES: [TicketPriority; 5] = [
    TicketPriority::Elderly,
    TicketPriority::Disabled,
    TicketPriority::Pregnant,
    TicketPriority::SmallChild,
    TicketPriority::Merit,
];

pub(super) async fn choose(State(portal): State<Portal>, visitor: Visitor) -> Result<Page, Trouble> {
    let words = visitor.words;
    let units = portal.units().await?;
    let main = html! {
        h1 { (words.web_hall_which_centre()) }
        ul.found {
            @for unit in units.all().iter().filter(|unit| unit.officers > 0) {
                li { a href={ "/so/" (encoded(&unit.code)) } { (visitor.text(unit.name.as_ref())) } }
            }
        }
    };
    Ok(Page::new(words.web_hall_take_a_number(), main))
}

pub(super) async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(unit): Path<String>,
) -> Result<Page, Trouble> {
    page(&portal, &visitor, &unit, &Fields::default(), &Faults::none()).await
}

async fn page(
    portal: &Portal,
    visitor: &Visitor,
    unit: &str,
    fields: &Fields,
    faults: &Faults,
) -> Result<Page, Trouble> {
    let words = visitor.words;
    let hall = hall(portal, visitor, unit).await?;
    let action = format!("/so/{}", encoded(unit));
    let main = html! {
        (faults.summary(words))
        h1 { (words.web_hall_take_a_number()) }
        @if hall.queues.is_empty() {
            p { (words.web_hall_nothing_offered()) }
        } @else {
            form method="post" action=(action) {
                (key_field(portal, visitor, &action))
                fieldset.choices {
                    legend { (words.web_hall_what_for()) }
                    (kinds(visitor, &hall, fields.text("loai")))
                }
                (part::select("uu-tien", words.web_hall_priority(), Some(words.web_hall_priority_hint()), faults, html! {
                    option value="" { (words.web_hall_no_priority()) }
                    @for priority in PRIORITIES {
                        option value=(priority.as_str_name()) selected[fields.text("uu-tien") == priority.as_str_name()] {
                            (priority_name(visitor, priority))
                        }
                    }
                }))
                (part::text(&part::Text {
                    name: "ma-ho-so",
                    label: words.web_hall_dossier_code(),
                    hint: Some(words.web_hall_dossier_code_hint()),
                    value: fields.text("ma-ho-so"),
                    ..part::Text::DEFAULT
                }, faults))
                button { (words.web_hall_take()) }
            }
        }
    };
    Ok(Page::new(words.web_hall_take_a_number(), main).with_faults(!faults.is_empty()))
}

fn kinds(visitor: &Visitor, hall: &Hall, chosen: &str) -> Markup {
    let words = visitor.words;
    html! {
        @for standing in &hall.queues {
            @if let Some(queue) = &standing.queue {
                label.choice {
                    input type="radio" name="loai" value=(queue.kind) checked[queue.kind == chosen];
                    span {
                        strong { (visitor.text(queue.name.as_ref())) }
                        " · " (words.web_hall_waiting(standing.waiting)) " · " (wait(visitor, standing.expected_wait.as_ref()))
                    }
                }
            }
        }
    }
}

fn priority_name(visitor: &Visitor, priority: TicketPriority) -> &'static str {
    let words = visitor.words;
    match priority {
        TicketPriority::Unspecified => words.web_hall_no_priority(),
        TicketPriority::Elderly => words.web_hall_elderly(),
        TicketPriority::Disabled => words.web_hall_disabled(),
        TicketPriority::Pregnant => words.web_hall_pregnant(),
        TicketPriority::SmallChild => words.web_hall_small_child(),
        TicketPriority::Merit => words.web_hall_merit(),
    }
}

pub(super) async fn take(
    State(portal): State<Portal>,
    Path(unit): Path<String>,
    posted: Posted<Visitor>,
) -> Result<Response, Trouble> {
    match taken(&portal, &posted.who, &unit, &posted).await {
        Ok(ticket) => Ok(Redirect::to(&format!("/so/phieu/{ticket}")).into_response()),
        Err(trouble) => {
            let faults = Faults::of(&posted.who, trouble)?.named(control);
            Ok(page(&portal, &posted.who, &unit, posted.fields(), &faults).await?.into_response())
        }
    }
}

/// The control of a field of `TakeTicketRequest`.
fn control(field: &str) -> Option<String> {
    match field {
        "kind" => Some("loai".to_owned()),
        "priority" => Some("uu-tien".to_owned()),
        "dossier_code" => Some("ma-ho-so".to_owned()),
        _ => None,
    }
}

async fn taken<W>(
    portal: &Portal,
    visitor: &Visitor,
    unit: &str,
    posted: &Posted<W>,
) -> Result<String, Trouble> {
    let sent = posted.sent()?;
    let priority = TicketPriority::from_str_name(sent.fields.text("uu-tien"));
    let request = TakeTicketRequest {
        idempotency_key: sent.key.to_owned(),
        unit_code: unit.to_owned(),
        point: String::new(),
        kind: sent.fields.text("loai").to_owned(),
        priority: priority.unwrap_or_default().into(),
        dossier_code: sent.fields.text("ma-ho-so").to_owned(),
    };
    let answer = QueueServiceClient::new(portal.intake(visitor)).take_ticket(soon(request)).await?;
    Ok(answer.into_inner().ticket.unwrap_or_default().ticket_id)
}

/// The screen in the hall: as few touches as can be. A kind is a button.
pub(super) async fn kiosk(
    State(portal): State<Portal>,
    visitor: AtHall,
    Path(unit): Path<String>,
) -> Result<Page, Trouble> {
    screen(&portal, &visitor, &unit, &Faults::none()).await
}

async fn screen(portal: &Portal, visitor: &Visitor, unit: &str, faults: &Faults) -> Result<Page, Trouble> {
    let words = visitor.words;
    let hall = hall(portal, visitor, unit).await?;
    let action = format!("/ki-ot/{}", encoded(unit));
    let main = html! {
        div.kiosk {
            (faults.summary(words))
            h1 { (words.web_hall_what_for()) }
            form method="post" action=(action) {
                (key_field(portal, visitor, &action))
                fieldset.kiosk-priority {
                    legend { (words.web_hall_priority()) }
                    (part::radio("uu-tien", "", words.web_hall_no_priority(), true))
                    @for priority in PRIORITIES {
                        (part::radio("uu-tien", priority.as_str_name(), priority_name(visitor, priority), false))
                    }
                }
                @for standing in &hall.queues {
                    @if let Some(queue) = &standing.queue {
                        button.kind name="loai" value=(queue.kind) {
                            strong { (visitor.text(queue.name.as_ref())) }
                            span { (words.web_hall_waiting(standing.waiting)) " · " (wait(visitor, standing.expected_wait.as_ref())) }
                        }
                    }
                }
            }
            @if hall.queues.is_empty() { p { (words.web_hall_nothing_offered()) } }
        }
    };
    Ok(Page::new(words.web_hall_take_a_number(), main).with_look(Look::Bare).with_refresh(60))
}

pub(super) async fn take_at_kiosk(
    State(portal): State<Portal>,
    Path(unit): Path<String>,
    posted: Posted<AtHall>,
) -> Result<Response, Trouble> {
    match taken(&portal, &posted.who, &unit, &posted).await {
        Ok(ticket) => Ok(Redirect::to(&format!("/ki-ot/{}/phieu/{ticket}", encoded(&unit))).into_response()),
        Err(trouble) => {
            let faults = Faults::of(&posted.who, trouble)?.named(|_| None);
            Ok(screen(&portal, &posted.who, &unit, &faults).await?.into_response())
        }
    }
}
