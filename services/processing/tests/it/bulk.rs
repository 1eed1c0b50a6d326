//! Many of the same at once: each on its own.

use phidia_domain::{Kind, work_item::WorkItem};
use phidia_proto::{
    convert,
    events::v1::StepOutcome,
    processing::v1::{
        BatchClaimWorkItemsRequest, BatchCompleteStepsRequest, CaseState, ClaimWorkItemRequest,
        CompleteStepRequest, claim_outcome, completion_outcome,
    },
};
use phidia_runtime::status;

use crate::{
    harness::{Office, submission},
    province::COPY,
};

/// The fence of each that is taken up, or why it is not.
async fn claim(office: &Office, items: &[(WorkItem, u64)]) -> Vec<Result<u64, String>> {
    let claim = |(item, expected_fence): &(WorkItem, u64)| ClaimWorkItemRequest {
        work_item: Some(convert::wire_work_item(*item)),
        expected_fence: *expected_fence,
    };
    let request = BatchClaimWorkItemsRequest { claims: items.iter().map(claim).collect() };
    let answer = office.of("1-01").batch_claim_work_items(request).await.unwrap().into_inner();
    let became = |outcome| match outcome {
        Some(claim_outcome::Outcome::WorkItem(item)) => Ok(item.fence),
        Some(claim_outcome::Outcome::Status(refused)) => Err(status::from_message(&refused).reason),
        None => panic!("an answer says nothing"),
    };
    answer.outcomes.into_iter().map(|one| became(one.outcome)).collect()
}

/// How each case stands after its step, or why it is not ended.
async fn complete(office: &Office, items: &[(WorkItem, u64)]) -> Vec<Result<CaseState, String>> {
    let complete = |(item, fence): &(WorkItem, u64)| CompleteStepRequest {
        work_item: Some(convert::wire_work_item(*item)),
        fence: *fence,
        outcome: StepOutcome::Approved.into(),
        ..CompleteStepRequest::default()
    };
    let request = BatchCompleteStepsRequest { completions: items.iter().map(complete).collect() };
    let answer = office.of("1-01").batch_complete_steps(request).await.unwrap().into_inner();
    let became = |outcome| match outcome {
        Some(completion_outcome::Outcome::Case(case)) => Ok(case.state()),
        Some(completion_outcome::Outcome::Status(refused)) => {
            let refusal = status::from_message(&refused);
            Err(refusal.violations.first().map_or(refusal.reason.clone(), |at| at.field.clone()))
        }
        None => panic!("an answer says nothing"),
    };
    answer.outcomes.into_iter().map(|one| became(one.outcome)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_keeps_none_of_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let mut items = Vec::new();
    for number in 1..4 {
        items.push(office.open_case(number, submission(COPY), "1").await);
    }
    let [one, two, three] = items[..] else { panic!("three") };
    let unknown = WorkItem { step: 9, ..one };
    let claims = [(one, 0), (two, 5), (unknown, 0), (three, 0)];
    let old = "OLD_FENCE".to_owned();
    let expected = [Ok(1), Err(old.clone()), Err("UNKNOWN_WORK_ITEM".to_owned()), Ok(1)];
    assert_eq!(claim(&office, &claims).await, expected);
    // Asked again after a lost answer.
    assert_eq!(claim(&office, &claims).await, expected);

    let granted = Ok(CaseState::Granted);
    let ends = [(one, 1), (two, 1), (three, 0), (three, 1)];
    let expected = [granted.clone(), Err(old), Err("completions[2].fence".to_owned()), granted];
    assert_eq!(complete(&office, &ends).await, expected);
    assert_eq!(complete(&office, &ends).await, expected);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_none_nor_more_than_a_hundred() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    for count in [0, 101] {
        let request = BatchClaimWorkItemsRequest { claims: vec![ClaimWorkItemRequest::default(); count] };
        let refusal = office.of("1-01").batch_claim_work_items(request).await.unwrap_err();
        let refusal = status::from_status(&refusal);
        assert_eq!((refusal.kind, refusal.violations[0].field.as_str()), (Kind::Invalid, "claims"));
        let completions = vec![CompleteStepRequest::default(); count];
        let refusal = office.of("1-01").batch_complete_steps(BatchCompleteStepsRequest { completions }).await;
        let refusal = status::from_status(&refusal.unwrap_err());
        assert_eq!((refusal.kind, refusal.violations[0].field.as_str()), (Kind::Invalid, "completions"));
    }
    office.close().await;
}
