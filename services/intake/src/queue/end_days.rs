//! Days end: whoever still waits when their centre has closed is not served; what was counted of a day is kept; and old tickets are forgotten.

use std::time::Duration;

use jiff::{Timestamp, ToSpan as _, civil::Date};
use phidia_domain::{province::Province, queue::closes_at};
use phidia_runtime::{failure::Failure, service::Worker};
use tokio_util::sync::CancellationToken;

use super::{QueueConfig, held::Held, statistics::sum_up};
use crate::{
    Intake,
    store::{
        halls::{self, Place},
        tickets,
    },
};

/// How often it is looked, in real time; the days are those of business time.
const EVERY: Duration = Duration::from_secs(2);
/// How long it is waited where a hall could not be ended.
const PAUSE: Duration = Duration::from_secs(60);

impl Intake {
    /// Ends what is over; whether all of it was ended.
    async fn end_days(&self, stop: &CancellationToken) -> Result<bool, Failure> {
        let today = self.versions.active().await?;
        let (now, province) = (self.business.now(), &today.value);
        let local = province.clock.local_date(now);
        let conn = self.outbox.database().read();
        let mut is_whole = true;
        for (day, place) in tickets::open_days(conn, &province.code, local).await? {
            if stop.is_cancelled() {
                break;
            }
            // One hall that cannot be ended keeps none of the others from it.
            if let Err(failure) = self.end_if_over(&today.value, place.clone(), &day, now).await {
                tracing::warn!(unit = %place.unit, day, %failure, "the day of a hall was not ended");
                is_whole = false;
            }
        }
        Ok(is_whole)
    }

    /// Ends a day in a hall as far as it is over.
    async fn end_if_over(
        &self,
        province: &Province,
        place: Place,
        day: &str,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let conn = self.outbox.database().read();
        let day: Date = day.parse().map_err(Failure::broken)?;
        let (closing, end) = closes_at(province.capacity.get(&place.unit), province.clock.time_zone(), day);
        if now >= end {
            self.end_day(place, day, Timestamp::MAX, now, true).await?;
        } else if now >= closing
            && tickets::live(conn, &province.code, &place, day)
                .await?
                .values()
                .any(|ticket| ticket.taken_at < closing)
        {
            self.end_day(place, day, closing, now, false).await?;
        }
        Ok(())
    }

    /// Ends a day in a hall for those who drew their number before an instant; `is_over`: for good.
    async fn end_day(
        &self,
        place: Place,
        day: Date,
        drawn_before: Timestamp,
        now: Timestamp,
        is_over: bool,
    ) -> Result<(), Failure> {
        let today = self.versions.active().await?;
        self.outbox
            .write(move |tx, _| {
                Box::pin(async move {
                    let province = today.value.code.clone();
                    let of_today = today.clone();
                    let mut held = Held::take(tx, today, place.clone(), now).await?;
                    let of_day = tickets::of_day(tx, &province, &place, &day.to_string()).await?;
                    let was = of_day.clone();
                    held.hall.tickets = of_day;
                    held.hall.end_day(drawn_before, now);
                    for ticket in
                        held.hall.tickets.values().filter(|ticket| was.get(&ticket.id) != Some(*ticket))
                    {
                        tickets::save(tx, &province, ticket).await?;
                    }
                    // Another replica may have been quicker.
                    if is_over && !held.hall.tickets.is_empty() {
                        let all: Vec<_> = held.hall.tickets.into_values().collect();
                        let tallies = sum_up(&of_today.value, &all);
                        halls::keep_day(tx, &province, &place, day, &tallies).await?;
                        tickets::mark_summed(tx, &province, &place, &day.to_string()).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Forgets what was drawn and called so long ago.
    async fn forget_tickets(&self, kept_days: u16, stop: &CancellationToken) -> Result<(), Failure> {
        let today = self.versions.active().await?;
        let local = today.value.clock.local_date(self.business.now());
        let before = local.checked_sub(i64::from(kept_days).days()).map_err(Failure::broken)?;
        // A day at a time: others write between two of them.
        loop {
            let database = self.outbox.database();
            let forgotten = database.write(move |tx| {
                Box::pin(async move {
                    Ok(tickets::prune(tx, before).await? + halls::prune_calls(tx, before).await?)
                })
            });
            if forgotten.await? == 0 || stop.is_cancelled() {
                return Ok(());
            }
        }
    }
}

/// Ends days, and forgets old ones, until it is stopped.
pub(crate) fn worker(intake: Intake, config: QueueConfig) -> Worker {
    Worker::new("end queue days", move |stop| async move {
        let (mut forgotten, mut wait) = (None, EVERY);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
            let ended = intake.end_days(&stop).await;
            wait = if matches!(ended, Ok(false)) { PAUSE } else { EVERY };
            if let Err(failure) = ended {
                tracing::debug!(%failure, "days of halls can't be ended now");
            }
            let Ok(today) = intake.versions.active().await else { continue };
            let day = today.value.clock.local_date(intake.business.now());
            // Once a day is enough.
            if forgotten != Some(day) {
                match intake.forget_tickets(config.tickets_kept_days, &stop).await {
                    Ok(()) => forgotten = Some(day),
                    Err(failure) => tracing::warn!(%failure, "old tickets were not forgotten"),
                }
            }
        }
    })
}
