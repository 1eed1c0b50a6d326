//! Reads what every service says, through the calls that clients have.

use std::collections::{BTreeMap, BTreeSet};

use harness::{
    client::Client,
    house::{Form, House, Part},
    province::{ALPHA, BETA, GAMMA},
};
use phidia_proto::{
    events::v1::{
        GetPositionsRequest, Holding, ListHoldingsRequest, OutboxPosition,
        conservation_service_client::ConservationServiceClient,
    },
    intake::v1::{
        Application, ListApplicationsRequest, ListProceduresRequest, ProcedureStep, Receipt,
        TrackApplicationRequest, TrackApplicationResponse,
        application_service_client::ApplicationServiceClient,
        catalogue_service_client::CatalogueServiceClient,
    },
    notification::v1::{
        ListMessagesRequest, Message, notification_service_client::NotificationServiceClient,
    },
    processing::v1::{
        CaseWorkItem, GetCaseRequest, GetCaseResponse, ListWorklistRequest,
        case_service_client::CaseServiceClient, get_case_request::Key,
    },
    routing::v1::{
        ExplainAssignmentRequest, ListUnitsRequest, ListUnitsResponse, WorkRecord,
        registry_service_client::RegistryServiceClient, routing_service_client::RoutingServiceClient,
    },
};
use serde_json::Value;
use tonic::{Code, Response, Status};

use crate::history::{Conservation, Reading};

/// The services that hold applications.
const HOLDERS: [Part; 3] = [Part::Intake, Part::Routing, Part::Processing];

/// Whether events are on their way between services.
///
/// # Errors
/// When a service does not answer.
pub(crate) async fn moves(house: &House) -> Result<bool, Status> {
    let positions = Reader { house }.positions().await?;
    Ok(positions.iter().any(|position| position.outstanding > 0))
}

/// Everything, once. `receipts` are those that were given.
///
/// # Errors
/// When a service does not answer.
pub(crate) async fn read(house: &House, receipts: &[Receipt]) -> Result<Reading, Status> {
    let reader = Reader { house };
    let applications = reader.applications().await?;
    let holdings = reader.holdings().await?;
    let known = holdings.iter().map(|(_, held)| &held.application_id);
    let known: BTreeSet<String> =
        known.chain(applications.iter().map(|one| &one.application_id)).cloned().collect();
    // The services beside each other; each of them one call after the other.
    let (stages, tracks) = (reader.stages(), reader.tracks(receipts));
    let (worklists, cases) = (reader.worklists(), reader.cases(&known));
    let (routed, messages) = (reader.routed(&known), reader.messages());
    let conservation = async { Ok(conservation(house).await) };
    let (stages, tracks, worklists, cases, routed, messages, conservation) =
        tokio::try_join!(stages, tracks, worklists, cases, routed, messages, conservation)?;
    let mut units = RegistryServiceClient::new(reader.operator(Part::Routing));
    let ListUnitsResponse { units, settled, .. } =
        units.list_units(ListUnitsRequest::default()).await?.into_inner();
    let positions = reader.positions().await?;
    Ok(Reading {
        applications,
        stages,
        tracks,
        routed,
        cases,
        worklists,
        messages,
        units,
        settled,
        holdings,
        positions,
        conservation,
    })
}

fn unless_unknown<T>(answer: Result<Response<T>, Status>) -> Result<Option<T>, Status> {
    match answer {
        Ok(found) => Ok(Some(found.into_inner())),
        Err(status) if status.code() == Code::NotFound => Ok(None),
        Err(status) => Err(status),
    }
}

struct Reader<'h> {
    house: &'h House,
}

