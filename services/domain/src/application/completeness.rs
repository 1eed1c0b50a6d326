//! Whether a dossier has what its procedure asks for: its papers, and answers that fit its form.
//!
//! What depends on a case ("if …") is shown and not demanded: only whoever reads the papers can say whether it is that case. What is
//! missing is told once and together (Decree 118/2025/NĐ-CP: a dossier is sent back at most once). A form may be filled in here or handed
//! in on paper or as a file, so that nobody is refused who has no answers.

use std::collections::{BTreeMap, BTreeSet};

use super::{Channel, Contents, DocumentForm, HandedIn};
use crate::{
    procedure::{Procedure, RequiredDocument, Text},
    rejection::Rejection,
};

/// What a dossier lacks, and what is worth saying of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weighed {
    /// Each fault with its path in the request.
    pub faults: Vec<Rejection>,
    /// No faults.
    pub advice: Vec<Text>,
}

impl Contents {
    /// Holds a dossier against its procedure. Where the catalogue states no papers, any are taken, and none is missed.
    pub fn weigh(&self, procedure: &Procedure, channel: Channel) -> Weighed {
        let mut weighed = Weighed::default();
        match (&procedure.form, &self.answers) {
            (Some(form), Some(answers)) => {
                weighed.faults.extend(form.check(answers.value()).into_iter().map(|violation| {
                    let reason =
                        if violation.keyword == "required" { "MISSING_FIELD" } else { "ANSWER_DOES_NOT_FIT" };
                    Rejection::invalid(reason, &path(&violation.pointer), violation.sentence.en)
                        .in_vietnamese(violation.sentence.vi)
                }));
            }
            (Some(_), None) if channel == Channel::Online => weighed.advice.push(Text {
                vi: "Thủ tục này có biểu mẫu điện tử: có thể kê khai ngay thay cho tờ khai giấy.".to_owned(),
                en: "This procedure has an electronic form: it may be filled in here instead of on paper."
                    .to_owned(),
            }),
            _ => {}
        }
        if procedure.documents.is_empty() {
            return weighed;
        }
        let known: BTreeSet<&str> = procedure.documents.iter().map(|known| known.part.as_str()).collect();
        for (index, document) in self.documents.iter().enumerate() {
            if !known.contains(document.part.as_str()) {
                let expected =
                    format!("one of the parts {}", known.iter().copied().collect::<Vec<_>>().join(", "));
                weighed.faults.push(
                    Rejection::invalid(
                        "UNKNOWN_DOCUMENT",
                        &format!("documents[{index}].part"),
                        expected.as_str(),
                    )
                    .in_vietnamese("thủ tục này không có thành phần hồ sơ mang mã này"),
                );
            }
        }
        let mut missing = self.documents.len();
        for required in &procedure.documents {
            let lines = Lines::of(&required.part, &self.documents);
            if lines.first.is_some()
                && let Some(database) = &required.from_data
            {
                weighed.advice.push(not_needed(required, database));
            }
            if !required.must_be_there() || lines.suffice(required) {
                continue;
            }
            let field = match lines.first {
                Some(index) => format!("documents[{index}].copies"),
                // Where it would have stood.
                None => {
                    missing += 1;
                    format!("documents[{}]", missing - 1)
                }
            };
            weighed.faults.push(lacking(required, &field, lines.first.is_some()));
        }
        weighed
    }
}

impl HandedIn {
    /// The papers of a dossier that lacks nothing.
    pub fn all_that_is_required(procedure: &Procedure) -> Vec<Self> {
        let required = procedure.documents.iter().filter(|document| document.must_be_there());
        let lines = required.flat_map(|document| {
            let line =
                |form, copies| Self { part: document.part.clone(), form, copies, attachments: Vec::new() };
            let lines = [
                line(DocumentForm::Original, document.originals),
                line(DocumentForm::Copy, document.copies),
                line(DocumentForm::Electronic, u32::from(document.originals == 0 && document.copies == 0)),
            ];
            lines.into_iter().filter(|line| line.copies > 0)
        });
        lines.collect()
    }
}

/// What is handed in of one part.
#[derive(Default)]
struct Lines {
    /// Index of its first line.
    first: Option<usize>,
    copies: BTreeMap<DocumentForm, u32>,
}

impl Lines {
    fn of(part: &str, documents: &[HandedIn]) -> Self {
        let mut lines = Self::default();
        for (index, document) in documents.iter().enumerate().filter(|(_, document)| document.part == part) {
            lines.first.get_or_insert(index);
            let copies = lines.copies.entry(document.form).or_default();
            *copies = copies.saturating_add(document.copies);
        }
        lines
    }

    /// Whether it is enough. A file stands for however many sheets; an original stands for a copy.
    fn suffice(&self, required: &RequiredDocument) -> bool {
        let of = |form| self.copies.get(&form).copied().unwrap_or(0);
        let (originals, copies) = (of(DocumentForm::Original), of(DocumentForm::Copy));
        let spare = originals.saturating_sub(required.originals);
        let on_paper = self.first.is_some()
            && originals >= required.originals
            && copies.saturating_add(spare) >= required.copies;
        of(DocumentForm::Electronic) > 0 || on_paper
    }
}

fn lacking(required: &RequiredDocument, field: &str, is_there: bool) -> Rejection {
    let RequiredDocument { part, name, originals, copies, .. } = required;
    let (reason, vi, en) = match is_there {
        true => ("TOO_FEW_COPIES", "chưa đủ số lượng", "too few"),
        false => ("MISSING_DOCUMENT", "thiếu giấy tờ", "missing"),
    };
    let (much_vi, much_en) = match (originals, copies) {
        (0, 0) => (String::new(), String::new()),
        (originals, 0) => (format!(": {originals} bản chính"), format!(": {originals} original(s)")),
        (0, copies) => (format!(": {copies} bản sao"), format!(": {copies} copies")),
        (originals, copies) => (
            format!(": {originals} bản chính và {copies} bản sao"),
            format!(": {originals} original(s) and {copies} copies"),
        ),
    };
    Rejection::invalid(reason, field, format!("{en}: part {part}, {}{much_en}", name.en))
        .in_vietnamese(format!("{vi}: thành phần {part}, {}{much_vi}", name.vi))
}

fn not_needed(required: &RequiredDocument, database: &str) -> Text {
    let RequiredDocument { part, name, .. } = required;
    Text {
        vi: format!(
            "Không cần nộp thành phần {part}, {}: thông tin đã có trong {database}. Hồ sơ vẫn được nhận.",
            name.vi
        ),
        en: format!(
            "Part {part}, {}, need not be brought: {database} holds what it says. It is accepted all the same.",
            name.en
        ),
    }
}

/// `/child/names/0` is `answers.child.names[0]`. A name that no form has may be as long as its sender likes: a refusal is not.
fn path(pointer: &str) -> String {
    const LONGEST: usize = 200;
    let mut path = String::from("answers");
    for segment in pointer.split('/').skip(1) {
        let name = segment.replace("~1", "/").replace("~0", "~");
        match name.parse::<usize>() {
            Ok(index) => path.push_str(&format!("[{index}]")),
            Err(_) => {
                path.push('.');
                path.push_str(&name);
            }
        }
    }
    match path.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &path[..end]),
        None => path,
    }
}

#[cfg(test)]
mod tests;
