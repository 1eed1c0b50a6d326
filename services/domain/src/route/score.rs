//! What it would cost to have it done at a unit, in minutes by name; lower is better.

use std::{borrow::Cow, collections::BTreeMap};

use super::{
    case::Case,
    predict::{Prediction, from_thousandths, minutes, thousandths},
};

/// Slack below this share of the time that is left begins to cost, so that a promise is not planned to its
/// last minute.
const THIN_SHARE: f64 = 0.25;

/// What an earlier application counts for continuity, beside the step before. Half: the person and their papers are
/// known there, this file is not, and who had the earlier one may be away.
const EARLIER_SHARE: f64 = 0.5;

/// What a term knows of the others that are weighed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Field {
    /// The candidates' mean of [`Prediction::burden`].
    pub(super) mean_burden: f64,
}

/// One part of the score.
type Term = fn(&Case<'_>, &Prediction<'_>, Field) -> f64;

/// The parts, each under its name.
const TERMS: [(&str, Term); 9] = [
    ("finish", finish),
    ("late", late),
    ("risk", risk),
    ("boundary", boundary),
    ("distance", distance),
    ("fairness", fairness),
    ("lent", lent),
    ("rarity", rarity),
    ("continuity", continuity),
];

/// The parts of a score, in the order of their table, in thousandths of a minute: added up and compared without a rounding
/// error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms([i64; TERMS.len()]);

impl Terms {
    pub(super) fn of(case: &Case<'_>, prediction: &Prediction<'_>, field: Field) -> Self {
        Self(TERMS.map(|(_, term)| thousandths(term(case, prediction, field))))
    }

    /// No score of this prediction is smaller: of the terms that are quickly reckoned the sum, where none of the others is
    /// ever negative.
    pub(super) fn least(case: &Case<'_>, prediction: &Prediction<'_>) -> i64 {
        let quick: [Term; 4] = [finish, late, boundary, continuity];
        quick.into_iter().map(|term| thousandths(term(case, prediction, Field::default()))).sum()
    }

    /// Their sum.
    pub(super) fn score(&self) -> i64 {
        self.0.iter().sum()
    }

    /// Each under its name, in minutes.
    pub(super) fn by_name(&self) -> BTreeMap<Cow<'static, str>, f64> {
        let named = TERMS.iter().zip(self.0);
        named.map(|((name, _), term)| (Cow::Borrowed(*name), from_thousandths(term))).collect()
    }
}

/// Legal working minutes until it is finished.
fn finish(_: &Case<'_>, prediction: &Prediction<'_>, _: Field) -> f64 {
    minutes(prediction.finish_minutes)
}

/// Legal working minutes past the due date, softened: the cost sets in while there still is some slack,
/// grows with its square and passes into one minute per minute, without a kink, when the slack is gone.
fn late(case: &Case<'_>, prediction: &Prediction<'_>, _: Field) -> f64 {
    let Some(remaining) = case.remaining_minutes else { return 0.0 };
    let slack = minutes(remaining - prediction.finish_minutes);
    let thin = THIN_SHARE * minutes(remaining.max(0));
    let lateness = if slack >= thin {
        0.0
    } else if slack > 0.0 {
        (thin - slack).powi(2) / (2.0 * thin)
    } else {
        thin / 2.0 - slack
    };
    case.policy.lateness_weight * lateness
}

/// What the promise may cost: it is kept or broken, however late.
fn risk(case: &Case<'_>, prediction: &Prediction<'_>, _: Field) -> f64 {
    case.policy.risk_minutes * prediction.late_probability(case)
}

/// Others have to be told, asked and answered.
fn boundary(case: &Case<'_>, prediction: &Prediction<'_>, _: Field) -> f64 {
    if prediction.is_home(case) { 0.0 } else { case.policy.moving_minutes }
}

/// How far papers are carried out of their way.
fn distance(case: &Case<'_>, prediction: &Prediction<'_>, _: Field) -> f64 {
    case.policy.minutes_per_km * prediction.travel_km(case)
}

/// Whoever has more to do than the others is spared.
fn fairness(case: &Case<'_>, prediction: &Prediction<'_>, field: Field) -> f64 {
    case.policy.fair_weight * (prediction.burden() - field.mean_burden).max(0.0)
}

/// Whoever has helped much of late is spared.
fn lent(case: &Case<'_>, prediction: &Prediction<'_>, _: Field) -> f64 {
    if prediction.is_home(case) { 0.0 } else { case.policy.lent_weight * prediction.lent() }
}

/// Whoever can do what few can is kept for that.
fn rarity(case: &Case<'_>, prediction: &Prediction<'_>, _: Field) -> f64 {
    if prediction.is_home(case) {
        return 0.0;
    }
    let rare_share = case.post(prediction.station).map_or(0.0, |post| post.rare_share);
    case.policy.rarity_minutes * rare_share
}

/// Whoever did the step before knows it; at its beginning, whoever had an earlier application of the same person
/// in this field knows them.
fn continuity(case: &Case<'_>, prediction: &Prediction<'_>, _: Field) -> f64 {
    let (knows, share) = match (case.request.previous, case.request.earlier) {
        (None, earlier) => (earlier, EARLIER_SHARE),
        (previous, _) => (previous, 1.0),
    };
    if knows == Some(prediction.id()) { -case.policy.continuity_minutes * share } else { 0.0 }
}
