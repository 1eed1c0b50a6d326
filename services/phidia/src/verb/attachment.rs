//! `phidia attachment …`

mod upload;

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
};

use anyhow::Context as _;
use phidia_domain::{Kind, Rejection, caller::Role, id::AttachmentId};
use phidia_proto::intake::v1::{
    Attachment as Wire, AttachmentState, DeleteAttachmentRequest, DiscardQuarantinedRequest,
    DownloadAttachmentRequest, GetAttachmentRequest, GetLimitsRequest, HandedInDocument,
    ListAttachmentsRequest, ListQuarantinedRequest, QuarantinedAttachment, ReleaseQuarantinedRequest,
    attachment_service_client::AttachmentServiceClient,
};
use phidia_runtime::{digest::sha256, peer::Peer};
use phidia_words::Words;

use super::document;
use crate::{
    client::Client,
    command::Attachment,
    show::{self, Zone},
};

const MESSAGE: &str = "phidia.intake.v1.Attachment";

pub(crate) async fn run(client: &Client<'_>, verb: Attachment) -> anyhow::Result<ExitCode> {
    match verb {
        Attachment::Limits => limits(client).await?,
        Attachment::Upload { files, resume } => upload::run(client, &files, resume).await?,
        Attachment::Show { attachment_id } => {
            let mut attachments = attachments(client, uploader(client)).await?;
            let request = GetAttachmentRequest { attachment_id };
            let answer = attachments.get_attachment(request).await?.into_inner();
            tell(client, &answer.attachment.context("the answer bears no attachment")?).await?;
        }
        Attachment::List { application, check_code } => list(client, application, check_code).await?,
        Attachment::Download { attachment_id, receipt, out } => {
            download(client, attachment_id, receipt, &out).await?;
        }
        Attachment::Delete { attachment_id } => {
            let mut attachments = attachments(client, uploader(client)).await?;
            let answer = attachments.delete_attachment(DeleteAttachmentRequest { attachment_id }).await?;
            if client.json() {
                show::json("phidia.intake.v1.DeleteAttachmentResponse", answer.get_ref())?;
            } else {
                show::line(client.speech().attachment_the_attachment_is_deleted_2());
            }
        }
        Attachment::Quarantined { limit } => quarantined(client, limit).await?,
        Attachment::Release { attachment_id, reason } => {
            let mut attachments = attachments(client, Role::Operator).await?;
            let request = ReleaseQuarantinedRequest { attachment_id, reason };
            let answer = attachments.release_quarantined(request).await?.into_inner();
            tell(client, &answer.attachment.context("the answer bears no attachment")?).await?;
        }
        Attachment::Discard { attachment_id, reason } => {
            let mut attachments = attachments(client, Role::Operator).await?;
            let request = DiscardQuarantinedRequest { attachment_id, reason };
            let answer = attachments.discard_quarantined(request).await?;
            if client.json() {
                show::json("phidia.intake.v1.DiscardQuarantinedResponse", answer.get_ref())?;
            } else {
                show::line(client.speech().attachment_the_attachment_is_deleted());
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn limits(client: &Client<'_>) -> anyhow::Result<()> {
    let mut attachments = attachments(client, Role::Citizen).await?;
    let limits = attachments.get_limits(GetLimitsRequest {}).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.GetLimitsResponse", &limits);
    }
    let endings: Vec<_> = limits.kinds.iter().flat_map(|kind| &kind.endings).map(String::as_str).collect();
    let speech = client.speech();
    show::facts(vec![
        (speech.attachment_type(), endings.join(", ")),
        (speech.attachment_size_at_most(), format!("{} {}", limits.most_bytes, speech.attachment_bytes())),
        (speech.attachment_pages_at_most(), limits.most_pages.to_string()),
        (speech.attachment_megapixels_at_most(), limits.most_megapixels.to_string()),
        (speech.attachment_files_at_most(), limits.most_files.to_string()),
    ]);
    Ok(())
}

/// Whoever uploads: an officer who names themself, a citizen otherwise. Who hands it in must be the same.
pub(super) fn uploader(client: &Client<'_>) -> Role {
    if client.is_officer() { Role::Officer } else { Role::Citizen }
}

/// The ids of attachments that are named, and of files that are uploaded now, to be handed in with the application with this dossier code;
/// what was uploaded for that before is not sent again.
pub(super) async fn ids(
    client: &Client<'_>,
    named: &[String],
    dossier_code: &str,
) -> anyhow::Result<Vec<String>> {
    let mut ids = Vec::with_capacity(named.len());
    for name in named {
        let is_id = name.parse::<AttachmentId>().is_ok();
        ids.push(if is_id {
            name.clone()
        } else {
            upload::one(client, Path::new(name), dossier_code).await?.attachment_id
        });
    }
    Ok(ids)
}

/// Uploads the files that are named where ids of attachments would stand; what was uploaded for the same purpose before is not sent again.
pub(super) async fn upload_named(
    client: &Client<'_>,
    documents: &mut [HandedInDocument],
    purpose: &str,
) -> anyhow::Result<()> {
    for document in documents {
        document.attachment_ids = ids(client, &document.attachment_ids, purpose).await?;
    }
    Ok(())
}

/// Name and bytes of a file.
pub(super) fn read(path: &Path) -> anyhow::Result<(String, Vec<u8>)> {
    let bytes = fs::read(path).with_context(|| format!("{} can't be read", path.display()))?;
    let name = path.file_name().with_context(|| format!("{} is no file", path.display()))?;
    Ok((name.to_string_lossy().into_owned(), bytes))
}

/// The id of an attachment with this name and these bytes, by whoever hands it in; what was uploaded for the same purpose before is not sent again.
pub(super) async fn kept(
    client: &Client<'_>,
    by: Role,
    name: String,
    bytes: Vec<u8>,
    purpose: &str,
) -> anyhow::Result<String> {
    Ok(upload::kept(client, by, name, bytes, purpose).await?.attachment_id)
}

async fn attachments(client: &Client<'_>, usual: Role) -> anyhow::Result<AttachmentServiceClient<Peer>> {
    Ok(AttachmentServiceClient::new(client.peer(usual).await?))
}

async fn list(client: &Client<'_>, application: String, check_code: Option<String>) -> anyhow::Result<()> {
    let (usual, request) = match check_code {
        Some(check_code) => {
            let request =
                ListAttachmentsRequest { dossier_code: application, check_code, ..Default::default() };
            (Role::Citizen, request)
        }
        None => {
            let request = ListAttachmentsRequest { application_id: application, ..Default::default() };
            (super::staff(client), request)
        }
    };
    let answer = attachments(client, usual).await?.list_attachments(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.ListAttachmentsResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let row = |attachment: &Wire| {
        vec![
            attachment.attachment_id.clone(),
            attachment.file_name.clone(),
            size(attachment.size_bytes),
            state(speech, attachment.state()).to_owned(),
            zone.instant(attachment.attached_at.as_ref()),
        ]
    };
    let headings = [
        speech.term_id(),
        speech.attachment_file(),
        speech.attachment_size(),
        speech.term_state(),
        speech.attachment_handed_in(),
    ];
    show::page(speech, &headings, answer.attachments.iter().map(row).collect(), "");
    Ok(())
}

async fn quarantined(client: &Client<'_>, limit: i32) -> anyhow::Result<()> {
    let request = ListQuarantinedRequest { page_size: limit, ..Default::default() };
    let mut attachments = attachments(client, Role::Operator).await?;
    let answer = attachments.list_quarantined(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.ListQuarantinedResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let row = |QuarantinedAttachment { attachment, found, found_at }: QuarantinedAttachment| {
        let Wire { attachment_id, file_name, application_id, .. } = attachment.unwrap_or_default();
        vec![attachment_id, file_name, found, zone.instant(found_at.as_ref()), application_id]
    };
    let headings = [
        speech.term_id(),
        speech.attachment_file(),
        speech.attachment_found(),
        speech.term_at(),
        speech.term_application(),
    ];
    let rows = answer.attachments.into_iter().map(row).collect();
    show::page(speech, &headings, rows, &answer.next_page_token);
    Ok(())
}

async fn download(
    client: &Client<'_>,
    attachment_id: String,
    receipt: Vec<String>,
    out: &str,
) -> anyhow::Result<()> {
    let usual = if receipt.is_empty() { uploader(client) } else { Role::Citizen };
    let mut codes = receipt.into_iter();
    let request = DownloadAttachmentRequest {
        attachment_id,
        dossier_code: codes.next().unwrap_or_default(),
        check_code: codes.next().unwrap_or_default(),
    };
    let mut messages = attachments(client, usual).await?.download_attachment(request).await?.into_inner();
    let first = messages.message().await?.and_then(|message| message.attachment);
    let attachment = first.context("the answer bears no attachment")?;
    let mut bytes = Vec::new();
    while let Some(message) = messages.message().await? {
        bytes.extend(message.chunk);
    }
    if sha256(&bytes) != attachment.sha256 {
        let message = "what came has another SHA-256 than the attachment: nothing was written; try again";
        return Err(Rejection::new(Kind::Unavailable, "DAMAGED_ON_THE_WAY", message).into());
    }
    if out == "-" {
        return io::stdout().write_all(&bytes).context("the file cannot be written");
    }
    document::save(Path::new(out), &bytes)?;
    if client.json() {
        return show::json(MESSAGE, &attachment);
    }
    let Wire { file_name, sha256, .. } = &attachment;
    show::line(&client.speech().attachment_is_written_bytes_sha_256(bytes.len(), file_name, out, sha256));
    Ok(())
}

/// Shows one attachment.
async fn tell(client: &Client<'_>, attachment: &Wire) -> anyhow::Result<()> {
    if client.json() {
        return show::json(MESSAGE, attachment);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    show::facts(facts(speech, &zone, attachment));
    Ok(())
}

fn facts(speech: Words, zone: &Zone, attachment: &Wire) -> Vec<(&'static str, String)> {
    let bytes = speech.attachment_bytes();
    let stored = format!("{} / {} {bytes}", attachment.stored_bytes, attachment.size_bytes);
    let mut facts = vec![
        (speech.term_id(), attachment.attachment_id.clone()),
        (speech.attachment_file(), attachment.file_name.clone()),
        (speech.attachment_type(), attachment.media_type.clone()),
        (speech.attachment_stored(), stored),
        (speech.term_state(), state(speech, attachment.state()).to_owned()),
    ];
    let mut add = |label, value: String| {
        if !value.is_empty() {
            facts.push((label, value));
        }
    };
    add("SHA-256", attachment.sha256.clone());
    let pages = (attachment.pages > 0).then(|| attachment.pages.to_string());
    add(speech.attachment_pages(), pages.unwrap_or_default());
    add(speech.term_application(), attachment.application_id.clone());
    let kept_until = attachment.kept_until.as_ref().map(|at| zone.instant(Some(at)));
    add(speech.attachment_kept_until(), kept_until.unwrap_or_default());
    facts
}

/// How far an attachment has come, in words.
fn state(speech: Words, state: AttachmentState) -> &'static str {
    match state {
        AttachmentState::Unspecified => "–",
        AttachmentState::Uploading => speech.attachment_being_uploaded(),
        AttachmentState::Scanning => speech.attachment_waits_for_the_virus_scanner(),
        AttachmentState::Clean => speech.attachment_ready(),
        AttachmentState::Quarantined => speech.attachment_quarantined_a_virus_was_found(),
    }
}

fn size(bytes: i64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}
