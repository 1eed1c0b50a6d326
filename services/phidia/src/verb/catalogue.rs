//! `phidia catalogue …`

use std::{collections::BTreeMap, fs, path::Path, process::ExitCode};

use anyhow::Context as _;
use phidia_domain::{
    caller::Role,
    catalogue::{Catalogue as Rows, synthetic::synthetic},
    province::{Documents, malformed},
};
use phidia_proto::intake::v1::{
    CatalogueChange, CheckCatalogueRequest, CompareCatalogueRequest, DiffCatalogueRequest,
    ExportCatalogueRequest, GetProcedureRequest, GetProcedureResponse, ImportCatalogueRequest,
    ListCatalogueDifferencesRequest, ListProceduresRequest, ProvinceFile, ResolveCatalogueDifferenceRequest,
    catalogue_service_client::CatalogueServiceClient,
};

use crate::{
    bundled,
    client::Client,
    command::{
        Catalogue, Connection, DifferenceState, ExportLayout, ImportCatalogue, ImportLayout, ResolutionName,
        Search,
    },
    embedded::unhurried,
    show,
};

pub(crate) async fn run(connection: &Connection, verb: Catalogue) -> anyhow::Result<ExitCode> {
    // To make one up, nobody has to be asked.
    if let Catalogue::Generate { folder, seed, province } = verb {
        generate(&folder, seed, province.as_deref())?;
        return Ok(ExitCode::SUCCESS);
    }
    let client = Client::connect(connection)?;
    match verb {
        Catalogue::Search(wanted) => search(&client, wanted).await?,
        Catalogue::Show { code, at, province_version } => {
            let province_version = province_version.unwrap_or_default();
            details(&client, GetProcedureRequest { code, day: at, province_version }).await?;
        }
        Catalogue::Export { folder, layout } => export(&client, &folder, layout).await?,
        Catalogue::Check { at } => return check(&client, at).await,
        Catalogue::Diff { from, to, from_day, to_day } => {
            let request = DiffCatalogueRequest {
                before_version: from.unwrap_or_default(),
                after_version: to.unwrap_or_default(),
                before_day: from_day,
                after_day: to_day,
                page_size: 1_000,
                page_token: String::new(),
            };
            diff(&client, request).await?;
        }
        Catalogue::Import(wanted) => import(&client, wanted).await?,
        Catalogue::Compare { file } => compare(&client, &file).await?,
        Catalogue::Differences { state, page } => differences(&client, state, page).await?,
        Catalogue::Resolve { code, attribute, resolution, reason } => {
            resolve(&client, code, attribute, resolution, reason).await?;
        }
        Catalogue::Generate { .. } => {}
    }
    Ok(ExitCode::SUCCESS)
}

async fn search(client: &Client<'_>, wanted: Search) -> anyhow::Result<()> {
    let Search { query, tier, field, online, boundary, at, page } = wanted;
    let request = ListProceduresRequest {
        page_size: 200,
        page_token: page,
        query,
        tier: tier.unwrap_or_default(),
        field,
        online_level: online.unwrap_or_default(),
        boundary,
        day: at,
    };
    let mut catalogue = CatalogueServiceClient::new(client.peer(Role::Citizen).await?);
    let answer = catalogue.list_procedures(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.ListProceduresResponse", &answer);
    }
    let speech = client.speech();
    let rows = answer.procedures.iter().map(|procedure| {
        vec![
            procedure.code.clone(),
            show::brief(&show::text(speech, procedure.name.as_ref())),
            show::text(speech, procedure.field.as_ref()),
            show::text(speech, procedure.time_limit.as_ref()),
        ]
    });
    let headings = [speech.term_code(), speech.term_procedure(), speech.term_field(), speech.term_time()];
    show::page(speech, &headings, rows.collect(), &answer.next_page_token);
    Ok(())
}

async fn details(client: &Client<'_>, request: GetProcedureRequest) -> anyhow::Result<()> {
    let mut catalogue = CatalogueServiceClient::new(client.peer(Role::Citizen).await?);
    let answer = catalogue.get_procedure(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.GetProcedureResponse", &answer);
    }
    facts(client, &answer);
    documents(client, &answer);
    fees(client, &answer);
    Ok(())
}

