//! Plays the day through the services' own RPCs: citizens hand in and answer, officers take up and finish what their
//! worklists show. Within one minute the order is fixed – what befalls the province, steps end, answers and
//! applications come in, officers take up – and between any two of these everything that was told has arrived.

mod desk;
mod ending;
mod mishap;

use std::{
    collections::BTreeMap,
    iter::{self, Peekable},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use futures::future::{join_all, try_join_all};
use indicatif::ProgressBar;
use jiff::{SignedDuration, Timestamp};
use phidia_domain::{
    Kind,
    caller::{Caller, Role},
    id::{Id as _, OfficerId, UnitId},
    procedure::{Text, TimeLimit},
    province::Province,
    unit::{Unit, UnitKind},
};
use phidia_proto::{
    convert::{self, wire_timestamp},
    intake::v1::{Receipt, application_service_client::ApplicationServiceClient},
    processing::v1::{
        CaseWorkItem, ClaimWorkItemRequest, ListWorklistRequest, case_service_client::CaseServiceClient,
    },
    routing::v1::{ListUnitsRequest, registry_service_client::RegistryServiceClient},
};
use phidia_runtime::{peer::Peer, status};
use tokio::{sync::oneshot, time::sleep};
use tonic::Status;

use self::{desk::Desk, ending::Asked, mishap::Mishap};
use super::{
    demand::{Arrival, DAY, Demand},
    house::House,
    patience::{PATIENCE, look_for},
    report::{self, Finished, Outcome, Tally},
    turn::Turn,
};

/// After so long nobody believes any more that the rest will be finished.
const LONGEST: SignedDuration = SignedDuration::from_hours(60 * 24);

/// So long before people come to look, the officers of one centre leave their work to them.
const LEFT_ALONE: SignedDuration = SignedDuration::from_mins(45);
/// Once the day is lived, something happens at least so often.
const LOOK: SignedDuration = SignedDuration::from_mins(1);
/// A clock that is looked at goes on in such steps.
const TICK: Duration = Duration::from_millis(500);

/// A day that is being played.
pub(crate) struct Day<'d> {
    province: &'d Province,
    house: &'d House<'d>,
    progress: &'d ProgressBar,
    desks: BTreeMap<UnitId, Desk<'d>>,
    /// By (end, officer): who is at work on what.
    busy: BTreeMap<(Timestamp, OfficerId), Task>,
    /// By application: what is not finished.
    open: BTreeMap<String, Open>,
    /// By (when, application): who answers what they were asked.
    asked: BTreeMap<(Timestamp, String), Asked>,
    /// What will befall the province.
    happens: Vec<(Timestamp, Mishap)>,
    /// The unit in which water stands, and until when.
    flooded: Option<(UnitId, Timestamp)>,
    finished: Vec<Finished>,
    accepted: usize,
    tally: Tally,
    /// Once the day is lived and not played: where the officers leave their work to those who look.
    guests: Option<UnitId>,
}

/// Who may be signed in as, once a day is lived.
#[derive(Clone, Debug)]
pub(crate) struct Guest {
    /// Official code of a centre that has much to do.
    pub(crate) unit: String,
    /// What it is called.
    pub(crate) unit_name: Text,
    /// Codes of officers who are there.
    pub(crate) officers: Vec<String>,
}

