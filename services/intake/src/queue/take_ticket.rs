//! Draws a number: once for the same request, however often it is sent.

use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
    id::TicketId,
    queue::{Letter, MOST_A_DAY, Outlook, Priority},
};
use phidia_runtime::{
    clock::RealClock,
    digest,
    failure::Failure,
    idempotency::{self, Claim, KEPT_FOR},
};
use serde::Serialize;

use super::held::{Held, unknown_ticket};
use crate::{
    Intake,
    store::{
        halls::Place,
        tickets::{self, TicketRecord},
    },
};

const RPC: &str = "/phidia.intake.v1.QueueService/TakeTicket";

/// What is asked of the machine.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Draw {
    pub(crate) place: Place,
    pub(crate) kind: Letter,
    pub(crate) priority: Option<Priority>,
    pub(crate) dossier_code: Option<String>,
}

impl Intake {
    /// Draws a number, and says how long it will take.
    ///
    /// # Errors
    /// Those of `Hall::take`; `RESOURCE_EXHAUSTED` for a citizen who drew too many; `ALREADY_EXISTS` for a key that was used for something else.
    pub(crate) async fn take_ticket(
        &self,
        caller: &Caller,
        idempotency_key: &str,
        draw: Draw,
    ) -> Result<(TicketRecord, Option<Outlook>), Failure> {
        let claim = Claim::new(&caller.actor(), RPC, idempotency_key)?;
        let fingerprint = idempotency::fingerprint(&draw)?;
        let today = self.versions.active().await?;
        let province = today.value.code.clone();
        let (now, real_now) = (self.business.now(), RealClock.now());
        let day = today.value.clock.local_date(now).to_string();
        let (id, holder) = (self.ids.mint(now), self.holder(caller, &day)?);
        let is_bounded = caller.role == Role::Citizen;
        let record = self
            .outbox
            .write(move |tx, _| {
                Box::pin(async move {
                    let Draw { place, kind, priority, dossier_code } = draw;
                    let mut held = Held::take(tx, today, place, now).await?;
                    held.check_point()?;
                    if let Some(answer) = idempotency::find(tx, &claim, &fingerprint, real_now).await? {
                        let id: TicketId = str::from_utf8(&answer).map_err(Failure::broken)?.parse()?;
                        let found = tickets::find(tx, &province, id).await?;
                        return Ok(found.ok_or_else(unknown_ticket)?);
                    }
                    if is_bounded {
                        let drawn = tickets::drawn_by(tx, &province, &held.place, held.day, &holder).await?;
                        check_bound(drawn)?;
                    }
                    let ticket = held.hall.take(id, kind, priority, dossier_code, now)?.clone();
                    let record = TicketRecord {
                        place: held.place.clone(),
                        day: held.day.to_string(),
                        holder: holder.clone(),
                        ticket,
                    };
                    held.keep(tx, &holder).await?;
                    let kept_until = real_now.saturating_add(KEPT_FOR).map_err(Failure::broken)?;
                    let answer = id.to_string().into_bytes();
                    idempotency::keep(tx, &claim, &fingerprint, answer, kept_until).await?;
                    Ok(record)
                })
            })
            .await?;
        let outlook = self.outlook(&record).await?;
        Ok((record, outlook))
    }
}

impl Intake {
    /// What stands for who drew a ticket on a local day, for nothing but to be compared: whoever has the store alone cannot try names.
    pub(super) fn holder(&self, caller: &Caller, day: &str) -> Result<String, Failure> {
        let mark = self.master_key.pseudonym(&format!("intake.ticket/{day}"), &caller.actor())?;
        Ok(digest::sha256(&mark))
    }
}

fn check_bound(drawn: u64) -> Result<(), Rejection> {
    if drawn < MOST_A_DAY {
        return Ok(());
    }
    let message = format!("at most {MOST_A_DAY} numbers a day can be drawn here by the same person");
    Err(Rejection::new(Kind::Exhausted, "TOO_MANY_TICKETS", message).with("limit", MOST_A_DAY))
}
