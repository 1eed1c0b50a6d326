//! `DraftService`.

use phidia_domain::{Rejection, id::DraftId};
use phidia_proto::{
    application,
    convert::{self, missing, wire_timestamp},
    intake::v1::{
        DeleteDraftRequest, DeleteDraftResponse, Draft, GetDraftRequest, GetDraftResponse, ListDraftsRequest,
        ListDraftsResponse, SaveDraftRequest, SaveDraftResponse, SubmitDraftRequest, SubmitDraftResponse,
        draft_service_server::DraftService,
    },
};
use phidia_runtime::{failure::Failure, identity, status, telemetry::concerns};
use tonic::{Request, Response, Status, async_trait};

use super::applications::{submitted, wire_receipt};
use crate::{
    Intake,
    applications::expect::{self, Expectation, Expected},
    drafts::{get::ShownDraft, list::Question, save::Saved},
    record::DraftRecord,
};

/// Serves drafts.
pub(crate) struct Drafts(Intake, Expectation);

impl Drafts {
    pub(crate) fn new(intake: Intake, expectation: Expectation) -> Self {
        Self(intake, expectation)
    }

    async fn save(&self, request: Request<SaveDraftRequest>) -> Result<SaveDraftResponse, Failure> {
        let caller = identity::caller(&request)?;
        let SaveDraftRequest { draft_id, revision, application } = request.into_inner();
        let saved = match draft_id.as_str() {
            "" if revision != 0 => {
                let expected = "a draft that is not there yet has no revision";
                return Err(Rejection::invalid("OUT_OF_RANGE", "revision", expected).into());
            }
            "" => Saved::New,
            _ if revision == 0 => return Err(missing("revision").into()),
            id => Saved::Again(self::id(id)?, revision),
        };
        let draft = self.0.save_draft(&caller, saved, application.unwrap_or_default()).await?;
        Ok(SaveDraftResponse { draft: Some(self.wire(&draft)) })
    }

    async fn get(&self, request: Request<GetDraftRequest>) -> Result<GetDraftResponse, Failure> {
        let caller = identity::caller(&request)?;
        let id = id(&request.get_ref().draft_id)?;
        let ShownDraft { draft, application, receipt } = self.0.draft(&caller, id).await?;
        Ok(GetDraftResponse {
            draft: Some(self.wire(&draft)),
            application,
            receipt: receipt.map(wire_receipt),
        })
    }

    async fn list(&self, request: Request<ListDraftsRequest>) -> Result<ListDraftsResponse, Failure> {
        let caller = identity::caller(&request)?;
        let ListDraftsRequest { page_size, page_token, of_unit } = request.into_inner();
        let page_size = convert::page_size(page_size, 50, 200)?;
        let page = self.0.list_drafts(&caller, Question { of_unit, page_size, page_token }).await?;
        Ok(ListDraftsResponse {
            drafts: page.items.iter().map(|draft| self.wire(draft)).collect(),
            next_page_token: page.next_page_token,
        })
    }

    async fn delete(&self, request: Request<DeleteDraftRequest>) -> Result<DeleteDraftResponse, Failure> {
        let caller = identity::caller(&request)?;
        self.0.delete_draft(&caller, id(&request.get_ref().draft_id)?).await?;
        Ok(DeleteDraftResponse {})
    }

    async fn submit(&self, request: Request<SubmitDraftRequest>) -> Result<SubmitDraftResponse, Failure> {
        let caller = identity::caller(&request)?;
        let SubmitDraftRequest { draft_id, revision, issued } = request.into_inner();
        let issued = issued.map(application::issued).transpose()?;
        let id = id(&draft_id)?;
        let application = self.0.draft(&caller, id).await?.application;
        let expected = async {
            Ok(match &application {
                Some(application) => self.1.of(expect::previewed(application)).await,
                None => Expected::default(),
            })
        };
        let (taken_in, expected) =
            tokio::try_join!(self.0.submit_draft(&caller, id, revision, issued), expected)?;
        concerns(taken_in.receipt.application);
        Ok(SubmitDraftResponse { submitted: Some(submitted(taken_in, expected)) })
    }

    fn wire(&self, draft: &DraftRecord) -> Draft {
        Draft {
            draft_id: draft.id.to_string(),
            revision: draft.revision,
            procedure_code: draft.procedure_code.clone(),
            created_at: Some(wire_timestamp(draft.created_at)),
            saved_at: Some(wire_timestamp(draft.saved_at)),
            kept_until: Some(wire_timestamp(self.0.kept_until(draft))),
            application_id: draft.application.map(|id| id.to_string()).unwrap_or_default(),
        }
    }
}

#[async_trait]
impl DraftService for Drafts {
    async fn save_draft(
        &self,
        request: Request<SaveDraftRequest>,
    ) -> Result<Response<SaveDraftResponse>, Status> {
        self.save(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn get_draft(
        &self,
        request: Request<GetDraftRequest>,
    ) -> Result<Response<GetDraftResponse>, Status> {
        self.get(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn list_drafts(
        &self,
        request: Request<ListDraftsRequest>,
    ) -> Result<Response<ListDraftsResponse>, Status> {
        self.list(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn delete_draft(
        &self,
        request: Request<DeleteDraftRequest>,
    ) -> Result<Response<DeleteDraftResponse>, Status> {
        self.delete(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn submit_draft(
        &self,
        request: Request<SubmitDraftRequest>,
    ) -> Result<Response<SubmitDraftResponse>, Status> {
        self.submit(request).await.map(Response::new).map_err(status::of_failure)
    }
}

fn id(text: &str) -> Result<DraftId, Rejection> {
    if text.is_empty() {
        return Err(missing("draft_id"));
    }
    convert::id(text, "draft_id")
}
