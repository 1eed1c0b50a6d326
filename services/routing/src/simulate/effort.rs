//! What a step is planned to take, in minutes of one officer.

use phidia_domain::procedure::Step;

/// What is planned for a step, so much of its effort being spent on it.
pub(crate) fn planned(step: &Step, effort_share: f64) -> u32 {
    whole_minutes(f64::from(step.effort_minutes) * effort_share).max(1)
}

/// To the nearest whole minute, within what a day's work may be at most.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "held within the bounds just before"
)]
pub(crate) fn whole_minutes(minutes: f64) -> u32 {
    const MOST: f64 = 100_000.0;
    minutes.round().clamp(0.0, MOST) as u32
}
