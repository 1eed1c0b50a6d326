//! A process whose steps have a share of the time, and may be passed by.

use std::collections::BTreeMap;

use phidia_domain::{Kind, Rejection, work_item::WorkItem};
use phidia_proto::{
    convert,
    events::v1::{ApplicationSubmitted, StepOutcome, event::Fact},
    processing::v1::{
        Case, CaseState, CaseWorkItem, CompleteStepRequest, GetSimplifiedProcessesRequest, InstallPhase,
        SendBackStepRequest,
    },
};
use phidia_runtime::status;

use crate::{
    harness::{Office, at, submission, supervisor},
    province::{self, BIRTH},
};

const STEPS: &str = "procedure,step,kind,name_vi,name_en,scope,competence_key,authority,level,effort_minutes,role,share,next\n\
     1.1,1,work,Thẩm tra,Examination,province,residence,,2,30,examination,50,3 2\n\
     1.1,2,work,Thẩm định,Appraisal,province,residence,,2,30,appraisal,25,3\n\
     1.1,3,sign,Ký,Signature,home,residence,,4,8,approval,25,end\n\
     1.2,1,work,Thẩm tra,Examination,province,none,,2,12,,,\n";

const PROCESSES: &str = "procedure,decision,decided_on,steps_before,time_value_before,time_unit_before\n\
     1.1,2816/QĐ-UBND,2025-12-20,5,4,working_day\n";

fn files() -> BTreeMap<String, Vec<u8>> {
    let mut files = province::files();
    files.insert("steps.csv".to_owned(), STEPS.as_bytes().to_vec());
    files.insert("processes.csv".to_owned(), PROCESSES.as_bytes().to_vec());
    files
}

async fn opened(office: &Office) {
    for phase in [InstallPhase::Stage, InstallPhase::Activate] {
        office.install_files(phase, 1, files()).await.unwrap();
    }
}

/// Three working days after Monday morning: the office is open on Mondays and Wednesdays.
fn birth() -> ApplicationSubmitted {
    let due_at = Some(convert::wire_timestamp(at("2026-12-02T01:00:00Z")));
    ApplicationSubmitted { due_at, ..submission(BIRTH) }
}

async fn approve(office: &Office, item: WorkItem, next_step: u32) -> Result<Case, Rejection> {
    let request = CompleteStepRequest {
        work_item: Some(convert::wire_work_item(item)),
        fence: 1,
        outcome: StepOutcome::Approved.into(),
        refusal_reason: String::new(),
        next_step,
    };
    let answer = office.of("1-01").complete_step(request).await;
    answer.map(|answer| answer.into_inner().case.unwrap()).map_err(|status| status::from_status(&status))
}

async fn send_back(office: &Office, item: WorkItem, to_step: u32) -> Result<Case, Rejection> {
    let work_item = Some(convert::wire_work_item(item));
    let request = SendBackStepRequest { work_item, fence: 1, to_step, reason: "Sai ngày sinh".into() };
    let answer = office.of("1-01").send_back_step(request).await;
    answer.map(|answer| answer.into_inner().case.unwrap()).map_err(|status| status::from_status(&status))
}

