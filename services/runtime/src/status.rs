//! The only place where a [`tonic::Status`] is made, and where one is read.
//!
//! On the wire a refusal is a code, a sentence, and the `google.rpc` details `ErrorInfo`, `BadRequest`
//! (of each field the description in English and, where there is one, a `LocalizedMessage` in Vietnamese)
//! and `RetryInfo`. The text of a fault of ours never leaves the process: the caller gets a reference
//! that stands in the log.

use std::{collections::HashMap, time::Duration};

use phidia_domain::{Kind, Rejection};
use prost::Message as _;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, LocalizedMessage, StatusExt, pb};

use crate::{
    failure::{Failure, chain},
    random,
};

/// The domain of our `ErrorInfo`.
pub const DOMAIN: &str = "phidia";

/// After what time a caller may try again what was UNAVAILABLE or RESOURCE_EXHAUSTED.
pub const RETRY_AFTER: Duration = Duration::from_secs(1);

const REFERENCE: &str = "reference";

/// The fact of a RESOURCE_EXHAUSTED that says how much there may be: it is a `QuotaFailure`, and nothing that passes with time.
pub const LIMIT: &str = "limit";

/// The language of the sentence beside the English description of a field at fault.
const VIETNAMESE: &str = "vi";

/// The status that says `rejection`. An [`Kind::Internal`] one is logged and keeps only a reference.
pub fn to_status(rejection: &Rejection) -> Status {
    if rejection.kind != Kind::Internal {
        return encode(rejection);
    }
    // One that came from a peer of ours is already logged there, under the reference that it carries.
    match rejection.metadata.iter().find(|(key, _)| key == REFERENCE) {
        Some((_, reference)) => encode(&internal(reference)),
        None => hidden(&format!("{}: {}", rejection.reason, rejection.message)),
    }
}

/// The status of a failure. A broken one is logged once, here, with its causes.
#[expect(clippy::needless_pass_by_value, reason = "a failure ends here; `.map_err(status::of_failure)`")]
pub fn of_failure(failure: Failure) -> Status {
    match &failure {
        Failure::Rejected(rejection) => to_status(rejection),
        Failure::Broken(fault) => hidden(&chain(fault.as_ref())),
    }
}

/// The refusal that a status says. One that is not ours gets the nearest kind, and its code as reason.
pub fn from_status(status: &Status) -> Rejection {
    let details = status.get_error_details();
    let kind = kind_of(status);
    let mut rejection = Rejection::new(kind, reason_of(status.code()), status.message());
    if let Some(info) = details.error_info() {
        rejection.reason.clone_from(&info.reason);
        rejection.metadata = info.metadata.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        // The wire has a map; an order that does not change is worth more than the one it was made in.
        rejection.metadata.sort();
    }
    for violation in details.bad_request().into_iter().flat_map(|bad| &bad.field_violations) {
        rejection = rejection.violating(&violation.field, &violation.description);
        if let Some(said) = rejection.violations.last_mut() {
            said.reason.clone_from(&violation.reason);
            said.in_vietnamese = violation.localized_message.as_ref().map(|said| said.message.clone());
        }
    }
    rejection
}

/// What `rejection` says, as a message: for an answer that tells of each of many things what became of it.
pub fn to_message(rejection: &Rejection) -> pb::Status {
    let status = to_status(rejection);
    // tonic-types has put the whole message there.
    let whole = pb::Status::decode(status.details()).unwrap_or_default();
    pb::Status { code: status.code().into(), message: status.message().to_owned(), ..whole }
}

/// The refusal that such a message says.
pub fn from_message(message: &pb::Status) -> Rejection {
    let details = message.encode_to_vec().into();
    from_status(&Status::with_details(message.code.into(), &message.message, details))
}

/// The refusal for what could not be read from a caller's stream of messages: there tonic gives the
/// handler the same INTERNAL as for a fault of ours, but the fault is the caller's, or that of their line.
pub fn from_request_stream(status: &Status) -> Rejection {
    undecodable(status).unwrap_or_else(|| match (status.code(), status.details()) {
        (Code::Unknown | Code::Internal, []) => {
            Rejection::new(Kind::Unavailable, "LINE_CUT", "the line was cut before all of it had come")
        }
        _ => from_status(status),
    })
}

