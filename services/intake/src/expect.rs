//! What may honestly be said to whoever hands something in now: routing knows what there is to do everywhere.

use std::time::Duration;

use phidia_proto::{
    intake::v1::SubmitApplicationRequest,
    routing::v1::{
        PreviewAssignmentRequest, PreviewAssignmentResponse, routing_service_client::RoutingServiceClient,
    },
    types::v1::Outlook,
};
use phidia_runtime::peer::Peer;

/// How long routing is waited for. What is handed in is taken in whether or not it answers.
const PATIENCE: Duration = Duration::from_millis(500);

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
}

impl Expectation {
    pub(crate) fn new(routing: Peer) -> Self {
        Self(RoutingServiceClient::new(routing))
    }

    /// What an application would meet that is handed in so at this moment. Nothing is known of one that routing refuses to
    /// look at: whoever takes it in says why.
    pub(crate) async fn of(&self, request: PreviewAssignmentRequest) -> Expected {
        let mut routing = self.0.clone();
        match tokio::time::timeout(PATIENCE, routing.preview_assignment(request)).await {
            Ok(Ok(answer)) => {
                let PreviewAssignmentResponse { outlook, unassignable_reason, .. } = answer.into_inner();
                Expected { outlook, unassignable_reason }
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

/// The part of a submission that matters for where it goes, and when it is finished.
pub(crate) fn previewed(request: &SubmitApplicationRequest) -> PreviewAssignmentRequest {
    PreviewAssignmentRequest {
        procedure_code: request.procedure_code.clone(),
        received_at_code: request.received_at_code.clone(),
        places: request.places.clone(),
        conflicted_unit_codes: request.conflicted_unit_codes.clone(),
    }
}
