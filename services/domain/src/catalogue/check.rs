//! How good a catalogue is, by the six words of the province: accurate, complete, clean, current, unified, shared (*đúng, đủ, sạch, sống,
//! thống nhất, dùng chung*). Each is measured by rules; each rule names its offenders.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use unicode_normalization::is_nfc;

use super::search::fold;
use crate::{
    procedure::{Boundary, Fee, Procedure, Text},
    province::Province,
};

/// One of the six words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// *đúng*
    Accurate,
    /// *đủ*
    Complete,
    /// *sạch*
    Clean,
    /// *sống*
    Current,
    /// *thống nhất*
    Unified,
    /// *dùng chung*
    Shared,
}

impl Quality {
    /// The word.
    pub fn in_words(self) -> Text {
        let (vi, en) = match self {
            Self::Accurate => ("đúng", "accurate"),
            Self::Complete => ("đủ", "complete"),
            Self::Clean => ("sạch", "clean"),
            Self::Current => ("sống", "current"),
            Self::Unified => ("thống nhất", "unified"),
            Self::Shared => ("dùng chung", "shared"),
        };
        Text { vi: vi.to_owned(), en: en.to_owned() }
    }
}

/// A rule with what it found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The word that it measures.
    pub quality: Quality,
    /// Its name, for programs.
    pub rule: &'static str,
    /// What it asks for.
    pub asks: Text,
    /// How many procedures it looked at: those that it is about.
    pub looked_at: usize,
    /// The codes of those that are not so, in order.
    pub offenders: Vec<String>,
}

impl Finding {
    /// The share of those that are as the rule asks, in hundredths of a percent; of none, all are.
    pub fn share(&self) -> usize {
        let good = self.looked_at.saturating_sub(self.offenders.len());
        (good * 10_000).checked_div(self.looked_at).unwrap_or(10_000)
    }
}

/// A rule that looks at one procedure: none where it is not about it, else whether it is as it should be.
type Rule = (Quality, &'static str, &'static str, &'static str, fn(&Catalogued<'_>) -> Option<bool>);

/// A procedure with its province and the day.
struct Catalogued<'p> {
    province: &'p Province,
    procedure: &'p Procedure,
    day: Date,
}

