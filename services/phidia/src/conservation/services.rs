//! What the services say, over the endpoints that they answer at.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use phidia_domain::{
    Kind, Rejection,
    conservation::{Books, Day, Holdings, Place, Sum, Sums},
    id::ApplicationId,
};
use phidia_proto::events::v1::{
    GetBoardBalanceRequest, GetPositionsRequest, HoldingPlace, ListHoldingsRequest, OutboxPosition,
    SumHoldingsRequest, UnitDrift, conservation_service_client::ConservationServiceClient,
};
use phidia_runtime::{failure::Failure, peer::Peer};
use tonic::{Code, Response, Status};

use super::Pauses;

/// The services that hold applications. An application goes through them in this order, and in this order they
/// are read, so that what moves on meanwhile is seen twice rather than not at all.
const HOLDERS: [&str; 3] = ["intake", "routing", "processing"];

type Client = ConservationServiceClient<Peer>;

/// Endpoints that answer for all services between them. When several answer for one service, they are replicas.
pub(crate) struct Services(Vec<Client>);

impl Services {
    /// The services behind these endpoints.
    pub(crate) fn at(endpoints: Vec<Peer>) -> Self {
        Self(endpoints.into_iter().map(ConservationServiceClient::new).collect())
    }

    /// Events parked.
    pub(super) async fn parked(&self) -> anyhow::Result<u64> {
        Ok(self.positions(&BTreeMap::new()).await?.iter().map(|position| position.parked).sum())
    }

    /// Notes up to where the outboxes are written, and waits until the services that hold applications have
    /// been told all of that.
    pub(super) async fn arrived(&self, patience: Duration) -> anyhow::Result<()> {
        let noted = self.positions(&BTreeMap::new()).await?;
        let upto = noted.into_iter().map(|position| (position.source, position.last)).collect();
        let (since, mut pauses) = (Instant::now(), Pauses::default());
        loop {
            let positions = self.positions(&upto).await?;
            let late = positions
                .into_iter()
                .find(|position| position.outstanding > 0 && HOLDERS.contains(&position.subscriber.as_str()));
            let Some(OutboxPosition { source, subscriber, outstanding, .. }) = late else { return Ok(()) };
            if since.elapsed() >= patience {
                let message = format!(
                    "{outstanding} events of {source} have not arrived at {subscriber}; what they bring would look lost"
                );
                let late = Rejection::new(Kind::Unavailable, "NOT_ARRIVED", message);
                let late = late.with("source", source).with("subscriber", subscriber);
                return Err(late.with("outstanding", outstanding).into());
            }
            pauses.next().await;
        }
    }

    /// One per source and subscriber.
    async fn positions(&self, upto: &BTreeMap<String, u64>) -> anyhow::Result<Vec<OutboxPosition>> {
        let mut all = BTreeMap::new();
        for client in &self.0 {
            let answer =
                client.clone().get_positions(GetPositionsRequest { upto: upto.clone() }).await?.into_inner();
            let keyed = answer.positions.into_iter();
            all.extend(keyed.map(|at| ((at.source.clone(), at.subscriber.clone()), at)));
        }
        Ok(all.into_values().collect())
    }

    /// The sums of all services.
    pub(super) async fn books(&self) -> anyhow::Result<Books> {
        let mut books = Books::default();
        for (service, sums) in
            HOLDERS.into_iter().zip([&mut books.intake, &mut books.routing, &mut books.processing])
        {
            *sums = self.sums(service).await?;
        }
        Ok(books)
    }

