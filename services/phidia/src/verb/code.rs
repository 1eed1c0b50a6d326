//! `phidia code …`: dossier codes that are reserved ahead.

use std::process::ExitCode;

use anyhow::Context as _;
use phidia_domain::{caller::Role, id::EventId};
use phidia_proto::intake::v1::{
    CloseCodeRangeRequest, CodeRange, ListCodeRangesRequest, NumberSpan, ReserveCodesRequest,
    numbering_service_client::NumberingServiceClient,
};
use phidia_runtime::{clock::RealClock, ids::Ids};

use crate::{
    client::Client,
    command::{Code, Reserve},
    show,
    spool::Spool,
};

pub(crate) async fn run(client: &Client<'_>, verb: Code) -> anyhow::Result<ExitCode> {
    match verb {
        Code::Reserve(options) => reserve(client, options).await?,
        Code::List { received_at, day, limit } => {
            let request = ListCodeRangesRequest {
                page_size: limit,
                page_token: String::new(),
                received_at_code: received_at,
                day,
            };
            list(client, request).await?;
        }
        Code::Close { range_id, folder } => {
            // First here: what is given out afterwards would be void.
            if let Some(folder) = folder {
                let spool = Spool::open(&folder)?;
                let _held = spool.hold()?;
                spool.codes().forget(&range_id)?;
            }
            close(client, range_id).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn reserve(client: &Client<'_>, options: Reserve) -> anyhow::Result<()> {
    let speech = client.speech();
    let spool = options.folder.as_deref().map(Spool::open).transpose()?;
    let key = options.key.unwrap_or_else(|| Ids::random().mint::<EventId>(RealClock.now()).to_string());
    show::aside(&format!("{}: {key}", speech.term_idempotency_key()));
    let request = ReserveCodesRequest {
        idempotency_key: key,
        received_at_code: options.received_at.clone(),
        day: options.day,
        count: options.count,
    };
    let mut numbering = NumberingServiceClient::new(client.peer(usual(client)).await?);
    let answer = numbering.reserve_codes(request).await?.into_inner();
    let answered_at = RealClock.now();
    let range = answer.range.clone().context("the answer bears no range")?;
    if let Some(spool) = spool {
        let time_zone = client.time_zone().await?;
        let _held = spool.hold()?;
        spool.codes().add(range.clone(), &options.received_at, &time_zone, answered_at)?;
    }
    if client.json() {
        return show::json("phidia.intake.v1.ReserveCodesResponse", &answer);
    }
    let CodeRange { range_id, series, numbers, day, .. } = range;
    let NumberSpan { first, last } = numbers.unwrap_or_default();
    show::line(&speech.code_to_are_reserved_for(
        &day,
        format_args!("{:04}", first),
        format_args!("{:04}", last),
        &range_id,
        &series,
    ));
    Ok(())
}

async fn list(client: &Client<'_>, request: ListCodeRangesRequest) -> anyhow::Result<()> {
    let mut numbering = NumberingServiceClient::new(client.peer(super::staff(client)).await?);
    let answer = numbering.list_code_ranges(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.ListCodeRangesResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let span = |NumberSpan { first, last }: &NumberSpan| match first == last {
        true => first.to_string(),
        false => format!("{first}–{last}"),
    };
    let rows = answer.ranges.iter().map(|range| {
        let void: Vec<_> = range.void.iter().map(span).collect();
        vec![
            range.range_id.clone(),
            range.series.clone(),
            range.numbers.as_ref().map(span).unwrap_or_default(),
            range.used.to_string(),
            match &range.closed_at {
                Some(_) => void.join(", "),
                None => speech.code_open().to_owned(),
            },
            range.reserved_by.clone(),
            zone.instant(range.reserved_at.as_ref()),
        ]
    });
    let headings = [
        "id",
        speech.code_series(),
        speech.code_numbers(),
        speech.code_used(),
        speech.code_void(),
        speech.code_reserved_by(),
        speech.code_when(),
    ];
    show::page(speech, &headings, rows.collect(), &answer.next_page_token);
    Ok(())
}

async fn close(client: &Client<'_>, range_id: String) -> anyhow::Result<()> {
    let mut numbering = NumberingServiceClient::new(client.peer(usual(client)).await?);
    let answer = numbering.close_code_range(CloseCodeRangeRequest { range_id }).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.CloseCodeRangeResponse", &answer);
    }
    let range = answer.range.unwrap_or_default();
    let void: u32 = range.void.iter().map(|span| span.last + 1 - span.first).sum();
    let used = range.used;
    show::line(&client.speech().code_the_range_is_closed_codes_are_used(used, void));
    Ok(())
}

/// Whoever reserves for a unit is of it, or is another system.
fn usual(client: &Client<'_>) -> Role {
    match super::staff(client) {
        Role::Operator => Role::System,
        staff => staff,
    }
}
