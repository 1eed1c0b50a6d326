//! The catalogue as rows: what its files say, cell by cell, so that nothing is lost when it is exported and comes back.

use std::collections::{BTreeMap, BTreeSet};

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
    /// Its row of `procedures.csv`.
    pub procedure: Row,
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

impl Entry {
    /// Its code; empty where it has none.
    pub fn code(&self) -> &str {
        self.procedure.get("code").map_or("", String::as_str)
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
            let at = place(&mut catalogue, &code);
            if let Some(entry) = catalogue.procedures.get_mut(at) {
                entry.procedure = row;
            }
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
        let forms = documents.in_order().filter_map(|(file, content)| {
            let name = file.strip_prefix("form_")?.strip_suffix(".json").filter(|_| Province::reads(file))?;
            Some((name.to_owned(), String::from_utf8(content.to_vec()).ok()?))
        });
        catalogue.forms = forms.collect();
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
                return Err(Rejection::invalid("DUPLICATE", &format!("{place}.procedure.code"), expected));
            }
            let before = known.get(entry.code());
            let mut after = before.map(|before| (*before).clone()).unwrap_or_default();
            after.procedure.extend(entry.procedure.clone());
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
            CatalogueTable::Procedures => {
                self.procedures.iter().map(|entry| entry.procedure.clone()).collect()
            }
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
