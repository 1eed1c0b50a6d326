//! How an application stands, for anybody who has its receipt.

use std::time::Instant;

use phidia_domain::Rejection;
use phidia_runtime::failure::Failure;

use crate::{
    Intake,
    record::{Application, Entry, Receipt},
    store::reading,
};

/// What the holder of a receipt is told. Nothing in it is personal.
pub(crate) struct Tracked {
    pub(crate) application: Application,
    pub(crate) receipt: Receipt,
    pub(crate) entries: Vec<Entry>,
}

impl Intake {
    /// How an application stands. A wrong dossier code and a wrong check code are answered alike: dossier
    /// codes can be guessed, and who guesses must not learn which exist, nor try for long.
    ///
    /// # Errors
    /// `NOT_FOUND`; `FAILED_PRECONDITION` after too many wrong codes.
    pub(crate) async fn track(&self, dossier_code: &str, check_code: &str) -> Result<Tracked, Failure> {
        self.guesses.check(dossier_code, Instant::now())?;
        let province = &self.versions.active().await?.value.code;
        let conn = self.outbox.database().read();
        let (application, receipt) = reading::by_dossier_code(conn, province, dossier_code)
            .await?
            .filter(|(_, receipt)| receipt.check_code == check_code)
            .ok_or_else(|| {
                self.guesses.note(dossier_code, Instant::now());
                let message = "no application has this dossier code and this check code";
                Rejection::not_found("UNKNOWN_RECEIPT", message)
            })?;
        let entries = reading::entries(conn, province, application.id).await?;
        Ok(Tracked { application, receipt, entries })
    }
}
