//! A comparison as tables: one for each load.
use phidia_routing::simulate::{Played, Report};
use phidia_words::Words;

use super::words;
use crate::show;

/// Prints it.
pub(super) fn print(report: &Report, speech: Words) {
    show::line(&heading(report, speech));
    for load in &report.loads {
        show::line("");
        match report.played {
            Played::Quarter { .. } => show::line(&format!(
                "{} {:.2}: {} {}",
                speech.simulate_load(),
                load.load,
                load.applications,
                speech.simulate_applications_in_each_run(),
            )),
            Played::Trace(_) => show::line(&format!(
                "{} {}",
                load.applications,
                speech.simulate_applications_one_sample_so_there_are_no(),
            )),
        }
        let rows = load.figures.iter().map(|(measure, figure)| {
            let form = words::form(*measure);
            vec![
                words::name(speech, *measure).to_owned(),
                words::estimate(form, figure.against),
                words::estimate(form, figure.policy),
                words::difference(form, figure),
            ]
        });
        let headings = ["", &report.against, &report.policy, speech.simulate_difference()];
        show::table(&headings, rows.collect());
    }
    let Some(measured) = &report.measured else { return };
    show::line("");
    show::line(&format!(
        "{} {:.0} s; {} {}, {:.0} µs {}",
        speech.simulate_took(),
        measured.seconds,
        measured.decisions,
        speech.simulate_decisions(),
        measured.decision_micros,
        speech.simulate_each(),
    ));
}

/// What was played, in a line.
fn heading(report: &Report, speech: Words) -> String {
    let province = show::name(speech, &report.name);
    match &report.played {
        Played::Quarter { quarter, days: [played, whole], seeds: [_, seeds] } => {
            speech.simulate_working_days_seeds(played, province, quarter, seeds, whole)
        }
        Played::Trace(facts) => format!("{province} – {}", words::trace(facts, speech)),
    }
}
