//! Callers by role, and the calls that many stories make.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails loudly")]

use std::{cell::Cell, time::Duration};

use phidia_domain::{
    caller::{Caller, Role},
    conservation::{Balance, Holdings, Place},
    id::{OfficerId, UnitId},
};
use phidia_proto::{
    events::v1::{
        GetPositionsRequest, HoldingPlace, ListHoldingsRequest, StepOutcome,
        conservation_service_client::ConservationServiceClient,
    },
    intake::v1::{
        Applicant, Channel, Receipt, SubmitApplicationRequest, TrackApplicationRequest,
        TrackApplicationResponse, application_service_client::ApplicationServiceClient,
    },
    processing::v1::{
        Case, CaseWorkItem, ClaimWorkItemRequest, CompleteStepRequest, ListWorklistRequest,
        case_service_client::CaseServiceClient,
    },
    types::v1::{ApplicationStatus, CompetenceKey, Place as WirePlace},
};
use phidia_runtime::peer::Peer;
use tonic::{Code, Status};

use crate::{province, wait};

/// Somebody who calls an endpoint.
#[derive(Clone)]
pub struct Client {
    peer: Peer,
}

impl Client {
    fn new(endpoint: &str, caller: Caller) -> Self {
        Self { peer: Peer::remote(endpoint, caller, None).unwrap() }
    }

    /// The national portal, say.
    pub fn system(endpoint: &str) -> Self {
        Self::new(endpoint, Caller { role: Role::System, name: "test".into(), unit: None, officer: None })
    }

    /// An operator of the installation.
    pub fn operator(endpoint: &str) -> Self {
        Self::new(endpoint, Caller { role: Role::Operator, name: "test".into(), unit: None, officer: None })
    }

    /// An officer of the tiny province.
    pub fn officer(endpoint: &str, unit: &str, code: &str) -> Self {
        let caller = Caller {
            role: Role::Officer,
            name: code.to_owned(),
            unit: Some(UnitId::of(province::CODE, unit)),
            officer: Some(OfficerId::of(province::CODE, code)),
        };
        Self::new(endpoint, caller)
    }

    /// A supervisor of a unit of the tiny province.
    pub fn supervisor(endpoint: &str, unit: &str) -> Self {
        let unit = Some(UnitId::of(province::CODE, unit));
        Self::new(endpoint, Caller { role: Role::Supervisor, name: "test".into(), unit, officer: None })
    }

    /// The transport, for any generated client.
    pub fn peer(&self) -> Peer {
        self.peer.clone()
    }

    /// Hands an application in.
    pub async fn submit(&self, request: SubmitApplicationRequest) -> Result<Receipt, Status> {
        let mut applications = ApplicationServiceClient::new(self.peer());
        Ok(applications.submit_application(request).await?.into_inner().receipt.unwrap())
    }

    /// How an application stands.
    pub async fn track(&self, receipt: &Receipt) -> TrackApplicationResponse {
        let request = TrackApplicationRequest {
            dossier_code: receipt.dossier_code.clone(),
            check_code: receipt.check_code.clone(),
        };
        ApplicationServiceClient::new(self.peer()).track_application(request).await.unwrap().into_inner()
    }

    /// Waits until an application stands like this.
    pub async fn tracked_as(&self, receipt: &Receipt, status: ApplicationStatus) -> TrackApplicationResponse {
        wait::until(&format!("{} is {status:?}", receipt.dossier_code), async || {
            let answer = self.track(receipt).await;
            (answer.status() == status).then_some(answer)
        })
        .await
    }

    /// The officer's worklist.
    pub async fn worklist(&self) -> Vec<CaseWorkItem> {
        let request = ListWorklistRequest { page_size: 500, ..ListWorklistRequest::default() };
        CaseServiceClient::new(self.peer()).list_worklist(request).await.unwrap().into_inner().work_items
    }

    /// Waits until an application's step is in the officer's worklist.
    pub async fn finds(&self, receipt: &Receipt, step: u32) -> CaseWorkItem {
        wait::until(&format!("{} step {step} in a worklist", receipt.dossier_code), async || {
            self.worklist().await.into_iter().find(|item| {
                item.work_item
                    .as_ref()
                    .is_some_and(|key| key.application_id == receipt.application_id && key.step == step)
            })
        })
        .await
    }

