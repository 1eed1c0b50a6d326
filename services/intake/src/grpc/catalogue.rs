//! `CatalogueService`.

use std::{collections::BTreeSet, sync::Arc};

use jiff::civil::Date;
use phidia_domain::{
    Rejection,
    procedure::{self, CompetenceKey, Scope},
    province::{self, Province},
};
use phidia_proto::{
    convert::{self, missing, wire_text},
    intake::v1::{
        AmendProvinceRequest, AmendProvinceResponse, CheckCatalogueRequest, CheckCatalogueResponse,
        CompareCatalogueRequest, CompareCatalogueResponse, DiffCatalogueRequest, DiffCatalogueResponse,
        ExportCatalogueRequest, ExportCatalogueResponse, GetProcedureRequest, GetProcedureResponse,
        GetProcessRequest, GetProcessResponse, GetProvinceRequest, GetProvinceResponse,
        ImportCatalogueRequest, ImportCatalogueResponse, ImportProvinceRequest, ImportProvinceResponse,
        ListCatalogueDifferencesRequest, ListCatalogueDifferencesResponse, ListProceduresRequest,
        ListProceduresResponse, ListProvinceVersionsRequest, ListProvinceVersionsResponse, Procedure,
        ProcedureStep, ProvinceFile, ProvinceFileChange, ProvinceSummary, ProvinceVersion,
        ResolveCatalogueDifferenceRequest, ResolveCatalogueDifferenceResponse,
        catalogue_service_server::CatalogueService,
    },
};
use phidia_runtime::{failure::Failure, identity, reference::Documents, status};
use tonic::{
    Request, Response, Status, async_trait,
    codegen::{BoxStream, tokio_stream},
};

use super::{procedure as details, process, whole_catalogue};
use crate::{
    Intake,
    catalogue::{
        import_province::{Amendment, Importer, Summary},
        list_procedures::Listed,
        province_versions::ProvinceVersion as Version,
    },
};

/// Serves the catalogue.
pub(crate) struct Catalogue {
    intake: Intake,
    importer: Arc<Importer>,
}

impl Catalogue {
    pub(crate) fn new(intake: Intake, importer: Importer) -> Self {
        Self { intake, importer: Arc::new(importer) }
    }

    async fn list(&self, request: ListProceduresRequest) -> Result<ListProceduresResponse, Failure> {
        let size = convert::page_size(request.page_size, 200, 1_000)?;
        let wanted = details::wanted(&request)?;
        let Listed { province, day, page } =
            self.intake.list_procedures(&request.query, &wanted, size, &request.page_token).await?;
        let procedures = page.items.iter().map(|procedure| wire_procedure(&province.value, procedure, day));
        Ok(ListProceduresResponse { procedures: procedures.collect(), next_page_token: page.next_page_token })
    }

    async fn import(
        &self,
        request: Request<ImportProvinceRequest>,
    ) -> Result<ImportProvinceResponse, Failure> {
        let by = identity::caller(&request)?.actor();
        let ImportProvinceRequest { files, validate_only, allow_uncovered } = request.into_inner();
        let files = documents(files, "files")?;
        if files.is_empty() {
            return Err(missing("files").into());
        }
        let (summary, changed) = self.importer.import(files, by, validate_only, allow_uncovered).await?;
        Ok(ImportProvinceResponse { province: Some(wire_summary(summary)), changed })
    }

    async fn amend(&self, request: Request<AmendProvinceRequest>) -> Result<AmendProvinceResponse, Failure> {
        let by = identity::caller(&request)?.actor();
        let AmendProvinceRequest { put, removed, expected_version, validate_only, allow_uncovered } =
            request.into_inner();
        let (put, removed) = (documents(put, "put")?, documents(removed, "removed")?);
        if put.is_empty() && removed.is_empty() {
            return Err(missing("put").into());
        }
        let amendment = Amendment { put: province::Documents(put), removed: province::Documents(removed) };
        let (summary, changed) =
            self.importer.amend(amendment, by, expected_version, validate_only, allow_uncovered).await?;
        Ok(AmendProvinceResponse { province: Some(wire_summary(summary)), changed })
    }

