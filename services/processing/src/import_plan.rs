//! A reform plan is brought in from a file.

use std::collections::BTreeMap;

use jiff::Timestamp;
use phidia_domain::{
    Rejection,
    caller::Caller,
    plan::{self, ChangeKind, Comparison, MOST_TASKS, State, Task},
};
use phidia_runtime::{database::alone, failure::Failure};
use sea_orm::DatabaseTransaction;

use crate::{Processing, record::PlanRecord, store};

impl Processing {
    /// Adds what is new and amends what is otherwise than before; what the file leaves out stays as it is. All of it, or nothing.
    ///
    /// # Errors
    /// Those of [`plan::parse`]; `PLAN_TOO_LONG` where tasks are added and there would be more than [`MOST_TASKS`];
    /// `UNAVAILABLE` where somebody else brings in the same ones.
    pub(crate) async fn import_plan(
        &self,
        caller: &Caller,
        file: &str,
        content: Vec<u8>,
    ) -> Result<Comparison, Failure> {
        let tasks = plan::parse(file, content)?;
        let today = self.versions.active().await?;
        let import =
            Import { province: today.value.code.clone(), actor: caller.actor(), now: self.business.now() };
        self.outbox.write(move |tx, _| Box::pin(async move { import.write(tx, &tasks).await })).await
    }
}

/// Who brings a plan in, and when.
struct Import {
    province: String,
    actor: String,
    now: Timestamp,
}

impl Import {
    async fn write(&self, tx: &DatabaseTransaction, tasks: &[Task]) -> Result<Comparison, Failure> {
        // Of two first ones neither would find a row to lock.
        alone(tx, &format!("plan/{}", self.province)).await?;
        let known = store::lock_plan(tx, &self.province).await?;
        let mut known: BTreeMap<_, _> = known.into_iter().map(|one| (one.task.code.clone(), one)).collect();
        let before = known.iter().map(|(code, record)| (code.as_str(), &record.task)).collect();
        let comparison = plan::compare(&before, tasks);
        // One that has too many already may still be amended.
        if !comparison.added.is_empty() && known.len() + comparison.added.len() > MOST_TASKS {
            let expected = format!("at most {MOST_TASKS} tasks with those that are there already");
            return Err(Rejection::invalid("PLAN_TOO_LONG", "content", expected).into());
        }
        let mut added = Vec::new();
        for (position, task) in (0..).zip(tasks) {
            match known.remove(&task.code) {
                None => added.push(self.added(position, task)),
                Some(before) => self.amend(tx, before, position, task).await?,
            }
        }
        store::insert_tasks(tx, &added).await?;
        for task in &added {
            store::insert_change(tx, task, ChangeKind::Added, "").await?;
        }
        Ok(comparison)
    }

    fn added(&self, position: u32, task: &Task) -> PlanRecord {
        PlanRecord {
            province: self.province.clone(),
            position,
            task: task.clone(),
            state: State::NotBegun,
            note: String::new(),
            changes: 1,
            changed_at: self.now,
            changed_by: self.actor.clone(),
        }
    }

    async fn amend(
        &self,
        tx: &DatabaseTransaction,
        before: PlanRecord,
        position: u32,
        task: &Task,
    ) -> Result<(), Failure> {
        if before.task == *task {
            // Where it stands in the file is no news of the task.
            return match before.position == position {
                true => Ok(()),
                false => store::save_task(tx, &PlanRecord { position, ..before }).await,
            };
        }
        let amended = PlanRecord { position, task: task.clone(), ..before }.changed(self.now, &self.actor);
        store::save_task(tx, &amended).await?;
        store::insert_change(tx, &amended, ChangeKind::Amended, "").await
    }
}
