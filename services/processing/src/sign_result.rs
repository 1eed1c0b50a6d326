//! A detached signature is put beside a result. It is kept as it was handed in: nobody here verifies it.

use jiff::Timestamp;
use phidia_domain::case::{Once, SignatureFormat, Signed, check_signature, not_issued, sign};
use phidia_runtime::{failure::Failure, telemetry::TraceParent};

use crate::{
    Processing,
    act::Act,
    caller::Sender,
    deed::Deed,
    get_case::CaseKey,
    record::{CaseRecord, ResultRecord},
    result::{Decided, Part, ResultView},
    store,
};

/// A signature as it is handed in.
pub(crate) struct Signature {
    /// Of the file that was signed.
    pub(crate) sha256: String,
    pub(crate) format: SignatureFormat,
    /// The name in the certificate: a person's.
    pub(crate) signer: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) signed_at: Timestamp,
}

impl Processing {
    /// Puts a signature beside a result. Asked again, nothing changes. Nobody else is told: what they know of the file is so
    /// still.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` for who is no officer, or of another unit; those of [`check_signature`], [`Decided::lock`] and [`sign`].
    pub(crate) async fn sign_result(
        &self,
        sender: Sender,
        key: CaseKey,
        signature: Signature,
    ) -> Result<ResultView, Failure> {
        let (case, result) =
            self.act(sender, move |processing, act| Box::pin(processing.sign(act, key, signature))).await?;
        self.result_view(case, Some(result)).await
    }

    async fn sign(
        &self,
        act: Act<'_>,
        key: CaseKey,
        signature: Signature,
    ) -> Result<(CaseRecord, ResultRecord), Failure> {
        let Act { tx, today, officer, deed: Deed { at: now, .. }, .. } = act;
        let Signature { sha256, format, signer, bytes, signed_at } = signature;
        check_signature(&signer, bytes.len(), signed_at, now)?;
        let decided = Decided::lock(tx, &today.code, key, &self.master_key, &self.ids, now).await?;
        TraceParent::link_to(&decided.case.traceparent);
        decided.check_decider(tx, officer, today, &self.versions).await?;
        let mut result = decided.record();
        let Decided { case, key, .. } = decided;
        let application = case.application;
        let context = Part::Signature.context(application);
        let same = match store::find_file(tx, &case, store::FilePart::Signature).await? {
            None => false,
            Some(kept) => {
                key.open_bytes(&context, &kept)? == bytes
                    && Part::Signer.open(application, &key, result.signer.as_ref())? == signer
            }
        };
        if sign(result.issued.as_ref(), &sha256, format, signed_at, same)? == Once::Before {
            return Ok((case, result));
        }
        let issued = result.issued.as_mut().ok_or_else(not_issued)?;
        issued.signature = Some(Signed { format, at: signed_at, added_at: now });
        result.signer = Some(Part::Signer.seal(application, &key, &signer)?);
        store::insert_file(tx, &case, store::FilePart::Signature, key.seal_bytes(&context, bytes)?).await?;
        store::save_result(tx, &case, &result).await?;
        Ok((case, result))
    }
}
