//! `QueueService`.

use futures::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use phidia_domain::{
    Rejection,
    caller::{Caller, Role},
    id::TicketId,
    queue::{Business, Counter, Letter, Mastery, Outlook, Priority, State, Tally, Ticket, spoken},
};
use phidia_proto::{
    convert::{self, wire_text, wire_timestamp},
    intake::v1::{
        self as wire, BoardCall, CallNextRequest, CallNextResponse, CancelTicketRequest,
        CancelTicketResponse, CloseCounterRequest, CloseCounterResponse, CounterStanding, ExpectedWait,
        FinishTicketRequest, FinishTicketResponse, GetHallRequest, GetHallResponse,
        GetQueueStatisticsRequest, GetQueueStatisticsResponse, GetTicketRequest, GetTicketResponse,
        OpenCounterRequest, OpenCounterResponse, QueueFigures, QueueStanding, RecallTicketRequest,
        RecallTicketResponse, SetCounterRequest, SetCounterResponse, SetQueueRequest, SetQueueResponse,
        SkipTicketRequest, SkipTicketResponse, StartTicketRequest, StartTicketResponse, TakeTicketRequest,
        TakeTicketResponse, TicketPriority, TicketState, TransferTicketRequest, TransferTicketResponse,
        WatchBoardRequest, WatchBoardResponse, queue_service_server::QueueService,
    },
    types::v1 as types,
};
use phidia_runtime::{failure::Failure, identity, status};
use tonic::{Request, Response, Status, async_trait};

use crate::{
    Intake,
    queue::{
        Draw, arrange::Setting, board::Told, own_place, place, place_of_caller, statistics::Figures,
        statistics::Question, treat::Deed,
    },
    scope::Scope,
    store::{
        halls::{Call, Place},
        tickets::TicketRecord,
    },
};

/// The longest dossier code, in characters.
const LONGEST_CODE: usize = 64;

/// Serves the halls.
pub(crate) struct QueueServer(Intake);

impl QueueServer {
    pub(crate) fn new(intake: Intake) -> Self {
        Self(intake)
    }

    async fn take(&self, request: Request<TakeTicketRequest>) -> Result<TakeTicketResponse, Failure> {
        let caller = identity::caller(&request)?;
        let TakeTicketRequest { idempotency_key, unit_code, point, kind, priority, dossier_code } =
            request.into_inner();
        let draw = Draw {
            place: own_place(&self.0.versions.active().await?.value, &caller, &unit_code, point)?,
            kind: Letter::parse(&kind, "kind")?,
            priority: priority_of(priority)?,
            dossier_code: dossier(dossier_code)?,
        };
        let (record, outlook) = self.0.take_ticket(&caller, &idempotency_key, draw).await?;
        let (people_ahead, expected_wait) = wire_outlook(outlook);
        Ok(TakeTicketResponse {
            ticket: Some(wire_ticket(&caller, &record.place, &record.ticket)),
            people_ahead,
            expected_wait,
        })
    }

    async fn get(&self, request: Request<GetTicketRequest>) -> Result<GetTicketResponse, Failure> {
        let caller = identity::caller(&request)?;
        let record = self.0.ticket(ticket_id(&request.into_inner().ticket_id)?).await?;
        let (people_ahead, expected_wait) = wire_outlook(self.0.outlook(&record).await?);
        Ok(GetTicketResponse {
            ticket: Some(wire_ticket(&caller, &record.place, &record.ticket)),
            people_ahead,
            expected_wait,
        })
    }

    async fn cancel(&self, request: Request<CancelTicketRequest>) -> Result<CancelTicketResponse, Failure> {
        let caller = identity::caller(&request)?;
        let record = self.0.cancel_ticket(&caller, ticket_id(&request.into_inner().ticket_id)?).await?;
        Ok(CancelTicketResponse { ticket: Some(wire_ticket(&caller, &record.place, &record.ticket)) })
    }

