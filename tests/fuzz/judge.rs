//! Whether an answer is one that the contract allows. It knows `proto/`, and what was sent.

use prost_reflect::DynamicMessage;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::{answer::Answer, case::Case, wire::Frame};

/// What came of a call that was answered as it should be.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) code: Code,
    /// The answer, where there is one.
    pub(crate) message: Option<DynamicMessage>,
}

/// Judges an answer.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub(crate) fn judge(case: &Case, answer: &Answer) -> Result<Verdict, String> {
    let (http, body, status) = match answer {
        // Whoever goes on from a token is told what changes, and nothing may.
        Answer::None if goes_on(case) && case.states("resume_token") => {
            return Ok(Verdict { code: Code::Ok, message: None });
        }
        Answer::None => return Err("there is no answer".into()),
        // It goes on for as long as somebody listens, and begins with all there is.
        Answer::Open(body) if goes_on(case) => {
            let first = first(body).ok_or("not one whole message")?;
            return message(case, first).map(|message| Verdict { code: Code::Ok, message: Some(message) });
        }
        Answer::Open(_) => return Err("it does not end".into()),
        // Our own end gives a call up when its time is over.
        Answer::Broken(_) if case.told.tight => {
            return Ok(Verdict { code: Code::Cancelled, message: None });
        }
        Answer::Broken(why) => return Err(format!("the call broke off: {why}")),
        Answer::Given { http, body, status } => (*http, body, status),
    };
    let code = status.code();
    if http != 200 {
        return Err(format!("HTTP {http}"));
    }
    if case.told.tight && matches!(code, Code::DeadlineExceeded | Code::Cancelled) {
        return Ok(Verdict { code, message: None });
    }
    let unimplemented = code == Code::Unimplemented
        && case.is_allowed() == Some(true)
        && (!case.is_served() || matches!(case.frame, Frame::Compressed(_)));
    if unimplemented {
        return Ok(Verdict { code, message: None });
    }
    let expected = match (case.is_allowed(), case.is_readable()) {
        (None, _) => Some(Code::Unauthenticated),
        (Some(false), _) => Some(Code::PermissionDenied),
        (Some(true), Some(false)) => Some(Code::InvalidArgument),
        (Some(true), Some(true) | None) => None,
    };
    if expected.is_some_and(|expected| code != expected) {
        return Err(format!("{code:?} instead of {expected:?}"));
    }
    match code {
        Code::Ok => return message(case, body).map(|message| Verdict { code, message: Some(message) }),
        Code::InvalidArgument if case.is_readable() == Some(true) => names_fields(case, status)?,
        Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::OutOfRange
        | Code::PermissionDenied => {}
        Code::Unauthenticated if case.told.role.is_none() => {}
        Code::Unavailable if status.get_details_retry_info().is_some() => {}
        // Whoever goes on for long has as much as they may.
        Code::ResourceExhausted if status.get_details_quota_failure().is_some() => {}
        _ => return Err(format!("{code:?} is not what the contract has for this")),
    }
    let info = status.get_details_error_info().ok_or("it has no reason")?;
    let spoken = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    if info.domain != "phidia" || info.reason.is_empty() || !info.reason.chars().all(spoken) {
        return Err(format!("{info:?} is no reason of ours"));
    }
    if status.message().is_empty() {
        return Err("it has no sentence".into());
    }
    Ok(Verdict { code, message: None })
}

/// Whether it is a stream that does not end by itself.
fn goes_on(case: &Case) -> bool {
    ["/WatchLoad", "/WatchCases", "/WatchApplication"].iter().any(|name| case.path.ends_with(name))
}

/// The first message frame.
fn first(body: &[u8]) -> Option<&[u8]> {
    let length = u32::from_be_bytes(body.get(1..5)?.try_into().ok()?);
    body.get(..5 + usize::try_from(length).ok()?)
}

/// The one message of a unary answer.
fn message(case: &Case, body: &[u8]) -> Result<DynamicMessage, String> {
    let method = case.method.as_ref().ok_or("nobody can answer what does not exist")?;
    let (head, message) = body.split_at_checked(5).ok_or("OK, and no message")?;
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
    if head[0] != 0 || usize::try_from(length).ok() != Some(message.len()) {
        return Err("OK, and not one whole message".into());
    }
    DynamicMessage::decode(method.output(), message).map_err(|error| format!("the answer is none: {error}"))
}

