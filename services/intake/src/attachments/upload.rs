//! A file is sent, or what is missing of it: over a line that may be cut at any byte.

use std::time::Duration;

use futures::{StreamExt as _, stream::BoxStream};
use phidia_domain::{Kind, Rejection, caller::Caller, id::AttachmentId};
use phidia_runtime::{failure::Failure, seal::FileKey};
use tracing::Instrument as _;

use super::{
    get::{Shown, unknown},
    sealing,
};
use crate::{
    Intake,
    record::{AttachmentRecord, Part},
    store::attachments::{self as store, Object},
};

/// So many bytes one message bears at most.
pub(crate) const MOST_CHUNK: usize = 1024 * 1024;
/// A part is put away when it has so many bytes, or when no more come.
const PART: usize = 1024 * 1024;
/// So many parts an upload has at most: who is cut off more often than that begins again.
const MOST_PARTS: u64 = 4_096;

/// What is sent.
pub(crate) enum Piece {
    /// Which file follows, and from which byte.
    Start { attachment: AttachmentId, offset: u64 },
    /// Its next bytes.
    Chunk(Vec<u8>),
}

/// What is sent, as it comes.
pub(crate) type Pieces = BoxStream<'static, Result<Piece, Failure>>;

/// An upload that is under way.
struct Upload {
    province: String,
    record: AttachmentRecord,
    key: FileKey,
    /// What came and is not put away yet.
    buffer: Vec<u8>,
    parts: u64,
}

impl Intake {
    /// Takes in what is sent of a file, and looks at it when it is whole. What came stays, however it ends. Nothing is locked while it is waited
    /// for.
    ///
    /// # Errors
    /// As the service's contract says.
    pub(crate) async fn upload(&self, caller: &Caller, pieces: Pieces) -> Result<Shown, Failure> {
        let (intake, caller) = (self.clone(), caller.clone());
        // On a task of its own: when the line is cut, its handler is dropped at once, and what came last is still to be put away.
        let received = tokio::spawn(async move { intake.receive(&caller, pieces).await }.in_current_span());
        received.await.map_err(Failure::broken)?
    }

    async fn receive(&self, caller: &Caller, mut pieces: Pieces) -> Result<Shown, Failure> {
        let owner = caller.actor();
        let _leave = self.attachments.streams.admit(&owner)?;
        let (id, offset) = match self.next(&mut pieces).await? {
            Some(Piece::Start { attachment, offset }) => (attachment, offset),
            Some(Piece::Chunk(_)) | None => {
                return Err(out_of_order("start", "the first message is a start").into());
            }
        };
        let province = self.versions.active().await?.value.code.clone();
        let conn = self.outbox.database().read();
        let record = store::find(conn, &province, id).await?.filter(|record| record.owner == owner);
        let record = record.ok_or_else(unknown)?;
        if record.content.is_some() {
            // It is whole: what was sent again is not needed.
            return self.show(record);
        }
        if offset != record.stored {
            return Err(wrong_offset(record.stored).into());
        }
        let key = FileKey::unwrap(&self.master_key, &record.wrapped_key)?;
        let parts = store::count_parts(conn, &province, id).await?;
        let mut upload = Upload { province, record, key, buffer: Vec::new(), parts };
        let sent = self.take(&mut upload, &mut pieces).await;
        match sent {
            Err(Failure::Rejected(refusal)) if refusal.reason == "MORE_THAN_ANNOUNCED" => {
                self.begin_again(&upload.province, &upload.record).await?;
                return Err(refusal.into());
            }
            sent => {
                let put = self.put_part(&mut upload).await;
                sent?;
                put?;
            }
        }
        let Upload { province, record, key, .. } = upload;
        if record.stored < record.size {
            return self.show(record);
        }
        self.complete(&province, record, key).await
    }

