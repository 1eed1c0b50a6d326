//! Days of reception and what is booked.

use std::collections::BTreeSet;

use futures::future::join_all;
use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
};
use phidia_proto::intake::v1::{
    BookReceptionRequest, BookReceptionResponse, Booking, BookingState, CancelBookingRequest,
    CancelReceptionDayRequest, FeedbackKind, ListBookingsRequest, ListReceptionDaysRequest, ListedBooking,
    MoveBookingRequest, OpenReceptionDaysRequest, RecordReceptionRequest, SendFeedbackRequest,
    TrackBookingRequest,
};
use phidia_runtime::status::from_status;
use sea_orm::{ConnectionTrait as _, Statement};

use crate::harness::{Intake, at, caller, citizen, files, officer, operator, supervisor, system, until};

/// Mondays and Tuesdays are worked here: the next two are 30 November and 1 December.
fn opening() -> OpenReceptionDaysRequest {
    OpenReceptionDaysRequest {
        unit_code: "1".into(),
        host: "Chủ tịch UBND xã".into(),
        from: "2026-11-28".into(),
        to: "2026-12-02".into(),
        opens: "08:00".into(),
        closes: "09:00".into(),
        minutes: 30,
        ..Default::default()
    }
}

async fn open(
    intake: &Intake,
    caller: Caller,
    request: OpenReceptionDaysRequest,
) -> Result<Vec<String>, Rejection> {
    let answer =
        intake.reception(caller).open_reception_days(request).await.map_err(|status| from_status(&status))?;
    Ok(answer.into_inner().days.into_iter().map(|day| day.date).collect())
}

fn wish(date: &str, time: &str, telephone: &str) -> BookReceptionRequest {
    BookReceptionRequest {
        unit_code: "1".into(),
        date: date.into(),
        time: time.into(),
        name: "Vũ Kín".into(),
        telephone: telephone.into(),
        topic: "Tranh chấp lối đi với ông Kín".into(),
    }
}

async fn book(
    intake: &Intake,
    caller: Caller,
    request: BookReceptionRequest,
) -> Result<BookReceptionResponse, Rejection> {
    let answer = intake.reception(caller).book_reception(request).await;
    answer.map(tonic::Response::into_inner).map_err(|status| from_status(&status))
}

async fn move_to(
    intake: &Intake,
    booked: &BookReceptionResponse,
    date: &str,
    time: &str,
) -> Result<Booking, String> {
    let request = MoveBookingRequest {
        number: booked.booking.clone().unwrap().number,
        check_code: booked.check_code.clone(),
        date: date.into(),
        time: time.into(),
    };
    let answer = intake.reception(citizen("x")).move_booking(request).await;
    answer.map(|answer| answer.into_inner().booking.unwrap()).map_err(|status| from_status(&status).reason)
}

/// Times of the first two days with their free places.
async fn free(intake: &Intake) -> Vec<u32> {
    let request = ListReceptionDaysRequest { unit_code: "1".into(), ..Default::default() };
    let days = intake.reception(citizen("x")).list_reception_days(request).await.unwrap().into_inner().days;
    days.into_iter().flat_map(|day| day.slots).map(|slot| slot.free).collect()
}

async fn list(
    intake: &Intake,
    caller: Caller,
    request: ListBookingsRequest,
) -> Result<Vec<ListedBooking>, String> {
    let answer = intake.reception(caller).list_bookings(request).await;
    answer.map(|answer| answer.into_inner().bookings).map_err(|status| from_status(&status).reason)
}

