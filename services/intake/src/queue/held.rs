//! A hall in the hands of one transaction.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{Timestamp, civil::Date};
use phidia_domain::{
    Rejection,
    id::TicketId,
    officer::Officer,
    province::Province,
    queue::{Arrangement, Hall, Ticket},
};
use phidia_runtime::{failure::Failure, versions::Versioned};
use sea_orm::ConnectionTrait;

use crate::store::{
    equipment,
    halls::{self, Call, Course, Kept, Place},
    tickets::{self, TicketRecord},
};

/// A hall that nobody else changes until the transaction ends.
pub(super) struct Held {
    today: Arc<Versioned<Province>>,
    pub(super) place: Place,
    pub(super) day: Date,
    pub(super) now: Timestamp,
    kept: Kept,
    /// The tickets as they were.
    before: BTreeMap<TicketId, Ticket>,
    pub(super) hall: Hall,
    /// What is to be put on the board.
    calls: Vec<Call>,
}

impl Held {
    /// Takes a hall, with the tickets of this day that may still be called.
    pub(super) async fn take<C: ConnectionTrait>(
        tx: &C,
        today: Arc<Versioned<Province>>,
        place: Place,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let day = today.value.clock.local_date(now);
        let kept = halls::lock(tx, &today.value.code, &place, day).await?;
        let hall = assemble(tx, &today.value, &place, day, &kept).await?;
        let before = hall.tickets.clone();
        Ok(Self { today, place, day, now, kept, before, hall, calls: Vec::new() })
    }

    /// Refuses a reception point that nobody has set up.
    pub(super) fn check_point(&self) -> Result<(), Rejection> {
        check_point(&self.place, &self.kept)
    }

    /// Puts a ticket beside them, however it stands.
    pub(super) async fn with<C: ConnectionTrait>(
        mut self,
        tx: &C,
        id: TicketId,
    ) -> Result<(Self, TicketRecord), Failure> {
        let found = tickets::find(tx, &self.today.value.code, id).await?.ok_or_else(unknown_ticket)?;
        self.hall.tickets.insert(id, found.ticket.clone());
        self.before.insert(id, found.ticket.clone());
        Ok((self, found))
    }

    /// Whoever is called is put on the board.
    pub(super) fn announce(&mut self, id: TicketId, again: bool) {
        let Some(ticket) = self.hall.tickets.get(&id) else { return };
        self.kept.sequence += 1;
        self.calls.push(Call {
            sequence: self.kept.sequence,
            number: ticket.label(),
            kind: ticket.kind.to_string(),
            counter: ticket.counter.unwrap_or_default(),
            called_at: self.now,
            again,
        });
    }

    /// What is set up from now on, instead of what is usual.
    pub(super) fn arrange(
        &mut self,
        change: impl FnOnce(&mut Arrangement) -> Result<(), Rejection>,
    ) -> Result<(), Rejection> {
        change(&mut self.hall.arrangement)?;
        self.kept.arrangement = Some(self.hall.arrangement.clone());
        Ok(())
    }

    /// Writes down what was changed. `holder`: of a ticket that is new.
    pub(super) async fn keep<C: ConnectionTrait>(mut self, tx: &C, holder: &str) -> Result<Hall, Failure> {
        let province = &self.today.value.code;
        let Hall { seats, calls, numbers, .. } = self.hall.clone();
        self.kept.course = Course { seats, calls, numbers };
        halls::save(tx, province, &self.place, self.day, &self.kept).await?;
        for (id, ticket) in &self.hall.tickets {
            match self.before.get(id) {
                Some(before) if before == ticket => {}
                Some(_) => tickets::save(tx, province, ticket).await?,
                None => {
                    let record = TicketRecord {
                        place: self.place.clone(),
                        day: self.day.to_string(),
                        holder: holder.to_owned(),
                        ticket: ticket.clone(),
                    };
                    tickets::insert(tx, province, record).await?;
                }
            }
        }
        for call in self.calls {
            halls::insert_call(tx, province, &self.place, self.day, call).await?;
        }
        Ok(self.hall)
    }
}

/// A hall on a day, of what is kept of it.
pub(super) async fn assemble<C: ConnectionTrait>(
    conn: &C,
    province: &Province,
    place: &Place,
    day: Date,
    kept: &Kept,
) -> Result<Hall, Failure> {
    let officers: Vec<&Officer> =
        province.officers.values().filter(|officer| officer.unit == place.unit).collect();
    let arrangement = kept.arrangement.clone().unwrap_or_else(|| Arrangement::usual(&officers));
    let Course { seats, calls, numbers } = kept.course.clone();
    let mastered = seats.iter().filter_map(|(number, seat)| {
        Some((*number, arrangement.mastered(province.officers.get(&seat.officer)?)))
    });
    Ok(Hall {
        mastered: mastered.collect(),
        arrangement,
        seats,
        workplaces: equipment::of_hall(conn, &province.code, place.unit, &place.point).await?,
        calls,
        numbers,
        tickets: tickets::live(conn, &province.code, place, day).await?,
    })
}

/// Every centre has its main point; others are there once something was set up for them.
///
/// # Errors
/// `NOT_FOUND` (`UNKNOWN_POINT`).
pub(super) fn check_point(place: &Place, kept: &Kept) -> Result<(), Rejection> {
    if place.point.is_empty() || kept.arrangement.is_some() {
        return Ok(());
    }
    let message = "the centre has set up no reception point of this name";
    Err(Rejection::not_found("UNKNOWN_POINT", message))
}

pub(super) fn unknown_ticket() -> Rejection {
    Rejection::not_found("UNKNOWN_TICKET", "no ticket has this id")
}
