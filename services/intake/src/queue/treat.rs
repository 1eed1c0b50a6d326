//! What is done with a ticket that was drawn.

use phidia_domain::{
    caller::{Caller, Role},
    id::TicketId,
    queue::Letter,
};
use phidia_runtime::failure::Failure;

use super::{
    call_next::officer,
    held::{Held, unknown_ticket},
};
use crate::{
    Intake,
    scope::Scope,
    store::tickets::{self, TicketRecord},
};

/// What an officer does with a ticket that they called.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    /// Calls aloud again.
    Recall,
    /// Its holder is there.
    Start,
    /// Its holder does not come.
    Skip,
    /// What they came for is done.
    Finish {
        /// What came out of it.
        dossier_code: Option<String>,
    },
    /// Sends its holder on.
    Transfer {
        /// To another kind of business.
        kind: Option<Letter>,
        /// To one counter.
        counter: Option<u32>,
    },
}

impl Intake {
    /// An officer does something with a ticket at their counter, and answers how it stands afterwards. `turn`: of the call that is meant.
    ///
    /// # Errors
    /// `NOT_FOUND`; `PERMISSION_DENIED` for another unit's; those of the deed (`Hall`).
    pub(crate) async fn treat(
        &self,
        caller: &Caller,
        id: TicketId,
        turn: u32,
        deed: Deed,
    ) -> Result<TicketRecord, Failure> {
        let officer = officer(caller)?;
        let today = self.versions.active().await?;
        let place = self.ticket(id).await?.place;
        Scope::of(caller).check(place.unit)?;
        let now = self.business.now();
        let treated = self
            .outbox
            .write(move |tx, _| {
                Box::pin(async move {
                    let (mut held, mut record) =
                        Held::take(tx, today, place, now).await?.with(tx, id).await?;
                    let hall = &mut held.hall;
                    match deed {
                        Deed::Recall => {
                            hall.recall(id, turn, officer)?;
                            held.announce(id, true);
                        }
                        Deed::Start => hall.start(id, turn, officer, now)?,
                        Deed::Skip => hall.skip(id, turn, officer, now)?,
                        Deed::Finish { dossier_code } => {
                            hall.finish(id, turn, officer, dossier_code, now)?;
                        }
                        Deed::Transfer { kind, counter } => {
                            hall.transfer(id, turn, officer, kind, counter)?
                        }
                    }
                    let mut hall = held.keep(tx, "").await?;
                    record.ticket = hall.tickets.remove(&id).ok_or_else(unknown_ticket)?;
                    Ok(record)
                })
            })
            .await?;
        self.board.wake();
        Ok(treated)
    }

    /// Gives a ticket back: whoever drew it, or the centre for its holder.
    ///
    /// # Errors
    /// `NOT_FOUND`, also for whoever did not draw it; `PERMISSION_DENIED` for another unit's; those of `Hall::cancel`.
    pub(crate) async fn cancel_ticket(&self, caller: &Caller, id: TicketId) -> Result<TicketRecord, Failure> {
        let today = self.versions.active().await?;
        let found = self.ticket(id).await?;
        let drew_it = found.holder == self.holder(caller, &found.day)?;
        match Scope::of(caller) {
            scope @ Scope::Unit(_) => scope.check(found.place.unit)?,
            Scope::Province if drew_it || caller.role == Role::Supervisor => {}
            Scope::Province => return Err(unknown_ticket().into()),
        }
        let now = self.business.now();
        self.outbox
            .write(move |tx, _| {
                Box::pin(async move {
                    let held = Held::take(tx, today, found.place, now).await?;
                    let (mut held, mut record) = held.with(tx, id).await?;
                    held.hall.cancel(id, now)?;
                    let mut hall = held.keep(tx, "").await?;
                    record.ticket = hall.tickets.remove(&id).ok_or_else(unknown_ticket)?;
                    Ok(record)
                })
            })
            .await
    }

    /// A ticket as it is.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub(crate) async fn ticket(&self, id: TicketId) -> Result<TicketRecord, Failure> {
        let today = self.versions.active().await?;
        let found = tickets::find(self.outbox.database().read(), &today.value.code, id).await?;
        Ok(found.ok_or_else(unknown_ticket)?)
    }
}
