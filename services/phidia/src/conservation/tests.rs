//! Over services that say what they are told to.

use std::{collections::VecDeque, sync::Mutex};

use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
    conservation::{Place, Sums},
    id::{ApplicationId, Id as _},
};
use phidia_proto::{
    access,
    events::v1::{
        GetBoardBalanceRequest, GetBoardBalanceResponse, GetPositionsRequest, GetPositionsResponse, Holding,
        HoldingPlace, HoldingSum, ListHoldingsRequest, ListHoldingsResponse, OutboxPosition,
        SumHoldingsRequest, SumHoldingsResponse,
        conservation_service_server::{ConservationService, ConservationServiceServer},
    },
};
use phidia_runtime::{
    identity::Trust,
    peer::Peer,
    stack::{self, Access, StackConfig},
    status,
};
use tonic::{Request, Response, Status, service::Routes};
use uuid::Uuid;

use super::*;

/// Everything at once, so that a wrong verdict shows at the second look.
const NO_PATIENCE: Duration = Duration::ZERO;

type Held = Vec<(u128, Place)>;

/// What is said next; the last is said again and again.
struct Say<T>(Mutex<VecDeque<T>>);

impl<T: Clone> Say<T> {
    fn these(all: impl IntoIterator<Item = T>) -> Self {
        Self(Mutex::new(all.into_iter().collect()))
    }

    fn next(&self) -> T {
        let mut left = self.0.lock().unwrap();
        if left.len() > 1 { left.pop_front().unwrap() } else { left.front().unwrap().clone() }
    }
}

/// Three services. Their sums are those of the first reading.
struct Script {
    intake: Held,
    routing: Say<Held>,
    processing: Held,
    parked: Vec<u128>,
    outstanding: Say<u64>,
    board: Say<Result<Vec<(&'static str, i64)>, &'static str>>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            intake: Vec::new(),
            routing: Say::these([Vec::new()]),
            processing: Vec::new(),
            parked: Vec::new(),
            outstanding: Say::these([0]),
            board: Say::these([Ok(Vec::new())]),
        }
    }
}

/// One a day.
fn app(n: u128) -> ApplicationId {
    ApplicationId::from_uuid(Uuid::from_u128((n * 86_400_000) << 80))
}

fn wire(place: Place) -> i32 {
    let place = match place {
        Place::Accepted => HoldingPlace::Accepted,
        Place::Waiting => HoldingPlace::Waiting,
        Place::Assigned => HoldingPlace::Assigned,
        Place::InCase => HoldingPlace::InCase,
        Place::Finished => HoldingPlace::Finished,
        Place::Refused => HoldingPlace::Refused,
        Place::Stopped => HoldingPlace::Stopped,
        Place::Parked => HoldingPlace::Parked,
    };
    place.into()
}

impl Script {
    fn held(&self, service: &str) -> Held {
        match service {
            "intake" => self.intake.clone(),
            "routing" => self.routing.next(),
            _ => self.processing.clone(),
        }
    }

    async fn examined(self, patience: Duration) -> anyhow::Result<Report> {
        let routes = Routes::new(ConservationServiceServer::new(self));
        let stacked = stack::wrap(routes, &StackConfig::default(), Trust::Headers, |path| {
            access::find(path).map(|row| Access { roles: row.roles, streaming: row.streaming })
        });
        let caller = Caller { role: Role::Operator, name: "test".to_owned(), unit: None, officer: None };
        examine(&Services::at(vec![Peer::local(stacked, caller)]), patience).await
    }
}

#[tonic::async_trait]
impl ConservationService for Script {
    async fn get_positions(
        &self,
        request: Request<GetPositionsRequest>,
    ) -> Result<Response<GetPositionsResponse>, Status> {
        let noted = request.into_inner().upto;
        let outstanding = if noted.is_empty() { 7 } else { self.outstanding.next() };
        let of = |subscriber: &str, outstanding, parked| OutboxPosition {
            source: "intake".to_owned(),
            subscriber: subscriber.to_owned(),
            outstanding,
            parked,
            last: 42,
        };
        assert!(noted.is_empty() || noted["intake"] == 42, "{noted:?}");
        // Notification holds no applications: nobody waits for it.
        let positions = vec![of("routing", outstanding, 2), of("notification", 9, 1)];
        Ok(Response::new(GetPositionsResponse { positions }))
    }

    async fn sum_holdings(
        &self,
        request: Request<SumHoldingsRequest>,
    ) -> Result<Response<SumHoldingsResponse>, Status> {
        let mut sums = Sums::new();
        for (n, place) in self.held(&request.into_inner().service) {
            sums.entry((Day::of(app(n)), place)).or_default().count(app(n));
        }
        let sums = sums.into_iter().map(|((day, place), sum)| HoldingSum {
            day: day.0,
            place: wire(place),
            count: sum.count,
            digest: sum.digest.to_be_bytes().to_vec(),
        });
        Ok(Response::new(SumHoldingsResponse { sums: sums.collect(), ..Default::default() }))
    }

