//! Looks a set through before it is taken: whether it has each file in both languages, whether each can be read and names
//! only what it is told, and what becomes of it with every sample. Whatever is wrong is told at its place, all at once.

use std::collections::BTreeMap;

use minijinja::{Environment, Error, Value};
use phidia_domain::{
    Rejection,
    application::{Language, all_in_one},
    notice::Notice,
    sms::{self, Encoding, Measure},
};

use super::{Files, Greeted, LANGUAGES, Purpose, Set, Unreadable, samples, variables, written};
use crate::render::Renderer;

/// No file is longer, in bytes.
const MOST_BYTES: usize = 16 * 1024;
/// No request has more files; a set has fewer.
const MOST_FILES: usize = 200;

/// Files as they come: content by name.
pub(crate) type Given = BTreeMap<String, Vec<u8>>;

/// A set that nothing is wrong with.
#[derive(Debug)]
pub(crate) struct Sound {
    pub(crate) files: Files,
    /// What each text message takes at most, by name of its file.
    pub(crate) text_messages: BTreeMap<String, Measure>,
}

/// One wrong place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fault {
    file: String,
    /// From 1; 0: the whole file is meant.
    line: usize,
    /// From 1, in characters.
    column: usize,
    reason: &'static str,
    expected: String,
    in_vietnamese: String,
}

/// Looks a whole set through.
///
/// # Errors
/// `INVALID_ARGUMENT` with each fault at its place.
pub(crate) fn whole(given: Given, renderer: &Renderer, most_parts: u32) -> Result<Sound, Rejection> {
    let mut looking = Looking::at(given, renderer)?;
    looking.all_there();
    let text_messages = looking.through(most_parts);
    looking.verdict()?;
    Ok(Sound { files: looking.files, text_messages })
}

/// Looks at single files, which are to stand in place of others.
///
/// # Errors
/// `INVALID_ARGUMENT` with each fault at its place.
pub(crate) fn single(given: Given, renderer: &Renderer, most_parts: u32) -> Result<Files, Rejection> {
    let mut looking = Looking::at(given, renderer)?;
    looking.through(most_parts);
    looking.verdict()?;
    Ok(looking.files)
}

/// The refusal of a file that fails while a preview is made of it.
pub(crate) fn failed(error: &Error) -> Rejection {
    let file = error.name().and_then(|name| name.split('#').next()).unwrap_or_default().to_owned();
    refusal(vec![failing(&file, error, None)])
}

struct Looking<'r> {
    renderer: &'r Renderer,
    /// What can be read as text.
    files: Files,
    faults: Vec<Fault>,
}

impl<'r> Looking<'r> {
    /// Takes the files that a set may have and that are text, as text with plain line ends.
    fn at(given: Given, renderer: &'r Renderer) -> Result<Self, Rejection> {
        if given.len() > MOST_FILES {
            let expected = format!("expected at most {MOST_FILES} files");
            return Err(Rejection::invalid("TOO_MANY_FILES", "files", expected)
                .in_vietnamese(format!("chỉ được có tối đa {MOST_FILES} tệp")));
        }
        let mut looking = Self { renderer, files: Files::new(), faults: Vec::new() };
        for (file, content) in given {
            if Purpose::parse(&file).is_none() {
                let file = file.escape_debug().take(100).collect();
                looking.wrong(
                    file,
                    (0, 0),
                    "UNKNOWN_TEMPLATE",
                    "no set has a file of this name".to_owned(),
                    "bộ mẫu không có tệp nào mang tên này".to_owned(),
                );
            } else if content.len() > MOST_BYTES {
                let expected = format!("expected at most {MOST_BYTES} bytes");
                looking.wrong(
                    file,
                    (0, 0),
                    "TEMPLATE_TOO_LARGE",
                    expected,
                    format!("tệp chỉ được dài tối đa {MOST_BYTES} byte"),
                );
            } else {
                looking.take(file, &content);
            }
        }
        Ok(looking)
    }

