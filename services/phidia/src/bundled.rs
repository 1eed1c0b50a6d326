//! The province that comes with the binary: the files of `deploy/province`, so that the first command of the
//! README needs no folder beside it. Nothing else in the code knows which province it is.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context as _;
use phidia_domain::province::Province;

macro_rules! bundle {
    ($($file:literal),* $(,)?) => {
        [$(($file, include_bytes!(concat!("../../../deploy/province/ninh-binh/", $file)).as_slice())),*]
    };
}

/// Every file of the bundled province, with those that only the demo reads (`demand_*`).
const FILES: [(&str, &[u8]); 22] = bundle![
    "province.csv",
    "units.csv",
    "unit_history.csv",
    "legal_calendar.csv",
    "working_hours.csv",
    "capacity.csv",
    "procedures.csv",
    "steps.csv",
    "documents.csv",
    "fees.csv",
    "synonyms.csv",
    "figures.csv",
    "form_birth.json",
    "form_death.json",
    "form_extract.json",
    "form_household_business.json",
    "form_marriage.json",
    "officers.csv",
    "competencies.csv",
    "demand_units.csv",
    "demand_procedures.csv",
    "demand_hours.csv",
];

/// The prefix of files that are not reference facts.
const DEMAND: &str = "demand_";

/// Files of a province by name.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The files of the province in `folder`, or of the bundled one: reference facts and demand.
pub(crate) fn province(folder: Option<&Path>) -> anyhow::Result<(Files, Files)> {
    let all: Files = match folder {
        None => FILES.iter().map(|(name, content)| ((*name).to_owned(), content.to_vec())).collect(),
        Some(folder) => read(folder)?,
    };
    Ok(all.into_iter().partition(|(name, _)| !name.starts_with(DEMAND)))
}

fn read(folder: &Path) -> anyhow::Result<Files> {
    let mut files = Files::new();
    let entries = fs::read_dir(folder).with_context(|| format!("{} can't be read", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".csv") || Province::reads(&name) {
            files.insert(name, fs::read(&path).with_context(|| format!("{} can't be read", path.display()))?);
        }
    }
    Ok(files)
}
