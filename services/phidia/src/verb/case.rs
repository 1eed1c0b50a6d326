//! `phidia case …`

mod bulk;
mod postpone;
mod reopen;
pub(super) mod result;
mod trail;
mod watch;
use std::{path::PathBuf, process::ExitCode};

use phidia_domain::caller::Role;
use phidia_proto::{
    events::v1::{DeadlineStage, StepOutcome},
    processing::v1::{
        AwaitedOffice, Case as CaseMessage, CaseState, CaseWorkItem, ClaimNextWorkItemRequest,
        ClaimWorkItemRequest, CompleteStepRequest, GetCaseRequest, HandOverWorkItemRequest,
        ListWorklistRequest, ListWorklistResponse, RenderControlSlipRequest, RenewClaimRequest,
        RequestPaymentRequest, RequestSupplementRequest, ReturnWorkItemRequest, SendBackStepRequest, Turn,
        awaited::What, case_service_client::CaseServiceClient, get_case_request::Key,
        render_control_slip_request,
    },
};
use phidia_words::Words;

use crate::{
    client::Client,
    command::Case,
    ending::Ending,
    refusal,
    show::{self, Zone},
};

pub(crate) async fn run(client: &Client<'_>, verb: Case) -> anyhow::Result<ExitCode> {
    match verb {
        Case::Worklist { unit, all, waiting } => worklist(client, unit, all, waiting).await?,
        Case::Claim { work_item, fence } => claim(client, &work_item, fence).await?,
        Case::Next => next(client).await?,
        Case::Renew { work_item, fence } => renew(client, &work_item, fence).await?,
        Case::Return { work_item, fence } => give_back(client, &work_item, fence).await?,
        Case::HandOver { work_item: Some(work_item), fence, to, .. } => {
            hand_over(client, &work_item, fence, to).await?;
        }
        Case::HandOver { from, to, .. } => {
            return hand_over_all(client, &from.unwrap_or_default(), &to).await;
        }
        Case::Complete { work_item, fence, refuse, next_step, result } => {
            let outcome = if refuse.is_some() { StepOutcome::Refused } else { StepOutcome::Approved };
            let request = CompleteStepRequest {
                work_item: Some(super::work_item(&work_item)?),
                fence,
                outcome: outcome.into(),
                refusal_reason: refuse.unwrap_or_default(),
                next_step,
            };
            complete(client, request, result).await?;
        }
        Case::Supplement { work_item, fence, reasons } => {
            supplement(client, &work_item, fence, reasons).await?;
        }
        Case::ClaimAll { work_items } => return bulk::claim(client, &work_items).await,
        Case::CompleteAll { work_items } => return bulk::complete(client, &work_items).await,
        Case::SendBack { work_item, fence, to_step, reason } => {
            let work_item = Some(super::work_item(&work_item)?);
            send_back(client, SendBackStepRequest { work_item, fence, to_step, reason }).await?;
        }
        Case::Payment { work_item, fence, amount_dong, purpose } => {
            let work_item = Some(super::work_item(&work_item)?);
            payment(client, RequestPaymentRequest { work_item, fence, amount_dong, purpose }).await?;
        }
        Case::Watch { unit, since } => watch::run(client, unit, since).await?,
        Case::Postpone { id, to, because } => postpone::run(client, id, &to, because).await?,
        Case::Reopen { id, decision, reason, to_step } => {
            reopen::run(client, id, decision, reason, to_step).await?;
        }
        Case::Result(verb) => result::run(client, verb).await?,
        Case::ControlSlip { id, out } => control_slip(client, id, &out).await?,
        Case::Show { id, trail } => show_one(client, id, trail).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn control_slip(client: &Client<'_>, id: String, out: &str) -> anyhow::Result<()> {
    let usual = if client.is_officer() { Role::Officer } else { Role::Operator };
    let mut cases = CaseServiceClient::new(client.peer(usual).await?);
    let key = match id.starts_with("app_") {
        true => render_control_slip_request::Key::ApplicationId(id),
        false => render_control_slip_request::Key::CaseId(id),
    };
    let answer = cases.render_control_slip(RenderControlSlipRequest { key: Some(key) }).await?.into_inner();
    super::document::write(client, answer.document, out)
}

async fn worklist(client: &Client<'_>, unit_code: String, all: bool, waiting: bool) -> anyhow::Result<()> {
    let usual = if unit_code.is_empty() || client.is_officer() { Role::Officer } else { Role::Operator };
    // Theirs is named too: by its code the server knows whether there is such a unit.
    let unit_code = if unit_code.is_empty() { client.own_unit() } else { unit_code };
    let mut cases = CaseServiceClient::new(client.peer(usual).await?);
    let request = ListWorklistRequest { unit_code, page_size: 200, page_token: String::new(), all, waiting };
    let answer = cases.list_worklist(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.ListWorklistResponse", &answer);
    }
    print_items(client, &answer.work_items, &answer.next_page_token).await;
    Ok(())
}

async fn print_items(client: &Client<'_>, items: &[CaseWorkItem], next_page_token: &str) {
    let speech = client.speech();
    // Only claims, aims, and what is waited for have an instant to show.
    let has_instant =
        |item: &CaseWorkItem| item.held_until.is_some() || item.aim_at.is_some() || item.awaits.is_some();
    let has_instant = items.iter().any(has_instant);
    let zone = if has_instant { client.zone().await } else { Zone::utc() };
    let rows = items.iter().map(|item| {
        vec![
            match warned(speech, item.warned()) {
                "" => time_left(speech, item),
                warned => format!("{}\n{warned}", time_left(speech, item)),
            },
            // The first line names it twice, so that whoever searches for the one finds the other.
            format!(
                "{}  {}\n--fence {}{}; {}: {}",
                item.dossier_code,
                show::work_item(item.work_item.as_ref()),
                item.fence,
                match holder(item) {
                    "" => String::new(),
                    holder => format!(", {} {holder}{}", speech.case_held_by(), until(speech, &zone, item)),
                },
                show::text(speech, item.step_name.as_ref()),
                show::brief(&show::text(speech, item.procedure_name.as_ref())),
            ) + &awaits(speech, &zone, item)
                + &aim(speech, &zone, item)
                + &together(speech, item)
                + &next_steps(speech, item)
                + &sent_back(speech, item),
        ]
    });
    let headings = [speech.case_time_left(), speech.case_dossier_work_item_holder_step_procedure()];
    show::page(speech, &headings, rows.collect(), next_page_token);
}

/// What it waits for, in a line of its own for each who is to do something; empty: it is not laid down.
fn awaits(speech: Words, zone: &Zone, item: &CaseWorkItem) -> String {
    match item.awaits.as_ref().and_then(|awaited| awaited.what.as_ref()) {
        None => String::new(),
        Some(What::Supplement(asked)) => {
            format!("\n{}", speech.case_waits_for_a_supplement(zone.instant(asked.until.as_ref())))
        }
        Some(What::Payment(asked)) => format!("\n{}", speech.case_waits_for_a_payment(asked.amount_dong)),
        Some(What::Offices(asked)) => {
            let office = |office: &AwaitedOffice| {
                let name = show::text(speech, office.unit_name.as_ref());
                format!("\n{}", speech.case_waits_for_an_office(zone.instant(office.due_at.as_ref()), name))
            };
            asked.offices.iter().map(office).collect()
        }
    }
}

/// By when its step is to be done, in a line of its own; empty: no share of the time says so.
fn aim(speech: Words, zone: &Zone, item: &CaseWorkItem) -> String {
    item.aim_at.as_ref().map_or_else(String::new, |aim| {
        format!("\n{}: {}", speech.case_this_step_aims_at(), zone.instant(Some(aim)))
    })
}

/// Which steps go on together with it, in a line of its own; empty: none.
fn together(speech: Words, item: &CaseWorkItem) -> String {
    match item.together_with.as_slice() {
        [] => String::new(),
        steps => {
            let numbers: Vec<_> = steps.iter().map(ToString::to_string).collect();
            let together = speech.case_together_with_step();
            format!("\n{together} {}", numbers.join(", "))
        }
    }
}

/// Which steps may follow, in a line of its own, where there is a choice.
fn next_steps(speech: Words, item: &CaseWorkItem) -> String {
    match item.next_steps.as_slice() {
        [] | [_] => String::new(),
        steps => {
            let numbers: Vec<_> = steps.iter().map(ToString::to_string).collect();
            format!("\n{}: {}", speech.case_next_next_step(), numbers.join(", "))
        }
    }
}

/// Why a work item was sent back, in a line of its own; empty: it was not.
fn sent_back(speech: Words, item: &CaseWorkItem) -> String {
    match item.sent_back_reason.as_str() {
        "" => String::new(),
        reason => format!("\n{}: {reason}", speech.case_sent_back_to_be_corrected()),
    }
}

fn time_left(speech: Words, item: &CaseWorkItem) -> String {
    item.minutes_left.map_or_else(|| "–".to_owned(), |left| show::minutes(speech, left))
}

/// What was said of its being late soon; empty: nothing.
pub(super) fn warned(speech: Words, stage: DeadlineStage) -> &'static str {
    match stage {
        DeadlineStage::Unspecified => "",
        DeadlineStage::Officer => speech.case_due_soon(),
        DeadlineStage::Supervisor => speech.case_supervisor_told(),
        DeadlineStage::Rescue => speech.case_escalated(),
    }
}

/// Until when they hold it.
fn until(speech: Words, zone: &Zone, item: &CaseWorkItem) -> String {
    item.held_until
        .as_ref()
        .map_or_else(String::new, |until| format!(" {} {}", speech.case_until(), zone.instant(Some(until))))
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
    print_items(client, answer.work_item.as_slice(), "").await;
    Ok(())
}

async fn renew(client: &Client<'_>, work_item: &str, fence: u64) -> anyhow::Result<()> {
    let mut cases = CaseServiceClient::new(client.peer(Role::Officer).await?);
    let request = RenewClaimRequest { work_item: Some(super::work_item(work_item)?), fence };
    let answer = cases.renew_claim(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.RenewClaimResponse", &answer);
    }
    print_items(client, answer.work_item.as_slice(), "").await;
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
    print_items(client, answer.work_item.as_slice(), "").await;
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
    print_items(client, answer.work_item.as_slice(), "").await;
    Ok(())
}

/// All that one officer holds, to another; what cannot go is told, and the rest goes nevertheless.
async fn hand_over_all(client: &Client<'_>, from: &str, to: &str) -> anyhow::Result<ExitCode> {
    let mut cases = CaseServiceClient::new(client.peer(Role::Supervisor).await?);
    let (unit_code, mut page_token) = (client.own_unit(), String::new());
    let (mut given, mut refused) = (Vec::<CaseWorkItem>::new(), 0);
    loop {
        let (unit_code, all) = (unit_code.clone(), true);
        let request = ListWorklistRequest { unit_code, page_size: 500, page_token, all, waiting: false };
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
        show::line(&client.speech().case_at_this_unit_no_work_is_held(from));
    } else {
        print_items(client, &given, "").await;
    }
    Ok(Ending::of(refused == 0).into())
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
        print_items(client, answer.work_item.as_slice(), "").await;
    }
    Ok(())
}

