//! All that is decided over at once: one hall on one day. Whoever changes it has it to themselves, so that two counters never call the same
//! ticket.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{
    arrangement::{Arrangement, Letter},
    order::{self, COMES_BACK_AFTER},
    priority::Priority,
    ticket::{State, Ticket},
};
use crate::{
    calendar::CapacityCalendar,
    equipment::Workplaces,
    id::{OfficerId, TicketId},
    rejection::{Kind, Rejection},
};

/// The highest running number of a kind on one day: three digits are called.
const HIGHEST_NUMBER: u32 = 999;
/// How much longer papers take at the most, in hundredths, when scanners are wanting: they are photographed, and scanned later (a guess).
const MOST_STRAIN: u32 = 200;
/// How long after the planned hours those who wait are still served.
const GRACE: SignedDuration = SignedDuration::from_mins(60);

/// Who sits at a counter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// The officer.
    pub officer: OfficerId,
    /// Since when.
    pub since: Timestamp,
}

/// A hall on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hall {
    /// Its kinds of business and its counters.
    pub arrangement: Arrangement,
    /// The counters that are open.
    pub seats: BTreeMap<u32, Seat>,
    /// What those who sit there master.
    pub mastered: BTreeMap<u32, BTreeSet<Letter>>,
    /// What its equipment allows.
    pub workplaces: Workplaces,
    /// How often somebody was called on this day, without what was called again.
    pub calls: u32,
    /// The last number of each kind.
    pub numbers: BTreeMap<Letter, u32>,
    /// Those of the day of which something may still come, and those that are asked about.
    pub tickets: BTreeMap<TicketId, Ticket>,
}

/// What a counter that calls the next has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Called {
    /// The ticket that is called; none: nobody waits whom it can serve.
    pub ticket: Option<TicketId>,
    /// The one before, which is finished by that.
    pub finished: Option<TicketId>,
}

impl Hall {
    /// Draws a number.
    ///
    /// # Errors
    /// `NOT_FOUND` for a kind that this hall has not; `RESOURCE_EXHAUSTED` (`NUMBERS_USED_UP`).
    pub fn take(
        &mut self,
        id: TicketId,
        kind: Letter,
        priority: Option<Priority>,
        dossier_code: Option<String>,
        now: Timestamp,
    ) -> Result<&Ticket, Rejection> {
        self.arrangement.kind(kind)?;
        let last = self.numbers.entry(kind).or_default();
        if *last >= HIGHEST_NUMBER {
            let message = "all numbers of this kind are drawn for today";
            return Err(
                Rejection::new(Kind::Exhausted, "NUMBERS_USED_UP", message).with("limit", HIGHEST_NUMBER)
            );
        }
        *last += 1;
        let ticket = Ticket {
            id,
            kind,
            drawn_for: kind,
            number: *last,
            priority,
            dossier_code,
            taken_at: now,
            state: State::Waiting,
            counter: None,
            bound_to: None,
            turn: 0,
            recalls: 0,
            transfers: 0,
            missed: 0,
            returns_after: None,
            first_called_at: None,
            called_at: None,
            started_at: None,
            ended_at: None,
            strain: 100,
        };
        Ok(self.tickets.entry(id).or_insert(ticket))
    }

    /// An officer sits down at a counter. Said again, nothing changes.
    ///
    /// # Errors
    /// `NOT_FOUND` for the counter; `FAILED_PRECONDITION` when somebody else sits there (`COUNTER_OCCUPIED`), when the officer sits
    /// elsewhere (`SEATED_ELSEWHERE`), and when as many counters are open as there are PCs, or desks, that can be used (`NO_WORKPLACE`).
    pub fn open(&mut self, counter: u32, officer: OfficerId, now: Timestamp) -> Result<(), Rejection> {
        self.arrangement.counter(counter)?;
        let refuse = |reason, message: &str| Err(Rejection::new(Kind::Precondition, reason, message));
        match self.seats.get(&counter) {
            Some(seat) if seat.officer == officer => return Ok(()),
            Some(_) => return refuse("COUNTER_OCCUPIED", "somebody else sits at this counter"),
            None => {}
        }
        if let Some((other, _)) = self.seats.iter().find(|(_, seat)| seat.officer == officer) {
            let message = "the officer sits at another counter: close that first";
            return refuse("SEATED_ELSEWHERE", message)
                .map_err(|refusal| refusal.with("counter", other).with("allowed", "CloseCounter"));
        }
        let limits = [("working_pcs", self.workplaces.pcs), ("working_counters", self.workplaces.counters)];
        let mut limits = limits.into_iter().filter_map(|(what, most)| Some((what, most?)));
        if let Some((what, most)) = limits.find(|(_, most)| self.open_counters() >= *most) {
            let message = "as many counters are open here as there are PCs and desks that can be used";
            return refuse("NO_WORKPLACE", message)
                .map_err(|refusal| refusal.with(what, most).with("allowed", "CloseCounter"));
        }
        self.seats.insert(counter, Seat { officer, since: now });
        Ok(())
    }