    async fn sums(&self, service: &str) -> anyhow::Result<Sums> {
        let (mut sums, mut page_token) = (Sums::new(), String::new());
        loop {
            let request = SumHoldingsRequest { service: service.to_owned(), page_size: 0, page_token };
            let ask = |mut client: Client, request| async move { client.sum_holdings(request).await };
            let page = self.of(service, request, ask).await?;
            for part in page.sums {
                let digest = part.digest.as_slice().try_into().context("a digest has 16 bytes")?;
                let digest = u128::from_be_bytes(digest);
                let sum = sums.entry((Day(part.day), place(part.place)?)).or_default();
                sum.add(Sum { count: part.count, digest });
            }
            if page.next_page_token.is_empty() {
                return Ok(sums);
            }
            page_token = page.next_page_token;
        }
    }

    /// What all services hold of one day.
    pub(super) async fn holdings(&self, day: Day) -> anyhow::Result<Holdings> {
        let mut all = Holdings::default();
        for service in HOLDERS {
            let mut page_token = String::new();
            loop {
                let day = Some(day.0);
                let request =
                    ListHoldingsRequest { service: service.to_owned(), page_size: 10_000, page_token, day };
                let ask = |mut client: Client, request| async move { client.list_holdings(request).await };
                let page = self.of(service, request, ask).await?;
                for holding in page.holdings {
                    let id: ApplicationId = holding.application_id.parse()?;
                    match place(holding.place)? {
                        Place::Parked => all.parked.push(id),
                        Place::Accepted => all.intake.push(id),
                        at @ (Place::Waiting | Place::Assigned) => all.routing.push((id, at)),
                        at @ (Place::InCase | Place::Finished | Place::Refused | Place::Stopped) => {
                            all.processing.push((id, at));
                        }
                    }
                }
                page_token = page.next_page_token;
                if page_token.is_empty() {
                    break;
                }
            }
        }
        Ok(all)
    }

    /// Where the board drifts, or for what reason that can't be told now.
    pub(super) async fn board(&self) -> anyhow::Result<Result<Vec<UnitDrift>, String>> {
        let ask = |mut client: Client, request| async move { client.get_board_balance(request).await };
        match self.of("a board", GetBoardBalanceRequest {}, ask).await {
            Ok(balance) => Ok(Ok(balance.drifts)),
            Err(failure) => match failure.rejection() {
                // Where routing is not asked at all, the sums will say so.
                Some(refusal) if matches!(refusal.kind, Kind::Unavailable | Kind::NotFound) => {
                    Ok(Err(refusal.reason.clone()))
                }
                _ => Err(failure.into()),
            },
        }
    }

    /// The answer of the first endpoint that answers for a service.
    async fn of<Q: Clone, A, F: Future<Output = Result<Response<A>, Status>>>(
        &self,
        service: &str,
        request: Q,
        ask: impl Fn(Client, Q) -> F,
    ) -> Result<A, Failure> {
        for client in &self.0 {
            match ask(client.clone(), request.clone()).await {
                Err(status) if status.code() == Code::NotFound => {}
                answer => return Ok(answer?.into_inner()),
            }
        }
        let message = format!("none of the endpoints answers for {service}; name them all with --service");
        Err(Rejection::not_found("UNKNOWN_SERVICE", message).into())
    }
}

fn place(wire: i32) -> Result<Place, Rejection> {
    match HoldingPlace::try_from(wire) {
        Ok(HoldingPlace::Accepted) => Ok(Place::Accepted),
        Ok(HoldingPlace::Waiting) => Ok(Place::Waiting),
        Ok(HoldingPlace::Assigned) => Ok(Place::Assigned),
        Ok(HoldingPlace::InCase) => Ok(Place::InCase),
        Ok(HoldingPlace::Finished) => Ok(Place::Finished),
        Ok(HoldingPlace::Refused) => Ok(Place::Refused),
        Ok(HoldingPlace::Stopped) => Ok(Place::Stopped),
        Ok(HoldingPlace::Parked) => Ok(Place::Parked),
        Ok(HoldingPlace::Unspecified) | Err(_) => {
            let message = "a service names a place that this version does not know; upgrade it";
            Err(Rejection::new(Kind::Precondition, "UNKNOWN_PLACE", message))
        }
    }
}
