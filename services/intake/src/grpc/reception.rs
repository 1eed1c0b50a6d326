//! `ReceptionService`.

use phidia_domain::{
    Rejection,
    application::check_text,
    reception::{Booking, Turn},
};
use phidia_proto::{
    convert::{self, wire_text, wire_timestamp},
    feedback::{booking_filter, wire_booking},
    intake::v1::{
        BookReceptionRequest, BookReceptionResponse, Booking as Message, CancelBookingRequest,
        CancelBookingResponse, CancelReceptionDayRequest, CancelReceptionDayResponse, ListBookingsRequest,
        ListBookingsResponse, ListReceptionDaysRequest, ListReceptionDaysResponse, ListedBooking,
        MoveBookingRequest, MoveBookingResponse, OpenReceptionDaysRequest, OpenReceptionDaysResponse,
        ReceptionDay, ReceptionSlot, RecordReceptionRequest, RecordReceptionResponse, TrackBookingRequest,
        TrackBookingResponse, reception_service_server::ReceptionService,
    },
};
use phidia_runtime::{failure::Failure, identity, status};
use tonic::{Request, Response, Status, async_trait};

use super::feedback::{LONGEST_NUMBER, check_own};
use crate::{
    Intake,
    reception::{
        Told, Visitor,
        book::Wish,
        days::{Opening, Shown},
        receive::Listed,
    },
};

/// Serves days of reception and their bookings.
pub(crate) struct Reception(Intake);

impl Reception {
    pub(crate) fn new(intake: Intake) -> Self {
        Self(intake)
    }

    async fn open(
        &self,
        request: Request<OpenReceptionDaysRequest>,
    ) -> Result<OpenReceptionDaysResponse, Failure> {
        let caller = identity::caller(&request)?;
        let request = request.into_inner();
        let opening = Opening {
            unit_code: request.unit_code,
            host: request.host,
            from: request.from,
            to: request.to,
            weekdays: request.weekdays,
            opens: request.opens,
            closes: request.closes,
            minutes: request.minutes,
            places: request.places,
            reopen: request.reopen,
        };
        let days = self.0.open_reception(&caller, opening).await?;
        Ok(OpenReceptionDaysResponse { days: self.days(days).await? })
    }

    async fn list_days(
        &self,
        request: Request<ListReceptionDaysRequest>,
    ) -> Result<ListReceptionDaysResponse, Failure> {
        let ListReceptionDaysRequest { unit_code, from, to } = request.into_inner();
        let days = self.0.list_reception(&unit_code, &from, &to).await?;
        Ok(ListReceptionDaysResponse { days: self.days(days).await? })
    }

    async fn cancel_day(
        &self,
        request: Request<CancelReceptionDayRequest>,
    ) -> Result<CancelReceptionDayResponse, Failure> {
        let caller = identity::caller(&request)?;
        let CancelReceptionDayRequest { unit_code, date, reason } = request.into_inner();
        let to_be_moved = self.0.cancel_reception_day(&caller, &unit_code, &date, reason).await?;
        Ok(CancelReceptionDayResponse { to_be_moved })
    }

    async fn book(&self, request: Request<BookReceptionRequest>) -> Result<BookReceptionResponse, Failure> {
        let caller = identity::caller(&request)?;
        let BookReceptionRequest { unit_code, date, time, name, telephone, topic } = request.into_inner();
        let visitor = Visitor { name, telephone, topic };
        let told = self.0.book_reception(&caller, Wish { unit_code, date, time, visitor }).await?;
        let check_code = told.booked.check_code.clone();
        Ok(BookReceptionResponse { booking: Some(self.message(told).await?), check_code })
    }

    async fn track(&self, request: Request<TrackBookingRequest>) -> Result<TrackBookingResponse, Failure> {
        let caller = identity::caller(&request)?;
        let TrackBookingRequest { number, check_code } = request.into_inner();
        check_own(&number, &check_code)?;
        let told = self.0.track_booking(&caller, &number, &check_code).await?;
        Ok(TrackBookingResponse { booking: Some(self.message(told).await?) })
    }

    async fn move_to(&self, request: Request<MoveBookingRequest>) -> Result<MoveBookingResponse, Failure> {
        let caller = identity::caller(&request)?;
        let MoveBookingRequest { number, check_code, date, time } = request.into_inner();
        check_own(&number, &check_code)?;
        let told = self.0.move_booking(&caller, &number, &check_code, &date, &time).await?;
        Ok(MoveBookingResponse { booking: Some(self.message(told).await?) })
    }

    async fn cancel(&self, request: Request<CancelBookingRequest>) -> Result<CancelBookingResponse, Failure> {
        let caller = identity::caller(&request)?;
        let CancelBookingRequest { number, check_code } = request.into_inner();
        check_own(&number, &check_code)?;
        let told = self.0.cancel_booking(&caller, &number, &check_code).await?;
        Ok(CancelBookingResponse { booking: Some(self.message(told).await?) })
    }

