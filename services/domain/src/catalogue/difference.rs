//! What one version of a catalogue, or one day, says otherwise than another: procedure by procedure, attribute by attribute, in words.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::{
    procedure::{OnlineLevel, Procedure, Text, Tier, TimeLimit, changes},
    province::Province,
};

/// So many days to come are looked at.
const MOST_DAYS: usize = 366;

/// Something that is said otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Code of the procedure.
    pub code: String,
    /// Its name, as it is, or was.
    pub name: Text,
    /// What of it, in words.
    pub attribute: Text,
    /// As it was, in words; empty: it was not stated, or there was no such procedure.
    pub before: Text,
    /// As it is; empty likewise.
    pub after: Text,
}

/// What `after` says on its day that `before` said otherwise on its own, by codes. A procedure counts as there on the days on which it is
/// in force.
pub fn difference(before: (&Province, Date), after: (&Province, Date)) -> Vec<Change> {
    otherwise(&codes(before.0, after.0), before, after)
}

fn otherwise(codes: &BTreeSet<&String>, before: (&Province, Date), after: (&Province, Date)) -> Vec<Change> {
    let mut all = Vec::new();
    for code in codes.iter().copied() {
        let was = before.0.procedures.on(code, before.1).filter(|it| it.check_in_force(before.1).is_ok());
        let is = after.0.procedures.on(code, after.1).filter(|it| it.check_in_force(after.1).is_ok());
        let Some(name) = is.or(was).map(|procedure| procedure.name.clone()) else { continue };
        let mut told = |attribute: Text, before: Text, after: Text| {
            let (code, name) = (code.clone(), name.clone());
            all.push(Change { code, name, attribute, before, after });
        };
        match (was, is) {
            (Some(was), None) => told(text("thủ tục", "procedure"), was.name.clone(), Text::default()),
            (None, Some(is)) => told(text("thủ tục", "procedure"), Text::default(), is.name.clone()),
            (None, None) => {}
            (Some(was), Some(is)) => {
                let (then, now) = (stated(was, before.0), stated(is, after.0));
                for ((attribute, before), (_, after)) in then.into_iter().zip(now) {
                    if before != after {
                        told(attribute, before, after);
                    }
                }
                parts(was, is, &mut told);
                for change in changes(Some((was, before.1)), (is, after.1)) {
                    // The time is told above.
                    if change.step > 0 || change.aspect != crate::procedure::Aspect::Time {
                        let aspect = change.aspect.name();
                        let attribute = match change.step {
                            0 => text(format!("quy trình: {}", aspect.vi), format!("process: {}", aspect.en)),
                            step => text(
                                format!("quy trình, bước {step}: {}", aspect.vi),
                                format!("process, step {step}: {}", aspect.en),
                            ),
                        };
                        told(attribute, change.before, change.after);
                    }
                }
            }
        }
    }
    all
}

/// What `after` says otherwise than `before`: of today, then of each day to come on which something else is said than on the day before,
/// with that day.
pub fn from_now_on(before: &Province, after: &Province, today: Date) -> Vec<(Option<Date>, Change)> {
    let lines = |code: &&String| before.procedures.lines(code) != after.procedures.lines(code);
    let touched: BTreeSet<&String> = codes(before, after).into_iter().filter(lines).collect();
    let mut days = BTreeSet::new();
    for code in &touched {
        for line in [before, after].into_iter().flat_map(|province| province.procedures.lines(code)) {
            days.extend([line.effective_from, line.effective_to]);
            days.extend(line.steps.iter().flat_map(|step| [step.effective_from, step.effective_to]));
            days.extend(line.publications.iter().flat_map(|one| [one.effective_from, one.effective_to]));
        }
    }
    let to_come = days.into_iter().flatten().filter(|day| *day > today).take(MOST_DAYS);
    let mut all = Vec::new();
    let mut so_far = BTreeSet::new();
    for (day, told) in std::iter::once((today, None)).chain(to_come.map(|day| (day, Some(day)))) {
        let changes = otherwise(&touched, (before, day), (after, day));
        let said = |one: &Change| {
            let [what, was, is] = [&one.attribute, &one.before, &one.after].map(|text| text.vi.clone());
            (one.code.clone(), what, was, is)
        };
        let said_now = changes.iter().map(said).collect();
        all.extend(changes.into_iter().filter(|one| !so_far.contains(&said(one))).map(|one| (told, one)));
        so_far = said_now;
    }
    all
}

fn codes<'p>(before: &'p Province, after: &'p Province) -> BTreeSet<&'p String> {
    before.procedures.keys().chain(after.procedures.keys()).collect()
}

