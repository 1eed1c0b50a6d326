//! What one office asks another during a case, with its own clock and its own acknowledgement: a commune to verify something
//! (*xác minh*), or an agency for its part of the work (*liên thông*). While the question is open, nobody works on the step – and the legal
//! clock runs on: an office that waits for another is no reason for a citizen to wait longer. Whoever asked may take the
//! question back.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Asking, Held};
use crate::{
    application::check_text,
    calendar::LegalClock,
    deadline::promise,
    id::{CaseId, OfficerId, ReferralId, UnitId},
    procedure::TimeLimit,
    rejection::{Kind, Rejection},
    work_item::WorkItem,
};

/// A verification is answered within so many working days (text of procedure 1.001193 on the national portal).
pub const VERIFICATION_DAYS: u32 = 3;

/// The most that an agency is given. Our choice: no statutory time of a commune procedure is longer.
pub const MOST_DAYS: u32 = 60;

/// So many offices at most are asked at once.
pub const MOST_ASKED: usize = 10;

/// What another office is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferralKind {
    /// To verify something: a commune of residence or of an earlier registration.
    Verification,
    /// For its part of the work: a department, or another agency.
    Agency,
}

/// How a question has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferralEnd {
    /// It was answered.
    Answered,
    /// Whoever asked has taken it back.
    Recalled,
    /// The case has ended first.
    Moot,
}

/// A question of one office to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Referral {
    /// Its id.
    pub id: ReferralId,
    /// The case that it is about.
    pub case: CaseId,
    /// The work item that waits for the answer.
    pub work_item: WorkItem,
    /// What is asked for.
    pub kind: ReferralKind,
    /// Who asks.
    pub from: UnitId,
    /// Who is asked.
    pub to: UnitId,
    /// The officer who asks.
    pub officer: OfficerId,
    /// The fence under which they held the work item.
    pub fence: u64,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// When the answer is due, by the legal clock.
    pub due_at: Timestamp,
    /// When the other office said that it has it; none: not yet.
    pub acknowledged_at: Option<Timestamp>,
    /// How it has ended, and when; none: it is open.
    pub ended: Option<(ReferralEnd, Timestamp)>,
}

/// What follows from a step of the other office, or of whoever asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is so from now on.
    Now,
    /// It was so before; nothing changes.
    Before,
}

/// When an answer is due that is asked for at this instant. `days`: working days that an agency is given; none: three for a
/// verification.
///
/// # Errors
/// A violation of `working_days`: a verification has its three, an agency 1 to 60; `DATE_OUT_OF_RANGE` where the calendar does not
/// reach that far.
pub fn answer_due(
    clock: &LegalClock,
    kind: ReferralKind,
    days: Option<u32>,
    at: Timestamp,
) -> Result<Timestamp, Rejection> {
    let days = match (kind, days) {
        (ReferralKind::Verification, None | Some(VERIFICATION_DAYS)) => VERIFICATION_DAYS,
        (ReferralKind::Agency, Some(days)) if (1..=MOST_DAYS).contains(&days) => days,
        (ReferralKind::Verification, Some(_)) => {
            let expected = format!("a verification is answered within {VERIFICATION_DAYS} working days");
            return Err(Rejection::invalid("OUT_OF_RANGE", "working_days", expected));
        }
        (ReferralKind::Agency, _) => {
            return Err(Rejection::invalid("OUT_OF_RANGE", "working_days", format!("1 to {MOST_DAYS}")));
        }
    };
    let due_at = promise(clock, Some(TimeLimit::WorkingDays(days)), at)?.due_at;
    due_at.ok_or_else(|| Rejection::invalid("DATE_OUT_OF_RANGE", "working_days", "within the calendar"))
}

impl Referral {
    /// Whether it waits for its answer.
    pub fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    /// Whether it is answered later than it was due, or not yet though it is.
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.ended.map_or(now, |(_, at)| at) > self.due_at
    }

    /// The office that is asked says that it has it.
    ///
    /// # Errors
    /// `OTHER_UNIT`; `REFERRAL_ENDED`.
    pub fn acknowledge(&self, by: Option<UnitId>) -> Result<Step, Rejection> {
        self.check_asked(by)?;
        match (self.acknowledged_at, self.ended) {
            (Some(_), _) => Ok(Step::Before),
            (None, None) => Ok(Step::Now),
            (None, Some((end, _))) => Err(ended(end)),
        }
    }

    /// It answers. Answered again, nothing changes: the first answer is the one that was acted upon.
    ///
    /// # Errors
    /// A violation of `answer`; `OTHER_UNIT`; `REFERRAL_ENDED` when it was taken back.
    pub fn answer(&self, by: Option<UnitId>, answer: &str) -> Result<Step, Rejection> {
        check_text("answer", answer, 1, 2000)?;
        self.check_asked(by)?;
        match self.ended {
            None => Ok(Step::Now),
            Some((ReferralEnd::Answered, _)) => Ok(Step::Before),
            Some((end, _)) => Err(ended(end)),
        }
    }

    /// Whoever asked takes the question back; a supervisor of the province, who is at no unit, may too.
    ///
    /// # Errors
    /// `OTHER_UNIT`; `REFERRAL_ENDED` when it was answered.
    pub fn recall(&self, by: Option<UnitId>) -> Result<Step, Rejection> {
        if by.is_some_and(|unit| unit != self.from) {
            return Err(Rejection::new(Kind::Forbidden, "OTHER_UNIT", "another unit has asked this"));
        }
        match self.ended {
            None => Ok(Step::Now),
            Some((ReferralEnd::Recalled, _)) => Ok(Step::Before),
            Some((end, _)) => Err(ended(end)),
        }
    }

    fn check_asked(&self, by: Option<UnitId>) -> Result<(), Rejection> {
        if by == Some(self.to) {
            return Ok(());
        }
        Err(Rejection::new(Kind::Forbidden, "OTHER_UNIT", "another unit is asked"))
    }
}

fn ended(end: ReferralEnd) -> Rejection {
    let message = match end {
        ReferralEnd::Answered => "this question was answered",
        ReferralEnd::Recalled => "this question was taken back by whoever asked it",
        ReferralEnd::Moot => "the case has ended without this answer",
    };
    Rejection::new(Kind::Precondition, "REFERRAL_ENDED", message)
}

impl Held {
    /// The holder lays the step down: other offices are asked. Asked again with the same fence, nothing changes. `before`: what was
    /// asked earlier during this step.
    ///
    /// # Errors
    /// Violations of `question` and `unit_codes`; `STEP_PAUSED`, `CASE_STOPPED`, `STEP_DONE`; `OLD_FENCE` with the present holder, if
    /// any.
    pub fn refer(
        &self,
        officer: OfficerId,
        fence: u64,
        to: &[UnitId],
        question: &str,
        before: &[Referral],
    ) -> Result<Asking, Rejection> {
        check_text("question", question, 1, 2000)?;
        let expected = |what: String| Err(Rejection::invalid("OUT_OF_RANGE", "unit_codes", what));
        if to.is_empty() || to.len() > MOST_ASKED {
            return expected(format!("1 to {MOST_ASKED} units"));
        }
        if to.contains(&self.unit) {
            return expected("other units than the one that asks".to_owned());
        }
        if to.iter().enumerate().any(|(place, unit)| to[..place].contains(unit)) {
            return expected("each unit once".to_owned());
        }
        let this = (self.work_item, officer, fence);
        if before.iter().any(|asked| (asked.work_item, asked.officer, asked.fence) == this) {
            return Ok(Asking::Before);
        }
        self.check_in_hand(officer, fence)?;
        Ok(Asking::Now)
    }
}
