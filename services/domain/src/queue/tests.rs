//! Laws of the hall over ten thousand random days, and the wait that is foretold against a hall that is played.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, civil::date, tz::TimeZone};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{
    equipment::Workplaces,
    id::{Id as _, OfficerId, TicketId, UnitId},
    officer::Officer,
};

const KINDS: [char; 3] = ['A', 'B', 'E'];

fn letter(letter: char) -> Letter {
    letter.try_into().unwrap()
}

fn id(number: u128) -> TicketId {
    TicketId::from_uuid(Uuid::from_u128(number))
}

fn of(counter: u32) -> OfficerId {
    OfficerId::of("37", &counter.to_string())
}

fn officer(code: &str, fields: &[&str]) -> Officer {
    Officer {
        id: OfficerId::of("37", code),
        code: code.to_owned(),
        unit: UnitId::of("37", "1"),
        name: String::new(),
        competencies: fields.iter().map(|field| ((*field).to_owned(), 3)).collect(),
    }
}

/// Seconds after half past seven.
fn at(seconds: i64) -> Timestamp {
    "2026-11-30T00:30:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
}

/// Counters 1 to 3: the first masters certification, the second civil status, the third both; nobody sits there yet.
fn hall() -> Hall {
    let officers =
        [officer("1", &["Chứng thực"]), officer("2", &["Hộ tịch"]), officer("3", &["Hộ tịch", "Chứng thực"])];
    let arrangement = Arrangement::usual(&officers.iter().collect::<Vec<_>>());
    let mastered = (1..).zip(&officers).map(|(number, own)| (number, arrangement.mastered(own))).collect();
    Hall {
        arrangement,
        seats: BTreeMap::new(),
        mastered,
        workplaces: Workplaces::default(),
        calls: 0,
        numbers: BTreeMap::new(),
        tickets: BTreeMap::new(),
    }
}

fn open(counters: impl IntoIterator<Item = u32>) -> Hall {
    let mut hall = hall();
    counters.into_iter().for_each(|counter| hall.open(counter, of(counter), at(0)).unwrap());
    hall
}

fn take(hall: &mut Hall, number: u128, kind: char, priority: Option<Priority>, when: i64) -> TicketId {
    hall.take(id(number), letter(kind), priority, None, at(when)).unwrap().id
}

fn call(hall: &mut Hall, counter: u32, when: i64) -> Option<TicketId> {
    hall.call_next(counter, of(counter), at(when)).unwrap().ticket
}

fn reason<T: std::fmt::Debug>(outcome: Result<T, crate::Rejection>) -> String {
    outcome.unwrap_err().reason
}

#[test]
fn a_centre_that_has_set_nothing_up_serves_what_its_officers_master() {
    let hall = hall();
    let letters: String = hall.arrangement.kinds.keys().map(|kind| kind.get()).collect();
    // Nobody masters land, nor any field that no kind names.
    assert_eq!(letters, "ABEF");
    assert_eq!(hall.arrangement.counters.keys().copied().collect::<Vec<_>>(), [1, 2, 3]);
    let callable = |counter| hall.callable(counter).into_iter().map(Letter::get).collect::<String>();
    assert_eq!([callable(1), callable(2), callable(3)], ["AEF", "BEF", "ABEF"]);
    let other = officer("4", &["Chăn nuôi"]);
    let arrangement = Arrangement::usual(&[&other]);
    assert_eq!(arrangement.kinds.keys().map(|kind| kind.get()).collect::<String>(), "DEF");
}

#[test]
fn who_came_first_is_called_first_and_priority_by_law_counts_as_an_hour() {
    let mut hall = open([3]);
    let first = take(&mut hall, 9, 'A', None, 0);
    let second = take(&mut hall, 8, 'B', None, 60);
    let elderly = take(&mut hall, 7, 'A', Some(Priority::Elderly), 3_599);
    let pregnant = take(&mut hall, 6, 'B', Some(Priority::Pregnant), 3_600);
    let order: Vec<_> = (0..4).map(|turn| call(&mut hall, 3, 3_700 + turn).unwrap()).collect();
    assert_eq!(order, [elderly, first, pregnant, second]);
    assert_eq!(hall.tickets[&first].label(), "A001");
    assert_eq!(hall.tickets[&elderly].label(), "A002");
}

