//! The catalogue as rows: what its files say, cell by cell, so that nothing is lost when it is exported and comes back.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    province::{CatalogueTable, Documents, FileError, Province, malformed, tables},
    rejection::Rejection,
};

/// A row of a file: column to cell. A column that is not there says nothing; an empty cell says that there is nothing.
pub type Row = BTreeMap<String, String>;

/// What the files say of one procedure. What it says of `documents`, `fees`, … is all of them; none: it says nothing of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its row of `procedures.csv`, the first where it has several.
    pub procedure: Row,
    /// Its further rows there, which hold from later days on, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub later: Vec<Row>,
    /// Its rows of `documents.csv`, without the column `procedure`, like the others below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documents: Option<Vec<Row>>,
    /// Its rows of `fees.csv`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fees: Option<Vec<Row>>,
    /// Its rows of `steps.csv`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<Vec<Row>>,
    /// Its rows of `processes.csv`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processes: Option<Vec<Row>>,
}

/// A catalogue, or a part of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    /// In the order of the file.
    pub procedures: Vec<Entry>,
    /// The forms: name to JSON document, as it was written.
    #[serde(default)]
    pub forms: BTreeMap<String, String>,
    /// The rows of `synonyms.csv`; none: nothing is said of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synonyms: Option<Vec<Row>>,
    /// The rows of `figures.csv`; none: nothing is said of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figures: Option<Vec<Row>>,
}

const FROM: &str = "effective_from";
const TO: &str = "effective_to";

/// The first day of a row, as it is written: days are in the order of their texts, and before all of them is what always was.
fn begins(row: &Row) -> &str {
    row.get(FROM).map_or("", String::as_str)
}

/// Whether a row has not ended on a day.
fn is_open(row: &Row, day: Date) -> bool {
    is_later(row.get(TO), &day.to_string())
}

/// Whether a row holds on a day.
fn holds(row: &Row, day: Date) -> bool {
    begins(row) <= day.to_string().as_str() && is_open(row, day)
}

/// Whether an end lies behind a day; what is open does.
fn is_later(end: Option<&String>, day: &str) -> bool {
    end.is_none_or(|end| end.is_empty() || end.as_str() > day)
}

impl Entry {
    /// Its code; empty where it has none.
    pub fn code(&self) -> &str {
        self.procedure.get("code").map_or("", String::as_str)
    }

    /// Its rows of `procedures.csv`, in the order of their days.
    fn lines(&self) -> impl Iterator<Item = &Row> {
        std::iter::once(&self.procedure).chain(&self.later)
    }

    /// What it says on a day: its line of that day – where none holds then, the one that will next, or else held last – and of documents
    /// and fees those of that day.
    pub(super) fn on(&self, day: Date) -> Self {
        let line = self.lines().find(|row| is_open(row, day)).or_else(|| self.lines().last());
        let of_day = |rows: &Option<Vec<Row>>| {
            rows.as_ref().map(|rows| rows.iter().filter(|row| holds(row, day)).cloned().collect())
        };
        Self {
            procedure: line.unwrap_or(&self.procedure).clone(),
            later: Vec::new(),
            documents: of_day(&self.documents),
            fees: of_day(&self.fees),
            steps: self.steps.clone(),
            processes: self.processes.clone(),
        }
    }

    fn part_mut(&mut self, table: CatalogueTable) -> Option<&mut Option<Vec<Row>>> {
        match table {
            CatalogueTable::Documents => Some(&mut self.documents),
            CatalogueTable::Fees => Some(&mut self.fees),
            CatalogueTable::Steps => Some(&mut self.steps),
            CatalogueTable::Processes => Some(&mut self.processes),
            CatalogueTable::Procedures | CatalogueTable::Synonyms | CatalogueTable::Figures => None,
        }
    }