    fn take(&mut self, file: String, content: &[u8]) {
        let (text, rest) = match std::str::from_utf8(content) {
            Ok(text) => (text, false),
            // What comes before is text, and says where it ends.
            Err(error) => (std::str::from_utf8(&content[..error.valid_up_to()]).unwrap_or_default(), true),
        };
        // Editors on Windows write both.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
        let control =
            text.find(|character: char| character.is_control() && !matches!(character, '\n' | '\t'));
        match control.or(rest.then_some(text.len())) {
            Some(at) => self.wrong(
                file,
                place(&text, at),
                "TEMPLATE_NOT_TEXT",
                "expected text in UTF-8 without control characters".to_owned(),
                "tệp phải là văn bản UTF-8, không có ký tự điều khiển".to_owned(),
            ),
            None => {
                self.files.insert(file, text);
            }
        }
    }

    /// Each purpose has its file in each language.
    fn all_there(&mut self) {
        for purpose in Purpose::all() {
            let [there, missing] = [true, false].map(|wanted| {
                let files = LANGUAGES.into_iter().map(|language| purpose.file(language));
                files.filter(|file| self.is_given(file) == wanted).collect::<Vec<_>>()
            });
            for file in missing {
                let (reason, expected, in_vietnamese) = match there.first() {
                    Some(other) => (
                        "MISSING_LANGUAGE",
                        format!("is missing, while {other} is there: every notice is told in both languages"),
                        format!(
                            "thiếu tệp này, trong khi có {other}: thông báo nào cũng phải có cả hai thứ tiếng"
                        ),
                    ),
                    None => ("MISSING_TEMPLATE", "is missing".to_owned(), "thiếu tệp này".to_owned()),
                };
                self.wrong(file, (0, 0), reason, expected, in_vietnamese);
            }
        }
    }

    /// Whether a file came, even though it may be no text.
    fn is_given(&self, file: &str) -> bool {
        self.files.contains_key(file) || self.faults.iter().any(|fault| fault.file == file)
    }

    /// Reads what came and tries it with every sample; answers what text messages take at most.
    fn through(&mut self, most_parts: u32) -> BTreeMap<String, Measure> {
        let (set, unreadable) = Set::read(0, &self.files, true);
        let unreadable = unreadable.into_iter().map(cannot_be_read);
        self.faults.extend(unreadable);
        let mut text_messages = BTreeMap::new();
        for file in self.files.clone().into_keys().filter(|file| set.has(file)) {
            let Some((language, purpose)) = Purpose::parse(&file) else { continue };
            if !self.names_are_known(&set, &file, language, purpose) {
                continue;
            }
            match purpose {
                Purpose::Message(notice) => self.message(&set, &file, language, notice),
                Purpose::TextMessage(notice) => {
                    let longest = self.text_message(&set, &file, language, notice, most_parts);
                    text_messages.extend(longest.map(|longest| (file, longest)));
                }
                Purpose::Letter | Purpose::HtmlLetter => {
                    let person = Greeted::person(samples::NAME);
                    let office = Greeted { is_office: true, ..person };
                    if self.letter(&set, &file, language, purpose, person) {
                        self.letter(&set, &file, language, purpose, office);
                    }
                }
            }
        }
        text_messages
    }

    /// What a template of this notice is told, sample by sample.
    fn told(&self, notice: Notice, language: Language) -> Vec<Value> {
        let samples = samples::of(notice, language);
        samples.iter().map(|sample| self.renderer.variables(language, sample)).collect()
    }

    /// Whether a file names only what it is told.
    fn names_are_known(&mut self, set: &Set, file: &str, language: Language, purpose: Purpose) -> bool {
        let known = match purpose {
            Purpose::Message(notice) | Purpose::TextMessage(notice) => {
                self.told(notice, language).first().map(variables::names).unwrap_or_default()
            }
            Purpose::Letter => ["body", "name", "to_office"].map(String::from).to_vec(),
            Purpose::HtmlLetter => ["blocks", "name", "subject", "to_office"].map(String::from).to_vec(),
        };
        let unknown: Vec<_> = set.names(file).into_iter().filter(|name| !known.contains(name)).collect();
        for name in &unknown {
            let at = free(&self.files[file], name);
            let known = known.join(", ");
            self.wrong(
                file.to_owned(),
                at,
                "UNKNOWN_VARIABLE",
                format!("nothing is called {name} here; expected one of {known}"),
                format!("không có biến nào tên là {name}; ở đây chỉ có {known}"),
            );
        }
        unknown.is_empty()
    }

