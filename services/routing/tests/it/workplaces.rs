//! How many can work at once at a unit: by hand, and as intake's register tells it.

use phidia_domain::{Rejection, caller::Caller};
use phidia_proto::routing::v1::{ChangeOutcome, SetUnitWorkplacesRequest, registry_change::Change};
use tempfile::tempdir;

use crate::{
    harness::{Office, operator, supervisor},
    live::{get, history, refused},
};

async fn set(
    office: &Office,
    caller: Caller,
    workplaces: Option<u32>,
    register_revision: Option<i64>,
) -> Result<ChangeOutcome, Rejection> {
    let request = SetUnitWorkplacesRequest {
        unit_code: "1".into(),
        workplaces,
        reason: "máy hỏng".into(),
        register_revision,
        expected_revision: None,
    };
    let answer = office.registry(caller).set_unit_workplaces(request).await;
    refused(answer).map(|answer| answer.outcome.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn workplaces_are_told_once_in_order_and_set_by_hand_in_between() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let register = || Caller::service("intake");
    let most = async || get(&office, operator(), "1", None).await.unwrap().workplaces;
    assert_eq!(most().await, None);
    for changed in [true, false] {
        let outcome = set(&office, register(), Some(2), Some(3)).await.unwrap();
        assert_eq!((outcome.revision, outcome.changed), (1, changed));
    }
    // A telling that was under way for long, and comes behind a later one.
    assert!(!set(&office, register(), Some(9), Some(2)).await.unwrap().changed);
    assert_eq!(most().await, Some(2));
    assert!(set(&office, supervisor(Some("1")), Some(1), None).await.unwrap().changed);
    assert!(!set(&office, register(), Some(2), Some(3)).await.unwrap().changed);
    assert_eq!(most().await, Some(1));
    assert!(set(&office, register(), None, Some(4)).await.unwrap().changed);
    assert_eq!(most().await, None);
    // Also as of then.
    assert_eq!(get(&office, operator(), "1", Some(2)).await.unwrap().workplaces, Some(1));
    let told = history(&office, operator(), "1", "").await.unwrap();
    let mosts: Vec<_> = told
        .into_iter()
        .map(|change| match change.change {
            Some(Change::Workplaces(workplaces)) => workplaces.most,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(mosts, [None, Some(1), Some(2)]);

    let refusal = |outcome: Result<ChangeOutcome, Rejection>| outcome.unwrap_err().reason;
    assert_eq!(refusal(set(&office, operator(), Some(1), Some(5)).await), "NOT_THE_REGISTER");
    assert_eq!(refusal(set(&office, register(), Some(1), Some(0)).await), "OUT_OF_RANGE");
    assert_eq!(refusal(set(&office, supervisor(Some("2")), Some(1), None).await), "OTHER_UNIT");
}