    /// Puts the lines of `stated` over these: each over the one that begins on the same day; the only one, where it does not say on which
    /// day it begins. One that begins on a day on which none begins takes over on that day from the one that holds then, and says what
    /// that one says beside what it states itself.
    ///
    /// # Errors
    ///
    /// What is expected of `effective_from`, where two begin on the same day, or it is not clear which is meant.
    fn put_lines(&mut self, stated: &Self, is_known: bool) -> Result<(), &'static str> {
        let mut days = BTreeSet::new();
        if !stated.lines().all(|row| days.insert(begins(row))) {
            return Err("another day for each line of a procedure");
        }
        if !is_known {
            (self.procedure, self.later) = (stated.procedure.clone(), stated.later.clone());
            return Ok(());
        }
        let mut lines: Vec<Row> = self.lines().cloned().collect();
        for row in stated.lines() {
            let same = match row.get(FROM) {
                None if lines.len() > 1 => {
                    return Err("the first day of the line that is meant: this procedure has several");
                }
                None => Some(0),
                Some(from) => lines.iter().position(|line| begins(line) == from),
            };
            if let Some(same) = same.and_then(|place| lines.get_mut(place)) {
                same.extend(row.clone());
                continue;
            }
            let from = begins(row);
            let place = lines.iter().take_while(|line| begins(line) < from).count();
            let new = match place.checked_sub(1).and_then(|place| lines.get_mut(place)) {
                Some(before) => {
                    let mut new = before.clone();
                    if is_later(before.get(TO), from) {
                        before.insert(TO.to_owned(), from.to_owned());
                    } else {
                        let next = lines.get(place).map_or("", begins).to_owned();
                        new.insert(TO.to_owned(), next);
                    }
                    new
                }
                None => {
                    let mut new = self.procedure.clone();
                    new.insert(TO.to_owned(), begins(&self.procedure).to_owned());
                    new
                }
            };
            lines.insert(place, new.into_iter().chain(row.clone()).collect());
        }
        let mut lines = lines.into_iter();
        self.procedure = lines.next().unwrap_or_default();
        self.later = lines.collect();
        Ok(())
    }

    /// The rows of documents or fees that stand for a part on another day than this one.
    pub(super) fn other_days(rows: &Option<Vec<Row>>, day: Date) -> impl Iterator<Item = &Row> {
        rows.iter().flatten().filter(move |row| !holds(row, day))
    }

    fn sort(&mut self) {
        if self.later.is_empty() {
            return;
        }
        self.later.push(std::mem::take(&mut self.procedure));
        self.later.sort_by(|one, other| begins(one).cmp(begins(other)));
        self.procedure = self.later.remove(0);
    }

    fn part(&self, table: CatalogueTable) -> Option<&Vec<Row>> {
        match table {
            CatalogueTable::Documents => self.documents.as_ref(),
            CatalogueTable::Fees => self.fees.as_ref(),
            CatalogueTable::Steps => self.steps.as_ref(),
            CatalogueTable::Processes => self.processes.as_ref(),
            CatalogueTable::Procedures | CatalogueTable::Synonyms | CatalogueTable::Figures => None,
        }
    }
}

impl Catalogue {
    /// What these documents say, those of a province or some of them. A procedure without a row in a file says nothing of what stands
    /// there.
    ///
    /// # Errors
    ///
    /// What is wrong with the files as tables; what their cells mean is not looked at.
    pub fn of(documents: &Documents) -> Result<Self, Vec<FileError>> {
        let mut read = tables::rows(documents)?;
        let mut catalogue = Self::default();
        let mut places = BTreeMap::new();
        let mut place = |catalogue: &mut Self, code: &str| {
            *places.entry(code.to_owned()).or_insert_with(|| {
                let procedure = Row::from([("code".to_owned(), code.to_owned())]);
                catalogue.procedures.push(Entry { procedure, ..Entry::default() });
                catalogue.procedures.len() - 1
            })
        };
        for row in read.remove(&CatalogueTable::Procedures).into_iter().flatten() {
            let code = row.get("code").cloned().unwrap_or_default();
            let known = catalogue.procedures.len();
            let at = place(&mut catalogue, &code);
            if let Some(entry) = catalogue.procedures.get_mut(at) {
                match at < known {
                    false => entry.procedure = row,
                    true => entry.later.push(row),
                }
            }
        }
        for entry in &mut catalogue.procedures {
            entry.sort();
        }
        catalogue.synonyms = read.remove(&CatalogueTable::Synonyms);
        catalogue.figures = read.remove(&CatalogueTable::Figures);
        for (table, rows) in read {
            for mut row in rows {
                let code = row.remove("procedure").unwrap_or_default();
                let at = place(&mut catalogue, &code);
                let entry = catalogue.procedures.get_mut(at);
                if let Some(part) = entry.and_then(|entry| entry.part_mut(table)) {
                    part.get_or_insert_default().push(row);
                }
            }
        }
        for (file, content) in documents.in_order().filter(|(file, _)| Province::reads(file)) {
            let Some(name) = file.strip_prefix("form_").and_then(|rest| rest.strip_suffix(".json")) else {
                continue;
            };
            let text = String::from_utf8(content.to_vec()).map_err(|_| {
                let (file, expected) = (file.to_owned(), "UTF-8".to_owned());
                vec![FileError { file, line: 1, column: 0, expected }]
            })?;
            catalogue.forms.insert(name.to_owned(), text);
        }
        Ok(catalogue)
    }

