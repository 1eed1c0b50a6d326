//! Drafts page by page.

use phidia_domain::{Kind, Rejection, caller::Caller};
use phidia_runtime::failure::Failure;

use super::shared_unit;
use crate::{
    Intake,
    page::{self, Page},
    record::DraftRecord,
    store::drafts::{self as store, Whose},
};

/// Which drafts are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) of_unit: bool,
    pub(crate) page_size: u64,
    pub(crate) page_token: String,
}

impl Intake {
    /// The caller's drafts that are not handed in, or those of their unit.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a bad page; `PERMISSION_DENIED` for a caller without a unit who asks for those of it.
    pub(crate) async fn list_drafts(
        &self,
        caller: &Caller,
        question: Question,
    ) -> Result<Page<DraftRecord>, Failure> {
        let whose = match (question.of_unit, shared_unit(caller)) {
            (false, _) => Whose::Owner(caller.actor()),
            (true, Some(unit)) => Whose::Unit(unit),
            (true, None) => {
                let message = "only the staff of a unit share its drafts";
                return Err(Rejection::new(Kind::Forbidden, "NO_UNIT", message).into());
            }
        };
        let asked = match &whose {
            Whose::Owner(owner) => format!("drafts {owner}"),
            Whose::Unit(unit) => format!("drafts {unit}"),
        };
        let before = page::position(&asked, &question.page_token)?.map(|id| id.parse()).transpose()?;
        let province = &self.versions.active().await?.value.code;
        let (conn, since) = (self.outbox.database().read(), self.drafts_since());
        let limit = question.page_size.saturating_add(1);
        let found = store::page(conn, province, &whose, since, before, limit).await?;
        Ok(Page::of(found, question.page_size, &asked, |draft| draft.id.to_string()))
    }
}
