//! What a unit is asked by others, and what it has asked them.

use jiff::Timestamp;
use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
    id::{Id as _, ReferralId},
    procedure::Text,
};
use phidia_runtime::{failure::Failure, seal::PersonKey};
use uuid::Uuid;

use crate::{
    Processing, caller,
    record::{self, ReferralRecord},
    store::{self, ReferralQuery},
};

/// A question as it is shown.
#[derive(Clone)]
pub(crate) struct ReferralView {
    pub(crate) record: ReferralRecord,
    pub(crate) procedure_name: Text,
    pub(crate) from_name: Text,
    pub(crate) to_name: Text,
    /// Opened: it may name people.
    pub(crate) question: String,
    /// Empty: there is none yet.
    pub(crate) answer: String,
    pub(crate) late: bool,
}

/// One page that is asked for.
#[derive(Clone, Debug)]
pub(crate) struct ReferralPage {
    /// Official code of the unit; empty: the caller's own.
    pub(crate) unit_code: String,
    /// Those that it has asked, instead of those that it is asked.
    pub(crate) asked_by: bool,
    /// Also those that have ended.
    pub(crate) all: bool,
    pub(crate) size: u64,
    /// From the page before; empty: the first page.
    pub(crate) token: String,
}

impl Processing {
    /// A page of questions, and the token of the next one; empty: there is none.
    ///
    /// # Errors
    /// Those of `caller::unit_asked_for`; a violation of `page_token`.
    pub(crate) async fn list_referrals(
        &self,
        caller: &Caller,
        page: ReferralPage,
    ) -> Result<(Vec<ReferralView>, String), Failure> {
        let today = self.versions.active().await?;
        if caller.role == Role::System && caller.unit.is_none() {
            let message = "the caller's identity names no unit";
            return Err(Rejection::new(Kind::Forbidden, "OTHER_UNIT", message).into());
        }
        let unit = caller::unit_asked_for(caller, &today.value, &page.unit_code)?;
        let after = match page.token.as_str() {
            "" => None,
            token => Some(read(token).ok_or_else(|| {
                Rejection::invalid("MALFORMED_PAGE_TOKEN", "page_token", "the token of the page before")
            })?),
        };
        let query = ReferralQuery {
            unit,
            asked_by: page.asked_by,
            all: page.all,
            after,
            // One more than asked for: whether there is a next page.
            limit: page.size + 1,
        };
        let mut records = store::list_referrals(self.outbox.database().read(), &query).await?;
        let size = usize::try_from(page.size).unwrap_or(usize::MAX);
        let more = records.len() > size;
        records.truncate(size);
        let next = records.last().filter(|_| more).map(token).unwrap_or_default();
        let now = self.business.now();
        let mut views = Vec::with_capacity(records.len());
        for record in records {
            views.push(self.view_referral(record, now).await?);
        }
        Ok((views, next))
    }

    /// Opens a question for those who may see it.
    pub(crate) async fn view_referral(
        &self,
        record: ReferralRecord,
        now: Timestamp,
    ) -> Result<ReferralView, Failure> {
        let (today, pinned) =
            (self.versions.active().await?, self.versions.at(record.province_version).await?);
        let name = |unit| record::unit_name(unit, [&today.value, &pinned.value]).cloned().unwrap_or_default();
        let (id, key) = (record.referral.id, PersonKey::unwrap(&self.master_key, &record.wrapped_key)?);
        let answer = record.answer.as_ref();
        let answer = answer.map(|answer| answer.open(&key, &ReferralRecord::context(id, "answer")));
        Ok(ReferralView {
            procedure_name: record::pinned(&pinned.value, &record.procedure_code, record.referral.asked_at)?
                .name
                .clone(),
            from_name: name(record.referral.from),
            to_name: name(record.referral.to),
            question: record.question.open(&key, &ReferralRecord::context(id, "question"))?,
            answer: answer.transpose()?.unwrap_or_default(),
            late: record.referral.is_late(now),
            record,
        })
    }
}

pub(crate) fn unknown() -> Rejection {
    Rejection::not_found("UNKNOWN_REFERRAL", "no such question")
}

fn token(record: &ReferralRecord) -> String {
    let referral = &record.referral;
    format!("{}.{}", referral.due_at.as_microsecond(), referral.id.uuid().simple())
}

fn read(token: &str) -> Option<(Timestamp, ReferralId)> {
    let (due_at, id) = token.split_once('.')?;
    let due_at = Timestamp::from_microsecond(due_at.parse().ok()?).ok()?;
    Some((due_at, ReferralId::from_uuid(Uuid::try_parse(id).ok()?)))
}