    fn message(&mut self, set: &Set, file: &str, language: Language, notice: Notice) {
        for (number, told) in (1..).zip(self.told(notice, language)) {
            let subject = match set.subject(notice, language, &told) {
                Ok(subject) => subject,
                Err(error) => return self.faults.push(failing(file, &error, Some(number))),
            };
            if subject.contains(char::is_control) {
                let source = self.files[file].lines().next().unwrap_or_default().to_owned();
                let at = place(&source, with_lines(&source, &told));
                return self.faults.push(two_lines(file, at));
            }
            if let Err(error) = set.message(notice, language, &told) {
                return self.faults.push(failing(file, &error, Some(number)));
            }
        }
    }

    fn text_message(
        &mut self,
        set: &Set,
        file: &str,
        language: Language,
        notice: Notice,
        most_parts: u32,
    ) -> Option<Measure> {
        let without_marks = self.renderer.is_without_marks();
        let mut longest: Option<Measure> = None;
        for (number, told) in (1..).zip(self.told(notice, language)) {
            let text = match set.text_message(notice, language, &told) {
                Ok(text) => text,
                Err(error) => {
                    self.faults.push(failing(file, &error, Some(number)));
                    return None;
                }
            };
            let (_, measure) = written(&text, without_marks);
            if longest.is_none_or(|longest| (longest.parts, longest.units) < (measure.parts, measure.units)) {
                longest = Some(measure);
            }
        }
        let Measure { encoding, units, parts } = longest?;
        if parts > usize::try_from(most_parts).unwrap_or(usize::MAX) {
            // Where one letter makes all take twice the room, that is the place.
            let (source, _) = written(&self.files[file], without_marks);
            let at = if encoding == Encoding::Ucs2 { sms::beyond_gsm7(&source) } else { None };
            let encoding = name(encoding);
            self.wrong(
                file.to_owned(),
                place(&source, at.unwrap_or_default()),
                "SMS_TOO_LONG",
                format!("takes {parts} messages ({units} units of {encoding}) with the longest names; expected at most {most_parts}"),
                format!("với tên dài nhất, tin chiếm {parts} tin ({units} đơn vị {encoding}); tối đa {most_parts} tin"),
            );
        }
        longest
    }

    /// A letter brings what it is made for; whether nothing is wrong with it.
    fn letter(
        &mut self,
        set: &Set,
        file: &str,
        language: Language,
        purpose: Purpose,
        to: Greeted<'_>,
    ) -> bool {
        let body = samples::BODY;
        let written = match purpose {
            Purpose::HtmlLetter => set.html(language, to, "…", body),
            _ => set.letter(language, to, body),
        };
        let text = match written {
            Ok(text) => text,
            Err(error) => {
                self.faults.push(failing(file, &error, None));
                return false;
            }
        };
        // Word by word: what stands between them is the layout's.
        let mut rest = text.as_str();
        let all = body.split(|character: char| !character.is_alphanumeric()).all(|word| {
            let found = rest.find(word).map(|at| rest = &rest[at + word.len()..]);
            found.is_some()
        });
        if !all {
            self.wrong(
                file.to_owned(),
                (1, 1),
                "LETTER_WITHOUT_BODY",
                "expected to say all of the notice, in its order".to_owned(),
                "thư phải chứa toàn bộ nội dung thông báo, theo đúng thứ tự".to_owned(),
            );
        }
        all
    }

    fn wrong(
        &mut self,
        file: String,
        (line, column): (usize, usize),
        reason: &'static str,
        expected: String,
        in_vietnamese: String,
    ) {
        self.faults.push(Fault { file, line, column, reason, expected, in_vietnamese });
    }

    fn verdict(&mut self) -> Result<(), Rejection> {
        match std::mem::take(&mut self.faults) {
            none if none.is_empty() => Ok(()),
            faults => Err(refusal(faults)),
        }
    }
}