    async fn list_holdings(
        &self,
        request: Request<ListHoldingsRequest>,
    ) -> Result<Response<ListHoldingsResponse>, Status> {
        let ListHoldingsRequest { service, day, .. } = request.into_inner();
        let day = Day(day.unwrap());
        // Ids are asked for only of days that differ: 1 is well.
        assert_ne!(day, Day::of(app(1)), "a day that agrees");
        let parked = if service == "intake" { self.parked.clone() } else { Vec::new() };
        let held = self.held(&service).into_iter().chain(parked.into_iter().map(|n| (n, Place::Parked)));
        let held = held.filter(|(n, _)| Day::of(app(*n)) == day).map(|(n, place)| Holding {
            application_id: app(n).to_string(),
            place: wire(place),
            reason: String::new(),
        });
        Ok(Response::new(ListHoldingsResponse { holdings: held.collect(), ..Default::default() }))
    }

    async fn get_board_balance(
        &self,
        _: Request<GetBoardBalanceRequest>,
    ) -> Result<Response<GetBoardBalanceResponse>, Status> {
        let told = self.board.next();
        let drifts = told.map_err(|reason| {
            status::to_status(&Rejection::new(Kind::Unavailable, reason, "the board cannot be asked now"))
        })?;
        let drifts = drifts.into_iter().map(|(code, minutes)| UnitDrift {
            unit_id: UnitId::of("37", code).to_string(),
            stored_items: 1,
            board_items: 2,
            minutes,
            borrowed_minutes: 0,
        });
        Ok(Response::new(GetBoardBalanceResponse { open_items: 1, drifts: drifts.collect() }))
    }
}

fn accepted(all: impl IntoIterator<Item = u128>) -> Held {
    all.into_iter().map(|n| (n, Place::Accepted)).collect()
}

#[tokio::test]
async fn what_agrees_is_counted_and_no_id_is_asked_for() {
    let report = Script {
        intake: accepted([1]),
        routing: Say::these([vec![(1, Place::Assigned)]]),
        processing: vec![(1, Place::InCase)],
        ..Script::default()
    };
    let report = report.examined(NO_PATIENCE).await.unwrap();
    assert!(report.holds());
    assert_eq!((report.balance.accepted, report.parked), (1, 3));
    assert_eq!(report.balance.places, [(Place::InCase, 1)].into());
}

#[tokio::test]
async fn what_stays_lost_is_named_and_what_was_on_its_way_is_not() {
    let sums = vec![(1, Place::Assigned)];
    let first = vec![(1, Place::Assigned)];
    let second = vec![(1, Place::Assigned), (2, Place::Waiting)];
    let report = Script {
        intake: accepted([1, 2, 3, 4]),
        routing: Say::these([sums, first.clone(), first.clone(), first, second]),
        processing: vec![(1, Place::InCase)],
        parked: vec![4],
        ..Script::default()
    };
    let report = report.examined(NO_PATIENCE).await.unwrap();
    assert!(!report.holds());
    let balance = report.balance;
    assert_eq!((balance.lost, balance.doubled), (vec![app(3)], vec![]));
    assert_eq!(balance.accepted, 4);
    assert_eq!(balance.places, [(Place::InCase, 1), (Place::Waiting, 1), (Place::Parked, 1)].into());
}

#[tokio::test]
async fn it_waits_for_what_is_on_its_way_and_says_when_that_does_not_come() {
    let late = Script { outstanding: Say::these([2, 1, 0]), ..Script::default() };
    assert!(late.examined(Duration::from_secs(60)).await.unwrap().holds());
    let never = Script { outstanding: Say::these([2]), ..Script::default() };
    let error = never.examined(NO_PATIENCE).await.unwrap_err();
    assert_eq!(error.downcast_ref::<Rejection>().unwrap().reason, "NOT_ARRIVED", "{error}");
}

#[tokio::test]
async fn a_board_drifts_only_where_it_does_so_again_and_one_that_is_away_is_no_loss() {
    type Told = Vec<Result<Vec<(&'static str, i64)>, &'static str>>;
    let state = async |told: Told| {
        let report = Script { board: Say::these(told), ..Script::default() };
        report.examined(NO_PATIENCE).await.unwrap()
    };
    let drifting = state(vec![Ok(vec![("1", 5), ("2", 7)]), Ok(vec![("1", 6), ("3", 7)])]).await;
    assert!(!drifting.holds());
    let BoardState::Drifting(drifts) = &drifting.board else { panic!("{drifting:?}") };
    assert_eq!((drifts.len(), &*drifts[0].unit_id), (1, &*UnitId::of("37", "1").to_string()));
    assert_eq!(drifting.board.drift_minutes(), Some(6));
    // Seen once, and never again.
    let once = state(vec![Ok(vec![("1", 5)]), Err("BOARD_AT_WORK")]).await;
    assert!(matches!(&once.board, BoardState::Unknown(reason) if reason == "BOARD_AT_WORK"), "{once:?}");
    for (told, minutes) in [
        (vec![Ok(vec![])], Some(0)),
        (vec![Ok(vec![("1", 5)]), Ok(vec![])], Some(0)),
        (vec![Ok(vec![("1", 5)]), Ok(vec![("2", 5)])], Some(0)),
        (vec![Err("BOARD_AWAY")], None),
    ] {
        let report = state(told).await;
        assert!(report.holds() && report.board.drift_minutes() == minutes, "{report:?}");
    }
}