    async fn next(&self, request: Request<CallNextRequest>) -> Result<CallNextResponse, Failure> {
        let caller = identity::caller(&request)?;
        let CallNextRequest { idempotency_key, point, counter } = request.into_inner();
        let place = place_of_caller(&self.0.versions.active().await?.value, &caller, point)?;
        let (record, finished) = self.0.call_next(&caller, &idempotency_key, place, number(counter)?).await?;
        Ok(CallNextResponse {
            spoken: record.as_ref().map(said),
            ticket: record.map(|record| wire_ticket(&caller, &record.place, &record.ticket)),
            finished_ticket_id: finished.map(|id| id.to_string()).unwrap_or_default(),
        })
    }

    async fn treat(
        &self,
        caller: &Caller,
        id: &str,
        turn: u32,
        deed: Deed,
    ) -> Result<(Option<wire::Ticket>, TicketRecord), Failure> {
        let record = self.0.treat(caller, ticket_id(id)?, turn, deed).await?;
        Ok((Some(wire_ticket(caller, &record.place, &record.ticket)), record))
    }

    async fn recall(&self, request: Request<RecallTicketRequest>) -> Result<RecallTicketResponse, Failure> {
        let caller = identity::caller(&request)?;
        let RecallTicketRequest { ticket_id, turn } = request.into_inner();
        let (ticket, record) = self.treat(&caller, &ticket_id, turn, Deed::Recall).await?;
        Ok(RecallTicketResponse { ticket, spoken: Some(said(&record)) })
    }

    async fn start(&self, request: Request<StartTicketRequest>) -> Result<StartTicketResponse, Failure> {
        let caller = identity::caller(&request)?;
        let StartTicketRequest { ticket_id, turn } = request.into_inner();
        let (ticket, _) = self.treat(&caller, &ticket_id, turn, Deed::Start).await?;
        Ok(StartTicketResponse { ticket })
    }

    async fn skip(&self, request: Request<SkipTicketRequest>) -> Result<SkipTicketResponse, Failure> {
        let caller = identity::caller(&request)?;
        let SkipTicketRequest { ticket_id, turn } = request.into_inner();
        let (ticket, _) = self.treat(&caller, &ticket_id, turn, Deed::Skip).await?;
        Ok(SkipTicketResponse { ticket })
    }

    async fn transfer(
        &self,
        request: Request<TransferTicketRequest>,
    ) -> Result<TransferTicketResponse, Failure> {
        let caller = identity::caller(&request)?;
        let TransferTicketRequest { ticket_id, turn, kind, counter } = request.into_inner();
        let kind = (!kind.is_empty()).then(|| Letter::parse(&kind, "kind")).transpose()?;
        let deed = Deed::Transfer { kind, counter: (counter != 0).then_some(counter) };
        let (ticket, _) = self.treat(&caller, &ticket_id, turn, deed).await?;
        Ok(TransferTicketResponse { ticket })
    }

    async fn finish(&self, request: Request<FinishTicketRequest>) -> Result<FinishTicketResponse, Failure> {
        let caller = identity::caller(&request)?;
        let FinishTicketRequest { ticket_id, turn, dossier_code } = request.into_inner();
        let deed = Deed::Finish { dossier_code: dossier(dossier_code)? };
        let (ticket, _) = self.treat(&caller, &ticket_id, turn, deed).await?;
        Ok(FinishTicketResponse { ticket })
    }

    async fn open(&self, request: Request<OpenCounterRequest>) -> Result<OpenCounterResponse, Failure> {
        let caller = identity::caller(&request)?;
        let OpenCounterRequest { point, counter, officer_code } = request.into_inner();
        let place = place_of_caller(&self.0.versions.active().await?.value, &caller, point)?;
        self.0.open_counter(&caller, place.clone(), number(counter)?, &officer_code).await?;
        Ok(OpenCounterResponse { hall: Some(self.hall(&caller, &place).await?) })
    }