#[test]
fn a_day_at_the_counter() {
    let mut hall = open([1, 2]);
    let (one, three) = (take(&mut hall, 1, 'A', None, 0), take(&mut hall, 3, 'B', None, 2));
    assert_eq!(reason(hall.recall(one, 0, of(1))), "TICKET_NOT_READY");
    assert_eq!(call(&mut hall, 1, 10), Some(one));
    // What counter 1 called, counter 2 does not.
    assert_eq!(call(&mut hall, 2, 11), Some(three));
    assert_eq!(call(&mut hall, 2, 12), None);
    assert_eq!(hall.tickets[&three].state, State::Served);
    assert_eq!(reason(hall.start(one, 1, of(2), at(12))), "OTHER_COUNTER");
    assert_eq!(reason(hall.start(one, 2, of(1), at(12))), "OLD_TURN");
    hall.recall(one, 1, of(1)).unwrap();
    for _ in 0..2 {
        hall.start(one, 1, of(1), at(20)).unwrap();
    }
    let refused = hall.skip(one, 1, of(1), at(21)).unwrap_err();
    assert_eq!(refused.reason, "TICKET_NOT_READY");
    assert!(refused.metadata.contains(&("allowed".into(), "FinishTicket,TransferTicket,CallNext".into())));
    assert_eq!(reason(hall.transfer(one, 1, of(1), None, None)), "NOWHERE_ELSE");
    assert_eq!(reason(hall.transfer(one, 1, of(1), Some(letter('C')), None)), "UNKNOWN_KIND");
    let results = Counter { kinds: [letter('E')].into(), ..hall.arrangement.counters[&2].clone() };
    hall.arrangement.set_counter(results).unwrap();
    assert_eq!(reason(hall.transfer(one, 1, of(1), Some(letter('B')), Some(2))), "COUNTER_DOES_NOT_SERVE");
    for _ in 0..2 {
        hall.finish(one, 1, of(1), Some("H42.1-261130-0001".into()), at(30)).unwrap();
    }
    assert_eq!(
        reason(hall.finish(one, 1, of(1), Some("H42.1-261130-0002".into()), at(30))),
        "TICKET_NOT_READY"
    );
    assert_eq!(hall.tickets[&one].served_seconds(), Some(10));
}

#[test]
fn who_is_sent_on_keeps_the_time_at_which_they_came() {
    let mut hall = open([1, 2]);
    let sent = take(&mut hall, 1, 'A', None, 0);
    let waits = take(&mut hall, 2, 'B', None, 30);
    assert_eq!(call(&mut hall, 1, 60), Some(sent));
    for _ in 0..2 {
        hall.transfer(sent, 1, of(1), Some(letter('B')), None).unwrap();
    }
    assert_eq!(hall.tickets[&sent].label(), "A001");
    assert_eq!(call(&mut hall, 2, 61), Some(sent));
    assert_eq!(call(&mut hall, 2, 62), Some(waits));
    // Sent to a counter, they wait for that one, until it closes.
    let bound = take(&mut hall, 3, 'E', None, 70);
    assert_eq!(call(&mut hall, 1, 71), Some(bound));
    hall.transfer(bound, 1, of(1), None, Some(2)).unwrap();
    assert_eq!(call(&mut hall, 1, 72), None);
    hall.close(2, at(73)).unwrap();
    assert_eq!(call(&mut hall, 1, 74), Some(bound));
}

#[test]
fn who_does_not_come_comes_back_once() {
    let mut hall = open([1]);
    let late = take(&mut hall, 1, 'A', None, 0);
    let others: Vec<_> = (2..7).map(|number| take(&mut hall, number, 'A', None, 1)).collect();
    assert_eq!(call(&mut hall, 1, 10), Some(late));
    for _ in 0..2 {
        hall.skip(late, 1, of(1), at(11)).unwrap();
    }
    for other in &others[..3] {
        assert_eq!(call(&mut hall, 1, 20), Some(*other));
    }
    assert_eq!(call(&mut hall, 1, 30), Some(late));
    assert_eq!(reason(hall.skip(late, 1, of(1), at(31))), "OLD_TURN");
    for _ in 0..2 {
        hall.skip(late, 2, of(1), at(31)).unwrap();
    }
    assert_eq!(hall.tickets[&late].state, State::NoShow);
    // Where nobody else waits they are not left waiting.
    let mut hall = open([1]);
    let alone = take(&mut hall, 1, 'A', None, 0);
    call(&mut hall, 1, 1);
    hall.skip(alone, 1, of(1), at(2)).unwrap();
    assert_eq!(call(&mut hall, 1, 3), Some(alone));
}

