//! Whoever a case waited for has done their part: it goes on where it was, and the clock runs again.

use jiff::Timestamp;
use phidia_domain::{
    Kind, Rejection,
    case::{Stage, Wait},
    deadline::{Pause, due_after},
};
use phidia_outbox::Facts;
use phidia_proto::{
    convert,
    events::v1::{CaseResumed, Event, PaymentReceived, SupplementReceived, WaitedFor, event::Fact},
};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::{
    Processing,
    deed::Deed,
    record::{self, CaseRecord},
    sink::{changed_meanwhile, follows},
    store::{self, Besides},
};

impl Processing {
    /// Goes on with a case that waits for a supplement. Told again, nothing changes.
    ///
    /// # Errors
    /// `FAILED_PRECONDITION` when none was asked for.
    pub(crate) async fn resume_supplemented(
        &self,
        tx: &DatabaseTransaction,
        event: &Event,
        fact: &SupplementReceived,
        facts: &mut Facts,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let case = self.case_of(tx, event).await?;
        let received_at = convert::timestamp(
            convert::required(fact.received_at, "supplement_received.received_at")?,
            "supplement_received.received_at",
        )?;
        let Some(mut supplement) = case.supplement else {
            let message = "no supplement was asked for";
            return Err(Rejection::new(Kind::Precondition, "NO_SUPPLEMENT_ASKED", message).into());
        };
        if supplement.received_at.is_some() || case.standing.state.is_final() {
            return Ok(());
        }
        supplement.received_at = Some(received_at);
        let besides = Besides { supplement: Some(supplement), ..Besides::default() };
        let (step, pause) = (supplement.work_item.step, supplement.pause());
        let deed = Deed { actor: &event.actor, at: now };
        let resumed = self.go_on(tx, &case, step, Wait::Supplement, pause, besides, deed).await?;
        facts.tell(follows(event, &case, now, resumed));
        Ok(())
    }

    /// Goes on with a case that waits for a payment. Told again, nothing changes.
    ///
    /// # Errors
    /// `FAILED_PRECONDITION` when none was asked for.
    pub(crate) async fn resume_paid(
        &self,
        tx: &DatabaseTransaction,
        event: &Event,
        fact: &PaymentReceived,
        facts: &mut Facts,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let case = self.case_of(tx, event).await?;
        let paid_at = convert::timestamp(
            convert::required(fact.paid_at, "payment_received.paid_at")?,
            "payment_received.paid_at",
        )?;
        let mut payments = case.payments.clone();
        let Some(last) = payments.last_mut() else {
            let message = "no payment was asked for";
            return Err(Rejection::new(Kind::Precondition, "NO_PAYMENT_ASKED", message).into());
        };
        if last.paid_at.is_some() || case.standing.state.is_final() {
            return Ok(());
        }
        (last.paid_at, last.way) = (Some(paid_at), convert::told_payment_way(fact.way));
        let (step, pause) = (last.work_item.step, last.pause());
        let deed = Deed { actor: &event.actor, at: now };
        let besides = Besides { payments: Some(payments), ..Besides::default() };
        let resumed = self.go_on(tx, &case, step, Wait::Payment, pause, besides, deed).await?;
        facts.tell(follows(event, &case, now, resumed));
        Ok(())
    }

    /// Puts a step that was laid down into its worklist again, and answers the fact that says so. `pause`: from when to when
    /// the clock stood still.
    ///
    /// # Errors
    /// `UNAVAILABLE` while others change it; `FAILED_PRECONDITION` when it does not wait for that.
    #[expect(clippy::too_many_arguments, reason = "which step of what goes on, and all that moves with it")]
    pub(crate) async fn go_on(
        &self,
        tx: &DatabaseTransaction,
        case: &CaseRecord,
        step: u32,
        wait: Wait,
        pause: Option<Pause>,
        besides: Besides,
        deed: Deed<'_>,
    ) -> Result<Fact, Failure> {
        let standing = case.standing.resumed(step, wait)?;
        // Before anything is locked: it may take another connection.
        let today = self.versions.active().await?;
        let pinned = self.versions.at(case.province_version).await?;
        let clock_of = self.versions.at(case.clock_version()).await?;
        let procedure = record::pinned(&pinned.value, &case.procedure_code, case.submitted_at)?;
        let clock = &clock_of.value.clock;
        let after = |limit, due_at: Option<Timestamp>| match due_at.zip(pause) {
            Some((due_at, pause)) => due_after(clock, limit, case.counts_from(), due_at, pause).map(Some),
            None => Ok(due_at),
        };
        let due_at = after(procedure.limit, case.due_at)?;
        let shorter = procedure.corridor.and_then(|corridor| corridor.limit(procedure.limit));
        let corridor_due_at = after(shorter, case.corridor_due_at)?
            .map(|corridor| due_at.map_or(corridor, |due_at| corridor.min(due_at)));
        let postponed = case.postponement.zip(due_at);
        let postponed =
            postponed.map(|(postponement, due_at)| postponement.moved_to(clock, due_at)).transpose()?;

        let together = !case.standing.branches.is_empty();
        if together {
            store::lock_items(tx, &case.province, case.application).await?;
        }
        let there = store::list_items(tx, &case.province, case.application, Some(step)).await?;
        let paused = there.into_iter().find(|item| item.held.stage == Stage::Paused);
        let paused = paused.ok_or_else(|| Failure::broken(format!("{} waits without a step", case.id)))?;
        if !store::resume_item(tx, &paused, (due_at, corridor_due_at), deed).await? {
            return Err(changed_meanwhile(case.id).into());
        }
        if let Some(due_at) = due_at.filter(|_| together) {
            // What goes on together with it is due by then, too.
            store::promise_items(tx, &case.province, case.application, due_at, corridor_due_at).await?;
        }
        let besides = Besides { due_at, corridor_due_at, promised: Some(case.promised()), ..besides };
        store::advance(tx, case.id, &case.standing, &standing, besides).await?;
        store::follow_holder(tx, &paused, None).await?;
        if let Some(postponement) = &postponed {
            store::save_postponement(tx, case.id, postponement).await?;
        }
        Ok(Fact::CaseResumed(CaseResumed {
            case_id: case.id.to_string(),
            work_item: Some(convert::wire_work_item(paused.held.work_item)),
            unit_id: paused.held.unit.to_string(),
            unit_name: record::unit_name(paused.held.unit, [&pinned.value, &today.value])
                .map(convert::wire_text),
            due_at: due_at.map(convert::wire_timestamp),
            fence: paused.held.fence + 1,
            waited_for: waited_for(wait).into(),
            appointment_at: postponed
                .map(|postponement| convert::wire_timestamp(postponement.appointment_at)),
        }))
    }
}

fn waited_for(wait: Wait) -> WaitedFor {
    match wait {
        Wait::Supplement => WaitedFor::Unspecified,
        Wait::Payment => WaitedFor::Payment,
        Wait::Referral => WaitedFor::Offices,
    }
}
