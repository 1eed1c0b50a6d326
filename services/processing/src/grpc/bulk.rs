//! Many of the same at once: each on its own, so that what is refused keeps none of the others from being done.

use phidia_domain::Rejection;
use phidia_proto::{
    convert,
    processing::v1::{
        BatchClaimWorkItemsRequest, BatchClaimWorkItemsResponse, BatchCompleteStepsRequest,
        BatchCompleteStepsResponse, ClaimOutcome, CompleteStepRequest, CompletionOutcome, claim_outcome,
        completion_outcome,
    },
};
use phidia_runtime::{failure::Failure, status};
use tonic::Request;

use super::{CaseServer, answer, sender};
use crate::complete::Ending;

/// So many at once at most.
const MOST: usize = 100;

impl CaseServer {
    pub(super) async fn claim_many(
        &self,
        request: Request<BatchClaimWorkItemsRequest>,
    ) -> Result<BatchClaimWorkItemsResponse, Failure> {
        let sender = sender(&request)?;
        let claims = request.into_inner().claims;
        check_count("claims", claims.len())?;
        let mut outcomes = Vec::with_capacity(claims.len());
        for (index, claim) in claims.into_iter().enumerate() {
            let claimed = async {
                let field = format!("claims[{index}].work_item");
                let work_item = convert::work_item(claim.work_item, &field)?;
                self.0.claim(sender.clone(), work_item, claim.expected_fence).await
            };
            let outcome = match refused(claimed.await)? {
                Ok(line) => claim_outcome::Outcome::WorkItem(answer::work_item(line)),
                Err(refusal) => claim_outcome::Outcome::Status(status::to_message(&refusal)),
            };
            outcomes.push(ClaimOutcome { outcome: Some(outcome) });
        }
        Ok(BatchClaimWorkItemsResponse { outcomes })
    }

    pub(super) async fn complete_many(
        &self,
        request: Request<BatchCompleteStepsRequest>,
    ) -> Result<BatchCompleteStepsResponse, Failure> {
        let sender = sender(&request)?;
        let completions = request.into_inner().completions;
        check_count("completions", completions.len())?;
        let mut outcomes = Vec::with_capacity(completions.len());
        for (index, completion) in completions.into_iter().enumerate() {
            let completed = async {
                let ending =
                    ending(completion).map_err(|refusal| refusal.under(&format!("completions[{index}]")))?;
                self.0.complete(sender.clone(), ending).await
            };
            let outcome = match refused(completed.await)? {
                Ok(case) => completion_outcome::Outcome::Case(answer::case(case)),
                Err(refusal) => completion_outcome::Outcome::Status(status::to_message(&refusal)),
            };
            outcomes.push(CompletionOutcome { outcome: Some(outcome) });
        }
        Ok(BatchCompleteStepsResponse { outcomes })
    }
}

/// The end of a step, as it is asked for.
pub(super) fn ending(request: CompleteStepRequest) -> Result<Ending, Rejection> {
    let CompleteStepRequest { work_item, fence, outcome, refusal_reason, next_step } = request;
    if fence == 0 {
        return Err(convert::missing("fence"));
    }
    Ok(Ending {
        work_item: convert::work_item(work_item, "work_item")?,
        fence,
        outcome: convert::outcome(outcome, "outcome")?,
        refusal_reason,
        next_step,
    })
}

fn check_count(field: &str, count: usize) -> Result<(), Rejection> {
    if (1..=MOST).contains(&count) {
        return Ok(());
    }
    Err(Rejection::invalid("OUT_OF_RANGE", field, format!("1 to {MOST}")))
}

/// A refusal is the answer to one of them; what is broken is broken for all, and may be asked for again.
fn refused<T>(answer: Result<T, Failure>) -> Result<Result<T, Rejection>, Failure> {
    match answer {
        Ok(value) => Ok(Ok(value)),
        Err(failure) => match failure.rejection() {
            Some(refusal) => Ok(Err(refusal.clone())),
            None => Err(failure),
        },
    }
}