    async fn close(&self, request: Request<CloseCounterRequest>) -> Result<CloseCounterResponse, Failure> {
        let caller = identity::caller(&request)?;
        let CloseCounterRequest { point, counter } = request.into_inner();
        let place = place_of_caller(&self.0.versions.active().await?.value, &caller, point)?;
        self.0.close_counter(&caller, place.clone(), number(counter)?).await?;
        Ok(CloseCounterResponse { hall: Some(self.hall(&caller, &place).await?) })
    }

    async fn set_counter_up(
        &self,
        request: Request<SetCounterRequest>,
    ) -> Result<SetCounterResponse, Failure> {
        let caller = identity::caller(&request)?;
        let SetCounterRequest { unit_code, point, counter, remove } = request.into_inner();
        let place = own_place(&self.0.versions.active().await?.value, &caller, &unit_code, point)?;
        let wire::Counter { number, name, kinds } = convert::required(counter, "counter")?;
        let kinds = kinds
            .iter()
            .enumerate()
            .map(|(index, kind)| Letter::parse(kind, &format!("counter.kinds[{index}]")))
            .collect::<Result<_, _>>()?;
        let setting = match remove {
            true => Setting::NoCounter(number),
            false => Setting::Counter(Counter { number, name: convert::text(name), kinds }),
        };
        self.0.arrange_hall(place.clone(), setting).await?;
        Ok(SetCounterResponse { hall: Some(self.hall(&caller, &place).await?) })
    }

    async fn set_queue_up(&self, request: Request<SetQueueRequest>) -> Result<SetQueueResponse, Failure> {
        let caller = identity::caller(&request)?;
        let SetQueueRequest { unit_code, point, queue, remove } = request.into_inner();
        let place = own_place(&self.0.versions.active().await?.value, &caller, &unit_code, point)?;
        let wire::Queue { kind, name, fields, rest, papers, usual_minutes } =
            convert::required(queue, "queue")?;
        let letter = Letter::parse(&kind, "queue.kind")?;
        let setting = if remove {
            Setting::NoKind(letter)
        } else {
            let mastery = match (fields.is_empty(), rest) {
                (true, true) => Mastery::Rest,
                (true, false) => Mastery::Nothing,
                (false, false) => Mastery::Fields(fields.into_iter().collect()),
                (false, true) => {
                    let expected = "no fields where it is for the rest of them";
                    return Err(Rejection::invalid("FIELDS_AND_REST", "queue.fields", expected).into());
                }
            };
            Setting::Kind(Business { letter, name: convert::text(name), mastery, papers, usual_minutes })
        };
        self.0.arrange_hall(place.clone(), setting).await?;
        Ok(SetQueueResponse { hall: Some(self.hall(&caller, &place).await?) })
    }

    async fn look(&self, request: Request<GetHallRequest>) -> Result<GetHallResponse, Failure> {
        let caller = identity::caller(&request)?;
        let GetHallRequest { unit_code, point } = request.into_inner();
        let place = place(&self.0.versions.active().await?.value, &caller, &unit_code, point)?;
        Ok(GetHallResponse { hall: Some(self.hall(&caller, &place).await?) })
    }