/// What is stated of a procedure alone, always in this order.
fn stated(procedure: &Procedure, province: &Province) -> Vec<(Text, Text)> {
    let (begins, ends) = province.procedures.period(&procedure.code);
    let day = |date: Option<Date>| same(date.map(|date| date.to_string()).unwrap_or_default());
    let decision = procedure.decision.as_ref();
    vec![
        (text("tên", "name"), procedure.name.clone()),
        (text("lĩnh vực", "field"), procedure.field.clone()),
        (text("cấp giải quyết", "level"), procedure.tier.in_words()),
        (text("thời hạn", "time"), procedure.limit.map(TimeLimit::in_words).unwrap_or_default()),
        (text("mức độ trực tuyến", "online level"), procedure.online.in_words()),
        (
            text("luồng xanh", "green corridor"),
            same(procedure.corridor.map(|one| format!("{one:?}")).unwrap_or_default()),
        ),
        (text("phí, lệ phí", "fee"), same(procedure.fee_vnd.map(|sum| sum.to_string()).unwrap_or_default())),
        (text("cách tính phí", "rule of the fee"), same(procedure.fee_rule.clone())),
        (text("kết quả", "result"), same(procedure.result_vi.clone())),
        (text("cơ quan giải quyết", "decided by"), same(procedure.decided_by.clone())),
        (text("phi địa giới", "boundaries"), same(procedure.boundary.as_str().to_owned())),
        (
            text("danh mục phi địa giới", "boundary list"),
            same(procedure.boundary_list.clone().unwrap_or_default()),
        ),
        (
            text("quyết định công bố", "decision"),
            same(decision.map(|one| format!("{}, {}", one.number, one.decided_on)).unwrap_or_default()),
        ),
        (
            text("biểu mẫu", "form"),
            same(procedure.form.as_ref().map(|form| form.name().to_owned()).unwrap_or_default()),
        ),
        (
            text("nội dung biểu mẫu", "text of the form"),
            same(procedure.form.as_ref().map(|form| form.text().to_owned()).unwrap_or_default()),
        ),
        (text("hiệu lực từ", "in force from"), day(begins)),
        (text("hết hiệu lực", "in force until"), day(ends)),
        (text("thay thế bởi", "replaced by"), same(procedure.replaced_by.clone().unwrap_or_default())),
        (text("nguồn", "source"), same(procedure.basis.clone())),
    ]
}

/// What is handed in and paid, part by part.
fn parts(was: &Procedure, is: &Procedure, told: &mut impl FnMut(Text, Text, Text)) {
    let document = |procedure: &Procedure, part: &str| {
        let found = procedure.documents.iter().find(|document| document.part == part);
        found.map(|one| {
            let need = one.need.in_words();
            let data = one.from_data.as_ref().map(|data| format!(" [{data}]")).unwrap_or_default();
            let template = one.template.as_ref().map(|name| format!(" <{name}>")).unwrap_or_default();
            text(
                format!(
                    "{} ({} bản chính, {} bản sao; {}){template}{data}",
                    one.name.vi, one.originals, one.copies, need.vi
                ),
                format!(
                    "{} ({} originals, {} copies; {}){template}{data}",
                    one.name.en, one.originals, one.copies, need.en
                ),
            )
        })
    };
    let fee = |procedure: &Procedure, code: &str| {
        let found = procedure.fees.iter().find(|fee| fee.code == code);
        found.map(|one| {
            let (kind, per) = (one.kind.in_words(), one.per.in_words());
            let online = one.online_amount_vnd.map(|sum| format!(" ({sum} online)")).unwrap_or_default();
            let exempt = |vi: bool| {
                let words = one.exempt.iter().map(|group| group.in_words());
                words.map(|word| if vi { word.vi } else { word.en }).collect::<Vec<_>>().join(", ")
            };
            text(
                format!(
                    "{} – {}: {} đ/{}{online}; miễn: {}",
                    one.name.vi,
                    kind.vi,
                    one.amount_vnd,
                    per.vi,
                    exempt(true)
                ),
                format!(
                    "{} – {}: {} đ/{}{online}; free: {}",
                    one.name.en,
                    kind.en,
                    one.amount_vnd,
                    per.en,
                    exempt(false)
                ),
            )
        })
    };
    let documents = [was, is].into_iter().flat_map(|one| &one.documents).map(|one| one.part.as_str());
    for part in documents.collect::<BTreeSet<_>>() {
        let (before, after) = (document(was, part), document(is, part));
        if before != after {
            let attribute = text(format!("thành phần hồ sơ {part}"), format!("document {part}"));
            told(attribute, before.unwrap_or_default(), after.unwrap_or_default());
        }
    }
    let fees = [was, is].into_iter().flat_map(|one| &one.fees).map(|one| one.code.as_str());
    for code in fees.collect::<BTreeSet<_>>() {
        let (before, after) = (fee(was, code), fee(is, code));
        if before != after {
            let attribute = text(format!("phí {code}"), format!("fee {code}"));
            told(attribute, before.unwrap_or_default(), after.unwrap_or_default());
        }
    }
}

impl Tier {
    /// Its name.
    pub fn in_words(self) -> Text {
        match self {
            Self::Commune => text("cấp xã", "commune"),
            Self::Province => text("cấp tỉnh", "province"),
            Self::Linked => text("liên thông", "linked"),
        }
    }
}

impl OnlineLevel {
    /// Its name.
    pub fn in_words(self) -> Text {
        match self {
            Self::Full => text("toàn trình", "full"),
            Self::Partial => text("một phần", "partial"),
            Self::None => text("không", "none"),
        }
    }
}

fn same(value: String) -> Text {
    Text { vi: value.clone(), en: value }
}

fn text(vi: impl Into<String>, en: impl Into<String>) -> Text {
    Text { vi: vi.into(), en: en.into() }
}

#[cfg(test)]
mod tests;
