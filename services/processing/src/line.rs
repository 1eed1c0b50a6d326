//! A work item as it is shown: with the names and the time left that its pinned version gives.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use phidia_domain::{
    Rejection,
    calendar::LegalClock,
    case::{Awaited, Referral, Stage, Warning},
    deadline::{self, promise},
    id::UnitId,
    procedure::{Text, TimeLimit},
    province::Province,
};
use phidia_runtime::failure::Failure;

use crate::{
    Processing,
    record::{self, Item},
    store,
};

/// A line of a worklist.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) item: Item,
    pub(crate) procedure_name: Text,
    pub(crate) field: Text,
    pub(crate) step_name: Text,
    /// Staff code of the holder; empty: nobody, or somebody whom the province knew neither then nor knows today.
    pub(crate) holder_code: String,
    /// Working minutes until the promised instant by the legal clock; none without a promise, when it is done, and while the clock
    /// stands still.
    pub(crate) minutes_left: Option<i64>,
    /// By when it is to be done by the share of the time that it has: an aim. None where shares or a promise are not stated.
    pub(crate) aim_at: Option<Timestamp>,
    /// The time of which it has a share, and the hundredths of it after which it is to be done.
    shared: Option<(TimeLimit, u32)>,
    /// The numbers of the steps that may follow, the usual one first.
    pub(crate) next_steps: Vec<u32>,
    pub(crate) together_with: Vec<u32>,
    /// Why it was sent back, where that is shown; it may name people.
    pub(crate) sent_back_reason: String,
    /// The last that was said of its case's being late soon.
    pub(crate) warned: Option<Warning>,
    /// What it waits for, if it is laid down.
    pub(crate) awaits: Option<Awaited>,
    /// The names of the offices that it waits for.
    pub(crate) offices: BTreeMap<UnitId, Text>,
}

impl Processing {
    /// Shows one work item.
    pub(crate) async fn line(&self, item: Item, now: Timestamp) -> Result<Line, Failure> {
        let mut lines = self.lines(vec![item], now).await?;
        lines.pop().ok_or_else(|| Failure::broken("a work item without a line"))
    }

    /// Shows several.
    pub(crate) async fn lines(&self, items: Vec<Item>, now: Timestamp) -> Result<Vec<Line>, Failure> {
        let cases = items.iter().map(|item| item.case);
        let warned = store::warned(self.outbox.database().read(), cases).await?;
        let laid_down = items.iter().filter(|item| item.held.stage == Stage::Paused);
        let laid_down = laid_down.map(|item| item.case).collect::<BTreeSet<_>>();
        let asked = store::asked(self.outbox.database().read(), laid_down).await?;
        let today = self.versions.active().await?;
        let mut lines = Vec::with_capacity(items.len());
        for item in items {
            let pinned = self.versions.at(item.province_version).await?;
            let warned = warned.get(&item.case).copied();
            let awaits = asked.get(&item.case).filter(|_| item.held.stage == Stage::Paused);
            let awaits = awaits.and_then(|asked| asked.awaited(item.held.work_item));
            lines.push(Line::new(item, &today.value, &pinned.value, now, warned, awaits)?);
        }
        self.aim(&mut lines).await?;
        Ok(lines)
    }

    /// Says by when steps are to be done whose process shares out its time, by the clock that their case follows.
    async fn aim(&self, lines: &mut [Line]) -> Result<(), Failure> {
        let shared: Vec<_> = lines.iter_mut().filter(|line| line.shared.is_some()).collect();
        if shared.is_empty() {
            return Ok(());
        }
        let cases = shared.iter().map(|line| line.item.case);
        let followed = store::followed(self.outbox.database().read(), cases).await?;
        for line in shared {
            let version = followed.get(&line.item.case).copied().unwrap_or(line.item.province_version);
            line.aim_at = line.aim(&self.versions.at(version).await?.value.clock)?;
        }
        Ok(())
    }
}

impl Line {
    fn new(
        item: Item,
        today: &Province,
        pinned: &Province,
        now: Timestamp,
        warned: Option<Warning>,
        awaits: Option<Awaited>,
    ) -> Result<Self, Failure> {
        let procedure = record::pinned(pinned, &item.procedure_code, item.submitted_at)?;
        let number = item.held.work_item.step;
        let step = record::step(pinned, procedure, number, item.submitted_at)
            .ok_or_else(|| Failure::broken(format!("procedure {} has no step {number}", procedure.code)))?;
        let holder_code = item.held.holder.map(|holder| record::officer_code(holder, [today, pinned]));
        let process = record::process(pinned, procedure, item.submitted_at);
        // While other offices are waited for, the clock runs on.
        let runs = item.held.stage == Stage::Open || matches!(awaits, Some(Awaited::Offices(_)));
        let due_at = item.due_at.filter(|_| runs);
        let offices = match &awaits {
            Some(Awaited::Offices(asked)) => asked.as_slice(),
            Some(Awaited::Supplement(_) | Awaited::Payment(_)) | None => &[],
        };
        let named =
            |asked: &Referral| Some((asked.to, record::unit_name(asked.to, [today, pinned])?.clone()));
        let offices = offices.iter().filter_map(named).collect();
        Ok(Self {
            procedure_name: procedure.name.clone(),
            field: procedure.field.clone(),
            step_name: step.name.clone(),
            holder_code: holder_code.unwrap_or_default(),
            minutes_left: due_at.map(|due_at| deadline::slack_minutes(&today.clock, now, due_at)),
            aim_at: None,
            shared: procedure.limit.zip(process.share_until(number)),
            next_steps: process.next(step),
            together_with: process.stage(number).map(|step| step.number).filter(|it| *it != number).collect(),
            sent_back_reason: String::new(),
            warned,
            awaits,
            offices,
            item,
        })
    }

    fn aim(&self, clock: &LegalClock) -> Result<Option<Timestamp>, Rejection> {
        let Some(((limit, share), due_at)) = self.shared.zip(self.item.due_at) else { return Ok(None) };
        deadline::aim(clock, &promise(clock, Some(limit), self.item.submitted_at)?, due_at, share)
    }
}
