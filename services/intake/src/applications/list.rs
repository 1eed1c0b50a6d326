//! Applications page by page, newest first.

use phidia_domain::{application::Status, caller::Caller};
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
    pub(crate) page_size: u64,
    pub(crate) page_token: String,
}

impl Intake {
    /// The applications that a caller may see.
    pub(crate) async fn list(
        &self,
        caller: &Caller,
        question: Question,
    ) -> Result<Page<Application>, Failure> {
        let province = &self.versions.active().await?.value;
        let received_at = Scope::of(caller).receiving(province, &question.received_at_code)?;
        let filter = Filter { status: question.status, received_at };
        let asked = asked(filter);
        let before = page::position(&asked, &question.page_token)?.map(|id| id.parse()).transpose()?;
        let found = reading::page(
            self.outbox.database().read(),
            &province.code,
            filter,
            before,
            question.page_size.saturating_add(1),
        )
        .await?;
        Ok(Page::of(found, question.page_size, &asked, |application| application.id.to_string()))
    }
}

/// What a page token is bound to.
fn asked(filter: Filter) -> String {
    let status = filter.status.map_or("", Status::as_str);
    let unit = filter.received_at.map(|unit| unit.to_string()).unwrap_or_default();
    format!("applications {status} {unit}")
}
