//! The files of the catalogue as bare rows, in and out.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Documents, FileError, SCHEMA, Schema,
    amend::line,
    table::{Errors, Table, start_of_field},
};
use crate::catalogue::Row;

/// A file of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CatalogueTable {
    /// `procedures.csv`
    Procedures,
    /// `documents.csv`
    Documents,
    /// `fees.csv`
    Fees,
    /// `steps.csv`
    Steps,
    /// `processes.csv`
    Processes,
    /// `synonyms.csv`
    Synonyms,
    /// `figures.csv`
    Figures,
}

impl CatalogueTable {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Procedures,
        Self::Documents,
        Self::Fees,
        Self::Steps,
        Self::Processes,
        Self::Synonyms,
        Self::Figures,
    ];

    /// The name of the file.
    pub fn file(self) -> &'static str {
        match self {
            Self::Procedures => "procedures.csv",
            Self::Documents => "documents.csv",
            Self::Fees => "fees.csv",
            Self::Steps => "steps.csv",
            Self::Processes => "processes.csv",
            Self::Synonyms => "synonyms.csv",
            Self::Figures => "figures.csv",
        }
    }

    /// Whether the catalogue has a file of this name: one of these, or a form.
    pub fn is_file(name: &str) -> bool {
        Self::ALL.iter().any(|table| table.file() == name) || super::dossier::is_form(name)
    }

    fn schema(self) -> Option<&'static Schema> {
        SCHEMA.iter().find(|schema| schema.file == self.file())
    }

    /// All columns that it may have.
    pub fn columns(self) -> impl Iterator<Item = &'static str> {
        self.schema().into_iter().flat_map(|schema| schema.columns.iter().chain(schema.optional)).copied()
    }

    /// The columns by which its rows are known.
    pub fn keys(self) -> &'static [&'static str] {
        self.schema().map_or(&[], |schema| schema.keys)
    }

    /// The key of a row within its procedure.
    pub(crate) fn key(self, row: &Row) -> Vec<String> {
        self.keys().iter().map(|key| row.get(*key).cloned().unwrap_or_default()).collect()
    }
}

/// The rows of those files that are there.
pub(crate) fn rows(documents: &Documents) -> Result<BTreeMap<CatalogueTable, Vec<Row>>, Vec<FileError>> {
    let errors = Errors::default();
    let mut all = BTreeMap::<_, Vec<Row>>::new();
    for table in CatalogueTable::ALL {
        let Some(schema) = table.schema().filter(|_| documents.0.contains_key(table.file())) else {
            continue;
        };
        // Of a part of a province, all columns may be left out but the one that says what a row is about.
        let needed = schema.keys.split_at(1).0;
        let read = Table::read(documents, &Schema { needed, ..*schema }, &errors);
        let cells = |row: super::table::Row<'_>| {
            read.columns().map(|column| (column.to_owned(), row.text(column).to_owned())).collect()
        };
        let rows = read.rows().map(cells).collect();
        all.insert(table, rows);
    }
    match errors.take_sorted() {
        errors if errors.is_empty() => Ok(all),
        errors => Err(errors),
    }
}

/// The same errors, each with the row and the column that it is about: whoever had rows put into these documents has no such file, and
/// would look for its lines in vain.
pub fn about_rows(documents: &Documents, errors: Vec<FileError>) -> Vec<FileError> {
    errors.into_iter().map(|error| about_row(documents, &error).unwrap_or(error)).collect()
}

fn about_row(documents: &Documents, error: &FileError) -> Option<FileError> {
    let table = CatalogueTable::ALL.into_iter().find(|table| table.file() == error.file)?;
    let text = str::from_utf8(documents.0.get(table.file())?).ok()?.trim_start_matches('\u{feff}');
    let cells = |line: &str| -> Option<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
        Some(reader.records().next()?.ok()?.iter().map(str::to_owned).collect())
    };
    let line = text.lines().nth(usize::try_from(error.line).ok()?.checked_sub(1)?)?;
    let (header, row) = (cells(text.lines().find(|line| !line.is_empty())?)?, cells(line)?);
    let of =
        |key: &&str| row.get(header.iter().position(|column| column == key)?).filter(|cell| !cell.is_empty());
    let key: Vec<_> = table.keys().iter().filter_map(of).map(String::as_str).collect();
    // The field that begins there.
    let at = usize::try_from(error.column).ok()?.saturating_sub(1);
    let start: usize = line.char_indices().nth(at).map_or(line.len(), |(start, _)| start);
    let column = (0..header.len()).find(|index| start_of_field(line, *index) == start && error.column > 0);
    let column = column.and_then(|index| header.get(index)).map(|column| format!(", {column}"));
    let about = format!("{}{}", key.join(" "), column.unwrap_or_default());
    Some(FileError { expected: format!("{} ({about})", error.expected), ..error.clone() })
}

/// Gives a file those of these columns that it lacks, with empty cells; answers all that it has then. Of a file that is not there, these
/// and its keys.
pub(crate) fn widen(
    documents: &mut Documents,
    table: CatalogueTable,
    columns: &BTreeSet<&str>,
) -> Vec<String> {
    let Some(content) = documents.0.get_mut(table.file()) else {
        let wanted =
            table.columns().filter(|column| columns.contains(column) || table.keys().contains(column));
        return wanted.map(str::to_owned).collect();
    };
    let text = String::from_utf8_lossy(content).into_owned();
    let is_empty = |line: &str| line.trim_end_matches(['\r', '\n']).is_empty();
    let header = text.lines().find(|line| !is_empty(line)).unwrap_or_default();
    let header = header.trim_start_matches('\u{feff}').trim_end_matches('\r');
    let mut present: Vec<String> =
        header.split(',').map(|column| column.trim_matches('"').to_owned()).collect();
    let missing: Vec<&str> = table
        .columns()
        .filter(|column| columns.contains(column) && !present.iter().any(|own| own == column))
        .collect();
    if missing.is_empty() {
        return present;
    }
    let mut wider = String::with_capacity(text.len() * 2);
    let mut more = missing.iter().map(|column| format!(",{column}")).collect::<String>();
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\r', '\n']);
        wider.push_str(bare);
        if !is_empty(line) {
            wider.push_str(&more);
            more = ",".repeat(missing.len());
        }
        wider.push_str(&line[bare.len()..]);
    }
    *content = wider.into_bytes();
    present.extend(missing.into_iter().map(str::to_owned));
    present
}

/// A file with these columns and rows.
pub(crate) fn written(columns: &[String], rows: &[Row]) -> Vec<u8> {
    let mut text = line(columns.iter().map(String::as_str));
    text.push('\n');
    for row in rows {
        text.push_str(&line(columns.iter().map(|column| row.get(column).map_or("", String::as_str))));
        text.push('\n');
    }
    text.into_bytes()
}