    /// Takes a work item up.
    pub async fn claim(&self, item: &CaseWorkItem) -> Result<CaseWorkItem, Status> {
        let request = ClaimWorkItemRequest { work_item: item.work_item.clone(), expected_fence: item.fence };
        Ok(CaseServiceClient::new(self.peer())
            .claim_work_item(request)
            .await?
            .into_inner()
            .work_item
            .unwrap())
    }

    /// Ends a step that is held.
    pub async fn complete(&self, item: &CaseWorkItem) -> Result<Case, Status> {
        let request = CompleteStepRequest {
            work_item: item.work_item.clone(),
            fence: item.fence,
            outcome: StepOutcome::Approved.into(),
            refusal_reason: String::new(),
            next_step: 0,
        };
        Ok(CaseServiceClient::new(self.peer()).complete_step(request).await?.into_inner().case.unwrap())
    }

    /// Finds, takes up and ends a step.
    pub async fn works(&self, receipt: &Receipt, step: u32) -> Case {
        let item = self.finds(receipt, step).await;
        let held = self.claim(&item).await.unwrap();
        self.complete(&held).await.unwrap()
    }

    /// What all services hold, once nothing is on its way any more. What looks wrong may have been on its way
    /// while one service was read after the other: it is read again.
    pub async fn balance(&self) -> Balance {
        let readings = Cell::new(20);
        wait::until("the outboxes are handed over", async || {
            let mut conservation = ConservationServiceClient::new(self.peer());
            let positions = conservation.get_positions(GetPositionsRequest::default()).await.ok()?;
            let positions = positions.into_inner().positions;
            if positions.iter().any(|position| position.outstanding > 0) {
                return None;
            }
            let balance = Balance::of(&self.holdings().await);
            (balance.holds() || readings.replace(readings.get() - 1) == 1).then_some(balance)
        })
        .await
    }

    async fn holdings(&self) -> Holdings {
        let mut all = Holdings::default();
        for service in ["intake", "routing", "processing"] {
            let mut page_token = String::new();
            loop {
                // Small pages, so that paging is used.
                let request =
                    ListHoldingsRequest { service: service.into(), page_size: 50, page_token, day: None };
                let mut conservation = ConservationServiceClient::new(self.peer());
                let page = conservation.list_holdings(request).await.unwrap().into_inner();
                for holding in page.holdings {
                    let id = holding.application_id.parse().unwrap();
                    match HoldingPlace::try_from(holding.place).unwrap() {
                        HoldingPlace::Unspecified => panic!("a holding without a place"),
                        HoldingPlace::Accepted => all.intake.push(id),
                        HoldingPlace::Waiting => all.routing.push((id, Place::Waiting)),
                        HoldingPlace::Assigned => all.routing.push((id, Place::Assigned)),
                        HoldingPlace::InCase => all.processing.push((id, Place::InCase)),
                        HoldingPlace::Finished => all.processing.push((id, Place::Finished)),
                        HoldingPlace::Refused => all.processing.push((id, Place::Refused)),
                        HoldingPlace::Stopped => all.processing.push((id, Place::Stopped)),
                        HoldingPlace::Parked => all.parked.push(id),
                    }
                }
                if page.next_page_token.is_empty() {
                    break;
                }
                page_token = page.next_page_token;
            }
        }
        all
    }
}

/// A valid application for a procedure of the tiny province, received at Alpha.
pub fn application(key: &str, procedure: &str) -> SubmitApplicationRequest {
    SubmitApplicationRequest {
        idempotency_key: key.to_owned(),
        procedure_code: procedure.to_owned(),
        received_at_code: province::ALPHA.to_owned(),
        applicant: Some(Applicant { name: "Đinh Thị Thử".into(), ..Applicant::default() }),
        channel: Channel::Direct.into(),
        places: vec![WirePlace {
            key: CompetenceKey::Residence.into(),
            commune_code: province::ALPHA.to_owned(),
        }],
        ..SubmitApplicationRequest::default()
    }
}

/// Asks again while the endpoint is away, as a client with a key may.
pub async fn submit_surely(endpoint: &str, request: &SubmitApplicationRequest) -> Receipt {
    wait::until("an answer to a submission", async || {
        match tokio::time::timeout(Duration::from_secs(5), Client::system(endpoint).submit(request.clone()))
            .await
        {
            Ok(Ok(receipt)) => Some(receipt),
            Ok(Err(status)) if matches!(status.code(), Code::Unavailable | Code::DeadlineExceeded) => None,
            Ok(Err(status)) => panic!("refused: {status:?}"),
            Err(_) => None,
        }
    })
    .await
}
