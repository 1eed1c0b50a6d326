//! The unit that decided issues the result as a file.

use phidia_domain::case::{FileFacts, Issued, Once, check_file, issue};
use phidia_proto::{
    convert,
    events::v1::{ResultIssued, event::Fact},
};
use phidia_runtime::{digest::sha256, failure::Failure, telemetry::TraceParent};

use crate::{
    Processing,
    act::Act,
    caller::Sender,
    deed::Deed,
    get_case::CaseKey,
    record::{self, CaseRecord, ResultRecord},
    result::{Decided, Part, ResultView},
    store,
};

/// A file as it is handed in. It may hold personal data: it goes nowhere but under its seal.
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) content: Vec<u8>,
}

impl Processing {
    /// Issues the result of a case. Asked again with the same file, nothing changes.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` for who is no officer, or of another unit; those of [`check_file`], [`Decided::lock`] and [`issue`].
    pub(crate) async fn issue_result(
        &self,
        sender: Sender,
        key: CaseKey,
        file: File,
    ) -> Result<ResultView, Failure> {
        let (case, result) =
            self.act(sender, move |processing, act| Box::pin(processing.issue(act, key, file))).await?;
        self.result_view(case, Some(result)).await
    }

    async fn issue(
        &self,
        mut act: Act<'_>,
        key: CaseKey,
        file: File,
    ) -> Result<(CaseRecord, ResultRecord), Failure> {
        let Act { tx, today, officer, deed: Deed { at: now, .. }, .. } = act;
        let File { name, media_type, content } = file;
        check_file(&name, &media_type, content.len())?;
        let decided = Decided::lock(tx, &today.code, key, &self.master_key, &self.ids, now).await?;
        TraceParent::link_to(&decided.case.traceparent);
        decided.check_decider(tx, officer, today, &self.versions).await?;
        let size = content.len().try_into().map_err(Failure::broken)?;
        let known = FileFacts { sha256: sha256(&content), size, media_type };
        let mut result = decided.record();
        let Decided { case, key, .. } = decided;
        if issue(result.issued.as_ref(), &known, officer.id)? == Once::Before {
            return Ok((case, result));
        }
        let sealed = key.seal_bytes(&Part::File.context(case.application), content)?;
        result.file_name = Some(Part::FileName.seal(case.application, &key, &name)?);
        result.issued = Some(Issued { file: known.clone(), at: now, officer: officer.id, signature: None });
        store::insert_file(tx, &case, store::FilePart::File, sealed).await?;
        store::save_result(tx, &case, &result).await?;
        let pinned = self.versions.at(case.province_version).await?;
        let issued = ResultIssued {
            case_id: case.id.to_string(),
            sha256: known.sha256,
            size_bytes: known.size,
            media_type: known.media_type,
            issued_at: Some(convert::wire_timestamp(now)),
            return_at_unit_id: case.return_at.to_string(),
            return_at_unit_name: record::unit_name(case.return_at, [today, &pinned.value])
                .map(convert::wire_text),
        };
        act.tell(&case, Fact::ResultIssued(issued));
        Ok((case, result))
    }
}
