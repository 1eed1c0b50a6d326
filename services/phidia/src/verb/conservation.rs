//! `phidia conservation`: adds up what every service holds.

use std::{collections::BTreeMap, process::ExitCode, time::Duration};

use anyhow::bail;
use phidia_domain::{
    application::Language,
    caller::Role,
    conservation::{Balance, Holdings, Place},
    id::ApplicationId,
};
use phidia_proto::events::v1::{
    GetPositionsRequest, HoldingPlace, ListHoldingsRequest, OutboxPosition,
    conservation_service_client::ConservationServiceClient,
};
use phidia_runtime::peer::Peer;
use serde_json::json;
use tonic::Code;

use crate::{
    client::Client,
    command::Conservation,
    show::{self, say},
};

const PAUSE: Duration = Duration::from_millis(200);

pub(crate) async fn run(client: &Client<'_>, options: &Conservation) -> anyhow::Result<ExitCode> {
    let mut peers = Vec::new();
    if options.services.is_empty() {
        peers.push(client.peer(Role::Operator).await?);
    }
    for endpoint in &options.services {
        peers.push(client.peer_at(endpoint, Role::Operator).await?);
    }
    let balance = balance(&peers, Duration::from_secs(options.patience_seconds)).await?;
    let parked: u64 = positions(&peers).await?.iter().map(|position| position.parked).sum();
    if client.json() {
        let places: BTreeMap<_, _> =
            balance.places.iter().map(|(place, count)| (name(*place, Language::En), count)).collect();
        let out = json!({
            "accepted": balance.accepted,
            "places": places,
            "lost": balance.lost,
            "doubled": balance.doubled,
            "parked_events": parked,
        });
        show::line(&serde_json::to_string_pretty(&out)?);
    } else {
        print(client.speech(), &balance, parked);
    }
    Ok(if balance.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What all services together hold. They are read one after the other, so that under load an application may
/// be seen in neither of two while it passes from one to the next: what is suspect is read again, and only
/// what stays suspect is named.
pub(crate) async fn balance(peers: &[Peer], patience: Duration) -> anyhow::Result<Balance> {
    let mut balance = Balance::of(&holdings(peers).await?);
    let patient = tokio::time::timeout(patience, async {
        while !balance.holds() {
            tokio::time::sleep(PAUSE).await;
            let again = Balance::of(&holdings(peers).await?);
            balance = Balance {
                lost: again.lost.into_iter().filter(|id| balance.lost.contains(id)).collect(),
                doubled: again.doubled.into_iter().filter(|id| balance.doubled.contains(id)).collect(),
                ..again
            };
        }
        anyhow::Ok(())
    });
    match patient.await {
        Ok(read) => read?,
        Err(_) => {
            let outstanding = outstanding(peers).await?;
            if outstanding > 0 {
                bail!("{outstanding} events are still on their way; what they bring would look lost");
            }
        }
    }
    Ok(balance)
}

/// Events that are on their way between services.
async fn outstanding(peers: &[Peer]) -> anyhow::Result<u64> {
    Ok(positions(peers).await?.iter().map(|position| position.outstanding).sum())
}

async fn positions(peers: &[Peer]) -> anyhow::Result<Vec<OutboxPosition>> {
    let mut all = Vec::new();
    for peer in peers {
        let mut conservation = ConservationServiceClient::new(peer.clone());
        all.extend(conservation.get_positions(GetPositionsRequest::default()).await?.into_inner().positions);
    }
    Ok(all)
}

async fn holdings(peers: &[Peer]) -> anyhow::Result<Holdings> {
    let mut all = Holdings::default();
    // Intake last: what is accepted while the others are read must not look lost.
    for service in ["processing", "routing", "intake"] {
        let mut asked = false;
        for peer in peers {
            asked |= read(peer, service, &mut all).await?;
        }
        if !asked {
            bail!("none of the endpoints answers for {service}; name them all with --service");
        }
    }
    Ok(all)
}

/// Reads one service's holdings from one endpoint; false when it does not answer for that service.
async fn read(peer: &Peer, service: &str, all: &mut Holdings) -> anyhow::Result<bool> {
    let mut conservation = ConservationServiceClient::new(peer.clone());
    let mut page_token = String::new();
    loop {
        let request = ListHoldingsRequest { service: service.to_owned(), page_size: 10_000, page_token, day: None };
        let page = match conservation.list_holdings(request).await {
            Ok(page) => page.into_inner(),
            Err(status) if status.code() == Code::NotFound => return Ok(false),
            Err(status) => return Err(status.into()),
        };
        for holding in page.holdings {
            let id: ApplicationId = holding.application_id.parse()?;
            match HoldingPlace::try_from(holding.place) {
                Ok(HoldingPlace::Parked) => all.parked.push(id),
                Ok(HoldingPlace::Accepted) => all.intake.push(id),
                Ok(HoldingPlace::Waiting) => all.routing.push((id, Place::Waiting)),
                Ok(HoldingPlace::Assigned) => all.routing.push((id, Place::Assigned)),
                Ok(HoldingPlace::InCase) => all.processing.push((id, Place::InCase)),
                Ok(HoldingPlace::Finished) => all.processing.push((id, Place::Finished)),
                Ok(HoldingPlace::Refused) => all.processing.push((id, Place::Refused)),
                Ok(HoldingPlace::Unspecified) | Err(_) => {
                    bail!("{service} names a place that this version does not know; upgrade the command line")
                }
            }
        }
        if page.next_page_token.is_empty() {
            return Ok(true);
        }
        page_token = page.next_page_token;
    }
}

fn name(place: Place, speech: Language) -> &'static str {
    let (vi, en) = match place {
        Place::Accepted => ("đã tiếp nhận", "accepted"),
        Place::Waiting => ("chờ phân công", "waiting"),
        Place::Assigned => ("đã phân công", "assigned"),
        Place::InCase => ("đang xử lý", "in_case"),
        Place::Finished => ("đã có kết quả", "finished"),
        Place::Refused => ("từ chối", "refused"),
        Place::Parked => ("tạm giữ", "parked"),
    };
    say(speech, vi, en)
}

fn print(speech: Language, balance: &Balance, parked: u64) {
    show::line(&format!("{}: {}", say(speech, "Đã tiếp nhận", "Accepted"), balance.accepted));
    for (place, count) in &balance.places {
        show::line(&format!("  {:<16} {count}", name(*place, speech).replace('_', " ")));
    }
    show::line(&format!("{}: {}", say(speech, "Mất", "Lost"), balance.lost.len()));
    show::line(&format!("{}: {}", say(speech, "Trùng", "Doubled"), balance.doubled.len()));
    // Refused at a subscriber: what follows for the same application waits behind it.
    show::line(&format!("{}: {parked}", say(speech, "Sự kiện tạm giữ", "Parked events")));
    for id in balance.lost.iter().chain(&balance.doubled).take(100) {
        show::line(&format!("  {id}"));
    }
}
