//! The figures of a period for people.

use phidia_domain::application::Language;
use phidia_proto::processing::v1::{Figures, GetReportResponse, ReportDimension, ReportGroup};
use phidia_words::Words;

use crate::show::{self, Zone};

pub(super) fn print(speech: Words, zone: &Zone, answer: &GetReportResponse, by: ReportDimension) {
    show::line(&heading(speech, zone, &answer.from, &answer.to, answer.as_of.as_ref()));
    let total = answer.total.unwrap_or_default();
    show::line(&in_short(speech, &total));
    show::line("");
    show::facts(facts(speech, &total));
    if by != ReportDimension::Unspecified {
        show::line("");
        show::page(speech, &headings(speech, by), rows(speech, &answer.groups), "");
    }
}

/// The period, and the instant at which what runs is judged.
pub(super) fn heading(
    speech: Words,
    zone: &Zone,
    from: &str,
    to: &str,
    as_of: Option<&prost_types::Timestamp>,
) -> String {
    let (from, to, as_of) = (show::day(from), show::day(to), zone.instant(as_of));
    speech.report_from_to_the_end_of_as_of(&as_of, &from, &to)
}

/// As a province reports its quarter.
fn in_short(speech: Words, figures: &Figures) -> String {
    let in_time = figures.finished_early + figures.finished_on_time;
    let of = figures.finished - figures.finished_undated;
    let [received, finished, in_time_said] =
        [figures.received, figures.finished, in_time].map(|count| number(speech, count));
    let share = share(speech, in_time, of);
    speech.report_received_settled_on_time_or_early(&finished, &in_time_said, &received, &share)
}

fn facts(speech: Words, figures: &Figures) -> Vec<(&'static str, String)> {
    let count = |count| number(speech, count);
    let supplements = match figures.finished {
        0 => count(figures.supplements),
        #[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
        finished => {
            let per_case = figures.supplements as f64 / finished as f64;
            let per_case = decimals(speech, per_case, 2);
            let words = speech.report_per_case_that_ended();
            format!("{} ({per_case} {words})", count(figures.supplements))
        }
    };
    vec![
        (speech.report_received(), count(figures.received)),
        (speech.report_online(), online(speech, figures)),
        (speech.report_at_a_counter(), count(figures.received_direct)),
        (speech.report_by_post(), count(figures.received_by_post)),
        (speech.report_nobody_told_how(), count(figures.received_unstated)),
        (speech.report_digitised(), digitised(speech, figures)),
        (speech.report_not_digitised(), count(figures.received_undigitised)),
        (speech.report_nobody_told_whether_digitised(), count(figures.received_digitised_unstated)),
        (speech.term_carried_over(), count(figures.carried_over)),
        (speech.report_finished(), count(figures.finished)),
        (speech.report_early(), count(figures.finished_early)),
        (speech.report_on_time(), count(figures.finished_on_time)),
        (speech.report_late(), count(figures.finished_late)),
        (speech.report_nothing_promised(), count(figures.finished_undated)),
        (speech.report_granted(), count(figures.granted)),
        (speech.report_refused(), count(figures.refused)),
        (speech.report_issued_as_a_file(), issued(speech, figures)),
        (speech.report_withdrawn(), count(figures.withdrawn)),
        (speech.report_not_supplemented_in_time(), count(figures.lapsed)),
        (speech.report_paid_online(), paid_online(speech, figures)),
        (speech.report_paid_otherwise(), count(figures.paid_otherwise)),
        (speech.report_rated(), count(figures.rated)),
        (speech.report_satisfied(), satisfied(speech, figures)),
        (speech.report_dissatisfied(), count(figures.dissatisfied)),
        (speech.report_running(), count(figures.running)),
        (speech.report_in_term(), count(figures.running_in_term)),
        (speech.report_overdue(), count(figures.running_overdue)),
        (speech.report_nothing_promised(), count(figures.running_undated)),
        (speech.report_waiting_for_the_citizen(), count(figures.waiting)),
        (speech.report_mean_time(), mean(speech, figures)),
        (
            speech.report_50_90_95_within(),
            [figures.median_minutes, figures.p90_minutes, figures.p95_minutes]
                .map(|minutes| time(speech, minutes))
                .join(" / "),
        ),
        (speech.report_supplements(), supplements),
    ]
}

/// What came in online, and its share of what is known how it came in.
fn online(speech: Words, figures: &Figures) -> String {
    let Figures { received, received_online, received_unstated, .. } = *figures;
    let of = share(speech, received_online, received - received_unstated);
    format!("{} ({of})", number(speech, received_online))
}

/// What was digitised, and its share of what is known of that.
fn digitised(speech: Words, figures: &Figures) -> String {
    format!("{} ({})", number(speech, figures.received_digitised), digitised_share(speech, figures))
}

fn digitised_share(speech: Words, figures: &Figures) -> String {
    let Figures { received_digitised, received_undigitised, .. } = *figures;
    share(speech, received_digitised, received_digitised + received_undigitised)
}

