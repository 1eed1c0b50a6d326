//! `phidia case result …`

use std::{fs, path::Path};

use anyhow::Context as _;
use phidia_domain::{Kind, Rejection, caller::Role, case::check_file};
use phidia_proto::{
    convert,
    events::v1::{HandOverWay, StepOutcome},
    processing::v1::{
        GetResultRequest, HandOverResultRequest, IssueResultRequest, IssueResultResponse, ListResultsRequest,
        Result as ResultMessage, SignResultRequest, SignatureFormat, get_result_request,
        hand_over_result_request, issue_result_request, result_service_client::ResultServiceClient,
        sign_result_request,
    },
};
use phidia_words::Words;

use crate::{
    client::Client,
    command::{CaseResult, HandOverWayName, SignatureFormatName},
    show::{self, Zone},
    verb::document,
};

/// The key of a case, by either id.
macro_rules! key {
    ($id:expr, $of:ident) => {
        Some(if $id.starts_with("case_") { $of::Key::CaseId($id) } else { $of::Key::ApplicationId($id) })
    };
}

pub(super) async fn run(client: &Client<'_>, verb: CaseResult) -> anyhow::Result<()> {
    match verb {
        CaseResult::Issue { id, file, media_type } => {
            let answer = issue(client, id, read_file(&file, media_type)?).await?;
            if client.json() {
                return show::json("phidia.processing.v1.IssueResultResponse", &answer);
            }
            print_result(client.speech(), &client.zone().await, &answer.result.unwrap_or_default());
            Ok(())
        }
        CaseResult::Sign { id, signature, sha256, format, signer, signed_at } => {
            let signed_at = Some(convert::wire_timestamp(client.zone().await.parse(&signed_at)?));
            let format = match format {
                SignatureFormatName::Pades => SignatureFormat::Pades,
                SignatureFormatName::Cades => SignatureFormat::Cades,
                SignatureFormatName::Xades => SignatureFormat::Xades,
            };
            let request = SignResultRequest {
                sha256,
                format: format.into(),
                signer,
                signature: read(&signature)?,
                signed_at,
                key: key!(id, sign_result_request),
            };
            sign(client, request).await
        }
        CaseResult::Get { id, to, signature_to, withdrawn_by } => {
            let request = GetResultRequest {
                key: key!(id, get_result_request),
                withdrawn_by: withdrawn_by.unwrap_or_default(),
            };
            get(client, request, to.as_deref(), signature_to.as_deref()).await
        }
        CaseResult::HandOver { id, to, how } => hand_over(client, id, to, how).await,
        CaseResult::List { unit, page_token } => list(client, unit, page_token).await,
    }
}

/// A file that is to be issued.
pub(super) struct File {
    name: String,
    media_type: String,
    content: Vec<u8>,
}

/// Reads what is to be issued, of this type or the one that its name tells.
pub(super) fn read_file(file: &Path, media_type: Option<String>) -> anyhow::Result<File> {
    let is_pdf = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("pdf"));
    let media_type =
        media_type.or_else(|| is_pdf.then(|| "application/pdf".to_owned())).ok_or_else(|| {
            Rejection::invalid(
                "MISSING_FIELD",
                "--media-type",
                "is required of a file that is no PDF by its name",
            )
        })?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let content = read(file)?;
    check_file(&name, &media_type, content.len())?;
    Ok(File { name, media_type, content })
}

/// Issues a file as the result of a case.
pub(super) async fn issue(
    client: &Client<'_>,
    id: String,
    file: File,
) -> anyhow::Result<IssueResultResponse> {
    let File { name, media_type, content } = file;
    let request =
        IssueResultRequest { file_name: name, media_type, content, key: key!(id, issue_result_request) };
    let mut results = ResultServiceClient::new(client.peer(Role::Officer).await?);
    Ok(results.issue_result(request).await?.into_inner())
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("{} can't be read", file.display()))
}

async fn sign(client: &Client<'_>, request: SignResultRequest) -> anyhow::Result<()> {
    let mut results = ResultServiceClient::new(client.peer(Role::Officer).await?);
    let answer = results.sign_result(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.SignResultResponse", &answer);
    }
    print_result(client.speech(), &client.zone().await, &answer.result.unwrap_or_default());
    Ok(())
}

