//! Steps that go on together: begun at once, each where it belongs, and followed when the last of them is done.

use std::collections::BTreeMap;

use ::harness::{pdf, postgres_server::PostgresServer};
use phidia_domain::{Kind, case::Outcome, id::ApplicationId, work_item::WorkItem};
use phidia_proto::{
    convert,
    events::v1::{DeadlineStage, StopGround, Verdict, event::Fact},
    processing::v1::{
        Case, CaseState, CompleteStepRequest, ExplainDeadlineRequest, InstallPhase, ReferCaseRequest,
        RenderControlSlipRequest, ReopenCaseRequest, SendBackStepRequest, explain_deadline_request,
        referral_service_client::ReferralServiceClient, render_control_slip_request, reopen_case_request,
    },
    types::v1::ReferralKind,
};
use phidia_runtime::{database::DatabaseConfig, status};
use tonic::Code;

use crate::{
    harness::{Office, an_officer, assigned, at, operator, supervisor},
    province,
    supplement::{ask, birth, received, stop},
};

/// Received where it comes in; then examined there while 2 verifies and 3 sees to what is to be paid; then signed at home.
const STEPS: &str = "procedure,step,together_with,kind,name_vi,name_en,scope,competence_key,authority,level,effort_minutes,share\n\
     1.1,1,,work,Tiếp nhận,Reception,province,residence,,2,10,10\n\
     1.1,2,,work,Thẩm tra,Examination,province,residence,,2,30,40\n\
     1.1,3,2,work,Xác minh,Verification,home,fixed,2,2,20,60\n\
     1.1,4,2,work,Nghĩa vụ tài chính,Financial duty,home,fixed,3,2,20,50\n\
     1.1,5,,sign,Ký,Signature,home,residence,,4,8,30\n\
     1.2,1,,work,Thẩm tra,Examination,province,none,,2,12,\n";
const APPLIED: (Verdict, String) = (Verdict::Applied, String::new());

fn files() -> BTreeMap<String, Vec<u8>> {
    let mut files = province::files();
    files.insert("steps.csv".to_owned(), STEPS.as_bytes().to_vec());
    files
}

async fn installed(office: &Office) {
    for phase in [InstallPhase::Stage, InstallPhase::Activate] {
        office.install_files(phase, 1, files()).await.unwrap();
    }
}

fn step(application: ApplicationId, number: u32) -> WorkItem {
    WorkItem::first(application, number)
}

/// A case of which 2 lies at 1, 3 at 2 and 4 at 3.
async fn parted(office: &Office, number: u128) -> ApplicationId {
    let first = office.open_case(number, birth(), "1").await;
    office.claim("1-01", first, 0).await.unwrap();
    office.complete("1-01", first, 1, Outcome::Approved, "").await.unwrap();
    for (number, unit) in [(3, "2"), (4, "3")] {
        let item = step(first.application, number);
        assert_eq!(office.tell("routing", first.application, assigned(item, unit)).await, APPLIED);
    }
    first.application
}

/// Of these steps each is in the hand of whoever is where it lies.
async fn in_hand(office: &Office, application: ApplicationId, numbers: &[u32]) {
    for number in numbers {
        office.claim(who(*number), step(application, *number), 0).await.unwrap();
    }
}

fn who(number: u32) -> &'static str {
    ["", "1-01", "1-01", "2-01", "3-01", "1-02"][usize::try_from(number).unwrap()]
}

async fn done(office: &Office, application: ApplicationId, number: u32) -> Case {
    office.complete(who(number), step(application, number), 1, Outcome::Approved, "").await.unwrap()
}

fn branches(case: &Case) -> Vec<(u32, CaseState)> {
    case.branches.iter().map(|branch| (branch.step, branch.state())).collect()
}

async fn shown(office: &Office, application: ApplicationId) -> Case {
    office.get(supervisor(None), step(application, 1)).await.unwrap().case.unwrap()
}

async fn heard(office: &Office, facts: usize) -> Vec<Fact> {
    office.told.events("routing", facts).await.into_iter().map(|event| event.fact.unwrap()).collect()
}