    /// The documents of a province with what is said here in place of what they say of the same procedures: the cells that are stated,
    /// all others as they are, and of documents, fees, steps and decisions those that are stated and no others. `steps_as` names the
    /// procedure whose steps are taken over by those that have none.
    ///
    /// # Errors
    ///
    /// Every column that no such file has, every row whose key is there twice, a procedure without steps, and what is wrong with the
    /// documents; whether it all makes a province, [`Province::parse`] has to say.
    pub fn put_into(&self, active: &Documents, steps_as: Option<&str>) -> Result<Documents, Rejection> {
        let current = Self::of(active).map_err(|errors| malformed("MALFORMED_PROVINCE", &errors))?;
        let merged = self.over(&current, steps_as)?;
        let mut put = BTreeMap::new();
        let mut removed = BTreeMap::new();
        let mut widened = active.clone();
        for table in CatalogueTable::ALL {
            let rows = merged.rows_of(table);
            let columns: BTreeSet<&str> =
                rows.iter().flat_map(|row| row.keys().map(String::as_str)).collect();
            if rows.is_empty() {
                continue;
            }
            let stray = columns.iter().find(|column| !table.columns().any(|known| known == **column));
            if let Some(stray) = stray {
                let expected = format!("only the columns {}", table.columns().collect::<Vec<_>>().join(", "));
                return Err(Rejection::invalid(
                    "UNKNOWN_COLUMN",
                    &format!("{}:{stray}", table.file()),
                    expected,
                ));
            }
            let columns = tables::widen(&mut widened, table, &columns);
            put.insert(table.file().to_owned(), tables::written(&columns, &rows));
        }
        for table in CatalogueTable::ALL {
            let kept: BTreeSet<Vec<String>> =
                merged.rows_of(table).iter().map(|row| table.key(row)).collect();
            let touched: BTreeSet<&str> = merged.procedures.iter().map(Entry::code).collect();
            let gone: Vec<Row> = current
                .rows_of(table)
                .into_iter()
                .filter(|row| match table {
                    CatalogueTable::Procedures => false,
                    CatalogueTable::Synonyms => self.synonyms.is_some(),
                    CatalogueTable::Figures => self.figures.is_some(),
                    _ => row.get("procedure").is_some_and(|code| touched.contains(code.as_str())),
                })
                .filter(|row| !kept.contains(&table.key(row)))
                .map(|row| {
                    table
                        .keys()
                        .iter()
                        .map(|key| ((*key).to_owned(), row.get(*key).cloned().unwrap_or_default()))
                        .collect()
                })
                .collect();
            if !gone.is_empty() {
                let keys: Vec<String> = table.keys().iter().map(|key| (*key).to_owned()).collect();
                removed.insert(table.file().to_owned(), tables::written(&keys, &gone));
            }
        }
        let forms =
            self.forms.iter().map(|(name, text)| (format!("form_{name}.json"), text.clone().into_bytes()));
        put.extend(forms);
        widened.amended(&Documents(put), &Documents(removed))
    }

