//! A file is announced.

use phidia_domain::{Kind, Rejection, attachment::Announced, caller::Caller, id::AttachmentId};
use phidia_runtime::{
    clock::RealClock,
    database,
    failure::Failure,
    idempotency::{self, Claim, KEPT_FOR},
    seal::FileKey,
};

use crate::{
    Intake,
    attachments::get::{Details, Shown},
    record::AttachmentRecord,
    store::attachments as store,
};

const RPC: &str = "/phidia.intake.v1.AttachmentService/BeginUpload";

/// A file as it is announced, unchecked.
pub(crate) struct File {
    pub(crate) file_name: String,
    pub(crate) media_type: String,
    /// Bytes.
    pub(crate) size: i64,
    /// In lower-case hexadecimal; empty: it is not told.
    pub(crate) sha256: String,
}

impl Intake {
    /// Announces a file; the same key gets the same attachment, as it stands by now.
    ///
    /// # Errors
    /// Those of [`Announced::check`]; `TOO_MANY_UPLOADS`, `TOO_MUCH_UNCLAIMED`; `UPLOAD_GONE`; `ALREADY_EXISTS` when the key was used for
    /// another file.
    pub(crate) async fn begin_upload(
        &self,
        caller: &Caller,
        idempotency_key: &str,
        File { file_name, media_type, size, sha256 }: File,
    ) -> Result<Shown, Failure> {
        let owner = caller.actor();
        let claim = Claim::new(&owner, RPC, idempotency_key)?;
        let config = &self.attachments.config;
        let announced = Announced::check(&file_name, &media_type, size, &sha256, config.taken())?;
        let fingerprint = idempotency::fingerprint(&announced)?;
        let province = self.versions.active().await?.value.code.clone();
        let (now, real_now) = (self.business.now(), RealClock.now());
        let kept_until = real_now.saturating_add(KEPT_FOR).map_err(Failure::broken)?;
        let (most_unfinished, most_bytes) = (config.most_unfinished, config.most_unclaimed_bytes);

        let key = FileKey::generate();
        let id: AttachmentId = self.ids.mint(now);
        let details = Details { file_name, sha256: announced.sha256.clone(), pages: 0 };
        let record = AttachmentRecord {
            id,
            owner: owner.clone(),
            file_type: announced.file_type,
            size: announced.size,
            stored: 0,
            round: 0,
            wrapped_key: key.wrap(&self.master_key)?,
            details: details.seal(&key, id)?,
            content: None,
            begun_at: now,
            attached: None,
        };
        let record = self
            .outbox
            .write(move |tx, _| {
                Box::pin(async move {
                    // One after the other of one caller: what they have is counted.
                    database::alone(tx, &format!("{province}/uploads/{owner}")).await?;
                    if let Some(answer) = idempotency::find(tx, &claim, &fingerprint, real_now).await? {
                        let id: AttachmentId = str::from_utf8(&answer).map_err(Failure::broken)?.parse()?;
                        return store::find(tx, &province, id).await?.ok_or_else(|| gone().into());
                    }
                    let before = store::unclaimed(tx, &province, &owner).await?;
                    if before.unfinished >= most_unfinished.into() {
                        return Err(exhausted(
                            "TOO_MANY_UPLOADS",
                            most_unfinished.into(),
                            "uploads that are not whole",
                        )
                        .into());
                    }
                    if before.bytes.saturating_add(record.size) > most_bytes {
                        return Err(exhausted(
                            "TOO_MUCH_UNCLAIMED",
                            most_bytes,
                            "bytes that belong to no application",
                        )
                        .into());
                    }
                    store::insert(tx, &province, &record).await?;
                    let answer = record.id.to_string().into_bytes();
                    idempotency::keep(tx, &claim, &fingerprint, answer, kept_until).await?;
                    Ok(record)
                })
            })
            .await?;
        self.show(record)
    }
}

fn exhausted(reason: &str, most: u64, of: &str) -> Rejection {
    let message = format!("a caller has at most {most} {of}");
    Rejection::new(Kind::Exhausted, reason, message).with("most", most)
}

fn gone() -> Rejection {
    let message = "what was begun with this key was deleted since; begin with another key";
    Rejection::new(Kind::Precondition, "UPLOAD_GONE", message)
}
