//! Which cases each figure counts. The store counts by the same rules in SQL
//! (`services/processing/src/store/report.rs`, and its tests hold the two against each other).

use super::{Entry, Timeliness, Window};
use crate::{
    application::{Channel, Rating},
    case::State,
};

/// A number of a report that is a number of cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Figure {
    /// Accepted in the period.
    Received,
    /// Accepted before the period and still running when it began.
    CarriedOver,
    /// Ended in the period: granted, refused, withdrawn or lapsed.
    Finished,
    /// Of these: [`Timeliness::Early`].
    Early,
    /// Of these: [`Timeliness::OnTime`].
    OnTime,
    /// Of these: [`Timeliness::Late`].
    Late,
    /// Of these: [`Timeliness::Undated`].
    FinishedUndated,
    /// Ended in the period with a grant.
    Granted,
    /// Ended in the period with a refusal.
    Refused,
    /// Ended in the period by the citizen.
    Withdrawn,
    /// Ended in the period because it was not supplemented in time.
    Lapsed,
    /// Not ended at the end of the period, or by now where that is earlier.
    Running,
    /// Of these: nobody waits for the citizen, and what was promised can still be kept.
    InTerm,
    /// Of these: nobody waits for the citizen, and what was promised is past.
    Overdue,
    /// Of these: nobody waits for the citizen, and nothing was promised.
    RunningUndated,
    /// Of these: the citizen is to answer; the clock stands still.
    Waiting,
    /// Of those that ended in the period: a supplement was asked for.
    Supplemented,
    /// Criterion 2.1 of Decision 766/QĐ-TTg looks at it: a case of the period for which something was promised.
    Judged,
    /// Of these: on time by the rule of that criterion.
    JudgedOnTime,
    /// Of those accepted in the period: at a counter.
    ReceivedDirect,
    /// Of these: over the national portal or another system.
    ReceivedOnline,
    /// Of these: by public post.
    ReceivedByPost,
    /// Of these: nobody has told how they came in.
    ReceivedUnstated,
    /// Of those accepted in the period: all papers were there as digital files.
    ReceivedDigitised,
    /// Of these: some were there on paper only.
    ReceivedUndigitised,
    /// Of these: nobody has told.
    ReceivedDigitisedUnstated,
    /// Of those that ended in the period with a grant or a refusal: the result was issued as a file, then or later.
    IssuedElectronically,
    /// Of those that ended in the period: whoever has the receipt has said what they think of it, then or later.
    Rated,
    /// Of these: they are satisfied.
    Satisfied,
    /// Of these: they are dissatisfied.
    Dissatisfied,
    /// Of those that ended in the period: something was paid for it, all of it online.
    PaidOnline,
    /// Of those that ended in the period: something was paid for it, some of it otherwise.
    PaidOtherwise,
}

impl Figure {
    /// All of them, in the order in which they are counted.
    pub const ALL: [Self; 32] = [
        Self::Received,
        Self::CarriedOver,
        Self::Finished,
        Self::Early,
        Self::OnTime,
        Self::Late,
        Self::FinishedUndated,
        Self::Granted,
        Self::Refused,
        Self::Withdrawn,
        Self::Lapsed,
        Self::Running,
        Self::InTerm,
        Self::Overdue,
        Self::RunningUndated,
        Self::Waiting,
        Self::Supplemented,
        Self::Judged,
        Self::JudgedOnTime,
        Self::ReceivedDirect,
        Self::ReceivedOnline,
        Self::ReceivedByPost,
        Self::ReceivedUnstated,
        Self::ReceivedDigitised,
        Self::ReceivedUndigitised,
        Self::ReceivedDigitisedUnstated,
        Self::IssuedElectronically,
        Self::Rated,
        Self::Satisfied,
        Self::Dissatisfied,
        Self::PaidOnline,
        Self::PaidOtherwise,
    ];
}

impl Entry {
    /// Whether a case belongs to a period: it was accepted before its end, and had not ended before its beginning.
    pub fn is_of(&self, window: Window) -> bool {
        self.submitted_at < window.until && self.ended.is_none_or(|ended| ended.at >= window.from)
    }

    /// Whether a figure of a period counts this case.
    pub fn counts(&self, figure: Figure, window: Window) -> bool {
        if !self.is_of(window) {
            return false;
        }
        let finished = self.ended.filter(|ended| ended.at < window.until);
        let ended_with = |state| finished.is_some_and(|ended| ended.state == state);
        let ended_so = |timeliness| finished.is_some_and(|ended| ended.measured.timeliness == timeliness);
        let waiting = self.wait.filter(|wait| finished.is_none() && wait.covers(window.as_of));
        // Nobody waits for the citizen, and this holds of the promise.
        let running = |due: &dyn Fn(Option<jiff::Timestamp>) -> bool| {
            finished.is_none() && waiting.is_none() && due(self.due_at)
        };
        let received = self.submitted_at >= window.from;
        let rated = |how: &dyn Fn(Rating) -> bool| finished.is_some() && self.rating.is_some_and(how);
        match figure {
            Figure::Received => received,
            Figure::CarriedOver => self.submitted_at < window.from,
            Figure::Finished => finished.is_some(),
            Figure::Early => ended_so(Timeliness::Early),
            Figure::OnTime => ended_so(Timeliness::OnTime),
            Figure::Late => ended_so(Timeliness::Late),
            Figure::FinishedUndated => ended_so(Timeliness::Undated),
            Figure::Granted => ended_with(State::Granted),
            Figure::Refused => ended_with(State::Refused),
            Figure::Withdrawn => ended_with(State::Withdrawn),
            Figure::Lapsed => ended_with(State::Lapsed),
            Figure::Running => finished.is_none(),
            Figure::InTerm => running(&|due| due.is_some_and(|due| due >= window.as_of)),
            Figure::Overdue => running(&|due| due.is_some_and(|due| due < window.as_of)),
            Figure::RunningUndated => running(&|due| due.is_none()),
            Figure::Waiting => waiting.is_some(),
            Figure::Supplemented => finished.is_some() && self.supplements > 0,
            Figure::Judged => self.due_at.is_some(),
            Figure::JudgedOnTime => self.due_at.is_some_and(|due_at| {
                self.supplements <= 1
                    && match finished {
                        Some(ended) => ended.measured.timeliness != Timeliness::Late,
                        None => due_at >= waiting.map_or(window.as_of, |wait| wait.from),
                    }
            }),
            Figure::ReceivedDirect => received && self.channel == Some(Channel::Direct),
            Figure::ReceivedOnline => received && self.channel == Some(Channel::Online),
            Figure::ReceivedByPost => received && self.channel == Some(Channel::Post),
            Figure::ReceivedUnstated => received && self.channel.is_none(),
            Figure::ReceivedDigitised => received && self.digitised == Some(true),
            Figure::ReceivedUndigitised => received && self.digitised == Some(false),
            Figure::ReceivedDigitisedUnstated => received && self.digitised.is_none(),
            Figure::IssuedElectronically => {
                self.issued && (ended_with(State::Granted) || ended_with(State::Refused))
            }
            Figure::PaidOnline => finished.is_some() && self.paid_online == Some(true),
            Figure::PaidOtherwise => finished.is_some() && self.paid_online == Some(false),
            Figure::Rated => rated(&|_| true),
            Figure::Satisfied => rated(&|rating| rating == Rating::Satisfied),
            Figure::Dissatisfied => rated(&|rating| rating == Rating::Dissatisfied),
        }
    }
}
