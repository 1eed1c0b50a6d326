//! How far the reform plan has come.

use jiff::civil::Date;
use phidia_domain::{
    Rejection,
    plan::{Counts, State},
    procedure::Text,
};
use phidia_runtime::failure::Failure;

use crate::{Processing, record::PlanRecord, selection::local_day, store};

/// Which tasks are asked for; what is empty, or none, is not asked for.
#[derive(Clone, Debug)]
pub(crate) struct PlanQuery {
    /// Vietnamese name of the area.
    pub(crate) area: String,
    pub(crate) state: Option<State>,
    pub(crate) overdue: bool,
    /// By which it is judged what is overdue; empty: today.
    pub(crate) day: String,
}

/// The tasks that were asked for, and how far the whole plan has come.
#[derive(Clone, Debug)]
pub(crate) struct PlanTasks {
    pub(crate) day: Date,
    pub(crate) tasks: Vec<PlanRecord>,
    pub(crate) total: Counts,
    /// In the order of the plan.
    pub(crate) areas: Vec<(Text, Counts)>,
}

impl Processing {
    /// Lists tasks in the order of the plan, and counts all of them.
    ///
    /// # Errors
    /// Violations of `area`, which no task has, and of `day`.
    pub(crate) async fn list_plan_tasks(&self, query: &PlanQuery) -> Result<PlanTasks, Failure> {
        let today = self.versions.active().await?;
        let day = local_day(&today.value.clock, &query.day, self.business.now())?;
        let mut tasks = store::list_plan(self.outbox.database().read(), &today.value.code).await?;
        let (mut total, mut areas) = (Counts::default(), Vec::<(Text, Counts)>::new());
        for PlanRecord { task, state, .. } in &tasks {
            total.add(*state, task.due, day);
            let index = areas.iter().position(|(area, _)| area.vi == task.area.vi).unwrap_or_else(|| {
                areas.push((task.area.clone(), Counts::default()));
                areas.len() - 1
            });
            areas[index].1.add(*state, task.due, day);
        }
        if !query.area.is_empty() && areas.iter().all(|(area, _)| area.vi != query.area) {
            let expected = "the Vietnamese name of an area of the plan";
            return Err(Rejection::invalid("UNKNOWN_PLAN_AREA", "area", expected).into());
        }
        tasks.retain(|PlanRecord { task, state, .. }| {
            (query.area.is_empty() || task.area.vi == query.area)
                && query.state.is_none_or(|asked| asked == *state)
                && (!query.overdue || state.is_overdue(task.due, day))
        });
        Ok(PlanTasks { day, tasks, total, areas })
    }
}
