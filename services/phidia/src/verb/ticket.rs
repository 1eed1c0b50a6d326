//! `phidia ticket …`

use std::process::ExitCode;

use phidia_domain::{caller::Role, id::EventId};
use phidia_proto::intake::v1::{
    self as wire, BoardCall, CallNextRequest, CancelTicketRequest, ExpectedWait, FinishTicketRequest,
    GetQueueStatisticsRequest, GetTicketRequest, QueueFigures, RecallTicketRequest, SkipTicketRequest,
    StartTicketRequest, TakeTicketRequest, TicketPriority, TicketState, TransferTicketRequest,
    WatchBoardRequest, queue_service_client::QueueServiceClient,
};
use phidia_runtime::{clock::RealClock, ids::Ids, peer::Peer};
use phidia_words::Words;

use super::staff;
use crate::{
    client::Client,
    command::{OfTicket, PriorityName, TakeTicket, Ticket, TicketStats},
    follow::{Until, follow},
    show,
};

pub(crate) async fn run(client: &Client<'_>, verb: Ticket) -> anyhow::Result<ExitCode> {
    match verb {
        Ticket::Take(options) => take(client, options).await?,
        Ticket::Show { ticket } => show_ticket(client, ticket).await?,
        Ticket::Next { counter, point, key } => next(client, counter, point, key).await?,
        Ticket::Recall(of) => {
            let (mut queues, ticket_id, turn) = at_hand(client, of).await?;
            let answer = queues.recall_ticket(RecallTicketRequest { ticket_id, turn }).await?.into_inner();
            if client.json() {
                show::json("phidia.intake.v1.RecallTicketResponse", &answer)?;
            } else {
                show::line(&show::text(client.speech(), answer.spoken.as_ref()));
            }
        }
        Ticket::Start(of) => {
            let (mut queues, ticket_id, turn) = at_hand(client, of).await?;
            let answer = queues.start_ticket(StartTicketRequest { ticket_id, turn }).await?.into_inner();
            told(client, "phidia.intake.v1.StartTicketResponse", &answer, answer.ticket.as_ref())?;
        }
        Ticket::Skip(of) => {
            let (mut queues, ticket_id, turn) = at_hand(client, of).await?;
            let answer = queues.skip_ticket(SkipTicketRequest { ticket_id, turn }).await?.into_inner();
            told(client, "phidia.intake.v1.SkipTicketResponse", &answer, answer.ticket.as_ref())?;
        }
        Ticket::Transfer { of, kind, counter } => {
            let (mut queues, ticket_id, turn) = at_hand(client, of).await?;
            let counter = counter.unwrap_or_default();
            let request = TransferTicketRequest { ticket_id, turn, kind, counter };
            let answer = queues.transfer_ticket(request).await?.into_inner();
            told(client, "phidia.intake.v1.TransferTicketResponse", &answer, answer.ticket.as_ref())?;
        }
        Ticket::Finish { of, dossier: dossier_code } => {
            let (mut queues, ticket_id, turn) = at_hand(client, of).await?;
            let request = FinishTicketRequest { ticket_id, turn, dossier_code };
            let answer = queues.finish_ticket(request).await?.into_inner();
            told(client, "phidia.intake.v1.FinishTicketResponse", &answer, answer.ticket.as_ref())?;
        }
        Ticket::Cancel { ticket: ticket_id } => {
            let mut queues = queues(client, holder(client)).await?;
            let answer = queues.cancel_ticket(CancelTicketRequest { ticket_id }).await?.into_inner();
            told(client, "phidia.intake.v1.CancelTicketResponse", &answer, answer.ticket.as_ref())?;
        }
        Ticket::Board { unit, point, since, once } => board(client, unit, point, since, once).await?,
        Ticket::Stats(options) => stats(client, options).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn queues(client: &Client<'_>, usual: Role) -> anyhow::Result<QueueServiceClient<Peer>> {
    Ok(QueueServiceClient::new(client.peer(usual).await?))
}

/// Who draws a number and gives it back: an officer for whoever stands before them, or anybody for themself.
fn holder(client: &Client<'_>) -> Role {
    if client.is_officer() { Role::Officer } else { Role::Citizen }
}

pub(super) fn key(named: Option<String>) -> String {
    named.unwrap_or_else(|| Ids::random().mint::<EventId>(RealClock.now()).to_string())
}

/// A ticket that an officer has called, by the call that they mean.
async fn at_hand(
    client: &Client<'_>,
    OfTicket { ticket, turn }: OfTicket,
) -> anyhow::Result<(QueueServiceClient<Peer>, String, u32)> {
    let mut queues = queues(client, Role::Officer).await?;
    let turn = match turn {
        Some(turn) => turn,
        None => {
            let request = GetTicketRequest { ticket_id: ticket.clone() };
            queues.get_ticket(request).await?.into_inner().ticket.unwrap_or_default().turn
        }
    };
    Ok((queues, ticket, turn))
}

async fn take(client: &Client<'_>, options: TakeTicket) -> anyhow::Result<()> {
    let TakeTicket { unit: unit_code, point, kind, priority, dossier: dossier_code, key: named } = options;
    let request = TakeTicketRequest {
        idempotency_key: key(named),
        unit_code,
        point,
        kind,
        priority: priority.map_or(TicketPriority::Unspecified, wire_priority).into(),
        dossier_code,
    };
    let answer = queues(client, holder(client)).await?.take_ticket(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.TakeTicketResponse", &answer);
    }
    let ticket = answer.ticket.unwrap_or_default();
    facts(client.speech(), &ticket, answer.people_ahead, answer.expected_wait);
    Ok(())
}

async fn show_ticket(client: &Client<'_>, ticket_id: String) -> anyhow::Result<()> {
    let mut queues = queues(client, holder(client)).await?;
    let answer = queues.get_ticket(GetTicketRequest { ticket_id }).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.GetTicketResponse", &answer);
    }
    let ticket = answer.ticket.unwrap_or_default();
    facts(client.speech(), &ticket, answer.people_ahead, answer.expected_wait);
    Ok(())
}

fn facts(speech: Words, ticket: &wire::Ticket, ahead: u32, wait: Option<ExpectedWait>) {
    let mut facts =
        vec![(speech.term_number(), ticket.number.clone()), (speech.term_state(), stands(speech, ticket))];
    if ticket.state() == TicketState::Waiting {
        facts.push((speech.ticket_before_you(), ahead.to_string()));
        facts.push((speech.term_expected_wait(), expected(speech, wait)));
    }
    facts.push((speech.ticket_ticket(), ticket.ticket_id.clone()));
    show::facts(facts);
}

/// `12 min (8–17)`.
pub(super) fn expected(speech: Words, wait: Option<ExpectedWait>) -> String {
    match wait {
        None => speech.ticket_no_counter_serves_it_now().to_owned(),
        Some(ExpectedWait { minutes, at_least, at_most }) => {
            format!("{minutes} {} ({at_least}–{at_most})", speech.term_min())
        }
    }
}

fn stands(speech: Words, ticket: &wire::Ticket) -> String {
    let at = |words: &str| format!("{words} {}", ticket.counter);
    match ticket.state() {
        TicketState::Unspecified => "–".to_owned(),
        TicketState::Waiting => speech.ticket_waits().to_owned(),
        TicketState::Called => at(speech.ticket_called_to_counter()),
        TicketState::Serving => at(speech.ticket_at_counter()),
        TicketState::Served => speech.term_done().to_owned(),
        TicketState::NoShow => speech.ticket_did_not_come().to_owned(),
        TicketState::Cancelled => speech.ticket_given_back_2().to_owned(),
        TicketState::Unserved => speech.ticket_not_called_before_closing().to_owned(),
    }
}

fn told<M: prost::Message>(
    client: &Client<'_>,
    name: &str,
    answer: &M,
    ticket: Option<&wire::Ticket>,
) -> anyhow::Result<()> {
    if client.json() {
        return show::json(name, answer);
    }
    let Some(ticket) = ticket else { return Ok(()) };
    show::line(&format!("{}: {}", ticket.number, stands(client.speech(), ticket)));
    Ok(())
}

async fn next(client: &Client<'_>, counter: u32, point: String, named: Option<String>) -> anyhow::Result<()> {
    let request = CallNextRequest { idempotency_key: key(named), point, counter };
    let answer = queues(client, Role::Officer).await?.call_next(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.CallNextResponse", &answer);
    }
    let speech = client.speech();
    match &answer.ticket {
        None => show::line(speech.ticket_nobody_waits_for_this_counter()),
        Some(ticket) => {
            show::line(&show::text(speech, answer.spoken.as_ref()));
            show::line(&ticket.ticket_id);
        }
    }
    Ok(())
}

async fn board(
    client: &Client<'_>,
    unit_code: String,
    point: String,
    since: String,
    once: bool,
) -> anyhow::Result<()> {
    let usual = if client.own_unit().is_empty() { Role::Citizen } else { staff(client) };
    let mut queues = queues(client, usual).await?;
    let open = async |resume_token: Option<String>| {
        let request = WatchBoardRequest {
            unit_code: unit_code.clone(),
            point: point.clone(),
            resume_token: resume_token.unwrap_or_else(|| since.clone()),
        };
        queues.watch_board(request).await
    };
    let until = if once { Until::First } else { Until::Stopped };
    follow(client, until, open, |message| {
        match (client.json(), once) {
            (true, true) => show::json("phidia.intake.v1.WatchBoardResponse", &message)?,
            (true, false) => show::json_line("phidia.intake.v1.WatchBoardResponse", &message)?,
            (false, _) => message.calls.iter().for_each(|call| shown(client.speech(), call)),
        }
        Ok(message.resume_token)
    })
    .await
}

fn shown(speech: Words, call: &BoardCall) {
    let again = if call.again { speech.ticket_again() } else { "" };
    show::line(&format!("{} → {}{again}", call.number, call.counter));
}

async fn stats(client: &Client<'_>, options: TicketStats) -> anyhow::Result<()> {
    let TicketStats { unit: unit_code, from: from_day, to: to_day, by_hour, page: page_token } = options;
    let request =
        GetQueueStatisticsRequest { unit_code, from_day, to_day, by_hour, page_size: 0, page_token };
    let answer = queues(client, staff(client)).await?.get_queue_statistics(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.GetQueueStatisticsResponse", &answer);
    }
    let speech = client.speech();
    let headings = [
        speech.term_day(),
        speech.term_unit(),
        speech.term_kind(),
        speech.ticket_taken(),
        speech.ticket_priority(),
        speech.ticket_served(),
        speech.ticket_no_show(),
        speech.ticket_given_back(),
        speech.ticket_unserved(),
        speech.ticket_wait_mean_median_p90(),
        speech.ticket_service_mean_median_p90(),
        speech.ticket_longest(),
    ];
    let rows = answer.figures.iter().map(|figures| row(speech, figures)).collect();
    show::page(speech, &headings, rows, &answer.next_page_token);
    Ok(())
}

fn row(speech: Words, figures: &QueueFigures) -> Vec<String> {
    let day = show::day(&figures.day);
    let mean = |seconds: Option<u32>| seconds.map(|seconds| seconds.div_ceil(60));
    let spread = |three: [Option<u32>; 3]| {
        three.map(|minutes| minutes.map_or("–".to_owned(), |minutes| minutes.to_string())).join("/")
    };
    vec![
        figures.hour.map_or_else(|| day.clone(), |hour| format!("{day} {hour:02}h")),
        match figures.point.as_str() {
            "" => figures.unit_code.clone(),
            point => format!("{} {point}", figures.unit_code),
        },
        if figures.kind.is_empty() { speech.term_all_2().to_owned() } else { figures.kind.clone() },
        figures.taken.to_string(),
        figures.prioritised.to_string(),
        figures.served.to_string(),
        figures.no_shows.to_string(),
        figures.cancelled.to_string(),
        figures.unserved.to_string(),
        spread([mean(figures.mean_wait_seconds), figures.median_wait_minutes, figures.p90_wait_minutes]),
        spread([
            mean(figures.mean_service_seconds),
            figures.median_service_minutes,
            figures.p90_service_minutes,
        ]),
        figures.longest_queue.to_string(),
    ]
}

fn wire_priority(name: PriorityName) -> TicketPriority {
    match name {
        PriorityName::Elderly => TicketPriority::Elderly,
        PriorityName::Disabled => TicketPriority::Disabled,
        PriorityName::Pregnant => TicketPriority::Pregnant,
        PriorityName::SmallChild => TicketPriority::SmallChild,
        PriorityName::Merit => TicketPriority::Merit,
    }
}