    async fn versions(
        &self,
        request: ListProvinceVersionsRequest,
    ) -> Result<ListProvinceVersionsResponse, Failure> {
        let size = convert::page_size(request.page_size, 10, 20)?;
        let page = self.intake.province_versions(size, &request.page_token).await?;
        Ok(ListProvinceVersionsResponse {
            versions: page.items.into_iter().map(wire_version).collect(),
            next_page_token: page.next_page_token,
        })
    }
}

#[async_trait]
impl CatalogueService for Catalogue {
    async fn get_process(
        &self,
        request: Request<GetProcessRequest>,
    ) -> Result<Response<GetProcessResponse>, Status> {
        let answer = process::get(&self.intake, request.into_inner()).await;
        answer.map(Response::new).map_err(status::of_failure)
    }

    async fn get_procedure(
        &self,
        request: Request<GetProcedureRequest>,
    ) -> Result<Response<GetProcedureResponse>, Status> {
        let answer = details::get(&self.intake, request.into_inner()).await;
        answer.map(Response::new).map_err(status::of_failure)
    }

    type ExportCatalogueStream = BoxStream<ExportCatalogueResponse>;

    async fn export_catalogue(
        &self,
        request: Request<ExportCatalogueRequest>,
    ) -> Result<Response<Self::ExportCatalogueStream>, Status> {
        let parts = whole_catalogue::export(&self.intake, request.into_inner()).await;
        let parts = parts.map_err(status::of_failure)?;
        Ok(Response::new(Box::pin(tokio_stream::iter(parts.into_iter().map(Ok)))))
    }

    async fn import_catalogue(
        &self,
        request: Request<ImportCatalogueRequest>,
    ) -> Result<Response<ImportCatalogueResponse>, Status> {
        let by = identity::caller(&request).map_err(Failure::from).map_err(status::of_failure)?.actor();
        let answer = whole_catalogue::import(&self.intake, &self.importer, request.into_inner(), by).await;
        answer.map(Response::new).map_err(status::of_failure)
    }

    async fn check_catalogue(
        &self,
        request: Request<CheckCatalogueRequest>,
    ) -> Result<Response<CheckCatalogueResponse>, Status> {
        let answer = whole_catalogue::check(&self.intake, request.into_inner()).await;
        answer.map(Response::new).map_err(status::of_failure)
    }

    async fn diff_catalogue(
        &self,
        request: Request<DiffCatalogueRequest>,
    ) -> Result<Response<DiffCatalogueResponse>, Status> {
        let answer = whole_catalogue::diff(&self.intake, request.into_inner()).await;
        answer.map(Response::new).map_err(status::of_failure)
    }

    async fn compare_catalogue(
        &self,
        request: Request<CompareCatalogueRequest>,
    ) -> Result<Response<CompareCatalogueResponse>, Status> {
        let answer = whole_catalogue::compare(&self.intake, request.into_inner()).await;
        answer.map(Response::new).map_err(status::of_failure)
    }

    async fn list_catalogue_differences(
        &self,
        request: Request<ListCatalogueDifferencesRequest>,
    ) -> Result<Response<ListCatalogueDifferencesResponse>, Status> {
        let answer = whole_catalogue::differences(&self.intake, request.into_inner()).await;
        answer.map(Response::new).map_err(status::of_failure)
    }

    async fn resolve_catalogue_difference(
        &self,
        request: Request<ResolveCatalogueDifferenceRequest>,
    ) -> Result<Response<ResolveCatalogueDifferenceResponse>, Status> {
        let by = identity::caller(&request).map_err(Failure::from).map_err(status::of_failure)?.actor();
        let answer = whole_catalogue::resolve(&self.intake, request.into_inner(), by).await;
        answer.map(Response::new).map_err(status::of_failure)
    }

    async fn list_procedures(
        &self,
        request: Request<ListProceduresRequest>,
    ) -> Result<Response<ListProceduresResponse>, Status> {
        self.list(request.into_inner()).await.map(Response::new).map_err(status::of_failure)
    }

