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
    attachments::{
        config::Config,
        get::{Details, Shown},
    },
    record::AttachmentRecord,
    store::attachments::{self as store, Unclaimed},
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
        let config = self.attachments.config.clone();
        let announced = Announced::check(&file_name, &media_type, size, &sha256, config.taken())?;
        let fingerprint = idempotency::fingerprint(&announced)?;
        let province = self.versions.active().await?.value.code.clone();
        let (now, real_now) = (self.business.now(), RealClock.now());
        let kept_until = real_now.saturating_add(KEPT_FOR).map_err(Failure::broken)?;

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
            wanted_until: None,
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
                    check_room(&config, store::unclaimed(tx, &province, &owner).await?, record.size)?;
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

/// Whether a caller may announce another file of so many bytes.
fn check_room(config: &Config, before: Unclaimed, size: u64) -> Result<(), Rejection> {
    if before.unfinished >= config.most_unfinished.into() {
        return Err(exhausted(
            "TOO_MANY_UPLOADS",
            config.most_unfinished.into(),
            "uploads that are not whole",
        ));
    }
    if before.files >= config.most_unclaimed.into() {
        return Err(exhausted(
            "TOO_MUCH_UNCLAIMED",
            config.most_unclaimed.into(),
            "files that belong to no application",
        ));
    }
    if before.bytes.saturating_add(size) > config.most_unclaimed_bytes {
        return Err(exhausted(
            "TOO_MUCH_UNCLAIMED",
            config.most_unclaimed_bytes,
            "bytes that belong to no application",
        ));
    }
    Ok(())
}

fn exhausted(reason: &str, most: u64, of: &str) -> Rejection {
    let message = format!("a caller has at most {most} {of}");
    Rejection::new(Kind::Exhausted, reason, message).with("most", most)
}

fn gone() -> Rejection {
    let message = "what was begun with this key was deleted since; begin with another key";
    Rejection::new(Kind::Precondition, "UPLOAD_GONE", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_is_named() {
        let config =
            Config { most_unfinished: 2, most_unclaimed: 3, most_unclaimed_bytes: 100, ..Config::default() };
        let refused = |unfinished, files, bytes| {
            let before = Unclaimed { unfinished, files, bytes };
            check_room(&config, before, 10).err().map(|refusal| refusal.metadata[0].1.clone())
        };
        assert_eq!(refused(1, 2, 90), None);
        assert_eq!(refused(2, 2, 90).as_deref(), Some("2"));
        assert_eq!(refused(1, 3, 90).as_deref(), Some("3"));
        assert_eq!(refused(1, 2, 91).as_deref(), Some("100"));
    }
}
