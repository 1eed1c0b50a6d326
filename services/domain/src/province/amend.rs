//! Rows that are put into the documents of a province or taken out of them, by their keys. All other rows stay as
//! they are and where they are.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Documents, Province, SCHEMA, Schema, dossier, malformed,
    table::{Errors, Row, Table},
};
use crate::rejection::Rejection;

/// The values of a row's key columns.
type Key<'a> = Vec<&'a str>;

impl Documents {
    /// The documents with the rows of `put` in place of those with the same keys, or behind all others, and
    /// without those whose keys `removed` names. The files of `put` have the columns of those that they amend;
    /// those of `removed` have their key columns alone. A key that is not there is removed already. A form is put or
    /// removed whole, whatever content it is removed with. Whether it makes a province, [`Province::parse`] has to say.
    ///
    /// # Errors
    ///
    /// Every wrong place in `put` and `removed`, as for documents.
    pub fn amended(&self, put: &Self, removed: &Self) -> Result<Self, Rejection> {
        let errors = Errors::default();
        for name in put.0.keys().chain(removed.0.keys()) {
            if !Province::reads(name) {
                let files = Province::FILES.join(", ");
                errors.add(name, || (1, 0), format!("one of the files {files}, or a form_<name>.json"));
            }
        }
        let mut amended = self.clone();
        amended.0.retain(|name, _| !dossier::is_form(name) || !removed.0.contains_key(name));
        let forms = put.0.iter().filter(|(name, _)| dossier::is_form(name));
        amended.0.extend(forms.map(|(name, content)| (name.clone(), content.clone())));
        for schema in &SCHEMA {
            let keys_alone = Schema { columns: schema.keys, needed: schema.keys, optional: &[], ..*schema };
            let put = put.0.contains_key(schema.file).then(|| Table::read(put, schema, &errors));
            let removed =
                removed.0.contains_key(schema.file).then(|| Table::read(removed, &keys_alone, &errors));
            if put.is_none() && removed.is_none() {
                continue;
            }
            let rows = put.as_ref().map(|put| unique(put, schema.keys)).unwrap_or_default();
            let gone = removed.iter().flat_map(Table::rows).map(|row| key(row, schema.keys)).collect();
            let content = match (self.0.contains_key(schema.file), &put) {
                (true, _) => {
                    let present = Table::read(self, schema, &errors);
                    if let Some(put) = &put
                        && put.is_complete()
                        && BTreeSet::from_iter(put.columns()) != BTreeSet::from_iter(present.columns())
                    {
                        let columns: Vec<_> = present.columns().collect();
                        put.fail(format!("the columns of the active file: {}", columns.join(", ")));
                    }
                    rewritten(&present, schema.keys, rows, &gone)
                }
                (false, Some(put)) => put.text().to_owned(),
                (false, None) => continue,
            };
            amended.0.insert(schema.file.to_owned(), content.into_bytes());
        }
        match errors.take_sorted() {
            errors if errors.is_empty() => Ok(amended),
            errors => Err(malformed("MALFORMED_PROVINCE", &errors)),
        }
    }
}

/// The rows by their keys, with their places in the file.
fn unique<'a>(table: &'a Table<'_>, keys: &[&str]) -> BTreeMap<Key<'a>, (usize, Row<'a>)> {
    let mut rows = BTreeMap::new();
    for (place, row) in table.rows().enumerate() {
        if rows.insert(key(row, keys), (place, row)).is_some()
            && let Some(first) = keys.first()
        {
            row.fail(first, "a key that no line before has");
        }
    }
    rows
}

fn key<'a>(row: Row<'a>, keys: &[&str]) -> Key<'a> {
    keys.iter().map(|column| row.text(column)).collect()
}

/// The text of a file, line by line: every line that is not empty is its header or a row, in this order.
fn rewritten<'a>(
    present: &'a Table<'_>,
    keys: &[&str],
    mut put: BTreeMap<Key<'a>, (usize, Row<'a>)>,
    removed: &BTreeSet<Key<'a>>,
) -> String {
    let mut rows = present.rows();
    let mut text = present.mark().to_owned();
    let mut lines = present.text().split_inclusive('\n');
    let end = if present.text().contains("\r\n") { "\r\n" } else { "\n" };
    for line in lines.by_ref() {
        text.push_str(line);
        if !is_empty(line) {
            break;
        }
    }
    for line in lines {
        let Some(row) = (if is_empty(line) { None } else { rows.next() }) else {
            text.push_str(line);
            continue;
        };
        let own = key(row, keys);
        match put.remove(&own) {
            Some((_, new)) if present.columns().any(|column| new.text(column) != row.text(column)) => {
                text.push_str(&written(present, new));
                text.push_str(end);
            }
            None if removed.contains(&own) => {}
            _ => text.push_str(line),
        }
    }
    let mut behind: Vec<_> = put.into_values().collect();
    behind.sort_by_key(|(place, _)| *place);
    for (_, row) in behind {
        if !text.ends_with('\n') {
            text.push_str(end);
        }
        text.push_str(&written(present, row));
        text.push_str(end);
    }
    text
}

fn is_empty(line: &str) -> bool {
    line.trim_end_matches(['\r', '\n']).is_empty()
}

/// A row in the columns of a file, without the end of the line.
fn written(present: &Table<'_>, row: Row<'_>) -> String {
    line(present.columns().map(|column| row.text(column)))
}

/// Cells as a line of a file, without its end.
pub(super) fn line<'c>(cells: impl Iterator<Item = &'c str>) -> String {
    let cells = cells.map(|cell| match cell.contains([',', '"']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    });
    cells.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests;