/// Which steps are ready, and whether each is where it was before.
fn ready(facts: &[Fact]) -> Vec<(u32, u32, bool)> {
    let ready = facts.iter().filter_map(|fact| match fact {
        Fact::StepReady(ready) => {
            let item = ready.work_item.as_ref().unwrap();
            Some((item.step, item.attempt, ready.kept))
        }
        _ => None,
    });
    ready.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_begins_once_the_last_of_them_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::without_province(folder.path()).await;
    installed(&office).await;
    let application = parted(&office, 1).await;
    // Opened, begun, done, and three that are ready.
    let facts = heard(&office, 6).await;
    assert_eq!(ready(&facts), [(2, 1, true), (3, 1, false), (4, 1, false)]);
    let (lies, works) = (CaseState::Queued, CaseState::InProgress);
    let case = shown(&office, application).await;
    assert_eq!((case.state(), branches(&case)), (lies, vec![(2, lies), (3, lies), (4, lies)]));
    let [line] = &office.worklist("2-01").await[..] else { panic!() };
    assert_eq!((&line.together_with[..], &line.next_steps[..]), (&[2, 4][..], &[5][..]));

    office.clock.set(at("2026-11-23T02:00:00Z"));
    in_hand(&office, application, &[4, 2]).await;
    let case = shown(&office, application).await;
    assert_eq!((case.state(), branches(&case)), (works, vec![(2, works), (3, lies), (4, works)]));
    office.clock.set(at("2026-11-23T03:00:00Z"));
    done(&office, application, 4).await;
    office.clock.set(at("2026-11-23T04:00:00Z"));
    let case = done(&office, application, 2).await;
    assert_eq!((case.state(), branches(&case)), (lies, vec![(3, lies)]));
    // An answer that was lost is the same.
    assert_eq!(branches(&done(&office, application, 4).await), [(3, lies)]);

    office.clock.set(at("2026-11-23T07:00:00Z"));
    in_hand(&office, application, &[3]).await;
    office.clock.set(at("2026-11-23T08:00:00Z"));
    let case = done(&office, application, 3).await;
    assert_eq!((case.state(), branches(&case)), (CaseState::AwaitingUnit, vec![]));
    assert_eq!(ready(&heard(&office, 13).await)[3..], [(5, 1, false)]);
    assert_eq!(office.tell("routing", application, assigned(step(application, 5), "1")).await, APPLIED);
    office.clock.set(at("2026-11-23T09:00:00Z"));
    in_hand(&office, application, &[5]).await;
    assert_eq!(done(&office, application, 5).await.state(), CaseState::Granted);

    // Each was handed over by whoever received it, and what was signed by whoever was done last.
    let key = Some(render_control_slip_request::Key::ApplicationId(application.to_string()));
    let mut officer = office.client(an_officer("1-01"));
    let slip = officer.render_control_slip(RenderControlSlipRequest { key });
    let slip = pdf::text(&slip.await.unwrap().into_inner().document.unwrap().pdf);
    let mut rest = slip.as_str();
    for word in ["Thẩm tra", "Xác minh", "Nghĩa vụ tài chính", "Ký"] {
        let found = rest.find(word).unwrap_or_else(|| panic!("no {word:?} in {rest}"));
        rest = &rest[found + word.len()..];
    }
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_has_its_own_share_of_the_time_and_what_follows_that_of_the_longest() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::without_province(folder.path()).await;
    installed(&office).await;
    let application = parted(&office, 1).await;
    let lines = office.get(supervisor(None), step(application, 1)).await.unwrap().work_items;
    let aims: Vec<_> =
        lines.iter().map(|line| convert::timestamp(line.aim_at.unwrap(), "aim_at").unwrap()).collect();
    // Of 24 working hours on Mondays and Wednesdays from Monday, 08:00: 10, then 50, 70 and 60 parts of a hundred.
    let expected =
        ["2026-11-23T03:24:00Z", "2026-11-25T07:00:00Z", "2026-11-30T01:48:00Z", "2026-11-25T09:24:00Z"];
    assert_eq!(aims, expected.map(at));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_citizen_is_asked_for_one_thing_and_the_others_go_on_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::without_province(folder.path()).await;
    installed(&office).await;
    let application = parted(&office, 1).await;
    in_hand(&office, application, &[2, 3, 4]).await;
    office.clock.set(at("2026-11-23T03:00:00Z"));
    let case = ask(&office, "2-01", step(application, 3), 1, &["Giấy chứng sinh"]).await.unwrap();
    assert_eq!(case.state(), CaseState::AwaitingSupplement);

    let refused =
        office.complete("1-01", step(application, 2), 1, Outcome::Refused, "Thiếu").await.unwrap_err();
    assert_eq!((refused.kind, refused.reason.as_str()), (Kind::Precondition, "CITIZEN_ASKED"));
    assert!(refused.metadata.contains(&("step".to_owned(), "3".to_owned())), "{refused:?}");
    let charged = phidia_proto::processing::v1::RequestPaymentRequest {
        work_item: Some(convert::wire_work_item(step(application, 4))),
        fence: 1,
        amount_dong: 120_000,
        purpose: "Lệ phí".into(),
    };
    let refused = office.of("3-01").request_payment(charged).await.unwrap_err();
    assert_eq!(status::from_status(&refused).reason, "CITIZEN_ASKED");
    let case = done(&office, application, 4).await;
    assert_eq!(branches(&case), [(2, CaseState::InProgress), (3, CaseState::AwaitingSupplement)]);

    // One day that the office was open: all of it is due a day later, also what nobody laid down.
    office.clock.set(at("2026-11-25T03:00:00Z"));
    assert_eq!(office.tell("intake", application, received("2026-11-25T03:00:00Z")).await, APPLIED);
    let case = shown(&office, application).await;
    assert_eq!(case.state(), CaseState::InProgress, "somebody is at work beside it");
    let due = office.worklist("1-01").await[0].due_at;
    assert!(due.is_some() && due == case.due_at && due == office.worklist("2-01").await[0].due_at);
    let key = Some(explain_deadline_request::Key::ApplicationId(application.to_string()));
    let mut client = office.client(supervisor(None));
    let explained = client.explain_deadline(ExplainDeadlineRequest { key });
    assert!(explained.await.unwrap().into_inner().same);
    done(&office, application, 2).await;
    let held = office.claim("2-01", step(application, 3), 2).await.unwrap();
    office.done("2-01", &held).await;
    assert_eq!(shown(&office, application).await.state(), CaseState::AwaitingUnit);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_ends_it_for_all_and_what_is_opened_again_brings_back_what_was_never_done() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::without_province(folder.path()).await;
    installed(&office).await;
    let first = office.open_case(1, birth(), "1").await;
    let application = first.application;
    in_hand(&office, application, &[1]).await;
    done(&office, application, 1).await;
    // 3 has asked another unit, and for 4 no unit is found yet.
    assert_eq!(office.tell("routing", application, assigned(step(application, 3), "2")).await, APPLIED);
    in_hand(&office, application, &[2, 3]).await;
    let asked = ReferCaseRequest {
        work_item: Some(convert::wire_work_item(step(application, 3))),
        fence: 1,
        kind: ReferralKind::Verification.into(),
        unit_codes: vec!["3".into()],
        question: "Có cư trú không?".into(),
        working_days: 0,
    };
    ReferralServiceClient::new(office.peer(an_officer("2-01"))).refer_case(asked).await.unwrap();
    let case =
        office.complete("1-01", step(application, 2), 1, Outcome::Refused, "Thiếu giấy tờ").await.unwrap();
    assert_eq!(case.state(), CaseState::Refused);
    // A move of 4, which will never come here, does not wait for it.
    let fourth = step(application, 4);
    let moved = office.transfer(fourth, 0, fourth.next_attempt(), "2").await.unwrap_err();
    assert_eq!((moved.kind, moved.reason.as_str()), (Kind::Conflict, "CASE_FINISHED"));
    // What the other unit is asked has ended with it, and routing's news of 4 are outrun.
    let facts = heard(&office, 10).await;
    let [.., Fact::StepCompleted(_), Fact::CaseCompleted(_)] = &facts[..] else { panic!("{facts:#?}") };
    assert!(matches!(
        office
            .told
            .facts("notification", 11)
            .await
            .iter()
            .filter(|fact| matches!(fact, Fact::ReferralEnded(_)))
            .count(),
        1
    ));
    assert_eq!(office.tell("routing", application, assigned(step(application, 4), "3")).await, APPLIED);
    assert!(office.worklist("2-01").await.is_empty() && office.worklist("3-01").await.is_empty());

    let request = ReopenCaseRequest {
        decision: "Quyết định 12/QĐ-UBND".into(),
        reason: "Khiếu nại đúng".into(),
        to_step: 0,
        key: Some(reopen_case_request::Key::ApplicationId(application.to_string())),
    };
    let case = office.client(operator()).reopen_case(request).await.unwrap().into_inner().case.unwrap();
    let (lies, waits) = (CaseState::Queued, CaseState::AwaitingUnit);
    assert_eq!(branches(&case), [(2, lies), (3, lies), (4, waits)], "3 goes back to the unit that had it");
    let reopened = ready(&heard(&office, 14).await);
    assert_eq!(reopened[3..], [(2, 1001, true), (3, 1001, true), (4, 1001, false)]);
    // Again of before: outrun.
    assert_eq!(office.tell("routing", application, assigned(step(application, 4), "3")).await, APPLIED);
    assert!(office.worklist("3-01").await.is_empty());
    let again = WorkItem { attempt: 1001, ..step(application, 4) };
    assert_eq!(office.tell("routing", application, assigned(again, "3")).await, APPLIED);
    assert_eq!(office.worklist("3-01").await.len(), 1);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_withdrawn_leaves_all_worklists_and_nothing_is_sent_back_from_the_middle() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::without_province(folder.path()).await;
    installed(&office).await;
    let application = parted(&office, 1).await;
    in_hand(&office, application, &[3]).await;
    let back = SendBackStepRequest {
        work_item: Some(convert::wire_work_item(step(application, 3))),
        fence: 1,
        to_step: 1,
        reason: "Sai ngày sinh".into(),
    };
    let refused = status::from_status(&office.of("2-01").send_back_step(back).await.unwrap_err());
    assert_eq!((refused.kind, refused.reason.as_str()), (Kind::Precondition, "STEPS_TOGETHER"));
    assert!(refused.metadata.contains(&("steps".to_owned(), "2,4".to_owned())), "{refused:?}");

    assert_eq!(office.tell("intake", application, stop(StopGround::Withdrawn)).await, APPLIED);
    assert_eq!(shown(&office, application).await.state(), CaseState::Withdrawn);
    for code in ["1-01", "2-01", "3-01"] {
        assert!(office.worklist(code).await.is_empty(), "{code}");
    }
    let refused = office.complete("2-01", step(application, 3), 1, Outcome::Approved, "").await.unwrap_err();
    assert_eq!(refused.reason, "CASE_STOPPED");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_could_make_it_late_is_warned() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::looking_over(&::harness::store::at(&folder.path().join("processing.db"))).await;
    installed(&office).await;
    let application = parted(&office, 1).await;
    in_hand(&office, application, &[3, 4]).await;
    done(&office, application, 4).await;
    // Half of the time is left.
    office.clock.set(at("2026-11-25T07:00:00Z"));
    let facts = office.told.facts("notification", 11).await;
    let near = facts.into_iter().filter_map(|fact| match fact {
        Fact::DeadlineNear(near) => {
            Some((near.work_item.clone().unwrap().step, near.stage(), near.officer_code))
        }
        _ => None,
    });
    let near: Vec<_> = near.collect();
    let officer = DeadlineStage::Officer;
    assert_eq!(near, [(2, officer, String::new()), (3, officer, "2-01".to_owned())]);
    office.close().await;
}

