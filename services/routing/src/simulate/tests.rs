mod calibration;
mod comparing;
mod optimum;
mod playing;
mod refusals;
mod rescue;
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
        .filter(|path| path.extension().is_some_and(|extension| extension != "md"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect();
    (Province::parse(&Documents(files.clone())).unwrap(), files)
});

/// One day of the quarter with a twentieth of its applications, at one load, with one seed.
pub(super) fn small() -> Experiment {
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

pub(super) fn simulator(experiment: Experiment) -> Simulator {
    let (province, files) = &*NINH_BINH;
    Simulator::new(province, files, experiment).unwrap()
}

fn compare(experiment: Experiment, policy: &Policy, against: &Policy) -> Report {
    simulator(experiment).compare(policy, against, NonZero::new(2).unwrap(), &|| true).unwrap()
}

/// The documents of a row of centres, one officer each (`1-01`, `2-01`, …); one procedure of an hour that may be worked
/// anywhere and is due the same day. Each day has the hours of Ninh Bình.
fn row_of_centres(count: usize) -> Files {
    let (_, files) = &*NINH_BINH;
    let mut documents = files.clone();
    let mut set = |name: &str, heading: &str, row: &dyn Fn(usize) -> String| {
        let rows: String = (1..=count).map(row).collect();
        documents.insert(name.to_owned(), format!("{heading}\n{rows}").into_bytes());
    };
    set("units.csv", "code,kind,name_vi,name_en,cluster,latitude,longitude,neighbours", &|at| {
        let beside = [at - 1, at + 1].into_iter().filter(|other| (1..=count).contains(other));
        let beside: Vec<_> = beside.map(|other| other.to_string()).collect();
        format!("{at},commune_centre,{at},{at},X,20.{at},106.{at},{}\n", beside.join(" "))
    });
    set("officers.csv", "code,unit,name", &|at| format!("{at}-01,{at},A\n"));
    set("competencies.csv", "officer,field,level", &|at| format!("{at}-01,Hộ tịch,5\n"));
    let nothing = |_| String::new();
    set("unit_history.csv", "former_code,former_name,successor_code", &nothing);
    set("capacity.csv", "unit,date,opens,closes,reason", &nothing);
    set(
        "procedures.csv",
        "code,name_vi,name_en,field_vi,field_en,tier,time_value,time_unit,online_level,fee_vnd,fee_rule,\
         result_vi,decided_by,boundary_free_kind,effective_from,effective_to,replaced_by,basis,confidence\n\
         1.1,A,A,Hộ tịch,C,commune,1,same_day,full,0,free,G,U,A_decide_anywhere,,,,s,high",
        &nothing,
    );
    set(
        "steps.csv",
        "procedure,step,kind,name_vi,name_en,scope,competence_key,authority,level,effort_minutes\n\
         1.1,1,work,T,E,province,none,,2,60",
        &nothing,
    );
    set("demand_units.csv", "unit,weight\n1,1", &nothing);
    set("demand_procedures.csv", "procedure,weight\n1.1,1", &nothing);
    // Nothing is asked for it.
    documents.retain(|name, _| !matches!(name.as_str(), "documents.csv" | "fees.csv"));
    documents
}

/// What must be the same on any machine.
fn figures(report: &Report) -> Vec<(Measure, Comparison)> {
    report.loads.iter().flat_map(|load| &load.figures).map(|(measure, figure)| (*measure, *figure)).collect()
}
