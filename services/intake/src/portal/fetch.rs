//! Files that the portal keeps become attachments here.

use futures::{StreamExt as _, stream};
use phidia_domain::{
    Rejection, application::MOST_FILES, attachment::State, caller::Caller, id::AttachmentId,
};
use phidia_runtime::failure::Failure;

use super::{
    brought::File,
    client::{Client, MALFORMED_FILE_ID, Missed, TOO_LONG},
};
use crate::{
    Intake,
    attachments::{
        begin,
        upload::{MOST_CHUNK, Piece},
    },
};

/// A file is not longer, whatever is configured: it is in memory once.
const MOST_BYTES: usize = 200 * 1024 * 1024;

/// For which item files are fetched, and which were.
pub(super) struct Fetching<'f> {
    pub(super) client: &'f Client,
    pub(super) caller: &'f Caller,
    /// The portal's id of the item.
    pub(super) item: &'f str,
    pub(super) fetched: Vec<AttachmentId>,
}

impl Fetching<'_> {
    /// Refuses more files than go with an application, before any is fetched.
    pub(super) fn check_count(count: usize, path: &str) -> Result<(), Rejection> {
        if count > MOST_FILES {
            let expected = format!("at most {MOST_FILES} files");
            return Err(Rejection::invalid("TOO_MANY_ATTACHMENTS", path, expected)
                .in_vietnamese(format!("Hồ sơ có quá nhiều tệp; tối đa {MOST_FILES} tệp.")));
        }
        Ok(())
    }
}

impl Intake {
    /// Fetches a file, unless that was done, and keeps it as an attachment. It is fetched before anything is begun here: what cannot be had
    /// takes nobody's place.
    ///
    /// # Errors
    /// Those of an upload, under `path`; `UNAVAILABLE` where the portal does not give it.
    pub(super) async fn fetch(
        &self,
        fetching: &mut Fetching<'_>,
        path: &str,
        file: &File,
    ) -> Result<AttachmentId, Failure> {
        let Fetching { client, caller, item, .. } = *fetching;
        let at_fault = |failure: Failure| match failure {
            Failure::Rejected(refusal) if refusal.violations.is_empty() => {
                let message = refusal.message.clone();
                refusal.violating(path, message).into()
            }
            Failure::Rejected(refusal) => refusal.under(path).into(),
            broken => broken,
        };
        let size = usize::try_from(file.size).ok().filter(|size| (1..=MOST_BYTES).contains(size));
        let size = size.ok_or_else(|| Rejection::invalid("TOO_LARGE", path, "the length of a file"))?;
        let bytes = client.file(&file.id, size).await.map_err(|missed| match missed {
            Missed::Refused(why) if why == MALFORMED_FILE_ID => {
                Failure::from(Rejection::invalid("MALFORMED_FILE_ID", path, "the id of a file"))
            }
            Missed::Refused(why) if why == TOO_LONG => {
                Rejection::invalid("MORE_THAN_ANNOUNCED", path, "no more bytes than were announced").into()
            }
            missed => super::arrive::away(&missed),
        })?;
        if bytes.len() != size {
            let expected = format!("{size} bytes, as it was announced");
            return Err(Rejection::invalid("FEWER_THAN_ANNOUNCED", path, expected).into());
        }
        let announced = || begin::File {
            file_name: file.name.clone(),
            media_type: file.media_type.clone(),
            size: file.size,
            sha256: file.sha256.to_lowercase(),
        };
        let key = format!("portal/{item}/{path}");
        let begun = match self.begin_upload(caller, &key, announced()).await {
            // It lay here for too long without being handed in, and was deleted.
            Err(Failure::Rejected(refusal)) if refusal.reason == "UPLOAD_GONE" => {
                let anew = format!("{key}/{}", self.business.now().as_second() / 86_400);
                self.begin_upload(caller, &anew, announced()).await
            }
            begun => begun,
        };
        let begun = begun.map_err(at_fault)?;
        fetching.fetched.push(begun.id);
        if begun.state != State::Uploading {
            return Ok(begun.id);
        }
        let stored = usize::try_from(begun.stored).map_err(Failure::broken)?;
        let start = Piece::Start { attachment: begun.id, offset: begun.stored };
        let rest = bytes.get(stored..).unwrap_or_default();
        let chunks: Vec<_> = rest.chunks(MOST_CHUNK).map(|chunk| Piece::Chunk(chunk.to_vec())).collect();
        let pieces = stream::iter(std::iter::once(start).chain(chunks).map(Ok));
        let sent = self.upload(caller, pieces.boxed()).await.map_err(at_fault)?;
        Ok(sent.id)
    }

    /// Deletes what was fetched for an item that was refused: it takes nobody's place.
    pub(super) async fn delete_fetched(&self, caller: &Caller, fetched: Vec<AttachmentId>) {
        for id in fetched {
            if let Err(failure) = self.delete_attachment(caller, id).await {
                tracing::debug!(attachment = %id, %failure, "a file of a refused item stays until its time is over");
            }
        }
    }
}