    async fn import_province(
        &self,
        request: Request<ImportProvinceRequest>,
    ) -> Result<Response<ImportProvinceResponse>, Status> {
        self.import(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn amend_province(
        &self,
        request: Request<AmendProvinceRequest>,
    ) -> Result<Response<AmendProvinceResponse>, Status> {
        self.amend(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn get_province(
        &self,
        _: Request<GetProvinceRequest>,
    ) -> Result<Response<GetProvinceResponse>, Status> {
        let summary = self.intake.province().await.map_err(status::of_failure)?;
        Ok(Response::new(GetProvinceResponse { province: Some(wire_summary(summary)) }))
    }

    async fn list_province_versions(
        &self,
        request: Request<ListProvinceVersionsRequest>,
    ) -> Result<Response<ListProvinceVersionsResponse>, Status> {
        self.versions(request.into_inner()).await.map(Response::new).map_err(status::of_failure)
    }
}

/// A day, or nothing.
pub(super) fn date(date: Option<Date>) -> String {
    date.map(|date| date.to_string()).unwrap_or_default()
}

/// Files by name, each name once.
pub(super) fn documents(files: Vec<ProvinceFile>, within: &str) -> Result<Documents, Rejection> {
    let mut documents = Documents::new();
    for (index, file) in files.into_iter().enumerate() {
        let field = format!("{within}[{index}].name");
        if file.name.is_empty() {
            return Err(missing(&field));
        }
        if documents.insert(file.name, file.content).is_some() {
            return Err(Rejection::invalid("DUPLICATE", &field, "each name at most once"));
        }
    }
    Ok(documents)
}

/// A procedure as it is on a day; one that is to come, as it will be on its first day.
pub(super) fn wire_procedure(province: &Province, procedure: &procedure::Procedure, day: Date) -> Procedure {
    let (begins, ends) = province.procedures.period(&procedure.code);
    let day = procedure.effective_from.map_or(day, |from| from.max(day));
    let keys: BTreeSet<CompetenceKey> = procedure.competence_keys_on(day).collect();
    Procedure {
        code: procedure.code.clone(),
        name: Some(wire_text(&procedure.name)),
        field: Some(wire_text(&procedure.field)),
        time_limit: procedure.limit.map(|limit| wire_text(&limit.in_words())),
        fee_vnd: procedure.fee_vnd,
        effective_from: date(begins),
        effective_to: date(ends),
        replaced_by: procedure.replaced_by.clone().unwrap_or_default(),
        competence_keys: keys.into_iter().map(|key| convert::wire_competence_key(key).into()).collect(),
        steps: procedure.steps_on(day).map(wire_step).collect(),
    }
}

fn wire_step(step: &procedure::Step) -> ProcedureStep {
    ProcedureStep {
        number: step.number,
        name: Some(wire_text(&step.name)),
        scope: scope(step.scope).to_owned(),
        level: step.level.into(),
        effort_minutes: step.effort_minutes,
        together_with: step.together_with.unwrap_or_default(),
    }
}

/// As `steps.csv` has it.
pub(super) fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Home => "home",
        Scope::Cluster => "cluster",
        Scope::Listed => "listed",
        Scope::Province => "province",
    }
}

pub(super) fn wire_summary(summary: Summary) -> ProvinceSummary {
    let count = |count| u32::try_from(count).unwrap_or(u32::MAX);
    ProvinceSummary {
        code: summary.code,
        name: Some(wire_text(&summary.name)),
        version: summary.version,
        units: count(summary.units),
        procedures: count(summary.procedures),
        officers: count(summary.officers),
        time_zone: summary.time_zone,
        figures: summary.figures.iter().map(details::figure).collect(),
    }
}

fn wire_version(version: Version) -> ProvinceVersion {
    let count = |count| u32::try_from(count).unwrap_or(u32::MAX);
    let Version { activated, changes } = version;
    let changes = changes.into_iter().map(|change| ProvinceFileChange {
        name: change.name,
        lines_added: count(change.added),
        lines_removed: count(change.removed),
    });
    ProvinceVersion {
        version: activated.version,
        imported_at: Some(convert::wire_timestamp(activated.at)),
        imported_by: activated.by.unwrap_or_default(),
        active: activated.active,
        changes: changes.collect(),
    }
}
