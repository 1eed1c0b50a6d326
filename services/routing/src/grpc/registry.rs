//! `phidia.routing.v1.RegistryService`.

use std::sync::Arc;

use async_trait::async_trait;
use futures::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use phidia_domain::{Rejection, caller::Role, registry::Change};
use phidia_proto::{
    MAX_MESSAGE_BYTES, MAX_PROVINCE_BYTES, convert,
    registry::{days, hours, standing},
    routing::v1::{
        ClearAbsenceRequest, ClearAbsenceResponse, ClearOfficerHoursRequest, ClearOfficerHoursResponse,
        ClearUnitHoursRequest, ClearUnitHoursResponse, GetUnitRequest, GetUnitResponse, InstallPhase,
        InstallProvinceRequest, InstallProvinceResponse, ListOfficersRequest, ListOfficersResponse,
        ListOvertimeRequest, ListOvertimeResponse, ListRegistryChangesRequest, ListRegistryChangesResponse,
        ListUnitsRequest, ListUnitsResponse, OvertimeSelection, SetAbsenceRequest, SetAbsenceResponse,
        SetOfficerHoursRequest, SetOfficerHoursResponse, SetUnitHoursRequest, SetUnitHoursResponse,
        SetUnitStandingRequest, SetUnitStandingResponse, SetUnitWorkplacesRequest, SetUnitWorkplacesResponse,
        WatchLoadRequest, WatchLoadResponse,
        registry_service_server::{RegistryService, RegistryServiceServer},
    },
};
use phidia_runtime::{failure::Failure, identity, status::of_failure, versions::Phase};
use tonic::{Request, Response, Status};