/// A refused message that could be read says which of its fields is wrong, by a path that begins in it.
fn names_fields(case: &Case, status: &Status) -> Result<(), String> {
    let named = status.get_details_bad_request().ok_or("INVALID_ARGUMENT names no field")?.field_violations;
    if named.is_empty() {
        return Err("INVALID_ARGUMENT names no field".into());
    }
    let input = case.method.as_ref().map(|method| method.input()).ok_or("no such RPC")?;
    let of_input = |first: &str| {
        input.fields().any(|field| field.name() == first) || input.oneofs().any(|one| one.name() == first)
    };
    for violation in named {
        let first = violation.field.split(['.', '[', ':']).next().unwrap_or_default();
        // Faults in the files of a province are named by file, line and column; an unknown file as the caller has named it.
        // Of the province that the files are about: a place in one of them, or a step that nobody may take.
        let of_step = violation.field.starts_with("procedures[");
        let mut place = violation.field.rsplit(':');
        let number = |part: Option<&str>| part.is_some_and(|part| part.parse::<u64>().is_ok());
        let of_place = number(place.next()) && number(place.next());
        let of_file = (violation.field.contains(".csv:") || of_place || of_step)
            && (of_input("files") || of_input("put") || of_input("file"))
            || of_step && of_input("document")
            // Likewise the faults in a plan.
            || of_place && of_input("content");
        if !of_input(first) && !of_file {
            return Err(format!("{} is no field of {}", violation.field, input.full_name()));
        }
        if violation.description.is_empty() {
            return Err(format!("{} is wrong, and nobody says how", violation.field));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use phidia_domain::Rejection;
    use phidia_runtime::status::to_status;

    use super::*;
    use crate::known::Known;

    /// A case of this kind; some number has it.
    fn case(of_kind: impl Fn(&Case) -> bool) -> Case {
        (0..10_000).map(|number| Case::of(1, number, &Known::default())).find(of_kind).unwrap()
    }

    fn whole_call(case: &Case) -> bool {
        !case.told.tight && case.is_allowed() == Some(true) && case.is_readable() == Some(true)
    }

    fn whole(case: &Case) -> bool {
        whole_call(case) && case.path.ends_with("/GetCase")
    }

    fn heard(case: &Case, status: Status) -> Result<Verdict, String> {
        judge(case, &Answer::Given { http: 200, body: Vec::new(), status })
    }

    #[test]
    fn what_is_ruled_out_is_heard() {
        let fine = case(whole);
        for code in [Code::Internal, Code::Unknown, Code::DataLoss, Code::DeadlineExceeded] {
            let headers = [("grpc-status".parse().unwrap(), i32::from(code).into())];
            let status = Status::from_header_map(&headers.into_iter().collect()).unwrap();
            assert!(heard(&fine, status).unwrap_err().contains("not what the contract has"), "{code:?}");
        }
        assert!(judge(&fine, &Answer::None).is_err());
        assert!(judge(&fine, &Answer::Broken("reset".into())).is_err());
    }

    #[test]
    fn a_stream_that_never_begins_is_heard() {
        let watches = |resumes: bool| {
            case(|case| whole_call(case) && goes_on(case) && case.states("resume_token") == resumes)
        };
        let (all, resumed) = (watches(false), watches(true));
        assert!(judge(&all, &Answer::None).is_err());
        assert!(judge(&resumed, &Answer::None).is_ok());
        for (body, is_fine) in
            [(vec![0, 0, 0, 0, 0], true), (vec![0, 0, 0, 0, 1], false), (vec![0, 0], false)]
        {
            assert_eq!(judge(&all, &Answer::Open(body)).is_ok(), is_fine);
        }
        assert!(judge(&case(whole), &Answer::Open(vec![0, 0, 0, 0, 0])).is_err());
    }

    #[test]
    fn a_refusal_without_its_field_is_heard() {
        let fine = case(whole);
        assert!(heard(&fine, to_status(&Rejection::invalid("R", "case_id", "is wrong"))).is_ok());
        for field in ["id", "work_item.step", ""] {
            assert!(heard(&fine, to_status(&Rejection::invalid("R", field, "is wrong"))).is_err(), "{field}");
        }
        let unnamed = Rejection::new(phidia_domain::Kind::Invalid, "R", "something is wrong");
        assert!(heard(&fine, to_status(&unnamed)).is_err());
    }

    #[test]
    fn who_may_not_call_and_is_answered_is_heard() {
        let found = to_status(&Rejection::new(phidia_domain::Kind::NotFound, "R", "there is none"));
        let stranger = case(|case| !case.told.tight && case.is_allowed() == Some(false));
        let nobody = case(|case| !case.told.tight && case.is_allowed().is_none());
        assert!(heard(&stranger, found.clone()).is_err());
        assert!(heard(&nobody, found.clone()).is_err());
        let unreadable = |case: &Case| {
            !case.told.tight
                && case.is_served()
                && case.is_allowed() == Some(true)
                && case.is_readable() == Some(false)
        };
        assert!(heard(&case(unreadable), found).is_err());
    }
}
