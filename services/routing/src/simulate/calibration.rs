//! How the synthetic province is made to resemble the one whose figures are known.
//!
//! Published is one figure: of the 251,380 applications of the third quarter of 2025, 98.12 % were finished on time.
//! The efforts and officers of `deploy/province` are synthetic, and tuned so that **one** day that begins with empty
//! desks comes near it. Over a quarter they do not: the Land Registration Office, six officers, would need eleven
//! times its time, and what it cannot do piles up without end. Two dials are turned here, and nothing else:
//!
//! 1. Units of the province that decide themselves (departments, agencies) get as many times their officers as
//!    bring them to [`AUTHORITY_USE`] at load 1. How many they have is not known; that they are staffed for what is
//!    asked of them is the weaker assumption.
//! 2. Every planned effort is multiplied by [`EFFORT_SHARE`], found by bisection: with it the whole quarter at load
//!    1, every application worked at home, comes to 98.12 %. `tests` holds a shortened quarter to it.

use std::collections::BTreeMap;

use phidia_domain::{
    id::OfficerId,
    officer::Officer,
    procedure::{CompetenceKey, Step},
    province::Province,
    unit::UnitKind,
};

use super::{demand::Demand, effort::planned, measure::float, quarter::Quarter, whole_number};

/// How many applications the province took in in its third quarter of 2025, which is load 1.
pub const QUARTERLY_APPLICATIONS: u32 = 251_380;

/// What of a step's planned effort is spent on it on the average.
pub const EFFORT_SHARE: f64 = 0.59;

/// How far the true effort of a step lies from the planned one: the deviation of its logarithm. No figure was
/// found: that of `shared/routing.md`, section 4.3.
pub const EFFORT_SIGMA: f64 = 0.5;

/// Share of the units that lose half their officers for three days, once in the quarter: that of
/// `shared/routing.md`, section 4.3. Without it all lateness at load 1 would be that of the busiest wards.
pub const SHOCK_SHARE: f64 = 0.1;

/// The share of its time that a department or an agency is at work at load 1, at most.
const AUTHORITY_USE: f64 = 0.7;

/// The province with authorities that are staffed for a quarter of so many applications, where so much of every
/// planned effort is spent.
pub(crate) fn staffed(
    province: &Province,
    demand: &Demand,
    effort_share: f64,
    applications: u32,
    quarter: &Quarter,
) -> Province {
    let mut province = province.clone();
    let mut asked: BTreeMap<String, f64> = BTreeMap::new();
    for (code, share) in demand.procedures() {
        let Ok(procedure) = province.procedure_on(code, quarter.first) else { continue };
        let fixed = |step: &&Step| step.competence_key == CompetenceKey::Fixed;
        for step in procedure.process_on(quarter.first).usual_way().filter(fixed) {
            let minutes = f64::from(applications) * share * f64::from(planned(step, effort_share));
            *asked.entry(step.authority.clone().unwrap_or_default()).or_default() += minutes;
        }
    }
    let days = i64::try_from(quarter.working_days).unwrap_or(i64::MAX);
    let minutes = province.clock.minutes_per_day().saturating_mul(days);
    for (code, asked) in asked {
        let Some(unit) = province.unit_by_code(&code) else { continue };
        if unit.kind == UnitKind::CommuneCentre {
            continue;
        }
        let staff: Vec<Officer> = province.officers_of(unit.id).cloned().collect();
        let capacity = AUTHORITY_USE * float(minutes) * float(i64::try_from(staff.len()).unwrap_or(i64::MAX));
        let times = whole_number((asked / capacity.max(1.0)).ceil());
        for (copy, officer) in (2..=times).flat_map(|copy| staff.iter().map(move |officer| (copy, officer))) {
            let code = format!("{}/{copy}", officer.code);
            let id = OfficerId::of(&province.code, &code);
            province.officers.insert(id, Officer { id, code, ..officer.clone() });
        }
    }
    province
}