/// Step and attempt of the one thing that is to be done at unit 1, and what is said of it.
async fn to_do(office: &Office) -> ((u32, u32), CaseWorkItem) {
    let [line] = <[_; 1]>::try_from(office.worklist("1-01").await).unwrap();
    let item = line.work_item.clone().unwrap();
    ((item.step, item.attempt), line)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_passes_a_step_by_and_goes_through_it_after_all_when_it_is_sent_back() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::without_province(folder.path()).await;
    opened(&office).await;
    let first = office.open_case(1, birth(), "1").await;
    assert_eq!(to_do(&office).await.1.next_steps, [3, 2]);
    office.claim("1-01", first, 0).await.unwrap();
    let refusal = approve(&office, first, 1).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, "NEXT_STEP_NOT_ALLOWED"));
    assert_eq!(refusal.metadata, [("allowed".to_owned(), "3,2".to_owned())]);

    // The usual one: the signature, at the same desk. An answer that got lost may be asked for again.
    for wanted in [0, 0, 3] {
        assert_eq!(approve(&office, first, wanted).await.unwrap().state(), CaseState::Queued);
    }
    assert_eq!(approve(&office, first, 2).await.unwrap_err().reason, "STEP_DONE");
    let signature = WorkItem { step: 3, ..first };
    let (named, line) = to_do(&office).await;
    assert_eq!((named, line.next_steps.len()), ((3, 1), 0));
    let facts = office.told.events("routing", 4).await;
    let facts: Vec<_> = facts.into_iter().map(|event| event.fact.unwrap()).collect();
    let [.., Fact::StepCompleted(done), Fact::StepReady(ready)] = &facts[..] else { panic!("{facts:?}") };
    assert_eq!(done.work_item.as_ref().unwrap().step, 1);
    assert_eq!((ready.work_item.clone(), ready.kept), (Some(convert::wire_work_item(signature)), true));

    // Whoever signs wants it appraised: not by sending it back to what was never done, but to who passed it by.
    office.claim("1-01", signature, 0).await.unwrap();
    let refusal = send_back(&office, signature, 2).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, "STEP_SKIPPED"));
    send_back(&office, signature, 1).await.unwrap();
    for (number, attempt, wanted) in [(1, 1001, 2), (2, 1, 0), (3, 1001, 0)] {
        assert_eq!(to_do(&office).await.0, (number, attempt));
        let item = WorkItem { step: number, attempt, ..first };
        office.claim("1-01", item, 0).await.unwrap();
        approve(&office, item, wanted).await.unwrap();
    }
    let shown = office.get(supervisor(None), first).await.unwrap();
    assert_eq!(shown.case.unwrap().state(), CaseState::Granted);
    let steps: Vec<_> = shown.work_items.iter().map(|item| item.work_item.as_ref().unwrap().step).collect();
    assert_eq!(steps.iter().filter(|step| **step == 2).count(), 1, "{steps:?}");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_says_by_when_it_is_to_be_done_where_its_process_shares_out_the_time() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::without_province(folder.path()).await;
    opened(&office).await;
    let item = office.open_case(1, birth(), "1").await;
    let aim = |line: &CaseWorkItem| line.aim_at.map(|aim| convert::timestamp(aim, "aim_at").unwrap());
    // Half of 24 hours: from Monday, 08:00, until Wednesday, 14:00.
    assert_eq!(aim(&to_do(&office).await.1), Some(at("2026-11-25T07:00:00Z")));
    office.claim("1-01", item, 0).await.unwrap();
    approve(&office, item, 2).await.unwrap();
    // Three quarters: Monday, 10:00. The signature has all of the time.
    assert_eq!(aim(&to_do(&office).await.1), Some(at("2026-11-30T03:00:00Z")));
    let appraisal = WorkItem { step: 2, ..item };
    office.claim("1-01", appraisal, 0).await.unwrap();
    approve(&office, appraisal, 0).await.unwrap();
    assert_eq!(aim(&to_do(&office).await.1), Some(at("2026-12-02T01:00:00Z")));
    let shown = office.get(supervisor(None), item).await.unwrap();
    let aims: Vec<_> = shown.work_items.iter().filter_map(aim).collect();
    assert!(aims.len() == 3 && aims.is_sorted(), "{aims:?}");
    // Where nothing is promised, nothing is aimed at.
    office.open_case(2, submission(BIRTH), "2").await;
    assert_eq!(office.worklist("2-01").await.iter().filter_map(aim).count(), 0);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simplified_process_is_counted_beside_all_that_were_published() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::without_province(folder.path()).await;
    opened(&office).await;
    let ask = async |day: &str| {
        let request = GetSimplifiedProcessesRequest { day: day.to_owned() };
        let answer = office.reports(supervisor(None)).get_simplified_processes(request).await;
        answer.map(tonic::Response::into_inner).map_err(|status| status::from_status(&status))
    };
    let told = ask("").await.unwrap();
    assert_eq!(
        (told.day.as_str(), told.procedures, told.published, told.simplified),
        ("2026-11-23", 2, 1, 1)
    );
    // The usual way passes the appraisal by.
    assert_eq!((told.steps_before, told.steps_after), (5, 2));
    assert_eq!((told.minutes_before, told.minutes_after), (4 * 480, 3 * 480));
    let [one] = &told.processes[..] else { panic!("{told:?}") };
    assert_eq!((one.code.as_str(), one.decision.as_str()), (BIRTH, "2816/QĐ-UBND"));
    assert_eq!(one.time_before.as_ref().unwrap().en, "4 working days");
    assert_eq!(ask("23/11/2026").await.unwrap_err().reason, "MALFORMED_DATE");
    office.close().await;
}