    /// A counter closes: whoever is served there is done, and whoever was called there has their place in the line again. Said again, nothing
    /// changes.
    ///
    /// # Errors
    /// `NOT_FOUND` for the counter.
    pub fn close(&mut self, counter: u32, now: Timestamp) -> Result<(), Rejection> {
        self.arrangement.counter(counter)?;
        for ticket in self.tickets.values_mut().filter(|ticket| ticket.counter == Some(counter)) {
            match ticket.state {
                State::Serving => ticket.end(State::Served, now),
                State::Called => ticket.state = State::Waiting,
                _ => {}
            }
        }
        self.seats.remove(&counter);
        Ok(())
    }

    /// A counter calls the next: the one who is first by the rule, of those whom both counter and officer serve. Who was there before is
    /// done.
    ///
    /// # Errors
    /// `NOT_FOUND` for the counter; `FAILED_PRECONDITION` (`NOT_AT_COUNTER`) when the officer does not sit there.
    pub fn call_next(
        &mut self,
        counter: u32,
        officer: OfficerId,
        now: Timestamp,
    ) -> Result<Called, Rejection> {
        self.arrangement.counter(counter)?;
        if self.seats.get(&counter).is_none_or(|seat| seat.officer != officer) {
            let message = "the officer does not sit at this counter: open it first";
            return Err(
                Rejection::new(Kind::Precondition, "NOT_AT_COUNTER", message).with("allowed", "OpenCounter")
            );
        }
        let present = self.tickets.values_mut().find(|ticket| {
            ticket.counter == Some(counter) && matches!(ticket.state, State::Called | State::Serving)
        });
        let finished = present.map(|ticket| {
            ticket.end(State::Served, now);
            ticket.id
        });
        let kinds = self.callable(counter);
        let can_serve = |ticket: &Ticket| self.may_call(counter, &kinds, ticket);
        let next = order::next(self.tickets.values(), self.calls, can_serve).map(|ticket| ticket.id);
        let strained = |hall: &Self, id| hall.tickets.get(&id).map(|ticket| hall.strain(ticket.kind));
        if let Some((id, strain)) = next.and_then(|id| Some((id, strained(self, id)?)))
            && let Some(ticket) = self.tickets.get_mut(&id)
        {
            self.calls += 1;
            ticket.state = State::Called;
            ticket.counter = Some(counter);
            ticket.turn += 1;
            ticket.called_at = Some(now);
            ticket.started_at = None;
            ticket.first_called_at.get_or_insert(now);
            ticket.strain = strain;
        }
        Ok(Called { ticket: next, finished })
    }

    /// Calls a ticket aloud again.
    ///
    /// # Errors
    /// Those of [`Hall::at_hand`]; `FAILED_PRECONDITION` when it is not called, or its holder is there.
    pub fn recall(&mut self, id: TicketId, turn: u32, officer: OfficerId) -> Result<(), Rejection> {
        let ticket = self.at_hand(id, turn, officer)?;
        match ticket.state {
            State::Called => ticket.recalls += 1,
            _ => return Err(ticket.refuses("this ticket is not called now")),
        }
        Ok(())
    }

    /// Its holder is at the counter. Said again, nothing changes.
    ///
    /// # Errors
    /// Those of [`Hall::at_hand`]; `FAILED_PRECONDITION` when it is not called.
    pub fn start(
        &mut self,
        id: TicketId,
        turn: u32,
        officer: OfficerId,
        now: Timestamp,
    ) -> Result<(), Rejection> {
        let ticket = self.at_hand(id, turn, officer)?;
        match ticket.state {
            State::Serving => {}
            State::Called => {
                ticket.state = State::Serving;
                ticket.started_at = Some(now);
            }
            _ => return Err(ticket.refuses("this ticket is not called now")),
        }
        Ok(())
    }