#[tokio::test]
async fn days_off_are_left_out_and_hours_are_held_against_what_can_be() {
    let intake = Intake::new().await;
    assert_eq!(open(&intake, supervisor("1"), opening()).await.unwrap(), ["2026-11-30", "2026-12-01"]);
    // Opened again, a day stays as it is.
    let again = OpenReceptionDaysRequest { minutes: 60, ..opening() };
    open(&intake, operator(), again).await.unwrap();
    assert_eq!(free(&intake).await, [1, 1, 1, 1]);
    let tuesdays = OpenReceptionDaysRequest { to: "2026-12-31".into(), weekdays: vec![2], ..opening() };
    assert_eq!(open(&intake, operator(), tuesdays).await.unwrap().len(), 5);
    let alone = |from: &str| OpenReceptionDaysRequest { from: from.into(), to: String::new(), ..opening() };
    for (caller, request, reason) in [
        (supervisor("2"), opening(), "OTHER_UNIT"),
        (operator(), OpenReceptionDaysRequest { unit_code: "77".into(), ..opening() }, "UNKNOWN_UNIT"),
        (operator(), OpenReceptionDaysRequest { host: String::new(), ..opening() }, "MISSING_FIELD"),
        (operator(), alone("2026-11-29"), "DAY_OFF"),
        (operator(), alone("2026-11-16"), "DATE_OUT_OF_RANGE"),
        (operator(), alone("morgen"), "MALFORMED_DATE"),
        (operator(), OpenReceptionDaysRequest { to: "2026-11-01".into(), ..opening() }, "DAYS_REVERSED"),
        (operator(), OpenReceptionDaysRequest { opens: "8h".into(), ..opening() }, "MALFORMED_TIME"),
        (operator(), OpenReceptionDaysRequest { closes: "08:10".into(), ..opening() }, "HOURS_INVALID"),
        (operator(), OpenReceptionDaysRequest { minutes: 1, ..opening() }, "OUT_OF_RANGE"),
        (operator(), OpenReceptionDaysRequest { places: 21, ..opening() }, "OUT_OF_RANGE"),
        (operator(), OpenReceptionDaysRequest { weekdays: vec![8], ..opening() }, "WEEKDAY_UNKNOWN"),
    ] {
        assert_eq!(open(&intake, caller, request).await.unwrap_err().reason, reason);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_is_booked_as_often_as_it_has_places() {
    let intake = Intake::new().await;
    open(&intake, operator(), OpenReceptionDaysRequest { places: 2, ..opening() }).await.unwrap();
    let wishes = (0..10).map(|number| {
        book(
            &intake,
            citizen(&number.to_string()),
            wish("2026-11-30", "08:30", &format!("09000000{number:02}")),
        )
    });
    let answers = join_all(wishes).await;
    let numbers: BTreeSet<_> =
        answers.iter().flatten().map(|booked| booked.booking.clone().unwrap().number).collect();
    assert_eq!(numbers.len(), 2, "{numbers:?}");
    assert_eq!(numbers.first().unwrap(), "TCD-1-261123-001");
    for refused in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        assert_eq!(refused.reason, "SLOT_TAKEN");
    }
    assert_eq!(free(&intake).await, [2, 0, 2, 2]);
}

#[tokio::test]
async fn a_booking_is_moved_cancelled_and_recorded() {
    let intake = Intake::new().await;
    open(&intake, operator(), opening()).await.unwrap();
    let first = book(&intake, citizen("a"), wish("2026-11-30", "08:00", "0912 345 678")).await.unwrap();
    // The same again is one; another's is not theirs.
    let again = book(&intake, citizen("a"), wish("2026-11-30", "08:00", "0912 345 678")).await.unwrap();
    assert_eq!(first, again);
    let taken = book(&intake, citizen("b"), wish("2026-11-30", "08:00", "0912 345 678")).await.unwrap_err();
    assert_eq!(taken.reason, "SLOT_TAKEN");
    let second = book(&intake, system(), wish("2026-11-30", "08:30", "0912345678")).await.unwrap();
    let third = book(&intake, citizen("c"), wish("2026-12-01", "08:00", "0912-345-678")).await.unwrap_err();
    assert_eq!((third.kind, third.reason.as_str()), (Kind::Exhausted, "TOO_MANY_BOOKINGS"));
    for (request, reason) in [
        (wish("2026-12-01", "08:15", "0900000001"), "UNKNOWN_SLOT"),
        (wish("2026-12-02", "08:00", "0900000001"), "UNKNOWN_RECEPTION_DAY"),
        (wish("2026-12-01", "08:00", "09000"), "MALFORMED_TELEPHONE"),
        (
            BookReceptionRequest { topic: String::new(), ..wish("2026-12-01", "08:00", "0900000001") },
            "MISSING_FIELD",
        ),
    ] {
        assert_eq!(book(&intake, citizen("d"), request).await.unwrap_err().reason, reason);
    }
    assert_eq!(move_to(&intake, &first, "2026-11-30", "08:30").await, Err("SLOT_TAKEN".into()));
    // To where it is already nothing keeps it from.
    assert!(move_to(&intake, &first, "2026-11-30", "08:00").await.is_ok());
    let moved = move_to(&intake, &first, "2026-12-01", "08:00").await.unwrap();
    assert_eq!(moved.starts_at.unwrap().seconds, at("2026-12-01T01:00:00Z").as_second());
    assert_eq!(free(&intake).await, [1, 0, 0, 1]);

    let cancel = |booked: &BookReceptionResponse| CancelBookingRequest {
        number: booked.booking.clone().unwrap().number,
        check_code: booked.check_code.clone(),
    };
    let answer = intake.reception(citizen("x")).cancel_booking(cancel(&second)).await.unwrap().into_inner();
    assert_eq!(answer.booking.unwrap().state(), BookingState::Cancelled);
    assert_eq!(move_to(&intake, &second, "2026-11-30", "08:00").await, Err("BOOKING_STATE".into()));
    assert_eq!(free(&intake).await, [1, 1, 0, 1]);

    // Who comes is for the unit alone, and rests sealed.
    let [theirs] = &list(&intake, officer("1"), ListBookingsRequest { state: 1, ..Default::default() })
        .await
        .unwrap()[..]
    else {
        panic!("one")
    };
    assert_eq!((theirs.name.as_str(), theirs.telephone.as_str()), ("Vũ Kín", "0912 345 678"));
    let all = list(&intake, operator(), ListBookingsRequest::default()).await.unwrap();
    assert!(all.len() == 2 && all.iter().all(|listed| listed.name.is_empty() && listed.topic.is_empty()));
    assert!(list(&intake, officer("2"), ListBookingsRequest::default()).await.unwrap().is_empty());
    let other = ListBookingsRequest { unit_code: "1".into(), ..Default::default() };
    assert_eq!(list(&intake, officer("2"), other).await, Err("OTHER_UNIT".into()));
    let sql = "select said from reception_booking";
    let rows =
        intake.db.read().query_all_raw(Statement::from_string(intake.db.backend(), sql)).await.unwrap();
    let rest: Vec<u8> = rows[0].try_get_by_index(0).unwrap();
    assert!(!rest.windows("Kín".len()).any(|part| part == "Kín".as_bytes()));

    // They come, and what came of it is written down with the complaint that was made of it.
    let complaint = SendFeedbackRequest {
        kind: FeedbackKind::Complaint.into(),
        text: "Thái độ".into(),
        ..Default::default()
    };
    let feedback = intake.feedback(officer("1")).send_feedback(complaint).await.unwrap().into_inner().number;
    let record = |caller: Caller, state: BookingState, outcome: &str, feedback: &str| {
        let request = RecordReceptionRequest {
            number: first.booking.clone().unwrap().number,
            state: state.into(),
            outcome: outcome.into(),
            feedback_number: feedback.into(),
        };
        let mut reception = intake.reception(caller);
        async move {
            let answer = reception.record_reception(request).await;
            answer
                .map(|answer| answer.into_inner().booking.unwrap())
                .map_err(|status| from_status(&status).reason)
        }
    };
    let came = BookingState::Came;
    assert_eq!(record(officer("1"), BookingState::NoShow, "", "").await, Err("TOO_EARLY".into()));
    assert_eq!(record(officer("1"), came, "", "").await, Err("MISSING_FIELD".into()));
    assert_eq!(record(officer("2"), came, "x", "").await, Err("UNKNOWN_BOOKING".into()));
    assert_eq!(record(officer("1"), BookingState::Booked, "x", "").await, Err("UNKNOWN_VALUE".into()));
    assert_eq!(record(officer("1"), came, "x", "PA-9").await, Err("UNKNOWN_FEEDBACK".into()));
    assert_eq!(record(officer("1"), came, "x", "").await, Err("TOO_EARLY".into()));
    intake.clock.set(at("2026-12-01T00:30:00Z"));
    let recorded = record(officer("1"), came, "Đã ghi nhận", &feedback).await.unwrap();
    assert_eq!((recorded.state(), recorded.feedback_number), (came, feedback));
    assert_eq!(record(supervisor("1"), BookingState::NoShow, "", "").await, Err("BOOKING_STATE".into()));
    let listed = list(
        &intake,
        supervisor("1"),
        ListBookingsRequest { date: "2026-12-01".into(), ..Default::default() },
    )
    .await
    .unwrap();
    assert_eq!(listed[0].outcome, "Đã ghi nhận");
}

#[tokio::test]
async fn who_had_booked_a_day_that_is_cancelled_is_listed_and_moved() {
    let intake = Intake::new().await;
    open(&intake, supervisor("1"), opening()).await.unwrap();
    let booked = book(&intake, citizen("a"), wish("2026-11-30", "08:00", "0900000001")).await.unwrap();
    let cancel = |caller: Caller| {
        let request = CancelReceptionDayRequest {
            unit_code: "1".into(),
            date: "2026-11-30".into(),
            reason: "họp đột xuất".into(),
        };
        let mut reception = intake.reception(caller);
        async move {
            let answer = reception.cancel_reception_day(request).await;
            answer.map(|answer| answer.into_inner().to_be_moved).map_err(|status| from_status(&status).reason)
        }
    };
    assert_eq!(cancel(supervisor("2")).await, Err("OTHER_UNIT".into()));
    for _ in 0..2 {
        assert_eq!(cancel(supervisor("1")).await, Ok(1));
    }
    let refused = book(&intake, citizen("b"), wish("2026-11-30", "08:30", "0900000002")).await.unwrap_err();
    assert_eq!(refused.reason, "DAY_CANCELLED");
    let moved = || ListBookingsRequest { state: BookingState::ToBeMoved.into(), ..Default::default() };
    assert_eq!(list(&intake, officer("1"), moved()).await.unwrap().len(), 1);
    let track = TrackBookingRequest {
        number: booked.booking.clone().unwrap().number,
        check_code: booked.check_code.clone(),
    };
    let seen = intake
        .reception(citizen("x"))
        .track_booking(track.clone())
        .await
        .unwrap()
        .into_inner()
        .booking
        .unwrap();
    assert_eq!((seen.state(), seen.cancelled_for.as_str()), (BookingState::ToBeMoved, "họp đột xuất"));
    assert_eq!(move_to(&intake, &booked, "2026-11-30", "08:30").await, Err("DAY_CANCELLED".into()));
    assert_eq!(move_to(&intake, &booked, "2026-12-01", "08:30").await.unwrap().state(), BookingState::Booked);
    assert!(list(&intake, officer("1"), moved()).await.unwrap().is_empty());
    // Once their time is over, they did not come.
    intake.clock.set(at("2026-12-01T02:00:00Z"));
    let missed = RecordReceptionRequest {
        number: track.number.clone(),
        state: BookingState::NoShow.into(),
        ..Default::default()
    };
    let answer = intake.reception(officer("1")).record_reception(missed).await.unwrap().into_inner();
    assert_eq!(answer.booking.unwrap().state(), BookingState::NoShow);
    let wrong = TrackBookingRequest { check_code: "x".into(), ..track };
    let refused = intake.reception(caller(Role::Citizen, None)).track_booking(wrong).await.unwrap_err();
    assert_eq!(from_status(&refused).reason, "UNKNOWN_BOOKING");
}

#[tokio::test]
async fn a_day_that_is_opened_again_is_as_it_was() {
    let intake = Intake::new().await;
    open(&intake, supervisor("1"), opening()).await.unwrap();
    let stays = book(&intake, citizen("a"), wish("2026-11-30", "08:00", "0900000001")).await.unwrap();
    let moves = book(&intake, citizen("b"), wish("2026-11-30", "08:30", "0900000002")).await.unwrap();
    let cancel =
        CancelReceptionDayRequest {
            unit_code: "1".into(), date: "2026-11-30".into(), reason: "họp".into()
        };
    intake.reception(supervisor("1")).cancel_reception_day(cancel).await.unwrap();
    move_to(&intake, &moves, "2026-12-01", "08:30").await.unwrap();
    // That it is opened does not say that it is not cancelled.
    open(&intake, supervisor("1"), opening()).await.unwrap();
    assert_eq!(free(&intake).await, [0, 0, 1, 0]);
    for _ in 0..2 {
        let again = OpenReceptionDaysRequest { reopen: true, minutes: 60, ..opening() };
        open(&intake, supervisor("1"), again).await.unwrap();
        assert_eq!(free(&intake).await, [0, 1, 1, 0]);
    }
    let states: Vec<_> = list(&intake, officer("1"), ListBookingsRequest::default())
        .await
        .unwrap()
        .into_iter()
        .map(|listed| listed.booking.unwrap())
        .map(|booking| (booking.number.clone(), booking.state(), booking.cancelled_for))
        .collect();
    let number = |booked: &BookReceptionResponse| booked.booking.clone().unwrap().number;
    let booked = BookingState::Booked;
    let expected = [(number(&stays), booked, String::new()), (number(&moves), booked, String::new())];
    assert_eq!(states, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_had_booked_long_ago_is_forgotten() {
    let mut intake = Intake::new().await;
    open(&intake, supervisor("1"), opening()).await.unwrap();
    book(&intake, citizen("a"), wish("2026-11-30", "08:00", "0900000001")).await.unwrap();
    intake.clock.set(at("2031-12-01T03:00:00Z"));
    let workers = intake.start();
    let listed = async || list(&intake, officer("1"), ListBookingsRequest::default()).await.unwrap();
    until("it is erased", async || listed().await[0].name.is_empty()).await;
    let sql = "select telephone from reception_booking";
    let rows =
        intake.db.read().query_all_raw(Statement::from_string(intake.db.backend(), sql)).await.unwrap();
    assert_eq!(rows[0].try_get_by_index::<Vec<u8>>(0).unwrap(), Vec::<u8>::new());
    assert!(workers.stop(std::time::Duration::from_secs(10)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_had_booked_a_day_that_becomes_a_day_off_is_to_be_moved() {
    let mut intake = Intake::new().await;
    open(&intake, supervisor("1"), opening()).await.unwrap();
    for (date, telephone) in [("2026-11-30", "0900000001"), ("2026-12-01", "0900000002")] {
        book(&intake, citizen("a"), wish(date, "08:00", telephone)).await.unwrap();
    }
    let mut files = files();
    let off = "2026-11-30,holiday,Nghỉ,Off,official\n";
    files.get_mut("legal_calendar.csv").unwrap().push_str(off);
    intake.import(&files).await.unwrap();
    let refused = book(&intake, citizen("b"), wish("2026-11-30", "08:30", "0900000003")).await.unwrap_err();
    assert_eq!(refused.reason, "DAY_OFF");
    let workers = intake.start();
    let moved = || ListBookingsRequest { state: BookingState::ToBeMoved.into(), ..Default::default() };
    until("the day is cancelled", async || !list(&intake, officer("1"), moved()).await.unwrap().is_empty())
        .await;
    let [listed] = &list(&intake, officer("1"), moved()).await.unwrap()[..] else { panic!("one") };
    let booking = listed.booking.clone().unwrap();
    assert_eq!(booking.starts_at.unwrap().seconds, at("2026-11-30T01:00:00Z").as_second());
    assert_eq!(booking.cancelled_for, "Ngày nghỉ theo lịch");
    assert!(workers.stop(std::time::Duration::from_secs(10)).await);
}
