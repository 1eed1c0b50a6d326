//! What befalls the province on the day: an officer falls ill in the morning, and at noon the busiest centre is flooded.

use std::cmp::Reverse;

use anyhow::Context as _;
use jiff::Timestamp;
use phidia_domain::{
    id::{OfficerId, UnitId},
    province::Province,
    unit::UnitKind,
};
use phidia_proto::{
    processing::v1::{HandOverWorkItemRequest, ReturnWorkItemRequest},
    routing::v1::{
        Availability, Days, SetAbsenceRequest, SetUnitStandingRequest, Standing,
        registry_service_client::RegistryServiceClient,
    },
};

use phidia_runtime::peer::Peer;

use super::{Day, Task};
use crate::demo::demand::{DAY, Demand};

/// What happens at an instant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mishap {
    /// Somebody who is at work goes home ill.
    Illness,
    /// They are back.
    Recovery(OfficerId),
    /// Water stands in a centre.
    Flood(UnitId),
    /// It has gone.
    Dry(UnitId),
}

/// What happens, from the beginning.
pub(super) fn plan(province: &Province, demand: &Demand) -> anyhow::Result<Vec<(Timestamp, Mishap)>> {
    let at = |hour| province.clock.time_zone().to_timestamp(DAY.at(hour, 0, 0, 0));
    let handed_in = |code: &str| {
        demand.arrivals.iter().filter(|arrival| arrival.request.received_at_code == code).count()
    };
    let centres = province.units.values().filter(|unit| unit.kind == UnitKind::CommuneCentre);
    let busiest = centres.max_by_key(|unit| (handed_in(&unit.code), Reverse(unit.id)));
    let flood = busiest.map(|unit| Mishap::Flood(unit.id));
    let planned = [(at(9)?, Some(Mishap::Illness)), (at(12)?, flood)];
    Ok(planned.into_iter().filter_map(|(at, mishap)| Some((at, mishap?))).collect())
}

impl Day<'_> {
    /// It happens.
    pub(super) async fn happen(&mut self, mishap: Mishap, now: Timestamp) -> anyhow::Result<()> {
        match mishap {
            Mishap::Illness => self.fall_ill(now).await,
            Mishap::Recovery(officer) => self.recover(officer),
            Mishap::Flood(unit) => self.flood(unit, now).await,
            Mishap::Dry(unit) => self.stand(unit, Availability::Open, "nước đã rút").await.map(drop),
        }
    }

    /// Whoever could be stood in for is; the others' work lies in the worklist again.
    async fn fall_ill(&mut self, now: Timestamp) -> anyhow::Result<()> {
        let stood_in_for = self.busy.iter().find(|(_, task)| {
            self.desks.get(&task.unit).is_some_and(|desk| desk.competent(&task.item).is_some())
        });
        let Some((&key, _)) = stood_in_for.or_else(|| self.busy.first_key_value()) else { return Ok(()) };
        let Task { mut item, unit } = self.busy.remove(&key).context("a task that was just seen")?;
        let (_, officer) = key;
        let ill = self.province.officers.get(&officer).context("an officer of the province")?;
        let absence = SetAbsenceRequest {
            officer_code: ill.code.clone(),
            days: Some(Days { from: DAY.to_string(), to: DAY.to_string() }),
            reason: "nghỉ ốm".to_owned(),
            expected_revision: None,
            compensatory: false,
        };
        self.registry().set_absence(absence).await?;
        let mut cases = self.cases_of(unit);
        let desk = self.desks.entry(unit).or_default();
        desk.at_work -= 1;
        let work_item = item.work_item.take();
        if let Some(stand_in) = desk.take(&item) {
            let request = HandOverWorkItemRequest {
                work_item,
                expected_fence: item.fence,
                officer_code: stand_in.code.clone(),
            };
            let answer = cases.hand_over_work_item(request).await?.into_inner();
            let item = answer.work_item.context("what is handed over is answered")?;
            self.tally.stood_in_for += 1;
            self.begin(unit, stand_in.id, item, now)?;
        } else {
            cases.return_work_item(ReturnWorkItemRequest { work_item, fence: item.fence }).await?;
        }
        self.happens.push((self.next_morning(unit)?, Mishap::Recovery(officer)));
        Ok(())
    }

    fn recover(&mut self, officer: OfficerId) -> anyhow::Result<()> {
        let officer = self.province.officers.get(&officer).context("an officer of the province")?;
        self.desks.entry(officer.unit).or_default().put_back(officer);
        Ok(())
    }

    /// Whoever is at work there gives back what they have in hand, and all of it goes wherever it may.
    async fn flood(&mut self, unit: UnitId, now: Timestamp) -> anyhow::Result<()> {
        let there: Vec<_> =
            self.busy.iter().filter(|(_, task)| task.unit == unit).map(|(key, _)| *key).collect();
        for key in there {
            let Task { item, .. } = self.busy.remove(&key).context("a task that was just seen")?;
            let request = ReturnWorkItemRequest { work_item: item.work_item, fence: item.fence };
            self.cases_as(key.1, unit).return_work_item(request).await?;
            let officer = self.province.officers.get(&key.1).context("an officer of the province")?;
            let desk = self.desks.entry(unit).or_default();
            desk.at_work -= 1;
            desk.put_back(officer);
        }
        // Routing has to know what nobody holds any more.
        self.settle().await?;
        self.tally.fled += self.stand(unit, Availability::Emergency, "nước lên").await?;
        let dry = self.next_morning(unit)?;
        self.flooded = Some((unit, dry.max(now)));
        self.happens.push((dry, Mishap::Dry(unit)));
        Ok(())
    }

    /// Sets how a unit stands; answers how much leaves it.
    async fn stand(&self, unit: UnitId, availability: Availability, why: &str) -> anyhow::Result<u32> {
        let unit = self.province.units.get(&unit).context("a unit of the province")?;
        let standing = Standing { availability: availability.into(), ..Standing::default() };
        let request = SetUnitStandingRequest {
            unit_code: unit.code.clone(),
            standing: Some(standing),
            reason: why.to_owned(),
            expected_revision: None,
        };
        let answer = self.registry().set_unit_standing(request).await?.into_inner();
        Ok(answer.outcome.context("a change has an outcome")?.released)
    }

    fn registry(&self) -> RegistryServiceClient<Peer> {
        RegistryServiceClient::new(self.house.routing.clone())
    }

    /// When a unit opens again after the day.
    fn next_morning(&self, unit: UnitId) -> anyhow::Result<Timestamp> {
        let clock = &self.province.clock;
        let midnight = clock.time_zone().to_timestamp(DAY.tomorrow()?.at(0, 0, 0, 0))?;
        let capacity = self.province.capacity.get(&unit).context("a unit has its hours")?;
        Ok(capacity.next_open(midnight)?)
    }
}
