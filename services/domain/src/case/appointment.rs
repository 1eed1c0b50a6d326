//! A new appointment: where the result will not be there by the due date, the citizen is told so before that day, with an apology
//! and the reason, once in the life of a case (form 04 of Circular 03/2025/TT-VPCP, "Văn bản xin lỗi và đề nghị gia hạn").
//!
//! It is a courtesy and no extension of the law's time: the due date stays what it is, and what comes after it is late. The
//! appointment lies so much working time behind it, wherever the clock moves it to.
//!
//! How far the appointment may lie behind the due date no source says that we know. Our choice: by as much working time as the
//! statutory time itself, and a regular working day at the least.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Held, Stage, Standing, State};
use crate::{
    application::check_text,
    calendar::LegalClock,
    deadline,
    id::{OfficerId, UnitId},
    procedure::TimeLimit,
    rejection::{Kind, Rejection},
};

/// The longest reason, in characters.
const LONGEST_REASON: usize = 2_000;

/// A new appointment that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Postponement {
    /// Who made it; none: a supervisor.
    pub officer: Option<OfficerId>,
    /// When the citizen was told.
    pub told_at: Timestamp,
    /// What was due then.
    pub due_at: Timestamp,
    /// What they were told then.
    pub agreed_at: Timestamp,
    /// Working minutes from the one to the other, rounded up.
    pub minutes: i64,
    /// What is agreed by now: the due date may have moved since.
    pub appointment_at: Timestamp,
}

/// Who makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Postponer {
    /// An officer.
    Officer(OfficerId),
    /// A supervisor of this unit; none: of the whole province.
    Supervisor(Option<UnitId>),
}

/// What is to be told to the citizen.
#[derive(Clone, Copy, Debug)]
pub struct Apology<'a> {
    /// Who tells it.
    pub by: Postponer,
    /// Why, in their words.
    pub reason: &'a str,
    /// The new appointment.
    pub appointment_at: Timestamp,
}

/// The clocks by which a new appointment is judged.
#[derive(Clone, Copy, Debug)]
pub struct Clocks<'a> {
    /// The one that the case follows.
    pub own: &'a LegalClock,
    /// Today's: on a day off that was announced since, nobody is to be asked to come.
    pub today: &'a LegalClock,
    /// The most working minutes behind the due date: [`most_minutes`].
    pub most_minutes: i64,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Postponing {
    /// It is made.
    Now(Postponement),
    /// It was, by this very request; nothing changes.
    Before,
}

impl Postponer {
    fn officer(self) -> Option<OfficerId> {
        match self {
            Self::Officer(officer) => Some(officer),
            Self::Supervisor(_) => None,
        }
    }

    /// The unit in whose name it is made: that where the case lies, for whoever holds its work item and for a supervisor; while it
    /// waits for a unit, that which received it and promised the date, for its supervisor. A citizen must not go without an
    /// apology because no unit is found.
    ///
    /// # Errors
    /// `OTHER_UNIT`, `NOT_THE_HOLDER`.
    pub fn unit(self, items: &[Held], received_at: UnitId) -> Result<UnitId, Rejection> {
        let open = || items.iter().filter(|held| matches!(held.stage, Stage::Open | Stage::Paused));
        // Where some go on together, the one that is theirs.
        let own = |held: &&Held| match self {
            Self::Officer(officer) => held.holder == Some(officer),
            Self::Supervisor(unit) => unit.is_some_and(|unit| unit == held.unit),
        };
        let lies = open().find(own).or_else(|| open().next());
        let unit = lies.map_or(received_at, |held| held.unit);
        let forbidden = |reason, message| Err(Rejection::new(Kind::Forbidden, reason, message));
        match self {
            Self::Supervisor(Some(own)) if own != unit => {
                forbidden("OTHER_UNIT", "the case is at another unit")
            }
            Self::Officer(officer) if lies.and_then(|held| held.holder) != Some(officer) => forbidden(
                "NOT_THE_HOLDER",
                "only whoever holds its work item, or a supervisor of its unit, may make a new appointment",
            ),
            Self::Supervisor(_) | Self::Officer(_) => Ok(unit),
        }
    }
}

/// The most working minutes that an appointment may lie behind the due date.
///
/// # Errors
/// `DATE_OUT_OF_RANGE` where the calendar does not reach that far.
pub fn most_minutes(
    clock: &LegalClock,
    limit: Option<TimeLimit>,
    received_at: Timestamp,
) -> Result<i64, Rejection> {
    let promise = deadline::promise(clock, limit, received_at)?;
    let statutory = promise.due_at.map_or(0, |due_at| clock.minutes_between(promise.counted_from, due_at));
    Ok(statutory.max(clock.minutes_per_day()))
}

