//! Citizens of Ninh Bình: what they hand in, as often as the province's demand files say, and how they come.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use harness::{client::Client, workspace};
use jiff::Timestamp;
use phidia_domain::{
    application::HandedIn,
    id::{ApplicationId, Id as _},
    procedure::Procedure,
    province::{Documents, Province},
};
use phidia_proto::{
    intake::v1::{
        Applicant, Channel, DocumentForm, HandedInDocument, ListProceduresRequest, SubmitApplicationRequest,
        attachment_service_client::AttachmentServiceClient, catalogue_service_client::CatalogueServiceClient,
    },
    types::v1::Place,
};
use phidia_runtime::clock::RealClock;
use rand::{RngExt as _, SeedableRng as _, seq::IndexedRandom as _};
use rand_chacha::ChaCha8Rng;
use tokio::task::JoinSet;

use crate::uploads;

/// As few connections as a portal has.
const CONNECTIONS: usize = 4;
/// Share of applications whose subject lives where they are handed in, as in the demo.
const LOCAL_SHARE: f64 = 0.8;

/// An application that was accepted.
pub(crate) struct Submission {
    /// Its id as stores have it.
    pub(crate) application: String,
    /// When it was, or should have been, sent.
    pub(crate) sent: Timestamp,
    /// When its receipt was there.
    pub(crate) answered: Timestamp,
}

/// What was handed in.
pub(crate) struct Handed {
    pub(crate) accepted: Vec<Submission>,
    /// Submissions that were answered with an error.
    pub(crate) failed: usize,
    pub(crate) per_second: f64,
}

/// Where applications come from.
pub(crate) struct Citizens {
    portal: Vec<Client>,
    communes: Vec<(String, f64)>,
    procedures: Vec<(String, f64)>,
    /// The places that an application should name, by procedure.
    keys: BTreeMap<String, Vec<i32>>,
    /// The papers that an application has to have, by procedure.
    papers: BTreeMap<String, Vec<HandedInDocument>>,
    /// Bytes of a page that is scanned for each, if one is.
    pub(crate) scanned_page: Option<usize>,
    chance: ChaCha8Rng,
    number: usize,
}

impl Citizens {
    pub(crate) async fn of_ninh_binh(intake: &str) -> Self {
        let mut catalogue = CatalogueServiceClient::new(Client::operator(intake).peer());
        let request = ListProceduresRequest { page_size: 1_000, ..Default::default() };
        let page = catalogue.list_procedures(request).await.unwrap().into_inner();
        let units = rows("units.csv").filter(|(_, kind)| kind.starts_with("commune_centre"));
        let units: BTreeMap<_, _> = units.collect();
        Self {
            portal: (0..CONNECTIONS).map(|_| Client::system(intake)).collect(),
            communes: rows("demand_units.csv")
                .filter(|(code, _)| units.contains_key(code))
                .map(weighted)
                .collect(),
            procedures: rows("demand_procedures.csv").map(weighted).collect(),
            keys: page.procedures.into_iter().map(|found| (found.code, found.competence_keys)).collect(),
            papers: papers(),
            scanned_page: None,
            chance: ChaCha8Rng::seed_from_u64(37),
            number: 0,
        }
    }

    /// So many clients hand in again as soon as they have their answer.
    pub(crate) async fn closed(&mut self, clients: usize, lasting: Duration) -> Handed {
        let (since, mut going, mut answers) = (Instant::now(), JoinSet::new(), Vec::new());
        for _ in 0..clients {
            going.spawn(self.submit(RealClock.now()));
        }
        while let Some(answer) = going.join_next().await {
            answers.push(answer.unwrap());
            if since.elapsed() < lasting {
                going.spawn(self.submit(RealClock.now()));
            }
        }
        Handed::of(answers, since)
    }

