//! A day in the hall of a centre.

use std::{collections::BTreeSet, time::Duration};

use jiff::SignedDuration;
use phidia_domain::{
    caller::{Caller, Role},
    id::{OfficerId, UnitId},
};
use phidia_proto::intake::v1::{
    CallNextRequest, CallNextResponse, CancelTicketRequest, CloseCounterRequest, Counter,
    FinishTicketRequest, GetHallRequest, GetQueueStatisticsRequest, GetTicketRequest, Hall,
    OpenCounterRequest, Queue, QueueFigures, RecallTicketRequest, SetCounterRequest, SetQueueRequest,
    SkipTicketRequest, StartTicketRequest, TakeTicketRequest, TakeTicketResponse, Ticket, TicketPriority,
    TicketState, TransferTicketRequest, WatchBoardRequest, WatchBoardResponse,
};
use phidia_proto::types::v1::Text;
use phidia_runtime::status::from_status;
use tonic::{Code, Status, Streaming};

use crate::harness::{Intake, MORNING, at, caller, files, operator, until};

/// The province, with four officers at unit 1: two for certification, one for land, one for both.
async fn hall() -> Intake {
    let intake = Intake::empty().await;
    intake.import(&crowded()).await.unwrap();
    intake
}

fn crowded() -> std::collections::BTreeMap<String, String> {
    let mut files = files();
    let mut add = |file: &str, rows: &str| files.get_mut(file).unwrap().push_str(rows);
    add("officers.csv", "1-02,1,Phạm C\n1-03,1,Vũ D\n1-04,1,Đỗ E\n");
    add("competencies.csv", "1-02,Chứng thực,2\n1-03,Đất đai,4\n1-04,Chứng thực,2\n1-04,Đất đai,4\n");
    files
}

fn who(code: &str) -> Caller {
    let (unit, _) = code.split_once('-').unwrap();
    let officer = Some(OfficerId::of("37", code));
    Caller { name: code.into(), officer, ..caller(Role::Officer, Some(UnitId::of("37", unit))) }
}

/// The machine at the door of unit 1.
fn machine() -> Caller {
    caller(Role::System, Some(UnitId::of("37", "1")))
}

fn citizen(name: &str) -> Caller {
    Caller { name: name.into(), ..caller(Role::Citizen, None) }
}

fn supervisor() -> Caller {
    caller(Role::Supervisor, Some(UnitId::of("37", "1")))
}

fn draw(key: &str, kind: &str) -> TakeTicketRequest {
    TakeTicketRequest {
        idempotency_key: key.into(),
        unit_code: "1".into(),
        kind: kind.into(),
        ..Default::default()
    }
}

async fn take(intake: &Intake, key: &str, kind: &str) -> Ticket {
    drawn(intake, machine(), draw(key, kind)).await.unwrap().ticket.unwrap()
}

async fn drawn(
    intake: &Intake,
    caller: Caller,
    request: TakeTicketRequest,
) -> Result<TakeTicketResponse, String> {
    intake.queues(caller).take_ticket(request).await.map(tonic::Response::into_inner).map_err(reason)
}

fn reason(status: Status) -> String {
    from_status(&status).reason
}

async fn open(intake: &Intake, code: &str, counter: u32) -> Result<Hall, String> {
    let request = OpenCounterRequest { counter, ..Default::default() };
    let answer = intake.queues(who(code)).open_counter(request).await.map_err(reason)?;
    Ok(answer.into_inner().hall.unwrap())
}

async fn next(intake: &Intake, code: &str, counter: u32, key: &str) -> Result<CallNextResponse, String> {
    let request = CallNextRequest { idempotency_key: key.into(), counter, ..Default::default() };
    intake.queues(who(code)).call_next(request).await.map(tonic::Response::into_inner).map_err(reason)
}

async fn find(intake: &Intake, ticket: &Ticket) -> Ticket {
    let request = GetTicketRequest { ticket_id: ticket.ticket_id.clone() };
    intake.queues(citizen("any")).get_ticket(request).await.unwrap().into_inner().ticket.unwrap()
}

async fn board(intake: &Intake, resume_token: &str) -> Streaming<WatchBoardResponse> {
    let request =
        WatchBoardRequest { unit_code: "1".into(), resume_token: resume_token.into(), ..Default::default() };
    intake.queues(citizen("screen")).watch_board(request).await.unwrap().into_inner()
}