    /// Its holder does not come: they are called once more later, and after that no more. Said again, nothing changes.
    ///
    /// # Errors
    /// Those of [`Hall::at_hand`]; `FAILED_PRECONDITION` when it is not called, or its holder is there.
    pub fn skip(
        &mut self,
        id: TicketId,
        turn: u32,
        officer: OfficerId,
        now: Timestamp,
    ) -> Result<(), Rejection> {
        let returns_after = self.calls + COMES_BACK_AFTER.max(self.open_counters());
        let ticket = self.at_hand(id, turn, officer)?;
        match ticket.state {
            State::Waiting if ticket.missed > 0 => {}
            State::NoShow => {}
            State::Called if ticket.missed == 0 => {
                ticket.missed = 1;
                ticket.state = State::Waiting;
                ticket.returns_after = Some(returns_after);
            }
            State::Called => {
                ticket.missed += 1;
                ticket.end(State::NoShow, now);
            }
            _ => return Err(ticket.refuses("this ticket is not called now")),
        }
        Ok(())
    }

    /// What its holder came for is done; `dossier_code`: what came out of it. Said again, nothing changes.
    ///
    /// # Errors
    /// Those of [`Hall::at_hand`]; `FAILED_PRECONDITION` when it is not at a counter, or was finished with another dossier.
    pub fn finish(
        &mut self,
        id: TicketId,
        turn: u32,
        officer: OfficerId,
        dossier_code: Option<String>,
        now: Timestamp,
    ) -> Result<(), Rejection> {
        let ticket = self.at_hand(id, turn, officer)?;
        match ticket.state {
            State::Called | State::Serving => {
                ticket.end(State::Served, now);
                ticket.dossier_code = dossier_code.or(ticket.dossier_code.take());
            }
            State::Served if dossier_code.is_none() || dossier_code == ticket.dossier_code => {}
            _ => return Err(ticket.refuses("this ticket is not at a counter now")),
        }
        Ok(())
    }

    /// Sends its holder on to another kind of business or another counter, or both; they keep the time at which they came. Said again,
    /// nothing changes.
    ///
    /// # Errors
    /// Those of [`Hall::at_hand`]; `NOT_FOUND` for a kind or counter that is not here; `INVALID_ARGUMENT` when nothing is otherwise
    /// (`NOWHERE_ELSE`) or the counter does not serve the kind; `FAILED_PRECONDITION` when it is not at a counter.
    pub fn transfer(
        &mut self,
        id: TicketId,
        turn: u32,
        officer: OfficerId,
        kind: Option<Letter>,
        counter: Option<u32>,
    ) -> Result<(), Rejection> {
        let was = self.at_hand(id, turn, officer)?.kind;
        let wanted = kind.unwrap_or(was);
        self.arrangement.kind(wanted)?;
        if let Some(counter) = counter {
            let counter = self.arrangement.counter(counter)?;
            if !self.arrangement.served(counter).contains(&wanted) {
                let expected = "a counter that serves this kind of business";
                return Err(Rejection::invalid("COUNTER_DOES_NOT_SERVE", "counter", expected));
            }
        }
        let ticket = self.at_hand(id, turn, officer)?;
        match ticket.state {
            State::Waiting if ticket.transfers > 0 && was == wanted && ticket.bound_to == counter => {}
            State::Called | State::Serving if counter.is_none() && was == wanted => {
                let expected = "another kind of business, or a counter";
                return Err(Rejection::invalid("NOWHERE_ELSE", "kind", expected));
            }
            State::Called | State::Serving => {
                ticket.state = State::Waiting;
                (ticket.kind, ticket.bound_to) = (wanted, counter);
                (ticket.missed, ticket.returns_after) = (0, None);
                ticket.transfers += 1;
            }
            _ => return Err(ticket.refuses("this ticket is not at a counter now")),
        }
        Ok(())
    }

    /// Its holder gives it back. Said again, nothing changes.
    ///
    /// # Errors
    /// `NOT_FOUND`; `FAILED_PRECONDITION` once its holder is at a counter, or it has ended otherwise.
    pub fn cancel(&mut self, id: TicketId, now: Timestamp) -> Result<(), Rejection> {
        let ticket = self.tickets.get_mut(&id).ok_or_else(unknown_ticket)?;
        match ticket.state {
            State::Cancelled => {}
            State::Waiting | State::Called => ticket.end(State::Cancelled, now),
            _ => return Err(ticket.refuses("this ticket can't be given back now")),
        }
        Ok(())
    }

    /// The day ends: who still waits of those who drew their number before `drawn_before` is not served, who is served is done.
    pub fn end_day(&mut self, drawn_before: Timestamp, now: Timestamp) {
        for ticket in self.tickets.values_mut().filter(|ticket| ticket.taken_at < drawn_before) {
            match ticket.state {
                State::Waiting | State::Called => ticket.end(State::Unserved, now),
                State::Serving => ticket.end(State::Served, now),
                _ => {}
            }
        }
    }

