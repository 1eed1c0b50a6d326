mod calibration;
mod comparing;
mod optimum;
mod playing;
mod refusals;
mod trace;

use std::{collections::BTreeMap, fs, num::NonZero, path::Path, sync::LazyLock};

use phidia_domain::{
    province::{Documents, Province},
    route::Policy,
};

use super::*;

type Files = BTreeMap<String, Vec<u8>>;

/// The province that comes with Phidia.
static NINH_BINH: LazyLock<(Province, Files)> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/province/ninh-binh");
    let files: Files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "csv"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect();
    (Province::parse(&Documents(files.clone())).unwrap(), files)
});

/// One day of the quarter with a twentieth of its applications, at one load, with one seed.
fn small() -> Experiment {
    Experiment {
        quarter: "2025Q3".parse().unwrap(),
        days: Some(1),
        applications: QUARTERLY_APPLICATIONS / 20,
        loads: vec![1.0],
        first_seed: 7,
        seeds: 1,
        conditions: Conditions::default(),
        optimum_days: 1,
    }
}

fn simulator(experiment: Experiment) -> Simulator {
    let (province, files) = &*NINH_BINH;
    Simulator::new(province, files, experiment).unwrap()
}

fn compare(experiment: Experiment, policy: &Policy, against: &Policy) -> Report {
    simulator(experiment).compare(policy, against, NonZero::new(2).unwrap(), &|| true).unwrap()
}

/// What must be the same on any machine.
fn figures(report: &Report) -> Vec<(Measure, Comparison)> {
    report.loads.iter().flat_map(|load| &load.figures).map(|(measure, figure)| (*measure, *figure)).collect()
}