const RULES: &[Rule] = &[
    (
        Quality::Accurate,
        "code",
        "mã theo dạng d.dddddd, mã địa phương thêm mã tỉnh",
        "the code has the form d.dddddd, a local one with the province's behind it",
        |it| Some(has_form(&it.procedure.code, &it.province.agency_code)),
    ),
    (
        Quality::Accurate,
        "fee",
        "phí nêu ở dòng phí khớp với cách tính phí",
        "the lines of the fees do not contradict the rule of the fee",
        |it| {
            let (rule, lines) = (it.procedure.fee_rule.as_str(), &it.procedure.fees);
            let costs =
                |fee: &Fee| fee.amount_vnd > 0 && !fee.exempt.contains(&crate::procedure::Exemption::InTime);
            Some(
                !(rule == "free"
                    && (it.procedure.fee_vnd.is_some_and(|sum| sum > 0) || lines.iter().any(costs)))
                    && !(rule == "fixed" && it.procedure.fee_vnd.is_none() && lines.is_empty()),
            )
        },
    ),
    (
        Quality::Accurate,
        "online_amount",
        "phí trực tuyến không cao hơn phí trực tiếp",
        "who applies online does not pay more",
        |it| {
            let online =
                it.procedure.fees.iter().filter_map(|fee| Some((fee.online_amount_vnd?, fee.amount_vnd)));
            let all: Vec<_> = online.collect();
            (!all.is_empty()).then(|| all.iter().all(|(online, counter)| online <= counter))
        },
    ),
    (
        Quality::Accurate,
        "simplified",
        "quy trình rút gọn không dài hơn trước",
        "a process that was made simpler does not take longer",
        |it| {
            let minutes = it.province.clock.minutes_per_day();
            let limit = it.procedure.limit?.working_minutes(minutes);
            let before = it.procedure.published_on(it.day)?.time_before?.working_minutes(minutes);
            Some(limit <= before)
        },
    ),
    (
        Quality::Accurate,
        "template",
        "biểu mẫu nêu ở thành phần hồ sơ có trong danh mục",
        "a form that a document names is there",
        |it| {
            let templates = it.procedure.documents.iter().filter_map(|document| document.template.as_deref());
            let forms: Vec<_> = templates.filter(|name| Province::reads(name)).collect();
            let own = it.procedure.form.as_ref().map(|form| format!("form_{}.json", form.name()));
            (!forms.is_empty()).then(|| forms.iter().all(|name| Some(*name) == own.as_deref()))
        },
    ),
    (
        Quality::Complete,
        "documents",
        "có thành phần hồ sơ (NĐ 63/2010, đ. 8)",
        "what has to be handed in is stated (Decree 63/2010, art. 8)",
        |it| Some(!it.procedure.documents.is_empty()),
    ),
    (
        Quality::Complete,
        "time",
        "có thời hạn giải quyết (NĐ 63/2010, đ. 8)",
        "the time is stated (Decree 63/2010, art. 8)",
        |it| Some(it.procedure.limit.is_some()),
    ),
    (
        Quality::Complete,
        "fees",
        "có phí, lệ phí hoặc nêu là không thu (NĐ 63/2010, đ. 8)",
        "it is stated what it costs, or that it is free (Decree 63/2010, art. 8)",
        |it| {
            let procedure = it.procedure;
            Some(!procedure.fees.is_empty() || procedure.fee_vnd.is_some() || procedure.fee_rule == "free")
        },
    ),
    (
        Quality::Complete,
        "form",
        "có biểu mẫu điện tử khi nộp trực tuyến",
        "what goes online has a form",
        |it| {
            (it.procedure.online != crate::procedure::OnlineLevel::None).then(|| it.procedure.form.is_some())
        },
    ),
    (
        Quality::Complete,
        "decision",
        "có quyết định công bố",
        "the decision that published it is stated",
        |it| Some(it.procedure.decision.is_some()),
    ),
    (
        Quality::Complete,
        "boundary_list",
        "tiếp nhận phi địa giới có danh mục cho phép",
        "what is received without regard to boundaries names the list that allows it",
        |it| {
            matches!(it.procedure.boundary, Boundary::DecideAnywhere | Boundary::ReceiveAnywhere)
                .then(|| it.procedure.boundary_list.is_some())
        },
    ),
    (Quality::Clean, "blanks", "không có dấu cách thừa", "no stray blanks", |it| {
        Some(
            texts(it.procedure)
                .iter()
                .all(|text| !text.contains("  ") && !text.contains('\u{a0}') && !text.contains(" ,")),
        )
    }),
    (Quality::Clean, "unicode", "chữ Việt dựng sẵn (NFC)", "letters are composed (NFC)", |it| {
        Some(texts(it.procedure).iter().all(|text| is_nfc(text)))
    }),
    (
        Quality::Current,
        "replacement",
        "thủ tục hết hiệu lực có thủ tục thay thế",
        "what has ended says what replaces it",
        |it| it.procedure.effective_to.filter(|to| *to <= it.day).map(|_| it.procedure.replaced_by.is_some()),
    ),
    (
        Quality::Current,
        "successor",
        "thủ tục thay thế còn hiệu lực",
        "what replaces it is in force itself",
        |it| {
            let successor = it.procedure.replaced_by.as_ref()?;
            let day = it.procedure.effective_to.unwrap_or(it.day).max(it.day);
            let successor = it.province.procedures.on(successor, day)?;
            Some(successor.code != it.procedure.code && successor.check_in_force(day).is_ok())
        },
    ),
    (
        Quality::Current,
        "gap",
        "giữa các dòng của một thủ tục không có ngày bỏ trống",
        "between two lines of a procedure there is no day without one",
        |it| {
            let lines = it.province.procedures.lines(&it.procedure.code);
            let mut turns = lines.iter().zip(lines.iter().skip(1));
            (lines.len() > 1).then(|| turns.all(|(one, next)| one.effective_to == next.effective_from))
        },
    ),
    (
        Quality::Current,
        "process",
        "quy trình không cũ hơn quyết định công bố",
        "the process is not older than the decision that published the entry",
        |it| {
            let decision = it.procedure.decision.as_ref()?;
            Some(it.procedure.published_on(it.day)?.decided_on >= decision.decided_on)
        },
    ),
    (Quality::Shared, "national", "có mã quốc gia", "it has a national code", |it| {
        Some(!it.procedure.code.ends_with(&format!(".{}", it.province.agency_code)))
    }),
    (Quality::Shared, "english", "có tên tiếng Anh riêng", "it has an English name of its own", |it| {
        Some(it.procedure.name.en != it.procedure.name.vi)
    }),
];

