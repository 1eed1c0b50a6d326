//! A comparison as tables: one for each load.

use phidia_domain::application::Language;
use phidia_routing::simulate::Report;

use super::words;
use crate::show::{self, say};

/// Prints it.
pub(super) fn print(report: &Report, speech: Language) {
    let [played, whole] = report.days;
    show::line(&format!(
        "{} – {}: {played}/{whole} {}, {} {}",
        say(speech, &report.name.vi, &report.name.en),
        report.quarter,
        say(speech, "ngày làm việc", "working days"),
        report.seeds[1],
        say(speech, "lần gieo", "seeds"),
    ));
    for load in &report.loads {
        show::line("");
        show::line(&format!(
            "{} {:.2}: {} {}",
            say(speech, "Mức tải", "Load"),
            load.load,
            load.applications,
            say(speech, "hồ sơ mỗi lượt", "applications in each run"),
        ));
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
    show::line("");
    show::line(&format!(
        "{} {:.0} s; {} {}, {:.0} µs {}",
        say(speech, "mất", "took"),
        report.measured.seconds,
        report.measured.decisions,
        say(speech, "quyết định", "decisions"),
        report.measured.decision_micros,
        say(speech, "mỗi quyết định", "each"),
    ));
}
