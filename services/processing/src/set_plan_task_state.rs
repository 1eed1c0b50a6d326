//! Somebody says how far a task of the reform plan has come.

use jiff::civil::Date;
use phidia_domain::{
    Rejection,
    caller::Caller,
    plan::{self, ChangeKind, State},
};
use phidia_runtime::failure::Failure;

use crate::{Processing, record::PlanRecord, store};

/// A task after something was said of it.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) task: PlanRecord,
    pub(crate) changed: bool,
    /// The local day of today.
    pub(crate) day: Date,
}

impl Processing {
    /// Sets the state of a task. Said again, nothing changes.
    ///
    /// # Errors
    /// `NOT_FOUND`; those of [`plan::set`].
    pub(crate) async fn set_plan_task_state(
        &self,
        caller: &Caller,
        code: String,
        to: State,
        note: String,
    ) -> Result<Told, Failure> {
        let today = self.versions.active().await?;
        let (province, now, actor) = (today.value.code.clone(), self.business.now(), caller.actor());
        let (day, note) = (today.value.clock.local_date(now), note.trim().to_owned());
        let set = self.outbox.write(move |tx, _| {
            Box::pin(async move {
                let task = store::lock_task(tx, &province, &code).await?.ok_or_else(unknown_task)?;
                if !plan::set(task.state, &task.note, to, &note)? {
                    return Ok(Told { task, changed: false, day });
                }
                let mut task = PlanRecord { state: to, ..task }.changed(now, &actor);
                store::insert_change(tx, &task, ChangeKind::Set, &note).await?;
                // Without words it goes on as was said before.
                if !note.is_empty() {
                    task.note = note;
                }
                store::save_task(tx, &task).await?;
                Ok(Told { task, changed: true, day })
            })
        });
        set.await
    }
}

/// No task of the plan has this code.
pub(crate) fn unknown_task() -> Rejection {
    Rejection::not_found("UNKNOWN_PLAN_TASK", "no task of the plan has this code")
}