async fn get(
    client: &Client<'_>,
    request: GetResultRequest,
    to: Option<&Path>,
    signature_to: Option<&Path>,
) -> anyhow::Result<()> {
    let usual = if client.is_officer() { Role::Officer } else { Role::Supervisor };
    let mut results = ResultServiceClient::new(client.peer(usual).await?);
    let answer = results.get_result(request).await?.into_inner();
    for (path, bytes, missing) in [
        (to, &answer.content, ("RESULT_NOT_ISSUED", "no file was issued as the result of this case")),
        (signature_to, &answer.signature, ("RESULT_NOT_SIGNED", "no signature beside the file was added")),
    ] {
        if let Some(path) = path {
            if bytes.is_empty() {
                return Err(Rejection::new(Kind::Precondition, missing.0, missing.1).into());
            }
            document::save(path, bytes)?;
        }
    }
    if client.json() {
        return show::json("phidia.processing.v1.GetResultResponse", &answer);
    }
    let speech = client.speech();
    print_result(speech, &client.zone().await, &answer.result.unwrap_or_default());
    let named = [
        (speech.case_file_name(), answer.file_name),
        (speech.case_signer_not_verified(), answer.signer),
        (speech.case_received_by(), answer.receiver),
    ];
    show::facts(named.into_iter().filter(|(_, value)| !value.is_empty()).collect());
    Ok(())
}

async fn hand_over(
    client: &Client<'_>,
    id: String,
    receiver: String,
    how: HandOverWayName,
) -> anyhow::Result<()> {
    let way = match how {
        HandOverWayName::InPerson => HandOverWay::InPerson,
        HandOverWayName::Authorised => HandOverWay::Authorised,
        HandOverWayName::Post => HandOverWay::Post,
        HandOverWayName::Electronic => HandOverWay::Electronic,
    };
    let request =
        HandOverResultRequest { way: way.into(), receiver, key: key!(id, hand_over_result_request) };
    let mut results = ResultServiceClient::new(client.peer(Role::Officer).await?);
    let answer = results.hand_over_result(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.HandOverResultResponse", &answer);
    }
    print_result(client.speech(), &client.zone().await, &answer.result.unwrap_or_default());
    Ok(())
}

async fn list(client: &Client<'_>, unit_code: String, page_token: String) -> anyhow::Result<()> {
    let usual = if unit_code.is_empty() || client.is_officer() { Role::Officer } else { Role::Operator };
    let unit_code = if unit_code.is_empty() { client.own_unit() } else { unit_code };
    let mut results = ResultServiceClient::new(client.peer(usual).await?);
    let request = ListResultsRequest { unit_code, page_token, page_size: 0 };
    let answer = results.list_results(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.ListResultsResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let rows = answer.results.iter().map(|result| {
        vec![
            zone.instant(result.completed_at.as_ref()),
            format!("{}  {}", result.dossier_code, result.application_id),
            outcome(speech, result).to_owned(),
            result.file.as_ref().map_or_else(|| "–".to_owned(), |file| file.media_type.clone()),
        ]
    });
    let headings = [speech.case_decided(), speech.term_dossier(), speech.term_result(), speech.case_file()];
    show::page(speech, &headings, rows.collect(), "");
    if !answer.next_page_token.is_empty() {
        let more = speech.term_the_list_goes_on();
        show::aside(&format!("{more}: --page-token {}", answer.next_page_token));
    }
    Ok(())
}

fn outcome(speech: Words, result: &ResultMessage) -> &'static str {
    match result.outcome() {
        StepOutcome::Unspecified | StepOutcome::SentBack => "–",
        StepOutcome::Approved => speech.case_granted(),
        StepOutcome::Refused => speech.term_refused(),
    }
}

fn print_result(speech: Words, zone: &Zone, result: &ResultMessage) {
    let mut facts = vec![
        (speech.term_dossier_code(), result.dossier_code.clone()),
        (speech.term_procedure(), show::text(speech, result.procedure_name.as_ref())),
        (speech.term_result(), outcome(speech, result).to_owned()),
        (speech.case_handed_over_at(), show::text(speech, result.return_at_unit_name.as_ref())),
    ];
    facts.extend(show::wanted_by(speech, result.result_by()));
    if let Some(file) = &result.file {
        let size = file.size_bytes;
        facts.push((speech.case_file(), format!("{}, {size} bytes", file.media_type)));
        facts.push(("SHA-256", file.sha256.clone()));
        if let Some(signature) = &file.signature {
            let at = zone.instant(signature.signed_at.as_ref());
            let signed = speech.case_phidia_has_not_verified_it(&at);
            facts.push((speech.case_signed(), signed));
        }
    }
    if let Some(handed) = &result.hand_over {
        let how = way(speech, handed.way());
        let at = zone.instant(handed.handed_over_at.as_ref());
        facts.push((speech.case_handed_over(), format!("{at}, {how}")));
    }
    show::facts(facts);
}

/// How a result was handed over.
pub(in crate::verb) fn way(speech: Words, way: HandOverWay) -> &'static str {
    match way {
        HandOverWay::Unspecified => "–",
        HandOverWay::InPerson => speech.case_in_person(),
        HandOverWay::Authorised => speech.case_to_an_authorised_person(),
        HandOverWay::Post => speech.case_by_post(),
        HandOverWay::Electronic => speech.case_electronically(),
    }
}
