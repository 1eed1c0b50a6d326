//! How an error is told: one clear sentence in the user's language, what it is about below it.

use anyhow::Error;
use console::style;
use phidia_domain::{FieldViolation, Kind, Rejection, application::Language};
use phidia_runtime::{failure::Failure, status};
use phidia_words::Words;
use tonic::Status;

use crate::show::aside;

/// Tells an error.
pub(crate) fn tell(error: &Error, speech: Words) {
    for (number, line) in told(error, speech).iter().enumerate() {
        match line.split_once(": ").filter(|_| number == 0) {
            Some((reason, sentence)) => {
                let reason = style(reason).for_stderr().red().bold();
                aside(&format!("{reason}: {sentence}"));
            }
            None => aside(line),
        }
    }
}

/// A refusal in one sentence of the user's language.
pub(crate) fn sentence(refusal: &Rejection, speech: Words) -> String {
    match (speech.language(), phidia_words::reason(&refusal.reason)) {
        (Language::Vi, Some(sentence)) => sentence.to_owned(),
        _ => refusal.message.clone(),
    }
}

/// The lines in which an error is told.
pub(crate) fn told(error: &Error, speech: Words) -> Vec<String> {
    let label = speech.refusal_error();
    let found = error.chain().enumerate().find_map(|(depth, cause)| Some((depth, of(cause)?)));
    let Some((depth, Rejection { kind, reason, message, violations, metadata })) = found else {
        return vec![format!("{label}: {error:#}")];
    };
    let several = violations.len() > 1;
    let said = |violation: &FieldViolation| match (speech.language(), &violation.in_vietnamese) {
        (Language::Vi, Some(sentence)) => sentence.clone(),
        // Of one the sentence of its reason stands above it.
        (Language::Vi, None) if several => {
            phidia_words::reason(&violation.reason).unwrap_or(&violation.description).to_owned()
        }
        _ => violation.description.clone(),
    };
    let named: Vec<_> = violations.iter().map(|at| format!("{}: {}", at.field, said(at))).collect();
    let alike = violations.iter().all(|violation| violation.reason == reason);
    // Many a sentence of a server only strings together the fields that it names.
    let strung = named.first().is_some_and(|first| message.starts_with(first));
    let holder = metadata.iter().find(|(fact, _)| fact == "holder_code").map(|(_, code)| code);
    let translated = match (speech.language(), holder) {
        (Language::En, _) => None,
        (Language::Vi, Some(code)) => Some(speech.refusal_held_by(code)),
        (Language::Vi, None) if several && !alike => Some(speech.refusal_so_many_faults(violations.len())),
        (Language::Vi, None) => phidia_words::reason(&reason).map(str::to_owned),
    };
    let away = error.downcast_ref::<Status>().is_some_and(is_nobody_there);
    let (sentence, mut below) = match (translated, named.as_slice()) {
        _ if away => (speech.refusal_no_phidia_answers_at_this_endpoint_start().to_owned(), Vec::new()),
        (Some(sentence), _) => (sentence, named),
        (None, [_]) if strung => (message.clone(), Vec::new()),
        (None, several) if strung => (speech.refusal_so_many_faults(several.len()), named),
        (None, _) => (message.clone(), named),
    };
    // Facts for whoever has to act: the present holder of a fence, say.
    // Who is named by their code is known by it.
    let is_known = |fact: &str| fact == "holder" && holder.is_some();
    let unsaid = metadata.iter().filter(|(fact, value)| !sentence.contains(value) && !is_known(fact));
    below.extend(unsaid.map(|(fact, value)| format!("{fact}: {value}")));
    let is_limit = metadata.iter().any(|(fact, _)| fact == status::LIMIT);
    if matches!(kind, Kind::Unavailable | Kind::Exhausted) && !away && !is_limit {
        let seconds = status::RETRY_AFTER.as_secs();
        below.push(format!("{} {seconds} s", speech.refusal_try_again_in()));
    }
    let context: String = error.chain().take(depth).map(|cause| format!("{cause}: ")).collect();
    let mut lines = vec![format!("{label} {reason}: {context}{sentence}")];
    lines.extend(below.iter().map(|fact| format!("  {fact}")));
    lines
}

/// An error as whoever serves pages tells it: a refusal, or a fault of ours.
pub(crate) fn failure(error: Error) -> Failure {
    match error.chain().find_map(of) {
        Some(refusal) => refusal.into(),
        None => Failure::broken(error),
    }
}