/// An application that is not finished.
struct Open {
    receipt: Receipt,
    turn: Turn,
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
        Self {
            province,
            house,
            progress,
            desks,
            busy: BTreeMap::new(),
            open: BTreeMap::new(),
            asked: BTreeMap::new(),
            happens: Vec::new(),
            flooded: None,
            finished: Vec::new(),
            accepted: 0,
            tally: Tally::default(),
            guests: None,
        }
    }

    /// Plays until the last result is there.
    pub(crate) async fn play(mut self, demand: &Demand) -> anyhow::Result<Outcome> {
        let mut arrivals = demand.arrivals.iter().peekable();
        let mut now = demand.opening(self.province)?;
        let last = now + LONGEST;
        self.happens = mishap::plan(self.province, demand)?;
        while let Some(next) = self.next_instant(now, arrivals.peek().map(|arrival| arrival.at))? {
            if next > last {
                break;
            }
            now = next;
            self.instant(now, &mut arrivals).await?;
        }
        let days = format!("{DAY}..{}", self.province.clock.local_date(now));
        report::gather(self.house, days, self.accepted, self.finished, self.tally).await
    }

    /// Plays until `from`, then lives on at the pace of a real clock, for as long as somebody looks. `guest` is told when it has come so far.
    pub(crate) async fn live(
        mut self,
        demand: &Demand,
        from: Timestamp,
        guest: oneshot::Sender<Guest>,
    ) -> anyhow::Result<()> {
        let mut arrivals = demand.arrivals.iter().peekable();
        let mut now = demand.opening(self.province)?;
        self.happens = mishap::plan(self.province, demand)?;
        while let Some(next) = self.next_instant(now, arrivals.peek().map(|arrival| arrival.at))? {
            if next > from {
                break;
            }
            if self.guests.is_none() && next > from - LEFT_ALONE {
                self.guests = Some(self.busiest()?.id);
            }
            now = next;
            self.instant(now, &mut arrivals).await?;
        }
        self.house.set(from)?;
        let guests = match self.guests {
            Some(unit) => self.province.units.get(&unit).context("a unit of the province")?,
            None => self.busiest()?,
        };
        self.guests = Some(guests.id);
        let codes = self.province.officers.values().filter(|officer| officer.unit == guests.id);
        let officers = codes.map(|officer| officer.code.clone()).collect();
        // Nobody listens any more: the house is about to stop.
        let (unit, unit_name) = (guests.code.clone(), guests.name.clone());
        let _ = guest.send(Guest { unit, unit_name, officers });
        let began = Instant::now();
        let clock = || anyhow::Ok(from.checked_add(SignedDuration::try_from(began.elapsed())?)?);
        now = from;
        loop {
            // Those who look hand things in too: officers look at their lists each minute.
            let soon = now + LOOK;
            let next = self.next_instant(now, arrivals.peek().map(|arrival| arrival.at))?;
            let next = next.map_or(soon, |next| next.min(soon));
            // Between two of its instants the clock goes on for those who look.
            while clock()? < next {
                self.house.set(clock()?)?;
                sleep(TICK).await;
            }
            now = next.max(clock()?);
            self.instant(now, &mut arrivals).await?;
        }
    }

    /// The centre at which the most waits.
    fn busiest(&self) -> anyhow::Result<&'d Unit> {
        let centres = self.province.units.values().filter(|unit| unit.kind == UnitKind::CommuneCentre);
        let waits = |unit: &&Unit| self.desks.get(&unit.id).map_or(0, |desk| desk.open_items);
        centres.max_by_key(waits).context("a province has centres")
    }

    /// Whether others were faster, which people who look may be in a day that is lived.
    fn is_overtaken(&self, error: &anyhow::Error) -> bool {
        let kind = error.downcast_ref::<Status>().map(|status| status::from_status(status).kind);
        let others = [Kind::Conflict, Kind::Precondition, Kind::NotFound].map(Some);
        self.guests.is_some() && others.contains(&kind)
    }

    /// All that happens at an instant.
    async fn instant<'a>(
        &mut self,
        now: Timestamp,
        arrivals: &mut Peekable<impl Iterator<Item = &'a Arrival>>,
    ) -> anyhow::Result<()> {
        self.house.set(now)?;
        let house = self.house;
        let befalls: Vec<_> = self.happens.extract_if(.., |(at, _)| *at <= now).collect();
        for (_, mishap) in befalls {
            self.happen(mishap, now).await?;
            self.settle().await?;
        }
        if house.together(self.end_steps(now)).await? {
            self.settle().await?;
        }
        if house.together(self.answer(now)).await? {
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
        Ok(())
    }

    /// The next instant at which something happens: somebody hands in or answers, a step ends, something befalls the
    /// province, or an office opens where work waits.
    fn next_instant(&self, now: Timestamp, arrival: Option<Timestamp>) -> anyhow::Result<Option<Timestamp>> {
        let end = self.busy.keys().next().map(|(end, _)| *end);
        let answer = self.asked.keys().next().map(|(at, _)| *at);
        let mishap = self.happens.iter().map(|(at, _)| *at).min();
        let mut next = [arrival, end, answer, mishap].into_iter().flatten().min();
        let waiting = self.desks.iter().filter(|(_, desk)| desk.open_items > desk.at_work);
        for (unit, desk) in waiting.filter(|(unit, _)| self.guests != Some(**unit)) {
            let Some(capacity) = self.province.capacity.get(unit) else { continue };
            if !self.is_open(*unit, now) && !desk.free.is_empty() {
                let opens = capacity.next_open(self.dry(*unit).map_or(now, |dry| dry.max(now)))?;
                next = Some(next.map_or(opens, |next| next.min(opens)));
            }
        }
        Ok(next.map(|next| next.max(now)))
    }

    /// When the water has gone from a unit, if it stands there.
    fn dry(&self, unit: UnitId) -> Option<Timestamp> {
        self.flooded.filter(|(flooded, _)| *flooded == unit).map(|(_, dry)| dry)
    }

    fn is_open(&self, unit: UnitId, now: Timestamp) -> bool {
        self.dry(unit).is_none_or(|dry| dry <= now)
            && self.province.capacity.get(&unit).is_some_and(|capacity| capacity.is_open(now))
    }

    async fn hand_in(&mut self, arrivals: &[&Arrival], now: Timestamp) -> anyhow::Result<()> {
        let mut applications = self.applications();
        for arrival in arrivals {
            let answer = applications.submit_application(arrival.request.clone()).await?.into_inner();
            let receipt = answer.receipt.context("an accepted application has a receipt")?;
            ensure!(
                receipt.received_at == Some(wire_timestamp(now)),
                "business time is not {now} where applications come in: it must not have been ahead of the day"
            );
            let limit = self.province.procedure_on(&arrival.request.procedure_code, DAY)?.limit;
            let due_at = receipt.due_at.map(|due| convert::timestamp(due, "due_at")).transpose()?;
            let is_later = due_at.is_some_and(|due| self.province.clock.local_date(due) > DAY);
            self.tally.after_cutoff += u32::from(limit == Some(TimeLimit::SameDay) && is_later);
            let open = Open { receipt, turn: arrival.turn.clone() };
            self.open.insert(open.receipt.application_id.clone(), open);
            self.accepted += 1;
        }
        Ok(())
    }

    /// Lets free officers take up what waits; whether any did.
    async fn take_up(&mut self, now: Timestamp) -> anyhow::Result<bool> {
        let mut registry = RegistryServiceClient::new(self.house.routing.clone());
        let request = ListUnitsRequest { page_size: 1000, page_token: String::new() };
        let in_vain = "routing's board did not show all that was decided";
        let listing = look_for(in_vain, PATIENCE, self.house.pause(), async || {
            let listing = registry.list_units(request.clone()).await?.into_inner();
            Ok(Some(listing).filter(|listing| listing.settled))
        });
        let listing = listing.await?;
        for unit in listing.units {
            self.desks.entry(unit.unit_id.parse()?).or_default().open_items = unit.open_items;
        }
        let mut waiting = Vec::new();
        let open: BTreeMap<_, _> = self.desks.keys().map(|unit| (*unit, self.is_open(*unit, now))).collect();
        for (unit, desk) in &mut self.desks {
            let open = open[unit];
            let seen = Some((desk.open_items, open));
            // Looking again is of use only when something has changed.
            let changed = desk.seen != seen || desk.freed;
            let is_theirs = self.guests != Some(*unit);
            if open && is_theirs && changed && desk.open_items > desk.at_work && !desk.free.is_empty() {
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
        for (unit, officer, claimed) in join_all(claims).await {
            match claimed {
                Ok(item) => self.begin(unit, officer, item, now)?,
                Err(error) if self.is_overtaken(&error) => self.is_free_again(unit, officer)?,
                Err(error) => return Err(error),
            }
        }
        Ok(any)
    }

    /// An officer is at work from now on.
    fn begin(
        &mut self,
        unit: UnitId,
        officer: OfficerId,
        item: CaseWorkItem,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let capacity = self.province.capacity.get(&unit).context("a unit has its hours")?;
        let end = capacity.add_minutes(now, i64::from(item.effort_minutes))?;
        self.busy.insert((end, officer), Task { item, unit });
        Ok(())
    }

    /// What nobody at the unit has taken up, most urgent first.
    async fn worklist(&self, unit: UnitId) -> anyhow::Result<(UnitId, Vec<CaseWorkItem>)> {
        let mut cases = self.cases_of(unit);
        let request = ListWorklistRequest { page_size: 500, ..ListWorklistRequest::default() };
        Ok((unit, cases.list_worklist(request).await?.into_inner().work_items))
    }

    async fn claim(
        &self,
        unit: UnitId,
        officer: OfficerId,
        item: CaseWorkItem,
    ) -> (UnitId, OfficerId, anyhow::Result<CaseWorkItem>) {
        let request = ClaimWorkItemRequest { work_item: item.work_item, expected_fence: item.fence };
        let claimed = async {
            let answer = self.cases_as(officer, unit).claim_work_item(request).await?.into_inner();
            answer.work_item.context("a claim has its work item")
        };
        (unit, officer, claimed.await)
    }

    /// An officer has nothing in hand any more.
    fn is_free_again(&mut self, unit: UnitId, officer: OfficerId) -> anyhow::Result<()> {
        let person = self.province.officers.get(&officer).context("an officer of the province")?;
        let desk = self.desks.entry(unit).or_default();
        desk.at_work -= 1;
        desk.put_back(person);
        Ok(())
    }

    fn cases_as(&self, officer: OfficerId, unit: UnitId) -> CaseServiceClient<Peer> {
        let name = officer.uuid().simple().to_string();
        let caller = Caller { role: Role::Officer, name, unit: Some(unit), officer: Some(officer) };
        CaseServiceClient::new(self.house.processing.speaking_for(caller))
    }

    /// As the supervisor of a unit.
    fn cases_of(&self, unit: UnitId) -> CaseServiceClient<Peer> {
        let supervisor =
            Caller { role: Role::Supervisor, name: "demo".to_owned(), unit: Some(unit), officer: None };
        CaseServiceClient::new(self.house.processing.speaking_for(supervisor))
    }

    fn applications(&self) -> ApplicationServiceClient<Peer> {
        let portal = Caller { role: Role::System, name: "demo".to_owned(), unit: None, officer: None };
        ApplicationServiceClient::new(self.house.intake.speaking_for(portal))
    }

    /// Waits until nothing is in flight.
    async fn settle(&self) -> anyhow::Result<()> {
        let in_vain = "the services did not come to rest";
        look_for(in_vain, PATIENCE, self.house.pause(), async || {
            Ok(self.house.is_settled().await?.then_some(()))
        })
        .await
    }
}
