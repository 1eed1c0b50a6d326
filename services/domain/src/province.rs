//! A whole province read from its documents: the CSV files that `deploy/province/<name>/` holds.
//!
//! Reading does no I/O: it takes bytes, and either gives a province of which every reference is known to
//! hold, or says of every wrong place which file, line and column it is and what was expected there.
//!
//! - `table`: bytes to rows, and the position of every cell; `tables`: the files of the catalogue as bare rows
//! - `units`, `catalogue`, `dossier`, `steps`, `processes`, `people`, `hours`: rows to facts, one file of code per subject; `ways`: what is
//!   wrong with the ways through a process
//! - `office`: the hours alone; `lines`: what holds of a procedure on a day
//! - `amend`: rows put into the documents or taken out of them; `difference`: what one version changed from another

mod amend;
mod catalogue;
mod difference;
mod dossier;
mod hours;
mod lines;
mod office;
mod people;
mod processes;
mod steps;
pub(crate) mod table;
pub(crate) mod tables;
mod units;
mod ways;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::OnceLock,
};

use jiff::civil::Date;

use crate::{
    calendar::{CapacityCalendar, LegalClock},
    catalogue::search::{Hit, Index, Synonym},
    id::{OfficerId, UnitId},
    officer::Officer,
    procedure::{CompetenceKey, Procedure, Step, Text},
    rejection::{Kind, Rejection},
    unit::Unit,
};
pub use difference::FileChange;
pub use dossier::Figure;
pub use lines::Procedures;
pub use office::Office;
use table::{Errors, Table};
pub use tables::{CatalogueTable, about_rows};
pub use units::Letterbox;

/// A file and its columns, which may stand in any order.
#[derive(Clone, Copy)]
pub(crate) struct Schema {
    file: &'static str,
    /// The columns by which its rows are known, each row alone.
    keys: &'static [&'static str],
    /// Whether a province may do without it.
    may_be_absent: bool,
    columns: &'static [&'static str],
    /// Those of them that have to be there.
    needed: &'static [&'static str],
    /// Columns that may be left out: their cells are empty then.
    optional: &'static [&'static str],
}

/// A file that every province has, without optional columns.
pub(crate) const fn required(
    file: &'static str,
    keys: &'static [&'static str],
    columns: &'static [&'static str],
) -> Schema {
    Schema { file, keys, may_be_absent: false, columns, needed: columns, optional: &[] }
}

const SCHEMA: [Schema; 16] = [
    required("province.csv", &["key"], &["key", "value", "basis"]),
    Schema {
        optional: &units::OPTIONAL_COLUMNS,
        ..required(
            "units.csv",
            &["code"],
            &["code", "kind", "name_vi", "name_en", "cluster", "latitude", "longitude", "neighbours"],
        )
    },
    required(
        "unit_history.csv",
        &["former_code", "successor_code"],
        &["former_code", "former_name", "successor_code"],
    ),
    required("legal_calendar.csv", &["date"], &["date", "kind", "name_vi", "name_en", "basis"]),
    required("working_hours.csv", &["weekday", "opens"], &["weekday", "opens", "closes"]),
    Schema {
        optional: &catalogue::OPTIONAL_COLUMNS,
        ..required("procedures.csv", &["code", "effective_from"], &catalogue::COLUMNS)
    },
    Schema {
        optional: &steps::OPTIONAL_COLUMNS,
        ..required("steps.csv", &["procedure", "step", "effective_from"], &steps::COLUMNS)
    },
    Schema {
        may_be_absent: true,
        optional: &processes::OPTIONAL_COLUMNS,
        ..required("processes.csv", &["procedure", "effective_from"], &processes::COLUMNS)
    },
    Schema {
        may_be_absent: true,
        optional: &dossier::DOCUMENT_OPTIONAL,
        ..required("documents.csv", &["procedure", "part", "effective_from"], &dossier::DOCUMENT_COLUMNS)
    },
    Schema {
        may_be_absent: true,
        optional: &dossier::FEE_OPTIONAL,
        ..required("fees.csv", &["procedure", "fee", "effective_from"], &dossier::FEE_COLUMNS)
    },
    Schema { may_be_absent: true, ..required("synonyms.csv", &["word", "means"], &["word", "means"]) },
    Schema { may_be_absent: true, ..required("figures.csv", &["figure"], &dossier::FIGURE_COLUMNS) },
    Schema { may_be_absent: true, ..required("lists.csv", &["list", "unit"], &["list", "unit"]) },
    required("officers.csv", &["code"], &["code", "unit", "name"]),
    required("competencies.csv", &["officer", "field"], &["officer", "field", "level"]),
    required("capacity.csv", &["unit", "date", "opens"], &["unit", "date", "opens", "closes", "reason"]),
];

/// The files of a province: name to content.
#[derive(Clone, PartialEq, Eq)]
pub struct Documents(pub BTreeMap<String, Vec<u8>>);

impl Documents {
    /// Name and content of every file in the order of the names, always the same: the order in which a
    /// digest of the documents takes them.
    pub fn in_order(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, content)| (name.as_str(), content.as_slice()))
    }
}

