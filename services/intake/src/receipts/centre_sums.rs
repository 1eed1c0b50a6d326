//! How the applications of each centre stand, for anybody.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::civil::Date;
use phidia_domain::{Rejection, conservation::Published, province::Province};
use phidia_runtime::failure::Failure;
use tokio::sync::Mutex;

use crate::{
    Intake,
    store::{
        receipts as store,
        standings::{self, Sums, Which},
    },
};

/// For how long the sums of all receipts are not counted again, however many ask; real time.
const FRESH: Duration = Duration::from_secs(2);

/// The sums that were counted last, and when. Whoever asks while they are counted waits for them.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastSums(Arc<Mutex<Option<(Instant, Published)>>>);

impl Intake {
    /// The sums of all receipts, or of those in the tree of a day.
    ///
    /// # Errors
    /// `NOT_FOUND` for a day that is not closed.
    pub(crate) async fn centre_sums(&self, day: Option<Date>) -> Result<Published, Failure> {
        let (version, conn) = (self.versions.active().await?, self.outbox.database().read());
        let province = &version.value;
        let Some(day) = day else { return self.all_sums(province).await };
        if store::day(conn, &province.code, day).await?.is_none() {
            return Err(Rejection::not_found("UNKNOWN_DAY", "this day is not closed").into());
        }
        let counted = standings::count(conn, &province.code, Which::Of(&[day])).await?;
        Ok(published(province, counted.into_values()))
    }

    /// Of days that are settled, it is taken how they stood when they were counted last.
    async fn all_sums(&self, province: &Province) -> Result<Published, Failure> {
        let mut last = self.last_sums.0.lock().await;
        if let Some((_, sums)) = last.as_ref().filter(|(counted, _)| counted.elapsed() < FRESH) {
            return Ok(sums.clone());
        }
        // A day that is settled in between would be counted not at all, or twice.
        let state = self.outbox.database().snapshot().await?;
        let mut counted = vec![standings::kept(&state, &province.code, true).await?];
        counted.extend(standings::count(&state, &province.code, Which::Unsettled).await?.into_values());
        let sums = published(province, counted);
        *last = Some((Instant::now(), sums.clone()));
        Ok(sums)
    }
}

/// What was counted, by the codes of today. A unit that is no more keeps its id.
pub(super) fn published(province: &Province, counted: impl IntoIterator<Item = Sums>) -> Published {
    let mut published = Published::default();
    for (unit, sum) in counted.into_iter().flatten() {
        let code = province.units.get(&unit).map_or_else(|| unit.to_string(), |unit| unit.code.clone());
        published.0.entry(code).or_default().add(&sum);
    }
    published
}
