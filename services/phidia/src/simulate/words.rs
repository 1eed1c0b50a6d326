//! How figures are called and written, in both languages.

use phidia_routing::simulate::{Comparison, Estimate, Measure, TraceFacts};
use phidia_words::Words;

/// How a figure is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// In per cent.
    Share,
    /// A number of applications.
    Count,
    /// Working minutes.
    Minutes,
    /// From 0 to 1.
    Index,
}

/// What a figure is called.
pub(super) fn name(speech: Words, measure: Measure) -> &'static str {
    match measure {
        Measure::OnTime => speech.simulate_on_time(),
        Measure::Late => speech.simulate_late_applications(),
        Measure::Open => speech.simulate_unfinished_applications(),
        Measure::MeanTardiness => speech.simulate_tardiness_mean(),
        Measure::TardinessP99 => speech.simulate_tardiness_p99(),
        Measure::WaitP50 => speech.simulate_wait_until_taken_up_p50(),
        Measure::WaitP99 => speech.simulate_wait_until_taken_up_p99(),
        Measure::MovedForNeed => speech.simulate_moved_for_need(),
        Measure::MovedForGain => speech.simulate_moved_for_gain(),
        Measure::Rescued => speech.simulate_rescued(),
        Measure::Borrowed => speech.simulate_borrowed_share_of_the_work(),
        Measure::Utilisation => speech.simulate_utilisation_of_the_centres(),
        Measure::JainUtilisation => speech.simulate_jain_of_utilisation(),
        Measure::JainOnTime => speech.simulate_jain_of_on_time_share(),
        Measure::WorstOnTime => speech.simulate_on_time_at_the_worst_home(),
        Measure::AsDecided => speech.simulate_same_unit_as_was_decided(),
        Measure::Regret => speech.simulate_above_the_optimum_per_application(),
    }
}

/// What of the log of decisions was played.
pub(super) fn trace(facts: &TraceFacts, speech: Words) -> String {
    let TraceFacts { decisions, steps, left_out, .. } = facts;
    let days = days(facts);
    speech.simulate_the_log_of_decisions_decisions_on_steps(&days, decisions, left_out, steps)
}

/// Between which days what was decided came in.
pub(super) fn days(facts: &TraceFacts) -> String {
    let TraceFacts { first_day, last_day, .. } = facts;
    if first_day == last_day { first_day.to_string() } else { format!("{first_day} – {last_day}") }
}

/// How it is written.
pub(super) fn form(measure: Measure) -> Form {
    match measure {
        Measure::OnTime
        | Measure::MovedForNeed
        | Measure::MovedForGain
        | Measure::Rescued
        | Measure::Borrowed
        | Measure::Utilisation
        | Measure::WorstOnTime
        | Measure::AsDecided => Form::Share,
        Measure::Late | Measure::Open => Form::Count,
        Measure::MeanTardiness
        | Measure::TardinessP99
        | Measure::WaitP50
        | Measure::WaitP99
        | Measure::Regret => Form::Minutes,
        Measure::JainUtilisation | Measure::JainOnTime => Form::Index,
    }
}

/// A figure as it is written; `unit` says whether its unit is added.
pub(super) fn written(form: Form, value: f64, unit: bool) -> String {
    let (number, name) = match form {
        Form::Share => (format!("{:.2}", value * 100.0), " %"),
        Form::Count => (format!("{value:.0}"), ""),
        Form::Minutes if value.abs() < 10.0 => (format!("{value:.2}"), " min"),
        Form::Minutes => (format!("{value:.0}"), " min"),
        Form::Index => (format!("{value:.3}"), ""),
    };
    format!("{number}{}", if unit { name } else { "" })
}

/// `98.12 ± 0.31 %`.
pub(super) fn estimate(form: Form, estimate: Estimate) -> String {
    match estimate.half_width {
        None => written(form, estimate.mean, true),
        Some(half_width) => {
            format!("{} ± {}", written(form, estimate.mean, false), written(form, half_width, true))
        }
    }
}

/// The difference with its sign; in percentage points where shares are compared.
pub(super) fn difference(form: Form, Comparison { difference, .. }: &Comparison) -> String {
    let sign = if difference.mean > 0.0 { "+" } else { "" };
    format!("{sign}{}", estimate(form, *difference).replace(" %", " pp"))
}
