//! A citizen is to pay something before their case goes on: the officer says how much and what for, and the clock stands still
//! until they have.

use jiff::Timestamp;
use phidia_domain::{
    case::{Asking, Payment, Wait},
    officer::Officer,
    province::Province,
    work_item::WorkItem,
};
use phidia_outbox::Facts;
use phidia_proto::{
    convert,
    events::v1::{CasePaused, PaymentDue, case_paused::WaitsFor, event::Fact},
};
use phidia_runtime::{failure::Failure, telemetry::TraceParent};
use sea_orm::DatabaseTransaction;

use crate::{
    Processing,
    caller::{self, Sender},
    get_case::CaseView,
    record::{self, CaseRecord, Item},
    store,
};

/// What the citizen is to pay.
#[derive(Clone)]
pub(crate) struct Charge {
    pub(crate) work_item: WorkItem,
    /// The one that the claim gave.
    pub(crate) fence: u64,
    pub(crate) amount_dong: i64,
    /// The officer's words to the citizen. They may name people: they go into the event that becomes the notice, and
    /// neither into a row nor into a log.
    pub(crate) purpose: String,
}

impl Processing {
    /// Asks the citizen to pay. Asked again with the same fence, nothing changes.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` for who is no officer; `NOT_FOUND`; `ABORTED` with the present holder for an old fence;
    /// `INVALID_ARGUMENT` for an amount below 1, or no purpose; `FAILED_PRECONDITION` when it waits already, or has ended.
    pub(crate) async fn request_payment(&self, sender: Sender, charge: Charge) -> Result<CaseView, Failure> {
        let today = self.versions.active().await?;
        let officer = caller::officer(&sender.caller, &today.value)?.clone();
        let (now, processing) = (self.business.now(), self.clone());
        let case = self
            .outbox
            .write(move |tx, facts| {
                Box::pin(async move {
                    processing.charge(tx, facts, &today.value, &sender, &officer, charge, now).await
                })
            })
            .await?;
        self.view(case).await
    }

    #[expect(clippy::too_many_arguments, reason = "who asks whom for what, and where it is written")]
    async fn charge(
        &self,
        tx: &DatabaseTransaction,
        facts: &mut Facts,
        today: &Province,
        sender: &Sender,
        officer: &Officer,
        charge: Charge,
        now: Timestamp,
    ) -> Result<CaseRecord, Failure> {
        let Charge { work_item, fence, amount_dong, purpose } = charge;
        // Once more when somebody was faster: what is there then gives the precise answer.
        for _ in 0..2 {
            let (item, mut case) = find(tx, today, work_item).await?;
            let asking = item.held.charge(officer.id, fence, amount_dong, &purpose, &case.payments);
            if asking.map_err(|refusal| item.naming_holder(refusal, today))? == Asking::Before {
                return Ok(case);
            }
            if !store::pause_item(tx, &item, Wait::Payment, now).await? {
                continue;
            }
            let (requested_at, officer) = (now, officer.id);
            case.payments.push(Payment {
                work_item,
                officer,
                fence,
                amount_dong,
                requested_at,
                paid_at: None,
            });
            let standing = case.standing.paused(Wait::Payment)?;
            let besides =
                store::Besides { payments: Some(case.payments.clone()), ..store::Besides::default() };
            store::advance(tx, case.id, case.standing, standing, besides).await?;
            case.standing = standing;
            let waits_for = WaitsFor::Payment(PaymentDue { amount_dong, purpose });
            let paused = self.paused(today, &case, &item, waits_for).await?;
            facts.tell(sender.tells(&case.province, case.application, now, paused));
            return Ok(case);
        }
        Err(Failure::broken(format!("{work_item} changes without its fence")))
    }

    /// The fact that a step is laid down.
    pub(crate) async fn paused(
        &self,
        today: &Province,
        case: &CaseRecord,
        item: &Item,
        waits_for: WaitsFor,
    ) -> Result<Fact, Failure> {
        let pinned = self.versions.at(case.province_version).await?;
        Ok(Fact::CasePaused(CasePaused {
            case_id: case.id.to_string(),
            work_item: Some(convert::wire_work_item(item.held.work_item)),
            unit_id: item.held.unit.to_string(),
            unit_name: record::unit_name(item.held.unit, [&pinned.value, today]).map(convert::wire_text),
            waits_for: Some(waits_for),
        }))
    }
}

/// A work item and its case.
///
/// # Errors
/// `NOT_FOUND`.
pub(crate) async fn find(
    tx: &DatabaseTransaction,
    today: &Province,
    work_item: WorkItem,
) -> Result<(Item, CaseRecord), Failure> {
    let item = store::get_item(tx, &today.code, work_item).await?;
    let case = store::find_case(tx, item.case)
        .await?
        .ok_or_else(|| Failure::broken(format!("{work_item} has no case")))?;
    TraceParent::link_to(&case.traceparent);
    Ok((item, case))
}