/// Names and sizes in bytes; never the content, which names people.
impl fmt::Debug for Documents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.in_order().map(|(name, content)| (name, content.len()))).finish()
    }
}

/// One wrong place in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileError {
    /// Name of the file.
    pub file: String,
    /// Line, from 1; 1 where the whole file is meant.
    pub line: u64,
    /// Column of the field's first character (an opening quote counts) from 1, in characters; 0 where the
    /// whole line or file is meant.
    pub column: u64,
    /// What was expected there, without what was found (it may name a person).
    pub expected: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: expected {}", self.file, self.line, self.column, self.expected)
    }
}

impl std::error::Error for FileError {}

/// The reference facts of one province. Every reference between them holds.
#[derive(Clone, Debug)]
pub struct Province {
    /// GSO code, e.g. `37`.
    pub code: String,
    /// Name in both languages.
    pub name: Text,
    /// Level-1 agency code, with which dossier codes begin, e.g. `H42`.
    pub agency_code: String,
    /// The units of today.
    pub units: BTreeMap<UnitId, Unit>,
    /// The officers of all units.
    pub officers: BTreeMap<OfficerId, Officer>,
    /// The catalogue, also what is not in force today.
    pub procedures: Procedures,
    /// Words of everyday, and what the catalogue calls it.
    pub synonyms: Vec<Synonym>,
    /// Figures that the province has published of its catalogue, each with the base that its source states. They are not recomputed.
    pub figures: Vec<Figure>,
    /// The words of the catalogue, once somebody looks for one.
    index: OnceLock<Index>,
    /// Named lists of units, to which the steps of the catalogue refer.
    pub lists: BTreeMap<String, BTreeSet<UnitId>>,
    /// Gives due dates.
    pub clock: LegalClock,
    /// Gives predictions and claims; one of each unit.
    pub capacity: BTreeMap<UnitId, CapacityCalendar>,
    /// The units of today that took over from an abolished code, chains resolved.
    successors: BTreeMap<String, BTreeSet<UnitId>>,
}

impl Province {
    /// The names of the tables that [`Province::parse`] reads. Beside them it reads the forms, and ignores all other files.
    pub const FILES: [&'static str; SCHEMA.len()] = {
        let mut names = [""; SCHEMA.len()];
        let mut index = 0;
        while index < names.len() {
            names[index] = SCHEMA[index].file;
            index += 1;
        }
        names
    };

    /// Whether a file of this name is one that [`Province::parse`] reads: a table, or a form (`form_<name>.json`).
    pub fn reads(file: &str) -> bool {
        Self::FILES.contains(&file) || dossier::is_form(file)
    }

    /// Reads a province.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, in the order of file, line and column; the first 100 found when it is more.
    pub fn parse(documents: &Documents) -> Result<Self, Vec<FileError>> {
        let errors = Errors::default();
        let [
            settings,
            units,
            history,
            calendar,
            week,
            procedures,
            steps,
            published,
            required,
            fees,
            synonyms,
            figures,
            lists,
            officers,
            competencies,
            capacity,
        ] = SCHEMA.map(|schema| Table::read(documents, &schema, &errors));

        let settings = units::Settings::read(&settings);
        let codes = units.unique("code");
        let successors = units::history(&history, &codes, &settings.code);
        let units = units::units(&units, &codes, &settings);
        let fields = procedures.values("field_vi");
        let clock = hours::clock(&calendar, &week, &settings);
        let known = procedures.values("code");
        let parts = catalogue::Parts {
            processes: steps::processes(&steps, &codes, &lists.values("list")),
            published: processes::published(&published, &known),
            documents: dossier::documents(&required, &known),
            fees: dossier::fees(&fees, &known),
            forms: dossier::forms(documents, &errors),
        };
        let minutes_per_day = clock.as_ref().map(LegalClock::minutes_per_day);
        let procedures = catalogue::procedures(&procedures, &steps, parts, minutes_per_day);
        let (synonyms, figures) = (dossier::synonyms(&synonyms), dossier::figures(&figures));
        let lists = steps::lists(&lists, &codes, &settings.code);
        let officers = people::officers(&officers, &competencies, &codes, &fields, &settings.code);
        let exceptions = hours::exceptions(&capacity, &codes, &settings.code);
        let capacity = clock.as_ref().and_then(|clock| hours::capacity(&capacity, clock, &units, exceptions));

        match (errors.take_sorted(), clock, capacity) {
            (errors, Some(clock), Some(capacity)) if errors.is_empty() => Ok(Self {
                code: settings.code,
                name: settings.name,
                agency_code: settings.agency_code,
                units,
                officers,
                procedures,
                synonyms,
                figures,
                index: OnceLock::new(),
                lists,
                clock,
                capacity,
                successors,
            }),
            (errors, ..) => Err(errors),
        }
    }

