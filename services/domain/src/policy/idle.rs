//! Dials that can never turn anything.

use std::collections::{BTreeMap, BTreeSet};

use crate::{coverage::Idle, province::Province, route::Policy};

/// Those that another dial of the same policy switches off, each with why. A document does not state them:
/// whoever reads it would believe that they count.
pub(super) fn beside_others(policy: &Policy) -> Vec<(&'static str, &'static str)> {
    let mut idle = Vec::new();
    if policy.home_only {
        // Work leaves an able home for gain only, and here it never does.
        let why = "home_only keeps all work at a home that is able";
        let dials = [
            "least_gain_minutes",
            "borrowed_cap_minutes",
            "rescue_gain_minutes",
            "rescue_slack_minutes",
            "rescue_most_moves",
            "rescue_budget",
        ];
        idle.extend(dials.map(|dial| (dial, why)));
    } else if policy.rescue_most_moves == 0 {
        let why = "at 0 rescue_most_moves nothing is rescued";
        let dials = ["rescue_gain_minutes", "rescue_slack_minutes", "rescue_budget"];
        idle.extend(dials.map(|dial| (dial, why)));
    } else if policy.rescue_budget == 0 {
        let why = "at 0 rescue_budget nothing is rescued";
        let dials = ["rescue_gain_minutes", "rescue_slack_minutes", "rescue_most_moves"];
        idle.extend(dials.map(|dial| (dial, why)));
    }
    if policy.lent_weight == 0.0 {
        idle.push(("lent_half_life_days", "at a lent_weight of 0 nobody asks what was lent"));
    }
    if policy.rarity_minutes == 0.0 {
        idle.push(("rare_officers", "at 0 rarity_minutes nobody asks what is rare"));
    } else if policy.rare_officers == 0 {
        idle.push((
            "rarity_minutes",
            "at 0 rare_officers nothing is rare: whoever masters something counts as one",
        ));
    }
    idle
}

/// Those that find nothing to weigh in this province. They are told and not refused: provinces change.
pub fn over(policy: &Policy, province: &Province) -> BTreeSet<Idle> {
    let placed = province.units.values().filter(|unit| unit.position.is_some()).count();
    let green = province.procedures.values().any(|procedure| procedure.corridor.is_some());
    let rarest = masters(province).into_values().min();
    let idle = [
        ("minutes_per_km", "NO_DISTANCES", policy.minutes_per_km > 0.0 && placed < 2),
        ("green_gate_share", "NO_GREEN_CORRIDOR", !green),
        (
            "rarity_minutes",
            "NOTHING_RARE",
            policy.rarity_minutes > 0.0 && rarest > Some(policy.rare_officers),
        ),
    ];
    let idle = idle.into_iter().filter(|(.., holds)| *holds);
    idle.map(|(dial, why, _)| Idle::Dial { dial, why }).collect()
}

/// How many officers master each field that anybody does.
fn masters(province: &Province) -> BTreeMap<&str, u32> {
    let mut masters = BTreeMap::new();
    for field in province.officers.values().flat_map(|officer| officer.competencies.keys()) {
        *masters.entry(field.as_str()).or_default() += 1;
    }
    masters
}
