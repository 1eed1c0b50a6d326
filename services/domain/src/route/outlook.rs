//! What may honestly be said to somebody who hands something in now: whether the promise of law will hold, and
//! if not, which appointment will.

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{
    Explanation, Policy, Refusal, Request, Roster, Snapshot,
    case::{Case, Seen},
    choose,
    explanation::moment,
    filter::goes_on,
    force,
    predict::Prediction,
};
use crate::{id::UnitId, procedure::Text, province::Province};

/// Below this probability of being on time the promise is not repeated without saying so; and as surely holds the appointment
/// that is given in its place.
const HONEST: f64 = 0.8;

/// What is to be expected of an application, all its steps together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outlook {
    /// How likely it is finished by the promised instant, from 0 to 1; 1 where nothing was promised.
    pub on_time: f64,
    /// When the last step is predicted to be finished.
    pub finish_at: Timestamp,
    /// An appointment that will hold: the close of that working day, and never before the promise.
    pub feasible_at: Timestamp,
    /// Whether anything was promised.
    pub promised: bool,
}

impl Outlook {
    /// Whether the promise may be given without a word.
    pub fn holds(&self) -> bool {
        self.on_time >= HONEST
    }

    /// What the citizen is told.
    pub fn sentence(&self, zone: &TimeZone) -> Text {
        let appointment = moment(Some(self.feasible_at), zone);
        if !self.promised {
            return Text {
                vi: format!(
                    "Thủ tục này không có thời hạn theo quy định; dự kiến có kết quả chậm nhất {}.",
                    appointment.vi
                ),
                en: format!(
                    "The law sets no time for this procedure; the result is expected {} at the latest.",
                    appointment.en
                ),
            };
        }
        if self.holds() {
            return Text {
                vi: format!("Dự kiến có kết quả đúng hẹn, chậm nhất {}.", appointment.vi),
                en: format!("The result is expected in time, {} at the latest.", appointment.en),
            };
        }
        Text {
            vi: format!(
                "Hiện các nơi giải quyết đang quá tải hoặc đang nghỉ, khó kịp thời hạn theo quy định; thời điểm hẹn trả \
                 khả thi là {}.",
                appointment.vi
            ),
            en: format!(
                "Those who could do it have too much to do at present, or are closed, so that the time by law will hardly \
                 be kept; an appointment that will hold is {}.",
                appointment.en
            ),
        }
    }
}

/// The decision on the first step, and what is to be expected of all, or why no unit can take a later one.
pub type Looked = (Explanation, Result<Outlook, Box<Refusal>>);

/// Looks at the stages one after another over the load as it is, each of one step or of some that go on together: it begins when the
/// one before is predicted to be finished, the last of its steps, at the same unit where that may go on with it, as processing has it.
/// Answers with the decision on the first step, and with what is to be expected, or why no unit can take a later one.
///
/// # Errors
///
/// [`Refusal`] when no unit can take the first step.
pub fn outlook(
    policy: &Policy,
    province: &Province,
    roster: &Roster,
    snapshot: &Snapshot,
    stages: impl IntoIterator<Item = Vec<Request>>,
    now: Timestamp,
) -> Result<Option<Looked>, Box<Refusal>> {
    let mut reached = Reached { at: now, surely_at: now, on_time: 1.0, unit: None };
    let (mut first, mut due_at) = (None, None);
    for stage in stages {
        let before = reached;
        for (place, step) in stage.into_iter().enumerate() {
            let request = Request { previous: before.unit.or(step.previous), ..step };
            let seed = request.seed(snapshot.epoch);
            let case = Case::new(policy, province, roster, Seen::Board(snapshot), &request, before.at, seed);
            let stays =
                before.unit.filter(|unit| roster.station(*unit).is_some_and(|unit| goes_on(&case, unit)));
            let decided = match stays {
                Some(unit) => force(&case, unit),
                None => choose(&case),
            };
            let decision = match (decided, first.take()) {
                (Ok(plan), earlier) => {
                    first = earlier;
                    plan.explanation
                }
                (Err(unplaced), Some(earlier)) => return Ok(Some((earlier, Err(unplaced)))),
                (Err(unplaced), None) => return Err(unplaced),
            };
            let ends = before.after(&case, &decision);
            // What goes on together is finished with the last of it.
            reached = if place == 0 { ends } else { reached.and(ends) };
            due_at = request.due_at;
            first.get_or_insert(decision);
        }
    }
    let feasible_at = close_after(province, reached.surely_at);
    let feasible_at = due_at.map_or(feasible_at, |due_at| feasible_at.max(due_at));
    let (on_time, finish_at, promised) = (reached.on_time, reached.at, due_at.is_some());
    Ok(first.map(|first| (first, Ok(Outlook { on_time, finish_at, feasible_at, promised }))))
}

/// How far a look ahead has come.
#[derive(Clone, Copy)]
struct Reached {
    /// When it is predicted to be there.
    at: Timestamp,
    /// When it is there as surely as a promise has to hold.
    surely_at: Timestamp,
    /// How likely all of it is finished by the promised instant: what is late after one step is late after the next.
    on_time: f64,
    /// Where.
    unit: Option<UnitId>,
}

impl Reached {
    /// After one more step.
    fn after(self, case: &Case<'_>, decision: &Explanation) -> Self {
        let there = Self { unit: Some(decision.chosen), ..self };
        let Some(chosen) = decision.candidate(decision.chosen) else { return there };
        let at = chosen.predicted_finish_at;
        let surely_at = finished_by(case, decision.chosen).unwrap_or(at).max(at);
        Self { at, surely_at, on_time: 1.0 - chosen.late_probability, ..there }
    }

    /// After both of two steps that go on together.
    fn and(self, other: Self) -> Self {
        let last = if other.at > self.at { other } else { self };
        let (surely_at, on_time) = (self.surely_at.max(other.surely_at), self.on_time.min(other.on_time));
        Self { surely_at, on_time, ..last }
    }
}

/// By when a unit has finished it as surely as a promise has to hold.
fn finished_by(case: &Case<'_>, unit: UnitId) -> Option<Timestamp> {
    let station = case.roster.station(unit)?;
    Prediction::of(case, station, case.queue(station))?.finished_by(case, HONEST)
}

/// The close of the working day on which something is finished.
fn close_after(province: &Province, at: Timestamp) -> Timestamp {
    let clock = &province.clock;
    let day = clock.local_date(at);
    let today = clock.close_of(day).filter(|close| at <= *close);
    let later = || clock.next_working_day(day).ok().and_then(|day| clock.close_of(day));
    today.or_else(later).unwrap_or(at)
}
