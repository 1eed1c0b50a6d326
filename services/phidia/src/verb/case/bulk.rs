//! Many of the same at once.

use std::process::ExitCode;

use anyhow::Context as _;
use phidia_domain::{Rejection, caller::Role};
use phidia_proto::{
    events::v1::StepOutcome,
    processing::v1::{
        BatchClaimWorkItemsRequest, BatchCompleteStepsRequest, ClaimWorkItemRequest, CompleteStepRequest,
        case_service_client::CaseServiceClient, claim_outcome, completion_outcome,
    },
    types::v1::WorkItem,
};
use phidia_runtime::status;

use super::{print_case, print_items};
use crate::{client::Client, ending::Ending, refusal, show, verb};

/// Takes them up; what is refused is told, and the others are taken up nevertheless.
pub(super) async fn claim(client: &Client<'_>, work_items: &[String]) -> anyhow::Result<ExitCode> {
    let named = read(work_items)?;
    let claim = |(work_item, expected_fence)| ClaimWorkItemRequest { work_item, expected_fence };
    let request = BatchClaimWorkItemsRequest { claims: named.into_iter().map(claim).collect() };
    let mut cases = CaseServiceClient::new(client.peer(Role::Officer).await?);
    let answer = cases.batch_claim_work_items(request).await?.into_inner();
    let refused = |outcome: &claim_outcome::Outcome| matches!(outcome, claim_outcome::Outcome::Status(_));
    let code = code(answer.outcomes.iter().filter_map(|one| one.outcome.as_ref()).any(refused));
    if client.json() {
        show::json("phidia.processing.v1.BatchClaimWorkItemsResponse", &answer)?;
        return Ok(code);
    }
    let mut taken = Vec::new();
    for (name, outcome) in work_items.iter().zip(answer.outcomes) {
        match outcome.outcome {
            Some(claim_outcome::Outcome::WorkItem(item)) => taken.push(item),
            Some(claim_outcome::Outcome::Status(refused)) => {
                tell(client, name, &status::from_message(&refused))
            }
            None => {}
        }
    }
    print_items(client, &taken, "").await;
    Ok(code)
}

/// Ends them; what is refused is told, and the others are ended nevertheless.
pub(super) async fn complete(client: &Client<'_>, work_items: &[String]) -> anyhow::Result<ExitCode> {
    let named = read(work_items)?;
    let end = |(work_item, fence)| CompleteStepRequest {
        work_item,
        fence,
        outcome: StepOutcome::Approved.into(),
        refusal_reason: String::new(),
        next_step: 0,
    };
    let request = BatchCompleteStepsRequest { completions: named.into_iter().map(end).collect() };
    let mut cases = CaseServiceClient::new(client.peer(Role::Officer).await?);
    let answer = cases.batch_complete_steps(request).await?.into_inner();
    let refused =
        |outcome: &completion_outcome::Outcome| matches!(outcome, completion_outcome::Outcome::Status(_));
    let code = code(answer.outcomes.iter().filter_map(|one| one.outcome.as_ref()).any(refused));
    if client.json() {
        show::json("phidia.processing.v1.BatchCompleteStepsResponse", &answer)?;
        return Ok(code);
    }
    let zone = client.zone().await;
    for (name, outcome) in work_items.iter().zip(answer.outcomes) {
        match outcome.outcome {
            Some(completion_outcome::Outcome::Case(case)) => print_case(client.speech(), &zone, &case),
            Some(completion_outcome::Outcome::Status(refused)) => {
                tell(client, name, &status::from_message(&refused))
            }
            None => {}
        }
    }
    Ok(code)
}

fn code(refused: bool) -> ExitCode {
    Ending::of(!refused).into()
}

fn tell(client: &Client<'_>, name: &str, refused: &Rejection) {
    let refused = anyhow::Error::from(refused.clone());
    refusal::tell(&refused.context(name.to_owned()), client.speech());
}

/// Each as `application/step/attempt:fence`.
fn read(work_items: &[String]) -> anyhow::Result<Vec<(Option<WorkItem>, u64)>> {
    let one = |text: &String| {
        let (item, fence) = text.rsplit_once(':').with_context(|| format!("{text}: its fence is missing"))?;
        let fence = fence.parse().with_context(|| format!("{text}: the fence is a number"))?;
        Ok((Some(verb::work_item(item)?), fence))
    };
    work_items.iter().map(one).collect()
}
