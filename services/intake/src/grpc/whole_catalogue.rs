//! The catalogue as a whole: exported, imported, checked and compared, as messages.

use std::sync::Arc;

use jiff::civil::Date;
use phidia_domain::catalogue::{check::Finding, compare::Resolution, difference::Change};
use phidia_proto::{
    convert::{self, missing, wire_text},
    intake::v1::{
        CatalogueChange, CatalogueDifference, CatalogueFinding, CheckCatalogueRequest,
        CheckCatalogueResponse, CompareCatalogueRequest, CompareCatalogueResponse, DiffCatalogueRequest,
        DiffCatalogueResponse, ExportCatalogueRequest, ExportCatalogueResponse, ImportCatalogueRequest,
        ImportCatalogueResponse, ListCatalogueDifferencesRequest, ListCatalogueDifferencesResponse,
        ResolveCatalogueDifferenceRequest, ResolveCatalogueDifferenceResponse,
    },
};
use phidia_runtime::failure::Failure;

use super::{
    catalogue::{date, documents, wire_summary},
    procedure::{figure, word},
};
use crate::{
    Intake,
    catalogue::{
        import_catalogue::{CatalogueImport, Layout},
        import_province::Importer,
    },
    record::DifferenceRecord,
    store::differences::Standing,
};

/// How much of a file goes into one message, in bytes.
const PART: usize = 256 * 1024;
/// How many changes an import tells.
const MOST_CHANGES: usize = 1_000;

const LAYOUTS: [(&str, Layout); 3] =
    [("csv", Layout::Tables), ("json", Layout::Published), ("national", Layout::National)];

/// The messages of an export, in their order.
pub(super) async fn export(
    intake: &Intake,
    request: ExportCatalogueRequest,
) -> Result<Vec<ExportCatalogueResponse>, Failure> {
    let as_tables = word("layout", &request.layout, &[("json", false), ("csv", true)])?.unwrap_or(false);
    let files = intake.export_catalogue(as_tables, version(request.province_version)).await?;
    let parts = files.iter().flat_map(|(name, content)| {
        content
            .chunks(PART)
            .map(|part| ExportCatalogueResponse { name: name.clone(), content: part.to_vec() })
    });
    Ok(parts.collect())
}

pub(super) async fn import(
    intake: &Intake,
    importer: &Arc<Importer>,
    request: ImportCatalogueRequest,
    by: String,
) -> Result<ImportCatalogueResponse, Failure> {
    let layout = word("layout", &request.layout, &LAYOUTS)?.ok_or_else(|| missing("layout"))?;
    let files = documents(request.files, "files")?;
    if files.is_empty() {
        return Err(missing("files").into());
    }
    let import = CatalogueImport {
        files,
        layout,
        steps_as: Some(request.steps_as).filter(|code| !code.is_empty()),
        validate_only: request.validate_only,
        allow_uncovered: request.allow_uncovered,
        expected_version: request.expected_version,
    };
    let (summary, changed, changes) = intake.import_catalogue(importer, import, by).await?;
    Ok(ImportCatalogueResponse {
        province: Some(wire_summary(summary)),
        changed,
        changes: changes.iter().take(MOST_CHANGES).map(|(day, one)| change(one, *day)).collect(),
    })
}

pub(super) async fn check(
    intake: &Intake,
    request: CheckCatalogueRequest,
) -> Result<CheckCatalogueResponse, Failure> {
    let (province, day, findings) = intake
        .check_catalogue(convert::optional_day(&request.day, "day")?, version(request.province_version))
        .await?;
    Ok(CheckCatalogueResponse {
        day: day.to_string(),
        province_version: province.version,
        findings: findings.iter().map(finding).collect(),
        figures: province.value.figures.iter().map(figure).collect(),
    })
}

pub(super) async fn diff(
    intake: &Intake,
    request: DiffCatalogueRequest,
) -> Result<DiffCatalogueResponse, Failure> {
    let size = convert::page_size(request.page_size, 200, 1_000)?;
    let before = (version(request.before_version), convert::optional_day(&request.before_day, "before_day")?);
    let after = (version(request.after_version), convert::optional_day(&request.after_day, "after_day")?);
    let page = intake.diff_catalogue(before, after, size, &request.page_token).await?;
    Ok(DiffCatalogueResponse {
        changes: page.items.iter().map(|one| change(one, None)).collect(),
        next_page_token: page.next_page_token,
    })
}

