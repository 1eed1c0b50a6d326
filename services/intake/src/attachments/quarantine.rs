//! What the virus scanner found something in: operators see it, release what was a false alarm, and delete the rest. What they do is written
//! down with their reason. Nobody is given the bytes, neither are they.

use phidia_domain::{
    Kind, Rejection, application::check_text, attachment::State, caller::Caller, id::AttachmentId,
};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use super::get::{Shown, unknown};
use crate::{
    Intake,
    page::{self, Page},
    record::{AttachmentRecord, Found},
    store::{
        attachments::{self as attachments, Object},
        quarantine::{self as store, Act, Deed},
    },
};

/// So many characters at most a reason has.
const LONGEST_REASON: usize = 500;

/// An attachment in quarantine.
pub(crate) struct Held {
    pub(crate) shown: Shown,
    /// None: it was found before that was written down.
    pub(crate) found: Option<Found>,
}

impl Intake {
    /// What is in quarantine, what was announced last first.
    ///
    /// # Errors
    /// A violation of `page_token`.
    pub(crate) async fn quarantined(&self, page_size: u64, page_token: &str) -> Result<Page<Held>, Failure> {
        let asked = "quarantine";
        let malformed =
            |_| Rejection::invalid("MALFORMED_PAGE_TOKEN", "page_token", "expected next_page_token");
        let before: Option<AttachmentId> =
            page::position(asked, page_token)?.map(|id| id.parse().map_err(malformed)).transpose()?;
        let (province, conn) = (&self.versions.active().await?.value.code, self.outbox.database().read());
        let found = store::list(conn, province, before, page_size.saturating_add(1)).await?;
        let held = |record: AttachmentRecord| {
            let found = record.content.as_ref().and_then(|content| content.found.clone());
            Ok(Held { found, shown: self.show(record)? })
        };
        let found: Vec<_> = found.into_iter().map(held).collect::<Result<_, Failure>>()?;
        Ok(Page::of(found, page_size, asked, |held| held.shown.id.to_string()))
    }

    /// Gives an attachment free, and with it all that have the same content. Again: nothing changes.
    ///
    /// # Errors
    /// A violation of `reason`; `NOT_FOUND`; `NOT_QUARANTINED`.
    pub(crate) async fn release(
        &self,
        caller: &Caller,
        id: AttachmentId,
        reason: &str,
    ) -> Result<Shown, Failure> {
        self.act_on(caller, id, Act::Release, reason).await?;
        let province = &self.versions.active().await?.value.code;
        let found = attachments::find(self.outbox.database().read(), province, id).await?;
        self.show(found.ok_or_else(unknown)?)
    }

    /// Deletes an attachment, also one that was handed in; its content goes with the last one that has it. Again: nothing changes.
    ///
    /// # Errors
    /// As [`Intake::release`].
    pub(crate) async fn discard(
        &self,
        caller: &Caller,
        id: AttachmentId,
        reason: &str,
    ) -> Result<(), Failure> {
        self.act_on(caller, id, Act::Discard, reason).await
    }

    async fn act_on(&self, caller: &Caller, id: AttachmentId, act: Act, reason: &str) -> Result<(), Failure> {
        check_text("reason", reason, 1, LONGEST_REASON)?;
        let province = self.versions.active().await?.value.code.clone();
        let deed =
            Deed { act, actor: caller.actor(), reason: reason.trim().to_owned(), at: self.business.now() };
        let of = province.clone();
        let free =
            self.outbox.write(move |tx, _| Box::pin(async move { act_in(tx, &of, id, deed).await })).await?;
        self.attachments.objects.forget(&province, &free).await;
        Ok(())
    }
}

/// Answers the objects that nobody needs any more.
async fn act_in(
    tx: &DatabaseTransaction,
    province: &str,
    id: AttachmentId,
    deed: Deed,
) -> Result<Vec<Object>, Failure> {
    let found = attachments::lock(tx, province, &[id].into()).await?.pop();
    let held = found.as_ref().filter(|record| record.state() == State::Quarantined);
    let Some(record) = held else {
        return match (store::was(tx, province, id, deed.act).await?, found) {
            (true, _) => Ok(Vec::new()),
            (false, None) => Err(unknown().into()),
            (false, Some(_)) => Err(not_quarantined().into()),
        };
    };
    let act = deed.act;
    store::note(tx, province, record, deed).await?;
    match (act, &record.content) {
        (Act::Release, Some(content)) => {
            store::release(tx, province, content.id).await?;
            Ok(Vec::new())
        }
        _ => attachments::delete(tx, province, record).await,
    }
}

fn not_quarantined() -> Rejection {
    let message = "nothing was found in the file, or it was released";
    Rejection::new(Kind::Precondition, "NOT_QUARANTINED", message)
}
