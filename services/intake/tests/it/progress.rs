//! What routing and processing tell, as a citizen sees it.

use phidia_domain::id::{EventId, Id as _, UnitId};
use phidia_proto::{
    convert::wire_timestamp,
    events::v1::{
        CaseCompleted, CaseOpened, CasePaused, CaseReopened, CaseResumed, Event, Referrals, StepOutcome,
        StepReady, StepStarted, SupplementRequested, Verdict, WaitedFor, WorkAssigned, WorkUnassignable,
        case_paused::WaitsFor, event::Fact,
    },
    intake::v1::{
        Application, GetApplicationRequest, ListApplicationsRequest, Receipt, TrackApplicationRequest,
        TrackApplicationResponse,
    },
    types::v1::{ApplicationStatus as Status, Text, WorkItem},
};

use crate::harness::{Intake, MORNING, at, files, officer, request, system};

pub(crate) fn event(number: u128, application: &str, fact: Fact) -> Event {
    Event {
        id: EventId::from_uuid(uuid::Uuid::from_u128(number)).to_string(),
        province: "37".into(),
        application_id: application.into(),
        source: "processing".into(),
        occurred_at: Some(wire_timestamp(at(MORNING))),
        fact: Some(fact),
        ..Default::default()
    }
}

fn name(unit: &str) -> Option<Text> {
    Some(Text { vi: format!("Trung tâm {unit}"), en: format!("Centre {unit}") })
}

pub(crate) fn unit(code: &str) -> String {
    UnitId::of("37", code).to_string()
}

/// The first attempt at the first step.
pub(crate) fn first(application: &str) -> Option<WorkItem> {
    Some(WorkItem { application_id: application.into(), step: 1, attempt: 1 })
}

fn assigned(application: &str, code: &str) -> Fact {
    let work_item = first(application);
    Fact::WorkAssigned(WorkAssigned {
        work_item,
        unit_id: unit(code),
        unit_name: name(code),
        ..Default::default()
    })
}

pub(crate) fn opened(code: &str) -> Fact {
    Fact::CaseOpened(CaseOpened { case_id: String::new(), unit_id: unit(code), unit_name: name(code) })
}

pub(crate) fn completed(outcome: StepOutcome) -> Fact {
    let completed_at = Some(wire_timestamp(at("2026-11-23T09:00:00Z")));
    Fact::CaseCompleted(CaseCompleted {
        outcome: outcome.into(),
        completed_at,
        on_time: true,
        ..Default::default()
    })
}

async fn get(intake: &Intake, id: &str) -> Application {
    let request = GetApplicationRequest { application_id: id.to_owned() };
    intake.applications(system()).get_application(request).await.unwrap().into_inner().application.unwrap()
}

pub(crate) async fn track(intake: &Intake, receipt: &Receipt) -> TrackApplicationResponse {
    let Receipt { dossier_code, check_code, .. } = receipt.clone();
    let request = TrackApplicationRequest { dossier_code, check_code };
    intake.applications(system()).track_application(request).await.unwrap().into_inner()
}

pub(crate) async fn tell(intake: &Intake, events: &[Event]) {
    for receipt in intake.tell(events.to_vec()).await {
        assert_eq!((receipt.verdict(), receipt.reason.as_str()), (Verdict::Applied, ""));
    }
}

