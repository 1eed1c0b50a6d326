//! The figures of a period for people.

use phidia_domain::application::Language;
use phidia_proto::processing::v1::{Figures, GetReportResponse, ReportDimension, ReportGroup};

use crate::show::{self, Zone, say};

pub(super) fn print(speech: Language, zone: &Zone, answer: &GetReportResponse, by: ReportDimension) {
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
    speech: Language,
    zone: &Zone,
    from: &str,
    to: &str,
    as_of: Option<&prost_types::Timestamp>,
) -> String {
    let (from, to, as_of) = (show::day(from), show::day(to), zone.instant(as_of));
    match speech {
        Language::Vi => format!("Từ {from} đến hết {to}, tính đến {as_of}"),
        Language::En => format!("From {from} to the end of {to}, as of {as_of}"),
    }
}

/// As a province reports its quarter.
fn in_short(speech: Language, figures: &Figures) -> String {
    let in_time = figures.finished_early + figures.finished_on_time;
    let of = figures.finished - figures.finished_undated;
    let [received, finished, in_time_said] =
        [figures.received, figures.finished, in_time].map(|count| number(speech, count));
    let share = share(speech, in_time, of);
    match speech {
        Language::Vi => format!(
            "Tiếp nhận {received} hồ sơ; đã giải quyết {finished}; trước và đúng hạn {in_time_said} = {share}"
        ),
        Language::En => {
            format!("{received} received; {finished} settled; {in_time_said} on time or early = {share}")
        }
    }
}

fn facts(speech: Language, figures: &Figures) -> Vec<(&'static str, String)> {
    let count = |count| number(speech, count);
    let supplements = match figures.finished {
        0 => count(figures.supplements),
        #[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
        finished => {
            let per_case = figures.supplements as f64 / finished as f64;
            let per_case = decimals(speech, per_case, 2);
            let words = say(speech, "mỗi hồ sơ đã giải quyết", "per case that ended");
            format!("{} ({per_case} {words})", count(figures.supplements))
        }
    };
    vec![
        (say(speech, "Tiếp nhận trong kỳ", "Received"), count(figures.received)),
        (say(speech, "  trực tuyến", "  online"), online(speech, figures)),
        (say(speech, "  trực tiếp", "  at a counter"), count(figures.received_direct)),
        (say(speech, "  bưu chính", "  by post"), count(figures.received_by_post)),
        (say(speech, "  không rõ cách nộp", "  nobody told how"), count(figures.received_unstated)),
        (say(speech, "  được số hóa", "  digitised"), digitised(speech, figures)),
        (say(speech, "  chưa số hóa", "  not digitised"), count(figures.received_undigitised)),
        (
            say(speech, "  không rõ số hóa", "  nobody told whether digitised"),
            count(figures.received_digitised_unstated),
        ),
        (say(speech, "Kỳ trước chuyển sang", "Carried over"), count(figures.carried_over)),
        (say(speech, "Đã giải quyết", "Finished"), count(figures.finished)),
        (say(speech, "  trước hạn", "  early"), count(figures.finished_early)),
        (say(speech, "  đúng hạn", "  on time"), count(figures.finished_on_time)),
        (say(speech, "  quá hạn", "  late"), count(figures.finished_late)),
        (say(speech, "  không có thời hạn", "  nothing promised"), count(figures.finished_undated)),
        (say(speech, "  có kết quả", "  granted"), count(figures.granted)),
        (say(speech, "  từ chối", "  refused"), count(figures.refused)),
        (say(speech, "  kết quả điện tử", "  issued as a file"), issued(speech, figures)),
        (say(speech, "  người nộp rút", "  withdrawn"), count(figures.withdrawn)),
        (say(speech, "  quá hạn bổ sung", "  not supplemented in time"), count(figures.lapsed)),
        (say(speech, "  nộp tiền trực tuyến", "  paid online"), paid_online(speech, figures)),
        (say(speech, "  nộp tiền cách khác", "  paid otherwise"), count(figures.paid_otherwise)),
        (say(speech, "  được đánh giá", "  rated"), count(figures.rated)),
        (say(speech, "    hài lòng", "    satisfied"), satisfied(speech, figures)),
        (say(speech, "    không hài lòng", "    dissatisfied"), count(figures.dissatisfied)),
        (say(speech, "Đang giải quyết", "Running"), count(figures.running)),
        (say(speech, "  còn hạn", "  in term"), count(figures.running_in_term)),
        (say(speech, "  quá hạn", "  overdue"), count(figures.running_overdue)),
        (say(speech, "  không có thời hạn", "  nothing promised"), count(figures.running_undated)),
        (say(speech, "  chờ người nộp", "  waiting for the citizen"), count(figures.waiting)),
        (say(speech, "Thời gian trung bình", "Mean time"), mean(speech, figures)),
        (
            say(speech, "  50 % / 90 % / 95 % không quá", "  50 % / 90 % / 95 % within"),
            [figures.median_minutes, figures.p90_minutes, figures.p95_minutes]
                .map(|minutes| time(speech, minutes))
                .join(" / "),
        ),
        (say(speech, "Yêu cầu bổ sung", "Supplements"), supplements),
    ]
}

