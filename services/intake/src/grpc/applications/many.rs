//! Many applications over one stream, answered one after the other in the order in which they came.

use futures::{Stream, StreamExt as _, stream};
use phidia_domain::{Kind, Rejection, caller::Caller};
use phidia_proto::{
    convert,
    intake::v1::{
        SubmitApplicationsRequest, SubmitApplicationsResponse, submit_applications_response::Outcome,
    },
};
use phidia_runtime::{failure::Failure, status};
use tokio_util::sync::CancellationToken;
use tonic::{Status, Streaming};

use super::wire_receipt;
use crate::{Intake, record::Receipt};

/// What is on its way.
struct Handing {
    intake: Intake,
    caller: Caller,
    requests: Streaming<SubmitApplicationsRequest>,
    closing: CancellationToken,
    /// How many were answered.
    answered: u64,
}

/// The answers to a stream of applications. A refusal is the answer to one; where nothing can be taken in, the stream ends.
pub(super) fn answers(
    intake: Intake,
    caller: Caller,
    requests: Streaming<SubmitApplicationsRequest>,
    closing: CancellationToken,
) -> impl Stream<Item = Result<SubmitApplicationsResponse, Status>> + use<> {
    let handing = Handing { intake, caller, requests, closing, answered: 0 };
    stream::try_unfold(handing, async |mut handing| Ok(handing.next().await?.map(|answer| (answer, handing))))
}

impl Handing {
    async fn next(&mut self) -> Result<Option<SubmitApplicationsResponse>, Status> {
        let request = tokio::select! {
            // Whoever is asked to end takes nothing more in: what is not answered comes again, elsewhere.
            biased;
            () = self.closing.cancelled() => return Err(status::to_status(&draining())),
            request = self.requests.next() => request,
        };
        let Some(request) = request else { return Ok(None) };
        let request = request.map_err(|status| status::to_status(&status::from_request_stream(&status)))?;
        self.answered += 1;
        let outcome = match self.take_in(request).await {
            Ok(receipt) => Outcome::Receipt(wire_receipt(receipt)),
            Err(failure) => match failure.rejection() {
                Some(refusal) if !may_pass(refusal.kind) => Outcome::Refusal(status::to_message(refusal)),
                _ => return Err(status::of_failure(failure)),
            },
        };
        Ok(Some(SubmitApplicationsResponse { number: self.answered, outcome: Some(outcome) }))
    }

    async fn take_in(&self, request: SubmitApplicationsRequest) -> Result<Receipt, Failure> {
        let request = convert::required(request.application, "application")?;
        Ok(self.intake.submit(&self.caller, request).await?.receipt)
    }
}

/// Whether it may go well at another time, unchanged: then it was not judged.
fn may_pass(kind: Kind) -> bool {
    match kind {
        Kind::Exhausted | Kind::Unavailable | Kind::Deadline | Kind::Internal | Kind::Conflict => true,
        Kind::Invalid
        | Kind::OutOfRange
        | Kind::NotFound
        | Kind::AlreadyExists
        | Kind::Precondition
        | Kind::Forbidden
        | Kind::Unauthenticated => false,
    }
}

fn draining() -> Rejection {
    let message = "this process is about to end; send again what was not answered";
    Rejection::new(Kind::Unavailable, "DRAINING", message)
}
