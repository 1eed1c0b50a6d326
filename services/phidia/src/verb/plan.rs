//! `phidia plan …`

use std::{fs, path::Path, process::ExitCode};

use anyhow::Context as _;
use phidia_domain::caller::Role;
use phidia_proto::processing::v1::{
    ImportPlanRequest, ListPlanTaskChangesRequest, ListPlanTasksRequest, PlanCounts, PlanTask,
    PlanTaskChange, PlanTaskChangeKind, PlanTaskState, SetPlanTaskStateRequest,
    plan_service_client::PlanServiceClient,
};
use phidia_runtime::peer::Peer;
use phidia_words::Words;

use crate::{
    client::Client,
    command::{ListTasks, Plan, SetTask, TaskStateName},
    show::{self, Zone},
};

/// Small names that do not change (services/processing/README.md).
const TASKS: [&str; 12] = [
    "code",
    "area_vi",
    "area_en",
    "task_vi",
    "task_en",
    "owner",
    "due",
    "state",
    "overdue",
    "note",
    "changed_at",
    "changed_by",
];

pub(crate) async fn run(client: &Client<'_>, verb: Plan) -> anyhow::Result<ExitCode> {
    match verb {
        Plan::Import { file } => import(client, &file).await?,
        Plan::List(options) => list(client, options).await?,
        Plan::Set(options) => set(client, options).await?,
        Plan::History { task, page } => history(client, task, page).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn plans(client: &Client<'_>, usual: Role) -> anyhow::Result<PlanServiceClient<Peer>> {
    Ok(PlanServiceClient::new(client.peer(usual).await?))
}

/// An officer and a supervisor name their unit; whoever names none reads for the province.
fn reader(client: &Client<'_>) -> Role {
    match (client.is_officer(), client.own_unit().is_empty()) {
        (true, _) => Role::Officer,
        (false, false) => Role::Supervisor,
        (false, true) => Role::Operator,
    }
}

async fn import(client: &Client<'_>, file: &Path) -> anyhow::Result<()> {
    let content = fs::read(file).with_context(|| format!("{} can't be read", file.display()))?;
    let file_name = file.display().to_string();
    let mut plans = plans(client, Role::Operator).await?;
    let answer = plans.import_plan(ImportPlanRequest { content, file_name }).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.ImportPlanResponse", &answer);
    }
    let speech = client.speech();
    let codes = |label, codes: &[String]| {
        (label, format!("{} {}", codes.len(), codes.join(" ")).trim_end().to_owned())
    };
    show::facts(vec![
        codes(speech.plan_added(), &answer.added),
        codes(speech.plan_amended(), &answer.amended),
        (speech.plan_unchanged(), answer.unchanged.len().to_string()),
        codes(speech.plan_not_in_the_file_and_kept(), &answer.left_out),
    ]);
    Ok(())
}

async fn list(client: &Client<'_>, options: ListTasks) -> anyhow::Result<()> {
    let ListTasks { area, state, overdue, day, csv } = options;
    let state = state.map_or(PlanTaskState::Unspecified, wire).into();
    let request = ListPlanTasksRequest { area, state, overdue, day };
    let answer = plans(client, reader(client)).await?.list_plan_tasks(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.ListPlanTasksResponse", &answer);
    }
    if csv {
        return show::csv(&TASKS, answer.tasks.iter().map(record).collect());
    }
    let speech = client.speech();
    let headings = [
        speech.term_code(),
        speech.plan_task(),
        speech.plan_owner(),
        speech.term_due(),
        speech.term_state(),
        speech.term_note(),
    ];
    show::page(speech, &headings, answer.tasks.iter().map(|task| row(speech, task)).collect(), "");
    let whole = answer.total.iter().map(|counts| counted(speech.term_all_2().to_owned(), counts));
    let areas = answer
        .areas
        .iter()
        .map(|area| counted(show::text(speech, area.name.as_ref()), &area.counts.unwrap_or_default()));
    let headings = [
        speech.plan_area(),
        speech.plan_tasks(),
        speech.plan_not_begun(),
        speech.plan_under_way(),
        speech.term_done(),
        speech.plan_given_up(),
        speech.plan_overdue_2(),
    ];
    show::line("");
    show::table(&headings, areas.chain(whole).collect());
    Ok(())
}

fn counted(name: String, counts: &PlanCounts) -> Vec<String> {
    let PlanCounts { tasks, not_begun, under_way, done, given_up, overdue } = counts;
    let counts = [tasks, not_begun, under_way, done, given_up, overdue].map(ToString::to_string);
    [name].into_iter().chain(counts).collect()
}

fn row(speech: Words, task: &PlanTask) -> Vec<String> {
    let state = state(speech, task.state());
    let late = speech.plan_overdue();
    vec![
        task.code.clone(),
        show::brief(&show::text(speech, task.what.as_ref())),
        task.owner.clone(),
        show::day(&task.due),
        if task.overdue { format!("{state}{late}") } else { state.to_owned() },
        show::brief(&task.note),
    ]
}

/// A line of the CSV: in the words of the contract, for programs.
fn record(task: &PlanTask) -> Vec<String> {
    let (area, what) = (task.area.clone().unwrap_or_default(), task.what.clone().unwrap_or_default());
    let state = task.state().as_str_name().trim_start_matches("PLAN_TASK_STATE_").to_lowercase();
    let at = task.changed_at.as_ref().and_then(|at| jiff::Timestamp::new(at.seconds, at.nanos).ok());
    vec![
        task.code.clone(),
        area.vi,
        area.en,
        what.vi,
        what.en,
        task.owner.clone(),
        task.due.clone(),
        state,
        task.overdue.to_string(),
        task.note.clone(),
        at.map(|at| at.to_string()).unwrap_or_default(),
        task.changed_by.clone(),
    ]
}

async fn set(client: &Client<'_>, options: SetTask) -> anyhow::Result<()> {
    let SetTask { task, state, note } = options;
    let request = SetPlanTaskStateRequest { code: task, state: wire(state).into(), note };
    let mut plans = plans(client, Role::Operator).await?;
    let answer = plans.set_plan_task_state(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.SetPlanTaskStateResponse", &answer);
    }
    let speech = client.speech();
    let task = answer.task.unwrap_or_default();
    let already = if answer.changed { "" } else { speech.term_nothing_changed() };
    show::line(&format!("{}: {}{already}", task.code, self::state(speech, task.state())));
    Ok(())
}

async fn history(client: &Client<'_>, code: String, page_token: String) -> anyhow::Result<()> {
    let request = ListPlanTaskChangesRequest { code, page_size: 0, page_token };
    let answer = plans(client, reader(client)).await?.list_plan_task_changes(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.ListPlanTaskChangesResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let headings = [
        "",
        speech.term_at(),
        speech.term_by_2(),
        speech.term_what_2(),
        speech.term_state(),
        speech.plan_owner_due(),
        speech.term_note(),
    ];
    let rows = answer.changes.iter().map(|change| happened(speech, &zone, change)).collect();
    show::page(speech, &headings, rows, &answer.next_page_token);
    Ok(())
}

fn happened(speech: Words, zone: &Zone, change: &PlanTaskChange) -> Vec<String> {
    let kind = match change.kind() {
        PlanTaskChangeKind::Unspecified => "–",
        PlanTaskChangeKind::Added => speech.plan_added_2(),
        PlanTaskChangeKind::Amended => speech.plan_amended_2(),
        PlanTaskChangeKind::Set => speech.plan_set(),
    };
    vec![
        change.number.to_string(),
        zone.instant(change.at.as_ref()),
        change.actor.clone(),
        kind.to_owned(),
        state(speech, change.state()).to_owned(),
        format!("{}, {}", change.owner, show::day(&change.due)),
        change.note.clone(),
    ]
}

fn state(speech: Words, state: PlanTaskState) -> &'static str {
    match state {
        PlanTaskState::Unspecified => "–",
        PlanTaskState::NotBegun => speech.plan_not_begun(),
        PlanTaskState::UnderWay => speech.plan_under_way(),
        PlanTaskState::Done => speech.term_done(),
        PlanTaskState::GivenUp => speech.plan_given_up(),
    }
}

fn wire(state: TaskStateName) -> PlanTaskState {
    match state {
        TaskStateName::NotBegun => PlanTaskState::NotBegun,
        TaskStateName::UnderWay => PlanTaskState::UnderWay,
        TaskStateName::Done => PlanTaskState::Done,
        TaskStateName::GivenUp => PlanTaskState::GivenUp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_its_value() {
        let task = PlanTask {
            code: "A1".to_owned(),
            state: PlanTaskState::GivenUp.into(),
            changed_by: "operator/o".to_owned(),
            ..PlanTask::default()
        };
        let record = record(&task);
        assert_eq!(record.len(), TASKS.len());
        let of = |column: &str| record[TASKS.iter().position(|known| *known == column).unwrap()].as_str();
        assert_eq!((of("code"), of("state"), of("overdue")), ("A1", "given_up", "false"));
        assert_eq!((of("changed_at"), of("changed_by")), ("", "operator/o"));
    }
}