/// `gsm7`, `ucs2`.
pub(crate) fn name(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Gsm7 => "gsm7",
        Encoding::Ucs2 => "ucs2",
    }
}

/// All faults in one refusal, `files["vi/case_opened.txt"]:7:12`.
fn refusal(mut faults: Vec<Fault>) -> Rejection {
    faults.sort();
    let faults = faults.into_iter().map(|Fault { file, line, column, reason, expected, in_vietnamese }| {
        let field = match line {
            0 => format!("files[\"{file}\"]"),
            _ => format!("files[\"{file}\"]:{line}:{column}"),
        };
        Rejection::invalid(reason, &field, expected).in_vietnamese(in_vietnamese)
    });
    all_in_one(faults.collect())
}

fn cannot_be_read(Unreadable { file, source, in_subject, error }: Unreadable) -> Fault {
    if in_subject {
        // What begins in the first line ends in another.
        return two_lines(&file, (1, 1));
    }
    let (line, column) = at(&error, &source);
    let why = in_words(&error);
    Fault {
        file,
        line,
        column,
        reason: "MALFORMED_TEMPLATE",
        expected: format!("cannot be read: {why}"),
        in_vietnamese: format!("không đọc được mẫu: {why}"),
    }
}

fn two_lines(file: &str, (line, column): (usize, usize)) -> Fault {
    Fault {
        file: file.to_owned(),
        line,
        column,
        reason: "SUBJECT_NOT_ONE_LINE",
        expected: "expected the subject to be one line, the first, for itself".to_owned(),
        in_vietnamese: "tiêu đề phải là một dòng trọn vẹn, dòng đầu tiên".to_owned(),
    }
}

/// What fails while it is tried, or shown.
fn failing(file: &str, error: &Error, sample: Option<usize>) -> Fault {
    let (line, column) = at(error, error.template_source().unwrap_or_default());
    let why = in_words(error);
    let (with, voi) = match sample {
        Some(number) => (format!(" with sample {number}"), format!(" với ví dụ {number}")),
        None => (String::new(), String::new()),
    };
    Fault {
        file: file.to_owned(),
        line,
        column,
        reason: "TEMPLATE_FAILS",
        expected: format!("fails{with}: {why}"),
        in_vietnamese: format!("mẫu bị lỗi{voi}: {why}"),
    }
}

/// In one line.
fn in_words(error: &Error) -> String {
    match error.detail() {
        Some(detail) => format!("{} ({})", error.kind(), detail.replace(char::is_control, " ")),
        None => error.kind().to_string(),
    }
}

/// Where an error stands; the first place of the file where it does not say.
fn at(error: &Error, source: &str) -> (usize, usize) {
    match (error.range(), error.line()) {
        (Some(range), _) => place(source, range.start),
        (None, Some(line)) => (line, 1),
        (None, None) => (1, 1),
    }
}

/// Line and column, from 1, of the byte at this place.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// Where a template first uses a name that it does not make itself. From the last place where the name stands to the first,
/// each is taken out, but those that make it; the one with which it is no longer unknown was the first.
fn free(source: &str, name: &str) -> (usize, usize) {
    let environment = Environment::new();
    let places: Vec<usize> = words(source, name).collect();
    let mut left = source.to_owned();
    for at in places.into_iter().rev() {
        let mut without = left.clone();
        without.replace_range(at..at + name.len(), "0");
        let Ok(template) = environment.template_from_str(&without) else { continue };
        if !template.undeclared_variables(false).contains(name) {
            return place(source, at);
        }
        left = without;
    }
    (1, 1)
}

/// Where a word stands by itself.
fn words<'s>(source: &'s str, word: &'s str) -> impl Iterator<Item = usize> + 's {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    source.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let before = source[..*at].chars().next_back();
        let after = source[*at + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// Where a line names what may be several lines.
fn with_lines(line: &str, told: &Value) -> usize {
    let several = variables::names(told).into_iter().filter(|name| {
        let value = told.get_attr(name).unwrap_or_default();
        value.as_str().is_some_and(|text| text.contains('\n'))
            || value.try_iter().is_ok_and(|_| value.as_str().is_none())
    });
    several.filter_map(|name| words(line, &name).next()).min().unwrap_or_default()
}