/// Results that were issued as a file, and their share of what was decided.
fn issued(speech: Words, figures: &Figures) -> String {
    let Figures { granted, refused, issued_electronically, .. } = *figures;
    let of = share(speech, issued_electronically, granted + refused);
    format!("{} ({of})", number(speech, issued_electronically))
}

/// What was paid online, and its share of what was paid and is known how.
fn paid_online(speech: Words, figures: &Figures) -> String {
    let Figures { paid_online, paid_otherwise, .. } = *figures;
    format!("{} ({})", number(speech, paid_online), share(speech, paid_online, paid_online + paid_otherwise))
}

/// Who is satisfied, and their share of those who have said what they think.
fn satisfied(speech: Words, figures: &Figures) -> String {
    let of = share(speech, figures.satisfied, figures.rated);
    format!("{} ({of})", number(speech, figures.satisfied))
}

fn headings(speech: Words, by: ReportDimension) -> [&'static str; 10] {
    let group = match by {
        ReportDimension::Unspecified => "",
        ReportDimension::ReceivedAtUnit => speech.term_received_at(),
        ReportDimension::WorkedAtUnit => speech.report_worked_on_at(),
        ReportDimension::Field => speech.term_field(),
        ReportDimension::Procedure => speech.term_procedure(),
        ReportDimension::Officer => speech.term_officer(),
    };
    [
        group,
        speech.report_received_carried_over(),
        speech.term_online(),
        speech.report_digitised_2(),
        speech.report_finished(),
        speech.report_early_on_time_late(),
        speech.report_on_time_2(),
        speech.report_running_in_term_overdue_waiting(),
        speech.report_mean_90(),
        speech.report_satisfied_2(),
    ]
}

fn rows(speech: Words, groups: &[ReportGroup]) -> Vec<Vec<String>> {
    let row = |group: &ReportGroup| {
        let figures = group.figures.unwrap_or_default();
        let count = |count| number(speech, count);
        let in_time = figures.finished_early + figures.finished_on_time;
        let name = show::brief(&show::text(speech, group.name.as_ref()));
        vec![
            if name.is_empty() || name == group.code {
                group.code.clone()
            } else {
                format!("{} {name}", group.code)
            },
            format!("{} + {}", count(figures.received), count(figures.carried_over)),
            share(speech, figures.received_online, figures.received - figures.received_unstated),
            digitised_share(speech, &figures),
            count(figures.finished),
            format!(
                "{} + {} / {}",
                count(figures.finished_early),
                count(figures.finished_on_time),
                count(figures.finished_late)
            ),
            share(speech, in_time, figures.finished - figures.finished_undated),
            format!(
                "{}: {} / {} / {}",
                count(figures.running),
                count(figures.running_in_term),
                count(figures.running_overdue),
                count(figures.waiting)
            ),
            format!("{} / {}", mean(speech, &figures), time(speech, figures.p90_minutes)),
            share(speech, figures.satisfied, figures.rated),
        ]
    };
    groups.iter().map(row).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "a mean of minutes")]
fn mean(speech: Words, figures: &Figures) -> String {
    time(speech, figures.mean_minutes.map(|mean| mean.round() as i64))
}

/// Working time; a dash where nothing ended.
pub(super) fn time(speech: Words, minutes: Option<i64>) -> String {
    minutes.map_or_else(|| "–".to_owned(), |minutes| show::minutes(speech, minutes))
}

/// A count with its thousands apart: 251.380 in Vietnamese, 251,380 in English.
pub(super) fn number(speech: Words, count: u64) -> String {
    let digits = count.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(speech.report_mark())
}

/// A share in percent; a dash of nothing.
#[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
pub(super) fn share(speech: Words, part: u64, whole: u64) -> String {
    match whole {
        0 => "–".to_owned(),
        whole => format!("{} %", decimals(speech, part as f64 / whole as f64 * 100.0, 2)),
    }
}

/// A number with so many decimals: 98,12 in Vietnamese, 98.12 in English.
pub(super) fn decimals(speech: Words, value: f64, count: usize) -> String {
    let shown = format!("{value:.count$}");
    match speech.language() {
        Language::Vi => shown.replace('.', ","),
        Language::En => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The third quarter of 2025, as the province reported it.
    #[test]
    fn a_quarter_is_told_as_the_province_tells_it() {
        let figures = Figures {
            received: 251_380,
            finished: 231_840,
            finished_early: 200_000,
            finished_on_time: 27_488,
            finished_late: 4_352,
            ..Figures::default()
        };
        assert_eq!(
            in_short(Words::VI, &figures),
            "Tiếp nhận 251.380 hồ sơ; đã giải quyết 231.840; trước và đúng hạn 227.488 = 98,12 %"
        );
        assert_eq!(
            in_short(Words::EN, &figures),
            "251,380 received; 231,840 settled; 227,488 on time or early = 98.12 %"
        );
        // Of nothing there is no share.
        assert!(in_short(Words::EN, &Figures::default()).ends_with("= –"));
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(|count| number(Words::EN, count)),
            ["0", "999", "1,000", "1,234,567"]
        );
    }
}
