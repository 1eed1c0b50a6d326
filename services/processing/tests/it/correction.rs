//! A step is sent back to an earlier one, corrected, and comes again.

use phidia_domain::{Kind, Rejection, case::Outcome, work_item::WorkItem};
use phidia_proto::{
    convert,
    events::v1::{StepOutcome, event::Fact},
    processing::v1::{Case, CaseState, InstallPhase, SendBackStepRequest},
};
use phidia_runtime::status;

use crate::{
    harness::{Office, assigned, submission, supervisor},
    province::{self, BIRTH, unit},
};

pub(crate) async fn send_back(
    office: &Office,
    item: WorkItem,
    fence: u64,
    to_step: u32,
    reason: &str,
) -> Result<Case, Rejection> {
    let request = SendBackStepRequest {
        work_item: Some(convert::wire_work_item(item)),
        fence,
        to_step,
        reason: reason.into(),
    };
    let answer = office.of("1-01").send_back_step(request).await;
    answer.map(|answer| answer.into_inner().case.unwrap()).map_err(|status| status::from_status(&status))
}

/// The signature of a case, in hand at unit 1, whose examination was done there.
async fn to_sign(office: &Office) -> WorkItem {
    let item = office.open_case(1, submission(BIRTH), "1").await;
    office.claim("1-01", item, 0).await.unwrap();
    office.complete("1-01", item, 1, Outcome::Approved, "").await.unwrap();
    let signature = WorkItem { step: 2, ..item };
    office.claim("1-01", signature, 0).await.unwrap();
    signature
}

async fn heard(office: &Office, facts: usize) -> Vec<Fact> {
    office.told.events("routing", facts).await.into_iter().map(|event| event.fact.unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_did_it_corrects_it_and_the_steps_in_between_come_again() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let signature = to_sign(&office).await;
    for _ in 0..2 {
        let case = send_back(&office, signature, 1, 1, "Sai họ tên ông Nguyễn Văn A").await.unwrap();
        assert_eq!(case.state(), CaseState::Queued);
    }
    let facts = heard(&office, 7).await;
    let [Fact::StepCompleted(done), Fact::StepReady(ready)] = &facts[5..] else { panic!("{facts:?}") };
    assert_eq!(done.outcome(), StepOutcome::SentBack);
    assert_eq!((ready.kept, ready.previous_unit_id.as_str()), (true, unit("1").to_string().as_str()));
    let again = convert::work_item(ready.work_item.clone(), "work_item").unwrap();
    assert_eq!((again.step, again.attempt), (1, 1001));
    // The reason is for whoever looks at the case, and told in no event.
    assert!(!format!("{facts:?}").contains("Nguyễn"));
    let shown = office.get(supervisor(None), signature).await.unwrap();
    let sent_back = shown.work_items.iter().find(|item| item.outcome() == StepOutcome::SentBack).unwrap();
    assert_eq!(sent_back.sent_back_reason, "Sai họ tên ông Nguyễn Văn A");
    // What was sent back is done with.
    let refusal = office.claim("1-01", signature, 1).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, "STEP_DONE"));

    office.claim("1-02", again, 0).await.unwrap();
    office.complete("1-02", again, 1, Outcome::Approved, "").await.unwrap();
    let second = WorkItem { step: 2, attempt: 1001, ..again };
    office.claim("1-01", second, 0).await.unwrap();
    // And once more.
    send_back(&office, second, 1, 1, "Thiếu ngày sinh").await.unwrap();
    let third = WorkItem { step: 1, attempt: 2001, ..again };
    office.claim("1-01", third, 0).await.unwrap();
    office.complete("1-01", third, 1, Outcome::Approved, "").await.unwrap();
    let third = WorkItem { step: 2, attempt: 2001, ..again };
    office.claim("1-01", third, 0).await.unwrap();
    let case = office.complete("1-01", third, 1, Outcome::Approved, "").await.unwrap();
    assert_eq!(case.state(), CaseState::Granted);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_is_left_who_could_routing_finds_another_unit() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    // Examined at unit 2, signed at unit 1.
    let item = office.open_case(1, submission(BIRTH), "2").await;
    office.claim("2-01", item, 0).await.unwrap();
    office.complete("2-01", item, 1, Outcome::Approved, "").await.unwrap();
    let signature = WorkItem { step: 2, ..item };
    office.tell("routing", item.application, assigned(signature, "1")).await;
    office.claim("1-01", signature, 0).await.unwrap();
    // Unit 2 loses whoever mastered it.
    let mut files = province::files();
    let competencies = String::from_utf8(files["competencies.csv"].clone()).unwrap();
    let left = competencies.lines().filter(|line| !line.starts_with("2-01,Hộ tịch")).collect::<Vec<_>>();
    files.insert("competencies.csv".to_owned(), (left.join("\n") + "\n").into_bytes());
    for phase in [InstallPhase::Stage, InstallPhase::Activate] {
        office.install_files(phase, 2, files.clone()).await.unwrap();
    }
    let case = send_back(&office, signature, 1, 1, "Sai họ tên").await.unwrap();
    assert_eq!(case.state(), CaseState::AwaitingUnit);
    let Some(Fact::StepReady(ready)) = heard(&office, 7).await.pop() else { panic!("something else") };
    assert!(!ready.kept);
    let again = convert::work_item(ready.work_item, "work_item").unwrap();
    // News of the first round changes nothing any more; that of this one does.
    office.tell("routing", item.application, assigned(item.next_attempt(), "3")).await;
    assert!(office.worklist("3-01").await.is_empty());
    office.tell("routing", item.application, assigned(again, "3")).await;
    let [line] = office.worklist("3-01").await.try_into().unwrap();
    assert_eq!(convert::work_item(line.work_item.clone(), "work_item").unwrap(), again);
    // Nobody has begun it: it may be moved, whatever was done in the round before.
    let moved = again.next_attempt();
    office.transfer(again, 0, moved, "1").await.unwrap();
    office.claim("1-02", moved, 0).await.unwrap();
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_earlier_step_with_a_reason_by_whoever_holds_it() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let signature = to_sign(&office).await;
    for (to_step, reason, field) in [
        (0, "Sai", "to_step"),
        (2, "Sai", "to_step"),
        (3, "Sai", "to_step"),
        (1, "", "reason"),
        (1, " ", "reason"),
    ] {
        let refusal = send_back(&office, signature, 1, to_step, reason).await.unwrap_err();
        assert_eq!((refusal.kind, refusal.violations[0].field.as_str()), (Kind::Invalid, field));
    }
    let refusal = send_back(&office, signature, 2, 1, "Sai").await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Conflict, "OLD_FENCE"));
    let other = office.open_case(2, submission(BIRTH), "1").await;
    office.claim("1-01", other, 0).await.unwrap();
    let refusal = send_back(&office, other, 1, 1, "Sai").await.unwrap_err();
    assert_eq!(refusal.violations[0].description, "an earlier step: the first has none");
    office.close().await;
}
