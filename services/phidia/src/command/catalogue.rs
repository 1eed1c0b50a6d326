//! `phidia catalogue`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Subcommand)]
pub(crate) enum Catalogue {
    /// Find procedures by the words of everyday: with or without diacritics, in any order, in either language.
    Search(Search),
    /// All that is said of a procedure: documents, fees, form, decision.
    Show {
        /// Its code.
        code: String,
        /// On this day; today by default, or its first day where it is to come.
        #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
        at: String,
        /// By this version of the province's reference facts; by default the active one.
        #[arg(long = "province-version", value_name = "VERSION", value_parser = clap::value_parser!(i64).range(1..))]
        province_version: Option<i64>,
    },
    /// Write all that is published of the catalogue, as open data, into a folder.
    Export {
        /// The folder; made where it is not there.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// As one document, or as tables.
        #[arg(long, value_enum, default_value_t = ExportLayout::Json)]
        layout: ExportLayout,
    },
    /// How good the catalogue is: accurate, complete, clean, current, unified, shared, with the offenders of each rule.
    Check {
        /// On this day; today by default.
        #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
        at: String,
    },
    /// What one version, or day, says otherwise than another.
    Diff {
        /// The version before; by default the same as after.
        #[arg(long, value_name = "VERSION", value_parser = clap::value_parser!(i64).range(1..))]
        from: Option<i64>,
        /// The version after; by default the active one.
        #[arg(long, value_name = "VERSION", value_parser = clap::value_parser!(i64).range(1..))]
        to: Option<i64>,
        /// The day of the version before; by default the same as after.
        #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
        from_day: String,
        /// The day of the version after; today by default.
        #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
        to_day: String,
    },
    /// Put what files say of procedures into the active province: all of it, or nothing.
    Import(ImportCatalogue),
    /// Compare with an export of the national database, and keep what is different.
    Compare {
        /// The export, in the layout of the national database.
        #[arg(value_name = "FILE.json")]
        file: PathBuf,
    },
    /// What the last comparison found, and how it was resolved.
    Differences {
        /// Only those that stand so.
        #[arg(long, value_enum)]
        state: Option<DifferenceState>,
        /// The page behind an answer (its next page token).
        #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
        page: String,
    },
    /// Say how a difference is resolved, and why.
    Resolve {
        /// Code of the procedure.
        code: String,
        /// What of it, as `differences` names it.
        attribute: String,
        /// Who is right.
        #[arg(value_enum)]
        resolution: ResolutionName,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Make up a catalogue of full size by a seed, for load tests, and write a province with it into a folder.
    Generate {
        /// The folder; made where it is not there.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// The same seed gives the same catalogue.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// The province whose units, officers and steps are taken; by default the one that comes with Phidia.
        #[arg(long, value_name = "DIR")]
        province: Option<PathBuf>,
    },
}

#[derive(Args)]
pub(crate) struct Search {
    /// What to look for.
    #[arg(default_value = "", hide_default_value = true)]
    pub(crate) query: String,
    /// Only of this level.
    #[arg(long, value_parser = ["commune", "province", "linked"])]
    pub(crate) tier: Option<String>,
    /// Only of this field, in either language.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) field: String,
    /// Only those that go online so far.
    #[arg(long, value_parser = ["full", "partial", "none"])]
    pub(crate) online: Option<String>,
    /// Only of this kind of freedom of boundaries, e.g. `A_decide_anywhere`.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) boundary: String,
    /// Only those in force on this day.
    #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
    pub(crate) at: String,
    /// The page behind an answer (its next page token).
    #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
    pub(crate) page: String,
}

#[derive(Args)]
pub(crate) struct ImportCatalogue {
    /// Files of a province (`procedures.csv`, `documents.csv`, `fees.csv`, `form_<name>.json`, …), or one JSON document.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Their layout.
    #[arg(long, value_enum, default_value_t = ImportLayout::Csv)]
    pub(crate) layout: ImportLayout,
    /// The procedure whose steps are taken over by those that are new and have none.
    #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) steps_as: String,
    /// Only if this version is the active one.
    #[arg(long, value_name = "VERSION")]
    pub(crate) expect: Option<i64>,
    /// Only check, and say what would change; nothing is changed.
    #[arg(long)]
    pub(crate) check: bool,
    /// Also when steps are left without anybody who may take them.
    #[arg(long)]
    pub(crate) allow_uncovered: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ExportLayout {
    Json,
    Csv,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ImportLayout {
    Csv,
    Json,
    National,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum DifferenceState {
    Open,
    Resolved,
    Gone,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ResolutionName {
    /// The province.
    Ours,
    /// The national database.
    Theirs,
    /// Both may stand.
    Accepted,
}
