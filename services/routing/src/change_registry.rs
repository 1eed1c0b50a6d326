//! Changes a live fact of a unit or of an officer. In one transaction: the history grows by an entry, and what
//! follows from it is planned again – nothing else.

use std::sync::Arc;

use phidia_domain::{
    Kind, Rejection,
    application::check_text,
    caller::Caller,
    id::{OfficerId, UnitId},
    officer::Officer,
    registry::{Change, Registry, Replan},
};
use phidia_runtime::failure::Failure;

use crate::{
    Routing,
    caller::{Sender, forbidden, scope},
    leave_unit::{self, Cause, Leaving},
    reference::Reference,
    retry::try_again,
    store::registry::{self, About, Recorded},
    work::Origin,
};

/// Who wants a change, and why.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) sender: Sender,
    /// For the record.
    pub(crate) reason: String,
    /// The revision at which the sender looked; none: whatever was changed since.
    pub(crate) expected: Option<i64>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changed {
    /// The last revision of the registry.
    pub(crate) revision: i64,
    /// Whether anything is otherwise by it.
    pub(crate) changed: bool,
    /// How many work items that could not be assigned are tried again.
    pub(crate) tried_again: usize,
    /// How many work items leave their unit.
    pub(crate) released: usize,
    /// How many minutes of an officer's hours lie outside those of their unit, and add nothing.
    pub(crate) minutes_outside: i64,
}

impl Routing {
    /// Changes something of the unit with this code.
    ///
    /// # Errors
    /// `NOT_FOUND`; `PERMISSION_DENIED` for another unit than the sender's; `ABORTED` with the present revision
    /// when the unit was changed since the expected one; a violation of `reason` or of what is to be changed.
    pub(crate) async fn change_unit(
        &self,
        order: Order,
        code: &str,
        change: impl FnOnce(UnitId) -> Change,
    ) -> Result<Changed, Failure> {
        let planned = self.versions.planned().await?;
        let unit = unit(&planned.value, code)?;
        self.change(order, About { unit, officer: None }, change(unit)).await
    }

    /// Changes something of the officer with this staff code.
    ///
    /// # Errors
    /// As for a unit.
    pub(crate) async fn change_officer(
        &self,
        order: Order,
        code: &str,
        change: impl FnOnce(OfficerId) -> Change,
    ) -> Result<Changed, Failure> {
        let planned = self.versions.planned().await?;
        let Officer { id, unit, .. } = *officer(&planned.value, code)?;
        self.change(order, About { unit, officer: Some(id) }, change(id)).await
    }

    async fn change(&self, order: Order, about: About, change: Change) -> Result<Changed, Failure> {
        let Order { sender, reason, expected } = order;
        check_scope(&sender.caller, about.unit)?;
        check_text("reason", &reason, 1, 500)?;
        let (planned, known) = (self.versions.planned().await?, self.versions.active().await?);
        let (code, at) = (planned.value.code().to_owned(), self.business.now());
        change.check()?;
        let Leaving { items, taking, .. } = self.would_leave(&planned.value, &known.value, &change).await;
        let actor = sender.caller.actor();
        let origin = Origin { event: None, traceparent: sender.traceparent };
        let references = Arc::clone(&self.versions);
        let (done, replan) = self
            .db
            .write(move |tx| {
                Box::pin(async move {
                    registry::hold(tx, &code).await?;
                    let before = references.caught_up(tx, &code).await?;
                    let replan = before.replan(&change, &planned.value.province);
                    let minutes_outside = before.minutes_outside(&change, &planned.value.province);
                    let as_before =
                        Changed { revision: before.revision, minutes_outside, ..Changed::default() };
                    let mut after = Registry::clone(&before);
                    if !after.apply(&change) {
                        return Ok((as_before, Replan::Nothing));
                    }
                    if let Some(expected) = expected
                        && let Some(last) = registry::last(tx, &code, about).await?
                        && last.revision > expected
                    {
                        return Err(moved_on(before.revision, &last).into());
                    }
                    let revision = after.revision;
                    let recorded = Recorded { revision, at, actor, reason, about, change };
                    registry::append(tx, &code, &recorded).await?;
                    let mut done = Changed { revision, changed: true, ..as_before };
                    match replan {
                        Replan::Nothing => {}
                        Replan::Unassignable => done.tried_again = try_again(tx, &code).await?,
                        Replan::LeaveUnit(_) => {
                            done.released =
                                leave_unit::release(tx, &code, &items, Cause::Emergency, at, &origin).await?;
                        }
                    }
                    Ok((done, replan))
                })
            })
            .await?;
        self.versions.outdate();
        self.wake.notify_one();
        let mut done = done;
        if let Replan::LeaveUnit(unit) = replan {
            // What did not go with the first: more than one batch, or decided in between.
            match self.leave_unit(unit, taking, Cause::Emergency).await {
                Ok(more) => done.released += more,
                Err(failure) => tracing::warn!(%unit, %failure, "what is left leaves the unit later"),
            }
        }
        Ok(done)
    }
}

/// The unit with this official code.
///
/// # Errors
/// `NOT_FOUND`.
pub(crate) fn unit(today: &Reference, code: &str) -> Result<UnitId, Rejection> {
    let id = UnitId::of(today.code(), code);
    match today.province.units.contains_key(&id) {
        true => Ok(id),
        false => Err(Rejection::not_found("UNKNOWN_UNIT", "no unit of the province has this code")),
    }
}

/// The officer with this staff code.
///
/// # Errors
/// `NOT_FOUND`.
pub(crate) fn officer<'r>(today: &'r Reference, code: &str) -> Result<&'r Officer, Rejection> {
    let found = today.province.officers.get(&OfficerId::of(today.code(), code));
    let message = "no officer of the province has this staff code";
    found.ok_or_else(|| Rejection::not_found("UNKNOWN_STAFF_CODE", message))
}

/// Refuses whoever belongs to another unit.
pub(crate) fn check_scope(caller: &Caller, unit: UnitId) -> Result<(), Rejection> {
    match scope(caller)? {
        Some(own) if own != unit => Err(forbidden("OTHER_UNIT", "it belongs to another unit")),
        _ => Ok(()),
    }
}

fn moved_on(revision: i64, last: &Recorded) -> Rejection {
    let message = "it was changed since the expected revision; look again";
    Rejection::new(Kind::Conflict, "REGISTRY_MOVED_ON", message)
        .with("revision", revision)
        .with("changed_at_revision", last.revision)
        .with("changed_by", &last.actor)
}
