//! Tells a unit that a case will soon be late: first whoever works on it, then the supervisor. Both read the mailbox of their
//! unit, and each message says to whom it goes. The last stage is routing's; only where it came too late for anything else is
//! the supervisor told of that, too.

use jiff::Timestamp;
use phidia_domain::{
    case::Warning,
    id::{OfficerId, UnitId},
    notice::{Audience, Notice},
};
use phidia_runtime::failure::Failure;
use sea_orm::DatabaseTransaction;

use crate::{
    render::Detail,
    store,
    tell::{Teller, Told},
    tell_units::OneUnit,
};

/// A case will soon be late.
#[derive(Clone, Debug)]
pub(crate) struct Near {
    /// Who is told.
    pub(crate) stage: Warning,
    /// The unit in whose worklist it lies.
    pub(crate) unit: UnitId,
    /// The promised instant.
    pub(crate) due_at: Timestamp,
    /// Working minutes left until then.
    pub(crate) minutes_left: i64,
    /// Whether it has passed.
    pub(crate) is_overdue: bool,
    /// Whether it waits for other offices, and nobody can take it up.
    pub(crate) waits_for_offices: bool,
    /// The officer who holds it; none: nobody does.
    pub(crate) officer: Option<OfficerId>,
    /// Their staff code; empty where nobody holds it, or somebody whom the province knows no more.
    pub(crate) officer_code: String,
}

impl Near {
    /// What is told of it; none: nobody is.
    fn notice(&self) -> Option<Notice> {
        match self.stage {
            Warning::Officer => Some(Notice::DeadlineNear),
            Warning::Supervisor => Some(Notice::DeadlineEscalated),
            Warning::Rescue => self.is_overdue.then_some(Notice::DeadlineEscalated),
        }
    }
}

impl Teller {
    /// Tells the unit, within the transaction that remembers the fact.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the application is not known yet, as for a citizen.
    pub(crate) async fn tell_of_deadline(
        &self,
        tx: &DatabaseTransaction,
        told: Told<Near>,
    ) -> Result<(), Failure> {
        let Some(notice) = told.news.notice() else { return Ok(()) };
        let known = store::find_recipient(tx, &told.province, told.application).await?;
        let about = known.ok_or_else(|| self.unknown(&told))?;
        let near = &told.news;
        let detail = Detail::Deadline {
            hours_left: near.minutes_left / 60,
            minutes_left: near.minutes_left % 60,
            is_overdue: near.is_overdue,
            waits_for_offices: near.waits_for_offices,
            is_held: near.officer.is_some(),
            officer: &near.officer_code,
        };
        let audience = match (notice, near.officer) {
            (Notice::DeadlineEscalated, _) => Audience::Supervisor(near.unit),
            (_, Some(officer)) => Audience::Officer(officer),
            (_, None) => Audience::Unit(near.unit),
        };
        let (unit, due_at) = (near.unit, Some(near.due_at));
        self.tell_unit(tx, &told, &about, OneUnit { unit, audience, notice, due_at, detail }).await
    }
}