#[tokio::test]
async fn whoever_tracks_it_is_told_why_it_is_where_it_is() {
    let intake = Intake::new().await;
    let receipt = intake.submit(request("k")).await.unwrap();
    let id = receipt.application_id.as_str();
    let text = |vi: &str| Some(Text { vi: vi.to_owned(), en: String::new() });
    let begun = WorkAssigned {
        work_item: first(id),
        for_citizen: text("Làm tại A. Kịp hạn."),
        what_if: text("B đã nhận nếu ít việc hơn."),
        ..WorkAssigned { unit_id: unit("1"), unit_name: name("1"), ..Default::default() }
    };
    let moved = WorkAssigned {
        work_item: first(id),
        for_citizen: text("Làm tại B. Để kịp hạn."),
        ..WorkAssigned { unit_id: unit("2"), unit_name: name("2"), ..Default::default() }
    };
    let way = [
        event(1, id, Fact::WorkAssigned(begun)),
        event(2, id, opened("1")),
        event(3, id, Fact::WorkAssigned(moved)),
    ];
    tell(&intake, &way).await;
    let intake = intake.restarted().await;
    let told: Vec<_> =
        track(&intake, &receipt).await.entries.into_iter().map(|it| (it.why, it.what_if)).collect();
    let expected = [
        (None, None),
        (text("Làm tại A. Kịp hạn."), text("B đã nhận nếu ít việc hơn.")),
        (None, None),
        (text("Làm tại B. Để kịp hạn."), None),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn an_application_goes_its_way_and_what_is_told_twice_counts_once() {
    let intake = Intake::new().await;
    let receipt = intake.submit(request("k")).await.unwrap();
    let id = receipt.application_id.as_str();
    let way = [
        event(
            1,
            id,
            Fact::WorkUnassignable(WorkUnassignable {
                work_item: first(id),
                reason: "NOBODY_COMPETENT".into(),
            }),
        ),
        event(2, id, assigned(id, "1")),
        event(3, id, opened("1")),
        event(4, id, Fact::StepStarted(StepStarted { unit_id: unit("1"), ..Default::default() })),
        event(5, id, Fact::StepReady(StepReady::default())),
        // The unit of the next step does not take the citizen back.
        event(6, id, assigned(id, "2")),
        // Kept there: nothing new.
        event(7, id, assigned(id, "2")),
    ];
    tell(&intake, &way).await;
    tell(&intake, &way).await;
    let now = get(&intake, id).await;
    assert_eq!(
        (now.status(), now.working_unit_name.clone(), now.on_time),
        (Status::InProcess, name("2"), None)
    );
    // Where it is worked on, it may be opened.
    let request = GetApplicationRequest { application_id: id.to_owned() };
    intake.applications(officer("2")).get_application(request).await.unwrap();

    let intake = intake.restarted().await;
    tell(&intake, &[event(8, id, completed(StepOutcome::Approved)), event(9, id, assigned(id, "1"))]).await;
    let now = get(&intake, id).await;
    assert_eq!((now.status(), now.working_unit_name.clone()), (Status::Granted, None));
    assert_eq!(
        (now.finished_at.unwrap().seconds, now.on_time),
        (at("2026-11-23T09:00:00Z").as_second(), Some(true))
    );

    let tracked = track(&intake, &receipt).await;
    assert_eq!(tracked.status(), Status::Granted);
    let told: Vec<_> =
        tracked.entries.iter().map(|entry| (entry.status(), entry.unit_name.clone())).collect();
    let a = Some(Text { vi: "Trung tâm A".into(), en: "Centre A".into() });
    let expected = [
        (Status::Accepted, a),
        (Status::AwaitingDispatch, None),
        (Status::Assigned, name("1")),
        (Status::InProcess, name("1")),
        (Status::InProcess, name("2")),
        (Status::Granted, name("2")),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn facts_may_cross_and_a_refusal_is_final() {
    let intake = Intake::new().await;
    let id = intake.submit(request("k")).await.unwrap().application_id;
    tell(&intake, &[event(1, &id, opened("1")), event(2, &id, assigned(&id, "1"))]).await;
    assert_eq!(get(&intake, &id).await.status(), Status::InProcess);
    // Routing's stream is ahead: the opening tells nothing new of where the case is.
    let ahead = intake.submit(request("l")).await.unwrap().application_id;
    tell(
        &intake,
        &[
            event(5, &ahead, assigned(&ahead, "1")),
            event(6, &ahead, assigned(&ahead, "2")),
            event(7, &ahead, opened("1")),
        ],
    )
    .await;
    assert_eq!(get(&intake, &ahead).await.working_unit_name, name("2"));
    tell(&intake, &[event(3, &id, completed(StepOutcome::Refused)), event(4, &id, opened("1"))]).await;
    assert_eq!(get(&intake, &id).await.status(), Status::Refused);
}

#[tokio::test]
async fn what_routing_decided_behind_the_end_is_not_told() {
    let intake = Intake::new().await;
    let receipt = intake.submit(request("k")).await.unwrap();
    let id = receipt.application_id.as_str();
    // A dispatcher took the step back in the moment in which its officer ended it.
    let behind = Event {
        occurred_at: Some(wire_timestamp(at("2026-11-23T09:00:01Z"))),
        ..event(3, id, assigned(id, "2"))
    };
    let way = [
        event(1, id, assigned(id, "1")),
        event(2, id, opened("1")),
        behind,
        event(4, id, completed(StepOutcome::Approved)),
    ];
    tell(&intake, &way).await;
    let told: Vec<_> = track(&intake, &receipt).await.entries.iter().map(|entry| entry.status()).collect();
    assert_eq!(told, [Status::Accepted, Status::Assigned, Status::InProcess, Status::Granted]);
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_the_rest_passes_by() {
    let intake = Intake::new().await;
    let id = intake.submit(request("k")).await.unwrap().application_id;
    let nobody = "app_00000000000000000000000000000001";
    let events = vec![
        event(1, nobody, assigned(nobody, "1")),
        event(2, &id, Fact::WorkAssigned(WorkAssigned::default())),
        event(3, &id, completed(StepOutcome::Unspecified)),
    ];
    let receipts = intake.tell(events).await;
    assert!(receipts.iter().all(|receipt| receipt.verdict() == Verdict::Refused), "{receipts:?}");
    let known = intake.submit(request("l")).await.unwrap().application_id;
    tell(&intake, &[event(4, &known, assigned(&known, "1"))]).await;
    assert_eq!(get(&intake, &id).await.status(), Status::Accepted);
}

/// Two units work on one application at once: both may open it, and its citizen is asked for something until they have answered.
#[tokio::test]
async fn what_goes_on_together_is_open_to_all_who_work_on_it() {
    let intake = Intake::empty().await;
    let mut files = files();
    let steps = "procedure,step,together_with,kind,name_vi,name_en,scope,competence_key,authority,level,effort_minutes\n\
         1.1,1,,work,Tiếp nhận,Reception,province,land,,3,10\n\
         1.1,2,,work,Thẩm tra,Examination,province,land,,3,90\n\
         1.1,3,2,work,Xác minh,Verification,home,fixed,D,3,30\n\
         1.1,4,,sign,Ký,Signature,home,land,,5,8\n\
         1.2,1,,work,Thẩm tra,Examination,home,fixed,D,2,12\n\
         1.3,1,,work,Thẩm tra,Examination,home,none,,2,12\n\
         1.4,1,,work,Thẩm tra,Examination,home,none,,2,12\n";
    files.insert("steps.csv".to_owned(), steps.to_owned());
    intake.import(&files).await.unwrap();
    let receipt = intake.submit(request("k")).await.unwrap();
    let id = receipt.application_id.as_str();
    let found = |step: u32, attempt: u32, code: &str| {
        let work_item = Some(WorkItem { step, attempt, ..first(id).unwrap() });
        let Fact::WorkAssigned(fact) = assigned(id, code) else { unreachable!() };
        Fact::WorkAssigned(WorkAssigned { work_item, ..fact })
    };
    let started = |code: &str| Fact::StepStarted(StepStarted { unit_id: unit(code), ..Default::default() });
    let opens = async |code: &str| {
        let request = GetApplicationRequest { application_id: id.to_owned() };
        let opens = intake.applications(officer(code)).get_application(request).await.is_ok();
        // Whoever may open it finds it by its code, and nobody else does.
        let request =
            ListApplicationsRequest { dossier_code: receipt.dossier_code.clone(), ..Default::default() };
        let found = intake.applications(officer(code)).list_applications(request).await.unwrap();
        assert_eq!(found.into_inner().applications.len(), usize::from(opens), "{code}");
        opens
    };
    tell(&intake, &[event(1, id, found(1, 1, "1")), event(2, id, opened("1")), event(3, id, started("1"))])
        .await;
    tell(&intake, &[event(4, id, found(2, 1, "2")), event(5, id, found(3, 1, "D"))]).await;
    assert!(opens("2").await && opens("D").await);
    // The citizen is asked by one of them; the other goes on, and asks somebody else.
    let none = |step: u32| {
        let Fact::WorkAssigned(fact) = found(step, 1, "2") else { unreachable!() };
        Fact::WorkUnassignable(WorkUnassignable {
            work_item: fact.work_item,
            reason: "NOBODY_COMPETENT".into(),
        })
    };
    let asked = |unit_code: &str| {
        let until = Some(wire_timestamp(at("2026-12-14T10:00:00Z")));
        Fact::SupplementRequested(SupplementRequested {
            unit_id: unit(unit_code),
            until,
            ..Default::default()
        })
    };
    let referred = CasePaused {
        unit_id: unit("D"),
        work_item: Some(WorkItem { step: 3, ..first(id).unwrap() }),
        waits_for: Some(WaitsFor::Referrals(Referrals::default())),
        ..Default::default()
    };
    let resumed = |waited_for: WaitedFor| {
        let waited_for = waited_for.into();
        Fact::CaseResumed(CaseResumed { unit_id: unit("2"), waited_for, ..Default::default() })
    };
    for (number, fact, status) in [
        (6, asked("2"), Status::AwaitingSupplement),
        (7, started("D"), Status::AwaitingSupplement),
        (8, Fact::CasePaused(referred.clone()), Status::AwaitingSupplement),
        (9, resumed(WaitedFor::Offices), Status::AwaitingSupplement),
        (10, found(3, 1, "1"), Status::AwaitingSupplement),
        (11, resumed(WaitedFor::Unspecified), Status::InProcess),
        (20, Fact::CasePaused(referred), Status::InProcess),
        // One of them has no unit at present: it is in process all the same.
        (12, none(3), Status::InProcess),
    ] {
        tell(&intake, &[event(number, id, fact)]).await;
        assert_eq!(get(&intake, id).await.status(), status, "{number}");
    }
    assert!(opens("2").await && !opens("D").await, "it was moved from there");
    // It is refused, and opened again; what routing finds then comes first.
    let ahead = [(13, 2, "2"), (14, 3, "D")];
    tell(&intake, &[event(21, id, completed(StepOutcome::Refused))]).await;
    for (number, step, code) in ahead {
        tell(&intake, &[event(number, id, found(step, 1001, code))]).await;
    }
    assert!(!opens("2").await && !opens("D").await);
    let item = |step: u32| WorkItem { step, ..first(id).unwrap() };
    let reopened_at = Some(wire_timestamp(at("2026-11-23T09:30:00Z")));
    let reached_before = vec![item(1), item(2), item(3)];
    let reopened =
        CaseReopened { reopened_at, reached_before, decision: "QĐ 1".into(), ..Default::default() };
    tell(&intake, &[event(15, id, Fact::CaseReopened(reopened))]).await;
    assert!(opens("2").await && opens("D").await);
    // What follows is one unit's.
    tell(&intake, &[event(16, id, found(4, 1, "D"))]).await;
    assert!(opens("D").await && !opens("2").await);
    let told = track(&intake, &receipt).await.entries;
    let asked = told.iter().filter(|entry| entry.status() == Status::AwaitingSupplement).count();
    assert_eq!(asked, 1, "{told:?}");
}
