//! `phidia attachment upload`: over a line that fails, it goes on from where it broke off.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use futures::{StreamExt as _, stream};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use phidia_domain::{Kind, Rejection, attachment::FileType, caller::Role, id::EventId};
use phidia_proto::intake::v1::{
    Attachment, AttachmentState, BeginUploadRequest, DeleteAttachmentRequest, GetAttachmentRequest,
    UploadRequest, UploadStart, attachment_service_client::AttachmentServiceClient, upload_request::Piece,
};
use phidia_runtime::{
    clock::RealClock,
    digest::sha256,
    ids::Ids,
    peer::Peer,
    status::{from_status, to_status},
};
use tonic::{Code, Status};

use super::{MESSAGE, attachments, facts, uploader};
use crate::{client::Client, show};

/// So many bytes are sent in one message, where the server takes that much.
const CHUNK: usize = 128 * 1024;
/// So often it is tried anew without that anything came through, waiting longer each time.
const TRIES: u32 = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// How long it is waited for the virus scanner.
const SCAN: Duration = Duration::from_secs(10);

/// A file that is sent.
struct File {
    name: String,
    bytes: Arc<[u8]>,
    sha256: String,
    key: String,
    /// What is found again under a key of its own.
    purpose: Option<String>,
}

pub(super) async fn run(client: &Client<'_>, files: &[impl AsRef<Path>], resume: bool) -> anyhow::Result<()> {
    let mut attachments = attachments(client, uploader(client)).await?;
    for path in files {
        let file = File::read(path.as_ref(), resume.then(String::new))?;
        let attachment = send(client, &mut attachments, file).await?;
        let attachment = scanned(&mut attachments, attachment).await?;
        if client.json() {
            show::json(MESSAGE, &attachment)?;
        } else {
            show::facts(facts(client.speech(), &client.zone().await, &attachment));
        }
    }
    Ok(())
}

/// Uploads one file that is handed in with the application with this dossier code, or finds it as it was uploaded for that before.
pub(super) async fn one(client: &Client<'_>, path: &Path, dossier_code: &str) -> anyhow::Result<Attachment> {
    for_purpose(client, uploader(client), File::read(path, Some(dossier_code.to_owned()))?).await
}

/// The same for a file that is not there any more, but its name and bytes; by whoever hands it in.
pub(super) async fn kept(
    client: &Client<'_>,
    by: Role,
    name: String,
    bytes: Vec<u8>,
    purpose: &str,
) -> anyhow::Result<Attachment> {
    for_purpose(client, by, File::of(name, bytes, Some(purpose.to_owned()))).await
}

async fn for_purpose(client: &Client<'_>, by: Role, file: File) -> anyhow::Result<Attachment> {
    let mut attachments = attachments(client, by).await?;
    let attachment = send(client, &mut attachments, file).await?;
    scanned(&mut attachments, attachment).await
}

impl File {
    /// `purpose`: by the same file and purpose the same upload is found again.
    fn read(path: &Path, purpose: Option<String>) -> anyhow::Result<Self> {
        let (name, bytes) = super::read(path)?;
        Ok(Self::of(name, bytes, purpose))
    }

    fn of(name: String, bytes: Vec<u8>, purpose: Option<String>) -> Self {
        let digest = sha256(&bytes);
        let key = match &purpose {
            Some(purpose) => sha256(format!("{digest}/{name}/{purpose}").as_bytes()),
            None => Ids::random().mint::<EventId>(RealClock.now()).to_string(),
        };
        Self { name, bytes: bytes.into(), sha256: digest, key, purpose }
    }

    /// The same under another key, because what was uploaded under this one was deleted.
    fn anew(&mut self) {
        self.key = sha256(self.key.as_bytes());
    }
}

