//! What it would cost to have it done at a unit, in minutes by name; lower is better.

use std::collections::BTreeMap;

use super::predict::{Case, Prediction, minutes};
use crate::procedure::Papers;

/// Slack below this share of the time that is left begins to cost, so that a promise is not planned to its
/// last minute.
const THIN_SHARE: f64 = 0.25;

/// The parts of a score.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    finish: f64,
    late: f64,
    boundary: f64,
    distance: f64,
    fairness: f64,
    continuity: f64,
}

impl Terms {
    /// `mean_burden`: the candidates' mean of [`Prediction::burden`].
    pub(super) fn of(case: &Case<'_>, prediction: &Prediction<'_>, mean_burden: f64) -> Self {
        let policy = case.policy;
        let away = !prediction.is_home(case);
        let continues = case.request.previous == Some(prediction.id());
        let if_so = |holds: bool, minutes: f64| if holds { minutes } else { 0.0 };
        Self {
            finish: minutes(prediction.finish_minutes),
            late: rounded(policy.lateness_weight * lateness(case, prediction)),
            boundary: rounded(if_so(away, policy.moving_minutes)),
            distance: rounded(policy.minutes_per_km * travelled_km(case, prediction)),
            fairness: rounded(policy.fair_weight * (prediction.burden() - mean_burden).max(0.0)),
            continuity: rounded(if_so(continues, -policy.continuity_minutes)),
        }
    }

    /// Their sum.
    pub(super) fn score(&self) -> f64 {
        let Self { finish, late, boundary, distance, fairness, continuity } = self;
        rounded(finish + late + boundary + distance + fairness + continuity)
    }

    /// Each under its name.
    pub(super) fn by_name(&self) -> BTreeMap<String, f64> {
        [
            ("finish", self.finish),
            ("late", self.late),
            ("boundary", self.boundary),
            ("distance", self.distance),
            ("fairness", self.fairness),
            ("continuity", self.continuity),
        ]
        .map(|(name, minutes)| (name.to_owned(), minutes))
        .into()
    }
}

/// To a thousandth of a minute: such a number is written as a short decimal and read back as it was, and the
/// last bit of a sine does not decide where a file goes.
fn rounded(minutes: f64) -> f64 {
    (minutes * 1000.0).round() / 1000.0
}

/// Legal working minutes past the due date, softened: the cost sets in while there still is some slack,
/// grows with its square and passes into one minute per minute, without a kink, when the slack is gone.
fn lateness(case: &Case<'_>, prediction: &Prediction<'_>) -> f64 {
    let Some(remaining) = case.remaining_minutes else { return 0.0 };
    let slack = minutes(remaining - prediction.finish_minutes);
    let thin = THIN_SHARE * minutes(remaining.max(0));
    if slack >= thin {
        0.0
    } else if slack > 0.0 {
        (thin - slack).powi(2) / (2.0 * thin)
    } else {
        thin / 2.0 - slack
    }
}

/// How far paper is carried from home.
fn travelled_km(case: &Case<'_>, prediction: &Prediction<'_>) -> f64 {
    let carried = case.request.papers != Papers::None;
    case.home.filter(|_| carried).map_or(0.0, |home| home.distance_km(prediction.unit))
}
