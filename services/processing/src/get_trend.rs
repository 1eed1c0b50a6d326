//! The figures of a period point by point.

use phidia_domain::{
    caller::Caller,
    report::{
        Period,
        trend::{Counts, Interval, running},
    },
};
use phidia_runtime::failure::Failure;

use crate::{Processing, selection::Asked, store};

/// A day, a week or a month of a trend.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    pub(crate) days: Period,
    pub(crate) counts: Counts,
    /// What has not ended by its end.
    pub(crate) running: u64,
}

impl Processing {
    /// Counts what each point of the period has, in the order of time; those that have not begun yet have nothing to be counted.
    ///
    /// # Errors
    /// Those of [`Processing::chosen`] and [`Period::points`].
    pub(crate) async fn get_trend(
        &self,
        caller: &Caller,
        asked: &Asked,
        interval: Interval,
    ) -> Result<Vec<Point>, Failure> {
        let now = self.business.now();
        let mut asked = asked.clone();
        if asked.period.is_empty() {
            let today = self.versions.active().await?.value.clock.local_date(now);
            asked.period = interval.latest(today)?.to_string();
        }
        let chosen = self.chosen(caller, &asked).await?;
        let clock = &chosen.today.value.clock;
        let (mut days, mut begins, mut until) = (Vec::new(), Vec::new(), chosen.window.from);
        for point in chosen.period.points(interval)? {
            let window = point.window(clock, now)?;
            if window.from > now {
                break;
            }
            days.push(point);
            begins.push(window.from);
            until = window.until;
        }
        let db = self.outbox.database().read();
        let (before, counts) = store::count_points(db, &chosen.selection, &begins, until).await?;
        let running = running(before, &counts);
        let points = days.into_iter().zip(counts).zip(running);
        Ok(points.map(|((days, counts), running)| Point { days, counts, running }).collect())
    }
}
