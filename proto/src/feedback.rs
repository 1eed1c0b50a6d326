//! What people say, and what they book, across the boundary.

use phidia_domain::{
    Rejection,
    feedback::{Escalation, FeedbackChannel, FeedbackKind, State, counts::Counts},
    reception::Booking,
};

use crate::{convert::missing, intake::v1 as wire};

/// The kind of feedback.
///
/// # Errors
/// A violation of `field`.
pub fn kind(value: i32, field: &str) -> Result<FeedbackKind, Rejection> {
    kind_filter(value, field)?.ok_or_else(|| missing(field))
}

/// The kind that a list is limited to; unspecified: none.
///
/// # Errors
/// A violation of `field`.
pub fn kind_filter(value: i32, field: &str) -> Result<Option<FeedbackKind>, Rejection> {
    match wire::FeedbackKind::try_from(value) {
        Ok(wire::FeedbackKind::Unspecified) => Ok(None),
        Ok(wire::FeedbackKind::Suggestion) => Ok(Some(FeedbackKind::Suggestion)),
        Ok(wire::FeedbackKind::Complaint) => Ok(Some(FeedbackKind::Complaint)),
        Ok(wire::FeedbackKind::Question) => Ok(Some(FeedbackKind::Question)),
        Err(_) => Err(unknown(field)),
    }
}

/// The kind as it is sent.
pub fn wire_kind(kind: FeedbackKind) -> wire::FeedbackKind {
    match kind {
        FeedbackKind::Suggestion => wire::FeedbackKind::Suggestion,
        FeedbackKind::Complaint => wire::FeedbackKind::Complaint,
        FeedbackKind::Question => wire::FeedbackKind::Question,
    }
}

/// The channel; unspecified: the usual one of the caller.
///
/// # Errors
/// A violation of `field`.
pub fn channel(value: i32, field: &str) -> Result<Option<FeedbackChannel>, Rejection> {
    match wire::FeedbackChannel::try_from(value) {
        Ok(wire::FeedbackChannel::Unspecified) => Ok(None),
        Ok(wire::FeedbackChannel::Web) => Ok(Some(FeedbackChannel::Web)),
        Ok(wire::FeedbackChannel::Counter) => Ok(Some(FeedbackChannel::Counter)),
        Ok(wire::FeedbackChannel::Box) => Ok(Some(FeedbackChannel::Box)),
        Ok(wire::FeedbackChannel::Telephone) => Ok(Some(FeedbackChannel::Telephone)),
        Ok(wire::FeedbackChannel::Portal) => Ok(Some(FeedbackChannel::Portal)),
        Err(_) => Err(unknown(field)),
    }
}

/// The channel as it is sent.
pub fn wire_channel(channel: FeedbackChannel) -> wire::FeedbackChannel {
    match channel {
        FeedbackChannel::Web => wire::FeedbackChannel::Web,
        FeedbackChannel::Counter => wire::FeedbackChannel::Counter,
        FeedbackChannel::Box => wire::FeedbackChannel::Box,
        FeedbackChannel::Telephone => wire::FeedbackChannel::Telephone,
        FeedbackChannel::Portal => wire::FeedbackChannel::Portal,
    }
}

/// The state that a list is limited to; unspecified: none.
///
/// # Errors
/// A violation of `field`.
pub fn state_filter(value: i32, field: &str) -> Result<Option<State>, Rejection> {
    if value == 0 {
        return Ok(None);
    }
    let known = State::ALL.into_iter().find(|state| i32::from(wire_state(*state)) == value);
    known.map(Some).ok_or_else(|| unknown(field))
}

/// The state as it is sent.
pub fn wire_state(state: State) -> wire::FeedbackState {
    match state {
        State::Received => wire::FeedbackState::Received,
        State::AwaitingAuthor => wire::FeedbackState::AwaitingAuthor,
        State::Answered => wire::FeedbackState::Answered,
        State::Published => wire::FeedbackState::Published,
        State::KeptPrivate => wire::FeedbackState::KeptPrivate,
        State::Refused => wire::FeedbackState::Refused,
        State::Withdrawn => wire::FeedbackState::Withdrawn,
    }
}

/// To whom it is escalated; unspecified: to nobody.
///
/// # Errors
/// A violation of `field`.
pub fn escalation(value: i32, field: &str) -> Result<Option<Escalation>, Rejection> {
    match wire::FeedbackEscalation::try_from(value) {
        Ok(wire::FeedbackEscalation::Unspecified) => Ok(None),
        Ok(wire::FeedbackEscalation::Supervisor) => Ok(Some(Escalation::Supervisor)),
        Ok(wire::FeedbackEscalation::Province) => Ok(Some(Escalation::Province)),
        Err(_) => Err(unknown(field)),
    }
}

/// Counts as they are sent.
pub fn wire_counts(counts: &Counts) -> wire::FeedbackCounts {
    let Counts { received, refused, refused_in_time, asked, asked_in_time, .. } = *counts;
    let Counts { answered, answered_in_time, published, published_in_time, kept_private, .. } = *counts;
    let Counts { withdrawn, reopened, running, overdue, unpublished, .. } = *counts;
    wire::FeedbackCounts {
        received,
        refused,
        refused_in_time,
        asked,
        asked_in_time,
        answered,
        answered_in_time,
        published,
        published_in_time,
        kept_private,
        withdrawn,
        reopened,
        running,
        overdue,
        unpublished,
    }
}

/// What became of a booking; unspecified: none.
///
/// # Errors
/// A violation of `field`.
pub fn booking_filter(value: i32, field: &str) -> Result<Option<Booking>, Rejection> {
    if value == 0 {
        return Ok(None);
    }
    let known = Booking::ALL.into_iter().find(|state| i32::from(wire_booking(*state)) == value);
    known.map(Some).ok_or_else(|| unknown(field))
}

/// What became of a booking, as it is sent.
pub fn wire_booking(booking: Booking) -> wire::BookingState {
    match booking {
        Booking::Booked => wire::BookingState::Booked,
        Booking::ToBeMoved => wire::BookingState::ToBeMoved,
        Booking::Came => wire::BookingState::Came,
        Booking::NoShow => wire::BookingState::NoShow,
        Booking::Cancelled => wire::BookingState::Cancelled,
    }
}

fn unknown(field: &str) -> Rejection {
    Rejection::invalid("UNKNOWN_VALUE", field, "expected a value of the contract")
}