fn facts(client: &Client<'_>, answer: &GetProcedureResponse) {
    let speech = client.speech();
    let procedure = answer.procedure.clone().unwrap_or_default();
    let mut facts = vec![
        (
            speech.term_procedure(),
            format!("{} {}", procedure.code, show::text(speech, procedure.name.as_ref())),
        ),
        (speech.term_holds_for(), answer.day.clone()),
        (speech.catalogue_so_until_before(), answer.so_until.clone()),
        (speech.term_field(), show::text(speech, procedure.field.as_ref())),
        (speech.term_time(), show::text(speech, procedure.time_limit.as_ref())),
        (speech.term_online(), answer.online_level.clone()),
        (speech.catalogue_boundaries(), answer.boundary.clone()),
        (speech.catalogue_boundary_list(), answer.boundary_list.clone()),
        (speech.catalogue_decided_by(), answer.decided_by.clone()),
        (speech.term_result(), answer.result_vi.clone()),
        (speech.catalogue_form(), answer.form_name.clone()),
        (speech.term_source(), answer.basis.clone()),
    ];
    if !answer.decision.is_empty() {
        let decision = format!("{}, {}", answer.decision, answer.decided_on);
        facts.push((speech.catalogue_decision(), decision));
    }
    facts.retain(|(_, fact)| !fact.is_empty());
    show::facts(facts);
}

fn documents(client: &Client<'_>, answer: &GetProcedureResponse) {
    let speech = client.speech();
    if answer.documents.is_empty() {
        return;
    }
    let rows = answer.documents.iter().map(|one| {
        let need = match (&one.condition, one.required) {
            _ if !one.from_data.is_empty() => {
                format!("{}: {}", speech.catalogue_not_asked_for(), one.from_data)
            }
            (Some(condition), _) => {
                format!("{} {}", speech.catalogue_if(), show::text(speech, Some(condition)))
            }
            (None, true) => speech.catalogue_required().to_owned(),
            (None, false) => speech.catalogue_optional().to_owned(),
        };
        let name = show::text(speech, one.name.as_ref());
        vec![one.part.clone(), name, one.originals.to_string(), one.copies.to_string(), need]
    });
    let headings = [
        speech.catalogue_part(),
        speech.catalogue_document(),
        speech.catalogue_originals(),
        speech.catalogue_copies(),
        speech.catalogue_needed(),
    ];
    show::line("");
    show::table(&headings, rows.collect());
}

fn fees(client: &Client<'_>, answer: &GetProcedureResponse) {
    let speech = client.speech();
    if answer.fees.is_empty() {
        return;
    }
    let rows = answer.fees.iter().map(|fee| {
        let exempt: Vec<_> = fee.exempt.iter().map(|group| show::text(speech, Some(group))).collect();
        vec![
            show::text(speech, fee.name.as_ref()),
            fee.amount_vnd.to_string(),
            fee.online_amount_vnd.map(|sum| sum.to_string()).unwrap_or_default(),
            show::text(speech, fee.per.as_ref()),
            exempt.join(", "),
        ]
    });
    let headings = [
        speech.term_fee(),
        speech.catalogue_ng(),
        speech.term_online(),
        speech.catalogue_per(),
        speech.catalogue_free_for(),
    ];
    show::line("");
    show::table(&headings, rows.collect());
}

async fn export(client: &Client<'_>, folder: &Path, layout: ExportLayout) -> anyhow::Result<()> {
    let layout = match layout {
        ExportLayout::Json => "json",
        ExportLayout::Csv => "csv",
    };
    let request = ExportCatalogueRequest { layout: layout.to_owned(), province_version: 0 };
    let mut catalogue = CatalogueServiceClient::new(client.peer(Role::Citizen).await?);
    let mut parts = catalogue.export_catalogue(unhurried(request)).await?.into_inner();
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    while let Some(part) = parts.message().await? {
        files.entry(part.name).or_default().extend(part.content);
    }
    write(folder, &files)
}

/// Writes files into a folder, which is made where it is not there.
fn write(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("{} can't be made", folder.display()))?;
    for (name, content) in files {
        // A server names files; where they go is said here.
        let name = Path::new(name).file_name().unwrap_or_default();
        let path = folder.join(name);
        fs::write(&path, content).with_context(|| format!("{} can't be written", path.display()))?;
        show::line(&path.display().to_string());
    }
    Ok(())
}

