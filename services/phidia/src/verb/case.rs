//! `phidia case …`

use std::process::ExitCode;

use phidia_domain::{application::Language, caller::Role};
use phidia_proto::{
    events::v1::StepOutcome,
    processing::v1::{
        Case as CaseMessage, CaseState, CaseWorkItem, ClaimNextWorkItemRequest, ClaimWorkItemRequest,
        CompleteStepRequest, GetCaseRequest, HandOverWorkItemRequest, ListWorklistRequest,
        ListWorklistResponse, RequestSupplementRequest, ReturnWorkItemRequest, Turn,
        case_service_client::CaseServiceClient, get_case_request::Key,
    },
};

use crate::{
    client::Client,
    command::Case,
    refusal,
    show::{self, Zone, say},
};

pub(crate) async fn run(client: &Client<'_>, verb: Case) -> anyhow::Result<ExitCode> {
    match verb {
        Case::Worklist { unit, all } => worklist(client, unit, all).await?,
        Case::Claim { work_item, fence } => claim(client, &work_item, fence).await?,
        Case::Next => next(client).await?,
        Case::Return { work_item, fence } => give_back(client, &work_item, fence).await?,
        Case::HandOver { work_item: Some(work_item), fence, to, .. } => {
            hand_over(client, &work_item, fence, to).await?;
        }
        Case::HandOver { from, to, .. } => {
            return hand_over_all(client, &from.unwrap_or_default(), &to).await;
        }
        Case::Complete { work_item, fence, refuse } => complete(client, &work_item, fence, refuse).await?,
        Case::Supplement { work_item, fence, reasons } => {
            supplement(client, &work_item, fence, reasons).await?;
        }
        Case::Show { id } => show_one(client, id).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn worklist(client: &Client<'_>, unit_code: String, all: bool) -> anyhow::Result<()> {
    let usual = if unit_code.is_empty() || client.is_officer() { Role::Officer } else { Role::Operator };
    // Theirs is named too: by its code the server knows whether there is such a unit.
    let unit_code = if unit_code.is_empty() { client.own_unit() } else { unit_code };
    let mut cases = CaseServiceClient::new(client.peer(usual).await?);
    let request = ListWorklistRequest { unit_code, page_size: 200, all, ..ListWorklistRequest::default() };
    let answer = cases.list_worklist(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.ListWorklistResponse", &answer);
    }
    print_items(client.speech(), &answer.work_items, &answer.next_page_token);
    Ok(())
}

fn print_items(speech: Language, items: &[CaseWorkItem], next_page_token: &str) {
    let rows = items.iter().map(|item| {
        vec![
            item.minutes_left.map_or_else(|| "–".to_owned(), |left| show::minutes(speech, left)),
            // The first line names it twice, so that whoever searches for the one finds the other.
            format!(
                "{}  {}\n--fence {}{}; {}: {}",
                item.dossier_code,
                show::work_item(item.work_item.as_ref()),
                item.fence,
                match holder(item) {
                    "" => String::new(),
                    holder => format!(", {} {holder}", say(speech, "người giữ", "held by")),
                },
                show::text(speech, item.step_name.as_ref()),
                show::brief(&show::text(speech, item.procedure_name.as_ref())),
            ),
        ]
    });
    let headings = [
        say(speech, "Còn lại", "Time left"),
        say(speech, "Hồ sơ, việc; người giữ; bước, thủ tục", "Dossier, work item; holder; step, procedure"),
    ];
    show::page(speech, &headings, rows.collect(), next_page_token);
}

/// Who holds a work item, for colleagues; empty: nobody.
fn holder(item: &CaseWorkItem) -> &str {
    // Who has left the office has an id only.
    if item.officer_code.is_empty() { &item.officer_id } else { &item.officer_code }
}

async fn claim(client: &Client<'_>, work_item: &str, expected_fence: u64) -> anyhow::Result<()> {
    let mut cases = CaseServiceClient::new(client.peer(Role::Officer).await?);
    let request = ClaimWorkItemRequest { work_item: Some(super::work_item(work_item)?), expected_fence };
    let answer = cases.claim_work_item(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.ClaimWorkItemResponse", &answer);
    }
    print_items(client.speech(), answer.work_item.as_slice(), "");
    Ok(())
}

async fn give_back(client: &Client<'_>, work_item: &str, fence: u64) -> anyhow::Result<()> {
    let usual = if client.is_officer() { Role::Officer } else { Role::Supervisor };
    let mut cases = CaseServiceClient::new(client.peer(usual).await?);
    let request = ReturnWorkItemRequest { work_item: Some(super::work_item(work_item)?), fence };
    let answer = cases.return_work_item(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.ReturnWorkItemResponse", &answer);
    }
    print_items(client.speech(), answer.work_item.as_slice(), "");
    Ok(())
}

async fn hand_over(
    client: &Client<'_>,
    work_item: &str,
    expected_fence: u64,
    officer_code: String,
) -> anyhow::Result<()> {
    let mut cases = CaseServiceClient::new(client.peer(Role::Supervisor).await?);
    let work_item = Some(super::work_item(work_item)?);
    let request = HandOverWorkItemRequest { work_item, expected_fence, officer_code };
    let answer = cases.hand_over_work_item(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.HandOverWorkItemResponse", &answer);
    }
    print_items(client.speech(), answer.work_item.as_slice(), "");
    Ok(())
}

/// All that one officer holds, to another; what cannot go is told, and the rest goes nevertheless.
async fn hand_over_all(client: &Client<'_>, from: &str, to: &str) -> anyhow::Result<ExitCode> {
    let mut cases = CaseServiceClient::new(client.peer(Role::Supervisor).await?);
    let (unit_code, mut page_token) = (client.own_unit(), String::new());
    let (mut given, mut refused) = (Vec::<CaseWorkItem>::new(), 0);
    loop {
        let (unit_code, all) = (unit_code.clone(), true);
        let request = ListWorklistRequest { unit_code, page_size: 500, page_token, all };
        let page = cases.list_worklist(request).await?.into_inner();
        for item in page.work_items.into_iter().filter(|item| item.officer_code == from) {
            let (work_item, expected_fence) = (item.work_item, item.fence);
            let named = show::work_item(work_item.as_ref());
            let request = HandOverWorkItemRequest { work_item, expected_fence, officer_code: to.to_owned() };
            match cases.hand_over_work_item(request).await {
                Ok(answer) => given.extend(answer.into_inner().work_item),
                Err(status) => {
                    refused += 1;
                    refusal::tell(&anyhow::Error::from(status).context(named), client.speech());
                }
            }
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    if client.json() {
        show::json(
            "phidia.processing.v1.ListWorklistResponse",
            &ListWorklistResponse { work_items: given, next_page_token: String::new() },
        )?;
    } else if given.is_empty() && refused == 0 {
        show::line(&match client.speech() {
            Language::Vi => format!("Ở đơn vị này không có việc nào do cán bộ {from} giữ."),
            Language::En => format!("At this unit no work is held by officer {from}."),
        });
    } else {
        print_items(client.speech(), &given, "");
    }
    Ok(if refused > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn next(client: &Client<'_>) -> anyhow::Result<()> {
    let mut cases = CaseServiceClient::new(client.peer(Role::Officer).await?);
    let answer = cases.claim_next_work_item(ClaimNextWorkItemRequest {}).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.ClaimNextWorkItemResponse", &answer);
    }
    let (speech, turn) = (client.speech(), answer.turn());
    show::line(why_next(speech, turn));
    if answer.work_item.is_some() {
        print_items(speech, answer.work_item.as_slice(), "");
    }
    Ok(())
}

fn why_next(speech: Language, turn: Turn) -> &'static str {
    match turn {
        Turn::Unspecified => say(speech, "Không còn việc nào chờ bạn.", "Nothing waits for you."),
        Turn::InHand => say(speech, "Bạn đang giữ việc này.", "You have this in hand."),
        Turn::Green => {
            say(speech, "Việc luồng xanh gấp nhất.", "The most urgent of those in a green corridor.")
        }
        Turn::Urgent => {
            say(speech, "Việc gấp nhất còn kịp hạn.", "The most urgent of those that can still be on time.")
        }
        Turn::LateTurn => say(
            speech,
            "Việc quá hạn chờ lâu nhất: cứ bốn lượt có một lượt cho việc quá hạn.",
            "The oldest of those that are late: every fourth turn is theirs.",
        ),
        Turn::Late => say(
            speech,
            "Việc quá hạn chờ lâu nhất; không còn việc nào kịp hạn.",
            "The oldest of those that are late; nothing can be on time any more.",
        ),
    }
}

async fn complete(
    client: &Client<'_>,
    work_item: &str,
    fence: u64,
    refuse: Option<String>,
) -> anyhow::Result<()> {
    let outcome = if refuse.is_some() { StepOutcome::Refused } else { StepOutcome::Approved };
    let request = CompleteStepRequest {
        work_item: Some(super::work_item(work_item)?),
        fence,
        outcome: outcome.into(),
        refusal_reason: refuse.unwrap_or_default(),
    };
    let mut cases = CaseServiceClient::new(client.peer(Role::Officer).await?);
    let answer = cases.complete_step(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.CompleteStepResponse", &answer);
    }
    if let Some(case) = &answer.case {
        print_case(client.speech(), &client.zone().await, case);
    }
    Ok(())
}

async fn supplement(
    client: &Client<'_>,
    work_item: &str,
    fence: u64,
    reasons: Vec<String>,
) -> anyhow::Result<()> {
    let request = RequestSupplementRequest { work_item: Some(super::work_item(work_item)?), fence, reasons };
    let mut cases = CaseServiceClient::new(client.peer(Role::Officer).await?);
    let answer = cases.request_supplement(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.RequestSupplementResponse", &answer);
    }
    if let Some(case) = &answer.case {
        print_case(client.speech(), &client.zone().await, case);
    }
    Ok(())
}

async fn show_one(client: &Client<'_>, id: String) -> anyhow::Result<()> {
    let key = if id.starts_with("case_") { Key::CaseId(id) } else { Key::ApplicationId(id) };
    let mut cases = CaseServiceClient::new(client.peer(Role::Operator).await?);
    let answer = cases.get_case(GetCaseRequest { key: Some(key) }).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.GetCaseResponse", &answer);
    }
    if let Some(case) = &answer.case {
        print_case(client.speech(), &client.zone().await, case);
    }
    print_items(client.speech(), &answer.work_items, "");
    Ok(())
}

fn print_case(speech: Language, zone: &Zone, case: &CaseMessage) {
    let mut facts = vec![
        (say(speech, "Mã hồ sơ", "Dossier code"), case.dossier_code.clone()),
        (say(speech, "Thủ tục", "Procedure"), show::text(speech, case.procedure_name.as_ref())),
        (say(speech, "Trạng thái", "Status"), state(speech, case.state()).to_owned()),
        (say(speech, "Hẹn trả", "Promised"), zone.instant(case.due_at.as_ref())),
    ];
    if let Some(supplement) = &case.supplement {
        let (requested, until) =
            (zone.instant(supplement.requested_at.as_ref()), zone.instant(supplement.until.as_ref()));
        let asked = match (speech, &supplement.received_at) {
            (Language::Vi, None) => format!("yêu cầu lúc {requested}, chậm nhất {until}"),
            (Language::En, None) => format!("asked for {requested}, no later than {until}"),
            (Language::Vi, received) => {
                format!("yêu cầu lúc {requested}, nhận lúc {}", zone.instant(received.as_ref()))
            }
            (Language::En, received) => {
                format!("asked for {requested}, received {}", zone.instant(received.as_ref()))
            }
        };
        facts.push((say(speech, "Bổ sung", "Supplement"), asked));
    }
    facts.push((say(speech, "Mã vụ việc", "Case"), case.case_id.clone()));
    show::facts(facts);
}

/// How a case stands, in words.
pub(super) fn state(speech: Language, state: CaseState) -> &'static str {
    match state {
        CaseState::Unspecified => "–",
        CaseState::AwaitingUnit => say(speech, "chờ phân công", "awaiting its unit"),
        CaseState::Queued => say(speech, "chờ xử lý", "queued"),
        CaseState::InProgress => say(speech, "đang xử lý", "in progress"),
        CaseState::Granted => say(speech, "đã có kết quả", "granted"),
        CaseState::Refused => say(speech, "từ chối", "refused"),
        CaseState::AwaitingSupplement => say(speech, "chờ bổ sung hồ sơ", "awaiting a supplement"),
        CaseState::Withdrawn => say(speech, "người nộp rút hồ sơ", "withdrawn"),
        CaseState::Lapsed => say(speech, "dừng: quá hạn bổ sung", "not supplemented in time"),
    }
}
