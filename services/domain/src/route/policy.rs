//! The dials of the routing policy. They are data of the province, versioned and stated in every decision.

use serde::{Deserialize, Serialize};

use crate::rejection::Rejection;

/// How one unit is weighed against another. All minutes are working minutes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Its name, for people.
    pub name: String,
    /// Its version, from 1.
    pub version: u32,
    /// Whether work leaves its home by need only.
    pub home_only: bool,
    /// Home keeps what it can finish within this share of the working time that is left until the due date.
    pub gate_share: f64,
    /// What it costs to work on it anywhere but at home.
    pub moving_minutes: f64,
    /// What a kilometre from home costs, where paper has to travel.
    pub minutes_per_km: f64,
    /// What a minute past the due date costs; at least 1.
    pub lateness_weight: f64,
    /// What a queued minute per officer above the candidates' mean costs.
    pub fair_weight: f64,
    /// What it saves to stay with the unit that did the step before.
    pub continuity_minutes: f64,
    /// By how much another unit must beat home.
    pub least_gain_minutes: f64,
    /// Candidates whose scores lie within this share of the best are drawn by lot.
    pub tie_share: f64,
    /// Queued minutes per competent officer above which a unit takes no foreign work for gain.
    pub borrowed_cap_minutes: i64,
}

impl Policy {
    /// The default: whoever finishes it best, home first while home is good enough.
    pub fn boundary_free() -> Self {
        Self {
            name: "boundary-free".to_owned(),
            version: 1,
            home_only: false,
            gate_share: 0.4,
            moving_minutes: 30.0,
            minutes_per_km: 2.0,
            lateness_weight: 4.0,
            fair_weight: 0.25,
            continuity_minutes: 30.0,
            least_gain_minutes: 60.0,
            tie_share: 0.02,
            borrowed_cap_minutes: 5 * 480,
        }
    }

    /// The state of affairs to compare with: every step at home where home is able.
    pub fn home_only() -> Self {
        Self { name: "home-only".to_owned(), home_only: true, ..Self::boundary_free() }
    }

    /// Refuses dials that make no sense, each by its name.
    ///
    /// # Errors
    ///
    /// `POLICY_INVALID` with one violation per dial at fault.
    pub fn validate(&self) -> Result<(), Rejection> {
        let natural = |value: f64| value.is_finite() && value >= 0.0;
        let share = |value: f64| (0.0..=1.0).contains(&value);
        let minutes = "a finite number of minutes, not negative";
        let dials = [
            ("name", !self.name.trim().is_empty() && self.name.len() <= 100, "1 to 100 bytes"),
            ("version", self.version > 0, "a version from 1"),
            ("gate_share", share(self.gate_share), "a share from 0 to 1"),
            ("moving_minutes", natural(self.moving_minutes), minutes),
            ("minutes_per_km", natural(self.minutes_per_km), minutes),
            ("lateness_weight", natural(self.lateness_weight) && self.lateness_weight >= 1.0, "at least 1"),
            ("fair_weight", natural(self.fair_weight), "a finite weight, not negative"),
            ("continuity_minutes", natural(self.continuity_minutes), minutes),
            ("least_gain_minutes", natural(self.least_gain_minutes), minutes),
            ("tie_share", share(self.tie_share), "a share from 0 to 1"),
            ("borrowed_cap_minutes", self.borrowed_cap_minutes >= 0, minutes),
        ];
        let mut faults = dials.into_iter().filter(|(_, valid, _)| !valid);
        let Some((dial, _, expected)) = faults.next() else { return Ok(()) };
        Err(faults.fold(Rejection::invalid("POLICY_INVALID", dial, expected), |all, (dial, _, expected)| {
            all.violating(dial, expected)
        }))
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::boundary_free()
    }
}
