//! Plays the day through the services' own RPCs: citizens hand in, officers take up and finish what their
//! worklists show. Within one minute the order is fixed – steps end, applications come in, officers take up –
//! and between any two of these everything that was told has arrived.

use std::{collections::BTreeMap, iter, time::Duration};

use anyhow::{Context as _, bail, ensure};
use futures::future::try_join_all;
use indicatif::ProgressBar;
use jiff::{SignedDuration, Timestamp};
use phidia_domain::{
    caller::{Caller, Role},
    id::{Id as _, OfficerId, UnitId},
    officer::Officer,
    province::Province,
};
use phidia_proto::{
    convert::wire_timestamp,
    events::v1::StepOutcome,
    intake::v1::application_service_client::ApplicationServiceClient,
    processing::v1::{
        CaseState, CaseWorkItem, ClaimWorkItemRequest, CompleteStepRequest, ListWorklistRequest,
        case_service_client::CaseServiceClient,
    },
    routing::v1::{ListUnitsRequest, registry_service_client::RegistryServiceClient},
};
use phidia_runtime::peer::Peer;

use super::{
    demand::{Arrival, Demand},
    house::House,
    report::{self, Finished, Outcome},
};

/// After so long nobody believes any more that the rest will be finished.
const LONGEST: SignedDuration = SignedDuration::from_hours(60 * 24);
/// How long services may take to hand over what is in flight before the demo gives up.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// A day that is being played.
pub(crate) struct Day<'d> {
    province: &'d Province,
    house: &'d House<'d>,
    progress: &'d ProgressBar,
    desks: BTreeMap<UnitId, Desk<'d>>,
    /// By (end, officer): who is at work on what.
    busy: BTreeMap<(Timestamp, OfficerId), Task>,
    /// By application: when it was handed in, and whether it is to be refused.
    open: BTreeMap<String, (Timestamp, bool)>,
    finished: Vec<Finished>,
    accepted: usize,
}

/// The officers of a unit.
#[derive(Default)]
struct Desk<'d> {
    free: Vec<&'d Officer>,
    at_work: u32,
    open_items: u32,
    /// Open items and whether the office was open, when it was looked at last.
    seen: Option<(u32, bool)>,
    /// Somebody has become free since.
    freed: bool,
}

/// A step that an officer is at work on.
struct Task {
    item: CaseWorkItem,
    unit: UnitId,
}

impl<'d> Day<'d> {
    /// A day that has not begun.
    pub(crate) fn new(province: &'d Province, house: &'d House<'d>, progress: &'d ProgressBar) -> Self {
        let mut desks: BTreeMap<UnitId, Desk<'d>> = BTreeMap::new();
        for officer in province.officers.values() {
            desks.entry(officer.unit).or_default().free.push(officer);
        }
        let (busy, open) = (BTreeMap::new(), BTreeMap::new());
        Self { province, house, progress, desks, busy, open, finished: Vec::new(), accepted: 0 }
    }

    /// Plays until the last result is there.
    pub(crate) async fn play(mut self, demand: &Demand) -> anyhow::Result<Outcome> {
        let mut arrivals = demand.arrivals.iter().peekable();
        let mut now = demand.opening(self.province)?;
        let last = now + LONGEST;
        while let Some(next) = self.next_instant(now, arrivals.peek().map(|arrival| arrival.at))? {
            if next > last {
                break;
            }
            now = next;
            self.house.set(now)?;
            let house = self.house;
            if house.together(self.end_steps(now)).await? {
                self.settle().await?;
            }
            let came: Vec<_> = iter::from_fn(|| arrivals.next_if(|arrival| arrival.at <= now)).collect();
            if !came.is_empty() {
                house.together(self.hand_in(&came, now)).await?;
                self.settle().await?;
            }
            if house.together(self.take_up(now)).await? {
                self.settle().await?;
            }
        }
        report::gather(self.house, self.accepted, self.finished).await
    }

