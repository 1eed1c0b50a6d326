//! A comparison as tables: one for each load.

use phidia_domain::application::Language;
use phidia_routing::simulate::{Played, Report};

use super::words;
use crate::show::{self, say};

/// Prints it.
pub(super) fn print(report: &Report, speech: Language) {
    show::line(&heading(report, speech));
    for load in &report.loads {
        show::line("");
        match report.played {
            Played::Quarter { .. } => show::line(&format!(
                "{} {:.2}: {} {}",
                say(speech, "Mức tải", "Load"),
                load.load,
                load.applications,
                say(speech, "hồ sơ mỗi lượt", "applications in each run"),
            )),
            Played::Trace(_) => show::line(&format!(
                "{} {}",
                load.applications,
                say(
                    speech,
                    "hồ sơ; chỉ có một mẫu nên không có khoảng tin cậy",
                    "applications; one sample, so there are no intervals"
                ),
            )),
        }
        let rows = load.figures.iter().map(|(measure, figure)| {
            let (name, form) = (words::name(*measure), words::form(*measure));
            vec![
                say(speech, &name.vi, &name.en).to_owned(),
                words::estimate(form, figure.against),
                words::estimate(form, figure.policy),
                words::difference(form, figure),
            ]
        });
        let headings = ["", &report.against, &report.policy, say(speech, "Chênh lệch", "Difference")];
        show::table(&headings, rows.collect());
    }
    let Some(measured) = &report.measured else { return };
    show::line("");
    show::line(&format!(
        "{} {:.0} s; {} {}, {:.0} µs {}",
        say(speech, "mất", "took"),
        measured.seconds,
        measured.decisions,
        say(speech, "quyết định", "decisions"),
        measured.decision_micros,
        say(speech, "mỗi quyết định", "each"),
    ));
}

/// What was played, in a line.
fn heading(report: &Report, speech: Language) -> String {
    let province = say(speech, &report.name.vi, &report.name.en);
    match &report.played {
        Played::Quarter { quarter, days: [played, whole], seeds: [_, seeds] } => match speech {
            Language::Vi => {
                format!("{province} – {quarter}: {played}/{whole} ngày làm việc, {seeds} lần gieo")
            }
            Language::En => format!("{province} – {quarter}: {played}/{whole} working days, {seeds} seeds"),
        },
        Played::Trace(facts) => format!("{province} – {}", words::trace(facts, speech)),
    }
}