#[test]
fn counters_are_open_only_where_a_pc_works_and_scanners_that_are_wanting_make_it_longer() {
    let mut hall = hall();
    assert_eq!(reason(hall.open(9, of(1), at(0))), "UNKNOWN_COUNTER");
    hall.open(1, of(1), at(0)).unwrap();
    hall.open(1, of(1), at(1)).unwrap();
    assert_eq!(reason(hall.open(1, of(2), at(0))), "COUNTER_OCCUPIED");
    assert_eq!(reason(hall.open(2, of(1), at(0))), "SEATED_ELSEWHERE");
    assert_eq!(reason(hall.call_next(2, of(2), at(0))), "NOT_AT_COUNTER");
    hall.workplaces.pcs = Some(1);
    let refused = hall.open(2, of(2), at(0)).unwrap_err();
    assert_eq!(refused.reason, "NO_WORKPLACE");
    assert!(refused.metadata.contains(&("working_pcs".into(), "1".into())));
    // Nor without a desk to sit at.
    (hall.workplaces.pcs, hall.workplaces.counters) = (Some(5), Some(1));
    let refused = hall.open(2, of(2), at(0)).unwrap_err();
    assert!(refused.metadata.contains(&("working_counters".into(), "1".into())));
    (hall.workplaces.pcs, hall.workplaces.counters) = (Some(1), None);
    hall.workplaces.pcs = Some(3);
    hall.open(2, of(2), at(0)).unwrap();
    hall.open(3, of(3), at(0)).unwrap();
    for (scanners, papers) in [(None, 100), (Some(3), 100), (Some(2), 150), (Some(1), 200), (Some(0), 200)] {
        hall.workplaces.scanners = scanners;
        // Whoever collects a result hands in no papers.
        assert_eq!((hall.strain(letter('A')), hall.strain(letter('E'))), (papers, 100), "{scanners:?}");
    }
}

#[test]
fn a_day_ends_an_hour_after_the_centre_closes() {
    let zone = TimeZone::UTC;
    let midnight = "2026-12-01T00:00:00Z".parse().unwrap();
    assert_eq!(closes_at(None, &zone, date(2026, 11, 30)), (midnight, midnight));
    let mut hall = open([1]);
    let (served, called) = (take(&mut hall, 1, 'A', None, 0), take(&mut hall, 2, 'B', None, 1));
    call(&mut hall, 1, 2);
    hall.start(served, 1, of(1), at(3)).unwrap();
    let evening = take(&mut hall, 3, 'A', None, 40_000);
    hall.end_day(at(39_000), at(40_001));
    let states = [served, called, evening].map(|id| hall.tickets[&id].state);
    assert_eq!(states, [State::Served, State::Unserved, State::Waiting]);
}

#[test]
fn what_is_counted_of_two_halves_is_what_is_counted_of_the_whole() {
    let mut hall = open([1]);
    for number in 1..=20 {
        take(
            &mut hall,
            number,
            'A',
            (number % 5 == 0).then_some(Priority::Merit),
            i64::try_from(number).unwrap(),
        );
    }
    for turn in 0..20 {
        call(&mut hall, 1, 100 + turn * 300);
    }
    let tickets: Vec<_> = hall.tickets.values().cloned().collect();
    let sum = |tickets: &[Ticket]| {
        tally(tickets, |_| 7).into_values().fold(Tally::default(), |mut sum, one| {
            sum.merge(&one);
            sum
        })
    };
    let whole = sum(&tickets);
    assert_eq!((whole.taken, whole.served, whole.prioritised, whole.longest_queue), (20, 19, 4, 20));
    assert_eq!(whole.services.mean_seconds(), Some(300));
    assert_eq!(whole.waits.quantile_minutes(50), Some(46));
    assert_eq!(whole.waits.quantile_minutes(90), Some(86));
    assert_eq!((Spread::default().mean_seconds(), Spread::default().quantile_minutes(50)), (None, None));
    let (first, second) = tickets.split_at(7);
    let mut halves = sum(first);
    halves.merge(&sum(second));
    assert_eq!(Tally { longest_queue: whole.longest_queue, ..halves }, whole);
}

