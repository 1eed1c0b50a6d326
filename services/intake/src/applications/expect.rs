//! What may honestly be said to whoever hands something in now: routing knows what there is to do everywhere.

use std::time::Duration;

use jiff::Timestamp;
use phidia_proto::{
    intake::v1::SubmitApplicationRequest,
    routing::v1::{
        PreviewAssignmentRequest, PreviewAssignmentResponse, routing_service_client::RoutingServiceClient,
    },
    types::v1::Outlook,
};
use phidia_runtime::{context::Context, peer::Peer};

/// How long routing is waited for, and never for more than half of the time that the caller has left: what is handed in is
/// taken in whether or not it answers, and whoever handed it in has to hear of that.
const PATIENCE: Duration = Duration::from_millis(500);

/// Two promises of which one was reckoned so many seconds after the other are the same.
const SAME_SECONDS: u64 = 60;

/// Asks routing.
#[derive(Clone, Debug)]
pub(crate) struct Expectation(RoutingServiceClient<Peer>);

/// What is to be expected of an application.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    /// None: no unit can take one of its steps, or it is not known.
    pub(crate) outlook: Option<Outlook>,
    /// Why no unit can take one of its steps; empty: each has one, or it is not known.
    pub(crate) unassignable_reason: String,
    /// The promise that it is about, in seconds since 1970.
    due_at: Option<i64>,
}

impl Expected {
    /// The same, if it is about this promise: who asks again much later hears of the promise of that day, and nothing is
    /// known of how that stands.
    pub(crate) fn about(self, due_at: Option<Timestamp>) -> Self {
        let same = match (self.due_at, due_at.map(Timestamp::as_second)) {
            (Some(one), Some(other)) => one.abs_diff(other) <= SAME_SECONDS,
            (one, other) => one == other,
        };
        if same { self } else { Self::default() }
    }
}

impl Expectation {
    pub(crate) fn new(routing: Peer) -> Self {
        Self(RoutingServiceClient::new(routing))
    }

    /// What an application would meet that is handed in so at this moment. Nothing is known of one that routing refuses to
    /// look at: whoever takes it in says why.
    pub(crate) async fn of(&self, request: PreviewAssignmentRequest) -> Expected {
        let mut routing = self.0.clone();
        let left = Context::current().and_then(|context| context.left());
        match tokio::time::timeout(patience(left), routing.preview_assignment(request)).await {
            Ok(Ok(answer)) => {
                let PreviewAssignmentResponse { outlook, unassignable_reason, due_at, .. } =
                    answer.into_inner();
                Expected { outlook, unassignable_reason, due_at: due_at.map(|due_at| due_at.seconds) }
            }
            Ok(Err(status)) => {
                tracing::debug!(code = ?status.code(), "routing does not say what is to be expected");
                Expected::default()
            }
            Err(_) => {
                tracing::debug!("routing does not say in time what is to be expected");
                Expected::default()
            }
        }
    }
}

/// How long routing is waited for by a caller who has so much time left; none: as long as it takes.
fn patience(left: Option<Duration>) -> Duration {
    left.map_or(PATIENCE, |left| PATIENCE.min(left / 2))
}

/// The part of a submission that matters for where it goes, and when it is finished.
pub(crate) fn previewed(request: &SubmitApplicationRequest) -> PreviewAssignmentRequest {
    PreviewAssignmentRequest {
        procedure_code: request.procedure_code.clone(),
        received_at_code: request.received_at_code.clone(),
        places: request.places.clone(),
        conflicted_unit_codes: request.conflicted_unit_codes.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_in_a_hurry_hears_of_the_receipt_all_the_same() {
        let millis = Duration::from_millis;
        assert_eq!(patience(None), millis(500));
        assert_eq!(patience(Some(millis(10_000))), millis(500));
        assert_eq!(patience(Some(millis(300))), millis(150));
    }

    #[test]
    fn what_is_said_is_about_the_promise_that_was_given() {
        let expected = |due_at| Expected {
            outlook: Some(Outlook::default()),
            unassignable_reason: String::new(),
            due_at,
        };
        let promised = |second| Some(Timestamp::from_second(second).unwrap());
        let is_said = |one, other| expected(one).about(other).outlook.is_some();
        assert!(is_said(Some(1_000), promised(1_000)) && is_said(Some(1_000), promised(1_060)));
        assert!(is_said(None, None));
        assert!(!is_said(Some(1_000), promised(1_061)) && !is_said(Some(1_000), promised(-85_400)));
        assert!(!is_said(None, promised(1_000)) && !is_said(Some(1_000), None));
    }
}