use super::{
    answer, live, overtime,
    routing::{page, sender},
};
use crate::{
    Routing,
    caller::{Sender, forbidden},
    change_registry::Order,
    list_officers::{Officers, Wanted},
    list_overtime::Selection,
    list_units::Listing,
};

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
            .max_decoding_message_size(MAX_PROVINCE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
    }

    async fn install(&self, request: InstallProvinceRequest) -> Result<InstallProvinceResponse, Failure> {
        let allow_uncovered = request.allow_uncovered;
        self.0.install_province(phase(request)?, allow_uncovered).await?;
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
    async fn unit(&self, request: Request<GetUnitRequest>) -> Result<GetUnitResponse, Failure> {
        let caller = identity::caller(&request)?;
        let GetUnitRequest { unit_code, revision } = request.into_inner();
        let found = self.0.get_unit(&caller, named(&unit_code, "unit_code")?, revision).await?;
        live::unit(&found).ok_or_else(|| Failure::broken("a unit that was found is not there"))
    }

    async fn officers(&self, request: Request<ListOfficersRequest>) -> Result<ListOfficersResponse, Failure> {
        let caller = identity::caller(&request)?;
        let ListOfficersRequest { page_size, page_token, unit_code, field, level } = request.into_inner();
        let size = convert::page_size(page_size, 200, 1_000)?;
        let size = usize::try_from(size).map_err(Failure::broken)?;
        let level = u8::try_from(level).ok().filter(|level| *level <= 5);
        let level = level.ok_or_else(|| Rejection::invalid("OUT_OF_RANGE", "level", "from 1 to 5, or 0"))?;
        let wanted = Wanted { unit_code, field, level };
        let Officers { reference, officers, more, today } =
            self.0.list_officers(&caller, &wanted, &page_token, size).await?;
        let officers = officers.into_iter().filter_map(|id| live::officer(&reference.value, id, today));
        Ok(ListOfficersResponse { officers: officers.collect(), next_page_token: more.unwrap_or_default() })
    }

    async fn changes(
        &self,
        request: Request<ListRegistryChangesRequest>,
    ) -> Result<ListRegistryChangesResponse, Failure> {
        let caller = identity::caller(&request)?;
        let ListRegistryChangesRequest { page_size, page_token, unit_code, officer_code } =
            request.into_inner();
        let size = convert::page_size(page_size, 100, 1_000)?;
        let before = if page_token.is_empty() { i64::MAX } else { page(&page_token)? };
        let found = self.0.list_changes(&caller, &unit_code, &officer_code, before, size).await?;
        let full = u64::try_from(found.changes.len()).is_ok_and(|length| length >= size);
        let last = found.changes.last().filter(|last| full && last.revision > 1);
        Ok(ListRegistryChangesResponse {
            next_page_token: last.map(|last| last.revision.to_string()).unwrap_or_default(),
            changes: found
                .changes
                .iter()
                .map(|recorded| live::change(&found.reference.value, recorded))
                .collect(),
        })
    }

    async fn overtime(&self, request: Request<ListOvertimeRequest>) -> Result<ListOvertimeResponse, Failure> {
        let caller = identity::caller(&request)?;
        let ListOvertimeRequest { page_size, page_token, selection } = request.into_inner();
        let size = convert::page_size(page_size, 200, 1_000)?;
        let size = usize::try_from(size).map_err(Failure::broken)?;
        let OvertimeSelection { period, unit_code, officer_code } = selection.unwrap_or_default();
        let wanted = Selection { period, unit_code, officer_code };
        Ok(overtime::page(self.0.list_overtime(&caller, &wanted, &page_token, size).await?))
    }

    async fn set_standing(
        &self,
        request: Request<SetUnitStandingRequest>,
    ) -> Result<SetUnitStandingResponse, Failure> {
        let sender = sender(&request)?;
        let SetUnitStandingRequest { unit_code, standing: stands, reason, expected_revision } =
            request.into_inner();
        let standing = standing(stands, "standing")?;
        let order = Order { sender, reason, expected: expected_revision };
        let code = named(&unit_code, "unit_code")?;
        let done = self.0.change_unit(order, code, |unit| Change::Standing { unit, standing }).await?;
        Ok(SetUnitStandingResponse { outcome: Some(live::outcome(done)?) })
    }

    async fn set_workplaces(
        &self,
        request: Request<SetUnitWorkplacesRequest>,
    ) -> Result<SetUnitWorkplacesResponse, Failure> {
        let sender = sender(&request)?;
        let SetUnitWorkplacesRequest {
            unit_code,
            workplaces: most,
            reason,
            register_revision,
            expected_revision,
        } = request.into_inner();
        let told = told(&sender, register_revision)?;
        let order = Order { sender, reason, expected: expected_revision };
        let code = named(&unit_code, "unit_code")?;
        let done = self.0.change_unit(order, code, |unit| Change::Workplaces { unit, most, told }).await?;
        Ok(SetUnitWorkplacesResponse { outcome: Some(live::outcome(done)?) })
    }

    async fn set_hours(
        &self,
        request: Request<SetUnitHoursRequest>,
    ) -> Result<SetUnitHoursResponse, Failure> {
        let sender = sender(&request)?;
        let SetUnitHoursRequest { unit_code, day, hours: named_hours, reason, expected_revision } =
            request.into_inner();
        let (day, hours) = (convert::day(&day, "day")?, hours(&named_hours, "hours")?);
        let order = Order { sender, reason, expected: expected_revision };
        let code = named(&unit_code, "unit_code")?;
        let done = self.0.change_unit(order, code, |unit| Change::Hours { unit, day, hours }).await?;
        Ok(SetUnitHoursResponse { outcome: Some(live::outcome(done)?) })
    }

    async fn clear_hours(
        &self,
        request: Request<ClearUnitHoursRequest>,
    ) -> Result<ClearUnitHoursResponse, Failure> {
        let sender = sender(&request)?;
        let ClearUnitHoursRequest { unit_code, day, reason, expected_revision } = request.into_inner();
        let day = convert::day(&day, "day")?;
        let order = Order { sender, reason, expected: expected_revision };
        let code = named(&unit_code, "unit_code")?;
        let done = self.0.change_unit(order, code, |unit| Change::AsPlanned { unit, day }).await?;
        Ok(ClearUnitHoursResponse { outcome: Some(live::outcome(done)?) })
    }

    async fn absent(&self, request: Request<SetAbsenceRequest>) -> Result<SetAbsenceResponse, Failure> {
        let sender = sender(&request)?;
        let SetAbsenceRequest { officer_code, days: on, reason, expected_revision, compensatory } =
            request.into_inner();
        let days = days(on, "days")?;
        let order = Order { sender, reason, expected: expected_revision };
        let code = named(&officer_code, "officer_code")?;
        let change = |officer| Change::Absent { officer, days, compensatory };
        let done = self.0.change_officer(order, code, change).await?;
        Ok(SetAbsenceResponse { outcome: Some(live::outcome(done)?) })
    }

    async fn present(&self, request: Request<ClearAbsenceRequest>) -> Result<ClearAbsenceResponse, Failure> {
        let sender = sender(&request)?;
        let ClearAbsenceRequest { officer_code, days: on, reason, expected_revision } = request.into_inner();
        let days = days(on, "days")?;
        let order = Order { sender, reason, expected: expected_revision };
        let code = named(&officer_code, "officer_code")?;
        let done = self.0.change_officer(order, code, |officer| Change::Present { officer, days }).await?;
        Ok(ClearAbsenceResponse { outcome: Some(live::outcome(done)?) })
    }

    async fn set_shift(
        &self,
        request: Request<SetOfficerHoursRequest>,
    ) -> Result<SetOfficerHoursResponse, Failure> {
        let sender = sender(&request)?;
        let SetOfficerHoursRequest {
            officer_code,
            day,
            hours: named_hours,
            reason,
            expected_revision,
            compensatory,
        } = request.into_inner();
        let (day, hours) = (convert::day(&day, "day")?, hours(&named_hours, "hours")?);
        let order = Order { sender, reason, expected: expected_revision };
        let code = named(&officer_code, "officer_code")?;
        let change = |officer| Change::OfficerHours { officer, day, hours, compensatory };
        let done = self.0.change_officer(order, code, change).await?;
        Ok(SetOfficerHoursResponse {
            minutes_outside: u32::try_from(done.minutes_outside).map_err(Failure::broken)?,
            outcome: Some(live::outcome(done)?),
        })
    }

    async fn clear_shift(
        &self,
        request: Request<ClearOfficerHoursRequest>,
    ) -> Result<ClearOfficerHoursResponse, Failure> {
        let sender = sender(&request)?;
        let ClearOfficerHoursRequest { officer_code, day, reason, expected_revision } = request.into_inner();
        let day = convert::day(&day, "day")?;
        let order = Order { sender, reason, expected: expected_revision };
        let code = named(&officer_code, "officer_code")?;
        let change = |officer| Change::OfficerAsPlanned { officer, day };
        let done = self.0.change_officer(order, code, change).await?;
        Ok(ClearOfficerHoursResponse { outcome: Some(live::outcome(done)?) })
    }
}

