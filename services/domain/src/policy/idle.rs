//! Dials that can never turn anything, because another dial of the same policy switches them off.

use crate::route::Policy;

/// Each with what switches it off. A document does not state them: whoever reads it would believe that they
/// count.
pub(super) fn idle(policy: &Policy) -> Vec<(&'static str, &'static str)> {
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
    }
    if policy.lent_weight == 0.0 {
        idle.push(("lent_half_life_days", "at a lent_weight of 0 nobody asks what was lent"));
    }
    if policy.rarity_minutes == 0.0 {
        idle.push(("rare_officers", "at 0 rarity_minutes nobody asks what is rare"));
    }
    idle
}