    /// A ticket in the hands of the officer at whose counter it was called the last time.
    ///
    /// # Errors
    /// `NOT_FOUND`; `FAILED_PRECONDITION` when it was not called yet, or to another counter (`OTHER_COUNTER`); `ABORTED` when it was
    /// called again since (`OLD_TURN`).
    pub fn at_hand(&mut self, id: TicketId, turn: u32, officer: OfficerId) -> Result<&mut Ticket, Rejection> {
        let ticket = self.tickets.get_mut(&id).ok_or_else(unknown_ticket)?;
        let Some(counter) = ticket.counter else {
            return Err(ticket.refuses("this ticket was not called yet"));
        };
        if self.seats.get(&counter).is_none_or(|seat| seat.officer != officer) {
            let message = "this ticket was called to a counter at which the officer does not sit";
            let refusal = Rejection::new(Kind::Precondition, "OTHER_COUNTER", message);
            return Err(refusal.with("counter", counter).with("state", ticket.state.as_str()));
        }
        ticket.check_turn(turn)?;
        Ok(ticket)
    }

    /// The kinds that a counter calls: those that it serves and its officer masters.
    pub fn callable(&self, counter: u32) -> BTreeSet<Letter> {
        let served = self.arrangement.counters.get(&counter).map(|counter| self.arrangement.served(counter));
        let mastered = self.mastered.get(&counter);
        served.into_iter().flatten().filter(|kind| mastered.is_some_and(|own| own.contains(kind))).collect()
    }

    /// Whether a counter that calls these kinds may call a ticket: who is sent to one counter waits for that as long as it is open.
    pub(super) fn may_call(&self, counter: u32, kinds: &BTreeSet<Letter>, ticket: &Ticket) -> bool {
        let bound = ticket.bound_to.filter(|bound| self.seats.contains_key(bound));
        match bound {
            // Its officer knows what they were sent for.
            Some(bound) => bound == counter,
            None => kinds.contains(&ticket.kind),
        }
    }

    /// How much longer a kind of business takes for want of scanners, in hundredths. A counter without one goes on: papers are copied or
    /// photographed. Where no scanner was ever registered nothing is known, and nothing takes longer.
    pub fn strain(&self, kind: Letter) -> u32 {
        let papers = |kind: &Letter| self.arrangement.kinds.get(kind).is_some_and(|kind| kind.papers);
        let Some(scanners) = self.workplaces.scanners.filter(|_| papers(&kind)) else { return 100 };
        let counters = self.seats.keys().filter(|counter| self.callable(**counter).iter().any(papers));
        let counters = u32::try_from(counters.count()).unwrap_or(u32::MAX).max(1);
        counters.saturating_mul(100).checked_div(scanners).unwrap_or(MOST_STRAIN).clamp(100, MOST_STRAIN)
    }

    /// How many counters can work at once; none: as many as there are.
    pub(super) fn most_at_once(&self) -> Option<u32> {
        [self.workplaces.pcs, self.workplaces.counters].into_iter().flatten().min()
    }

    fn open_counters(&self) -> u32 {
        u32::try_from(self.seats.len()).unwrap_or(u32::MAX)
    }
}

/// When the day of a hall ends: an hour after the last planned hours of its centre, with the local day at the latest. Those who draw a number
/// after that (an evening that was not planned) have until the day's end.
pub fn closes_at(calendar: Option<&CapacityCalendar>, zone: &TimeZone, day: Date) -> (Timestamp, Timestamp) {
    let midnight = |day: Date| zone.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::MAX);
    let end = day.checked_add(1.day()).map_or(Timestamp::MAX, midnight);
    let last = calendar.and_then(|calendar| calendar.hours_of(day).last());
    let closing = last.and_then(|hours| zone.to_timestamp(day.to_datetime(hours.closes)).ok());
    let opened = last.and_then(|hours| zone.to_timestamp(day.to_datetime(hours.opens)).ok());
    // A half-day that closes at midnight closes with the day.
    let closing = closing.filter(|closing| opened.is_some_and(|opened| opened < *closing));
    let graced = closing.and_then(|closing| closing.checked_add(GRACE).ok());
    (graced.unwrap_or(end).min(end), end)
}

fn unknown_ticket() -> Rejection {
    Rejection::not_found("UNKNOWN_TICKET", "no ticket has this id")
}
