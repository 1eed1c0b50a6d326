//! What is in a dossier: the answers to the form of its procedure, and the papers that are handed in with it.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{id::AttachmentId, rejection::Rejection};

/// Bytes of the answers, as a document. A form of a hundred questions has some 20 KiB.
pub const MOST_ANSWER_BYTES: usize = 256 * 1024;
/// How deep answers may be nested.
const DEEPEST: usize = 32;
/// Lines of documents.
const MOST_DOCUMENTS: usize = 200;
/// Sheets, volumes, sets of one line.
const MOST_COPIES: u32 = 1_000;
/// Characters of a part's code.
const LONGEST_PART: usize = 40;
/// Files of all lines together.
pub const MOST_FILES: usize = 50;

/// In what form a paper is handed in (`LoaiBan` 0, 1, 2 of the national synchronisation).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentForm {
    /// The original.
    Original,
    /// A copy, certified or compared with the original where it is received.
    Copy,
    /// A file.
    Electronic,
}

/// A paper that is handed in. It names nobody: it rests in clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedIn {
    /// Code of the part of the dossier that it is, as the procedure lists it.
    pub part: String,
    /// Original, copy or file.
    pub form: DocumentForm,
    /// How many.
    pub copies: u32,
    /// The files that were uploaded for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<AttachmentId>,
}

/// The answers to the form of a procedure: a JSON object. Personal data: sealed wherever they are stored.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(Value);

impl Answers {
    /// Reads a document.
    ///
    /// # Errors
    /// A violation of `answers` where it is too long, too deep, or no JSON object.
    pub fn parse(text: &str) -> Result<Self, Rejection> {
        if text.len() > MOST_ANSWER_BYTES {
            let expected = format!("at most {} KiB", MOST_ANSWER_BYTES / 1024);
            return Err(Rejection::invalid("ANSWERS_TOO_LARGE", "answers", expected)
                .in_vietnamese(format!("tờ khai dài nhất {} KiB", MOST_ANSWER_BYTES / 1024)));
        }
        let malformed = || {
            Rejection::invalid("MALFORMED_ANSWERS", "answers", "expected a JSON object")
                .in_vietnamese("tờ khai phải là một đối tượng JSON")
        };
        let value: Value = serde_json::from_str(text).map_err(|_| malformed())?;
        if !value.is_object() {
            return Err(malformed());
        }
        if depth(&value) > DEEPEST {
            let expected = format!("nested at most {DEEPEST} deep");
            return Err(Rejection::invalid("ANSWERS_TOO_DEEP", "answers", expected)
                .in_vietnamese(format!("tờ khai lồng nhau nhiều nhất {DEEPEST} tầng")));
        }
        Ok(Self(value))
    }

    /// The object.
    pub fn value(&self) -> &Value {
        &self.0
    }
}

/// The document as it was parsed; keys in their order, without blanks.
impl fmt::Display for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

// Personal data must not reach a log by `{:?}`.
impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answers(…)")
    }
}

/// serde_json reads no more than 128 levels: this ends.
fn depth(value: &Value) -> usize {
    let inside = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(fields) => fields.values().map(depth).max(),
        _ => return 0,
    };
    1 + inside.unwrap_or(0)
}

/// What is in a dossier.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// The answers to the form; none: it was not filled in here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<Answers>,
    /// The papers, as they are listed on the receipt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<HandedIn>,
}

impl Contents {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.answers.is_none() && self.documents.is_empty()
    }

    /// The files of all papers, each with its path.
    pub fn attachments(&self) -> impl Iterator<Item = (String, AttachmentId)> {
        self.documents.iter().enumerate().flat_map(|(index, document)| {
            let files = document.attachments.iter().enumerate();
            files.map(move |(number, id)| (format!("documents[{index}].attachment_ids[{number}]"), *id))
        })
    }

    /// What is wrong whatever the procedure asks for, each with its path.
    pub(super) fn faults(&self) -> Vec<Rejection> {
        let mut faults = Vec::new();
        if self.documents.len() > MOST_DOCUMENTS {
            let expected = format!("at most {MOST_DOCUMENTS} lines");
            faults.push(
                Rejection::invalid("OUT_OF_RANGE", "documents", expected)
                    .in_vietnamese(format!("nhiều nhất {MOST_DOCUMENTS} dòng giấy tờ")),
            );
            return faults;
        }
        let (mut listed, mut files) = (BTreeSet::new(), BTreeSet::new());
        if self.attachments().count() > MOST_FILES {
            faults.push(
                Rejection::invalid(
                    "TOO_MANY_ATTACHMENTS",
                    "documents",
                    format!("at most {MOST_FILES} files"),
                )
                .in_vietnamese(format!("nhiều nhất {MOST_FILES} tệp")),
            );
        }
        for (index, document) in self.documents.iter().enumerate() {
            // It rests in clear: nobody's name fits in.
            let is_code = (1..=LONGEST_PART).contains(&document.part.len())
                && document.part.chars().all(|sign| sign.is_ascii_graphic());
            if !is_code {
                let field = format!("documents[{index}].part");
                faults.push(
                    Rejection::invalid(
                        "MALFORMED_CODE",
                        &field,
                        "expected the code of a part of the dossier",
                    )
                    .in_vietnamese("phải là mã của một thành phần hồ sơ"),
                );
            }
            if !(1..=MOST_COPIES).contains(&document.copies) {
                let field = format!("documents[{index}].copies");
                faults.push(
                    Rejection::invalid("OUT_OF_RANGE", &field, format!("from 1 to {MOST_COPIES}"))
                        .in_vietnamese(format!("số lượng từ 1 đến {MOST_COPIES}")),
                );
            }
            for (number, attachment) in document.attachments.iter().enumerate() {
                if !files.insert(*attachment) {
                    let field = format!("documents[{index}].attachment_ids[{number}]");
                    faults.push(
                        Rejection::invalid("DUPLICATE", &field, "each file once")
                            .in_vietnamese("mỗi tệp chỉ được nêu một lần"),
                    );
                }
            }
            if !listed.insert((document.part.as_str(), document.form)) {
                let field = format!("documents[{index}].part");
                faults.push(
                    Rejection::invalid("DUPLICATE", &field, "one line for each part and form")
                        .in_vietnamese("mỗi giấy tờ và loại bản chỉ một dòng"),
                );
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_an_object_that_is_not_too_deep() {
        let deep = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
        let reason = |text: &str| Answers::parse(text).map_err(|refusal| refusal.reason);
        assert!(reason(&deep(32)).is_ok());
        assert_eq!(reason(&deep(33)).unwrap_err(), "ANSWERS_TOO_DEEP");
        for text in ["", "[]", "1", "{", "{\"a\":1}x", &deep(1_000)] {
            assert_eq!(reason(text).unwrap_err(), "MALFORMED_ANSWERS", "{text:.20}");
        }
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(MOST_ANSWER_BYTES));
        assert_eq!(reason(&long).unwrap_err(), "ANSWERS_TOO_LARGE");
    }

    #[test]
    fn answers_keep_their_numbers_and_do_not_reach_a_log() {
        let text = r#"{"b":12345678901234567,"a":"Nguyễn Thị Bí Mật"}"#;
        let answers = Answers::parse(text).unwrap();
        assert!(answers.to_string().contains("12345678901234567"));
        assert_eq!(format!("{answers:?}"), "Answers(…)");
        // The order in which somebody's library writes fields makes no other answers.
        let other = r#"{ "a": "Nguyễn Thị Bí Mật", "b": 12345678901234567 }"#;
        assert_eq!(Answers::parse(other).unwrap().to_string(), answers.to_string());
    }
}
