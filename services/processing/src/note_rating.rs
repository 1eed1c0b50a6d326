//! Whoever has the receipt has said what they think of how a case ended. It is noted with the case, to be counted.

use phidia_domain::id::ApplicationId;
use phidia_proto::{
    convert,
    events::v1::{ApplicationRated, Event},
};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::{Processing, get_case::CaseKey, sink::not_here, store};

impl Processing {
    /// Notes a rating. Where the case was opened again since, it was of an end that does not hold any more, and nothing changes.
    ///
    /// # Errors
    /// `UNAVAILABLE` while the application has not come here; `INVALID_ARGUMENT` for an event that leaves out what it has to tell.
    pub(crate) async fn note_rating(
        &self,
        tx: &DatabaseTransaction,
        event: &Event,
        fact: &ApplicationRated,
    ) -> Result<(), Failure> {
        let application = convert::id::<ApplicationId>(&event.application_id, "application_id")?;
        let rating = convert::rating(fact.rating, "application_rated.rating")?;
        let ended_at = convert::required(fact.ended_at, "application_rated.ended_at")?;
        let ended_at = convert::timestamp(ended_at, "application_rated.ended_at")?;
        // Whoever opens it again comes before or after.
        let case = store::lock_case(tx, &event.province, CaseKey::Application(application)).await?;
        let case = case.ok_or_else(not_here)?;
        let is_its_end = |at: jiff::Timestamp| at.as_microsecond() == ended_at.as_microsecond();
        match case.finished {
            Some(finished) if is_its_end(finished.at) => store::set_rating(tx, case.id, rating).await,
            _ => Ok(()),
        }
    }
}