/// Sends what is missing, as often as it takes.
async fn send(
    client: &Client<'_>,
    attachments: &mut AttachmentServiceClient<Peer>,
    mut file: File,
) -> anyhow::Result<Attachment> {
    let bar = bar(client, &file);
    let (mut tries, mut pause, mut most_stored) = (0, FIRST_PAUSE, -1);
    loop {
        let failed = match attempt(attachments, &file, &bar).await {
            Ok(attachment) => {
                bar.finish_and_clear();
                return Ok(attachment);
            }
            Err(failed) => failed,
        };
        if file.purpose.is_some() && from_status(&failed.status).reason == "UPLOAD_GONE" {
            file.anew();
            continue;
        }
        if !may_pass(&failed.status) {
            bar.finish_and_clear();
            // What is refused for what it is is not sent again: left as it is, it would count among what is unfinished.
            if let Some(attachment_id) =
                failed.begun.filter(|_| failed.status.code() == Code::InvalidArgument)
            {
                attachments.delete_attachment(DeleteAttachmentRequest { attachment_id }).await.ok();
            }
            return Err(failed.status.into());
        }
        // Each time that more of it is there, it is worth going on.
        if failed.stored > most_stored {
            (tries, pause, most_stored) = (0, FIRST_PAUSE, failed.stored);
        }
        tries += 1;
        if tries > TRIES {
            bar.finish_and_clear();
            return Err(failed.status.into());
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Why an attempt failed.
struct Failed {
    status: Status,
    /// How much was stored when it began; -1: that is not known.
    stored: i64,
    /// What was begun; none: nothing was, or that is not known.
    begun: Option<String>,
}

async fn attempt(
    attachments: &mut AttachmentServiceClient<Peer>,
    file: &File,
    bar: &ProgressBar,
) -> Result<Attachment, Failed> {
    let media_type = FileType::of_name(&file.name).map_or("application/octet-stream", FileType::media_type);
    let request = BeginUploadRequest {
        idempotency_key: file.key.clone(),
        file_name: file.name.clone(),
        media_type: media_type.to_owned(),
        size_bytes: i64::try_from(file.bytes.len()).unwrap_or(i64::MAX),
        sha256: file.sha256.clone(),
    };
    let unknown = |status| Failed { status, stored: -1, begun: None };
    let begun = attachments.begin_upload(request).await.map_err(unknown)?.into_inner();
    let most_chunk = usize::try_from(begun.most_chunk_bytes).unwrap_or(CHUNK).clamp(1, CHUNK);
    let attachment = begun.attachment.ok_or_else(|| unknown(no_attachment()))?;
    if attachment.state() != AttachmentState::Uploading {
        return Ok(attachment);
    }
    let stored = attachment.stored_bytes;
    let offset = usize::try_from(stored).unwrap_or(usize::MAX).min(file.bytes.len());
    let id = attachment.attachment_id;
    let start = UploadStart { attachment_id: id.clone(), offset: stored };
    let (bytes, bar) = (Arc::clone(&file.bytes), bar.clone());
    let chunks = stream::iter((offset..bytes.len()).step_by(most_chunk)).map(move |from| {
        let to = bytes.len().min(from + most_chunk);
        bar.set_position(from.try_into().unwrap_or(u64::MAX));
        UploadRequest { piece: Some(Piece::Chunk(bytes[from..to].to_vec())) }
    });
    let pieces = stream::iter([UploadRequest { piece: Some(Piece::Start(start)) }]).chain(chunks);
    let failed = |status| Failed { status, stored, begun: Some(id.clone()) };
    let answer = attachments.upload(pieces).await.map_err(failed)?.into_inner();
    answer.attachment.ok_or_else(|| failed(no_attachment()))
}

fn no_attachment() -> Status {
    to_status(&Rejection::new(Kind::Internal, "NO_ATTACHMENT", "the answer bears no attachment"))
}

/// Whether the same may succeed in a while.
fn may_pass(status: &Status) -> bool {
    let refusal = from_status(status);
    match refusal.reason.as_str() {
        "TOO_MANY_STREAMS" | "WRONG_OFFSET" | "SENT_BY_ANOTHER" => true,
        // It is over, or asks for something that only the user can do.
        "TOO_MANY_UPLOADS" | "TOO_MUCH_UNCLAIMED" | "TOO_MANY_PIECES" => false,
        _ => {
            matches!(refusal.kind, Kind::Unavailable | Kind::Deadline | Kind::Exhausted | Kind::Conflict)
                || status.code() == Code::Cancelled
                || status.code() == Code::Unknown
        }
    }
}

/// The same once the virus scanner has looked at it, or has not for a while.
async fn scanned(
    attachments: &mut AttachmentServiceClient<Peer>,
    mut attachment: Attachment,
) -> anyhow::Result<Attachment> {
    let since = Instant::now();
    while attachment.state() == AttachmentState::Scanning && since.elapsed() < SCAN {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let request = GetAttachmentRequest { attachment_id: attachment.attachment_id.clone() };
        let answer = attachments.get_attachment(request).await?.into_inner();
        attachment = answer.attachment.context("the answer bears no attachment")?;
    }
    if attachment.state() == AttachmentState::Quarantined {
        let message = "the virus scanner found something in the file";
        return Err(Rejection::new(Kind::Precondition, "QUARANTINED", message).into());
    }
    Ok(attachment)
}

fn bar(client: &Client<'_>, file: &File) -> ProgressBar {
    let target = if client.json() { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(file.bytes.len().try_into().ok(), target);
    let template = "{wide_bar} {bytes} / {total_bytes}  {bytes_per_sec}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}