/// What tonic itself answers when the caller's message cannot be decoded, in its proper kind.
///
/// tonic-prost says INTERNAL, as the gRPC specification has it; to a caller that reads as our fault.
pub(crate) fn undecodable(status: &Status) -> Option<Rejection> {
    const MALFORMED: [&str; 4] = [
        "failed to decode Protobuf message",
        "Missing request message",
        "Unexpected EOF decoding stream",
        "protocol error: received message with",
    ];
    const TOO_LARGE: &str = "Error, decoded message length too large";
    // Ours always carry details, tonic's own never do.
    if !status.details().is_empty() {
        return None;
    }
    match status.code() {
        Code::Internal if MALFORMED.iter().any(|start| status.message().starts_with(start)) => {
            Some(Rejection::new(Kind::Invalid, "MALFORMED_MESSAGE", "the message cannot be decoded"))
        }
        Code::OutOfRange if status.message().starts_with(TOO_LARGE) => {
            Some(Rejection::new(Kind::Invalid, "MESSAGE_TOO_LARGE", "the message is too large"))
        }
        _ => None,
    }
}

fn hidden(fault: &str) -> Status {
    let reference = random::hex(&random::bytes::<4>());
    tracing::error!(reference, fault, "internal fault");
    encode(&internal(&reference))
}

fn internal(reference: &str) -> Rejection {
    Rejection::new(Kind::Internal, "INTERNAL", format!("internal fault, reference {reference}"))
        .with(REFERENCE, reference)
}

fn encode(rejection: &Rejection) -> Status {
    let metadata: HashMap<String, String> = rejection.metadata.iter().cloned().collect();
    let mut details = ErrorDetails::with_error_info(&rejection.reason, DOMAIN, metadata);
    if !rejection.violations.is_empty() {
        details.set_bad_request(rejection.violations.iter().map(field_violation).collect::<Vec<_>>());
    }
    match (rejection.kind, rejection.metadata.iter().any(|(key, _)| key == LIMIT)) {
        // Waiting does not help against a limit.
        (Kind::Exhausted, true) => {
            details.add_quota_failure_violation(&rejection.reason, &rejection.message);
        }
        (Kind::Unavailable | Kind::Exhausted, _) => {
            details.set_retry_info(Some(RETRY_AFTER));
        }
        _ => {}
    }
    Status::with_error_details(code_of(rejection.kind), &rejection.message, details)
}

fn field_violation(violation: &phidia_domain::FieldViolation) -> FieldViolation {
    FieldViolation {
        field: violation.field.clone(),
        description: violation.description.clone(),
        reason: violation.reason.clone(),
        localized_message: (violation.in_vietnamese.as_ref())
            .map(|sentence| LocalizedMessage { locale: VIETNAMESE.to_owned(), message: sentence.clone() }),
    }
}

fn code_of(kind: Kind) -> Code {
    match kind {
        Kind::Invalid => Code::InvalidArgument,
        Kind::OutOfRange => Code::OutOfRange,
        Kind::NotFound => Code::NotFound,
        Kind::AlreadyExists => Code::AlreadyExists,
        Kind::Precondition => Code::FailedPrecondition,
        Kind::Conflict => Code::Aborted,
        Kind::Forbidden => Code::PermissionDenied,
        Kind::Unauthenticated => Code::Unauthenticated,
        Kind::Exhausted => Code::ResourceExhausted,
        Kind::Unavailable => Code::Unavailable,
        Kind::Deadline => Code::DeadlineExceeded,
        Kind::Internal => Code::Internal,
    }
}

fn kind_of(status: &Status) -> Kind {
    match status.code() {
        Code::InvalidArgument => Kind::Invalid,
        Code::OutOfRange => Kind::OutOfRange,
        Code::NotFound => Kind::NotFound,
        Code::AlreadyExists => Kind::AlreadyExists,
        Code::FailedPrecondition => Kind::Precondition,
        Code::Aborted => Kind::Conflict,
        Code::PermissionDenied => Kind::Forbidden,
        Code::Unauthenticated => Kind::Unauthenticated,
        Code::ResourceExhausted => Kind::Exhausted,
        Code::Unavailable => Kind::Unavailable,
        // tonic says CANCELLED where its own time-out ended the call.
        Code::DeadlineExceeded | Code::Cancelled => Kind::Deadline,
        Code::Internal | Code::Unknown | Code::DataLoss | Code::Unimplemented | Code::Ok => Kind::Internal,
    }
}

