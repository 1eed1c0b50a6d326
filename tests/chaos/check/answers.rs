//! What was rightly asked for is not refused for good: everything that the harness hands in is valid, every
//! item that an officer claims was in their worklist, and who holds an item may end it.

use tonic::Code;

use super::{Book, Found, Kind};
use crate::{
    history::{Answer, What},
    office::{Fate, fate, is_withdrawn},
};

pub(super) fn judge(book: &Book<'_>, found: &mut Found) {
    for call in &book.history.calls {
        match &call.what {
            What::Submit { key, answer: Answer::Refused(code, reason) } => {
                found.add(Kind::Refused, format!("the submission of {key}: {code:?} {reason}"));
            }
            // Somebody was quicker, or it was routed elsewhere.
            What::Claim { answer: Answer::Refused(Code::Aborted | Code::FailedPrecondition, _), .. } => {}
            What::Claim { item, officer, answer: Answer::Refused(code, reason) } => {
                found.add(Kind::Refused, format!("{officer} may not claim {item}: {code:?} {reason}"));
            }
            // Its citizen was quicker.
            What::Complete { item, answer: Answer::Refused(Code::FailedPrecondition, _), .. }
            | What::Ask { item, answer: Answer::Refused(Code::FailedPrecondition, _), .. }
                if is_withdrawn(&item.application) => {}
            // It was refused in a step that goes on together with this one.
            What::Complete { item, answer: Answer::Refused(Code::FailedPrecondition, _), .. }
                if fate(&item.application) == Fate::Refused => {}
            What::Ask { item, officer, fence, answer: Answer::Refused(code, reason) } => {
                let what = format!(
                    "{officer} holds {item} under {fence} and may not ask for anything: {code:?} {reason}"
                );
                found.add(Kind::Refused, what);
            }
            // None is asked for yet, or it is withdrawn; and whoever withdraws may be too late.
            What::Supplement { answer: Answer::Refused(Code::FailedPrecondition, _), .. }
            | What::Withdraw { answer: Answer::Refused(Code::FailedPrecondition, _), .. } => {}
            What::Supplement { application, answer: Answer::Refused(code, reason) }
            | What::Withdraw { application, answer: Answer::Refused(code, reason) } => {
                found.add(Kind::Refused, format!("the receipt of {application} is good: {code:?} {reason}"));
            }
            What::Complete { item, officer, fence, answer: Answer::Refused(code, reason), .. } => {
                let what = format!(
                    "{officer} holds {item} under {fence} and may not complete it: {code:?} {reason}"
                );
                found.add(Kind::Refused, what);
            }
            // Somebody was quicker, the rescue or an emergency among them: then it is another unit's.
            What::Send {
                answer: Answer::Refused(Code::Aborted | Code::FailedPrecondition | Code::PermissionDenied, _),
                ..
            } => {}
            What::Send { item, answer: Answer::Refused(code, reason) } => {
                found.add(Kind::Refused, format!("{item} may not be sent elsewhere: {code:?} {reason}"));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use phidia_proto::events::v1::StepOutcome;

    use super::*;
    use crate::check::sample::{OFFICER, OTHER_OFFICER, call, item, must_be_heard, must_pass};

    fn refused<T>(code: Code) -> Answer<T> {
        Answer::Refused(code, "REASON".into())
    }

    #[test]
    fn a_valid_application_that_is_refused() {
        must_be_heard(Kind::Refused, "key-9", |history| {
            let answer = refused(Code::Internal);
            history.calls.push(call(30, What::Submit { key: "key-9".into(), answer }));
        });
    }

    #[test]
    fn an_item_of_the_worklist_that_is_not_found() {
        must_be_heard(Kind::Refused, "app_3/1/1", |history| {
            let (item, officer) = (item("app_3", 1), OFFICER.into());
            history.calls.push(call(30, What::Claim { item, officer, answer: refused(Code::NotFound) }));
        });
    }

    #[test]
    fn a_holder_who_may_not_complete() {
        must_be_heard(Kind::Refused, "app_2/2/1", |history| {
            let (item, officer, outcome) = (item("app_2", 2), OFFICER.into(), StepOutcome::Approved);
            let answer = refused(Code::Aborted);
            history.calls.push(call(30, What::Complete { item, officer, fence: 1, outcome, answer }));
        });
    }

    #[test]
    fn an_assigned_item_that_cannot_be_sent() {
        must_be_heard(Kind::Refused, "app_3/1/1", |history| {
            let answer = refused(Code::NotFound);
            history.calls.push(call(30, What::Send { item: item("app_3", 1), answer }));
        });
    }

    #[test]
    fn to_be_too_late_is_no_fault() {
        must_pass(|history| {
            let (item, officer) = (item("app_2", 2), OTHER_OFFICER.into());
            history.calls.push(call(30, What::Claim { item, officer, answer: refused(Code::Aborted) }));
        });
        must_pass(|history| {
            let answer = refused(Code::Aborted);
            history.calls.push(call(30, What::Send { item: item("app_2", 2), answer }));
        });
    }
}
