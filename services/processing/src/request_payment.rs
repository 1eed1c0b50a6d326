//! A citizen is to pay something before their case goes on: the officer says how much and what for, and the clock stands still
//! until they have.

use phidia_domain::{
    case::{Asking, Payment, Wait},
    province::Province,
    work_item::WorkItem,
};
use phidia_proto::{
    convert,
    events::v1::{CasePaused, PaymentDue, case_paused::WaitsFor, event::Fact},
};
use phidia_runtime::failure::Failure;

use crate::{
    Processing,
    act::Act,
    caller::Sender,
    get_case::CaseView,
    record::{self, CaseRecord, Item},
    store,
};

/// What the citizen is to pay.
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
        let case = self.act(sender, |processing, act| Box::pin(processing.charge(act, charge))).await?;
        self.view(case).await
    }

    async fn charge(&self, mut act: Act<'_>, charge: Charge) -> Result<CaseRecord, Failure> {
        let Charge { work_item, fence, amount_dong, purpose } = charge;
        // Once more when somebody was faster: what is there then gives the precise answer.
        for _ in 0..2 {
            let (item, mut case) = act.find(work_item).await?;
            let asking = item.held.charge(act.officer.id, fence, amount_dong, &purpose, &case.payments);
            if asking.map_err(|refusal| item.naming_holder(refusal, act.today))? == Asking::Before {
                return Ok(case);
            }
            if !store::pause_item(act.tx, &item, Wait::Payment, act.deed).await? {
                continue;
            }
            let (requested_at, officer) = (act.deed.at, act.officer.id);
            case.payments.push(Payment {
                work_item,
                officer,
                fence,
                amount_dong,
                requested_at,
                paid_at: None,
                way: None,
            });
            let standing = case.standing.paused(work_item.step, Wait::Payment)?;
            let besides =
                store::Besides { payments: Some(case.payments.clone()), ..store::Besides::default() };
            store::advance(act.tx, case.id, &case.standing, &standing, besides).await?;
            case.standing = standing;
            let waits_for = WaitsFor::Payment(PaymentDue { amount_dong, purpose });
            let paused = self.paused(act.today, &case, &item, waits_for).await?;
            act.tell(&case, paused);
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