    async fn hall(&self, caller: &Caller, place: &Place) -> Result<wire::Hall, Failure> {
        let seen = self.0.see_hall(place).await?;
        let hall = &seen.hall;
        let waiting = |kind: Letter| {
            let waiting = hall.tickets.values();
            let waiting = waiting.filter(|ticket| ticket.state == State::Waiting && ticket.kind == kind);
            u32::try_from(waiting.count()).unwrap_or(u32::MAX)
        };
        let queues = hall.arrangement.kinds.values().map(|business| QueueStanding {
            queue: Some(wire_queue(business)),
            waiting: waiting(business.letter),
            expected_wait: wire_outlook(seen.outlooks.get(&business.letter).copied()).1,
        });
        let is_staff = matches!(caller.role, Role::Officer | Role::Supervisor | Role::Operator);
        // Who sits at its counters finds the way back to who is there; nobody else needs to know which ticket that is.
        let sits_here = matches!(caller.role, Role::Officer | Role::Supervisor) && of_house(caller, place);
        let counters = hall.arrangement.counters.values().map(|counter| {
            let seat = hall.seats.get(&counter.number);
            let present = hall.tickets.values().find(|ticket| {
                ticket.counter == Some(counter.number)
                    && matches!(ticket.state, State::Called | State::Serving)
            });
            CounterStanding {
                counter: Some(wire::Counter {
                    number: counter.number,
                    name: Some(wire_text(&counter.name)),
                    kinds: counter.kinds.iter().map(ToString::to_string).collect(),
                }),
                open_since: seat.map(|seat| wire_timestamp(seat.since)),
                officer_id: seat
                    .filter(|_| is_staff)
                    .map(|seat| seat.officer.to_string())
                    .unwrap_or_default(),
                number: present.map(Ticket::label).unwrap_or_default(),
                serving: hall.callable(counter.number).iter().map(ToString::to_string).collect(),
                ticket: present.filter(|_| sits_here).map(|ticket| wire_ticket(caller, place, ticket)),
            }
        });
        Ok(wire::Hall {
            unit_id: place.unit.to_string(),
            point: place.point.clone(),
            usual: seen.usual,
            queues: queues.collect(),
            counters: counters.collect(),
            working_pcs: hall.workplaces.pcs,
            working_scanners: hall.workplaces.scanners,
            working_counters: hall.workplaces.counters,
        })
    }

    async fn watch(&self, request: Request<WatchBoardRequest>) -> Result<Board, Failure> {
        let caller = identity::caller(&request)?;
        let WatchBoardRequest { unit_code, point, resume_token } = request.into_inner();
        let place = place(&self.0.versions.active().await?.value, &caller, &unit_code, point)?;
        let after = (!resume_token.is_empty()).then(|| sequence(&resume_token)).transpose()?;
        let told = self.0.watch_board(place, after).await?;
        Ok(told.map_ok(wire_told).map_err(status::of_failure).boxed())
    }

    async fn statistics(
        &self,
        request: Request<GetQueueStatisticsRequest>,
    ) -> Result<GetQueueStatisticsResponse, Failure> {
        let caller = identity::caller(&request)?;
        let GetQueueStatisticsRequest { unit_code, from_day, to_day, by_hour, page_size, page_token } =
            request.into_inner();
        let today = self.0.versions.active().await?.value.clock.local_date(self.0.business.now());
        let from = if from_day.is_empty() { today } else { convert::day(&from_day, "from_day")? };
        let question = Question {
            unit_code,
            from,
            to: if to_day.is_empty() { from } else { convert::day(&to_day, "to_day")? },
            by_hour,
            page_size: convert::page_size(page_size, 7, 31)?,
            page_token,
        };
        let page = self.0.count_tickets(&caller, question).await?;
        Ok(GetQueueStatisticsResponse {
            figures: page.items.into_iter().map(wire_figures).collect(),
            next_page_token: page.next_page_token,
        })
    }
}

/// What a screen is told.
type Board = BoxStream<'static, Result<WatchBoardResponse, Status>>;

#[async_trait]
impl QueueService for QueueServer {
    type WatchBoardStream = Board;

