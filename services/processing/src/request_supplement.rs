//! An officer finds that something is missing or wrong: the citizen is asked to supplement the dossier, and the clock
//! stands still until they have.

use phidia_domain::{
    case::{Asking, Supplement, Wait},
    work_item::WorkItem,
};
use phidia_proto::{
    convert,
    events::v1::{SupplementRequested, event::Fact},
};
use phidia_runtime::failure::Failure;

use crate::{
    Processing,
    act::Act,
    caller::Sender,
    get_case::CaseView,
    record::{self, CaseRecord},
    store,
};

/// What the citizen is asked for.
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
        let case = self.act(sender, |processing, act| Box::pin(processing.ask(act, question))).await?;
        self.view(case).await
    }

    async fn ask(&self, mut act: Act<'_>, question: Question) -> Result<CaseRecord, Failure> {
        let Act { tx, today, officer, deed, .. } = act;
        let Question { work_item, fence, reasons } = question;
        // Once more when somebody was faster: what is there then gives the precise answer.
        for _ in 0..2 {
            let (item, mut case) = act.find(work_item).await?;
            let asking = item.held.pause(officer.id, fence, &reasons, case.supplement.as_ref());
            if asking.map_err(|refusal| item.naming_holder(refusal, today))? == Asking::Before {
                return Ok(case);
            }
            let pinned = self.versions.at(case.province_version).await?;
            let follows = self.versions.at(case.clock_version()).await?;
            let supplement =
                Supplement::requested(&follows.value.clock, work_item, officer.id, fence, deed.at)?;
            if !store::pause_item(tx, &item, Wait::Supplement, deed).await? {
                continue;
            }
            let standing = case.standing.paused(work_item.step, Wait::Supplement)?;
            let besides = store::Besides { supplement: Some(supplement), ..store::Besides::default() };
            store::advance(tx, case.id, &case.standing, &standing, besides).await?;
            (case.standing, case.supplement) = (standing, Some(supplement));
            let requested = SupplementRequested {
                case_id: case.id.to_string(),
                work_item: Some(convert::wire_work_item(work_item)),
                unit_id: item.held.unit.to_string(),
                unit_name: record::unit_name(item.held.unit, [&pinned.value, today]).map(convert::wire_text),
                reasons,
                until: Some(convert::wire_timestamp(supplement.until)),
            };
            act.tell(&case, Fact::SupplementRequested(requested));
            return Ok(case);
        }
        Err(Failure::broken(format!("{work_item} changes without its fence")))
    }
}