async fn check(client: &Client<'_>, day: String) -> anyhow::Result<ExitCode> {
    let request = CheckCatalogueRequest { day, province_version: 0 };
    let mut catalogue = CatalogueServiceClient::new(client.peer(Role::Citizen).await?);
    let answer = catalogue.check_catalogue(request).await?.into_inner();
    if client.json() {
        show::json("phidia.intake.v1.CheckCatalogueResponse", &answer)?;
        return Ok(ExitCode::SUCCESS);
    }
    /// As many offenders are named in a table; programs get all.
    const SHOWN: usize = 5;
    let speech = client.speech();
    let rows = answer.findings.iter().map(|finding| {
        let mut offenders: Vec<_> = finding.offenders.iter().take(SHOWN).cloned().collect();
        if finding.offenders.len() > SHOWN {
            offenders.push(format!("… +{}", finding.offenders.len() - SHOWN));
        }
        vec![
            show::text(speech, finding.quality.as_ref()),
            show::text(speech, finding.asks.as_ref()),
            format!("{}.{:02} %", finding.share / 100, finding.share % 100),
            format!("{}/{}", finding.offenders.len(), finding.looked_at),
            offenders.join(", "),
        ]
    });
    let headings = [
        speech.catalogue_word(),
        speech.catalogue_rule(),
        speech.catalogue_share_2(),
        speech.catalogue_offenders(),
        speech.term_procedures(),
    ];
    show::table(&headings, rows.collect());
    let figures = answer.figures.iter().map(|figure| {
        let share = match figure.share_percent.as_str() {
            "" => String::new(),
            share => format!("{share} %"),
        };
        vec![
            show::text(speech, figure.name.as_ref()),
            figure.count.to_string(),
            share,
            show::text(speech, figure.base.as_ref()),
            figure.source.clone(),
        ]
    });
    let figures: Vec<_> = figures.collect();
    if !figures.is_empty() {
        let headings = [
            speech.catalogue_published_figure(),
            speech.catalogue_count(),
            speech.catalogue_share(),
            speech.catalogue_of(),
            speech.term_source(),
        ];
        show::line("");
        show::table(&headings, figures);
    }
    Ok(ExitCode::SUCCESS)
}

async fn diff(client: &Client<'_>, mut request: DiffCatalogueRequest) -> anyhow::Result<()> {
    let mut catalogue = CatalogueServiceClient::new(client.peer(Role::Citizen).await?);
    let mut all = catalogue.diff_catalogue(request.clone()).await?.into_inner();
    while !all.next_page_token.is_empty() {
        request.page_token = all.next_page_token;
        let more = catalogue.diff_catalogue(request.clone()).await?.into_inner();
        all.changes.extend(more.changes);
        all.next_page_token = more.next_page_token;
    }
    if client.json() {
        return show::json("phidia.intake.v1.DiffCatalogueResponse", &all);
    }
    changes(client, &all.changes);
    Ok(())
}

/// What is said otherwise; what will be on a day to come, with that day.
fn changes(client: &Client<'_>, changes: &[CatalogueChange]) {
    let speech = client.speech();
    if changes.is_empty() {
        show::line(speech.catalogue_nothing_is_said_otherwise());
        return;
    }
    let rows = changes.iter().map(|change| {
        let after = show::brief(&show::text(speech, change.after.as_ref()));
        vec![
            change.procedure_code.clone(),
            show::text(speech, change.attribute.as_ref()),
            show::brief(&show::text(speech, change.before.as_ref())),
            match change.day.as_str() {
                "" => after,
                day => speech.catalogue_from_a_day(after, show::day(day)),
            },
        ]
    });
    let headings = [speech.term_code(), speech.term_what(), speech.term_before(), speech.catalogue_after()];
    show::table(&headings, rows.collect());
}

async fn import(client: &Client<'_>, wanted: ImportCatalogue) -> anyhow::Result<()> {
    let ImportCatalogue { files, layout, steps_as, expect, check, allow_uncovered } = wanted;
    let layout = match layout {
        ImportLayout::Csv => "csv",
        ImportLayout::Json => "json",
        ImportLayout::National => "national",
    };
    let files = files.iter().map(|path| file(path)).collect::<Result<_, _>>()?;
    let request = ImportCatalogueRequest {
        files,
        layout: layout.to_owned(),
        steps_as,
        validate_only: check,
        allow_uncovered,
        expected_version: expect,
    };
    let mut catalogue = CatalogueServiceClient::new(client.peer(Role::Operator).await?);
    let answer = catalogue.import_catalogue(unhurried(request)).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.ImportCatalogueResponse", &answer);
    }
    show::line(super::province::verdict(client, check, answer.changed));
    changes(client, &answer.changes);
    super::province::summary(client, answer.province.as_ref());
    Ok(())
}

