//! A comparison as one page that needs nothing beside it: no script, no font, no picture from outside. Both
//! languages are in it; the reader switches.

mod chart;
mod map;

use std::fmt::Write as _;

use phidia_domain::{application::Language, procedure::Text};
use phidia_routing::simulate::{Conditions, Measure, Played, Report};
use phidia_words::Words;

use super::words;

/// The figures that are drawn over the loads, in the order of the page.
const DRAWN: [Measure; 10] = [
    Measure::OnTime,
    Measure::WorstOnTime,
    Measure::MeanTardiness,
    Measure::WaitP99,
    Measure::MovedForGain,
    Measure::Rescued,
    Measure::Borrowed,
    Measure::JainUtilisation,
    Measure::JainOnTime,
    Measure::Regret,
];

const STYLE: &str = include_str!("page/style.css");

/// The page; it opens in this language.
pub(super) fn written(report: &Report, speech: Words) -> String {
    let mut page = String::new();
    let (vi, en) = match speech.language() {
        Language::Vi => ("checked", ""),
        Language::En => ("", "checked"),
    };
    let name = |text: &Text| both(&text.vi, &text.en);
    let played = match &report.played {
        Played::Quarter { quarter, .. } => quarter.clone(),
        Played::Trace(facts) => words::days(facts),
    };
    // Writing to a String does not fail.
    let _ = write!(
        page,
        "<!doctype html><html lang=\"vi\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <title>Phidia: {played}, {policy}, {against}</title><style>{STYLE}</style>\
         <input type=\"radio\" name=\"lang\" id=\"vi\" {vi}><label for=\"vi\">Tiếng Việt</label>\
         <input type=\"radio\" name=\"lang\" id=\"en\" {en}><label for=\"en\">English</label>\
         <h1>{province} – {played}</h1><p class=\"key\"><i class=\"policy\"></i>{policy} \
         <i class=\"against\"></i>{against}</p>",
        played = escaped(&played),
        policy = escaped(&report.policy),
        against = escaped(&report.against),
        province = name(&report.name),
    );
    page += &introduction(report);
    page += "<section class=\"charts\">";
    for measure in DRAWN {
        page += &chart::drawn(measure, &report.loads);
    }
    page += "</section>";
    if let Some(load) = report.loads.last() {
        page += &map::drawn(report, load);
    }
    page += &tables(report);
    page + "</html>\n"
}

/// What was played, in a few sentences.
fn introduction(report: &Report) -> String {
    let most = report.loads.iter().map(|load| load.applications).max().unwrap_or(0);
    let Conditions { effort_share, effort_sigma, shock_share } = report.conditions;
    match &report.played {
        Played::Quarter { days: [played, whole], seeds: [_, seeds], .. } => {
            let ill = shock_share * 100.0;
            both(
                &format!(
                    "<p>Đã chơi {played}/{whole} ngày làm việc của quý, {seeds} lần gieo cho mỗi mức tải, nhiều \
                     nhất {most} hồ sơ mỗi lượt, trên chính mã quyết định đang dùng. Hai chính sách gặp cùng hồ \
                     sơ, cùng thời gian làm thật. Vạch đứng là khoảng tin cậy 95 %. Cán bộ, nhu cầu và định mức là \
                     giả lập; định mức × {effort_share:.3}, độ lệch logarit {effort_sigma:.2}; {ill:.0} % đơn vị \
                     mất nửa số cán bộ trong ba ngày, đến sáng ngày đầu mới biết.</p>"
                ),
                &format!(
                    "<p>Played: {played} of the quarter's {whole} working days, {seeds} seeds for each load, at \
                     most {most} applications a run, on the very code that decides in production. Both policies \
                     meet the same applications and the same true efforts. Upright bars are 95 % intervals. \
                     Officers, demand and efforts are synthetic; efforts × {effort_share:.3}, deviation of their \
                     logarithm {effort_sigma:.2}; {ill:.0} % of the units lose half their officers for three \
                     days, which is known on the first morning.</p>"
                ),
            )
        }
        Played::Trace(facts) => both(
            &format!(
                "<p>Đã chơi {}; {most} hồ sơ, trên chính mã quyết định đang dùng. Hai chính sách gặp cùng hồ sơ, \
                 cùng thời gian làm thật – nhật ký không ghi thời gian này, nên được gieo quanh định mức, độ lệch \
                 logarit {effort_sigma:.2}. Đơn vị và cán bộ như hiện nay, bắt đầu từ bàn trống. Chỉ có một mẫu, \
                 nên không có khoảng tin cậy.</p>",
                words::trace(facts, Words::VI)
            ),
            &format!(
                "<p>Played: {}; {most} applications, on the very code that decides in production. Both policies \
                 meet the same applications and the same true efforts – which the log does not have: they are \
                 drawn around the planned ones, deviation of their logarithm {effort_sigma:.2}. Units and officers \
                 are those of today, from empty desks. It is one sample, so there are no intervals.</p>",
                words::trace(facts, Words::EN)
            ),
        ),
    }
}

/// Every figure of every load.
fn tables(report: &Report) -> String {
    let mut tables = String::new();
    for load in &report.loads {
        let title = match report.played {
            Played::Quarter { .. } => {
                both(&format!("Mức tải {:.2}", load.load), &format!("Load {:.2}", load.load))
            }
            Played::Trace(_) => both("Các số liệu", "Figures"),
        };
        let _ = write!(
            tables,
            "<h2>{title}</h2><table><tr><th><th>{}<th>{}<th>{}",
            escaped(&report.against),
            escaped(&report.policy),
            both("Chênh lệch", "Difference"),
        );
        for (measure, figure) in &load.figures {
            let form = words::form(*measure);
            let _ = write!(
                tables,
                "<tr><th>{}<td>{}<td>{}<td>{}",
                both(words::name(Words::VI, *measure), words::name(Words::EN, *measure)),
                words::estimate(form, figure.against),
                words::estimate(form, figure.policy),
                words::difference(form, figure),
            );
        }
        tables += "</table>";
    }
    tables
}

/// A text in both languages, of which the page shows one.
fn both(vi: &str, en: &str) -> String {
    format!("<span lang=\"vi\">{vi}</span><span lang=\"en\">{en}</span>")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests;
