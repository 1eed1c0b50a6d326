//! `phidia counter …`

use std::process::ExitCode;

use phidia_domain::caller::Role;
use phidia_proto::{
    intake::v1::{
        self as wire, CloseCounterRequest, GetHallRequest, Hall, OpenCounterRequest, SetCounterRequest,
        SetQueueRequest, queue_service_client::QueueServiceClient,
    },
    types::v1::Text,
};
use phidia_runtime::peer::Peer;

use super::{staff, ticket::expected};
use crate::{
    client::Client,
    command::{Counter, SetCounter, SetKind},
    show,
};

pub(crate) async fn run(client: &Client<'_>, verb: Counter) -> anyhow::Result<ExitCode> {
    match verb {
        Counter::Open { counter, point, staff: officer_code } => {
            let request = OpenCounterRequest { point, counter, officer_code };
            let answer = queues(client, seated(client)).await?.open_counter(request).await?.into_inner();
            told(client, "phidia.intake.v1.OpenCounterResponse", &answer, answer.hall.as_ref()).await?;
        }
        Counter::Close { counter, point } => {
            let request = CloseCounterRequest { point, counter };
            let answer = queues(client, seated(client)).await?.close_counter(request).await?.into_inner();
            told(client, "phidia.intake.v1.CloseCounterResponse", &answer, answer.hall.as_ref()).await?;
        }
        Counter::Set(options) => {
            let SetCounter { counter: number, unit: unit_code, point, name, name_en, kinds, remove } =
                options;
            let name = Some(Text { vi: name, en: name_en });
            let counter = Some(wire::Counter { number, name, kinds });
            let request = SetCounterRequest { unit_code, point, counter, remove };
            let answer = queues(client, staff(client)).await?.set_counter(request).await?.into_inner();
            told(client, "phidia.intake.v1.SetCounterResponse", &answer, answer.hall.as_ref()).await?;
        }
        Counter::Kind(options) => {
            let SetKind {
                kind,
                unit: unit_code,
                point,
                name,
                name_en,
                fields,
                rest,
                papers,
                minutes,
                remove,
            } = options;
            let name = Some(Text { vi: name, en: name_en });
            let queue = Some(wire::Queue { kind, name, fields, rest, papers, usual_minutes: minutes });
            let request = SetQueueRequest { unit_code, point, queue, remove };
            let answer = queues(client, staff(client)).await?.set_queue(request).await?.into_inner();
            told(client, "phidia.intake.v1.SetQueueResponse", &answer, answer.hall.as_ref()).await?;
        }
        Counter::List { unit: unit_code, point } => {
            let request = GetHallRequest { unit_code, point };
            let answer = queues(client, staff(client)).await?.get_hall(request).await?.into_inner();
            told(client, "phidia.intake.v1.GetHallResponse", &answer, answer.hall.as_ref()).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn queues(client: &Client<'_>, usual: Role) -> anyhow::Result<QueueServiceClient<Peer>> {
    Ok(QueueServiceClient::new(client.peer(usual).await?))
}

/// Who sits down: an officer, or whom a supervisor names.
fn seated(client: &Client<'_>) -> Role {
    if client.is_officer() { Role::Officer } else { Role::Supervisor }
}

async fn told<M: prost::Message>(
    client: &Client<'_>,
    name: &str,
    answer: &M,
    hall: Option<&Hall>,
) -> anyhow::Result<()> {
    if client.json() {
        return show::json(name, answer);
    }
    let Some(hall) = hall else { return Ok(()) };
    let (speech, zone) = (client.speech(), client.zone().await);
    let queues = hall.queues.iter().map(|standing| {
        let queue = standing.queue.clone().unwrap_or_default();
        vec![
            queue.kind,
            show::text(speech, queue.name.as_ref()),
            standing.waiting.to_string(),
            expected(speech, standing.expected_wait),
        ]
    });
    let headings = [
        speech.term_kind(),
        speech.counter_business(),
        speech.counter_waiting(),
        speech.term_expected_wait(),
    ];
    show::table(&headings, queues.collect());
    let counters = hall.counters.iter().map(|standing| {
        let counter = standing.counter.clone().unwrap_or_default();
        let serving = if standing.open_since.is_some() { standing.serving.join(" ") } else { String::new() };
        vec![
            counter.number.to_string(),
            show::text(speech, counter.name.as_ref()),
            match counter.kinds.is_empty() {
                true => speech.term_all_2().to_owned(),
                false => counter.kinds.join(" "),
            },
            match &standing.open_since {
                None => speech.term_closed().to_owned(),
                since => zone.instant(since.as_ref()),
            },
            serving,
            standing.number.clone(),
            standing.ticket.as_ref().map(|ticket| ticket.ticket_id.clone()).unwrap_or_default(),
        ]
    });
    let headings = [
        speech.counter_counter(),
        speech.term_name(),
        speech.counter_takes(),
        speech.counter_open_since(),
        speech.counter_serving(),
        speech.counter_at_it(),
        speech.ticket_ticket(),
    ];
    show::table(&headings, counters.collect());
    let works = [
        (speech.counter_pcs_that_work(), hall.working_pcs),
        (speech.counter_scanners_that_work(), hall.working_scanners),
        (speech.counter_desks_that_can_be_used(), hall.working_counters),
    ];
    let works = works.into_iter().filter_map(|(what, count)| Some(format!("{what}: {}", count?)));
    let works: Vec<_> = works.collect();
    if !works.is_empty() {
        show::line(&works.join(", "));
    }
    Ok(())
}