fn why_next(speech: Words, turn: Turn) -> &'static str {
    match turn {
        Turn::Unspecified => speech.case_nothing_waits_for_you(),
        Turn::InHand => speech.case_you_have_this_in_hand(),
        Turn::Green => speech.case_the_most_urgent_of_those_in_a(),
        Turn::Urgent => speech.case_the_most_urgent_of_those_that_can(),
        Turn::LateTurn => speech.case_the_oldest_of_those_that_are_late(),
        Turn::Late => speech.case_the_oldest_of_those_that_are_late_2(),
    }
}

async fn complete(
    client: &Client<'_>,
    request: CompleteStepRequest,
    result: Option<PathBuf>,
) -> anyhow::Result<()> {
    // What cannot be issued is said before anything is decided.
    let file = result.map(|file| result::read_file(&file, None)).transpose()?;
    let mut cases = CaseServiceClient::new(client.peer(Role::Officer).await?);
    let answer = cases.complete_step(request).await?.into_inner();
    let speech = client.speech();
    let case = answer.case.clone().unwrap_or_default();
    if client.json() {
        show::json("phidia.processing.v1.CompleteStepResponse", &answer)?;
    } else {
        print_case(speech, &client.zone().await, &case);
    }
    let Some(file) = file else { return Ok(()) };
    if !matches!(case.state(), CaseState::Granted | CaseState::Refused) {
        show::aside(speech.case_the_file_was_not_issued_the_case());
        return Ok(());
    }
    result::issue(client, case.case_id, file).await?;
    show::aside(speech.case_the_file_was_issued_as_the_result());
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

async fn send_back(client: &Client<'_>, request: SendBackStepRequest) -> anyhow::Result<()> {
    let mut cases = CaseServiceClient::new(client.peer(Role::Officer).await?);
    let answer = cases.send_back_step(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.SendBackStepResponse", &answer);
    }
    if let Some(case) = &answer.case {
        print_case(client.speech(), &client.zone().await, case);
    }
    Ok(())
}

async fn payment(client: &Client<'_>, request: RequestPaymentRequest) -> anyhow::Result<()> {
    let mut cases = CaseServiceClient::new(client.peer(Role::Officer).await?);
    let answer = cases.request_payment(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.RequestPaymentResponse", &answer);
    }
    if let Some(case) = &answer.case {
        print_case(client.speech(), &client.zone().await, case);
    }
    Ok(())
}

async fn show_one(client: &Client<'_>, id: String, with_trail: bool) -> anyhow::Result<()> {
    let key = if id.starts_with("case_") { Key::CaseId(id) } else { Key::ApplicationId(id) };
    let mut cases = CaseServiceClient::new(client.peer(Role::Operator).await?);
    let answer = cases.get_case(GetCaseRequest { key: Some(key) }).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.GetCaseResponse", &answer);
    }
    if let Some(case) = &answer.case {
        print_case(client.speech(), &client.zone().await, case);
    }
    let why = client.speech().case_why_it_was_opened_again();
    show::facts(answer.reopening_reasons.iter().map(|reason| (why, reason.clone())).collect());
    print_items(client, &answer.work_items, "").await;
    if with_trail {
        trail::print(client.speech(), &client.zone().await, &answer.transitions);
    }
    Ok(())
}