/// The refusal that an error is, if it is one.
pub(crate) fn of(error: &(dyn std::error::Error + 'static)) -> Option<Rejection> {
    let of_failure = || error.downcast_ref::<Failure>().and_then(Failure::rejection).cloned();
    let of_rules = || error.downcast_ref::<Rejection>().cloned();
    error.downcast_ref::<Status>().map(status::from_status).or_else(of_failure).or_else(of_rules)
}

/// Whether no server answered: a server's own refusal came with headers.
fn is_nobody_there(status: &Status) -> bool {
    status::from_status(status).reason == "PEER_UNAVAILABLE" && status.metadata().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(rejection: &Rejection, speech: Words) -> Vec<String> {
        told(&Error::from(rejection.clone()), speech)
    }

    #[test]
    fn nothing_is_said_twice() {
        let one = Rejection::invalid("UNKNOWN_PROCEDURE", "procedure_code", "no such procedure");
        assert_eq!(lines(&one, Words::EN), ["error UNKNOWN_PROCEDURE: procedure_code: no such procedure"]);
        let vi = lines(&one, Words::VI);
        assert!(vi[0].starts_with("lỗi UNKNOWN_PROCEDURE: ") && !vi[0].contains("no such"), "{vi:?}");
        assert_eq!(vi[1..], ["  procedure_code: no such procedure"]);

        let two = Rejection::new(Kind::Invalid, "MISSING_FIELD", "a: is required; b: too long")
            .violating("a", "is required")
            .violating("b", "too long");
        assert_eq!(
            lines(&two, Words::EN),
            ["error MISSING_FIELD: 2 faults", "  a: is required", "  b: too long"]
        );

        let fault = Rejection::new(Kind::Internal, "INTERNAL", "internal fault, reference ab12")
            .with("reference", "ab12");
        assert_eq!(lines(&fault, Words::EN).len(), 1);
        assert_eq!(lines(&fault, Words::VI)[1..], ["  reference: ab12"]);
    }

    #[test]
    fn of_several_faults_each_is_told_in_the_users_language() {
        let missing = Rejection::invalid("MISSING_FIELD", "a", "is required").in_vietnamese("phải có a");
        let unknown = Rejection::invalid("UNKNOWN_UNIT", "b", "no such unit");
        let both = phidia_domain::application::all_in_one(vec![missing, unknown]);
        let vi = lines(&both, Words::VI);
        assert_eq!(vi[..2], ["lỗi MISSING_FIELD: 2 chỗ sai", "  a: phải có a"]);
        assert!(vi[2].starts_with("  b: ") && !vi[2].contains("no such"), "{vi:?}");
        assert_eq!(
            lines(&both, Words::EN),
            ["error MISSING_FIELD: 2 faults", "  a: is required", "  b: no such unit"]
        );
    }

    #[test]
    fn what_waiting_does_not_help_against_is_not_tried_again() {
        let full = Rejection::new(Kind::Exhausted, "UNHEARD_OF", "at most 7").with(status::LIMIT, 7);
        assert_eq!(lines(&full, Words::EN), ["error UNHEARD_OF: at most 7"]);
    }

    #[test]
    fn who_holds_a_work_item_is_named_by_their_code() {
        let message = "officer 1-02 holds this work item; look at the worklist again";
        let old =
            Rejection::new(Kind::Conflict, "OLD_FENCE", message).with("fence", 4).with("holder", "off_1");
        let named = old.clone().with("holder_code", "1-02");
        assert_eq!(lines(&named, Words::EN), [&format!("error OLD_FENCE: {message}"), "  fence: 4"]);
        let vi = lines(&named, Words::VI);
        assert!(vi[0].starts_with("lỗi OLD_FENCE: ") && vi[0].contains("1-02"), "{vi:?}");
        assert_eq!(vi[1..], ["  fence: 4"]);
        // Whoever has no code any more has an id.
        assert_eq!(lines(&old, Words::VI)[1..], ["  fence: 4", "  holder: off_1"]);
    }

    #[test]
    fn what_is_not_translated_is_said_as_the_server_said_it() {
        let unheard = Rejection::new(Kind::Conflict, "UNHEARD_OF", "somebody was first").with("holder", "A");
        assert_eq!(lines(&unheard, Words::VI), ["lỗi UNHEARD_OF: somebody was first", "  holder: A"]);
        let other = anyhow::anyhow!("no such folder").context("nope can't be read");
        assert_eq!(told(&other, Words::EN), ["error: nope can't be read: no such folder"]);
    }

    #[test]
    fn the_context_of_a_refusal_is_told_too() {
        let wrong = Error::from(Rejection::invalid("MALFORMED_PEER", "peer", "expected http://host:port"));
        let told = told(&wrong.context("--endpoint foo"), Words::EN);
        assert_eq!(told, ["error MALFORMED_PEER: --endpoint foo: peer: expected http://host:port"]);
    }
}
