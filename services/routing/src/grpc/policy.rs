//! `phidia.routing.v1.PolicyService`.

use std::sync::Arc;

use async_trait::async_trait;
use phidia_domain::Rejection;
use phidia_proto::{
    MAX_MESSAGE_BYTES, convert,
    coverage::{wire_coverage, wire_takers},
    routing::v1::{
        CheckPolicyRequest, CheckPolicyResponse, GetPolicyRequest, GetPolicyResponse, ListPoliciesRequest,
        ListPoliciesResponse, ListTakersRequest, ListTakersResponse, PolicyVersion, PublishPolicyRequest,
        PublishPolicyResponse,
        policy_service_server::{PolicyService, PolicyServiceServer},
    },
};
use phidia_runtime::{failure::Failure, identity, status::of_failure};
use tonic::{Request, Response, Status};

use crate::{Routing, policies::Published, publish_policy::Publication};

/// Answers for the policy.
#[derive(Debug)]
pub(crate) struct PolicyServer(Arc<Routing>);

impl PolicyServer {
    pub(crate) fn new(routing: Arc<Routing>) -> Self {
        Self(routing)
    }

    /// As a gRPC service, with the limits of messages.
    pub(crate) fn server(self) -> PolicyServiceServer<Self> {
        PolicyServiceServer::new(self)
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
    }

    async fn publish(
        &self,
        request: Request<PublishPolicyRequest>,
    ) -> Result<PublishPolicyResponse, Failure> {
        let caller = identity::caller(&request)?;
        let PublishPolicyRequest { document, reason, expected_version, allow_uncovered } =
            request.into_inner();
        if document.is_empty() {
            return Err(convert::missing("document").into());
        }
        if expected_version == 0 {
            return Err(convert::missing("expected_version").into());
        }
        let publication = Publication { document, reason, expected: expected_version, allow_uncovered };
        let (published, changed) = self.0.publish_policy(&caller, publication).await?;
        Ok(PublishPolicyResponse { policy: Some(version((published, true))), changed })
    }

    async fn get(&self, request: GetPolicyRequest) -> Result<GetPolicyResponse, Failure> {
        let named = Some(request.version).filter(|named| *named > 0);
        let found = self.0.policies.get(named).await?;
        Ok(GetPolicyResponse { policy: Some(version(found)) })
    }

    async fn list(&self, request: ListPoliciesRequest) -> Result<ListPoliciesResponse, Failure> {
        let size = convert::page_size(request.page_size, 100, 1_000)?;
        let before = match request.page_token.as_str() {
            "" => u32::MAX,
            token => token.parse().map_err(|_| {
                Rejection::invalid("MALFORMED_PAGE_TOKEN", "page_token", "a token of an answer")
            })?,
        };
        let page = self.0.policies.page(before, size).await?;
        // Version 1 is always there, and the last.
        let next = page.last().filter(|(last, _)| last.version > 1).map(|(last, _)| last.version.to_string());
        let versions =
            page.into_iter().map(|found| PolicyVersion { document: String::new(), ..version(found) });
        Ok(ListPoliciesResponse { policies: versions.collect(), next_page_token: next.unwrap_or_default() })
    }

    async fn check(&self, request: CheckPolicyRequest) -> Result<CheckPolicyResponse, Failure> {
        let CheckPolicyRequest { document, from } = request;
        let document = Some(document.as_str()).filter(|document| !document.is_empty());
        let checked = self.0.check_policy(document, convert::optional_day(&from, "from")?).await?;
        let coverage = wire_coverage(&checked.coverage, &checked.today.value.province);
        Ok(CheckPolicyResponse { name: checked.name, coverage: Some(coverage) })
    }

    async fn takers(&self, request: ListTakersRequest) -> Result<ListTakersResponse, Failure> {
        let ListTakersRequest { procedure_code, commune_code, from } = request;
        for (field, code) in [("procedure_code", &procedure_code), ("commune_code", &commune_code)] {
            if code.is_empty() {
                return Err(convert::missing(field).into());
            }
        }
        let (today, found) =
            self.0.list_takers(procedure_code, commune_code, convert::optional_day(&from, "from")?).await?;
        let takers = found.iter().map(|takers| wire_takers(takers, &today.value.province));
        Ok(ListTakersResponse { takers: takers.collect() })
    }
}

fn version((published, active): (Published, bool)) -> PolicyVersion {
    let Published { version, name, document, digest, published_at, published_by, reason } = published;
    let published_at = Some(convert::wire_timestamp(published_at));
    PolicyVersion { version, name, document, digest, published_at, published_by, reason, active }
}

#[async_trait]
impl PolicyService for PolicyServer {
    async fn publish_policy(
        &self,
        request: Request<PublishPolicyRequest>,
    ) -> Result<Response<PublishPolicyResponse>, Status> {
        self.publish(request).await.map(Response::new).map_err(of_failure)
    }

    async fn get_policy(
        &self,
        request: Request<GetPolicyRequest>,
    ) -> Result<Response<GetPolicyResponse>, Status> {
        self.get(request.into_inner()).await.map(Response::new).map_err(of_failure)
    }

    async fn list_policies(
        &self,
        request: Request<ListPoliciesRequest>,
    ) -> Result<Response<ListPoliciesResponse>, Status> {
        self.list(request.into_inner()).await.map(Response::new).map_err(of_failure)
    }

    async fn check_policy(
        &self,
        request: Request<CheckPolicyRequest>,
    ) -> Result<Response<CheckPolicyResponse>, Status> {
        self.check(request.into_inner()).await.map(Response::new).map_err(of_failure)
    }

    async fn list_takers(
        &self,
        request: Request<ListTakersRequest>,
    ) -> Result<Response<ListTakersResponse>, Status> {
        self.takers(request.into_inner()).await.map(Response::new).map_err(of_failure)
    }
}
