//! A step is sent back: an earlier one is to be corrected, by the unit that did it where it still may, otherwise by one that
//! routing finds.

use phidia_domain::{
    case::{Held, SentBack, reached},
    work_item::WorkItem,
};
use phidia_proto::{
    convert,
    events::v1::{StepCompleted, StepOutcome, event::Fact},
};
use phidia_runtime::{
    failure::Failure,
    seal::{PersonKey, Sealed},
};

use crate::{
    Processing,
    act::Act,
    caller::Sender,
    get_case::CaseView,
    ready,
    record::{self, CaseRecord, Correction, Item},
    store,
};

/// What is to be corrected.
pub(crate) struct SendingBack {
    pub(crate) work_item: WorkItem,
    /// The one that the claim gave.
    pub(crate) fence: u64,
    pub(crate) to_step: u32,
    /// For whoever corrects it. It may name people: it is kept sealed.
    pub(crate) reason: String,
}

impl Processing {
    /// Sends a step back. Asked again with the same fence, nothing changes.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` for who is no officer; `NOT_FOUND`; `ABORTED` with the present holder for an old fence;
    /// `INVALID_ARGUMENT` for no reason, or a step that is not an earlier one; `FAILED_PRECONDITION` when it waits, or has ended, or
    /// what goes on together with it is to be done.
    pub(crate) async fn send_back(&self, sender: Sender, back: SendingBack) -> Result<CaseView, Failure> {
        let case = self.act(sender, |processing, act| Box::pin(processing.send_one_back(act, back))).await?;
        self.view(case).await
    }

    async fn send_one_back(&self, mut act: Act<'_>, back: SendingBack) -> Result<CaseRecord, Failure> {
        let SendingBack { work_item, fence, to_step, reason } = back;
        // Once more when somebody was faster: what is there then gives the precise answer.
        for _ in 0..2 {
            let (item, mut case) = act.find(work_item).await?;
            let pinned = self.versions.at(case.province_version).await?;
            let all = store::list_items(act.tx, &case.province, case.application, None).await?;
            let reached = reached(all.iter().map(|item| &item.held));
            let course = record::course(&case, &pinned.value, act.today, &reached)?;
            let answer =
                item.held.send_back(act.officer.id, fence, to_step, &reason, &case.standing, &course);
            let SentBack::Now { next } = answer.map_err(|refusal| item.naming_holder(refusal, act.today))?
            else {
                return Ok(case);
            };
            let correction = self.correction(&item, &reason)?;
            if !store::send_item_back(act.tx, &item, &correction, act.deed).await? {
                continue;
            }
            let standing = case.standing.sent_back(work_item.step, &next)?;
            store::advance(act.tx, case.id, &case.standing, &standing, store::Besides::default()).await?;
            for step in &next {
                ready::enter(act.tx, &case, &pinned.value, *step, act.deed).await?;
            }
            case.standing = standing;
            let completed = StepCompleted {
                case_id: case.id.to_string(),
                work_item: Some(convert::wire_work_item(work_item)),
                unit_id: item.held.unit.to_string(),
                outcome: StepOutcome::SentBack.into(),
            };
            act.tell(&case, Fact::StepCompleted(completed));
            for step in next {
                act.tell(&case, ready::fact(&case, step, item.held.unit));
            }
            return Ok(case);
        }
        Err(Failure::broken(format!("{work_item} changes without its fence")))
    }

    /// The reason, sealed under a key of its own.
    fn correction(&self, item: &Item, reason: &String) -> Result<Correction, Failure> {
        let key = PersonKey::generate();
        Ok(Correction {
            wrapped_key: key.wrap(&self.master_key)?,
            reason: Sealed::seal(&key, &context(&item.held), reason)?,
        })
    }

    /// The reason for which a work item was sent back, in the officer's words; empty: it was not.
    pub(crate) fn reason(&self, item: &Item) -> Result<String, Failure> {
        let Some(Correction { wrapped_key, reason }) = &item.correction else { return Ok(String::new()) };
        reason.open(&PersonKey::unwrap(&self.master_key, wrapped_key)?, &context(&item.held))
    }
}

fn context(held: &Held) -> String {
    format!("processing.correction/{}", held.work_item)
}
