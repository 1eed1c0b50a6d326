//! The days on which a centre receives people, and a time of one's own.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::HeaderMap;
use maud::{Markup, html};
use phidia_proto::intake::v1::{
    BookReceptionRequest, BookingState, CancelBookingRequest, ListReceptionDaysRequest, ReceptionDay,
    TrackBookingRequest, reception_service_client::ReceptionServiceClient,
};
use phidia_runtime::peer::Peer;

use super::held::Held;
use crate::{
    Portal,
    form::{Faults, Fields, Posted, key_field},
    page::Page,
    part::{self, encoded},
    services::soon,
    trouble::Trouble,
    visitor::Visitor,
};

fn service(portal: &Portal, visitor: &Visitor) -> ReceptionServiceClient<Peer> {
    ReceptionServiceClient::new(portal.intake(visitor))
}

pub(super) async fn choose(State(portal): State<Portal>, visitor: Visitor) -> Result<Page, Trouble> {
    let words = visitor.words;
    let units = portal.units().await?;
    let main = html! {
        h1 { (words.web_citizen_reception()) }
        p.lead { (words.web_citizen_reception_how()) }
        ul.found {
            @for unit in units.all() {
                li { a href={ "/tiep-dan/don-vi/" (encoded(&unit.code)) } { (visitor.text(unit.name.as_ref())) } }
            }
        }
    };
    Ok(Page::new(words.web_citizen_reception(), main))
}

pub(super) async fn days(
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
    let request =
        ListReceptionDaysRequest { unit_code: unit.to_owned(), ..ListReceptionDaysRequest::default() };
    let days = service(portal, visitor).list_reception_days(soon(request)).await?.into_inner().days;
    let open: Vec<_> = days.iter().filter(|day| !day.cancelled).collect();
    let action = format!("/tiep-dan/don-vi/{}", encoded(unit));
    let line = |name, label, hint, kind, autocomplete| {
        let value = fields.text(name);
        part::text(
            &part::Text { name, label, hint, value, kind, autocomplete, ..part::Text::DEFAULT },
            faults,
        )
    };
    let main = html! {
        (faults.summary(words))
        h1 { (words.web_citizen_book_a_time()) }
        @if let Some(day) = days.first() { p.lead { (visitor.text(day.unit_name.as_ref())) } }
        @if open.is_empty() {
            p { (words.web_citizen_no_days()) }
        } @else {
            form method="post" action=(action) {
                (key_field(portal, visitor, &action))
                (times(visitor, &open, fields.text("gio"), faults))
                (line("ten", words.web_citizen_your_name(), None, "text", "name"))
                (line("dien-thoai", words.web_citizen_telephone(), Some(words.web_citizen_telephone_hint()), "tel", "tel"))
                (part::area("viec", words.web_citizen_what_about(), None, fields.text("viec"), 4, faults))
                button { (words.web_citizen_book()) }
            }
        }
    };
    Ok(Page::new(words.web_citizen_book_a_time(), main).with_faults(!faults.is_empty()))
}

fn times(visitor: &Visitor, days: &[&ReceptionDay], chosen: &str, faults: &Faults) -> Markup {
    let words = visitor.words;
    part::select(
        "gio",
        words.web_citizen_time(),
        None,
        faults,
        html! {
            option value="" { (words.web_choose()) }
            @for day in days {
                optgroup label={ (words.day_of(&day.date)) " · " (day.host) } {
                    @for slot in day.slots.iter().filter(|slot| slot.free > 0) {
                        @let value = format!("{} {}", day.date, slot.time);
                        option value=(value) selected[value == chosen] { (slot.time) " · " (words.day_of(&day.date)) }
                    }
                }
            }
        },
    )
}