/// What all rules find on a day, of the procedures in force on it; of those that have ended, only whether they say what replaces them.
pub fn check(province: &Province, day: Date) -> Vec<Finding> {
    let all: Vec<_> = province
        .procedures
        .all_on(day, None)
        .map(|procedure| Catalogued { province, procedure, day })
        .collect();
    let is_current = |it: &&Catalogued<'_>| it.procedure.effective_to.is_none_or(|to| day < to);
    let mut findings: Vec<_> = RULES
        .iter()
        .map(|(quality, rule, vi, en, holds)| {
            let about = all.iter().filter(|it| *quality == Quality::Current || is_current(it));
            let judged: Vec<_> = about.filter_map(|it| Some((it, holds(it)?))).collect();
            let offenders =
                judged.iter().filter(|(_, holds)| !holds).map(|(it, _)| it.procedure.code.clone());
            let asks = Text { vi: (*vi).to_owned(), en: (*en).to_owned() };
            Finding { quality: *quality, rule, asks, looked_at: judged.len(), offenders: offenders.collect() }
        })
        .collect();
    let current: Vec<_> = all.iter().filter(is_current).map(|it| it.procedure).collect();
    let mut over_all = |quality, rule, vi: &str, en: &str, offenders: BTreeSet<String>| {
        let asks = Text { vi: vi.to_owned(), en: en.to_owned() };
        let offenders = offenders.into_iter().collect();
        findings.push(Finding { quality, rule, asks, looked_at: current.len(), offenders });
    };
    over_all(
        Quality::Clean,
        "duplicates",
        "không có hai thủ tục trùng hoặc gần trùng tên",
        "no two have the same name, or one that looks alike",
        alike(&current),
    );
    for (rule, vi, en, of) in [
        (
            "field",
            "một lĩnh vực viết một cách, trong cả hai ngôn ngữ",
            "a field is written in one way, in both languages",
            SPELLINGS[0],
        ),
        ("result", "một kết quả viết một cách", "a result is written in one way", SPELLINGS[1]),
        ("agency", "một cơ quan viết một cách", "an agency is written in one way", SPELLINGS[2]),
    ] {
        over_all(Quality::Unified, rule, vi, en, spelled_otherwise(&current, of));
    }
    findings.sort_by_key(|finding| finding.quality);
    findings
}

/// What is to be spelled in one way: what it is, and how it is written.
type Spelling = fn(&Procedure) -> (String, String);
const SPELLINGS: [Spelling; 3] = [
    |procedure| (fold(&procedure.field.vi), format!("{}|{}", procedure.field.vi, procedure.field.en)),
    |procedure| (fold(&procedure.result_vi), procedure.result_vi.clone()),
    |procedure| (fold(&procedure.decided_by), procedure.decided_by.clone()),
];

/// Those that write something otherwise than most do; of as many on either side, otherwise than the first of them.
fn spelled_otherwise(procedures: &[&Procedure], of: Spelling) -> BTreeSet<String> {
    let mut ways: BTreeMap<String, BTreeMap<String, Vec<&str>>> = BTreeMap::new();
    for procedure in procedures {
        let (what, written) = of(procedure);
        ways.entry(what).or_default().entry(written).or_default().push(&procedure.code);
    }
    let mut offenders = BTreeSet::new();
    for ways in ways.into_values() {
        let usual =
            ways.iter().max_by_key(|(_, codes)| (codes.len(), std::cmp::Reverse(codes.first().copied())));
        let usual = usual.map(|(written, _)| written.clone());
        let others = ways.into_iter().filter(|(written, _)| Some(written) != usual.as_ref());
        offenders.extend(others.flat_map(|(_, codes)| codes).map(str::to_owned));
    }
    offenders
}

/// Those that have the name of an earlier one, but for diacritics, case, punctuation and the order of words.
fn alike(procedures: &[&Procedure]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut offenders = BTreeSet::new();
    for procedure in procedures {
        let folded = fold(&procedure.name.vi);
        let mut words: Vec<_> =
            folded.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        words.sort_unstable();
        if !names.insert(words.join(" ")) {
            offenders.insert(procedure.code.clone());
        }
    }
    offenders
}

/// `d.dddddd`, and the province's own with `.H42` behind it.
fn has_form(code: &str, agency: &str) -> bool {
    let national = code.strip_suffix(agency).and_then(|code| code.strip_suffix('.')).unwrap_or(code);
    let digits =
        |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    national.split_once('.').is_some_and(|(first, rest)| digits(first, 1) && digits(rest, 6))
}

/// All that people read of a procedure.
fn texts(procedure: &Procedure) -> Vec<&str> {
    let own = [
        &procedure.name.vi,
        &procedure.name.en,
        &procedure.field.vi,
        &procedure.field.en,
        &procedure.result_vi,
        &procedure.decided_by,
    ];
    let documents = procedure.documents.iter().flat_map(|document| [&document.name.vi, &document.name.en]);
    own.into_iter().chain(documents).map(String::as_str).collect()
}

#[cfg(test)]
mod tests;
