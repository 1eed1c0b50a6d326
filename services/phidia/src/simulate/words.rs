//! How figures are called and written, in both languages.

use phidia_domain::{application::Language, procedure::Text};
use phidia_routing::simulate::{Comparison, Estimate, Measure, TraceFacts};

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
pub(super) fn name(measure: Measure) -> Text {
    let (vi, en) = match measure {
        Measure::OnTime => ("Đúng hạn", "On time"),
        Measure::Late => ("Hồ sơ trễ hạn", "Late applications"),
        Measure::Open => ("Hồ sơ chưa xong", "Unfinished applications"),
        Measure::MeanTardiness => ("Trễ bình quân mỗi hồ sơ", "Tardiness, mean"),
        Measure::TardinessP99 => ("Trễ, p99", "Tardiness, p99"),
        Measure::WaitP50 => ("Chờ đến khi có người làm, p50", "Wait until taken up, p50"),
        Measure::WaitP99 => ("Chờ đến khi có người làm, p99", "Wait until taken up, p99"),
        Measure::MovedForNeed => ("Chuyển đi vì cần", "Moved for need"),
        Measure::MovedForGain => ("Chuyển đi vì có lợi", "Moved for gain"),
        Measure::Rescued => ("Chuyển đi để kịp hạn", "Rescued"),
        Measure::Borrowed => ("Thời gian làm giúp nơi khác", "Borrowed share of the work"),
        Measure::Utilisation => ("Thời gian có việc của các trung tâm", "Utilisation of the centres"),
        Measure::JainUtilisation => ("Jain: thời gian có việc", "Jain of utilisation"),
        Measure::JainOnTime => ("Jain: tỷ lệ đúng hạn", "Jain of on-time share"),
        Measure::WorstOnTime => ("Đúng hạn ở nơi thấp nhất", "On time at the worst home"),
        Measure::AsDecided => ("Cùng nơi làm như đã quyết định", "Same unit as was decided"),
        Measure::Regret => ("Hơn mức tối ưu, mỗi hồ sơ", "Above the optimum, per application"),
    };
    Text { vi: vi.to_owned(), en: en.to_owned() }
}

/// What of the log of decisions was played.
pub(super) fn trace(facts: &TraceFacts, speech: Language) -> String {
    let TraceFacts { decisions, steps, left_out, .. } = facts;
    let days = days(facts);
    match speech {
        Language::Vi => format!(
            "nhật ký quyết định, {days}: {decisions} quyết định về {steps} bước, bỏ qua {left_out} bước"
        ),
        Language::En => format!(
            "the log of decisions, {days}: {decisions} decisions on {steps} steps, {left_out} of these left out"
        ),
    }
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
