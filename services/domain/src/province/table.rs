//! From bytes to rows, with the position of every cell, so that an error says where it is.

use std::{cell::RefCell, collections::BTreeSet, fmt::Display, ops::RangeInclusive, str::FromStr};

use csv::StringRecord;
use jiff::civil::{Date, Time};

use super::{Documents, FileError, Schema};
use crate::{
    calendar::{END_DAY, FIRST_DAY},
    procedure::Text,
};

/// How many errors are kept: more help nobody.
const MOST: usize = 100;

/// The errors found so far.
#[derive(Default)]
pub(crate) struct Errors(RefCell<Vec<FileError>>);

impl Errors {
    /// Adds one. Where it is, is asked only if it is kept: to find out takes as long as the file is.
    pub(crate) fn add(&self, file: &str, at: impl FnOnce() -> (usize, usize), expected: impl Into<String>) {
        let mut errors = self.0.borrow_mut();
        if errors.len() < MOST {
            let [line, column] = <[usize; 2]>::from(at()).map(|n| u64::try_from(n).unwrap_or(u64::MAX));
            errors.push(FileError { file: file.to_owned(), line, column, expected: expected.into() });
        }
    }

    /// Takes all errors out, in the order of file, line, column.
    pub(crate) fn take_sorted(&self) -> Vec<FileError> {
        let mut errors = self.0.take();
        errors.sort();
        // What is read twice is told once.
        errors.dedup();
        errors
    }
}

/// A file: its header checked, its records of the right length.
pub(crate) struct Table<'a> {
    file: &'static str,
    /// Its byte order mark, or nothing.
    mark: &'a str,
    text: &'a str,
    /// Position in the file of each column that is there.
    columns: Vec<(&'static str, usize)>,
    records: Vec<StringRecord>,
    /// False where rows are missing because they could not be read: then nothing is said of references to
    /// them.
    complete: bool,
    errors: &'a Errors,
}

/// The values of a column, to which other files refer.
pub(crate) struct Values<'a> {
    known: BTreeSet<&'a str>,
    complete: bool,
}

impl Values<'_> {
    /// Whether there is such a value, or might be in the part that could not be read.
    pub(crate) fn contains(&self, value: &str) -> bool {
        !self.complete || self.known.contains(value)
    }
}

impl<'a> Table<'a> {
    /// Reads a file. What is wrong with it goes to `errors`, and the table is then not `complete`.
    pub(crate) fn read(documents: &'a Documents, schema: &Schema, errors: &'a Errors) -> Self {
        let file = schema.file;
        let mut table = Self {
            file,
            mark: "",
            text: "",
            columns: Vec::new(),
            records: Vec::new(),
            complete: false,
            errors,
        };
        match documents.0.get(file) {
            None if schema.may_be_absent => table.complete = true,
            None => errors.add(file, || (1, 0), "this file"),
            Some(bytes) => match str::from_utf8(bytes) {
                Err(error) => {
                    let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
                    errors.add(file, || position(before.trim_start_matches('\u{feff}')), "UTF-8");
                }
                Ok(text) => {
                    let mark = text.len() - text.trim_start_matches('\u{feff}').len();
                    (table.mark, table.text) = text.split_at(mark.min('\u{feff}'.len_utf8()));
                    table.complete = table.has_no_control_characters() && table.parse(schema);
                }
            },
        }
        table
    }

    fn has_no_control_characters(&self) -> bool {
        let is_line_end =
            |at: usize| self.text[at..].starts_with("\r\n") || self.text[at..].starts_with('\n');
        let mut clean = true;
        for (at, _) in self.text.char_indices().filter(|(at, c)| c.is_control() && !is_line_end(*at)) {
            self.errors.add(self.file, || position(&self.text[..at]), "no control character");
            clean = false;
        }
        clean
    }

