//! Who may take the steps of one procedure for one commune, day by day.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Nobody, Rule, bound, days::Days, homes, reach::Staff, year};
use crate::{
    id::UnitId,
    procedure::{CompetenceKey, Step},
    province::Province,
    rejection::Rejection,
};

/// Who may take a step, on days that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Takers {
    /// Number of the step.
    pub step: u32,
    /// Its home; none: its competence key names no unit.
    pub home: Option<UnitId>,
    /// The first of the days.
    pub first: Date,
    /// How many working days that are.
    pub days: u64,
    /// The units that may, in the order of their ids, by the nearest rule that lets them.
    pub units: BTreeMap<Rule, Vec<UnitId>>,
    /// Why nobody may; none: somebody may.
    pub nobody: Option<Nobody>,
    /// Whether all who may are closed until it is due.
    pub late: bool,
}

/// Who may take each step of a procedure whose application is handed in at a commune, or names it by the step's competence
/// key, in the year that begins with `from`: by step, then by day. Steps that can have no home there are left out.
///
/// # Errors
///
/// `NOT_FOUND` for an unknown procedure or unit; a violation of `commune_code` when no step may have its home there;
/// `DATE_OUT_OF_RANGE` when the calendars do not cover that day.
pub fn takers(
    province: &Province,
    procedure: &str,
    commune: &str,
    from: Date,
) -> Result<Vec<Takers>, Rejection> {
    let lines = province.procedures.lines(procedure);
    if lines.is_empty() {
        let message = "no procedure of the catalogue has this code";
        return Err(Rejection::not_found("UNKNOWN_PROCEDURE", message));
    }
    let commune = province
        .unit_by_code(commune)
        .ok_or_else(|| Rejection::not_found("UNKNOWN_UNIT", "no unit of the province has this code"))?;
    let days = Days::between(province, from, year(from))?;
    let staff = Staff::of(province);
    let place = province.units.keys().position(|id| *id == commune.id);
    let (mut found, mut is_home) = (Vec::new(), false);
    for (procedure, step) in lines.iter().flat_map(|line| line.steps.iter().map(move |step| (line, step))) {
        let homes = homes(province, step);
        let home = match step.competence_key {
            CompetenceKey::Fixed => homes.first().copied(),
            _ => place.filter(|place| homes.contains(place)),
        };
        if home.is_none() && step.competence_key != CompetenceKey::Fixed {
            continue;
        }
        is_home = true;
        let pool = staff.pool(&procedure.field.vi, step.level);
        let step: &Step = &bound(procedure, step);
        for kind in days.kinds(procedure, step) {
            let working = (0..province.units.len()).filter(|unit| !kind.never.contains(unit));
            let able = working.filter_map(|unit| Some((staff.reach(&pool, step, home?, unit)?, unit)));
            let (mut units, mut late) = (BTreeMap::<Rule, Vec<UnitId>>::new(), true);
            for (rule, unit) in able {
                units.entry(rule).or_default().push(staff.id(unit));
                late &= kind.late.contains(&unit);
            }
            let nobody = units.is_empty().then(|| match home {
                None => Nobody::NoHome,
                Some(home) => Nobody::why(staff.rule(&pool, step, home, |_| true), step.scope),
            });
            let late = late && nobody.is_none();
            let home = home.map(|home| staff.id(home));
            found.push(Takers {
                step: step.number,
                home,
                first: kind.first,
                days: kind.days,
                units,
                nobody,
                late,
            });
        }
    }
    if !is_home {
        let expected = "a unit where a step of this procedure may have its home";
        return Err(Rejection::invalid("NOT_A_HOME", "commune_code", expected));
    }
    found.sort_by_key(|takers| (takers.step, takers.first));
    Ok(found)
}
