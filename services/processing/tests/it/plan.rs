//! A reform plan, from the file to the last task that is done. The plan is made up: no task of any province.

use phidia_domain::{Kind, Rejection};
use phidia_proto::processing::v1::{
    ImportPlanRequest, ImportPlanResponse, ListPlanTaskChangesRequest, ListPlanTasksRequest,
    ListPlanTasksResponse, PlanCounts, PlanTask, PlanTaskChange, PlanTaskChangeKind, PlanTaskState,
    SetPlanTaskStateRequest, SetPlanTaskStateResponse,
};
use phidia_runtime::status;
use sea_orm::ConnectionTrait as _;

use crate::harness::{Office, an_officer, at, operator, supervisor};

const PLAN: &str = "code,area_vi,area_en,task_vi,task_en,owner,due
A1,Lĩnh vực thử A,Made-up area A,Nhiệm vụ thử một,Made-up task one,Đơn vị thử,2026-11-23
A2,Lĩnh vực thử A,Made-up area A,Nhiệm vụ thử hai,Made-up task two,Đơn vị thử,2026-12-31
B1,Lĩnh vực thử B,Made-up area B,Nhiệm vụ thử ba,Made-up task three,Đơn vị khác,2026-11-22
";

async fn import(office: &Office, text: &str) -> Result<ImportPlanResponse, Rejection> {
    let request = ImportPlanRequest { content: text.as_bytes().to_vec(), file_name: String::new() };
    let answer = office.plans(operator()).import_plan(request).await;
    answer.map(tonic::Response::into_inner).map_err(|status| status::from_status(&status))
}

async fn list(office: &Office, request: ListPlanTasksRequest) -> Result<ListPlanTasksResponse, Rejection> {
    let answer = office.plans(an_officer("1-01")).list_plan_tasks(request).await;
    answer.map(tonic::Response::into_inner).map_err(|status| status::from_status(&status))
}

async fn whole(office: &Office) -> ListPlanTasksResponse {
    let plan = list(office, ListPlanTasksRequest::default()).await.unwrap();
    let total = plan.total.unwrap();
    let parts: [fn(&PlanCounts) -> u32; 6] = [
        |counts| counts.tasks,
        |counts| counts.not_begun,
        |counts| counts.under_way,
        |counts| counts.done,
        |counts| counts.given_up,
        |counts| counts.overdue,
    ];
    for part in parts {
        let sum: u32 = plan.areas.iter().map(|area| part(area.counts.as_ref().unwrap())).sum();
        assert_eq!(sum, part(&total));
    }
    assert_eq!(total.tasks as usize, plan.tasks.len());
    assert_eq!(total.tasks, total.not_begun + total.under_way + total.done + total.given_up);
    plan
}

async fn set(
    office: &Office,
    code: &str,
    state: PlanTaskState,
    note: &str,
) -> Result<SetPlanTaskStateResponse, Rejection> {
    let request = SetPlanTaskStateRequest { code: code.into(), state: state.into(), note: note.into() };
    let answer = office.plans(operator()).set_plan_task_state(request).await;
    answer.map(tonic::Response::into_inner).map_err(|status| status::from_status(&status))
}

/// All pages of what has happened to a task.
async fn changes(office: &Office, code: &str) -> Vec<PlanTaskChange> {
    let mut request =
        ListPlanTaskChangesRequest { code: code.to_owned(), page_size: 1, page_token: String::new() };
    let mut all = Vec::new();
    loop {
        let page = office.plans(supervisor(Some("1"))).list_plan_task_changes(request.clone()).await;
        let page = page.unwrap().into_inner();
        all.extend(page.changes);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return all;
        }
    }
}