    /// Splits the text into records; false when header or some record is not as it should be.
    fn parse(&mut self, schema: &Schema) -> bool {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(self.text.as_bytes());
        // The text is UTF-8 and the reader flexible: no record can fail.
        let mut records = reader.records().map_while(Result::ok);
        let Some(header) = records.next() else {
            self.errors.add(self.file, || (1, 0), "a header line");
            return false;
        };
        if !self.has_header(&header, schema) {
            return false;
        }
        let mut complete = true;
        for record in records {
            let (fields, expected) = (record.len(), header.len());
            let fault = if fields != expected {
                // The first field too many, or the last one that there is.
                let index = if fields > expected { expected } else { fields - 1 };
                Some((index, format!("{expected} fields, not {fields}")))
            } else {
                let broken = record.iter().position(|cell| cell.contains('\n'));
                broken.map(|index| (index, "a field on one line".to_owned()))
            };
            match fault {
                None => self.records.push(record),
                Some((index, expected)) => {
                    self.errors.add(self.file, || self.cell(&record, index), expected);
                    complete = false;
                }
            }
        }
        complete
    }

    fn has_header(&mut self, header: &StringRecord, schema: &Schema) -> bool {
        let known = [schema.columns, schema.optional].concat();
        let mut as_expected = true;
        for (index, name) in header.iter().enumerate() {
            let expected = match known.iter().find(|column| **column == name) {
                None => format!("only the columns {}", known.join(", ")),
                Some(_) if header.iter().take(index).any(|earlier| earlier == name) => {
                    "every column only once".to_owned()
                }
                Some(column) => {
                    self.columns.push((column, index));
                    continue;
                }
            };
            self.errors.add(self.file, || self.cell(header, index), expected);
            as_expected = false;
        }
        for column in schema.needed.iter().filter(|column| !header.iter().any(|name| name == **column)) {
            self.errors.add(self.file, || (1, 0), format!("a column {column}"));
            as_expected = false;
        }
        as_expected
    }

    /// Line and column of a cell.
    fn cell(&self, record: &StringRecord, index: usize) -> (usize, usize) {
        let start = record.position().and_then(|at| usize::try_from(at.byte()).ok()).unwrap_or_default();
        // The reader counts the ends of earlier lines to the record that follows them.
        let record = self.text[start..].trim_start_matches(['\r', '\n']);
        let start = self.text.len() - record.len() + start_of_field(record, index);
        position(&self.text[..start])
    }

    /// An error of the whole file.
    pub(crate) fn fail(&self, expected: impl Into<String>) {
        self.errors.add(self.file, || (1, 0), expected);
    }

    /// Whether every row could be read.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    /// The byte order mark, if it has one.
    pub(crate) fn mark(&self) -> &'a str {
        self.mark
    }

    /// What it was read from, without the byte order mark.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// Its columns in their order.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|(name, _)| *name)
    }

    /// The rows after the header.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.records.iter().map(|record| Row { table: self, record })
    }

    /// The values of a column.
    pub(crate) fn values(&self, column: &str) -> Values<'_> {
        Values { known: self.rows().map(|row| row.text(column)).collect(), complete: self.complete }
    }

    /// The values of a column in which each may stand only once.
    pub(crate) fn unique(&self, column: &str) -> Values<'_> {
        let mut known = BTreeSet::new();
        for row in self.rows() {
            if !known.insert(row.text(column)) {
                row.fail(column, "a value that no line before has");
            }
        }
        Values { known, complete: self.complete }
    }
}

/// A record of a table. What is wrong with a cell goes to the table's errors, and the answer is none.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    table: &'a Table<'a>,
    record: &'a StringRecord,
}

impl<'a> Row<'a> {
    /// Where the column stands; none where it was left out.
    fn index(&self, column: &str) -> Option<usize> {
        self.table.columns.iter().find(|(name, _)| *name == column).map(|(_, index)| *index)
    }

