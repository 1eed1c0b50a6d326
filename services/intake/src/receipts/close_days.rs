//! Closes a day when it is over: the receipts that are in no tree yet form one, whose root is signed and published with the sums of
//! the centres.
//!
//! To which tree an application belongs: to that of the first day whose end lies behind its acceptance and that was closed
//! when its receipt was there. So a closed tree never changes, and whoever was still on their way into the store when their day was closed is
//! in the next: in one transaction a closing takes all receipts that are in none, and of two replicas that close a day one writes its row. A
//! margin lets all but the slowest arrive.

use std::{collections::BTreeMap, time::Duration};

use jiff::{SignedDuration, Timestamp, civil::Date};
use phidia_domain::{
    Kind, Rejection,
    conservation::Published,
    province::Province,
    receipt::{Closed, Hash, Signed, tree},
};
use phidia_runtime::{database, digest, failure::Failure, service::Worker};
use sea_orm::DatabaseTransaction;
use tokio_util::sync::CancellationToken;

use super::centre_sums::published;
use crate::{
    Intake,
    store::{
        receipts::{self as store, ClosedDay},
        standings::{self, Which},
    },
};

/// How often it is looked whether a day is over; real time.
const EVERY: Duration = Duration::from_secs(1);

/// How long after its end a day is closed; business time.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// With each day so many of before are counted again of which all had ended.
const COUNTED_AGAIN: u64 = 30;

/// When a day is over, and when it is closed.
pub(crate) fn end_of(province: &Province, day: Date) -> Result<(Timestamp, Timestamp), Failure> {
    let next = day.tomorrow().map_err(Failure::broken)?;
    let end = province.clock.time_zone().to_timestamp(next.at(0, 0, 0, 0)).map_err(Failure::broken)?;
    Ok((end, end.checked_add(MARGIN).map_err(Failure::broken)?))
}

impl Intake {
    /// Closes the days that are over; answers how many.
    pub(crate) async fn close_days(&self, stop: &CancellationToken) -> Result<usize, Failure> {
        let version = match self.versions.active().await {
            Ok(version) => version,
            // Before there is a province, nothing can have been accepted.
            Err(failure) if failure.rejection().is_some_and(|refusal| refusal.reason == "NO_PROVINCE") => {
                return Ok(0);
            }
            Err(failure) => return Err(failure),
        };
        let (province, conn) = (&version.value, self.outbox.database().read());
        let mut closed = 0;
        while !stop.is_cancelled() {
            let last = store::last_day(conn, &province.code).await?;
            let day = match &last {
                Some(last) => last.day.tomorrow().map_err(Failure::broken)?,
                None => match store::first_received(conn, &province.code).await? {
                    Some(first) => province.clock.local_date(first),
                    None => break,
                },
            };
            let ((end, closes_at), now) = (end_of(province, day)?, self.business.now());
            if now < closes_at || !self.is_called_for(province, day, last.as_ref()).await? {
                break;
            }
            let previous = last.map(|last| digest::hash(last.signed.as_bytes()));
            let (intake, version) = (self.clone(), version.clone());
            let closing = self.outbox.database().write(move |tx| {
                Box::pin(async move {
                    intake.close_day(tx, &version.value, Closing { day, end, previous, now }).await
                })
            });
            match closing.await {
                Ok(count) => {
                    closed += 1;
                    tracing::info!(%day, count, "a day was closed");
                }
                // Another replica was quicker: it goes on from there.
                Err(failure) if failure.rejection().is_some_and(|refusal| refusal.reason == "DAY_CLOSED") => {
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(closed)
    }

    /// Whether a day is to be closed: one on which something was received, or the one after it. Of longer silences the days are closed when
    /// the next application is there, so that a clock that is far ahead closes none of the days to come.
    async fn is_called_for(
        &self,
        province: &Province,
        day: Date,
        last: Option<&ClosedDay>,
    ) -> Result<bool, Failure> {
        let newest = store::last_received(self.outbox.database().read(), &province.code).await?;
        match (newest, last) {
            (Some(newest), _) => {
                Ok(day.yesterday().map_err(Failure::broken)? <= province.clock.local_date(newest))
            }
            (None, Some(last)) => Ok(Signed::<Closed>::parse(&last.signed)?.statement.count > 0),
            (None, None) => Ok(false),
        }
    }

    /// Closes one day; answers how many are in its tree.
    async fn close_day(
        &self,
        tx: &DatabaseTransaction,
        province: &Province,
        Closing { day, end, previous, now }: Closing,
    ) -> Result<u64, Failure> {
        // Another replica may be at it.
        database::alone(tx, &format!("{}/closed-days", province.code)).await?;
        if store::day(tx, &province.code, day).await?.is_some() {
            return Err(closed_before().into());
        }
        store::gather(tx, &province.code, day, end).await?;
        let leaves = store::leaves(tx, &province.code, day).await?;
        let hashes: Vec<Hash> = leaves.into_iter().map(|(_, leaf)| leaf).collect();
        let settled = count_again(tx, &province.code, day).await?;
        let sums = published(province, [standings::kept(tx, &province.code, false).await?]);
        warn_of_what_is_missing(&sums);
        let count = u64::try_from(hashes.len()).map_err(Failure::broken)?;
        let signed: Signed<Closed> = self.signer.sign(Closed {
            province: province.code.clone(),
            day,
            count,
            root: tree::root(digest::hash, &hashes),
            previous,
            sums: digest::hash(sums.text().as_bytes()),
        });
        let row = ClosedDay { day, signed: signed.text(), sums, closed_at: now };
        if !store::close(tx, &province.code, row).await? {
            return Err(closed_before().into());
        }
        for (is_settled, days) in settled {
            standings::counted(tx, &province.code, days, is_settled, now).await?;
        }
        Ok(count)
    }
}

/// Counts how those of a day stand and, with them, those of the days of before that need it. So a closing costs what the day has and what is
/// open, however many days there were. Answers the days that were counted: those that are settled, and the others.
async fn count_again(
    tx: &DatabaseTransaction,
    province: &str,
    day: Date,
) -> Result<BTreeMap<bool, Vec<Date>>, Failure> {
    let mut days = standings::to_count(tx, province, COUNTED_AGAIN).await?;
    days.push(day);
    let mut counted = standings::count(tx, province, Which::Of(&days)).await?;
    let mut settled = BTreeMap::<_, Vec<_>>::new();
    for day in days {
        let sums = counted.remove(&Some(day)).unwrap_or_default();
        standings::keep(tx, province, day, &sums).await?;
        settled.entry(sums.values().all(|sum| sum.open == 0 && sum.holds())).or_default().push(day);
    }
    Ok(settled)
}

fn closed_before() -> Rejection {
    Rejection::new(Kind::Conflict, "DAY_CLOSED", "another replica has closed this day")
}

struct Closing {
    day: Date,
    end: Timestamp,
    previous: Option<Hash>,
    now: Timestamp,
}

/// What does not fit is published as it is, and somebody has to look at once.
fn warn_of_what_is_missing(sums: &Published) {
    for (code, sum) in sums.0.iter().filter(|(_, sum)| !sum.holds()) {
        tracing::error!(unit = code, ?sum, "applications are missing of which there are receipts");
    }
}

/// Looks every second, and at once when the process begins.
pub(crate) fn worker(intake: Intake) -> Worker {
    Worker::new("close-days", move |stop| async move {
        loop {
            if let Err(failure) = intake.close_days(&stop).await {
                tracing::warn!(%failure, "it was not looked whether a day is over");
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    })
}
