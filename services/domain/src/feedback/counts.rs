//! What is counted of feedback in a period: whether each was refused, asked about, answered and published within its time. Criteria 5.1 to
//! 5.3 of Decision 766/QĐ-TTg go by these; how its points are divided is not known.

use jiff::Timestamp;

use super::Standing;
use crate::report::Window;

/// Counts of a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Received in it.
    pub received: u64,
    /// Refused in it.
    pub refused: u64,
    /// Of these, within the time to refuse.
    pub refused_in_time: u64,
    /// Of which the author was first asked for more in it.
    pub asked: u64,
    /// Of these, within the time to ask.
    pub asked_in_time: u64,
    /// Answered in it.
    pub answered: u64,
    /// Of these, within the time to answer.
    pub answered_in_time: u64,
    /// Whose answer was published in it.
    pub published: u64,
    /// Of these, within the time to publish.
    pub published_in_time: u64,
    /// Whose answer stays private by a decision of it.
    pub kept_private: u64,
    /// Taken back in it.
    pub withdrawn: u64,
    /// Opened again in it.
    pub reopened: u64,
    /// Neither answered, refused nor taken back at its end.
    pub running: u64,
    /// Of these, beyond the time to answer.
    pub overdue: u64,
    /// Answered, and at its end beyond the time to decide on publishing.
    pub unpublished: u64,
}

impl Counts {
    /// Counts this one, too. What was opened again counts by its present life.
    pub fn add(&mut self, of: &Standing, window: &Window) {
        let within = |at: Option<Timestamp>| at.is_some_and(|at| window.from <= at && at < window.until);
        let count = |sum: &mut u64, holds: bool| *sum += u64::from(holds);
        let in_time = |at: Option<Timestamp>, by: Timestamp| within(at) && at <= Some(by);
        count(&mut self.received, within(Some(of.received_at)));
        count(&mut self.refused, within(of.refused_at));
        count(&mut self.refused_in_time, in_time(of.refused_at, of.refuse_by));
        count(&mut self.asked, within(of.asked_at));
        count(&mut self.asked_in_time, in_time(of.asked_at, of.ask_by));
        count(&mut self.answered, within(of.answered_at));
        count(&mut self.answered_in_time, in_time(of.answered_at, of.answer_by));
        count(&mut self.published, within(of.published_at));
        let published_by = of.publish_by.unwrap_or(Timestamp::MIN);
        count(&mut self.published_in_time, in_time(of.published_at, published_by));
        count(&mut self.kept_private, within(of.kept_private_at));
        count(&mut self.withdrawn, within(of.withdrawn_at));
        count(&mut self.reopened, within(of.reopened_at));

        let as_of = window.as_of;
        let open =
            |since: Timestamp, end: Option<Timestamp>| since < as_of && end.is_none_or(|end| end >= as_of);
        let running = open(of.received_at, of.settled_at());
        count(&mut self.running, running);
        // While its author is waited for, it stands as it did when they were asked.
        let clock_at = of.waiting_since.map_or(as_of, |since| since.min(as_of));
        count(&mut self.overdue, running && of.answer_by < clock_at);
        let decided = of.published_at.or(of.kept_private_at);
        let waits = of.answered_at.is_some_and(|answered| open(answered, decided));
        count(&mut self.unpublished, waits && of.publish_by.is_some_and(|by| by < as_of));
    }
}