fn print_case(speech: Words, zone: &Zone, case: &CaseMessage) {
    let mut facts = vec![
        (speech.term_dossier_code(), case.dossier_code.clone()),
        (speech.term_procedure(), show::text(speech, case.procedure_name.as_ref())),
        (speech.term_status(), state(speech, case.state()).to_owned()),
        (speech.term_promised(), zone.instant(case.due_at.as_ref())),
    ];
    facts.extend(show::wanted_by(speech, case.result_by()));
    if case.corridor_due_at.is_some() {
        let due_at = zone.instant(case.corridor_due_at.as_ref());
        facts.push((speech.case_green_corridor(), due_at));
    }
    if let Some(supplement) = &case.supplement {
        let (requested, until) =
            (zone.instant(supplement.requested_at.as_ref()), zone.instant(supplement.until.as_ref()));
        let asked = match &supplement.received_at {
            None => speech.case_supplement_asked_for(requested, until),
            received => speech.case_supplement_received(zone.instant(received.as_ref()), requested),
        };
        facts.push((speech.case_supplement(), asked));
    }
    for payment in &case.payments {
        let (requested, amount) = (zone.instant(payment.requested_at.as_ref()), payment.amount_dong);
        let asked = match &payment.paid_at {
            None => speech.case_payment_asked_for(amount, requested),
            paid => speech.case_payment_paid(amount, zone.instant(paid.as_ref()), requested),
        };
        facts.push((speech.case_payment(), asked));
    }
    let warned = warned(speech, case.warned());
    if !warned.is_empty() {
        facts.push((speech.case_warning(), warned.to_owned()));
    }
    if let Some(postponement) = &case.postponement {
        let (told, to) =
            (zone.instant(postponement.told_at.as_ref()), zone.instant(postponement.appointment_at.as_ref()));
        let agreed = speech.case_with_an_apology(&to, &told);
        facts.push((speech.term_new_appointment(), agreed));
    }
    for reopening in &case.reopenings {
        facts.push((speech.case_opened_again(), reopen::said(speech, zone, reopening)));
    }
    facts.push((speech.case_case(), case.case_id.clone()));
    show::facts(facts);
}

/// How a case stands, in words.
pub(super) fn state(speech: Words, state: CaseState) -> &'static str {
    match state {
        CaseState::Unspecified => "–",
        CaseState::AwaitingUnit => speech.case_awaiting_its_unit(),
        CaseState::Queued => speech.case_queued(),
        CaseState::InProgress => speech.case_in_progress(),
        CaseState::Granted => speech.case_granted(),
        CaseState::Refused => speech.term_refused(),
        CaseState::AwaitingSupplement => speech.term_awaiting_a_supplement(),
        CaseState::AwaitingPayment => speech.term_awaiting_a_payment(),
        CaseState::Referred => speech.term_awaiting_other_offices(),
        CaseState::Withdrawn => speech.case_withdrawn(),
        CaseState::Lapsed => speech.case_not_supplemented_in_time(),
    }
}