fn file(path: &Path) -> anyhow::Result<ProvinceFile> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let content = fs::read(path).with_context(|| format!("{} can't be read", path.display()))?;
    Ok(ProvinceFile { name, content })
}

async fn compare(client: &Client<'_>, path: &Path) -> anyhow::Result<()> {
    let request = CompareCatalogueRequest { file: Some(file(path)?) };
    let mut catalogue = CatalogueServiceClient::new(client.peer(Role::Operator).await?);
    let answer = catalogue.compare_catalogue(unhurried(request)).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.CompareCatalogueResponse", &answer);
    }
    let speech = client.speech();
    show::facts(vec![
        (speech.catalogue_found(), answer.found.to_string()),
        (speech.catalogue_still_open(), answer.still_open.to_string()),
        (speech.catalogue_still_resolved(), answer.still_resolved.to_string()),
        (speech.catalogue_open_again(), answer.reopened.to_string()),
        (speech.catalogue_gone(), answer.gone.to_string()),
    ]);
    Ok(())
}

async fn differences(
    client: &Client<'_>,
    state: Option<DifferenceState>,
    page_token: String,
) -> anyhow::Result<()> {
    let state = match state {
        None => "",
        Some(DifferenceState::Open) => "open",
        Some(DifferenceState::Resolved) => "resolved",
        Some(DifferenceState::Gone) => "gone",
    };
    let request = ListCatalogueDifferencesRequest { page_size: 200, page_token, state: state.to_owned() };
    let mut catalogue = CatalogueServiceClient::new(client.peer(Role::Operator).await?);
    let answer = catalogue.list_catalogue_differences(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.ListCatalogueDifferencesResponse", &answer);
    }
    let speech = client.speech();
    let rows = answer.differences.iter().map(|one| {
        let resolved = match one.resolution.as_str() {
            "" => String::new(),
            resolution => format!("{resolution} ({}: {})", one.resolved_by, show::brief(&one.reason)),
        };
        vec![
            one.procedure_code.clone(),
            one.attribute.clone(),
            show::brief(&one.ours),
            show::brief(&one.theirs),
            resolved,
        ]
    });
    let headings = [
        speech.term_code(),
        speech.term_what(),
        speech.catalogue_ours(),
        speech.catalogue_national(),
        speech.catalogue_resolved(),
    ];
    show::page(speech, &headings, rows.collect(), &answer.next_page_token);
    Ok(())
}

async fn resolve(
    client: &Client<'_>,
    procedure_code: String,
    attribute: String,
    resolution: ResolutionName,
    reason: String,
) -> anyhow::Result<()> {
    let resolution = match resolution {
        ResolutionName::Ours => "ours",
        ResolutionName::Theirs => "theirs",
        ResolutionName::Accepted => "accepted",
    };
    let resolution = resolution.to_owned();
    let request =
        ResolveCatalogueDifferenceRequest { procedure_code, attribute, resolution, reason, theirs: None };
    let mut catalogue = CatalogueServiceClient::new(client.peer(Role::Operator).await?);
    let answer = catalogue.resolve_catalogue_difference(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.ResolveCatalogueDifferenceResponse", &answer);
    }
    show::line(client.speech().catalogue_noted());
    Ok(())
}

fn generate(folder: &Path, seed: u64, province: Option<&Path>) -> anyhow::Result<()> {
    // Its demand is that of other procedures.
    let (facts, _demand) = bundled::province(province)?;
    let documents = Documents(facts);
    let theirs = Rows::of(&documents).map_err(|errors| malformed("MALFORMED_PROVINCE", &errors))?;
    let made = synthetic(&theirs, seed)?;
    let mut files = documents.0;
    // The forms and decisions of others are none of those that are made up.
    files.retain(|name, _| !name.starts_with("form_") && name != "processes.csv");
    files.extend(made.documents().0);
    write(folder, &files)
}
