//! `phidia route …`

mod log;

use std::process::ExitCode;

use phidia_domain::caller::Role;
use phidia_proto::routing::v1::{
    AssignOutcome, BatchAssignWorkRequest, Candidate, Decision, ExplainAssignmentRequest, Gate,
    ListWorkRequest, PreviewAssignmentRequest, ReassignWorkRequest, ReleaseWorkRequest, Relocation,
    WorkRecord, WorkState, assign_outcome::Outcome, routing_service_client::RoutingServiceClient,
};
use phidia_runtime::status;
use phidia_words::Words;

use crate::{
    client::Client,
    command::{Route, WorkStateName},
    ending::Ending,
    show::{self, Zone},
};

pub(crate) async fn run(client: &Client<'_>, verb: Route) -> anyhow::Result<ExitCode> {
    match verb {
        Route::Explain { application_id } => explain(client, application_id).await?,
        Route::Preview { procedure, received_at, places, not_at } => {
            let request = PreviewAssignmentRequest {
                procedure_code: procedure,
                received_at_code: received_at,
                places: super::places(&places)?,
                conflicted_unit_codes: not_at,
            };
            preview(client, request).await?;
        }
        Route::Dispatch => list(client, Some(WorkStateName::Unassignable)).await?,
        Route::List { state } => list(client, state).await?,
        Route::Assign { work_items } => return assign(client, &work_items).await,
        Route::Reassign { work_item, unit, reason, fence } => {
            let request = ReassignWorkRequest {
                work_item: Some(super::work_item(&work_item)?),
                unit_code: unit,
                reason,
                expected_fence: fence,
            };
            reassign(client, request).await?;
        }
        Route::Release { work_item, reason } => release(client, &work_item, reason).await?,
        Route::Log { after, limit } => log::list(client, after, limit).await?,
        Route::Replay { decision } => return log::replay(client, decision).await,
        Route::Verify => return log::verify(client).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn explain(client: &Client<'_>, application_id: String) -> anyhow::Result<()> {
    let mut routing = RoutingServiceClient::new(client.peer(Role::Operator).await?);
    let answer = routing.explain_assignment(ExplainAssignmentRequest { application_id }).await?.into_inner();
    if client.json() {
        return show::json("phidia.routing.v1.ExplainAssignmentResponse", &answer);
    }
    let zone = client.zone().await;
    for record in &answer.records {
        print_record(client.speech(), &zone, record);
    }
    Ok(())
}

fn print_record(speech: Words, zone: &Zone, record: &WorkRecord) {
    let item = show::work_item(record.work_item.as_ref());
    let state = stands(speech, record.state());
    match why(speech, record).as_str() {
        "" => show::line(&format!("{item}: {state}")),
        why => show::line(&format!("{item}: {state}, {why}")),
    }
    if let Some(decision) = &record.decision {
        print_decision(speech, zone, decision);
    }
    if let Some(left_out) = record.refusal.as_ref().and_then(|refusal| left_out(speech, refusal)) {
        show::line(&format!("  {left_out}"));
    }
}

fn stands(speech: Words, state: WorkState) -> &'static str {
    match state {
        WorkState::Unspecified => "–",
        WorkState::Waiting => speech.term_waiting(),
        WorkState::Unassignable => speech.route_cannot_be_assigned(),
        WorkState::Assigned => speech.route_assigned(),
        WorkState::Done => speech.term_done(),
        WorkState::Released => speech.term_taken_back(),
        WorkState::AwaitingSupplement => speech.term_awaiting_a_supplement(),
        WorkState::AwaitingPayment => speech.term_awaiting_a_payment(),
        WorkState::Referred => speech.term_awaiting_other_offices(),
    }
}

/// Why it has no unit, or was taken back; empty where neither is so.
fn why(speech: Words, record: &WorkRecord) -> String {
    match (record.unassignable_reason.as_str(), record.release_reason.as_str()) {
        ("", "") => String::new(),
        ("", said) if said.chars().any(char::is_lowercase) => format!("“{said}”"),
        ("", reason) | (reason, _) => speech.why(reason),
    }
}

fn left_out(speech: Words, decision: &Decision) -> Option<String> {
    let reasons = decision.filtered.iter().map(|(reason, count)| format!("{} {count}", speech.why(reason)));
    let reasons: Vec<_> = reasons.collect();
    let label = speech.route_left_out();
    (!reasons.is_empty()).then(|| format!("{label}: {}", reasons.join(", ")))
}

fn print_decision(speech: Words, zone: &Zone, decision: &Decision) {
    show::line(&format!("  {}", show::text(speech, decision.sentence.as_ref())));
    let rows = decision.candidates.iter().map(|candidate| {
        let terms: Vec<_> = candidate
            .terms
            .iter()
            .filter(|(_, value)| value.abs() > 0.5)
            .map(|(name, value)| format!("{} {value:.0}", speech.why(name)))
            .collect();
        let chosen = if candidate.unit_id == decision.unit_id { "→ " } else { "" };
        let [finish, risk, score] = expected(zone, candidate);
        vec![
            format!("{chosen}{}", show::text(speech, candidate.unit_name.as_ref())),
            show::minutes(speech, candidate.queued_minutes),
            able(speech, candidate),
            finish,
            risk,
            score,
            terms.join(", "),
        ]
    });
    let headings = [
        speech.route_candidate(),
        speech.route_queued_ahead(),
        speech.route_able_officers(),
        speech.route_predicted_finish(),
        speech.route_risk_of_being_late(),
        speech.route_score_lower_is_better(),
        speech.route_terms_minutes(),
    ];
    show::page(speech, &headings, rows.collect(), "");
    if let Some(gate) = &decision.gate {
        let stays = decision.unit_id == decision.home_unit_id;
        show::line(&format!("  {}", gate_in_words(speech, gate, stays)));
    }
    if let Some(what_if) = &decision.what_if {
        show::line(&format!("  {}", show::text(speech, what_if.sentence.as_ref())));
    }
    let mut below: Vec<_> = left_out(speech, decision).into_iter().collect();
    below.extend(decision.moved.as_ref().map(|moved| relocated(speech, moved)));
    below.push(format!("{} {}", speech.route_policy(), decision.policy));
    below.push(format!("{} {}", speech.route_rules_edition(), decision.rules_edition));
    below.push(format!("{} µs", decision.decided_in_micros));
    show::line(&format!("  {}", below.join("; ")));
}

/// Who could do it, and how many of them are busy with other work until later.
fn able(speech: Words, candidate: &Candidate) -> String {
    let Candidate { competent_officers, busy_officers, .. } = candidate;
    match busy_officers {
        0 => competent_officers.to_string(),
        _ => format!("{competent_officers} ({busy_officers} {})", speech.route_busy()),
    }
}

/// When it would be finished, how likely that is too late, and what it would cost: nothing of the sort is known where
/// nobody could do it.
fn expected(zone: &Zone, candidate: &Candidate) -> [String; 3] {
    if candidate.competent_officers == 0 {
        return ["–", "–", "–"].map(str::to_owned);
    }
    [
        zone.instant(candidate.predicted_finish_at.as_ref()),
        format!("{:.0} %", candidate.late_probability * 100.0),
        format!("{:.1}", candidate.score),
    ]
}

/// How much of the time left home needs, and may use; `stays`: that it is at home.
fn gate_in_words(speech: Words, gate: &Gate, stays: bool) -> String {
    let (needs, left) =
        (show::minutes(speech, gate.finish_minutes), show::minutes(speech, gate.remaining_minutes));
    let share = format!("{:.0} %", gate.share * 100.0);
    match gate.passed {
        true => {
            let keeps = if stays { speech.route_home_keeps_it() } else { speech.route_home_would_keep_it() };
            speech.route_gate_within(keeps, left, needs, share)
        }
        false => speech.route_gate_beyond(left, needs, share),
    }
}

/// How it was moved: by whom, what speaks against it, and what the policy would have chosen.
fn relocated(speech: Words, moved: &Relocation) -> String {
    let mut parts = vec![format!("{} {}", speech.route_moved_by(), moved.by)];
    if !moved.from_unit_id.is_empty() {
        let from = show::text(speech, moved.from_unit_name.as_ref());
        parts.push(format!("{} {from}", speech.term_from()));
    }
    if !moved.violations.is_empty() {
        let against: Vec<_> = moved.violations.iter().map(|name| speech.why(name)).collect();
        parts.push(format!("{}: {}", speech.route_against_the_rules(), against.join(", ")));
    }
    if !moved.instead_unit_id.is_empty() {
        let instead = show::text(speech, moved.instead_unit_name.as_ref());
        parts.push(format!("{}: {instead}", speech.route_the_policys_own_choice()));
    }
    parts.join(", ")
}

async fn preview(client: &Client<'_>, request: PreviewAssignmentRequest) -> anyhow::Result<()> {
    let mut routing = RoutingServiceClient::new(client.peer(Role::Operator).await?);
    let answer = routing.preview_assignment(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.routing.v1.PreviewAssignmentResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    match &answer.decision {
        Some(decision) => print_decision(speech, &zone, decision),
        None => show::line(&format!(
            "{}: {}",
            speech.route_no_unit_can_take_it(),
            speech.why(&answer.unassignable_reason)
        )),
    }
    show::line(&format!("{}: {}", speech.term_promised(), zone.instant(answer.due_at.as_ref())));
    if let Some(outlook) = &answer.outlook {
        show::line(show::text(speech, outlook.sentence.as_ref()).as_ref());
        let (probability, finish) =
            (outlook.on_time_probability * 100.0, zone.instant(outlook.finish_at.as_ref()));
        show::line(
            &speech.route_on_time_with_the_last_step_expected(&finish, format_args!("{:.0}", probability)),
        );
    }
    if answer.decision.is_some() && !answer.unassignable_reason.is_empty() {
        let later = speech.route_no_unit_can_take_a_later_step();
        show::line(&format!("{later}: {}", speech.why(&answer.unassignable_reason)));
    }
    for step in &answer.arithmetic {
        show::line(&format!("  {}", show::text(speech, Some(step))));
    }
    Ok(())
}

async fn list(client: &Client<'_>, state: Option<WorkStateName>) -> anyhow::Result<()> {
    let mut routing = RoutingServiceClient::new(client.peer(Role::Operator).await?);
    let state = match state {
        None => WorkState::Unspecified,
        Some(WorkStateName::Waiting) => WorkState::Waiting,
        Some(WorkStateName::Unassignable) => WorkState::Unassignable,
        Some(WorkStateName::Assigned) => WorkState::Assigned,
        Some(WorkStateName::Done) => WorkState::Done,
        Some(WorkStateName::Released) => WorkState::Released,
    };
    let request = ListWorkRequest { page_size: 1000, page_token: String::new(), state: state.into() };
    let answer = routing.list_work(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.routing.v1.ListWorkResponse", &answer);
    }
    let speech = client.speech();
    let rows = answer.records.iter().map(|record| {
        let unit = record.decision.as_ref().map(|decision| show::text(speech, decision.unit_name.as_ref()));
        vec![
            show::work_item(record.work_item.as_ref()),
            stands(speech, record.state()).to_owned(),
            unit.unwrap_or_else(|| "–".to_owned()),
            why(speech, record),
        ]
    });
    let headings = [speech.term_work_item(), speech.term_state(), speech.route_unit(), speech.term_reason()];
    show::page(speech, &headings, rows.collect(), &answer.next_page_token);
    Ok(())
}

async fn assign(client: &Client<'_>, work_items: &[String]) -> anyhow::Result<ExitCode> {
    let mut routing = RoutingServiceClient::new(client.peer(Role::Operator).await?);
    let work_items = work_items.iter().map(|item| super::work_item(item)).collect::<Result<Vec<_>, _>>()?;
    let request = BatchAssignWorkRequest { work_items: work_items.clone() };
    let answer = routing.batch_assign_work(request).await?.into_inner();
    let refused = |outcome: &AssignOutcome| matches!(outcome.outcome, Some(Outcome::Status(_)));
    let code = Ending::of(!answer.outcomes.iter().any(refused)).into();
    if client.json() {
        show::json("phidia.routing.v1.BatchAssignWorkResponse", &answer)?;
        return Ok(code);
    }
    let speech = client.speech();
    let rows = work_items.iter().zip(&answer.outcomes).map(|(item, outcome)| {
        let (unit, why) = match &outcome.outcome {
            Some(Outcome::Decision(decision)) => (
                show::text(speech, decision.unit_name.as_ref()).to_owned(),
                show::text(speech, decision.sentence.as_ref()).to_owned(),
            ),
            Some(Outcome::Status(status)) => {
                ("–".to_owned(), speech.why(&status::from_message(status).reason))
            }
            None => Default::default(),
        };
        vec![show::work_item(Some(item)), unit, why]
    });
    let headings = [speech.term_work_item(), speech.route_unit(), speech.term_reason()];
    show::page(speech, &headings, rows.collect(), "");
    Ok(code)
}

async fn reassign(client: &Client<'_>, request: ReassignWorkRequest) -> anyhow::Result<()> {
    let mut routing = RoutingServiceClient::new(client.peer(Role::Operator).await?);
    let answer = routing.reassign_work(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.routing.v1.ReassignWorkResponse", &answer);
    }
    let (speech, item) = (client.speech(), show::work_item(answer.work_item.as_ref()));
    show::line(&format!("{}: {item}", speech.route_the_attempt_there()));
    if let Some(decision) = &answer.decision {
        print_decision(speech, &client.zone().await, decision);
    }
    Ok(())
}

async fn release(client: &Client<'_>, work_item: &str, reason: String) -> anyhow::Result<()> {
    let mut routing = RoutingServiceClient::new(client.peer(Role::Operator).await?);
    let request = ReleaseWorkRequest { work_item: Some(super::work_item(work_item)?), reason };
    let answer = routing.release_work(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.routing.v1.ReleaseWorkResponse", &answer);
    }
    let next = show::work_item(answer.next.as_ref());
    show::line(&format!("{}: {next}", client.speech().route_next_attempt()));
    Ok(())
}