    /// What is said here over what `current` says: of the procedures that are named here.
    fn over(&self, current: &Self, steps_as: Option<&str>) -> Result<Self, Rejection> {
        let known: BTreeMap<&str, &Entry> =
            current.procedures.iter().map(|entry| (entry.code(), entry)).collect();
        let model = match steps_as {
            None => None,
            Some(code) => {
                let model = known.get(code).and_then(|entry| entry.steps.clone());
                let model = model.filter(|steps| !steps.is_empty());
                Some(model.ok_or_else(|| {
                    Rejection::invalid(
                        "UNKNOWN_PROCEDURE",
                        "steps_as",
                        "no procedure of the catalogue has this code and steps",
                    )
                })?)
            }
        };
        let mut merged = Self {
            procedures: Vec::new(),
            forms: self.forms.clone(),
            synonyms: self.synonyms.clone(),
            figures: self.figures.clone(),
        };
        let mut seen = BTreeSet::new();
        for (index, entry) in self.procedures.iter().enumerate() {
            let place = format!("procedures[{index}]");
            if entry.code().is_empty() {
                return Err(Rejection::invalid(
                    "MISSING_FIELD",
                    &format!("{place}.procedure.code"),
                    "is required",
                ));
            }
            if !seen.insert(entry.code()) {
                let expected = "a code that none before has";
                return Err(Rejection::invalid("DUPLICATE", &format!("{place}.procedure.code"), expected)
                    .with("procedure", entry.code()));
            }
            let before = known.get(entry.code());
            let mut after = before.map(|before| (*before).clone()).unwrap_or_default();
            after.put_lines(entry, before.is_some()).map_err(|expected| {
                Rejection::invalid("DUPLICATE", &format!("{place}.procedure.effective_from"), expected)
                    .with("procedure", entry.code())
            })?;
            for table in [
                CatalogueTable::Documents,
                CatalogueTable::Fees,
                CatalogueTable::Steps,
                CatalogueTable::Processes,
            ] {
                let Some(rows) = entry.part(table) else { continue };
                let old = before.and_then(|before| before.part(table));
                let rows = rows.iter().map(|row| {
                    // What the row does not say is as it was.
                    let same = old.into_iter().flatten().find(|old| table.key(old) == table.key(row));
                    let mut all = same.cloned().unwrap_or_default();
                    all.extend(row.clone());
                    all
                });
                let rows = rows.collect();
                if let Some(part) = after.part_mut(table) {
                    *part = Some(rows);
                }
            }
            if after.steps.as_ref().is_none_or(Vec::is_empty) {
                after.steps = model.clone();
            }
            if after.steps.as_ref().is_none_or(Vec::is_empty) {
                let expected = "steps of its own, or a procedure whose steps it takes over (steps_as)";
                return Err(Rejection::invalid("NO_STEPS", &format!("{place}.steps"), expected)
                    .with("procedure", entry.code()));
            }
            merged.procedures.push(after);
        }
        Ok(merged)
    }

    /// The rows of a file, in the order of the procedures.
    pub fn rows_of(&self, table: CatalogueTable) -> Vec<Row> {
        match table {
            CatalogueTable::Procedures => self.procedures.iter().flat_map(Entry::lines).cloned().collect(),
            CatalogueTable::Synonyms => self.synonyms.clone().unwrap_or_default(),
            CatalogueTable::Figures => self.figures.clone().unwrap_or_default(),
            _ => {
                let rows = self.procedures.iter().flat_map(|entry| {
                    entry.part(table).into_iter().flatten().map(|row| {
                        let mut row = row.clone();
                        row.insert("procedure".to_owned(), entry.code().to_owned());
                        row
                    })
                });
                rows.collect()
            }
        }
    }

    /// The files that say the same, each with all columns that some row of it has.
    pub fn documents(&self) -> Documents {
        let mut files = BTreeMap::new();
        for table in CatalogueTable::ALL {
            let rows = self.rows_of(table);
            let columns: BTreeSet<&str> =
                rows.iter().flat_map(|row| row.keys().map(String::as_str)).collect();
            let columns: Vec<String> =
                table.columns().filter(|column| columns.contains(column)).map(str::to_owned).collect();
            if !rows.is_empty() {
                files.insert(table.file().to_owned(), tables::written(&columns, &rows));
            }
        }
        let forms =
            self.forms.iter().map(|(name, text)| (format!("form_{name}.json"), text.clone().into_bytes()));
        files.extend(forms);
        Documents(files)
    }

    /// What it says on a day ([`Entry::on`]), all else as it is.
    #[must_use]
    pub fn on(&self, day: Date) -> Self {
        let procedures = self.procedures.iter().map(|entry| entry.on(day)).collect();
        Self { procedures, ..self.clone() }
    }

    /// How many procedures say of themselves, in `basis`, that they are synthetic.
    pub fn synthetic(&self) -> usize {
        let says = |entry: &&Entry| {
            entry.procedure.get("basis").is_some_and(|basis| basis.to_lowercase().contains("synthetic"))
        };
        self.procedures.iter().filter(says).count()
    }
}

#[cfg(test)]
mod tests;
