//! Routing has found a unit for a work item: it enters that unit's worklist, and with its first one the case
//! is opened.

use jiff::Timestamp;
use phidia_domain::{
    Kind, Rejection,
    case::{Arrival, Held},
    id::UnitId,
    procedure::Text,
    province::Province,
};
use phidia_outbox::Facts;
use phidia_proto::{
    convert,
    events::v1::{CaseOpened, Event, WorkAssigned, event::Fact},
};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::{
    Processing,
    deed::Deed,
    record,
    sink::{changed_meanwhile, follows},
    store,
};

impl Processing {
    /// Puts a work item into a worklist, or moves one there that nobody has begun.
    ///
    /// # Errors
    /// `UNAVAILABLE` while its application has not come here from intake: the two sources do not wait for
    /// each other. `FAILED_PRECONDITION` when it may not move any more (`Standing::arrive`).
    pub(crate) async fn receive_work(
        &self,
        tx: &DatabaseTransaction,
        event: &Event,
        fact: &WorkAssigned,
        facts: &mut Facts,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let item = convert::work_item(fact.work_item.clone(), "work_item")?;
        let unit: UnitId = convert::id(&fact.unit_id, "unit_id")?;
        if event.application_id != item.application.to_string() {
            let expected = "the application that the event is about";
            return Err(Rejection::invalid("OTHER_APPLICATION", "work_item.application_id", expected).into());
        }
        let case = self.case_of(tx, event).await?;
        let there = store::list_items(tx, &event.province, item.application, Some(item.step)).await?;
        let of_step: Vec<Held> = there.iter().map(|item| item.held.clone()).collect();
        let mut queued_at = now;
        let was_reopened = !case.reopenings.is_empty();
        match case.standing.arrive(&of_step, item, unit, fact.taken_back_fence, was_reopened)? {
            Arrival::Known => return Ok(()),
            Arrival::New => {}
            Arrival::Moved { from } => {
                for old in there.iter().filter(|old| old.held.work_item == from) {
                    // Another replica's clock may be ahead.
                    queued_at = queued_at.max(old.queued_at);
                    if !store::supersede_item(tx, old, Deed { actor: &event.actor, at: queued_at }).await? {
                        return Err(changed_meanwhile(from).into());
                    }
                }
            }
        }

        let pinned = self.versions.at(case.province_version).await?;
        let procedure = record::pinned(&pinned.value, &case.procedure_code, case.submitted_at)?;
        let step = record::step(&pinned.value, procedure, item.step, case.submitted_at).ok_or_else(|| {
            Rejection::new(Kind::Precondition, "UNKNOWN_STEP", "the procedure has no step of this number")
        })?;
        let opens = case.opened_at.is_none();
        let standing = case.standing.queued(item.step)?;
        let besides = store::Besides { opened_at: opens.then_some(now), ..store::Besides::default() };
        store::advance(tx, case.id, &case.standing, &standing, besides).await?;
        let item = case.queue(item, unit, procedure, step, queued_at);
        store::insert_item(tx, &item, &event.actor).await?;
        if opens {
            let opened = CaseOpened {
                case_id: case.id.to_string(),
                unit_id: unit.to_string(),
                unit_name: Some(convert::wire_text(&unit_name(&pinned.value, unit, fact))),
            };
            facts.tell(follows(event, &case, now, Fact::CaseOpened(opened)));
        }
        Ok(())
    }
}

/// The name as pinned on the day of the case; of a unit that is younger than the case, routing's.
fn unit_name(pinned: &Province, unit: UnitId, fact: &WorkAssigned) -> Text {
    record::unit_name(unit, [pinned]).cloned().unwrap_or_else(|| convert::text(fact.unit_name.clone()))
}
