//! Applications page by page, newest first.

use phidia_domain::{
    application::{DossierCode, Status},
    caller::Caller,
};
use phidia_runtime::failure::Failure;

use crate::{
    Intake,
    page::{self, Page},
    record::Application,
    scope::Scope,
    store::reading::{self, Filter},
};

/// Which applications are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) status: Option<Status>,
    /// Official code of the receiving unit; empty: all that the caller may see.
    pub(crate) received_at_code: String,
    /// The official dossier code, or its beginning; empty: any.
    pub(crate) dossier_code: String,
    pub(crate) page_size: u64,
    pub(crate) page_token: String,
}

impl Intake {
    /// The applications that a caller may see.
    ///
    /// # Errors
    /// Those of [`DossierCode::check_beginning`] and [`Scope::receiving`]; a violation of `page_token`.
    pub(crate) async fn list(
        &self,
        caller: &Caller,
        question: Question,
    ) -> Result<Page<Application>, Failure> {
        let province = &self.versions.active().await?.value;
        let Question { status, received_at_code, dossier_code, .. } = &question;
        let scope = Scope::of(caller);
        let filter = if dossier_code.is_empty() {
            Filter { received_at: scope.receiving(province, received_at_code)?, ..Filter::default() }
        } else {
            DossierCode::check_beginning(dossier_code)?;
            // Whoever has the code on the paper before them finds what they may open, wherever it was received.
            let received_at = (!received_at_code.is_empty())
                .then(|| scope.receiving(province, received_at_code))
                .transpose()?
                .flatten();
            Filter { received_at, opened_by: scope.unit(), begins: Some(dossier_code), ..Filter::default() }
        };
        let filter = Filter { status: *status, ..filter };
        let asked = asked(&filter);
        let before = page::position(&asked, &question.page_token)?.map(|id| id.parse()).transpose()?;
        let found = reading::page(
            self.outbox.database().read(),
            &province.code,
            &filter,
            before,
            question.page_size.saturating_add(1),
        )
        .await?;
        Ok(Page::of(found, question.page_size, &asked, |application| application.id.to_string()))
    }
}

/// What a page token is bound to.
fn asked(filter: &Filter<'_>) -> String {
    let status = filter.status.map_or("", Status::as_str);
    let unit = filter.received_at.map(|unit| unit.to_string()).unwrap_or_default();
    format!("applications {status} {unit} {}", filter.begins.unwrap_or_default())
}