impl Reader<'_> {
    fn operator(&self, part: Part) -> phidia_runtime::peer::Peer {
        Client::operator(&self.house.endpoint(part)).peer()
    }

    async fn tracks(
        &self,
        receipts: &[Receipt],
    ) -> Result<BTreeMap<String, TrackApplicationResponse>, Status> {
        let mut intake = ApplicationServiceClient::new(self.operator(Part::Intake));
        let mut tracks = BTreeMap::new();
        for receipt in receipts {
            let request = TrackApplicationRequest {
                dossier_code: receipt.dossier_code.clone(),
                check_code: receipt.check_code.clone(),
            };
            if let Some(track) = unless_unknown(intake.track_application(request).await)? {
                tracks.insert(receipt.application_id.clone(), track);
            }
        }
        Ok(tracks)
    }

    async fn cases(&self, known: &BTreeSet<String>) -> Result<BTreeMap<String, GetCaseResponse>, Status> {
        let mut processing = CaseServiceClient::new(self.operator(Part::Processing));
        let mut cases = BTreeMap::new();
        for id in known {
            let request = GetCaseRequest { key: Some(Key::ApplicationId(id.clone())) };
            if let Some(case) = unless_unknown(processing.get_case(request).await)? {
                cases.insert(id.clone(), case);
            }
        }
        Ok(cases)
    }

    async fn routed(&self, known: &BTreeSet<String>) -> Result<BTreeMap<String, Vec<WorkRecord>>, Status> {
        let mut routing = RoutingServiceClient::new(self.operator(Part::Routing));
        let mut routed = BTreeMap::new();
        for id in known {
            let request = ExplainAssignmentRequest { application_id: id.clone() };
            if let Some(explained) = unless_unknown(routing.explain_assignment(request).await)? {
                routed.insert(id.clone(), explained.records);
            }
        }
        Ok(routed)
    }

    async fn stages(&self) -> Result<BTreeMap<String, Vec<u32>>, Status> {
        let mut catalogue = CatalogueServiceClient::new(self.operator(Part::Intake));
        let page = catalogue.list_procedures(ListProceduresRequest::default()).await?.into_inner();
        assert!(page.next_page_token.is_empty(), "the tiny province has more than a page");
        let stages = page.procedures.into_iter().map(|found| {
            let first =
                |step: &ProcedureStep| if step.together_with == 0 { step.number } else { step.together_with };
            (found.code, found.steps.iter().map(first).collect())
        });
        Ok(stages.collect())
    }

    async fn applications(&self) -> Result<Vec<Application>, Status> {
        let (mut all, mut page_token) = (Vec::new(), String::new());
        let mut intake = ApplicationServiceClient::new(self.operator(Part::Intake));
        loop {
            let request = ListApplicationsRequest { page_size: 100, page_token, ..Default::default() };
            let page = intake.list_applications(request).await?.into_inner();
            all.extend(page.applications);
            if page.next_page_token.is_empty() {
                return Ok(all);
            }
            page_token = page.next_page_token;
        }
    }

    async fn worklists(&self) -> Result<Vec<CaseWorkItem>, Status> {
        let mut all = Vec::new();
        for unit in [ALPHA, BETA, GAMMA] {
            let mut page_token = String::new();
            loop {
                let mut processing = CaseServiceClient::new(self.operator(Part::Processing));
                let request = ListWorklistRequest {
                    unit_code: unit.into(),
                    page_size: 50,
                    page_token,
                    all: true,
                    waiting: false,
                };
                let page = processing.list_worklist(request).await?.into_inner();
                all.extend(page.work_items);
                if page.next_page_token.is_empty() {
                    break;
                }
                page_token = page.next_page_token;
            }
        }
        Ok(all)
    }

    async fn messages(&self) -> Result<Vec<Message>, Status> {
        let (mut all, mut page_token) = (Vec::new(), String::new());
        let mut notification = NotificationServiceClient::new(self.operator(Part::Notification));
        loop {
            let request = ListMessagesRequest { page_size: 200, page_token, ..Default::default() };
            let page = notification.list_messages(request).await?.into_inner();
            all.extend(page.messages);
            if page.next_page_token.is_empty() {
                return Ok(all);
            }
            page_token = page.next_page_token;
        }
    }

    async fn holdings(&self) -> Result<Vec<(String, Holding)>, Status> {
        let mut all = Vec::new();
        for part in HOLDERS {
            let mut page_token = String::new();
            let mut conservation = ConservationServiceClient::new(self.operator(part));
            loop {
                let request = ListHoldingsRequest {
                    service: part.name().into(),
                    page_size: 100,
                    page_token,
                    day: None,
                };
                let page = conservation.list_holdings(request).await?.into_inner();
                all.extend(page.holdings.into_iter().map(|held| (part.name().to_owned(), held)));
                if page.next_page_token.is_empty() {
                    break;
                }
                page_token = page.next_page_token;
            }
        }
        Ok(all)
    }

    async fn positions(&self) -> Result<Vec<OutboxPosition>, Status> {
        let mut all = Vec::new();
        // In the embedded form one answers for all.
        let holders = if self.house.form() == Form::Embedded { &HOLDERS[..1] } else { &HOLDERS[..] };
        for part in holders {
            let mut conservation = ConservationServiceClient::new(self.operator(*part));
            all.extend(
                conservation.get_positions(GetPositionsRequest::default()).await?.into_inner().positions,
            );
        }
        Ok(all)
    }
}

/// What `phidia conservation` prints; its exit code says whether that is as it should be.
async fn conservation(house: &House) -> Conservation {
    let endpoints = HOLDERS.map(|part| house.endpoint(part));
    let mut arguments = vec!["--json", "conservation", "--patience-seconds", "2"];
    if house.form() != Form::Embedded {
        arguments.extend(endpoints.iter().flat_map(|endpoint| ["--service", endpoint]));
    }
    let output = house.cli(&arguments).await;
    let Ok(told) = serde_json::from_slice::<Value>(&output.stdout) else {
        // What it could not add up it must not call whole.
        assert!(!output.status.success(), "it says nothing and succeeds");
        return Conservation::default();
    };
    let ids = |name: &str| {
        let ids = told[name].as_array().cloned().unwrap_or_default();
        ids.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
    };
    let accepted = usize::try_from(told["accepted"].as_u64().unwrap_or_default()).unwrap();
    let state = told["board"]["state"].as_str().unwrap_or_default();
    let board = match state {
        "even" => state.to_owned(),
        _ => told["board"].to_string(),
    };
    let found = Conservation { accepted, lost: ids("lost"), doubled: ids("doubled"), board };
    let holds = found.lost.is_empty() && found.doubled.is_empty() && state != "drifting";
    assert_eq!(output.status.success(), holds, "its exit code tells something else than it prints: {told}");
    found
}