    async fn take_ticket(
        &self,
        request: Request<TakeTicketRequest>,
    ) -> Result<Response<TakeTicketResponse>, Status> {
        self.take(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn get_ticket(
        &self,
        request: Request<GetTicketRequest>,
    ) -> Result<Response<GetTicketResponse>, Status> {
        self.get(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn cancel_ticket(
        &self,
        request: Request<CancelTicketRequest>,
    ) -> Result<Response<CancelTicketResponse>, Status> {
        self.cancel(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn call_next(
        &self,
        request: Request<CallNextRequest>,
    ) -> Result<Response<CallNextResponse>, Status> {
        self.next(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn recall_ticket(
        &self,
        request: Request<RecallTicketRequest>,
    ) -> Result<Response<RecallTicketResponse>, Status> {
        self.recall(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn start_ticket(
        &self,
        request: Request<StartTicketRequest>,
    ) -> Result<Response<StartTicketResponse>, Status> {
        self.start(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn skip_ticket(
        &self,
        request: Request<SkipTicketRequest>,
    ) -> Result<Response<SkipTicketResponse>, Status> {
        self.skip(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn transfer_ticket(
        &self,
        request: Request<TransferTicketRequest>,
    ) -> Result<Response<TransferTicketResponse>, Status> {
        self.transfer(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn finish_ticket(
        &self,
        request: Request<FinishTicketRequest>,
    ) -> Result<Response<FinishTicketResponse>, Status> {
        self.finish(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn open_counter(
        &self,
        request: Request<OpenCounterRequest>,
    ) -> Result<Response<OpenCounterResponse>, Status> {
        self.open(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn close_counter(
        &self,
        request: Request<CloseCounterRequest>,
    ) -> Result<Response<CloseCounterResponse>, Status> {
        self.close(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn set_counter(
        &self,
        request: Request<SetCounterRequest>,
    ) -> Result<Response<SetCounterResponse>, Status> {
        self.set_counter_up(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn set_queue(
        &self,
        request: Request<SetQueueRequest>,
    ) -> Result<Response<SetQueueResponse>, Status> {
        self.set_queue_up(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn get_hall(&self, request: Request<GetHallRequest>) -> Result<Response<GetHallResponse>, Status> {
        self.look(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn watch_board(
        &self,
        request: Request<WatchBoardRequest>,
    ) -> Result<Response<Self::WatchBoardStream>, Status> {
        self.watch(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn get_queue_statistics(
        &self,
        request: Request<GetQueueStatisticsRequest>,
    ) -> Result<Response<GetQueueStatisticsResponse>, Status> {
        self.statistics(request).await.map(Response::new).map_err(status::of_failure)
    }
}

fn ticket_id(text: &str) -> Result<TicketId, Rejection> {
    convert::id(text, "ticket_id")
}

fn number(counter: u32) -> Result<u32, Rejection> {
    if counter == 0 { Err(convert::missing("counter")) } else { Ok(counter) }
}

fn dossier(code: String) -> Result<Option<String>, Rejection> {
    if code.len() > LONGEST_CODE || !code.bytes().all(|byte| byte.is_ascii_graphic()) {
        let expected = format!("at most {LONGEST_CODE} visible ASCII characters");
        return Err(Rejection::invalid("MALFORMED_DOSSIER_CODE", "dossier_code", expected));
    }
    Ok(Some(code).filter(|code| !code.is_empty()))
}

fn sequence(token: &str) -> Result<i64, Rejection> {
    token
        .parse()
        .ok()
        .filter(|sequence| *sequence >= 0)
        .ok_or_else(|| Rejection::invalid("MALFORMED_RESUME_TOKEN", "resume_token", "not one that was given"))
}

fn priority_of(value: i32) -> Result<Option<Priority>, Rejection> {
    let known = Priority::ALL.into_iter().find(|priority| i32::from(wire_priority(*priority)) == value);
    match known {
        None if value != 0 => {
            Err(Rejection::invalid("UNKNOWN_VALUE", "priority", "expected a value of the contract"))
        }
        known => Ok(known),
    }
}

fn wire_priority(priority: Priority) -> TicketPriority {
    match priority {
        Priority::Elderly => TicketPriority::Elderly,
        Priority::Disabled => TicketPriority::Disabled,
        Priority::Pregnant => TicketPriority::Pregnant,
        Priority::SmallChild => TicketPriority::SmallChild,
        Priority::Merit => TicketPriority::Merit,
    }
}

fn wire_state(state: State) -> TicketState {
    match state {
        State::Waiting => TicketState::Waiting,
        State::Called => TicketState::Called,
        State::Serving => TicketState::Serving,
        State::Served => TicketState::Served,
        State::NoShow => TicketState::NoShow,
        State::Cancelled => TicketState::Cancelled,
        State::Unserved => TicketState::Unserved,
    }
}

/// Whether a caller belongs to the centre of a hall.
fn of_house(caller: &Caller, place: &Place) -> bool {
    Scope::of(caller) == Scope::Unit(place.unit)
}

fn wire_ticket(caller: &Caller, place: &Place, ticket: &Ticket) -> wire::Ticket {
    wire::Ticket {
        ticket_id: ticket.id.to_string(),
        number: ticket.label(),
        kind: ticket.kind.to_string(),
        priority: ticket.priority.map_or(TicketPriority::Unspecified, wire_priority).into(),
        state: wire_state(ticket.state).into(),
        counter: ticket.counter.unwrap_or_default(),
        turn: ticket.turn,
        recalls: ticket.recalls,
        transfers: ticket.transfers,
        dossier_code: ticket.dossier_code.clone().filter(|_| of_house(caller, place)).unwrap_or_default(),
        taken_at: Some(wire_timestamp(ticket.taken_at)),
        called_at: ticket.called_at.map(wire_timestamp),
        ended_at: ticket.ended_at.map(wire_timestamp),
        unit_id: place.unit.to_string(),
        point: place.point.clone(),
    }
}

fn wire_outlook(outlook: Option<Outlook>) -> (u32, Option<ExpectedWait>) {
    let Some(Outlook { ahead, expected }) = outlook else { return (0, None) };
    let wait = expected.map(|wait| ExpectedWait {
        minutes: wait.minutes,
        at_least: wait.at_least,
        at_most: wait.at_most,
    });
    (ahead, wait)
}

fn wire_queue(business: &Business) -> wire::Queue {
    let fields = match &business.mastery {
        Mastery::Fields(fields) => fields.iter().cloned().collect(),
        Mastery::Rest | Mastery::Nothing => Vec::new(),
    };
    wire::Queue {
        kind: business.letter.to_string(),
        name: Some(wire_text(&business.name)),
        fields,
        rest: business.mastery == Mastery::Rest,
        papers: business.papers,
        usual_minutes: business.usual_minutes,
    }
}

fn said(record: &TicketRecord) -> types::Text {
    wire_text(&spoken::call(&record.ticket.label(), record.ticket.counter.unwrap_or_default()))
}

fn wire_told(Told { calls, sequence }: Told) -> WatchBoardResponse {
    let call = |Call { number, kind, counter, called_at, again, .. }: Call| BoardCall {
        spoken: Some(wire_text(&spoken::call(&number, counter))),
        number,
        counter,
        kind,
        called_at: Some(wire_timestamp(called_at)),
        again,
    };
    WatchBoardResponse { calls: calls.into_iter().map(call).collect(), resume_token: sequence.to_string() }
}

fn wire_figures(figures: Figures) -> QueueFigures {
    let Figures { day, hour, unit, unit_code, point, kind, tally } = figures;
    let Tally {
        taken,
        prioritised,
        transferred,
        served,
        no_shows,
        cancelled,
        unserved,
        waits,
        services,
        longest_queue,
    } = tally;
    let seconds = |mean: Option<u64>| mean.map(|seconds| u32::try_from(seconds).unwrap_or(u32::MAX));
    QueueFigures {
        day,
        hour,
        unit_id: unit.to_string(),
        unit_code,
        point,
        kind: kind.map(|kind| kind.to_string()).unwrap_or_default(),
        taken,
        prioritised,
        transferred,
        served,
        no_shows,
        cancelled,
        unserved,
        mean_wait_seconds: seconds(waits.mean_seconds()),
        median_wait_minutes: waits.quantile_minutes(50),
        p90_wait_minutes: waits.quantile_minutes(90),
        mean_service_seconds: seconds(services.mean_seconds()),
        median_service_minutes: services.quantile_minutes(50),
        p90_service_minutes: services.quantile_minutes(90),
        longest_queue,
    }
}
