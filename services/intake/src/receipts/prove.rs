//! That a receipt is in the tree of a day, for its holder.

use phidia_domain::{
    Kind, Rejection,
    caller::Caller,
    id::ApplicationId,
    receipt::{Proof, Signed, tree},
};
use phidia_runtime::{digest, failure::Failure};

use super::close_days::end_of;
use crate::{
    Intake,
    record::Receipt,
    store::{
        reading,
        receipts::{self as store, Leaf},
    },
};

impl Intake {
    /// A receipt once more, as it was issued.
    ///
    /// # Errors
    /// As [`Intake::by_receipt`].
    pub(crate) async fn receipt(
        &self,
        caller: &Caller,
        dossier_code: &str,
        check_code: &str,
    ) -> Result<Receipt, Failure> {
        let id = self.by_receipt(caller, dossier_code, check_code).await?;
        let province = &self.versions.active().await?.value.code;
        let receipt = reading::receipt(self.outbox.database().read(), province, id).await?;
        receipt.ok_or_else(|| Failure::broken(format!("{id} was here and is no more")))
    }

    /// Its proof.
    ///
    /// # Errors
    /// As [`Intake::by_receipt`]; `FAILED_PRECONDITION` before its day is closed, and for what was accepted before receipts were signed.
    pub(crate) async fn proof(
        &self,
        caller: &Caller,
        dossier_code: &str,
        check_code: &str,
    ) -> Result<(ApplicationId, Proof), Failure> {
        let id = self.by_receipt(caller, dossier_code, check_code).await?;
        let version = self.versions.active().await?;
        let (province, conn) = (&version.value, self.outbox.database().read());
        let not_signed = || {
            let message = "it was accepted before receipts were signed: there is no proof of it";
            Rejection::new(Kind::Precondition, "NOT_SIGNED", message)
        };
        let Leaf { salt, received_at, day } =
            store::leaf(conn, &province.code, id).await?.ok_or_else(not_signed)?;
        let Some(day) = day else {
            let own = province.clock.local_date(received_at);
            let last = store::last_day(conn, &province.code).await?;
            // Where its own day is closed, it came too late for it.
            let next = last.map(|last| last.day.tomorrow()).transpose().map_err(Failure::broken)?;
            let (_, closes_at) = end_of(province, next.map_or(own, |next| own.max(next)))?;
            let message = format!("its day is not closed yet; it will be at {closes_at}");
            let refusal = Rejection::new(Kind::Precondition, "NOT_CLOSED_YET", message);
            return Err(refusal.with("closes_at", closes_at).into());
        };
        let missing = || Failure::broken(format!("the tree of {day} is not whole"));
        let leaves = store::leaves(conn, &province.code, day).await?;
        let closed = store::day(conn, &province.code, day).await?.ok_or_else(missing)?;
        let index = leaves.binary_search_by_key(&id, |(id, _)| *id).map_err(|_| missing())?;
        let hashes: Vec<_> = leaves.into_iter().map(|(_, leaf)| leaf).collect();
        let proof = Proof {
            salt,
            index: u64::try_from(index).map_err(Failure::broken)?,
            path: tree::path(digest::hash, &hashes, index),
            root: Signed::parse(&closed.signed)?,
        };
        Ok((id, proof))
    }
}
