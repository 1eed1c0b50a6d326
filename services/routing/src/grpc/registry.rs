//! `phidia.routing.v1.RegistryService`.

use std::sync::Arc;

use async_trait::async_trait;
use futures::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use phidia_domain::Rejection;
use phidia_proto::{
    MAX_MESSAGE_BYTES, convert,
    routing::v1::{
        InstallPhase, InstallProvinceRequest, InstallProvinceResponse, ListUnitsRequest, ListUnitsResponse,
        WatchLoadRequest, WatchLoadResponse,
        registry_service_server::{RegistryService, RegistryServiceServer},
    },
};
use phidia_runtime::{failure::Failure, status::of_failure, versions::Phase};
use tonic::{Request, Response, Status};

use super::answer;
use crate::{Routing, list_units::Listing};

/// Answers for the registry.
#[derive(Debug)]
pub(crate) struct RegistryServer(Arc<Routing>);

impl RegistryServer {
    pub(crate) fn new(routing: Arc<Routing>) -> Self {
        Self(routing)
    }

    /// As a gRPC service, with the limits of messages.
    pub(crate) fn server(self) -> RegistryServiceServer<Self> {
        RegistryServiceServer::new(self)
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
    }

    async fn install(&self, request: InstallProvinceRequest) -> Result<InstallProvinceResponse, Failure> {
        self.0.versions.install(phase(request)?).await?;
        Ok(InstallProvinceResponse {})
    }

    async fn list(&self, request: ListUnitsRequest) -> Result<ListUnitsResponse, Failure> {
        let size = convert::page_size(request.page_size, 200, 1_000)?;
        let size = usize::try_from(size).map_err(Failure::broken)?;
        let Listing { units, more, settled } = self.0.list_units(&request.page_token, size).await?;
        let units = units.into_iter().map(answer::unit).collect();
        Ok(ListUnitsResponse { units, next_page_token: more.unwrap_or_default(), settled })
    }

    async fn watch(&self, request: WatchLoadRequest) -> Result<Loads, Failure> {
        let place = Some(request.resume_token).filter(|token| !token.is_empty());
        let place = place.map(|token| token.parse()).transpose()?;
        let routing = Arc::clone(&self.0);
        let told = self.0.watch_load(place).await?.and_then(move |told| {
            let routing = Arc::clone(&routing);
            async move { Ok(answer::load(&routing.versions.active().await?.value, told)) }
        });
        Ok(told.map_err(of_failure).boxed())
    }
}

/// What a watcher is told.
type Loads = BoxStream<'static, Result<WatchLoadResponse, Status>>;

fn phase(request: InstallProvinceRequest) -> Result<Phase, Rejection> {
    let InstallProvinceRequest { phase, version, files } = request;
    let files = files.into_iter().collect();
    match InstallPhase::try_from(phase) {
        Ok(InstallPhase::Validate) => Ok(Phase::Validate(files)),
        Ok(InstallPhase::Stage) => Ok(Phase::Stage(version, files)),
        Ok(InstallPhase::Activate) => Ok(Phase::Activate(version)),
        Ok(InstallPhase::Unspecified) | Err(_) => {
            Err(Rejection::invalid("UNKNOWN_VALUE", "phase", "expected VALIDATE, STAGE or ACTIVATE"))
        }
    }
}

#[async_trait]
impl RegistryService for RegistryServer {
    type WatchLoadStream = Loads;

    async fn install_province(
        &self,
        request: Request<InstallProvinceRequest>,
    ) -> Result<Response<InstallProvinceResponse>, Status> {
        self.install(request.into_inner()).await.map(Response::new).map_err(of_failure)
    }

    async fn list_units(
        &self,
        request: Request<ListUnitsRequest>,
    ) -> Result<Response<ListUnitsResponse>, Status> {
        self.list(request.into_inner()).await.map(Response::new).map_err(of_failure)
    }

    async fn watch_load(
        &self,
        request: Request<WatchLoadRequest>,
    ) -> Result<Response<Self::WatchLoadStream>, Status> {
        self.watch(request.into_inner()).await.map(Response::new).map_err(of_failure)
    }
}