/// What may happen in a hall; tickets and counters by their place.
#[derive(Clone, Debug)]
enum Deed {
    Take(usize, bool),
    Open(u32),
    Close(u32),
    Call(u32),
    Recall(usize),
    Start(usize),
    Skip(usize),
    Finish(usize),
    Transfer(usize, Option<usize>, Option<u32>),
    Cancel(usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    let (counter, place) = (1..=3_u32, 0..30_usize);
    prop_oneof![
        4 => (0..KINDS.len(), any::<bool>()).prop_map(|(kind, priority)| Deed::Take(kind, priority)),
        2 => counter.clone().prop_map(Deed::Open),
        1 => counter.clone().prop_map(Deed::Close),
        6 => counter.clone().prop_map(Deed::Call),
        1 => place.clone().prop_map(Deed::Recall),
        2 => place.clone().prop_map(Deed::Start),
        2 => place.clone().prop_map(Deed::Skip),
        2 => place.clone().prop_map(Deed::Finish),
        2 => (place.clone(), proptest::option::of(0..KINDS.len()), proptest::option::of(counter))
            .prop_map(|(place, kind, counter)| Deed::Transfer(place, kind, counter)),
        1 => place.prop_map(Deed::Cancel),
    ]
}

/// Does it, as whoever sits where the ticket was called; what is refused changes nothing.
fn act(hall: &mut Hall, deed: &Deed, now: i64) {
    let before = hall.clone();
    let ticket = |hall: &Hall, place: usize| {
        let ticket = hall.tickets.values().nth(place)?;
        let officer = ticket.counter.map_or(of(0), of);
        Some((ticket.id, ticket.turn, officer))
    };
    let outcome = match *deed {
        Deed::Take(kind, priority) => {
            let number = u128::try_from(hall.tickets.len()).unwrap() + 1;
            let priority = priority.then_some(Priority::Elderly);
            hall.take(id(number), letter(KINDS[kind]), priority, None, at(now)).map(drop)
        }
        Deed::Open(counter) => hall.open(counter, of(counter), at(now)),
        Deed::Close(counter) => hall.close(counter, at(now)),
        Deed::Call(counter) => hall.call_next(counter, of(counter), at(now)).map(drop),
        Deed::Recall(place) => {
            ticket(hall, place).map_or(Ok(()), |(id, turn, officer)| hall.recall(id, turn, officer))
        }
        Deed::Start(place) => {
            ticket(hall, place).map_or(Ok(()), |(id, turn, officer)| hall.start(id, turn, officer, at(now)))
        }
        Deed::Skip(place) => {
            ticket(hall, place).map_or(Ok(()), |(id, turn, officer)| hall.skip(id, turn, officer, at(now)))
        }
        Deed::Finish(place) => ticket(hall, place)
            .map_or(Ok(()), |(id, turn, officer)| hall.finish(id, turn, officer, None, at(now))),
        Deed::Transfer(place, kind, counter) => ticket(hall, place).map_or(Ok(()), |(id, turn, officer)| {
            hall.transfer(id, turn, officer, kind.map(|kind| letter(KINDS[kind])), counter)
        }),
        Deed::Cancel(place) => ticket(hall, place).map_or(Ok(()), |(id, ..)| hall.cancel(id, at(now))),
    };
    if let Err(refusal) = outcome {
        assert_eq!(*hall, before, "{deed:?} was refused ({}) and changed something", refusal.reason);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn ten_thousand_days_keep_the_laws_of_the_hall(deeds in proptest::collection::vec(deed(), 1..60)) {
        let mut hall = hall();
        let mut now = 0;
        for deed in &deeds {
            now += 30;
            let before = hall.clone();
            act(&mut hall, deed, now);
            // A counter has one person at it at most, and somebody sits there.
            let mut busy = BTreeSet::new();
            for ticket in hall.tickets.values().filter(|ticket| matches!(ticket.state, State::Called | State::Serving)) {
                let counter = ticket.counter.unwrap();
                prop_assert!(busy.insert(counter), "two at counter {counter}");
                prop_assert!(hall.seats.contains_key(&counter));
            }
            for (id, ticket) in &hall.tickets {
                prop_assert_eq!(ticket.state.is_live(), ticket.ended_at.is_none());
                let Some(was) = before.tickets.get(id) else { continue };
                // What has ended is over; when somebody came, and their number, never change.
                prop_assert!(was.state.is_live() || was == ticket);
                prop_assert_eq!((was.taken_at, was.label()), (ticket.taken_at, ticket.label()));
                prop_assert!(ticket.missed < 2 || ticket.state == State::NoShow);
            }
            if let Deed::Call(counter) = deed {
                let called = hall.tickets.values().find(|ticket| ticket.called_at == Some(at(now)));
                let kinds = before.callable(*counter);
                let free: Vec<_> = before.tickets.values().filter(|ticket| {
                    ticket.state == State::Waiting && before.may_call(*counter, &kinds, ticket)
                }).collect();
                let open = before.seats.contains_key(counter);
                prop_assert_eq!(called.is_some(), open && !free.is_empty());
                if let Some(called) = called {
                    // Nobody goes before somebody of the same class who came earlier, nor by more than the lead of a priority.
                    for other in free.iter().filter(|other| other.id != called.id && other.returns_after.is_none()) {
                        let lead = SignedDuration::from_mins(PRIORITY_LEAD_MINUTES);
                        prop_assert!(called.taken_at <= other.taken_at + lead);
                        let same = called.priority.is_some() == other.priority.is_some();
                        prop_assert!(!same || called.taken_at <= other.taken_at);
                    }
                }
            }
        }
        let labels: BTreeSet<_> = hall.tickets.values().map(Ticket::label).collect();
        prop_assert_eq!(labels.len(), hall.tickets.len());
        hall.end_day(Timestamp::MAX, at(now + 1));
        prop_assert!(hall.tickets.values().all(|ticket| !ticket.state.is_live()));
        let tickets: Vec<_> = hall.tickets.values().cloned().collect();
        let sum = tally(&tickets, |_| 7).into_values().fold(Tally::default(), |mut sum, one| {
            sum.merge(&one);
            sum
        });
        prop_assert_eq!(sum.taken, sum.served + sum.no_shows + sum.cancelled + sum.unserved);
    }

    /// Everybody who waits is called while the hall goes on, however many with a priority keep coming, and whichever counter serves them.
    #[test]
    fn nobody_waits_for_ever(ahead in 0..12_u128, both in any::<bool>(), came in 0..3_000_i64) {
        let mut hall = open(if both { vec![1, 3] } else { vec![3] });
        for number in 0..ahead {
            take(&mut hall, number + 1, 'A', None, came - 1);
        }
        let own = take(&mut hall, 1_000, 'A', None, came);
        let mut now = came;
        let mut number = 2_000;
        while hall.tickets[&own].state == State::Waiting {
            now += 120;
            prop_assert!(now < came + 24 * 3_600, "still waiting after a day");
            // More priorities than can be served, of both kinds.
            for kind in ['A', 'B'] {
                number += 1;
                take(&mut hall, number, kind, Some(Priority::Disabled), now);
            }
            call(&mut hall, 3, now);
            if both && now % 240 == 0 {
                call(&mut hall, 1, now);
            }
        }
    }

    #[test]
    fn who_has_more_counters_before_them_does_not_wait_longer(waiting in 1..15_u128, kinds in 0..3_usize) {
        let kind = KINDS[kinds];
        let wait = |counters: &[u32]| {
            let mut hall = open(counters.iter().copied());
            for number in 0..waiting {
                take(&mut hall, number + 1, kind, None, 0);
            }
            let own = take(&mut hall, 100, kind, None, 1);
            hall.outlook(own, &BTreeMap::new(), at(1)).unwrap()
        };
        let (few, many) = (wait(&[3]), wait(&[1, 2, 3]));
        prop_assert_eq!((few.ahead, many.ahead), (u32::try_from(waiting).unwrap(), u32::try_from(waiting).unwrap()));
        let (few, many) = (few.expected.unwrap(), many.expected.unwrap());
        prop_assert!(many.minutes <= few.minutes);
        prop_assert!(few.at_least <= few.minutes && few.minutes <= few.at_most);
    }
}

#[test]
fn nobody_is_promised_a_wait_where_no_counter_serves_them() {
    let mut hall = open([1]);
    let civil = take(&mut hall, 1, 'B', None, 0);
    assert_eq!(hall.outlook(civil, &BTreeMap::new(), at(1)), Some(Outlook { ahead: 0, expected: None }));
    hall.open(2, of(2), at(2)).unwrap();
    let now = Expected { minutes: 0, at_least: 0, at_most: 0 };
    let told = Outlook { ahead: 0, expected: Some(now) };
    assert_eq!(hall.outlook(civil, &BTreeMap::new(), at(3)), Some(told));
    // Two counters, and one PC left: one of them calls nobody.
    hall.workplaces.pcs = Some(1);
    assert_eq!(hall.outlook(civil, &BTreeMap::new(), at(3)).unwrap().expected, None);
}

#[test]
fn little_that_was_measured_weighs_little() {
    let served = |seconds: i64, strain: u32| {
        let mut hall = open([1]);
        let id = take(&mut hall, 1, 'A', None, 0);
        call(&mut hall, 1, 0);
        hall.finish(id, 1, of(1), None, at(seconds)).unwrap();
        Ticket { strain, ..hall.tickets.remove(&id).unwrap() }
    };
    let pace = |served: &[Ticket]| Pace::of(10, served).seconds().round();
    assert_eq!(pace(&[]).to_string(), "600");
    assert_eq!(pace(&[served(1_200, 100)]).to_string(), "700");
    // It took twice as long for want of a scanner.
    assert_eq!(pace(&[served(1_200, 200)]).to_string(), "600");
    let much: Vec<_> = (0..95).map(|_| served(1_200, 100)).collect();
    assert_eq!(pace(&much).to_string(), "1170");
}

/// SplitMix64: the same hall on every run.
struct Dice(u64);

impl Dice {
    /// Between 0 and 1.
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut sign = self.0;
        sign = (sign ^ (sign >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        sign = (sign ^ (sign >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        f64::from(u32::try_from((sign ^ (sign >> 31)) >> 32).unwrap()) / f64::from(u32::MAX)
    }

    /// Whole seconds until the next of many independent events.
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a day")]
    fn exponential(&mut self, mean: f64) -> i64 {
        (-(1.0 - self.roll()).max(1e-9).ln() * mean).round() as i64
    }
}

/// What was told to those who came, and how long they waited, in minutes.
fn play(seed: u64, told: &mut Vec<(Expected, f64)>) {
    let mut dice = Dice(seed);
    let mut hall = open([1, 2, 3]);
    let mut promised = BTreeMap::new();
    let mut free = [0_i64; 3];
    let mut next_arrival = 0;
    let mut number = 0;
    for now in 0..4 * 3_600 {
        while next_arrival <= now {
            // A rush in the first hour, then as much as is served.
            next_arrival += dice.exponential(if now < 3_600 { 120.0 } else { 200.0 }).max(1);
            number += 1;
            let kind = KINDS[usize::from(dice.roll() > 0.55) + usize::from(dice.roll() > 0.9)];
            let priority = (dice.roll() < 0.1).then_some(Priority::Elderly);
            let id = take(&mut hall, number, kind, priority, now);
            promised.insert(id, hall.outlook(id, &BTreeMap::new(), at(now)).unwrap().expected.unwrap());
        }
        for (counter, free) in (1..).zip(&mut free).filter(|(_, free)| **free <= now) {
            let Some(called) = call(&mut hall, counter, now) else { continue };
            let ticket = &hall.tickets[&called];
            let usual = f64::from(hall.arrangement.kinds[&ticket.kind].usual_minutes) * 60.0;
            *free = now
                + dice.exponential(usual * 0.6)
                + (usual * 0.4).round().to_string().parse::<i64>().unwrap();
            told.push((promised[&called], f64::from(ticket.waited_seconds().unwrap()) / 60.0));
        }
    }
}

#[test]
fn the_wait_that_is_foretold_is_the_wait_that_comes() {
    let mut told = Vec::new();
    (0..40).for_each(|seed| play(seed, &mut told));
    let count = f64::from(u32::try_from(told.len()).unwrap());
    let error = |wait: &(Expected, f64)| wait.1 - f64::from(wait.0.minutes);
    let bias = told.iter().map(error).sum::<f64>() / count;
    let absolute = told.iter().map(|wait| error(wait).abs()).sum::<f64>() / count;
    let mean = told.iter().map(|(_, wait)| wait).sum::<f64>() / count;
    let within = told.iter().filter(|(told, wait)| {
        // Told in whole minutes.
        (f64::from(told.at_least) - 1.0..=f64::from(told.at_most) + 1.0).contains(wait)
    });
    let share = f64::from(u32::try_from(within.count()).unwrap()) / count;
    let figures = format!(
        "{count} waits of {mean:.1} min: off by {bias:+.2}, {absolute:.2} either way; {share:.2} in range"
    );
    assert!(bias.abs() < 2.0 && absolute < 0.35 * mean && share > 0.7, "{figures}");
}