    /// So many come each second on average, and do not know of each other.
    pub(crate) async fn open(&mut self, rate: f64, lasting: Duration) -> Handed {
        let (since, began, mut going) = (Instant::now(), RealClock.now(), JoinSet::new());
        let mut due = Duration::ZERO;
        while due < lasting {
            tokio::time::sleep_until((since + due).into()).await;
            // Who is let in late has waited since then.
            going.spawn(self.submit(began + due));
            let gap: f64 = self.chance.random_range(f64::EPSILON..1.0);
            due += Duration::from_secs_f64(-gap.ln() / rate);
        }
        Handed::of(going.join_all().await, since)
    }

    fn submit(&mut self, sent: Timestamp) -> impl Future<Output = Option<Submission>> + Send + use<> {
        let (mut request, portal) = (self.draw(), self.portal[self.number % CONNECTIONS].clone());
        let (number, page) = (self.number, self.scanned_page);
        async move {
            if let Some(size) = page {
                let mut files = AttachmentServiceClient::new(portal.peer());
                let file = uploads::scan(size, u64::try_from(number).unwrap());
                let id = uploads::send(&mut files, &format!("page-{number}"), &file).await;
                if request.documents.is_empty() {
                    let form = DocumentForm::Electronic.into();
                    request.documents.push(HandedInDocument { part: "1".into(), form, ..Default::default() });
                }
                request.documents[0].attachment_ids.push(id);
            }
            let receipt = portal.submit(request).await.ok()?;
            let id: ApplicationId = receipt.application_id.parse().unwrap();
            Some(Submission { application: id.uuid().to_string(), sent, answered: RealClock.now() })
        }
    }

    fn draw(&mut self) -> SubmitApplicationRequest {
        self.number += 1;
        let procedure_code = pick(&self.procedures, &mut self.chance);
        let home = pick(&self.communes, &mut self.chance);
        let mut places = Vec::new();
        for key in &self.keys[&procedure_code] {
            let local = self.chance.random_bool(LOCAL_SHARE);
            let commune_code = if local { home.clone() } else { pick(&self.communes, &mut self.chance) };
            places.push(Place { key: *key, commune_code });
        }
        SubmitApplicationRequest {
            idempotency_key: format!("load-{}", self.number),
            documents: self.papers[&procedure_code].clone(),
            procedure_code,
            received_at_code: home,
            applicant: Some(Applicant { name: "Đinh Thị Thử".into(), ..Applicant::default() }),
            channel: Channel::Online.into(),
            places,
            ..SubmitApplicationRequest::default()
        }
    }
}

impl Handed {
    fn of(answers: Vec<Option<Submission>>, since: Instant) -> Self {
        let (all, lasted) = (answers.len(), since.elapsed());
        let accepted: Vec<_> = answers.into_iter().flatten().collect();
        let per_second = accepted.len() as f64 / lasted.as_secs_f64();
        Self { failed: all - accepted.len(), accepted, per_second }
    }
}

/// One of them, by weight.
fn pick(codes: &[(String, f64)], chance: &mut ChaCha8Rng) -> String {
    codes.choose_weighted(chance, |(_, weight)| *weight).unwrap().0.clone()
}

fn weighted((code, weight): (String, String)) -> (String, f64) {
    (code, weight.parse().unwrap())
}

/// What each procedure of the province requires.
fn papers() -> BTreeMap<String, Vec<HandedInDocument>> {
    let folder = fs::read_dir(workspace::root().join("deploy/province/ninh-binh")).unwrap();
    let files = folder
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|is| is != "md"));
    let file =
        |path: PathBuf| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap());
    let province = Province::parse(&Documents(files.map(file).collect())).unwrap();
    let required = |procedure: &Procedure| {
        HandedIn::all_that_is_required(procedure).into_iter().map(Into::into).collect()
    };
    province.procedures.values().map(|procedure| (procedure.code.clone(), required(procedure))).collect()
}

/// Lines of a file of the province: the first column, and the others.
fn rows(file: &str) -> impl Iterator<Item = (String, String)> {
    let text = fs::read_to_string(workspace::root().join("deploy/province/ninh-binh").join(file)).unwrap();
    let split = |line: &str| line.split_once(',').map(|(code, rest)| (code.to_owned(), rest.to_owned()));
    text.lines().skip(1).filter_map(split).collect::<Vec<_>>().into_iter()
}