/// Of two who are done at the same moment, at two replicas, one is the last.
#[tokio::test(flavor = "multi_thread")]
async fn two_are_done_at_once_and_what_follows_begins_once() {
    let url = PostgresServer::shared().new_database().into();
    let store = DatabaseConfig { url, ..DatabaseConfig::default() };
    let (one, other) = (Office::over(&store).await, Office::over(&store).await);
    installed(&one).await;
    for number in 1..=12 {
        let application = parted(&one, number).await;
        in_hand(&one, application, &[2, 3, 4]).await;
        let end = async |office: &Office, number: u32| {
            let request = || CompleteStepRequest {
                work_item: Some(convert::wire_work_item(step(application, number))),
                fence: 1,
                outcome: convert::wire_outcome(Outcome::Approved).into(),
                refusal_reason: String::new(),
                next_step: 0,
            };
            // Whoever was outrun is told to ask again.
            while let Err(status) = office.of(who(number)).complete_step(request()).await {
                assert_eq!(status.code(), Code::Unavailable, "{status:?}");
            }
        };
        tokio::join!(end(&one, 2), end(&other, 3), end(&one, 4));
        // Where 1 was last, it goes on there.
        let case = shown(&one, application).await;
        assert!(matches!(case.state(), CaseState::Queued | CaseState::AwaitingUnit), "{:?}", case.state());
        assert_eq!(case.branches, []);
        assert_eq!(one.tell("routing", application, assigned(step(application, 5), "1")).await, APPLIED);
        in_hand(&one, application, &[5]).await;
        assert_eq!(done(&one, application, 5).await.state(), CaseState::Granted);
    }
    one.close().await;
    other.close().await;
}