impl Apology<'_> {
    /// Judges what is to be told. Asked again by the same, nothing changes, also where the case has ended since.
    ///
    /// # Errors
    /// Violations of `reason` and `appointment_at`; `POSTPONED_BEFORE`, `CASE_STOPPED`, `CASE_FINISHED`, `NOTHING_PROMISED`,
    /// `CLOCK_STANDS_STILL` (nobody knows yet what is due then), `PAST_DUE`.
    pub fn judge(
        &self,
        standing: &Standing,
        due_at: Option<Timestamp>,
        before: Option<&Postponement>,
        clocks: Clocks<'_>,
        now: Timestamp,
    ) -> Result<Postponing, Rejection> {
        check_text("reason", self.reason, 1, LONGEST_REASON)?;
        let refused = |reason, message: &str| Err(standing.state.refuses(reason, message));
        if let Some(before) = before {
            if (before.officer, before.agreed_at) == (self.by.officer(), self.appointment_at) {
                return Ok(Postponing::Before);
            }
            let message =
                "a new appointment is made once in the life of a case (Circular 03/2025/TT-VPCP, form 04)";
            let refusal = Rejection::new(Kind::Precondition, "POSTPONED_BEFORE", message);
            return Err(refusal.with("appointment_at", before.appointment_at));
        }
        match standing.state {
            state if state.is_stopped() => {
                return refused("CASE_STOPPED", "the case has ended without a decision");
            }
            state if state.is_final() => return refused("CASE_FINISHED", "the case is finished"),
            State::AwaitingSupplement | State::AwaitingPayment => {
                let message =
                    "the clock stands still: what will be due is known once the citizen has answered";
                return refused("CLOCK_STANDS_STILL", message);
            }
            _ => {}
        }
        let Some(due_at) = due_at else {
            return refused("NOTHING_PROMISED", "no date was promised that could be postponed");
        };
        if now > due_at {
            let message = "the due date has passed: an apology is made before it (Circular 03/2025/TT-VPCP)";
            return Err(Rejection::new(Kind::Precondition, "PAST_DUE", message).with("due_at", due_at));
        }
        self.agreed(due_at, clocks, now).map(Postponing::Now)
    }

    fn agreed(
        &self,
        due_at: Timestamp,
        clocks: Clocks<'_>,
        now: Timestamp,
    ) -> Result<Postponement, Rejection> {
        const FIELD: &str = "appointment_at";
        let Clocks { own, today, most_minutes } = clocks;
        let agreed_at = self.appointment_at;
        if agreed_at <= due_at {
            let expected = "an instant after the due date";
            return Err(Rejection::invalid("NOT_AFTER_DUE", FIELD, expected).with("due_at", due_at));
        }
        if ![own, today].into_iter().all(|clock| lies_within(clock, agreed_at)) {
            let expected = "an instant in working time, by the legal clock";
            return Err(Rejection::invalid("OUTSIDE_WORKING_TIME", FIELD, expected));
        }
        let latest = own.add_minutes(due_at, most_minutes).map_err(|refusal| naming(refusal, FIELD))?;
        if agreed_at > latest {
            let expected = "no more working time after the due date than the statutory time itself";
            return Err(Rejection::invalid("TOO_LATE", FIELD, expected).with("latest", latest));
        }
        let minutes = minutes_up(own, due_at, agreed_at);
        let officer = self.by.officer();
        Ok(Postponement { officer, told_at: now, due_at, agreed_at, minutes, appointment_at: agreed_at })
    }
}

/// Whether an instant lies in working time, or at the end of a half-day.
fn lies_within(clock: &LegalClock, at: Timestamp) -> bool {
    clock.add_minutes(at, 0) == Ok(at)
}

/// The same refusal about another field.
fn naming(mut refusal: Rejection, field: &str) -> Rejection {
    refusal.violations.iter_mut().for_each(|violation| field.clone_into(&mut violation.field));
    refusal
}

/// Working minutes between two instants, rounded up, and one at the least.
fn minutes_up(clock: &LegalClock, from: Timestamp, to: Timestamp) -> i64 {
    let whole = clock.minutes_between(from, to).max(0);
    let reached = clock.add_minutes(from, whole).is_ok_and(|reached| reached >= to);
    if reached { whole.max(1) } else { whole + 1 }
}

impl Postponement {
    /// The same by a clock, and where something else may be due by now: as much working time behind that. What was agreed
    /// stays where neither is so.
    ///
    /// # Errors
    /// `DATE_OUT_OF_RANGE` where the calendar does not reach that far.
    pub fn moved_to(self, clock: &LegalClock, due_at: Timestamp) -> Result<Self, Rejection> {
        let stays = due_at == self.due_at && lies_within(clock, self.agreed_at);
        let appointment_at = if stays { self.agreed_at } else { clock.add_minutes(due_at, self.minutes)? };
        Ok(Self { appointment_at, ..self })
    }
}
