//! What a report of a quarter costs: 250,000 cases of the real province, and three quarters more before it.
//! services/processing/README.md says how to measure, and what was seen.
#![allow(clippy::print_stdout, reason = "the measurement prints what it saw")]

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use phidia_domain::{
    id::{Id as _, OfficerId, UnitId},
    province::Province,
    unit::UnitKind,
};
use phidia_proto::processing::v1::{
    GetExchangeRequest, GetReportRequest, GetServiceIndexRequest, InstallPhase, ListReportCasesRequest,
    ReportDimension, ReportFigure, ReportSelection,
};
use sea_orm::{ConnectionTrait as _, DbBackend};
use uuid::Uuid;

use crate::harness::{Office, at, supervisor};

/// 251,380 were received in the third quarter of 2025.
const CASES: usize = 250_000;
const QUARTERS: usize = 4;
/// Rows of one statement.
const ROWS: usize = 1_000;
/// The engines are slower than a page of a book is turned, but nobody is to wait longer than that.
const BEARABLE: Duration = Duration::from_secs(10);

/// The province that is bundled, as documents and as facts.
fn ninh_binh() -> (BTreeMap<String, Vec<u8>>, Province) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/province/ninh-binh");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let files = files.map(|entry| (entry.file_name().into_string().unwrap(), entry.path()));
    let files = files.filter(|(name, _)| Province::reads(name));
    let files: BTreeMap<_, _> = files.map(|(name, path)| (name, fs::read(path).unwrap())).collect();
    let province = Province::try_from(&files).unwrap();
    (files, province)
}

struct Fill<'p> {
    backend: DbBackend,
    centres: Vec<UnitId>,
    procedures: Vec<(&'p str, &'p str)>,
    officers: BTreeMap<UnitId, Vec<OfficerId>>,
    /// The end of the last of the quarters.
    end: Timestamp,
}

impl<'p> Fill<'p> {
    fn of(province: &'p Province, backend: DbBackend, end: Timestamp) -> Self {
        let centres = province.units.values().filter(|unit| unit.kind == UnitKind::CommuneCentre);
        let mut officers: BTreeMap<UnitId, Vec<OfficerId>> = BTreeMap::new();
        province.officers.values().for_each(|one| officers.entry(one.unit).or_default().push(one.id));
        Self {
            backend,
            centres: centres.map(|unit| unit.id).collect(),
            procedures: province
                .procedures
                .values()
                .map(|one| (one.code.as_str(), one.field.vi.as_str()))
                .collect(),
            officers,
            end,
        }
    }

    fn id(&self, id: Uuid) -> String {
        match self.backend {
            DbBackend::Sqlite => format!("x'{}'", id.simple()),
            _ => format!("'{id}'"),
        }
    }

    /// The statements that write some cases, the `first` and those after it; from number 0 on they go back in time.
    fn statements(&self, first: usize) -> [String; 2] {
        let (mut cases, mut figures) = (String::new(), String::new());
        let span = 92 * 86_400 * QUARTERS;
        for number in first..first + ROWS {
            // Dice that fall the same each time.
            let dice = |sides: usize, of: usize| (number * 2_654_435_761 / (of * 7 + 3)) % sides;
            let seconds = number * span / (CASES * QUARTERS) + 10;
            let submitted = self.end - SignedDuration::from_secs(i64::try_from(seconds).unwrap());
            let received = self.centres[dice(self.centres.len(), 1)];
            let worked = if dice(4, 2) == 0 { self.centres[dice(self.centres.len(), 3)] } else { received };
            let officer = self.officers.get(&worked).map(|all| all[dice(all.len(), 4)]);
            let (procedure, field) = self.procedures[dice(self.procedures.len(), 5)];
            let minutes = 30 + dice(4_000, 6);
            let ended = submitted + SignedDuration::from_mins(i64::try_from(minutes * 4).unwrap());
            let due = submitted + SignedDuration::from_hours(24 * 7);
            // 19,540 of a quarter were open at its end.
            let runs = ended >= self.end;
            let (state, timeliness) = match (runs, ended > due) {
                (true, _) => ("queued", "null"),
                (false, true) => ("granted", "'late'"),
                (false, false) => ("granted", "'early'"),
            };
            let id = self.id(Uuid::from_u128(number as u128 + 1));
            let (unit, officer) = (
                self.id(worked.uuid()),
                officer.map_or_else(|| "null".to_owned(), |one| self.id(one.uuid())),
            );
            let comma = if number == first { ' ' } else { ',' };
            let received = self.id(received.uuid());
            let known = if runs { "null".to_owned() } else { minutes.to_string() };
            let ended = if runs { i64::MAX } else { ended.as_microsecond() };
            writeln!(
                figures,
                "{comma}({id},'37','{procedure}','{field}',{received},{unit},1,30,{officer},{},{},{ended},\
                 '{state}',{timeliness},{known},{known},null,null,0)",
                submitted.as_microsecond(),
                due.as_microsecond(),
            )
            .unwrap();
            writeln!(
                cases,
                "{comma}({id},'37',{id},'H42.{number}','{procedure}',1,{received},{received},'{{}}','[]',\
                 '{submitted:.6}','{due:.6}','{state}',1,'')",
            )
            .unwrap();
        }
        let columns = "case_id,province,procedure_code,field,received_at,worked_at,worked_step,worked_effort,\
                       officer,submitted_at,due_at,ended_at,state,timeliness,minutes,allowed_minutes,\
                       waits_from,waits_to,supplements";
        let of_case = "id,province,application,dossier_code,procedure_code,province_version,received_at,\
                       return_at,places,conflicts,submitted_at,due_at,state,step,traceparent";
        [
            format!("insert into case_figures ({columns}) values {figures}"),
            format!("insert into cases ({of_case}) values {cases}"),
        ]
    }
}