    /// The unit of today with this code, or the one unit that took over from an abolished commune with this
    /// code. None where the code is not known, and where an abolished commune was divided: which of its
    /// [`Province::successors`] is meant then, a person has to say.
    pub fn unit_by_code(&self, code: &str) -> Option<&Unit> {
        let mut candidates = self.successors(code);
        candidates.next().filter(|_| candidates.next().is_none())
    }

    /// The unit of today with this code, or all that took over from an abolished commune with this code.
    /// A code of today wins over the same code of an abolished commune.
    pub fn successors(&self, code: &str) -> impl Iterator<Item = &Unit> {
        let today = self.units.get(&UnitId::of(&self.code, code));
        let later = self.successors.get(code).filter(|_| today.is_none()).into_iter().flatten();
        today.into_iter().chain(later.filter_map(|id| self.units.get(id)))
    }

    /// All units of this version that stand for those of an earlier one: for one that was merged or divided
    /// since, whoever took over.
    pub fn heirs<'p>(
        &'p self,
        units: &'p BTreeSet<UnitId>,
        earlier: &'p Self,
    ) -> impl Iterator<Item = UnitId> {
        let codes = units.iter().filter_map(|unit| earlier.units.get(unit)).map(|unit| unit.code.as_str());
        codes.flat_map(|code| self.successors(code)).map(|unit| unit.id)
    }

    /// The abolished communes whose tasks a unit of today has taken over, whole or in part.
    pub fn predecessors(&self, unit: UnitId) -> impl Iterator<Item = UnitId> {
        let former = self.successors.iter().filter(move |(_, later)| later.contains(&unit));
        let former = former.map(|(code, _)| UnitId::of(&self.code, code));
        former.filter(|former| !self.units.contains_key(former))
    }

    /// What holds of the procedure with this code on a day; where it is not in force then, what will hold next, or else what held last.
    ///
    /// # Errors
    ///
    /// `UNKNOWN_PROCEDURE` on the field `procedure_code`.
    pub fn procedure_on(&self, code: &str, day: Date) -> Result<&Procedure, Rejection> {
        self.procedures.on(code, day).ok_or_else(|| {
            Rejection::invalid(
                "UNKNOWN_PROCEDURE",
                "procedure_code",
                "no procedure of the catalogue has this code",
            )
        })
    }

    /// What holds of a procedure of the tests, most of which have one line.
    #[cfg(test)]
    pub(crate) fn procedure(&self, code: &str) -> Result<&Procedure, Rejection> {
        self.procedure_on(code, Date::MAX)
    }

    /// The procedures in which the words of `query` occur, the best first ([`Index::search`]).
    pub fn search(&self, query: &str) -> Vec<Hit> {
        self.index.get_or_init(|| Index::of(self.procedures.values(), &self.synonyms)).search(query)
    }

    /// The units of the list that a step names; none where it names no list.
    pub fn listed(&self, step: &Step) -> impl Iterator<Item = UnitId> {
        step.list.as_ref().and_then(|name| self.lists.get(name)).into_iter().flatten().copied()
    }

    /// The officers who work at a unit.
    pub fn officers_of(&self, unit: UnitId) -> impl Iterator<Item = &Officer> {
        self.officers.values().filter(move |officer| officer.unit == unit)
    }

    /// The home of a step: the unit of its competent authority, by its competence key. `received_at` is the
    /// unit that received the application, `places` what the application says of its subject.
    ///
    /// # Errors
    ///
    /// The key, when `places` does not name its unit: a person has to dispatch the step.
    pub fn home(
        &self,
        step: &Step,
        received_at: UnitId,
        places: &BTreeMap<CompetenceKey, UnitId>,
    ) -> Result<UnitId, CompetenceKey> {
        let key = step.competence_key;
        let home = match key {
            CompetenceKey::None => Some(received_at),
            CompetenceKey::Fixed => {
                step.authority.as_deref().and_then(|code| self.unit_by_code(code)).map(|u| u.id)
            }
            _ => places.get(&key).copied(),
        };
        home.ok_or(key)
    }
}

/// For whoever keeps documents as bytes: every wrong place becomes a violation, `units.csv:12:5`.
impl TryFrom<&BTreeMap<String, Vec<u8>>> for Province {
    type Error = Rejection;

    fn try_from(documents: &BTreeMap<String, Vec<u8>>) -> Result<Self, Rejection> {
        Self::parse(&Documents(documents.clone())).map_err(|errors| malformed("MALFORMED_PROVINCE", &errors))
    }
}

/// The refusal of documents with these wrong places: every one becomes a violation, `units.csv:12:5`.
pub fn malformed(reason: &str, errors: &[FileError]) -> Rejection {
    let message = match errors {
        [one] => one.to_string(),
        [first, others @ ..] => format!("{first}; and {} more", others.len()),
        [] => "the documents are wrong".to_owned(),
    };
    let rejection = Rejection::new(Kind::Invalid, reason, message);
    errors.iter().fold(rejection, |rejection, error| {
        let place = format!("{}:{}:{}", error.file, error.line, error.column);
        rejection.violating(&place, format!("expected {}", error.expected))
    })
}

#[cfg(test)]
pub(crate) mod tests;