    /// The next instant at which something happens: somebody hands in, a step ends, or an office opens where
    /// work waits.
    fn next_instant(&self, now: Timestamp, arrival: Option<Timestamp>) -> anyhow::Result<Option<Timestamp>> {
        let end = self.busy.keys().next().map(|(end, _)| *end);
        let mut next = [arrival, end].into_iter().flatten().min();
        for (unit, desk) in self.desks.iter().filter(|(_, desk)| desk.open_items > desk.at_work) {
            let Some(capacity) = self.province.capacity.get(unit) else { continue };
            if !capacity.is_open(now) && !desk.free.is_empty() {
                let opens = capacity.next_open(now)?;
                next = Some(next.map_or(opens, |next| next.min(opens)));
            }
        }
        Ok(next.map(|next| next.max(now)))
    }

    async fn hand_in(&mut self, arrivals: &[&Arrival], now: Timestamp) -> anyhow::Result<()> {
        let portal = Caller { role: Role::System, name: "demo".to_owned(), unit: None, officer: None };
        let mut applications = ApplicationServiceClient::new(self.house.intake.speaking_for(portal));
        for arrival in arrivals {
            let answer = applications.submit_application(arrival.request.clone()).await?.into_inner();
            let receipt = answer.receipt.context("an accepted application has a receipt")?;
            ensure!(
                receipt.received_at == Some(wire_timestamp(now)),
                "business time is not {now} where applications come in: it must not have been ahead of the day"
            );
            self.open.insert(receipt.application_id, (now, arrival.refused));
            self.accepted += 1;
        }
        Ok(())
    }

    /// Ends the steps that are due; whether there were any.
    async fn end_steps(&mut self, now: Timestamp) -> anyhow::Result<bool> {
        let mut any = false;
        while let Some(entry) = self.busy.first_entry().filter(|entry| entry.key().0 <= now) {
            any = true;
            let ((_, officer), task) = entry.remove_entry();
            self.end_step(officer, task, now).await?;
        }
        Ok(any)
    }

    async fn end_step(&mut self, officer: OfficerId, task: Task, now: Timestamp) -> anyhow::Result<()> {
        let work_item = task.item.work_item.context("a work item has its key")?;
        let application = work_item.application_id.clone();
        let (handed_in, refused) = self
            .open
            .get(&application)
            .copied()
            .context("a work item belongs to an application of the day")?;
        let outcome = if refused { StepOutcome::Refused } else { StepOutcome::Approved };
        let request = CompleteStepRequest {
            work_item: Some(work_item),
            fence: task.item.fence,
            outcome: outcome.into(),
            refusal_reason: if refused {
                "thành phần hồ sơ không đúng quy định".to_owned()
            } else {
                String::new()
            },
        };
        let answer = self.cases_as(officer, task.unit).complete_step(request).await?.into_inner();
        let case = answer.case.context("a completed step has its case")?;
        if matches!(case.state(), CaseState::Granted | CaseState::Refused) {
            self.open.remove(&application);
            self.finished.push(Finished {
                on_time: case.on_time(),
                working_minutes: self.province.clock.minutes_between(handed_in, now),
            });
            self.progress.inc(1);
        }
        let person = self.province.officers.get(&officer).context("an officer of the province")?;
        let desk = self.desks.entry(task.unit).or_default();
        desk.at_work -= 1;
        desk.free.push(person);
        desk.freed = true;
        Ok(())
    }

