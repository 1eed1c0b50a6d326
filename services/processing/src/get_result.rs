//! A result with its file.

use phidia_domain::{Kind, Rejection, caller::Caller, id::UnitId};
use phidia_runtime::failure::Failure;

use crate::{
    Processing, caller,
    get_case::{CaseKey, unknown},
    record::{CaseRecord, ResultRecord},
    result::{Part, ResultView, key_of, stands_for},
    store,
};

/// What is under seal. Personal.
#[derive(Default)]
pub(crate) struct Opened {
    pub(crate) file_name: String,
    pub(crate) content: Vec<u8>,
    pub(crate) signer: String,
    pub(crate) signature: Vec<u8>,
    pub(crate) receiver: String,
}

impl Processing {
    /// A result, for whoever worked on the case or hands it over: the present one, or the one that the reopening with this number
    /// withdrew. That it was read is in the log, with who did.
    ///
    /// # Errors
    /// `NOT_FOUND`, also for others; `NOT_DECIDED`, `CASE_STOPPED`; `NO_RESULT_WITHDRAWN`; `PERSON_ERASED`.
    pub(crate) async fn get_result(
        &self,
        caller: &Caller,
        key: CaseKey,
        withdrawn_by: Option<u32>,
    ) -> Result<(ResultView, Opened), Failure> {
        let scope = caller::scope(caller)?;
        let db = self.outbox.database().read();
        let today = self.versions.active().await?;
        let found = store::find_by_key(db, &today.value.code, key).await?;
        let case = found.filter(|case| case.opened_at.is_some()).ok_or_else(unknown)?;
        if let Some(unit) = scope
            && !self.is_concerned(&case, unit).await?
        {
            return Err(unknown().into());
        }
        let withdrawn = store::find_withdrawn(db, &case).await?;
        let result = match withdrawn_by {
            Some(number) => {
                let by_it = withdrawn.iter().find(|withdrawn| withdrawn.reopening == number);
                Some(by_it.ok_or_else(nothing_withdrawn)?.result.clone())
            }
            None => {
                case.standing.check_decided()?;
                store::find_result(db, &case.province, case.application).await?
            }
        };
        let opened = match &result {
            Some(result) => self.opened(&case, result, withdrawn_by).await?,
            None => Opened::default(),
        };
        tracing::info!(application = %case.application, actor = %caller.actor(), "a result was read");
        // What is withdrawn stands among the others that are.
        let view = self.result_view(case, result.filter(|_| withdrawn_by.is_none())).await?;
        Ok((ResultView { withdrawn, ..view }, opened))
    }

    /// Whether a unit worked on a case, or hands its result over.
    async fn is_concerned(&self, case: &CaseRecord, unit: UnitId) -> Result<bool, Failure> {
        let (today, pinned) = (self.versions.active().await?, self.versions.at(case.province_version).await?);
        if stands_for(unit, case.return_at, &today.value, &pinned.value) {
            return Ok(true);
        }
        let db = self.outbox.database().read();
        let items = store::list_items(db, &case.province, case.application, None).await?;
        Ok(items.iter().any(|item| stands_for(unit, item.held.unit, &today.value, &pinned.value)))
    }

    async fn opened(
        &self,
        case: &CaseRecord,
        result: &ResultRecord,
        withdrawn_by: Option<u32>,
    ) -> Result<Opened, Failure> {
        let db = self.outbox.database().read();
        let key = key_of(db, case, result.person, &self.master_key).await?;
        let application = case.application;
        let bytes = async |kept: store::FilePart, part: Part| {
            let sealed = match withdrawn_by {
                Some(number) => store::find_withdrawn_file(db, case, number, kept).await?,
                None => store::find_file(db, case, kept).await?,
            };
            let opened = sealed.map(|sealed| key.open_bytes(&part.context(application), &sealed)).transpose();
            opened.map(Option::unwrap_or_default)
        };
        Ok(Opened {
            file_name: Part::FileName.open(application, &key, result.file_name.as_ref())?,
            content: bytes(store::FilePart::File, Part::File).await?,
            signer: Part::Signer.open(application, &key, result.signer.as_ref())?,
            signature: bytes(store::FilePart::Signature, Part::Signature).await?,
            receiver: Part::Receiver.open(application, &key, result.receiver.as_ref())?,
        })
    }
}

fn nothing_withdrawn() -> Rejection {
    let message = "no result was withdrawn by a reopening with this number";
    Rejection::new(Kind::NotFound, "NO_RESULT_WITHDRAWN", message)
}