/// What came in online, and its share of what is known how it came in.
fn online(speech: Language, figures: &Figures) -> String {
    let Figures { received, received_online, received_unstated, .. } = *figures;
    let of = share(speech, received_online, received - received_unstated);
    format!("{} ({of})", number(speech, received_online))
}

/// What was digitised, and its share of what is known of that.
fn digitised(speech: Language, figures: &Figures) -> String {
    format!("{} ({})", number(speech, figures.received_digitised), digitised_share(speech, figures))
}

fn digitised_share(speech: Language, figures: &Figures) -> String {
    let Figures { received_digitised, received_undigitised, .. } = *figures;
    share(speech, received_digitised, received_digitised + received_undigitised)
}

/// Results that were issued as a file, and their share of what was decided.
fn issued(speech: Language, figures: &Figures) -> String {
    let Figures { granted, refused, issued_electronically, .. } = *figures;
    let of = share(speech, issued_electronically, granted + refused);
    format!("{} ({of})", number(speech, issued_electronically))
}

/// What was paid online, and its share of what was paid and is known how.
fn paid_online(speech: Language, figures: &Figures) -> String {
    let Figures { paid_online, paid_otherwise, .. } = *figures;
    format!("{} ({})", number(speech, paid_online), share(speech, paid_online, paid_online + paid_otherwise))
}

/// Who is satisfied, and their share of those who have said what they think.
fn satisfied(speech: Language, figures: &Figures) -> String {
    let of = share(speech, figures.satisfied, figures.rated);
    format!("{} ({of})", number(speech, figures.satisfied))
}

fn headings(speech: Language, by: ReportDimension) -> [&'static str; 10] {
    let group = match by {
        ReportDimension::Unspecified => "",
        ReportDimension::ReceivedAtUnit => say(speech, "Nơi tiếp nhận", "Received at"),
        ReportDimension::WorkedAtUnit => say(speech, "Nơi giải quyết", "Worked on at"),
        ReportDimension::Field => say(speech, "Lĩnh vực", "Field"),
        ReportDimension::Procedure => say(speech, "Thủ tục", "Procedure"),
        ReportDimension::Officer => say(speech, "Cán bộ", "Officer"),
    };
    [
        group,
        say(speech, "Tiếp nhận + kỳ trước", "Received + carried over"),
        say(speech, "Trực tuyến", "Online"),
        say(speech, "Số hóa", "Digitised"),
        say(speech, "Đã giải quyết", "Finished"),
        say(speech, "trước + đúng / quá hạn", "early + on time / late"),
        say(speech, "Đúng hạn", "On time"),
        say(speech, "Đang giải quyết: còn / quá hạn / chờ", "Running: in term / overdue / waiting"),
        say(speech, "Trung bình / 90 %", "Mean / 90 %"),
        say(speech, "Hài lòng", "Satisfied"),
    ]
}

fn rows(speech: Language, groups: &[ReportGroup]) -> Vec<Vec<String>> {
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
fn mean(speech: Language, figures: &Figures) -> String {
    time(speech, figures.mean_minutes.map(|mean| mean.round() as i64))
}

/// Working time; a dash where nothing ended.
pub(super) fn time(speech: Language, minutes: Option<i64>) -> String {
    minutes.map_or_else(|| "–".to_owned(), |minutes| show::minutes(speech, minutes))
}

/// A count with its thousands apart: 251.380 in Vietnamese, 251,380 in English.
pub(super) fn number(speech: Language, count: u64) -> String {
    let digits = count.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(say(speech, ".", ","))
}

/// A share in percent; a dash of nothing.
#[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
pub(super) fn share(speech: Language, part: u64, whole: u64) -> String {
    match whole {
        0 => "–".to_owned(),
        whole => format!("{} %", decimals(speech, part as f64 / whole as f64 * 100.0, 2)),
    }
}

/// A number with so many decimals: 98,12 in Vietnamese, 98.12 in English.
pub(super) fn decimals(speech: Language, value: f64, count: usize) -> String {
    let shown = format!("{value:.count$}");
    match speech {
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
            in_short(Language::Vi, &figures),
            "Tiếp nhận 251.380 hồ sơ; đã giải quyết 231.840; trước và đúng hạn 227.488 = 98,12 %"
        );
        assert_eq!(
            in_short(Language::En, &figures),
            "251,380 received; 231,840 settled; 227,488 on time or early = 98.12 %"
        );
        // Of nothing there is no share.
        assert!(in_short(Language::En, &Figures::default()).ends_with("= –"));
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(|count| number(Language::En, count)),
            ["0", "999", "1,000", "1,234,567"]
        );
    }
}
