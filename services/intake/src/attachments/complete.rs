//! An upload is whole: it is looked at, and what is in it is kept, once for all attachments that have the same content.

use bytes::Bytes;
use phidia_domain::{
    attachment::Announced,
    id::{AttachmentId, ObjectId},
};
use phidia_runtime::{
    database,
    failure::Failure,
    seal::{FileKey, PSEUDONYM_LEN},
};
use sea_orm::DatabaseTransaction;

use super::{
    examine::{self, Limits, Seen},
    get::{Details, Shown, unknown},
    sealing,
};
use crate::{
    Intake,
    record::{AttachmentRecord, ContentRecord, Part, Verdict},
    store::attachments::{self as store, NewContent, Object},
};

/// What a file turned out to be.
struct Examined {
    plain: Vec<u8>,
    seen: Seen,
}

/// What became of an upload that is whole.
enum Finished {
    /// It has this content. With the objects that nobody needs any more.
    Done(Vec<Object>),
    /// Its content was thought to be kept, and was deleted meanwhile.
    Missed,
    /// Somebody else has finished it, or it began again.
    Outrun,
}

impl Intake {
    /// Looks at an upload that is whole, and keeps what is in it. What is refused begins again.
    ///
    /// # Errors
    /// Those of [`examine::examine`].
    pub(super) async fn complete(
        &self,
        province: &str,
        record: AttachmentRecord,
        key: FileKey,
    ) -> Result<Shown, Failure> {
        // Never closed.
        let _one_of_few = self.attachments.examining.acquire().await.map_err(Failure::broken)?;
        // Meanwhile the call before this one, whose line dropped, may have done it.
        let present =
            store::find(self.outbox.database().read(), province, record.id).await?.ok_or_else(unknown)?;
        if present.content.is_some() {
            return self.show(present);
        }
        let record = present;
        let details = Details::open(&record.details, &key, record.id)?;
        let plain = self.gather(province, &record, &key).await?;
        let announced = Announced {
            file_name: details.file_name.clone(),
            file_type: record.file_type,
            size: record.size,
            sha256: details.sha256,
        };
        let config = &self.attachments.config;
        let limits = Limits { most_pages: config.most_pages, most_megapixels: config.most_megapixels };
        let looked = tokio::task::spawn_blocking(move || {
            examine::examine(&announced, &plain, limits).map(|seen| Examined { plain, seen })
        });
        let Examined { plain, seen } = match looked.await.map_err(Failure::broken)? {
            Ok(examined) => examined,
            Err(refusal) => {
                self.begin_again(province, &record).await?;
                return Err(refusal.into());
            }
        };
        let context = format!("intake.content/{province}");
        let pseudonym = self.master_key.pseudonym(&context, &seen.sha256)?;
        let Seen { sha256, pages } = seen;
        let details =
            Details { file_name: details.file_name, sha256: Some(sha256), pages }.seal(&key, record.id)?;
        self.keep(province, &record, plain, pseudonym, details).await?;
        let finished = store::find(self.outbox.database().read(), province, record.id).await?;
        self.show(finished.ok_or_else(unknown)?)
    }

    /// All parts of an upload, in their order.
    async fn gather(
        &self,
        province: &str,
        record: &AttachmentRecord,
        key: &FileKey,
    ) -> Result<Vec<u8>, Failure> {
        let parts = store::parts(self.outbox.database().read(), province, record.id).await?;
        let mut plain = Vec::with_capacity(record.size.try_into().map_err(Failure::broken)?);
        for Part { start, object, .. } in parts {
            if usize::try_from(start).ok() != Some(plain.len()) {
                return Err(Failure::broken(format!("{} has a hole at {}", record.id, plain.len())));
            }
            let sealed = self.attachments.objects.read(province, Object::Part(object)).await?;
            plain.extend(sealing::open_part(key, record.id, object, &sealed)?);
        }
        if u64::try_from(plain.len()).ok() != Some(record.size) {
            return Err(Failure::broken(format!("{} is {} bytes long", record.id, plain.len())));
        }
        Ok(plain)
    }

    /// Keeps a content, unless it is kept already, and says that the attachment has it.
    async fn keep(
        &self,
        province: &str,
        record: &AttachmentRecord,
        plain: Vec<u8>,
        pseudonym: [u8; PSEUDONYM_LEN],
        details: Vec<u8>,
    ) -> Result<(), Failure> {
        let mut new = match store::keeps(self.outbox.database().read(), province, &pseudonym).await? {
            true => None,
            false => Some(self.put_content(province, &plain, pseudonym).await?),
        };
        loop {
            let (of, id, round) = (province.to_owned(), record.id, record.round);
            let (content, details) = (new.clone(), details.clone());
            let finished = self
                .outbox
                .write(move |tx, _| {
                    Box::pin(async move { finish(tx, &of, (id, round), pseudonym, content, details).await })
                })
                .await?;
            match finished {
                Finished::Missed if new.is_none() => {
                    new = Some(self.put_content(province, &plain, pseudonym).await?);
                }
                Finished::Missed => return Err(Failure::broken("a content that was brought is missing")),
                Finished::Done(free) => {
                    self.attachments.objects.forget(province, &free).await;
                    self.attachments.to_scan.notify_one();
                    return Ok(());
                }
                Finished::Outrun => {
                    let put = new.map(|new| Object::Content(new.record.id));
                    self.attachments.objects.forget(province, put.as_slice()).await;
                    return Ok(());
                }
            }
        }
    }

    async fn put_content(
        &self,
        province: &str,
        plain: &[u8],
        pseudonym: [u8; PSEUDONYM_LEN],
    ) -> Result<NewContent, Failure> {
        let now = self.business.now();
        let (id, key): (ObjectId, _) = (self.ids.mint(now), FileKey::generate());
        let wrapped_key = key.wrap(&self.master_key)?;
        let sealed: Vec<Bytes> = sealing::seal(&key, id, plain)?;
        self.attachments.objects.put(province, Object::Content(id), sealed).await?;
        let verdict = if self.attachments.scanner.is_some() { Verdict::Waiting } else { Verdict::Clean };
        let size = plain.len().try_into().map_err(Failure::broken)?;
        let record = ContentRecord { id, size, wrapped_key, verdict, stored_at: now, found: None };
        Ok(NewContent { record, pseudonym: pseudonym.to_vec() })
    }
}

async fn finish(
    tx: &DatabaseTransaction,
    province: &str,
    (id, round): (AttachmentId, i32),
    pseudonym: [u8; PSEUDONYM_LEN],
    new: Option<NewContent>,
    details: Vec<u8>,
) -> Result<Finished, Failure> {
    // Two that bring the same content at once keep one.
    let digits: String = pseudonym.iter().map(|byte| format!("{byte:02x}")).collect();
    database::alone(tx, &format!("{province}/content/{digits}")).await?;
    let known = store::content(tx, province, &pseudonym).await?;
    let (content, unneeded, new) = match (known, new) {
        (Some(known), new) => (known.id, new.map(|new| Object::Content(new.record.id)), None),
        (None, Some(new)) => (new.record.id, None, Some(new)),
        (None, None) => return Ok(Finished::Missed),
    };
    let Some(parts) = store::finish(tx, province, id, round, content, details).await? else {
        return Ok(Finished::Outrun);
    };
    if let Some(new) = new {
        store::insert_content(tx, province, new).await?;
    }
    let parts = parts.into_iter().map(|part| Object::Part(part.object));
    Ok(Finished::Done(parts.chain(unneeded).collect()))
}