/// A code that must be given.
fn named<'c>(code: &'c str, field: &str) -> Result<&'c str, Rejection> {
    if code.is_empty() { Err(convert::missing(field)) } else { Ok(code) }
}

/// What a watcher is told.
type Loads = BoxStream<'static, Result<WatchLoadResponse, Status>>;

fn phase(request: InstallProvinceRequest) -> Result<Phase, Rejection> {
    let InstallProvinceRequest { phase, version, files, .. } = request;
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

    async fn get_unit(&self, request: Request<GetUnitRequest>) -> Result<Response<GetUnitResponse>, Status> {
        self.unit(request).await.map(Response::new).map_err(of_failure)
    }

    async fn list_officers(
        &self,
        request: Request<ListOfficersRequest>,
    ) -> Result<Response<ListOfficersResponse>, Status> {
        self.officers(request).await.map(Response::new).map_err(of_failure)
    }

    async fn list_registry_changes(
        &self,
        request: Request<ListRegistryChangesRequest>,
    ) -> Result<Response<ListRegistryChangesResponse>, Status> {
        self.changes(request).await.map(Response::new).map_err(of_failure)
    }

    async fn list_overtime(
        &self,
        request: Request<ListOvertimeRequest>,
    ) -> Result<Response<ListOvertimeResponse>, Status> {
        self.overtime(request).await.map(Response::new).map_err(of_failure)
    }

    async fn set_unit_standing(
        &self,
        request: Request<SetUnitStandingRequest>,
    ) -> Result<Response<SetUnitStandingResponse>, Status> {
        self.set_standing(request).await.map(Response::new).map_err(of_failure)
    }

    async fn set_unit_workplaces(
        &self,
        request: Request<SetUnitWorkplacesRequest>,
    ) -> Result<Response<SetUnitWorkplacesResponse>, Status> {
        self.set_workplaces(request).await.map(Response::new).map_err(of_failure)
    }

    async fn set_unit_hours(
        &self,
        request: Request<SetUnitHoursRequest>,
    ) -> Result<Response<SetUnitHoursResponse>, Status> {
        self.set_hours(request).await.map(Response::new).map_err(of_failure)
    }

    async fn clear_unit_hours(
        &self,
        request: Request<ClearUnitHoursRequest>,
    ) -> Result<Response<ClearUnitHoursResponse>, Status> {
        self.clear_hours(request).await.map(Response::new).map_err(of_failure)
    }

    async fn set_absence(
        &self,
        request: Request<SetAbsenceRequest>,
    ) -> Result<Response<SetAbsenceResponse>, Status> {
        self.absent(request).await.map(Response::new).map_err(of_failure)
    }

    async fn clear_absence(
        &self,
        request: Request<ClearAbsenceRequest>,
    ) -> Result<Response<ClearAbsenceResponse>, Status> {
        self.present(request).await.map(Response::new).map_err(of_failure)
    }

    async fn set_officer_hours(
        &self,
        request: Request<SetOfficerHoursRequest>,
    ) -> Result<Response<SetOfficerHoursResponse>, Status> {
        self.set_shift(request).await.map(Response::new).map_err(of_failure)
    }

    async fn clear_officer_hours(
        &self,
        request: Request<ClearOfficerHoursRequest>,
    ) -> Result<Response<ClearOfficerHoursResponse>, Status> {
        self.clear_shift(request).await.map(Response::new).map_err(of_failure)
    }
}

/// The revision of the register of equipment, which is told by a service and by nobody else.
fn told(sender: &Sender, revision: Option<i64>) -> Result<Option<i64>, Rejection> {
    match revision {
        Some(..1) => Err(Rejection::invalid("OUT_OF_RANGE", "register_revision", "counts from 1")),
        Some(_) if sender.caller.role != Role::Service => {
            Err(forbidden("NOT_THE_REGISTER", "only the register of equipment tells by revision"))
        }
        revision => Ok(revision),
    }
}
