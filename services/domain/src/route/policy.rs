//! The dials of the routing policy. They are data of the province, versioned and stated in every decision.

use serde::{Deserialize, Serialize};

use super::crew::LEVELS;
use crate::rejection::Rejection;

/// No dial is larger: eight working years of an officer, in minutes. So no sum of
/// costs comes near the end of what they are counted in.
const MOST: f64 = 1_000_000.0;

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
    /// Home keeps what it can finish within this share of the working time that is left until the due date;
    /// and where home does not, nobody further away is looked at than where somebody does.
    pub gate_share: f64,
    /// The same for what is in a green corridor.
    pub green_gate_share: f64,
    /// How efforts vary: the standard deviation of their logarithm. 0: not at all.
    pub effort_sigma: f64,
    /// How fast officers of level 1 to 5 work, in percent of the stated effort.
    pub speed_percent: [u32; LEVELS],
    /// What it costs to work on it anywhere but at home.
    pub moving_minutes: f64,
    /// What a kilometre costs that papers travel out of their way, there or back: by a unit that is neither where they lie nor
    /// home, nor on the way between these.
    pub minutes_per_km: f64,
    /// What a minute past the due date costs; at least 1.
    pub lateness_weight: f64,
    /// What a promise costs that is surely broken; one that may be broken costs its probability of it.
    pub risk_minutes: f64,
    /// What a queued minute per officer above the candidates' mean costs.
    pub fair_weight: f64,
    /// What a minute of foreign work costs that a unit took of late, per competent officer.
    pub lent_weight: f64,
    /// After so many days foreign work that was taken counts half.
    pub lent_half_life_days: f64,
    /// What it costs to use a unit whose competent officers all master something rare besides.
    pub rarity_minutes: f64,
    /// Rare is what at most so many officers of the province master.
    pub rare_officers: u32,
    /// What it saves to stay with the unit that did the step before; half of it, for a first step, with the unit that
    /// had an earlier application of the same person.
    pub continuity_minutes: f64,
    /// By how much another unit must beat home.
    pub least_gain_minutes: f64,
    /// Candidates whose scores lie within this share of the best are drawn by lot.
    pub tie_share: f64,
    /// Queued minutes per competent officer above which a unit takes no foreign work for gain.
    pub borrowed_cap_minutes: i64,
    /// By how much sooner it must be finished elsewhere for a late work item to be rescued.
    pub rescue_gain_minutes: f64,
    /// How long before it is due a rescued work item must be finished: a rescue that needs a rescue is none.
    pub rescue_slack_minutes: f64,
    /// How often a step is rescued at most.
    pub rescue_most_moves: u32,
    /// How many work items a unit may lose, and how many it may gain, by one look of the rescue.
    pub rescue_budget: u32,
}

impl Policy {
    /// The default: whoever finishes it best, home first while home is good enough.
    pub fn boundary_free() -> Self {
        Self {
            name: "boundary-free".to_owned(),
            version: 1,
            home_only: false,
            gate_share: 0.4,
            green_gate_share: 0.2,
            effort_sigma: 0.5,
            speed_percent: [100; LEVELS],
            moving_minutes: 30.0,
            minutes_per_km: 2.0,
            lateness_weight: 4.0,
            risk_minutes: 240.0,
            fair_weight: 0.25,
            lent_weight: 0.1,
            lent_half_life_days: 7.0,
            rarity_minutes: 30.0,
            rare_officers: 5,
            continuity_minutes: 30.0,
            least_gain_minutes: 60.0,
            tie_share: 0.02,
            borrowed_cap_minutes: 5 * 480,
            rescue_gain_minutes: 60.0,
            rescue_slack_minutes: 60.0,
            rescue_most_moves: 2,
            rescue_budget: 10,
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
        let natural = |value: f64| (0.0..=MOST).contains(&value);
        let share = |value: f64| (0.0..=1.0).contains(&value);
        let minutes = "minutes from 0 to 1,000,000";
        let weight = "a weight from 0 to 1,000,000";
        let fraction = "a share from 0 to 1";
        let speeds = self.speed_percent.iter().all(|speed| (10..=1000).contains(speed))
            && self.speed_percent.is_sorted();
        let dials = [
            ("name", !self.name.trim().is_empty() && self.name.len() <= 100, "1 to 100 bytes"),
            ("version", self.version > 0, "a version from 1"),
            ("gate_share", share(self.gate_share), fraction),
            (
                "green_gate_share",
                share(self.green_gate_share)
                    && !(share(self.gate_share) && self.green_gate_share > self.gate_share),
                "a share from 0 to gate_share",
            ),
            ("effort_sigma", (0.0..=2.0).contains(&self.effort_sigma), "from 0 to 2"),
            ("speed_percent", speeds, "five speeds from 10 to 1000, none below the one before"),
            ("moving_minutes", natural(self.moving_minutes), minutes),
            ("minutes_per_km", natural(self.minutes_per_km), minutes),
            ("lateness_weight", (1.0..=MOST).contains(&self.lateness_weight), "a weight from 1 to 1,000,000"),
            ("risk_minutes", natural(self.risk_minutes), minutes),
            ("fair_weight", natural(self.fair_weight), weight),
            ("lent_weight", natural(self.lent_weight), weight),
            (
                "lent_half_life_days",
                self.lent_half_life_days > 0.0 && self.lent_half_life_days <= MOST,
                "a number of days above 0, to 1,000,000",
            ),
            ("rarity_minutes", natural(self.rarity_minutes), minutes),
            ("continuity_minutes", natural(self.continuity_minutes), minutes),
            ("least_gain_minutes", natural(self.least_gain_minutes), minutes),
            ("tie_share", share(self.tie_share), fraction),
            ("borrowed_cap_minutes", self.borrowed_cap_minutes >= 0, "minutes, not negative"),
            ("rescue_gain_minutes", natural(self.rescue_gain_minutes), minutes),
            ("rescue_slack_minutes", natural(self.rescue_slack_minutes), minutes),
            ("rescue_most_moves", self.rescue_most_moves <= 100, "at most 100"),
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
