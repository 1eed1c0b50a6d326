//! `phidia reception …`

use std::process::ExitCode;

use phidia_domain::caller::Role;
use phidia_proto::intake::v1::{
    BookReceptionRequest, Booking, BookingState, CancelBookingRequest, CancelReceptionDayRequest,
    ListBookingsRequest, ListReceptionDaysRequest, ListedBooking, MoveBookingRequest,
    OpenReceptionDaysRequest, ReceptionDay, RecordReceptionRequest, TrackBookingRequest,
    reception_service_client::ReceptionServiceClient,
};
use phidia_runtime::peer::Peer;
use phidia_words::Words;

use super::{feedback::more, moderator, staff};
use crate::{
    client::Client,
    command::{BookingCode, BookingStateName, OpenDays, PageOf, Reception},
    show,
};

/// Asks an RPC that answers with a booking, and shows that.
macro_rules! booking {
    ($client:expr, $role:expr, $rpc:ident, $name:literal, $request:expr) => {{
        let answer = service($client, $role).await?.$rpc($request).await?.into_inner();
        if $client.json() {
            show::json(concat!("phidia.intake.v1.", $name), &answer)?;
        } else {
            stands($client, answer.booking.as_ref()).await;
        }
    }};
}

pub(crate) async fn run(client: &Client<'_>, verb: Reception) -> anyhow::Result<ExitCode> {
    let citizen = Role::Citizen;
    match verb {
        Reception::Days { unit, from, to } => {
            let request = ListReceptionDaysRequest { unit_code: unit, from, to };
            let answer = service(client, citizen).await?.list_reception_days(request).await?.into_inner();
            if client.json() {
                return json("phidia.intake.v1.ListReceptionDaysResponse", &answer);
            }
            days(client.speech(), &answer.days);
        }
        Reception::Open(options) => {
            let OpenDays { unit, host, from, to, weekdays, opens, closes, minutes, places, reopen } = options;
            let request = OpenReceptionDaysRequest {
                unit_code: unit,
                host,
                from,
                to,
                weekdays,
                opens,
                closes,
                minutes,
                places,
                reopen,
            };
            let mut reception = service(client, moderator(client)).await?;
            let answer = reception.open_reception_days(request).await?.into_inner();
            if client.json() {
                return json("phidia.intake.v1.OpenReceptionDaysResponse", &answer);
            }
            days(client.speech(), &answer.days);
        }
        Reception::Close { unit, date, reason } => {
            let request = CancelReceptionDayRequest { unit_code: unit, date, reason };
            let mut reception = service(client, moderator(client)).await?;
            let answer = reception.cancel_reception_day(request).await?.into_inner();
            if client.json() {
                return json("phidia.intake.v1.CancelReceptionDayResponse", &answer);
            }
            show::line(&client.speech().reception_the_day_is_cancelled_bookings_to_be(answer.to_be_moved));
        }
        Reception::Book { unit, date, time, name, telephone, topic } => {
            let request = BookReceptionRequest { unit_code: unit, date, time, name, telephone, topic };
            let answer = service(client, citizen).await?.book_reception(request).await?.into_inner();
            if client.json() {
                return json("phidia.intake.v1.BookReceptionResponse", &answer);
            }
            stands(client, answer.booking.as_ref()).await;
            let code = client.speech().term_check_code();
            show::line(&format!("{code}: {}", answer.check_code));
        }
        Reception::Track(BookingCode { number, check_code }) => {
            let request = TrackBookingRequest { number, check_code };
            booking!(client, citizen, track_booking, "TrackBookingResponse", request);
        }
        Reception::Move { code: BookingCode { number, check_code }, date, time } => {
            let request = MoveBookingRequest { number, check_code, date, time };
            booking!(client, citizen, move_booking, "MoveBookingResponse", request);
        }
        Reception::Cancel(BookingCode { number, check_code }) => {
            let request = CancelBookingRequest { number, check_code };
            booking!(client, citizen, cancel_booking, "CancelBookingResponse", request);
        }
        Reception::List { unit, date, state, page } => list(client, unit, date, state, page).await?,
        Reception::Come { number, outcome, feedback } => {
            let state = BookingState::Came.into();
            let request = RecordReceptionRequest { number, state, outcome, feedback_number: feedback };
            booking!(client, recorder(client), record_reception, "RecordReceptionResponse", request);
        }
        Reception::Missed { number } => {
            let state = BookingState::NoShow.into();
            let request = RecordReceptionRequest { number, state, ..RecordReceptionRequest::default() };
            booking!(client, recorder(client), record_reception, "RecordReceptionResponse", request);
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn service(client: &Client<'_>, role: Role) -> anyhow::Result<ReceptionServiceClient<Peer>> {
    Ok(ReceptionServiceClient::new(client.peer(role).await?))
}

/// Whoever was there: an officer, or a supervisor.
fn recorder(client: &Client<'_>) -> Role {
    if client.is_officer() { Role::Officer } else { Role::Supervisor }
}

fn json(name: &str, message: &impl prost::Message) -> anyhow::Result<ExitCode> {
    show::json(name, message)?;
    Ok(ExitCode::SUCCESS)
}

async fn list(
    client: &Client<'_>,
    unit_code: String,
    date: String,
    state: Option<BookingStateName>,
    PageOf { limit, after }: PageOf,
) -> anyhow::Result<()> {
    let state = match state {
        None => BookingState::Unspecified,
        Some(BookingStateName::Booked) => BookingState::Booked,
        Some(BookingStateName::ToBeMoved) => BookingState::ToBeMoved,
        Some(BookingStateName::Came) => BookingState::Came,
        Some(BookingStateName::NoShow) => BookingState::NoShow,
        Some(BookingStateName::Cancelled) => BookingState::Cancelled,
    };
    let request =
        ListBookingsRequest { unit_code, date, state: state.into(), page_size: limit, page_token: after };
    let answer = service(client, staff(client)).await?.list_bookings(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.ListBookingsResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let row = |listed: &ListedBooking| {
        let booking = listed.booking.clone().unwrap_or_default();
        vec![
            format!("{}\n{}", zone.instant(booking.starts_at.as_ref()), booking.number),
            state_words(speech, booking.state()).to_owned(),
            [&listed.name, &listed.telephone].map(String::as_str).join("\n").trim().to_owned(),
            [&listed.topic, &listed.outcome].map(String::as_str).join("\n").trim().to_owned(),
        ]
    };
    let headings = [
        speech.reception_when_number(),
        speech.term_state_2(),
        speech.reception_who(),
        speech.reception_topic_outcome(),
    ];
    show::page(speech, &headings, answer.bookings.iter().map(row).collect(), "");
    more(speech, &answer.next_page_token);
    Ok(())
}

fn days(speech: Words, days: &[ReceptionDay]) {
    let row = |day: &ReceptionDay| {
        let free = day.slots.iter().filter(|slot| slot.free > 0).map(|slot| slot.time.as_str());
        let free = free.collect::<Vec<_>>().join(" ");
        let times = match (day.cancelled, free.is_empty()) {
            (true, _) => format!("{}: {}", speech.reception_cancelled(), day.cancelled_for),
            (_, true) => speech.reception_no_time_is_free().to_owned(),
            _ => free,
        };
        vec![show::day(&day.date), day.host.clone(), times]
    };
    let headings = [speech.term_day(), speech.reception_host(), speech.reception_free()];
    show::page(speech, &headings, days.iter().map(row).collect(), "");
}

/// How a booking stands, in one line.
async fn stands(client: &Client<'_>, booking: Option<&Booking>) {
    let Some(booking) = booking else { return };
    let (speech, zone) = (client.speech(), client.zone().await);
    let (unit, at) =
        (show::text(speech, booking.unit_name.as_ref()), zone.instant(booking.starts_at.as_ref()));
    let why = match booking.cancelled_for.as_str() {
        "" => String::new(),
        reason => format!(" ({reason})"),
    };
    let state = state_words(speech, booking.state());
    show::line(&format!("{}: {at}, {unit}, {}: {state}{why}", booking.number, booking.host));
}

fn state_words(speech: Words, state: BookingState) -> &'static str {
    match state {
        BookingState::Unspecified => "–",
        BookingState::Booked => speech.reception_booked(),
        BookingState::ToBeMoved => speech.reception_to_be_moved(),
        BookingState::Came => speech.reception_came(),
        BookingState::NoShow => speech.reception_did_not_come(),
        BookingState::Cancelled => speech.reception_cancelled_2(),
    }
}