async fn fill(office: &Office, province: &Province) {
    let fill = Fill::of(province, office.db.backend(), at("2026-12-31T17:00:00Z"));
    for first in (0..CASES * QUARTERS).step_by(ROWS) {
        let [figures, cases] = fill.statements(first);
        // Of the quarters before, only what is counted.
        let cases = (first < CASES).then_some(cases);
        let written = office.db.write(move |tx| {
            Box::pin(async move {
                tx.execute_unprepared(&figures).await?;
                if let Some(cases) = cases {
                    tx.execute_unprepared(&cases).await?;
                }
                Ok(())
            })
        });
        written.await.unwrap();
    }
    if office.db.backend() == DbBackend::Postgres {
        let analysed = office.db.write(|tx| {
            Box::pin(async move {
                tx.execute_unprepared("analyze case_figures; analyze cases").await?;
                Ok(())
            })
        });
        analysed.await.unwrap();
    }
}

fn told(what: &str, since: Instant) {
    let took = since.elapsed();
    println!("| {what} | {:.2} s |", took.as_secs_f64());
    assert!(took < BEARABLE, "{what}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement that wants the machine to itself"]
async fn a_report_of_a_quarter() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::without_province(folder.path()).await;
    let (files, province) = ninh_binh();
    for phase in [InstallPhase::Stage, InstallPhase::Activate] {
        office.install_files(phase, 1, files.clone()).await.unwrap();
    }
    fill(&office, &province).await;
    office.clock.set(at("2027-01-04T01:00:00Z"));
    let selection = || Some(ReportSelection { period: "2026-Q4".to_owned(), ..ReportSelection::default() });
    let mut reports = office.reports(supervisor(None));
    println!("| {:?} | |\n|--|--:|", office.db.backend());
    for by in [
        ReportDimension::Unspecified,
        ReportDimension::ReceivedAtUnit,
        ReportDimension::Procedure,
        ReportDimension::Officer,
    ] {
        let since = Instant::now();
        let request = GetReportRequest { selection: selection(), by: by.into() };
        let total = reports.get_report(request).await.unwrap().into_inner().total.unwrap();
        told(by.as_str_name(), since);
        assert_eq!(
            (total.received, total.received + total.carried_over),
            (250_000, total.finished + total.running)
        );
    }
    let since = Instant::now();
    let cells = reports.get_exchange(GetExchangeRequest { selection: selection() }).await.unwrap();
    told("exchange", since);
    assert!(!cells.into_inner().cells.is_empty());
    let since = Instant::now();
    let index = reports.get_service_index(GetServiceIndexRequest { selection: selection(), by: 0 }).await;
    told("index", since);
    assert_eq!(index.unwrap().into_inner().ranked, 129);
    let mut request = ListReportCasesRequest {
        selection: selection(),
        figure: ReportFigure::FinishedLate.into(),
        page_size: 500,
        page_token: String::new(),
    };
    for page in ["first page of cases", "second page of cases"] {
        let since = Instant::now();
        let answer = reports.list_report_cases(request.clone()).await.unwrap().into_inner();
        told(page, since);
        assert_eq!(answer.cases.len(), 500);
        request.page_token = answer.next_page_token;
    }
    office.close().await;
}
