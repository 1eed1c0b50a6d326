//! The citizen has supplemented the dossier: the case goes on where it was, and the clock runs again.

use jiff::Timestamp;
use phidia_domain::{Kind, Rejection, case::Stage, deadline};
use phidia_outbox::Facts;
use phidia_proto::{
    convert,
    events::v1::{CaseResumed, Event, SupplementReceived, event::Fact},
};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::{
    Processing, record,
    sink::{changed_meanwhile, follows},
    store,
};

impl Processing {
    /// Goes on with a case that waits for a supplement. Told again, nothing changes.
    ///
    /// # Errors
    /// `FAILED_PRECONDITION` when none was asked for.
    pub(crate) async fn resume_case(
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
        let pinned = self.versions.at(case.province_version).await?;
        let clock_of = self.versions.at(case.clock_version()).await?;
        let limit = record::pinned(&pinned.value, &case.procedure_code)?.limit;
        let due_at = (case.due_at.zip(supplement.pause()))
            .map(|(due_at, pause)| {
                deadline::due_after(&clock_of.value.clock, limit, case.submitted_at, due_at, pause)
            })
            .transpose()?;
        let postponed = case.postponement.zip(due_at);
        let postponed = postponed
            .map(|(postponement, due_at)| postponement.moved_to(&clock_of.value.clock, due_at))
            .transpose()?;

        let there = store::list_items(tx, &case.province, case.application, Some(case.standing.step)).await?;
        let paused = there.into_iter().find(|item| item.held.stage == Stage::Paused);
        let paused = paused.ok_or_else(|| Failure::broken(format!("{} waits without a step", case.id)))?;
        if !store::resume_item(tx, &paused, due_at, now).await? {
            return Err(changed_meanwhile(case.id).into());
        }
        let besides = store::Besides { supplement: Some(supplement), due_at, ..store::Besides::default() };
        store::advance(tx, case.id, case.standing, case.standing.resumed()?, besides).await?;
        if let Some(postponement) = &postponed {
            store::save_postponement(tx, case.id, postponement).await?;
        }
        let today = self.versions.active().await?;
        let resumed = CaseResumed {
            case_id: case.id.to_string(),
            work_item: Some(convert::wire_work_item(paused.held.work_item)),
            unit_id: paused.held.unit.to_string(),
            unit_name: record::unit_name(paused.held.unit, [&pinned.value, &today.value])
                .map(convert::wire_text),
            due_at: due_at.map(convert::wire_timestamp),
            fence: paused.held.fence + 1,
            appointment_at: postponed
                .map(|postponement| convert::wire_timestamp(postponement.appointment_at)),
        };
        facts.tell(follows(event, &case, now, Fact::CaseResumed(resumed)));
        Ok(())
    }
}
