//! OfficeService.

use phidia_domain::{Rejection, province::Office};
use phidia_proto::notification::v1::{
    InstallPhase, InstallProvinceRequest, InstallProvinceResponse, office_service_server::OfficeService,
};
use phidia_runtime::{
    status,
    versions::{Phase, Versions},
};
use tonic::{Request, Response, Status, async_trait};

/// Takes the hours of the province in.
pub(crate) struct OfficeServer(pub(crate) Versions<Office>);

#[async_trait]
impl OfficeService for OfficeServer {
    async fn install_province(
        &self,
        request: Request<InstallProvinceRequest>,
    ) -> Result<Response<InstallProvinceResponse>, Status> {
        let phase = phase(request.into_inner()).map_err(|refusal| status::of_failure(refusal.into()))?;
        self.0.install(phase).await.map_err(status::of_failure)?;
        Ok(Response::new(InstallProvinceResponse {}))
    }
}

fn phase(request: InstallProvinceRequest) -> Result<Phase, Rejection> {
    let InstallProvinceRequest { phase, version, files } = request;
    match InstallPhase::try_from(phase) {
        Ok(InstallPhase::Validate) => Ok(Phase::Validate(files)),
        Ok(InstallPhase::Stage) => Ok(Phase::Stage(version, files)),
        Ok(InstallPhase::Activate) => Ok(Phase::Activate(version)),
        Ok(InstallPhase::Unspecified) | Err(_) => {
            Err(Rejection::invalid("UNKNOWN_VALUE", "phase", "expected VALIDATE, STAGE or ACTIVATE"))
        }
    }
}
