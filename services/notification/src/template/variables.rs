//! What a template may name: a notice's particulars, in words of a language.

use jiff::{Timestamp, tz::TimeZone};
use minijinja::{Value, context};
use phidia_domain::{application::Language, case::HandOverWay, case::Wait};

use crate::render::{Detail, Particulars};

/// The variables by name; a variable that is not known of a case is none.
pub(crate) fn of(particulars: &Particulars<'_>, language: Language, zone: &TimeZone) -> Value {
    let local = |at| local(at, language, zone);
    let told = context! {
        dossier_code => particulars.dossier_code,
        procedure => particulars.procedure,
        return_at => particulars.return_at,
        due_at => particulars.due_at.map(local),
        occurred_at => local(particulars.occurred_at),
    };
    let detail = match particulars.detail {
        Detail::None => context! {},
        Detail::AtUnit { unit } => context! { unit },
        Detail::Supplement { unit, reasons, until } => {
            context! { unit, reasons => reasons.to_vec(), until => local(until) }
        }
        Detail::Payment { unit, amount_dong, purpose } => {
            context! { unit, purpose, amount => grouped(amount_dong, language) }
        }
        Detail::Referred { unit, offices, answer_due } => {
            context! { unit, offices => offices.join("; "), answer_due => local(answer_due) }
        }
        Detail::ReferralEnded { unit, answered } => context! { unit, answered },
        Detail::Resumed { unit, waited_for, appointment_at } => {
            let waited_for = match waited_for {
                Wait::Supplement => "supplement",
                Wait::Payment => "payment",
                Wait::Referral => "offices",
            };
            context! { unit, waited_for, appointment_at => appointment_at.map(local) }
        }
        Detail::Postponed { unit, reason, appointment_at } => {
            context! { unit, reason, appointment_at => local(appointment_at) }
        }
        Detail::Replanned { before, appointment_at, decision } => context! {
            due_before => before.map(local),
            appointment_at => appointment_at.map(local),
            decision,
        },
        Detail::Issued { media_type, sha256 } => context! { media_type, sha256 },
        Detail::HandedOver { way, unit } => context! { unit, way => in_words(way, language) },
        Detail::Moved { unit, why } => context! { unit, why },
        Detail::Reopened { decision, unit, withdrawn } => context! { decision, unit, withdrawn },
        Detail::Deadline { hours_left, minutes_left, is_overdue, waits_for_offices, is_held, officer } => {
            context! { hours_left, minutes_left, is_overdue, waits_for_offices, is_held, officer }
        }
        Detail::SubscriptionDisabled { subscription, called, owner, url, why, failing_since } => {
            let failing_since = failing_since.map(local);
            context! { subscription, called, owner, url, why, failing_since }
        }
        Detail::Digest { count, more } => context! { count, more },
        Detail::Completed { on_time, refusal_reason } => context! { on_time, refusal_reason },
    };
    context! { ..told, ..detail }
}

/// The names of variables.
pub(crate) fn names(variables: &Value) -> Vec<String> {
    let names = variables.try_iter().into_iter().flatten();
    let mut names: Vec<String> = names.filter_map(|name| name.as_str().map(str::to_owned)).collect();
    names.sort_unstable();
    names
}

/// An instant as an office writes it.
fn local(at: Timestamp, language: Language, zone: &TimeZone) -> String {
    let local = at.to_zoned_datetime(zone.clone());
    match language {
        Language::Vi => local.strftime("%H giờ %M, ngày %d/%m/%Y").to_string(),
        Language::En => local.strftime("%H:%M on %-d %B %Y").to_string(),
    }
}

/// A whole number with its thousands set apart, as an office writes it.
fn grouped(number: i64, language: Language) -> String {
    let digits = number.to_string();
    let mark = match language {
        Language::Vi => '.',
        Language::En => ',',
    };
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(mark);
        }
        text.push(digit);
    }
    text
}

/// How a result was handed over.
fn in_words(way: HandOverWay, language: Language) -> &'static str {
    match (way, language) {
        (HandOverWay::InPerson, Language::Vi) => "trực tiếp cho người nộp hồ sơ",
        (HandOverWay::InPerson, Language::En) => "in person",
        (HandOverWay::Authorised, Language::Vi) => "cho người được ủy quyền",
        (HandOverWay::Authorised, Language::En) => "to an authorised person",
        (HandOverWay::Post, Language::Vi) => "qua dịch vụ bưu chính",
        (HandOverWay::Post, Language::En) => "by post",
        (HandOverWay::Electronic, Language::Vi) => "bản điện tử",
        (HandOverWay::Electronic, Language::En) => "electronically",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use phidia_domain::notice::Notice;

    use super::*;
    use crate::template::{LANGUAGES, has_text_message, samples};

    const PAGE: &str = include_str!("../../templates/README.md");

    /// Whoever writes templates goes by the page.
    #[test]
    fn what_a_notice_is_told_is_what_the_page_says() {
        let everywhere = ["dossier_code", "procedure", "return_at", "occurred_at", "due_at"];
        for notice in Notice::ALL {
            let row =
                PAGE.lines().find(|line| line.starts_with(&format!("| `{}` |", notice.template()))).unwrap();
            let [_, _, to, besides, _] = row.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
                panic!("{row}")
            };
            assert_eq!(to == "person", has_text_message(notice), "{row}");
            // What stands in brackets says more of a variable.
            let outside: String = besides
                .split('(')
                .map(|part| part.split_once(')').map_or(part, |(_, after)| after))
                .collect();
            let told = outside.split('`').skip(1).step_by(2).chain(everywhere).map(str::to_owned);
            let told: BTreeSet<_> = told.collect();
            for language in LANGUAGES {
                for sample in samples::of(notice, language) {
                    let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
                    let variables = names(&super::of(&sample, language, &zone));
                    assert_eq!(BTreeSet::from_iter(variables), told, "{row}");
                }
            }
        }
    }
}
