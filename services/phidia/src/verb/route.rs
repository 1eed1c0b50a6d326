//! `phidia route …`

mod log;

use std::process::ExitCode;

use phidia_domain::{application::Language, caller::Role};
use phidia_proto::routing::v1::{
    AssignOutcome, BatchAssignWorkRequest, Candidate, Decision, ExplainAssignmentRequest, Gate,
    ListWorkRequest, PreviewAssignmentRequest, ReassignWorkRequest, ReleaseWorkRequest, Relocation,
    WorkRecord, WorkState, assign_outcome::Outcome, routing_service_client::RoutingServiceClient,
};
use phidia_runtime::status;

use crate::{
    client::Client,
    command::{Route, WorkStateName},
    reason,
    show::{self, Zone, say},
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

fn print_record(speech: Language, zone: &Zone, record: &WorkRecord) {
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

fn stands(speech: Language, state: WorkState) -> &'static str {
    match state {
        WorkState::Unspecified => "–",
        WorkState::Waiting => say(speech, "đang chờ", "waiting"),
        WorkState::Unassignable => say(speech, "chưa thể phân công", "cannot be assigned"),
        WorkState::Assigned => say(speech, "đã phân công", "assigned"),
        WorkState::Done => say(speech, "đã xong", "done"),
        WorkState::Released => say(speech, "đã rút lại", "taken back"),
        WorkState::AwaitingSupplement => say(speech, "chờ bổ sung hồ sơ", "awaiting a supplement"),
        WorkState::AwaitingPayment => say(speech, "chờ nộp tiền", "awaiting a payment"),
        WorkState::Referred => say(speech, "chờ cơ quan khác", "awaiting other offices"),
    }
}

/// Why it has no unit, or was taken back; empty where neither is so.
fn why(speech: Language, record: &WorkRecord) -> String {
    match (record.unassignable_reason.as_str(), record.release_reason.as_str()) {
        ("", "") => String::new(),
        ("", said) if said.chars().any(char::is_lowercase) => format!("“{said}”"),
        ("", reason) | (reason, _) => words(speech, reason),
    }
}

fn left_out(speech: Language, decision: &Decision) -> Option<String> {
    let reasons =
        decision.filtered.iter().map(|(reason, count)| format!("{} {count}", words(speech, reason)));
    let reasons: Vec<_> = reasons.collect();
    let label = say(speech, "bị loại", "left out");
    (!reasons.is_empty()).then(|| format!("{label}: {}", reasons.join(", ")))
}

fn print_decision(speech: Language, zone: &Zone, decision: &Decision) {
    show::line(&format!("  {}", show::text(speech, decision.sentence.as_ref())));
    let rows = decision.candidates.iter().map(|candidate| {
        let terms: Vec<_> = candidate
            .terms
            .iter()
            .filter(|(_, value)| value.abs() > 0.5)
            .map(|(name, value)| format!("{} {value:.0}", words(speech, name)))
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
        say(speech, "Nơi xét", "Candidate"),
        say(speech, "Việc chờ trước", "Queued ahead"),
        say(speech, "Người làm được", "Able officers"),
        say(speech, "Dự kiến xong", "Predicted finish"),
        say(speech, "Nguy cơ trễ", "Risk of being late"),
        say(speech, "Điểm (thấp hơn là tốt hơn)", "Score (lower is better)"),
        say(speech, "Thành phần (phút)", "Terms (minutes)"),
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
    below.push(format!("{} {}", say(speech, "chính sách", "policy"), decision.policy));
    below.push(format!("{} {}", say(speech, "bộ quy tắc lần", "rules, edition"), decision.rules_edition));
    below.push(format!("{} µs", decision.decided_in_micros));
    show::line(&format!("  {}", below.join("; ")));
}

/// Who could do it, and how many of them are busy with other work until later.
fn able(speech: Language, candidate: &Candidate) -> String {
    let Candidate { competent_officers, busy_officers, .. } = candidate;
    match busy_officers {
        0 => competent_officers.to_string(),
        _ => format!("{competent_officers} ({busy_officers} {})", say(speech, "đang bận", "busy")),
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
fn gate_in_words(speech: Language, gate: &Gate, stays: bool) -> String {
    let (needs, left) =
        (show::minutes(speech, gate.finish_minutes), show::minutes(speech, gate.remaining_minutes));
    let share = format!("{:.0} %", gate.share * 100.0);
    match (speech, gate.passed) {
        (Language::Vi, true) => {
            let keeps = if stays { "giữ lại" } else { "theo quy tắc thì giữ lại" };
            format!("Nơi có thẩm quyền cần {needs} trong {left} còn lại, không quá {share}: {keeps}.")
        }
        (Language::Vi, false) => {
            format!("Nơi có thẩm quyền cần {needs} trong {left} còn lại, quá {share}: xét nơi khác.")
        }
        (Language::En, true) => {
            let keeps = if stays { "it keeps it" } else { "by the rules it would keep it" };
            format!("Home needs {needs} of the {left} left, within {share}: {keeps}.")
        }
        (Language::En, false) => {
            format!("Home needs {needs} of the {left} left, beyond {share}: others are looked at.")
        }
    }
}

/// How it was moved: by whom, what speaks against it, and what the policy would have chosen.
fn relocated(speech: Language, moved: &Relocation) -> String {
    let mut parts = vec![format!("{} {}", say(speech, "chuyển bởi", "moved by"), moved.by)];
    if !moved.from_unit_id.is_empty() {
        let from = show::text(speech, moved.from_unit_name.as_ref());
        parts.push(format!("{} {from}", say(speech, "từ", "from")));
    }
    if !moved.violations.is_empty() {
        let against: Vec<_> = moved.violations.iter().map(|name| words(speech, name)).collect();
        parts.push(format!("{}: {}", say(speech, "trái quy tắc", "against the rules"), against.join(", ")));
    }
    if !moved.instead_unit_id.is_empty() {
        let instead = show::text(speech, moved.instead_unit_name.as_ref());
        parts.push(format!("{}: {instead}", say(speech, "hệ thống chọn", "the policy's own choice")));
    }
    parts.join(", ")
}

/// A term of the score, why a unit was left out or why work cannot be assigned, in words.
pub(super) fn words(speech: Language, name: &str) -> String {
    let vi = match name {
        "boundary" => Some("ranh giới"),
        "continuity" => Some("tiếp nối việc trước"),
        "distance" => Some("quãng đường"),
        "fairness" => Some("công bằng"),
        "finish" => Some("thời gian xong"),
        "late" => Some("trễ hạn"),
        "out_of_scope" => Some("ngoài phạm vi"),
        "not_competent" => Some("không có người làm được"),
        "closed" => Some("đang nghỉ"),
        "full" => Some("đã đầy việc"),
        "risk" => Some("nguy cơ trễ"),
        "lent" => Some("đã giúp gần đây"),
        "rarity" => Some("năng lực hiếm"),
        "conflicted" => Some("có xung đột lợi ích"),
        "originals_elsewhere" => Some("bản chính ở nơi khác"),
        "not_accepting" => Some("tạm không nhận việc"),
        "quarantined" => Some("tạm không nhận việc nơi khác"),
        "absent" => Some("người làm được vắng mặt"),
        "at_capacity" => Some("đã đủ số việc"),
        "borrowed_enough" => Some("đã nhận đủ việc nơi khác"),
        "not_needed" => Some("xa hơn mức cần xét"),
        "outweighed" => Some("đã xét, kém hơn"),
        "home_unknown" => Some("chưa rõ đơn vị có thẩm quyền"),
        reason => reason::vietnamese(reason),
    };
    match vi {
        Some(vi) if speech == Language::Vi => vi.to_owned(),
        _ => name.to_lowercase().replace('_', " "),
    }
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
            say(speech, "chưa nơi nào làm được", "no unit can take it"),
            words(speech, &answer.unassignable_reason)
        )),
    }
    show::line(&format!("{}: {}", say(speech, "Hẹn trả", "Promised"), zone.instant(answer.due_at.as_ref())));
    if let Some(outlook) = &answer.outlook {
        show::line(show::text(speech, outlook.sentence.as_ref()).as_ref());
        let (probability, finish) =
            (outlook.on_time_probability * 100.0, zone.instant(outlook.finish_at.as_ref()));
        show::line(&match speech {
            Language::Vi => {
                format!("  khả năng đúng hạn {probability:.0} %, bước cuối dự kiến xong {finish}")
            }
            Language::En => {
                format!("  on time with {probability:.0} %, the last step expected to be finished {finish}")
            }
        });
    }
    if answer.decision.is_some() && !answer.unassignable_reason.is_empty() {
        let later = say(speech, "chưa nơi nào làm được một bước sau", "no unit can take a later step");
        show::line(&format!("{later}: {}", words(speech, &answer.unassignable_reason)));
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
    let headings = [
        say(speech, "Việc", "Work item"),
        say(speech, "Trạng thái", "State"),
        say(speech, "Nơi làm", "Unit"),
        say(speech, "Lý do", "Reason"),
    ];
    show::page(speech, &headings, rows.collect(), &answer.next_page_token);
    Ok(())
}

async fn assign(client: &Client<'_>, work_items: &[String]) -> anyhow::Result<ExitCode> {
    let mut routing = RoutingServiceClient::new(client.peer(Role::Operator).await?);
    let work_items = work_items.iter().map(|item| super::work_item(item)).collect::<Result<Vec<_>, _>>()?;
    let request = BatchAssignWorkRequest { work_items: work_items.clone() };
    let answer = routing.batch_assign_work(request).await?.into_inner();
    let refused = |outcome: &AssignOutcome| matches!(outcome.outcome, Some(Outcome::Status(_)));
    let code = if answer.outcomes.iter().any(refused) { ExitCode::FAILURE } else { ExitCode::SUCCESS };
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
                ("–".to_owned(), words(speech, &status::from_message(status).reason))
            }
            None => Default::default(),
        };
        vec![show::work_item(Some(item)), unit, why]
    });
    let headings =
        [say(speech, "Việc", "Work item"), say(speech, "Nơi làm", "Unit"), say(speech, "Lý do", "Reason")];
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
    show::line(&format!("{}: {item}", say(speech, "lần xử lý mới", "the attempt there")));
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
    show::line(&format!("{}: {next}", say(client.speech(), "lần thử kế tiếp", "next attempt")));
    Ok(())
}