pub(super) async fn book(
    State(portal): State<Portal>,
    Path(unit): Path<String>,
    headers: HeaderMap,
    posted: Posted<Visitor>,
) -> Result<Response, Trouble> {
    let booked = async {
        let fields = posted.sent()?.fields;
        let (date, time) = fields.text("gio").split_once(' ').unwrap_or_default();
        let request = BookReceptionRequest {
            unit_code: unit.clone(),
            date: date.to_owned(),
            time: time.to_owned(),
            name: fields.text("ten").to_owned(),
            telephone: fields.text("dien-thoai").to_owned(),
            topic: fields.text("viec").to_owned(),
        };
        let answer = service(&portal, &posted.who).book_reception(soon(request)).await?.into_inner();
        Ok::<_, Trouble>((answer.booking.unwrap_or_default().number, answer.check_code))
    };
    match booked.await {
        Ok((number, check)) => {
            let path = format!("/tiep-dan/hen/{}", encoded(&number));
            Ok(Held::of(&portal, &headers).leads_to(&portal, &path, &number, &check))
        }
        Err(trouble) => {
            let faults = Faults::of(&posted.who, trouble)?.named(control);
            Ok(page(&portal, &posted.who, &unit, posted.fields(), &faults).await?.into_response())
        }
    }
}

/// The control of a field of the contract.
fn control(field: &str) -> Option<String> {
    let control = match field {
        "date" | "time" => "gio",
        "name" => "ten",
        "telephone" => "dien-thoai",
        "topic" => "viec",
        _ => return None,
    };
    Some(control.to_owned())
}

pub(super) async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    booking(&portal, &visitor, &number, &headers, &Faults::none()).await
}

async fn booking(
    portal: &Portal,
    visitor: &Visitor,
    number: &str,
    headers: &HeaderMap,
    faults: &Faults,
) -> Result<Response, Trouble> {
    let words = visitor.words;
    let held = Held::of(portal, headers);
    let Some(check) = held.check_code(number) else { return Ok(Redirect::to("/tiep-dan").into_response()) };
    let request = TrackBookingRequest { number: number.to_owned(), check_code: check.to_owned() };
    let booking =
        service(portal, visitor).track_booking(soon(request)).await?.into_inner().booking.unwrap_or_default();
    let action = format!("/tiep-dan/hen/{}/huy", encoded(number));
    let main = html! {
        (faults.summary(words))
        h1 { (words.web_citizen_your_booking()) }
        p.standing role="status" { (stands(visitor, booking.state())) }
        (part::facts(&[
            (words.web_citizen_time(), html! { (visitor.appointment(booking.starts_at.as_ref())) }),
            (words.web_citizen_with(), html! { (visitor.text(booking.unit_name.as_ref())) " · " (booking.host) }),
            (words.web_citizen_number(), html! { (number) }),
            (words.web_citizen_check_code(), html! { strong { (check) } " · " (words.web_citizen_keep_it()) }),
            (words.web_citizen_why(), html! { (booking.cancelled_for) }),
        ]))
        @if booking.state() == BookingState::Booked {
            form method="post" action=(action) {
                (key_field(portal, visitor, &action))
                button.second { (words.web_citizen_cancel_booking()) }
            }
        }
    };
    let page = Page::new(words.web_citizen_your_booking(), main).with_faults(!faults.is_empty());
    Ok(page.into_response())
}

fn stands(visitor: &Visitor, state: BookingState) -> &'static str {
    let words = visitor.words;
    match state {
        BookingState::Booked | BookingState::Unspecified => words.web_citizen_booked(),
        BookingState::Cancelled => words.web_citizen_booking_cancelled(),
        _ => words.web_citizen_booking_over(),
    }
}

pub(super) async fn cancel(
    State(portal): State<Portal>,
    Path(number): Path<String>,
    headers: HeaderMap,
    posted: Posted<Visitor>,
) -> Result<Response, Trouble> {
    let held = Held::of(&portal, &headers);
    let Some(check) = held.check_code(&number) else { return Ok(Redirect::to("/tiep-dan").into_response()) };
    let done = async {
        posted.sent()?;
        let request = CancelBookingRequest { number: number.clone(), check_code: check.to_owned() };
        service(&portal, &posted.who).cancel_booking(soon(request)).await?;
        Ok::<_, Trouble>(())
    };
    match done.await {
        Ok(()) => Ok(Redirect::to(&format!("/tiep-dan/hen/{}", encoded(&number))).into_response()),
        Err(trouble) => {
            let faults = Faults::of(&posted.who, trouble)?;
            booking(&portal, &posted.who, &number, &headers, &faults).await
        }
    }
}
