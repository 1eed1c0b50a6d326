//! An officer finds that something is missing or wrong: the citizen is asked to supplement the dossier, and the clock
//! stands still until they have.

use jiff::Timestamp;
use phidia_domain::{
    case::{Asking, Supplement, Wait},
    officer::Officer,
    province::Province,
    work_item::WorkItem,
};
use phidia_outbox::Facts;
use phidia_proto::{
    convert,
    events::v1::{SupplementRequested, event::Fact},
};
use phidia_runtime::{failure::Failure, telemetry::TraceParent, versions::Versions};
use sea_orm::DatabaseTransaction;

use crate::{
    Processing,
    caller::{self, Sender},
    get_case::CaseView,
    record::{self, CaseRecord},
    store,
};

/// What the citizen is asked for.
#[derive(Clone)]
pub(crate) struct Question {
    pub(crate) work_item: WorkItem,
    /// The one that the claim gave.
    pub(crate) fence: u64,
    /// The officer's words to the citizen. They may name people: they go into the event that becomes the notice, and
    /// neither into a row nor into a log.
    pub(crate) reasons: Vec<String>,
}

impl Processing {
    /// Asks the citizen. Asked again with the same fence, nothing changes.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` for who is no officer; `NOT_FOUND`; `ABORTED` with the present holder for an old fence;
    /// `INVALID_ARGUMENT` without reasons; `FAILED_PRECONDITION` when it was asked before, or has ended.
    pub(crate) async fn request_supplement(
        &self,
        sender: Sender,
        question: Question,
    ) -> Result<CaseView, Failure> {
        let today = self.versions.active().await?;
        let officer = caller::officer(&sender.caller, &today.value)?.clone();
        let (now, versions) = (self.business.now(), self.versions.clone());
        let case = self
            .outbox
            .write(move |tx, facts| {
                Box::pin(async move {
                    ask(tx, facts, &versions, &today.value, &sender, &officer, question, now).await
                })
            })
            .await?;
        self.view(case).await
    }
}

#[expect(clippy::too_many_arguments, reason = "who asks whom for what, and where it is written")]
async fn ask(
    tx: &DatabaseTransaction,
    facts: &mut Facts,
    versions: &Versions<Province>,
    today: &Province,
    sender: &Sender,
    officer: &Officer,
    question: Question,
    now: Timestamp,
) -> Result<CaseRecord, Failure> {
    let Question { work_item, fence, reasons } = question;
    // Once more when somebody was faster: what is there then gives the precise answer.
    for _ in 0..2 {
        let item = store::get_item(tx, &today.code, work_item).await?;
        let mut case = store::find_case(tx, item.case)
            .await?
            .ok_or_else(|| Failure::broken(format!("{work_item} has no case")))?;
        TraceParent::link_to(&case.traceparent);
        let asking = item.held.pause(officer.id, fence, &reasons, case.supplement.as_ref());
        if asking.map_err(|refusal| item.naming_holder(refusal, today))? == Asking::Before {
            return Ok(case);
        }
        let pinned = versions.at(case.province_version).await?;
        let follows = versions.at(case.clock_version()).await?;
        let supplement = Supplement::requested(&follows.value.clock, work_item, officer.id, fence, now)?;
        if !store::pause_item(tx, &item, Wait::Supplement, now).await? {
            continue;
        }
        let standing = case.standing.paused(Wait::Supplement)?;
        let besides = store::Besides { supplement: Some(supplement), ..store::Besides::default() };
        store::advance(tx, case.id, case.standing, standing, besides).await?;
        (case.standing, case.supplement) = (standing, Some(supplement));
        let requested = SupplementRequested {
            case_id: case.id.to_string(),
            work_item: Some(convert::wire_work_item(work_item)),
            unit_id: item.held.unit.to_string(),
            unit_name: record::unit_name(item.held.unit, [&pinned.value, today]).map(convert::wire_text),
            reasons,
            until: Some(convert::wire_timestamp(supplement.until)),
        };
        facts.tell(sender.tells(&case.province, case.application, now, Fact::SupplementRequested(requested)));
        return Ok(case);
    }
    Err(Failure::broken(format!("{work_item} changes without its fence")))
}