async fn told(board: &mut Streaming<WatchBoardResponse>) -> (Vec<String>, String) {
    let message = board.message().await.unwrap().unwrap();
    let call = |call: &phidia_proto::intake::v1::BoardCall| {
        format!("{}@{}{}", call.number, call.counter, if call.again { "!" } else { "" })
    };
    (message.calls.iter().map(call).collect(), message.resume_token)
}

async fn statistics(intake: &Intake, by_hour: bool) -> Vec<QueueFigures> {
    let request = GetQueueStatisticsRequest {
        from_day: "2026-11-23".into(),
        to_day: "2026-11-23".into(),
        by_hour,
        ..Default::default()
    };
    intake.queues(operator()).get_queue_statistics(request).await.unwrap().into_inner().figures
}

fn later(minutes: i64) -> jiff::Timestamp {
    at(MORNING) + SignedDuration::from_mins(minutes)
}

#[tokio::test]
async fn a_number_is_drawn_called_recalled_sent_on_and_finished() {
    let mut intake = hall().await;
    let _workers = intake.start();
    // Routing is asked for nothing at all here.
    intake.routing.away_at(Some(crate::fakes::VALIDATE));
    intake.routing.asked();
    let first = drawn(&intake, machine(), draw("k1", "A")).await.unwrap();
    assert_eq!((first.people_ahead, first.expected_wait), (0, None), "no counter is open");
    let ticket = first.ticket.unwrap();
    assert_eq!((ticket.number.as_str(), ticket.state()), ("A001", TicketState::Waiting));
    // The same request again, over another line.
    assert_eq!(drawn(&intake, machine(), draw("k1", "A")).await.unwrap().ticket.unwrap(), ticket);
    assert_eq!(drawn(&intake, machine(), draw("k1", "C")).await, Err("IDEMPOTENCY_KEY_REUSED".into()));
    let second = take(&intake, "k2", "A").await;
    let elderly = TakeTicketRequest {
        priority: TicketPriority::Elderly.into(),
        dossier_code: "H42.1-261120-0007".into(),
        ..draw("k3", "A")
    };
    let elderly = drawn(&intake, machine(), elderly).await.unwrap().ticket.unwrap();
    assert_eq!(elderly.dossier_code, "H42.1-261120-0007");
    // It is for the house only.
    assert_eq!(find(&intake, &elderly).await.dossier_code, "");

    let mut screen = board(&intake, "").await;
    assert_eq!(told(&mut screen).await, (vec![], "0".into()));
    let hall = open(&intake, "1-01", 1).await.unwrap();
    assert!(hall.usual && hall.counters[0].open_since.is_some());
    assert_eq!(hall.counters[0].serving, ["A", "E", "F"]);
    let called = next(&intake, "1-01", 1, "n1").await.unwrap();
    let spoken = called.spoken.unwrap();
    assert_eq!(spoken.vi, "Mời số A không không ba đến quầy số một");
    assert_eq!(called.ticket.as_ref().unwrap().number, "A003");
    assert_eq!(told(&mut screen).await.0, ["A003@1"]);
    // The answer was lost: nobody else is called.
    assert_eq!(next(&intake, "1-01", 1, "n1").await.unwrap().ticket, called.ticket);

    let now = called.ticket.unwrap();
    // The page was closed by mistake: the hall tells the house who is at the counter, and nobody else more than the number.
    let there = async |caller| {
        let request = GetHallRequest { unit_code: "1".into(), ..Default::default() };
        let seen = intake.queues(caller).get_hall(request).await.unwrap().into_inner().hall.unwrap();
        let counter = seen.counters.into_iter().next().unwrap();
        assert_eq!(counter.number, "A003");
        counter.ticket
    };
    for of_house in [who("1-01"), who("1-02"), supervisor()] {
        assert_eq!(there(of_house).await.as_ref(), Some(&now));
    }
    for stranger in [citizen("any"), who("2-01"), machine(), operator()] {
        assert_eq!(there(stranger).await, None);
    }
    let (ticket_id, turn) = (now.ticket_id.clone(), now.turn);
    let recall = RecallTicketRequest { ticket_id: ticket_id.clone(), turn };
    assert_eq!(
        reason(intake.queues(who("1-02")).recall_ticket(recall.clone()).await.unwrap_err()),
        "OTHER_COUNTER"
    );
    assert_eq!(
        reason(intake.queues(who("2-01")).recall_ticket(recall.clone()).await.unwrap_err()),
        "OTHER_UNIT"
    );
    intake.queues(who("1-01")).recall_ticket(recall).await.unwrap();
    let (calls, token) = told(&mut screen).await;
    assert_eq!(calls, ["A003@1!"]);
    intake.clock.set(later(5));
    for _ in 0..2 {
        let start = StartTicketRequest { ticket_id: ticket_id.clone(), turn };
        intake.queues(who("1-01")).start_ticket(start).await.unwrap();
    }
    let skip = SkipTicketRequest { ticket_id: ticket_id.clone(), turn };
    let refused = from_status(&intake.queues(who("1-01")).skip_ticket(skip).await.unwrap_err());
    assert_eq!(refused.reason, "TICKET_NOT_READY");
    assert!(refused.metadata.contains(&("allowed".into(), "FinishTicket,TransferTicket,CallNext".into())));
    let transfer = TransferTicketRequest { ticket_id: ticket_id.clone(), turn, kind: "C".into(), counter: 0 };
    let sent = intake.queues(who("1-01")).transfer_ticket(transfer).await.unwrap().into_inner();
    assert_eq!(sent.ticket.unwrap().kind, "C");
    open(&intake, "1-03", 3).await.unwrap();
    let there = next(&intake, "1-03", 3, "n2").await.unwrap().ticket.unwrap();
    assert_eq!((there.number.as_str(), there.turn), ("A003", 2));
    let finish = FinishTicketRequest { ticket_id, turn: 1, dossier_code: String::new() };
    assert_eq!(
        reason(intake.queues(who("1-03")).finish_ticket(finish.clone()).await.unwrap_err()),
        "OLD_TURN"
    );
    intake.clock.set(later(15));
    let finish = FinishTicketRequest { turn: 2, dossier_code: "H42.1-261123-0001".into(), ..finish };
    let done = intake.queues(who("1-03")).finish_ticket(finish).await.unwrap().into_inner().ticket.unwrap();
    assert_eq!((done.state(), done.dossier_code.as_str()), (TicketState::Served, "H42.1-261123-0001"));

    // The next one finishes the one before.
    let one = next(&intake, "1-01", 1, "n3").await.unwrap();
    let two = next(&intake, "1-01", 1, "n4").await.unwrap();
    assert_eq!(one.ticket.unwrap().ticket_id, ticket.ticket_id);
    assert_eq!((two.ticket.unwrap().ticket_id, two.finished_ticket_id), (second.ticket_id, ticket.ticket_id));
    assert_eq!(next(&intake, "1-01", 1, "n5").await.unwrap().ticket, None);
    // Somebody else's screen goes on where this one was.
    let mut other = board(&intake, &token).await;
    assert_eq!(told(&mut other).await.0, Vec::<String>::new());
    assert_eq!(told(&mut other).await.0, ["A003@3", "A001@1", "A002@1"]);
    let mut new = board(&intake, "").await;
    assert_eq!(told(&mut new).await.0.len(), 5);
    assert!(intake.routing.asked().is_empty());

    let figures = statistics(&intake, false).await;
    let kinds: Vec<_> = figures.iter().map(|row| (row.kind.as_str(), row.taken, row.served)).collect();
    assert_eq!(kinds, [("A", 3, 3), ("", 3, 3)]);
    let all = figures.last().unwrap();
    // Who was called at the instant at which they came never stood in the line.
    assert_eq!((all.prioritised, all.transferred, all.longest_queue), (1, 1, 2));
    assert_eq!((all.mean_wait_seconds, all.median_wait_minutes), (Some(600), Some(15)));
    assert_eq!(statistics(&intake, true).await[0].hour, Some(9));
    // Of today, where no day is named.
    let today = GetQueueStatisticsRequest::default();
    let today = intake.queues(operator()).get_queue_statistics(today).await.unwrap().into_inner().figures;
    assert_eq!(today, figures);
}

