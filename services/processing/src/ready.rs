//! Steps that are ready: those that go on at a unit at once enter its worklist, and routing hears of all.

use phidia_domain::{case::Ready, id::UnitId, province::Province};
use phidia_proto::{
    convert,
    events::v1::{StepReady, event::Fact},
};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::{
    deed::Deed,
    record::{self, CaseRecord},
    store,
};

/// Puts a step into the worklist of the unit where it goes on at once, if there is one.
pub(crate) async fn enter(
    tx: &DatabaseTransaction,
    case: &CaseRecord,
    pinned: &Province,
    Ready { work_item, unit }: Ready,
    deed: Deed<'_>,
) -> Result<(), Failure> {
    let Some(unit) = unit else { return Ok(()) };
    let procedure = record::pinned(pinned, &case.procedure_code, case.submitted_at)?;
    let step = record::step(pinned, procedure, work_item.step, case.submitted_at)
        .ok_or_else(|| Failure::broken(format!("procedure {} has no step {work_item}", procedure.code)))?;
    let item = case.queue(work_item, unit, procedure, step, deed.at);
    store::insert_item(tx, &item, deed.actor).await
}

/// The fact that it is ready; `before`: the unit from which it comes.
pub(crate) fn fact(case: &CaseRecord, Ready { work_item, unit }: Ready, before: UnitId) -> Fact {
    Fact::StepReady(StepReady {
        case_id: case.id.to_string(),
        work_item: Some(convert::wire_work_item(work_item)),
        previous_unit_id: unit.unwrap_or(before).to_string(),
        kept: unit.is_some(),
    })
}
