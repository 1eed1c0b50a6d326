//! `phidia province …`

mod process;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;

use phidia_domain::{Rejection, caller::Role};
use phidia_proto::{
    intake::v1::{
        AmendProvinceRequest, GetProvinceRequest, ImportProvinceRequest, ListProvinceVersionsRequest,
        ProvinceFile, ProvinceFileChange, ProvinceSummary, catalogue_service_client::CatalogueServiceClient,
    },
    routing::v1::{ListUnitsRequest, registry_service_client::RegistryServiceClient},
};

use crate::{
    bundled,
    client::Client,
    command::{Amend, Province},
    embedded::unhurried,
    ending::Ending,
    show,
};

pub(crate) async fn run(client: &Client<'_>, verb: Province) -> anyhow::Result<ExitCode> {
    match verb {
        Province::Import { folder, allow_uncovered } => {
            import(client, &folder, false, allow_uncovered).await?;
        }
        Province::Check { folder, allow_uncovered } => {
            let checked = import(client, &folder, true, allow_uncovered).await;
            return Ok(Ending::of_check(checked, client.speech())?.into());
        }
        Province::Amend(wanted) => amend(client, wanted).await?,
        Province::Show => show_active(client).await?,
        Province::History { page } => history(client, page).await?,
        Province::Units => units(client).await?,
        Province::Process(wanted) => process::show(client, wanted).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn import(
    client: &Client<'_>,
    folder: &Path,
    validate_only: bool,
    allow_uncovered: bool,
) -> anyhow::Result<()> {
    let (facts, _demand) = bundled::province(Some(folder))?;
    if facts.is_empty() {
        let (folder, expected) = (folder.display().to_string(), "expected the *.csv files of a province");
        return Err(Rejection::invalid("NO_FILES", &folder, expected).into());
    }
    let files = facts.into_iter().map(|(name, content)| ProvinceFile { name, content }).collect();
    let request = ImportProvinceRequest { files, validate_only, allow_uncovered };
    let mut catalogue = CatalogueServiceClient::new(client.peer(Role::Operator).await?);
    let answer = catalogue.import_province(unhurried(request)).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.ImportProvinceResponse", &answer);
    }
    let verdict = verdict(client, validate_only, answer.changed);
    show::line(&format!("{}: {verdict}", folder.display()));
    summary(client, answer.province.as_ref());
    Ok(())
}

pub(super) fn verdict(client: &Client<'_>, validate_only: bool, changed: bool) -> &'static str {
    let speech = client.speech();
    match (validate_only, changed) {
        (true, _) => speech.province_valid_nothing_was_changed(),
        (false, true) => speech.province_imported_and_active(),
        (false, false) => speech.province_active_already_nothing_changed(),
    }
}

async fn amend(client: &Client<'_>, wanted: Amend) -> anyhow::Result<()> {
    let Amend { put, remove, expect: expected_version, check: validate_only, allow_uncovered } = wanted;
    let (put, removed) = (rows(&put)?, rows(&remove)?);
    let request = AmendProvinceRequest { put, removed, expected_version, validate_only, allow_uncovered };
    let mut catalogue = CatalogueServiceClient::new(client.peer(Role::Operator).await?);
    let answer = catalogue.amend_province(unhurried(request)).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.AmendProvinceResponse", &answer);
    }
    show::line(verdict(client, validate_only, answer.changed));
    summary(client, answer.province.as_ref());
    Ok(())
}

/// Files under their names, wherever they lie.
fn rows(paths: &[PathBuf]) -> anyhow::Result<Vec<ProvinceFile>> {
    let file = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let content = fs::read(path).with_context(|| format!("{} can't be read", path.display()))?;
        Ok(ProvinceFile { name, content })
    };
    paths.iter().map(file).collect()
}

pub(super) fn summary(client: &Client<'_>, province: Option<&ProvinceSummary>) {
    let Some(province) = province else { return };
    let speech = client.speech();
    let version = match province.version {
        // Only checked: it has none.
        0 => String::new(),
        version => format!(" – {} {version}", speech.term_version_2()),
    };
    show::line(&format!(
        "{} {}{version}: {} {}, {} {}, {} {}",
        province.code,
        show::text(speech, province.name.as_ref()),
        province.units,
        speech.province_units(),
        province.procedures,
        speech.province_procedures(),
        province.officers,
        speech.term_officers(),
    ));
}

async fn show_active(client: &Client<'_>) -> anyhow::Result<()> {
    let mut catalogue = CatalogueServiceClient::new(client.peer(Role::Operator).await?);
    let answer = catalogue.get_province(GetProvinceRequest {}).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.GetProvinceResponse", &answer);
    }
    summary(client, answer.province.as_ref());
    Ok(())
}

async fn history(client: &Client<'_>, page_token: String) -> anyhow::Result<()> {
    let request = ListProvinceVersionsRequest { page_size: 20, page_token };
    let mut catalogue = CatalogueServiceClient::new(client.peer(Role::Operator).await?);
    let answer = catalogue.list_province_versions(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.ListProvinceVersionsResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let rows = answer.versions.iter().map(|version| {
        let changes: Vec<_> = version.changes.iter().map(changed).collect();
        vec![
            format!("{}{}", if version.active { "→ " } else { "" }, version.version),
            zone.instant(version.imported_at.as_ref()),
            version.imported_by.clone(),
            changes.join(", "),
        ]
    });
    let headings = [
        speech.term_version(),
        speech.province_imported_at(),
        speech.province_by(),
        speech.province_lines_added_and_removed(),
    ];
    show::page(speech, &headings, rows.collect(), &answer.next_page_token);
    Ok(())
}

fn changed(change: &ProvinceFileChange) -> String {
    format!("{} +{} −{}", change.name, change.lines_added, change.lines_removed)
}

async fn units(client: &Client<'_>) -> anyhow::Result<()> {
    let mut registry = RegistryServiceClient::new(client.peer(Role::Operator).await?);
    let request = ListUnitsRequest { page_size: 1000, page_token: String::new() };
    let answer = registry.list_units(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.routing.v1.ListUnitsResponse", &answer);
    }
    let speech = client.speech();
    let rows = answer.units.iter().map(|unit| {
        vec![
            unit.code.clone(),
            show::text(speech, unit.name.as_ref()),
            unit.cluster.clone(),
            super::unit::availability(speech, unit.availability()).to_owned(),
            unit.officers.to_string(),
            unit.open_items.to_string(),
            show::minutes(speech, unit.queued_minutes),
            show::minutes(speech, unit.borrowed_minutes),
        ]
    });
    let headings = [
        speech.term_code(),
        speech.term_unit(),
        speech.term_cluster(),
        speech.term_stands(),
        speech.province_officers(),
        speech.province_open_items(),
        speech.province_queued_work(),
        speech.province_borrowed(),
    ];
    show::page(speech, &headings, rows.collect(), &answer.next_page_token);
    Ok(())
}
