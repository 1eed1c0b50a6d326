//! From the live facts to messages.

use jiff::civil::Date;
use phidia_domain::{
    calendar::Hours,
    id::{OfficerId, UnitId},
    registry::{Absence, Change, Registry},
};
use phidia_proto::{
    convert,
    registry::{wire_days, wire_hours, wire_standing},
    routing::v1::{
        ChangeOutcome, Competency, DayHours, GetUnitResponse, Officer, RegistryChange, Workplaces,
        registry_change,
    },
};
use phidia_runtime::failure::Failure;

use super::answer;
use crate::{change_registry::Changed, get_unit::Found, reference::Reference, store::registry::Recorded};

pub(super) fn outcome(changed: Changed) -> Result<ChangeOutcome, Failure> {
    Ok(ChangeOutcome {
        revision: changed.revision,
        changed: changed.changed,
        tried_again: u32::try_from(changed.tried_again).map_err(Failure::broken)?,
        released: u32::try_from(changed.released).map_err(Failure::broken)?,
    })
}

pub(super) fn unit(found: &Found) -> Option<GetUnitResponse> {
    let Found { reference, unit, today } = found;
    let Reference { province, registry, .. } = &reference.value;
    let facts = province.units.get(unit)?;
    let changed = registry.hours.get(unit).into_iter().flat_map(|days| days.range(*today..));
    let mut officers: Vec<_> = province.officers_of(*unit).map(|officer| officer.id).collect();
    officers.sort_by_key(|id| province.officers.get(id).map(|officer| officer.code.as_str()));
    Some(GetUnitResponse {
        unit_id: unit.to_string(),
        code: facts.code.clone(),
        name: Some(convert::wire_text(&facts.name)),
        kind: answer::kind(facts.kind).to_owned(),
        cluster: facts.cluster.clone(),
        neighbours: facts.neighbours.clone(),
        standing: Some(wire_standing(&registry.standing(*unit))),
        changed_hours: changed.map(day_hours).collect(),
        officers: officers.into_iter().filter_map(|id| officer(&reference.value, id, *today)).collect(),
        version: reference.version,
        revision: reference.value.revision(),
        workplaces: registry.workplaces(*unit),
    })
}

/// An officer with the absences and the hours of their own that are not over on the day.
pub(super) fn officer(reference: &Reference, id: OfficerId, today: Date) -> Option<Officer> {
    let officer = reference.province.officers.get(&id)?;
    let competencies = officer.competencies.iter();
    let absences = reference.registry.absences.get(&id).into_iter().flatten();
    let own_hours = reference.registry.officer_hours.get(&id).into_iter();
    Some(Officer {
        officer_id: id.to_string(),
        code: officer.code.clone(),
        name: officer.name.clone(),
        unit_code: unit_code(reference, officer.unit),
        competencies: competencies
            .map(|(field, level)| Competency { field: field.clone(), level: (*level).into() })
            .collect(),
        absences: absences.filter(|absence| absence.to >= today).map(wire_days).collect(),
        changed_hours: own_hours.flat_map(|days| days.range(today..)).map(day_hours).collect(),
        compensatory_leave: leave(&reference.registry, id, today).iter().map(wire_days).collect(),
    })
}

/// Days from one on for all or the rest of which an officer is on compensatory leave, in order.
fn leave(registry: &Registry, id: OfficerId, today: Date) -> Vec<Absence> {
    let whole = registry.leave.get(&id).into_iter().flatten().copied().filter(|leave| leave.to >= today);
    let rest = registry.part_leave.get(&id).into_iter().flat_map(|days| days.range(today..));
    // An absence counts for all of the day.
    let rest = rest.filter(|day| !registry.is_absent(id, **day)).map(|day| Absence { from: *day, to: *day });
    let mut leave: Vec<_> = whole.chain(rest).collect();
    leave.sort_unstable();
    leave
}

pub(super) fn change(reference: &Reference, recorded: &Recorded) -> RegistryChange {
    let officer_code = |id: OfficerId| match reference.province.officers.get(&id) {
        Some(officer) => officer.code.clone(),
        None => id.to_string(),
    };
    let change = match &recorded.change {
        Change::Standing { standing, .. } => registry_change::Change::Standing(wire_standing(standing)),
        Change::Hours { day, hours, .. } => registry_change::Change::Hours(day_hours((day, hours))),
        Change::AsPlanned { day, .. } => registry_change::Change::AsPlannedOn(day.to_string()),
        Change::Absent { days, .. } => registry_change::Change::Absent(wire_days(days)),
        Change::Present { days, .. } => registry_change::Change::Present(wire_days(days)),
        Change::OfficerHours { day, hours, .. } => {
            registry_change::Change::OfficerHours(day_hours((day, hours)))
        }
        Change::OfficerAsPlanned { day, .. } => registry_change::Change::OfficerAsPlannedOn(day.to_string()),
        Change::Workplaces { most, .. } => registry_change::Change::Workplaces(Workplaces { most: *most }),
    };
    let compensatory = match recorded.change {
        Change::Absent { compensatory, .. } | Change::OfficerHours { compensatory, .. } => compensatory,
        _ => false,
    };
    RegistryChange {
        revision: recorded.revision,
        changed_at: Some(convert::wire_timestamp(recorded.at)),
        actor: recorded.actor.clone(),
        reason: recorded.reason.clone(),
        unit_id: recorded.about.unit.to_string(),
        unit_code: unit_code(reference, recorded.about.unit),
        officer_code: recorded.about.officer.map(officer_code).unwrap_or_default(),
        change: Some(change),
        compensatory,
    }
}

fn day_hours((day, hours): (&Date, &Vec<Hours>)) -> DayHours {
    DayHours { day: day.to_string(), hours: wire_hours(hours) }
}

pub(super) fn unit_code(reference: &Reference, unit: UnitId) -> String {
    reference.province.units.get(&unit).map(|unit| unit.code.clone()).unwrap_or_default()
}
