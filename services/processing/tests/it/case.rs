//! The way of a case, and what comes in another order than it went out.

use phidia_domain::{
    Kind,
    case::Outcome,
    conservation::Place,
    id::{CaseId, OfficerId},
    work_item::WorkItem,
};
use phidia_proto::{
    convert,
    events::v1::{ApplicationSubmitted, StepOutcome, Verdict, event::Fact},
    processing::v1::{CaseState, GetCaseRequest, InstallPhase, get_case_request::Key},
};
use phidia_runtime::status;

use crate::{
    harness::{Office, an_officer, application, assigned, at, event, submission, supervisor},
    province::{self, BIRTH, COPY, unit},
};

#[tokio::test(flavor = "multi_thread")]
async fn from_submission_through_another_unit_to_the_grant() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let due_at = Some(convert::wire_timestamp(at("2026-11-25T01:00:00Z")));
    // Lives in commune 1; unit 2 helps out with the examination.
    let examination = office.open_case(1, submission_due(due_at), "2").await;

    let [line] = office.worklist("2-01").await.try_into().unwrap();
    assert_eq!(line.work_item, Some(convert::wire_work_item(examination)));
    assert_eq!((line.fence, line.officer_id.as_str(), line.minutes_left), (0, "", Some(450 + 30)));
    assert_eq!((line.step_name.unwrap().vi.as_str(), line.level, line.effort_minutes), ("Thẩm tra", 2, 30));
    let field = line.field.unwrap();
    assert_eq!((field.vi.as_str(), field.en.as_str()), ("Hộ tịch", "Civil status"));

    let held = office.claim("2-01", examination, line.fence).await.unwrap();
    let me = OfficerId::of("37", "2-01").to_string();
    assert_eq!((held.fence, held.officer_id == me, held.started_at.is_some()), (1, true, true));
    assert_eq!((line.officer_code.as_str(), held.officer_code.as_str()), ("", "2-01"));
    let case = office.complete("2-01", examination, 1, Outcome::Approved, "").await.unwrap();
    assert_eq!((case.state(), case.on_time), (CaseState::AwaitingUnit, None));
    assert!(office.worklist("2-01").await.is_empty());

    // The signature belongs to commune 1: routing answers StepReady.
    let signature = WorkItem::first(examination.application, 2);
    let answer = office.tell("routing", signature.application, assigned(signature, "1")).await;
    assert_eq!(answer, (Verdict::Applied, String::new()));
    office.clock.set(at("2026-11-25T01:00:00Z"));
    office.claim("1-02", signature, 0).await.unwrap();
    let case = office.complete("1-02", signature, 1, Outcome::Approved, "").await.unwrap();
    assert_eq!((case.state(), case.on_time), (CaseState::Granted, Some(true)));

    for subscriber in ["routing", "intake", "notification"] {
        let events = office.told.events(subscriber, 7).await;
        let sequence: Vec<_> = events.iter().map(|event| event.sequence).collect();
        assert_eq!(sequence, [1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(events[0].actor, "citizen/portal");
        assert_eq!(events[1].actor, "officer/2-01");
        assert!(events.iter().all(|event| event.source == "processing" && event.province == "37"));
        let facts: Vec<_> = events.into_iter().filter_map(|event| event.fact).collect();
        let [
            Fact::CaseOpened(opened),
            Fact::StepStarted(_),
            Fact::StepCompleted(done),
            Fact::StepReady(ready),
            Fact::StepStarted(_),
            Fact::StepCompleted(_),
            Fact::CaseCompleted(completed),
        ] = &facts[..]
        else {
            panic!("other facts than these, or in another order")
        };
        assert_eq!(opened.unit_name.as_ref().unwrap().vi, "Trung tâm B");
        assert_eq!((&done.unit_id, done.outcome()), (&unit("2").to_string(), StepOutcome::Approved));
        assert_eq!(ready.work_item, Some(convert::wire_work_item(signature)));
        assert_eq!((ready.kept, &ready.previous_unit_id), (false, &unit("2").to_string()));
        assert_eq!((completed.outcome(), completed.on_time), (StepOutcome::Approved, true));
        assert_eq!(completed.refusal_reason, "");
    }
    office.close().await;
}

fn submission_due(due_at: Option<prost_types::Timestamp>) -> ApplicationSubmitted {
    ApplicationSubmitted { due_at, ..submission(BIRTH) }
}

/// Unit 2 examines what was received at unit 1. Whether it may sign as well is said by the law of the day of
/// acceptance, and by whether it has a conflict of interest.
#[tokio::test(flavor = "multi_thread")]
async fn a_signature_stays_only_where_law_and_interests_let_it() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::without_province(folder.path()).await;
    let mut files = province::files();
    let steps = "procedure,step,kind,name_vi,name_en,scope,competence_key,authority,level,effort_minutes,\
                 effective_from,effective_to\n\
                 1.1,1,work,Thẩm tra,Examination,province,residence,,2,30,,\n\
                 1.1,2,sign,Ký,Signature,home,residence,,4,8,,2026-11-24\n\
                 1.1,2,sign,Ký tại chỗ,Signature anywhere,province,none,,4,9,2026-11-24,\n\
                 1.2,1,work,Thẩm tra,Examination,province,none,,2,12,,\n";
    files.insert("steps.csv".to_owned(), steps.as_bytes().to_vec());
    for phase in [InstallPhase::Stage, InstallPhase::Activate] {
        office.install_files(phase, 1, files.clone()).await.unwrap();
    }
    for (number, accepted, conflicted, state) in [
        (1, "2026-11-23T16:59:00Z", None, CaseState::AwaitingUnit),
        (2, "2026-11-23T17:00:00Z", None, CaseState::Queued),
        (3, "2026-11-23T17:00:00Z", Some("3"), CaseState::Queued),
        // Sent there by a person, against what the applicant said: the signature looks for another unit.
        (4, "2026-11-23T17:00:00Z", Some("2"), CaseState::AwaitingUnit),
    ] {
        let submitted = ApplicationSubmitted {
            submitted_at: Some(convert::wire_timestamp(at(accepted))),
            conflicted_unit_ids: conflicted.map(|code| unit(code).to_string()).into_iter().collect(),
            ..submission(BIRTH)
        };
        let item = office.open_case(number, submitted, "2").await;
        office.claim("2-01", item, 0).await.unwrap();
        let case = office.complete("2-01", item, 1, Outcome::Approved, "").await.unwrap();
        assert_eq!(case.state(), state, "{accepted} {conflicted:?}");
    }
    let lines = office.worklist("2-01").await;
    assert_eq!(lines.len(), 2);
    for line in lines {
        assert_eq!((line.step_name.unwrap().en.as_str(), line.effort_minutes), ("Signature anywhere", 9));
    }
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_may_stay_goes_on_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let first = office.open_case(1, submission(BIRTH), "1").await;
    office.claim("1-01", first, 0).await.unwrap();
    let case = office.complete("1-01", first, 1, Outcome::Approved, "").await.unwrap();
    assert_eq!(case.state(), CaseState::Queued);

    let second = WorkItem::first(first.application, 2);
    assert_eq!(office.worklist("1-01").await[0].work_item, Some(convert::wire_work_item(second)));
    office.claim("1-02", second, 0).await.unwrap();
    // Routing counts the load of what was kept, and says so: nothing changes by it.
    let answer = office.tell("routing", second.application, assigned(second, "1")).await;
    assert_eq!(answer, (Verdict::Applied, String::new()));
    let case = office.complete("1-02", second, 1, Outcome::Refused, "thiếu giấy tờ").await.unwrap();
    assert_eq!((case.state(), case.on_time), (CaseState::Refused, Some(true)));
    let answer = office.tell("routing", second.application, assigned(second, "1")).await;
    assert_eq!(answer, (Verdict::Applied, String::new()));

    let facts = office.told.facts("notification", 7).await;
    assert!(matches!(&facts[3], Fact::StepReady(ready) if ready.kept));
    let Fact::CaseCompleted(completed) = &facts[6] else { panic!("{facts:?}") };
    assert_eq!(
        (completed.outcome(), completed.refusal_reason.as_str()),
        (StepOutcome::Refused, "thiếu giấy tờ")
    );
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_comes_before_its_application_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = WorkItem::first(application(1), 1);
    let work = event("routing", item.application, assigned(item, "1"));
    assert_eq!(office.deliver(vec![work.clone()]).await[0].0, Verdict::Retry);
    let submitted = Fact::ApplicationSubmitted(submission(COPY));
    assert_eq!(office.tell("intake", item.application, submitted).await.0, Verdict::Applied);
    assert_eq!(office.get(supervisor(None), item).await.unwrap_err().reason, "UNKNOWN_CASE");
    assert!(office.holder.page(None, 10).await.unwrap().is_empty(), "it is still routing's");

    assert_eq!(office.deliver(vec![work.clone()]).await[0].0, Verdict::Applied);
    assert_eq!(office.deliver(vec![work]).await[0].0, Verdict::Applied);
    let case = office.get(supervisor(None), item).await.unwrap();
    assert_eq!((case.work_items.len(), case.case.unwrap().state()), (1, CaseState::Queued));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_never_be_right_is_refused_and_what_may_come_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let submitted = |change: fn(&mut phidia_proto::events::v1::ApplicationSubmitted)| {
        let mut fact = submission(COPY);
        change(&mut fact);
        Fact::ApplicationSubmitted(fact)
    };
    for (fact, verdict, reason) in [
        (submitted(|fact| fact.province_version = 2), Verdict::Retry, ""),
        (submitted(|fact| fact.procedure_code = "9".into()), Verdict::Refused, "UNKNOWN_PROCEDURE"),
        (submitted(|fact| fact.places[0].commune_code = "99".into()), Verdict::Refused, "UNKNOWN_UNIT"),
        (submitted(|fact| fact.submitted_at = None), Verdict::Refused, "MISSING_FIELD"),
        (submitted(|fact| fact.received_at_unit_id = "x".into()), Verdict::Refused, "MALFORMED_ID"),
    ] {
        assert_eq!(office.tell("intake", application(1), fact).await, (verdict, reason.to_owned()));
    }
    let item = office.open_case(2, submission(COPY), "1").await;
    let late = WorkItem { step: 2, ..item };
    let refused = |reason: &str| (Verdict::Refused, reason.to_owned());
    assert_eq!(office.tell("routing", item.application, assigned(late, "1")).await, refused("STEP_NOT_DUE"));
    assert_eq!(
        office.tell("routing", item.application, assigned(item, "2")).await,
        refused("ASSIGNED_OTHERWISE")
    );
    assert_eq!(
        office.tell("routing", application(1), assigned(item, "1")).await,
        refused("OTHER_APPLICATION")
    );
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_attempt_moves_what_nobody_has_begun() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let first = office.open_case(1, submission(BIRTH), "1").await;
    let second = first.next_attempt();
    assert_eq!(office.tell("routing", first.application, assigned(second, "2")).await.0, Verdict::Applied);
    assert!(office.worklist("1-01").await.is_empty());
    let refusal = office.claim("1-01", first, 0).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Conflict, "OLD_FENCE"));

    office.claim("2-01", second, 0).await.unwrap();
    let third = second.next_attempt();
    // Released by routing before it heard of the claim: what is begun stands, and nothing is parked.
    assert_eq!(office.tell("routing", first.application, assigned(third, "1")).await.0, Verdict::Applied);
    assert!(office.worklist("1-01").await.is_empty());
    assert_eq!(office.worklist("2-01").await.len(), 1);
    // It was opened once.
    let facts = office.told.facts("intake", 2).await;
    assert!(matches!(facts[..], [Fact::CaseOpened(_), Fact::StepStarted(_)]), "{facts:?}");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_application_has_one_case_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = office.open_case(1, submission(COPY), "1").await;
    office.claim("1-01", item, 0).await.unwrap();
    let before = office.get(supervisor(None), item).await.unwrap();
    office.told.events("routing", 2).await;
    office.close().await;

    let office = Office::without_province(folder.path()).await;
    let submitted = Fact::ApplicationSubmitted(submission(COPY));
    assert_eq!(office.tell("intake", item.application, submitted).await.0, Verdict::Applied);
    assert_eq!(office.get(supervisor(None), item).await.unwrap(), before);
    assert_eq!(office.holder.page(None, 10).await.unwrap().len(), 1);
    let case = office.complete("1-01", item, 1, Outcome::Approved, "").await.unwrap();
    assert_eq!(case.state(), CaseState::Granted);
    assert_eq!(office.told.facts("routing", 2).await.len(), 2, "what was told before is not told again");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn holdings_name_each_opened_case_once_page_by_page() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let mut items = Vec::new();
    for number in [3, 1, 4, 2] {
        items.push(office.open_case(number, submission(COPY), "1").await);
    }
    for (item, outcome, reason) in
        [(items[0], Outcome::Approved, ""), (items[1], Outcome::Refused, "sai mẫu")]
    {
        office.claim("1-01", item, 0).await.unwrap();
        office.complete("1-01", item, 1, outcome, reason).await.unwrap();
    }
    let (mut places, mut after) = (Vec::new(), None);
    loop {
        let page = office.holder.page(after, 3).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.application);
        places.extend(page.into_iter().map(|holding| (holding.application, holding.place)));
    }
    let expected = [Place::Refused, Place::InCase, Place::Finished, Place::InCase];
    assert_eq!(places, [1, 2, 3, 4].map(application).into_iter().zip(expected).collect::<Vec<_>>());
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn officers_see_the_cases_that_were_at_their_unit() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let first = office.open_case(1, submission(BIRTH), "2").await;
    let moved = first.next_attempt();
    assert_eq!(office.tell("routing", first.application, assigned(moved, "1")).await.0, Verdict::Applied);

    for caller in [an_officer("1-01"), an_officer("2-01"), supervisor(Some("2")), supervisor(None)] {
        let found = office.get(caller, first).await.unwrap();
        let items: Vec<_> = found.work_items.into_iter().filter_map(|item| item.work_item).collect();
        assert_eq!(items, [first, moved].map(convert::wire_work_item));
    }
    for caller in [an_officer("3-01"), supervisor(Some("3"))] {
        assert_eq!(office.get(caller, first).await.unwrap_err().kind, Kind::NotFound);
    }
    let case = office.get(supervisor(None), first).await.unwrap().case.unwrap();
    let by_id = |id: String| async {
        let key = Some(Key::CaseId(id));
        let answer = office.client(supervisor(None)).get_case(GetCaseRequest { key }).await;
        answer.map_err(|status| status::from_status(&status))
    };
    assert_eq!(by_id(case.case_id.clone()).await.unwrap().into_inner().case, Some(case));
    let other: CaseId = phidia_domain::id::Id::from_uuid(uuid::Uuid::from_u128(9));
    assert_eq!(by_id(other.to_string()).await.unwrap_err().kind, Kind::NotFound);
    assert_eq!(by_id("case_1".into()).await.unwrap_err().violations[0].field, "case_id");
    let nothing = office.client(supervisor(None)).get_case(GetCaseRequest { key: None }).await.unwrap_err();
    assert_eq!(status::from_status(&nothing).violations[0].field, "key");
    office.close().await;
}