#[tokio::test]
async fn one_hall_does_not_take_the_screens_of_all_others() {
    let intake = hall().await;
    let mut screens = Vec::new();
    for _ in 0..64 {
        screens.push(board(&intake, "").await);
    }
    let of = |unit: &str| WatchBoardRequest { unit_code: unit.into(), ..Default::default() };
    let refused = intake.queues(citizen("one more")).watch_board(of("1")).await.unwrap_err();
    assert_eq!((refused.code(), reason(refused).as_str()), (Code::ResourceExhausted, "OVERLOADED"));
    intake.queues(citizen("elsewhere")).watch_board(of("2")).await.unwrap();
    drop(screens.pop());
    until("a place is free", async || intake.queues(citizen("x")).watch_board(of("1")).await.is_ok()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_that_call_at_the_same_moment_never_call_the_same_ticket() {
    let intake = hall().await;
    for number in 0..24 {
        take(&intake, &format!("k{number}"), "A").await;
    }
    for (counter, code) in [(1, "1-01"), (2, "1-02"), (4, "1-04")] {
        open(&intake, code, counter).await.unwrap();
    }
    let calls = [(1, "1-01"), (2, "1-02"), (4, "1-04")].map(|(counter, code)| {
        let queues = intake.queues(who(code));
        tokio::spawn(async move {
            let mut called = Vec::new();
            for round in 0..9 {
                let request = CallNextRequest {
                    idempotency_key: format!("{counter}-{round}"),
                    counter,
                    ..Default::default()
                };
                let answer = queues.clone().call_next(request).await.unwrap().into_inner();
                called.extend(answer.ticket.map(|ticket| ticket.number));
            }
            called
        })
    });
    let mut all = Vec::new();
    for calls in calls {
        all.extend(calls.await.unwrap());
    }
    assert_eq!(all.len(), 24, "{all:?}");
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 24, "{all:?}");
    // Numbers were given once, too, however many drew at once.
    let draws = (0..20).map(|number| {
        let queues = intake.queues(machine());
        tokio::spawn(async move {
            queues.clone().take_ticket(draw(&format!("m{number}"), "C")).await.unwrap().into_inner()
        })
    });
    let mut numbers = BTreeSet::new();
    for draw in draws.collect::<Vec<_>>() {
        numbers.insert(draw.await.unwrap().ticket.unwrap().number);
    }
    assert_eq!(numbers.len(), 20);
    assert_eq!(numbers.last().unwrap(), "C020");
}

#[tokio::test]
async fn who_waits_is_told_how_long_and_may_give_their_number_back() {
    let intake = hall().await;
    let own = drawn(&intake, citizen("an"), draw("k", "A")).await.unwrap().ticket.unwrap();
    for number in 0..4 {
        take(&intake, &format!("m{number}"), "A").await;
    }
    open(&intake, "1-01", 1).await.unwrap();
    let last = drawn(&intake, machine(), draw("last", "A")).await.unwrap();
    assert_eq!(last.people_ahead, 5);
    let alone = last.expected_wait.unwrap();
    assert!(alone.at_least <= alone.minutes && alone.minutes <= alone.at_most);
    // Five services of six minutes.
    assert_eq!(alone.minutes, 30);
    open(&intake, "1-02", 2).await.unwrap();
    let request = GetTicketRequest { ticket_id: last.ticket.unwrap().ticket_id };
    let two = intake.queues(citizen("any")).get_ticket(request).await.unwrap().into_inner();
    assert_eq!(two.expected_wait.unwrap().minutes, 12);
    let request = GetHallRequest { unit_code: "1".into(), ..Default::default() };
    let seen = intake.queues(citizen("any")).get_hall(request).await.unwrap().into_inner().hall.unwrap();
    assert_eq!(seen.queues[0].waiting, 6);
    assert_eq!(seen.queues[0].expected_wait.unwrap().minutes, 18);
    assert!(seen.counters.iter().all(|counter| counter.officer_id.is_empty()), "who sits where is for staff");
    assert!(
        seen.counters.iter().all(|counter| counter.ticket.is_none()),
        "which ticket it is is the house's"
    );

    let cancel = CancelTicketRequest { ticket_id: own.ticket_id.clone() };
    let stranger = intake.queues(citizen("binh")).cancel_ticket(cancel.clone()).await.unwrap_err();
    assert_eq!((stranger.code(), reason(stranger.clone())), (Code::NotFound, "UNKNOWN_TICKET".into()));
    for _ in 0..2 {
        let given = intake.queues(citizen("an")).cancel_ticket(cancel.clone()).await.unwrap().into_inner();
        assert_eq!(given.ticket.unwrap().state(), TicketState::Cancelled);
    }
    assert_eq!(next(&intake, "1-01", 1, "n").await.unwrap().ticket.unwrap().number, "A002");

    // A person draws so many a day, and no more; the machine draws for everybody.
    for number in 1..5 {
        drawn(&intake, citizen("an"), draw(&format!("again{number}"), "A")).await.unwrap();
    }
    let refused = intake.queues(citizen("an")).take_ticket(draw("more", "A")).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    let refused = from_status(&refused);
    assert_eq!(refused.reason, "TOO_MANY_TICKETS");
    assert_eq!(refused.metadata, [("limit".to_owned(), "5".to_owned())]);
    drawn(&intake, citizen("binh"), draw("other", "A")).await.unwrap();
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_name() {
    let intake = hall().await;
    let bad = |change: fn(&mut TakeTicketRequest)| {
        let mut request = draw("k", "A");
        change(&mut request);
        request
    };
    for (request, field, expected) in [
        (bad(|request| request.kind.clear()), "kind", "MISSING_FIELD"),
        (bad(|request| request.kind = "AB".into()), "kind", "MALFORMED_KIND"),
        (bad(|request| request.kind = "á".into()), "kind", "MALFORMED_KIND"),
        (bad(|request| request.point = "tầng 2".into()), "point", "MALFORMED_POINT"),
        (bad(|request| request.unit_code = "77".into()), "unit_code", "UNKNOWN_UNIT"),
        // Nobody hands anything in at a department.
        (bad(|request| request.unit_code = "D".into()), "unit_code", "UNKNOWN_UNIT"),
        (bad(|request| request.unit_code.clear()), "unit_code", "MISSING_FIELD"),
        (bad(|request| request.priority = 77), "priority", "UNKNOWN_VALUE"),
        (bad(|request| request.dossier_code = "a b".into()), "dossier_code", "MALFORMED_DOSSIER_CODE"),
        (bad(|request| request.idempotency_key.clear()), "idempotency_key", "MALFORMED_IDEMPOTENCY_KEY"),
    ] {
        let refused = intake.queues(citizen("an")).take_ticket(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{field}");
        let refused = from_status(&refused);
        assert_eq!((refused.violations[0].field.as_str(), refused.reason.as_str()), (field, expected));
    }
    assert_eq!(drawn(&intake, machine(), draw("k", "Z")).await, Err("UNKNOWN_KIND".into()));
    let elsewhere = TakeTicketRequest { unit_code: "2".into(), ..draw("k", "A") };
    assert_eq!(drawn(&intake, machine(), elsewhere).await, Err("OTHER_UNIT".into()));
    assert_eq!(open(&intake, "1-01", 0).await.unwrap_err(), "MISSING_FIELD");
    assert_eq!(open(&intake, "1-01", 9).await.unwrap_err(), "UNKNOWN_COUNTER");
    open(&intake, "1-01", 1).await.unwrap();
    assert_eq!(open(&intake, "1-02", 1).await.unwrap_err(), "COUNTER_OCCUPIED");
    assert_eq!(open(&intake, "1-01", 2).await.unwrap_err(), "SEATED_ELSEWHERE");
    assert_eq!(next(&intake, "1-02", 1, "n").await.unwrap_err(), "NOT_AT_COUNTER");
    let request = OpenCounterRequest { counter: 2, officer_code: "1-02".into(), ..Default::default() };
    let other = intake.queues(who("1-01")).open_counter(request.clone()).await.unwrap_err();
    assert_eq!(reason(other), "OTHER_AT_COUNTER");
    let nobody = OpenCounterRequest { officer_code: "2-01".into(), ..request.clone() };
    let nobody = intake.queues(supervisor()).open_counter(nobody).await.unwrap_err();
    assert_eq!(reason(nobody), "UNKNOWN_STAFF_CODE");
    intake.queues(supervisor()).open_counter(request).await.unwrap();
    let close = CloseCounterRequest { counter: 2, ..Default::default() };
    let other = intake.queues(who("1-01")).close_counter(close.clone()).await.unwrap_err();
    assert_eq!(reason(other), "NOT_AT_COUNTER");
    for _ in 0..2 {
        intake.queues(supervisor()).close_counter(close.clone()).await.unwrap();
    }
    for (resume_token, code) in
        [("x", Code::InvalidArgument), ("-1", Code::InvalidArgument), ("7", Code::OutOfRange)]
    {
        let request = WatchBoardRequest {
            unit_code: "1".into(),
            resume_token: resume_token.into(),
            ..Default::default()
        };
        assert_eq!(intake.queues(citizen("any")).watch_board(request).await.unwrap_err().code(), code);
    }
    for (from_day, to_day, expected) in [
        ("x", "2026-11-23", "MALFORMED_DATE"),
        ("2026-11-23", "x", "MALFORMED_DATE"),
        ("2026-11-23", "2026-11-22", "DAYS_REVERSED"),
        ("2026-11-23", "2028-11-22", "DATE_OUT_OF_RANGE"),
    ] {
        let request = GetQueueStatisticsRequest {
            from_day: from_day.into(),
            to_day: to_day.into(),
            ..Default::default()
        };
        let refused = intake.queues(operator()).get_queue_statistics(request).await.unwrap_err();
        assert_eq!(reason(refused), expected);
    }
}

#[tokio::test]
async fn a_centre_sets_its_hall_up_otherwise() {
    let intake = hall().await;
    let text = |vi: &str| Some(Text { vi: vi.into(), en: vi.into() });
    let stamps = Queue {
        kind: "S".into(),
        name: text("Sao y"),
        fields: vec!["Chứng thực".into()],
        usual_minutes: 4,
        ..Default::default()
    };
    // Nobody draws a number where nobody calls one.
    let upstairs = TakeTicketRequest { point: "tang-2".into(), ..draw("k", "A") };
    assert_eq!(drawn(&intake, machine(), upstairs).await, Err("UNKNOWN_POINT".into()));
    let set = SetQueueRequest { point: "tang-2".into(), queue: Some(stamps.clone()), ..Default::default() };
    let hall = intake.queues(supervisor()).set_queue(set.clone()).await.unwrap().into_inner().hall.unwrap();
    assert!(!hall.usual);
    assert!(hall.queues.iter().any(|standing| standing.queue.as_ref() == Some(&stamps)));
    let only = Counter { number: 7, name: text("Quầy sao y"), kinds: vec!["S".into()] };
    let counter = SetCounterRequest { point: "tang-2".into(), counter: Some(only), ..Default::default() };
    intake.queues(supervisor()).set_counter(counter.clone()).await.unwrap();
    // The other point of reception is as it was.
    assert_eq!(drawn(&intake, machine(), draw("k", "S")).await, Err("UNKNOWN_KIND".into()));
    let upstairs = TakeTicketRequest { point: "tang-2".into(), ..draw("k", "S") };
    assert_eq!(drawn(&intake, machine(), upstairs).await.unwrap().ticket.unwrap().number, "S001");
    let remove = SetQueueRequest { remove: true, ..set.clone() };
    let refused = intake.queues(supervisor()).set_queue(remove.clone()).await.unwrap_err();
    assert_eq!(reason(refused), "KIND_IN_USE");

    let open = OpenCounterRequest { point: "tang-2".into(), counter: 7, ..Default::default() };
    intake.queues(who("1-02")).open_counter(open).await.unwrap();
    let gone = SetCounterRequest { remove: true, ..counter };
    assert_eq!(
        reason(intake.queues(supervisor()).set_counter(gone.clone()).await.unwrap_err()),
        "COUNTER_OPEN"
    );
    let call = CallNextRequest { idempotency_key: "n".into(), point: "tang-2".into(), counter: 7 };
    assert!(intake.queues(who("1-02")).call_next(call).await.unwrap().into_inner().ticket.is_some());
    let close = CloseCounterRequest { point: "tang-2".into(), counter: 7 };
    intake.queues(who("1-02")).close_counter(close).await.unwrap();
    // Who was called and not served yet has their place again.
    assert_eq!(reason(intake.queues(supervisor()).set_queue(remove).await.unwrap_err()), "KIND_IN_USE");
    intake.queues(supervisor()).set_counter(gone.clone()).await.unwrap();
    assert_eq!(reason(intake.queues(supervisor()).set_counter(gone).await.unwrap_err()), "UNKNOWN_COUNTER");

    for (queue, expected) in [
        (Queue { name: None, ..stamps.clone() }, "MISSING_FIELD"),
        (Queue { usual_minutes: 0, ..stamps.clone() }, "OUT_OF_RANGE"),
        (Queue { fields: vec!["Hiếm".into()], ..stamps.clone() }, "UNKNOWN_FIELD"),
        (Queue { rest: true, ..stamps.clone() }, "FIELDS_AND_REST"),
        (Queue { name: text(&"a".repeat(81)), ..stamps.clone() }, "WRONG_LENGTH"),
    ] {
        let request = SetQueueRequest { queue: Some(queue), ..Default::default() };
        assert_eq!(reason(intake.queues(supervisor()).set_queue(request).await.unwrap_err()), expected);
    }
    let other = SetQueueRequest { unit_code: "2".into(), queue: Some(stamps), ..Default::default() };
    assert_eq!(reason(intake.queues(supervisor()).set_queue(other).await.unwrap_err()), "OTHER_UNIT");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_ends_and_what_was_counted_of_it_outlives_its_tickets() {
    let mut intake = hall().await;
    let workers = intake.start();
    open(&intake, "1-01", 1).await.unwrap();
    let served = take(&intake, "k1", "A").await;
    let waits = take(&intake, "k2", "A").await;
    let skipped = take(&intake, "k3", "C").await;
    intake.clock.set(later(10));
    next(&intake, "1-01", 1, "n").await.unwrap();
    open(&intake, "1-03", 3).await.unwrap();
    for turn in 1..3 {
        let called = next(&intake, "1-03", 3, &format!("s{turn}")).await.unwrap().ticket.unwrap();
        assert_eq!((called.ticket_id.as_str(), called.turn), (skipped.ticket_id.as_str(), turn));
        let skip = SkipTicketRequest { ticket_id: called.ticket_id, turn };
        intake.queues(who("1-03")).skip_ticket(skip).await.unwrap();
    }
    let start = StartTicketRequest { ticket_id: served.ticket_id.clone(), turn: 1 };
    intake.queues(who("1-01")).start_ticket(start).await.unwrap();
    // Until 17:30 it is open, and an hour later who waits is sent home.
    intake.clock.set(at("2026-11-23T11:29:00Z"));
    let evening = take(&intake, "k4", "A").await;
    intake.clock.set(at("2026-11-23T11:30:00Z"));
    let late = take(&intake, "k5", "A").await;
    until("the day has ended", async || find(&intake, &waits).await.state() == TicketState::Unserved).await;
    until("theirs, too", async || find(&intake, &evening).await.state() == TicketState::Unserved).await;
    assert_eq!(find(&intake, &served).await.state(), TicketState::Served);
    assert_eq!(find(&intake, &skipped).await.state(), TicketState::NoShow);
    assert_eq!(find(&intake, &late).await.state(), TicketState::Waiting);
    intake.clock.set(at("2026-11-23T16:59:00Z"));
    let before = statistics(&intake, true).await;
    assert_eq!(find(&intake, &late).await.state(), TicketState::Waiting);

    // Midnight.
    intake.clock.set(at("2026-11-23T17:00:00Z"));
    until("the last is sent home", async || find(&intake, &late).await.state() == TicketState::Unserved)
        .await;
    let after = statistics(&intake, false).await;
    let all = after.last().unwrap();
    let counts = (all.taken, all.served, all.no_shows, all.unserved);
    assert_eq!(counts, (5, 1, 1, 3));
    assert_eq!(before.iter().filter(|row| row.kind.is_empty()).map(|row| row.taken).sum::<u32>(), 5);
    // Numbers begin anew, and counters are closed.
    intake.clock.set(at("2026-11-24T01:00:00Z"));
    assert_eq!(take(&intake, "k6", "A").await.number, "A001");
    assert_eq!(next(&intake, "1-01", 1, "m").await.unwrap_err(), "NOT_AT_COUNTER");

    intake.clock.set(at("2026-11-28T01:00:00Z"));
    until("old tickets are forgotten", async || {
        let request = GetTicketRequest { ticket_id: served.ticket_id.clone() };
        intake.queues(operator()).get_ticket(request).await.is_err()
    })
    .await;
    assert_eq!(statistics(&intake, false).await, after);
    // Day by day, each page some days.
    let mut request = GetQueueStatisticsRequest {
        unit_code: "1".into(),
        from_day: "2026-11-22".into(),
        to_day: "2026-11-25".into(),
        page_size: 1,
        ..Default::default()
    };
    let mut days = Vec::new();
    loop {
        let page =
            intake.queues(supervisor()).get_queue_statistics(request.clone()).await.unwrap().into_inner();
        days.push(page.figures.iter().filter(|row| row.kind.is_empty()).map(|row| row.taken).sum::<u32>());
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(days, [0, 5, 1, 0]);
    assert!(workers.stop(Duration::from_secs(10)).await);
}