    async fn list(&self, request: Request<ListBookingsRequest>) -> Result<ListBookingsResponse, Failure> {
        let caller = identity::caller(&request)?;
        let ListBookingsRequest { unit_code, date, state, page_size, page_token } = request.into_inner();
        let asked = (unit_code.as_str(), date.as_str(), booking_filter(state, "state")?);
        let page_size = convert::page_size(page_size, 50, 500)?;
        let page = self.0.list_bookings(&caller, asked, page_size, &page_token).await?;
        let mut bookings = Vec::with_capacity(page.items.len());
        for Listed { told, visitor: Visitor { name, telephone, topic }, outcome } in page.items {
            let booking = Some(self.message(told).await?);
            bookings.push(ListedBooking { booking, name, telephone, topic, outcome });
        }
        Ok(ListBookingsResponse { bookings, next_page_token: page.next_page_token })
    }

    async fn record(
        &self,
        request: Request<RecordReceptionRequest>,
    ) -> Result<RecordReceptionResponse, Failure> {
        let caller = identity::caller(&request)?;
        let RecordReceptionRequest { number, state, outcome, feedback_number } = request.into_inner();
        check_text("number", &number, 1, LONGEST_NUMBER)?;
        check_text("feedback_number", &feedback_number, 0, LONGEST_NUMBER)?;
        let turn = match booking_filter(state, "state")? {
            Some(Booking::Came) => Turn::Come,
            Some(Booking::NoShow) => Turn::Miss,
            _ => return Err(Rejection::invalid("UNKNOWN_VALUE", "state", "they came, or did not").into()),
        };
        let told = self.0.record_reception(&caller, &number, turn, outcome, feedback_number).await?;
        Ok(RecordReceptionResponse { booking: Some(self.message(told).await?) })
    }

    async fn days(&self, days: Vec<Shown>) -> Result<Vec<ReceptionDay>, Failure> {
        let version = self.0.versions.active().await?;
        let slot = |(time, free): (jiff::civil::Time, u32)| ReceptionSlot {
            time: time.strftime("%H:%M").to_string(),
            free,
        };
        let day = |Shown { day, slots }: Shown| ReceptionDay {
            unit_id: day.unit.to_string(),
            unit_name: version.value.units.get(&day.unit).map(|unit| wire_text(&unit.name)),
            date: day.hours.date.to_string(),
            host: day.host,
            slots: slots.into_iter().map(slot).collect(),
            cancelled: day.cancelled_for.is_some(),
            cancelled_for: day.cancelled_for.unwrap_or_default(),
        };
        Ok(days.into_iter().map(day).collect())
    }

    async fn message(&self, Told { booked, day }: Told) -> Result<Message, Failure> {
        let version = self.0.versions.active().await?;
        let (host, cancelled_for) = day.map(|day| (day.host, day.cancelled_for)).unwrap_or_default();
        let to_be_moved = booked.state == Booking::ToBeMoved;
        Ok(Message {
            number: booked.number,
            unit_id: booked.unit.to_string(),
            unit_name: version.value.units.get(&booked.unit).map(|unit| wire_text(&unit.name)),
            starts_at: Some(wire_timestamp(booked.starts_at)),
            state: wire_booking(booked.state).into(),
            host,
            cancelled_for: cancelled_for.filter(|_| to_be_moved).unwrap_or_default(),
            feedback_number: booked.feedback_number.unwrap_or_default(),
        })
    }
}

#[async_trait]
impl ReceptionService for Reception {
    async fn open_reception_days(
        &self,
        request: Request<OpenReceptionDaysRequest>,
    ) -> Result<Response<OpenReceptionDaysResponse>, Status> {
        self.open(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn list_reception_days(
        &self,
        request: Request<ListReceptionDaysRequest>,
    ) -> Result<Response<ListReceptionDaysResponse>, Status> {
        self.list_days(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn cancel_reception_day(
        &self,
        request: Request<CancelReceptionDayRequest>,
    ) -> Result<Response<CancelReceptionDayResponse>, Status> {
        self.cancel_day(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn book_reception(
        &self,
        request: Request<BookReceptionRequest>,
    ) -> Result<Response<BookReceptionResponse>, Status> {
        self.book(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn track_booking(
        &self,
        request: Request<TrackBookingRequest>,
    ) -> Result<Response<TrackBookingResponse>, Status> {
        self.track(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn move_booking(
        &self,
        request: Request<MoveBookingRequest>,
    ) -> Result<Response<MoveBookingResponse>, Status> {
        self.move_to(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn cancel_booking(
        &self,
        request: Request<CancelBookingRequest>,
    ) -> Result<Response<CancelBookingResponse>, Status> {
        self.cancel(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn list_bookings(
        &self,
        request: Request<ListBookingsRequest>,
    ) -> Result<Response<ListBookingsResponse>, Status> {
        self.list(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn record_reception(
        &self,
        request: Request<RecordReceptionRequest>,
    ) -> Result<Response<RecordReceptionResponse>, Status> {
        self.record(request).await.map(Response::new).map_err(status::of_failure)
    }
}