fn codes(tasks: &[PlanTask]) -> Vec<&str> {
    tasks.iter().map(|task| task.code.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_comes_in_and_is_worked_off() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    assert!(whole(&office).await.tasks.is_empty());
    assert_eq!(import(&office, PLAN).await.unwrap().added, ["A1", "A2", "B1"]);
    let plan = whole(&office).await;
    assert_eq!(codes(&plan.tasks), ["A1", "A2", "B1"]);
    // It is Monday the 23rd: the last day of A1 is not over yet.
    assert_eq!(plan.day, "2026-11-23");
    let expected = PlanCounts { tasks: 3, not_begun: 3, overdue: 1, ..PlanCounts::default() };
    assert_eq!(plan.total, Some(expected));
    let names: Vec<_> = plan.areas.iter().map(|area| area.name.as_ref().unwrap().en.as_str()).collect();
    assert_eq!(names, ["Made-up area A", "Made-up area B"]);

    // Midnight in the province: in UTC it is Monday still.
    office.clock.set(at("2026-11-23T17:00:00Z"));
    let late = ListPlanTasksRequest { overdue: true, ..ListPlanTasksRequest::default() };
    assert_eq!(codes(&list(&office, late.clone()).await.unwrap().tasks), ["A1", "B1"]);
    let by_then = ListPlanTasksRequest { day: "2026-11-22".into(), ..late.clone() };
    assert!(list(&office, by_then).await.unwrap().tasks.is_empty());

    assert!(set(&office, "A1", PlanTaskState::UnderWay, "").await.unwrap().changed);
    let done = set(&office, "A1", PlanTaskState::Done, "xong sớm").await.unwrap().task.unwrap();
    assert_eq!((done.state(), done.overdue, done.note.as_str()), (PlanTaskState::Done, false, "xong sớm"));
    // An answer that was lost is asked for again, and nothing happens twice.
    assert!(!set(&office, "A1", PlanTaskState::Done, "xong sớm").await.unwrap().changed);
    set(&office, "B1", PlanTaskState::GivenUp, "không còn cần").await.unwrap();
    let plan = whole(&office).await;
    let expected = PlanCounts { tasks: 3, not_begun: 1, done: 1, given_up: 1, ..PlanCounts::default() };
    assert_eq!(plan.total, Some(expected));
    assert!(list(&office, late).await.unwrap().tasks.is_empty());
    let area = ListPlanTasksRequest { area: "Lĩnh vực thử A".into(), ..ListPlanTasksRequest::default() };
    assert_eq!(codes(&list(&office, area.clone()).await.unwrap().tasks), ["A1", "A2"]);
    let done = ListPlanTasksRequest { state: PlanTaskState::Done.into(), ..area };
    let found = list(&office, done).await.unwrap();
    assert_eq!((codes(&found.tasks), found.total), (vec!["A1"], plan.total));

    let told: Vec<_> = changes(&office, "A1").await;
    let told: Vec<_> = told.iter().map(|one| (one.number, one.kind(), one.state(), &*one.note)).collect();
    assert_eq!(
        told,
        [
            (1, PlanTaskChangeKind::Added, PlanTaskState::NotBegun, ""),
            (2, PlanTaskChangeKind::Set, PlanTaskState::UnderWay, ""),
            (3, PlanTaskChangeKind::Set, PlanTaskState::Done, "xong sớm"),
        ]
    );
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_file_amends_the_plan_and_takes_nothing_away() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    import(&office, PLAN).await.unwrap();
    set(&office, "A2", PlanTaskState::UnderWay, "đã giao").await.unwrap();
    let before = whole(&office).await;
    assert_eq!(import(&office, PLAN).await.unwrap().unchanged, ["A1", "A2", "B1"]);
    assert_eq!(whole(&office).await, before);

    // A2 comes first and is due later; B1 is not in the file any more, B2 is new.
    let (header, lines) = PLAN.split_once('\n').unwrap();
    let lines: Vec<_> = lines.lines().collect();
    let later =
        [header, &lines[1].replace("2026-12-31", "2027-01-31"), lines[0], &lines[2].replace("B1", "B2"), ""];
    let imported = import(&office, &later.join("\n")).await.unwrap();
    assert_eq!((imported.added, imported.amended), (vec!["B2".to_owned()], vec!["A2".to_owned()]));
    assert_eq!((imported.unchanged, imported.left_out), (vec!["A1".to_owned()], vec!["B1".to_owned()]));
    let plan = whole(&office).await;
    assert_eq!(codes(&plan.tasks), ["A2", "A1", "B1", "B2"]);
    // How far it has come, and what was said of it, is as it was.
    let task = &plan.tasks[0];
    assert_eq!((task.state(), &*task.due, &*task.note), (PlanTaskState::UnderWay, "2027-01-31", "đã giao"));
    let told: Vec<_> = changes(&office, "A2").await;
    let told: Vec<_> = told.iter().map(|one| (one.kind(), one.state(), &*one.due, &*one.actor)).collect();
    assert_eq!(
        told,
        [
            (PlanTaskChangeKind::Added, PlanTaskState::NotBegun, "2026-12-31", "operator/o"),
            (PlanTaskChangeKind::Set, PlanTaskState::UnderWay, "2026-12-31", "operator/o"),
            (PlanTaskChangeKind::Amended, PlanTaskState::UnderWay, "2027-01-31", "operator/o"),
        ]
    );
    assert_eq!(changes(&office, "A1").await.len(), 1);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_refused_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    import(&office, PLAN).await.unwrap();
    let before = whole(&office).await;

    let wrong = PLAN.replace("2026-12-31", "31/12/2026").replace("\nA1", "\nC1");
    let refused = import(&office, &wrong).await.unwrap_err();
    let places: Vec<_> = refused.violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!((refused.reason.as_str(), places), ("MALFORMED_PLAN", vec!["plan.csv:3:79"]));
    let named = ImportPlanRequest { content: wrong.into_bytes(), file_name: "plans/08.csv".into() };
    let refused = office.plans(operator()).import_plan(named).await.unwrap_err();
    assert_eq!(status::from_status(&refused).violations[0].field, "plans/08.csv:3:79");
    let many: String = (0..298).map(|code| format!("C{code},a,a,b,b,c,2026-12-31\n")).collect();
    let many = format!("{}\n{many}", PLAN.lines().next().unwrap());
    assert_eq!(import(&office, &many).await.unwrap_err().reason, "PLAN_TOO_LONG");

    let refused = set(&office, "C1", PlanTaskState::Done, "").await.unwrap_err();
    assert_eq!((refused.kind, refused.reason.as_str()), (Kind::NotFound, "UNKNOWN_PLAN_TASK"));
    for (state, note, field) in [
        (PlanTaskState::Unspecified, "", "state"),
        (PlanTaskState::GivenUp, "", "note"),
        (PlanTaskState::Done, "a\nb", "note"),
    ] {
        assert_eq!(set(&office, "A1", state, note).await.unwrap_err().violations[0].field, field);
    }
    let nowhere =
        ListPlanTasksRequest { area: "Lĩnh vực thử C".into(), ..ListPlanTasksRequest::default() };
    assert_eq!(list(&office, nowhere).await.unwrap_err().reason, "UNKNOWN_PLAN_AREA");
    let never = ListPlanTasksRequest { day: "hôm nay".into(), ..ListPlanTasksRequest::default() };
    assert_eq!(list(&office, never).await.unwrap_err().violations[0].field, "day");
    let mut reader = office.plans(supervisor(None));
    for (code, page_token, reason) in
        [("C1", "", "UNKNOWN_PLAN_TASK"), ("A1", "x", "MALFORMED_PAGE_TOKEN"), ("", "", "MISSING_FIELD")]
    {
        let request =
            ListPlanTaskChangesRequest { code: code.into(), page_size: 0, page_token: page_token.into() };
        let refused = reader.list_plan_task_changes(request).await.unwrap_err();
        assert_eq!(status::from_status(&refused).reason, reason);
    }

    // Who reads does not write.
    for caller in [an_officer("1-01"), supervisor(None), supervisor(Some("1"))] {
        let request = ImportPlanRequest { content: PLAN.as_bytes().to_vec(), file_name: String::new() };
        let refused = office.plans(caller).import_plan(request).await.unwrap_err();
        assert_eq!(status::from_status(&refused).kind, Kind::Forbidden);
    }
    assert_eq!(whole(&office).await, before);
    office.close().await;
}

/// As one is from before there was a bound.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_has_too_many_tasks_may_be_amended_and_not_added_to() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    import(&office, PLAN).await.unwrap();
    let others = "position, area_vi, area_en, what_vi, what_en, owner, due, state, note, changes, changed_at, changed_by";
    let many = format!(
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 300) \
         INSERT INTO plan_tasks (province, code, {others}) \
         SELECT province, 'X' || n, {others} FROM plan_tasks CROSS JOIN n WHERE code = 'A1'"
    );
    let write = office.db.write(move |tx| Box::pin(async move { Ok(tx.execute_unprepared(&many).await?) }));
    write.await.unwrap();
    assert_eq!(whole(&office).await.tasks.len(), 303);
    let amended = import(&office, &PLAN.replace("2026-12-31", "2027-01-31")).await.unwrap();
    assert_eq!((amended.amended, amended.left_out.len()), (vec!["A2".to_owned()], 300));
    let added = format!("{PLAN}C1,a,a,b,b,c,2026-12-31\n");
    assert_eq!(import(&office, &added).await.unwrap_err().reason, "PLAN_TOO_LONG");
    office.close().await;
}

/// Two say at once how far it has come: each is written down, in an order.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_said_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    import(&office, PLAN).await.unwrap();
    let notes: Vec<_> = (0..8).map(|number| format!("tiến độ {number}")).collect();
    let said = notes.iter().map(|note| set(&office, "A2", PlanTaskState::UnderWay, note));
    for answer in futures::future::join_all(said).await {
        assert!(answer.unwrap().changed);
    }
    let told = changes(&office, "A2").await;
    let numbers: Vec<_> = told.iter().map(|change| change.number).collect();
    assert_eq!(numbers, (1..=9).collect::<Vec<_>>());
    let mut heard: Vec<_> =
        told.into_iter().map(|change| change.note).filter(|note| !note.is_empty()).collect();
    heard.sort();
    assert_eq!(heard, notes);
    office.close().await;
}