pub(super) async fn compare(
    intake: &Intake,
    request: CompareCatalogueRequest,
) -> Result<CompareCatalogueResponse, Failure> {
    let file = request.file.ok_or_else(|| missing("file"))?;
    let name = if file.name.is_empty() { "file" } else { &file.name };
    let compared = intake.compare_catalogue(name, &file.content).await?;
    Ok(CompareCatalogueResponse {
        found: count(compared.found),
        still_open: count(compared.still_open),
        still_resolved: count(compared.still_resolved),
        reopened: count(compared.reopened),
        gone: count(compared.gone),
    })
}

pub(super) async fn differences(
    intake: &Intake,
    request: ListCatalogueDifferencesRequest,
) -> Result<ListCatalogueDifferencesResponse, Failure> {
    const STANDINGS: [(&str, Standing); 3] =
        [("open", Standing::Open), ("resolved", Standing::Resolved), ("gone", Standing::Gone)];
    let size = convert::page_size(request.page_size, 200, 1_000)?;
    let standing = word("state", &request.state, &STANDINGS)?.unwrap_or(Standing::There);
    let page = intake.list_catalogue_differences(standing, size, &request.page_token).await?;
    Ok(ListCatalogueDifferencesResponse {
        differences: page.items.into_iter().map(difference).collect(),
        next_page_token: page.next_page_token,
    })
}

pub(super) async fn resolve(
    intake: &Intake,
    request: ResolveCatalogueDifferenceRequest,
    by: String,
) -> Result<ResolveCatalogueDifferenceResponse, Failure> {
    let ResolveCatalogueDifferenceRequest { procedure_code, attribute, resolution, reason, theirs } = request;
    for (field, value) in [("procedure_code", &procedure_code), ("attribute", &attribute)] {
        if value.is_empty() {
            return Err(missing(field).into());
        }
    }
    let words = Resolution::ALL.map(|one| (one.as_str(), one));
    let resolution = word("resolution", &resolution, &words)?.ok_or_else(|| missing("resolution"))?;
    let record = intake
        .resolve_catalogue_difference(procedure_code, attribute, resolution, reason, theirs, by)
        .await?;
    Ok(ResolveCatalogueDifferenceResponse { difference: Some(difference(record)) })
}

fn version(version: i64) -> Option<i64> {
    Some(version).filter(|version| *version != 0)
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn change(change: &Change, day: Option<Date>) -> CatalogueChange {
    CatalogueChange {
        procedure_code: change.code.clone(),
        procedure_name: Some(wire_text(&change.name)),
        attribute: Some(wire_text(&change.attribute)),
        before: Some(wire_text(&change.before)),
        after: Some(wire_text(&change.after)),
        day: date(day),
    }
}

fn finding(finding: &Finding) -> CatalogueFinding {
    CatalogueFinding {
        quality: Some(wire_text(&finding.quality.in_words())),
        rule: finding.rule.to_owned(),
        asks: Some(wire_text(&finding.asks)),
        looked_at: count(finding.looked_at),
        offenders: finding.offenders.clone(),
        share: count(finding.share()),
    }
}

fn difference(record: DifferenceRecord) -> CatalogueDifference {
    let DifferenceRecord { difference, found_at, gone_at, resolved, reopened } = record;
    let (resolution, resolved_by, reason, resolved_at) = match resolved {
        None => Default::default(),
        Some(one) => {
            (one.resolution.as_str().to_owned(), one.by, one.reason, Some(convert::wire_timestamp(one.at)))
        }
    };
    CatalogueDifference {
        procedure_code: difference.code,
        attribute: difference.attribute,
        ours: difference.ours,
        theirs: difference.theirs,
        found_at: Some(convert::wire_timestamp(found_at)),
        gone_at: gone_at.map(convert::wire_timestamp),
        resolution,
        resolved_by,
        reason,
        resolved_at,
        reopened: u32::try_from(reopened).unwrap_or_default(),
    }
}