fn reason_of(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [Kind; 12] = [
        Kind::Invalid,
        Kind::OutOfRange,
        Kind::NotFound,
        Kind::AlreadyExists,
        Kind::Precondition,
        Kind::Conflict,
        Kind::Forbidden,
        Kind::Unauthenticated,
        Kind::Exhausted,
        Kind::Unavailable,
        Kind::Deadline,
        Kind::Internal,
    ];

    #[test]
    fn every_kind_goes_there_and_back_through_headers() {
        for kind in KINDS {
            let said = Rejection::new(kind, "SOME_REASON", "một câu rõ ràng\n100%")
                .with("a_key", "giá trị")
                .with("other", 7)
                .violating("applicant.name", "must not be empty")
                .in_vietnamese("không được để trống")
                .violating("steps[2].level", "from 1 to 5");
            let mut headers = http::HeaderMap::new();
            encode(&said).add_header(&mut headers).unwrap();
            let heard = from_status(&Status::from_header_map(&headers).unwrap());
            assert_eq!(heard, said);
        }
    }

    #[test]
    fn what_may_be_tried_again_says_when() {
        for kind in KINDS {
            let delay = to_status(&Rejection::new(kind, "R", "m")).get_details_retry_info();
            assert_eq!(delay.is_some(), matches!(kind, Kind::Unavailable | Kind::Exhausted));
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "as tonic itself says it")]
    fn a_line_that_is_cut_is_no_fault_of_ours() {
        let cut = Status::unknown("h2 protocol error: error reading a body from connection");
        let heard = from_request_stream(&cut);
        assert_eq!((heard.kind, heard.reason.as_str()), (Kind::Unavailable, "LINE_CUT"));
        let rubbish = Status::internal("failed to decode Protobuf message: x");
        assert_eq!(from_request_stream(&rubbish).reason, "MALFORMED_MESSAGE");
        let said = Rejection::new(Kind::Internal, "R", "ours");
        assert_eq!(from_request_stream(&to_status(&said)).kind, Kind::Internal);
    }

    #[test]
    fn a_limit_is_a_failed_quota_and_does_not_pass_with_time() {
        let said = Rejection::new(Kind::Exhausted, "TOO_MANY", "at most 7").with(LIMIT, 7);
        let status = to_status(&said);
        assert!(status.get_details_retry_info().is_none());
        let failed = status.get_details_quota_failure().unwrap().violations;
        assert_eq!((failed[0].subject.as_str(), failed[0].description.as_str()), ("TOO_MANY", "at most 7"));
        assert_eq!(from_status(&status), said);
    }

    #[test]
    fn a_fault_keeps_only_its_reference_and_the_same_one_on_the_way_back() {
        let status = of_failure(Failure::broken("password is hunter2"));
        assert_eq!(status.code(), Code::Internal);
        assert!(!status.message().contains("hunter2"));
        let heard = from_status(&status);
        assert_eq!(from_status(&to_status(&heard)), heard);
        let status = to_status(&Rejection::new(Kind::Internal, "R", "hunter2").with("k", "hunter2"));
        assert!(!format!("{status:?}").contains("hunter2"));
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "what others send is not ours")]
    fn codes_that_are_not_ours_map_to_the_nearest_kind() {
        for (code, kind) in [
            (Code::Cancelled, Kind::Deadline),
            (Code::Unknown, Kind::Internal),
            (Code::Unimplemented, Kind::Internal),
            (Code::DataLoss, Kind::Internal),
        ] {
            let heard = from_status(&Status::new(code, "x"));
            assert_eq!((heard.kind, heard.reason.as_str()), (kind, reason_of(code)));
        }
    }

    #[test]
    fn garbage_in_details_is_no_reason_to_fail() {
        let status = Status::with_details(Code::NotFound, "gone", vec![0xff; 9].into());
        assert_eq!(from_status(&status).kind, Kind::NotFound);
    }
}