    /// Lets free officers take up what waits; whether any did.
    async fn take_up(&mut self, now: Timestamp) -> anyhow::Result<bool> {
        let mut registry = RegistryServiceClient::new(self.house.routing.clone());
        let request = ListUnitsRequest { page_size: 1000, page_token: String::new() };
        let listing = loop {
            let listing = registry.list_units(request.clone()).await?.into_inner();
            if listing.settled {
                break listing;
            }
            tokio::time::sleep(self.house.pause()).await;
        };
        for unit in listing.units {
            self.desks.entry(unit.unit_id.parse()?).or_default().open_items = unit.open_items;
        }
        let mut waiting = Vec::new();
        for (unit, desk) in &mut self.desks {
            let open = self.province.capacity.get(unit).is_some_and(|capacity| capacity.is_open(now));
            let seen = Some((desk.open_items, open));
            // Looking again is of use only when something has changed.
            let changed = desk.seen != seen || desk.freed;
            if open && changed && desk.open_items > desk.at_work && !desk.free.is_empty() {
                waiting.push(*unit);
                desk.freed = false;
            }
            desk.seen = seen;
        }
        // Nothing that is decided depends on the order in which officers take up what is theirs already.
        let lists = try_join_all(waiting.into_iter().map(|unit| self.worklist(unit))).await?;
        let mut taken = Vec::new();
        for (unit, items) in lists {
            for item in items {
                if let Some(officer) = self.desks.entry(unit).or_default().take(&item) {
                    taken.push((unit, officer.id, item));
                }
            }
        }
        let any = !taken.is_empty();
        let claims = taken.into_iter().map(|(unit, officer, item)| self.claim(unit, officer, item));
        for (unit, officer, item) in try_join_all(claims).await? {
            let capacity = self.province.capacity.get(&unit).context("a unit has its hours")?;
            let end = capacity.add_minutes(now, i64::from(item.effort_minutes))?;
            self.busy.insert((end, officer), Task { item, unit });
        }
        Ok(any)
    }

    /// What nobody at the unit has taken up, most urgent first.
    async fn worklist(&self, unit: UnitId) -> anyhow::Result<(UnitId, Vec<CaseWorkItem>)> {
        let supervisor =
            Caller { role: Role::Supervisor, name: "demo".to_owned(), unit: Some(unit), officer: None };
        let mut cases = CaseServiceClient::new(self.house.processing.speaking_for(supervisor));
        let request = ListWorklistRequest { page_size: 500, ..ListWorklistRequest::default() };
        Ok((unit, cases.list_worklist(request).await?.into_inner().work_items))
    }

    async fn claim(
        &self,
        unit: UnitId,
        officer: OfficerId,
        item: CaseWorkItem,
    ) -> anyhow::Result<(UnitId, OfficerId, CaseWorkItem)> {
        let request = ClaimWorkItemRequest { work_item: item.work_item, expected_fence: item.fence };
        let answer = self.cases_as(officer, unit).claim_work_item(request).await?.into_inner();
        Ok((unit, officer, answer.work_item.context("a claim has its work item")?))
    }

    fn cases_as(&self, officer: OfficerId, unit: UnitId) -> CaseServiceClient<Peer> {
        let name = officer.uuid().simple().to_string();
        let caller = Caller { role: Role::Officer, name, unit: Some(unit), officer: Some(officer) };
        CaseServiceClient::new(self.house.processing.speaking_for(caller))
    }

    /// Waits until nothing is in flight.
    async fn settle(&self) -> anyhow::Result<()> {
        let settled = tokio::time::timeout(PATIENCE, async {
            while !self.house.is_settled().await? {
                tokio::time::sleep(self.house.pause()).await;
            }
            anyhow::Ok(())
        });
        match settled.await {
            Ok(settled) => settled,
            Err(_) => bail!("the services did not come to rest within {} s", PATIENCE.as_secs()),
        }
    }
}

impl<'d> Desk<'d> {
    /// The officer who takes the item up: of those who can, the one with the fewest other talents, so that
    /// those who sign are kept for signing.
    fn take(&mut self, item: &CaseWorkItem) -> Option<&'d Officer> {
        let level = u8::try_from(item.level).ok()?;
        let field = &item.field.as_ref()?.vi;
        let (index, _) = self
            .free
            .iter()
            .enumerate()
            .filter(|(_, officer)| officer.is_competent(field, level))
            .min_by_key(|(_, officer)| {
                let talents: u32 = officer.competencies.values().map(|level| u32::from(*level)).sum();
                (talents, officer.id)
            })?;
        self.at_work += 1;
        Some(self.free.swap_remove(index))
    }
}