    /// Puts away what comes, part by part; the last one is still in the buffer.
    async fn take(&self, upload: &mut Upload, pieces: &mut Pieces) -> Result<(), Failure> {
        while let Some(piece) = self.next(pieces).await? {
            let Piece::Chunk(chunk) = piece else {
                return Err(out_of_order("chunk", "only the first message is a start").into());
            };
            if chunk.len() > MOST_CHUNK {
                let expected = format!("at most {MOST_CHUNK} bytes");
                return Err(Rejection::invalid("TOO_LARGE", "chunk", expected)
                    .with("most", MOST_CHUNK)
                    .into());
            }
            let come = upload.buffer.len().saturating_add(chunk.len());
            if upload.record.stored.saturating_add(bytes(come)?) > upload.record.size {
                let message = "more comes than was announced; the file may be sent again from its first byte";
                return Err(Rejection::new(Kind::OutOfRange, "MORE_THAN_ANNOUNCED", message).into());
            }
            upload.buffer.extend_from_slice(&chunk);
            if upload.buffer.len() >= PART {
                self.put_part(upload).await?;
            }
        }
        Ok(())
    }

    /// Puts away what is in the buffer: first the part, then the row that counts it.
    async fn put_part(&self, upload: &mut Upload) -> Result<(), Failure> {
        if upload.buffer.is_empty() {
            return Ok(());
        }
        if upload.parts >= MOST_PARTS {
            let message =
                format!("the file came in more than {MOST_PARTS} pieces; delete it, and begin again");
            return Err(Rejection::new(Kind::Exhausted, "TOO_MANY_PIECES", message)
                .with("most", MOST_PARTS)
                .into());
        }
        let Upload { province, record, key, buffer, .. } = &mut *upload;
        let (id, round) = (record.id, record.round);
        let plain = std::mem::take(buffer);
        let part = Part {
            start: record.stored,
            size: bytes(plain.len())?,
            object: self.ids.mint(self.business.now()),
        };
        let sealed = sealing::seal_part(key, id, part.object, plain)?;
        let object = Object::Part(part.object);
        self.attachments.objects.put(province, object, vec![sealed]).await?;
        let of = province.clone();
        let added = self
            .outbox
            .write(move |tx, _| Box::pin(async move { store::add_part(tx, &of, id, round, part).await }))
            .await?;
        if !added {
            self.attachments.objects.forget(province, &[object]).await;
            let message = "another stream sends the same file, or it was deleted";
            return Err(Rejection::new(Kind::Conflict, "SENT_BY_ANOTHER", message).into());
        }
        upload.record.stored += part.size;
        upload.parts += 1;
        Ok(())
    }

    /// Lets an upload begin again.
    pub(super) async fn begin_again(&self, province: &str, record: &AttachmentRecord) -> Result<(), Failure> {
        let (of, id, round) = (province.to_owned(), record.id, record.round);
        let parts = self
            .outbox
            .write(move |tx, _| Box::pin(async move { store::begin_again(tx, &of, id, round).await }))
            .await?;
        let parts: Vec<_> = parts.into_iter().map(|part| Object::Part(part.object)).collect();
        self.attachments.objects.forget(province, &parts).await;
        Ok(())
    }

    /// The next piece; none: no more comes.
    async fn next(&self, pieces: &mut Pieces) -> Result<Option<Piece>, Failure> {
        let patience = Duration::from_secs(self.attachments.config.silence_seconds.into());
        match tokio::time::timeout(patience, pieces.next()).await {
            Ok(piece) => piece.transpose(),
            Err(_) => {
                let message =
                    "nothing came for too long; what was stored stays, and the file may go on from there";
                Err(Rejection::new(Kind::Deadline, "UPLOAD_SILENT", message).into())
            }
        }
    }
}

fn bytes(count: usize) -> Result<u64, Failure> {
    count.try_into().map_err(Failure::broken)
}

fn wrong_offset(stored: u64) -> Rejection {
    let message = format!("{stored} bytes of the file are stored: it goes on from there");
    Rejection::new(Kind::OutOfRange, "WRONG_OFFSET", message)
        .violating("start.offset", stored.to_string())
        .with("stored_bytes", stored)
}

fn out_of_order(field: &str, expected: &str) -> Rejection {
    Rejection::invalid("OUT_OF_ORDER", field, expected)
}
