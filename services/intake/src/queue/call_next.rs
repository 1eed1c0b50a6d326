//! A counter calls the next: once for the same request, so that a lost answer costs nobody their turn.

use phidia_domain::{
    Kind, Rejection,
    caller::Caller,
    id::{OfficerId, TicketId},
};
use phidia_runtime::{
    clock::RealClock,
    failure::Failure,
    idempotency::{self, Claim, KEPT_FOR},
};
use sea_orm::DatabaseTransaction;

use super::held::{Held, unknown_ticket};
use crate::{
    Intake,
    store::{
        halls::Place,
        tickets::{self, TicketRecord},
    },
};

const RPC: &str = "/phidia.intake.v1.QueueService/CallNext";

/// What was answered under a key: who was called, and who was done by that.
type Answer = (Option<TicketId>, Option<TicketId>);

impl Intake {
    /// Calls the next to a counter: the ticket, and the one that is done by that.
    ///
    /// # Errors
    /// Those of `Hall::call_next`; `ALREADY_EXISTS` for a key that was used for another counter.
    pub(crate) async fn call_next(
        &self,
        caller: &Caller,
        idempotency_key: &str,
        place: Place,
        counter: u32,
    ) -> Result<(Option<TicketRecord>, Option<TicketId>), Failure> {
        let claim = Claim::new(&caller.actor(), RPC, idempotency_key)?;
        let fingerprint = idempotency::fingerprint(&(&place, counter))?;
        let officer = officer(caller)?;
        let today = self.versions.active().await?;
        let (now, real_now) = (self.business.now(), RealClock.now());
        let called = self
            .outbox
            .write(move |tx, _| {
                Box::pin(async move {
                    let province = today.value.code.clone();
                    let mut held = Held::take(tx, today, place, now).await?;
                    held.check_point()?;
                    if let Some(answer) = idempotency::find(tx, &claim, &fingerprint, real_now).await? {
                        let (ticket, finished): Answer =
                            serde_json::from_slice(&answer).map_err(Failure::broken)?;
                        return Ok((record(tx, &province, ticket).await?, finished));
                    }
                    let called = held.hall.call_next(counter, officer, now)?;
                    called.ticket.into_iter().for_each(|id| held.announce(id, false));
                    held.keep(tx, "").await?;
                    let answer: Answer = (called.ticket, called.finished);
                    let answer = serde_json::to_vec(&answer).map_err(Failure::broken)?;
                    let kept_until = real_now.saturating_add(KEPT_FOR).map_err(Failure::broken)?;
                    idempotency::keep(tx, &claim, &fingerprint, answer, kept_until).await?;
                    Ok((record(tx, &province, called.ticket).await?, called.finished))
                })
            })
            .await?;
        self.board.wake();
        Ok(called)
    }
}

/// The officer who calls.
pub(super) fn officer(caller: &Caller) -> Result<OfficerId, Rejection> {
    caller.officer.ok_or_else(|| {
        Rejection::new(Kind::Forbidden, "OFFICER_NOT_NAMED", "the caller does not say which officer they are")
    })
}

async fn record(
    tx: &DatabaseTransaction,
    province: &str,
    id: Option<TicketId>,
) -> Result<Option<TicketRecord>, Failure> {
    let Some(id) = id else { return Ok(None) };
    Ok(Some(tickets::find(tx, province, id).await?.ok_or_else(unknown_ticket)?))
}