    /// The cell as it stands in the file; empty where the column was left out.
    pub(crate) fn text(&self, column: &str) -> &'a str {
        self.index(column).and_then(|index| self.record.get(index)).unwrap_or_default()
    }

    /// Records that something else was expected in this cell; in the line, where the column was left out.
    pub(crate) fn fail(&self, column: &str, expected: impl Into<String>) {
        let at = || match self.index(column) {
            Some(index) => self.table.cell(self.record, index),
            None => (self.table.cell(self.record, 0).0, 0),
        };
        self.table.errors.add(self.table.file, at, expected);
    }

    /// The cell in the form that `form` knows.
    pub(crate) fn take<T>(&self, column: &str, form: impl Fn(&'a str) -> Result<T, String>) -> Option<T> {
        form(self.text(column)).map_err(|expected| self.fail(column, expected)).ok()
    }

    /// The cell in the form that `form` knows, or nothing where it is empty.
    pub(crate) fn optional<T>(
        &self,
        column: &str,
        form: impl Fn(&'a str) -> Result<T, String>,
    ) -> Option<Option<T>> {
        if self.text(column).is_empty() { Some(None) } else { self.take(column, form).map(Some) }
    }

    /// The first day on which the row is in force, and the first on which it is no longer; either may be empty.
    pub(crate) fn period(&self) -> Option<(Option<Date>, Option<Date>)> {
        let (from, to) = (self.optional("effective_from", date), self.optional("effective_to", date));
        let (from, to) = (from?, to?);
        if from.zip(to).is_some_and(|(from, to)| from >= to) {
            self.fail("effective_to", "a day after effective_from");
            return None;
        }
        Some((from, to))
    }

    /// A value that another file has.
    pub(crate) fn reference(&self, column: &str, values: &Values<'_>, what: &str) -> Option<&'a str> {
        self.take(column, |text| if values.contains(text) { Ok(text) } else { Err(what.to_owned()) })
    }
}

/// A code: letters, digits, `.`, `_`, `-`.
pub(crate) fn code(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    if (1..=64).contains(&text.len()) && text.chars().all(fits) {
        Ok(text.to_owned())
    } else {
        Err("a code of 1 to 64 letters, digits, `.`, `_` or `-`".to_owned())
    }
}

/// A text for people.
pub(crate) fn phrase(text: &str) -> Result<String, String> {
    if !text.is_empty() && text.trim() == text && text.chars().count() <= 2000 {
        Ok(text.to_owned())
    } else {
        Err("a text of 1 to 2000 characters without blanks around it".to_owned())
    }
}

/// A text for people in both languages, in two columns.
pub(crate) fn text(row: Row<'_>, vi: &str, en: &str) -> Option<Text> {
    let (vi, en) = (row.take(vi, phrase), row.take(en, phrase));
    Some(Text { vi: vi?, en: en? })
}

/// A number within bounds.
pub(crate) fn number<T: FromStr + PartialOrd + Display>(
    bounds: RangeInclusive<T>,
) -> impl Fn(&str) -> Result<T, String> {
    move |text| {
        let value = text.parse().ok().filter(|value| bounds.contains(value));
        value.ok_or_else(|| format!("a number from {} to {}", bounds.start(), bounds.end()))
    }
}

/// One of the words, for what it stands.
pub(crate) fn one_of<T: Copy>(words: &[(&str, T)]) -> impl Fn(&str) -> Result<T, String> {
    move |text| {
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        found.ok_or_else(|| {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            format!("one of {}", words.join(", "))
        })
    }
}

/// A date that the calendars cover, as `2026-11-24`.
pub(crate) fn date(text: &str) -> Result<Date, String> {
    let date = text.parse().ok().filter(|date| text.len() == 10 && (FIRST_DAY..END_DAY).contains(date));
    date.ok_or_else(|| format!("a date such as 2026-11-24, from {FIRST_DAY} until before {END_DAY}"))
}

/// A time of the day in whole minutes, as `07:30`.
pub(crate) fn time(text: &str) -> Result<Time, String> {
    let time = text.parse().ok().filter(|_| text.len() == 5 && text.contains(':'));
    time.ok_or_else(|| "a time such as 07:30".to_owned())
}

/// Line and column of the character that follows `before`.
fn position(before: &str) -> (usize, usize) {
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// Offset in bytes at which the field with this index begins in a record.
pub(super) fn start_of_field(record: &str, index: usize) -> usize {
    let (mut commas, mut quoted, mut previous) = (0, false, b',');
    for (at, byte) in record.bytes().enumerate() {
        if commas == index {
            return at;
        }
        match byte {
            b'"' if quoted => quoted = false,
            // At the start of a field, or the second one of a doubled quote.
            b'"' => quoted = previous == b',' || previous == b'"',
            b',' if !quoted => commas += 1,
            _ => {}
        }
        previous = byte;
    }
    record.len()
}
